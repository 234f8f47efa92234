# SPDX-License-Identifier: MIT
"""json: bytes in, bytes out; what is refused; every cut of small documents; typed values; lines."""
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import tap


def h(text, n=16):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:n]


def rule(name, **action):
    return dict({"name": name}, **action)


def becomes(what, fields, text, want, name="a.json", **section):
    """want None: no output."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    got, line, r = batch.one({"json": dict(section, fields=fields)}, data, name)
    want = want.encode("utf-8") if isinstance(want, str) else want
    tap.ok(got == want and r.status == (1 if want is None else 0), what,
           "%r\ngave %r\nwant %r\n%r" % (data[:300], got and got[:300], want and want[:300], r))
    return line


R = {"replace-with": "R"}
REMOVE = {"remove": True}
HASH = {"hash": True}

# ---- layout: a removed member goes with one comma, and with its line -------------------------------

for text, name, want in [
    ('{"a":1,"b":2,"c":3}', "a", '{"b":2,"c":3}'),
    ('{"a":1,"b":2,"c":3}', "b", '{"a":1,"c":3}'),
    ('{"a":1,"b":2,"c":3}', "c", '{"a":1,"b":2}'),
    ('{"a":1, "b":2, "c":3}', "a", '{"b":2, "c":3}'),
    ('{"a":1}', "a", '{}'),
    ('{ "a":1 }', "a", '{ }'),
    ('{\n  "a": 1\n}\n', "a", '{\n}\n'),
    ('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n', "a", '{\n  "b": 2,\n  "c": 3\n}\n'),
    ('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n', "b", '{\n  "a": 1,\n  "c": 3\n}\n'),
    ('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n', "c", '{\n  "a": 1,\n  "b": 2\n}\n'),
    ('{\r\n\t"a": 1,\r\n\t"b": 2\r\n}', "a", '{\r\n\t"b": 2\r\n}'),
    ('{\n  "a": 1\n, "b": 2\n, "c": 3\n}', "b", '{\n  "a": 1\n, "c": 3\n}'),
    ('{\n  "a": 1\n, "b": 2\n, "c": 3\n}', "a", '{\n  "b": 2\n, "c": 3\n}'),
    ('{"a": 1, "b": 2,\n "c": 3}', "b", '{"a": 1,\n "c": 3}'),
    ('{"a": 1,\n "b": 2, "c": 3}', "b", '{"a": 1,\n "c": 3}'),
    ('{"a": 1, "b": 2, "c": 3,\n "d": 4}', "a", '{"b": 2, "c": 3,\n "d": 4}'),
    ('[1, 2, 3]', "1", '[1, 3]'),
    ('[1, 2, 3]', "*", '[]'),
    ('[\n 1,\n 2,\n 3\n]', "*", '[\n]'),
    ('{"l": [{"a": 1, "b": 2}, {"b": 3}]}', "l.*.b", '{"l": [{"a": 1}, {}]}'),
    ('{"a": {"b": [1, {"c": 2}]}, "d": 3}', "a", '{"d": 3}'),
    ('{"a": 1, "a": 2, "b": 3}', "a", '{"b": 3}'),
]:
    becomes("remove %s of %r" % (name, text), [rule(name, **REMOVE)], text, want)
becomes("two lines in a row go", [rule("b", **REMOVE), rule("c", **REMOVE)],
        '{\n "a": 1,\n "b": 2,\n "c": 3,\n "d": 4\n}', '{\n "a": 1,\n "d": 4\n}')
becomes("of two gaps the one that breaks the line stays", [rule("b", **REMOVE), rule("c", **REMOVE)],
        '{"a": 1,\n "b": 2, "c": 3, "d": 4}', '{"a": 1,\n "d": 4}')

# ---- what is not touched stays --------------------------------------------------------------------

ODD = ('\ufeff \t{"n" : -0.0e+10, "big":123456789012345678901234567890.50, "e":1E400,\r\n "s":"\\u00e9\\/\\ud800",\n'
       '"dup":1,"dup":2, "":{}, "v":"x", "\\u0000":[ ],"u":"\u2028é𝄞"}\r\n\n')
becomes("everything else stays as it is spelled", [rule("v", **R)], ODD, ODD.replace('"x"', '"R"'))
becomes("without entries nothing changes", [], ODD, ODD)
becomes("a regex that looks at everything and matches nothing changes nothing",
        [{"regex": "nowhere$", "remove": True}], ODD, ODD)
for scalar in ['"x"', "5", "-1.5e3", "true", "null", " [] ", "{}"]:
    becomes("a document that is %s" % scalar, [rule("a", **HASH)], scalar, scalar)
becomes("regex reaches a document that is a scalar", [{"regex": ".*", "hash": True}], '"x"', '"%s"' % h("x"))

# ---- names ----------------------------------------------------------------------------------------

becomes("every duplicate is acted on", [rule("a", **HASH)], '{"a":"x","b":1,"a":"y"}',
        '{"a":"%s","b":1,"a":"%s"}' % (h("x"), h("y")))
becomes("a key in escapes", [rule("é.b", **R)], '{"\\u00E9":{"\\u0062":1}}', '{"\\u00E9":{"\\u0062":"R"}}')
becomes("separator", [rule("a.b/c", **R)], '{"a.b":{"c":1}}', '{"a.b":{"c":"R"}}', separator="/")
becomes("a long separator", [rule("a::b", **R)], '{"a":{"b":1},"a:":0}', '{"a":{"b":"R"},"a:":0}', separator="::")
becomes("several names below one key", [rule(n, **R) for n in ("p.a", "p.b", "p.c", "p.d", "p.e", "q")],
        '{"p":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6},"q":7}',
        '{"p":{"a":"R","b":"R","c":"R","d":"R","e":"R","f":6},"q":"R"}')
becomes("an index with a leading zero is none", [rule("l.01", **REMOVE)], '{"l":[1,2]}', '{"l":[1,2]}')
becomes("an index on an object is a key", [rule("o.0", **R)], '{"o":{"0":1}}', '{"o":{"0":"R"}}')
becomes("indices count the places of the input", [rule("l.0", **REMOVE), rule("l.1", **REMOVE)],
        '{"l":[1,2,3]}', '{"l":[3]}')
becomes("literal and wildcard lead to one place", [rule("a.*", **HASH), rule("*.b", **R)],
        '{"a":{"b":"x","c":"y"}}', '{"a":{"b":"R","c":"%s"}}' % h("y"))
line = becomes("what is not there is told", [rule("no.such", **HASH)], '{"a":1}', '{"a":1}')
tap.is_(line.get("rules", {}).get("not_found"), ["no.such"], "not_found names it")
deep = "[" * 400 + '{"a":"x"}' + "]" * 400
becomes("400 deep by name", [rule("0." * 400 + "a", **HASH)], deep, deep.replace("x", h("x")))
becomes("regex on an index", [{"regex": r"l\.1\d$", "remove": True}], json.dumps({"l": list(range(21))}),
        json.dumps({"l": list(range(10)) + [20]}))

# ---- values ---------------------------------------------------------------------------------------

for token, want in [('"x"', '"%s"' % h("x")), ("1.50", '"%s"' % h("1.50")), ("true", '"%s"' % h("true")),
                    ('""', '""'), ("null", "null"), ('"\\u00e9\\n"', '"%s"' % h("é\n")),
                    ('"\\ud834\\udd1e"', '"%s"' % h("𝄞"))]:
    becomes("hash of %s" % token, [rule("v", **HASH)], '{"v":%s}' % token, '{"v":%s}' % want)
for value in ["", "q\"\\\b\f\n\r\t\u0001\u001f", "é名𝄞\u2028", 0, -7, 12345678901234567890123, 1.5, 1e22, 1e16,
              123456789012345.6, 1e-5, 0.0001, 5e-324, 1.7976931348623157e308, -0.5, 100.0, 0.1, 1 / 3, True, False, [],
              {}, [1, "a", [None]], {"k": {"l": [True]}}]:
    becomes("replace-with %r" % (value,), [rule("v", **{"replace-with": value})], '{"v":"x","w":[1]}',
            '{"v":%s,"w":[1]}' % json.dumps(value, ensure_ascii=False))
for spelled, want in [("007", "7"), ("-0", "0"), ("+5", "5"), ("1.50", "1.5"), ("1e3", "1000.0"), ('"007"', '"007"'),
                      ("0o17", '"0o17"'), (".5", "0.5"), ("TRUE", "true"), ("yes", '"yes"')]:
    out, _, r = batch.one("json:\n  fields:\n  - name: v\n    replace-with: %s\n" % spelled, b'{"v":1}', "a.json")
    tap.is_(out, b'{"v":' + want.encode() + b"}", "replace-with: %s" % spelled)
out, _, r = batch.one("json:\n  fields:\n  - name: v\n    replace-with: [1, 1e999]\n", b'{"v":1}', "a.json")
tap.ok(r.status == 2 and out is None and ":3:" in r.out + r.err, "infinity is an error of the profile", r)

LONE = '{"v":"a\\ud800b","w":"\\udc00"}'
becomes("half a surrogate pair is no text to hash", [rule("v", **HASH)], LONE, None)
becomes("… on-error keep leaves it as it is", [rule("v", **HASH, **{"on-error": "keep"})], LONE, LONE)
becomes("… it can be removed", [rule("v", **REMOVE)], LONE, '{"w":"\\udc00"}')
becomes("… and replaced", [rule("v", **R)], LONE, '{"v":"R","w":"\\udc00"}')

# ---- creation -------------------------------------------------------------------------------------

for text, name, want in [
    ('{}', "a", '{"a": "R"}'),
    ('{}', "a.b.c", '{"a": {"b": {"c": "R"}}}'),
    ('{"z":1}', "a.b", '{"z":1,"a":{"b":"R"}}'),
    ('{"y": 1, "z": 2}', "a", '{"y": 1, "z": 2, "a": "R"}'),
    ('{\n  "y": 1,\n  "z": 2\n}\n', "a", '{\n  "y": 1,\n  "z": 2,\n  "a": "R"\n}\n'),
    ('{\n  "y": {\n    "z": 1\n  }\n}\n', "y.a", '{\n  "y": {\n    "z": 1,\n    "a": "R"\n  }\n}\n'),
    ('{"l":[]}', "l.0", '{"l":["R"]}'),
    ('{"l":[1,2]}', "l.2", '{"l":[1,2,"R"]}'),
    ('{"l":[1,2]}', "l.2.a", '{"l":[1,2,{"a":"R"}]}'),
    ('{}', "l.0.a", '{"l": [{"a": "R"}]}'),
    ('[{"a":1},{"b":2}]', "*.a", '[{"a":"R"},{"b":2,"a":"R"}]'),
    ('[{},{"p":{}}]', "*.p.q", '[{"p": {"q": "R"}},{"p":{"q":"R"}}]'),
    ('{"l":[1,2]}', "l.3", None),
    ('{"l":[1,2]}', "l.x", None),
    ('{"a":5}', "a.b", None),
    ('{"a":null}', "a.b", None),
    ('"text"', "a", None),
    ('{"l":[1,[2]]}', "l.*.0", '{"l":[1,["R"]]}'),
]:
    becomes("create %s in %r" % (name, text), [rule(name, **R)], text, want)
    if want is None:
        becomes("… on-error keep: left alone", [rule(name, **R, **{"on-error": "keep"})], text, text)
becomes("two below one new parent", [rule("a.b", **R), rule("a.c.d", **R)], '{"z": 1}',
        '{"z": 1, "a": {"b": "R", "c": {"d": "R"}}}')
becomes("removed, then made again", [rule("a", **REMOVE), rule("a.b", **R)], '{"a":{"x":1},"z":2}',
        '{"a":{"b":"R"},"z":2}')
becomes("not made where replace-with-insert is false", [rule("a", **R, **{"replace-with-insert": False})],
        '{"z":1}', '{"z":1}')

# ---- entries on containers and on what is in them --------------------------------------------------

becomes("what an entry puts in is acted on by the next", [rule("a", **{"replace-with": {"b": "x"}}), rule("a.b", **HASH)],
        '{"a":1}', '{"a":{"b": "%s"}}' % h("x"))
becomes("… and by a regex", [rule("a", **{"replace-with": {"b": "x"}}), {"regex": r".*\.b", "hash": True}],
        '{"a":1}', '{"a":{"b": "%s"}}' % h("x"))
line = becomes("what goes with its parent was there", [rule("a.b", **HASH), rule("a", **REMOVE)],
               '{"a":{"b":"x"},"c":1}', '{"c":1}')
tap.is_(line.get("rules", {}).get("not_found"), [], "… and counts as found")
becomes("hash of a container by name", [rule("a", **HASH)], '{"a":{}}', None)
becomes("an error below a container that goes later", [rule("a.b", **HASH), rule("a", **REMOVE)],
        '{"a":{"b":{}},"c":1}', None)

# ---- long things ----------------------------------------------------------------------------------

for n in (0, 1, 7, 8, 100, 262000, 262144, 262150, 524288, 1000000):
    text = "é" * (n // 2) + "x" * (n % 2)
    doc = '{"a":[1,2],"v":"%s","w":"%s"}' % (text, text)
    becomes("a text of %d bytes is hashed" % n, [rule("v", **HASH)], doc,
            '{"a":[1,2],"v":"%s","w":"%s"}' % (h(text) if text else "", text))
long = "y\\n" * 1500000
doc = '{"a":"%s","b":"%s","z":1}' % (long, long)
becomes("a text of 4.5 MB is passed over", [rule("z", **R)], doc, doc.replace('"z":1', '"z":"R"'))
becomes("… removed", [rule("a", **REMOVE)], doc, '{"b":"%s","z":1}' % long)
becomes("… replaced", [rule("b", **R)], doc, '{"a":"%s","b":"R","z":1}' % long)
becomes("… but not hashed", [rule("b", **HASH)], doc, None)
becomes("… on-error keep", [rule("b", **HASH, **{"on-error": "keep"})], doc, doc)
becomes("a long text in a removed object", [rule("o", **REMOVE), rule("o.a", **R, **{"replace-with-insert": False})],
        '{"o":%s,"p":0}' % doc, '{"p":0}')
becomes("a key of 2 MB in what nobody names", [rule("z", **R)], '{"o":{"%s":1},"z":1}' % ("k" * 2000000),
        '{"o":{"%s":1},"z":"R"}' % ("k" * 2000000))
blanks = " " * 300000 + "\n"
becomes("long gaps", [rule("b", **REMOVE)], '{"a":1,%s"b":2%s,"c":3}' % (blanks, blanks),
        '{"a":1%s,"c":3}' % blanks)

# ---- refused --------------------------------------------------------------------------------------

bad = {b"": "empty", b" ": "blank", b"{": "", b"[1,]": "", b'{"a":1,}': "", b"[1 2]": "", b'{"a" 1}': "", b"{a:1}": "",
       b"[01]": "", b"[-]": "", b"[1.]": "", b"[.5]": "", b"[1e]": "", b"[+1]": "", b"[tru]": "", b"[truex]": "",
       b"[nul": "", b'["a]': "", b'["\\x"]': "", b'["\\u12g4"]': "", b'["\n"]': "", b'["\x00"]': "", b"[] []": "",
       b'["\xff"]': "", b'["\xc0\xaf"]': "", b'["\xed\xa0\x80"]': "", b'["\xf4\x90\x80\x80"]': "", b'{"\xff":1}': "",
       b"[" * 513 + b"]" * 513: "too deep", b"NaN": "", b"'a'": "", b"[1]//": "", b"\xef\xbb[]": "",
       '["é"]'.encode("utf-16"): "UTF-16", '[1]'.encode("utf-16-le"): "UTF-16", '[1]'.encode("utf-32-be"): "UTF-32"}
for fields in ([], [rule("*", **HASH)], [{"regex": "zz", "remove": True}], [rule("a.b.c", **HASH)]):
    names = {"%d.json" % i: doc for i, doc in enumerate(bad)}
    out, lines, r = batch.run({"json": {"fields": fields}}, names)
    tap.ok(not out and r.status == 1 and len(lines) == len(bad), "%d documents refused, entries %r" % (len(bad), fields),
           "%r" % {n: names[n] for n in out})
_, line, _ = batch.one({"json": {"fields": []}}, '[1]'.encode("utf-16"), "a.json")
tap.ok("UTF-16" in line["reason"] and line["code"] == "unsupported", "UTF-16 is called by its name", line)

# ---- every cut of small documents: refused, or a document, as Python has it -----------------------


def legal(data):
    def no(_):
        raise ValueError
    try:
        text = data.decode("utf-8-sig")
        json.loads(text, parse_constant=no)
        return "\ufeff" not in text
    except ValueError:
        return False


WHOLE = ['{"a": {"b": [1, -2.5e+3, "x\\u00e9\\n", true, false, null]}, "é": "名", "c": []}\n', "12.5e-7", '  "a\\"b" ',
         "[[], {}, [[0]], -0]", '\ufeff{"a":[{"b":""}]}']
for fields in ([], [rule("a.b.*", **HASH), rule("c", **REMOVE)], [{"regex": "zz", "remove": True}]):
    for text in WHOLE:
        data = text.encode("utf-8")
        cuts = {"%d.json" % i: data[:i] for i in range(len(data) + 1)}
        out, _, r = batch.run({"json": {"fields": fields}}, cuts)
        wrong = [cut for name, cut in cuts.items() if (name in out) != legal(cut)]
        tap.ok(not wrong and len(data) == 0 or "%d.json" % len(data) in out and not wrong,
               "all %d cuts of %r, %d entries" % (len(cuts), text[:20], len(fields)), "wrong about %r\n%r" % (wrong, r))

# ---- one document a line --------------------------------------------------------------------------

LINES = '{"v": "x"}\n\n {"p": {"v": "y"}, "v": 1} \r\n[1]\n"s"'
for name in ("a.jsonl", "a.ndjson"):
    becomes("%s" % name, [rule("v", **HASH)], LINES,
            LINES.replace('"x"', '"%s"' % h("x")).replace('"v": 1', '"v": "%s"' % h("1")), name=name)
becomes("the same as .json is refused", [], LINES, None)
becomes("an empty file has no lines", [], "", "", name="a.jsonl")
becomes("creation in each line", [rule("n", **R)], '{"a":1}\n{}\n', '{"a":1,"n":"R"}\n{"n": "R"}\n', name="a.jsonl")
for text in ('{"v":1}\n{"v":\n', '[1,\n2]\n', '{} {}\n', '{}\n[1', '{}\n]\n', '{}x\n'):
    becomes("lines refused: %r" % text, [], text, None, name="a.jsonl")

# ---- nothing of a value is told -------------------------------------------------------------------

_, line, r = batch.one({"json": {"date-increment": 1, "fields": [rule("v", **{"increment-date": True})]}},
                       b'{"v": "Jane Q. Public"}', "a.json")
tap.ok(r.status == 1 and "Public" not in r.out + r.err + json.dumps(line) and "v" in json.dumps(line),
       "an error names the field, not the value", line)

for profile in ('json: {separator: ""}', 'json: {fields: [{name: "%s", remove: true}]}' % ("a." * 600 + "a")):
    _, _, r = batch.one(profile, b"{}", "a.json")
    tap.ok(r.status == 2, "profile error: %s" % profile[:40], r)
tap.done()
