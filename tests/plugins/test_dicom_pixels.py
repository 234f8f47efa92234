# SPDX-License-Identifier: MIT
"""alter-pixels on native pixel data and overlays: what must come out is worked out here, cell by cell, and compared
to the byte; pydicom, where it can read the kind, sees black inside of the boxes and the old pixels outside."""
import os
import random
import struct
import sys
import warnings
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import BE, BIG, DEFLATED, EX, EXPLICIT, IM, IMPLICIT, Bench, head, remove, tap

try:
    import numpy
    import pydicom
except ImportError:
    tap.skip_all("needs python3-pydicom and python3-numpy")

bench = Bench()
draw = random.Random(4)
PIXELS = 0x7FE00010
KITS = {EXPLICIT: EX, IMPLICIT: IM, BIG: BE, DEFLATED: EX}


class Image:
    """A header, and the value of PixelData as cells: an array [frame][plane][row][column][sample of the plane]."""

    def __init__(self, pi="MONOCHROME2", samples=1, bits=8, stored=None, high=None, signed=0, planar=0, frames=1, rows=7, columns=10,
                 syntax=EXPLICIT, vr=None, extra=b"", tag=PIXELS, black=None):
        self.__dict__.update(locals())
        self.stored = stored or bits
        self.high = self.stored - 1 if high is None else high
        self.kit = KITS[syntax]
        self.vr = vr or ("OW" if bits > 8 or self.kit.implicit else "OB")
        planes = samples if planar else 1
        shape = (frames, planes, rows, columns, samples // planes)
        size = frames * planes * rows * columns * (samples // planes)
        self.cells = numpy.array([draw.randrange(1 << bits) for _ in range(size)], dtype=object).reshape(shape)

    def header(self, drop=()):
        e, us = self.kit.el, self.kit.us
        out = {0x00080060: e(0x00080060, "CS", "US"), 0x00280002: us(0x00280002, self.samples), 0x00280004: e(0x00280004, "CS", self.pi)}
        if self.samples > 1:
            out[0x00280006] = us(0x00280006, self.planar)
        if self.frames > 1:
            out[0x00280008] = e(0x00280008, "IS", str(self.frames))
        out.update({0x00280010: us(0x00280010, self.rows), 0x00280011: us(0x00280011, self.columns), 0x00280100: us(0x00280100, self.bits),
                    0x00280101: us(0x00280101, self.stored), 0x00280102: us(0x00280102, self.high), 0x00280103: us(0x00280103, self.signed)})
        return b"".join(v for k, v in sorted(out.items()) if k not in drop)

    def words(self, data):
        """Little endian bytes as the VR and the syntax order them."""
        unit = {"OB": 1, "UN": 1, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}[self.vr]
        if self.kit.end == "<":
            return data
        data += b"\0" * (-len(data) % unit)
        return b"".join(data[i:i + unit][::-1] for i in range(0, len(data), unit))

    def pack(self, cells):
        flat = [int(c) for c in cells.reshape(-1)]
        if self.bits == 1:
            flat += [0] * (-len(flat) % 8)
            data = bytes(sum(b << i for i, b in enumerate(flat[k:k + 8])) for k in range(0, len(flat), 8))
        else:
            data = b"".join(c.to_bytes(self.bits // 8, "little") for c in flat)
        return self.words(data + b"\0" * (len(data) % 2))

    def file(self, cells, drop=()):
        pixels = self.kit.el(self.tag, self.vr, self.pack(cells))
        before, after = (self.extra, b"") if self.extra[:4] < self.kit.tag(self.tag) or self.kit.end == ">" else (b"", self.extra)
        data = self.header(drop) + before + pixels + after
        if self.syntax == DEFLATED:
            z = zlib.compressobj(9, zlib.DEFLATED, -15)
            data = z.compress(data) + z.flush()
            data += b"\0" * (len(data) % 2)
        return head(self.syntax) + data

    def cell(self, value):
        """The bits of a cell that holds a number."""
        cell = (value & ((1 << self.stored) - 1)) << (self.high + 1 - self.stored)
        if value < 0:
            cell |= -1 << (self.high + 1)
        return cell & ((1 << self.bits) - 1)

    def blacks(self):
        low, top = (-(1 << self.stored - 1), (1 << self.stored - 1) - 1) if self.signed else (0, (1 << self.stored) - 1)
        if self.black is not None:
            return [self.black] * 4
        if self.pi == "MONOCHROME1":
            return [self.cell(top)]
        if self.pi.startswith("YBR"):
            half = self.cell(0 if self.signed else 1 << self.stored - 1)
            return [self.cell(low), half, half]
        return [self.cell(low)] * 4

    def masked(self, hit):
        out = self.cells.copy()
        planes, per = out.shape[1], out.shape[4]
        for plane in range(planes):
            for s in range(per):
                value = self.blacks()[plane if planes > 1 else s]
                out[:, plane, :, :, s] = numpy.where(hit, value, out[:, plane, :, :, s])
        return out


def region(masks, rows, columns):
    """Which pixels go, as the language says it."""
    hit = numpy.zeros((rows, columns), bool)
    for m in masks:
        inside = numpy.zeros((rows, columns), bool)
        boxes = m.get("remove") or m.get("keep")
        for x0, y0, x1, y1 in [boxes] if isinstance(boxes[0], int) else boxes:
            inside[y0:y1, x0:x1] = True
        hit |= inside if "remove" in m else ~inside
    return hit


def run(data, masks, fields=(), **settings):
    return bench.run(data, list(fields), **dict({"alter-pixels": {"pixels": masks}}, **settings))


def same(got, want, syntax):
    if got is None:
        return False
    if syntax != DEFLATED:
        return got == want
    at = len(head(syntax))
    return zlib.decompress(got[at:], -15) == zlib.decompress(want[at:], -15)


MASKS = [
    [{"remove": [2, 1, 5, 3]}],
    [{"remove": [0, 2, 10, 4]}],
    [{"keep": [3, 2, 9, 6]}],
    [{"remove": [[0, 0, 1, 1], [9, 6, 40, 40]]}, {"keep": [[0, 0, 10, 3], [1, 1, 7, 7]]}],
    [{"remove": [0, 0, 100, 100]}],
]


def becomes(what, image, masks):
    want = image.file(image.masked(region(masks, image.rows, image.columns)))
    got, r, _ = run(image.file(image.cells), masks)
    return tap.ok(same(got, want, image.syntax), what, "%r\n%r\ngot  %r\nwant %r" % (r, masks, got and got[300:], want[300:]))


def kinds():
    for what, args in {
        "8 bit": {}, "MONOCHROME1": dict(pi="MONOCHROME1"), "16 bit": dict(bits=16), "12 of 16 bit": dict(bits=16, stored=12),
        "signed 16 bit": dict(bits=16, signed=1), "signed 12 of 16 bit": dict(bits=16, stored=12, signed=1),
        "signed MONOCHROME1": dict(bits=16, stored=12, signed=1, pi="MONOCHROME1"), "signed 8 bit": dict(signed=1),
        "low bits unused": dict(bits=16, stored=12, high=15), "bits in the middle, signed": dict(bits=16, stored=8, high=11, signed=1),
        "24 bit": dict(bits=24, vr="OB"), "32 bit": dict(bits=32), "signed 32 bit": dict(bits=32, signed=1), "64 bit": dict(bits=64, vr="OV"),
        "RGB": dict(pi="RGB", samples=3), "RGB by plane": dict(pi="RGB", samples=3, planar=1), "RGB 16 bit": dict(pi="RGB", samples=3, bits=16),
        "YBR_FULL": dict(pi="YBR_FULL", samples=3), "YBR_FULL by plane": dict(pi="YBR_FULL", samples=3, planar=1),
        "1 bit": dict(bits=1), "1 bit MONOCHROME1": dict(bits=1, pi="MONOCHROME1"), "1 bit, wide": dict(bits=1, columns=67, rows=9),
        "float": dict(bits=32, vr="OF", tag=0x7FE00008, black=0xFF7FFFFF), "double": dict(bits=64, vr="OD", tag=0x7FE00009, black=0xFFEFFFFFFFFFFFFF),
        "float MONOCHROME1": dict(bits=32, vr="OF", tag=0x7FE00008, black=0x7F7FFFFF, pi="MONOCHROME1"),
        "ARGB": dict(pi="ARGB", samples=4), "CMYK": dict(pi="CMYK", samples=4, black=255),
    }.items():
        for frames in (1, 3):
            for i, masks in enumerate(MASKS):
                for syntax in (EXPLICIT, BIG) if i < 3 else (EXPLICIT,):
                    becomes("%s, %d frames, masks %d, %s" % (what, frames, i, "big" if syntax == BIG else "little"),
                            Image(frames=frames, syntax=syntax, **args), masks)
    for i, masks in enumerate(MASKS):
        for bits in (8, 16):
            becomes("implicit, %d bit, masks %d" % (bits, i), Image(bits=bits, syntax=IMPLICIT), masks)
        becomes("deflated, masks %d" % i, Image(frames=2, syntax=DEFLATED), masks)
        becomes("8 bit in words, big endian, masks %d" % i, Image(frames=3, syntax=BIG, vr="OW", rows=5, columns=9), masks)
        becomes("1 bit in words, big endian, masks %d" % i, Image(frames=3, bits=1, syntax=BIG, vr="OW", rows=5, columns=9), masks)
        becomes("RGB in words, big endian, masks %d" % i, Image(pi="RGB", samples=3, syntax=BIG, vr="OW", columns=9), masks)
        becomes("24 bit in words, big endian, masks %d" % i, Image(bits=24, syntax=BIG, vr="OW", columns=9), masks)


def chance():
    """Masks at random, many boxes each."""
    for n in range(60):
        rows, columns = draw.randint(1, 40), draw.randint(1, 90)

        def box():
            x, y = draw.randrange(columns + 5), draw.randrange(rows + 5)
            return [x, y, x + draw.randint(1, columns), y + draw.randint(1, rows)]
        masks = [{draw.choice(("remove", "remove", "keep")): [box() for _ in range(draw.randint(1, 6))]} for _ in range(draw.randint(1, 3))]
        kind = draw.choice([dict(), dict(bits=16), dict(bits=1), dict(pi="RGB", samples=3), dict(bits=16, syntax=BIG), dict(bits=1, syntax=BIG, vr="OW")])
        becomes("random masks %d" % n, Image(rows=rows, columns=columns, frames=draw.randint(1, 4), **kind), masks)


def shared_chroma():
    """YBR_FULL_422: Y Y Cb Cr; a pair that is cut goes black whole."""
    rows, columns, frames = 4, 8, 2
    shape = (frames, rows, columns // 2, 4)
    cells = numpy.array([draw.randrange(256) for _ in range(frames * rows * columns * 2)], numpy.uint8).reshape(shape)
    image = Image(pi="YBR_FULL_422", samples=3, rows=rows, columns=columns, frames=frames)
    for masks in [[{"remove": [3, 1, 5, 3]}], [{"keep": [1, 1, 7, 3]}], [{"remove": [0, 0, 8, 2]}]]:
        hit = region(masks, rows, columns)
        pairs = hit[:, 0::2] | hit[:, 1::2]
        want = cells.copy()
        want[:, pairs] = (0, 0, 128, 128)

        def file(c):
            return head() + image.header() + EX.el(PIXELS, "OB", c.tobytes())
        got, r, _ = run(file(cells), masks)
        tap.ok(got == file(want), "YBR_FULL_422 %r" % masks, r)
    for what, bad in (("an odd number of columns", Image(pi="YBR_FULL_422", samples=3, columns=7)), ("by plane", Image(pi="YBR_FULL_422", samples=3, planar=1))):
        fails("YBR_FULL_422: " + what, bad.file(bad.cells), MASKS[0], "even number of columns")
    bad = Image(pi="YBR_FULL_422", samples=3)
    fails("YBR_FULL_422 that is not shared", bad.file(bad.cells), MASKS[0], "(7FE0,0010)")


def luts(entries, first, bits=16, packed=False, kit=EX):
    out = b""
    for i in range(3):
        out += kit.us(0x00281101 + i, len(entries) & 0xFFFF, first & 0xFFFF, bits)
    for i in range(3):
        values = [e[i] for e in entries]
        data = bytes(values) if packed else struct.pack("%s%dH" % (kit.end, len(values)), *values)
        if packed:
            data += b"\0" * (len(data) % 2)
            if kit.end == ">":
                data = b"".join(data[k:k + 2][::-1] for k in range(0, len(data), 2))
        out += kit.el(0x00281201 + i, "OW", data)
    return out


def palette():
    dark = [(60000, 60000, 60000), (0, 0, 65535), (30000, 0, 0), (200, 100, 9000), (0, 65535, 0)]
    for what, extra, black, more in (
            ("16 bit", luts(dark, 0), 3, {}), ("first entry 10", luts(dark, 10), 13, {}), ("signed, first entry -3", luts(dark, -3), 0, dict(signed=1)),
            ("8 bit, two a word", luts([(9, 9, 9), (1, 2, 3), (200, 0, 0)], 0, 8, True), 1, {}),
            ("8 bit, one a word", luts([(9, 9, 9), (8, 8, 8), (1, 1, 1)], 0, 8), 2, {}),
            ("8 bit, two a word, big endian", luts([(9, 9, 9), (1, 2, 3), (200, 0, 0)], 0, 8, True, BE), 1, dict(syntax=BIG)),
            ("the darkest cannot be stored", luts([(5, 5, 5)] * 256 + [(0, 0, 0)], 0), 0, {})):
        image = Image(pi="PALETTE COLOR", extra=extra, black=black, **more)
        for masks in MASKS[:3]:
            becomes("PALETTE COLOR, %s" % what, image, masks)
    # A run of two entries, a line of three down to 100, the run and the line again.
    w = [0, 2, 7000, 9000, 1, 3, 100, 2, 2, 0, 0]
    extra = b"".join(EX.us(0x00281101 + i, 10, 0, 16) for i in range(3)) + b"".join(
        EX.el(0x00281221 + i, "OW", struct.pack("<%dH" % len(w), *w)) for i in range(3))
    becomes("PALETTE COLOR, in segments", Image(pi="PALETTE COLOR", extra=extra, black=4), MASKS[0])
    for what, extra, word in (("without tables", luts(dark, 0)[:42], "(0028,1101)"), ("without descriptors", b"", "(7FE0,0010)"),
                              ("a table that is too short", luts(dark, 0).replace(EX.us(0x00281102, 5, 0, 16), EX.us(0x00281102, 6, 0, 16)), "(0028,1202)"),
                              ("entries of 12 bits", luts(dark, 0, 12), "(0028,1101)")):
        image = Image(pi="PALETTE COLOR", extra=extra)
        fails("PALETTE COLOR " + what, image.file(image.cells), MASKS[0], word)


def overlay(group, rows, columns, bits, frames=1, origin=(1, 1), kit=EX, vr="OW", data=None):
    tag = 0x60000000 + (group << 17)
    raw = data if data is not None else pack_bits(bits, vr, kit)
    out = kit.us(tag | 0x10, rows) + kit.us(tag | 0x11, columns)
    if frames > 1:
        out += kit.el(tag | 0x15, "IS", str(frames))
    if origin:
        out += kit.el(tag | 0x50, "SS", struct.pack(kit.end + "hh", *origin))
    return out + kit.us(tag | 0x100, 1) + kit.us(tag | 0x102, 0) + kit.el(tag | 0x3000, vr, raw)


def pack_bits(bits, vr, kit):
    flat = [int(b) for b in bits.reshape(-1)]
    flat += [0] * (-len(flat) % 16)
    data = bytes(sum(b << i for i, b in enumerate(flat[k:k + 8])) for k in range(0, len(flat), 8))
    if vr == "OW" and kit.end == ">":
        data = b"".join(data[k:k + 2][::-1] for k in range(0, len(data), 2))
    return data


def shifted(masks, top, left, rows, columns):
    """The region of a plane whose first pixel lies over (row top, column left) of the image, counted from 0."""
    hit = numpy.zeros((rows, columns), bool)
    for y in range(rows):
        for x in range(columns):
            for m in masks:
                boxes = m.get("remove") or m.get("keep")
                boxes = [boxes] if isinstance(boxes[0], int) else boxes
                inside = any(b[0] <= x + left < b[2] and b[1] <= y + top < b[3] for b in boxes)
                hit[y, x] |= inside == ("remove" in m)
    return hit


def overlays():
    for masks in MASKS:
        for kit, syntax in ((EX, EXPLICIT), (BE, BIG)):
            for rows, columns, frames, origin, group in ((7, 10, 1, (1, 1), 0), (5, 9, 3, (2, 3), 1), (12, 13, 1, (-2, -1), 15), (4, 4, 1, None, 2)):
                image = Image(syntax=syntax)
                before = numpy.array([draw.randrange(2) for _ in range(frames * rows * columns)]).reshape(frames, rows, columns)
                top, left = (origin or (1, 1))[0] - 1, (origin or (1, 1))[1] - 1
                after = numpy.where(shifted(masks, top, left, rows, columns), 0, before)
                image.extra = overlay(group, rows, columns, before, frames, origin, kit)
                data = image.file(image.cells)
                image.extra = overlay(group, rows, columns, after, frames, origin, kit)
                want = image.file(image.masked(region(masks, image.rows, image.columns)))
                got, r, _ = run(data, masks)
                tap.ok(got == want, "an overlay of %dx%d at %r, %s, %r" % (rows, columns, origin, "big" if syntax == BIG else "little", masks), r)
    image = Image(extra=overlay(0, 7, 10, None, data=b"\xff" * 6))
    fails("an overlay that is too short", image.file(image.cells), MASKS[0], "(6000,3000)")
    image.extra = EX.el(0x60003000, "OW", b"\xff" * 10)
    fails("an overlay without size", image.file(image.cells), MASKS[0], "(6000,3000)")
    got, r, _ = run(image.file(image.cells), MASKS[0], [remove("60xx3000")])
    image.extra = b""
    tap.ok(got == image.file(image.masked(region(MASKS[0], 7, 10))), "one that an entry removes is no matter", r)


def fails(what, data, masks, word="", **settings):
    got, r, _ = run(data, masks, **settings)
    tap.ok(got is None and r.status == 1 and word in r.err, what, r)


def contradictions():
    image = Image(bits=16, frames=2)
    good = image.file(image.cells)
    at = "at byte %d" % good.index(EX.tag(PIXELS))
    for what, change in (("a frame too many", (EX.el(0x00280008, "IS", "2"), EX.el(0x00280008, "IS", "3"))), ("one too few", (EX.el(0x00280008, "IS", "2"), EX.el(0x00280008, "IS", "1"))),
                         ("more rows", (EX.us(0x00280010, 7), EX.us(0x00280010, 8))), ("8 bits", (EX.us(0x00280100, 16), EX.us(0x00280100, 8)))):
        data = good.replace(*change)
        fails("the header says: " + what, data, MASKS[0], "(7FE0,0010)")
    fails("the reason names tag and offset", good.replace(EX.us(0x00280010, 7), EX.us(0x00280010, 6)), MASKS[0], at)
    fails("a product that no number holds", good.replace(EX.us(0x00280010, 7), EX.us(0x00280010, 65535)).replace(EX.us(0x00280011, 10), EX.us(0x00280011, 65535))
          .replace(EX.el(0x00280008, "IS", "2"), EX.el(0x00280008, "IS", "2147483647")), MASKS[0], "(7FE0,0010)")
    for tag in (0x00280004, 0x00280010, 0x00280011, 0x00280100):
        fails("no element %08X" % tag, image.file(image.cells, drop=(tag,)), MASKS[0], "(7FE0,0010)")
    for what, change in (("no rows", (EX.us(0x00280010, 7), EX.us(0x00280010, 0))), ("a colour nobody knows", (b"MONOCHROME2 ", b"MONOCHROME9 ")),
                         ("samples", (EX.us(0x00280002, 1), EX.us(0x00280002, 3))), ("12 bits allocated", (EX.us(0x00280100, 16), EX.us(0x00280100, 12))),
                         ("more bits stored than allocated", (EX.us(0x00280101, 16), EX.us(0x00280101, 17))), ("a high bit too low", (EX.us(0x00280102, 15), EX.us(0x00280102, 14))),
                         ("PixelRepresentation 2", (EX.us(0x00280103, 0), EX.us(0x00280103, 2))), ("no number of frames", (EX.el(0x00280008, "IS", "2"), EX.el(0x00280008, "IS", "0"))),
                         ("words for frames", (EX.el(0x00280008, "IS", "2"), EX.el(0x00280008, "IS", "ab"))),
                         ("a syntax of fragments", (EX.el(0x00020010, "UI", EXPLICIT), EX.el(0x00020010, "UI", "1.2.840.10008.1.2.5")))):
        fails("the header says: " + what, good.replace(*change), MASKS[0])
    got, r, _ = run(good.replace(EX.us(0x00280010, 7), EX.us(0x00280010, 6)), [{"remove": [0, 0, 1, 1], "when": "missing Rows"}])
    tap.ok(got is not None and r.status == 0, "what no mask is for is not looked at", r)


def elsewhere():
    """Files whose pixels are not (only) where they are looked for."""
    data = head() + EX.el(0x00080060, "CS", "US")
    got, r, _ = run(data, MASKS[0])
    tap.ok(got == data and r.status == 0 and "no pixel data" in r.err, "no pixel data: a warning", r)
    got, r, _ = run(data, MASKS[0], args=("--strict",))
    tap.ok(got is None and r.status == 1, "… which --strict makes a failure", r)
    fails("pixel data at a URL", data + EX.el(0x00287FE0, "UR", "http://example.org/1"), MASKS[0], "(0028,7FE0)")
    icon = EX.sq(0x00880200, EX.item(EX.us(0x00280010, 2), EX.el(PIXELS, "OB", b"ab")))
    image = Image()
    image.extra = icon
    data = image.file(image.cells)
    image.extra = b""
    got, r, _ = run(data, MASKS[0])
    tap.ok(got == image.file(image.masked(region(MASKS[0], 7, 10))) and "IconImageSequence" in r.err, "an icon goes, with a warning", r)
    image.extra = EX.sq(0x00880200, EX.item(EX.us(0x00280010, 2), EX.el(PIXELS, "OB", b"ab")), undefined=True)
    data = image.file(image.cells)
    got, r, _ = run(data, [{"remove": [0, 0, 1, 1], "when": "equals Modality CT"}])
    tap.ok(got == data and not r.err.count("Icon"), "… but only when a mask is for the file", r)
    image.extra = EX.sq(0x00082218, EX.item(EX.el(PIXELS, "OB", b"ab")))
    fails("pixels in another sequence", image.file(image.cells), MASKS[0], "(7FE0,0010)")
    got, r, _ = run(image.file(image.cells), MASKS[0], [remove("AnatomicRegionSequence")])
    image.extra = b""
    tap.ok(got == image.file(image.masked(region(MASKS[0], 7, 10))), "… unless an entry removes it", r)
    got, r, _ = run(image.file(image.cells), MASKS[0], [remove("PixelData")])
    tap.ok(got == head() + image.header() and r.status == 0, "pixel data that an entry removes need no mask", r)
    image.extra = EX.el(PIXELS, "OB", b"")
    got, r, _ = run(head() + image.header() + image.extra, MASKS[0])
    tap.ok(got == head() + image.header() + image.extra and "no pixel data" in r.err, "empty pixel data are none", r)
    image = Image()
    got, r, _ = run(image.file(image.cells), [{"remove": [10, 0, 20, 7]}, {"remove": [0, 7, 10, 9]}])
    tap.ok(got == image.file(image.cells) and r.status == 0, "boxes outside of the image take nothing", r)


def entries():
    """Filters see the file as it came, and so does the image; entries may change all of it."""
    image = Image(frames=2)
    masks = [{"remove": [2, 1, 5, 3], "when": "equals Modality US + equals Rows 7"}]
    got, r, _ = run(image.file(image.cells), masks, [{"name": "Modality", "replace-with": "OT"}, remove("Rows"), remove("NumberOfFrames")],)
    want = image.file(image.masked(region(masks, 7, 10)), drop=(0x00280010, 0x00280008)).replace(EX.el(0x00080060, "CS", "US"), EX.el(0x00080060, "CS", "OT"))
    tap.ok(got == want, "rules after the fact", (r, got, want))
    got, r, _ = run(image.file(image.cells), masks, [{"name": "PixelData"}], remove_undefined=True)
    tap.ok(got == head() + EX.el(PIXELS, "OB", image.pack(image.masked(region(masks, 7, 10)))), "with remove-undefined", r)


def readers():
    """pydicom's own view, frame by frame."""
    warnings.simplefilter("ignore")
    for args in (dict(), dict(pi="MONOCHROME1"), dict(bits=16, stored=12, signed=1), dict(bits=16), dict(pi="RGB", samples=3), dict(pi="RGB", samples=3, planar=1),
                 dict(bits=32), dict(pi="YBR_FULL", samples=3), dict(bits=16, syntax=BIG), dict(bits=1, rows=8, columns=16), dict(bits=32, vr="OF", tag=0x7FE00008)):
        for frames in (1, 3):
            image = Image(frames=frames, **args)
            if image.bits == 16 and image.stored == 12:  # cells as scanners write them
                image.cells = numpy.array([image.cell(draw.randint(-2048, 2047)) for _ in range(frames * 70)], object).reshape(image.cells.shape)
            masks = MASKS[3][:1]
            before = tap.write(os.path.join(bench.dir, "before.dcm"), image.file(image.cells))
            got, r, _ = run(image.file(image.cells), masks)
            after = tap.write(os.path.join(bench.dir, "after.dcm"), got or b"")
            hit = region(masks, image.rows, image.columns)
            old, new = (numpy.asarray(pydicom.dcmread(p).pixel_array) for p in (before, after))
            if frames == 1:
                old, new = old[None], new[None]
            kind = old.dtype.kind
            if kind == "f":
                low = -numpy.finfo(old.dtype).max
            elif image.signed:
                low = -(1 << image.stored - 1)
            else:
                low = 0
            top = (1 << image.stored) - 1
            want = (0, 128, 128) if image.pi == "YBR_FULL" else top if image.pi == "MONOCHROME1" else low
            tap.ok(numpy.array_equal(old[:, ~hit], new[:, ~hit]) and numpy.all(new[:, hit] == want), "pydicom: %r, %d frames" % (args, frames), r)


for part in (kinds, chance, shared_chroma, palette, overlays, contradictions, elsewhere, entries, readers):
    tap.note(part.__name__)
    part()
tap.done()
