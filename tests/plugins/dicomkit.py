# SPDX-License-Identifier: MIT
"""What the DICOM script tests share: files made byte by byte, runs of the program, readers."""
import json
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap

LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
IMPLICIT, EXPLICIT, BIG, DEFLATED = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2",
                                     "1.2.840.10008.1.2.1.99")
UNDEFINED = 0xFFFFFFFF


class Syntax:
    """Writes elements in one transfer syntax. The length of a value can be given apart from the value."""

    def __init__(self, implicit=False, big=False):
        self.implicit, self.end = implicit, ">" if big else "<"

    def tag(self, tag):
        return struct.pack(self.end + "HH", tag >> 16, tag & 0xFFFF)

    def el(self, tag, vr, value=b"", length=None):
        if isinstance(value, str):
            value = value.encode("latin-1")
        if length is None and len(value) % 2:
            value += b"\0" if vr in ("UI", "OB", "UN") else b" "
        n = len(value) if length is None else length
        if self.implicit:
            return self.tag(tag) + struct.pack(self.end + "I", n) + value
        head = self.tag(tag) + vr.encode()
        if vr in LONG:
            return head + struct.pack(self.end + "HI", 0, n) + value
        return head + struct.pack(self.end + "H", n) + value

    def us(self, tag, *numbers):
        return self.el(tag, "US", struct.pack("%s%dH" % (self.end, len(numbers)), *numbers))

    def ul(self, tag, number):
        return self.el(tag, "UL", struct.pack(self.end + "I", number))

    def item(self, *elements, undefined=False):
        body = b"".join(elements)
        if undefined:
            return self.mark(0xFFFEE000, UNDEFINED) + body + self.mark(0xFFFEE00D, 0)
        return self.mark(0xFFFEE000, len(body)) + body

    def mark(self, tag, length):
        return self.tag(tag) + struct.pack(self.end + "I", length)

    def sq(self, tag, *items, undefined=False, vr="SQ"):
        body = b"".join(items)
        if undefined:
            return self.el(tag, vr, body + self.mark(0xFFFEE0DD, 0), UNDEFINED)
        return self.el(tag, vr, body, len(body))


EX, IM, BE = Syntax(), Syntax(implicit=True), Syntax(big=True)


def head(syntax=EXPLICIT, sop="1.2.3.4", extra=b"", preamble=b"\0" * 128, length=None):
    meta = (EX.el(0x00020001, "OB", b"\0\1") + EX.el(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.7") +
            EX.el(0x00020003, "UI", sop) + EX.el(0x00020010, "UI", syntax) + extra)
    return preamble + b"DICM" + EX.ul(0x00020000, len(meta) if length is None else length) + meta


class Bench:
    """A folder with one input, run again and again."""

    def __init__(self):
        self.dir = tap.scratch()
        self.n = 0

    def run(self, data, fields, args=(), name="in.dcm", **settings):
        """(the output's bytes or None, the result, the output's name)"""
        self.n += 1
        base = os.path.join(self.dir, str(self.n))
        tap.write(os.path.join(base, name), data)
        profile = {"dicom": dict({"fields": fields}, **{k.replace("_", "-"): v for k, v in settings.items()})}
        tap.write(os.path.join(base, "p.yaml"), json.dumps(profile, ensure_ascii=False))
        r = tap.deid("run", "--no-sync", "-p", os.path.join(base, "p.yaml"), "-o", os.path.join(base, "out"), *args,
                     os.path.join(base, name))
        made = tap.tree(os.path.join(base, "out")) if os.path.isdir(os.path.join(base, "out")) else {}
        if len(made) != 1:
            return None, r, None
        (out, content), = made.items()
        return content, r, out


def replace(name, value, **more):
    return dict({"name": name, "replace-with": value}, **more)


def remove(name):
    return {"name": name, "remove": True}
