# SPDX-License-Identifier: MIT
"""JSON as RFC 8259 has it: documents in the manner of JSONTestSuite, and that suite itself where it is there. What is
well-formed passes unchanged under profiles that change nothing; what is not is refused."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import corpora
import tap

tap.needs("json")

PROFILES = [("no entries", {"json": {"fields": []}}),
            ("a name that is nowhere", {"json": {"fields": [{"name": "no.*.such", "remove": True}]}}),
            ("every field looked at", {"json": {"fields": [{"regex": ".*", "keep": True}]}})]

GOOD = r"""[]|[[]]|[""]|{}|{"":0}|[null]|[1,null,null,2]|[null, 1, "1", {}]| [1] |[1	]|[0]|[-0]|[-1]|[-123]|[123]|[123.456789]|[0e+1]|[0e1]
[1E22]|[1E-2]|[1E+2]|[123e45]|[123.456e78]|[1.0e-2]|[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]
[1e400]|[123123123123123123123123123123]|{"a":"b"}|{"a":"b","a":"c"}|{"a":"b","a":"b"}|{"\u0000":42}|{"a":[]}|"x"|""|" "|true|false|null|42|-0.1
["\u0060\u012a\u12AB"]|["\uD801\udc37"]|["\ud83d\ude39\ud83d\udc8d"]|["\"\\\/\b\f\n\r\t"]|["\\u0000"]|["\\n"]|["\\a"]|["\u0012"]|["\uFFFF"]
["\u0022"]|["\uDBFF\uDFFE"]|["\u200B"]|["a/*b*/c/*d//e"]|["é","名","𝄞"]|["\u007F"]|["asd "]|[ 4]|{"min": -1.0e+28, "max": 1.0e+28}
["new\u000Aline"]|{"x":[{"id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}], "id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"""
BAD = r"""[1 true]|["": 1]|[""],|[1,,]|[1,,2]|["x",,]|["x"]]|["",]|["x"|[x|[3[4]]|[1:2]|[,1]|[,]|[-]|[   , ""]|["a",|[1,|["asd|[{}|[fals]|[nul]|[tru]
123x|[++1234]|[+1]|[+Inf]|[-01]|[-1.0.]|[-2.]|[-NaN]|[.-1]|[.2e-3]|[0.1.2]|[0.3e+]|[0.3e]|[0.e1]|[0E+]|[0E]|[0e+]|[0e]|[1.0e+]|[1.0e-]|[1.0e]
[1 000.0]|[1eE2]|[2.e+3]|[2.e3]|[9.e+]|[Inf]|[NaN]|[0x1]|[0x42]|[Infinity]|[0e+-1]|[-123.123foo]|[-Infinity]|[-foo]|[- 1]|[-012]|[-.123]|[-1x]
[1ea]|[1.]|[.123]|[1.2a-3]|[1.8011670033376514H-308]|[012]|["x", truth]|{[: "x"}|{"x", null}|{"x"::"b"}|{"a":"a" 123}|{key: 'value'}|{"a" b}|{:"b"}
{"a"|{"a":|{"a|{1:1}|{9999E9999:1}|{null:null,null:null}|{"id":0,,,,,}|{'a':0}|{"id":0,}|{"a":"b"}/**/|{"a":"b"}//|{"a":"b"}/|{"a":"b",,"c":"d"}
{a: "b"}|{"a":"a|{"foo":"bar", "a"}|{"a":"b"}#| |["\uD800\"]|["\uD800\u"]|["\uD800\u1"]|["\uD800\u1x"]|["\x00"]|["\\\"]|["\	"]|["\a"]|["\uqqqq"]
["\ "]|[\u0020"asd"]|[\n]|"|['single quote']|abc|["\|["	"]|"\UA66D"|""x|<.>|[<null>]|[1]x|[1]]|["asd]|aå|[True]|1]|{"x": true,|[][]|]|{}}|{"":|{"a":/*comment*/"b"}|{"a": true} "x"|['|[,|[{|["a|["a"|{|{]
{,|{[|{"a|{'a'|["\{["\{["\{["\{|*|{"a":"b"}#{}|[\u000A""]|[1|[ false, nul|[ true, fals|[ false, tru|{"asd":"asd"|å|[⁠]|"a" "b"|1 2|--1|+|-|.|e1"""


def texts(block):
    return [t for line in block.split("\n") for t in line.split("|")]


good = {"good %d %s" % (i, t[:20]): (t.encode("utf-8"), True) for i, t in enumerate(texts(GOOD))}
good.update({"a mark": (b"\xef\xbb\xbf{}", True), "blanks around": (b" \t\r\n[1]\n\n", True), "DEL": (b'["\x7f"]', True),
             "500 deep": (b"[" * 500 + b"]" * 500, True), "U+FFFE": ('["\ufffe"]'.encode("utf-8"), True),
             "U+2028": ('["\u2028"]'.encode("utf-8"), True)})
# Half a pair is spelled in ASCII and stays as it is; RFC 8259 section 8.2 leaves it open.
good.update({"lone " + t: (('["%s"]' % t).encode(), True) for t in (r"\uD800", r"\uDADA", r"\uD888\u1234", r"\uDd1e\uD834",
                                                                    r"\uD800\n", r"\ud800abc", r"\uDFAA")})
bad = {"bad %d %s" % (i, t[:20]): (t.encode("utf-8"), False) for i, t in enumerate(texts(BAD))}
bad.update({"line end in a string": (b'["new\nline"]', False), "nothing": (b"", False), "blanks": (b"\n\n", False),
            "a mark alone": (b"\xef\xbb\xbf", False), "half a mark": (b"\xef\xbb{}", False),
            "100,000 deep": (b"[" * 100000, False), "50,000 objects": (b'[{"":' * 50000, False),
            "a NUL": (b"[1\0]", False), "a NUL in a string": (b'["\0"]', False), "a NUL behind": (b"[1]\0", False),
            "form feed": (b"[\x0c]", False)})
for i, raw in enumerate((b"\xff", b"\xe9", b"\xc0\xaf", b"\xe0\xff", b"\xed\xa0\x80", b"\xf4\xbf\xbf\xbf", b"\xfc\x83\xbf\xbf\xbf\xbf",
                         b"\x81", b"\xe6\x97", b"\xf0\x90", b"\\\xe5", b"\\u\xe5")):
    bad["not UTF-8 %d" % i] = (b'["' + raw + b'"]', False)
    bad["not UTF-8 %d, a key" % i] = (b'{"' + raw + b'": 1}', False)
    bad["not UTF-8 %d, no string" % i] = (b"[" + raw + b"]", False)
corpora.unchanged("well-formed", PROFILES, good, ".json")
corpora.unchanged("not well-formed", PROFILES, bad, ".json")

suite = corpora.files(".json", "jsontestsuite")
if suite:
    verdict = {"y": True, "n": False}
    corpora.unchanged("JSONTestSuite", PROFILES,
                      {n: (d, verdict.get(os.path.basename(n)[:1] if "test_parsing" in n else "i")) for n, d in suite.items()}, ".json")
    rest = {n: (d, True) for n, d in corpora.files(".json").items() if "jsontestsuite" not in n and "csv-spectrum" not in n}
    corpora.unchanged("documents that people use", PROFILES, rest, ".json")
else:
    tap.skip("JSONTestSuite", "not here (DEID_CORPORA names a folder that has it)")
tap.done()
