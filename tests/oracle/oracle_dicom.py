# SPDX-License-Identifier: MIT
"""Every DICOM file of python3-pydicom under a profile that hits it, judged by pydicom and DCMTK.

Each file gets its own profile (choose.py): an element removed, one replaced, one hashed, one UID hashed, a date
shifted, and nested ones where there are sequences. Both libraries must then read the output, find the values
that this test computed, and find everything else as it was: all data sets at all levels, pixel data and file
meta. Files that are damaged (walker.py says so) have to be refused instead.
"""
import collections
import json
import multiprocessing
import os
import struct
import sys

import corpus
import choose
import dcmtk
import tap
import walker
from pydicom.datadict import dictionary_description, dictionary_has_tag, keyword_for_tag

tap.needs("dicom")

# What this test finds on Debian 12. A count that falls means that something is no longer looked at.
MINIMA = {"files": 171, "refused": 3, "removed": 233, "replaced": 188, "hashed": 193, "shifted": 160, "uid": 266, "created": 46,
          "private": 24, "nested": 187, "with sequences": 50, "with a nested hit": 48, "compared by pydicom": 15139,
          "compared by dcmdump": 14269, "checked by dciodvfy": 170}
PAD = b"\0 "
# Where a DICOMDIR says at which byte a record begins (PS3.3, F.3).
DIRECTORY_OFFSETS = (0x00041200, 0x00041202, 0x00041400, 0x00041420)


def raw(ds, tag):
    """The value's bytes as they stand, where pydicom has kept them."""
    item = ds.get_item(tag)
    return item.value if item.value is not None else b""


def compare(old, new, changes, path=()):
    """(elements compared, complaints)."""
    complaints, compared = [], 0
    for tag in sorted(set(old.keys()) | set(new.keys())):
        place = path + (int(tag),)
        if int(tag) & 0xFFFF == 0 and (path or int(tag) != 0x00020000):
            continue  # group lengths: see check_group_lengths
        compared += 1
        if place in changes:
            want = changes[place]
            if want is None:
                if tag in new:
                    complaints.append("pydicom: %s should be gone" % dcmtk.name(place))
            elif tag not in new:
                complaints.append("pydicom: %s is missing" % dcmtk.name(place))
            else:
                got = raw(new, tag)
                odd = isinstance(got, bytes) and len(got) % 2
                got = got if isinstance(got, bytes) else str(got).encode("utf-8")
                if odd or got.rstrip(PAD) != want:
                    complaints.append("pydicom: %s is %r, wanted %r" % (dcmtk.name(place), got, want))
        elif tag not in new or tag not in old:
            complaints.append("pydicom: %s %s" % (dcmtk.name(place), "is gone" if tag in old else "is new"))
        elif place == (0x00020000,) or place[-1] in DIRECTORY_OFFSETS:
            continue  # see check_group_lengths, check_directory
        else:
            n, more = compare_element(old, new, tag, changes, place)
            compared += n
            complaints += more
    return compared, complaints


def compare_element(old, new, tag, changes, place):
    if old.get_item(tag).VR != new.get_item(tag).VR:
        return 0, ["pydicom: %s changed its VR" % dcmtk.name(place)]
    same = raw(old, tag) == raw(new, tag)  # before the next line: it has pydicom decode the value
    if old[tag].VR != "SQ":
        return 0, [] if same else ["pydicom: %s changed" % dcmtk.name(place)]
    before, after = old[tag].value, new[tag].value
    if len(before) != len(after):
        return 0, ["pydicom: %s has %d items, had %d" % (dcmtk.name(place), len(after), len(before))]
    compared, complaints = 0, []
    for i, (b, a) in enumerate(zip(before, after)):
        n, more = compare(b, a, changes, place + (i,))
        compared += n
        complaints += more
    return compared, complaints


def check_group_lengths(data, out):
    """Right where the group changed, as it was elsewhere."""
    before = {e.tag: value for e, value, _ in walker.group_sizes(walker.File(data))}
    complaints = []
    for e, value, real in walker.group_sizes(walker.File(out)):
        if value != real and value != before.get(e.tag):
            complaints.append("group length %08x is %d, the group has %d" % (e.tag, value, real))
    after = walker.File(out)
    size = [int.from_bytes(out[e.value:e.end], "little") for e in after.meta if e.tag == 0x00020000]
    real = sum(e.end - e.start for e in after.meta if e.tag != 0x00020000)
    if size and size[0] != real:
        complaints.append("the file meta's length is %d, it has %d" % (size[0], real))
    return complaints


def directory_offsets(data):
    """(byte of each record, {place: offset}) of a DICOMDIR."""
    f = walker.File(data)
    sequence = [e for e in f.elements if e.tag == 0x00041220]
    records = walker.items(data, sequence[0], f.end, f.explicit) if sequence else []
    offsets = {(e.tag,): _u32(data, e, f.end) for e in f.elements if e.tag in DIRECTORY_OFFSETS}
    for n, (_, elements) in enumerate(records):
        offsets.update({(n, e.tag): _u32(data, e, f.end) for e in elements if e.tag in DIRECTORY_OFFSETS})
    return [at for at, _ in records], offsets


def _u32(data, e, end):
    return struct.unpack(end + "I", data[e.value:e.value + 4])[0]


def check_directory(data, out):
    """An offset that led to a record leads to the same record."""
    before, old = directory_offsets(data)
    after, new = directory_offsets(out)
    if len(before) != len(after) or set(old) != set(new):
        return ["the directory has other records or offsets"]
    return ["directory offset %s does not lead to the same record" % (place,) for place, offset in old.items()
            if offset in before and new[place] != after[before.index(offset)] or offset == 0 != new[place]]


def expected_name(name, ds, plan):
    """Section 5.7."""
    def text(key):
        v = ds.get(key) or ""
        return v.rstrip(PAD).decode("ascii") if isinstance(v, bytes) else str(v)
    uid, modality = text("SOPInstanceUID"), text("Modality")
    uid = plan.changes.get((0x00080018,), uid.encode()).decode()
    return ("%s.%s.dcm" % (uid, modality or "NA")).replace("/", "_") if uid else os.path.basename(name)


def new_messages(tool, before, after, plan):
    """What a checker says of the output only, and not because a rule changed just that element, or one that a
    condition depends on."""
    names = set()
    for tag in {t for place in plan.changes for t in place[::2]}:
        names |= {keyword_for_tag(tag), dictionary_description(tag) if dictionary_has_tag(tag) else "",
                  "%04x,%04x" % (tag >> 16, tag & 0xFFFF)}
    fresh = dcmtk.messages(tool, after) - dcmtk.messages(tool, before)
    if plan.counts["created"]:  # an attribute that the object does not have by its definition
        names.add("Standard Extended SOP Class")
    return [m for m in fresh if not any(n and n in m for n in names) and "condition" not in m.lower()]


def judge(job):
    """(name, complaints, counts) for one file. In a worker process."""
    number, name, data, scratch = job
    counts = collections.Counter()
    folder = os.path.join(scratch, str(number))
    source = tap.write(os.path.join(folder, "in", os.path.basename(name)), data)
    out = os.path.join(folder, "out")
    try:
        walker.File(data)
        whole = True
    except (walker.Cut, ValueError):
        whole = False
    old = corpus.read(data)
    plan = choose.choose(old, number) if whole else None
    profile = plan.profile() if whole else {"dicom": {"fields": [{"name": "PatientID", "remove": True}]}}
    profile = tap.write(os.path.join(folder, "profile.yaml"), json.dumps(profile))
    r = tap.deid("run", "-p", profile, "-o", out, "--no-sync", source)
    outputs = tap.tree(out) if os.path.isdir(out) else {}
    if not whole:
        counts["refused"] += 1
        counts["refused: " + name] += 1
        return name, [] if r.status == 1 and not outputs else ["a damaged file was not refused: %r" % r], counts
    if r.status != 0 or len(outputs) != 1:
        return name, ["%r, outputs %s" % (r, list(outputs))], counts
    counts["files"] += 1
    counts.update(plan.counts)
    count_gaps(counts, name, old, plan)
    (out_name, result), = outputs.items()
    complaints = judge_output(name, data, result, old, plan, counts)
    if out_name != expected_name(name, old, plan):
        complaints.append("the output is called %s, not %s" % (out_name, expected_name(name, old, plan)))
    judge_tools(source, os.path.join(out, out_name), plan, counts, complaints)
    return name, ["%s (profile: %s)" % (c, json.dumps(plan.fields)) if n == 0 else c for n, c in enumerate(complaints)], counts


def count_gaps(counts, name, ds, plan):
    """What the profile of this file could not hit, for want of an element to hit."""
    for kind in ("removed", "replaced", "hashed", "shifted"):
        if not plan.counts[kind]:
            counts["not %s (the file has nothing for it%s): %s" % (
                kind, "; created instead" if kind in ("replaced", "shifted") else "", name)] += 1
    if any(e.VR == "SQ" and e.value for e in ds):
        counts["with sequences"] += 1
        counts["with a nested hit"] += bool(plan.counts["nested"])
        if not plan.counts["nested"]:
            counts["no nested hit: " + name] += 1


def judge_output(name, data, result, old, plan, counts):
    complaints = []
    old = corpus.read(data)  # afresh: choose() has decoded what it looked at
    try:
        new = corpus.read(result)
        n, complaints = compare(old, new, plan.changes)
        m, more = compare(old.file_meta, new.file_meta, plan.changes)
        complaints += more
        counts["compared by pydicom"] += n + m
        complaints += check_group_lengths(data, result)
        complaints += check_directory(data, result)
    except Exception as e:
        complaints.append("pydicom cannot read the output: %s: %s" % (type(e).__name__, e))
    head = data[128:132] == b"DICM"
    if head and result[:132] != b"\0" * 128 + b"DICM":
        complaints.append("the preamble is not zeroed")
    return complaints


def judge_tools(source, result, plan, counts, complaints):
    if dcmtk.have("dcmdump"):
        before, after = dcmtk.dump(source), dcmtk.dump(result)
        if before is None:
            counts["unreadable by dcmdump: " + os.path.basename(source)] += 1
        elif after is None:
            complaints.append("dcmdump cannot read the output")
        else:
            n, more = dcmtk.compare(before, after, plan.changes)
            counts["compared by dcmdump"] += n
            complaints += more
    if dcmtk.have("dciodvfy") and walker.File(tap.read(source)).inflated is None:  # it reads no deflated files
        counts["checked by dciodvfy"] += 1
        complaints += ["dciodvfy: " + m for m in new_messages("dciodvfy", source, result, plan)]
    if dcmtk.have("dcmftest") and dcmtk.messages("dcmftest", result) != dcmtk.messages("dcmftest", source):
        complaints.append("dcmftest no longer takes it for DICOM")


def main():
    files = corpus.files()
    scratch = tap.scratch()
    if len(sys.argv) > 1:
        files = [f for f in files if any(a in f[0] for a in sys.argv[1:])]
    jobs = [(n, name, data, scratch) for n, (name, data) in enumerate(files)]
    with multiprocessing.Pool(2) as pool:
        results = pool.map(judge, jobs, chunksize=4)
    counts = collections.Counter()
    bad = 0
    for name, complaints, some in results:
        counts.update(some)
        bad += bool(complaints)
        if complaints:
            tap.ok(False, name, "\n".join(c[:600] for c in complaints[:6]))
    tap.ok(not bad, "%d files, %d of them wrong" % (len(results), bad))
    names = collections.defaultdict(list)
    for what in sorted(counts):
        if ": " in what:
            names[what.split(": ")[0]].append(what.split(": ", 1)[1])
        else:
            tap.note("%s: %d" % (what, counts[what]))
    for what, which in names.items():
        tap.note("%s (%d): %s" % (what, len(which), ", ".join(which)))
    for tool in ("dcmdump", "dciodvfy", "dcmftest"):
        if not dcmtk.have(tool):
            tap.note("not installed, not asked: " + tool)
    for what, least in MINIMA.items() if len(sys.argv) == 1 else ():
        if " by " in what and "pydicom" not in what and not dcmtk.have(what.split()[-1]):
            continue
        tap.ok(counts[what] >= least, "%s: at least %d" % (what, least), counts[what])
    tap.done()


if __name__ == "__main__":
    main()
