# SPDX-License-Identifier: MIT
"""--done and --again: what a run has written is no input for the next."""
import hashlib
import json
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

tap.needs("json")
path = tap.scratch()
PROFILE = tap.write(os.path.join(path, "p.yaml"), "name: p\nversion: 1\njson:\n  fields:\n  - {name: v, hash: true}\n")
OTHER = tap.write(os.path.join(path, "other.yaml"), "name: o\nversion: 1\njson:\n  fields:\n  - {name: w, remove: true}\n")
DONE = os.path.join(path, "done.txt")


def run(*args, profile=PROFILE, **more):
    return tap.deid("run", "-p", profile, *args, cwd=path, **more)


def digest(*names):
    return hashlib.sha256(tap.read(os.path.join(path, *names))).hexdigest()


def lines():
    return tap.read(DONE).decode().splitlines()


for k in range(300):  # more than are settled together
    tap.write(os.path.join(path, "in", "%03d.json" % k), json.dumps({"v": "patient %d" % k, "w": 1}))

r = run("-o", "one", "-j2", "--done", "done.txt", "in")
tap.is_(r.status, 0, "a first run")
tap.is_(lines(), [digest("one", "%03d.json" % k) for k in range(300)], "the digests of its outputs, in their order")
tap.is_(stat.S_IMODE(os.stat(DONE).st_mode), 0o600, "the file is closed to others")
r = run("-o", "again", "--done", "done.txt", "in", "-q")
tap.is_((r.status, len(os.listdir(os.path.join(path, "again")))), (0, 300), "inputs are not outputs: they are taken again")
tap.is_(len(lines()), 600, "and noted once more")

for profile in PROFILE, OTHER:
    r = run("-o", "two", "--done", "done.txt", "--report", "report", "one/000.json", "in/001.json", profile=profile)
    tap.is_(r.status, 1, "an output fails as an input, whatever the profile")
    tap.ok("--again" in r.err and "one/000.json" in r.err, "the message says what to do", r)
    tap.is_(os.listdir(os.path.join(path, "two")), ["001.json"], "the other input is done")
    os.unlink(os.path.join(path, "two", "001.json"))
r = run("-o", "two", "--done", "done.txt", "--again", "one/000.json")
tap.is_((r.status, os.listdir(os.path.join(path, "two"))), (0, ["000.json"]), "--again takes it")
tap.is_(lines()[-1], digest("two", "000.json"), "and its output is noted")
tap.ok("patient" not in tap.read(DONE).decode() and "json" not in tap.read(DONE).decode(), "no names, no values in the file")

# ---- in place, a plan, pipes, gzip, copies -----------------------------------------------------------

place = tap.write(os.path.join(path, "place", "a.json"), '{"v": "x"}')
r = run("--in-place", "--done", "done.txt", "place")
after = tap.read(place)
tap.is_(r.status, 0, "in place")
r = run("--in-place", "--done", "done.txt", "place")
tap.is_((r.status, tap.read(place)), (1, after), "a second run in place fails, and changes nothing")
before = tap.read(DONE)
r = tap.deid("plan", "-p", PROFILE, "--done", "done.txt", "place", "in/000.json", cwd=path)
tap.is_((r.status, tap.read(DONE)), (1, before), "a plan says so too, and notes nothing")
r = tap.deid("plan", "-p", PROFILE, "--done", "absent.txt", "place", cwd=path)
tap.is_((r.status, os.path.exists(os.path.join(path, "absent.txt"))), (0, False), "a plan makes no file")

r = run("-o", "-", "--done", "done.txt", "-", stdin=b'{"v": "piped"}')
tap.is_((r.status, lines()[-1]), (0, hashlib.sha256(r.out.encode()).hexdigest()), "the output of a pipe is noted")
r = run("-o", "-", "--done", "done.txt", "-", stdin=r.out.encode())
tap.is_((r.status, r.out), (1, ""), "and refused as an input of one")

tap.write(os.path.join(path, "copies", "note.txt"), "nothing to do")
for out in "c1", "c2":
    r = run("-o", out, "--unmatched", "copy", "--done", "done.txt", "copies")
    tap.is_(r.status, 0, "what is only copied is not noted")

# ---- the file ----------------------------------------------------------------------------------------

whole = tap.read(DONE)
tap.write(DONE, whole + b"0123abc")
r = run("-o", "torn", "--done", "done.txt", "in/000.json", "one/001.json")
tap.is_(r.status, 1, "behind a line that a killed run left, the file is still read")
tap.is_(tap.read(DONE), whole + digest("torn", "000.json").encode() + b"\n", "and the piece is cut off")
for text in (b"a list of patients\n", b"x" * 65, whole[:-1] + b" ", b"0" * 30 + b"\n"):
    other = tap.write(os.path.join(path, "other.txt"), text)
    r = run("-o", "never", "--done", "other.txt", "in")
    tap.is_((r.status, tap.read(other)), (2, text), "another file is refused, and kept: %r" % text[:20])
    tap.ok("other.txt" in r.err and not os.path.exists(os.path.join(path, "never", "000.json")), "by its name", r)
for name in ("in", "absent/done.txt", "link"):
    if name == "link":
        os.symlink(DONE, os.path.join(path, name))
    r = run("-o", "never", "--done", name, "in")
    tap.is_(r.status, 2, "no file for it: %s" % name)
r = run("-o", "never", "--again", "in")
tap.is_(r.status, 2, "--again alone is a mistake")

tap.write(os.path.join(path, "both", "a.json"), '{"v": "x"}')
r = run("-o", "both-out", "--done", "both/done.txt", "both")
r = run("-o", "both-out", "--done", "both/done.txt", "--on-conflict", "overwrite", "both", "-v")
tap.ok(r.status == 0 and "done.txt: " not in r.err, "the file itself is no input", r)
tap.done()
