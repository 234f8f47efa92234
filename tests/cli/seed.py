# SPDX-License-Identifier: MIT
"""--seed: the same jitter with any number of threads and in any order; other files and fields have other draws."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

path = tap.scratch()
PROFILE = """json:
  jitter-date: true
  jitter-range: 300
  fields:
  - {name: n, jitter: true}
  - {name: m, jitter: true}
  - {name: d, increment-date: true}
  - {name: e, increment-date: true}
  - {name: l.*, jitter: true, jitter-type: int, jitter-range: 1000000}
"""
tap.write(os.path.join(path, "p.yaml"), PROFILE)
names = ["%02d.json" % i for i in range(40)]
for n in names:
    tap.write(os.path.join(path, "in", n), '{"n": 1.5, "m": 1.5, "l": [0, 0, 0], "d": "2020-02-20", "e": "2020-03-01"}')


def run(*args, inputs=("in",), status=0):
    out = "out%d" % len(os.listdir(path))
    r = tap.deid("run", "-p", "p.yaml", "-o", out, *args, *inputs, cwd=path)
    tap.ok(r.status == status, "run %s" % " ".join(args), r)
    return {k: json.loads(v) for k, v in tap.tree(os.path.join(path, out)).items()}, r


one, r = run("--seed", "7", "-j1")
tap.ok("WARNING" in r.err and "--seed" in r.err, "it says so", r)
tap.ok("WARNING" in run("--seed", "7", "-j1", "-q")[1].err, "also with -q")
tap.ok(run("--seed", "7", "-j8")[0] == one, "-j changes nothing")
tap.ok(run("--seed", "7", "-j3", inputs=["in/" + n for n in reversed(names)])[0] == one, "nor does the order")
tap.ok(run("--seed", "7", inputs=["in/05.json"])[0] == {"05.json": one["05.json"]}, "nor what else is done")
other, _ = run("--seed", "8")
tap.ok(all(other[n]["n"] != one[n]["n"] for n in names), "another seed, other draws")
real, r = run()
tap.ok(real != one and run()[0] != real and "WARNING" not in r.err, "without it every run draws anew")
tap.ok(len({v["n"] for v in one.values()}) == len(names), "each file has its own draws")
tap.ok(all(v["n"] != v["m"] and len(set(v["l"])) == 3 for v in one.values()), "and each field", one)
tap.ok(len({v["d"] for v in one.values()}) > 20, "dates move by another span in each file")


def day(text):
    import datetime
    return datetime.date(*map(int, text.split("-")))


tap.ok(all((day(v["e"]) - day(v["d"])).days == 10 for v in one.values()), "and by one span in one file")
tap.ok(all(1 <= abs((day(v["d"]) - day("2020-02-20")).days) <= 300 for v in one.values()), "within the range, and never by nothing")
os.rename(os.path.join(path, "in"), os.path.join(path, "there"))
tap.ok(run("--seed", "7", inputs=["there"])[0]["05.json"]["n"] != one["05.json"]["n"], "the path as given counts")
for bad in ("", "x", "-1", "1.5", "99999999999999999999"):
    r = tap.deid("run", "-p", "p.yaml", "-o", "never", "--seed=" + bad, "there", cwd=path)
    tap.ok(r.status == 2 and not os.path.exists(os.path.join(path, "never")), "--seed '%s'" % bad, r)
tap.done()
