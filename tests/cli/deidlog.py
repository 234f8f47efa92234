# SPDX-License-Identifier: MIT
"""The deid-log: values before and after, for whoever may see them."""
import csv
import glob
import json
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap as t  # noqa: E402

PROFILE = """json:
  date-increment: 1
  fields:
  - {name: id, replace-with: N}
  - {name: d, increment-date: true}
  - {name: gone, remove: true}
  - {name: kept}
  - {name: "l.*", replace-with: q}
  - {regex: "z.*", remove: true}
  - {name: new, replace-with: =1+1}
csv:
  fields: [{name: id, replace-with: C}, {regex: "x.*", replace-with: X}]
"""
DOC = '{"id":"%s","d":"2020-02-20","gone":"g,1","kept":"k\\"q\\nr","l":[1,true],"zz":"v","z":{"y":"w"}}'


def run(files, *args, profile=PROFILE, out=("-o", "out"), log="log.csv", setup=None):
    work = t.scratch()
    t.write(work + "/p.yaml", profile)
    for name, data in files.items():
        t.write(work + "/in/" + name, data)
    if setup:
        setup(work)
    r = t.deid("run", "-q", "-p", "p.yaml", *out, *(("--deid-log", log) if log else ()), *args, "in", cwd=work)
    return r, work


def rows(work, name="log.csv"):
    with open(work + "/" + name, encoding="utf-8", newline="") as f:
        return list(csv.reader(f))


r, work = run({"a.json": DOC % "=A1", "b.csv": "id,x1,x2\n-5,u,v\nB,w,w\n", "c.txt": "x"})
got = rows(work)
t.is_(r.status, 0, "a run with a log")
t.is_(got[0], ["path", "type", "id", "d", "gone", "kept", "l.*", "z.*", "new", "x.*"], "the columns: all entries, each name once")
t.is_(got[1], ["in/a.json", "before", "'=A1", "2020-02-20", "g,1", 'k"q\nr', '{"l.0": "1", "l.1": "true"}',
               '{"zz": "v", "z": null}', "", ""], "before")
t.is_(got[2], ["in/a.json", "after", "N", "2020-02-21", "", 'k"q\nr', '{"l.0": "q", "l.1": "q"}', "{}", "'=1+1", ""], "after")
t.is_(got[3:], [["in/b.csv", "before", "-5"] + [""] * 6 + ['{"x1": "u", "x2": "v"}'],
                ["in/b.csv", "after", "C"] + [""] * 6 + ['{"x1": "X", "x2": "X"}']], "a table: its first row; no formula, but numbers stay")
t.is_(stat.S_IMODE(os.stat(work + "/log.csv").st_mode), 0o600, "nobody else reads it")
t.is_(sorted(os.listdir(work + "/out")), ["a.json", "b.csv"], "the outputs are as without it")
plain, bare = run({"a.json": DOC % "=A1", "b.csv": "id,x1,x2\n-5,u,v\nB,w,w\n"}, log=None)
t.is_(t.tree(work + "/out"), t.tree(bare + "/out"), "… to the byte")

files = {"%02d.json" % i: DOC % i for i in range(40)}
files["07.json"] = "broken"
one, four = run(files, "-j", "1"), run(files, "-j", "4")
t.ok(one[0].status == 1 and t.read(one[1] + "/log.csv") == t.read(four[1] + "/log.csv"), "in the order of inputs with any -j", one[0])
t.is_([x[0] for x in rows(one[1])[1::2]], ["in/%02d.json" % i for i in range(40) if i != 7], "what failed is not in it")
r, work = run({"a.json": DOC % 1}, log=None, profile="deid-log: l.csv\n" + PROFILE)
t.is_(len(rows(work, "l.csv")), 3, "the profile's key")
r, work = run({"a.json": DOC % 1}, log="m.csv", profile="deid-log: l.csv\n" + PROFILE)
t.ok(os.path.exists(work + "/m.csv") and not os.path.exists(work + "/l.csv"), "the option goes before it", r)
r, work = run({"a.json": DOC % 1}, out=("--in-place",), log="in/log.csv")
r2 = t.deid("run", "-q", "-p", "p.yaml", "--in-place", "--deid-log", "in/log.csv", "in", cwd=work)
t.ok(r.status == 0 and r2.status == 0 and len(rows(work, "in/log.csv")) == 3, "the log of an earlier run is no input, and is replaced", (r, r2))


def refused(what, says, **more):
    r, work = run({"a.json": DOC % 1}, **more)
    t.ok(r.status == 2 and says in r.err and not os.path.exists(work + "/out/a.json"), what, r)
    return work


refused("in the output folder", "output folder", log="out/log.csv", setup=lambda w: os.mkdir(w + "/out"))
refused("below it, by another way", "output folder", log="link/log.csv",
        setup=lambda w: (os.makedirs(w + "/out/x"), os.symlink("out/x", w + "/link")))
refused("in a folder that is not there", "cannot be opened", log="out/log.csv")
work = refused("over something else", "no deid-log of an earlier run", setup=lambda w: t.write(w + "/log.csv", "mine\n"))
t.is_(t.read(work + "/log.csv"), b"mine\n", "which stays")
refused("through a link", "cannot write", setup=lambda w: os.symlink("elsewhere", w + "/log.csv"))
r = t.deid("plan", "-p", "p.yaml", "--deid-log", "l", "in", cwd=work)
t.ok(r.status == 2 and "no --deid-log" in r.err, "plan writes none", r)
r = t.deid("run", "-q", "-p", "p.yaml", "-o", "out2", "--deid-log", "/dev/full", "in", cwd=work)
t.ok(r.status == 2, "no file at all", r)

samples = [p for p in glob.glob("/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm")]
if samples:
    data = t.read(samples[0])
    dicom = ("dicom:\n  remove-undefined: true\n  filenames: [{input-regex: '(?P<x>.*)', output: '{x}'}]\n  fields:\n"
             "  - {name: PatientID, replace-with: P}\n  - {name: Rows}\n")
    r, work = run({"a.dcm": data}, profile=dicom)
    plain, bare = run({"a.dcm": data}, profile=dicom, log=None)
    got = dict(zip(*[rows(work)[i] for i in (0, 1)])), dict(zip(*[rows(work)[i] for i in (0, 2)]))
    t.ok(r.status == 0 and t.tree(work + "/out") == t.tree(bare + "/out"), "dicom: the log names no element", r)
    t.ok(list(got[0])[2:5] == ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"] and
         got[0]["StudyInstanceUID"].startswith("1.") and got[1]["StudyInstanceUID"] == "" and
         (got[0]["PatientID"], got[1]["PatientID"]) == ("1CT1", "P") and got[0]["Rows"] == got[1]["Rows"] == "128",
         "dicom: what identifies a record, and entries", got)
else:
    t.skip("dicom", "no samples (python3-pydicom)")
t.is_(json.loads(rows(one[1])[1][6]), {"l.0": "1", "l.1": "true"}, "cells of wildcards are JSON")
t.done()
