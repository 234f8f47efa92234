# SPDX-License-Identifier: MIT
"""encrypt and decrypt in json, csv and key-value files, both ways against another implementation of EAX."""
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import eax
import tap

tap.needs("csv", "dicom", "json", "kv")

random.seed(5)
KEYS = [bytes(range(n)) for n in (16, 24, 32)]
KEY = KEYS[0].hex()
VALUES = ["hello", "", "12", " 12", "true", "null", "\"q\"", "{}", "[1, 2]", "größe 日本 \U0001f600", "a\nb\t\\", "x" * 5000,
          0, -12, 1.5, 1e300, True, False, None, [], {}, [1, "a", None, {"b": [True]}], {"k": {"l": "m"}, "n": 1.25}]


def section(fields, **more):
    return {"json": dict({"secret-key": KEY, "fields": fields}, **more)}


def plain_of(v):
    """What the language says is encrypted."""
    if not isinstance(v, str):
        return None
    try:
        json.loads(v)
    except ValueError:
        return v
    return json.dumps(v, ensure_ascii=False)


# ---- json: every type comes back --------------------------------------------------------------------

doc = {"v%d" % i: v for i, v in enumerate(VALUES)}
text = json.dumps(doc, ensure_ascii=False, indent=1)
for k in KEYS:
    enc = {"json": {"secret-key": k.hex(), "fields": [{"name": "*", "encrypt": True}]}}
    dec = {"json": {"secret-key": k.hex(), "fields": [{"name": "*", "decrypt": True}]}}
    got, line, r = batch.one(enc, text.encode("utf-8"), "a.json")
    if not tap.ok(r.status == 0 and got, "json: encrypt under %d bits" % (8 * len(k)), r):
        continue
    closed = json.loads(got)
    tap.is_(list(closed), list(doc), "the members are the same")
    tap.ok(all(closed[n] == v for n, v in doc.items() if v in ("", None) and v is not False),
           "empty values and nulls are left alone", closed)
    boxes = [closed[n] for n, v in doc.items() if v not in ("", None) or v is False]
    tap.is_(len({b[:21] for b in boxes}), len(boxes), "no nonce comes twice")
    if eax.AES:
        for n, v in doc.items():
            if v in ("", None) and v is not False:
                continue
            plain = eax.unseal(k, closed[n]).decode("utf-8")
            if isinstance(v, str):
                tap.is_(plain, plain_of(v), "the text of %s" % n)
            else:
                tap.ok(json.loads(plain) == v and type(json.loads(plain)) is type(v), "the JSON of %s" % n, plain)
    back, line, r = batch.one(dec, got, "a.json")
    tap.ok(back is not None and json.loads(back) == doc and
           [type(x) for x in json.loads(back).values()] == [type(x) for x in doc.values()], "all of it comes back", r)

# ---- the other way round, and what is no value of ours ----------------------------------------------

if eax.AES:
    plains = ["hello", "12", "\"12\"", "tru", "true", "1e5", "[1,2]", "{\"a\": \"b\"}", "{bad", "", " 7 ", "\"\\u00e9\"", "null"]
    files, want = {}, {}
    for i, p in enumerate(plains):
        files["%d.json" % i] = json.dumps({"v": eax.seal(KEYS[0], p.encode("utf-8"), random.randbytes(16))}).encode()
        try:
            want["%d.json" % i] = json.loads(p)
        except ValueError:
            want["%d.json" % i] = p
    out, lines, r = batch.run(section([{"name": "v", "decrypt": True}]), files)
    for name in files:
        got = out.get(name) and json.loads(out[name])["v"]
        tap.ok(name in out and got == want[name] and type(got) is type(want[name]), "decrypts %r" % plains[int(name[:-5])],
               "%r %r" % (got, r))
    files = {"a.json": eax.seal(KEYS[1], b"x" * 20, bytes(16)), "b.json": eax.seal(KEYS[0], b"\xff\xfe", bytes(16)),
             "c.json": "aGVsbG8=", "d.json": "no base64", "e.json": eax.seal(KEYS[0], b"hello", bytes(16)) + "\n",
             "f.json": 12, "g.json": {"x": 1}, "h.json": ["x"], "i.json": eax.seal(KEYS[0], b"hello", bytes(16))[:-4]}
    out, lines, r = batch.run(section([{"name": "v", "decrypt": True}]),
                              {n: json.dumps({"v": v}).encode() for n, v in files.items()})
    tap.is_(sorted(out), [], "another key, bytes that are no text, plain values and cut ones: no output")
    tap.is_({n: ln["code"] for n, ln in lines.items() if n in ("a.json", "c.json")}, {"a.json": "key", "c.json": "value"},
            "and the report says why")
    out, lines, r = batch.run(section([{"name": "v", "decrypt": True, "on-error": "keep"}]), {"a.json": b'{"v": "plain"}'})
    tap.is_(out.get("a.json"), b'{"v": "plain"}', "on-error: keep")
else:
    tap.skip("against another implementation", "no python3-pycryptodome")

# ---- containers: their text as it stands, after what entries before have done ------------------------


def round_trip(what, fields, text, want, name="a.json", **more):
    """Encrypts with these fields, decrypts all that was encrypted, compares bytes."""
    data = text.encode("utf-8")
    got, line, r = batch.one(section(fields, **more), data, name)
    if not tap.ok(got is not None and r.status == 0, what + ": encrypts", r):
        return
    names = [f["name"] for f in fields if f.get("encrypt")]
    back, line, r = batch.one(section([{"name": n, "decrypt": True} for n in names]), got, name)
    tap.is_(back, want.encode("utf-8"), what)


ENC = {"encrypt": True}
TEXT = '{"k": 1,\n "p" :  {"a": "x",  "b":[1 ,2], "c": {"d": "y"}} , "z": 2}\n'
round_trip("layout of a container stays", [dict(ENC, name="p")], TEXT, TEXT)
round_trip("a list", [dict(ENC, name="p.b")], TEXT, TEXT)
round_trip("a container in a container", [dict(ENC, name="p.c"), dict(ENC, name="p.b")], TEXT, TEXT)
round_trip("what entries before removed stays away", [{"name": "p.a", "remove": True}, dict(ENC, name="p")], TEXT,
           TEXT.replace('"a": "x",  ', ""))
round_trip("what entries before replaced", [{"name": "p.c.d", "replace-with": 7}, dict(ENC, name="p")], TEXT,
           TEXT.replace('"y"', "7"))
round_trip("entries after find nothing there", [dict(ENC, name="p"), {"name": "p.c.d", "replace-with": 7,
                                                                      "replace-with-insert": False}], TEXT, TEXT)
round_trip("an entry of regex before", [{"regex": r"p\.a$", "remove": True}, dict(ENC, name="p")], TEXT,
           TEXT.replace('"a": "x",  ', ""))
round_trip("the only member", [dict(ENC, name="p")], '{"p": {}}', '{"p": {}}')
round_trip("the first removed, the next encrypted", [{"name": "k", "remove": True}, dict(ENC, name="p")],
           '{\n  "k": 1,\n  "p": [1,\n 2],\n  "z": 3\n}', '{\n  "p": [1,\n 2],\n  "z": 3\n}')
round_trip("in every line", [dict(ENC, name="p")], '{"p": [1, {"a": 2}]}\n{"p": "t"}\n{"q": 1}\n',
           '{"p": [1, {"a": 2}]}\n{"p": "t"}\n{"q": 1}\n', "a.jsonl")
big = json.dumps({"k": "v", "p": {"n%d" % i: "x" * (i % 97) for i in range(40000)}, "z": [1, 2]})
round_trip("a container of %d MB" % (len(big) >> 20), [dict(ENC, name="p")], big, big)
round_trip("… with an entry before", [{"name": "p.n7", "remove": True}, dict(ENC, name="p")], big,
           big.replace('"n7": "xxxxxxx", ', ""))
deep = '{"p": ' + "[" * 400 + "]" * 400 + ', "k": 1}'
round_trip("nested 400 deep", [dict(ENC, name="p")], deep, deep)
out, lines, r = batch.run(section([dict(ENC, name="p")]), {"a.json": big.encode()}, ["--max-memory", "1M"])
tap.ok(not out and lines["a.json"]["code"] == "limit", "a container beyond --max-memory fails", r)
got, line, r = batch.one(section([dict(ENC, name="p"), {"name": "p.a", "replace-with": "R"}]), TEXT.encode(), "a.json")
tap.ok(got is None, "an entry after it that would create a field in it fails", r)
long = json.dumps({"k": 1, "p": "x\n" * 800000, "z": "y" * 1500000})
round_trip("a text of two megabytes", [dict(ENC, name="p")], long, long)
got, line, r = batch.one(section([dict(ENC, name="q"), {"name": "p", "remove": True}]), long.encode(), "a.json")
tap.is_(got, json.dumps({"k": 1, "z": "y" * 1500000}).encode(), "another entry on a long text")

# A container that was encrypted in a file of many lines comes back into one line.
if eax.AES:
    box = eax.seal(KEYS[0], b'{\n "a": "b\\nc",\r\n "d": 1\n}', bytes(range(16)))
    got, line, r = batch.one(section([{"name": "v", "decrypt": True}]), ('{"v": "%s"}\n{"v": 1}\n' % box).encode(), "a.jsonl")
    tap.ok(got is None, "a line with a plain value fails the file", r)
    got, line, r = batch.one(section([{"name": "v", "decrypt": True}]), ('{"v": "%s"}\n{"w": 1}\n' % box).encode(), "a.jsonl")
    tap.ok(got and [json.loads(x) for x in got.decode().splitlines()] == [{"v": {"a": "b\nc", "d": 1}}, {"w": 1}],
           "a container comes back into its line", r)

# Through a regex: the outermost container that matches goes as a whole; decrypt leaves containers alone.
got, line, r = batch.one(section([{"regex": ".*", "encrypt": True}]), b'{"a": {"b": 1}, "c": "t"}', "a.json")
tap.ok(got and all(isinstance(v, str) for v in json.loads(got).values()), "by a regex", r)
back, line, r = batch.one(section([{"regex": "[ac]$", "decrypt": True}]), got or b"", "a.json")
tap.is_(back, b'{"a": {"b": 1}, "c": "t"}', "and back")
mixed = json.dumps({"o": {"i": json.loads(got)["c"]}}) if got else "{}"
back, line, r = batch.one(section([{"regex": "o", "decrypt": True}]), mixed.encode(), "a.json")
tap.is_(back, b'{"o": {"i": "t"}}', "decrypt by a regex reaches what is in containers")

deep = '{"p": ' * 300 + '"%s"' % (json.loads(got)["c"] if got else "") + "}" * 300
back, line, r = batch.one(section([{"regex": ".*p$", "decrypt": True}]), deep.encode(), "a.json")
tap.is_(back, ('{"p": ' * 300 + '"t"' + "}" * 300).encode(), "… and 300 deep")

# After regex-sub, and in its groups.
got, line, r = batch.one(section([dict(ENC, name="v"), {"name": "v", "regex-sub": [{"input-regex": "(?P<x>.)", "output": "{x}{x}"}]}]),
                         b'{"v": 12}', "a.json")
if eax.AES:
    tap.is_(got and eax.unseal(KEYS[0], json.loads(got)["v"]), b'"11"', "what regex-sub made of a number is text")
    got, line, r = batch.one(section([{"name": "v", "regex-sub": [{"input-regex": "(?P<x>.*)", "output": "<{x}>", "groups": [
        {"name": "x", "encrypt": True}]}]}]), b'{"v": 12}', "a.json")
    tap.is_(got and eax.unseal(KEYS[0], json.loads(got)["v"][1:-1]), b"12", "encrypt as a group")

# ---- files without types ----------------------------------------------------------------------------

for sect, name, text, want in (
        ({"csv": {}}, "a.csv", "n,v\nAnn,12\n\"Doe, J\",\n", [b"Ann", b"Doe, J"]),
        ({"key-value-text-file": {"delimiter": " = "}}, "a.mhd", "n = Ann\nv = 12\n", [b"Ann"])):
    kind = list(sect)[0]
    enc = {kind: dict(sect[kind], **{"secret-key": KEY, "fields": [dict(ENC, name="n"), dict(ENC, name="v")]})}
    dec = {kind: dict(sect[kind], **{"secret-key": KEY, "fields": [{"name": "n", "decrypt": True}, {"name": "v", "decrypt": True}]})}
    got, line, r = batch.one(enc, text.encode(), name)
    tap.ok(got and b"Ann" not in got and r.status == 0, kind + ": encrypts", r)
    if eax.AES and got:
        cells = [w for row in got.decode().split("\n") for w in row.replace(" = ", ",").split(",") if len(w) > 40]
        plains = [eax.unseal(KEYS[0], c) for c in cells]
        tap.ok(b"12" in plains and all(w in plains for w in want), kind + ": bare texts", plains)
    back, line, r = batch.one(dec, got or b"", name)
    tap.is_(back and back.replace(b'"', b""), text.replace('"', "").encode(), kind + ": comes back")

tap.done()
