# SPDX-License-Identifier: MIT
"""key-value-text-file: bytes in, bytes out; what is inserted where; MetaImage headers; random files."""
import hashlib
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import tap


def h(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def rule(name, **action):
    return dict({"name": name}, **action)


def becomes(what, fields, text, want, delimiter="=", **settings):
    """want None: no output."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    section = dict(settings, fields=fields, delimiter=delimiter)
    got, line, r = batch.one({"key-value-text-file": section}, data, "a.mhd")
    want = want.encode("utf-8") if isinstance(want, str) else want
    tap.ok(got == want and r.status == (1 if want is None else 0), what,
           "%r\ngave %r\nwant %r\n%r" % (data[:300], got and got[:300], want and want[:300], r))
    return line


R = {"replace-with": "R"}
REMOVE = {"remove": True}
HASH = {"hash": True}
KEEP = {"on-error": "keep"}
BAD = {"ignore-bad-lines": True}

# ---- values, lines, what stays --------------------------------------------------------------------

becomes("only the value is replaced", [rule("b", **R)], "a = 1\nb  =  2  \nc=3\n", "a = 1\nb  =  R\nc=3\n",
        delimiter=r"\s*=\s*")
becomes("a key is all that stands before the delimiter", [rule(" b ", **R)], " b =1\nb=1\n", " b =R\nb=1\n")
line = becomes("blanks before the delimiter are the key's", [rule("b", **R)], "b =1\n", "b =1\nb=R\n")
tap.ok(any("delimiter" in w for w in line["warnings"]), "… and a profile that seems to mean otherwise is told", line)
becomes("hash", [rule("a", **HASH)], "a=x y\n", "a=%s\n" % h("x y"))
becomes("an empty value is left alone by hash", [rule("a", **HASH)], "a=\nb=1\n", "a=\nb=1\n")
becomes("all of one key", [rule("a", **HASH)], "a=1\nb=2\na=3", "a=%s\nb=2\na=%s" % (h("1"), h("3")))
becomes("remove drops the line", [rule("a", **REMOVE)], "a=1\r\nb=2\r\na=3", "b=2\r\n")
becomes("remove by on-error drops it too", [rule("a", **{"hashuid": True, "on-error": "remove"})], "a=1\nb=2\n", "b=2\n")
becomes("regex on keys", [{"regex": "Patient", "remove": True}], "PatientName=x\nNPatient=y\nPatient=z\n", "NPatient=y\n")
becomes("line ends of every kind", [rule("b", **R)], "a=1\rb=2\r\nb=3\nb=4", "a=1\rb=R\r\nb=R\nb=R")
becomes("a carriage return at the end", [rule("b", **R)], "a=1\rb=2\r", "a=1\rb=R\r")
becomes("lines without anything on them stay", [rule("b", **R)], "\na=1\n  \t\nb=2\n\n", "\na=1\n  \t\nb=R\n\n")
becomes("a byte order mark stays and is no part of the key", [rule("a", **R)], "\ufeffa=1\n", "\ufeffa=R\n")
becomes("the first match splits", [rule("a", **R)], "a:b=c:d\nb=:2\n", "a:R\nb=:2\n", delimiter="[:=]")
becomes("a delimiter that could be empty is not", [rule("a", **R)], "a=1\n", "a=R\n", delimiter="=*")
becomes("Unicode blanks are blanks", [rule("é", **R)], "é\u00a0=\u20031\n", "é\u00a0=\u2003R\n", delimiter=r"\s=\s")
becomes("a file without a byte", [rule("a", **HASH)], "", "")

# ---- inserts --------------------------------------------------------------------------------------

becomes("an insert takes the delimiter that is used most", [rule("n", **R)], "a = 1\nb=2\nc = 3\n",
        "a = 1\nb=2\nc = 3\nn = R\n", delimiter=r"\s*=\s*")
becomes("after a last line without an end", [rule("n", **R), rule("m", **R)], "a=1\r\nb=2",
        "a=1\r\nb=2\r\nn=R\r\nm=R")
becomes("into a file without a byte", [rule("n", **R)], "", "n=R\n")
becomes("… where only an expression is known", [rule("n", **R)], "", "n = R\n", delimiter=r"\s=\s")
becomes("not with replace-with-insert: false", [rule("n", **R, **{"replace-with-insert": False})], "a=1\n", "a=1\n")
becomes("removed and made again", [rule("a", **REMOVE), rule("a", **R)], "a=1\nb=2\n", "a=R\nb=2\n")
becomes("an insert that would not read back", [rule("a=b", **R)], "a=1\n", None)
becomes("… on-error keep", [rule("a=b", **R, **KEEP)], "a=1\n", "a=1\n")
becomes("a value over the end of the line", [rule("a", **{"replace-with": "x\ny"})], "a=1\n", None)
becomes("… on-error remove", [rule("a", **{"replace-with": "x\ny", "on-error": "remove"})], "a=1\nb=2\n", "b=2\n")

# ---- MetaImage ------------------------------------------------------------------------------------

IMAGE = bytes(range(256)) * 40 + b"\nName = x\n\xff"
HEAD = b"ObjectType = Image\nName = x\nElementDataFile = %s\n"
FIELDS = [rule("Name", **HASH), rule("Comment", **R)]
DONE = b"ObjectType = Image\nName = " + h("x").encode() + b"\nComment = R\nElementDataFile = %s\n"
for word in (b"LOCAL", b"Local", b"local "):
    becomes("what follows %r is left alone" % word, FIELDS, HEAD % word + IMAGE, DONE % word + IMAGE, delimiter=" = ")
becomes("an insert goes before ElementDataFile", FIELDS, HEAD % b"x.raw", DONE % b"x.raw", delimiter=" = ")
becomes("… at the end where that is not the last line", FIELDS, HEAD % b"x.raw" + b"Name = x\n",
        HEAD.replace(b"x", h("x").encode(), 1) % b"x.raw" + b"Name = %s\nComment = R\n" % h("x").encode(), delimiter=" = ")
big = os.urandom(3000000)
becomes("an image of 3 MB", FIELDS, HEAD % b"LOCAL" + big, DONE % b"LOCAL" + big, delimiter=" = ")

# ---- bad lines, encodings, profiles ---------------------------------------------------------------

line = becomes("a line without a delimiter", [rule("a", **R)], "a=1\nnonsense\n", None)
tap.ok("line 2" in line["reason"], "… is named", line)
line = becomes("ignore-bad-lines leaves it", [rule("a", **R)], "x\na=1\ny\n", "x\na=R\ny\n", **BAD)
tap.ok(any("2" in w for w in line["warnings"]), "… and counts", line)
becomes("not UTF-8", [rule("a", **R)], b"a=1\nb=\xe9\n", None)
becomes("UTF-16", [rule("a", **R)], "a=1\n".encode("utf-16"), None)
becomes("latin-1", [rule("é", **HASH)], "é=ü\nü=é\n".encode("latin-1"), ("é=%s\nü=é\n" % h("ü")).encode("latin-1"),
        encoding="latin-1")
becomes("latin-1, new text", [rule("a", **{"replace-with": "ß"})], b"a=1\n", b"a=\xdf\n", encoding="latin-1")
becomes("latin-1, a new line", [rule("ä", **{"replace-with": "ß"})], b"a=1\n", b"a=1\n\xe4=\xdf\n", encoding="latin-1")
becomes("latin-1 has no such character", [rule("a", **{"replace-with": "名"})], b"a=1\n", None, encoding="latin-1")
for n in (262140, 262144, 300000, 1000000):
    becomes("a value of %d bytes" % n, [rule("b", **HASH)], "a=%s\nb=%s\n" % ("x" * n, "y" * n),
            "a=%s\nb=%s\n" % ("x" * n, h("y" * n)))
line = becomes("a line of 2 MiB", [], "a=" + "x" * 2097152, None)
tap.is_(line["code"], "limit", "… is a limit")
line = becomes("a delimiter that takes too many steps", [], "x" * 5000 + "zy", None, delimiter="(x+x+)+y")
tap.is_(line["code"], "limit", "… is a limit")
for section in ({"fields": []}, {"delimiter": "("}, {"delimiter": "=", "encoding": "utf-16"},
                {"delimiter": "=", "fields": [rule("a", **{"replace-with": ["x"]})]},
                {"delimiter": "=", "fields": [rule("a\nb", **R)]}):
    _, _, r = batch.one({"key-value-text-file": section}, b"a=1\n", "a.mhd")
    tap.ok(r.status == 2, "profile error: %r" % section, r)

# ---- random files against a model -----------------------------------------------------------------


def random_case(seed):
    r = random.Random(seed)
    lines = [(r.choice(["a", "b", "c", "é "]), r.choice(["=", " = ", ": ", ":"]), r.choice(["", "1", "x = y", "é", " z"]),
              r.choice(["\n", "\r\n"])) for _ in range(r.randint(1, 6))]
    if r.random() < 0.4:
        lines[-1] = lines[-1][:3] + ("",)
    fields = []
    for _ in range(r.randint(1, 3)):
        where = {"regex": r.choice(["[ab]", ".*", "c"])} if r.random() < 0.3 else {"name": r.choice("abc")}
        fields.append(dict(where, **r.choice([REMOVE, dict(R, **{"replace-with-insert": False}), HASH, {"keep": True}])))
    return "".join("".join(line) for line in lines), fields


def model(text, fields):
    out = ""
    for line in re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text):
        body = line.rstrip("\r\n")
        mark = re.search(r"\s?[=:]\s?", body)
        key, value = body[:mark.start()], body[mark.end():]
        for f in fields:
            if value is None or not (f.get("name") == key or ("regex" in f and re.match(f["regex"], key))):
                continue
            if "remove" in f:
                value = None
            elif "replace-with" in f:
                value = "R"
            elif "hash" in f and value:
                value = h(value)
        if value is not None:
            out += body[:mark.end()] + value + line[len(body):]
    return out


for start in range(0, 200, 50):
    wrong = []
    for seed in range(start, start + 50):
        text, fields = random_case(seed)
        section = {"delimiter": r"\s?[=:]\s?", "fields": fields}
        out, _, r = batch.one({"key-value-text-file": section}, text.encode(), "a.mhd")
        want = model(text, fields).encode()
        if out != want:
            wrong.append("seed %d %r %r\ngave %r\nwant %r %r" % (seed, fields, text, out, want, r))
    if not tap.ok(not wrong, "random files %d to %d" % (start, start + 49), "\n".join(wrong[:2])):
        break
tap.done()
