# SPDX-License-Identifier: MIT
"""What the dicom plugin writes, to the byte: files made here, and what must become of them."""
import hashlib
import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import BE, BIG, DEFLATED, EX, EXPLICIT, IM, IMPLICIT, Bench, head, remove, replace, tap

bench = Bench()
SOP = 0x00080018


def becomes(what, before, after, fields, meta=(head(), head()), args=(), **settings):
    """The data set `before` becomes `after` under the fields."""
    got, r, _ = bench.run(meta[0] + before, fields, args, **settings)
    tap.ok(got == meta[1] + after, what, "%r\ngot  %r\nwant %r" % (r, got and got[128:], (meta[1] + after)[128:]))


def fails(what, data, fields, code=None, status=1, **settings):
    got, r, _ = bench.run(data, fields, **settings)
    tap.ok(got is None and r.status == status and (code is None or code in r.err), what, r)


def values():
    e, id_ = EX.el, EX.el(0x00100020, "LO", "ID")
    becomes("an odd value is padded with a blank", id_, e(0x00100020, "LO", "ABC"), [replace("PatientID", "ABC")])
    becomes("a UID is padded with NUL", e(0x0020000D, "UI", "1.2"), e(0x0020000D, "UI", b"1.2.3\0"), [replace("StudyInstanceUID", "1.2.3")])
    becomes("a list is a multi-value", e(0x00080008, "CS", "A\\B"), e(0x00080008, "CS", "X\\Y\\Z"), [replace("ImageType", ["X", "Y", "Z"])])
    becomes("an empty list empties", id_, e(0x00100020, "LO", ""), [replace("PatientID", [])])
    becomes("empty text empties", id_, e(0x00100020, "LO", ""), [replace("PatientID", "")])
    becomes("numbers in binary", EX.us(0x00280010, 4), EX.us(0x00280010, 8, 65535), [replace("Rows", [8, "65535"])])
    becomes("negative ones", e(0x00189219, "SS", struct.pack("<h", 3)), e(0x00189219, "SS", struct.pack("<h", -7)), [replace("TagAngleSecondAxis", -7)])
    becomes("FL", e(0x00089459, "FL", struct.pack("<f", 1)), e(0x00089459, "FL", struct.pack("<f", 2.5)), [replace("(0008,9459)", "2.5")])
    becomes("FD", e(0x00189073, "FD", struct.pack("<d", 1)), e(0x00189073, "FD", struct.pack("<d", -0.1)), [replace("AcquisitionDuration", -0.1)])
    becomes("AT", e(0x00280009, "AT", struct.pack("<HH", 0x18, 0x1063)), e(0x00280009, "AT", struct.pack("<HHHH", 0x18, 0x1065, 0x54, 0x10)),
            [replace("FrameIncrementPointer", ["00181065", "(0054,0010)"])])
    becomes("an element of VR UN is what the dictionary says", e(0x00100020, "UN", b"ID"), e(0x00100020, "UN", b"NEW "), [replace("PatientID", "NEW")])
    becomes("OB takes the bytes of a text", e(0x00340007, "OB", b"123456"), e(0x00340007, "OB", b"ABC\0"), [replace("FrameOriginTimestamp", "ABC")])
    becomes("a value that stays is not touched", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"), [replace("PatientID", "A")])
    becomes("pixel data can be emptied", e(0x7FE00010, "OW", b"12345678"), e(0x7FE00010, "OW", b""), [replace("PixelData", "")])
    becomes("duplicates: each", id_ + id_, e(0x00100020, "LO", "XY") * 2, [replace("PatientID", "XY")])
    becomes("out of order: found", e(0x00100040, "CS", "M") + id_, e(0x00100040, "CS", "M") + e(0x00100020, "LO", "XY"), [replace("PatientID", "XY")])
    becomes("an odd length is read", EX.el(0x00100020, "LO", b"ODD", 3) + e(0x00100040, "CS", "M"), e(0x00100020, "LO", "XY") + e(0x00100040, "CS", "M"),
            [replace("PatientID", "XY")])
    becomes("odd lengths stay", EX.el(0x00100020, "LO", b"ODD", 3) + e(0x00100040, "CS", "M"), EX.el(0x00100020, "LO", b"ODD", 3), [remove("PatientSex")])
    long = "x" * 65536
    becomes("long text in a long header", e(0x0040A160, "UT", "a"), e(0x0040A160, "UT", long), [replace("TextValue", long)])
    fails("text that a short header cannot count", head() + e(0x00104000, "LT", "a"), [replace("PatientComments", long)], "header can say")
    for name, value in (("StudyDate", "20230229"), ("StudyTime", "2460"), ("AcquisitionDateTime", "2020-01-01"), ("PatientWeight", "1.2.3"),
                        ("SeriesNumber", "1.5"), ("Rows", 65536), ("Rows", -1), ("OtherPatientIDsSequence", "x"), ("PixelData", "x"),
                        ("PatientComments", ["a", "b"]), ("PatientID", {"a": 1}), ("SpecificCharacterSet", "LATIN-1"), ("FrameIncrementPointer", "0018")):
        fails("a profile error: %s as %r" % (name, value), head() + id_, [replace(name, value)], status=2)
    got, r, _ = bench.run(head() + id_, [replace("StationName", "x" * 17)])
    tap.ok(got == head() + e(0x00081010, "SH", "x" * 17) + id_ and "longer" in r.err, "too long a text is written with a warning", r)


def places():
    e, s = EX.el, EX
    becomes("a new element goes in tag order", e(0x00100010, "PN", "A") + e(0x00100040, "CS", "M"),
            e(0x00100010, "PN", "A") + e(0x00100020, "LO", "N") + e(0x00100040, "CS", "M"), [replace("PatientID", "N")])
    becomes("the last one", e(0x00100010, "PN", "A"), e(0x00100010, "PN", "A") + e(0x00104000, "LT", "N"), [replace("PatientComments", "N")])
    becomes("two new ones", e(0x00100020, "LO", "A"), e(0x00100010, "PN", "P") + e(0x00100020, "LO", "A") + e(0x00100040, "CS", "O"),
            [replace("PatientSex", "O"), replace("PatientName", "P")])
    becomes("none where the profile says so", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"),
            [replace("PatientName", "P", **{"replace-with-insert": False})])
    becomes("a sequence with its item", e(0x00100020, "LO", "A"), s.sq(0x00082218, s.item(e(0x00080100, "SH", "V"))) + e(0x00100020, "LO", "A"),
            [replace("AnatomicRegionSequence.0.CodeValue", "V")])
    becomes("an entry acts on what an entry made", e(0x00100020, "LO", "A"), s.sq(0x00082218, s.item(e(0x00080100, "SH", "W"))) + e(0x00100020, "LO", "A"),
            [replace("AnatomicRegionSequence.0.CodeValue", "V"), replace("AnatomicRegionSequence.*.CodeValue", "W")])
    becomes("… or takes it out again", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"),
            [replace("AnatomicRegionSequence.0.CodeValue", "V"), remove("AnatomicRegionSequence")])
    two = s.sq(0x00101002, s.item(e(0x00100020, "LO", "A")), s.item(e(0x00100022, "CS", "B")))
    becomes("* fills the items that lack it", two,
            s.sq(0x00101002, s.item(e(0x00100020, "LO", "NN")), s.item(e(0x00100020, "LO", "NN"), e(0x00100022, "CS", "B"))),
            [replace("OtherPatientIDsSequence.*.PatientID", "NN")])
    becomes("the item after the last one is new", two,
            s.sq(0x00101002, s.item(e(0x00100020, "LO", "A")), s.item(e(0x00100022, "CS", "B")), s.item(e(0x00100020, "LO", "C"))),
            [replace("OtherPatientIDsSequence.2.PatientID", "C")])
    fails("the one after that is not", head() + two, [replace("OtherPatientIDsSequence.3.PatientID", "C")], "fewer items")
    becomes("an empty sequence gets an item", s.sq(0x00101002), s.sq(0x00101002, s.item(e(0x00100020, "LO", "C"))), [replace("OtherPatientIDsSequence.0.PatientID", "C")])
    becomes("a sequence is emptied", two + e(0x00104000, "LT", "x"), s.sq(0x00101002) + e(0x00104000, "LT", "x"), [replace("OtherPatientIDsSequence", "")])
    becomes("… and filled again", two, s.sq(0x00101002, s.item(e(0x00100020, "LO", "C"))),
            [replace("OtherPatientIDsSequence", ""), replace("OtherPatientIDsSequence.0.PatientID", "C")])
    open_ = s.sq(0x00101002, s.item(e(0x00100020, "LO", "A"), undefined=True), s.item(undefined=True), undefined=True)
    becomes("undefined lengths stay undefined", open_ + e(0x00104000, "LT", "x"),
            s.sq(0x00101002, s.item(e(0x00100020, "LO", "LONGER"), undefined=True), s.item(e(0x00100020, "LO", "LONGER"), undefined=True), undefined=True) +
            e(0x00104000, "LT", "x"), [replace("OtherPatientIDsSequence.*.PatientID", "LONGER")])
    deep = lambda v: s.sq(0x00081115, s.item(s.sq(0x00081199, s.item(e(0x00081155, "UI", v)), undefined=True), e(0x0020000E, "UI", "1.2")))
    becomes("the lengths around a change follow", deep("1.2.3.4"), deep("9"), [replace("ReferencedSeriesSequence.0.ReferencedSOPSequence.0.ReferencedSOPInstanceUID", "9")])
    becomes("new ones at one offset: the inner first", s.sq(0x00101002, s.item(e(0x00100020, "LO", "A"))) + e(0x00104000, "LT", "x"),
            s.sq(0x00101002, s.item(e(0x00100020, "LO", "A"), e(0x00100022, "CS", "T")), s.item(e(0x00100022, "CS", "U"))) + e(0x00101010, "AS", "001Y") +
            e(0x00104000, "LT", "x"),
            [replace("PatientAge", "001Y"), replace("OtherPatientIDsSequence.1.TypeOfPatientID", "U"), replace("OtherPatientIDsSequence.0.TypeOfPatientID", "T")])
    becomes("removed inside, then around", two + e(0x00104000, "LT", "x"), e(0x00104000, "LT", "x"),
            [remove("OtherPatientIDsSequence.0.PatientID"), replace("OtherPatientIDsSequence.*.IssuerOfPatientID", "q"), remove("OtherPatientIDsSequence")])
    becomes("repeating groups", e(0x60000022, "LO", "a") + e(0x60020022, "LO", "b") + e(0x60010022, "LO", "private"), e(0x60010022, "LO", "private"), [remove("(60xx,0022)")])
    becomes("… by keyword", e(0x00100020, "LO", "A") + e(0x60000022, "LO", "a") + e(0x60020022, "LO", "b"), e(0x00100020, "LO", "A"), [remove("overlaydescription")])
    fails("no element is left", head() + e(0x00100020, "LO", "A"), [remove("PatientID")], "no element")


def privates():
    e, s = EX.el, EX
    block = e(0x00090010, "LO", "GEMS_IDEN_01") + e(0x00090011, "LO", "OTHER")
    becomes("by creator", block + e(0x00091001, "LO", "a") + e(0x00091101, "LO", "b"), block + e(0x00091101, "LO", "b"), [remove('(0009,"GEMS_IDEN_01",01)')])
    becomes("without quotes, in the block it has", block + e(0x00091001, "LO", "a") + e(0x00091101, "LO", "b"), block + e(0x00091001, "LO", "a"), [remove("(0009, OTHER, 01)")])
    becomes("a block is reserved", e(0x00090010, "LO", "OTHER") + e(0x00091001, "LO", "a"),
            e(0x00090010, "LO", "OTHER") + e(0x00090011, "LO", "GEMS_IDEN_01") + e(0x00091001, "LO", "a") + e(0x00091101, "LO", "n"),
            [replace('(0009,"GEMS_IDEN_01",01)', "n")])
    becomes("a block is used", e(0x00090013, "LO", "GEMS_IDEN_01") + e(0x00091301, "LO", "a"),
            e(0x00090013, "LO", "GEMS_IDEN_01") + e(0x00091301, "LO", "a") + e(0x00091304, "SH", "n"), [replace('(0009,"GEMS_IDEN_01",04)', "n")])
    becomes("the VR of UN by the creator", e(0x00090010, "LO", "GEMS_IDEN_01") + e(0x00091001, "UN", b"ab"),
            e(0x00090010, "LO", "GEMS_IDEN_01") + e(0x00091001, "UN", b"n "), [replace('(0009,"GEMS_IDEN_01",01)', "n")])
    fails("an unknown VR cannot be made", head() + block, [replace('(0009,"NOBODY",01)', "n")], "not known", status=2)
    becomes("… but an entry may say not to", block, block, [replace('(0009,"NOBODY",01)', "n", **{"replace-with-insert": False})])
    im = IM.el(0x00090010, "LO", "GEMS_IDEN_01") + IM.el(0x00091002, "SH", "ab")
    becomes("implicit: hash by the private dictionary", im, IM.el(0x00090010, "LO", "GEMS_IDEN_01") + IM.el(0x00091002, "SH", hashlib.sha256(b"ab").hexdigest()[:16]),
            [{"name": '(0009,"GEMS_IDEN_01",02)', "hash": True}], meta=(head(IMPLICIT),) * 2)
    becomes("all go but what is named", block + e(0x00091001, "LO", "a") + e(0x00091101, "LO", "b") + s.sq(0x00101002, s.item(block, e(0x00091001, "LO", "z"))),
            e(0x00090010, "LO", "GEMS_IDEN_01") + e(0x00091001, "LO", "a") + s.sq(0x00101002, s.item()), [{"name": '(0009,"GEMS_IDEN_01",01)'}], remove_private_tags=True)


def syntaxes():
    for what, s, uid in (("implicit", IM, IMPLICIT), ("big endian", BE, BIG), ("explicit", EX, EXPLICIT)):
        before = s.el(0x00100020, "LO", "A") + s.sq(0x00101002, s.item(s.el(0x00100020, "LO", "B"))) + s.us(0x00280010, 512)
        after = s.el(0x00100020, "LO", "LONGER") + \
            s.sq(0x00101002, s.item(s.el(0x00100020, "LO", "LONGER"), s.el(0x00100022, "CS", "T"))) + s.us(0x00280010, 513) + s.us(0x00280011, 9)
        becomes(what, before, after, [replace("PatientID", "LONGER"), replace("OtherPatientIDsSequence.*.PatientID", "LONGER"),
                                      replace("OtherPatientIDsSequence.0.TypeOfPatientID", "T"), replace("Rows", 513), replace("Columns", 9)],
                meta=(head(uid),) * 2)
    un = lambda v: EX.el(0x00091010, "UN", IM.item(IM.el(0x00100020, "LO", v)) + IM.mark(0xFFFEE0DD, 0), 0xFFFFFFFF)
    creator = EX.el(0x00090010, "LO", "X")
    becomes("UN of undefined length holds implicit items", creator + un("A"), creator + un("LONGER"), [replace("00091010.0.PatientID", "LONGER")])
    un = lambda v: EX.el(0x00091010, "UN", IM.item(IM.el(0x00100020, "LO", v)))
    becomes("UN of defined length too", creator + un("A"), creator + un("LONGER"), [{"regex": ".*PatientID", "replace-with": "LONGER"}])
    unBE = lambda v: BE.el(0x00091010, "UN", IM.item(IM.el(0x00100020, "LO", v)))
    becomes("… in big endian they are little", BE.el(0x00090010, "LO", "X") + unBE("A"), BE.el(0x00090010, "LO", "X") + unBE("LONGER"),
            [{"regex": ".*PatientID", "replace-with": "LONGER"}], meta=(head(BIG),) * 2)
    junk = EX.el(0x00091010, "UN", IM.mark(0xFFFEE000, 8) + b"no items")
    becomes("UN that only begins like a sequence is opaque", creator + junk, creator + junk, [{"regex": ".*PatientID", "remove": True}])
    mixed = EX.sq(0x00101002, EX.item(IM.el(0x00100020, "LO", "A")))
    becomes("implicit items in an explicit data set", mixed, EX.sq(0x00101002, EX.item(IM.el(0x00100020, "LO", "LONGER"), IM.el(0x00100022, "CS", "T"))),
            [replace("OtherPatientIDsSequence.0.PatientID", "LONGER"), replace("OtherPatientIDsSequence.0.TypeOfPatientID", "T")])
    for what, named, s in (("explicit, called implicit", IMPLICIT, EX), ("implicit, called explicit", EXPLICIT, IM), ("little, called big", BIG, EX)):
        got, r, _ = bench.run(head(named) + s.el(0x00080016, "UI", "1.2.3.4") + s.el(0x00100020, "LO", "A"), [replace("PatientID", "B")])
        tap.ok(got == head(named) + s.el(0x00080016, "UI", "1.2.3.4") + s.el(0x00100020, "LO", "B") and "transfer syntax" in r.err, what, r)
    for what, s in (("explicit", EX), ("implicit", IM), ("big endian", BE)):
        ds = s.el(0x00080005, "CS", "ISO_IR 100") + s.el(0x00080016, "UI", "1.2.3.4") + s.el(0x00100020, "LO", "A")
        got, r, _ = bench.run(ds, [replace("PatientID", "B")])
        tap.ok(got == ds[:-2] + b"B ", "without preamble and file meta, %s" % what, r)
    ds = EX.el(0x00080016, "UI", "1.2") + EX.el(0x00100020, "LO", "A") + EX.el(0x00104000, "LT", "x" * 5000)
    pack = lambda d: (lambda c: c.compress(d) + c.flush())(zlib.compressobj(9, zlib.DEFLATED, -15))
    got, r, _ = bench.run(head(DEFLATED) + pack(ds), [replace("PatientID", "LONGER")])
    start = len(head(DEFLATED))
    tap.ok(got is not None and got[:start] == head(DEFLATED) and len(got) % 2 == 0 and
           zlib.decompress(got[start:], -15) == EX.el(0x00080016, "UI", "1.2") + EX.el(0x00100020, "LO", "LONGER") + EX.el(0x00104000, "LT", "x" * 5000), "deflated", r)
    fails("deflated and cut", head(DEFLATED) + pack(ds)[:-6], [], "cut short")
    fails("deflated and damaged", head(DEFLATED) + b"\xff\xff" + pack(ds), [], "damaged")
    fails("cut inside", head(DEFLATED) + pack(ds[:-3]), [], "cut short")
    bomb = pack(EX.el(0x00080016, "UI", "1.2") + EX.el(0x00104000, "OB", b"\0" * (200 << 20)))
    fails("a bomb", head(DEFLATED) + bomb, [], "far more")
    pixels = EX.el(0x7FE00010, "OB", EX.mark(0xFFFEE000, 0) + EX.mark(0xFFFEE000, 6) + b"abcdef" + EX.mark(0xFFFEE0DD, 0), 0xFFFFFFFF)
    jpeg = head("1.2.840.10008.1.2.4.50")
    becomes("encapsulated pixels are passed over", EX.el(0x00100020, "LO", "A") + pixels + EX.el(0xFFFCFFFC, "OB", b"\0\0"),
            EX.el(0x00100020, "LO", "BB") + pixels + EX.el(0xFFFCFFFC, "OB", b"\0\0"), [replace("PatientID", "BB")], meta=(jpeg, jpeg))
    becomes("… and emptied", pixels + EX.el(0xFFFCFFFC, "OB", b"\0\0"), EX.el(0x7FE00010, "OB") + EX.el(0xFFFCFFFC, "OB", b"\0\0"), [replace("PixelData", "")], meta=(jpeg, jpeg))


def lengths():
    e = EX.el
    group = lambda n, v: EX.ul(0x00100000, n) + e(0x00100010, "PN", v) + e(0x00100020, "LO", "I")
    other = EX.ul(0x00080000, 99) + e(0x00080060, "CS", "MR")
    becomes("the length of a changed group follows, another, though wrong, stays", other + group(20, "AB"), other + group(24, "ABCDEF"), [replace("PatientName", "ABCDEF")])
    becomes("in an item, and around it", EX.ul(0x00100000, 12 + 8 + 12 + 10) + EX.sq(0x00101002, EX.item(EX.ul(0x00100000, 10), e(0x00100020, "LO", "AB"))),
            EX.ul(0x00100000, 12 + 8 + 12 + 14) + EX.sq(0x00101002, EX.item(EX.ul(0x00100000, 14), e(0x00100020, "LO", "ABCDEF"))),
            [replace("OtherPatientIDsSequence.0.PatientID", "ABCDEF")])
    becomes("what is added counts", EX.ul(0x00100000, 10) + e(0x00100020, "LO", "A"), EX.ul(0x00100000, 20) + e(0x00100010, "PN", "P") + e(0x00100020, "LO", "A"),
            [replace("PatientName", "P")])
    fails("a group length cannot be named", head() + group(20, "AB"), [remove("00100000")], "group length", status=2)
    got, r, _ = bench.run(head() + group(20, "AB"), [{"regex": ".*0000", "remove": True}])
    tap.ok(got == head() + group(20, "AB"), "… nor reached by a regex", r)


def meta():
    e = EX.el
    ae = e(0x00020016, "AE", "STATION1")
    base = head(extra=b"")
    becomes("file meta: an element goes, its length follows", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"), [remove("SourceApplicationEntityTitle")],
            meta=(head(extra=ae), base))
    becomes("… is replaced", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"), [replace("(0002,0016)", "X")], meta=(head(extra=ae), head(extra=e(0x00020016, "AE", "X"))))
    becomes("… is new", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"), [replace("00020016", "X")], meta=(base, head(extra=e(0x00020016, "AE", "X"))))
    becomes("a wrong length is tolerated, and left where nothing changes", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "B"), [replace("PatientID", "B")], meta=(head(length=7),) * 2)
    becomes("… and right after a change", e(0x00100020, "LO", "A"), e(0x00100020, "LO", "A"), [remove("00020016")], meta=(head(extra=ae, length=7), base))
    for name in ("00020000", "(0002,0001)", "TransferSyntaxUID"):
        fails("%s is not for entries" % name, base + e(0x00100020, "LO", "A"), [{"name": name}], status=2)
    becomes("the instance UID follows", e(SOP, "UI", "1.2.3.4"), e(SOP, "UI", "1.2.3.9.9"), [replace("SOPInstanceUID", "1.2.3.9.9")], meta=(head(), head(sop="1.2.3.9.9")))
    got, r, name = bench.run(head(sop="1.2.3.4.5.6.7.8.9") + e(SOP, "UI", "1.2.3.4.5.6.7.8.9") + e(0x00100020, "LO", "A"), [remove("SOPInstanceUID")])
    tap.ok(got == head(sop="1.2.3.4.682082.123524.580228.401920.420823.312451.9") + e(0x00100020, "LO", "A"), "it never stays the old one", r)
    tap.is_(name, "in.dcm", "and the file keeps its name")
    got, r, _ = bench.run(head(sop="1.2") + e(SOP, "UI", "1.2") + e(0x00100020, "LO", "A"), [remove("SOPInstanceUID")])
    number = int.from_bytes(hashlib.sha256(b"1.2").digest()[:16], "big")
    tap.ok(got == head(sop="2.25.%d" % number) + e(0x00100020, "LO", "A"), "a UID too short to hash becomes one of 2.25", (r, got and got[128:]))
    again = head()[132:]
    becomes("a file meta that stands twice: both follow, each with its length", again + e(SOP, "UI", "1.2.3.4"), head(sop="1.2.3.9.99")[132:] + e(SOP, "UI", "1.2.3.9.99"),
            [replace("SOPInstanceUID", "1.2.3.9.99")], meta=(head(), head(sop="1.2.3.9.99")))
    gone = head().replace(e(0x00020003, "UI", "1.2.3.4"), b"")
    gone = gone[:132] + EX.ul(0x00020000, len(gone) - 144) + gone[144:]
    becomes("… also when an entry names one of its elements", again + e(0x00100020, "LO", "A"), gone[132:] + e(0x00100020, "LO", "A"),
            [remove("MediaStorageSOPInstanceUID")], meta=(head(), gone))
    got, r, _ = bench.run(head() + e(0x00100020, "LO", "A"), [remove("PatientIDD"), replace("StudyDate", "hello"), {"regex": "("}])
    tap.ok(r.status == 2 and r.err.count(": error: ") == 3 and "PatientIDD" in r.err and "StudyDate" in r.err, "all errors of a profile at once, whoever finds them", r)
    got, r, name = bench.run(head() + e(SOP, "UI", "1.2.3.4") + e(0x00080060, "CS", "M/R"), [])
    tap.is_(name, "1.2.3.4.M_R.dcm", "the output's name")
    got, r, _ = bench.run(head(preamble=b"II*\0" + b"x" * 124) + e(0x00100020, "LO", "A"), [])
    tap.ok(got == head() + e(0x00100020, "LO", "A") and "TIFF" in r.err, "a TIFF preamble is zeroed, with a warning", r)


def unknown():
    e, name = EX.el, EX.el(0x00100010, "PN", "DOE^J")
    anywhere = [{"regex": r"(.*\.)?PatientName$", "remove": True}]
    for tag in (0x00101002, 0x00091001):
        becomes("UN %08x with items that have VRs, against the standard: found all the same" % tag, e(0x00100020, "LO", "A") + e(tag, "UN", EX.item(name + e(0x00100040, "CS", "M"))),
                e(0x00100020, "LO", "A") + e(tag, "UN", EX.item(e(0x00100040, "CS", "M"))), anywhere)
    odd = EX.item(b"\xff" * 12)
    fails("a public sequence in UN that nobody can read", head() + e(0x00101002, "UN", odd), anywhere, "(ffff,ffff)")
    becomes("a private UN that only begins like one stays", e(0x00091001, "UN", odd), e(0x00091001, "UN", odd), anywhere)
    deep = name
    for _ in range(70):
        deep = IM.el(0x00091002, "SQ", IM.item(deep))
    fails("a UN that nests deeper than the limit", head() + e(0x00091001, "UN", IM.item(deep)), anywhere, "nest more than")


def memory():
    name = EX.el(0x00100010, "PN", "DOE^J")
    got, r, _ = bench.run(head() + name + EX.el(0x00100020, "LO", "A"), [remove("PatientName")], ("--max-memory", "1K"))
    tap.ok(got is None and r.status == 1 and "--max-memory" in r.err and "1024 bytes" in r.err, "a limit of memory that is hit is named", r)


def ends():
    e = EX.el
    ds = e(0x00100020, "LO", "A") + e(0x7FE00010, "OB", b"12")
    for what, tail in (("zeros", b"\0" * 512), ("a second file", head() + ds), ("text", b"trailing text, no element"), ("a few bytes", b"abc")):
        got, r, _ = bench.run(head() + ds + tail, [])
        tap.ok(got == head() + ds and "dropped" in r.err, "behind the data set: %s" % what, r)
    for what, data in (("the beginning of a higher element", ds + EX.tag(0xFFFCFFFC)[:3]), ("one byte", ds + b"\xfc"), ("text without pixels", e(0x00100020, "LO", "A") + b"trailing"),
                       ("a value", e(0x00100020, "LO", "A", 8)), ("an open item", EX.sq(0x00101002, EX.mark(0xFFFEE000, 0xFFFFFFFF) + e(0x00100020, "LO", "A"))),
                       ("an open sequence", e(0x00101002, "SQ", EX.item(e(0x00100020, "LO", "A")), 0xFFFFFFFF)), ("nothing", b""),
                       ("open fragments", e(0x7FE00010, "OB", EX.mark(0xFFFEE000, 2) + b"ab", 0xFFFFFFFF)),
                       ("a stray delimiter", EX.mark(0xFFFEE00D, 0) + ds), ("a stray item", EX.item() + ds), ("a value past its item", EX.sq(0x00101002, EX.item(e(0x00100020, "LO", "AB", 20))) + ds)):
        fails("refused: %s" % what, head() + data, [])


for part in (values, places, privates, syntaxes, lengths, meta, unknown, memory, ends):
    tap.note(part.__name__)
    part()
tap.done()
