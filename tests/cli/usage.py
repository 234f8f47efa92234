# SPDX-License-Identifier: MIT
"""What the program says to wrong use, and its exit statuses."""
import os

import lines as t
from lines import tap

a_in, a_out = t.text("a")
path = t.work({"a.lines": a_in})
tap.write(path + "/bad.yaml", "lines:\n  fieds: []\n")


def untouched(what, *args, status=2, says="", hint=True, **more):
    r = t.deid(path, *args, **more)
    tap.ok(r.status == status and says in r.err and (not hint or "--help'" in r.err) and
           sorted(os.listdir(path)) == ["bad.yaml", "in", "p.yaml"] and t.silent(r) and
           tap.tree(path + "/in") == {"a.lines": a_in.encode()}, what, r)


untouched("--metadata in place", "run", "-p", "p.yaml", "-i", "--metadata", "m", "in", says="--metadata needs -o with a folder")
untouched("an empty --tag", "run", "-p", "p.yaml", "-o", "out", "--tag=", "in", says="--tag is empty")
untouched("no command", says="a command is missing")
untouched("unknown command", "frob", says="unknown command 'frob'")
untouched("unknown option before the command", "--frob", "run", says="--frob")
untouched("unknown option", "run", "-p", "p.yaml", "-o", "out", "--frobnicate", "in", says="--frobnicate")
for name in ("shard", "sandbox"):
    untouched("--%s is not there yet" % name, "run", "-p", "p.yaml", "-o", "out", "--%s=1" % name, "in", says=name)
untouched("no profile", "run", "-o", "out", "in", says="a profile is missing")
untouched("no place to write", "run", "-p", "p.yaml", "in", says="one of -o and --in-place")
untouched("two places to write", "run", "-p", "p.yaml", "-o", "out", "-i", "in", says="exclude each other")
untouched("no input", "run", "-p", "p.yaml", "-o", "out", says="an input is missing")
untouched("no argument to an option", "run", "in", "-p", says="requires an argument")
for option, words in (("unmatched", "skip|fail|copy"), ("folders", "keep|hash|flat"),
                      ("on-conflict", "fail|overwrite|skip"), ("sync", "file|batch|none")):
    untouched("--%s perhaps" % option, "run", "-p", "p.yaml", "-o", "out", "--" + option, "perhaps", "in",
              says="'perhaps' is none of " + words)
for n in ("0", "-1", "x", "1.5", "", "99999999999999999999", "2000"):
    untouched("-j '%s'" % n, "run", "-p", "p.yaml", "-o", "out", "-j", n, "in", says="--jobs")
for n in ("0", "-1", "x", "1X", "K", "99999999999T"):
    untouched("--max-memory '%s'" % n, "run", "-p", "p.yaml", "-o", "out", "--max-memory", n, "in", says="--max-memory")
untouched("--keep-original without --in-place", "run", "-p", "p.yaml", "-o", "out", "--keep-original", "in",
          says="--keep-original needs --in-place")
untouched("--keep-original with a folder", "run", "-p", "p.yaml", "-i", "--keep-original=/x", "in", says="suffix")
untouched("--in-place with --no-sync", "run", "-p", "p.yaml", "-i", "--no-sync", "in", says="--in-place")
untouched("--in-place with --unmatched copy", "run", "-p", "p.yaml", "-i", "--unmatched", "copy", "in", says="copy")
untouched("--in-place with --folders", "run", "-p", "p.yaml", "-i", "--folders", "hash", "in", says="--folders")
untouched("an empty output folder", "run", "-p", "p.yaml", "-o", "", "in", says="no folder")
untouched("a profile that is not there", "run", "-p", "none.yaml", "-o", "out", "in", says="none.yaml", hint=False)
untouched("a profile that is a folder", "run", "-p", "in", "-o", "out", "in", says="in: error", hint=False)
untouched("a profile with errors", "run", "-p", "bad.yaml", "-o", "out", "in", says="bad.yaml:2:3: error: ", hint=False)
untouched("a list that is not there", "run", "-p", "p.yaml", "-o", "out", "--files-from", "nolist", says="nolist",
          hint=False)
untouched("a report that cannot be made", "run", "-p", "p.yaml", "-o", "out", "--report", "no/r", "in", says="no/r",
          hint=False)
untouched("a report that is an input", "run", "-p", "p.yaml", "-o", "out", "--report", "in/a.lines", "in/a.lines",
          says="report", hint=False)
untouched("a plugin folder that is not there", "run", "--plugin-dir", "nowhere", "-p", "p.yaml", "-o", "out", "in",
          says="nowhere", hint=False)
untouched("an output folder that is a file", "run", "-p", "p.yaml", "-o", "p.yaml", "in", says="p.yaml", hint=False)
untouched("an output folder below a file", "run", "-p", "p.yaml", "-o", "p.yaml/out", "in", says="p.yaml", hint=False)
untouched("an output folder that is the input", "run", "-p", "p.yaml", "-o", "in", "in", says="output folder",
          hint=False)
untouched("check with an operand", "check", "-p", "p.yaml", "in", says="not expected")
untouched("check without a profile", "check", says="a profile is missing")
untouched("fields without a file", "fields", says="a file is missing")
untouched("formats of what is not there", "formats", "frob", says="frob", hint=False)
untouched("too many names for formats", "formats", "lines", "pairs", says="not expected")

for args in (["--help"], ["run", "--help"], ["check", "--help"], ["fields", "--help"], ["formats", "--help"]):
    r = t.deid(path, *args)
    tap.ok(r.status == 0 and r.out.startswith("Usage: deid") and r.err == "", " ".join(args), r)
r = t.deid(path, "--version")
tap.ok(r.status == 0 and r.out.startswith("deid ") and "plugin interface 1." in r.out, "--version", r)

# A full standard output is an error, and no result.
for args in (["--help"], ["--version"], ["formats"], ["check", "-p", "p.yaml"], ["fields", "in/a.lines"]):
    r = t.deid(path, *args, wrap=["sh", "-c", 'exec "$@" >/dev/full', "sh"])
    tap.ok(r.status != 0 and "standard output" in r.err, "a full standard output: " + args[0], r)
r = t.deid(path, "run", "-p", "p.yaml", "-o", "o1", "--report", "/dev/full", "in")
tap.ok(r.status == 1 and "cannot write the report" in r.err and t.out(path, "o1") == {"a.lines": a_out},
       "a report that does not fit: exit 1, the outputs are there", r)

# check
r = t.deid(path, "check", "-p", "p.yaml")
tap.ok(r.status == 0 and r.out.endswith("0 errors, 0 warnings\n"), "check: a good profile", r)
r = t.deid(path, "check", "-p", "bad.yaml")
tap.ok(r.status == 2 and "bad.yaml:2:3: error: " in r.out and r.out.strip().split("\n")[-1].startswith("1 error, "),
       "check: an error with its place, then a count", r)
r = t.deid(path, "check", "-p", "bad.yaml", "--json")
rows = t.json.loads(r.out)
tap.ok(r.status == 2 and rows[0]["line"] == 2 and rows[0]["column"] == 3 and rows[0]["level"] == "error" and
       rows[0]["file"] == "bad.yaml" and rows[0]["message"], "check --json", r)
tap.write(path + "/warn.yaml", "lines:\n  fields:\n    - {name: id, hash: true}\n")
r = t.deid(path, "check", "-p", "warn.yaml")
tap.ok(r.status == 0 and ": warning: " in r.out and "0 errors, 1 warning\n" in r.out, "check: a warning is no error", r)
r = t.deid(path, "check", "-p", "warn.yaml", "--strict")
tap.is_(r.status, 2, "check --strict: it is")
r = t.deid(path, "run", "-p", "warn.yaml", "-o", "o2", "--strict", "in")
tap.ok(r.status == 0 and os.path.exists(path + "/o2"), "run --strict: advice about the profile is none", r)
tap.write(path + "/idle.yaml", "lines:\n  fields:\n    - {name: id, replace-with: null}\n")
r = t.deid(path, "run", "-p", "idle.yaml", "-o", "o3", "--strict", "in")
tap.ok(r.status == 2 and not os.path.exists(path + "/o3"), "run --strict: a warning about what it would do is an error", r)

# GNU forms of options
for i, args in enumerate((["-pp.yaml", "-oX", "in"], ["--profile=p.yaml", "--output=X", "in"], ["in", "-p", "p.yaml", "-o", "X"],
                          ["--prof", "p.yaml", "--out", "X", "--", "in"], ["-qvp", "p.yaml", "-o", "X", "in"])):
    args = [a.replace("X", "g%d" % i) for a in args]
    r = t.deid(path, "run", *args)
    tap.ok(r.status == 0 and t.out(path, "g%d" % i) == {"a.lines": a_out}, "options as " + " ".join(args), r)

# Profiles by a bare name
r = t.deid(path, "run", "-p", "named", "-o", "n1", "in", env={"DEID_PROFILE_PATH": "/nowhere:" + path + "/lib"})
tap.ok(r.status == 2 and "named" in r.err, "a bare name that no folder has", r)
tap.write(path + "/lib/named.yaml", t.PROFILE)
r = t.deid(path, "run", "-p", "named", "-o", "n1", "in", env={"DEID_PROFILE_PATH": "/nowhere:" + path + "/lib"})
tap.ok(r.status == 0 and t.out(path, "n1") == {"a.lines": a_out}, "a bare name of DEID_PROFILE_PATH", r)

# Quiet and verbose
r = t.deid(path, "run", "-p", "p.yaml", "-o", "q1", "-q", "in")
tap.ok(r.status == 0 and r.err == "" and r.out == "", "-q: nothing to say when all went well", r)
r = t.deid(path, "run", "-p", "p.yaml", "-o", "q2", "in")
tap.ok("1 input: 1 de-identified, 0 skipped, 0 copied, 0 failed" in r.err, "the summary", r)
r = t.deid(path, "run", "-p", "p.yaml", "-o", "q3", "-v", "in")
tap.ok("in/a.lines: q3/a.lines" in r.err, "-v: a line for each input", r)
r = t.deid(path, "run", "-p", "p.yaml", "-o", "q1", "-q", "in")
tap.ok(r.status == 1 and "exists already" in r.err and "1 failed" in r.err, "-q: failures are told", r)

tap.done()
