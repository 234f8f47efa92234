# SPDX-License-Identifier: MIT
"""The fenced blocks of a Markdown page, and running a page's examples.

A block ```LANGUAGE NAME is a file of that name. A block ```sh is run by the shell in a folder that holds the
files so far, and the block ```text after it, if there is one, is what it prints. Other languages (console,
…) are for reading only.
"""
import os
import re
import subprocess

import tap

FENCE = re.compile(r"(?ms)^```(\w+)(?: ([\w./-]+))?\n(.*?)^```$")


def blocks(path):
    """[(language, file name or None, text)] of a page, in order."""
    return [(m[1], m[2], m[3]) for m in FENCE.finditer(tap.read(path).decode("utf-8"))]


def program_on_path(scratch):
    """A folder whose `deid` is the program under test."""
    folder = os.path.join(scratch, "bin")
    os.makedirs(folder)
    os.symlink(os.path.abspath(tap.DEID), os.path.join(folder, "deid"))
    return folder


def environment(scratch, base=None):
    """Where examples find the program, and its plugins."""
    env = dict(base or os.environ)
    env["PATH"] = program_on_path(scratch) + os.pathsep + env.get("PATH", "")
    env["DEID_PLUGIN_PATH"] = tap.PLUGINS
    env["LC_ALL"] = "C.UTF-8"
    return env


def run_page(path, folder, env):
    """Writes the files and runs the commands of a page; gives the number of commands run."""
    found, ran = blocks(path), 0
    for i, (language, name, text) in enumerate(found):
        if name:
            tap.write(os.path.join(folder, name), text)
        elif language == "sh":
            ran += 1
            done = subprocess.run(["sh", "-eu", "-c", text], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            out = done.stdout.decode("utf-8", "replace")
            tap.ok(done.returncode == 0, "%s: example %d runs" % (os.path.basename(path), ran),
                   "%s\nstatus %d\n%s%s" % (text, done.returncode, out, done.stderr.decode("utf-8", "replace")))
            after = found[i + 1] if i + 1 < len(found) else None
            if after and after[0] == "text" and not after[1]:
                tap.is_(out, after[2], "%s: example %d prints what the page says" % (os.path.basename(path), ran))
    return ran
