# SPDX-License-Identifier: MIT
"""Real files of python3-pydicom: a DICOMDIR whose records move, and names as `fields` and regexes see them."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, Bench, head, replace, remove, tap

try:
    import pydicom
    import pydicom.data
except ImportError:
    tap.skip_all("needs python3-pydicom")

ROOT = os.path.join(os.path.dirname(pydicom.data.__file__), "test_files")
bench = Bench()


def records(data):
    """What the offsets of a DICOMDIR's records say, with the records named by their place in the sequence."""
    path = tap.write(os.path.join(bench.dir, "DICOMDIR"), data)
    with pydicom.dcmread(path) as ds:
        place = {item.seq_item_tell: i for i, item in enumerate(ds.DirectoryRecordSequence)}
        place[0] = None
        out = [place[ds[0x00041200].value], place[ds[0x00041202].value]]
        for item in ds.DirectoryRecordSequence:
            out.append((item.DirectoryRecordType, place[item[0x00041400].value], place[item[0x00041420].value]))
    return out


def directory():
    for name in ("DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-reordered", "TINY_ALPHA/DICOMDIR"):
        before = tap.read(os.path.join(ROOT, "dicomdirtests", name))
        got, r, _ = bench.run(before, [replace("DirectoryRecordSequence.*.PatientName", "A name that is longer than the one before"),
                                       remove("DirectoryRecordSequence.*.StudyDescription"), replace("DirectoryRecordSequence.*.SeriesNumber", "1")],
                              file_filter="*")
        if not tap.ok(got is not None and len(got) != len(before), "%s: changed" % name, r):
            continue
        tap.is_(records(got), records(before), "%s: the records still name each other" % name)


def listed(data):
    path = tap.write(os.path.join(bench.dir, "list.dcm"), data)
    r = tap.deid("fields", path)
    return r.out.split("\n")


def names():
    e = EX.el
    ds = (EX.ul(0x00080000, 10) + e(0x00080060, "CS", "MR") + e(0x00090010, "LO", "X") + e(0x00091001, "LO", "p") +
          EX.sq(0x00101002, EX.item(), EX.item(e(0x00100020, "LO", "A"), e(0x00190010, "LO", "Y"))) + e(0x60023000, "OB", b"12"))
    out = "\n".join(listed(head() + ds))
    for name in ("Modality", "00090010", "00091001", "OtherPatientIDsSequence", "OtherPatientIDsSequence.1.PatientID",
                 "OtherPatientIDsSequence.1.00190010", "OverlayData"):
        tap.ok(any(line.split()[:1] == [name] for line in out.split("\n")), "listed: %s" % name, out)
    tap.ok("00080000" not in out and "00020010" not in out and "TransferSyntaxUID" not in out, "no group lengths, no file meta", out)
    everything = [{"regex": ".*", "remove": True}]
    got, r, name = bench.run(head() + ds, everything)
    tap.ok(got == head() + EX.ul(0x00080000, 0), "a regex reaches all of it once", (r, got and got[128:]))
    for spelled in ("PatientID", "patientid", "PATIENTID", "00100020", "0x00100020", "0X00100020", "(0010,0020)", "( 0010 , 0020 )"):
        got, r, _ = bench.run(head() + e(0x00100020, "LO", "A"), [replace(spelled, "B")])
        tap.ok(got == head() + e(0x00100020, "LO", "B"), "a name: %s" % spelled, r)
    for spelled in ("PatientIDs", "0010020", "(0010,002)", "(0010;0020)", "(0008,\"X\",01)", "(0009,\"X\",0001)", "PatientID.0", "PatientID.0.PatientName",
                    "OtherPatientIDsSequence.x.PatientID", "OtherPatientIDsSequence.-1.PatientID", "OtherPatientIDsSequence..PatientID", "", ".",
                    "(fffe,e000)", "00000010", "OtherPatientIDsSequence.0.00020016"):
        got, r, _ = bench.run(head() + ds, [remove(spelled)])
        tap.ok(got is None and r.status == 2, "no name: %r" % spelled, r)
    got, r, _ = bench.run(head() + ds, [remove("PatinetID")])
    tap.ok("did you mean 'PatientID'" in r.err, "a slip is corrected", r)


def lists():
    """--values: every VR as text."""
    e = EX.el
    want = {"FrameIncrementPointer": ("AT", struct.pack("<HH", 0x18, 0x1063), "00181063"), "AcquisitionDuration": ("FD", struct.pack("<d", 0.1), "0.1"),
            "RecommendedDisplayFrameRateInFloat": ("FL", struct.pack("<f", 0.1), "0.1"), "TagAngleSecondAxis": ("SS", struct.pack("<h", -3), "-3"),
            "ReferencedWaveformChannels": ("US", struct.pack("<HH", 1, 65535), "65535"), "PatientComments": ("LT", " a\\b ", "a\\b")}
    tags = {n: pydicom.datadict.tag_for_keyword(n) for n in want}
    path = tap.write(os.path.join(bench.dir, "values.dcm"), head() + b"".join(e(tags[n], want[n][0], want[n][1]) for n in sorted(want, key=tags.get)))
    r = tap.deid("fields", "--values", path)
    lines = {line.split()[0]: line for line in r.out.split("\n") if line.strip()}
    for n, (_, _, text) in want.items():
        tap.ok(n in lines and text in lines[n], "%s reads as %s" % (n, text), r)


for part in (directory, names, lists):
    tap.note(part.__name__)
    part()
tap.done()
