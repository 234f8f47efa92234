# SPDX-License-Identifier: MIT
"""filenames: the name of an output by rules, from the input's name and the fields as they are in the end."""
import gzip
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap as t  # noqa: E402

t.needs("csv", "dicom", "json")

DOC = '{"id": "S1", "n": 7, "none": null, "empty": "", "in": {"uid": "1.2.3"}, "list": [1]}'
ROWS = "id,day\nA,2020-02-20\nB,2021-01-01\n"


def setup(profile, files):
    folder = t.scratch()
    t.write(folder + "/p.yaml", profile)
    for name, data in files.items():
        t.write(folder + "/in/" + name, data)
    return folder


def run(profile, files, *args):
    folder = setup(profile, files)
    r = t.deid("run", "-p", "p.yaml", *(args or ("-o", "out")), "in", cwd=folder)
    out = folder + ("/out" if not args or "-o" in args else "/in")
    return r, t.tree(out) if os.path.isdir(out) else {}


def section(rules, fields="[]", kind="json", more=""):
    return "%s:\n  fields: %s\n%s  filenames: %s\n" % (kind, fields, more, rules)


def named(what, rules, want, name="a.json", data=DOC, **more):
    """One input; want: its output's name, or None and what the message says."""
    r, out = run(section(rules, **more), {name: data})
    if isinstance(want, str):
        t.ok(r.status == 0 and list(out) == [want], what, (r, list(out)))
    else:
        t.ok(r.status == 1 and out == {} and all(w in r.err for w in want), what, (r, list(out)))


def wrong(what, rules, message, **more):
    folder = setup(section(rules, **more), {})
    r = t.deid("check", "-p", "p.yaml", cwd=folder)
    t.ok(r.status == 2 and message in r.out, what, r)


# ---- where values come from
field = "[{name: id, replace-with: R9}, {name: in.uid, hash: true}]"
named("a field as it is in the end", "[{input-regex: '.*', output: '{id}_{in.uid}.json'}]",
      "R9_%s.json" % hashlib.sha256(b"1.2.3").hexdigest()[:16], fields=field)
named("a field that an entry makes", "[{input-regex: '.*', output: '{new}.json'}]", "made.json",
      fields="[{name: new, replace-with: made}]")
named("a field within an object that an entry makes", "[{input-regex: '.*', output: '{o.x}.json'}]", "Q.json",
      fields="[{name: o, replace-with: {x: Q}}]")
named("a field of an object that an entry replaced", "[{input-regex: '.*', output: '{in.uid}.json'}]", "Q.json",
      fields="[{name: in.uid, hash: true}, {name: in, replace-with: {uid: Q}}]")
named("a number", "[{input-regex: '.*', output: '{n}.json'}]", "7.json")
named("a capture goes before a field", "[{input-regex: '(?P<id>.).*', output: '{id}.json'}]", "a.json")
named("the first rule that matches", "[{input-regex: 'b', output: 'b'}, {input-regex: 'a', output: 'x.json'}, "
      "{input-regex: 'a', output: 'y'}]", "x.json")
named("groups of a field", "[{input-regex: '.*', output: '{id}.json', groups: [{name: id, hash: true, hash-digits: 4}]}]",
      "%s.json" % hashlib.sha256(b"S1").hexdigest()[:4])
for line, want in (("[]", "A_2020-02-20.csv"), ("[{name: id, replace-with: X}]", "X_2020-02-20.csv")):
    named("csv: the first row, %s" % line, "[{input-regex: '.*', output: '{id}_{day}.csv'}]", want, "a.csv", ROWS,
          kind="csv", fields=line)
named("csv: a removed column", "[{input-regex: '.*', output: '{id}.csv'}]", ("id", "missing or empty"), "a.csv", ROWS,
      kind="csv", fields="[{name: id, remove: true}]")
named("csv: an empty cell in the first row", "[{input-regex: '.*', output: '{id}.csv'}]", ("missing or empty",),
      "a.csv", "id,x\n,1\nB,2\n", kind="csv")
named("csv: no row", "[{input-regex: '.*', output: '{id}.csv'}]", ("missing or empty",), "a.csv", "id,x\n", kind="csv")
named("kv", "[{input-regex: '.*', output: '{id}.mhd'}]", "Z.mhd", "a.mhd", "id = 1\nid = 2\n",
      kind="key-value-text-file", more="  delimiter: ' = '\n", fields="[{name: id, replace-with: Z}]")
named("jsonl: the first document", "[{input-regex: '.*', output: '{id}.jsonl'}]", "S1.jsonl", "a.jsonl",
      DOC + "\n" + DOC.replace("S1", "S2") + "\n")
named("gzip: the name without .gz, and .gz behind the result", "[{input-regex: '(?P<x>.*)$', output: '{x}'}]", "a.json.gz",
      "a.json.gz", gzip.compress(DOC.encode()))

# ---- no value, no output
for name in ("gone", "none", "empty", "in.gone"):
    named("no value: %s" % name, "[{input-regex: '.*', output: '{%s}.json'}]" % name, (name, "missing or empty"))
named("a removed field", "[{input-regex: '.*', output: '{id}.json'}]", ("id", "missing or empty"),
      fields="[{name: id, remove: true}]")
named("a list", "[{input-regex: '.*', output: '{list}.json'}]", ("list",))
named("a group that took no part", "[{input-regex: '(?P<x>b)?', output: '{x}.json'}]", ("x", "missing or empty"))
named("a group that yields nothing", "[{input-regex: '(?P<x>.*)', output: '{x}', groups: [{name: x, remove: true}]}]",
      ("x", "missing or empty"))
named("a group that fails", "[{input-regex: '(?P<x>.*)', output: '{x}', groups: [{name: x, increment-date: true}]}]",
      ("x", "no date"), more="  date-increment: 1\n")
named("no rule matches", "[{input-regex: 'b', output: 'x'}]", ("no \"input-regex\"",))
r, out = run(section("[{input-regex: '.*', output: '{id}.json'}]"), {"a.json": '{"id": "SECRET/../x"}', "b.json": "{}"})
t.ok(r.status == 1 and list(out) == ["SECRET_.._x.json"] and "SECRET" not in r.err, "names are made safe, messages hold none",
     (r, out))
named("what a format cannot take is not in the name", "[{input-regex: '.*', output: '{id}.csv'}]", "Ä.csv", "a.csv",
      "id\nÄ\n".encode("latin-1"), kind="csv", more="  encoding: latin-1\n",
      fields="[{name: id, replace-with: \"Ω\", on-error: keep}]")

# ---- dates
dates = "[{input-regex: '(?P<d>.*)[.]json', output: '{d}.json', groups: [{name: d, increment-date: true}]}]"
times = dates.replace("increment-date", "increment-datetime")
for given, want in (("2020-02-28", "2020-02-29"), ("20200228", "2020-02-29"), ("28 Feb 2020", "2020-02-29"),
                    ("Feb 28 2020", "2020-02-29"), ("February 28, 2020", "2020-02-29"), ("28_FEB_2020", "2020-02-29")):
    named("a date as %s" % given, dates, want + ".json", given + ".json", more="  date-increment: 1\n")
for given, want in (("2020-02-28 23:59:58", "2020-02-29 23_59_58"), ("20200228T2359", "2020-02-29 23_59_00"),
                    ("20200228235958", "2020-02-29 23_59_58"), ("28 Feb 2020 10:30", "2020-02-29 10_30_00"),
                    ("2020-02-28", "2020-02-29 00_00_00")):
    named("a time as %s" % given, times, want + ".json", given + ".json", more="  date-increment: 1\n")
for given in ("2020-02-30", "2020-2-28", "31 Feb 2020", "28 Fex 2020", "2020-02-281030", "2020-02-28 25:00", "20200228 1",
              "28-02-2020"):
    named("no date: %s" % given, dates, ("d", "no date"), given + ".json", more="  date-increment: 1\n")
r, out = run("json:\n  date-increment: 1\n  fields: [{name: d, increment-date: true}]\n", {"a.json": '{"d": "20200228"}'})
t.ok(r.status == 1 and out == {}, "the usual forms are for names only", (r, out))

# ---- profile errors
wrong("a group with the name of a field", "[{input-regex: '(?P<PatientID>.*)', output: '{PatientID}'}]",
      "has the name of a field", kind="dicom")
wrong("an unknown field", "[{input-regex: '.*', output: '{PatientIdd}'}]", "did you mean 'PatientID'", kind="dicom")
folder = setup(section("[{input-regex: '(?P<patientid>.*)', output: '{patientid}'}]", kind="dicom"), {})
t.is_(t.deid("check", "-p", "p.yaml", cwd=folder).status, 0, "in other letters it is the group")
for what, rules, message in (
        ("a brace", "[{input-regex: a, output: 'x{'}]", "belongs to no variable"),
        ("a number", "[{input-regex: (a), output: '{1}'}]", "stand for nothing"),
        ("no output", "[{input-regex: a}]", 'needs "output"'), ("no expression", "[{output: a}]", 'needs "input-regex"'),
        ("an empty output", "[{input-regex: a, output: ''}]", "is empty"),
        ("an expression that is none", "[{input-regex: '(', output: a}]", "no regular expression"),
        ("no list", "{input-regex: a, output: a}", "takes a list of mappings"),
        ("an unknown key", "[{input-regex: a, output: a, group: []}]", "unknown key"),
        ("a group by regex", "[{input-regex: a, output: a, groups: [{regex: a, hash: true}]}]", 'no "regex"'),
        ("a date group without an increment", "[{input-regex: '(?P<d>a)', output: '{d}', groups: [{name: d, increment-date: true}]}]",
         "date-increment")):
    wrong("profile error: " + what, rules, message)

# ---- variables of the profile are text there
folder = setup("json:\n  filenames: [{input-regex: '{{ V }}(?P<x>.*)', output: '{{ V }}-{x}'}]\n", {"a.b{id}.json": DOC, "aXb{id}.json": DOC})
r = t.deid("run", "-p", "p.yaml", "--var", "V=a.b{id}", "-o", "out", "in", cwd=folder)
t.ok(r.status == 1 and list(t.tree(folder + "/out")) == ["a.b{id}-.json"], "a variable's braces and dots mean nothing", r)

# ---- in place
rename = section("[{input-regex: '(?P<x>.)', output: '{id}.json'}]", "[{name: id, hash: true}]")
new = "%s.json" % hashlib.sha256(b"S1").hexdigest()[:16]
r, out = run(rename, {"a.json": DOC}, "--in-place")
t.ok(r.status == 0 and list(out) == [new], "in place under another name: the input is gone", (r, list(out)))
r, out = run(rename, {"a.json": DOC}, "--in-place", "--keep-original")
t.ok(r.status == 0 and sorted(out) == sorted([new, new + ".orig"]) and out[new + ".orig"] == DOC.encode(),
     "or kept beside the new one", (r, list(out)))
r, out = run(rename, {"a.json": DOC, "b.json": DOC}, "--in-place")
t.ok(r.status == 1 and sorted(out) == sorted([new, "b.json"]) and out["b.json"] == DOC.encode() and "is taken" in r.err,
     "of two with one name the later fails and stays", (r, list(out)))
r, out = run(rename, {"a.json": DOC, new: "{}"}, "--in-place")
t.ok(r.status == 1 and out.get(new) == b"{}" and out.get("a.json") == DOC.encode(), "nothing is replaced", (r, out))
r, out = run(section("[{input-regex: '(?P<x>a)', output: 'b.json'}, {input-regex: 'c', output: 'a.json'}]"),
             {"a.json": DOC, "c.json": DOC}, "--in-place")
t.ok(r.status == 1 and sorted(out) == ["b.json", "c.json"], "a name that an input had is not used in the same run", (r, out))
r, out = run(section("[{input-regex: '(?P<x>.*)', output: '{x}'}]", "[{name: id, replace-with: N}]"), {"a.json": DOC},
             "--in-place")
t.ok(r.status == 0 and list(out) == ["a.json"] and b'"N"' in out["a.json"], "the same name again", (r, out))
folder = setup(rename, {"a.json": DOC})
t.write(folder + "/out/" + new, "old")
for how, status, want in (("fail", 1, b"old"), ("skip", 0, b"old"), ("overwrite", 0, None)):
    r = t.deid("run", "-p", "p.yaml", "-o", "out", "--on-conflict", how, "in", cwd=folder)
    got = t.read(folder + "/out/" + new)
    t.ok(r.status == status and (got == want if want else b"list" in got), "--on-conflict " + how, (r, got))
for j in ("1", "4"):
    files = {"%02d.json" % i: '{"id": "same"}' for i in range(20)}
    r, out = run(section("[{input-regex: '.*', output: '{id}.json'}]"), files, "-o", "out", "-j", j, "--report", "r")
    t.ok(r.status == 1 and list(out) == ["same.json"] and r.err.count("input in/00.json has it") == 19, "-j " + j, r)

t.done()
