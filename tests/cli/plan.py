# SPDX-License-Identifier: MIT
"""deid plan: writes nothing, and says of every file what a run then does: names, statuses, messages and, with
--values, what stands in each field. Runs are held against plans through pydicom, json and csv."""
import csv
import hashlib
import io
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

tap.needs("csv", "json", "kv", "dicom")

try:
    import pydicom
except ImportError:
    tap.skip_all("no pydicom")

PROFILE = """name: plan test
dicom:
  salt: s1
  date-increment: -17
  remove-private-tags: true
  fields:
  - {name: PatientName, replace-with: Anon}
  - {name: PatientID, hash: true}
  - {regex: '.*Date$', increment-date: true, on-error: remove}
  - {regex: '.*InstanceUID$', hashuid: true, on-error: remove}
  - {name: InstitutionName, remove: true}
  - {name: PatientComments, replace-with: made}
  - {name: PatientName, replace-with: Anon^Two}
  - {name: ImageType, replace-with: [DERIVED, SECONDARY]}
  - {name: RequestAttributesSequence.0.ScheduledProcedureStepID, replace-with: "7"}
  - {name: OtherPatientIDsSequence, remove: true}
csv:
  salt: s2
  date-increment: 3
  date-format: "%Y-%m-%d"
  fields:
  - {name: name, hash: true}
  - {name: date, increment-date: true, on-error: remove}
  - {name: id, remove: true}
  - {name: note, replace-with: "x"}
json:
  salt: s3
  date-increment: 3
  fields:
  - {name: visits.*.date, increment-date: true}
  - {regex: '.*phone$', hash: true}
  - {name: n, replace-with: {a: 7, b: [true, null]}}
  - {name: q.z, replace-with: 3}
  - {name: name, replace-with: Jane}
  - {name: name, hash: true}
  - {name: list, remove: true}
key-value-text-file:
  delimiter: ' = '
  salt: s4
  fields:
  - {name: PatientID, hash: true}
  - {name: Comment, remove: true}
  - {name: New, replace-with: added}
"""
TOKEN = "Zq7DoeJane"
ESC = "\x1b[2J\u202e\x07"
TABLE = "id,name,date,note\n1,%s,2020-01-02,a\n2,,2020-01-03,\n3,\"Bob \"\"x\"\"\",then,b\n4,%s,2020-03-01,c\n" % (TOKEN + ESC, TOKEN)
RECORD = {"name": TOKEN, "visits": [{"date": "2020-01-01"}, {"date": "2020-02-01"}], "n": 5, "home": {"phone": "123"},
          "list": [TOKEN], "long": "l" * 1000, "rest": 1}
HEADER = "ObjectType = Image\nPatientID = %s\nComment = %s\nNDims = 3\n" % (TOKEN, TOKEN)
FILES = os.path.join(os.path.dirname(pydicom.__file__), "data", "test_files")
DICOM = ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "examples_overlay.dcm", "image_dfl.dcm", "JPEG2000.dcm",
         "nested_priv_SQ.dcm", "ExplVR_BigEnd.dcm", "liver_1frame.dcm")


def work():
    """A folder of inputs: of each format, a file of no format, a broken one, two with one output name."""
    path = tap.scratch()
    tap.write(path + "/p.yaml", PROFILE)
    put = lambda name, data: tap.write(os.path.join(path, "in", name), data)  # noqa: E731
    for name in DICOM:
        if os.path.exists(os.path.join(FILES, name)):
            put("dicom/" + name, tap.read(os.path.join(FILES, name)))
    put("again/CT.dcm", tap.read(os.path.join(FILES, "CT_small.dcm")))
    put("cut.dcm", tap.read(os.path.join(FILES, "CT_small.dcm"))[:700])
    put("Zq7/t.csv", TABLE)
    put("t.csv", TABLE)
    put("a.json", json.dumps(RECORD))
    put("bad.json", '{"name": "%s", "n": ' % TOKEN)
    put("lines.jsonl", "".join(json.dumps(dict(RECORD, n=i)) + "\n" for i in range(5)))
    put("h.mhd", HEADER)
    put("other.bin", b"\x00\x01" + TOKEN.encode())
    return path


def deid(path, *args, **more):
    return tap.deid(*args, cwd=path, **more)


def planned(path, *args, **more):
    """plan --json: (result, {input: [field lines]}, [file lines], summary)"""
    r = deid(path, "plan", "-p", "p.yaml", "--json", "--values", *args, **more)
    rows = [json.loads(line) for line in r.out.splitlines()]
    fields = {}
    for row in rows:
        if "field" in row:
            fields.setdefault(row["input"], []).append(row)
    return r, fields, [row for row in rows if "status" in row], rows[-1] if rows else None


def same(row):
    """What plan and run have to agree on."""
    return {k: v for k, v in row.items() if k not in ("seconds",)}


# ---- plan and run, over the options that change what becomes of files -----------------------------------

CASES = (("a folder", ("-o", "out"), None), ("folders hashed", ("-o", "out", "--folders", "hash"), None),
         ("folders flat", ("-o", "out", "--folders", "flat"), None),
         ("unmatched copied", ("-o", "out", "--unmatched", "copy"), None),
         ("unmatched fails", ("-o", "out", "--unmatched", "fail"), None),
         ("strict", ("-o", "out", "--strict"), None),
         ("in place", ("-i",), None), ("in place, originals kept", ("-i", "--keep-original"), "in/a.json.orig"),
         ("an output is there", ("-o", "out"), "out/a.json"),
         ("an output is skipped", ("-o", "out", "--on-conflict", "skip"), "out/a.json"),
         ("an output is overwritten", ("-o", "out", "--on-conflict", "overwrite"), "out/a.json"),
         ("a file where a folder must be", ("-o", "out"), "out/dicom"))
for what, options, there in CASES:
    path = work()
    if there:
        tap.write(os.path.join(path, there), "there")
    before = tap.tree(path)
    os.mkdir(path + "/tmp")
    r, fields, rows, summary = planned(path, *options, "in", env={"TMPDIR": path + "/tmp"})
    tap.ok(tap.tree(path) == before and os.listdir(path + "/tmp") == [] and
           os.path.isdir(path + "/out") == bool(there and there.startswith("out")), what + ": nothing is written", r)
    os.rmdir(path + "/tmp")
    ran = deid(path, "run", "-p", "p.yaml", "--report", "../" + os.path.basename(path) + ".r", "-j", "2", *options, "in")
    report = os.path.join(os.path.dirname(path), os.path.basename(path) + ".r")
    lines = [json.loads(line) for line in tap.read(report).decode().splitlines()] if os.path.exists(report) else [{}]
    os.unlink(report)
    tap.is_([same(x) for x in rows], [same(x) for x in lines[:-1]], what + ": the same lines as the run's report")
    tap.is_(same(summary), same(lines[-1]), what + ": the same summary")
    tap.ok(r.status == ran.status, what + ": the same exit status", "plan %d, run %d" % (r.status, ran.status))
    if what == "in place":
        tap.ok(len(rows) > 5, "there are files", rows)

# ---- values: what the plan says is what the outputs hold --------------------------------------------------

path = work()
r, fields, rows, summary = planned(path, "-o", "out", "in")
deid(path, "run", "-p", "p.yaml", "-o", "out", "in")
where = {row["input"]: row["output"] for row in rows}


def text_of(element):
    """As the plan spells it: a text, or a list of them."""
    v = element.value
    if v is None or v == "":
        return ""
    many = [str(x) for x in v] if isinstance(v, pydicom.multival.MultiValue) else str(v)
    return many


def lookup(ds, name):
    """The element of a keyword path; None: it is not there."""
    parts = name.split(".")
    while len(parts) > 1:
        sequence = ds.get(parts[0])
        if sequence is None or len(sequence) <= int(parts[1]):
            return None
        ds, parts = sequence[int(parts[1])], parts[2:]
    if parts[0] == "MediaStorageSOPInstanceUID":
        ds = ds.file_meta
    return ds.data_element(parts[0]) if parts[0] in ds else None


def every(ds, prefix=""):
    """{path: text} of all that has a keyword and is no sequence."""
    out = {}
    for e in ds:
        if e.VR == "SQ":
            for i, item in enumerate(e.value):
                out.update(every(item, "%s%s.%d." % (prefix, e.keyword, i)))
        elif e.keyword and not e.tag.is_private:
            out[prefix + e.keyword] = text_of(e) if not isinstance(e.value, bytes) else e.value
    return out


checked = 0
for name, lines in fields.items():
    if not name.endswith(".dcm") or not where[name]:
        continue
    was, now = (pydicom.dcmread(os.path.join(path, p), force=True) for p in (name, where[name]))
    wrong, last = [], {}
    for line in lines:
        if line["field"] not in last and "before" in line and isinstance(line["before"], (str, list)):
            got = lookup(was, line["field"])
            if got is None or text_of(got) != line["before"]:
                wrong.append((line, got))
        last[line["field"]] = line
    for line in last.values():
        got = lookup(now, line["field"])
        if line["verdict"] == "removed" or ("after" not in line and line["verdict"] != "kept"):
            if got is not None:
                wrong.append((line, got))
        elif isinstance(line["after"], (str, list)) and (got is None or text_of(got) != line["after"]):
            wrong.append((line, got))
        checked += 1
    tap.ok(not wrong, name + ": the plan's values are those of the output", wrong)
    a, b = every(was), every(now)
    differ = {k for k in set(a) | set(b) if a.get(k) != b.get(k)}
    told = {k for k, line in last.items() if line["verdict"] != "kept"}
    gone = tuple(k + "." for k, line in last.items() if line["verdict"] == "removed")
    left = {k for k in differ if k not in told and not k.startswith(gone or ("\0",))}
    tap.is_(sorted(left), [], name + ": every changed element is in the plan")
tap.ok(checked > 100, "many DICOM fields were looked at", checked)


def by_field(name):
    return {line["field"]: line for line in fields[name]}


plan, got = by_field("in/a.json"), json.loads(tap.read(path + "/out/a.json"))
tap.is_([plan["visits.%d.date" % i]["after"] for i in (0, 1)], [v["date"] for v in got["visits"]], "json: dates")
tap.is_(plan["home.phone"]["after"], got["home"]["phone"], "json: by regex")
tap.is_(plan["n"]["after"]["value"], got["n"], "json: a mapping")
tap.is_((plan["q.z"]["verdict"], plan["q.z"]["after"]), ("created", str(got["q"]["z"])), "json: a new field")
tap.is_((plan["name"]["before"], plan["name"]["after"], [x["line"] for x in plan["name"]["rules"]]),
        (TOKEN, got["name"], [34, 35]), "json: two entries, one line")
tap.ok(plan["list"]["verdict"] == "removed" and "after" not in plan["list"] and "list" not in got, "json: removed")
tap.ok(sorted(k for k in RECORD if got.get(k) != RECORD[k]) == ["home", "list", "n", "name", "visits"], "json: all of it")

plan = by_field("in/lines.jsonl")
tap.is_((plan["name"]["changed"], plan["n"]["changed"], plan["n"]["before"]), (5, 5, "0"),
        "a field of many documents is one line, with the first as its example")

plan = by_field("in/t.csv")
rows_of = lambda p: list(csv.DictReader(io.StringIO(tap.read(os.path.join(path, p)).decode(), newline="")))  # noqa: E731
old, new = rows_of("in/t.csv"), rows_of("out/t.csv")
for column in ("name", "date", "note"):
    line = plan[column]
    first = next(i for i in range(4) if old[i][column] != new[i][column])
    tap.is_((line["before"], line["after"]), (old[first][column], new[first][column]), "csv: %s, the first change" % column)
    tap.is_(line["changed"] + line["removed"], sum(old[i][column] != new[i][column] for i in range(4)),
            "csv: %s, how many rows" % column)
tap.ok(plan["id"]["verdict"] == "removed" and "id" not in new[0], "csv: a column that goes")
tap.is_((plan["name"]["kept"], plan["date"]["removed"]), (1, 1), "csv: an empty cell stays, a bad date goes")

plan, got = by_field("in/h.mhd"), dict(x.split(" = ") for x in tap.read(path + "/out/h.mhd").decode().splitlines())
tap.is_((plan["PatientID"]["before"], plan["PatientID"]["after"]), (TOKEN, got["PatientID"]), "key-value: a hash")
tap.is_((plan["New"]["verdict"], plan["New"]["after"]), ("created", got["New"]), "key-value: a new line")
tap.ok(plan["Comment"]["verdict"] == "removed" and "Comment" not in got, "key-value: a line that goes")

# ---- what the format refuses, and on-error decides ------------------------------------------------------

for how in ("fail", "remove", "keep"):
    tap.write(path + "/q.yaml", "csv:\n  quote: ''\n  fields:\n  - {name: name, replace-with: 'a,b', on-error: %s}\n" % how)
    tap.write(path + "/plain.csv", "name,b\nn,m\n")
    r = deid(path, "plan", "-p", "q.yaml", "--json", "--values", "plain.csv")
    got = [json.loads(x) for x in r.out.splitlines()]
    want = {"fail": [], "remove": [("removed", None, True)], "keep": [("kept", "n", False)]}[how]
    tap.is_([(x["verdict"], x.get("after"), x["on_error"]) for x in got if "field" in x], want,
            "a cell that cannot be written, on-error: " + how)
    ran = deid(path, "run", "-p", "q.yaml", "-o", "out-" + how, "plain.csv")
    tap.ok(r.status == ran.status == (1 if how == "fail" else 0), "… and the status", r)

# ---- metadata of containers ---------------------------------------------------------------------------

tap.write(path + "/m.yaml", """json:
  fields: [{name: name, remove: true}]
flywheel:
  subject:
    fields:
    - {name: label, replace-with: S1}
    - {name: sex, keep: true}
  session:
    fields:
    - {name: label, hash: true}
""")
tap.write(path + "/meta.json", json.dumps({"subject": {"label": TOKEN, "sex": "male"}, "session": {"label": "one"}}))
shutil.rmtree(path + "/out")
if tap.deid("formats", "flywheel.subject").status == 0:
    r = deid(path, "plan", "-p", "m.yaml", "--json", "--values", "-o", "out", "--metadata", "meta.json", "in/a.json")
    rows = [json.loads(x) for x in r.out.splitlines()]
    tap.ok(r.status == 0 and not os.path.exists(path + "/out"), "metadata: nothing is written", r)
    ran = deid(path, "run", "-p", "m.yaml", "-o", "out", "--report", "rep", "--metadata", "meta.json", "in/a.json")
    got = json.loads(tap.read(path + "/out/.metadata.json"))
    after = {(x["section"], x["field"]): x["after"] for x in rows if x.get("input") == "meta.json" and "field" in x}
    tap.is_(after, {("flywheel.subject", "label"): "S1", ("flywheel.subject", "sex"): got["subject"]["sex"],
                    ("flywheel.session", "label"): got["session"]["label"]}, "metadata: values of each container")
    lines = [json.loads(x) for x in tap.read(path + "/rep").decode().splitlines()]
    tap.is_([same(x) for x in rows if "status" in x or "summary" in x], [same(x) for x in lines],
            "metadata: the same lines as the run's report")
    r = deid(path, "plan", "-p", "m.yaml", "--metadata", "meta.json", "in/a.json")
    tap.ok("meta.json: metadata -> .metadata.json\n" in r.out and "  flywheel.subject: label: replace-with (line 6): changed\n" in r.out,
           "metadata: text", r)
else:
    tap.skip("metadata", "no plugin for it")

# ---- a tree of many subjects ------------------------------------------------------------------------------

tap.write(path + "/subjects.csv", "subject.label,ID,DAYS\n" + "".join("s%03d,id-%d,%d\n" % (i, i, i - 50) for i in range(200)))
tap.write(path + "/s.yaml", 'json:\n  date-increment: "{{ DAYS }}"\n  fields:\n  - {name: name, replace-with: "{{ ID }}"}\n'
                            "  - {name: visits.0.date, increment-date: true}\n")
for i in range(200):
    tap.write(path + "/tree/s%03d/a.json" % i, json.dumps(RECORD))
args = ("-p", "s.yaml", "-s", "subjects.csv", "--subject-from", "path:.*?tree/(?P<subject>[^/]+)", "-o", "sub", "tree")
r = deid(path, "plan", "--json", "--values", *args)
ran = deid(path, "run", *args)
said = {(x["input"], x["field"]): x["after"] for x in map(json.loads, r.out.splitlines()) if "field" in x}
out = {n: json.loads(tap.read(path + "/sub/s%03d/a.json" % i)) for i in range(200) for n in ["tree/s%03d/a.json" % i]}
tap.is_(said, {k: v for n, d in out.items() for k, v in (((n, "name"), d["name"]), ((n, "visits.0.date"), d["visits"][0]["date"]))},
        "each subject's own values")
tap.ok(r.status == ran.status == 0 and len(said) == 400 and len(set(said.values())) > 300, "… of 200 subjects", r.err)

# ---- text ------------------------------------------------------------------------------------------------

r = deid(path, "plan", "-p", "p.yaml", "in")
tap.ok(TOKEN not in r.out + r.err and "2020-01" not in r.out and "Anon" not in r.out, "no value unless asked for", r)
tap.ok("in/a.json: json -> a.json\n" in r.out and "  name: replace-with (line 34), then hash (line 35): changed\n" in r.out and
       "  home.phone: hash (regex .*phone$, line 31): changed\n" in r.out and
       "  visits.0.date: increment-date (visits.*.date, line 30): changed\n" in r.out and
       "  date: increment-date (line 23): 3 changed, 1 removed" in r.out, "lines of text", r)
tap.ok("in/other.bin: skipped: no section of the profile claims it\n" in r.out and "in/bad.json: failed, no output: " in r.out,
       "files without output", r)
tap.ok("in/dicom/CT_small.dcm: failed, no output: the output name " in r.out or
       "in/dicom/CT_small.dcm: dicom -> " in r.out, "a name is taken", r)
tap.ok("nothing was written" in r.err and r.status == 1, "the summary says that it was a plan", r)

r = deid(path, "plan", "-p", "p.yaml", "--values", "in/t.csv", "in/a.json")
tap.ok('"%s\\u001b[2J\\u202e\\u0007" -> "' % TOKEN in r.out and "\x1b" not in r.out and "\u202e" not in r.out,
       "control characters are escaped", r)
tap.write(path + "/l.yaml", "json:\n  fields:\n  - {name: long, replace-with: short}\n")
r = deid(path, "plan", "-p", "l.yaml", "--values", "in/a.json")
tap.ok('"' + "l" * 200 + '"… (1000 bytes) -> "short"\n' in r.out, "a long value is cut, with a mark", r)
tap.write(path + "/big.json", json.dumps({"long": "é" * 50000}))
r = deid(path, "plan", "-p", "l.yaml", "--values", "--json", "big.json")
cut = json.loads(r.out.splitlines()[0])["before"]
tap.ok(cut["bytes"] == 100000 and cut["begins"] == "é" * 32768, "in JSON too, at a character", r.out[:300])

# ---- a plain number of the profile: as the format writes it ------------------------------------------------

PLAIN = {"a": "007", "b": "1.50", "c": "TRUE", "d": '"007"', "e": "[007, x, 1e3]", "f": "{k: +5}", "new": "-0012", "list": "[01, null]"}
ROWS = "".join("  - {name: %s, replace-with: %s}\n" % row for row in PLAIN.items())
tap.write(path + "/n.yaml", "json:\n  salt: s\n  fields:\n%s  - {name: c, hash: true}\ncsv:\n  fields:\n%s" % (ROWS, ROWS[:ROWS.index("  - {name: e")]))
tap.write(path + "/n.json", '{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}')
tap.write(path + "/n.csv", "a,b,c,d\n1,1,1,1\n")
r = deid(path, "plan", "-p", "n.yaml", "--json", "--values", "-o", "nout", "n.json", "n.csv")
after = {(row["section"], row["field"]): row["after"] for row in map(json.loads, r.out.splitlines()) if "field" in row}
deid(path, "run", "-q", "-p", "n.yaml", "-o", "nout", "n.json", "n.csv")
text = tap.read(path + "/nout/n.json").decode()
wanted = {k: v["value"] if isinstance(v, dict) else v for (f, k), v in after.items() if f == "json"}
got = json.loads(text, parse_int=str, parse_float=str)
tap.is_({k: v for k, v in wanted.items() if k not in ("e", "f", "list")}, {k: v for k, v in got.items() if k not in ("e", "f", "list")},
        "in JSON a number as a number")
tap.is_({k: wanted[k] for k in ("e", "f", "list")}, {k: json.loads(text)[k] for k in ("e", "f", "list")}, "lists and mappings too")
tap.is_((got["a"], got["d"], got["c"]), ("7", "007", hashlib.sha256(b"strue").hexdigest()[:16]), "which an entry after it sees")
tap.is_([after["csv", k] for k in "abcd"], tap.read(path + "/nout/n.csv").decode().split("\n")[1].split(","), "in a table as it is spelled")

# ---- usage -----------------------------------------------------------------------------------------------

for args, says in ((("-p", "p.yaml", "--report", "r", "in"), "--report"), (("-p", "p.yaml"), "an input is missing"),
                   (("in",), "a profile is missing"), (("-p", "p.yaml", "-o", "out", "-i", "in"), "exclude each other"),
                   (("-p", "none.yaml", "in"), "none.yaml")):
    r = deid(path, "plan", *args)
    tap.ok(r.status == 2 and says in r.err and not os.path.exists(path + "/r"), "plan %s" % " ".join(args), r)
for option in ("--values", "--json"):
    r = deid(path, "run", "-p", "p.yaml", "-o", "o2", option, "in")
    tap.ok(r.status == 2 and "deid plan" in r.err and not os.path.exists(path + "/o2"), "run " + option, r)
tap.write(path + "/bad.yaml", "json:\n  feilds: []\n")
r = deid(path, "plan", "-p", "bad.yaml", "in")
tap.ok(r.status == 2 and r.out == "" and "bad.yaml:2:3: error: " in r.err, "a wrong profile", r)
shutil.rmtree(path + "/out", ignore_errors=True)
r, _, rows, _ = planned(path, "-o", "out/deep", "in/a.json")
tap.ok(rows[0]["output"] == "out/deep/a.json" and not os.path.exists(path + "/out"), "an output folder that is not there", r)
tap.done()
