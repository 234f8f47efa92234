# SPDX-License-Identifier: MIT
"""What the tests of the command line share: profiles and inputs of the test plugins `lines` and `pairs`."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

MODULES = os.path.join(tap.BUILD, "tests", "modules")
TOKEN = "Zq7DoeJane"  # stands for a patient: may never be seen but in inputs and outputs
PROFILE = """name: test profile
lines:
  fields:
    - {name: id, hash: true, salt: s}
    - {name: name, remove: true}
pairs:
  fields:
    - {name: id, hash: true, salt: s}
    - {name: name, remove: true}
"""


def sha(text, salt="s"):
    return hashlib.sha256((salt + text).encode()).hexdigest()[:16]


def text(ident, pad=0):
    """An input that holds the token, and its output."""
    rest = "other=1\n" + "#%s\n" % ("p" * 98) * (pad // 100)
    return "id=%s\nname=%s\n%s" % (ident, TOKEN, rest), "id=%s\n%s" % (sha(ident), rest)


def work(files=None, profile=PROFILE):
    """A new folder with p.yaml and these files below in/."""
    path = tap.scratch()
    tap.write(path + "/p.yaml", profile)
    os.mkdir(path + "/in")
    for name, content in (files or {}).items():
        tap.write(os.path.join(path, "in", name), content)
    return path


def deid(path, *args, **more):
    more.setdefault("plugins", MODULES)
    return tap.deid(*args, cwd=path, **more)


def run(path, *args, **more):
    """deid run -p p.yaml --report r ARGS"""
    return deid(path, "run", "-p", "p.yaml", "--report", "r", *args, **more)


def report(path, name="r"):
    """The report's lines, and the summary."""
    rows = [json.loads(line) for line in tap.read(os.path.join(path, name)).decode("utf-8").splitlines()]
    return rows[:-1], rows[-1]


def out(path, name="out"):
    folder = os.path.join(path, name)
    return {k: v.decode() for k, v in tap.tree(folder).items()} if os.path.isdir(folder) else {}


def silent(r, path=None):
    """Nothing that was printed or reported holds the token."""
    seen = r.out + r.err
    if path and os.path.exists(os.path.join(path, "r")):
        seen += tap.read(os.path.join(path, "r")).decode("utf-8", "replace")
    return TOKEN not in seen
