# SPDX-License-Identifier: MIT
"""regex-sub and jitter through the program: records of each format, cells that stand for themselves, expressions that
would take for ever."""
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import tap


def sub(regex, output, **groups):
    item = {"input-regex": regex, "output": output}
    if groups:
        item["groups"] = [dict({"name": n}, **g) for n, g in groups.items()]
    return [item]


def becomes(what, section, text, want, name="a.json", args=()):
    got, line, r = batch.one(section, text.encode("utf-8"), name, args)
    tap.ok(got == (want.encode("utf-8") if want is not None else None), what, "%r\nwant %r\n%r" % (got, want, r))
    return line


# ---- records: a document, a line, a row, a file ------------------------------------------------------

F = [{"name": "v", "regex-sub": sub("(?P<x>.*)", "{x}/{w}", w={"keep": True})},
     {"name": "w", "replace-with": "R"}]
becomes("json: another field, as it was", {"json": {"fields": F}}, '{"v": "1", "w": "2"}', '{"v": "1/2", "w": "R"}')
becomes("json: one that comes later", {"json": {"fields": F}}, '{"w": "2", "v": "1"}', '{"w": "R", "v": "1/2"}')
becomes("json: each line its own", {"json": {"fields": F}}, '{"v": "1", "w": "2"}\n{"w": "4", "v": "3"}\n{"v": "5"}\n',
        '{"v": "1/2", "w": "R"}\n{"w": "R", "v": "3/4"}\n{"v": "5/", "w": "R"}\n', "a.jsonl")
becomes("csv: each row its own", {"csv": {"fields": F}}, "v,k,w\n1,x,2\n3,y,4\n", "v,k,w\n1/2,x,R\n3/4,y,R\n", "a.csv")
becomes("kv", {"key-value-text-file": {"delimiter": "=", "fields": F}}, "w=2\nv=1\n", "w=R\nv=1/2\n", "a.mhd")
becomes("a missing field: nothing", {"json": {"fields": [{"name": "v", "regex-sub": sub("", "x")}]}}, '{"w": 1}', '{"w": 1}')
becomes("an empty one is rewritten", {"json": {"fields": [{"name": "v", "regex-sub": sub("", "x")}]}}, '{"v": ""}', '{"v": "x"}')
becomes("null is empty", {"json": {"fields": [{"name": "v", "regex-sub": sub("$", "x")}]}}, '{"v": null}', '{"v": "x"}')
becomes("a number gives a text", {"json": {"fields": [{"name": "v", "regex-sub": sub("(?P<x>.)", "{x}0")}]}}, '{"v": 45}', '{"v": "40"}')
becomes("a backslash is only itself", {"json": {"fields": [{"name": "v", "regex-sub": sub("", "a\\b")}]}}, '{"v": "x"}',
        '{"v": "a\\\\b"}')
becomes("one after the other on one field", {"json": {"fields": [
    {"name": "v", "replace-with": "never seen"}, {"name": "v", "regex-sub": sub("(?P<x>.*)", "{x}1")},
    {"name": "v", "regex-sub": sub("(?P<x>.*)", "{x}2")}]}}, '{"v": "x"}', '{"v": "never seen"}')
becomes("…", {"json": {"fields": [{"name": "v", "regex-sub": sub("(?P<x>.*)", "{x}1")},
                                  {"name": "v", "regex-sub": sub("(?P<x>.*)", "{x}2")}]}}, '{"v": "x"}', '{"v": "x12"}')
becomes("other fields are originals for the second too", {"json": {"fields": [
    {"name": "v", "regex-sub": sub("", "new")}, {"name": "w", "regex-sub": sub("", "{v}", v={"keep": True})}]}},
    '{"v": "old", "w": "x"}', '{"v": "new", "w": "old"}')
line = becomes("a group's own on-error is heard", {"json": {"date-increment": 1, "fields": [{"name": "v", "regex-sub": sub(
    "(?P<x>.*)", "[{x}]", x={"increment-date": True, "on-error": "remove"})}]}}, '{"v": "SECRET"}', '{"v": "[]"}')
tap.ok(line.get("warnings") and "SECRET" not in json.dumps(line), "and the report has a warning without the value", line)

# ---- what a variable of the profile puts in stands for itself ----------------------------------------

for cell in ("a.c", "a+", "(x", "[", "{x}", "{", "}", "\\d", "$^", "a|b", "?", "ü*", "\\", "a b#", "-", "12"):
    doc = {"json": {"fields": [{"name": "v", "regex-sub": sub("{{ CELL }}_(?P<x>.*)", "{{ CELL }}:{x}")}]}}
    for text, fits in ((cell + "_y", True), ("abc_y", False)):
        want = json.dumps({"v": cell + ":y"}, ensure_ascii=False)
        becomes("cell %s on %s" % (cell, text), doc, json.dumps({"v": text}, ensure_ascii=False), want if fits else None,
                args=["--var", "CELL=" + cell])

# ---- expressions that would take for ever ------------------------------------------------------------

BOMBS = [r"(a+)+[0-9]", r"((a|aa)+)+[0-9]", r"(?:a*)*[0-9]", r"(.*)*[0-9]\1", r"(a|a)*[0-9]", r"(a+|x+)+[0-9]"]
text = json.dumps({"v": "a" * 3000 + "x" * 3000})
hit = 0
for bomb in BOMBS:
    begun = time.monotonic()
    for field in ({"name": "v", "regex-sub": sub(bomb, "x")}, {"name": "v", "on-error": "keep", "regex-sub": sub(bomb, "x")}):
        got, line, r = batch.one({"json": {"fields": [field]}}, text.encode(), "a.json")
        # The library sees through some; then there is no match, and on-error has its say.
        seen = got is not None if "on-error" in field else line.get("code") == "value"
        hit += not seen
        tap.ok(seen or (got is None and line.get("code") == "limit"), "%s on 6000 letters" % bomb, "%r %r" % (line, r))
    got, line, r = batch.one({"json": {"fields": [{"regex": bomb, "remove": True}]}}, json.dumps({"a" * 3000: 1}).encode(), "a.json")
    tap.ok(got is not None or line.get("code") == "limit", "%s on a name" % bomb, "%r %r" % (line, r))
    tap.ok(time.monotonic() - begun < 30, "%s takes no longer than it may" % bomb, time.monotonic() - begun)
tap.ok(hit >= 6, "most of these hit the limit, also where on-error would let them pass", hit)
files = {"%d.json" % i: text.encode() for i in range(3)}
out, lines, r = batch.run({"json": {"fields": [{"name": "v", "regex-sub": sub(BOMBS[1], "x")}]}}, dict(files, **{"z.json": b'{"w": 1}'}))
tap.ok(sorted(out) == ["z.json"] and {ln["code"] for n, ln in lines.items() if n != "z.json"} == {"limit"},
       "other files go on", "%r %r" % (lines, r))

path = tap.scratch()
PROFILE_BOMBS = {"nested counts": "((((a{1000}){1000}){1000}){1000})", "deep": "(" * 100000 + ")" * 100000,
                 "many groups": "(?:a)" * 200000, "alternatives": "|".join("w%d" % i for i in range(100000)),
                 "deep classes": "[[" * 50000, "counted": "(a?){60000}" * 40, "open": "(" * 500000,
                 "names": "".join("(?P<n%d>a)" % i for i in range(20000)), "look behind": "(?<=" * 3000 + "a" + ")" * 3000}
for what, bomb in PROFILE_BOMBS.items():
    for field in ({"name": "v", "regex-sub": sub(bomb, "x")}, {"regex": bomb, "remove": True}):
        p = tap.write(os.path.join(path, "p.yaml"), json.dumps({"json": {"fields": [field]}}))
        begun = time.monotonic()
        r = tap.deid("check", "-p", p, timeout=120)
        tap.ok(r.status in (0, 2) and time.monotonic() - begun < 20, "%s in a profile: an answer in time" % what,
               "%.1f s, %s" % (time.monotonic() - begun, str(r)[:1000]))
        tap.ok(r.status == 0 or re.search(r"regular expression", r.out), "%s: and a reason" % what, str(r)[:1000])

# ---- jitter through the program ----------------------------------------------------------------------

rows = "".join("%d,%d\n" % (i, 100) for i in range(500))
got, line, r = batch.one({"csv": {"fields": [{"name": "n", "jitter": True, "jitter-type": "int", "jitter-range": 2}]}},
                         ("k,n\n" + rows).encode(), "a.csv")
values = [row.split(",")[1] for row in (got or b"").decode().split()[1:]]
tap.is_(sorted(set(values)), ["101", "102", "98", "99"], "csv: every whole number of the range but 0")
got, line, r = batch.one({"csv": {"jitter-date": True, "jitter-range": 20, "fields": [{"name": "d", "increment-date": True}]}},
                         ("d\n" + "20200301\n20200311\n" * 50).encode(), "a.csv")
tap.is_(len(set((got or b"").split())), 3, "csv: all rows of a file move together")
tap.done()
