# SPDX-License-Identifier: MIT
"""csv, tsv, table: bytes in, bytes out; bad rows; encodings; random tables against a model."""
import csv
import hashlib
import io
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import tap


def h(text, n=16):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:n]


def rule(name, **action):
    return dict({"name": name}, **action)


def becomes(what, fields, text, want, section="csv", name="a.csv", args=(), **settings):
    """want None: no output."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    got, line, r = batch.one({section: dict(settings, fields=fields)}, data, name, args)
    want = want.encode("utf-8") if isinstance(want, str) else want
    tap.ok(got == want and r.status == (1 if want is None else 0), what,
           "%r\ngave %r\nwant %r\n%r" % (data[:300], got and got[:300], want and want[:300], r))
    return line


R = {"replace-with": "R"}
REMOVE = {"remove": True}
HASH = {"hash": True}

# ---- columns go, stay, change ---------------------------------------------------------------------

TABLE = "a,b,c\n1,2,3\n4,,6\n"
for names, want in [("a", "b,c\n2,3\n,6\n"), ("b", "a,c\n1,3\n4,6\n"), ("c", "a,b\n1,2\n4,\n"),
                    ("ab", "c\n3\n6\n"), ("bc", "a\n1\n4\n"), ("ac", 'b\n2\n""\n'), ("abc", None)]:
    becomes("remove %s" % ", ".join(names), [rule(n, **REMOVE) for n in names], TABLE, want)
becomes("a lone cell that is emptied", [rule("a", **REMOVE), rule("b", **{"replace-with": ""})], "a,b\n1,2\n",
        'b\n""\n')
becomes("a column that goes and others that change", [rule("b", **REMOVE), rule("a", **HASH), rule("c", **R)], TABLE,
        "a,c\n%s,R\n%s,R\n" % (h("1"), h("4")))
becomes("hash, then remove: the column goes", [rule("b", **HASH), rule("b", **REMOVE)], TABLE, "a,c\n1,3\n4,6\n")
becomes("every column of the name", [rule("a", **R)], "a,b,a\n1,2,3\n", "a,b,a\nR,2,R\n")
becomes("… goes", [rule("a", **REMOVE)], "a,b,a\n1,2,3\n", "b\n2\n")
becomes("regex on column names", [{"regex": "d_.*", "remove": True}, {"regex": "x", "hash": True}],
        "d_a,x,d_b\n1,2,3\n", "x\n%s\n" % h("2"))
becomes("switched off", [rule("a", remove=False), rule("b", hash=False)], TABLE, TABLE)
becomes("a header alone", [rule("a", **R), rule("b", **REMOVE)], "a,b\n", "a\n")
becomes("a file without a byte", [rule("a", **R)], "", "")
becomes("no column is made", [rule("z", **R)], TABLE, TABLE)
line = becomes("what is missing is told", [rule("z", **R), rule("a", **R)], TABLE, "a,b,c\nR,2,3\nR,,6\n")
tap.is_(line["rules"], {"applied": 1, "not_found": ["z"]}, "counted")
line = becomes("a column of a table without rows is found", [rule("a", **HASH)], "a,b\n", "a,b\n")
tap.is_(line["rules"]["not_found"], [], "counted")
line = becomes("a dropped column is found", [rule("a", **REMOVE)], TABLE, "b,c\n2,3\n,6\n")
tap.is_(line["rules"], {"applied": 1, "not_found": []}, "counted")
becomes("on-error: remove empties the cell", [rule("a", **{"hashuid": True, "on-error": "remove"})],
        "a,b\n1.2,x\n1.2.3.4.5.6,y\n", "a,b\n,x\n1.2.3.4.255175.240651.718014.615128.174142.227811.6,y\n")
becomes("… and fails the file by default", [rule("a", hashuid=True)], "a,b\n1.2,x\n", None)

# ---- what is not touched stays --------------------------------------------------------------------

ODD = '\ufeff"id", name ,"q""x"\r\n"007","a\r\nb",""\r\n1e3,5" disc," x"\n"",\'c\',NA\r,,é\r\n'
becomes("quotes, line ends, blanks and spelling stay", [], ODD, ODD)
becomes("… beside a column that changes", [rule(" name ", **R)], ODD,
        '\ufeff"id", name ,"q""x"\r\n"007",R,""\r\n1e3,R," x"\n"",R,NA\r,R,é\r\n')
becomes("a column named in quotes", [rule('q"x', **HASH)], ODD,
        '\ufeff"id", name ,"q""x"\r\n"007","a\r\nb",""\r\n1e3,5" disc,%s\n"",\'c\',%s\r,,%s\r\n' % (
            h(" x"), h("NA"), h("é")))
becomes("the mark is no part of the first name", [rule("id", **REMOVE)], '\ufeffid,b\n1,2\n', '\ufeffb\n2\n')
becomes("a text in quotes is hashed without them", [rule("a", **HASH)], 'a,b\n"x ""y"", z",1\n',
        "a,b\n%s,1\n" % h('x "y", z'))
becomes("no line end at the end", [rule("b", **R)], "a,b\n1,2", "a,b\n1,R")
becomes("… and the last column goes", [rule("b", **REMOVE)], "a,b\n1,2", "a\n1")
becomes("lines without anything on them stay", [rule("b", **R)], "a,b\n\n1,2\n\r\n\n", "a,b\n\n1,R\n\r\n\n")
becomes("… before the header too", [rule("b", **R)], "\n\na,b\n1,2\n", "\n\na,b\n1,R\n")
becomes("… but not where there is one column", [rule("a", **R)], "\na\n1\n", None)
becomes("nothing but empty lines", [rule("a", **R)], "\n\r\n", "\n\r\n")
becomes("in a table of one column they are cells", [rule("a", **R)], "a\n1\n\n", "a\nR\nR\n")
for value, want in [("x,y", '"x,y"'), ('q"', '"q"""'), ("l\nm", '"l\nm"'), (" x", '" x"'), ("x;y", "x;y"), ("", ""),
                    (7, "7"), (True, "true"), ("é", "é")]:
    becomes("replace-with %r" % (value,), [rule("b", **{"replace-with": value})], "a,b\n1,2\n", "a,b\n1,%s\n" % want)
for spelled, want in [("007", "007"), ("1e3", "1e3"), ("1.50", "1.50")]:
    out, _, _ = batch.one("csv:\n  fields:\n  - {name: a, replace-with: %s}\n" % spelled, b"a,b\n1,2\n", "a.csv")
    tap.is_(out, b"a,b\n" + want.encode() + b",2\n", "replace-with %s is text" % spelled)

# ---- settings -------------------------------------------------------------------------------------

becomes("tsv", [rule("b", **R)], 'a\tb\n1,2\t"x\ty"\n', "a\tb\n1,2\tR\n", section="tsv", name="a.tsv")
becomes("table", [rule("b", **R)], "a|'b'\n1|'x|y'\n", "a|'b'\n1|R\n", section="table", name="a.txt",
        **{"file-filter": "*.txt", "delimiter": "|", "quote": "'"})
becomes("a tab in two letters", [rule("b", **R)], "a\tb\n1\t2\n", "a\tb\n1\tR\n", delimiter="\\t")
becomes("no quotes", [rule("b", **R)], 'a;b\n"1;2"\n', 'a;b\n"1;R\n', delimiter=";", quote="")
becomes("… and a text that would need them", [rule("b", **{"replace-with": "x;y"})], "a;b\n1;2\n", None, delimiter=";",
        quote="")
becomes("… on-error keep", [rule("b", **{"replace-with": "x;y", "on-error": "keep"})], "a;b\n1;2\n", "a;b\n1;2\n",
        delimiter=";", quote="")
becomes("without a header", [rule("2", **R), rule("1", **REMOVE)], "7,a\n8,b\n", "R\nR\n", header=False)
LATIN = "é,b\nÅsa,ü\n".encode("latin-1")
becomes("latin-1", [rule("é", **HASH)], LATIN, ("é,b\n%s,ü\n" % h("Åsa")).encode("latin-1"), encoding="latin-1")
becomes("latin-1, new text", [rule("b", **{"replace-with": "ß"})], LATIN, "é,b\nÅsa,ß\n".encode("latin-1"),
        encoding="latin-1")
becomes("latin-1 has no such character", [rule("b", **{"replace-with": "名"})], LATIN, None, encoding="latin-1")
becomes("cp1252", [rule("b", **HASH)], "a,b\n€,€\n".encode("cp1252"), ("a,b\n€,%s\n" % h("€")).encode("cp1252"),
        encoding="cp1252")
becomes("cp1252 has no such byte", [], b"a\n\x81\n", None, encoding="cp1252")
becomes("ascii", [], "a\né\n", None, encoding="ascii")
becomes("not UTF-8", [rule("a", **R)], b"a,b\n1,\xe9\n", None)
becomes("UTF-16", [], "a,b\n1,2\n".encode("utf-16"), None)
for settings in ({"delimiter": ",,"}, {"delimiter": ""}, {"delimiter": "\n"}, {"quote": "''"}, {"quote": ","},
                 {"encoding": "utf-16"}, {"encoding": "shift_jis"}, {"encoding": "nonsense"}, {"header": "maybe"},
                 {"fields": [rule("a", **{"replace-with": [1, 2]})]}, {"fields": [rule("a", **{"replace-with": {}})]},
                 {"header": False, "fields": [rule("a", **R)]}, {"header": False, "fields": [rule("0", **R)]}):
    _, _, r = batch.one({"csv": settings}, b"a\n", "a.csv")
    tap.ok(r.status == 2, "profile error: %r" % settings, r)

# ---- bad rows -------------------------------------------------------------------------------------

for text, number in [("a,b\n1\n", 2), ("a,b\n1,2\n1,2,3\n", 3), ('a,b\n1,2\n"x\ny",2\n3\n', 4), ('a,b\n1,"2', 2),
                     ('a,b\n1,"2\n3,4\n', 2), ('a,b\n"1"x,2\n', 2), ('a,"b\n', 1), ("a,b\n1,2\n3", 3)]:
    line = becomes("refused: %r" % text, [rule("b", **R)], text, None)
    tap.ok("row %d" % number in line["reason"], "… row %d is named" % number, line)
line = becomes("ignore-bad-lines leaves ragged rows out", [rule("b", **R)], "a,b\n1\n1,2\n1,2,3\n3,4\n5",
               "a,b\n1,R\n3,R\n", **{"ignore-bad-lines": True})
tap.ok(any("3" in w for w in line["warnings"]), "… and counts them", line)
becomes("a broken quote fails all the same", [rule("b", **R)], 'a,b\n"1"x,2\n3,4\n', None,
        **{"ignore-bad-lines": True})
WHOLE = 'a,b,c\n1,"x ""y"", z",3\n4,"5\n6",7\n'
for cut in range(len(WHOLE)):
    text = WHOLE[:cut]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        good = len({len(row) for row in rows}) < 2 and text.count('"') % 2 == 0
    except csv.Error:
        good = False
    out, _, r = batch.one({"csv": {"fields": []}}, text.encode(), "a.csv")
    if not tap.ok((out == text.encode()) == good and (out is None) != good, "cut at %d" % cut, "%r %r" % (text, r)):
        break

# ---- long things ----------------------------------------------------------------------------------

for n in (262100, 262144, 300000, 1000000):
    cell = "x" * n
    becomes("a cell of %d bytes" % n, [rule("b", **HASH)], 'a,b\n1,"%s"\n%s,2\n' % (cell, cell),
            "a,b\n1,%s\n%s,%s\n" % (h(cell), cell, h("2")))
line = becomes("a row of 2 MiB", [rule("b", **HASH)], "a,b\n1,%s\n" % ("x" * 2097152), None)
tap.is_(line["code"], "limit", "… is a limit")
wide = ",".join("c%d" % i for i in range(5000))
becomes("5000 columns", [{"regex": "c.*7$", "remove": True}], wide + "\n" + wide + "\n",
        2 * (",".join("c%d" % i for i in range(5000) if i % 10 != 7) + "\n"))

# ---- random tables against a model ----------------------------------------------------------------

CELLS = ["", "x", "007", "Doe, Jane", 'q"r', "l\nm", "é名", " b ", "a;b", "1.5", "\r"]


def spell(r, text):
    must = any(c in text for c in ',"\r\n')
    return '"%s"' % text.replace('"', '""') if must or r.random() < 0.3 else text


def random_case(seed):
    r = random.Random(seed)
    width = r.randint(2, 6)
    names = ["c%d" % r.randint(0, 3) for _ in range(width)]
    rows = [names] + [[r.choice(CELLS) for _ in range(width)] for _ in range(r.randint(0, 6))]
    eol = r.choice(["\n", "\r\n"])
    raw = [[spell(r, c) for c in row] for row in rows]
    end = eol if r.random() < 0.7 else ""
    text = eol.join(",".join(row) for row in raw) + end
    fields = []
    for _ in range(r.randint(1, 3)):
        where = {"regex": r.choice(["c[01]", "c", "c2$", "x"])} if r.random() < 0.3 else {"name": r.choice(names + ["zz"])}
        fields.append(dict(where, **r.choice([REMOVE, R, HASH, {"replace-with": "a,b"}, {"keep": True}])))
    return rows, raw, fields, text, eol, end


def model(rows, raw, fields):
    out = []
    goes = set()
    for i, row in enumerate(rows):
        cells = list(raw[i])
        for k, name in enumerate(rows[0]):
            value, changed, there = row[k], False, True
            for f in fields:
                if not (f.get("name") == name or ("regex" in f and re.match(f["regex"], name))):
                    continue
                if "remove" in f:
                    there = False
                    goes.add(k)
                elif "replace-with" in f and there:
                    value, changed = f["replace-with"], True
                elif "hash" in f and there and value:
                    value, changed = h(value), True
            if changed and i > 0:
                cells[k] = '"%s"' % value if "," in value else value
        out.append(cells)
    left = [k for k in range(len(rows[0])) if k not in goes]
    return [[row[k] for k in left] for row in out] if left else None


for start in range(0, 200, 50):
    wrong = []
    for seed in range(start, start + 50):
        rows, raw, fields, text, eol, end = random_case(seed)
        out, _, r = batch.one({"csv": {"fields": fields}}, text.encode(), "a.csv")
        want = model(rows, raw, fields)
        if want is not None:
            if len(want[0]) == 1:
                want = [['""' if c == "" else c for c in row] for row in want]
            want = (eol.join(",".join(row) for row in want) + end).encode()
        if out != want:
            wrong.append("seed %d %r %r\ngave %r\nwant %r %r" % (seed, fields, text, out, want, r))
    if not tap.ok(not wrong, "random tables %d to %d" % (start, start + 49), "\n".join(wrong[:2])):
        break
tap.done()
