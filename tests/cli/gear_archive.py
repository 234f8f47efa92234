# SPDX-License-Identifier: MIT
"""A gear root with an archive of DICOM files and a profile for archive, files and metadata: from config.json to
output/.metadata.json. The profile has the keys and values of the example that Flywheel documents for this gear."""
import hashlib
import io
import json
import os
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import dicomfile  # noqa: E402
import tap  # noqa: E402

tap.needs("dicom", "zip", "flywheel", "json")
e = dicomfile.element
NAME = "Doe^Jane"
PROFILE = r"""
dicom:
  date-increment: -17
  patient-age-from-birthdate: true
  patient-age-units: Y
  remove-private-tags: true
  filenames:
    - input-regex: '.*'
      output: '{SOPInstanceUID}.dcm'
  fields:
    - name: StationName
      remove: true
    - name: StudyDate
      increment-date: true
    - name: AcquisitionDateTime
      increment-datetime: true
    - name: AccessionNumber
      hash: true
    - name: ConcatenationUID
      hashuid: true
zip:
  fields:
  - name: comment
    replace-with: FLYWHEEL
  filenames:
  - input-regex: (?P<used>.*).dicom.zip$
    output: '{used}.dcm.zip'
  hash-subdirectories: true
  validate-zip-members: true
flywheel:
  subject:
    all: true
  session:
    all: false
    date-increment: -17
    fields:
      - name: operator
        replace-with: REDACTED
      - name: info.sessiondate
        increment-date: true
      - name: tags
        replace-with:
          - deid-exported
  acquisition:
    all: true
  file:
    all: true
    include-info-header: true
"""
SHIPPED = tap.read(os.path.join(tap.SRC, "profiles", "flywheel-archive.yaml")).decode()
UID = "1.2.840.113619.6.283.4.983142589.7316.1300473420.841"


def image(n):
    head = dicomfile.file_head("1.2.840.10008.5.1.4.1.1.4", "1.2.3.4.5.%d" % n)
    return head + b"".join((
        e(0x00080018, "UI", "1.2.3.4.5.%d" % n), e(0x00080020, "DA", "20220301"), e(0x0008002A, "DT", "20220301103000.5"),
        e(0x00080050, "SH", "ACC%d" % n), e(0x00080060, "CS", "MR"), e(0x00081010, "SH", "SCANNER7"),
        e(0x00090010, "LO", "ACME"), e(0x00091001, "LO", "private"), e(0x00100010, "PN", NAME), e(0x00100020, "LO", "PAT17"),
        e(0x00100030, "DA", "20000101"), e(0x0020000D, "UI", UID), e(0x0020000E, "UI", "1.2.3.4.5.6.7"), e(0x00209161, "UI", UID),
        e(0x7FE00010, "OW", bytes(range(256)) * 40)))


def archive(bad=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for n in range(3):
            z.writestr(zipfile.ZipInfo("%s/MR/IM%d.dcm" % (NAME, n), (2022, 3, 1, 10, 30, 2 * n)), image(n)[:-7 if bad and n == 1 else None], zipfile.ZIP_DEFLATED)
        z.comment = b"study of Doe^Jane"
    return out.getvalue()


OBJECT = {"type": "dicom", "modality": "MR", "classification": {"Intent": ["Structural"]}, "tags": ["mine", "deid-inplace-FAIL"],
          "info": {"n": 3, "header": {"dicom": {"EchoTime": 4.2}}}, "mimetype": "application/zip", "size": 1}


def root_of(profile, data, **config):
    root = tap.scratch()
    os.mkdir(root + "/output")
    files = {"deid-profile": ("p.yaml", profile), "input-file": ("study.dicom.zip", data)}
    inputs = {}
    for key, (name, content) in files.items():
        tap.write("%s/input/%s/%s" % (root, key, name), content)
        inputs[key] = {"base": "file", "hierarchy": {"type": "acquisition", "id": "5988d38b3b49ee001bde0853"}, "object": OBJECT,
                       "location": {"path": "/flywheel/v0/input/%s/%s" % (key, name), "name": name}}
    tap.write(root + "/config.json", json.dumps({"config": dict({"debug": True}, **config), "inputs": inputs}))
    return root


def fields(path):
    """{member: {field: value}}, as deid itself reads them."""
    out, at = {}, None
    for line in tap.deid("fields", "--values", path).out.splitlines():
        name, tab, value = line.partition("\t")
        if not tab and line.endswith(":"):
            at = out.setdefault(line[line.index(":") + 1:-1], {})
        elif at is not None:
            at[name] = value
    return out


def digest(text, salt=""):
    return hashlib.sha256((salt + text).encode()).hexdigest()[:16]


root = root_of(PROFILE, archive())
r = tap.deid("gear", "--root", root)
out = tap.tree(root + "/output")
tap.ok(r.status == 0 and sorted(out) == [".metadata.json", "study.dcm.zip"], "the archive has its new name", (r, sorted(out)))
tap.ok(not os.path.exists(root + "/input/input-file/study.dicom.zip"), "the original is gone")
tap.ok(NAME not in r.err and "PAT17" not in r.err and "dicom: StationName is removed by remove in line" in r.err, "debug tells rules, no values", r.err)
with zipfile.ZipFile(io.BytesIO(out["study.dcm.zip"])) as z:
    tap.is_(z.namelist(), ["%s/%s/1.2.3.4.5.%d.dcm" % (digest(NAME), digest("MR"), n) for n in range(3)], "members have their own names, folders are hashed")
    tap.is_(z.comment, b"FLYWHEEL", "the comment")
    tap.is_([(i.date_time[5], i.compress_type) for i in z.infolist()], [(0, 8), (2, 8), (4, 8)], "times and method are kept")
    tap.is_(z.testzip(), None, "it is whole")
    tails = [z.read(n)[-10240:] for n in z.namelist()]
    tap.is_(tails, [bytes(range(256)) * 40] * 3, "pixels are as they were")
    inside = b"".join(z.read(n) for n in z.namelist())
tap.ok(b"SCANNER7" not in inside and b"private" not in inside and b"20220301" not in inside, "what the rules name is gone")
got = fields(root + "/output/study.dcm.zip")
for n, (_, f) in enumerate(sorted(got.items(), key=lambda x: x[0][-5:])):
    want = {"StudyDate": "20220212", "AcquisitionDateTime": "20220212103000.5", "AccessionNumber": digest("ACC%d" % n), "PatientAge": "022Y",
            "ConcatenationUID": "1.2.840.113619.551726.420312.177022.222461.230571.501817.841", "PatientName": NAME}
    tap.is_({k: f.get(k) for k in want}, want, "member %d" % n)
tap.is_(json.loads(out[".metadata.json"]), {"acquisition": {"files": [{
    "name": "study.dcm.zip", "type": "dicom", "modality": "MR", "classification": {"Intent": ["Structural"]},
    "info": {"n": 3, "header": {"dicom": {"EchoTime": 4.2}}}, "tags": ["mine", "deid-inplace-PASS"]}]}}, "the metadata")

root = root_of(PROFILE, archive(bad=True))
r = tap.deid("gear", "--root", root)
out = tap.tree(root + "/output")
tap.ok(r.status == 1 and list(out) == [".metadata.json"] and "study.dicom.zip:%s/MR/IM1.dcm: " % NAME in r.err, "one file in it is cut: nothing is produced", r)
tap.is_(json.loads(out[".metadata.json"])["acquisition"]["files"][0], {"name": "study.dicom.zip", "tags": ["mine", "deid-inplace-FAIL"]}, "… but the note")
tap.is_(tap.read(root + "/input/input-file/study.dicom.zip"), archive(bad=True), "… and the original is there")

# The same document over an archive and all its containers, without a gear.
folder = tap.scratch()
tap.write(folder + "/p.yaml", PROFILE)
tap.write(folder + "/study.dicom.zip", archive())
tap.write(folder + "/m.json", json.dumps({
    "subject": {"label": "S1", "sex": "female", "firstname": "Jane"},
    "session": {"label": "V1", "operator": "Dr X", "info": {"sessiondate": "2022-03-01", "who": "x"}, "tags": ["a"], "age": 1},
    "acquisition": {"label": "A", "timestamp": "2022-03-01 10:30:00"}, "file": {"type": "dicom", "info": {"header": {"a": 1}}}}))
r = tap.deid("run", "-p", "p.yaml", "-o", "out", "--metadata", "m.json", "study.dicom.zip", cwd=folder)
out = tap.tree(folder + "/out")
tap.ok(r.status == 0 and sorted(out) == [".metadata.json", "study.dcm.zip"], "a run with --metadata", r)
tap.is_(json.loads(out[".metadata.json"]), {
    "subject": {"label": "S1", "sex": "female", "firstname": "Jane"},
    "session": {"operator": "REDACTED", "info": {"sessiondate": "2022-02-12"}, "tags": ["deid-exported"]},
    "acquisition": {"label": "A", "timestamp": "2022-03-01 10:30:00"}, "file": {"type": "dicom", "info": {"header": {"a": 1}}}}, "containers by their sections")

# The profile that is shipped.
root = root_of(SHIPPED, archive(), **{"delete-original": False})
r = tap.deid("gear", "--root", root)
out = tap.tree(root + "/output")
tap.ok(r.status == 0 and sorted(out) == [".metadata.json", "study.dcm.zip"] and os.path.exists(root + "/input/input-file/study.dicom.zip"), "flywheel-archive", r)
with zipfile.ZipFile(io.BytesIO(out.get("study.dcm.zip", b""))) as z:
    inside = b"".join(z.read(n) for n in z.namelist()) + "".join(z.namelist()).encode() + z.comment
    tap.ok(not any(x in inside for x in (NAME.encode(), b"PAT17", b"20220301", b"ACC1", b"1.2.3.4.5.1\0")) and z.comment == b"de-identified",
           "flywheel-archive: nothing of the patient in names, files and comment")
    tap.is_(len({os.path.basename(n) for n in z.namelist()}), 3, "flywheel-archive: three files")
tap.is_(json.loads(out[".metadata.json"])["acquisition"]["files"][0]["info"], {"n": 3}, "flywheel-archive: no header in the metadata")
tap.done()
