# SPDX-License-Identifier: MIT
"""What the script tests share: TAP output for automake, a scratch folder, and running the program.

A test is a script that imports this, calls ok()/is_() once per check and ends with done(). Run by
`make check`, it uses the freshly built program and plugins; DEID and DEID_TEST_PLUGIN_DIR point it elsewhere
(an installed program, say).
"""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile

SRC = os.environ.get("abs_top_srcdir") or os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("abs_top_builddir") or os.path.join(SRC, "build")
DEID = os.environ.get("DEID") or os.path.join(BUILD, "deid")
PLUGINS = os.environ.get("DEID_TEST_PLUGIN_DIR") or os.path.join(BUILD, "plugins")

_count = 0
_failed = 0


def _say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def note(*words):
    """A line for the log."""
    for line in " ".join(str(w) for w in words).split("\n"):
        _say("# " + line)


def ok(passed, name, why=""):
    """One check. `why` is printed when it fails. Gives `passed` back."""
    global _count, _failed
    _count += 1
    _say("%s %d - %s" % ("ok" if passed else "not ok", _count, name.replace("#", "no.")))
    if not passed:
        _failed += 1
        if why:
            note(str(why)[:4000])
    return bool(passed)


def is_(got, want, name):
    """Passes when got equals want; prints both when not."""
    return ok(got == want, name, "got:  %r\nwant: %r" % (got, want))


def skip(name, why):
    global _count
    _count += 1
    _say("ok %d - %s # SKIP %s" % (_count, name, why))


def skip_all(why):
    """For a whole test that cannot run here."""
    _say("1..0 # SKIP " + why)
    sys.exit(0)


def needs(*plugins):
    """Leaves the whole test out where configure left one of these plugins out."""
    missing = [p for p in plugins if not any(os.path.exists(os.path.join(PLUGINS, p + end)) for end in (".la", ".so"))]
    if missing:
        skip_all("without the plugin " + ", ".join(missing))


def done():
    """The plan, last; exits."""
    if _count == 0:
        _say("not ok 1 - the test checked nothing")
        _say("1..1")
        sys.exit(1)
    _say("1..%d" % _count)
    sys.exit(1 if _failed else 0)


def scratch():
    """A new folder that goes when the test ends."""
    path = tempfile.mkdtemp(prefix="deid-test-")
    atexit.register(shutil.rmtree, path, True)
    return path


def write(path, data):
    """Writes text or bytes, making folders; gives the path back."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


def tree(root):
    """{relative path: bytes} of every file below root."""
    out = {}
    for folder, _, names in os.walk(root):
        for n in names:
            p = os.path.join(folder, n)
            out[os.path.relpath(p, root)] = read(p)
    return out


class Result:
    def __init__(self, proc):
        self.status = proc.returncode
        self.out = proc.stdout.decode("utf-8", "replace")
        self.err = proc.stderr.decode("utf-8", "replace")

    def __repr__(self):
        return "status %d\nstdout: %s\nstderr: %s" % (self.status, self.out, self.err)


def deid(*args, cwd=None, env=None, stdin=b"", plugins=PLUGINS, timeout=300, wrap=()):
    """Runs the program with the built plugins (plugins=None: only the installed ones)."""
    cmd = list(wrap) + [DEID]
    if plugins:
        cmd += ["--plugin-dir", plugins]
    e = dict(os.environ)
    e.update(env or {})
    proc = subprocess.run(cmd + [str(a) for a in args], cwd=cwd, env=e, input=stdin, timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return Result(proc)
