# SPDX-License-Identifier: MIT
"""Makes the benchmark's data, with the standard library alone. Every file is the same at every run."""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from dicomfile import element, file_head, sequence  # noqa: E402

ROOT = "2.999.20.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
MULTIFRAME = "1.2.840.10008.5.1.4.1.1.7.2"
ITEM, ITEM_END, SEQ_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


def noise(n, seed):
    return random.Random(seed).randbytes(n)


def header(sop_class, uid, number, frames, rows, columns, groups=b""):
    """The elements before PixelData: what the job of bench.py acts on, and what any image has."""
    before = [
        element(0x00080005, "CS", "ISO_IR 100"),
        element(0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        element(0x00080016, "UI", sop_class),
        element(0x00080018, "UI", uid),
        element(0x00080020, "DA", "20230412"),
        element(0x00080021, "DA", "20230413"),
        element(0x00080022, "DA", "20230414"),
        element(0x00080023, "DA", "20230415"),
        element(0x00080030, "TM", "101500"),
        element(0x00080050, "SH", "ACC%08d" % (number // 100)),
        element(0x00080060, "CS", "CT" if sop_class == CT else "MR"),
        element(0x00080070, "LO", "ACME Medical"),
        element(0x00080080, "LO", "General Hospital of Somewhere"),
        element(0x00080081, "ST", "1 Long Street, Somewhere"),
        element(0x00080090, "PN", "Referring^Physician"),
        element(0x00081010, "SH", "SCANNER7"),
        element(0x00081030, "LO", "Thorax with contrast"),
        element(0x0008103E, "LO", "axial 1.5 mm"),
        element(0x00081040, "LO", "Radiology"),
        element(0x00081050, "PN", "Performing^Physician"),
        element(0x00081070, "PN", "Operator^Of Scanner"),
        element(0x00100010, "PN", "Patient^Number %d" % (number // 100)),
        element(0x00100020, "LO", "PID%08d" % (number // 100)),
        element(0x00100030, "DA", "19570611"),
        element(0x00100040, "CS", "F"),
        element(0x00101010, "AS", "065Y"),
        element(0x00101040, "LO", "2 Short Lane, Elsewhere"),
        element(0x00102154, "SH", "+45 5555 0100"),
        element(0x00104000, "LT", "Allergic to nothing known."),
        element(0x00180050, "DS", "1.5"),
        element(0x00180060, "DS", "120"),
        element(0x0020000D, "UI", ROOT + ".%d.1" % (number // 100)),
        element(0x0020000E, "UI", ROOT + ".%d.1.1" % (number // 100)),
        element(0x00200013, "IS", str(number)),
        element(0x00280002, "US", 1),
        element(0x00280004, "CS", "MONOCHROME2"),
        element(0x00280008, "IS", str(frames)),
        element(0x00280010, "US", rows),
        element(0x00280011, "US", columns),
        element(0x00280100, "US", 16),
        element(0x00280101, "US", 12),
        element(0x00280102, "US", 11),
        element(0x00280103, "US", 0),
    ]
    return file_head(sop_class, uid) + b"".join(before) + groups


def pixel_head(length):
    return struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, length)


def ct_files(folder, count):
    """CT-like slices of 512 × 512 × 16 bit, half of them in each of two folders."""
    pixels = noise(512 * 512 * 2, 1)
    for i in range(count):
        sub = os.path.join(folder, "a" if i < count // 2 else "b")
        os.makedirs(sub, exist_ok=True)
        with open(os.path.join(sub, "%05d.dcm" % i), "wb") as f:
            f.write(header(CT, "%s.%d.1.1.%d" % (ROOT, i // 100, i), i, 1, 512, 512))
            f.write(pixel_head(len(pixels)))
            f.write(pixels)


def open_sequence(tag, items):
    """As sequence(), with undefined lengths (PS3.5, 7.5)."""
    raw = struct.pack
    body = b"".join(raw("<HHI", ITEM >> 16, ITEM & 0xFFFF, 0xFFFFFFFF) + i +
                    raw("<HHI", ITEM_END >> 16, ITEM_END & 0xFFFF, 0) for i in items)
    return (raw("<HH2sHI", tag >> 16, tag & 0xFFFF, b"SQ", 0, 0xFFFFFFFF) + body +
            raw("<HHI", SEQ_END >> 16, SEQ_END & 0xFFFF, 0))


def frame_groups(seq, n):
    """One item of PerFrameFunctionalGroupsSequence, about 3 KB in 75 elements, three levels deep."""
    private = [element(0x00211000 + k, "LO", "value %d of frame %06d, as a scanner writes it" % (k, n))
               for k in range(1, 41)]

    def group(tag, *elements):
        return seq(tag, [b"".join(elements)])

    return b"".join([
        group(0x00189112, element(0x00180080, "DS", "2500"), element(0x00181314, "DS", "90")),
        group(0x00189114, element(0x00189082, "FD", struct.pack("<d", 30.0))),
        group(0x00189119, element(0x00180083, "DS", "1")),
        group(0x00189226,
            element(0x00089007, "CS", "ORIGINAL\\PRIMARY\\M\\NONE"),
            element(0x00089205, "CS", "MONOCHROME"),
            element(0x00089206, "CS", "VOLUME"),
            element(0x00089207, "CS", "NONE")),
        group(0x00209111,
            element(0x00189074, "DT", "20230414101530.%06d" % n),
            element(0x00189151, "DT", "20230414101530.%06d" % n),
            element(0x00189220, "FD", struct.pack("<d", 52.5)),
            element(0x00209056, "SH", "1"),
            element(0x00209057, "UL", n + 1),
            element(0x00209157, "UL", struct.pack("<II", 1, n + 1))),
        group(0x00209113, element(0x00200032, "DS", "-120.5\\-118.25\\%d.5" % n)),
        group(0x00209116, element(0x00200037, "DS", "1\\0\\0\\0\\1\\0")),
        element(0x00210010, "LO", "ACME FRAME DATA"),
        group(0x002110FE, element(0x00210010, "LO", "ACME FRAME DATA"), *private),
        group(0x00289110, element(0x00180050, "DS", "1.5"), element(0x00280030, "DS", "0.75\\0.75")),
        group(0x00289132, element(0x00281050, "DS", "400"), element(0x00281051, "DS", "800")),
        group(0x00289145, element(0x00281052, "DS", "0"), element(0x00281053, "DS", "1"),
                         element(0x00281054, "LO", "US")),
    ])


def enhanced_files(folder, count, group_bytes):
    """Enhanced MR images with at least group_bytes of functional groups, half of them in each of two
    folders; every second file has undefined lengths."""
    for i in range(count):
        sub = os.path.join(folder, "a" if i < count // 2 else "b")
        os.makedirs(sub, exist_ok=True)
        seq = open_sequence if i % 2 else sequence
        items, size = [], 0
        while size < group_bytes:
            items.append(frame_groups(seq, len(items)))
            size += len(items[-1]) + 8
        pixels = noise(len(items) * 32 * 32 * 2, i)
        with open(os.path.join(sub, "%02d.dcm" % i), "wb") as f:
            f.write(header(ENHANCED_MR, ROOT + ".9.2.%d" % i, i, len(items), 32, 32, seq(0x52009230, items)))
            f.write(pixel_head(len(pixels)))
            f.write(pixels)


def multiframe_file(folder, size):
    """One multi-frame image with `size` bytes of pixel data."""
    os.makedirs(folder)
    block = noise(1 << 20, 2)
    with open(os.path.join(folder, "big.dcm"), "wb") as f:
        f.write(header(MULTIFRAME, ROOT + ".9.3.1", 0, size >> 19, 512, 512))
        f.write(pixel_head(size))
        for _ in range(size >> 20):
            f.write(block)


def spans_dicom(folder, edits, gap):
    """One data set with a short text to replace before every `gap` bytes of spectroscopy data."""
    os.makedirs(folder)
    data = noise(gap - 52, 3)
    items = [element(0x00209158, "LT", "seen by Dr. %08d" % i) + element(0x56000020, "OF", data)
             for i in range(edits)]
    with open(os.path.join(folder, "spans.dcm"), "wb") as f:
        f.write(header(ENHANCED_MR, ROOT + ".9.4.1", 0, 1, 1, 1, sequence(0x52009230, items)))
        f.write(pixel_head(2) + b"\0\0")


def spans_csv(folder, edits, gap):
    """A table with one short cell to replace in each row of about `gap` bytes."""
    os.makedirs(folder)
    filler = ",".join(noise(gap - 40, 4).hex()[:gap - 40][k:k + 80] for k in range(0, gap - 40, 80))
    columns = filler.count(",") + 1
    with open(os.path.join(folder, "spans.csv"), "w", encoding="ascii", newline="") as f:
        f.write("id,name," + ",".join("c%d" % k for k in range(columns)) + "\n")
        for i in range(edits):
            f.write("%d,Person %08d,%s\n" % (i, i, filler))


def small_file(folder):
    """One small CT-like image."""
    os.makedirs(folder)
    pixels = noise(64 * 64 * 2, 5)
    with open(os.path.join(folder, "small.dcm"), "wb") as f:
        f.write(header(CT, ROOT + ".9.5.1", 0, 1, 64, 64) + pixel_head(len(pixels)) + pixels)
