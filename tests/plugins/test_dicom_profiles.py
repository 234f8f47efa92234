# SPDX-License-Identifier: MIT
"""The DICOM profiles that are shipped as examples do what they say."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, head, tap

e, us = EX.el, EX.us
WORK = tap.scratch()
UID = "1.2.3.4.5.6.7.8.9"


def run(profile, data):
    base = os.path.join(WORK, profile)
    tap.write(os.path.join(base, "in.dcm"), head(sop=UID) + data)
    r = tap.deid("run", "--no-sync", "-p", os.path.join(tap.SRC, "profiles", profile + ".yaml"), "-o", os.path.join(base, "out"), os.path.join(base, "in.dcm"))
    tap.ok(r.status == 0, "%s: an output" % profile, r)
    made = tap.tree(os.path.join(base, "out")) if r.status == 0 else {}
    return b"".join(made.values())


def data(*more):
    return (e(0x00080018, "UI", UID) + e(0x00080020, "DA", "20220101") + e(0x00080060, "CS", "MR") + e(0x00080080, "LO", "HOSPITAL") +
            e(0x00080090, "PN", "DR^WHO") + EX.sq(0x00081140, EX.item(e(0x00081155, "UI", UID), e(0x00080020, "DA", "20211231"))) +
            e(0x00100010, "PN", "DOE^JANE") + e(0x00100020, "LO", "PAT123") + e(0x00100030, "DA", "20000101") + e(0x00104000, "LT", "CALLS HER CAT TOM") + b"".join(more))


out = run("shifted-dates", data(e(0x00191010, "LO", "PRIVATE")))
for what in (b"HOSPITAL", b"DR^WHO", b"DOE", b"PAT123", b"20000101", b"CAT", b"PRIVATE", b"20220101", b"20211231", UID.encode()):
    tap.ok(what not in out, "shifted-dates: no %s" % what.decode(), out)
for what in (e(0x00080020, "DA", "20211215"), e(0x00080020, "DA", "20211214"), e(0x00101010, "AS", "022Y"), e(0x00100030, "DA", "")):
    tap.ok(what in out, "shifted-dates: %r" % what, out)

private = (e(0x00190010, "LO", "SIEMENS MR HEADER") + e(0x0019100A, "US", b"\7\0") + e(0x0019100C, "IS", "1000") + e(0x00190011, "LO", "OTHER") +
           e(0x0019110C, "IS", "4711"))
pixels = us(0x00280010, 2) + us(0x00280011, 2) + e(0x7FE00010, "OW", b"12345678")
out = run("keep-private", data(private, pixels))
kept = e(0x00190010, "LO", "SIEMENS MR HEADER") + e(0x0019100C, "IS", "1000") + pixels
tap.ok(out.endswith(kept), "keep-private: the private element, its creator, the pixels", out)
for what in (b"HOSPITAL", b"DR^WHO", b"DOE", b"PAT123", b"2000", b"CAT", b"OTHER", b"4711", b"2022", b"2021", UID.encode()):
    tap.ok(what not in out, "keep-private: no %s" % what.decode(), out)
tap.done()
