# SPDX-License-Identifier: MIT
"""The zip plugin: members through their own sections, names, comment, and what of an archive stays as it was."""
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import tap  # noqa: E402
import zipkit  # noqa: E402
from zipkit import Member, archive, contents, infos, made  # noqa: E402

tap.needs("zip", "json", "csv")
JSON = "json:\n  fields:\n  - {name: v, hash: true}\n"
CSV = "csv:\n  fields: []\n"
HASHED = b'{"v": "2d711642b726b044"}'
X = b'{"v": "x"}'


def run(data, profile=JSON + "zip: {}\n", *args, name="a.zip", files=None):
    """(result, {output: bytes}, report line)."""
    folder = tap.scratch()
    tap.write(folder + "/in/" + name, data)
    tap.write(folder + "/p.yaml", profile)
    for n, text in (files or {}).items():
        tap.write(os.path.join(folder, n), text)
    r = tap.deid("run", "-p", "p.yaml", "-o", "out", "--report", "r.jsonl", *args, "in/" + name, cwd=folder)
    out = tap.tree(folder + "/out") if os.path.isdir(folder + "/out") else {}
    stray = set(tap.tree(folder)) - {"in/" + name, "p.yaml", "r.jsonl"} - {"out/" + n for n in out} - set(files or {})
    tap.ok(not stray, "nothing is written elsewhere", stray) if stray else None
    line = {}
    if os.path.exists(folder + "/r.jsonl"):
        line = json.loads(tap.read(folder + "/r.jsonl").split(b"\n")[0])
    return r, out, line


def passes(what, data, want, profile=JSON + "zip: {}\n", *args, name="a.zip", out_name=None):
    """The members and their content that must come out; gives the archive."""
    r, out, line = run(data, profile, *args, name=name)
    out_name = out_name or name
    got = contents(out[out_name]) if list(out) == [out_name] else r
    tap.ok(r.status == 0 and got == want, what, "%r\n%r\n%r" % (got, want, line))
    return out.get(out_name, b"")


def fails(what, data, says, profile=JSON + "zip: {}\n", *args, code=None, name="a.zip"):
    r, out, line = run(data, profile, *args, name=name)
    tap.ok(r.status == 1 and not out and re.search(says, line.get("reason") or "") and
           (code is None or line.get("code") == code), what, "%r %r %r" % (r, out, line))
    return line


def digest(text, salt="", digits=16):
    return hashlib.sha256((salt + text).encode()).hexdigest()[:digits]


# ---- members and their sections ----
passes("one member", made({"b.json": X}), [("b.json", HASHED)])
passes("no member", made({}), [])
passes("in folders", made({"x/y/b.json": X, "x/c.json": X}), [("x/y/b.json", HASHED), ("x/c.json", HASHED)])
passes("each by its section", made([("b.json", X), ("t.csv", "a\n1\n"), ("c.json", X)]),
       [("b.json", HASHED), ("t.csv", b"a\n1\n"), ("c.json", HASHED)], JSON + CSV + "zip: {}\n")
passes("by the name alone", made({"b.json": X}), [("b.json", HASHED)], JSON + "zip: {file-filter: '*.pack'}\n", name="a.pack")
passes("by the content alone", made({"b.json": X}), [("b.json", HASHED)], name="a.dat")
data = made({"b.json.gz": gzip.compress(X)})
r, out, _ = run(data)
got = contents(out["a.zip"])
tap.ok(r.status == 0 and got[0][0] == "b.json.gz" and gzip.decompress(got[0][1]) == HASHED, "a gzip'd member", r)
r, out, _ = run(gzip.compress(made({"b.json": X})), name="a.zip.gz")
tap.ok(r.status == 0 and contents(gzip.decompress(out["a.zip.gz"])) == [("b.json", HASHED)], "a gzip'd archive", r)
r = tap.deid("run", "-q", "-p", tap.write(tap.scratch() + "/p.yaml", JSON + "zip: {}\n"), "-o", "-", "-", stdin=made({"b.json": X}))
tap.is_(r.status, 0, "standard input to standard output")
with_filter = "json:\n  file-filter: ['*.json', '*.zip']\n  fields: [{name: v, hash: true}]\nzip: {}\n"
passes("zip comes last, but its mark counts", made({"b.json": X}), [("b.json", HASHED)], with_filter)
r, out, _ = run(X, with_filter)
tap.is_(out, {"a.zip": HASHED}, "zip comes last")

# ---- names ----
NAMES = """json:
  fields:
  - {name: v, hash: true}
  filenames:
  - {input-regex: '(?P<n>.*)\\.json', output: '{n}-{v}.json'}
zip: {}
"""
passes("filenames of the member's section", made({"x/b.json": X}), [("x/b-2d711642b726b044.json", HASHED)], NAMES)
fails("no name for a member", made({"x/b.json": b"{}"}), r"^a\.zip:x/b\.json: the name of the output cannot be made.*variable", NAMES)
ZIP_NAME = """zip:
  fields:
  - {name: comment, regex-sub: [{input-regex: 'of (?P<w>.*)', output: '{w}'}]}
  filenames:
  - {input-regex: '(?P<n>.*)\\.dicom\\.zip$', output: '{n}.dcm.zip'}
  - {input-regex: '(?P<n>.*)\\.zip$', output: '{n}-%s.zip'}
"""
passes("filenames of the archive", made({"b.json": X}), [("b.json", HASHED)], JSON + ZIP_NAME % "x", name="q.dicom.zip", out_name="q.dcm.zip")
passes("a variable from the archive", made({"b.json": X}, b"of me"), [("b.json", HASHED)], JSON + ZIP_NAME % "{comment}", out_name="a-me.zip")
two = made([("t.csv", "k\nc\n"), ("b.json", '{"w": "1"}'), ("c.json", '{"v": "x"}'), ("d.json", '{"v": "y"}')])
for order in (JSON + CSV + "%s", "%s" + JSON + CSV):
    r, out, _ = run(two, order % (ZIP_NAME % "{v}"))
    tap.is_(list(out), ["a-2d711642b726b044.zip"], "a variable from the first member that has it, as it came out")
r, out, _ = run(made({"i.zip": two}), JSON + CSV + ZIP_NAME % "{v}")
tap.is_(list(out), ["a-2d711642b726b044.zip"], "… from a member of a member")
fails("a variable that no member has", made({"b.json": b"{}"}), "variable is missing", JSON + ZIP_NAME % "{v}")
r = tap.deid("check", "-p", tap.write(tap.scratch() + "/p.yaml", CSV.replace("[]", "[]\n  header: false") + ZIP_NAME % "{v}"))
tap.ok(r.status == 2 and re.search(r"p\.yaml:\d+:\d+: error: .*no field of a file inside can be called v", r.out), "a variable that nothing can have", r)

passes("names are made safe", made([("ab:c/c?d.json", X), ("CON/e.json", X)]), [("ab_c/c_d.json", HASHED), ("CON_/e.json", HASHED)])
out = passes("UTF-8", made({"\u00fc/\u00e9.json": X}), [("\u00fc/\u00e9.json", HASHED)])
tap.is_([i.flag_bits & 0x800 for i in infos(out)], [0x800], "marked as such")
passes("UTF-8 without a mark", archive([Member("\u00fc.json", X)]), [("\u00fc.json", HASHED)])
passes("code page 437", archive([Member(b"\x81\xe1.json", X)]), [("\u00fc\u00df.json", HASHED)])
extra = b"\x01" + zipkit.struct.pack("<I", zipkit.zlib.crc32(b"_.json")) + "\u00fc.json".encode()
extra = zipkit.struct.pack("<HH", 0x7075, len(extra)) + extra
passes("the Unicode path field", archive([Member("_.json", X, extra=extra)]), [("\u00fc.json", HASHED)])
passes("… of another name", archive([Member("a.json", X, extra=extra)]), [("a.json", HASHED)])
passes("backslashes part folders", archive([Member("x\\b.json", X)]), [("x/b.json", HASHED)])
passes("parts that mean nothing", archive([Member("./x//./b.json", X)]), [("x/b.json", HASHED)])
long_name = "n" * 300 + ".json"
passes("a long name is cut", made({long_name: X}), [("n" * 250 + ".json", HASHED)])

HASH = JSON + "zip:\n  hash-subdirectories: true\n"
for more, salt, digits in (("", "", 16), ("  salt: s\n", "s", 16), ("  salt: s\n  hash-digits: 7\n", "s", 7), ("  hash-digits: 0\n", "", 64)):
    want = "/".join(digest(p, salt, digits) for p in ("Doe", "J\u00e4ne"))
    passes("hashed folders: %r" % more, made([("Doe/J\u00e4ne/b.json", X), ("c.json", X)]), [(want + "/b.json", HASHED), ("c.json", HASHED)], HASH + more)
folders = archive([Member("Doe/", method=0, external=0o40755 << 16 | 0x10), Member("Doe/b.json", X), Member("E/F/", method=0, external=0)])
passes("entries of folders", folders, [("Doe/", b""), ("Doe/b.json", HASHED), ("E/F/", b"")])
passes("entries of folders, hashed", folders, [(digest("Doe") + "/", b""), (digest("Doe") + "/b.json", HASHED), ("%s/%s/" % (digest("E"), digest("F")), b"")], HASH)
fails("one name twice", archive([Member("a.json", X), Member("a.json", X)]), "a.json.*is that of another member", code="conflict")
fails("two members with one output name", made({"a.json": X, "b.json": X}), "another member",
      JSON.replace("fields", "filenames: [{input-regex: '.*', output: 'c.json'}]\n  fields") + "zip: {}\n")
fails("names that become one", made({"a?.json": X, "a*.json": X}), "another member", code="conflict")
fails("a folder twice", archive([Member("d/", method=0, external=0)] * 2), "another member", code="conflict")
fails("a file where a folder is", made([("d/b.json", X), ("d", b"{}")]), "another member|no section",
      JSON + "  file-filter: '*'\nzip: {}\n")
fails("a folder where a file is", made([("d", b"{}"), ("d/b.json", X)]), "another member", JSON + "  file-filter: '*'\nzip: {}\n", code="conflict")

# ---- the comment ----
ACTIONS = {"replace-with: FLYWHEEL": b"FLYWHEEL", "remove: true": b"", "hash: true": digest("Doe").encode(), "keep: true": b"Doe",
           "regex-sub: [{input-regex: 'D(?P<r>.*)', output: 'X{r}{comment}', groups: [{name: comment, keep: true}]}]": b"XoeDoe", "replace-with: ''": b"",
           "encrypt: true, secret-key: 00112233445566778899aabbccddeeff": None}
for action, want in ACTIONS.items():
    _, out, line = run(made({"b.json": X}, b"Doe"), JSON + "zip:\n  fields:\n  - {name: comment, %s}\n" % action)
    with zipfile.ZipFile(zipkit.io.BytesIO(out.get("a.zip", made({})))) as z:
        tap.ok(z.comment == want if want is not None else re.fullmatch(rb"[\w+/]{40,}=*", z.comment), "comment: " + action, (z.comment, line))
for what, action, comment, want in (
        ("a date", "increment-date: true, date-increment: 1", b"20200228", b"20200229"),
        ("a regex", "hash: true", b"Doe", digest("Doe").encode()),
        ("one that is not there is made", "replace-with: FW", b"", b"FW"),
        ("… or not", "replace-with: FW, replace-with-insert: false", b"", b""),
        ("code page 437 is text", "hash: true", b"\x81", digest("\u00fc").encode()),
        ("untouched bytes stay", "keep: true", b"\x81\xff\x00", b"\x81\xff\x00"),
        ("the longest", "keep: true", b"c" * 65535, b"c" * 65535)):
    entry = "regex: 'com.*'" if what == "a regex" else "name: comment"
    _, out, line = run(made({"b.json": X}, comment), JSON + "zip:\n  fields:\n  - {%s, %s}\n" % (entry, action))
    with zipfile.ZipFile(zipkit.io.BytesIO(out.get("a.zip", made({})))) as z:
        tap.is_(z.comment, want, "comment: " + what)
fails("comment: too long", made({"b.json": X}, b"Doe"), "comment.*65535", JSON + "zip:\n  fields:\n  - {name: comment, replace-with: %s}\n" % ("x" * 65536))
_, out, line = run(made({"b.json": X}, b"Doe"), JSON + "zip:\n  fields:\n  - {name: comment, replace-with: %s, on-error: remove}\n" % ("x" * 65536))
tap.ok(out and zipfile.ZipFile(zipkit.io.BytesIO(out["a.zip"])).comment == b"", "comment: too long, on-error: remove", line)
fails("comment: a date that is none", made({"b.json": X}, b"Doe"), "comment", JSON + "zip:\n  date-increment: 1\n  fields:\n  - {name: comment, increment-date: true}\n")
for profile, says in (("zip:\n  fields:\n  - {name: PatientID, hash: true}\n", "one field, comment"),
                      ("zip:\n  fields:\n  - {name: comment, replace-with: [a]}\n", "a comment holds text"),
                      ("zip:\n  hash_subdirectories: true\n", "did you mean \"hash-subdirectories\""),
                      ("zip:\n  validate-zip-members: maybe\n", "true or false")):
    r = tap.deid("check", "-p", tap.write(tap.scratch() + "/p.yaml", JSON + profile))
    tap.ok(r.status == 2 and says in r.out, "check: " + says, r)

# ---- members that fail ----
BAD = made([("b.json", X), ("x/c.json", "{bad"), ("d.txt", "?"), ("e.json", X)])
LENIENT = JSON + "zip:\n  validate-zip-members: false\n"
line = fails("a member that fails", BAD, r"^a\.zip:x/c\.json: .*byte 1")
fails("a member without a section", made({"b.json": X, "x/d.txt": "?"}), r"^a\.zip:x/d\.txt: no section of the profile claims it", code="unmatched")
fails("… whatever --unmatched says", made({"b.json": X, "x/d.txt": "?"}), "no section", JSON + "zip: {}\n", "--unmatched", "copy")
r, out, line = run(BAD, LENIENT)
tap.ok(contents(out["a.zip"]) == [("b.json", HASHED), ("e.json", HASHED)] and len(line["warnings"]) == 2 and
       line["warnings"][0].startswith("x/c.json: left out: a.zip:x/c.json: ") and
       line["warnings"][1].startswith("d.txt: left out: a.zip:d.txt: no section"), "they are left out, and it is said", line)
fails("… but not with --strict", BAD, "--strict: x/c.json: left out", LENIENT, "--strict")
fails("a member of a member that fails", made({"i/j.zip": BAD}), r"^a\.zip:i/j\.zip:x/c\.json: ")
r, out, line = run(made({"i/j.zip": BAD, "k.json": X}), LENIENT)
tap.ok([n for n, _ in contents(out["a.zip"])] == ["i/j.zip", "k.json"] and
       contents(contents(out["a.zip"])[0][1]) == [("b.json", HASHED), ("e.json", HASHED)] and
       line["warnings"][0].startswith("i/j.zip: x/c.json: left out: a.zip:i/j.zip:x/c.json: "), "… are left out there", line)

# ---- what is reported ----
r, out, line = run(made([("b.json", X), ("c.json", '{"w": 1}'), ("t.csv", "a\n1\n")]),
                   "json:\n  fields:\n  - {name: v, hash: true}\n  - {name: w, remove: true}\n  - {name: q, remove: true}\n" + CSV +
                   "zip:\n  fields:\n  - {name: comment, remove: true}\n")
tap.is_(line.get("rules"), {"applied": 2, "not_found": ["comment", "json: q"]}, "entries of all sections are counted, each once")
fails("--strict: a field that one member has not", made([("b.json", X), ("c.json", "{}")]), r"^a\.zip:c\.json: --strict: the field 'v' is not there",
      JSON + "zip: {}\n", "--strict")
log = tap.scratch() + "/log.csv"
run(made([("x/b.json", X), ("i.zip", made({"c.json": X}))], b"Doe"), JSON + "zip:\n  fields:\n  - {name: comment, remove: true}\n", "--deid-log", log)
tap.is_(tap.read(log).decode().split("\r\n"), [
    "path,type,v,comment", "in/a.zip:x/b.json,before,x,", "in/a.zip:x/b.json,after,2d711642b726b044,",
    "in/a.zip:i.zip:c.json,before,x,", "in/a.zip:i.zip:c.json,after,2d711642b726b044,", "in/a.zip:i.zip,before,,", "in/a.zip:i.zip,after,,",
    "in/a.zip,before,,Doe", "in/a.zip,after,,", ""], "the deid-log has rows for each file inside")
folder = tap.scratch()
tap.write(folder + "/a.zip", made([("x/b.json", X), ("t.csv", "k\nc\n")], b"Doe"))
tap.write(folder + "/p.yaml", JSON + CSV.replace("[]", "[{name: k, hash: true}]") + "zip:\n  fields:\n  - {name: comment, remove: true}\n")
r = tap.deid("plan", "-p", "p.yaml", "--values", "a.zip", cwd=folder)
tap.ok(r.status == 0 and re.search(r"(?m)^a\.zip: zip -> a\.zip$", r.out) and re.search(r"(?m)^  json: v: hash \(line 3\): changed: .*x.* -> .*2d71", r.out) and
       re.search(r"(?m)^  csv: k: hash", r.out) and re.search(r"(?m)^  comment: remove", r.out) and sorted(os.listdir(folder)) == ["a.zip", "p.yaml"],
       "plan: fields of all that is inside", r)
r = tap.deid("fields", "--values", "a.zip", cwd=folder)
tap.ok(r.status == 0 and r.out == "comment\tDoe\na.zip:x/b.json:\nv\tx\na.zip:t.csv:\nk\tc\n", "fields: of all that is inside", r)
tap.write(folder + "/b.zip", made([("i.zip", made({"b.json": "{", "c.json": X})), ("big.json", '{"v": "%s"}' % ("y" * 600000))]))
r = tap.deid("fields", "b.zip", cwd=folder)
tap.ok(r.status == 1 and r.out == "b.zip:i.zip:\nb.zip:i.zip:b.json:\nb.zip:i.zip:c.json:\nv\nb.zip:big.json:\nv\n" and "b.zip:i.zip:b.json: " in r.err,
       "fields: one that cannot be read does not hide the others", r)
r = tap.deid("formats", "zip")
tap.ok(r.status == 0 and "hash-subdirectories" in r.out and "validate-zip-members" in r.out, "formats zip", r)

# ---- what stays ----
KEEP = "json: {fields: []}\ncsv: {fields: []}\nzip: {}\n"
text = b"{" + b", ".join(b'"k%d": "some text"' % i for i in range(400)) + b"}"
for level in (1, 5, 6, 9):
    data = made({"a.json": text, "b.json": text + b" "}, level=level)
    out = passes("untouched members, level %d" % level, data, contents(data), KEEP)
    tap.is_([zipkit.raw(out, i) for i in infos(out)], [zipkit.raw(data, i) for i in infos(data)], "… have the very same packed bytes")
for flags, level in ((0, 6), (2, 9), (4, 2), (6, 1)):
    data = archive([Member("a.json", text, packed=zipkit.deflate(text, level), flags=flags)])
    out = passes("repacked, flags %d" % flags, data, [("a.json", text[:-1] + b', "q": 1}')], KEEP.replace("json: {fields: []}", "json: {fields: [{name: q, replace-with: 1}]}"))
    i = infos(out)[0]
    tap.ok(i.flag_bits == flags and abs(i.compress_size - len(zipkit.deflate(text, level))) < 60, "… at the level it had", i)
METHODS = [(0, "stored"), (8, "deflated")] + [(m, n) for m, n in ((12, "bzip2"), (14, "lzma"))]
for method, word in METHODS:
    data = made({"a.json": text, "b.json": X}, method=method)
    for profile, name in ((KEEP, "untouched"), (JSON + "zip: {}\n", "changed")):
        r, out, line = run(data, profile)
        if r.status and "method that is not known" in (line.get("reason") or ""):
            tap.skip("%s, %s" % (word, name), "libzip has not this method")
            continue
        tap.ok(r.status == 0 and [i.compress_type for i in infos(out["a.zip"])] == [method] * 2 and
               contents(out["a.zip"]) == [("a.json", text), ("b.json", X if profile == KEEP else HASHED)], "%s, %s" % (word, name), line)
data = archive([Member("d/", method=0, external=0o40700 << 16 | 0x10, made=0x0314), Member("d/a.json", X, date=0x1234 | 0x21, time=7, internal=0xffff,
                external=0o100755 << 16, comment=b"Doe", extra=b"\x55\x54\x05\x00\x03DoeX", lextra=b"UT\x05\0\3DoeX", made=0x0b17)], comment=b"C")
out = passes("times and attributes", data, [("d/", b""), ("d/a.json", HASHED)])
a, b = infos(data), infos(out)
for key in ("date_time", "external_attr", "create_system", "create_version"):
    tap.is_([getattr(i, key) for i in b], [getattr(i, key) for i in a], "… kept: " + key)
tap.ok(b"Doe" not in out and all(not i.comment and not i.extra for i in b) and out.endswith(b"C"), "comments and extra fields of members are gone", out)
data = archive([Member("a.json", X, flags=8, lcrc=0, lpsize=0, lsize=0, descriptor=zipkit.struct.pack("<IIII", 0x08074b50, zipkit.zlib.crc32(X), len(zipkit.deflate(X)), len(X))),
                Member("b.json", X, flags=8, lcrc=0, lpsize=0, lsize=0, descriptor=zipkit.struct.pack("<III", zipkit.zlib.crc32(X), len(zipkit.deflate(X)), len(X)))])
out = passes("data descriptors", data, [("a.json", HASHED), ("b.json", HASHED)])
tap.is_([i.flag_bits for i in infos(out)], [0, 0], "… are not needed any more")
out = passes("… nor where nothing is changed", data, [("a.json", X), ("b.json", X)], KEEP)
again = passes("an output again", out, contents(out), KEEP)
tap.is_(again, out, "… is the same bytes")
junk = archive([Member("a.json", X, packed=zipkit.deflate(X) + b"Doe")])
out = passes("bytes behind the packed data", junk, [("a.json", X)], KEEP)
tap.ok(b"Doe" not in out, "… do not come through", out)
one, two = (run(made({"b.json": X, "c.json": text}), JSON + "zip: {}\n", "-j1")[1] for _ in range(2))
tap.is_(one, two, "the same twice")

# ---- other programs ----
for tool in ("unzip", "zipinfo", "zip"):
    if not shutil.which(tool):
        tap.skip("by " + tool, "not installed")
        continue
    folder = tap.scratch()
    tap.write(folder + "/in/Doe/b.json", X)
    tap.write(folder + "/in/t.csv", "a,b\n" + "1,2\n" * 5000)
    if tool == "zip":
        subprocess.run(["zip", "-qr", "../a.zip", "."], cwd=folder + "/in", check=True)
    else:
        tap.write(folder + "/a.zip", made([("Doe/b.json", X), ("t.csv", "a,b\n" + "1,2\n" * 5000), ("\u00fc.json", X)]))
    tap.write(folder + "/p.yaml", HASH + CSV)
    r = tap.deid("run", "-q", "-p", "p.yaml", "-o", "out", "a.zip", cwd=folder)
    command = {"unzip": ["unzip", "-tq"], "zipinfo": ["zipinfo"], "zip": ["unzip", "-tq"]}[tool]
    done = subprocess.run(command + ["out/a.zip"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    tap.ok(r.status == 0 and done.returncode == 0, "by " + tool, (r, done.stdout))
tap.done()
