# SPDX-License-Identifier: MIT
"""Every key that all sections share does what it says: two profiles that differ in that key alone give two outputs,
and each is the expected one. Without the code that reads the key they would be the same.

Where an output is random it is looked at with --seed unset, by bounds that no other value of the key can meet."""
import datetime
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

KEY_A, KEY_B = "000102030405060708090a0b0c0d0e0f", "f0e0d0c0b0a090807060504030201000"
UID = "1.2.840.113619.6.283.4.983142589.7316.1300473420.841"


def sha(text, digits=16):
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def hashuid(uid, salt="", prefix=4, suffix=1, root=None):
    """Profile language, section 4.4, for UIDs without leading zeros that fit."""
    parts = uid.split(".")
    digits = "".join(str(b) for b in hashlib.sha256((salt + uid).encode()).digest())
    groups = [digits[6 * i:6 * i + 6] for i in range(6)]
    groups = ["1" + g[1:] if g[0] == "0" else g for g in groups]
    out = (root.split(".") if root else parts[:prefix]) + groups + [p[-6:] for p in parts[len(parts) - suffix:] if suffix]
    return ".".join(out)


def days_from_now(low, high, pattern="%Y%m%d"):
    """A date between so many days from now."""
    def check(text):
        d = datetime.datetime.strptime(text, pattern) - datetime.datetime.now()
        return low <= d.total_seconds() / 86400 <= high
    return check


def moved(low, high):
    """A moment at least so many seconds, and less than so many, from that of the input."""
    def check(text):
        d = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S") - datetime.datetime(2020, 1, 10, 12)
        return low <= abs(d.total_seconds()) < high
    return check


def number(low, high):
    return lambda text: low <= float(text) <= high


WHOLE = lambda text: re.fullmatch(r"-?\d+", text) is not None  # noqa: E731
BROKEN = lambda text: not WHOLE(text) and float(text) != 500  # noqa: E731
LONG = {"increment-datetime": True, "datetime-format": "%Y-%m-%d %H:%M:%S"}

# key: [(its two values, None: absent; other keys; the entry; the input value; the two outputs, None: no output)]
# An output is a text or a test of one. Where the key says so it stands in the entry instead.
CASES = {
    "fields": [((None, "the entry"), {}, {"replace-with": "x"}, "v", ("v", "x"))],
    "file-filter": [(("*.csv", "other*"), {}, {"replace-with": "x"}, "v", ("x", None)),
                    ((["a*", "in.c?v"], ["a*", "[!i]n.csv"]), {}, {"replace-with": "x"}, "v", ("x", None)),
                    ((None, []), {}, {"replace-with": "x"}, "v", ("x", None))],
    "date-increment": [((-1, 1.5), {}, {"increment-date": True}, "20200101", ("20191231", "20200102")),
                       ((2, -3), {}, {"increment-datetime": True}, "20200101120000", ("20200103120000", "20191229120000"))],
    "date-increment-override": [((None, 5), {"date-increment": 1}, {"increment-date": True}, "20200101", ("20200102", "20200106"))],
    "date-format": [((None, "%d.%m.%Y"), {"date-increment": 1, "on-error": "keep"}, {"increment-date": True}, "31.12.2020", ("31.12.2020", "01.01.2021")),
                    ((["%Y", "%d.%m.%Y"], ["%Y%m%d", "%m.%d.%Y"]), {"date-increment": 1, "on-error": "keep"}, {"increment-date": True}, "05.06.2020",
                     ("06.06.2020", "05.07.2020"))],
    "datetime-format": [((None, "%H:%M %d/%m/%y"), {"date-increment": 0.5, "on-error": "keep"}, {"increment-datetime": True}, "18:00 31/12/99",
                         ("18:00 31/12/99", "06:00 01/01/00"))],
    "datetime-min": [((None, "20200201"), {"date-increment": 1}, {"increment-date": True}, "20200101", ("20200102", "20200201")),
                     (("-2 weeks", "-5days"), {"date-increment": 1}, {"increment-date": True}, "20000101", (days_from_now(-15.1, -13.9), days_from_now(-6.1, -4.9)))],
    "datetime-max": [((None, "20191201"), {"date-increment": 1}, {"increment-date": True}, "20200101", ("20200102", "20191201")),
                     (("+1 years", "+3 days"), {"date-increment": 1}, {"increment-date": True}, "29990101", (days_from_now(360, 367), days_from_now(1.9, 3.1)))],
    "jitter-date": [((None, True), {"date-increment": 0, "jitter-range": 1000}, {"increment-date": True}, "20200101",
                     ("20200101", lambda t: t != "20200101"))],
    "jitter-unit": [(("seconds", "years"), {"jitter-date": True, "jitter-range": 30}, LONG, "2020-01-10 12:00:00",
                     (moved(0, 31), moved(300, 10**10))),
                    (("hours", "weeks"), {"jitter-date": True, "jitter-range": 50}, LONG, "2020-01-10 12:00:00",
                     (moved(0, 50 * 3600 + 1), moved(0, 50 * 7 * 86400 + 1)))],
    "jitter-range": [((1, 1000000), {"jitter-type": "int"}, {"jitter": True}, "500", (number(499, 501), lambda t: abs(float(t) - 500) > 1)),
                     ((0.001, 90), {"jitter-date": True, "jitter-unit": "years"}, LONG, "2020-01-10 12:00:00", (moved(0, 40000), moved(40000, 10**10)))],
    "jitter-type": [((None, "int"), {"jitter-range": 50}, {"jitter": True}, "500", (BROKEN, WHOLE))],
    "jitter-min": [((None, 600), {}, {"jitter": True}, "500", (number(498, 502), "600"))],
    "jitter-max": [((None, 400), {}, {"jitter": True}, "500", (number(498, 502), "400"))],
    "salt": [((None, "abc"), {}, {"hash": True}, "Test^Patient", ("7a33e38537816612", sha("abcTest^Patient"))),
             ((None, "1e3"), {}, {"hashuid": True}, UID, ("1.2.840.113619.551726.420312.177022.222461.230571.501817.841", hashuid(UID, "1e3")))],
    "hash-digits": [((None, 5), {}, {"hash": True}, "v", (sha("v"), sha("v", 5))), ((0, 64), {}, {"hash": True}, "v", (sha("v", 64), sha("v", 64)))],
    "uid-prefix-fields": [((None, 2), {}, {"hashuid": True}, UID, (hashuid(UID), hashuid(UID, prefix=2)))],
    "uid-suffix-fields": [((None, 2), {}, {"hashuid": True}, "1.2.3.4.5.6.7", (hashuid("1.2.3.4.5.6.7"), hashuid("1.2.3.4.5.6.7", suffix=2))),
                          ((0, 1), {}, {"hashuid": True}, "1.2.3.4.5.6.7", (hashuid("1.2.3.4.5.6.7", suffix=0), hashuid("1.2.3.4.5.6.7")))],
    "uid-numeric-name": [((None, "2.16.840.1"), {}, {"hashuid": True}, UID, (hashuid(UID), hashuid(UID, root="2.16.840.1")))],
    "replace-with-insert": [((None, False), {"as": "json"}, {"name": "new", "replace-with": "x"}, "v", ('{"a": "v", "new": "x"}', '{"a": "v"}')),
                            ((True, False), {"as": "json"}, {"replace-with": "x"}, "", ('{"a": "x"}', '{"a": "x"}'))],
    "filenames": [((None, [{"input-regex": "(?P<stem>.*).csv", "output": "{stem}-{a}.csv"}]), {"name-of": True}, {"replace-with": "x"}, "v",
                   ("in.csv", "in-x.csv"))],
    "secret-key": [((KEY_A, KEY_B), {"encrypted": True}, {"decrypt": True}, None, ("plain", None)),
                   ((None, KEY_A), {"encrypted": True, "at top": True}, {"decrypt": True}, None, (None, "plain"))],
    "on-error": [((None, "keep"), {"date-increment": 1}, {"increment-date": True}, "soon", (None, "soon")),
                 (("keep", "remove"), {"date-increment": 1}, {"increment-date": True}, "soon", ("soon", ""))],
}
# Those of the entry, where it may have them, give the same.
ENTRY_TOO = ("date-increment", "date-increment-override", "date-format", "datetime-format", "datetime-min", "datetime-max", "jitter-date",
             "jitter-unit", "jitter-range", "jitter-type", "jitter-min", "jitter-max", "salt", "hash-digits", "uid-prefix-fields", "uid-suffix-fields",
             "uid-numeric-name", "replace-with-insert", "secret-key", "on-error")
# Read by the formats that need certificates; elsewhere without effect.
ELSEWHERE = {"public-key", "private-key"}

folder = tap.scratch()


def crypt(key, action, value):
    """`value` after the action, with this key."""
    tap.write(folder + "/k.yaml", json.dumps({"csv": {"secret-key": key, "fields": [{"name": "a", action: True}]}}))
    tap.write(folder + "/k.csv", "a\n%s\n" % value)
    r = tap.deid("run", "-q", "-p", "k.yaml", "-o", "k", "--on-conflict", "overwrite", "k.csv", cwd=folder)
    return tap.read(folder + "/k/k.csv").decode().splitlines()[1] if r.status == 0 else r


def outcome(key, value, more, entry, text, in_entry):
    """What comes out with this value of the key: a text, or None."""
    form = more.get("as", "csv")
    section = {k: v for k, v in more.items() if k not in ("as", "name-of", "encrypted", "at top")}
    entry = dict({"name": "a"}, **entry)
    doc = {form: section}
    section["fields"] = [entry]
    if key == "fields":
        section["fields"] = [entry] if value else []
    elif value is not None:
        (entry if in_entry else doc if more.get("at top") else section)[key] = value
    if more.get("encrypted"):
        text = crypt(KEY_A, "encrypt", "plain")
    tap.write(folder + "/p.yaml", json.dumps(doc))
    data = json.dumps({"a": text}) if form == "json" else "a\n%s\n" % text
    tap.write(folder + "/in." + form, data)
    for name in os.listdir(folder + "/out") if os.path.isdir(folder + "/out") else ():
        os.unlink(os.path.join(folder, "out", name))
    r = tap.deid("run", "-q", "-p", "p.yaml", "-o", "out", "in." + form, cwd=folder)
    made = os.listdir(folder + "/out") if os.path.isdir(folder + "/out") else []
    if r.status or not made:
        return None
    if more.get("name-of"):
        return made[0]
    got = tap.read(os.path.join(folder, "out", made[0])).decode()
    return got if form == "json" else got.splitlines()[1] if len(got.splitlines()) > 1 else ""


def fits(got, want):
    return want(got) if callable(want) and got is not None else got == want


for key, cases in CASES.items():
    distinct = False
    for values, more, entry, text, wants in cases:
        for in_entry in (False, True) if key in ENTRY_TOO and not more.get("at top") else (False,):
            if key == "date-increment-override" and not in_entry:
                continue
            got = [outcome(key, v, more, entry, text, in_entry) for v in values]
            tap.ok(all(fits(g, w) for g, w in zip(got, wants)), "%s%s: %r and %r" % (key, " in an entry" if in_entry else "", values[0], values[1]),
                   "got %r" % (got,))
            distinct = distinct or got[0] != got[1]
    tap.ok(distinct, key + ": two values, two outputs")

# The list is whole: what `deid formats` says that actions read, with what the core itself reads.
actions = tap.deid("formats", "csv").out.partition("\nactions")[2]
known = set(re.findall(r"(?m)^  ([a-z][\w-]*): ", actions)) | {"fields", "file-filter", "on-error", "filenames"}
tap.is_(sorted(known - ELSEWHERE), sorted(CASES), "every key of every section is looked at")

# Nothing is inherited between sections but secret-key.
tap.write(folder + "/p.yaml", json.dumps({"csv": {"salt": "x", "fields": []}, "json": {"fields": [{"name": "a", "hash": True}]}}))
tap.write(folder + "/in.json", '{"a": "v"}')
tap.deid("run", "-q", "-p", "p.yaml", "-o", "out2", "in.json", cwd=folder)
tap.is_(tap.read(folder + "/out2/in.json").decode(), '{"a": "%s"}' % sha("v"), "a salt is its section's alone")
tap.done()
