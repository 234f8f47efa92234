# SPDX-License-Identifier: MIT
"""What is named .gz is looked through: read to its last member, written as one bare member."""
import gzip
import os
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap as t  # noqa: E402

t.needs("csv", "json")

PROFILE = """
json: {fields: [{name: v, replace-with: NEW}]}
csv: {fields: [{name: id, hash: true}]}
"""


def work(files, profile=PROFILE):
    folder = t.scratch()
    t.write(folder + "/p.yaml", profile)
    for name, data in files.items():
        t.write(folder + "/in/" + name, data)
    return folder


def named(data, name=b"Doe^Jane.json"):
    """gzip as the tool writes it, with the original's name, a time and a comment."""
    raw = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = raw.compress(data) + raw.flush()
    return (b"\x1f\x8b\x08\x18\x10\x20\x30\x40\x00\x03" + name + b"\x00a comment\x00" + body +
            (zlib.crc32(data) & 0xFFFFFFFF).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little"))


def run(files, *args, profile=PROFILE, operands=("in",)):
    folder = work(files, profile)
    r = t.deid("run", "-p", "p.yaml", *(args or ("-o", "out")), *operands, cwd=folder)
    out = folder + ("/out" if not args or "-o" in args else "/in")
    return r, t.tree(out) if os.path.isdir(out) else {}


def fails(what, data, reason, name="a.json.gz"):
    r, out = run({name: data})
    t.ok(r.status == 1 and out == {} and reason in r.err, what, (r, out))


doc, new = b'{"v": "Jane"}', b'{"v": "NEW"}'
r, out = run({"a.json.gz": named(doc)})
t.is_(r.status, 0, "a gzip'd document")
t.is_(list(out), ["a.json.gz"], "keeps its name")
got = out.get("a.json.gz", b"")
t.is_(gzip.decompress(got) if got else b"", new, "and holds what the profile makes of it")
t.is_(got[:10], b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "its header is bare: no name, no time, no comment")

r, out = run({"a.json.gz": named(doc[:5]) + gzip.compress(doc[5:])})
t.is_([gzip.decompress(v) for v in out.values()], [new], "all members are read")
t.is_(len(list(out.values())[0].split(b"\x1f\x8b\x08")) - 1 if out else 0, 1, "and one is written")
r, out = run({"a.jsonl.gz": gzip.compress(doc + b"\n" + doc + b"\n")})
t.is_([gzip.decompress(v) for v in out.values()], [new + b"\n" + new + b"\n"], "the name inside says how to read it")
r, out = run({"only.gz": gzip.compress(doc)}, "-o", "out", profile="json: {file-filter: ['*.gz'], fields: []}\n")
t.is_([gzip.decompress(v) for v in out.values()], [doc], "a filter may match the name with its .gz")
r, out = run({"empty.csv.gz": gzip.compress(b"")})
t.is_([gzip.decompress(v) for v in out.values()], [b""], "an empty file in gzip")

fails("bytes after the last member", gzip.compress(doc) + b"Jane", "after the end of the gzip data")
fails("zeros after the last member", gzip.compress(doc) + bytes(512), "after the end of the gzip data")
fails("a cut file", gzip.compress(doc)[:-3], "end before they are complete")
fails("a cut second member", gzip.compress(doc[:5]) + gzip.compress(doc[5:])[:12], "end before they are complete")
fails("a wrong checksum", gzip.compress(doc)[:-8] + bytes(4) + gzip.compress(doc)[-4:], "damaged")
fails("no gzip at all", doc, "not gzip data")
fails("no byte at all", b"", "end before they are complete")
bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
fails("a bomb", b"".join(bomb.compress(bytes(1 << 20)) for _ in range(80)) + bomb.flush(), "far more than their size")

unclaimed = {"x.bin": gzip.compress(doc), "y.bin.gz": gzip.compress(b"nobody's")}  # once: gzip writes the time
r, out = run(unclaimed, "-o", "out", "--unmatched", "copy")
t.is_(out, unclaimed,
      "what nobody claims is copied as it is")
r, out = run({"x.bin": gzip.compress(doc)})
t.ok(r.status == 0 and out == {} and "0 de-identified" in r.err, "gzip under another name is unmatched", r)

r, out = run({"a.json.gz": named(doc)}, "--in-place")
t.ok(r.status == 0 and list(out) == ["a.json.gz"] and gzip.decompress(out["a.json.gz"]) == new, "in place", (r, out))
r, out = run({"con.json.gz": gzip.compress(doc)})
t.is_(list(out), ["con_.json.gz"], "the name within is made safe")
long = "é" * 126
r, out = run({long + ".gz": gzip.compress(doc)}, "-o", "out", profile="json: {file-filter: '*'}\n")
t.is_(list(out), [long + ".gz"], "as long as a name can be")

rows = b"id,x\n" + b"".join(b"%d,%s\n" % (i, b"y" * 40) for i in range(1500000))
folder = work({"big.csv.gz": gzip.compress(rows, 1)})
measure = ("import resource, subprocess, sys; s = subprocess.run(sys.argv[1:]).returncode; "
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(s)")
r = t.deid("run", "-p", "p.yaml", "-j1", "-o", "out", "in", cwd=folder, wrap=(sys.executable, "-c", measure))
peak = int(r.out.split()[-1])
t.ok(r.status == 0 and gzip.decompress(t.read(folder + "/out/big.csv.gz")).count(b"\n") == 1500001, "a large file", r)
if not os.environ.get("DEID_TEST_SANITIZERS"):
    t.ok(peak < 48 << 10, "takes little memory", "%d KiB" % peak)

t.done()
