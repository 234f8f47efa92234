# SPDX-License-Identifier: MIT
"""Specific Character Set in and out: hashes are of the text in UTF-8, new text is in the file's set."""
import hashlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import EX, Bench, head, remove, replace, tap

bench = Bench()
NAME, ID, CHARSET = 0x00100010, 0x00100020, 0x00080005


def data(charset, name):
    return head() + (EX.el(CHARSET, "CS", charset) if charset is not None else b"") + EX.el(0x00080060, "CS", "OT") + EX.el(NAME, "PN", name)


def digest(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


# PS3.5 annexes H to K, and one line for each coded set.
READ = [
    (None, b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    ("ISO_IR 101", b"W\xb3ach", "Włach"),
    ("ISO_IR 109", b"\xa6ervo", "Ĥervo"),
    ("ISO_IR 110", b"\xb9krivi", "škrivi"),
    ("ISO_IR 144", b"\xbb\xee\xdace\xdc\xd1\xe3\xe0\xd3", "Люкceмбург"),
    ("ISO_IR 127", b"\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1", "قباني^لنزار"),
    ("ISO_IR 126", b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος"),
    ("ISO_IR 138", b"\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה"),
    ("ISO_IR 148", b"\xc7avu\xfeo\xf0lu", "Çavuşoğlu"),
    ("ISO_IR 203", b"\xa4uro\xbd", "€uroœ"),
    ("ISO_IR 166", b"\xb9\xd2\xc2", "นาย"),
    ("ISO_IR 192", "王^小東".encode(), "王^小東"),
    ("GB18030", "王^小东".encode("gb18030"), "王^小东"),
    ("GBK", "王^小乗".encode("gbk"), "王^小乗"),  # 0x81 0x5C: the second byte is no backslash
    ("ISO_IR 13", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    ("\\ISO 2022 IR 87", b"Yamada^Tarou=\033$B;3ED\033(B^\033$BB@O:\033(B=\033$B$d$^$@\033(B^\033$B$?$m$&\033(B",
     "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    ("ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\033$B;3ED\033(J^\033$BB@O:\033(J=\033$B$d$^$@\033(J^\033$B$?$m$&\033(J",
     "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    ("\\ISO 2022 IR 159", b"\033$(D0!\033(B", "丂"),
    ("\\ISO 2022 IR 149", b"Hong^Gildong=\033$)C\xfb\xf3^\033$)C\xd1\xce\xd4\xd7=\033$)C\xc8\xab^\033$)C\xb1\xe6\xb5\xbf",
     "Hong^Gildong=洪^吉洞=홍^길동"),
    ("\\ISO 2022 IR 58", b"Zhang^XiaoDong=\033$)A\xd5\xc5^\033$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong=张^小东="),
    ("ISO 2022 IR 6\\ISO 2022 IR 100\\ISO 2022 IR 144", b"Dionysios=\033-L\xbb\xee\xda=\033-A\xe9", "Dionysios=Люк=é"),
]


def reading():
    for charset, raw, text in READ:
        got, r, _ = bench.run(data(charset, raw), [{"name": "PatientName", "hash": True}])
        tap.ok(got == data(charset, digest(text)), "read %s" % charset, (r, got and got[-40:], digest(text)))


def writing():
    for charset, raw, text in READ:
        if charset is None:
            continue
        got, r, _ = bench.run(data(charset, "X"), [replace("PatientName", text)])
        want = data(charset, raw)
        if "IR 13\\" in charset:
            want = want.replace(b"\033(J", b"\033(B")  # both mean ASCII again
        tap.ok(got == want, "write %s" % charset, (r, got and got[-60:], want[-60:]))
    for charset, text in (("ISO_IR 100", "王"), ("ISO_IR 144", "é"), (None, "é"), ("ISO_IR 6", "é"), ("\\ISO 2022 IR 87", "홍"), ("GBK", "\U0001F600"),
                          ("ISO_IR 13", "é"), ("NO SUCH", "é")):
        got, r, _ = bench.run(data(charset, "X"), [replace("PatientName", text)])
        tap.ok(got is None and r.status == 1 and "SpecificCharacterSet" in r.err and text not in r.err, "%s cannot hold it" % charset, r)
        got, r, _ = bench.run(data(charset, "X"), [replace("PatientName", text, **{"on-error": "remove"})])
        tap.ok(got == data(charset, "")[:-8], "… on-error: remove", r)
    got, r, _ = bench.run(head() + EX.el(0x00080060, "CS", "MR"), [replace("Modality", "é")])
    tap.ok(got is None and r.status == 1 and "ASCII" in r.err, "a code string takes ASCII only", r)


def undecodable():
    bad = data("ISO_IR 192", b"\xff\xfe")
    for what, fields, want in (("keep", [{"name": "PatientName", "keep": True}], bad), ("remove", [remove("PatientName")], data("ISO_IR 192", "")[:-8]),
                               ("replace-with", [replace("PatientName", "é")], data("ISO_IR 192", "é".encode()))):
        got, r, _ = bench.run(bad, fields)
        tap.ok(got == want, "text that is none of its set: %s" % what, r)
    got, r, _ = bench.run(bad, [{"name": "PatientName", "hash": True}])
    tap.ok(got is None and r.status == 1, "… hash fails", r)


def changing():
    latin, utf8 = "Jérôme".encode("latin-1"), "Jérôme".encode()
    to_utf8 = replace("SpecificCharacterSet", "ISO_IR 192")
    inner = lambda v, own=b"": EX.sq(0x00101002, EX.item(own, EX.el(NAME, "PN", v)))
    got, r, _ = bench.run(data("ISO_IR 100", latin) + inner(latin), [to_utf8])
    tap.ok(got == data("ISO_IR 192", utf8) + inner(utf8), "text is converted to the new set, at all levels", r)
    own = EX.el(CHARSET, "CS", "ISO_IR 144")
    got, r, _ = bench.run(data("ISO_IR 100", latin) + inner(b"\xbb\xee", own), [to_utf8])
    tap.ok(got == data("ISO_IR 192", utf8) + inner(b"\xbb\xee", own), "… but not where an item has its own", r)
    got, r, _ = bench.run(data("ISO_IR 100", latin) + inner(b"\xbb\xee", own), [replace("OtherPatientIDsSequence.*.SpecificCharacterSet", "ISO_IR 192")])
    tap.ok(got == data("ISO_IR 100", latin) + inner("Лю".encode(), EX.el(CHARSET, "CS", "ISO_IR 192")), "… or there only", r)
    for order in (0, 1):
        fields = [to_utf8, replace("PatientID", "王")]
        got, r, _ = bench.run(data("ISO_IR 100", latin), fields[::-1] if order else fields)
        if order:
            tap.ok(got is None and r.status == 1, "a value before the new set must fit the old one", r)
        else:
            tap.ok(got == data("ISO_IR 192", utf8) + EX.el(ID, "LO", "王".encode()), "a value after it the new one", r)
    got, r, _ = bench.run(data("ISO_IR 100", "X"), [replace("PatientName", "é"), to_utf8])
    tap.ok(got == data("ISO_IR 192", "é".encode()), "a value written before is converted too", r)
    got, r, _ = bench.run(data("ISO_IR 100", "X"), [to_utf8, {"name": "PatientName", "hash": True}])
    tap.ok(got == data("ISO_IR 192", digest("X")), "a set that nothing needs", r)
    got, r, _ = bench.run(data("ISO_IR 100", latin), [to_utf8, {"name": "PatientName", "hash": True}])
    tap.ok(got == data("ISO_IR 192", digest("Jérôme")), "what is still in the old set is read in it", r)
    got, r, _ = bench.run(data("ISO_IR 192", "王".encode()), [replace("SpecificCharacterSet", "ISO_IR 100")])
    tap.ok(got is None and r.status == 1 and "(0010,0010)" in r.err, "text that the new set lacks fails the file", r)
    got, r, _ = bench.run(data("ISO_IR 100", latin), [remove("SpecificCharacterSet")])
    tap.ok(got is None and r.status == 1, "so does removing the set while such text stays", r)
    got, r, _ = bench.run(data("ISO_IR 100", latin), [remove("SpecificCharacterSet"), replace("PatientName", "X")])
    tap.ok(got == data(None, "X"), "when none stays it may go", r)
    got, r, _ = bench.run(data(None, "X"), [to_utf8, replace("PatientName", "王")])
    tap.ok(got == data("ISO_IR 192", "王".encode()), "a set that is new", r)


for part in (reading, writing, undecodable, changing):
    tap.note(part.__name__)
    part()
tap.done()
