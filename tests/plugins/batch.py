# SPDX-License-Identifier: MIT
"""Many small files through one run of the program."""
import json
import os
import shutil

import tap


def run(profile, files, args=()):
    """files: {name: bytes}. Gives ({name: bytes} of the outputs, {name: report line}, Result)."""
    d = tap.scratch()
    for name, data in files.items():
        tap.write(os.path.join(d, "in", name), data)
    tap.write(os.path.join(d, "p.yaml"), profile if isinstance(profile, str) else json.dumps(profile, ensure_ascii=False))
    r = tap.deid("run", "-p", os.path.join(d, "p.yaml"), "-o", os.path.join(d, "out"), "--report",
                 os.path.join(d, "report"), "--no-sync", *args, os.path.join(d, "in"))
    lines = {}
    if os.path.exists(os.path.join(d, "report")):
        for line in tap.read(os.path.join(d, "report")).decode("utf-8").splitlines():
            line = json.loads(line)
            if "input" in line:
                lines[os.path.basename(line["input"])] = line
    out = tap.tree(os.path.join(d, "out"))
    shutil.rmtree(d, ignore_errors=True)
    return out, lines, r


def one(profile, data, name, args=()):
    """One file: its output or None, its report line, the Result."""
    out, lines, r = run(profile, {name: data}, args)
    return out.get(name), lines.get(name, {}), r
