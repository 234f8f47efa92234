# SPDX-License-Identifier: MIT
"""encrypt, decrypt and retain in DICOM with a secret key: what openssl opens, and what comes back."""
import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cmskit import DIGEST, KEY, MODIFIED, SEQUENCE, Openssl, body, encrypted, inside, modified, parse, tap, value, with_items
from dicomkit import BE, BIG, DEFLATED, EX, EXPLICIT, IM, IMPLICIT, Bench, head, remove, replace

bench, ssl = Bench(), Openssl()
NAME, ID, DATE, OTHER, CHARSET, SOP = 0x00100010, 0x00100020, 0x00080020, 0x00101002, 0x00080005, 0x00080018
LE = EXPLICIT.encode() + b"\0"


def enc(name):
    return {"name": name, "encrypt": True}


def dec(name):
    return {"name": name, "decrypt": True}


ALL_BACK = [{"regex": ".*", "decrypt": True}]


def crypt(data, fields, key=KEY, **more):
    out, r, _ = bench.run(data, fields, secret_key=key, **more)
    return out, r


def opened(data, key=KEY, n=0, **syntax):
    plain = ssl.open(encrypted(data, **syntax)[n][1], key)
    return modified(plain) if plain is not None else None


# ---- what is written ----
PLAIN = head() + EX.el(DATE, "DA", "20220101") + EX.el(0x00080060, "CS", "MR") + EX.el(NAME, "PN", "Test^Patient") + EX.el(ID, "LO", "PAT123")
for n in (16, 24, 32):
    key = KEY[:2 * n]
    out, r = crypt(PLAIN, [enc("PatientID"), enc("StudyDate")], key)
    ok = out and r.status == 0 and b"PAT123" not in out and b"20220101" not in out
    tap.ok(ok, "%d bytes of key: nothing of the values is left" % n, r)
    items = encrypted(out)
    tap.is_([i[0] for i in items], [LE], "one item, its syntax explicit and little endian")
    plain = ssl.open(items[0][1], key)
    tap.ok(plain is not None, "openssl opens it")
    elements = parse(plain)[0]
    tap.is_([e[0] for e in elements], [MODIFIED] + DIGEST, "Modified Attributes Sequence comes first")
    tap.is_(len(value(elements, MODIFIED)), 1, "… with one item")
    tap.is_(modified(plain), [(DATE, "DA", b"20220101"), (ID, "LO", b"PAT123")], "… that holds the elements, ascending")
    text = ssl.call("cms", "-cmsout", "-print", "-inform", "DER", "-in", "c.der").stdout
    tap.ok(b"aes-256-cbc" in text and b"id-aes%d-wrap" % (8 * n) in text and b"kekri" in text, "AES-256-CBC, key wrap by length", text)
    tap.ok(ssl.open(items[0][1], "ff" * n) is None, "no other key opens it")
    asn = ssl.call("asn1parse", "-inform", "DER", "-in", "c.der").stdout
    tap.ok(b"inf" not in asn, "DER: every length is definite")
    back, r = crypt(out, [dec("PatientID"), dec("StudyDate")], key)
    tap.is_(back, PLAIN, "it comes back, and the sequence is gone")
    back, r = crypt(out, [dec("PatientID")], "ff" * n)
    tap.ok(back is None and r.status == 1 and "the key is none of those" in r.err and "0400,0500" not in r.out, "another key fails", r)
two = [crypt(PLAIN, [enc("PatientID")])[0] for _ in range(2)]
tap.ok(two[0] != two[1], "no two envelopes are equal")
seeded = [bench.run(PLAIN, [enc("PatientID")], ("--seed", "1"), secret_key=KEY)[0] for _ in range(2)]
tap.ok(seeded[0] != seeded[1], "also with --seed")

# ---- SOP Instance UID goes with it, for software that wants it; what is read in the file's meta follows ----
sop = head(sop="1.2.3") + EX.el(SOP, "UI", "1.2.3") + PLAIN[len(head()):]
out, r = crypt(sop, [enc("PatientID")])
tap.is_([e[0] for e in opened(out)], [SOP, ID], "SOP Instance UID as the file has it is there too")
back, r = crypt(out, [dec("PatientID")])
tap.is_(back, sop, "… and is nothing that is left to restore")
out, r = crypt(sop, [enc("SOPInstanceUID")])
tap.ok(out and b"1.2.3\0" not in out, "the file meta does not keep the encrypted UID", r)
tap.is_(crypt(out, [dec("SOPInstanceUID")])[0], sop, "… and has it again")

# ---- the order of entries ----
out, r = crypt(PLAIN, [replace("PatientID", "new"), enc("PatientID")])
tap.is_(value(opened(out), ID), b"new ", "the value at that point")
out, r = crypt(PLAIN, [enc("PatientID"), replace("PatientID", "dummy")])
tap.ok(b"dummy" in out and value(opened(out), ID) == b"PAT123", "missing for later entries, which create it", r)
tap.is_(crypt(out, ALL_BACK)[0], PLAIN, "what was encrypted replaces the dummy")
out, r = crypt(PLAIN, [enc("PatientID"), {"name": "PatientID", "hash": True}])
tap.ok(out and r.status == 0 and "(0010,0020)" not in r.err, "a later entry has nothing to act on", r)
out, r = crypt(PLAIN, [enc("PatientWeight")])
tap.is_(out, PLAIN, "a missing element: nothing is encrypted")
empty = head() + EX.el(0x00080060, "CS", "OT") + EX.el(ID, "LO", "") + EX.sq(OTHER)
tap.is_(crypt(empty, [enc("PatientID"), enc("OtherPatientIDsSequence")])[0], empty, "what is empty is left alone")
tap.is_(crypt(PLAIN, [dec("PatientID")])[0], PLAIN, "decrypt without encrypted attributes: nothing to do")
out, r = crypt(PLAIN, [{"name": "PatientID", "encrypt": False}], None)
tap.is_(out, PLAIN, "switched off")
out, r = crypt(PLAIN, [enc("PatientID"), dec("PatientID")], "")
tap.ok(r.status == 2 and r.err.count("has no key") == 2, "without a key nothing is touched", r)
out, r = crypt(PLAIN, [], "", retain=True)
tap.ok(r.status == 2 and '"retain" has no key' in r.err, "retain needs one too", r)
out, r = crypt(PLAIN, [enc("MediaStorageSOPInstanceUID"), dec("00020013")])
tap.ok(r.status == 2 and r.err.count("file meta information cannot be encrypted") == 2, "the file meta cannot be encrypted", r)

# ---- several keys, several items, a part of it ----
A, B = KEY, "11" * 16
out, r = bench.run(PLAIN, [dict(enc("PatientID"), **{"secret-key": A}), dict(enc("PatientName"), **{"secret-key": B}),
                           dict(enc("StudyDate"), **{"secret-key": A})])[:2]
items = encrypted(out)
tap.ok(len(items) == 2 and [e[0] for e in opened(out, A)] == [DATE, ID] and [e[0] for e in opened(out, B, 1)] == [NAME],
       "an item for each key", r)
part, r = crypt(out, ALL_BACK, B)
tap.ok(b"Test^Patient" in part and b"PAT123" not in part and len(encrypted(part)) == 1, "a key restores what is its own", r)
tap.is_(crypt(part, ALL_BACK, A)[0], PLAIN, "… and the other one the rest")
out, r = crypt(PLAIN, [enc("PatientID"), enc("PatientName")])
part, r = crypt(out, [dec("PatientID")])
tap.ok(part and b"PAT123" in part and encrypted(part) == encrypted(out), "what is left stays encrypted, as it was", r)
tap.is_(crypt(part, [dec("PatientName")])[0], PLAIN, "… until nothing is left")
out, r = crypt(crypt(PLAIN, [enc("PatientID"), replace("PatientID", "first")])[0], [enc("PatientID"), replace("PatientID", "second")])
tap.is_(len(encrypted(out)), 2, "encrypted twice: two items")
tap.is_(crypt(out, [dec("PatientID")])[0], PLAIN, "… of which the first has the original")

# ---- nested, wildcards, recursion, regex, private ----
def nested(s, undefined=False):
    return s.sq(OTHER, s.item(s.el(ID, "LO", "AB12"), s.el(0x00100022, "CS", "TEXT"), undefined=undefined),
                s.item(s.el(ID, "LO", "CD34"), s.sq(0x00400260, s.item(s.el(0x00080104, "LO", "deep"))), undefined=undefined), undefined=undefined)


def everything(s):
    return b"".join((
        s.el(0x00080008, "CS", "ORIGINAL\\PRIMARY"), s.el(DATE, "DA", "20220101"), s.el(0x00080060, "CS", "MR"),
        s.el(0x00090010, "LO", "GEMS_IDEN_01"), s.el(0x00091002, "SH", "CT01"), s.el(0x00091027, "SL", struct.pack(s.end + "i", -5)),
        s.el(NAME, "PN", "Test^Patient"), s.el(ID, "LO", "PAT123"), nested(s), s.el(0x00101010, "AS", ""),
        s.el(0x00110010, "LO", "NOBODY KNOWS"), s.el(0x00111001, "UN", b"\1\2\3\4\5\6"), s.el(0x00189073, "FD", struct.pack(s.end + "d", 1.5)),
        s.el(0x00280009, "AT", struct.pack(s.end + "HH", 0x18, 0x1063)), s.us(0x00280010, 512), s.us(0x00280011, 256), s.us(0x00280103, 0), s.us(0x00280106, 7),
        s.sq(0x00400260, s.item(s.el(0x00080100, "SH", "x1"), undefined=True), undefined=True), s.sq(0x0040A730),
        s.el(0x7FE00010, "OW", struct.pack(s.end + "4H", 1, 2, 3, 0xFF00))))


files = {"explicit": head(EXPLICIT) + everything(EX), "implicit": head(IMPLICIT) + everything(IM), "big endian": head(BIG) + everything(BE)}
packer = zlib.compressobj(9, zlib.DEFLATED, -15)
files["deflated"] = head(DEFLATED) + packer.compress(everything(EX)) + packer.flush()
entries = {
    "one nested": [enc("OtherPatientIDsSequence.0.PatientID")],
    "a wildcard": [enc("OtherPatientIDsSequence.*.PatientID"), enc("OtherPatientIDsSequence.1.RequestedProcedureCodeSequence.0.CodeMeaning")],
    "sequences": [enc("OtherPatientIDsSequence"), enc("RequestedProcedureCodeSequence"), enc("00400260")],
    "in a sequence, then the sequence": [enc("OtherPatientIDsSequence.0.PatientID"), enc("OtherPatientIDsSequence")],
    "private": [enc('(0009,"GEMS_IDEN_01",02)'), enc('(0009,"GEMS_IDEN_01",27)'), enc('(0011,"NOBODY KNOWS",01)')],
    "numbers": [enc("Rows"), enc("SmallestImagePixelValue"), enc("FrameIncrementPointer"), enc("AcquisitionDuration"), enc("PixelData")],
    "all of it": [{"regex": ".*", "encrypt": True}],
    "what fits": [{"regex": ".*(ID|Name|Date)$", "encrypt": True}],
}
def unpacked(data, name):
    return body(data) if name != "deflated" else zlib.decompress(body(data), -15)


for name, data in files.items():
    syntax = {"implicit": {"implicit": True}, "big endian": {"little": ">"}}.get(name, {})
    for what, fields in entries.items():
        out, r = crypt(data, fields + ([{"name": "PatientSex", "replace-with": "O"}] if what == "all of it" else []))
        tap.ok(out and r.status == 0, "%s, %s: encrypts" % (name, what), r)
        if not out:
            continue
        undo = [dict(f, decrypt=True) for f in fields]
        for f in undo:
            f.pop("encrypt")
        back, r = crypt(out, undo + ([remove("PatientSex")] if what == "all of it" else []))
        tap.is_(back and unpacked(back, name), unpacked(data, name), "%s, %s: comes back" % (name, what))
        if name == "deflated":
            continue
        plain = opened(out, **syntax)
        if what == "one nested":
            tap.is_(value(plain, OTHER, 0, ID), b"AB12", "%s: the whole sequence is in the envelope" % name)
            tap.is_((value(plain, OTHER, 1, ID), value(plain, OTHER, 1, 0x00400260, 0, 0x00080104)), (b"CD34", b"deep"), "%s: with all else" % name)
        if what == "private":
            tap.is_(plain[:3], [(0x00090010, "LO", b"GEMS_IDEN_01"), (0x00091002, "SH", b"CT01"), (0x00091027, "SL", struct.pack("<i", -5))],
                    "%s: private elements with their creator" % name)
        if what == "numbers":
            tap.is_([e[1:] for e in plain], [("FD", struct.pack("<d", 1.5)), ("AT", struct.pack("<HH", 0x18, 0x1063)), ("US", struct.pack("<H", 512)),
                                             ("US", struct.pack("<H", 7)), ("OW", struct.pack("<4H", 1, 2, 3, 0xFF00))],
                    "%s: numbers are little endian, with their VR" % name)
later = [enc("OtherPatientIDsSequence.0.PatientID"), {"name": "OtherPatientIDsSequence.1.PatientID", "hash": True}]
out, r = crypt(files["explicit"], later)
tap.is_((value(opened(out), OTHER, 0, ID), value(opened(out), OTHER, 1, ID) != b"CD34"), (b"AB12", True),
        "the sequence in the envelope has what other entries made of the rest")
out, r = crypt(files["explicit"], [enc("OtherPatientIDsSequence.*.PatientID"), remove("OtherPatientIDsSequence")])
back, r = crypt(out, [dec("OtherPatientIDsSequence.1.PatientID")])
got = value(parse(body(back))[0], OTHER)
tap.is_(got, [[], [(ID, "LO", b"CD34")]], "a sequence that is gone is made again as far as needed")
recursive = [enc("PatientID")]
out, r = crypt(files["implicit"], recursive, recurse_sequence=True)
tap.ok(out and b"PAT123" not in out and b"AB12" not in out and b"CD34" not in out, "at every level", r)
tap.is_(crypt(out, [dec("PatientID")], recurse_sequence=True)[0], files["implicit"], "… and back")

# ---- odd shapes ----
twice = head() + EX.el(0x00080060, "CS", "OT") + EX.el(ID, "LO", "one ") + EX.el(ID, "LO", "two ")
out, r = crypt(twice, [enc("PatientID")])
tap.is_(crypt(out, [dec("PatientID")])[0], twice, "a tag that stands there twice")
odd = head() + EX.el(0x00080060, "CS", "OT") + EX.el(NAME, "PN", b"abc", 3) + EX.el(ID, "LO", "PAT1")
tap.is_(crypt(crypt(odd, [enc("PatientName")])[0], ALL_BACK)[0], odd, "an odd length")
un = head() + EX.el(0x00080060, "CS", "OT") + EX.el(0x00091001, "UN", IM.item(IM.el(ID, "LO", "secret"))) + \
    EX.sq(0x00091002, IM.item(IM.el(ID, "LO", "hidden"), undefined=True), vr="UN", undefined=True)
out, r = crypt(un, [enc("00091001"), enc("00091002")])
tap.ok(out and b"secret" not in out and b"hidden" not in out, "UN that holds items", r)
tap.is_(crypt(out, [dec("00091001"), dec("00091002")])[0], un, "… comes back as UN")
out, r = crypt(un, [enc("00091001.0.PatientID"), enc("00091002.0.PatientID")])
tap.ok(out and b"secret" not in out and b"hidden" not in out, "something in such a UN", r)
tap.is_(crypt(out, [dec("00091001.0.PatientID"), dec("00091002.0.PatientID")])[0], un, "… comes back into it")
frames = head("1.2.840.10008.1.2.4.50") + EX.el(0x00080060, "CS", "OT") + EX.el(0x7FE00010, "OB", EX.mark(0xFFFEE000, 0) + EX.mark(0xFFFEE000, 4) + b"\xff\xd8\xff\xd9" + EX.mark(0xFFFEE0DD, 0), 0xFFFFFFFF)
out, r = crypt(frames, [enc("PixelData")])
tap.ok(out and b"\xff\xd8\xff\xd9" not in out and encrypted(out)[0][0] == b"1.2.840.10008.1.2.4.50", "encapsulated pixels keep their transfer syntax", r)
tap.is_(crypt(out, ALL_BACK)[0], frames, "… and come back")
big = head(BIG) + BE.el(0x00080060, "CS", "OT") + BE.el(ID, "LO", "x1") + BE.el(0x7FE00010, "OW", os.urandom(3 << 20))
out, r = crypt(big, [enc("PixelData")])
tap.ok(out and len(out) > 3 << 20 and crypt(out, ALL_BACK)[0] == big, "three megabytes, big endian", r)
long = head(IMPLICIT) + IM.el(0x00080060, "CS", "OT") + IM.el(ID, "LO", "x" * 70000)
tap.is_(crypt(crypt(long, [enc("PatientID")])[0], ALL_BACK)[0], long, "longer than a short header of explicit VR can say")
other = with_items((EXPLICIT, ssl.seal(inside(EX.el(0x00090010, "LO", "MINE"), EX.el(0x00091001, "LO", "mine")))), front=EX.el(0x00090010, "LO", "YOURS ") + EX.el(0x00091001, "LO", "yours "))
back, r = crypt(other, [dec('(0009,"MINE",01)')])
tap.ok(back is None and "block" in r.err and "mine" not in r.err, "another creator has the block: the file fails", r)
moved = with_items((EXPLICIT, ssl.seal(inside(EX.el(0x00090010, "LO", "MINE"), EX.el(0x00091001, "LO", "mine")))), front=EX.el(0x00090010, "LO", "YOURS ") + EX.el(0x00090011, "LO", "MINE"))
back, r = crypt(moved, [dec('(0009,"MINE",01)')])
tap.is_(value(parse(body(back))[0], 0x00091101), b"mine", "the creator has another block in the file: the element goes there")

# ---- character sets ----
SETS = {"ISO_IR 100": "Buc^J\u00e9r\u00f4me".encode("latin-1"), "ISO_IR 192": "\u738b^\u5c0f\u6771".encode(),
        "\\ISO 2022 IR 87": b"Yamada^Tarou=\033$B;3ED\033(B^\033$BB@O:\033(B", "GB18030": "\u738b^\u5c0f".encode("gb18030"), "ISO_IR 144": b"\xbb\xee\xda^\xd1"}
for charset, text in SETS.items():
    data = head() + EX.el(CHARSET, "CS", charset) + EX.el(0x00080060, "CS", "OT") + EX.el(NAME, "PN", text) + EX.el(ID, "LO", "x1")
    out, r = crypt(data, [enc("PatientName")])
    tap.is_([e[0] for e in opened(out)], [CHARSET, NAME], "%s: the set goes with the text" % charset)
    tap.is_(value(opened(out), NAME).rstrip(), text.rstrip(), "%s: the bytes are the same" % charset)
    tap.is_(crypt(out, [dec("PatientName")])[0], data, "%s: comes back" % charset)
    changed, r = crypt(data, [enc("PatientName"), replace("SpecificCharacterSet", "ISO_IR 192")])
    back, r = crypt(changed, [dec("PatientName")])
    want = parse(body(back))[0]
    utf8 = {"ISO_IR 100": "Buc^J\u00e9r\u00f4me", "ISO_IR 192": "\u738b^\u5c0f\u6771", "\\ISO 2022 IR 87": "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce", "GB18030": "\u738b^\u5c0f", "ISO_IR 144": "\u041b\u044e\u043a^\u0431"}
    got = value(want, NAME)
    ok = got is not None and (charset == "ISO_IR 144" or got.decode().rstrip() == utf8[charset])
    tap.ok(ok and value(want, SEQUENCE) is None, "%s: comes back into a file in UTF-8" % charset, (got, r))
    gone, r = crypt(data, [enc("PatientName"), remove("SpecificCharacterSet")])
    tap.ok(gone and r.status == 0 and value(opened(gone), CHARSET).strip() == b"ISO_IR 192", "%s: removed: then it is UTF-8" % charset, r)
    back, r = crypt(gone, [dec("PatientName")])
    tap.ok(back is None and r.status == 1 and "ISO_IR 192" in r.err, "%s: … which a file without a set cannot hold" % charset, r)
    back, r = crypt(gone, ALL_BACK)
    tap.ok(back and r.status == 0 and value(parse(body(back))[0], CHARSET).strip() == b"ISO_IR 192", "%s: … but with the set" % charset, r)
    kept, r = crypt(data, [replace("PatientName", "Anon"), replace("SpecificCharacterSet", "ISO_IR 192")], retain=True)
    tap.ok(kept and text not in kept, "%s: retained" % charset, r)
    tap.is_(crypt(kept, ALL_BACK)[0], data, "%s: … and all is as it was" % charset)
own = head() + EX.el(CHARSET, "CS", "ISO_IR 100") + EX.el(0x00080060, "CS", "OT") + EX.el(NAME, "PN", b"J\xe9r ") + \
    EX.sq(OTHER, EX.item(EX.el(CHARSET, "CS", "ISO_IR 144"), EX.el(ID, "LO", b"\xbb\xee\xda "), EX.el(0x00100022, "CS", "TEXT")))
out, r = crypt(own, [enc("OtherPatientIDsSequence.0.PatientID"), enc("PatientName")])
plain = opened(out)
tap.is_((value(plain, OTHER, 0, CHARSET), value(plain, OTHER, 0, ID)), (b"ISO_IR 144", b"\xbb\xee\xda "), "an item with a set of its own")
tap.is_(crypt(out, ALL_BACK)[0], own, "… comes back")

# ---- retain ----
data = files["explicit"]
fields = [replace("PatientName", "Anon"), remove("StudyDate"), {"name": "PatientID", "hash": True}, {"name": "OtherPatientIDsSequence.0.PatientID", "hash": True},
          enc("ImageType"), replace("PatientSex", "O")]
for name, data in files.items():
    out, r = crypt(data, fields, retain=True, remove_private_tags=True)
    tap.ok(out and r.status == 0 and all(w not in out for w in (b"Test^Patient", b"PAT123", b"AB12", b"NOBODY", b"ORIGINAL")), "%s: retain" % name, r)
    if name == "explicit":
        plain = opened(out)
        tap.is_([e[0] for e in plain], [0x00080008, DATE, 0x00090010, 0x00091002, 0x00091027, NAME, ID, OTHER, 0x00110010, 0x00111001],
                "one envelope holds what was changed, removed or encrypted, and nothing else")
        tap.is_(value(plain, OTHER, 0, ID), b"AB12", "of a sequence the original as a whole")
    back, r = crypt(out, ALL_BACK + [remove("PatientSex")])
    tap.is_(back and unpacked(back, name), unpacked(data, name), "%s: all comes back" % name)
out, r = crypt(PLAIN, [replace("PatientSex", "O")], retain=True)
tap.ok(out and not encrypted(out), "retain: what is new has no original", r)
out, r = crypt(PLAIN, [{"name": "PatientID", "keep": True}], retain=True)
tap.is_(out, PLAIN, "retain: nothing changed, nothing is kept")
out, r = bench.run(PLAIN, [replace("PatientID", "x"), dict(enc("PatientName"), **{"secret-key": B})], retain=True, secret_key=A)[:2]
tap.ok([e[0] for e in opened(out, A, 1)] == [NAME, ID] and [e[0] for e in opened(out, B)] == [NAME], "retain with a key of its own", r)
out, r = crypt(data, [{"name": "PatientID", "keep": True}], retain=True, remove_undefined=True)
tap.ok(out and r.status == 0 and b"Test^Patient" not in out, "retain with remove-undefined", r)
back, r = crypt(out, [dec("PatientName"), {"name": "PatientID", "keep": True}], remove_undefined=True)
tap.ok(back and b"Test^Patient" in unpacked(back, "deflated") and b"20220101" not in unpacked(back, "deflated"), "decrypt with remove-undefined", r)
tap.done()
