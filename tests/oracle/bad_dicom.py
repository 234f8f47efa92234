# SPDX-License-Identifier: MIT
"""Damaged DICOM: a small file cut at every byte, lengths that lie, random bytes. All are refused, no input is
touched, nothing stands under the output that is not whole, and no message holds a value that was planted."""
import json
import os
import random
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import dicomfile
import tap
import walker

tap.needs("dicom")

PLANTED = ("PLANTEDNAME^ZEBRA", "PLANTEDID77", "19231105", "Planted description")
PROFILE = {"dicom": {"date-increment": 1, "fields": [
    {"name": "PatientName", "replace-with": "X"}, {"name": "PatientID", "hash": True}, {"name": "PatientBirthDate", "increment-date": True},
    {"name": "ReferencedSeriesSequence.*.SeriesDescription", "remove": True}, {"regex": ".*Comments", "remove": True}]}}


def small_file(undefined):
    e = dicomfile.element
    item = e(0x0008103E, "LO", PLANTED[3]) + e(0x0020000E, "UI", "1.2.3.4.5.8")
    if undefined:
        body = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + item + struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
        sequence = struct.pack("<HH2sHI", 0x0008, 0x1115, b"SQ", 0, 0xFFFFFFFF) + body + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    else:
        sequence = dicomfile.sequence(0x00081115, [item])
    return dicomfile.file_head("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5.6") + e(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2") + \
        e(0x00080018, "UI", "1.2.3.4.5.6") + e(0x00080060, "CS", "CT") + sequence + e(0x00100010, "PN", PLANTED[0]) + \
        e(0x00100020, "LO", PLANTED[1]) + e(0x00100030, "DA", PLANTED[2]) + e(0x00204000, "LT", "Planted description too") + \
        e(0x00280010, "US", 2) + e(0x00280011, "US", 2) + e(0x7FE00010, "OW", bytes(range(8)))


def run(scratch, name, inputs):
    """(statuses by input, outputs, result). Each input in a folder of its own: all claim the same output name."""
    folder = os.path.join(scratch, name)
    for n, data in inputs.items():
        tap.write(os.path.join(folder, "in", n[:-4], n), data)
    profile = tap.write(os.path.join(folder, "p.yaml"), json.dumps(PROFILE))
    report, out = os.path.join(folder, "r.jsonl"), os.path.join(folder, "out")
    r = tap.deid("run", "-v", "-p", profile, "-o", out, "--no-sync", "--report", report,
                 os.path.join(folder, "in"))
    said = tap.read(report).decode("utf-8") if os.path.exists(report) else ""
    lines = [json.loads(line) for line in said.splitlines()]
    status = {os.path.basename(line["input"]): line["status"] for line in lines if line.get("input")}
    tap.ok({os.path.basename(n): d for n, d in tap.tree(os.path.join(folder, "in")).items()} == inputs, "%s: the inputs are as they were" % name)
    tap.ok(not any(p in r.out + r.err + said for p in PLANTED), "%s: no planted value is said" % name)
    tap.ok(set(status) == set(inputs), "%s: each of %d inputs is in the report" % (name, len(inputs)), sorted(set(inputs) - set(status))[:5])
    return status, tap.tree(out) if os.path.isdir(out) else {}, r


def check_refused(name, status, outputs, r, allowed=()):
    taken = sorted(n for n, s in status.items() if s == "deidentified" and n not in allowed)
    tap.ok(not taken, "%s: all are refused" % name, taken[:20])
    tap.ok(r.status == 1, "%s: exit status 1" % name, r)
    for n, data in outputs.items():
        try:
            walker.File(data)
        except (walker.Cut, ValueError):
            tap.ok(False, "%s: %s is not whole" % (name, n))
        tap.ok(not any(p.encode() in data for p in PLANTED), "%s: an output without planted values" % name)


def test_cuts(scratch):
    for name, undefined in (("defined", False), ("undefined", True)):
        data = small_file(undefined)
        f = walker.File(data)
        inputs = {"%04d.dcm" % n: data[:n] for n in range(len(data))}
        whole = {"%04d.dcm" % n for n in f.boundaries() | {f.body}}
        status, outputs, r = run(scratch, "cut-" + name, inputs)
        check_refused("cut-" + name, status, outputs, r, whole)
        refused = {n for n in whole if status.get(n) != "deidentified" and n != "%04d.dcm" % f.body and n in inputs}
        tap.ok(not refused, "cut-%s: between elements a shorter data set" % name, sorted(refused))


def test_lengths(scratch):
    """Every length field of the file, a little and far too long."""
    data = small_file(False)
    f = walker.File(data)
    inputs = {}
    for e in f.elements:
        long = e.vr in walker.LONG
        at = e.value - (4 if long else 2)
        for by in (2, 0x1000, 0x7FF0):
            new = min(e.end - e.value + by, 0xFFFE)
            if e.value + new <= len(data):
                continue  # swallows what follows: another file, maybe a good one
            field = struct.pack("<I" if long else "<H", new)
            inputs["%08x-%d.dcm" % (e.tag, by)] = data[:at] + field + data[at + len(field):]
    for n, size in enumerate((0, 1, 0x7FFFFFFF, 0xFFFFFFFE)):
        at = 132 + 8
        inputs["meta-%d.dcm" % n] = data[:at] + struct.pack("<I", size) + data[at + 4:]
    odd = {"meta-0.dcm", "meta-1.dcm", "meta-2.dcm", "meta-3.dcm"}  # readers may go by the elements instead
    status, outputs, r = run(scratch, "lengths", inputs)
    check_refused("lengths", status, outputs, r, odd)


def test_random(scratch):
    rnd = random.Random(1)
    head = dicomfile.file_head("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5.6")
    inputs = {}
    for n in range(400):
        noise = bytes(rnd.randrange(256) for _ in range(rnd.randrange(1, 2000)))
        inputs["noise%03d.dcm" % n] = noise
        inputs["head%03d.dcm" % n] = head + noise
        inputs["zero%03d.dcm" % n] = bytes(rnd.randrange(1, 3000))
    inputs["empty.dcm"] = b""
    status, outputs, r = run(scratch, "random", inputs)
    check_refused("random", status, outputs, r)


def test_nesting(scratch):
    """A thousand levels, and one more than the limit of 64."""
    def nested(depth):
        head = struct.pack("<HH2sHI", 0x0008, 0x1115, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
        tail = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        return dicomfile.file_head("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5.6") + head * depth + tail * depth
    status, outputs, r = run(scratch, "nesting", {"n1000.dcm": nested(1000), "n65.dcm": nested(65), "n100000.dcm": nested(100000)})
    check_refused("nesting", status, outputs, r)
    status, outputs, r = run(scratch, "nesting-64", {"n64.dcm": nested(64)})
    tap.ok(r.status == 0 and outputs, "64 levels are read", r)


def main():
    scratch = tap.scratch()
    test_cuts(scratch)
    test_lengths(scratch)
    test_random(scratch)
    test_nesting(scratch)
    tap.done()


if __name__ == "__main__":
    main()
