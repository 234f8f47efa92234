# SPDX-License-Identifier: MIT
"""Archives that are damaged, or made to do damage: refused with the place and the reason, in bounded time and memory,
and nothing is written but what the output folder holds."""
import io
import json
import os
import random
import re
import shutil
import struct
import sys
import time
import zipfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import memory  # noqa: E402
import tap  # noqa: E402
import zipkit  # noqa: E402
from zipkit import Member, archive, made  # noqa: E402

tap.needs("zip", "json")
X = b'{"v": "x"}'
PROFILE = "json:\n  fields:\n  - {name: v, replace-with: y}\nzip: {}\n"
LENIENT = PROFILE.replace("{}", "{validate-zip-members: false}")


def run(folder, *args):
    started = time.monotonic()
    r = tap.deid("run", "-j1", "-p", "../p.yaml", "-o", "../out", "--report", "../r.jsonl", *args, ".", cwd=folder + "/in")
    lines = [json.loads(x) for x in tap.read(folder + "/r.jsonl").splitlines()[:-1]]
    return r, {x["input"]: x for x in lines}, time.monotonic() - started


def lay(files, profile=PROFILE):
    folder = tap.scratch()
    for name, data in files.items():
        tap.write(os.path.join(folder, "in", name), data)
    tap.write(folder + "/p.yaml", profile)
    return folder


def outputs(folder):
    return tap.tree(folder + "/out") if os.path.isdir(folder + "/out") else {}


good = archive([Member("a.json", X), Member("x/b.json", X, method=0)], comment=b"C")
a, b = Member("a.json", X), Member("b.json", X)
packed = a.packed
SAME = struct.pack("<I", zlib.crc32(X))
descriptor = struct.pack("<IIII", 0x08074b50, zlib.crc32(X), len(packed), len(X))
fake_end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 0, 0, 0, 0, 0)
LINK = 0o120777 << 16
UNICODE = b"\x01" + struct.pack("<I", zlib.crc32(b"ok.json")) + b"../../evil.json"
UNICODE = struct.pack("<HH", 0x7075, len(UNICODE)) + UNICODE


def lies_at(data, mark, offset, new):
    at = data.rindex(mark) + offset
    return data[:at] + new + data[at + len(new):]


def end64(members, **lies):
    """An archive whose end says everything with 64 bits."""
    plain = archive(members)
    end = plain.rindex(b"PK\5\6")
    count, size, at = struct.unpack("<HII", plain[end + 10:end + 20])
    v = {"count": count, "here": count, "size": size, "at": at, "self": 44, "where": end, "disks": 1, "short": (0xffff, 0xffffffff, 0xffffffff)}
    v.update(lies)
    record = struct.pack("<IQHHIIQQQQ", 0x06064b50, v["self"], 45, 45, 0, 0, v["here"], v["count"], v["size"], v["at"])
    locator = struct.pack("<IIQI", 0x07064b50, 0, v["where"], v["disks"])
    n, s, o = v["short"]
    return plain[:end] + record + locator + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, n, n, s, o, 0)


# name: (archive, what the reason says, code)
HOSTILE = {
    # slip
    "dotdot": (archive([Member("../evil.json", X)]), r"\.\./evil\.json: its path leads out.*byte", "unsupported"),
    "dotdot inside": (archive([Member("x/../../evil.json", X)]), "leads out", "unsupported"),
    "dotdot alone": (archive([Member("..", X)]), "leads out", "unsupported"),
    "dotdot by backslash": (archive([Member("x\\..\\..\\evil.json", X)]), "leads out", "unsupported"),
    "dotdot beside the name": (archive([Member("ok.json", X, extra=UNICODE)]), "leads out", "unsupported"),
    "absolute": (archive([Member("/tmp/evil.json", X)]), "path is absolute", "unsupported"),
    "absolute by backslash": (archive([Member("\\evil.json", X)]), "path is absolute", "unsupported"),
    "drive": (archive([Member("C:\\evil.json", X)]), "path is absolute", "unsupported"),
    "a NUL in the name": (archive([Member(b"a.json\0.txt", X)]), "NUL", "unsupported"),
    "no name": (archive([Member("", X)]), "no name", "unsupported"),
    "a name of dots": (archive([Member("./.", X)]), "no name", "unsupported"),
    "no UTF-8": (archive([Member(b"\xff.json", X, flags=0x800)]), "marked as UTF-8", "unsupported"),
    # what is no file
    "symlink": (archive([Member("a.json", b"/etc/passwd", method=0, external=LINK)]), "a.json: it is a symbolic link", "unsupported"),
    "symlink of another system": (archive([Member("a.json", b"/etc/passwd", method=0, external=LINK, made=0x13 << 8)]), "symbolic link", "unsupported"),
    "device": (archive([Member("a.json", b"", method=0, external=0o060666 << 16)]), "neither a file nor a folder", "unsupported"),
    "pipe": (archive([Member("a.json", b"", method=0, external=0o010666 << 16)]), "neither a file nor a folder", "unsupported"),
    "volume": (archive([Member("a.json", b"", method=0, external=8, made=0)]), "neither a file nor a folder", "unsupported"),
    "a folder without a slash": (archive([Member("a.json", b"", method=0, external=0o040755 << 16)]), "by its name", "unsupported"),
    "a file with a slash": (archive([Member("a.json/", b"", method=0)]), "by its name", "unsupported"),
    "a folder with content": (archive([Member("a/", X, external=0)]), "has content", "unsupported"),
    # encryption, methods
    "encrypted": (archive([Member("a.json", X, flags=1)]), "a.json: it is encrypted", "unsupported"),
    "strongly encrypted": (archive([Member("a.json", X, flags=0x41)]), "encrypted", "unsupported"),
    "masked": (archive([Member("a.json", X, flags=0x2000)]), "encrypted", "unsupported"),
    "AES": (archive([Member("a.json", X, method=99)]), "encrypted", "unsupported"),
    "encrypted by its local header": (archive([Member("a.json", X, lflags=1)]), "contradicts", "format"),
    "patch": (archive([Member("a.json", X, flags=0x20)]), "patch", "unsupported"),
    "an unknown method": (archive([Member("a.json", X, method=77)]), r"dir/an unknown method\.zip|a\.json: it is packed by a method", "unsupported"),
    "deflate64": (archive([Member("a.json", X, method=9)]), "packed by a method", "unsupported"),
    # contradictions
    "another name": (archive([Member("a.json", X, lname=b"b.json")]), "a.json: its local header contradicts", "format"),
    "another method": (archive([Member("a.json", X, lmethod=0)]), "contradicts", "format"),
    "another checksum": (archive([Member("a.json", X, lcrc=1)]), "contradicts", "format"),
    "another size": (archive([Member("a.json", X, lsize=11)]), "contradicts", "format"),
    "another packed size": (archive([Member("a.json", X, lpsize=5)]), "contradicts", "format"),
    "another mark of UTF-8": (archive([Member("a.json", X, lflags=0x800)]), "contradicts", "format"),
    "another descriptor": (archive([Member("a.json", X, flags=8, lcrc=0, lpsize=0, lsize=0, descriptor=descriptor[:12] + b"\x0b\0\0\0")]), "descriptor contradicts", "format"),
    "no descriptor": (archive([Member("a.json", X, flags=8, lcrc=0, lpsize=0, lsize=0)]), "belong to no member|descriptor", "format"),
    "an open size without a descriptor": (archive([Member("a.json", X, lcrc=0, lpsize=0, lsize=0)]), "contradicts", "format"),
    "no local header": (archive([Member("a.json", X), Member("b.json", X, header=2)]), "no local header|overlaps", "format"),
    # lies about size and content
    "smaller than it says": (archive([Member("a.json", X, size=12)]), "a.json: it", "format"),
    "larger than it says": (archive([Member("a.json", X, size=4)]), "a.json: it", "format"),
    "much larger than it says": (archive([Member("a.json", b"[" + b" " * 5000000 + b"]", size=10)]), "a.json: it", "format"),
    "stored, smaller": (archive([Member("a.json", X, method=0, size=4)]), "sizes contradict", "unsupported"),
    "a wrong checksum": (archive([Member("a.json", X, crc=7)]), "a.json: its content has not the checksum", "format"),
    "damaged": (archive([Member("a.json", X, packed=b"\xff" * len(packed))]), "packed content is damaged", "format"),
    "packed data that end early": (archive([Member("a.json", X, packed=packed[:-3])]), "a.json: ", "format"),
    "nothing packed": (archive([Member("a.json", X, packed=b"")]), "a.json: ", "format"),
    # overlaps, gaps, ends
    "one member twice": (archive([a, Member("b.json", X, header=0)]), "contradicts|overlaps", "format"),
    "a member in another": (archive([Member("a.json", a.local() + packed, method=0), Member("b.json", X, header=36)]), "overlaps|belong to no member", "format"),
    "packed size over the next": (archive([Member("a.json", X, psize=len(packed) + 40, lpsize=len(packed) + 40), b]), "overlaps", "format"),
    "packed size over the end": (archive([Member("a.json", X, psize=1 << 30, lpsize=1 << 30)]), "overlaps", "format"),
    "a local header over the end": (archive([Member("a.json", X, header=1 << 30)]), "overlaps|before the first|no local header", "format"),
    "bytes before": (archive([a], prefix=b"#!/bin/sh\n"), "before the first member", "format"),
    "bytes before, offsets without them": (archive([a], prefix=b"#!/bin/sh\n", shift=False), "before it", "format"),
    "bytes before nothing": (b"MZ" + archive([]), "before", "format"),
    "bytes between": (archive([a, Member("b.json", X, before=b"hidden")]), "a.json: bytes after it", "format"),
    "a hidden member": (archive([Member("a.json", X, after=b.local() + b.packed), Member("c.json", X)]), "a.json: bytes after it", "format"),
    "bytes before the directory": (archive([a], gap=b"x" * 100), "bytes after it that belong to no member", "format"),
    "bytes after": (archive([a], suffix=b"x"), "bytes after its end", "truncated"),
    "a second archive behind": (archive([a]) + archive([b]), "before", "format"),
    "two ends": (archive([a], comment=fake_end), "two ends", "format"),
    "no end": (archive([a])[:-22], "no zip archive, one that is cut", "truncated"),
    "no zip": (b"PK\3\4 and so on", "no zip archive", "truncated"),
    "too many": (archive([a], count=2), "directory ends|counts more", "format"),
    "far too many": (archive([a], count=65535), "counts more members", "format"),
    "too few": (archive([a, b], count=1), "after the last entry", "format"),
    "a directory elsewhere": (archive([a], at=0), "is not where", "format"),
    "a directory too large": (archive([a], size=1 << 30), "is not where", "format"),
    "another part": (archive([Member("a.json", X, disk=1)]), "several parts", "unsupported"),
    "a long name": (lies_at(archive([a]), b"PK\1\2", 28, b"\xff\xff"), "longer than|central directory", "format"),
    # ZIP64
    "no ZIP64 numbers": (archive([Member("a.json", X, size=0xffffffff)]), "lacks its ZIP64", "format"),
    "short ZIP64 numbers": (archive([Member("a.json", X, size=0xffffffff, extra=b"\1\0\4\0abcd")]), "lacks its ZIP64", "format"),
    "a ZIP64 size that lies": (archive([Member("a.json", X, size=0xffffffff, extra=struct.pack("<HHQ", 1, 8, 1 << 40), lsize=0xffffffff,
                                               lextra=struct.pack("<HHQQ", 1, 16, 1 << 40, len(packed)))]), "more bytes than|larger than the file|a.json", None),
    "a ZIP64 place that overflows": (archive([Member("a.json", X, header=0xffffffff, extra=struct.pack("<HHQ", 1, 8, (1 << 64) - 8))]),
                                     "overlaps|before the first", "format"),
    "ZIP64 end elsewhere": (end64([a], where=3), "not where it should be", "format"),
    "ZIP64 end of another version": (end64([a], self=45), "another version", "format"),
    "ends that contradict": (end64([a], short=(7, 0xffffffff, 0xffffffff)), "contradict", "format"),
    "ZIP64 counts too many": (end64([a], count=1 << 62, here=1 << 62), "counts more", "format"),
    "ZIP64 in parts": (end64([a], disks=2), "several parts", "unsupported"),
}
for lenient in (False, True):
    folder = lay({"dir/%s.zip" % n: data for n, (data, _, _) in HOSTILE.items()}, LENIENT if lenient else PROFILE)
    before = tap.tree(folder + "/in")
    r, lines, took = run(folder)
    # Where a member is at fault, and not the archive, it may be left out.
    left = {n for n in lines if lines[n]["status"] == "deidentified"}
    allowed = {"an unknown method", "deflate64", "smaller than it says", "larger than it says", "much larger than it says", "a wrong checksum",
               "damaged", "packed data that end early", "nothing packed"}
    for n, (data, says, code) in HOSTILE.items():
        line = lines.get("./dir/%s.zip" % n, lines.get("dir/%s.zip" % n, {}))
        if lenient and n in allowed:
            tap.ok(line.get("status") == "deidentified" and "a.json: left out: " in "".join(line["warnings"]), "left out: " + n, line)
            continue
        tap.ok(line.get("status") == "failed" and re.search(says, line["reason"]) and (code is None or line["code"] == code) and
               (re.search(r"byte \d|\.json: |the file|several", line["reason"]) or n == "dotdot alone"), "refused: " + n, line)
    made_names = {os.path.splitext(os.path.basename(p))[0] for p in outputs(folder)}
    tap.is_(made_names, allowed if lenient else set(), "no output for what is refused")
    tap.ok(tap.tree(folder + "/in") == before and sorted(os.listdir(folder)) == sorted(["in", "out", "p.yaml", "r.jsonl"] if lenient else
           [x for x in os.listdir(folder) if x in ("in", "out", "p.yaml", "r.jsonl")]), "nothing is written elsewhere", os.listdir(folder))
    tap.ok(took < 20, "in bounded time", took)
tap.ok(not os.path.exists("/tmp/evil.json"), "nothing slipped out")
ok_folder = lay({"a.zip": good, "b.zip": end64([a, Member("c.json", X)]), "c.zip": end64([a], short=(1, len(a.central(0)), len(a.local() + packed)))})
r, lines, _ = run(ok_folder)
tap.ok(r.status == 0 and all(zipkit.contents(d) for d in outputs(ok_folder).values()) and len(outputs(ok_folder)) == 3,
       "what is told from them is not refused", lines)

# ---- cut and changed anywhere ----
whole = archive([Member("d/", method=0, external=0), Member("d/a.json", X), Member("b.json", X, flags=8, lcrc=0, lpsize=0, lsize=0, descriptor=descriptor)], comment=b"of Doe")
folder = lay({"%04d.zip" % n: whole[:n] for n in range(len(whole))})
r, lines, _ = run(folder)
bad = [x for x in lines.values() if x["status"] != "failed" or x["code"] not in ("truncated", "format") or "byte" not in x["reason"]]
tap.ok(len(lines) == len(whole) and not bad and not outputs(folder), "cut at each of its %d bytes: refused" % len(whole), bad[:3])
# Changed bytes: refused, or what comes out is a whole archive of the members that Python reads there.
rng = random.Random(5)
files = {}
for n in range(1500):
    data = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 4))):
        data[rng.randrange(len(data))] = rng.choice((0, 1, 0xff, rng.randrange(256)))
    files["%04d.zip" % n] = bytes(data)
folder = lay(files)
r, lines, _ = run(folder)
made_files = outputs(folder)
bad = []
for name, data in made_files.items():
    try:
        got = zipkit.contents(data)
        assert all(json.loads(c) == {"v": "y"} for n, c in got if not n.endswith("/")), got
    except (AssertionError, zipfile.BadZipFile, ValueError, KeyError) as e:
        bad.append((name, e))
tap.ok(r.status == 1 and len(lines) == len(files) and not bad and all(x["status"] in ("failed", "deidentified") for x in lines.values()),
       "bytes changed at random: %d refused, %d whole" % (len(files) - len(made_files), len(made_files)), (r, bad[:3]))
tap.ok(not any(x["code"] in ("internal", "no-memory") for x in lines.values()), "… for a reason", [x for x in lines.values() if x["code"] in ("internal", "no-memory")][:3])

# ---- bombs ----


def nested(depth, data=X, name="a.json"):
    for k in range(depth):
        data, name = made({name: data}), "%d.zip" % k
    return data


for depth, option, fine in ((4, (), True), (5, (), False), (2, ("--max-depth", "2"), True), (3, ("--max-depth", "2"), False), (7, ("--max-depth", "7"), True)):
    folder = lay({"a.zip": nested(depth)})
    r, lines, _ = run(folder, *option)
    line = list(lines.values())[0]
    tap.ok((r.status == 0) == fine and (fine or ("deeper than" in line["reason"] and line["code"] == "limit")), "%d archives in each other %r" % (depth, option), line)
folder = lay({"a.zip": nested(400)})
r, lines, took = run(folder)
tap.ok(r.status == 1 and took < 10, "400 archives in each other", lines)
r = tap.deid("run", "-p", folder + "/p.yaml", "-o", folder + "/o", "--max-depth", "17", folder + "/in")
tap.is_(r.status, 2, "--max-depth has a limit itself")

zeros = b'{"w": "' + b"a" * (30 << 20) + b'"}'
leaf = made({"%d.json" % k: zeros for k in range(4)})
middle = made({"%d.zip" % k: leaf for k in range(16)})
bomb = made({"%d.zip" % k: middle for k in range(16)})
tap.note("a bomb of %d bytes that unpacks to %d GiB" % (len(bomb), len(zeros) * 4 * 256 >> 30))
folder = lay({"a.zip": bomb, "b.zip": bomb}, LENIENT)
measured = None
started = time.monotonic()
status, peak, said = memory.run_measured([tap.DEID, "--plugin-dir", tap.PLUGINS, "run", "-j1", "-p", folder + "/p.yaml", "-o", folder + "/out", folder + "/in"])
took = time.monotonic() - started
tap.ok(status == 1 and said.count("larger than the file by more than 250 (--max-ratio)") >= 2 and not outputs(folder), "a bomb of archives: refused", said)
tap.ok(took < 60, "… in %.1f s" % took)
if memory.MEASURABLE:
    tap.ok(peak < 32 << 10, "… and %d MiB" % (peak >> 10))
else:
    tap.skip("its memory", "sanitizers")
flat = {"a.json": b'{"w": "' + b"a" * (100 << 20) + b'"}'}
for option, fine in (((), False), (("--max-ratio", "2000"), True), (("--max-ratio", "2000", "--max-unpacked", "64M"), False)):
    folder = lay({"a.zip": made(flat)})
    r, lines, _ = run(folder, "--no-sync", *option)
    line = list(lines.values())[0]
    tap.ok((r.status == 0) == fine and (fine or line["code"] == "limit"), "100 MiB of one letter %r" % (option,), line)
folder = lay({"a.zip": made({"%d.json" % k: X for k in range(20)})})
for option, fine in ((("--max-members", "19"), False), (("--max-members", "20"), True)):
    r, lines, _ = run(folder, "--on-conflict", "overwrite", *option)
    tap.is_(r.status == 0, fine, " ".join(option))
for option in ("--max-members", "--max-depth", "--max-ratio", "--max-unpacked"):
    r = tap.deid("run", "-p", folder + "/p.yaml", "-o", folder + "/o", option, "x", folder + "/in")
    tap.ok(r.status == 2 and option in r.err, option + " x", r)

# ---- many, and large ----


def lines_of(n):
    return b"".join(b'{"v": "x", "n": %d}\n' % k for k in range(n))


many = [("%d/%d.json" % (k % 100, k), X) for k in range(66000)]
folder = lay({"a.zip": made(many, method=zipfile.ZIP_STORED)}, PROFILE.replace("{}", "{hash-subdirectories: true}"))
status, peak, said = memory.run_measured([tap.DEID, "--plugin-dir", tap.PLUGINS, "run", "-j1", "--no-sync", "-p", folder + "/p.yaml", "-o", folder + "/out", folder + "/in"])
data = outputs(folder).get("a.zip", b"")
tap.ok(status == 0 and len(zipkit.names(data)) == 66000 and b"PK\6\6" in data[-200:], "66,000 members (ZIP64)", said)
if memory.MEASURABLE:
    tap.ok(peak < 96 << 10, "… in %d MiB" % (peak >> 10))
    big = io.BytesIO()
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        z.writestr("a.jsonl", lines_of(3000000))
        z.writestr(zipfile.ZipInfo("b.jsonl"), lines_of(1000000))
    folder = lay({"a.zip": big.getvalue()})
    status, peak, said = memory.run_measured([tap.DEID, "--plugin-dir", tap.PLUGINS, "run", "-j1", "--no-sync", "-p", folder + "/p.yaml", "-o", folder + "/out", folder + "/in"])
    with zipfile.ZipFile(folder + "/out/a.zip") as z:
        good = z.testzip() is None and z.open("b.jsonl").read(20) == b'{"v": "y", "n": 0}\n{'
    tap.ok(status == 0 and good and peak < 32 << 10, "members of %d MiB in %d MiB" % (len(lines_of(3000000)) >> 20, peak >> 10), said)
tap.done()
