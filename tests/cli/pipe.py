# SPDX-License-Identifier: MIT
"""-o -: one file from standard input to standard output, and nothing before it is whole."""
import os
import signal
import subprocess

import lines as t
from lines import tap

a_in, a_out = t.text("a")
ONE = "lines:\n  fields:\n    - {name: id, hash: true, salt: s}\n    - {name: name, remove: true}\n"


def piped(path, text, *args, **more):
    return t.run(path, "-o", "-", *args, "-", stdin=text.encode(), **more)


path = t.work(profile=ONE)
r = piped(path, a_in)
rows, last = t.report(path)
tap.ok(r.status == 0 and r.out == a_out, "an input without a name belongs to the only section", r)
tap.is_((rows[0]["input"], rows[0]["output"], rows[0]["status"], rows[0]["bytes_in"], rows[0]["bytes_out"], last["inputs"]),
        ("-", "-", "deidentified", len(a_in), len(a_out), 1), "the report has it")
tap.is_(sorted(os.listdir(path)), ["in", "p.yaml", "r"], "nothing else is written")

big_in, big_out = t.text("big", 3 << 20)
r = piped(path, big_in, env={"TMPDIR": path})
tap.ok(r.status == 0 and r.out == big_out, "more than is kept in memory", r.err)
tap.is_(sorted(os.listdir(path)), ["in", "p.yaml", "r"], "and no trace of it stays")

r = piped(path, big_in + "id=1")
tap.ok(r.status == 1 and r.out == "" and t.silent(r, path), "an input cut short: not a byte", r)

path = t.work()
r = piped(path, "#lines\n" + a_in)
tap.ok(r.status == 0 and r.out == "#lines\n" + a_out, "of several sections the content mark tells", r)
r = piped(path, a_in)
tap.ok(r.status == 1 and r.out == "" and "no content mark" in r.err and t.silent(r, path), "no mark: it fails", r)

with open("/dev/full", "w") as full:
    p = subprocess.run([tap.DEID, "--plugin-dir", t.MODULES, "run", "-p", "p.yaml", "-o", "-", "-"], cwd=path, check=False,
                       input=("#lines\n" + a_in).encode(), stdout=full, stderr=subprocess.PIPE)
tap.ok(p.returncode == 1 and b"standard output" in p.stderr, "what cannot be written is a failure", p)

p = subprocess.Popen([tap.DEID, "--plugin-dir", t.MODULES, "run", "-v", "-p", "p.yaml", "--report", "r", "-o", "-", "-"], cwd=path,
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
p.stdin.write(b"#lines\nid=1\n" + b"x" * 200000)
p.stdin.flush()  # more than a pipe holds: the program reads already
p.send_signal(signal.SIGTERM)
tap.ok(p.wait(60) == 3 and p.stdout.read() == b"", "a signal ends the wait for input", p.returncode)
p.stdin.close()

for args in (["-o", "-", "in"], ["-o", "-", "-", "-"], ["-o", "x", "-"], ["-i", "-"], ["-o", "-", "--files-from", "p.yaml", "-"],
             ["-o", "-", "--folders", "hash", "-"], ["-o", "-", "--unmatched", "copy", "-"]):
    r = t.run(path, *args)
    tap.ok(r.status == 2 and "Try 'deid run --help'" in r.err and not os.path.exists(path + "/x"), "refused: " + " ".join(args), r)

# Closed streams: no file may get their numbers, and take messages.
path = t.work({"bad.lines": "id=1", "a.lines": a_in})
for closed in ("2>&-", "<&- >&- 2>&-"):
    r = t.run(path, "-o", "out", "--on-conflict", "overwrite", "in", wrap=["sh", "-c", 'exec "$@" ' + closed, "sh"])
    tap.ok(r.status == 1 and t.out(path) == {"a.lines": a_out}, "closed: " + closed, r)
r = t.run(path, "-o", "-", "-", wrap=["sh", "-c", 'exec "$@" <&-', "sh"])
tap.ok(r.status == 1 and r.out == "" and "standard input" in r.err, "closed standard input is no empty file", r)
tap.done()
