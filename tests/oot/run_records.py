# SPDX-License-Identifier: MIT
"""The out-of-tree plugin records.c: built from an installed deid, then used by `deid run`.

With DEID_TEST_LONG the big file has 1 GiB, else 32 MiB.
"""
import hashlib
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import build
import memory
import tap

END = b"\xff\xff\xff\xff"
LONG = bool(os.environ.get("DEID_TEST_LONG"))


def record(key, value):
    key = key.encode("utf-8")
    value = value if isinstance(value, bytes) else value.encode("utf-8")
    return struct.pack(">I", len(key)) + key + struct.pack(">I", len(value)) + value


def lpr(*pairs):
    return b"LPR1" + b"".join(record(k, v) for k, v in pairs) + END


def digest(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


class Case:
    """A folder with inputs and a profile, and what a run makes of them."""

    def __init__(self, scratch, name, profile, inputs):
        self.folder = os.path.join(scratch, name)
        self.out = os.path.join(self.folder, "out")
        self.profile = tap.write(os.path.join(self.folder, "profile.yaml"), json.dumps(profile))
        for n, data in inputs.items():
            tap.write(os.path.join(self.folder, "in", n), data)

    def run(self, *args, command="run", plugins=None):
        where = ["-o", self.out] if command == "run" else []
        inputs = [os.path.join(self.folder, "in")] if command == "run" else []
        return tap.deid(command, "--plugin-dir", plugins or PLUGINS, "-p", self.profile, *where, *args, *inputs)

    def outputs(self):
        return tap.tree(self.out) if os.path.isdir(self.out) else {}


PATIENT = (("name", "Doe, Jane"), ("id", "4711"), ("visit", "2020-02-27"), ("note", "spoke to Jane, room 12"),
           ("phone.home", "555-1234"), ("phone.work", "555-4321"), ("blob", bytes(range(256))), ("empty", ""))

RULES = {"records": {
    "date-increment": 3, "date-format": "%Y-%m-%d",
    "fields": [
        {"name": "name", "replace-with": "Subject 1"}, {"name": "id", "hash": True}, {"name": "visit", "increment-date": True},
        {"name": "note", "redact": "X"}, {"regex": r"phone\..*", "remove": True},
        {"name": "site", "replace-with": "Site 9"}, {"name": "absent", "replace-with": "no", "replace-with-insert": False}]}}


def test_formats():
    r = tap.deid("formats", "--plugin-dir", PLUGINS)
    tap.ok(r.status == 0 and "records" in r.out, "`deid formats` lists the plugin", r)
    r = tap.deid("formats", "--plugin-dir", PLUGINS, "records")
    tap.ok(r.status == 0 and "fold-case" in r.out, "`deid formats records` names its setting", r)


def test_rules(scratch):
    case = Case(scratch, "rules", RULES, {"a.lpr": lpr(*PATIENT)})
    r = case.run()
    tap.ok(r.status == 0, "a file is de-identified", r)
    want = lpr(("name", "Subject 1"), ("id", digest("4711")), ("visit", "2020-03-01"), ("note", "XXXXX XX XXXX, XXXX 12"),
               ("blob", bytes(range(256))), ("empty", ""), ("site", "Site 9"))
    tap.is_(case.outputs(), {"a.lpr": want}, "replace, hash, date, redact, remove by regex, add")


def test_content(scratch):
    """A name that no filter knows: the content mark decides; a container of the same job's other plugins too."""
    case = Case(scratch, "content", {"records": {"fields": [{"name": "id", "hash": True}]}},
                {"export.bin": lpr(("id", "x")), "other.bin": b"LPR2" + END})
    r = case.run()
    tap.ok(r.status == 0, "content claims what names do not", r)
    tap.is_(case.outputs(), {"export.bin": lpr(("id", digest("x")))}, "the file without the mark is not touched")


def test_identity(scratch):
    data = lpr(*(PATIENT + PATIENT))
    case = Case(scratch, "identity", {"records": {"fields": [{"name": "name"}]}}, {"a.lpr": data, "b.lpr": lpr()})
    r = case.run()
    tap.ok(r.status == 0, "an identity profile", r)
    tap.is_(case.outputs(), {"a.lpr": data, "b.lpr": lpr()}, "every byte as it was")


def test_duplicates(scratch):
    case = Case(scratch, "duplicates", {"records": {"fold-case": True, "fields": [
        {"name": "id", "replace-with": "1"}, {"name": "ID", "hash": True}, {"name": "new", "replace-with": "a"},
        {"name": "new", "hash": True}]}}, {"a.lpr": lpr(("Id", "x"), ("b", "y"), ("iD", "z"))})
    r = case.run()
    tap.ok(r.status == 0, "two entries on one key", r)
    tap.is_(case.outputs(), {"a.lpr": lpr(("Id", digest("1")), ("b", "y"), ("iD", digest("1")), ("new", digest("a")))},
            "all records of a key, entries in their order, a created one too")


def test_redact(scratch):
    fields = [{"name": "a", "redact": "*"}, {"name": "b", "redact": "*", "redact-digits": False}]
    case = Case(scratch, "redact", {"records": {"redact-digits": True, "fields": fields},
                                    "json": {"fields": [{"name": "n.*", "redact": "-"}]}},
                {"a.lpr": lpr(("a", "Zo\u00eb 7 \u540d"), ("b", "Ab 7")), "b.json": '{"n": {"x": "Ann B.", "y": "7"}}'})
    r = case.run()
    tap.ok(r.status == 0, "the new action in two formats", r)
    tap.is_(case.outputs(), {"a.lpr": lpr(("a", "*** * *"), ("b", "** 7")), "b.json": b'{"n": {"x": "--- -.", "y": "7"}}'},
            "its option in the section, overridden in the entry; a length in characters stays")
    case = Case(scratch, "bytes", {"records": {"fields": [{"name": "a", "redact": "X"}]}}, {"a.lpr": lpr(("a", b"\xff\xfe"))})
    r = case.run()
    tap.ok(r.status == 1 and not case.outputs(), "a value that is no text fails the file", r)


def test_profile_errors(scratch):
    for name, field in (("a list", {"name": "a", "replace-with": ["x", "y"]}), ("a map", {"name": "a", "replace-with": {"x": 1}}), ("a long key", {"name": "k" * 256}),
                        ("two letters", {"name": "a", "redact": "XY"}), ("a typo", {"name": "a", "redact": "X", "redact-digit": True}),
                        ("a wrong type", {"name": "a", "redact": "X", "redact-digits": 7})):
        case = Case(scratch, "bad " + name, {"records": {"fields": [field]}}, {"a.lpr": lpr()})
        r = case.run(command="check")
        tap.ok(r.status == 2 and "profile.yaml:1:" in r.out, "%s is a profile error with its place" % name, r)
        r = case.run()
        tap.ok(r.status == 2 and not case.outputs(), "%s: nothing is touched" % name, r)


def test_truncation(scratch):
    """Every position: the end mark makes each shorter file evident. One more byte is refused as well."""
    whole = lpr(*PATIENT)
    inputs = {"%05d.lpr" % n: whole[:n] for n in range(len(whole))}
    inputs["longer.lpr"] = whole + b"\0"
    case = Case(scratch, "cut", RULES, inputs)
    report = os.path.join(case.folder, "report.jsonl")
    r = case.run("--report", report)
    tap.ok(r.status == 1, "%d cut files fail" % len(inputs), r)
    tap.is_(case.outputs(), {}, "nothing is written for them")
    lines = [json.loads(line) for line in tap.read(report).decode("utf-8").splitlines()]
    failed = [line for line in lines if line.get("status") == "failed" and line.get("input")]
    tap.is_(len(failed), len(inputs), "each is in the report")
    tap.is_(tap.tree(os.path.join(case.folder, "in")), inputs, "the inputs are as they were")
    said = r.out + r.err + tap.read(report).decode("utf-8")
    tap.ok(not any(v in said for v in ("Jane", "4711", "555-")), "no value is named")


def test_lengths(scratch):
    """Lengths that lie."""
    key = struct.pack(">I", 1) + b"k"
    bad = {"value.lpr": b"LPR1" + key + b"\xff\xff\xff\xfe" + b"x" + END, "value1.lpr": b"LPR1" + key + b"\0\0\0\6x" + END,
           "key0.lpr": b"LPR1" + b"\0\0\0\0" + b"\0\0\0\0" + END, "key256.lpr": b"LPR1" + b"\0\0\1\0" + b"k" * 256 + b"\0\0\0\0" + END,
           "utf8.lpr": b"LPR1" + record("k", "v").replace(b"k", b"\xc0") + END, "magic.lpr": b"LPR2" + END}
    case = Case(scratch, "lengths", {"records": {"fields": [{"name": "k", "remove": True}]}}, bad)
    r = case.run()
    tap.ok(r.status == 1 and not case.outputs(), "lengths that lie fail", r)


def test_memory(scratch):
    """Constant memory: small records and long values, one changed in each block, one created at the end."""
    size = (1 << 30) if LONG else (32 << 20)
    small = b"".join(record("k%d" % i, "v" * (i % 50)) for i in range(500))
    block = small + record("name", "Doe, Jane") + record("image", b"\xaa" * 200000)
    block2 = small + record("name", digest("Doe, Jane")) + record("image", b"\xaa" * 200000)
    count = size // len(block) + 1
    src, out = os.path.join(scratch, "big.lpr"), os.path.join(scratch, "big-out")
    want = hashlib.sha256(b"LPR1")
    with open(src, "wb") as f:
        f.write(b"LPR1")
        for _ in range(count):
            f.write(block)
            want.update(block2)
        f.write(END)
    want.update(record("site", "9") + END)
    profile = tap.write(os.path.join(scratch, "big.yaml"), json.dumps({"records": {"fields": [
        {"name": "name", "hash": True}, {"name": "site", "replace-with": 9}]}}))
    status, peak, err = memory.run_measured([tap.DEID, "run", "--plugin-dir", PLUGINS, "--no-sync", "-p", profile, "-o", out, src])
    tap.ok(status == 0, "a file of %d MiB" % (size >> 20), err)
    got = hashlib.sha256()
    with open(os.path.join(out, "big.lpr"), "rb") as f:
        for piece in iter(lambda: f.read(1 << 20), b""):
            got.update(piece)
    tap.is_(got.hexdigest(), want.hexdigest(), "%d records changed, one created" % count)
    if memory.MEASURABLE:
        tap.ok(peak and peak < 32 << 10, "in %d KiB of memory, less than 32 MiB" % peak)
    else:
        tap.skip("memory", "a sanitizer's memory is not ours")


SCRATCH = tap.scratch()
PLUGINS = os.path.join(SCRATCH, "plugins")
build.compile_plugin(os.path.join(HERE, "records.c"), PLUGINS, build.install(SCRATCH))
if LONG:
    test_memory(SCRATCH)
else:
    test_formats()
    for test in (test_rules, test_content, test_identity, test_duplicates, test_redact, test_profile_errors, test_truncation,
                 test_lengths, test_memory):
        test(SCRATCH)
tap.done()
