# SPDX-License-Identifier: MIT
"""dicom: `patient-age-from-birthdate`, to the byte."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dicomkit import BE, BIG, EX, IM, IMPLICIT, Bench, head, remove, replace, tap

bench = Bench()
e = EX.el


def data(birth, study, *more, s=EX):
    return (b"" if study is None else s.el(0x00080020, "DA", study)) + (b"" if birth is None else s.el(0x00100030, "DA", birth)) + b"".join(more)


def age(text, s=EX):
    return s.el(0x00101010, "AS", text)


def run(before, fields=(), meta=head(), **settings):
    return bench.run(meta + before, list(fields), patient_age_from_birthdate=True, **settings)


def counts():
    for birth, study, unit, want in (
            ("20000101", "20220101", None, "264M"), ("20000101", "20220101", "Y", "022Y"), ("20000101", "20220101", "y", "022Y"),
            ("20000101", "20220101", "M", "264M"), ("20000101", "20220101", "D", "264M"), ("20000101", "20220101", "W", "264M"),
            ("20220101", "20220101", None, "000D"), ("20220101", "20220102", "D", "001D"), ("20220101", "20220131", "M", "000M"),
            ("20220101", "20220201", "M", "001M"), ("20220102", "20220201", "M", "000M"), ("20200101", "20220817", "D", "959D"),
            ("20200101", "20220818", "D", "031M"), ("19400201", "20200101", "M", "959M"), ("19400101", "20200101", "M", "080Y"),
            ("19400102", "20200101", "M", "959M"), ("20200229", "20210228", "Y", "001Y"), ("20200229", "20210227", "Y", "000Y"),
            ("20200229", "20240228", "Y", "003Y"), ("20200229", "20240229", "Y", "004Y"), ("20200131", "20200430", "M", "003M"),
            ("20200131", "20200429", "M", "002M"), ("10000101", "20200101", None, "960Y"), ("10610101", "20200101", "Y", "959Y")):
        more = {"patient_age_units": unit} if unit else {}
        got, r, _ = run(data(birth, study), **more)
        tap.ok(got == head() + data(birth, study, age(want)), "%s to %s in %s: %s" % (birth, study, unit, want), (r, got and got[-8:]))
        tap.ok((unit == "W") == ("none of D, M and Y" in r.err), "… and a warning for a unit that is none", r)


def places():
    both = data("20000101", "20220101")
    for what, before, fields, after in (
            ("an age that is there is replaced", data("20000101", "20220101", age("099Y")), [], both + age("264M")),
            ("the entries act on it", both, [remove("PatientAge")], both),
            ("… and on the dates after it", both, [remove("PatientBirthDate")], data(None, "20220101", age("264M"))),
            ("replace-with has the last word", both, [replace("PatientAge", "090Y")], both + age("090Y")),
            ("elements in their order", both + e(0x00101030, "DS", "55"), [], both + age("264M") + e(0x00101030, "DS", "55")),
            ("an item's dates are no matter", both + EX.sq(0x00101002, EX.item(e(0x00100030, "DA", "19000101"))), [],
             both + EX.sq(0x00101002, EX.item(e(0x00100030, "DA", "19000101"))) + age("264M"))):
        got, r, _ = run(before, fields)
        tap.ok(got == head() + after, what, (r, got and got[128:]))
    for what, s, syntax in (("implicit", IM, IMPLICIT), ("big endian", BE, BIG)):
        got, r, _ = run(data("20000101", "20220101", s=s), meta=head(syntax))
        tap.ok(got == head(syntax) + data("20000101", "20220101", age("264M", s), s=s), what, r)
    got, r, _ = bench.run(head() + both, [], patient_age_from_birthdate=False, patient_age_units="Y")
    tap.ok(got == head() + both, "false: no age", r)


def undefined():
    both = data("20000101", "20220101")
    got, r, _ = run(both, [{"name": "StudyDate"}, {"name": "PatientAge"}], remove_undefined=True)
    tap.ok(got == head() + data(None, "20220101", age("264M")), "computed from dates that remove-undefined takes", r)
    for what, before in (("made", both), ("found", both + age("099Y"))):
        got, r, _ = run(before, [{"name": "StudyDate"}], remove_undefined=True)
        tap.ok(got == head() + data(None, "20220101"), "an age that was %s and is not named goes" % what, r)
        tap.ok("takes out PatientAge" in r.err, "with a warning", r)


def unknown():
    for what, birth, study in (("before birth", "20220101", "20000101"), ("no birth date", None, "20220101"), ("no study date", "20000101", None),
                               ("empty", "", "20220101"), ("no date", "20000230", "20220101"), ("text", "20000101", "2022-1-1"),
                               ("year 0", "00000101", "20220101"), ("a year", "2000", "20220101")):
        for kept in (b"", age("050Y")):
            before = data(birth, study, kept, e(0x00101030, "DS", "55"))
            got, r, _ = run(before)
            tap.ok(got == head() + before and "age is not computed" in r.err and r.status == 0, "%s: no age, a warning" % what, r)
        tap.ok(not birth or birth not in r.err, "which does not show the date", r)


for part in (counts, places, undefined, unknown):
    tap.note(part.__name__)
    part()
tap.done()
