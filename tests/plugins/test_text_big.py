# SPDX-License-Identifier: MIT
"""Files far larger than the memory they may take, and the same files with the last record cut.

`make check` takes 64 MiB each; `make check-long` the sizes that users have: a CSV and a JSON of 4 GiB, a JSON string of
1 GiB.
"""
import hashlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import memory
import tap

LONG = os.environ.get("DEID_TEST_LONG")
MIB = 1 << 20
BIG, MIDDLE = (4096 * MIB, 1024 * MIB) if LONG else (64 * MIB, 64 * MIB)
LIMIT_KIB = 32 * 1024

work = tap.scratch()
if LONG and os.statvfs(work).f_bavail * os.statvfs(work).f_frsize < 9 << 30:
    tap.skip_all("9 GiB are needed in %s" % work)

PROFILE = tap.write(os.path.join(work, "p.yaml"), """
csv: {fields: [{name: id, hash: true}]}
json: {file-filter: a.json, fields: [{name: 77777.v, replace-with: R}]}
key-value-text-file: {delimiter: "=", fields: [{name: id, hash: true}]}
""")
STRING = tap.write(os.path.join(work, "string.yaml"), "json: {fields: [{name: id, replace-with: R}, {name: last, remove: true}]}")


def blocks(make, size):
    """Numbered records, some thousand at a time, until size is reached."""
    at = n = 0
    while at < size:
        block = b"".join(make(i) for i in range(n, n + 4000))
        n += 4000
        at += len(block)
        yield block


def csv_row(i):
    return b'P%08d,"Doe, Jane",2020-02-20,1.2.840.113619.2.%d,some words of free text\n' % (i % 1000, i)


def json_member(i):
    return b',\n  {"n": %d, "v": "some text \\u00e9", "list": [1, 2.50, true, null, {"k": "w"}]}' % i


def text(i):
    return b"some words of record %d of one string, \\u00e9, \\n, \\\" and \\\\; " % i


def kv_line(i):
    return b"id=P%d\n" % (i % 1000) if i % 4 == 0 else b"key%d=some value that stays as it is\n" % i


IDS = [form % i for i in range(1000) for form in (b"P%08d", b"P%d")]
HASHES = {i: hashlib.sha256(i).hexdigest()[:16].encode() for i in IDS}


# The same as it should come out; the JSON's member 0 is none of ours.


def csv_done(i):
    row = csv_row(i)
    return HASHES[row[:9]] + row[9:]


def json_done(i):
    return json_member(i).replace(b'"some text \\u00e9"', b'"R"') if i == 77776 else json_member(i)


def kv_done(i):
    line = kv_line(i)
    return b"id=" + HASHES[line[3:-1]] + b"\n" if line.startswith(b"id=") else line


def write(path, head, make, size, tail):
    with open(path, "wb") as f:
        f.write(head)
        for block in blocks(make, size):
            f.write(block)
        f.write(tail)


def holds(path, head, plain, done, size, tail):
    """Whether the file is head, done(0), done(1), …, tail, as many as blocks(plain, size) has."""
    with open(path, "rb") as f:
        good = f.read(len(head)) == head
        n = 0
        for _ in blocks(plain, size):
            want = b"".join(done(i) for i in range(n, n + 4000))
            good = good and f.read(len(want)) == want
            n += 4000
        return good and f.read() == tail


def run(path, out, profile):
    return memory.run_measured([tap.DEID, "--plugin-dir", tap.PLUGINS, "run", "-q", "-j1", "--no-sync", "-p", profile,
                                "-o", out, path])


def check(name, size, head, plain, done, tail, cut, profile=PROFILE, ends=None):
    """ends: head and tail as they should come out."""
    path, out = os.path.join(work, name), os.path.join(work, "out")
    result = os.path.join(out, name)
    head_done, tail_done = ends or (head, tail)
    write(path, head, plain, size, tail)
    status, peak, err = run(path, out, profile)
    tap.ok(status == 0, "%s of %d MiB" % (name, size // MIB), err)
    if memory.MEASURABLE:
        tap.ok(0 < peak < LIMIT_KIB, "%s: at most %d KiB of memory" % (name, LIMIT_KIB), "%d KiB" % peak)
        tap.note("%s: %d KiB" % (name, peak))
    tap.ok(status == 0 and holds(result, head_done, plain, done, size, tail_done), "%s: every byte is as it should be" % name)
    if os.path.exists(result):
        os.remove(result)
    os.truncate(path, os.path.getsize(path) - cut)
    status, peak, err = run(path, out, profile)
    tap.ok(status == 1 and not os.listdir(out), "%s cut in its last record fails" % name, err)
    os.remove(path)


check("a.csv", BIG, b"id,name,date,uid,note\n", csv_row, csv_done, b"", 50)
check("a.json", BIG, b"[\n  0", json_member, json_done, b"\n]\n", 4)
check("string.json", MIDDLE, b'{"id": "x", "long": "', text, text, b'", "last": 1}\n', 14, STRING,
      (b'{"id": "R", "long": "', b'"}\n'))
check("a.mhd", MIDDLE, b"first=1\n", kv_line, kv_done, b"last=1\n", 4)
tap.done()
