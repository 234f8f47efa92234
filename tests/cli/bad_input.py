# SPDX-License-Identifier: MIT
"""Bad input: a clear message, the right status, inputs untouched, nothing below the output that is not whole,
and no value of a field anywhere."""
import os
import random

import lines as t
from lines import tap

good_in, good_out = t.text("good")
random.seed(7)


def check(what, files, want_out, reasons, status=1, args=(), profile=t.PROFILE, operands=("in",), before=None, **more):
    path = t.work(files, profile)
    for name, content in (before or {}).items():
        tap.write(os.path.join(path, name), content)
    first = tap.tree(path + "/in")
    r = t.run(path, "-o", "out", *args, *operands, **more)
    rows, last = t.report(path)
    failed = {row["input"]: row for row in rows if row["status"] == "failed"}
    good = (r.status == status and t.out(path) == want_out and tap.tree(path + "/in") == first and
            t.silent(r, path) and set(failed) == set(reasons))
    for name, (code, reason) in reasons.items():
        row = failed.get(name, {})
        good = good and row.get("code") == code and reason in (row.get("reason") or "") and row["output"] is None
        good = good and "deid: %s: " % name in r.err
    tap.ok(good, what, "%r\n%r\n%r" % (r, rows, t.out(path)))
    return path, rows, last


check("a line that is none", {"a.lines": "id=1\n" + t.TOKEN + "\n", "b.lines": good_in}, {"b.lines": good_out},
      {"in/a.lines": ("format", "at byte 5")})
check("a cut file", {"a.pairs": "id=1\nname=" + t.TOKEN, "b.pairs": good_in}, {"b.pairs": good_out},
      {"in/a.pairs": ("truncated", "at byte 5")})
check("all fail: no output folder stays", {"x/y/a.lines": "id=1", "x/b.pairs": "id"}, {},
      {"in/x/y/a.lines": ("truncated", ""), "in/x/b.pairs": ("truncated", "")})
check("a named input that is not there", {"a.lines": good_in}, {"a.lines": good_out},
      {"in/none": ("io", "No such file")}, operands=("in/none", "in/a.lines"))
check("a named input that nobody claims", {"n.txt": t.TOKEN}, {}, {"in/n.txt": ("unmatched", "no section")},
      operands=("in/n.txt",))
check("a compressed input that is none", {"n.lines.gz": t.TOKEN}, {}, {"in/n.lines.gz": ("format", "not gzip data")},
      operands=("in/n.lines.gz",))
check("a pipe as input", {"a.lines": good_in}, {"a.lines": good_out}, {"/dev/null": ("io", "device")},
      operands=("/dev/null", "in"))
check("two inputs of one output name", {"p/a.lines": good_in, "q/a.lines": good_in}, {"a.lines": good_out},
      {"in/q/a.lines": ("conflict", "input in/p/a.lines has it")}, args=("--folders", "flat"))
check("and also with skip", {"p/a.lines": good_in, "q/a.lines": good_in}, {"a.lines": good_out},
      {"in/q/a.lines": ("conflict", "input in/p/a.lines has it")}, args=("--folders", "flat", "--on-conflict", "skip"))
check("and also with overwrite", {"p/a.lines": good_in, "q/a.lines": good_in}, {"a.lines": good_out},
      {"in/q/a.lines": ("conflict", "input in/p/a.lines has it")},
      args=("--folders", "flat", "--on-conflict", "overwrite"))
check("one name by content", {"a.pairs": "uid=1\n", "b.pairs": "uid=1\nx=2\n"}, {"1": "uid=1\n"},
      {"in/b.pairs": ("conflict", "input in/a.pairs has it")})
check("two folders that are one when they are made safe", {"a:b/f.lines": good_in, "a_b/f.lines": good_in},
      {"a_b/f.lines": good_out}, {"in/a_b/f.lines": ("conflict", "in/a:b/f.lines has it")})
check("an output that is there", {"a.lines": good_in}, {"a.lines": "old"}, {"in/a.lines": ("conflict", "exists already")},
      before={"out/a.lines": "old"})
check("with overwrite it goes", {"a.lines": good_in}, {"a.lines": good_out}, {}, 0, ("--on-conflict", "overwrite"),
      before={"out/a.lines": "old"})
for name in ("a.lines", "a.pairs"):
    path, rows, last = check("with skip it stays: " + name, {name: good_in}, {name: "old"}, {}, 0,
                             ("--on-conflict", "skip"), before={"out/" + name: "old"})
    tap.ok(rows[0]["status"] == "skipped" and "exists" in rows[0]["reason"] and last["skipped"] == 1, "and is counted", rows)
check("a folder of the output that is a file", {"s/a.lines": good_in, "b.lines": good_in},
      {"s": "file", "b.lines": good_out}, {"in/s/a.lines": ("conflict", "is not a folder")}, before={"out/s": "file"})
check("an output name that is a folder", {"a.lines": good_in}, {"a.lines/x": "file"}, {"in/a.lines": ("io", "")},
      args=("--on-conflict", "overwrite"), before={"out/a.lines/x": "file"})

noise = {"%02d%s" % (i, ext): random.randbytes(random.randint(0, 3000))
         for i in range(60) for ext in (("", ".lines", ".pairs", ".txt")[i % 4],)}
path = t.work(noise)
r = t.run(path, "-o", "out", "in")
rows, last = t.report(path)
tap.ok(r.status == 1 and last["inputs"] == 60 and last["failed"] + last["skipped"] + last["deidentified"] == 60 and
       last["deidentified"] <= 2 and len(t.out(path)) == last["deidentified"], "a folder of random bytes", last)

# A named input may not go under the output of another.
path = t.work({"a.pairs": "uid=b.pairs\nname=x\n", "b.pairs": "uid=c\n"})
r = t.run(path, "-o", "in", "--on-conflict", "overwrite", "in/a.pairs", "in/b.pairs")
rows, _ = t.report(path)
tap.ok(r.status == 1 and rows[0]["code"] == "conflict" and "would replace an input" in rows[0]["reason"] and
       tap.read(path + "/in/b.pairs") == b"uid=c\n", "an output never replaces an input of the run", "%r\n%r" % (r, rows))

# No space: a limit on the size of files, as a full disk would have it.
big_in, big_out = t.text("big", 3000000)
path = t.work({"a.lines": good_in, "big.lines": big_in, "big.pairs": big_in, "z.lines": good_in})
wrap = ["sh", "-c", 'ulimit -f 1024; exec "$@"', "sh"]
for jobs in ("1", "4"):
    r = t.run(path, "-o", "out" + jobs, "-j", jobs, "in", wrap=wrap)
    rows, last = t.report(path)
    tap.ok(r.status == 1 and last["failed"] == 2 and t.out(path, "out" + jobs) == {"a.lines": good_out, "z.lines": good_out} and
           all(row["code"] == "io" for row in rows if row["status"] == "failed"),
           "a file that does not fit fails, the others do not (-j%s)" % jobs, "%r\n%r" % (r, rows))
r = t.run(path, "-i", "-j", "2", "in", wrap=wrap)
tap.ok(r.status == 1 and tap.read(path + "/in/big.lines") == big_in.encode() and
       tap.read(path + "/in/a.lines") == good_out.encode() and
       sorted(os.listdir(path + "/in")) == ["a.lines", "big.lines", "big.pairs", "z.lines"],
       "in place what does not fit stays as it was", r)
r = t.run(path, "-o", "out5", "in/big.lines", wrap=["sh", "-c", 'ulimit -n 12; exec "$@"', "sh"])
tap.ok(r.status == 0 and t.out(path, "out5") == {"big.lines": big_out}, "few file descriptors are enough for one file", r)
many = {"%03d.lines" % i: t.text(str(i))[0] for i in range(300)}
path = t.work(many)
r = t.run(path, "-o", "out", "-j", "4", "in", wrap=["sh", "-c", 'ulimit -n 40; exec "$@"', "sh"])
tap.ok(r.status == 0 and t.out(path) == {k: t.text(k[:3].lstrip("0") or "0")[1] for k in many},
       "few file descriptors are enough for many files", r)

# A report never takes the place of something else.
path = t.work({"a.lines": good_in, "b.lines": good_in})
for name, args in (("in/a.lines", ["-o", "out", "in"]), ("in/a.lines", ["-o", "out", "in/b.lines"]), ("in/a.lines", ["-i", "in"]), ("p.yaml", ["-o", "out", "in"])):
    first = tap.tree(path)
    r = t.deid(path, "run", "-p", "p.yaml", "--report", name, *args)
    tap.ok(r.status == 2 and "is no report" in r.err and tap.tree(path) == first, "--report %s %s" % (name, " ".join(args)), r)
for again in (1, 2):
    r = t.deid(path, "run", "-p", "p.yaml", "--report", "in/r.jsonl", "-o", "out%d" % again, "in")
    tap.ok(r.status == 0 and t.out(path, "out%d" % again) == {"a.lines": good_out, "b.lines": good_out}, "a report of an earlier run is replaced", r)

# An output folder that may not be written.
if os.geteuid() != 0:
    path = t.work({"a.lines": good_in})
    os.mkdir(path + "/out", 0o555)
    r = t.run(path, "-o", "out", "in")
    tap.ok(r.status == 2 and "cannot write to the output folder" in r.err, "a read-only output folder", r)
    os.chmod(path + "/in/a.lines", 0)
    r = t.run(path, "-o", "out2", "in")
    tap.ok(r.status == 1 and "Permission denied" in r.err, "an input that may not be read", r)
    os.chmod(path + "/in", 0)
    r = t.run(path, "-o", "out3", "in")
    os.chmod(path + "/in", 0o755)
    tap.ok(r.status == 1 and "Permission denied" in r.err, "a folder that may not be read", r)
else:
    tap.skip("read-only output folder, unreadable inputs", "root may do everything")


tap.done()
