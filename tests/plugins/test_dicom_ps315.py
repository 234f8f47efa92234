# SPDX-License-Identifier: MIT
"""profiles/ps315-basic.yaml: it is what its script writes, and each row of the table does what the standard says."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import tap

try:
    import pydicom
    import pydicom.data
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.sequence import Sequence
except ImportError:
    tap.skip_all("needs python3-pydicom")

PROFILE = os.path.join(tap.SRC, "profiles", "ps315-basic.yaml")
TABLE = [line.split() for line in tap.read(os.path.join(tap.SRC, "profiles", "ps315-basic.tab")).decode().split("\n")
         if line and line[0] != "#"]
WORK = tap.scratch()
UID = "1.2.826.0.1.3680043.8.498.4711.42"
# Of each VR a value that must not stay.
VALUES = {"AE": "SECRETAE", "AS": "047Y", "CS": "SECRETCS", "DA": "19710203", "DS": "47.11", "DT": "19710203040506", "FL": 47.11, "FD": 47.11,
          "IS": "4711", "LO": "SECRET", "LT": "SECRET", "OB": b"SECRET", "OD": b"SECRETXX", "OF": b"SECR", "OL": b"SECR", "OW": b"SECRET",
          "PN": "SECRET^NAME", "SH": "SECRET", "SL": 4711, "SS": 4711, "ST": "SECRET", "TM": "040506", "UC": "SECRET", "UI": UID,
          "UL": 4711, "UN": b"SECRET", "UR": "http://SECRET", "US": 4711, "UT": "SECRET"}
VALID = {"AE": r".{1,16}", "AS": r"\d{3}[DWMY]", "CS": r"[A-Z0-9_ ]{1,16}", "DA": r"\d{8}", "DT": r"\d{14}", "LO": r".{1,64}", "PN": r".{1,64}",
         "SH": r".{1,16}", "TM": r"\d{6}", "UI": r"[0-2](\.(0|[1-9]\d*)){1,}"}
CODES = (0x00080082, 0x00401101)  # of institution and person
IN_ITEMS, DEEPER = 0x52009229, 0x00409096  # sequences that the table does not have


def tag_of(row):
    return int(row[0].replace("xx", "02"), 16)


def element(tag, vr):
    if vr != "SQ":
        return DataElement(tag, vr, VALUES[vr])
    item = Dataset()
    item.PatientName, item.StudyDate, item.ReferencedSOPInstanceUID, item.Rows = VALUES["PN"], VALUES["DA"], UID, 5
    if tag in CODES:
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning, item.ContextUID = "SECRET", "99SECRET", "SECRET", UID
        item.EquivalentCodeSequence = Sequence([Dataset()])
    return DataElement(tag, "SQ", Sequence([item]))


def everything():
    ds = Dataset()
    for row in TABLE:
        if row[0][:4] != "0002":
            ds.add(element(tag_of(row), row[2]))
    for tag in (0x50000005, 0x50040010, 0x50203000, 0x60000010, 0x60000011, 0x60040022, 0x60FE3000):
        ds.add(DataElement(tag, "OW", b"SECRET"))
    ds.add(DataElement(0x00290010, "LO", "SECRET CREATOR"))
    ds.add(DataElement(0x00291001, "LO", "SECRET"))
    ds.Rows = 7
    return ds


def run(ds, what):
    """The data set that comes out, its bytes, the result."""
    base = os.path.join(WORK, what)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", ds.get("SOPInstanceUID", UID)
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    for tag in (0x00020016, 0x00020017, 0x00020018):
        meta.add(DataElement(tag, "AE", "SECRETAE"))
    for tag in (0x00020026, 0x00020027, 0x00020028):
        meta.add(DataElement(tag, "UR", "http://SECRET"))
    meta.add(DataElement(0x00020100, "UI", UID))
    meta.add(DataElement(0x00020102, "OB", b"SECRET"))
    os.makedirs(base)
    file = FileDataset(None, ds, preamble=b"SECRET" + b"\0" * 122, file_meta=meta, is_implicit_VR=False, is_little_endian=True)
    file.save_as(os.path.join(base, "in.dcm"), write_like_original=False)
    r = tap.deid("run", "--no-sync", "-p", PROFILE, "-o", os.path.join(base, "out"), os.path.join(base, "in.dcm"))
    made = tap.tree(os.path.join(base, "out")) if os.path.isdir(os.path.join(base, "out")) else {}
    if not tap.ok(r.status == 0 and len(made) == 1, "%s: an output" % what, r):
        return None, b"", r
    (name, data), = made.items()
    return pydicom.dcmread(os.path.join(base, "out", name)), data, r


def text_of(e):
    v = e.value
    return v.decode("latin-1") if isinstance(v, bytes) else str(v)


def judge(row, ds):
    """What is wrong with the row's element; None: nothing."""
    _, action, vr, _ = row
    last = action.rstrip("*")[-1]
    tag = tag_of(row)
    if last == "X":
        return "still there" if tag in ds else None
    if tag not in ds:
        return "gone"
    e = ds[tag]
    if tag in CODES:
        left = {(x.keyword, x.value) for item in e.value for x in item}
        return None if left == {(k, "ANONYMIZED") for k in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")} else "no dummy code"
    if vr == "SQ":
        if last == "Z":
            return "not emptied" if len(e.value) else None
        if len(e.value) != 1 or "PatientName" not in e.value[0] or e.value[0].Rows != 5:
            return "not one item"
        item = e.value[0]
        return None if item.PatientName == "" and item.ReferencedSOPInstanceUID not in ("", UID) else "item not de-identified"
    text = text_of(e)
    if last == "Z":
        return "not empty" if text else None
    if not text or text == str(VALUES[vr]) or "SECRET" in text:
        return "no dummy"
    return None if re.fullmatch(VALID.get(vr, r"(?s).+"), text) and len(text) <= 64 else "no value of the VR"


def each_row():
    ds = everything()
    deeper = everything()
    deeper.add(DataElement(DEEPER, "SQ", Sequence([everything()])))
    ds.add(DataElement(IN_ITEMS, "SQ", Sequence([deeper, everything()])))
    got, data, r = run(ds, "everything")
    if got is None:
        return
    outer = got[IN_ITEMS].value
    levels = {"top": got, "item": outer[0], "second item": outer[1], "two deep": outer[0][DEEPER].value[0]}
    for row in TABLE:
        if row[0][:4] == "0002":
            continue
        bad = {what: why for what, why in ((w, judge(row, d)) for w, d in levels.items()) if why}
        tap.ok(not bad, "%s %s %s" % tuple(row[:3]), bad)
    for what, d in levels.items():
        tap.ok(not [e for e in d if e.tag.group >> 8 in (0x50, 0x60) or e.tag.is_private], "%s: no curves, overlays, private elements" % what)
        tap.is_(d.Rows, 7, "%s: the rest stays" % what)
    new = {e.value for d in levels.values() for e in d if e.VR == "UI"}
    tap.is_(len(new), 1, "one UID becomes one UID at every level")
    tap.is_(got.file_meta.MediaStorageSOPInstanceUID, got.SOPInstanceUID, "the file meta has it too")
    tap.is_(sorted(e.keyword for e in got.file_meta if e.tag.element > 0x13), [], "no AE titles, addresses, private information in the file meta")
    tap.is_((got.PatientIdentityRemoved, got.LongitudinalTemporalInformationModified), ("YES", "REMOVED"), "what was done")
    tap.ok("Basic Application Level Confidentiality Profile" in got.DeidentificationMethod, "and how")
    tap.ok(data[:128] == b"\0" * 128, "no preamble")
    tap.is_(re.findall(rb".{0,12}(?:SECRET|1971020|4711\.42).{0,8}", data, re.S), [], "nothing of the original is left")


def uid_forms():
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "2.25.1"
    old = ["2.25.1", "2.25.%d" % (2**128 - 1), "1.2", "0.0", "2.999", "1.0.0.0.0.0.0.0.0", "1." + "2" * 62, ".".join(["1"] * 32), "1.2.840.10008.1.4.1.1"]
    ds.FailedSOPInstanceUIDList = old
    got, _, _ = run(ds, "uids")
    if got is None:
        return
    new = list(got.FailedSOPInstanceUIDList)
    tap.is_([u for u in new if not re.fullmatch(VALID["UI"], u) or len(u) > 64], [], "UIDs of every form become valid ones")
    tap.is_(len(set(new)), len(old), "each another one")
    tap.ok(new[0] == got.SOPInstanceUID and not set(new) & set(old), "references stay, the UIDs do not", new)


def makes_nothing():
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.7", UID, "OT"
    item = Dataset()
    item.Rows = 3
    ds.add(DataElement(IN_ITEMS, "SQ", Sequence([item])))
    got, _, _ = run(ds, "little")
    if got is not None:
        tap.is_(sorted(e.keyword for e in got), sorted(["SOPClassUID", "SOPInstanceUID", "Modality", "SharedFunctionalGroupsSequence", "PatientIdentityRemoved",
                                                        "DeidentificationMethod", "LongitudinalTemporalInformationModified"]), "no row creates an element")
        tap.is_([e.keyword for e in got[IN_ITEMS].value[0]], ["Rows"], "in items neither")


def real_files():
    root = os.path.dirname(pydicom.data.__file__)
    found = sorted(os.path.join(d, f) for d, _, names in os.walk(root) for f in names if f.endswith(".dcm") or "DICOMDIR" in f)
    nothing = tap.write(os.path.join(WORK, "nothing.yaml"), "dicom: {file-filter: '*', encapsulated-document: keep, fields: []}")
    profile = tap.write(os.path.join(WORK, "ps315.yaml"), tap.read(PROFILE).decode().replace("dicom:\n", "dicom:\n  file-filter: '*'\n"))
    uids = {tag_of(row) for row in TABLE if row[2] == "UI"}
    pairs, odd = set(), []

    def walk(a, b):
        for e in a:
            if e.tag not in b:
                continue
            if e.VR == "SQ":
                for x, y in zip(e.value, b[e.tag].value):
                    walk(x, y)
            elif e.tag in uids and e.VR == "UI":
                one = lambda v: [str(v)] if isinstance(v, str) else [str(x) for x in v or []]
                pairs.update(zip(one(e.value), one(b[e.tag].value)))

    for i, path in enumerate(found):
        out = [os.path.join(WORK, "real", str(i), which) for which in ("nothing", "ps315")]
        runs = [tap.deid("run", "--no-sync", "-p", p, "-o", o, path) for p, o in zip((nothing, profile), out)]
        if runs[0].status != runs[1].status:
            odd.append((os.path.relpath(path, root), runs[1].err[-200:]))
        if runs[0].status or runs[1].status:
            continue
        try:
            before, = tap.tree(out[0])
            after, = tap.tree(out[1])
            walk(pydicom.dcmread(os.path.join(out[0], before), force=True), pydicom.dcmread(os.path.join(out[1], after), force=True))
        except (ValueError, NotImplementedError, KeyError, AttributeError) as why:
            odd.append((os.path.relpath(path, root), repr(why)))
    tap.is_(odd, [], "what deid can read it can de-identify, and pydicom can read that: %d files" % len(found))
    pairs = {p for p in pairs if p[0]}
    tap.ok(len(pairs) > 100, "there are UIDs: %d" % len(pairs))
    tap.is_(sorted(new for _, new in pairs if not re.fullmatch(VALID["UI"], new) or len(new) > 64), [], "all new ones are valid")
    tap.is_(len({old for old, _ in pairs}), len(pairs), "one old UID has one new one, in all files")
    tap.is_(len({new for _, new in pairs}), len(pairs), "no two have the same")
    tap.is_([old for old, new in pairs if old == new], [], "none stays")


made = subprocess.run([sys.executable, os.path.join(tap.SRC, "profiles", "ps315.py")], stdout=subprocess.PIPE, check=True).stdout
tap.ok(made == tap.read(PROFILE), "ps315-basic.yaml is what ps315.py writes")
tap.ok(len(TABLE) == 617 and len({row[0] for row in TABLE}) == 617, "617 rows")
for part in (each_row, uid_forms, makes_nothing, real_files):
    tap.note(part.__name__)
    part()
tap.done()
