# SPDX-License-Identifier: MIT
"""A reader of DICOM structure of its own (PS3.5 section 7, PS3.10 section 7), for what the libraries do not tell:
where top-level elements begin and end, and whether a file that was cut short is still a whole data set.

It reads lengths only and needs no dictionary: an element of defined length ends where its length says, one of
undefined length has items, whatever its VR.
"""
import struct
import zlib

LONG = {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN", b"UT", b"UC", b"UR", b"SQ", b"SV", b"UV"}
UNDEFINED = 0xFFFFFFFF
IMPLICIT, BIG, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


DEPTH = 64  # of sequences inside each other; deeper is refused


class Cut(Exception):
    """The data end inside an element."""


class Element:
    """One element of the data set: bytes [start, end) of the walked data, its value [value, end)."""

    def __init__(self, tag, start, value, end, vr):
        self.tag, self.start, self.value, self.end, self.vr = tag, start, value, end, vr


class File:
    """meta: elements of group 0002; elements: the data set's; body: offset of the data set in the file. For a
    deflated file the elements are those of the inflated data, `inflated`."""

    def __init__(self, data):
        self.data, self.meta, self.inflated = data, [], None
        here = 0
        if data[128:132] == b"DICM":
            here = 132
        elif data[:4] in (b"\x02\0\0\0", b"\x02\0\x01\0", b"\x02\0\x10\0"):
            pass  # file meta without a preamble
        elif len(data) < 132 and data[:8] == b"\0" * len(data[:8]):
            raise Cut("inside the preamble")
        while data[here:here + 2] == b"\x02\0":
            e = read_element(data, here, "<", True)
            self.meta.append(e)
            here = e.end
        self.body = here
        syntax = [data[e.value:e.end].rstrip(b"\0 ").decode("ascii", "replace") for e in self.meta if e.tag == 0x00020010]
        self.syntax = syntax[0] if syntax else ""
        walked, start = data, here
        if self.syntax == DEFLATED:
            walked, start = self._inflate(here), 0
        self.end = "<"
        if self.syntax == BIG or not self.syntax and _looks_big(walked, start):
            self.end = ">"
        self.explicit = _looks_explicit(walked, start) if not self.syntax else self.syntax != IMPLICIT
        if self.explicit and self.syntax and not _looks_explicit(walked, start):
            self.explicit = False  # a mislabelled syntax
        self.elements = walk(walked, start, self.end, self.explicit)
        for e in self.elements:
            check_sequence(walked, e, self.end)

    def _inflate(self, start):
        z = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            self.inflated = z.decompress(self.data[start:]) + z.flush()
        except zlib.error as e:
            raise Cut(str(e))
        if not z.eof:
            raise Cut("inside the deflated data")
        return self.inflated

    def boundaries(self):
        """Offsets at which the file can be cut and what stays is a whole data set of fewer elements."""
        if self.inflated is not None:
            return set()
        return {e.end for e in self.elements}


def _looks_explicit(data, at):
    vr = data[at + 4:at + 6]
    return len(vr) == 2 and vr.isalpha() and vr.isupper()


def _looks_big(data, at):
    """A data set begins in a low group: read in the wrong order that is a high number."""
    return len(data) >= at + 2 and struct.unpack("<H", data[at:at + 2])[0] > struct.unpack(">H", data[at:at + 2])[0]


def walk(data, at, end, explicit):
    out = []
    while at < len(data):
        e = read_element(data, at, end, explicit)
        out.append(e)
        at = e.end
    return out


def read_element(data, at, end, explicit, depth=0):
    head = _take(data, at, 8)
    group, number = struct.unpack(end + "HH", head[:4])
    tag = group << 16 | number
    value, vr = at + 8, None
    if explicit and group != 0xFFFE:
        vr = head[4:6]
        if vr in LONG:
            length = struct.unpack(end + "I", _take(data, at + 8, 4))[0]
            value = at + 12
        else:
            length = struct.unpack(end + "H", head[6:8])[0]
    else:
        length = struct.unpack(end + "I", head[4:8])[0]
    if length != UNDEFINED:
        if value + length > len(data):
            raise Cut("element %08X" % tag)
        return Element(tag, at, value, value + length, vr)
    # UN of undefined length holds items in Implicit VR Little Endian (PS3.5, 6.2.2 note 2)
    if vr == b"UN":
        end, explicit = "<", False
    return Element(tag, at, value, _end_of_items(data, value, end, explicit, depth + 1), vr)


def _end_of_items(data, at, end, explicit, depth):
    """From the first item to behind the delimiter. An item's content matters only when its length is undefined."""
    if depth > DEPTH:
        raise ValueError("more than %d sequences inside each other" % DEPTH)
    while True:
        group, number, length = struct.unpack(end + "HHI", _take(data, at, 8))
        tag, at = group << 16 | number, at + 8
        if tag == SEQUENCE_END:
            return at
        if tag != ITEM:
            raise ValueError("no item at %d" % (at - 8))
        if length != UNDEFINED:
            if at + length > len(data):
                raise Cut("item")
            at += length
            continue
        inner = explicit
        while True:
            group, number = struct.unpack(end + "HH", _take(data, at, 4))
            if (group << 16 | number) == ITEM_END:
                _take(data, at, 8)
                at += 8
                break
            at = read_element(data, at, end, inner, depth).end


def _take(data, at, n):
    if at + n > len(data):
        raise Cut("head at %d" % at)
    return data[at:at + n]


def check_sequence(data, e, end, depth=1):
    """In Explicit VR a sequence is marked: what is inside it must end where it says, at every level."""
    if e.vr != b"SQ":
        return
    if depth > DEPTH:
        raise ValueError("more than %d sequences inside each other" % DEPTH)
    at = e.value
    while at < e.end:
        group, number, length = struct.unpack(end + "HHI", _take(data, at, 8))
        tag, at = group << 16 | number, at + 8
        if tag == SEQUENCE_END:
            break
        # an item counted too long ends with its sequence, as the libraries read it
        stop = e.end if length == UNDEFINED else min(e.end, at + length)
        if tag != ITEM:
            raise ValueError("no item at %d" % (at - 8))
        while at < stop:
            if data[at:at + 4] == struct.pack(end + "HH", 0xFFFE, 0xE00D):
                at += 8
                break
            inner = read_element(data, at, end, True)
            if inner.end > stop:
                raise ValueError("an element is longer than its item, at %d" % at)
            check_sequence(data, inner, end, depth + 1)
            at = inner.end


def items(data, sequence, end, explicit):
    """[(offset of the item, its elements)] of a sequence."""
    out, at = [], sequence.value
    while at < sequence.end:
        tag = struct.unpack(end + "HH", data[at:at + 4])
        length = struct.unpack(end + "I", data[at + 4:at + 8])[0]
        if tag != (0xFFFE, 0xE000):
            break
        start, at, elements = at, at + 8, []
        stop = sequence.end if length == UNDEFINED else min(sequence.end, at + length)
        while at < stop:
            if data[at:at + 4] == struct.pack(end + "HH", 0xFFFE, 0xE00D):
                at += 8
                break
            elements.append(read_element(data, at, end, explicit))
            at = elements[-1].end
        out.append((start, elements))
    return out


def group_sizes(f):
    """[(element of a group length, its value, the size that the group really has)], top level."""
    data = f.inflated if f.inflated is not None else f.data
    out = []
    for e in f.elements:
        if e.tag & 0xFFFF == 0 and e.end - e.value == 4:
            real = sum(x.end - x.start for x in f.elements if x.tag >> 16 == e.tag >> 16 and x.tag != e.tag)
            out.append((e, struct.unpack(f.end + "I", data[e.value:e.end])[0], real))
    return out
