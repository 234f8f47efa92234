# SPDX-License-Identifier: MIT
"""alter-pixels on RLE Lossless (PS3.5 annex G): what other programs decode is black inside of the boxes and as before
outside; rows that no box touches keep their bytes; offset tables; frames that contradict the header."""
import os
import random
import shutil
import struct
import subprocess
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, Bench, head, tap

try:
    import numpy
    import pydicom
except ImportError:
    tap.skip_all("needs python3-pydicom and python3-numpy")

RLE = "1.2.840.10008.1.2.5"
PIXELS = 0x7FE00010
bench = Bench()
draw = random.Random(9)
warnings.simplefilter("ignore")
MASKS = [{"remove": [[2, 1, 9, 3], [20, 5, 23, 9]]}, {"keep": [0, 0, 30, 10]}]


def hit(rows, columns):
    out = numpy.zeros((rows, columns), bool)
    out[1:3, 2:9] = out[5:9, 20:23] = True
    out[10:, :] = out[:, 30:] = True
    return out


def pack(row, style):
    """A row of bytes as runs. `style`: the writers' ways differ."""
    out, i = b"", 0
    while i < len(row):
        n = 1
        while i + n < len(row) and n < 128 and row[i + n] == row[i]:
            n += 1
        if style == "literal" or n < 2:
            n = 1
            while i + n < len(row) and n < (128 if style == "literal" else 5) and (style == "literal" or row[i + n] != row[i + n - 1]):
                n += 1
            out += bytes([n - 1]) + bytes(row[i:i + n])
        else:
            out += bytes([257 - n, row[i]])
        if style == "idle" and i % 3 == 0:
            out += b"\x80"
        i += n
    return out


def segment(rows, style):
    if style == "crossing":  # runs that do not care for rows
        data = pack(b"".join(rows), "runs")
    else:
        data = b"".join(pack(r, style) for r in rows)
    return data + b"\0" * (len(data) % 2)


def frame(cells, style):
    """cells: [row][column][sample] of an unsigned type."""
    size = cells.dtype.itemsize
    segments = []
    for s in range(cells.shape[2]):
        for byte in range(size):
            plane = (cells[:, :, s] >> (8 * (size - 1 - byte)) & 0xFF).astype(numpy.uint8)
            segments.append(segment([plane[y].tobytes() for y in range(plane.shape[0])], style))
    at, offsets = 64, []
    for x in segments:
        offsets.append(at)
        at += len(x)
    return struct.pack("<16I", len(segments), *(offsets + [0] * (15 - len(offsets)))) + b"".join(segments)


def encapsulate(frames, table, extended=False):
    items, offsets, at = b"", [], 0
    for f in frames:
        offsets.append(at)
        items += EX.mark(0xFFFEE000, len(f)) + f
        at += 8 + len(f)
    bot = struct.pack("<%dI" % len(frames), *offsets) if table else b""
    out = b""
    if extended:
        out += EX.el(0x7FE00001, "OV", struct.pack("<%dQ" % len(frames), *offsets)) + EX.el(0x7FE00002, "OV", struct.pack("<%dQ" % len(frames), *[len(f) for f in frames]))
    value = EX.mark(0xFFFEE000, len(bot)) + bot + items + EX.mark(0xFFFEE0DD, 0)
    return out + EX.el(PIXELS, "OB", value, 0xFFFFFFFF)


def header(cells, pi, signed=0, stored=None, frames=None):
    bits = cells.dtype.itemsize * 8
    frames = cells.shape[0] if frames is None else frames
    out = EX.el(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7") + EX.el(0x00080018, "UI", "1.2.3.4")
    out += EX.us(0x00280002, cells.shape[3]) + EX.el(0x00280004, "CS", pi)
    if cells.shape[3] > 1:
        out += EX.us(0x00280006, 1)
    if frames > 1:
        out += EX.el(0x00280008, "IS", str(frames))
    out += EX.us(0x00280010, cells.shape[1]) + EX.us(0x00280011, cells.shape[2])
    return out + EX.us(0x00280100, bits) + EX.us(0x00280101, stored or bits) + EX.us(0x00280102, (stored or bits) - 1) + EX.us(0x00280103, signed)


def make(cells, pi, style="runs", table=True, extended=False, signed=0, stored=None):
    return head(RLE) + header(cells, pi, signed, stored) + encapsulate([frame(f, style) for f in cells], table, extended)


def run(data, masks=None, **settings):
    return bench.run(data, [], **dict({"alter-pixels": {"pixels": masks or MASKS}}, **settings))


def arrays(data):
    ds = pydicom.dcmread(tap.write(os.path.join(bench.dir, "x.dcm"), data))
    out = ds.pixel_array
    shape = (int(ds.get("NumberOfFrames", 1) or 1), ds.Rows, ds.Columns, ds.SamplesPerPixel)
    return ds, out.reshape(shape)


def dcmtk(data):
    """The native pixel data that DCMTK decodes."""
    a, b = tap.write(os.path.join(bench.dir, "a.dcm"), data), os.path.join(bench.dir, "b.dcm")
    done = subprocess.run(["dcmdrle", a, b], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return arrays(tap.read(b))[1] if done.returncode == 0 else done.stdout


def tables(data):
    """The Basic Offset Table, where items begin, and the extended tables."""
    ds = pydicom.dcmread(tap.write(os.path.join(bench.dir, "y.dcm"), data))
    value, at, found = ds.PixelData, 0, []
    first = struct.unpack_from("<I", value, 4)[0]
    bot = struct.unpack_from("<%dI" % (first // 4), value, 8)
    at = start = 8 + first
    lengths = []
    while value[at:at + 4] == b"\xfe\xff\x00\xe0":
        n = struct.unpack_from("<I", value, at + 4)[0]
        found.append(at - start)
        lengths.append(n)
        at += 8 + n
    extended = ds.get("ExtendedOffsetTable"), ds.get("ExtendedOffsetTableLengths")
    return list(bot), found, lengths, extended


def pictures(frames, rows, columns, samples, dtype):
    top = 1 << 8 * numpy.dtype(dtype).itemsize
    out = numpy.array([draw.choice((0, 7, 7, 7, top - 1, draw.randrange(top))) for _ in range(frames * rows * columns * samples)], dtype)
    out = out.reshape(frames, rows, columns, samples)
    out[:, 3:6] = 9
    return out


def kinds():
    for pi, samples, dtype, black, more in (
            ("MONOCHROME2", 1, numpy.uint8, 0, {}), ("MONOCHROME1", 1, numpy.uint8, 255, {}), ("MONOCHROME2", 1, numpy.uint16, 0, {}),
            ("MONOCHROME2", 1, numpy.uint16, -32768, dict(signed=1)), ("MONOCHROME2", 1, numpy.uint32, 0, {}),
            ("RGB", 3, numpy.uint8, 0, {}), ("YBR_FULL", 3, numpy.uint8, (0, 128, 128), {}), ("RGB", 3, numpy.uint16, 0, {})):
        for frames in (1, 3):
            for style in ("runs", "literal", "idle", "crossing"):
                what = "%s, %s, %d frames, %s" % (pi, numpy.dtype(dtype).name, frames, style)
                cells = pictures(frames, 13, 37, samples, dtype)
                data = make(cells, pi, style, **more)
                got, r, _ = run(data)
                if not tap.ok(got is not None, what + ": masked", r):
                    continue
                old, new, mask = arrays(data)[1], arrays(got)[1], hit(13, 37)
                tap.ok(numpy.array_equal(old[:, ~mask], new[:, ~mask]) and (new[:, mask] == black).all(), what + ": pydicom")
                bot, found, _, _ = tables(got)
                tap.is_(bot, found, what + ": the Basic Offset Table")
                if shutil.which("dcmdrle") and style != "idle" and dtype != numpy.uint32:
                    other = dcmtk(got)
                    tap.ok(isinstance(other, numpy.ndarray) and numpy.array_equal(other, new), what + ": DCMTK", other)


def untouched():
    """Rows that no box touches have the very bytes they had."""
    cells = pictures(2, 13, 37, 1, numpy.uint8)
    for style in ("literal", "runs"):
        data = make(cells, "MONOCHROME2", style)
        got, r, _ = run(data, [{"remove": [0, 4, 37, 6]}])
        want = cells.copy()
        want[:, 4:6] = 0
        parts = []
        for f in range(2):
            rows = [pack(cells[f, y, :, 0].tobytes(), style) if not 4 <= y < 6 else b"\xdc\x00" for y in range(13)]
            body = b"".join(rows)
            parts.append(struct.pack("<16I", 1, 64, *[0] * 14) + body + b"\0" * (len(body) % 2))
        tap.ok(got == head(RLE) + header(cells, "MONOCHROME2") + encapsulate(parts, True), "%s: to the byte" % style, r)


def offset_tables():
    cells = pictures(3, 13, 37, 1, numpy.uint16)
    got, r, _ = run(make(cells, "MONOCHROME2", table=False))
    tap.is_(tables(got)[0] if got else r, [], "an empty Basic Offset Table stays empty")
    got, r, _ = run(make(cells, "MONOCHROME2", table=False, extended=True))
    bot, found, lengths, (offsets, sizes) = tables(got)
    tap.is_((bot, offsets, sizes), ([], struct.pack("<3Q", *found), struct.pack("<3Q", *lengths)), "the extended tables follow")
    ds, new = arrays(got)
    tap.ok((new[:, hit(13, 37)] == 0).all(), "… and what they lead to is masked")


def fails(what, data, word, masks=None):
    got, r, _ = run(data, masks)
    tap.ok(got is None and r.status == 1 and word in r.err, what, r)


def contradictions():
    cells = pictures(2, 13, 37, 1, numpy.uint16)
    good = frame(cells[0], "literal")
    other = frame(cells[1], "literal")

    def file(*frames, cells=cells, n=2, table=True):
        return head(RLE) + header(cells, "MONOCHROME2", frames=n) + encapsulate(frames, table)
    data = file(good, good)
    fails("fewer fragments than frames", file(good, n=2), "fewer fragments")
    fails("more fragments than frames", file(good, other, good, n=2), "(7FE0,0010)")
    fails("two fragments for a frame", file(good[:100], good[100:], n=1), "RLE")
    bad = bytearray(good)
    bad[0] = 3
    at = "at byte %d" % (file(other, bytes(bad)).index(bytes(bad)))
    fails("the number of segments", file(other, bytes(bad)), at)
    for what, offset, value, word in (("an offset into the header", 4, 10, "offsets"), ("an offset behind the frame", 8, 60000, "offsets"), ("offsets that go back", 8, 63, "offsets")):
        bad = bytearray(good)
        struct.pack_into("<I", bad, offset, value)
        fails(what, file(bytes(bad), other), word)
    fails("a segment that is cut", file(good[:-40], other), "before its last row")
    fails("a frame that is cut in its header", file(good[:50], other), "header")
    fails("a segment that goes on", file(good + b"\1\2\3\4", other), "after its last row")
    wide = pictures(2, 13, 38, 1, numpy.uint16)
    fails("columns that the frames do not have", file(good, other, cells=wide), "row")
    tap.ok(run(file(good + b"\0\x80", other))[0] is not None, "padding is no matter")
    fails("native data in the syntax", head(RLE) + header(cells, "MONOCHROME2") + EX.el(PIXELS, "OW", cells.tobytes()), "(7FE0,0010)")
    fails("RLE in a native syntax", head() + data[len(head(RLE)):], "(7FE0,0010)")
    fails("a syntax that cannot be masked", head("1.2.840.10008.1.2.4.100") + data[len(head(RLE)):], "1.2.840.10008.1.2.4.100")
    for cut in range(len(data) - len(good), len(data), 97):
        got, r, _ = run(data[:cut])
        if got is not None:
            tap.ok(False, "cut at %d" % cut, r)
    tap.ok(True, "no cut file comes out")


for part in (kinds, untouched, offset_tables, contradictions):
    tap.note(part.__name__)
    part()
tap.done()
