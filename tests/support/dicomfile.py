# SPDX-License-Identifier: MIT
"""Writes DICOM files with the standard library alone: Explicit VR Little Endian, Part 10. For samples and
for the benchmark's data; what must be read back is read by a real library."""
import struct

LONG = ("OB", "OW", "OF", "OD", "UN", "UT", "UC", "UR", "SQ")  # 32-bit length (PS3.5, 7.1.2)
EXPLICIT_LE = "1.2.840.10008.1.2.1"
PAD = {"UI": b"\0", "OB": b"\0", "OW": b"\0", "UN": b"\0"}


def element(tag, vr, value=b""):
    """One element; value is text (in Latin-1), bytes, or an integer for US and UL."""
    if isinstance(value, int):
        value = struct.pack({"US": "<H", "UL": "<I"}[vr], value)
    elif isinstance(value, str):
        value = value.encode("latin-1")
    if len(value) % 2:
        value += PAD.get(vr, b" ")
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr in LONG:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def sequence(tag, items):
    """A sequence of defined length; each item is the bytes of its elements."""
    body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(i)) + i for i in items)
    return element(tag, "SQ", body)


def file_head(sop_class, sop_instance):
    """Preamble, prefix and file meta information (PS3.10, 7.1)."""
    meta = (element(0x00020001, "OB", b"\0\1") + element(0x00020002, "UI", sop_class) +
            element(0x00020003, "UI", sop_instance) + element(0x00020010, "UI", EXPLICIT_LE) +
            element(0x00020012, "UI", "2.999.10.1"))
    return b"\0" * 128 + b"DICM" + element(0x00020000, "UL", len(meta)) + meta
