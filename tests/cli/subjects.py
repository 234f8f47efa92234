# SPDX-License-Identifier: MIT
"""Subject tables and variables from the command line: what comes out, and what is said before any file is touched."""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

tap.needs("csv", "json", "dicom")

TABLE = """subject.label,DATE_INCREMENT,SUBJECT_ID,PATIENT_BD_BOOL
001,-15,Patient_IDA,false
002,-20,Patient_IDB,true
003,-30,Patient_IDC,true
"""
SESSIONS = """subject.label,session.label,DATE_INCREMENT,SUBJECT_ID,PATIENT_BD_BOOL
001,SCREEN,-15,Patient_IDA,false
001,WK1,-20,Patient_IDA,false
001,WK2,-25,Patient_IDA,false
002,SCREEN,-20,Patient_IDB,true
003,SCREEN,-30,Patient_IDC,true
"""
PROFILE = """json:
  # {{ NOT_READ }} {% nor this %}
  date-increment: "{{ DATE_INCREMENT }}"
  fields:
    - name: birth
      remove: "{{ PATIENT_BD_BOOL }}"
    - name: id
      replace-with: "{{ SUBJECT_ID }}"
    - name: date
      increment-date: true
"""
DICOM = """dicom:
  # date-increment can be any integer value since dicom.date-increment is
  # defined in example-csv-mapping.csv
  date-increment: "{{ DATE_INCREMENT }}"
  # since example-csv-mapping.csv doesn't define dicom.remove-private-tags,
  # all subjects will have private tags removed
  remove-private-tags: true
  fields:
    - name: PatientBirthDate
      # remove can be any boolean since dicom.fields.PatientBirthDate.remove is defined
      # in example-csv-mapping.csv
      remove: "{{ PATIENT_BD_BOOL }}"
    - name: PatientID
      # replace-with can be any string value since dicom.fields.PatientID.replace-with
      # is defined in example-csv-mapping.csv
      replace-with: "{{ SUBJECT_ID }}"
    - name: StudyDate
      increment-date: true
"""
RECORD = {"birth": "x", "id": "someone", "date": "2020-03-31"}

folder = tap.scratch()
tap.write(folder + "/in/a.json", json.dumps(RECORD))
tap.write(folder + "/s.csv", TABLE)
tap.write(folder + "/sessions.csv", SESSIONS)
tap.write(folder + "/p.yaml", PROFILE)
before = tap.tree(folder)


def run(*args, profile="p.yaml", item="in/a.json"):
    """The run, and the one output, which is removed again."""
    r = tap.deid("run", "-p", profile, "-o", "out", "--no-progress", *args, "--", item, cwd=folder)
    out = [tap.read(os.path.join(folder, "out", n)) for n in tap.tree(folder + "/out")]
    for n in tap.tree(folder + "/out"):
        os.unlink(os.path.join(folder, "out", n))
    if os.path.isdir(folder + "/out"):
        os.rmdir(folder + "/out")
    return r, out


def gives(what, want, *args, **more):
    r, out = run(*args, **more)
    tap.ok(r.status == 0 and len(out) == 1 and json.loads(out[0]) == want, what, "%r %r" % (r, out))


def refused(what, says, *args, command="run", profile="p.yaml", more=()):
    """Exit 2, nothing written, each regular expression said, and no cell or label anywhere."""
    if command == "run":
        r, out = run(*args, profile=profile)
    else:
        r, out = tap.deid("check", "-p", profile, *args, cwd=folder), []
    said = r.out + r.err
    secret = [w for w in ("Patient_ID", "someone", "secret") if w in said]
    tap.ok(r.status == 2 and not out and not secret and all(re.search(s, said, re.M) for s in says), what,
           "%r %r %r" % (r, out, secret))


def table(text):
    tap.write(folder + "/t.csv", text)
    return "t.csv"


def profile(text):
    tap.write(folder + "/q.yaml", text)
    return "q.yaml"


def fields(*entries, head=""):
    return profile("json:\n%s  fields:\n%s" % (head, "".join("    - %s\n" % e for e in entries)))


def clean():
    for name in ("t.csv", "q.yaml"):
        if os.path.exists(os.path.join(folder, name)):
            os.unlink(os.path.join(folder, name))


# ---- the subjects of a table ------------------------------------------------------------------------
for label, days, want, gone in (("001", "2020-03-16", "Patient_IDA", False), ("002", "2020-03-11", "Patient_IDB", True),
                                ("003", "2020-03-01", "Patient_IDC", True)):
    expected = {"birth": "x", "id": want, "date": days}
    if gone:
        del expected["birth"]
    gives("subject %s" % label, expected, "--subject-csv", "s.csv", "--subject", label)
for subject, session, days, gone in (("001", "SCREEN", "2020-03-16", False), ("001", "WK1", "2020-03-11", False),
                                     ("001", "WK2", "2020-03-06", False), ("002", "SCREEN", "2020-03-11", True),
                                     ("003", "SCREEN", "2020-03-01", True)):
    r, out = run("-s", "sessions.csv", "--session-level-profile", "--subject", subject, "--session", session)
    got = json.loads(out[0]) if out else {}
    tap.ok(r.status == 0 and got.get("date") == days and ("birth" in got) != gone, "%s %s" % (subject, session), r)

try:
    import pydicom
except ImportError:
    tap.skip("a DICOM file", "needs python3-pydicom")
else:
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds = FileDataset("", Dataset(), file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = meta.MediaStorageSOPClassUID, "1.2.3.4", "OT"
    ds.StudyDate, ds.PatientID, ds.PatientBirthDate = "20200331", "someone", "19700101"
    ds.private_block(0x11, "Creator", create=True).add_new(1, "LO", "secret")
    ds.is_little_endian, ds.is_implicit_VR = True, False
    ds.save_as(folder + "/in/a.dcm", write_like_original=False)
    for label, days, want, gone in (("001", "20200316", "Patient_IDA", False),
                                    ("003", "20200301", "Patient_IDC", True)):
        r, out = run("-s", "s.csv", "--subject", label, profile=profile(DICOM), item="in/a.dcm")
        tap.write(folder + "/got.dcm", out[0] if out else b"")
        got = pydicom.dcmread(folder + "/got.dcm", force=True)
        os.unlink(folder + "/got.dcm")
        tap.ok(r.status == 0 and got.get("PatientID") == want and got.get("StudyDate") == days and
               ("PatientBirthDate" in got) != gone and (0x11, 0x10) not in got, "a DICOM file of %s" % label,
               "%r\n%s" % (r, got))
    os.unlink(folder + "/in/a.dcm")

# ---- variables --------------------------------------------------------------------------------------


def one():
    return fields("{name: id, replace-with: '{{ ID }}'}")


gives("--var", dict(RECORD, id="a=b: c"), "--var", "ID=a=b: c", profile=one())
gives("the later --var", dict(RECORD, id="b"), "--var", "ID=a", "--var", "ID=b", profile=one())
gives("--var is over the table", dict(RECORD, id="v"), "--var", "ID=v", "-s", table("subject.label,ID\n1,t\n"),
      "--subject", "1", profile=one())
for cell in ("007", "A: B", "x #y", "null", "true", "[1, 2]", "{{ ID }}", "{% x %}", "'\"", " blank ", "zwei\nZeilen", ""):
    gives("the cell %r" % cell, dict(RECORD, id=cell), "-s",
          table('subject.label,ID\n1,"%s"\n' % cell.replace('"', '""')), "--subject", "1", profile=one())
gives("a number by int", dict(RECORD, id=7), "--var", "N=007", profile=fields("{name: id, replace-with: '{{ N|int }}'}"))
gives("a subject without a table", dict(RECORD, id="s1-x"), "--subject", "s1", "--session", "x",
      profile=fields("{name: id, replace-with: '{{ subject.label }}-{{ session.label }}'}"))
gives("no key is empty text", dict(RECORD, id=""),
      profile=fields("{name: id, replace-with: '{{ PUBLIC_KEY }}{{ PRIVATE_KEY }}{{ SECRET_KEY }}'}"))
gives("a BOM and CRLF", dict(RECORD, id="x"), "-s", table("\ufeffsubject.label,ID\r\n1,x\r\n"), "--subject", "1",
      profile=one())
gives("names and filters of files", dict(RECORD, id="x"), "--var", "F=*.json", "--var", "ID=x",
      profile=fields("{name: id, replace-with: '{{ ID }}'}", head="  file-filter: '{{ F }}'\n"))
r, out = run("-s", table("subject.label,ID,Spare,\"a b\"\n1,x,secret,\n"), "--subject", "1", "--debug", profile=one())
tap.ok(r.status == 0 and 'does not use column "Spare"' in r.err and '"a b"' in r.err and '"ID"' not in r.err and
       "secret" not in r.err, "columns that nobody uses", r)

# ---- what is refused --------------------------------------------------------------------------------
refused("no table and no --var", [r'^q.yaml:3:\d+: error: the variable "ID" has no value: there is no subject table'],
        profile=one())
refused("a label without a row", [r'^s.csv: error: no row of s.csv has this "subject.label"'], "-s", "s.csv", "--subject",
        "secret label")
refused("a pair without a row", [r'no row of sessions.csv has this "subject.label" with this "session.label"'], "-s",
        "sessions.csv", "--session-level-profile", "--subject", "002", "--session", "secret")
refused("a column that is missing", [r'q.yaml:3:\d+: error: the variable "ID" has no value: s.csv has no such column'],
        "-s", "s.csv", "--subject", "001", profile=one())
refused("every error at once", [r"^t.csv:3:1: error: row 3, column \"subject.label\": the same label as in row 2",
                                r"q.yaml:3:7: error: ", r"q.yaml:4:\d+: error: unknown filter",
                                r"q.yaml:5:\d+: error: unknown key \"hsah\""], "-s",
        table("subject.label,ID\nsecret,1\nsecret,2\n"), "--subject", "secret", profile=fields(
            "replace-with: '{{ ID }}'", "{name: x, replace-with: '{{ ID | frob }}'}", "{name: y, hsah: true}"))
for what, text, says in (
        ("no label column", "ID,x\n1,2\n", 't.csv:1:1: error: there is no column "subject.label"'),
        ("an empty label", "subject.label,ID\n,secret\n", 'row 2, column "subject.label": the cell is empty'),
        ("a ragged row", "subject.label,ID\n1,a\n2,secret,b\n", "t.csv:3:1: error: row 3 has 3 cells, the header has 2"),
        ("a column twice", "subject.label,ID,ID\n1,a,b\n", 'row 1: a second column of the name "ID"'),
        ("an open quote", 'subject.label,ID\n1,"secret\n', "row 2: a quote that is never closed"),
        ("an empty table", "", "the table is empty")):
    refused(what, [re.escape(says)], "-s", table(text), "--subject", "1", profile=one())
refused("a table that is not there", [r"^none.csv: error: cannot be read"], "-s", "none.csv", "--subject", "1")
for key, cell, says in (("date-increment", "secret", '"date-increment" takes a number'),
                        ("date-increment", "", '"date-increment" takes a number'),
                        ("date-increment", "1 day", '"date-increment" takes a number')):
    refused("%s is %r" % (key, cell), [r'q.yaml:2:\d+: error: %s.* \(row 2, column "N" of t.csv\)' % says], "-s",
            table("subject.label,N\n1,%s\n" % cell), "--subject", "1",
            profile=fields("{name: date, increment-date: true}", head="  date-increment: '{{ N }}'\n"))
for cell in ("2", "", "yes", "secret"):
    refused("remove is %r" % cell, [r'q.yaml:3:\d+: error: "remove" takes true or false.* \(row 3, column "B" of t.csv\)'],
            "-s", table("subject.label,B\n1,true\n2,%s\n" % cell), "--subject", "2",
            profile=fields("{name: id, remove: '{{ B }}'}"))
refused("two actions are on", ["second action"], "--var", "B=true",
        profile=fields("{name: id, remove: '{{ B }}', hash: true}"))
refused("a name that is a cell", [r"q.yaml:3:\d+: error: "], "--var", "X=secret[", profile=fields("{regex: '({{ X }}', hash: true}"))
refused("a variable in a key", ["q.yaml:3:8: error: a variable may stand in a value, not in a key"], "--var", "X=y",
        profile=fields("{\"{{ X }}\": 1, name: id, hash: true}"))
for args, says in ((("-s", "s.csv"), "--subject-csv needs --subject"),
                   (("--session-level-profile",), "--session-level-profile needs --subject-csv"),
                   (("-s", "s.csv", "--subject", "001", "--session-level-profile"), "needs --session"),
                   (("-s", "s.csv", "--subject", ""), "--subject is empty"),
                   (("--var", "secret"), "--var: must be NAME=VALUE"),
                   (("--var", "a b=secret"), "--var: the name is no name of a variable"),
                   (("--var", "subject.label=secret"), "--var: labels are given by")):
    refused("usage: %s" % " ".join(args), [re.escape(says)], *args)

# ---- check ------------------------------------------------------------------------------------------


def checks(what, *args, says=(), **more):
    r = tap.deid("check", "-p", *args, cwd=folder)
    tap.ok(r.status == more.get("status", 0) and all(re.search(s, r.out, re.M) for s in says), what, r)


checks("a profile without its table", "p.yaml", says=["^0 errors, 0 warnings$"])
checks("with its table", "p.yaml", "-s", "s.csv", says=["^0 errors, 0 warnings$"])
checks("with its sessions", "p.yaml", "-s", "sessions.csv", "--session-level-profile", says=["^0 errors"])
refused("without a table all else is found", ["q.yaml:4:.*unknown key", "q.yaml:5:.*takes true or false", "^2 errors"],
        command="check", profile=fields("{name: '{{ A }}', hash: '{{ B }}', salt: '{{ C }}'}", "{name: x, hsah: true}",
                                        "{name: '{{ A }}', hash: yes}", head=""))
refused("each row is looked at", [r'^q.yaml:3:\d+: error: "remove" takes true or false.* \(row 3, column "B" of t.csv\)$',
                                  r'row 5, column "B" of t.csv\)$', r"^2 errors, 0 warnings$"],
        "-s", table("subject.label,B\n1,true\n2,secret\n3,false\n4,yes\n"), command="check",
        profile=fields("{name: id, remove: '{{ B }}'}"))
checks("but with --subject only its own", "q.yaml", "-s", "t.csv", "--subject", "3", says=["^0 errors"])
refused("a label without a row, in check", ['no row of t.csv has this "subject.label"'], "-s", "t.csv", "--subject",
        "secret", command="check", profile="q.yaml")
fields("{name: v, hash: true}", "{name: id, replace-with: '{{ X }}'}")
checks("one warning for all rows", "q.yaml", "-s", table("subject.label,X\n" + "".join("%d,%d\n" % (i, i)
                                                                                      for i in range(2000))),
       says=["^0 errors, 1 warning$"])
fields("{name: id, remove: '{{ B }}'}")
start = time.time()
checks("a table of errors comes to an end", "q.yaml", "-s",
       table("subject.label,B\n" + "".join("%d,x\n" % i for i in range(100000))), status=2,
       says=["there are more errors; rows after"])
tap.ok(time.time() - start < 60, "and soon", time.time() - start)

clean()
tap.is_(tap.tree(folder), before, "nothing else was written")
tap.done()
