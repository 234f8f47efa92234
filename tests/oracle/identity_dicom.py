# SPDX-License-Identifier: MIT
"""Every DICOM file of python3-pydicom under a profile that changes nothing: the data set comes out byte for
byte. The same files cut short are refused, but where the cut falls between two top-level elements: what stays
then is a data set of fewer elements, and comes out byte for byte as well. walker.py says which is which.
"""
import collections
import json
import os
import zlib

import corpus
import tap
import walker

tap.needs("dicom")

PROFILE = {"dicom": {"fields": [{"name": "PatientID", "keep": True}]}}
MINIMA = {"identical": 171, "refused": 19109, "shorter": 1198}
# Cut at every byte: all below 800 bytes, and one of each kind from those of about 2 KiB.
EVERY_BYTE = ("test_files/SC_rgb_rle.dcm", "test_files/rtplan.dcm", "test_files/rtdose_expb_1frame.dcm")


def same(result, data):
    """The data set and file meta byte for byte, the preamble zeroed; deflated: what it holds."""
    head = data[128:132] == b"DICM"
    f = walker.File(data)
    if f.inflated is not None:
        new = walker.File(result)
        return new.inflated == f.inflated and result[132:f.body] == data[132:f.body]
    return result == (b"\0" * 128 + data[128:] if head else data)


def run(scratch, name, inputs, profile=None):
    """One run in place over a folder; gives {name: (status, bytes now)} and all that was said."""
    folder = os.path.join(scratch, name)
    for n, data in inputs.items():
        tap.write(os.path.join(folder, "in", n), data)
    profile = tap.write(os.path.join(folder, "profile.yaml"), json.dumps(profile or PROFILE))
    report = os.path.join(folder, "report.jsonl")
    r = tap.deid("run", "-p", profile, "--in-place", "--report", report, os.path.join(folder, "in"))
    said = tap.read(report).decode("utf-8") if os.path.exists(report) else ""
    status = {}
    for line in said.splitlines():
        line = json.loads(line)
        if line.get("input"):
            status[os.path.relpath(line["input"], os.path.join(folder, "in"))] = line["status"]
    now = tap.tree(os.path.join(folder, "in"))
    tap.ok(set(now) == set(inputs), "%s: no file is lost, none left behind" % name, sorted(set(now) ^ set(inputs))[:20])
    return {n: (status.get(n), now.get(n)) for n in inputs}, r, r.err + r.out + said


def is_whole(data):
    try:
        walker.File(data)
        return True
    except (walker.Cut, ValueError):
        return False


def test_identity(scratch, files):
    whole = {n: d for n, d in files if is_whole(d)}
    results, r, _ = run(scratch, "identity", whole)
    wrong = ["%s: %s%s" % (n, status, "" if now == whole[n] or same(now, whole[n]) else ", changed")
             for n, (status, now) in results.items() if status != "deidentified" or not same(now, whole[n])]
    tap.ok(not wrong, "%d files are identical" % (len(whole) - len(wrong)), "\n".join(wrong) + "\n%r" % r)
    tap.ok(len(whole) - len(wrong) >= MINIMA["identical"], "at least %d" % MINIMA["identical"])
    damaged = {n: d for n, d in files if not is_whole(d)}
    results, r, _ = run(scratch, "damaged", damaged)
    wrong = [n for n, (status, now) in results.items() if status != "failed" or now != damaged[n]]
    tap.ok(not wrong and r.status == 1, "damaged files are refused: %s" % ", ".join(sorted(damaged)), (wrong, r))


def cuts(name, data):
    """Positions to cut at. Those between elements are among them."""
    if len(data) < 800 and "TINY_ALPHA" not in name or name in EVERY_BYTE or name.endswith(("IM000000", "IM000001")):
        return range(len(data))
    f = walker.File(data)
    last, size = (f.elements or f.meta)[-1], len(data)
    if f.inflated is not None:
        return sorted({size - 1, size - 2, size - 8, f.body + 1} | set(range(f.body, size, 7)))
    out = {0, 1, 127, 131, 132, 139, f.body // 2, f.body - 1, f.body + 1, size - 1, size - 2, last.start + 1, last.start + 4,
           last.start + 7, last.value, last.value + 1, (last.value + last.end) // 2, size // 2, size // 3}
    some = f.elements[1:-1]
    for e in some[:: max(1, len(some) // 6)]:
        out |= {e.end, e.end - 1, e.end + 1, e.end + 5}
    return sorted(n for n in out if 0 <= n < size)


def verdict(f, data, n):
    """What has to become of the file cut at n: "refused", "shorter", or None when both are fine."""
    if n < f.body or n < 8:
        return "refused"
    if n == f.body:
        return None  # a head without a data set: nothing there to de-identify, nothing wrong
    if f.inflated is not None:
        try:
            z = zlib.decompressobj(-zlib.MAX_WBITS)
            z.decompress(data[f.body:n])
            return "shorter" if z.eof else "refused"
        except zlib.error:
            return "refused"
    return "shorter" if n in f.boundaries() else "refused"


def values_of(data):
    """Texts that no message may hold."""
    out = set()
    def collect(ds):
        for elem in ds:
            if elem.VR == "SQ":
                for item in elem.value:
                    collect(item)
            elif elem.VR in ("PN", "LO", "UI", "LT", "ST") and elem.value and len(str(elem.value)) > 7:
                out.add(str(elem.value))
    collect(corpus.read(data))
    return out


def test_cuts(scratch, files):
    inputs, want, secrets = {}, {}, set()
    for number, (name, data) in enumerate(files):
        if not is_whole(data):
            continue
        f = walker.File(data)
        secrets |= values_of(data)
        for n in cuts(name, data):
            cut = "%03d/%06d.dcm" % (number, n)
            inputs[cut] = data[:n]
            want[cut] = (verdict(f, data, n), name, n)
    results, r, said = run(scratch, "cut", inputs)
    wrong, counts = collections.defaultdict(list), collections.Counter()
    for cut, (status, now) in results.items():
        verdict_, name, n = want[cut]
        got = "refused" if status == "failed" and now == inputs[cut] else \
            "shorter" if status == "deidentified" and same(now, inputs[cut]) else "wrong (%s)" % status
        if verdict_ is None and not got.startswith("wrong"):
            continue
        if got == verdict_:
            counts[got] += 1
        else:
            wrong[name].append("%d: %s, should be %s" % (n, got, verdict_))
    lines = ["%s: %s%s" % (n, "; ".join(w[:6]), " … %d in all" % len(w) if len(w) > 6 else "") for n, w in wrong.items()]
    tap.ok(not wrong, "%d cut files: %d refused, %d whole but shorter" % (len(inputs), counts["refused"], counts["shorter"]),
           "\n".join(lines))
    for what in ("refused", "shorter"):
        tap.ok(counts[what] >= MINIMA[what], "%s: at least %d" % (what, MINIMA[what]), counts[what])
    tap.ok(r.status == 1, "the exit status says that files failed", r.status)
    leaked = [s for s in secrets if s in said]
    tap.ok(not leaked, "no message, no report line holds one of %d values" % len(secrets), len(leaked))


def main():
    scratch, files = tap.scratch(), corpus.files()
    test_identity(scratch, files)
    test_cuts(scratch, files)
    tap.done()


if __name__ == "__main__":
    main()
