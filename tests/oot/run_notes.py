# SPDX-License-Identifier: MIT
"""The out-of-tree plugin notes.c, which works the record way: built from an installed deid and used."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import build
import tap


def note(*lines, body=b"hello\0\n"):
    head = "".join("%s: %s\n" % line for line in lines + (("Bytes", len(body)),))
    return b"NOTES\n" + head.encode() + b"\n" + body


def run(name, section, inputs, *args):
    folder = os.path.join(SCRATCH, name)
    for n, data in inputs.items():
        tap.write(os.path.join(folder, "in", n), data)
    profile = tap.write(os.path.join(folder, "p.yaml"), json.dumps({"notes": section}))
    out = os.path.join(folder, "out")
    r = tap.deid("run", "--plugin-dir", PLUGINS, "-p", profile, "-o", out, *args, os.path.join(folder, "in"))
    return r, tap.tree(out) if os.path.isdir(out) else {}


SCRATCH = tap.scratch()
PLUGINS = os.path.join(SCRATCH, "plugins")
build.compile_plugin(os.path.join(HERE, "notes.c"), PLUGINS, build.install(SCRATCH))

DATA = note(("Author", "Jane Doe"), ("Written", "2020-02-20"), ("X-One", "1"), ("X-Two", "2"), ("Empty", ""))
r, out = run("rules", {"date-increment": 10, "fields": [
    {"name": "Author", "replace-with": "A"}, {"name": "Written", "increment-date": True}, {"regex": "X-.*|B.*", "remove": True},
    {"name": "Site", "replace-with": 7}, {"name": "Author", "hash": True, "hash-digits": 4}, {"name": "Empty", "hash": True}]},
    {"a.notes": DATA, "b": DATA, "c.txt": b"other"})
tap.ok(r.status == 0, "fields are changed, removed and added", r)
want = b"NOTES\nAuthor: 559a\nWritten: 2020-03-01\nEmpty: \nBytes: 7\nSite: 7\n\nhello\0\n"
tap.is_(out, {"a.notes": want, "b": want}, "as computed, the rest byte for byte; one known by name, one by content")

r, out = run("identity", {"fields": [{"name": "Author"}]}, {"a.notes": DATA})
tap.is_((r.status, out), (0, {"a.notes": DATA}), "an identity profile")

r, out = run("cut", {"fields": [{"name": "Author", "remove": True}]}, dict(
    {"%03d.notes" % n: DATA[:n] for n in range(len(DATA))}, **{"long.notes": DATA + b"x", "latin.notes": DATA.replace(b"J", b"\xe9")}))
tap.ok(r.status == 1 and not out, "every shorter file, a longer one, and bytes that are no ASCII are refused", r)

r, out = run("length", {"fields": [{"name": "Bytes", "remove": True}]}, {"a.notes": DATA})
tap.ok(r.status == 2 and not out and "Bytes" in r.err, "an action on the structure is a profile error", r)

for on_error, status in (("fail", 1), ("keep", 0), ("remove", 0)):
    r, out = run("value-" + on_error, {"fields": [{"name": "Author", "replace-with": "a\nb", "on-error": on_error}]}, {"a.notes": DATA})
    want = {"fail": {}, "keep": {"a.notes": DATA}, "remove": {"a.notes": DATA.replace(b"Author: Jane Doe\n", b"")}}[on_error]
    tap.is_((r.status, out), (status, want), "a value that set() refuses, on-error: " + on_error)

r = tap.deid("fields", "--plugin-dir", PLUGINS, "--values", os.path.join(SCRATCH, "rules", "in", "a.notes"))
tap.ok(r.status == 0 and "Written" in r.out and "2020-02-20" in r.out and "Bytes" not in r.out, "`deid fields` lists them", r)
tap.done()
