# SPDX-License-Identifier: MIT
"""Every system call that a run makes (every fourth, in the short test) fails once, in turn: the input or its whole replacement is there, what is
below the output is whole, no temporary file stays, and the exit status and the report tell the truth."""
import os
import re
import shutil
import subprocess

import lines as t
from lines import tap

CALLS = ("openat", "openat2", "pread64", "write", "pwrite64", "copy_file_range", "fsync", "sync_file_range", "fchmod",
         "renameat2", "linkat", "mkdir", "mkdirat", "newfstatat", "flock", "getrandom", "getdents64", "faccessat2",
         "unlinkat", "close", "rmdir")
ERRORS = {"write": ("EIO", "ENOSPC", "EINTR"), "pwrite64": ("EIO", "ENOSPC", "EINTR"), "pread64": ("EIO", "EINTR"),
          "copy_file_range": ("EIO", "ENOSPC", "EINTR", "EXDEV", "ENOSYS"), "fsync": ("EIO", "ENOSPC"),
          "renameat2": ("EIO", "ENOSPC", "EINVAL"), "linkat": ("EIO", "EMLINK"), "openat": ("EIO", "EMFILE", "EINTR"),
          "openat2": ("EIO", "ENOSYS", "EINTR")}
a_in, a_out = t.text("a", 200000)
b_in, b_out = t.text("b")
FILES = {"a.lines": a_in, "s/b.pairs": b_in}
WANT = {"a.lines": a_out, "s/b.pairs": b_out}
# The search for leaks needs the place that strace has.
QUIET = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
LONG = bool(os.environ.get("DEID_TEST_LONG"))

if not shutil.which("strace"):
    tap.skip_all("strace is not installed")


def traced(path, inject, args):
    r = t.run(path, *args, wrap=["strace", "-qq", "-f", "-o", path + "/trace", "-e", "trace=" + ",".join(CALLS)] +
              (["-e", "inject=" + inject] if inject else []), timeout=60, env=QUIET)
    with open(path + "/trace", errors="replace") as f:
        return r, f.read()


path = t.work(FILES)
try:
    r, trace = traced(path, None, ["-o", "out", "in"])
except (OSError, subprocess.TimeoutExpired) as e:
    tap.skip_all("strace does not run: %s" % e)
if "ptrace" in r.err.lower() or not trace:
    tap.skip_all("strace may not trace here")
tap.ok(r.status == 0 and t.out(path) == WANT, "an undisturbed run under strace", r)


def sound(path, r, in_place, call):
    """What must hold whatever failed; a reason when it does not."""
    got, inputs = t.out(path), t.out(path, "in")
    if r.status < 0 or r.status > 3:
        return "status %d" % r.status
    if not t.silent(r, path):
        return "a value is told"
    if in_place:
        for k in FILES:
            if inputs.get(k) not in (FILES[k], WANT[k]):
                return "the input %s is lost" % k
            if inputs.get(k) == WANT[k] and inputs.get(k + ".orig") != FILES[k]:
                return "the original of %s is lost" % k
        done = {k for k in FILES if inputs.get(k) == WANT[k]}
        names = [k for k in inputs if k not in FILES and k[:-5] not in FILES]
    else:
        if inputs != FILES:
            return "the inputs changed"
        done = {k for k in FILES if got.get(k) == WANT[k]}
        names = [k for k in got if k not in done]
    # An unlink that fails leaves what it was to take away.
    if [n for n in names if not (call == "unlinkat" and os.path.basename(n).startswith(".deid-tmp-"))]:
        return "left behind: %r" % names
    if r.status == 0 and done != set(FILES):
        return "status 0, and only %r" % done
    # Where the report itself could not be written it may end anywhere.
    text = tap.read(path + "/r").decode() if os.path.exists(path + "/r") else ""
    if r.status == 1 and text.endswith("\n") and '"summary":true' in text.split("\n")[-2]:
        rows, last = t.report(path)
        told = {row["input"][3:] for row in rows if row["status"] == "deidentified"}
        if told != done and not (call == "fsync" and told < done):
            return "told %r, done %r" % (told, done)
    return None


for in_place, args in ((False, ["-o", "out", "-j1", "in"]), (False, ["-o", "out", "-j1", "--sync", "file", "in"]),
                       (True, ["-i", "--keep-original", "-j1", "in"])):
    what = " ".join(args)
    path = t.work(FILES)
    r, trace = traced(path, None, args)
    tap.is_(r.status, 0, what + ": undisturbed")
    tried, bad, hit = 0, [], 0
    for call in CALLS:
        # What the dynamic linker does before main() is not ours: the profile is the first file that we open.
        begin = trace.index('"p.yaml"')
        pattern = re.compile(r"^(?:\d+ +)?%s\(" % call, re.M)
        before, count = len(pattern.findall(trace, 0, begin)), len(pattern.findall(trace))
        for when in range(before + 1, count + 1, 1 if LONG else 4):
            errors = ERRORS.get(call, ("EIO",))
            for error in errors if LONG else errors[when // 4 % len(errors):][:1]:
                path = t.work(FILES)
                r, seen = traced(path, "%s:error=%s:when=%d" % (call, error, when), args)
                why = sound(path, r, in_place, call)
                tried += 1
                hit += r.status != 0
                if why:
                    bad.append("%s:%s:%d: %s\n%r" % (call, error, when, why, r))
    tap.ok(not bad, "%s: %d failures of calls, the outcome is sound" % (what, tried), "\n".join(bad[:6]))
    tap.ok(tried > 40 and hit > 15, what + ": failures that mattered", (tried, hit))

# A file system without nameless files: names that are locked, and what is done is the same.
for args in (["-o", "out", "-j1", "in"], ["-i", "--keep-original", "-j1", "in"]):
    path = t.work(FILES)
    r, trace = traced(path, None, args)
    opened = re.findall(r"^(?:\d+ +)?openat\(.*", trace, re.M)
    nameless = [i for i, call in enumerate(opened) if "O_TMPFILE" in call and not call.endswith(")")]
    if not nameless or "= -1" in opened[nameless[0]]:
        tap.ok(True, " ".join(args) + ": # SKIP this file system has no nameless files")
        continue
    path = t.work(FILES)
    r, trace = traced(path, "openat:error=EOPNOTSUPP:when=%d+1" % (nameless[0] + 1), args)
    tap.ok(r.status != 0 and not sound(path, r, args[0] == "-i", "openat"), "nothing can be opened: the outcome is sound", r)
    path = t.work(FILES)
    r, trace = traced(path, "openat:error=EOPNOTSUPP:when=%d" % (nameless[0] + 1), args)
    tap.ok(r.status == 0 and re.search(r'"\.deid-tmp-[0-9a-f]{16}", O_RDWR\|O_CREAT\|O_EXCL', trace) and
           (t.out(path, "in") if args[0] == "-i" else t.out(path)).items() >= WANT.items(),
           "one without nameless files: under a temporary name", r)
    names = [k for k in list(t.out(path)) + list(t.out(path, "in")) if os.path.basename(k).startswith(".deid-tmp-")]
    tap.is_(names, [], "and none stays")

tap.done()
