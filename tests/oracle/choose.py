# SPDX-License-Identifier: MIT
"""For one DICOM file: a profile that hits it, and what every element must be afterwards.

The expectations come from here alone (hashlib, datetime, the text of the profile language), read with pydicom.
A place is a tuple (tag, item, tag, item, …, tag); the plan maps places to new bytes, without padding, or None
for an element that must be gone.
"""
import datetime
import hashlib
import re

from pydicom.dataelem import DataElement
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.multival import MultiValue

SALT = "oracle"
DAYS = 17
TEXT = ("LO", "SH", "PN", "CS", "ST", "LT", "UC", "UT")
# What readers need to make sense of the file, or what names the output.
SPARED = {0x00080005, 0x00080016, 0x00080018, 0x00080060, 0x00280004, 0x00041130, 0x00041430}


class Plan:
    def __init__(self):
        self.fields = []
        self.changes = {}  # place: bytes or None
        self.counts = {"removed": 0, "replaced": 0, "hashed": 0, "shifted": 0, "uid": 0, "created": 0,
                       "nested": 0, "private": 0}
        self.taken = set()

    def add(self, field, kind, changes, nested=False):
        self.fields.append(field)
        self.changes.update(changes)
        self.counts[kind] += len(changes)
        self.counts["nested"] += len(changes) if nested else 0

    def profile(self):
        return {"dicom": {"salt": SALT, "date-increment": DAYS, "fields": self.fields}}


# ---- what the actions must give ------------------------------------------------------------------


def hashed(text, vr):
    digest = hashlib.sha256((SALT + text).encode("utf-8")).hexdigest()[:16]
    return (digest.upper() if vr == "CS" else digest).encode("ascii")


def hashed_uid(uid):
    """Section 4.4 with the default prefix of four and suffix of one component."""
    parts = uid.split(".")
    digits = "".join(str(b) for b in hashlib.sha256((SALT + uid).encode("utf-8")).digest())
    groups = [digits[i:i + 6] for i in range(0, 36, 6)]
    groups = ["1" + g[1:] if g[0] == "0" else g for g in groups]
    last = parts[-1][-6:].lstrip("0") or "0"
    middle = parts[:4] + groups
    while len(".".join(middle + [last])) > 64:
        if len(middle[-1]) == 1:
            middle.pop()
        else:
            middle[-1] = middle[-1][:-1]
    return ".".join(middle + [last]).encode("ascii")


def shifted(text):
    """DA, or a DT of at least a day's precision: whole days move the date alone."""
    day = datetime.datetime.strptime(text[:8], "%Y%m%d") + datetime.timedelta(days=DAYS)
    return (day.strftime("%Y%m%d").rjust(8, "0") + text[8:]).encode("ascii")


# ---- choosing -------------------------------------------------------------------------------------


def plain_text(elem):
    """The element's full text, as `hash` must see it; None when this test would rather not judge it."""
    v = elem.value
    if v is None or elem.is_empty or elem.VR not in TEXT:
        return None
    parts = [str(x) for x in v] if isinstance(v, MultiValue) else [str(v)]
    if any(p != p.strip() or not p or "\0" in p or "\ufffd" in p for p in parts):
        return None
    return ",".join(parts)


def usable(elem, path):
    tag = int(elem.tag)
    return not (tag in SPARED or tag & 0xFFFF == 0 or elem.tag.is_private or not elem.keyword or
                0x00280000 <= tag < 0x00290000 or tag >= 0x50000000 or (path and path[0] == 0x00041220 and tag < 0x00080000))


def spelled(tag, style):
    """The ways a profile can name an element."""
    forms = (keyword_for_tag(tag), "(%04X,%04x)" % (tag >> 16, tag & 0xFFFF), "%08x" % tag, "0x%08X" % tag,
             keyword_for_tag(tag).lower())
    return forms[style % len(forms)]


def known(elem):
    """An element of VR UN as its tag's own VR says: so it has to be understood (PS3.5, 6.2.2 note 3)."""
    if elem.VR != "UN" or elem.tag.is_private or not dictionary_has_tag(elem.tag) or not isinstance(elem.value, bytes):
        return elem
    vr = dictionary_VR(elem.tag)
    if vr not in TEXT + ("DA", "TM", "UI") or not elem.value.isascii():
        return elem
    parts = [p.rstrip(" \0") for p in elem.value.decode("ascii").split("\\")]
    return DataElement(elem.tag, vr, parts if len(parts) > 1 else parts[0])


def take(plan, ds, wanted, path=()):
    """The first element that is not used yet and that `wanted` likes."""
    for elem in map(known, ds):
        place = path + (int(elem.tag),)
        if place not in plan.taken and usable(elem, path) and wanted(elem):
            plan.taken.add(place)
            return elem
    return None


def is_date(elem):
    return elem.VR in ("DA", "DT") and isinstance(elem.value, str) and \
        re.fullmatch(r"\d{8}" if elem.VR == "DA" else r"\d{8}(\d\d){0,3}", elem.value) and good_day(elem.value)


def good_day(text):
    try:
        datetime.datetime.strptime(text[:8], "%Y%m%d")
        return "0100" < text[:4] < "9000"
    except ValueError:
        return False


def is_uid(elem):
    return elem.VR == "UI" and isinstance(elem.value, str) and not elem.value.startswith("1.2.840.10008.") and \
        len(elem.value) <= 64 and re.fullmatch(r"\d+(\.\d+){5,}", elem.value) is not None


def choose(ds, style):
    """style: a number that varies spellings and order from file to file."""
    plan = Plan()
    elem = take(plan, ds, is_date)
    if elem:
        plan.add({"name": spelled(int(elem.tag), style), "increment-date" if elem.VR == "DA" else "increment-datetime": True},
                 "shifted", {(int(elem.tag),): shifted(elem.value)})
    else:  # none in the file: made by one entry, shifted by the next
        tag = next(t for t in (0x00080020, 0x00080021, 0x00080022) if t not in ds)
        plan.fields.append({"name": spelled(tag, style), "replace-with": "20200220"})
        plan.add({"name": spelled(tag, style + 1), "increment-date": True}, "created", {(tag,): b"20200308"})
    elem = take(plan, ds, lambda e: e.VR in ("PN", "LO", "SH", "CS", "UT", "LT", "ST") and plain_text(e) is not None)
    if elem:
        named = {"name": spelled(int(elem.tag), style + 1)}
        if style % 4 == 1:  # as re.match: at the start of the path, so nested ones of the same name are not meant
            named = {"regex": ("%08x$" % int(elem.tag)) if style % 8 == 1 else elem.keyword + "$"}
        plan.add(dict(named, hash=True), "hashed", {(int(elem.tag),): hashed(plain_text(elem), elem.VR)})
    else:
        plan.fields.append({"name": "AdditionalPatientHistory", "replace-with": "Nothing"})
        plan.add({"name": "001021b0", "hash": True}, "created", {(0x001021B0,): hashed("Nothing", "LT")})
    elem = take(plan, ds, lambda e: e.VR in ("PN", "LO", "SH", "CS"))
    tag = int(elem.tag) if elem else next(t for t in (0x00100020, 0x00100010, 0x00104000) if t not in ds)
    plan.add({"name": spelled(tag, style + 2), "replace-with": "ORACLE 1"}, "replaced" if elem else "created",
             {(tag,): b"ORACLE 1"})
    elem = take(plan, ds, lambda e: e.VR in TEXT + ("DA", "TM", "IS", "DS", "UI", "AE", "AS"))
    if elem:
        plan.add({"name": spelled(int(elem.tag), style + 3), "remove": True}, "removed", {(int(elem.tag),): None})
    elem = take(plan, ds, is_uid)
    if elem:
        plan.add({"name": spelled(int(elem.tag), style + 4), "hashuid": True}, "uid",
                 {(int(elem.tag),): hashed_uid(elem.value)})
    choose_instance(plan, ds, style)
    choose_private(plan, ds)
    choose_nested(plan, ds, style)
    return plan


def choose_instance(plan, ds, style):
    """SOPInstanceUID in every second file: the file meta has to follow."""
    if style % 2 or "SOPInstanceUID" not in ds or not is_uid(ds["SOPInstanceUID"]):
        return
    new = hashed_uid(str(ds.SOPInstanceUID))
    plan.add({"name": "SOPInstanceUID", "hashuid": True}, "uid", {(0x00080018,): new})
    if ds.file_meta.get("MediaStorageSOPInstanceUID"):
        plan.changes[(0x00020003,)] = new


def choose_private(plan, ds):
    """A private element, named by its creator (PS3.5, 7.8.1); the creator's own element stays."""
    for elem in ds:
        block, group = elem.tag.element >> 8, elem.tag.group
        creator = ds.get((group, block)) if elem.tag.is_private and 0x10 <= block <= 0xFF else None
        if creator is None or elem.VR == "SQ" or not isinstance(creator.value, str) or not creator.value.strip():
            continue
        reserved = [e for e in ds if e.tag.group == group and 0x10 <= e.tag.element <= 0xFF and e.value == creator.value]
        if len(reserved) == 1 and not set("\"'\\") & set(creator.value):
            plan.add({"name": '(%04x,"%s",%02x)' % (group, creator.value, elem.tag.element & 0xFF), "remove": True}, "private",
                     {(int(elem.tag),): None})
            return


def sequences(ds, path=(), names=()):
    """Every data set inside sequences: (data set, path to it, its name, the sequence element, its path). Private
    sequences are named by their number."""
    for elem in ds:
        if elem.VR != "SQ":
            continue
        step = "%08x" % int(elem.tag) if elem.tag.is_private or not elem.keyword else elem.keyword
        for i, item in enumerate(elem.value):
            inner = path + (int(elem.tag), i)
            yield item, inner, names + (step, str(i))
            yield from sequences(item, inner, names + (step, str(i)))


NESTED = (
    ("hashed", lambda e: plain_text(e) is not None, lambda e: {"hash": True}, lambda e: hashed(plain_text(e), e.VR)),
    ("uid", is_uid, lambda e: {"hashuid": True}, lambda e: hashed_uid(e.value)),
    ("shifted", is_date, lambda e: {"increment-date": True}, lambda e: shifted(e.value)),
    ("removed", lambda e: e.VR in TEXT + ("UI", "DS", "IS", "DA", "TM"), lambda e: {"remove": True}, lambda e: None),
    ("replaced", lambda e: e.VR in ("LO", "SH", "PN"), lambda e: {"replace-with": "NESTED"}, lambda e: b"NESTED"),
)


def choose_nested(plan, ds, style):
    """A few nested ones: deepest first, so that every depth that there is gets visited, and one through `*`."""
    places = sorted(sequences(ds), key=lambda p: -len(p[1]))
    done = 0
    for kind, wanted, action, value in NESTED:
        for item, path, names in places:
            elem = take(plan, item, wanted, path)
            if elem is None:
                continue
            name = ".".join(names + (spelled_nested(elem, style),))
            plan.add(dict({"name": name}, **action(elem)), kind, {path + (int(elem.tag),): value(elem)}, True)
            done += 1
            break
    if done:
        choose_wild(plan, ds)
    else:
        choose_any_nested(plan, places)


def choose_any_nested(plan, places):
    """Where nothing in the sequences can be named by keyword or is text: any element goes, named by number."""
    for item, path, names in places:
        for elem in item:
            if elem.VR != "SQ" and int(elem.tag) & 0xFFFF and not (elem.tag.is_private and elem.tag.element <= 0xFF):
                name = ".".join(names + ("%08x" % int(elem.tag),))
                plan.add({"name": name, "remove": True}, "removed", {path + (int(elem.tag),): None}, True)
                return


def spelled_nested(elem, style):
    return elem.keyword if style % 3 else "%08x" % int(elem.tag)


def choose_wild(plan, ds):
    """`Sequence.*.Name`: all items of one top-level sequence."""
    for seq in ds:
        if seq.VR != "SQ" or not seq.value or seq.tag.is_private or not seq.keyword:
            continue
        tag = next((int(e.tag) for e in seq.value[0] if usable(e, (int(seq.tag),)) and e.VR in TEXT and not any(
            (int(seq.tag), i, int(e.tag)) in plan.taken for i in range(len(seq.value)))), None)
        if tag is None:
            continue
        changes = {(int(seq.tag), i, tag): None for i, item in enumerate(seq.value) if tag in item}
        plan.taken.update(changes)
        plan.add({"name": "%s.*.%s" % (seq.keyword, keyword_for_tag(tag)), "remove": True}, "removed", changes, True)
        return
