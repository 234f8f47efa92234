# SPDX-License-Identifier: MIT
"""--subject-from: one run over the files of many subjects, each by its own row."""
import gzip
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap as t  # noqa: E402

t.needs("csv", "dicom", "json")

PROFILE = """json:
  date-increment: "{{ DAYS }}"
  fields:
  - {name: d, increment-date: true}
  - {name: id, replace-with: "{{ ID }}"}
  - {name: b, remove: "{{ GO }}"}
  - {name: own, replace-with: "{{ subject.label }}"}
csv:
  fields: [{name: id, replace-with: "{{ ID }}"}]
"""
TABLE = "subject.label,DAYS,ID,GO\n001,1,one,true\n002,-1,two,false\n\"a,b\",0,three,true\n"
DOC = '{"d": "2020-02-20", "id": "x", "b": 1, "own": "", "who": {"ID": %s}}'
PATH = "path:.*sub-(?P<subject>[^/]+)/"


def run(files, source, *args, table=TABLE, profile=PROFILE, command="run"):
    work = t.scratch()
    t.write(work + "/p.yaml", profile)
    t.write(work + "/t.csv", table)
    for name, data in files.items():
        t.write(work + "/in/" + name, data)
    out = ("-o", "out") if "--in-place" not in args else ()
    r = t.deid(command, "-p", "p.yaml", "-s", "t.csv", "--subject-from", source, *out, *args, "in", cwd=work)
    got = t.tree(work + "/out") if os.path.isdir(work + "/out") else {}
    return r, got, work


def values(data):
    d = json.loads(data)
    return (d["d"], d["id"], "b" in d, d["own"])


doc = DOC % "null"
first, second = ("2020-02-21", "one", False, "001"), ("2020-02-19", "two", True, "002")
files = {"sub-001/%02d.json" % i: doc for i in range(7)}
files.update({"sub-002/%02d.json" % i: doc for i in range(7)})
files["sub-a,b/x.json"] = doc
for jobs in ("1", "3"):
    r, out, work = run(files, PATH, "-j", jobs)
    t.ok(r.status == 0 and len(out) == 15 and
         all(values(v) == (first if "001" in k else second if "002" in k else ("2020-02-20", "three", False, "a,b"))
             for k, v in out.items()), "by the path, -j %s" % jobs, (r, out))
r, out, work = run({"sub-001/a.json": doc}, "path:in/sub-([^/]*)/.*")
t.is_([values(v) for v in out.values()], [first], "the first group, from the path's beginning")
r, out, work = run({"sub-001/a.json": doc, "loose.json": doc, "notes.txt": "x"}, PATH)
t.ok(r.status == 1 and list(out) == ["sub-001/a.json"] and "loose.json: its path names no subject" in r.err and
     "notes" not in r.err.split("inputs")[0], "a path without a subject fails its file, if it is anybody's", (r, out))

r, out, work = run({"sub-001/a.json": doc, "sub-009/a.json": doc}, PATH)
t.ok(r.status == 2 and not os.path.exists(work + "/out") and "in/sub-009/a.json" in r.err and "nothing was touched" in r.err,
     "a subject without a row: nothing is touched", r)
r, out, work = run({"sub-001/a.json": doc, "sub-009/a.txt": doc}, PATH)
t.is_(r.status, 0, "but where no file of it is anybody's there is nothing to say")
bad = TABLE.replace("002,-1", "002,soon")
r, out, work = run({"sub-001/a.json": doc, "sub-002/a.json": doc}, PATH, table=bad)
t.ok(r.status == 2 and not os.path.exists(work + "/out") and "row 3" in r.err and "soon" not in r.err,
     "a cell that does not do: nothing is touched", r)
r, out, work = run({"sub-001/a.json": doc}, PATH, table=bad)
t.is_((r.status, [values(v) for v in out.values()]), (0, [first]), "of a subject that is not here it does not matter")
r, out, work = run({"sub-001/a.json": doc}, "field:who.ID", table=bad)
t.ok(r.status == 2 and "row 3" in r.err, "by a field every row must do", r)

r, out, work = run({"a.json": DOC % '"001"', "b.json": DOC % '" 002 "', "c.csv": "who.ID,id\n001,x\n002,y\n",
                    "d.json.gz": gzip.compress((DOC % '"002"').encode())}, "field:who.ID")
t.ok(r.status == 0 and values(out["a.json"]) == first and values(out["b.json"]) == second and
     out["c.csv"] == b"who.ID,id\n001,one\n002,one\n" and values(gzip.decompress(out["d.json.gz"])) == second,
     "by a field", (r, out))
for what, value, reason in (("missing", '"x"}, "y": {"z": 1', "no row"), ("empty", '""', "no value"), ("null", "null", "no value"),
                            ("a list", "[1]", "no text"), ("of nobody", '"009"', "no row")):
    r, out, work = run({"a.json": DOC % value}, "field:who.ID")
    t.ok(r.status == 1 and out == {} and reason in r.err and "009" not in r.err, "a field that is %s" % what, r)
r, out, work = run({"a.json": "{}"}, "field:who.ID")
t.ok(r.status == 1 and "no value (field who.ID)" in r.err, "a field that is not there", r)
r, out, work = run({"a.jsonl": (DOC % '"001"') + "\n" + (DOC % '"002"') + "\n"}, "field:who.ID")
t.is_([values(line) for line in out.get("a.jsonl", b"").splitlines()], [first] * 2, "the first document's")
r, out, work = run({"a.json": doc[:20]}, "field:who.ID")
t.ok(r.status == 1 and out == {} and "complete" in r.err, "a cut file", r)

sessions = "subject.label,session.label,DAYS,ID,GO\n001,A,1,one,true\n001,B,-1,two,false\n"
both = "path:.*sub-(?P<subject>[^/]+)/ses-(?P<session>[^/]+)/"
r, out, work = run({"sub-001/ses-A/a.json": doc, "sub-001/ses-B/a.json": doc}, both, "--session-level-profile", table=sessions)
t.is_([values(out[k])[1] for k in sorted(out)], ["one", "two"], "sessions")
r, out, work = run({"sub-001/ses-A/a.json": doc, "sub-001/ses-C/a.json": doc}, both, "--session-level-profile", table=sessions)
t.is_(r.status, 2, "a session without a row")

r, out, work = run(files, PATH, "--in-place")
t.ok(r.status == 0 and values(t.read(work + "/in/sub-002/03.json")) == second, "in place", r)
r, out, work = run({"sub-001/a.json": doc}, PATH, "--values", command="plan")
t.ok(r.status == 0 and "one" in r.out and not os.path.exists(work + "/out"), "plan", r)
r, out, work = run({"sub-001/a.json": doc, "sub-002/b.json": doc}, PATH, profile=PROFILE.replace(
    "  fields:\n  - {name: d", "  filenames: [{input-regex: '(?P<x>.)', output: '{{ ID }}-{id}.json'}]\n  fields:\n  - {name: d"))
t.is_(sorted(out), ["sub-001/one-one.json", "sub-002/two-two.json"], "names of outputs")

many = "subject.label,ID\n" + "".join("%d,n%d\n" % (i, i) for i in range(300))
profile = 'json: {fields: [{name: id, replace-with: "{{ ID }}"}]}\n'
r, out, work = run({"%d/%d.json" % (k, i): doc for i in range(300) for k in range(2)}, "path:in/./([0-9]+)", "-j", "4",
                   table=many, profile=profile)
t.ok(r.status == 0 and all(json.loads(v)["id"] == "n" + k[2:-5] for k, v in out.items()) and len(out) == 600,
     "more subjects than are kept, twice", r)

for args, message in ((("--subject-from", "x"), "path:REGEX or field:NAME"), (("--subject-from", "path:("), "parenthes"),
                      (("--subject-from", "path:a"), "no group"), (("--subject-from", PATH, "--subject", "1"), "takes the place"),
                      (("--subject-from", PATH, "--session-level-profile"), "needs the session"),
                      (("--subject-from", PATH, "--subject-from", PATH), "twice")):
    r = t.deid("run", "-p", "p.yaml", "-s", "t.csv", "-o", "o", *args, "in", cwd=work)
    t.ok(r.status == 2 and message in r.err, "wrong use: %s" % message, r)
r, out, work = run({"sub-001/a.dcm": "x"}, "field:NoSuchField", profile="dicom: {fields: []}\n")
t.ok(r.status == 2 and "NoSuchField" in r.err, "a field that no section can have", r)
r, out, work = run({"sub-001/a.json": doc}, PATH, "--folders", "hash",
                   profile='json: {salt: "{{ ID }}", fields: [{name: id, hash: true}]}\n')
t.ok(r.status == 2 and "one salt" in r.err, "folder names need one salt", r)
# ---- what is shared between subjects makes no difference: each as if it were alone
columns = ["subject.label", "N", "T", "B", "B2", "F", "S", "K", "E"]
rows = [["s%d" % i, str(i - 3), ["x", "Täxt, \"q\"", "007", ""][i % 4], ["true", "false"][i % 2], ["true", "false"][i // 2 % 2],
         ["a", "b"][i % 2], "salt%d" % i, "%032x" % i, ["fail", "remove", "keep"][i % 3]] for i in range(9)]
many = "".join(",".join('"%s"' % c.replace('"', '""') for c in row) + "\n" for row in [columns] + rows)
fields = ("  - {name: a, hash: true}\n  - {name: d, increment-date: true}\n  - {name: c, replace-with: fixed}\n"
          "  - {name: x, remove: true}\n")
variants = {
    "a text": fields + '  - {name: b, replace-with: "{{ T }}"}\n',
    "a text within a list": fields + '  - {name: b, replace-with: [1, "{{ T }}"]}\n',
    "switches": '  - {name: a, remove: "{{ B }}"}\n  - {name: b, hash: "{{ B2 }}"}\n  - {name: b, hash: "{{ B }}"}\n' + fields,
    "a switch and a regex": '  - {regex: "[ab]", remove: "{{ B }}"}\n' + fields,
    "an increment of the section": fields + '  date-increment: "{{ N }}"\n',
    "an increment of an entry": fields + '  - {name: d, increment-date: true, date-increment: "{{ N }}"}\n',
    "the salt": fields.replace("s:", "s:") + '  salt: "{{ S }}"\n',
    "a name": fields + '  - {name: "{{ F }}", replace-with: q}\n',
    "a regex": fields + '  - {regex: "{{ F }}", replace-with: q}\n',
    "on-error": fields + '  - {name: b, increment-date: true, on-error: "{{ E }}"}\n',
    "on-error of the section": fields + '  - {name: b, increment-date: true}\n  on-error: "{{ E }}"\n',
    "digits": fields + '  hash-digits: "{{ N | default(\'1\') }}"\n',
    "inserting": fields + '  - {name: n, replace-with: q, replace-with-insert: "{{ B }}"}\n',
    "regex-sub": fields + '  - {name: b, regex-sub: [{input-regex: "(?P<y>.).*", output: "{{ F }}{y}{a}", groups: [{name: a, hash: true}]}]}\n',
    "a salt above regex-sub": fields + '  - {name: b, regex-sub: [{input-regex: ".*", output: "{a}", groups: [{name: a, hash: true}]}]}\n  salt: "{{ S }}"\n',
    "filenames": fields + '  filenames: [{input-regex: ".*", output: "{{ F }}-{b}.json"}]\n',
    "a salt above filenames": fields + '  salt: "{{ S }}"\n  filenames: [{input-regex: "(?P<x>.*)[.]", output: "{x}.json", groups: [{name: x, hash: true}]}]\n',
    "a setting of the format": fields + '  separator: "{{ F }}"\n',
    "decrypted": '  - {name: b, encrypt: true}\n  - {name: b, decrypt: true}\n  secret-key: "{{ K }}"\n' + fields,
    "a filter": fields + '  file-filter: ["*.{{ F }}", "*.json"]\n',
}
plain = '{"a": "A", "b": "B", "d": "2020-02-20", "x": 1, "z": {"a": [1]}}'
for what, entries in variants.items():
    lists = [line for line in entries.split("\n") if line.startswith("  - ")]
    rest = [line for line in entries.split("\n") if line and not line.startswith("  - ")]
    increment = [] if any(line.startswith("  date-increment") for line in rest) else ["  date-increment: 3"]
    profile = "json:\n" + "\n".join(increment + rest + ["  fields:"] + lists) + "\n"
    names = ["%s/f.json" % row[0] for row in rows if what != "digits" or int(row[1]) >= 0]
    r, out, work = run({n: plain for n in names}, "path:in/([^/]+)/", "-j", "2", table=many, profile=profile)
    alone, statuses = {}, set()
    for n in names:
        one = t.deid("run", "-q", "-p", "p.yaml", "-s", "t.csv", "--subject", n.split("/")[0], "-o", "alone/" + n.split("/")[0],
                     "in/" + n, cwd=work)
        statuses.add(one.status)
    for k, v in (t.tree(work + "/alone") if os.path.isdir(work + "/alone") else {}).items():
        alone[k] = v
    t.ok(out == alone and statuses <= {0, 1} and r.status == max(statuses) and (out or what == "none"), "as if alone: " + what,
         (r, sorted(statuses), out, alone))

t.done()
