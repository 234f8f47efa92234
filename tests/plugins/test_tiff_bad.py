# SPDX-License-Identifier: MIT
"""tiff: what is cut, points nowhere, or lies in something else gets no output, and the place is named."""
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import tap  # noqa: E402
import tifffile as T  # noqa: E402
import tiffplant  # noqa: E402

tap.needs("image")
scratch = tap.scratch()
count = 0


def run_all(profile, files):
    """{name: output or None}, the messages by name."""
    global count
    count += 1
    folder = os.path.join(scratch, str(count))
    tap.write(os.path.join(folder, "p.yaml"), profile)
    for name, data in files.items():
        tap.write(os.path.join(folder, "in", name), data)
    r = tap.deid("run", "-p", "p.yaml", "-o", "out", "--no-sync", "in", cwd=folder)
    out = {n: None for n in files}
    if os.path.isdir(os.path.join(folder, "out")):
        out.update(tap.tree(os.path.join(folder, "out")))
    said = dict(re.findall(r"(?m)^deid: in/([^:]+): (.*)$", r.err))
    return out, said, r


# ---- every cut -----------------------------------------------------------------------------------

for kind in (("<", False), (">", True)):
    whole = T.build([tiffplant.one(kind[0], "first"), tiffplant.one(kind[0], "second")], *kind)
    places = sorted(set(range(0, 300)) | set(range(300, len(whole), 23)) | set(range(len(whole) - 60, len(whole))))
    cuts = {"%06d.tif" % n: whole[:n] for n in places}
    for profile in ("tiff: {fields: []}", "tiff: {strip: true}"):
        out, said, r = run_all(profile, cuts)
        tap.is_([n for n in out if out[n] is not None], [], "%d cuts of a %s file, %s: no output" % (len(cuts), "BigTIFF" if kind[1] else "TIFF", profile))
        tap.ok(set(said) == set(cuts), "… and each has a reason", sorted(set(cuts) - set(said))[:5])

# ---- structures ----------------------------------------------------------------------------------


def entry(tag, kind, n, value):
    return struct.pack("<HHII", tag, kind, n, value)


def ifd(*entries, follow=0):
    return struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", follow)


IMAGE = [entry(256, 3, 1, 4), entry(257, 3, 1, 4), entry(258, 3, 1, 8), entry(259, 3, 1, 1), entry(262, 3, 1, 1)]
HEAD = b"II*\0\x08\0\0\0"


def simple(*more, strip=400, length=16, follow=0, size=512, middle=b""):
    """An IFD at 8, `middle` at 200, 16 bytes of image data at 400."""
    tags = sorted(IMAGE + [entry(273, 4, 1, strip), entry(279, 4, 1, length)] + list(more), key=lambda e: struct.unpack("<H", e[:2]))
    data = (HEAD + ifd(*tags, follow=follow)).ljust(200, b"\0") + middle
    return (data.ljust(400, b"\0") + b"IMAGE-DATA-HERE!").ljust(size, b"\0")


deep = bytearray(simple(entry(330, 4, 1, 600), size=600))
for i in range(12):
    deep += ifd(entry(330, 4, 1, 600 + 18 * (i + 1)))
BAD = {
    "an IFD that is its own next": (simple(follow=8), "reached twice"),
    "two IFDs in a circle": (simple(follow=200, middle=ifd(*IMAGE, follow=8)), "reached twice"),
    "an EXIF IFD that is the page": (simple(entry(34665, 4, 1, 8)), "reached twice"),
    "a SubIFD that is its parent": (simple(entry(330, 4, 1, 8)), "reached twice"),
    "SubIFDs, one in the other": (bytes(deep), "nest too deeply"),
    "a next IFD behind the end": (simple(follow=99999), "ends"),
    "an IFD in the header": (b"II*\0\x02\0\0\0" + simple()[8:], "header"),
    "no IFD": (b"II*\0\0\0\0\0", "no IFD"),
    "a value behind the end": (simple(entry(270, 2, 20, 500)), "outside"),
    "a value in the header": (simple(entry(270, 2, 20, 2)), "header"),
    "a count that overflows": (simple(entry(270, 12, 0x20000000, 8)), "more values"),
    "a count of 4 billion": (simple(entry(270, 2, 0xFFFFFFFF, 200)), "more values"),
    "a value in the IFD": (simple(entry(270, 2, 20, 16)), "overlap"),
    "two values, half in each other": (simple(entry(270, 2, 20, 200), entry(315, 2, 20, 210)), "overlap"),
    "a value in the image data": (simple(entry(270, 2, 8, 404)), "overlap"),
    "image data in the IFD": (simple(strip=10), "overlap"),
    "image data behind the end": (simple(strip=500, length=16), "image data"),
    "image data longer than the file": (simple(length=0xFFFFFFF0), "image data"),
    "offsets without lengths": (simple(entry(324, 4, 3, 200), entry(325, 4, 2, 220)), "differ in number"),
    "offsets that are a text": (simple(entry(324, 2, 8, 200), entry(325, 4, 8, 220)), "whole numbers"),
    "an EXIF pointer that is a text": (simple(entry(34665, 2, 4, 0x20202020)), "no offset"),
    "compressed data of no length": (simple(length=0).replace(entry(259, 3, 1, 1), entry(259, 3, 1, 5)), "how long"),
    "BigTIFF with offsets of 4 bytes": (b"II\x2b\0\x04\0\0\0" + bytes(64), "BigTIFF"),
    "two marks": (b"IM*\0\x08\0\0\0" + simple()[8:], "no TIFF"),
    "nothing": (b"", "too short"),
}
for profile in ("tiff: {fields: []}", "tiff: {strip: true}", "tiff: {remove-private-tags: true, fields: [{regex: '.*', remove: true}]}"):
    out, said, r = run_all(profile, {"%02d.tif" % i: BAD[k][0] for i, k in enumerate(BAD)})
    for i, what in enumerate(BAD):
        name = "%02d.tif" % i
        tap.ok(out[name] is None and BAD[what][1] in said.get(name, ""), "%s: %s" % (what, profile), said.get(name))
out, said, r = run_all("tiff: {fields: []}", {"a.tif": simple()})
tap.is_(out["a.tif"], simple(), "what they are made from is whole")
tap.ok(all("IMAGE-DATA" not in m for m in said.values()) and "IMAGE-DATA" not in r.err, "no message shows what is in the file")

# ---- what old and odd programs write ---------------------------------------------------------------

ODD = {
    "no length of uncompressed data": simple().replace(entry(279, 4, 1, 16), entry(65000, 4, 1, 16)),
    "a length that is too small": simple(length=3),
    "a length of 0": simple(length=0),
    "garbage behind an EXIF IFD": simple(entry(34665, 4, 1, 200), middle=ifd(entry(36864, 7, 4, 0x30323230), follow=0xDEADBEEF)),
    "a tag of unknown type": simple(entry(65000, 99, 7, 0x41414141)),
    "a GPS pointer of 0": simple(entry(34853, 4, 1, 0)),
    "tags out of order": HEAD + ifd(*([entry(315, 2, 4, 0x00424141)] + IMAGE + [entry(273, 4, 1, 400), entry(279, 4, 1, 16)])) +
    simple()[8 + len(ifd(*([b""] * 8))) + 12 * 8:],
    "a tile that a sparse file leaves out": simple(entry(324, 4, 1, 0), entry(325, 4, 1, 0)),
}
for what, data in ODD.items():
    out, said, r = run_all("tiff: {fields: []}", {"a.tif": data})
    tap.ok(out["a.tif"] == data, what, r)
    out, said, r = run_all("tiff: {strip: true}", {"a.tif": data})
    tap.ok(out["a.tif"] is not None and out["a.tif"][400:416] == b"IMAGE-DATA-HERE!", what + ": strip keeps the image data", r)
tap.done()
