# SPDX-License-Identifier: MIT
"""Encrypted attributes and the programs of others: real files come back as they were; gdcmanon restores what we
have encrypted, and we restore what gdcmanon has encrypted; pydicom reads what openssl opens."""
import io
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "plugins"))
from corpus import files, pydicom, read, tap
import batch
from cmskit import KEY, Openssl, encrypted
from pydicom.filereader import read_dataset

tap.needs("dicom")
ssl = Openssl()
ssl.pair("gdcm", "rsa:2048")
NAMES = [{"input-regex": "(?P<all>.*)", "output": "{all}"}]
PICK = ".*(Name|Date|UID|ID|Description|Rows|Value|Label|Comments).*"


def profile(fields, **more):
    return {"dicom": dict({"fields": fields, "filenames": NAMES, "file-filter": "*", "encapsulated-document": "keep"}, **more)}


def same(got, was):
    """The data sets; the preamble is zeroed, deflated data are packed anew, and so are group lengths of a changed group."""
    a, b = read(got), read(was)
    for ds in (a, b):
        for tag in [t for t in ds.keys() if t.element == 0]:
            del ds[tag]
    return a == b


data = {os.path.basename(n): d for n, d in files() if "DICOMDIR" not in n}
plain, lines, r = batch.run(profile([]), data)
tap.ok(len(plain) > 100, "the files of python3-pydicom: %d" % len(plain), r)
closed, lines, r = batch.run(profile([{"regex": PICK, "encrypt": True}], **{"secret-key": KEY}), plain)
tap.ok(set(closed) == set(plain), "all are encrypted", [w for w in lines.values() if w["status"] != "deidentified"][:3])
back, lines, r = batch.run(profile([{"regex": PICK, "decrypt": True}], **{"secret-key": KEY}), closed)
exact = [n for n in plain if back.get(n) == plain[n]]
tap.ok(len(exact) > 0.9 * len(plain), "nearly all come back byte for byte: %d of %d" % (len(exact), len(plain)))
tap.is_([n for n in plain if n not in exact and not (n in back and same(back[n], plain[n]))], [], "… and the others with equal data sets")
kept, lines, r = batch.run(profile([{"regex": PICK, "replace-with": ""}], **{"secret-key": KEY, "retain": True, "remove-private-tags": True}), plain)
tap.ok(set(kept) == set(plain), "retain", [w for w in lines.values() if w["status"] != "deidentified"][:3])
back, lines, r = batch.run(profile([{"regex": ".*", "decrypt": True}], **{"secret-key": KEY}), kept)
tap.is_([n for n in plain if not (n in back and same(back[n], plain[n]))], [], "… all of it comes back")

# ---- what openssl opens is a data set ----
wrong = []
for name in sorted(closed)[::7]:
    ds, was = read(closed[name]), read(plain[name])
    for item in ds.get("EncryptedAttributesSequence", []):
        opened = ssl.open(item.EncryptedContent, KEY)
        inner = read_dataset(io.BytesIO(opened), False, True)[0x04000550].value[0] if opened else {}
        for e in inner:
            if e.VR not in ("SQ", "UN") and (e.tag not in was or was[e.tag].value != e.value):
                wrong.append((name, e.tag))
tap.is_(wrong, [], "pydicom reads the originals out of it")

# ---- gdcmanon ----
ANON = shutil.which("gdcmanon")


def gdcm(*args):
    return subprocess.run([ANON, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ssl.dir, check=False)


if not ANON:
    tap.skip("gdcmanon", "needs libgdcm-tools")
else:
    small = plain["CT_small.dcm"]
    for how in ("--des3", "--aes128", "--aes192", "--aes256", "--crypto=openssl-p7"):
        tap.write(ssl.path("in.dcm"), small)
        done = gdcm("-e", how, "-c", "gdcm.pem", "-i", "in.dcm", "-o", "out.dcm")
        hidden = tap.read(ssl.path("out.dcm"))
        tap.ok(b"CompressedSamples" not in hidden, "gdcmanon de-identifies, " + how, done.stdout)
        got, line, r = batch.one(profile([{"regex": ".*", "decrypt": True}, {"name": "PatientIdentityRemoved", "remove": True},
                                          {"name": "DeidentificationMethod", "remove": True}], **{"private-key": ssl.path("gdcm.key")}), hidden, "g.dcm")
        tap.ok(got and same(got, small), "… and we restore it", r)
    fields = [{"name": "PatientName", "encrypt": True}, {"name": "OtherPatientIDsSequence.0.PatientID", "encrypt": True}, {"name": "PatientID", "encrypt": True},
              {"name": "PatientID", "replace-with": "dummy"}, {"name": "SOPInstanceUID", "encrypt": True}]
    fields2 = [{"name": "PatientName", "replace-with": "Anon"}, {"name": "SOPInstanceUID", "hashuid": True}, {"name": "StudyDate", "remove": True}]
    asymmetric = {"asymmetric-encryption": True, "public-key": ssl.path("gdcm.pem")}
    for name in ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "MR_small_bigendian.dcm"):
        for what, p in (("encrypted", profile(fields, **asymmetric)), ("retained", profile(fields2, retain=True, **asymmetric))):
            out, line, r = batch.one(p, plain[name], name)
            tap.ok(out and out != plain[name], "%s: %s" % (name, what), r)
            tap.write(ssl.path("in.dcm"), out or b"")
            if os.path.exists(ssl.path("out.dcm")):
                os.unlink(ssl.path("out.dcm"))
            done = gdcm("-d", "-k", "gdcm.key", "-c", "gdcm.pem", "-i", "in.dcm", "-o", "out.dcm")
            got = tap.read(ssl.path("out.dcm")) if os.path.exists(ssl.path("out.dcm")) else b""
            tap.ok(got and same(got, plain[name]), "%s: gdcmanon restores what we %s" % (name, what), done.stdout)
tap.done()
