# SPDX-License-Identifier: MIT
"""TIFF structures for tests: built from tags, and read back by a reader of its own that knows nothing of the program."""
import struct

SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
CODE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, LONG8 = 1, 2, 3, 4, 5, 7, 16
# Tags that hold a text, by name.
TEXTS = {"DocumentName": 269, "ImageDescription": 270, "Make": 271, "Model": 272, "Software": 305, "DateTime": 306,
         "Artist": 315, "HostComputer": 316, "Copyright": 33432, "65001": 65001}
POINTERS = {330, 34665, 34853, 40965}


class Ifd:
    """Tags as {number: (type, value)}: bytes, text (with its NUL), numbers, pairs of them; or a list of Ifd that the tag
    points to. strips: the image data; tiles: the same as tiles."""

    def __init__(self, tags, strips=(), tiles=()):
        self.tags, self.strips, self.tiles = dict(tags), list(strips), list(tiles)


def page(tags=(), pixels=b"", width=4, height=4, bits=8, rows=None, **more):
    """A grey image of one byte a pixel."""
    pixels = pixels or bytes(i * 7 % 251 for i in range(width * height))
    rows = rows or height
    base = {256: (SHORT, [width]), 257: (SHORT, [height]), 258: (SHORT, [bits]), 259: (SHORT, [1]), 262: (SHORT, [1]),
            277: (SHORT, [1]), 278: (SHORT, [rows])}
    base.update(dict(tags))
    return Ifd(base, [pixels[i:i + width * rows] for i in range(0, len(pixels), width * rows)], **more)


class Writer:
    def __init__(self, order="<", big=False, gap=b""):
        self.order, self.big, self.gap = order, big, gap
        self.out = bytearray()
        self.word = "Q" if big else "I"

    def put(self, code, *values):
        return struct.pack(self.order + code, *values)

    def raw(self, kind, value):
        if isinstance(value, bytes):
            return value
        if isinstance(value, str):
            return value.encode("utf-8") + b"\0"
        if kind in (5, 10):
            return b"".join(self.put("II" if kind == 5 else "ii", *v) for v in value)
        return b"".join(self.put(CODE[kind], v) for v in value)

    def append(self, data):
        """At an even place; gives it."""
        if len(self.out) % 2:
            self.out += b"\0"
        at = len(self.out)
        self.out += data
        self.out += self.gap
        return at

    def ifd(self, d):
        """Writes an IFD with all it refers to; gives its offset and that of its pointer to the next."""
        tags = dict(d.tags)
        for kind, data in ((273, d.strips), (324, d.tiles)):
            if data:
                where = [self.append(s) for s in data]
                tags[kind] = (LONG8 if self.big else LONG, where)
                tags[kind + (6 if kind == 273 else 1)] = (LONG, [len(s) for s in data])
        size, room = (20, 8) if self.big else (12, 4)
        at = self.append(bytes((8 if self.big else 2) + size * len(tags) + room))
        struct.pack_into(self.order + ("Q" if self.big else "H"), self.out, at, len(tags))
        for i, (tag, (kind, value)) in enumerate(sorted(tags.items())):
            if isinstance(value, list) and value and isinstance(value[0], Ifd):
                value = [self.ifd(v)[0] for v in value]
            data = self.raw(kind, value)
            p = at + (8 if self.big else 2) + i * size
            field = data.ljust(room, b"\0") if len(data) <= room else self.put(self.word, self.append(data))
            self.out[p:p + size] = self.put("HH" + self.word, tag, kind, len(data) // SIZE[kind]) + field
        return at, at + (8 if self.big else 2) + size * len(tags)


def build(pages, order="<", big=False, gap=b"", tail=b"", head=b""):
    """gap: bytes between all parts that nothing refers to; head, tail: the same behind the header and at the end."""
    w = Writer(order, big, gap)
    mark = b"II" if order == "<" else b"MM"
    w.out += mark + (w.put("HHHQ", 43, 8, 0, 0) if big else w.put("HI", 42, 0)) + head
    link = 8 if big else 4
    for d in pages:
        at, after = w.ifd(d)
        struct.pack_into(w.order + w.word, w.out, link, at)
        link = after
    return bytes(w.out) + tail


class Reader:
    """[{tag: (type, bytes)}] of the pages, sub-IFDs as lists of the same in place of the bytes."""

    def __init__(self, data):
        self.data = data
        self.order = "<" if data[:2] == b"II" else ">"
        self.big = self.get("H", 2) == 43
        self.word = "Q" if self.big else "I"
        self.used = [(0, 16 if self.big else 8)]
        self.pages, at = [], self.get(self.word, 8 if self.big else 4)
        while at:
            tags, at = self.ifd(at)
            self.pages.append(tags)

    def get(self, code, at):
        return struct.unpack_from(self.order + code, self.data, at)[0]

    def ifd(self, at):
        n = self.get("Q" if self.big else "H", at)
        head, size, room = (8, 20, 8) if self.big else (2, 12, 4)
        self.used.append((at, at + head + n * size + room))
        tags = {}
        for i in range(n):
            p = at + head + i * size
            tag, kind, count = self.get("H", p), self.get("H", p + 2), self.get(self.word, p + 4)
            length, where = count * SIZE[kind], p + 4 + room
            if length > room:
                where = self.get(self.word, where)
                self.used.append((where, where + length))
            assert where + length <= len(self.data), "a value outside of the file"
            value = self.data[where:where + length]
            if tag in POINTERS:
                value = [self.ifd(o)[0] for o in self.numbers(kind, value) if o]
            tags[tag] = (kind, value)
        for a, b in ((273, 279), (324, 325), (513, 514)):
            if a in tags and b in tags:
                for o, length in zip(self.numbers(*tags[a]), self.numbers(*tags[b])):
                    assert o + length <= len(self.data), "image data outside of the file"
                    self.used.append((o, o + length))
        return tags, self.get(self.word, at + head + n * size)

    def numbers(self, kind, raw):
        return list(struct.unpack(self.order + CODE[kind] * (len(raw) // SIZE[kind]), raw))

    def image(self, tags):
        """The strips or tiles of an IFD."""
        a, b = (273, 279) if 273 in tags else (324, 325)
        return [self.data[o:o + n] for o, n in zip(self.numbers(*tags[a]), self.numbers(*tags[b]))]

    def unused(self):
        """The bytes that nothing refers to."""
        left, pos = b"", 0
        for a, b in sorted(self.used):
            left += self.data[pos:a] if a > pos else b""
            pos = max(pos, b)
        return left + self.data[pos:]
