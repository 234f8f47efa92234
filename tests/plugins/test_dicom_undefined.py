# SPDX-License-Identifier: MIT
"""dicom: `remove-undefined`, to the byte."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, IM, IMPLICIT, Bench, head, remove, replace, tap

bench = Bench()
e, us, item, sq = EX.el, EX.us, EX.item, EX.sq
ID = e(0x00100020, "LO", "ID")
NAME = e(0x00100010, "PN", "A^B")
SEX = e(0x00100040, "CS", "M")
CLASS = e(0x00081150, "UI", "1.2.3")
REFS, STUDIES, OTHER = 0x00081140, 0x00081110, 0x00101002


def becomes(what, before, after, fields, meta=(head(), head()), **settings):
    settings.setdefault("remove_undefined", True)
    got, r, _ = bench.run(meta[0] + before, fields, **settings)
    tap.ok(got == meta[1] + after, what, "%r\ngot  %r\nwant %r" % (r, got and got[128:], (meta[1] + after)[128:]))
    return r


def names():
    becomes("what no entry names goes", NAME + ID + SEX, ID, [{"name": "PatientID"}])
    becomes("false: nothing goes", NAME + ID, NAME + ID, [{"name": "PatientID"}], remove_undefined=False)
    for what, entry in (("replace-with", replace("PatientID", "ID")), ("an action that is off", {"name": "PatientID", "remove": False}),
                        ("a tag", {"name": "(0010,0020)"}), ("a regex", {"regex": "PatientI"}), ("a regex over hex", {"regex": "00100020"}),
                        ("a regex with its action off", {"regex": "PatientID", "remove": False})):
        becomes("named by %s" % what, NAME + ID + SEX, ID, [entry])
    becomes("a repeating group", NAME + e(0x60000022, "LO", "a ") + e(0x60020022, "LO", "b ") + e(0x60020045, "LO", "c "),
            e(0x60000022, "LO", "a ") + e(0x60020022, "LO", "b "), [{"name": "(60xx,0022)"}])
    becomes("what is named to be removed goes as well", NAME + ID, ID, [remove("PatientName"), {"name": "PatientID"}])
    becomes("what another entry creates", NAME, ID, [replace("PatientID", "ID")])
    becomes("what regex-sub reads is named", NAME + ID + SEX, e(0x00100010, "PN", "ID-A") + ID,
            [{"name": "PatientName", "regex-sub": [{"input-regex": r"(?P<last>\w+).*", "output": "{PatientID}-{last}",
                                                    "groups": [{"name": "PatientID", "keep": True}]}]}])
    got, r, name = bench.run(head() + NAME + ID + SEX, [{"name": "PatientSex", "remove": True}], remove_undefined=True,
                             filenames=[{"input-regex": ".*", "output": "{PatientID}.dcm"}])
    tap.ok(got == head() + ID and name == "ID.dcm", "what the file's name reads is named", (r, name))
    becomes("a group length goes", EX.ul(0x00100000, len(ID)) + ID + NAME, ID, [{"name": "PatientID"}])
    becomes("the file meta stays", NAME + ID, ID, [{"name": "PatientID"}],
            meta=(head(extra=e(0x00020016, "AE", "AE")), head(extra=e(0x00020016, "AE", "AE"))))
    becomes("implicit VR", IM.el(0x00100010, "PN", "A^B") + IM.el(0x00100020, "LO", "ID"), IM.el(0x00100020, "LO", "ID"), [{"name": "PatientID"}],
            meta=(head(IMPLICIT), head(IMPLICIT)))
    got, r, _ = bench.run(head() + NAME, [{"name": "PatientID"}], remove_undefined=True)
    tap.ok(got is None and r.status == 1 and "no element" in r.err, "nothing left: the file fails", r)
    big = e(0x00420011, "OB", b"%PDF-1.4")
    becomes("an encapsulated document that nothing names goes", ID + big, ID, [{"name": "PatientID"}])
    got, r, _ = bench.run(head() + ID + big, [{"regex": ".*"}], remove_undefined=True)
    tap.ok(got is None and r.status == 1, "one that only a regex keeps is refused", r)


def sequences():
    ref = sq(REFS, item(CLASS, ID), item(CLASS))
    becomes("a sequence that nothing names", ref + ID, ID, [{"name": "PatientID"}])
    becomes("the way to a named element", NAME + ref, sq(REFS, item(ID), item()), [{"name": "ReferencedImageSequence.*.PatientID"}])
    becomes("by number", ref, sq(REFS, item(), item(CLASS)), [{"name": "ReferencedImageSequence.1.ReferencedSOPClassUID"}])
    becomes("a way to nothing goes", ref + ID, ID, [{"name": "PatientID"}, {"name": "ReferencedImageSequence.*.PatientName"}])
    becomes("items that an entry fills stay for it", sq(REFS, item(CLASS), item(CLASS)), sq(REFS, item(), item(ID)),
            [replace("ReferencedImageSequence.1.PatientID", "ID")])
    becomes("also by *", sq(REFS, item(CLASS, ID), item(CLASS)), sq(REFS, item(ID), item(ID)), [replace("ReferencedImageSequence.*.PatientID", "ID")])
    becomes("but not without replace-with-insert", sq(REFS, item(CLASS)) + ID, ID,
            [{"name": "PatientID"}, replace("ReferencedImageSequence.*.PatientID", "X", **{"replace-with-insert": False})])
    for what, entry in (("name", {"name": "ReferencedImageSequence", "keep": True}), ("regex", {"regex": "ReferencedImageSequence$"}),
                        ("an action that is off", {"name": "ReferencedImageSequence", "remove": False})):
        becomes("kept whole, by %s" % what, NAME + ref, ref, [entry])
    becomes("an entry acts inside a kept sequence", ref, sq(REFS, item(ID), item()),
            [{"name": "ReferencedImageSequence"}, remove("ReferencedImageSequence.*.ReferencedSOPClassUID")])
    becomes("replace-with does not keep it whole", NAME + ref, sq(REFS), [replace("ReferencedImageSequence", [])])
    becomes("at every level", NAME + sq(REFS, item(CLASS, ID)) + ID, sq(REFS, item(ID)) + ID, [{"name": "PatientID"}], recurse_sequence=True)
    becomes("only where it is written without recurse-sequence", sq(REFS, item(CLASS, ID)) + ID, ID, [{"name": "PatientID"}])
    becomes("a regex at every level", sq(REFS, item(CLASS, sq(STUDIES, item(NAME, ID)))), sq(REFS, item(sq(STUDIES, item(ID)))), [{"regex": ".*PatientID"}])
    becomes("undefined lengths stay so", sq(REFS, item(CLASS, ID, undefined=True), undefined=True), sq(REFS, item(ID, undefined=True), undefined=True),
            [{"name": "ReferencedImageSequence.0.PatientID"}])


def private():
    a, b = e(0x00090010, "LO", "CREATOR A"), e(0x00090011, "LO", "CREATOR B")
    ax, ay, bx = e(0x00091001, "LO", "x "), e(0x00091002, "LO", "y "), e(0x00091101, "LO", "z ")
    becomes("a private element and its creator", a + b + ax + ay + bx + ID, b + bx, [{"name": '(0009,"CREATOR B",01)'}])
    becomes("by a regex", a + b + ax + ay + bx, a + ay, [{"regex": "00091002"}])
    becomes("… but remove-private-tags takes that", a + b + ax + ay + bx + ID, ID, [{"regex": "00091002"}, {"name": "PatientID"}], remove_private_tags=True)
    becomes("named one by one it passes both", a + b + ax + ay + ID, a + ax, [{"name": '(0009,"CREATOR A",01)'}], remove_private_tags=True)
    becomes("in an item", sq(REFS, item(a, b, ax, bx, ID)), sq(REFS, item(b, bx)), [{"name": 'ReferencedImageSequence.*.(0009,"CREATOR B",01)'}])


def charsets():
    utf, latin = e(0x00080005, "CS", "ISO_IR 192"), e(0x00080005, "CS", "ISO_IR 100")
    umlaut = e(0x00100010, "PN", "M\u00fcller".encode())
    becomes("not needed", utf + ID + NAME, ID, [{"name": "PatientID"}])
    becomes("not needed, and all else named", utf + ID, ID, [{"name": "PatientID"}])
    becomes("needed by a kept text", utf + umlaut + ID, utf + umlaut, [{"name": "PatientName"}])
    becomes("not when that text goes", utf + umlaut + ID, ID, [remove("PatientName"), {"name": "PatientID"}])
    becomes("nor when it becomes ASCII", utf + umlaut + ID, NAME, [replace("PatientName", "A^B")])
    becomes("needed by a new text", utf + NAME + ID, utf + umlaut, [replace("PatientName", "M\u00fcller")])
    becomes("named, it stays", utf + ID, utf + ID, [{"name": "PatientID"}, {"name": "SpecificCharacterSet"}])
    becomes("removed while ASCII is left", utf + ID, ID, [{"name": "PatientID"}, remove("SpecificCharacterSet")])
    becomes("replaced, and the text with it", utf + umlaut + ID, latin + e(0x00100010, "PN", "M\u00fcller".encode("latin-1")),
            [{"name": "PatientName"}, replace("SpecificCharacterSet", "ISO_IR 100")])
    got, r, _ = bench.run(head() + utf + umlaut, [{"name": "PatientName"}, remove("SpecificCharacterSet")], remove_undefined=True)
    tap.ok(got is None and r.status == 1, "removed while other text is left: the file fails", r)
    becomes("needed by text in an item", utf + sq(REFS, item(umlaut, ID)) + ID, utf + sq(REFS, item(umlaut)), [{"name": "ReferencedImageSequence.*.PatientName"}])
    becomes("the item's own", utf + sq(REFS, item(latin, e(0x00100010, "PN", b"M\xfcller"))) + ID,
            sq(REFS, item(latin, e(0x00100010, "PN", b"M\xfcller"))), [{"name": "ReferencedImageSequence.*.PatientName"}])
    becomes("the item's own, not needed", utf + sq(REFS, item(latin, ID)) + umlaut, utf + sq(REFS, item(ID)) + umlaut,
            [{"regex": r".*Patient(ID|Name)$"}])


def warnings():
    keys = ["SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"]
    pixels = e(0x7FE00010, "OW", b"12345678")
    rows = us(0x00280010, 2) + us(0x00280011, 2)
    r = becomes("pixels without what decodes them", rows + pixels, us(0x00280010, 2) + pixels, [{"name": "PixelData"}, {"name": "Rows"}])
    tap.ok("Columns" in r.err and "Rows," not in r.err and "PixelRepresentation" in r.err, "a warning for what is missing", r)
    r = becomes("pixels with all of it", rows + pixels, rows + pixels, [{"name": k} for k in keys + ["PixelData"]])
    tap.ok("cannot be read" not in r.err, "no warning", r)
    r = becomes("named by regex: the file tells", rows + pixels, us(0x00280010, 2) + pixels, [{"regex": "PixelData|Rows"}])
    tap.ok("Columns" in r.err and "cannot be read" in r.err and "Rows " not in r.err, "a warning for the file", r)
    r = becomes("no pixels, no warning", rows + pixels, us(0x00280010, 2), [{"name": "Rows"}, remove("PixelData")])
    tap.ok("cannot be read" not in r.err, "none", r)


for part in (names, sequences, private, charsets, warnings):
    tap.note(part.__name__)
    part()
tap.done()
