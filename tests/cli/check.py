# SPDX-License-Identifier: MIT
"""deid check: what a document alone shows to be wrong, and what it advises. One list of profiles with what is said
of each; then all of it in one pass, JSON, exit statuses."""
import json
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

ONE = "csv:\n  date-increment: 1\n  salt: x\n  fields: [{name: a, %s}]\n"  # the entry is in line 4
TWO = "%s:\n  date-increment: 1\n  salt: x\n  fields:\n  - {name: '%s', %s}\n  - {name: '%s', %s}\n"  # lines 5 and 6
KEY = "  %s: %s\n"


def section(keys, entry="hash: true", name="csv"):
    """A section with these keys, from line 2 on."""
    return "%s:\n%s\n  fields: [{name: a, %s}]\n" % (name, "\n".join("  " + k for k in keys), entry)


# (what, the profile, the messages: "LINE:COL: error: …", or pieces of the text after "LINE: ")
CASES = [
    ("version", "version: 2\ncsv: {}\n", ["1:10: error: this version of the profile language is not known; it is 1"]),
    ("an unknown key", "csvv: {fields: []}\n", ["1:1: error: unknown key \"csvv\"; did you mean \"csv\"?"]),
    ("an underscore", section(["hash_digits: 4"]), ["2:3: error: unknown key \"hash_digits\"; did you mean \"hash-digits\"?",
                                                   "3:12: warning: \"hash\" without \"salt\""]),
    ("a key twice", "csv:\n  salt: a\n  salt: b\n", ["3:3: error: duplicate key, first given in line 2"]),
    ("a wrong type", section(["date-increment: often"], "remove: true"), ["2:19: error: \"date-increment\" takes a number"]),
    ("a hint", section(["hash-digits: 0o7", "salt: x"]), ["2:16: error: \"hash-digits\" takes a whole number; numbers are written in decimal"]),
    ("a word for true", ONE % "remove: yes", ["4:30: error: \"remove\" takes true or false; only true and false are truth values"]),
    ("an unknown action", ONE % "hsh: true", ["4:22: error: unknown key \"hsh\"; did you mean \"hash\"?"]),
    ("two actions", ONE % "hash: true, remove: true", ["4:34: error: a second action in one entry; write one entry for each"]),
    ("no name", "csv:\n  fields: [{remove: true}]\n", ["2:12: error: a field entry needs \"name\" or \"regex\""]),
    ("name and regex", ONE % "regex: b, remove: true", ["4:22: error: an entry has either \"name\" or \"regex\""]),
    ("options without an action", ONE % "salt: y", ["4:12: error: a field entry with options but without an action"]),
    ("a wrong expression", "csv:\n  fields: [{regex: '(', remove: true}]\n", ["2:20: error: no regular expression: "]),
    ("no date-increment", "csv:\n  fields: [{name: a, increment-date: true}]\n",
     ["2:38: error: a date action needs \"date-increment\", here or in the section"]),
    ("a pattern", ONE % "increment-date: true, date-format: '%Q'", ["4:57: error: \"date-format\": unknown code; known are %Y"]),
    ("a clamp", section(["date-increment: 1", "datetime-min: soon"], "increment-date: true"), ["3:17: error: \"datetime-min\" is YYYYMMDD"]),
    ("clamps the wrong way", section(["date-increment: 1", "datetime-min: 20200102", "datetime-max: 20200101"], "increment-date: true"),
     ["4:17: error: \"datetime-max\" lies before \"datetime-min\""]),
    ("a unit", section(["date-increment: 1", "jitter-date: true", "jitter-unit: eons"], "increment-date: true"),
     ["4:16: error: \"jitter-unit\" is one of years|weeks|days|hours|minutes|seconds"]),
    ("no jitter", section(["jitter-range: 0"], "jitter: true"), ["2:17: error: \"jitter-range\" is 0"]),
    ("whole jitter below one", section(["jitter-range: 0.5", "jitter-type: int"], "jitter: true"), ["2:17: error: \"jitter-range\" is below 1"]),
    ("jitter bounds", section(["jitter-min: 5", "jitter-max: 1"], "jitter: true"), ["3:15: error: \"jitter-max\" is below \"jitter-min\""]),
    ("hash-digits", section(["hash-digits: 65"], "remove: true"), ["2:16: error: \"hash-digits\" is from 0 to 64"]),
    ("uid-prefix-fields", section(["uid-prefix-fields: 0", "salt: x"], "hashuid: true"), ["2:22: error: \"uid-prefix-fields\" is from 1 to"]),
    ("uid-numeric-name", section(["uid-numeric-name: 1.2.3", "salt: x"], "hashuid: true"),
     ["2:21: error: \"uid-numeric-name\" has 3 components, \"uid-prefix-fields\" asks for 4"]),
    ("a key that is none", section(["secret-key: 00ff"], "encrypt: true"), ["2:15: error: \"secret-key\" takes 32, 48 or 64 hexadecimal digits"]),
    ("no key", ONE % "encrypt: true", ["4:31: warning: \"encrypt\" has no key: \"secret-key\" or --secret-key"]),
    ("on-error", section(["on-error: ignore"], "remove: true"), ["2:13: error: \"on-error\" is one of fail|remove|keep"]),
    ("a variable in regex-sub", ONE % "regex-sub: [{input-regex: '(?P<x>.)', output: '{y}'}]",
     ["4:68: error: \"output\": {y} is neither a group of the expression nor named by \"groups\""]),
    ("an item of regex-sub", ONE % "regex-sub: [{output: x}]", ["4:34: error: an item of \"regex-sub\" needs \"input-regex\""]),
    ("a brace in filenames", "csv:\n  filenames: [{input-regex: '.*', output: '{x'}]\n", ["2:43: error: \"output\": the brace at byte 0"]),
    ("a capture that is a keyword", "dicom:\n  filenames: [{input-regex: '(?P<PatientID>.*)', output: '{PatientID}'}]\n",
     ["2:29: error: \"input-regex\": the group PatientID has the name of a field"]),
    ("a keyword", "dicom:\n  fields: [{name: PatienName, remove: true}]\n", ["2:19: error: 'PatienName' is no DICOM keyword (did you mean 'PatientName'?)"]),
    ("a value of the VR", "dicom:\n  fields: [{name: StudyDate, replace-with: soon}]\n", ["2:12: error: 'StudyDate': the text is no date"]),
    ("a length of the VR", "dicom:\n  fields: [{name: StationName, replace-with: %s}]\n" % ("x" * 40), ["2:12: warning: 'StationName': the text is longer"]),
    ("a hash in a UID", "dicom:\n  salt: x\n  fields: [{name: StudyInstanceUID, hash: true}]\n", ["3:43: error: \"hash\": a field of this type cannot hold a hash"]),
    ("a private element", "dicom:\n  fields: [{name: '(0009,\"NOBODY\",01)', replace-with: x}]\n", ["2:12: error: '(0009,\"NOBODY\",01)': the VR"]),
    ("a list in a cell", ONE % "replace-with: [1, 2]", ["4:12: error: replace-with: a cell holds text, no list or mapping"]),
    ("no delimiter", "key-value-text-file:\n  fields: []\n", ["2:3: error: delimiter: is required, a regular expression"]),
    ("a template that is none", "csv:\n  salt: '{{ X'\n", ["2:9: error: \"{{\" is never closed (at character 1 of it)"]),
    # advice
    ("no salt, once", "csv:\n  fields:\n  - {name: a, hash: true}\n  - {name: b, hash: true}\n", ["3:5: warning: \"hash\" without \"salt\""]),
    ("no salt in a group", "csv:\n  fields: [{name: a, regex-sub: [{input-regex: '(?P<x>.*)', output: '{x}', groups: [{name: x, hash: true}]}]}]\n",
     ["2:85: warning: \"hash\" without \"salt\""]),
    ("a salt in the entry", "csv:\n  fields: [{name: a, hash: true, salt: y}]\n", []),
    ("an option without effect", ONE % "remove: true, salt: y", ["4:36: warning: \"salt\" has no effect on \"remove\""]),
    ("null", ONE % "replace-with: null", ["4:36: warning: \"replace-with\" without a value does nothing"]),
    ("after a remove", TWO % ("csv", "a", "remove: true", "a", "increment-date: true"), ["6:5: warning: this never acts: the entry in line 5 removes the field"]),
    ("removed twice", TWO % ("csv", "a", "remove: true", "a", "remove: true"), ["6:5: warning: this never acts: the entry in line 5 removes the field"]),
    ("columns are never made", TWO % ("csv", "a", "remove: true", "a", "replace-with: x"), ["6:5: warning: this never acts: the entry in line 5"]),
    ("made anew", TWO % ("json", "a", "remove: true", "a", "replace-with: x"), ["6:5: warning: this makes the field anew that the entry in line 5 removes"]),
    ("inside what is removed", TWO % ("json", "a", "remove: true", "a.b.c", "hash: true"), ["6:5: warning: this never acts: the entry in line 5 removes the field"]),
    ("inside, made anew", TWO % ("json", "a", "remove: true", "a.b", "replace-with: x"), ["6:5: warning: this makes the field anew"]),
    ("beside what is removed", TWO % ("json", "a", "remove: true", "ab", "hash: true"), []),
    ("replaced later", TWO % ("csv", "a", "hash: true", "a", "replace-with: x"), ["6:5: warning: the entry in line 5 is for nothing: this replaces the value"]),
    ("removed later", TWO % ("csv", "a", "replace-with: x", "a", "remove: true"), ["6:5: warning: the entry in line 5 is for nothing: this removes the field"]),
    ("removed later, around it", TWO % ("json", "a.b", "hash: true", "a", "remove: true"), ["6:5: warning: the entry in line 5 is for nothing: this removes"]),
    ("hashed after it was replaced", TWO % ("csv", "a", "replace-with: x", "a", "hash: true"), ["6:5: warning: the entry in line 5 changes this field too"]),
    ("shifted twice", TWO % ("csv", "a", "increment-date: true", "a", "increment-date: true"), ["6:5: warning: the entry in line 5 shifts this date too"]),
    ("shifted there and back", TWO % ("csv", "a", "increment-date: true", "a", "increment-date: true, date-increment: -1"),
     ["6:5: warning: this undoes what the entry in line 5 does"]),
    ("decrypted again", "csv:\n  secret-key: 000102030405060708090a0b0c0d0e0f\n  fields:\n  - {name: a, encrypt: true}\n  - {name: a, decrypt: true}\n",
     ["5:5: warning: this undoes what the entry in line 4 does"]),
    ("keep does not undo", TWO % ("csv", "a", "hash: true", "a", "keep: true"), []),
    ("switched off", TWO % ("csv", "a", "remove: true", "a", "hash: false"), []),
    ("a regex is not certain", "csv:\n  salt: x\n  fields: [{regex: a, remove: true}, {name: a, hash: true}]\n", []),
    ("a variable is not certain", "csv:\n  salt: x\n  fields: [{name: a, remove: \"{{ B }}\"}, {name: a, hash: true}]\n", []),
    ("regex-sub runs first", "csv:\n  salt: x\n  fields:\n  - {name: a, remove: true}\n  - {name: a, regex-sub: [{input-regex: '.*', output: z}]}\n",
     ["4:5: warning: the entry in line 5 is for nothing: this removes the field"]),
    ("spellings of a DICOM name", TWO % ("dicom", "PatientName", "remove: true", "(0010,0010)", "hash: true"), ["6:5: warning: this never acts: the entry in line 5"]),
    ("the case of a DICOM name", TWO % ("dicom", "patientname", "hash: true", "PatientName", "replace-with: x"), ["6:5: warning: the entry in line 5 is for nothing"]),
    ("a DICOM sequence", TWO % ("dicom", "OtherPatientIDsSequence", "remove: true", "OtherPatientIDsSequence.*.PatientID", "hash: true"),
     ["6:5: warning: this never acts: the entry in line 5 removes the field"]),
    ("another item", TWO % ("dicom", "OtherPatientIDsSequence.0.PatientID", "remove: true", "OtherPatientIDsSequence.1.PatientID", "hash: true"), []),
    ("two creators", TWO % ("dicom", "(0009,\"A\",01)", "remove: true", "(0009,\"B\",01)", "hash: true"), []),
    ("a table without names", "table:\n  fields: [{name: a, remove: true}]\n", ["2:3: warning: no file belongs to the section: it needs \"file-filter\""]),
    ("never, on purpose", "csv:\n  file-filter: []\n", []),
    ("a path in file-filter", "csv:\n  file-filter: [x.csv, 'in/*.csv']\n", ["2:24: warning: this never matches: \"file-filter\" is about the last part"]),
    ("names of another section", "csv: {}\ntable:\n  file-filter: '*.csv'\n", ["3:16: warning: no file belongs to the section: \"csv\" in line 1 takes the same names"]),
    ("some names of another section", "csv: {}\ntable:\n  file-filter: ['*.csv', '*.txt']\n", []),
    ("all names", "csv:\n  file-filter: '*'\ntable:\n  file-filter: '*.txt'\n", ["4:16: warning: no file belongs to the section"]),
    ("names of a section with a mark", "csv:\n  file-filter: '*'\ndicom: {}\n", []),
    ("metadata has no names", "csv: {}\nflywheel:\n  subject:\n    fields: [{name: label, replace-with: x}]\n", []),
]

folder = tap.scratch()
path = folder + "/p.yaml"
flywheel = tap.deid("formats", "flywheel.subject").status == 0
for what, text, want in CASES:
    if "flywheel" in text and not flywheel:
        tap.skip(what, "no plugin for it")
        continue
    tap.write(path, text)
    r = tap.deid("check", "-p", "p.yaml", cwd=folder)
    lines = r.out.splitlines()
    good = len(lines) == len(want) + 1 and all(a.startswith("p.yaml:" + b) for a, b in zip(lines, want))
    errors = sum(": error: " in x for x in want)
    tap.ok(good and r.status == (2 if errors else 0) and r.err == "", what, "%s\nwant %r\n%r" % (text, want, r))
    strict = tap.deid("check", "--strict", "-p", "p.yaml", cwd=folder)
    tap.ok(strict.status == (2 if want else 0) and strict.out == r.out, what + ", --strict", strict)

# All of it in one pass: sections side by side give the sum of what each has, in the order of lines.
together, want = "", []
for i, (_, text, _) in enumerate(c for c in CASES if c[1].startswith("csv:\n") and "table:" not in c[1] and "flywheel" not in c[1]):
    entry = text.replace("csv:\n", "", 1)
    tap.write(path, text)
    alone = json.loads(tap.deid("check", "--json", "-p", "p.yaml", cwd=folder).out)
    if any(d["message"].startswith(("duplicate", "\"{{\"")) for d in alone):
        continue  # the document's own mistakes
    name = ("csv", "tsv", "table")[i % 3] if i < 3 else None
    if not name:
        break
    offset = together.count("\n")
    together += name + ":\n" + ("  file-filter: x%d\n" % i) + entry
    want += [(d["line"] + offset + 1, d["level"], d["message"].replace("line 5", "line %d" % (6 + offset))) for d in alone]
tap.write(path, together)
r = tap.deid("check", "--json", "-p", "p.yaml", cwd=folder)
got = json.loads(r.out)
tap.is_([(d["line"], d["level"], d["message"]) for d in got], sorted(want, key=lambda x: x[0]), "three sections in one pass")
tap.ok(all(sorted(d) == ["column", "file", "level", "line", "message"] for d in got) and all(d["file"] == "p.yaml" for d in got),
       "JSON: members", r)

tap.write(path, "csv: {fields: [{name: a, remove: true}]}\n")
r = tap.deid("check", "--json", "-p", "p.yaml", cwd=folder)
tap.ok(r.status == 0 and json.loads(r.out) == [], "JSON: nothing to say", r)
tap.ok(tap.deid("check", "-p", "p.yaml", cwd=folder).out == "0 errors, 0 warnings\n", "nothing to say")
tap.ok(sorted(os.listdir(folder)) == ["p.yaml"], "nothing is written")

# A profile of 1,000 fields is checked in no more than three times what it takes to start an interpreter; processor
# time, since other tests run too.
ACTIONS = ("hash: true", "remove: true", "increment-date: true", "replace-with: x")
tap.write(path, "csv:\n  salt: x\n  date-increment: -3\n  fields:\n" +
          "".join("  - {name: column%d, %s}\n" % (i, ACTIONS[i % 4]) for i in range(1000)))


def cpu(*command):
    """The least user and system time of several runs."""
    times = []
    for _ in range(9):
        a = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        b = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime)
    return min(times)


if os.environ.get("DEID_TEST_SANITIZERS"):
    tap.skip("1,000 fields", "sanitizers take their time")
else:
    ours, python = cpu(tap.DEID, "--plugin-dir", tap.PLUGINS, "check", "-p", "p.yaml"), cpu(sys.executable, "-c", "pass")
    tap.note("1,000 fields: %.1f ms, python -c pass: %.1f ms" % (1000 * ours, 1000 * python))
    tap.ok(ours <= 3 * python, "1,000 fields", "%.4f s, %.4f s" % (ours, python))

for args, says in (((), "a profile is missing"), (("-p", "p.yaml", "x.csv"), "check reads a profile only"), (("-p", "none.yaml"), "none.yaml")):
    r = tap.deid("check", *args, cwd=folder)
    tap.ok(r.status == 2 and says in r.out + r.err, "check " + " ".join(args), r)
tap.done()
