# SPDX-License-Identifier: MIT
"""A run that is killed, at any moment: every input or its whole replacement is there, no output is cut, and the
next run clears up. A run that is asked to stop finishes what it has in hand."""
import os
import random
import signal
import subprocess
import time

import lines as t
from lines import tap

random.seed(int(os.environ.get("DEID_TEST_SEED", "11")))
ROUNDS = 40 if os.environ.get("DEID_TEST_LONG") else 8
PREFIX = ".deid-tmp-"
texts = {"%s%03d.%s" % (("", "s/", "s/u/")[i % 3], i, ("lines", "pairs")[i % 2]): t.text(str(i), 40000) for i in range(120)}
inputs = {k: v[0] for k, v in texts.items()}
outputs = {k: v[1] for k, v in texts.items()}


def start(path, *args):
    return subprocess.Popen([tap.DEID, "--plugin-dir", t.MODULES, "run", "-p", "p.yaml", "--report", "r", *args], cwd=path,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def whole(path, name, allowed):
    """Names that are neither temporary nor hold what they may."""
    return [k for k, v in t.out(path, name).items()
            if not os.path.basename(k).startswith(PREFIX) and v not in [a.get(k) for a in allowed]]


def kill_in(path, args, folder, after, sig):
    """Sends sig so many seconds after the first file came into the folder; the run's status."""
    before = set(os.listdir(os.path.join(path, folder))) if os.path.isdir(os.path.join(path, folder)) else set()
    p = start(path, *args)
    while p.poll() is None:
        if os.path.isdir(os.path.join(path, folder)) and set(os.listdir(os.path.join(path, folder))) - before:
            break
    time.sleep(after)
    p.send_signal(sig)
    return p.wait(timeout=60)


def moment():
    return random.choice([0, 0.001, 0.003, 0.01, 0.03]) * random.random()


killed = 0
for i in range(3 * ROUNDS):
    path = t.work(inputs)
    args = ["-o", "out", "-j", random.choice("12"), "--sync", random.choice(["batch", "file", "none"]), "in"]
    for _ in range(2):
        killed += kill_in(path, args + ["--on-conflict", "skip"], "out", moment(), signal.SIGKILL) == -9
    bad = whole(path, "out", [outputs])
    if bad or t.out(path, "in") != inputs:
        tap.ok(False, "after kill -9 there are whole outputs only, and all inputs", bad)
    left = len(t.out(path))
    r = t.run(path, *args, "--on-conflict", "skip")
    if r.status != 0 or t.out(path) != outputs:
        tap.ok(False, "the next run does the rest and clears up", "%r %d %r" % (r, left, set(t.out(path)) ^ set(outputs)))
    if killed >= ROUNDS:
        break
tap.ok(killed >= ROUNDS, "runs to an output folder were killed, and made up for", killed)

killed = 0
for i in range(3 * ROUNDS):
    path = t.work(inputs)
    args = ["-i", "-j", random.choice("12"), "--sync", random.choice(["batch", "file"]), "in"]
    keep = i % 2 == 0
    killed += kill_in(path, args + (["--keep-original"] if keep else []), "in", moment(), signal.SIGKILL) == -9
    seen = t.out(path, "in")
    missing = [k for k in inputs if k not in seen]
    kept = [k for k, v in seen.items() if k.endswith(".orig") and v != inputs[k[:-5]]]
    lost = [k for k in inputs if keep and seen.get(k) == outputs[k] and seen.get(k + ".orig") != inputs[k]]
    bad = [k for k in whole(path, "in", [inputs, outputs]) if not k.endswith(".orig")]
    if missing or kept or lost or bad:
        tap.ok(False, "after kill -9 in place nothing is missing", (missing, kept, lost, bad))
    r = t.run(path, "-i", "in/s", "in")
    if [k for k in t.out(path, "in") if os.path.basename(k).startswith(PREFIX)]:
        tap.ok(False, "the next run sweeps", r)
    if killed >= ROUNDS:
        break
tap.ok(killed >= ROUNDS, "runs in place were killed", killed)

for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    stopped = 0
    for i in range(30):
        path = t.work(inputs)
        code = kill_in(path, ["-o", "out", "-j", "2", "--sync", random.choice(["file", "batch"]), "in"], "out", moment(), sig)
        if code in (0, -int(sig)):
            continue  # too late
        rows, last = t.report(path)
        done = {k: outputs[k] for k in outputs if k in t.out(path)}
        good = (code == 3 and last["interrupted"] is True and last["inputs"] == len(rows) == last["deidentified"] and
                last["not_reached"] == len(inputs) - len(rows) and t.out(path) == done and len(done) == len(rows))
        if not good:
            tap.ok(False, "%s: exit 3 and whole outputs" % sig.name, (code, last, set(t.out(path)) ^ set(done)))
        stopped += 1
        if stopped == 3:
            break
    tap.ok(stopped >= 1, "%s: exit 3, what was begun is finished, no temporary file stays" % sig.name, stopped)

# A temporary file of a run that is still there is left alone.
path = t.work({"a.lines": inputs["000.lines"]} if "000.lines" in inputs else {"a.lines": "id=1\n"})
os.mkdir(path + "/out")
for name, locked in ((PREFIX + "0" * 16, True), (PREFIX + "1" * 16, False)):
    tap.write(path + "/out/" + name, "x")
holder = subprocess.Popen(["flock", path + "/out/" + PREFIX + "0" * 16, "sleep", "60"])
time.sleep(0.3)
r = t.run(path, "-o", "out", "in")
tap.is_(sorted(k for k in t.out(path) if k.startswith(PREFIX)), [PREFIX + "0" * 16],
        "temporary files are swept, but for those whose lock is held")
holder.kill()
holder.wait()

tap.done()
