# SPDX-License-Identifier: MIT
"""dicom: `recurse-sequence` on made-up trees, against a model; and the paths that messages name."""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, Bench, head, remove, replace, tap

bench = Bench()
# Leaves and sequences in the order of tags; a data set is a list of (tag, text or list of data sets).
LEAVES = {0x00081010: ("SH", "StationName"), 0x00100020: ("LO", "PatientID"), 0x00104000: ("LT", "PatientComments")}
SEQUENCES = {0x00081110: "ReferencedStudySequence", 0x00081140: "ReferencedImageSequence", 0x00101002: "OtherPatientIDsSequence"}
NAMES = {**{k: v[1] for k, v in LEAVES.items()}, **SEQUENCES}


def tree(rng, depth):
    out = []
    for tag in sorted(NAMES):
        if rng.random() < .35:
            continue
        if tag in LEAVES:
            out.append((tag, "v%03d" % rng.randrange(1000)))
        elif depth:
            out.append((tag, [tree(rng, depth - 1) for _ in range(rng.randrange(4))]))
    return out


def spell(ds):
    return b"".join(EX.sq(tag, *[EX.item(spell(x)) for x in v]) if isinstance(v, list) else EX.el(tag, LEAVES[tag][0], v) for tag, v in ds)


def act(ds, tag, new):
    """new None: removed."""
    out = []
    for t, v in ds:
        if t == tag and new is None:
            continue
        if t == tag:
            v = [] if isinstance(v, list) else new
        out.append((t, [act(x, tag, new) for x in v] if isinstance(v, list) else v))
    return out


def find(ds, tag, path=""):
    for t, v in ds:
        if t == tag:
            yield path + NAMES[t]
        if isinstance(v, list):
            for i, x in enumerate(v):
                yield from find(x, tag, "%s%s.%d." % (path, NAMES[t], i))


def random_trees():
    rng = random.Random(20240501)
    keep = [(0x00280010, None)]  # something that always stays
    for n in range(60):
        ds = tree(rng, 4)
        fields, want = [], ds
        for _ in range(rng.randrange(1, 5)):
            tag = rng.choice(sorted(NAMES))
            new = rng.choice([None, "new%d" % rng.randrange(10)])
            if new is not None and tag in SEQUENCES:
                new = ""
            fields.append(remove(NAMES[tag]) if new is None else replace(NAMES[tag], new, **{"replace-with-insert": False}))
            want = act(want, tag, new)
        tail = EX.us(keep[0][0], 7)
        got, r, _ = bench.run(head() + spell(ds) + tail, fields, recurse_sequence=True)
        tap.ok(got == head() + spell(want) + tail, "tree %d" % n, (r, fields, ds))


def paths():
    rng = random.Random(7)
    for n in range(8):
        ds = tree(rng, 3)
        want = sorted(find(ds, 0x00081010))
        if not want:
            continue
        got, r, _ = bench.run(head() + spell(ds), [replace("StationName", "x" * 17, **{"replace-with-insert": False})], recurse_sequence=True)
        named = sorted(line.split("longer")[0].split(": ")[-2] for line in r.err.split("\n") if "longer" in line and "p.yaml" not in line)
        tap.is_(named, want, "tree %d: each warning names its element" % n)


def added():
    ds = [(0x00081140, [[(0x00100020, "a ")], []]), (0x00100020, "b ")]
    got, r, _ = bench.run(head() + spell(ds), [replace("ReferencedImageSequence.1.PatientID", "new1"), replace("PatientID", "last")], recurse_sequence=True)
    tap.ok(got == head() + spell([(0x00081140, [[(0x00100020, "last")], [(0x00100020, "last")]]), (0x00100020, "last")]),
           "what an entry made is found by the ones after it", r)
    got, r, _ = bench.run(head() + spell(ds), [replace("OtherPatientIDsSequence.0.PatientID", "new1"), remove("PatientID")], recurse_sequence=True)
    tap.ok(got == head() + spell([(0x00081140, [[], []]), (0x00101002, [[]])]), "and removed", r)


for part in (random_trees, paths, added):
    tap.note(part.__name__)
    part()
tap.done()
