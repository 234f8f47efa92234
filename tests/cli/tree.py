# SPDX-License-Identifier: MIT
"""What a folder as input means: its tree, its links and special files, what is left out, and names."""
import hashlib
import os
import socket

import lines as t
from lines import tap

a_in, a_out = t.text("a")
b_in, b_out = t.text("b")


def ran(what, path, want, *args, status=0, counts=None, name="out"):
    r = t.run(path, *args, "-o", name)
    rows, last = t.report(path)
    got = t.out(path, name)
    good = r.status == status and got == want and t.silent(r, path)
    total = sum(last[k] for k in ("deidentified", "skipped", "copied", "failed"))
    good = good and last["inputs"] == total == len(rows)
    if counts:
        good = good and {k: last[k] for k in counts} == counts
    tap.ok(good, what, "%r\n%r\n%r\n%r" % (r, rows, last, got))
    return r, rows, last


# The tree, in a fixed order.
files = {"b.lines": b_in, "a/z.lines": a_in, "a.lines": a_in, "a-b/c.lines": b_in, "a/y/x.lines": a_in, ".hidden.lines": a_in}
path = t.work(files)
r, rows, last = ran("the content of a folder lands below the output folder", path,
                    {k: t.text("a")[1] if v == a_in else b_out for k, v in files.items()}, "in")
tap.is_([row["input"] for row in rows],
        ["in/.hidden.lines", "in/a/y/x.lines", "in/a/z.lines", "in/a-b/c.lines", "in/a.lines", "in/b.lines"],
        "inputs come in the order of their names, a folder's content together")
tap.is_([row["output"] for row in rows][:2], ["out/.hidden.lines", "out/a/y/x.lines"], "the report has their outputs")
ran("a slash at the end changes nothing", path, {k: a_out if v == a_in else b_out for k, v in files.items()}, "in/",
    name="o2")
ran("a folder below", path, {"z.lines": a_out, "y/x.lines": a_out}, "in/a", name="o3")
ran("a named file has no folders", path, {"x.lines": a_out}, "in/a/y/x.lines", name="o4")
ran("a new output folder with those above it", path, {"b.lines": b_out}, "in/b.lines", name="o5/p/q")

# Names of folders.
path = t.work({"Doe/x/a.lines": a_in, "b.lines": b_in})
digest = lambda s: hashlib.sha256(("s" + s).encode()).hexdigest()[:16]  # noqa: E731
ran("--folders hash", path, {"%s/%s/a.lines" % (digest("Doe"), digest("x")): a_out, "b.lines": b_out}, "--folders",
    "hash", "in")
r, rows, last = ran("--folders flat", path, {"a.lines": a_out, "b.lines": b_out}, "--folders", "flat", "in", name="o2")
tap.ok("were kept" not in r.err, "nothing to note", r)
r, rows, last = ran("--folders keep", path, {"Doe/x/a.lines": a_out, "b.lines": b_out}, "in", name="o3")
tap.ok("note: 1 output is below folders whose names were kept" in r.err and "Doe" not in r.err, "the summary notes kept names of folders", r)
r, rows, last = ran("--folders keep", path, {"b.lines": b_out}, "in/b.lines", name="o4")
tap.ok("were kept" not in r.err, "where there are some", r)
path = t.work({"a:b/c?.lines": a_in, "con/x.lines": b_in, "t2*/q|r.lines": b_in, "\x01.lines": a_in, "d. /y.lines": a_in})
ran("names are made safe", path, {"a_b/c_.lines": a_out, "con_/x.lines": b_out, "t2star/q_r.lines": b_out,
                                  "_.lines": a_out, "d/y.lines": a_out}, "in")
path = t.work({"a.pairs": "uid=../../evil\n", "b.pairs": "uid=..\n", "c.pairs": "uid=/etc/x\n"})
r, rows, last = ran("a name from the content cannot lead out of the output folder", path,
                    {".._.._evil": "uid=../../evil\n", "_": "uid=..\n", "_etc_x": "uid=/etc/x\n"}, "in")
tap.ok(all(os.path.dirname(row["output"]) == "out" for row in rows) and not os.path.exists(path + "/evil"), "and does not", rows)
raw = os.fsencode(t.work()) + b"/in/\xff\xfe.lines"
with open(raw, "w", encoding="utf-8") as f:
    f.write(a_in)
path = os.fsdecode(os.path.dirname(os.path.dirname(raw)))
ran("a name that is no UTF-8", path, {"__.lines": a_out}, "in")
path = t.work({"new\nline\x1b[31m.lines": "broken"})
r, rows, last = ran("a name with a line end", path, {}, "in", status=1)
tap.ok("\x1b" not in r.err and "in/new?line?[31m.lines: " in r.err, "cannot forge a line or colour a terminal", r)
tap.is_(rows[0]["input"], "in/new\nline\x1b[31m.lines", "and is whole in the report")

# Links and special files.
path = t.work({"a.lines": a_in, "sub/b.lines": b_in})
tap.write(path + "/secret/c.lines", a_in)
os.symlink("a.lines", path + "/in/link.lines")
os.symlink("../secret", path + "/in/dirlink")
os.symlink("nowhere", path + "/in/broken.lines")
os.mkfifo(path + "/in/pipe.lines")
s = socket.socket(socket.AF_UNIX)
try:
    here = os.getcwd()
    os.chdir(path + "/in")
    s.bind("sock.lines")
    os.chdir(here)
    more = 1
except OSError:
    more = 0
r, rows, last = ran("links and special files below a folder are skipped", path, {"a.lines": a_out, "sub/b.lines": b_out},
                    "in", counts={"deidentified": 2, "skipped": 4 + more, "failed": 0})
why = {row["input"]: row["reason"] for row in rows}
tap.ok("link" in why["in/link.lines"] and "link" in why["in/dirlink"] and "link" in why["in/broken.lines"] and
       "pipe" in why["in/pipe.lines"], "each with its reason", why)
ran("a link that is named is followed", path, {"link.lines": a_out}, "in/link.lines", name="o2")
ran("also one to a folder", path, {"c.lines": a_out}, "in/dirlink", name="o3")
os.mkdir(path + "/o4")
os.symlink("../secret", path + "/o4/sub")
ran("an output goes through no link", path, {"a.lines": a_out}, "in", status=1, name="o4",
    counts={"failed": 1})
tap.is_(tap.tree(path + "/secret"), {"c.lines": a_in.encode()}, "nothing was written behind it")
os.mkdir(path + "/o5")
os.symlink("../secret/c.lines", path + "/o5/a.lines")
ran("nor over one", path, {"a.lines": a_in, "sub/b.lines": b_out}, "in", status=1, name="o5", counts={"failed": 1})
ran("with overwrite the link goes, not what it leads to", path, {"a.lines": a_out, "sub/b.lines": b_out},
    "--on-conflict", "overwrite", "in", name="o5")
tap.is_(tap.tree(path + "/secret"), {"c.lines": a_in.encode()}, "which is as it was")

# What is left out, and what is done once.
path = t.work({"a.lines": a_in, "s/b.lines": b_in, "h.lines": a_in})
os.link(path + "/in/h.lines", path + "/in/hard.lines")
tap.write(path + "/in/out/old.lines", a_in)
tap.write(path + "/in/.deid-tmp-0123456789abcdef", a_in)
r, rows, last = ran("the output folder, the report and temporary files are left out", path,
                    {"a.lines": a_out, "s/b.lines": b_out, "h.lines": a_out, "hard.lines": a_out, "old.lines": a_in},
                    "in", name="in/out", counts={"deidentified": 4, "skipped": 0})
os.rename(path + "/r", path + "/in/r.lines")
r = t.deid(path, "run", "-p", "p.yaml", "-o", "o2", "--report", "in/r.lines", "in/s", "in", "in/s/b.lines", "in/a.lines",
           "in/../in/a.lines", path + "/in")
rows, last = t.report(path + "/in", "r.lines")
names = [row["input"] for row in rows]
tap.ok(len(names) == len(set(names)) and names[0] == "in/s/b.lines" and "in/a.lines" in names and "in/r.lines" not in names and
       not [n for n in names if n.startswith(path)], "an input that is reached twice is done once", names)

# Unmatched files.
files = {"a.lines": a_in, "n.txt": "plain", "s/m.txt": "more"}
path = t.work(files)
r, rows, last = ran("unmatched below a folder: skipped", path, {"a.lines": a_out}, "in", counts={"skipped": 2})
tap.ok(all(row["code"] == "unmatched" and row["reason"] for row in rows if row["status"] == "skipped"), "with the reason", rows)
ran("--unmatched fail", path, {"a.lines": a_out}, "--unmatched", "fail", "in", status=1, counts={"failed": 2}, name="o2")
r, rows, last = ran("--unmatched copy", path, {"a.lines": a_out, "n.txt": "plain", "s/m.txt": "more"}, "--unmatched", "copy",
                    "in", counts={"copied": 2}, name="o3")
tap.ok("nobody looked inside" in r.err and "2 copied" in r.err, "and warns", r)
ran("--unmatched skip of a named file", path, {}, "--unmatched", "skip", "in/n.txt", counts={"skipped": 1}, name="o4")
r, rows, last = ran("nothing de-identified", path, {}, "in/s", counts={"skipped": 1}, name="o5")
tap.ok("no input was de-identified" in r.err, "is said plainly", r)

# Which section: by name, by content mark, in the order of the document.
path = t.work({"x.bin": "#lines\nname=1\n", "y.pairs": "#lines\nname=1\nz=2\n"})
r, rows, last = ran("a content mark claims a file of another name", path, {"x.bin": "#lines\n", "y.pairs": "#lines\nz=2\n"}, "in")
tap.is_([row["format"] for row in rows], ["lines", "pairs"], "the name goes before the content")
path = t.work({"a.x": "#lines\nname=1\n"}, "pairs:\n  file-filter: '*.x'\nlines:\n  file-filter: ['*.y', '*.x']\n")
ran("of two that claim the name the one whose mark is there", path, {"a.x": "#lines\nname=1\n"}, "in")
tap.is_(t.report(path)[0][0]["format"], "lines", "lines")
path = t.work({"a.x": "name=1\n"}, "pairs:\n  file-filter: '*.x'\nlines:\n  file-filter: '*.x'\n")
ran("else the first in the document", path, {"a.x": "name=1\n"}, "in")
tap.is_(t.report(path)[0][0]["format"], "pairs", "pairs")
path = t.work({"a.x": "#lines\nbroken\n"}, "pairs:\n  file-filter: '*.x'\nlines:\n")
r, rows, last = ran("a file of another kind than its name says fails", path, {}, "in", status=1)
tap.ok("looks like lines" in rows[0]["reason"], "and the reason names what was seen", rows)

# Lists.
path = t.work({"a.lines": a_in, "b b.lines": b_in, "sub/c.lines": a_in})
tap.write(path + "/list", "in/a.lines\n\nin/b b.lines\nin/sub")
ran("--files-from", path, {"a.lines": a_out, "b b.lines": b_out, "c.lines": a_out}, "--files-from", "list")
tap.write(path + "/list0", "in/a.lines\0in/b b.lines\0")
ran("--files-from -0", path, {"a.lines": a_out, "b b.lines": b_out}, "-0", "--files-from", "list0", name="o2")
r = t.run(path, "-o", "o3", "--files-from", "-", stdin=b"in/a.lines\n")
tap.ok(r.status == 0 and t.out(path, "o3") == {"a.lines": a_out}, "--files-from -", r)
r = t.run(path, "-o", "o4", "--files-from", "list0")
tap.ok(r.status == 2 and "see -0" in r.err and not os.path.exists(path + "/o4"), "a list of the other kind", r)
r = t.run(path, "-o", "o5", "--files-from", "/dev/null")
tap.ok(r.status == 0 and "0 inputs" in r.err and "no input was de-identified" in r.err, "an empty list", r)

# Modes and times.
path = t.work({"a.lines": a_in})
os.chmod(path + "/in/a.lines", 0o640)
os.utime(path + "/in/a.lines", (1e9, 1e9))
r = t.run(path, "-o", "out", "in", wrap=["sh", "-c", 'umask 027; exec "$@"', "sh"])
st = os.stat(path + "/out/a.lines")
tap.ok(st.st_mode & 0o7777 == 0o640 and st.st_mtime > 1.5e9, "the mode of the umask and the time of now", oct(st.st_mode))
tap.is_(os.stat(path + "/r").st_mode & 0o7777, 0o600, "the report is the owner's alone")
r = t.run(path, "-o", "o2", "--preserve", "in", wrap=["sh", "-c", 'umask 077; exec "$@"', "sh"])
st = os.stat(path + "/o2/a.lines")
tap.ok(st.st_mode & 0o7777 == 0o640 and st.st_mtime == 1e9, "--preserve", oct(st.st_mode))

tap.done()
