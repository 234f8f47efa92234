# SPDX-License-Identifier: MIT
"""alter-pixels: which filters hold for which files, and what is wrong with a setting."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, Bench, head, tap

bench = Bench()
e = EX.el
DATA = (head() + e(0x00080005, "CS", "ISO_IR 100") + e(0x00080008, "CS", "DERIVED\\SECONDARY\\SCREEN SAVE") + e(0x00080060, "CS", "CT") +
        e(0x00080070, "LO", "GE MEDICAL SYSTEMS") + e(0x0008103E, "LO", "") + e(0x00081090, "LO", "SOMATOM Definition AS+") +
        e(0x00080080, "LO", b"Sk\xe5ne + Lund") + EX.sq(0x00081140, EX.item(e(0x00081155, "UI", "1.2.3")), EX.item(e(0x00081155, "UI", "1.2.4"))) +
        EX.sq(0x00082112) + e(0x00090010, "LO", "ACME 1") + e(0x00091001, "UN", b"ward 7") + e(0x00181020, "LO", "07MW18.4\\VB20") +
        EX.us(0x00280010, 4) + EX.us(0x00280011, 4) + e(0x00281051, "DS", "1.50\\400") + EX.us(0x00280002, 1) + e(0x00280004, "CS", "MONOCHROME2") +
        EX.us(0x00280100, 8) + e(0x7FE00010, "OB", bytes(range(1, 17))))
BLACK = DATA[:-16] + bytes(16)


def run(when, **more):
    mask = dict({"remove": [0, 0, 4, 4]}, **more)
    if when is not None:
        mask["when"] = when
    return bench.run(DATA, [], **{"alter-pixels": {"pixels": [mask]}})


def filters():
    for want, whens in {True: [
            None, "contains Modality CT", "contains Modality ct", "CONTAINS modality c", "contains (0008,0060) CT", "equals 00080060 CT", "equals Modality ct",
            "contains ImageType SCREEN SAVE", "contains ImageType \"SCREEN SAVE\"", "equals ImageType SECONDARY", "equals ImageType derived\\secondary\\screen save",
            "contains ImageType DERIVED\\SECONDARY", "notequals ImageType PRIMARY", "notcontains ImageType PRIMARY", "contains Manufacturer GE",
            "contains ManufacturerModelName AS+", "contains ManufacturerModelName SOMATOM Definition AS+ + contains Modality CT",
            "missing StationName", "present SeriesDescription", "empty SeriesDescription", "notcontains StationName X", "notequals StationName X",
            "equals Rows 4", "equals Rows 4.0", "equals Rows 004", "equals WindowWidth 1.5", "equals WindowWidth 400.0", "equals (0028,1051) +1.50",
            "contains SoftwareVersions MW18", "equals SoftwareVersions VB20", "equals ReferencedImageSequence.1.ReferencedSOPInstanceUID 1.2.4",
            "equals ReferencedImageSequence.*.ReferencedSOPInstanceUID 1.2.4", "present ReferencedImageSequence", "empty SourceImageSequence",
            "contains (0009,\"ACME 1\",01) ward", "contains (0009, \"ACME 1\", 01) WARD 7 + equals Modality CT", "contains 00091001 ward",
            "equals MediaStorageSOPInstanceUID 1.2.3.4", "contains InstitutionName Sk\u00e5ne", "equals InstitutionName \"sk\u00e5ne + lund\"",
            "contains Modality US || contains Modality CT", "contains Modality US + equals Rows 4 || equals Rows 4", "equals Rows 4||equals Rows 5",
            "equals Rows 4 || contains Modality US + equals Rows 5", "contains Modality US|CT", "equals Modality US | CT", "notequals Modality US|MR",
            "  contains   Modality   CT  ", "contains Modality CT\n+ equals Rows 4"], False: [
            "contains Modality US", "contains Modality CTX", "equals Modality C", "equals ImageType SCREEN", "notcontains Modality C", "notequals Modality ct",
            "missing Modality", "missing SeriesDescription", "empty Modality", "empty StationName", "present StationName", "contains StationName X", "equals StationName X",
            "equals Rows 40", "equals Rows -4", "equals WindowWidth 15", "contains Rows x", "empty ReferencedImageSequence", "missing ReferencedImageSequence",
            "equals ReferencedImageSequence.0.ReferencedSOPInstanceUID 1.2.4", "contains ImageType DERIVED+SECONDARY", "contains Modality CT + contains Modality US",
            "contains Modality US || contains Modality MR", "contains Modality CT + equals Rows 5 || equals Rows 6", "notcontains Modality US|CT", "equals Modality \"US|CT\"",
            "contains (0009,\"OTHER\",01) ward"]}.items():
        for when in whens:
            got, r, _ = run(when)
            tap.ok(got == (BLACK if want else DATA), "%s: %r" % ("holds" if want else "does not", when), r)


def refused(what, alter, place, words, **more):
    got, r, _ = bench.run(DATA, [], **dict({"alter-pixels": alter}, **more))
    lines = [x for x in r.err.splitlines() if "error" in x]
    tap.ok(got is None and r.status == 2 and len(lines) >= 1 and any(words in x and place in x for x in lines), what, r)


def mistakes():
    for what, when, words in (
            ("unknown condition", "resembles Modality CT", "'resembles'"), ("in the middle", "contains Modality CT + resembles Modality CT", "'resembles'"),
            ("after or", "contains Modality CT || Modality CT", "'Modality'"), ("a field nobody knows", "contains Modalty CT", "did you mean 'Modality'"),
            ("no value", "contains Modality", "lacks its value"), ("no value before a sign", "contains Modality + missing Rows", "lacks its value"),
            ("a value too many", "missing Modality CT", "takes a field and no value"), ("no field", "missing", "lacks its field"), ("nothing", "", "empty"),
            ("a sign at the end", "contains Modality CT ||", "empty"), ("a plus at the end", "contains Modality CT +", "empty"), ("a quote that is open", "contains Modality \"CT", "quote"),
            ("something after a quote", "contains Modality \"CT\" x", "must follow"), ("a sequence", "contains ReferencedImageSequence x", "is a sequence")):
        refused("filter: " + what, {"pixels": [{"when": when, "remove": [0, 0, 1, 1]}]}, "p.yaml:1", words)
    for what, mask, words in (
            ("no boxes", {"when": "missing Rows"}, "either"), ("both kinds", {"remove": [0, 0, 1, 1], "keep": [0, 0, 1, 1]}, "either"), ("an empty list", {"remove": []}, "is needed"),
            ("three numbers", {"remove": [0, 0, 1]}, "four numbers"), ("an empty box", {"remove": [3, 0, 3, 1]}, "is empty"), ("upside down", {"keep": [0, 5, 3, 1]}, "is empty"),
            ("a negative number", {"keep": [-1, 0, 3, 1]}, "counts from 0"), ("a fraction", {"keep": [0.5, 0, 3, 1]}, "whole number"), ("words", {"keep": "all"}, "is needed"),
            ("one of the boxes", {"remove": [[0, 0, 1, 1], [0, 0, 1]]}, "four numbers"), ("an unknown key", {"remov": [0, 0, 1, 1]}, "did you mean \"remove\"")):
        refused("mask: " + what, {"pixels": [mask]}, "p.yaml:1", words)
    refused("an unknown key", {"pixel": []}, "p.yaml:1", "did you mean \"pixels\"")
    refused("a catalog that is not there", {"detect": ["nobody"]}, "p.yaml:1", "detect/nobody.yaml")
    got, r, _ = bench.run(DATA, [], **{"alter-pixels": {"pixels": [{"when": "contains Modalty CT", "remove": [0, 0, 1]}, {"keep": []}]}})
    tap.is_(r.err.count(" error: "), 3, "all mistakes are told at once")
    got, r, _ = bench.run(DATA, [], **{"alter-pixels": {}})
    tap.ok(got == DATA and "nothing goes black" in r.err, "a setting without masks is warned of", r)
    base = tap.write(os.path.join(bench.dir, "two.yaml"), json.dumps({"dicom": {"fields": [], "alter-pixels": {"pixels": []}, "alter_pixels": {"pixels": []}}}))
    r = tap.deid("check", "-p", base)
    tap.ok(r.status == 2 and "another spelling" in r.out, "both spellings at once", r)
    base = tap.write(os.path.join(bench.dir, "one.yaml"), json.dumps({"dicom": {"fields": [], "alter_pixels": {"pixels": [{"remove": [0, 0, 4, 4]}]}}}))
    tap.write(os.path.join(bench.dir, "one", "in.dcm"), DATA)
    r = tap.deid("run", "-p", base, "-o", os.path.join(bench.dir, "one", "out"), os.path.join(bench.dir, "one", "in.dcm"))
    tap.is_(list(tap.tree(os.path.join(bench.dir, "one", "out")).values()), [BLACK], "the other spelling")


def catalogs():
    where = os.path.join(bench.dir, "profiles")
    path = tap.write(os.path.join(where, "detect", "mine.yaml"), "name: mine\ndescription: d\npixels:\n- {when: equals Modality CT, remove: [0, 0, 4, 2]}\n- {when: equals Modality US, remove: [0, 0, 4, 4]}\n")
    env = dict(os.environ)
    os.environ["DEID_PROFILE_PATH"] = "/nowhere:" + where
    try:
        half = DATA[:-16] + bytes(8) + DATA[-8:]
        got, r, _ = bench.run(DATA, [], **{"alter-pixels": {"detect": ["mine"]}})
        tap.ok(got == half, "a catalog by its name", r)
        got, r, _ = bench.run(DATA, [], **{"alter-pixels": {"detect": "mine", "pixels": [{"remove": [0, 2, 4, 4]}]}})
        tap.ok(got == BLACK, "its masks and those of the profile add up", r)
        for what, text, words in (("an error", "pixels:\n- {when: contains Modalty CT, remove: [0, 0, 1, 1]}\n", "bad.yaml:2:10: 'Modalty'"), ("an unknown key", "pixel: []\n", "bad.yaml:1:1"),
                                  ("no YAML", "pixels: [\n", "bad.yaml:"), ("nothing", "", "empty")):
            tap.write(os.path.join(where, "detect", "bad.yaml"), text)
            refused("a catalog with " + what, {"detect": ["bad"]}, "p.yaml:1", words)
    finally:
        os.environ.clear()
        os.environ.update(env)
    got, r, _ = bench.run(DATA, [], **{"alter-pixels": {"detect": [path]}})
    tap.ok(got == half, "a catalog by its path", r)


def seen_before():
    """A private element that a setting removes is still seen by a filter."""
    got, r, _ = bench.run(DATA, [], **{"alter-pixels": {"pixels": [{"when": "contains (0009,\"ACME 1\",01) ward", "remove": [0, 0, 4, 4]}]}, "remove_private_tags": True})
    want = BLACK.replace(e(0x00090010, "LO", "ACME 1") + e(0x00091001, "UN", b"ward 7"), b"")
    tap.ok(got == want, "filters see the file as it came", r)
    got, r, _ = bench.run(DATA.replace(b"ISO_IR 100", b"ISO_IR 999"), [], **{"alter-pixels": {"pixels": [{"when": "contains InstitutionName X", "remove": [0, 0, 4, 4]}]}})
    tap.ok(got is None and r.status == 1, "a value that cannot be read fails the file", r)


for part in (filters, mistakes, catalogs, seen_before):
    tap.note(part.__name__)
    part()
tap.done()
