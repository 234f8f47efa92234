# SPDX-License-Identifier: MIT
"""The checks of golden cases on a file: each takes the file's bytes and what is wanted, and gives a list of
complaints. FILE_CHECKS names those that a case can ask for."""
import base64
import gzip
import io
import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree
import zipfile

import dicom_model as dicom


def _text(data):
    return data.decode("utf-8", "surrogateescape")


def check_text(data, want, _spec):
    return [] if data == want.encode("utf-8") else ["text: got %r, wanted %r" % (_text(data), want)]


def check_base64(data, want, _spec):
    want = base64.b64decode(want)
    return [] if data == want else ["bytes: got %r, wanted %r" % (data, want)]


def _typed(value):
    """With the type beside each scalar: 1, 1.0 and "1" are three things; 1.0 and 1.00 are one."""
    if isinstance(value, dict):
        return {k: _typed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_typed(v) for v in value]
    return (type(value).__name__, value)


def check_json(data, want, _spec):
    try:
        got = json.loads(data)
    except ValueError as e:
        return ["json: does not parse: %s" % e]
    return [] if _typed(got) == _typed(want) else ["json: got %r, wanted %r" % (got, want)]


def check_xml(data, want, _spec):
    try:
        got = xml.etree.ElementTree.canonicalize(_text(data))
    except xml.etree.ElementTree.ParseError as e:
        return ["xml: does not parse: %s" % e]
    want = xml.etree.ElementTree.canonicalize(want)
    return [] if got == want else ["xml: got %r, wanted %r" % (got, want)]


def check_dicom_json(data, want, _spec):
    return dicom.diff(dicom.from_file(data)[1], dicom.of_model(want))


def check_dicom_json_subset(data, want, _spec):
    meta, ds = dicom.from_file(data)
    out = []
    for path, value in want.items():
        got = dicom.lookup(meta, ds, path)
        if got is None or not dicom.same_text(got, value):
            out.append("%s: got %r, wanted %r" % (path, got, value))
    return out


def check_absent(data, want, _spec):
    meta, ds = dicom.from_file(data)
    return ["%s: is still there" % path for path in want if dicom.lookup(meta, ds, path) is not None]


def check_in_range(data, want, _spec):
    meta, ds = dicom.from_file(data)
    out = []
    for path, (low, high) in want.items():
        got = dicom.lookup(meta, ds, path)
        if not got or not all(low <= float(v) <= high for v in got):
            out.append("%s: got %r, wanted %s to %s" % (path, got, low, high))
    return out


def check_pattern(data, want, spec):
    """With it `ranges`, `not_values` and `eax`, which are of its groups."""
    match = re.fullmatch(want, _text(data))
    if not match:
        return ["pattern: %r does not match %r" % (want, _text(data))]
    out = []
    for group, (low, high) in zip(match.groups(), spec.get("ranges", [])):
        if not low <= float(group) <= high:
            out.append("group %r is not in %s to %s" % (group, low, high))
    for group, value in zip(match.groups(), spec.get("not_values", [])):
        if float(group) == float(value):
            out.append("group is %r" % group)
    if "eax" in spec:
        out += _check_eax(match.groups(), spec["eax"])
    return out


def _check_eax(groups, want):
    from Cryptodome.Cipher import AES  # only the cases of encryption need it
    out = []
    if len(groups) != len(want["plain"]):
        return ["eax: %d groups, wanted %d" % (len(groups), len(want["plain"]))]
    for group, text in zip(groups, want["plain"]):
        raw = base64.b64decode(group, validate=True)
        cipher = AES.new(bytes.fromhex(want["key"]), AES.MODE_EAX, nonce=raw[:16])
        try:
            got = cipher.decrypt_and_verify(raw[32:], raw[16:32])
        except ValueError as e:
            out.append("eax: %s" % e)
            continue
        if got != text.encode("utf-8"):
            out.append("eax: got %r, wanted %r" % (got, text))
    return out


def check_contains(data, want, _spec):
    return ["does not contain %r" % w for w in want if w.encode("utf-8") not in data]


def check_not_contains(data, want, _spec):
    return ["contains %r" % w for w in want if w.encode("utf-8") in data]


def check_zip(data, want, _spec):
    archive = zipfile.ZipFile(io.BytesIO(data))
    out = []
    got, wanted = archive.namelist(), [m["name"] for m in want["members"]]
    if got != wanted:
        return ["zip: members %r, wanted %r" % (got, wanted)]
    if "comment" in want and archive.comment != want["comment"].encode("utf-8"):
        out.append("zip: comment %r, wanted %r" % (archive.comment, want["comment"]))
    for member in want["members"]:
        out += ["%s: %s" % (member["name"], c) for c in file_complaints(archive.read(member["name"]), member)]
    return out


def check_cms(data, want, _spec):
    _, ds = dicom.from_file(data)
    restored = {}
    for item in ds.get("04000500", ("SQ", []))[1]:
        content = b"".join(item.get("04000520", ("OB", []))[1])
        plain, why = _open_cms(content, want["key"])
        if plain is None:
            return ["cms: " + why]
        for inner in dicom.from_explicit_le(plain).get("04000550", ("SQ", []))[1]:
            restored.update(inner)
    out = []
    for path, value in want["restored"].items():
        got = dicom.lookup({}, restored, path)
        if got is None or not dicom.same_text(got, value):
            out.append("cms: %s holds %r, wanted %r" % (path, got, value))
    return out


def _open_cms(content, key):
    """openssl takes the content from a file; an odd-length DER has a padding byte, which it ignores."""
    with tempfile.TemporaryDirectory(prefix="deid-test-") as folder:
        name = os.path.join(folder, "c.der")
        with open(name, "wb") as f:
            f.write(content)
        done = subprocess.run(["openssl", "cms", "-decrypt", "-inform", "DER", "-in", name, "-secretkey", key,
                               "-secretkeyid", "00"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return (done.stdout, "") if done.returncode == 0 else (None, done.stderr.decode("utf-8", "replace"))


FILE_CHECKS = {
    "text": check_text, "base64": check_base64, "json": check_json, "xml": check_xml,
    "dicom_json": check_dicom_json, "dicom_json_subset": check_dicom_json_subset, "absent": check_absent,
    "in_range": check_in_range, "pattern": check_pattern, "contains": check_contains,
    "not_contains": check_not_contains, "zip": check_zip, "cms": check_cms,
}
WITH_OTHERS = {"name", "ranges", "not_values", "eax", "gzip", "mode"}


def file_complaints(data, spec):
    """What is wrong with a file's bytes under all checks of its spec. A check that we do not know, or none
    at all, is a complaint: nothing passes unseen."""
    unknown = set(spec) - set(FILE_CHECKS) - WITH_OTHERS
    if unknown:
        return ["unknown checks: %s" % ", ".join(sorted(unknown))]
    if not set(spec) & set(FILE_CHECKS) and "mode" not in spec:
        return ["the case checks nothing of this file"]
    if spec.get("gzip"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as e:
            return ["gzip: %s" % e]
    out = []
    for name, check in FILE_CHECKS.items():
        if name in spec:
            try:
                out += check(data, spec[name], spec)
            except Exception as e:  # an output that a reader chokes on is a finding, not a crash
                out.append("%s: %s: %s" % (name, type(e).__name__, e))
    return out
