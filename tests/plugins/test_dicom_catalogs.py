# SPDX-License-Identifier: MIT
"""profiles/detect: the catalogs are what their script writes, and each entry matches a header made for it and masks its
boxes; which other entries match that header too is worked out here."""
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "profiles", "detect")]
import catalogs
from dicomkit import EX, head, tap

os.environ["DEID_PROFILE_PATH"] = os.path.join(tap.SRC, "profiles")
PIXELS = 0x7FE00010
TAGS = {"ImplementationVersionName": (0x00020013, "SH"), "ImageType": (0x00080008, "CS"), "SOPClassUID": (0x00080016, "UI"), "Modality": (0x00080060, "CS"),
        "Manufacturer": (0x00080070, "LO"), "CodeMeaning": (0x00080104, "LO"), "StudyDescription": (0x00081030, "LO"), "SeriesDescription": (0x0008103E, "LO"),
        "ManufacturerModelName": (0x00081090, "LO"), "BodyPartExamined": (0x00180015, "CS"), "SecondaryCaptureDeviceManufacturerModelName": (0x00181018, "LO"),
        "SoftwareVersions": (0x00181020, "LO"), "ProtocolName": (0x00181030, "LO"), "SequenceOfUltrasoundRegions": (0x00186011, "SQ"),
        "PixelSpacing": (0x00280030, "DS"), "BurnedInAnnotation": (0x00280301, "CS"), "WindowWidth": (0x00281051, "DS"),
        "CommentsOnRadiationDose": (0x00400310, "ST"), "(6000,0022)": (0x60000022, "LO")}


def terms(branch):
    return [re.fullmatch(r"(\w+) (\([^)]*\)|\w+)(?: (.*))?", t).groups() for t in branch.split(" + ")]


def holds(when, fields):
    def one(op, field, value):
        have = fields.get(field)
        if op in ("present", "missing"):
            return (have is not None) == (op == "present")
        texts = [have] + have.split("\\") if have else []
        wanted = value.lower().split("|")
        found = any(w in t.lower() if "contains" in op else w == t.lower() for t in texts for w in wanted)
        return found != op.startswith("not")
    return any(all(one(*t) for t in terms(branch)) for branch in when.split(" || "))


def made_for(branch):
    """Fields that meet all terms."""
    fields = {"Modality": "OT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}
    for op, field, value in terms(branch):
        first = (value or "").split("|")[0]
        if op == "present":
            fields[field] = "1\\1" if field == "PixelSpacing" else ""
        elif op == "contains" and field == "ImageType" and "ImageType" in fields:
            fields[field] += "\\" + first
        elif op in ("contains", "equals") and not (op == "contains" and first.lower() in fields.get(field, "").lower() and field != "Modality"):
            fields[field] = first if op == "equals" else first + ".1" if field == "SOPClassUID" else first
    return fields


def size(fields):
    """What the entry asks for, else something small that no entry asks for."""
    rows, columns = int(fields.get("Rows", 0)), int(fields.get("Columns", 0))
    return rows or 301, columns or 303


def file(fields, rows, columns):
    meta = EX.el(0x00020013, "SH", fields["ImplementationVersionName"]) if "ImplementationVersionName" in fields else b""
    elements = {tag: EX.sq(tag, EX.item(EX.us(0x00186012, 1))) if vr == "SQ" else EX.el(tag, vr, fields[name])
                for name, (tag, vr) in TAGS.items() if name in fields and tag >> 16 != 2}
    elements.update({0x00280002: EX.us(0x00280002, 1), 0x00280004: EX.el(0x00280004, "CS", "MONOCHROME2"), 0x00280010: EX.us(0x00280010, rows),
                     0x00280011: EX.us(0x00280011, columns), 0x00280100: EX.us(0x00280100, 8)})
    return head(extra=meta) + b"".join(v for _, v in sorted(elements.items()))


def black(regions, fields, rows, columns):
    """One row of 1 and 0 after the other, by all entries that hold."""
    fields = dict(fields, Rows=str(rows), Columns=str(columns))
    out = [bytearray(b"\1" * columns) for _ in range(rows)]
    for _, when, boxes in regions:
        if holds(when, fields):
            for x0, y0, x1, y1 in boxes:
                for y in range(min(y0, rows), min(y1, rows)):
                    out[y][x0:min(x1, columns)] = bytes(max(0, min(x1, columns) - x0))
    return b"".join(bytes(r) for r in out)


def try_catalog(name):
    _, regions, _ = catalogs.read(name)
    folder = os.path.join(scratch, name)
    want, missing = {}, []
    for i, (device, when, boxes) in enumerate(regions):
        for k, branch in enumerate(when.split(" || ")):
            fields = made_for(branch)
            rows, columns = size(fields)
            own = dict(fields, Rows=str(rows), Columns=str(columns))
            pixels = black(regions, fields, rows, columns)
            visible = [b for b in boxes if b[0] < columns and b[1] < rows]
            if not holds(branch, own) or not all(pixels[b[1] * columns + b[0]] == 0 for b in visible):
                missing.append(device)
            data = file(fields, rows, columns)
            which = "%d-%d.dcm" % (i, k)
            n = rows * columns
            tap.write(os.path.join(folder, which), data + EX.el(PIXELS, "OB", b"\1" * n))
            want[which] = data + EX.el(PIXELS, "OB", pixels)
            # A field that the entry asks for, and the file does not have: nothing is masked but by other entries.
            asked = [t[1] for t in terms(branch) if t[0] in ("contains", "equals") and t[1] in TAGS and TAGS[t[1]][0] >> 16 != 2]
            other = {f: v for f, v in fields.items() if f != asked[0]}
            data = file(other, rows, columns)
            which = "%d-%d-without.dcm" % (i, k)
            tap.write(os.path.join(folder, which), data + EX.el(PIXELS, "OB", b"\1" * n))
            want[which] = data + EX.el(PIXELS, "OB", black(regions, other, rows, columns))
    tap.is_(missing, [], "%s: a header was made for each of %d entries" % (name, len(regions)))
    profile = tap.write(os.path.join(scratch, name + ".yaml"), "dicom:\n  fields: []\n  filenames: [{input-regex: '(?P<n>.*)\\.dcm', output: '{n}.dcm'}]\n"
                        "  alter-pixels: {detect: [%s]}\n" % name)
    r = tap.deid("run", "--no-sync", "-q", "-p", profile, "-o", folder + "-out", folder)
    got = tap.tree(folder + "-out") if os.path.isdir(folder + "-out") else {}
    wrong = sorted(w for w in want if got.get(w) != want[w])
    tap.ok(r.status == 0 and not wrong, "%s: %d files are masked as the entries say" % (name, len(want)), "%s %s" % (wrong[:20], r))
    clear = sum(1 for w in want if "without" in w and b"\0" not in want[w][-301 * 303:])
    tap.ok(clear > len(regions) // 2, "%s: files that an entry is not for stay (%d)" % (name, clear))


scratch = tap.scratch()
for made in catalogs.NAMES:
    tap.ok(tap.read(os.path.join(tap.SRC, "profiles", "detect", made + ".yaml")).decode() == catalogs.catalog(made), "%s.yaml is what catalogs.py writes" % made)
    try_catalog(made)
tap.ok(tap.read(os.path.join(tap.SRC, "profiles", "detect", "CATALOGS.md")).decode() == catalogs.report(), "CATALOGS.md is what catalogs.py writes")
all_of_them = tap.write(os.path.join(scratch, "all.yaml"), "dicom: {fields: [], alter-pixels: {detect: [%s]}}\n" % ", ".join(catalogs.NAMES))
r = tap.deid("check", "-p", all_of_them)
tap.ok(r.status == 0 and "warning:" not in r.out, "all catalogs at once", r)
tap.done()
