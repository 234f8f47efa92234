# SPDX-License-Identifier: MIT
"""--in-place: the input or its whole replacement, at every moment."""
import os

import lines as t
from lines import tap

a_in, a_out = t.text("a")
b_in, b_out = t.text("b")


def files(path):
    return t.out(path, "in")


path = t.work({"a.lines": a_in, "s/b.pairs": b_in, "n.txt": "plain", "bad.lines": "id=1"})
r = t.run(path, "--in-place", "in")
rows, last = t.report(path)
tap.ok(r.status == 1 and t.silent(r, path), "a run in place", r)
tap.is_(files(path), {"a.lines": a_out, "s/b.pairs": b_out, "n.txt": "plain", "bad.lines": "id=1"},
        "inputs are replaced; what fails or belongs to nobody stays")
tap.is_([row["output"] for row in rows], ["in/a.lines", None, None, "in/s/b.pairs"], "the report says so")
tap.is_((last["deidentified"], last["skipped"], last["failed"]), (2, 1, 1), "the counts add up")

path = t.work({"a:b?.lines": a_in, "x.pairs": "uid=other\nname=x\n"})
r = t.run(path, "-i", "in")
tap.is_(files(path), {"a:b?.lines": a_out, "x.pairs": "uid=other\n"}, "names stay as they are")

# Kept originals.
path = t.work({"a.lines": a_in, "s/b.lines": b_in})
r = t.run(path, "-i", "--keep-original", "in")
want = {"a.lines": a_out, "a.lines.orig": a_in, "s/b.lines": b_out, "s/b.lines.orig": b_in}
tap.ok(r.status == 0 and files(path) == want, "--keep-original", r)
r = t.run(path, "-i", "--keep-original", "in")
rows, last = t.report(path)
tap.ok(r.status == 1 and files(path) == want and last["inputs"] == 2 and rows[0]["code"] == "conflict" and
       "a.lines.orig exists already" in rows[0]["reason"], "a kept original is never lost, and is no input", "%r\n%r" % (r, rows))
path = t.work({"a.lines": a_in, "x.lines.bak": "#lines\n" + b_in})
r = t.run(path, "-i", "--keep-original=.bak", "in")
rows, last = t.report(path)
tap.ok(r.status == 0 and files(path) == {"a.lines": a_out, "a.lines.bak": a_in, "x.lines.bak": "#lines\n" + b_out,
                                         "x.lines.bak.bak": "#lines\n" + b_in},
       "a suffix of one's own; a file that only looks like a kept original is an input", "%r\n%r" % (r, files(path)))

# Modes.
path = t.work({"a.lines": a_in, "b.lines": b_in})
os.chmod(path + "/in/a.lines", 0o600)
os.chmod(path + "/in/b.lines", 0o664)
r = t.run(path, "-i", "in", wrap=["sh", "-c", 'umask 022; exec "$@"', "sh"])
tap.is_([os.stat(path + "/in/" + n).st_mode & 0o7777 for n in ("a.lines", "b.lines")], [0o600, 0o644],
        "what was closed to others stays closed")
path = t.work({"a.lines": a_in})
os.utime(path + "/in/a.lines", (1e9, 1e9))
os.chmod(path + "/in/a.lines", 0o666)
r = t.run(path, "-i", "--preserve", "in")
st = os.stat(path + "/in/a.lines")
tap.ok(st.st_mode & 0o7777 == 0o666 and st.st_mtime == 1e9 and files(path) == {"a.lines": a_out}, "--preserve", r)

# Links.
path = t.work({"real/a.lines": a_in, "b.lines": b_in})
os.symlink("in/real/a.lines", path + "/link.lines")
os.link(path + "/in/b.lines", path + "/in/hard.lines")
r = t.run(path, "-i", "link.lines", "in/real", "in/real/a.lines", "in")
rows, last = t.report(path)
tap.ok(r.status == 0 and os.path.islink(path + "/link.lines") and
       files(path) == {"real/a.lines": a_out, "b.lines": b_out, "hard.lines": b_out} and last["inputs"] == 3,
       "a named link leads to the file, which is done once; each of two hard links is done", "%r\n%r" % (r, rows))
path = t.work({"a.lines": a_in})
r = t.deid(path + "/in", "run", "-p", "../p.yaml", "-i", "a.lines")
tap.ok(r.status == 0 and files(path) == {"a.lines": a_out}, "a file in the working folder", r)

# Every way to sync gives the same.
for sync in ("file", "batch"):
    path = t.work({"%d.lines" % i: a_in for i in range(5)})
    r = t.run(path, "-i", "--keep-original", "--sync", sync, "in")
    tap.ok(r.status == 0 and len(files(path)) == 10 and set(files(path).values()) == {a_in, a_out}, "--sync " + sync, r)
for sync in ("file", "batch", "none"):
    path = t.work({"s/%d.lines" % i: a_in for i in range(5)})
    r = t.run(path, "-o", "out", "--sync", sync, "in")
    tap.is_(t.out(path), {"s/%d.lines" % i: a_out for i in range(5)}, "-o with --sync " + sync)

tap.done()
