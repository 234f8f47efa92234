# SPDX-License-Identifier: MIT
"""run --metadata: containers through their sections below `flywheel`."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

TOKEN = "Zq7DoeJane"


def run(sections, document, *args, data='{"a": 1}', jsons=None):
    """The run in a new folder: Result, .metadata.json or None, the report."""
    folder = tap.scratch()
    profile = {"json": jsons or {}, "flywheel": sections} if sections is not None else {"json": jsons or {}}
    tap.write(folder + "/p.yaml", json.dumps(profile))
    tap.write(folder + "/in/a.json", data)
    tap.write(folder + "/meta.json", document if isinstance(document, (str, bytes)) else json.dumps(document))
    r = tap.deid("run", "-p", "p.yaml", "-o", "out", "--metadata", "meta.json", "--report", "r", "--no-progress", *args,
                 "--", "in/a.json", cwd=folder)
    out = tap.tree(folder + "/out") if os.path.isdir(folder + "/out") else {}
    report = [json.loads(line) for line in tap.read(folder + "/r").splitlines()] if os.path.exists(folder + "/r") else []
    return r, out, report


def gives(what, sections, document, want, *args):
    r, out, _ = run(sections, document, *args)
    got = out.get(".metadata.json", b"null").decode()
    tap.ok(r.status == 0 and sorted(out) == [".metadata.json", "a.json"] and json.dumps(json.loads(got)) ==
           json.dumps(want), what, "%s\nwant %s\n%r" % (got, json.dumps(want), r))
    return r


def one(what, container, section, before, after, *args):
    return gives(what, {container: section}, {container: before}, {container: after}, *args)


def wrong(what, container, section, before, says=""):
    """What the container holds does not do: no metadata, exit 1, and no value in any message."""
    r, out, report = run({container: section}, {container: before})
    tap.ok(r.status == 1 and list(out) == ["a.json"] and says in r.err and TOKEN not in r.err + json.dumps(report),
           what, r)


def refused(what, sections, document, says, *args, **more):
    r, out, _ = run(sections, document, *args, **more)
    tap.ok(r.status == 2 and not out and re.search(says, r.err) and TOKEN not in r.err, what, r)


# ---- what is let through ----
gives("without a section every container is empty", None, {"subject": {"label": "S"}, "file": {"type": "x"}},
      {"subject": {}, "file": {}})
gives("only the containers of the document", {"session": {"all": True}, "file": {"all": True}}, {"session": {}},
      {"session": {}})
gives("no container", {"session": {"all": True}}, {}, {})
one("keys that cannot be edited", "session", {"all": True}, {"_id": "1", "code": "x", TOKEN: 1, "label": "L"}, {"label": "L"})
one("nulls are dropped, what is in info stays", "session", {"all": True},
    {"label": None, "uid": "", "info": {"a": None, "b": [None]}}, {"uid": "", "info": {"a": None, "b": [None]}})
one("nothing for a number, a word, a time", "session", {"all": True}, {"age": "", "timestamp": "", "label": "L"}, {"label": "L"})
INFO = {"info": {"a": {"x": "1", "y": "2"}, "b": ["3", "4", {"z": "5"}], "c": "6"}, "label": "L"}
for what, fields, want in (
        ("a name", [{"name": "info.a.x"}], {"info": {"a": {"x": "1"}}}),
        ("an entry that is switched off", [{"name": "info.c", "remove": False}], {"info": {"c": "6"}}),
        ("a regex entry that is switched off", [{"regex": "info.c", "remove": False}], {"info": {"c": "6"}}),
        ("a whole container", [{"name": "info"}], {"info": INFO["info"]}),
        ("a wildcard", [{"name": "info.a.*"}], {"info": {"a": INFO["info"]["a"]}}),
        ("a wildcard that keeps", [{"name": "info.*"}], {"info": INFO["info"]}),
        ("a wildcard that acts on leaves leaves out what is deeper",
         [{"name": "info.*", "hash": True, "hash-digits": 4}], {"info": {"c": "e7f6"}}),
        ("a wildcard that replaces", [{"name": "info.*", "replace-with": 1}], {"info": {"a": 1, "b": 1, "c": 1}}),
        ("a regex that acts on leaves", [{"regex": r"info\.a$", "hash": True}], {}),
        ("a regex on leaves", [{"regex": r"info\.a.x", "hash": True, "hash-digits": 4}], {"info": {"a": {"x": "6b86"}}}),
        ("an element of a list keeps its place", [{"name": "info.b.2.z", "hash": True, "hash-digits": 4}],
         {"info": {"b": [None, None, {"z": "ef2d"}]}}),
        ("a missing place", [{"name": "info.d.e"}, {"name": "info.a.x.y"}], {}),
        ("a place that is made", [{"name": "info.d", "replace-with": "new"}], {"info": {"d": "new"}}),
        ("entries in their order", [{"name": "label", "replace-with": "M"}, {"name": "label", "hash": True, "hash-digits": 4}],
         {"label": "08f2"}),
        ("nothing", [], {})):
    one("named by " + what, "session", {"fields": fields}, INFO, want)
one("all, and entries", "session", {"all": True, "fields": [{"name": "info.b", "remove": True}]}, INFO,
    {"info": {"a": INFO["info"]["a"], "c": "6"}, "label": "L"})
one("another separator", "session", {"separator": "/", "fields": [{"name": "info/a/x"}, {"regex": "info/a/y"}]}, INFO,
    {"info": {"a": INFO["info"]["a"]}})
HEADER = {"info": {"header": {"h": 1}, "x": {"header": 2}}}
one("the header is left out", "file", {"all": True}, HEADER, {"info": {"x": {"header": 2}}})
one("the header is left out whoever names it", "file", {"fields": [{"name": "info"}, {"name": "info.header.h"}]}, HEADER,
    {"info": {"x": {"header": 2}}})
one("a header spelled with escapes", "file", {"all": True}, {"info": {"header": 1}},  {"info": {}})
r, out, _ = run({"file": {"all": True}}, '{"file": {"info": {"head\\u0065r": "%s", "y": 1}}}' % TOKEN)
tap.is_(out.get(".metadata.json"), b'{"file": {"info": {"y": 1}}}\n', "escapes in a key hide nothing")
one("the header is kept on demand", "file", {"all": True, "include-info-header": True}, HEADER, HEADER)

# ---- types ----
for container, key, before, after in (
        ("session", "age", "100", 100), ("session", "age", 100.0, 100), ("session", "weight", "80.5", 80.5),
        ("session", "weight", "80", 80.0), ("session", "weight", 80, 80.0), ("session", "label", 7, "7"),
        ("session", "label", True, "true"), ("session", "tags", "x", ["x"]), ("session", "tags", ["x", 1, None], ["x", "1"]),
        ("subject", "sex", "female", "female"), ("subject", "cohort", "Study", "Study"), ("subject", "mlset", "Test", "Test"),
        ("subject", "type", "phantom", "phantom"), ("subject", "date_of_birth", "1980-02-03", "1980-02-03"),
        ("subject", "date_of_birth", "1980-02-03T00:00:00+00:00", "1980-02-03T00:00:00+00:00")):
    one("%s: %r" % (key, before), container, {"all": True}, {key: before}, {key: after})
    one("%s: replaced by %r" % (key, before), container, {"fields": [{"name": key, "replace-with": before}]}, {}, {key: after})
for container, key, value in (("session", "age", "old"), ("session", "age", 1.5), ("session", "weight", [1]),
                              ("session", "label", ["x"]), ("session", "tags", {"a": 1}), ("session", "tags", [["x"]]),
                              ("session", "info", "x"), ("session", "timestamp", "20200220"), ("session", "timestamp", 1),
                              ("session", "timestamp", "2020-02-20 10:30:00 "), ("subject", "sex", "F"),
                              ("subject", "cohort", "Elves"), ("subject", "mlset", "x"), ("subject", "type", "dicom"),
                              ("subject", "date_of_birth", "1980"), ("file", "modality", {})):
    wrong("%s cannot be %r" % (key, value), container, {"all": True}, {key: value}, key)
    refused("%s cannot become %r" % (key, value), {container: {"fields": [{"name": key, "replace-with": value}]}},
            {container: {}}, '"%s" of a %s takes' % (key, container))
wrong("a value that becomes no value of its type", "session", {"fields": [{"name": "timestamp", "hash": True}]},
      {"timestamp": "2020-02-20 10:30:00"}, "timestamp")
wrong("a value that cannot be acted on", "session", {"date-increment": 1, "fields": [{"name": "label", "increment-date": True}]},
      {"label": TOKEN}, "label")

# ---- times ----
SHIFT = {"date-increment": 2, "fields": [{"name": "timestamp", "increment-datetime": True}]}
for before in ("2020-02-28%s10:30:00%s" % (t, tail) for t in " T" for tail in
               ("", ".5", ".123456", "+00:00", ".123000+00:00", "Z", "-0500")):
    one("a time as " + before, "session", SHIFT, {"timestamp": before}, {"timestamp": before.replace("02-28", "03-01")})
one("a time as it is", "acquisition", {"all": True}, {"timestamp": "2020-02-20T10:30:00Z"}, {"timestamp": "2020-02-20T10:30:00Z"})
one("a time that is replaced", "acquisition", {"fields": [{"name": "timestamp", "replace-with": "1900-01-01 00:00:00"}]},
    {"timestamp": "2020-02-20 10:30:00"}, {"timestamp": "1900-01-01 00:00:00"})
gives("options of all sections, and of one", {"date-increment": 1, "salt": "s", "session": SHIFT,
      "acquisition": {"fields": SHIFT["fields"]}, "subject": {"fields": [{"name": "label", "hash": True, "hash-digits": 4}]}},
      {c: {"timestamp": "2020-02-20 10:30:00", "label": "S"} for c in ("session", "acquisition", "subject")},
      {"session": {"timestamp": "2020-02-22 10:30:00"}, "acquisition": {"timestamp": "2020-02-21 10:30:00"},
       "subject": {"label": "e258"}})

# ---- other containers ----
PARENT = {"fields": [{"name": "label", "regex-sub": [{"input-regex": "(?P<n>\\d+)", "output": "{subject.label}-{operator}-{n}",
          "groups": [{"name": "subject.label", "hash": True, "hash-digits": 4}, {"name": "operator", "keep": True}]}]}]}
gives("parents and the container itself can be read", {"session": PARENT},
      {"session": {"label": "12", "operator": "op"}, "subject": {"label": "S"}},
      {"session": {"label": "8de0-op-12"}, "subject": {}})

# ---- the document, and the run ----
ALL = {"session": {"all": True}}
refused("no JSON", ALL, "{" + TOKEN, "meta.json is not JSON")
refused("no mapping", ALL, [TOKEN], "is no mapping of containers")
refused("an unknown container", ALL, {TOKEN: {}}, "key 1 names no container")
refused("a container that is no mapping", ALL, {"session": TOKEN}, '"session" is no mapping')
refused("a container that is there twice", ALL, '{"session": {}, "session": {}}', "is there twice")
refused("an unknown section", {"visit": {}}, {}, 'unknown key "visit"')
refused("a misspelt section", {"sesion": {}}, {}, 'did you mean "session"')
refused("an unknown key", {"session": {"fields": [{"name": "lable", "remove": True}]}}, {}, '"lable" is no key of a session')
refused("no list of sections", ["session"], {}, '"flywheel" is a mapping of sections')
refused("an option that no section has", {"include-header": True, "session": {}}, {}, "unknown key")
r, out, _ = run(ALL, '{"session": {"label": "a", "l\\u0061bel": "b"}}')
tap.ok(r.status == 1 and list(out) == ["a.json"] and "'label' is there twice" in r.err, "a key that is there twice", r)
r, out, report = run(ALL, {"session": {"label": "L"}}, data="{")
tap.ok(r.status == 1 and not out and report[1]["status"] == "skipped" and report[1]["reason"] == "an input failed",
       "not without the inputs", r)
r, out, report = run({"session": {"fields": [{"name": "label"}, {"name": "info.x"}]}}, {"session": {"label": "L"}})
line = report[1] if len(report) > 1 else {}
tap.ok(line.get("input") == "meta.json" and line.get("output") == "out/.metadata.json" and line["status"] == "deidentified" and
       line["rules"]["not_found"] == ["flywheel.session: info.x"] and report[2]["inputs"] == 2, "the report", report)
r, out, _ = run({"session": {"fields": [{"name": "info.x"}]}}, {"session": {}}, "--strict")
tap.ok(r.status == 1 and list(out) == ["a.json"], "--strict: a field that is not there", r)
FILE = {"file": {"type": "x", "tags": ["a", "t-FAIL"]}}
gives("no tags without --tag", {"file": {"all": True}}, FILE, {"file": {"type": "x"}})
gives("--tag", {"file": {"all": True}}, FILE, {"file": {"type": "x", "tags": ["a", "t-PASS"]}}, "--tag", "t")
gives("--tag and nothing else", None, FILE, {"file": {"tags": ["a", "t-FAIL", "u-PASS"]}}, "--tag", "u")
r = one("a key that cannot be edited is told", "session", {"fields": [{"name": "_id", "remove": True}]}, {"_id": "1"}, {})
tap.ok('"_id" cannot be edited' in r.err, "… as a warning", r)
r = one("a filter means nothing", "session", {"file-filter": "*.json", "all": True}, {"label": "L"}, {"label": "L"})
tap.ok('"file-filter" has no effect here' in r.err, "… as a warning", r)
tap.done()
