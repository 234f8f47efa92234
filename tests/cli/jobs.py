# SPDX-License-Identifier: MIT
"""The number of threads changes nothing: same bytes, same report in the same order, same winners. With
ThreadSanitizer in the program this is also the test for races."""
import random

import lines as t
from lines import tap

random.seed(3)
KEYS = {"input", "output", "status", "format", "reason", "code", "profile", "profile_sha256", "rules", "warnings",
        "bytes_in", "bytes_out", "seconds", "tag"}
PROFILE = t.PROFILE + """    - {name: d, increment-date: true, date-increment: 1, on-error: keep}
    - {regex: 'r.*', hash: true, salt: s}
"""


def content(i):
    if i % 29 == 0:
        return "id=%d" % i  # cut
    text = "id=%d\nname=%s\nd=%s\nr%d=x\n" % (i, t.TOKEN, "20200101" if i % 7 else t.TOKEN, i)
    return text + "#%s\n" % ("p" * random.randint(0, 20000))


files = {}
for i in range(240):
    folder = ("", "a/", "b/c/", "b/")[i // 60]
    ext = (".lines", ".pairs", ".txt")[i % 3 if i % 11 else 2]
    files["%s%03d%s" % (folder, i, ext)] = content(i) + ("uid=same%d\n" % (i // 40) if ext == ".pairs" and i % 2 else "")
path = t.work(files, PROFILE)
first = None
for jobs, sync in (("1", "none"), ("8", "none"), ("2", "batch"), ("8", "batch"), ("3", "file")):
    name = "out" + jobs + sync
    r = t.run(path, "-o", name, "-j", jobs, "--sync", sync, "in")
    rows, last = t.report(path)
    for row in rows + [last]:
        row.pop("seconds")
        if row.get("output"):
            row["output"] = row["output"][len(name):]
    now = {k: v for k, v in t.out(path, name).items()}
    text = r.err.replace(name, "out")
    for row in rows:
        row["reason"] = row["reason"] and row["reason"].replace(name, "out")
    what = "-j%s --sync %s" % (jobs, sync)
    tap.ok("ThreadSanitizer" not in r.err, what + ": no race", r.err[:3000])
    if first is None:
        first = (r.status, now, rows, last, text)
        continue
    tap.is_(r.status, first[0], what + ": same status")
    tap.ok(now == first[1], what + ": same files with the same bytes", set(now) ^ set(first[1]))
    tap.ok(rows == first[2], what + ": same report, in the same order",
           [(x, y) for x, y in zip(rows, first[2]) if x != y][:2])
    tap.is_(last, first[3], what + ": same summary")
    tap.ok(text == first[4], what + ": same messages, in the same order")
    tap.ok(t.silent(r, path), what + ": no value in any message")

# What a report promises.
status, now, rows, last, text = first
tap.ok(all(set(row) == KEYS - {"seconds"} for row in rows), "every line has the members that cli(1) names",
       [set(row) ^ KEYS for row in rows[:1]])
count = {s: sum(row["status"] == s for row in rows) for s in ("deidentified", "skipped", "copied", "failed")}
tap.ok(all(last[s] == n for s, n in count.items()) and last["inputs"] == len(rows) == 240 == sum(count.values()),
       "the counts add up", last)
tap.ok(count["deidentified"] > 100 and count["failed"] > 10 and count["skipped"] > 20, "and all kinds are there", count)
tap.is_(len(now), count["deidentified"], "an output for each that was de-identified, and no other")
for row in rows:
    good = (row["status"] == "deidentified") == (row["output"] is not None) == (row["tag"] == "deid-inplace-PASS")
    good = good and (row["status"] == "deidentified" or row["reason"]) and row["profile"] == "test profile"
    good = good and (row["output"] is None or row["bytes_out"] == len(now[row["output"][1:]]))
    if not good:
        tap.ok(False, "members fit together", row)
        break
else:
    tap.ok(True, "members fit together")
warned = [row for row in rows if row["warnings"]]
tap.ok(warned and all(w == row["warnings"][0] and w.startswith("d: ") and "on-error" in w
                      for row in warned for w in row["warnings"]), "on-error is in the warnings", warned[:2])

# More files than a batch, and a report without --report in between: order by input.
path = t.work({"%04d.lines" % i: "id=%d\nname=x\n" % i for i in range(400)})
r = t.run(path, "-o", "out", "-j", "8", "in")
rows, last = t.report(path)
tap.ok(r.status == 0 and [row["input"] for row in rows] == ["in/%04d.lines" % i for i in range(400)] and
       t.out(path) == {"%04d.lines" % i: "id=%s\n" % t.sha(str(i)) for i in range(400)}, "400 files, several batches", last)

# One warning in many inputs is said a few times, and then counted.
path = t.work({"%d.pairs" % i: "id=1\nname=x\nd=%s\n" % t.TOKEN for i in range(9)}, PROFILE)
r = t.run(path, "-o", "out", "in")
tap.ok(r.err.count(": warning: d: ") == 3 and "deid: warning, in 6 more inputs: d: " in r.err and "; 9 warnings" in r.err,
       "a warning that many inputs have is said three times, then counted", r)
r = t.run(path, "-o", "out2", "-v", "in")
tap.ok(r.err.count(": warning: d: ") == 9 and "more inputs" not in r.err, "-v: each time", r)

# What was in no input is told once.
path = t.work({"a.lines": "id=1\n", "b.lines": "id=2\nname=x\n"}, t.PROFILE.replace("    - {name: name, remove: true}\n",
              "    - {name: name, remove: true}\n    - {name: nowhere, hash: true, salt: s}\n"))
r = t.run(path, "-o", "out", "in")
tap.ok(r.err.count("nowhere") == 1 and "found in no input: nowhere" in r.err and "no input: name" not in r.err,
       "a field that no input has is told once", r)
rows, last = t.report(path)
tap.is_([row["rules"] for row in rows], [{"applied": 1, "not_found": ["name", "nowhere"]},
                                         {"applied": 2, "not_found": ["nowhere"]}], "and for each input in the report")
tap.done()
