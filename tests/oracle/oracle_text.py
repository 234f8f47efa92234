# SPDX-License-Identifier: MIT
"""JSON judged by jq (and Python's json), CSV by Python's csv, over generated documents.

A generator with a fixed seed makes documents of many spellings; for each, rules that hit are drawn from what it
has, and the expected result is computed here. What no rule touches has to stay byte for byte: for tables the
whole expected file is known, for JSON an identity run is compared.
"""
import csv
import datetime
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import tap

tap.needs("csv", "json")

DOCUMENTS, TABLES = 80, 60
SALT = "pepper"
DAYS = -40
WORDS = ("Doe", "Jane \"J\" Doe", "M\u00fcller", "\u540d\u524d", "a,b", "tab\there", "new\nline", "\\back\\", "\U0001f600", "x" * 200, "/", "007", "true")


def hashed(text):
    return hashlib.sha256((SALT + text).encode("utf-8")).hexdigest()[:16]


def shifted(text, pattern):
    return (datetime.datetime.strptime(text, pattern) + datetime.timedelta(days=DAYS)).strftime(pattern)


# ---- JSON: objects are lists of pairs in a class of their own, so that duplicate keys are seen --------------


class Obj(list):
    pass


class Num(str):
    """A number by its spelling."""


def make_value(rnd, depth):
    kind = rnd.random()
    if depth and kind < 0.35:
        pairs = Obj()
        for _ in range(rnd.randrange(6)):
            pairs.append((rnd.choice("abcdefgh") + rnd.choice(("", "Name", "Date", "\u00e9")), make_value(rnd, depth - 1)))
        return pairs
    if depth and kind < 0.5:
        return [make_value(rnd, depth - 1) for _ in range(rnd.randrange(5))]
    if kind < 0.6:
        return rnd.choice((True, False, None))
    if kind < 0.7:
        return Num(rnd.choice(("0", "-0", "12", "1.50", "1e3", "-2.5E-2", "123456789012345678", "0.1")))
    if kind < 0.8:
        return "%04d-%02d-%02d" % (rnd.randrange(1900, 2100), rnd.randrange(1, 13), rnd.randrange(1, 29))
    return rnd.choice(WORDS)


def spell(rnd, value, indent):
    """JSON text in one of its many spellings."""
    def blank():
        return rnd.choice(("", "", " ", "\n", "\t", "\r\n  ")) if indent else ""
    if isinstance(value, Obj):
        return "{" + ",".join(blank() + spell(rnd, k, indent) + blank() + ":" + blank() + spell(rnd, v, indent) + blank()
                              for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(blank() + spell(rnd, v, indent) + blank() for v in value) + "]"
    if isinstance(value, Num):
        return str(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=rnd.random() < 0.4)
        return text.replace("/", "\\/") if rnd.random() < 0.2 else text
    return json.dumps(value)


def parse(text):
    return json.loads(text, object_pairs_hook=Obj, parse_float=Num, parse_int=Num)


def paths(value, here=()):
    """Every place below, containers too: (path, value)."""
    if isinstance(value, Obj):
        items = value
    elif isinstance(value, list):
        items = [(str(i), v) for i, v in enumerate(value)]
    else:
        return
    for key, v in items:
        yield here + (key,), v
        yield from paths(v, here + (key,))


def act(value, path, action):
    """The value after `action` on every place that path names; action(v) gives a new value or REMOVED."""
    if not isinstance(value, list):
        return value
    obj = isinstance(value, Obj)
    out = Obj() if obj else []
    for i, item in enumerate(value):
        key, v = item if obj else (str(i), item)
        if path[0] in ("*", key):
            v = act(v, path[1:], action) if len(path) > 1 else action(v)
        if v is not REMOVED:
            out.append((key, v) if obj else v)
    return out


REMOVED = object()


def text_of(value):
    return value if isinstance(value, str) else json.dumps(value)


def draw_rules(rnd, doc):
    """[(field entry, path, action)]: none touches what another touches."""
    rules, taken = [], []
    places = list(paths(doc))
    rnd.shuffle(places)
    for path, value in places:
        if len(rules) == 6:
            break
        wild = rnd.random() < 0.25 and not path[-1].isdigit()
        steps = ("*",) * (len(path) - 1) + path[-1:] if wild else path
        if any(overlaps(steps, t) for t in taken):
            continue
        rule = draw_action(rnd, path, value, wild)
        if rule:
            taken.append(steps)
            rules.append((dict(rule[0], name=".".join(steps)), steps, rule[1]))
    return rules


def overlaps(a, b):
    return all("*" in (x, y) or x == y for x, y in zip(a, b))


def draw_action(rnd, path, value, wild):
    leaf = isinstance(value, str) and value != ""
    is_date = leaf and len(value) == 10 and value[4] == value[7] == "-"
    if is_date and not wild:
        return {"increment-date": True, "on-error": "keep"}, lambda v: _date(v)
    if leaf and not wild and rnd.random() < 0.6:
        return {"hash": True, "on-error": "keep"}, lambda v: v if v is None or v == "" or isinstance(v, list) else hashed(text_of(v))
    if rnd.random() < 0.5 and not path[-1].isdigit():
        return {"remove": True}, lambda v: REMOVED
    new = rnd.choice(("plain", "q\"uo\\te", "\u00e4", 12, True, [1, "x"]))
    return {"replace-with": new, "replace-with-insert": False}, lambda v: parse(json.dumps(new))


def _date(v):
    try:
        return shifted(v, "%Y-%m-%d") if isinstance(v, str) and len(v) == 10 else v
    except ValueError:
        return v


def canonical(value):
    """For comparing: duplicates and order count, spellings of strings do not."""
    if isinstance(value, Obj):
        return ("object", [(k, canonical(v)) for k, v in value])
    if isinstance(value, list):
        return ("array", [canonical(v) for v in value])
    return (type(value).__name__, value)


def unique(value):
    """As JSON text, objects without duplicate keys (jq keeps the last), numbers as they are spelled."""
    if isinstance(value, Obj):
        return "{" + ",".join(json.dumps(k) + ":" + unique(v) for k, v in dict(value).items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(unique(v) for v in value) + "]"
    return str(value) if isinstance(value, Num) else json.dumps(value)


def jq(text_files):
    done = subprocess.run(["jq", "-S", "-c", "."] + text_files, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.stdout.decode("utf-8").split("\n") if done.returncode == 0 else ["jq: " + done.stderr.decode("utf-8", "replace")]


def test_json(scratch):
    rnd = random.Random(20200220)
    wrong, outputs, wanted, changed = [], [], [], 0
    for n in range(DOCUMENTS):
        doc = make_value(rnd, 5)
        while not isinstance(doc, list) or not doc:
            doc = make_value(rnd, 5)
        text = spell(rnd, doc, rnd.random() < 0.7)
        doc = parse(text)
        rules = draw_rules(rnd, doc)
        section = {"salt": SALT, "date-increment": DAYS, "fields": [r[0] for r in rules] or [{"name": "a"}]}
        want = doc
        for _, path, action in rules:
            want = act(want, path, action)
        changed += len(rules)
        folder = os.path.join(scratch, "json%d" % n)
        tap.write(os.path.join(folder, "in", "d%d.json" % n), text)
        profile = tap.write(os.path.join(folder, "p.yaml"), json.dumps({"json": section}))
        r = tap.deid("run", "-p", profile, "-o", os.path.join(folder, "out"), "--no-sync", os.path.join(folder, "in"))
        out = os.path.join(folder, "out", "d%d.json" % n)
        got = parse(tap.read(out).decode("utf-8")) if r.status == 0 and os.path.exists(out) else None
        if got is None or canonical(got) != canonical(want):
            wrong.append("%s\nprofile %s\ninput %r\ngot %r\nwanted %r" % (r, json.dumps(section), text[:1500], got, want))
            continue
        outputs.append(out)
        wanted.append(tap.write(os.path.join(folder, "want.json"), unique(want)))
    tap.ok(not wrong, "%d JSON documents, %d rules: as computed" % (DOCUMENTS, changed), "\n".join(wrong)[:3900])
    if shutil.which("jq"):
        tap.is_(len(jq(outputs)), len(outputs) + 1, "jq reads every output")
        tap.ok(jq(outputs) == jq(wanted), "jq finds the same values")
    else:
        tap.skip("jq", "not installed")


def test_json_identity(scratch):
    rnd = random.Random(7)
    inputs = {"%d.json" % n: spell(rnd, make_value(rnd, 5), True).encode("utf-8") for n in range(DOCUMENTS)}
    for n, data in inputs.items():
        tap.write(os.path.join(scratch, "ji", n), data)
    profile = tap.write(os.path.join(scratch, "ji.yaml"), json.dumps({"json": {"fields": [{"regex": ".*", "keep": True}]}}))
    r = tap.deid("run", "-p", profile, "-o", os.path.join(scratch, "ji-out"), "--no-sync", os.path.join(scratch, "ji"))
    tap.ok(r.status == 0, "an identity run", r)
    tap.ok(tap.tree(os.path.join(scratch, "ji-out")) == inputs, "%d JSON documents stay byte for byte" % len(inputs))


# ---- tables ------------------------------------------------------------------------------------------


def quoted(rnd, text, delimiter):
    """A cell as a file may spell it; without rnd, quoted only where it must be."""
    if any(c in text for c in (delimiter, '"', "\n", "\r")) or rnd and rnd.random() < 0.3:
        return '"' + text.replace('"', '""') + '"'
    return text


def make_table(rnd, delimiter):
    """(bytes, bytes wanted, rows wanted, section)"""
    columns = ["id", "name", "visitDate", "note"] + ["c%d" % i for i in range(rnd.randrange(5))]
    rnd.shuffle(columns)
    fields = [{"name": "name", "hash": True}, {"name": "visitDate", "increment-date": True},
              {"name": "note", "replace-with": "new \"note\"%s" % delimiter}]
    drop = [c for c in columns if c.startswith("c") and rnd.random() < 0.4]
    fields += [{"name": c, "remove": True} for c in drop]
    end = rnd.choice(("\n", "\r\n"))
    raw, want_raw, want = [], [], []
    for n in range(rnd.randrange(1, 30)):
        cells, new = [], []
        for c in columns:
            text = c if n == 0 else "%04d%02d%02d" % (rnd.randrange(1900, 2100), rnd.randrange(1, 13), rnd.randrange(1, 29)) \
                if c == "visitDate" else rnd.choice(WORDS + ("",))
            cells.append(quoted(rnd, text, delimiter))
            changed = text
            if n and text and c == "name":
                changed = hashed(text)
            elif n and c == "visitDate":
                changed = shifted(text, "%Y%m%d")
            elif n and c == "note":
                changed = "new \"note\"" + delimiter
            if c not in drop:
                new.append((changed, cells[-1] if changed == text else quoted(None, changed, delimiter)))
        raw.append(delimiter.join(cells))
        want.append([c for c, _ in new])
        want_raw.append(delimiter.join(spelling for _, spelling in new))
    tail = end if rnd.random() < 0.8 else ""
    bom = "\ufeff" if rnd.random() < 0.2 else ""
    section = {"salt": SALT, "date-increment": DAYS, "fields": fields}
    return (bom + end.join(raw) + tail).encode("utf-8"), (bom + end.join(want_raw) + tail).encode("utf-8"), want, section


def test_tables(scratch):
    rnd = random.Random(4711)
    wrong, cells = [], 0
    for n in range(TABLES):
        kind, delimiter = ("csv", ",") if n % 2 else ("tsv", "\t")
        data, want_bytes, want, section = make_table(rnd, delimiter)
        folder = os.path.join(scratch, "table%d" % n)
        source = tap.write(os.path.join(folder, "t." + kind), data)
        profile = tap.write(os.path.join(folder, "p.yaml"), json.dumps({kind: section}))
        r = tap.deid("run", "-p", profile, "-o", os.path.join(folder, "out"), "--no-sync", source)
        out = os.path.join(folder, "out", "t." + kind)
        got = tap.read(out) if r.status == 0 and os.path.exists(out) else b""
        rows = list(csv.reader(io.StringIO(got.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))
        cells += sum(len(row) for row in want)
        if rows != want or got != want_bytes:
            wrong.append("%s\nsection %s\ninput %r\ngot %r\nwanted %r" % (r, json.dumps(section), data[:1200], got[:1200], want_bytes[:1200]))
    tap.ok(not wrong, "%d tables, %d cells: Python's csv reads what was computed, the rest is byte for byte" % (TABLES, cells),
           "%d wrong\n" % len(wrong) + "\n".join(wrong)[:3900])


def main():
    scratch = tap.scratch()
    test_json(scratch)
    test_json_identity(scratch)
    test_tables(scratch)
    tap.done()


if __name__ == "__main__":
    main()
