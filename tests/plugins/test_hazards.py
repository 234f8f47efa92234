# SPDX-License-Identifier: MIT
"""Text files that were made to hurt whoever reads them: each is refused, or goes through, within bounds of time and
memory; who is refused learns the file and the line, row, offset or field, and nothing of what stands there."""
import hashlib
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import memory
import tap

tap.needs("csv", "json", "xml")

MIB = 1 << 20
SECONDS = 20  # each takes less than one; a machine may be busy, and what is quadratic takes minutes
TOKEN = "Zanzibar"  # in every file that is refused, and in no message
work = tap.scratch()


def h(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def run(name, parts, fields):
    """(status, peak KiB, stderr, report line, output path): of a file made of parts."""
    section = os.path.splitext(name)[1][1:]
    path, out, report = os.path.join(work, name), os.path.join(work, "out"), os.path.join(work, "report")
    with open(path, "wb") as f:
        for part in parts:
            f.write(part if isinstance(part, bytes) else part.encode("utf-8"))
    profile = tap.write(os.path.join(work, "p.yaml"), json.dumps({section: {"fields": fields}}))
    began = time.monotonic()
    status, peak, err = memory.run_measured([tap.DEID, "--plugin-dir", tap.PLUGINS, "run", "-j1", "--no-sync", "-p", profile,
                                             "-o", out, "--report", report, path])
    took = time.monotonic() - began
    with open(report, encoding="utf-8") as f:
        line = json.loads(f.readline())
    os.remove(report)
    return status, peak, err, line, os.path.join(out, name), took


def bounds(what, peak, took, mib):
    tap.ok(took < SECONDS or not memory.MEASURABLE, "… in time", "%.1f s" % took)
    if memory.MEASURABLE:
        tap.ok(peak < mib * 1024, "… in %d MiB" % mib, "%s: %d KiB" % (what, peak))


def refused(what, name, parts, code, where, fields=(), mib=32):
    """where: what the reason says of the place, as a regular expression."""
    status, peak, err, line, out, took = run(name, parts, list(fields))
    reason = line.get("reason") or ""
    tap.ok(status == 1 and line["code"] == code and not os.path.exists(out) and re.search(where, reason) and
           re.search(r"(?m)^deid: .*%s: " % re.escape(name), err), what, "%r %r %r" % (status, err, line))
    tap.ok(TOKEN not in err + json.dumps(line), "… and nothing of it is told", err)
    bounds(what, peak, took, mib)
    tap.ok(not os.path.isdir(os.path.dirname(out)) or not os.listdir(os.path.dirname(out)), "… and nothing is left below the output")


def goes_through(what, name, parts, want=None, fields=(), mib=32):
    """want: other parts, when it changes."""
    parts = list(parts)
    status, peak, err, line, out, took = run(name, parts, list(fields))
    expected = b"".join(p if isinstance(p, bytes) else p.encode("utf-8") for p in want or parts)
    good = os.path.exists(out) and tap.read(out) == expected
    tap.ok(status == 0 and good, what, "%r %r %r" % (status, err, line))
    if os.path.exists(out):
        os.remove(out)
        os.rmdir(os.path.dirname(out))
    bounds(what, peak, took, mib)


R = {"replace-with": "R"}
HASH = {"hash": True}
ANY = [{"regex": ".*zzz$", "remove": True}]
AT = r"at byte \d+"

# ---- JSON ------------------------------------------------------------------------------------------

for fields in ([], ANY, [dict(name="*.*", **HASH)]):
    refused("64 MiB of open lists, %d entries" % len(fields), "a.json", ['["%s",' % TOKEN] + [b"[" * MIB] * 64, "limit", AT, fields)
    refused("16 MiB of open objects, %d entries" % len(fields), "a.json", [b'{"a":' * (MIB // 5)] * 16, "limit", AT, fields)
goes_through("512 deep", "a.json", ["[" * 512 + "]" * 512], fields=ANY)
refused("513 deep", "a.json", ["[" * 513 + "]" * 513], "limit", "512 deep.*" + AT)
goes_through("a million members of one name", "a.json", ['{"a":1', ',"a":"x"' * 1000000, "}"],
             ['{"a":"R"', ',"a":"R"' * 1000000, "}"], [dict(name="a", **R)])
goes_through("a million members of different names", "a.json", ["{"] + ['"k%d":%d,' % (i, i) for i in range(1000000)] + ['"z":1}'],
             ["{"] + ['"k%d":%d,' % (i, i) for i in range(1000000)] + ['"z":"R"}'], [dict(name="z", **R)])
goes_through("… that a regex looks at", "a.json", ["{"] + ['"k%d":%d,' % (i, i) for i in range(200000)] + ['"z":1}'], fields=ANY)
DIGITS = "1234567890" * 50000
goes_through("a number of 500,000 digits", "a.json", ["[%s, -%s.%se-%s]" % ((DIGITS,) * 4)], fields=[dict(name="7", **HASH)])
goes_through("… that is hashed by its text", "a.json", ["[%s]" % DIGITS], ['["%s"]' % h(DIGITS)], [dict(name="0", **HASH)])
refused("a number of 64 MiB", "a.json", ['["%s",' % TOKEN] + [b"1" * MIB] * 64 + ["]"], "limit", AT, [dict(name="1", **HASH)])
goes_through("half surrogate pairs", "a.json", ['["\\ud800","\\udc00\\ud800"]'] , fields=ANY)
refused("… that are hashed", "a.json", ['{"v":"%s\\ud800"}' % TOKEN], "value", "field v", [dict(name="v", **HASH)])
goes_through("a byte order mark", "a.json", ['\ufeff{"a":1}'], ['\ufeff{"a":"R"}'], [dict(name="a", **R)])
goes_through("a string of 64 MiB that no entry names", "a.json", ['{"a":"'] + [b"x" * MIB] * 64 + ['","b":1}'],
             ['{"a":"'] + [b"x" * MIB] * 64 + ['","b":"R"}'], [dict(name="b", **R)])
goes_through("… of nothing but escapes", "a.json", ['{"a":"'] + [b"\\u00e9\\\\\\n" * 100000] * 60 + ['","b":1}'],
             ['{"a":"'] + [b"\\u00e9\\\\\\n" * 100000] * 60 + ['","b":"R"}'], [dict(name="b", **R)])
refused("… that an entry hashes", "a.json", ['{"a":"%s' % TOKEN] + [b"x" * MIB] * 64 + ['"}'], "value", "field a", [dict(name="a", **HASH)])
refused("a string that never ends", "a.json", ['{"a":"%s' % TOKEN] + [b"x" * MIB] * 64, "truncated", AT, ANY)
goes_through("64 MiB of blanks", "a.json", ["[1,"] + [b" \n" * (MIB // 2)] * 64 + ["2]"])
refused("… between members that are looked at", "a.json", ['["%s",' % TOKEN] + [b" \n" * (MIB // 2)] * 64 + ["2]"], "limit", AT, ANY)
refused("a key of 64 MiB", "a.json", ['{"%s' % TOKEN] + [b"k" * MIB] * 64 + ['":1}'], "limit", AT, ANY)
refused("a NUL", "a.json", ['["%s\0"]' % TOKEN], "format", AT)

# ---- XML -------------------------------------------------------------------------------------------

XANY = [{"regex": ".*zzz$", "remove": True}]
LAUGHS = "".join("<!ENTITY l%d '%s'>" % (i, ("&l%d;" % (i - 1)) * 10) for i in range(1, 10))
for fields in ([], XANY):
    refused("billion laughs, %d entries" % len(fields), "a.xml",
            ["<!DOCTYPE l [<!ENTITY l0 '%s'>%s]><l>&l9;</l>" % (TOKEN, LAUGHS)], "unsupported", "entities.*" + AT, fields)
    refused("quadratic blow-up, %d entries" % len(fields), "a.xml",
            ["<!DOCTYPE l [<!ENTITY a '%s'>]><l>" % ("x" * 100000), b"&a;" * 100000, "</l>"], "unsupported", "entities", fields)
    refused("an external entity, %d entries" % len(fields), "a.xml",
            ["<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>%s&e;</a>" % TOKEN], "unsupported", "entities", fields)
    refused("a parameter entity, %d entries" % len(fields), "a.xml",
            ["<!DOCTYPE a [<!ENTITY % e SYSTEM 'http://127.0.0.1:9/x'> %e;]><a/>"], "unsupported", "entities", fields)
    refused("16 million open elements, %d entries" % len(fields), "a.xml", ["<%s>" % TOKEN] + [b"<a>" * MIB] * 16, "limit",
            "1000 deep.*" + AT, fields)
    refused("a comment of 64 MiB, %d entries" % len(fields), "a.xml", ["<a><!-- %s" % TOKEN] + [b"x" * MIB] * 64 + [" --></a>"], "limit", AT,
            fields)
    refused("a start tag that never ends, %d entries" % len(fields), "a.xml", ["<a b='%s" % TOKEN] + [b"x" * MIB] * 64, "limit", AT, fields)
    goes_through("40 MiB of text, %d entries" % len(fields), "a.xml", ["<a>"] + [b"x &amp; y\n" * (MIB // 10)] * 40 + ["</a>"], fields=fields)
    goes_through("40 MiB of CDATA, %d entries" % len(fields), "a.xml", ["<a><![CDATA["] + [b"<&x]] y\n" * (MIB // 8)] * 40 + ["]]></a>"],
                 fields=fields)
for long in (300000, 600000, 3900000):
    goes_through("behind 6 MiB a comment, an attribute and a text of %d bytes" % long, "a.xml",
                 ["<a>"] + [b"text\n" * (MIB // 5)] * 6 + ["<!--%s--><b c='%s'/>%s</a>" % ("x" * long, "y" * long, "z" * long)],
                 ["<a>"] + [b"text\n" * (MIB // 5)] * 6 + ["<!--%s--><b c='R'/>%s</a>" % ("x" * long, "z" * long)],
                 [dict(name="//b/@c", **R)], mib=64)
goes_through("an element with 50,000 attributes", "a.xml", ["<a"] + [" a%d='%d'" % (i, i) for i in range(50000)] + ["/>"],
             ["<a"] + [" a%d='%s'" % (i, "R" if i == 777 else i) for i in range(50000)] + ["/>"], [dict(name="/a/@a777", **R)], mib=64)
refused("200,000 names", "a.xml", ["<a>"] + ["<n%d/>" % i for i in range(200000)] + ["</a>"], "limit", AT, XANY)
refused("a value of 64 MiB that an entry names", "a.xml", ["<a>%s" % TOKEN] + [b"x" * MIB] * 64 + ["</a>"], "limit", AT, [dict(name="/a", **HASH)])
refused("a wrong end tag", "a.xml", ["<a>\n\n<b>%s</c></a>" % TOKEN], "format", "line 3.*" + AT)
refused("a NUL", "a.xml", ["<a>\n%s\0</a>" % TOKEN], "format", "line 2.*" + AT)
refused("an encoding that nobody knows", "a.xml", ["<?xml version='1.0' encoding='x-%s'?><a/>" % TOKEN], "unsupported", AT)

# ---- tables ----------------------------------------------------------------------------------------

CANY = [{"regex": "zzz$", "remove": True}]
for fields in ([], CANY, [dict(name="b", **HASH)]):
    refused("a quote that stays open over 64 MiB, %d entries" % len(fields), "a.csv",
            ['a,b\n1,2\n1,"%s' % TOKEN] + [b"1,2\n" * (MIB // 4)] * 64, "limit", "row 3.*" + AT, fields)
    refused("… to the end, %d entries" % len(fields), "a.csv", ['a,b\n1,2\n1,"%s' % TOKEN], "truncated", "row 3.*" + AT, fields)
    refused("64 MiB without a line end, %d entries" % len(fields), "a.csv", [TOKEN] + [b"x" * MIB] * 64, "limit", "row 1.*" + AT, fields)
goes_through("a row that is 500,000 quotes", "a.csv", ['a,b\n1,"%s"\n' % ('""' * 499990)], fields=CANY)
goes_through("100,000 columns", "a.csv", [",".join("c%d" % i for i in range(100000)) + "\n" + "," * 99999 + "\n"], fields=CANY, mib=64)
refused("a million cells in a row of two", "a.csv", ["a,%s\n1,2\n" % TOKEN, "," * 1000000, "\n"], "format", "row 3.*" + AT, mib=64)
goes_through("16 million rows without anything on them", "a.csv", ["a,b\n"] + [b"\n" * MIB] * 16, fields=[dict(name="a", **R)])
goes_through("line ends, delimiters and quotes in quotes", "a.csv", ['a,b\r\n"x\r\n,""\n",1\r\n'], ['a,b\r\n"x\r\n,""\n",R\r\n'],
             [dict(name="b", **R)])
goes_through("a byte order mark", "a.csv", ["\ufeffa,b\n1,2\n"], ["\ufeffa,b\nR,2\n"], [dict(name="a", **R)])
refused("a row cut short", "a.csv", ["a,b\n1,2\n%s" % TOKEN], "truncated", "row 3.*" + AT)
refused("not UTF-8", "a.csv", ["a,b\n1,2\n1,%s" % TOKEN, b"\xe9\n"], "format", "row 3.*" + AT)
goes_through("a NUL is text", "a.csv", ["a,b\n\0,2\n"], ["a,b\n\0,R\n"], [dict(name="b", **R)])
refused("UTF-16", "a.csv", [("a,%s\n1,2\n" % TOKEN).encode("utf-16")], "unsupported", "UTF-16")
tap.done()
