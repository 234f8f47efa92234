# SPDX-License-Identifier: MIT
"""Certificates and private keys, envelopes of openssl, and encrypted attributes that are broken."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cmskit import CONTENT, KEY, MODIFIED, SEQUENCE, Openssl, body, encrypted, inside, modified, parse, tap, value, with_items
from dicomkit import BE, BIG, EX, EXPLICIT, IM, IMPLICIT, Bench, head, replace

bench, ssl = Bench(), Openssl()
NAME, ID = 0x00100010, 0x00100020
PLAIN = head() + EX.el(0x00080060, "CS", "MR") + EX.el(NAME, "PN", "Test^Patient") + EX.el(ID, "LO", "PAT123")
ENC, DEC = [{"name": "PatientID", "encrypt": True}], [{"name": "PatientID", "decrypt": True}]


def run(data, fields, *args, **settings):
    report = os.path.join(bench.dir, "report")
    if os.path.exists(report):
        os.unlink(report)
    out, r, _ = bench.run(data, fields, (*args, "--report", report), **settings)
    lines = [json.loads(w) for w in tap.read(report).decode().splitlines()] if os.path.exists(report) else []
    return out, r, next((w for w in lines if "input" in w), {})


# ---- certificates ----
for name, how in (("rsa", ("rsa:2048",)), ("rsa2", ("rsa:2048",)), ("ec", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")), ("ed", ("ed25519",))):
    tap.ok(ssl.pair(name, *how), "a certificate: " + name)
P = ssl.path
for name in ("rsa", "ec"):
    out, r, _ = run(PLAIN, ENC, public_key=P(name + ".pem"), asymmetric_encryption=True)
    tap.ok(out and b"PAT123" not in out, name + ": encrypts", r)
    plain = ssl.open(encrypted(out)[0][1], "-inkey", P(name + ".key"))
    tap.is_(plain and modified(plain), [(ID, "LO", b"PAT123")], name + ": openssl opens it")
    tap.ok(ssl.open(encrypted(out)[0][1], "-inkey", P("rsa2.key")) is None, name + ": not with another key")
    tap.is_(run(out, DEC, private_key=P(name + ".key"))[0], PLAIN, name + ": comes back")
    tap.is_(run(out, DEC, "--private-key", P(name + ".key"), asymmetric_encryption=True)[0], PLAIN, name + ": with a key of the command line")
    back, r, line = run(out, DEC, private_key=P("rsa2.key"))
    tap.ok(back is None and line.get("code") == "key" and "EncryptedAttributesSequence.0.EncryptedContent" in r.err and "PAT" not in r.err,
           name + ": another key fails", r)
    back, r, line = run(out, DEC, secret_key=KEY)
    tap.ok(back is None and line.get("code") == "key", name + ": a secret key is none of a certificate", r)
both = [P("rsa.pem"), P("ec.pem")]
out, r, _ = run(PLAIN, ENC, public_key=both, asymmetric_encryption=True)
for name in ("rsa", "ec"):
    tap.is_(run(out, DEC, private_key=P(name + ".key"))[0], PLAIN, "two recipients: " + name)
tap.is_(len(encrypted(out)), 1, "… of one item")
back, r, line = run(out, DEC, private_key=P("rsa2.key"))
tap.ok(back is None and line.get("code") == "key", "… and nobody else", r)
out, r, _ = run(PLAIN, ENC, "--public-key", both[0], "--public-key", both[1], asymmetric_encryption=True, public_key="none")
tap.ok(out and all(run(out, DEC, private_key=P(n + ".key"))[0] == PLAIN for n in ("rsa", "ec")), "--public-key goes over the profile", r)
ssl.call("x509", "-in", "rsa.pem", "-outform", "DER", "-out", "rsa.der")
ssl.call("pkcs8", "-topk8", "-nocrypt", "-in", "rsa.key", "-outform", "DER", "-out", "rsa.p8")
out, r, _ = run(PLAIN, ENC, public_key=P("rsa.der"), asymmetric_encryption=True)
tap.is_(out and run(out, DEC, private_key=P("rsa.p8"))[0], PLAIN, "certificate and key in DER")
out, r, _ = run(PLAIN, [replace("PatientName", "x")], public_key=P("rsa.pem"), asymmetric_encryption=True, retain=True)
tap.is_(out and run(out, [{"regex": ".*", "decrypt": True}], private_key=P("rsa.key"))[0], PLAIN, "retain for a certificate")
tap.write(P("chain.pem"), tap.read(P("rsa.pem")) + tap.read(P("ec.pem")))
tap.write(P("junk.pem"), "no certificate\n")
ssl.call("pkcs8", "-topk8", "-in", "rsa.key", "-out", "locked.key", "-passout", "pass:x")
for what, fields, settings, says in (
        ("a key that only signs", ENC, {"public_key": P("ed.pem")}, "nothing can be encrypted for"),
        ("two certificates in a file", ENC, {"public_key": P("chain.pem")}, "more than one certificate"),
        ("a file that is none", ENC, {"public_key": P("junk.pem")}, "no X.509 certificate"),
        ("no file", ENC, {"public_key": P("nothing.pem")}, "No such file"),
        ("no certificate", ENC, {"secret_key": KEY}, '"encrypt" has no key: "public-key" or --public-key'),
        ("retain without one", [], {"retain": True}, '"retain" has no key: "public-key"'),
        ("no private key", DEC, {"public_key": P("rsa.pem")}, '"decrypt" has no key: "secret-key" or --secret-key, "private-key" or --private-key'),
        ("a locked private key", DEC, {"private_key": P("locked.key")}, "passphrase"),
        ("a private key that is none", DEC, {"private_key": P("junk.pem")}, "no private key"),
        ("a private key that only signs", DEC, {"private_key": P("ed.key")}, "neither of RSA nor")):
    out, r, _ = run(PLAIN, fields, asymmetric_encryption=True, **settings)
    tap.ok(out is None and r.status == 2 and says in r.err, "exit 2: " + what, r)
p = tap.write(P("p.yaml"), "dicom:\n  asymmetric-encryption: true\n  public-key: nothing.pem\n  fields:\n  - {name: PatientID, encrypt: true}\n  - {name: PatientName, decrypt: true}\n")
r = tap.deid("check", "-p", p)
tap.ok(r.status == 0 and "nothing.pem: No such file" in r.out and "has no key" in r.out and "2 warnings" in r.out, "check: a missing key is a warning", r)

# ---- envelopes of others ----
CONTENTS = {"explicit": (EXPLICIT, inside(EX.el(ID, "LO", "PAT123"))), "big endian": (BIG, BE.sq(MODIFIED, BE.item(BE.el(ID, "LO", "PAT123")))),
            "implicit": (IMPLICIT, IM.sq(MODIFIED, IM.item(IM.el(ID, "LO", "PAT123"), undefined=True), undefined=True))}
want = head() + EX.el(0x00080060, "CS", "OT") + EX.el(ID, "LO", "PAT123")
for name, (syntax, plain) in CONTENTS.items():
    for form in ("DER", "PEM"):
        back, r, _ = run(with_items((syntax, ssl.seal(plain, form=form))), DEC, secret_key=KEY)
        tap.is_(back, want, "%s, %s of openssl" % (name, form))
for cipher in ("-aes128", "-des3"):
    back, r, _ = run(with_items((EXPLICIT, ssl.seal(inside(EX.el(ID, "LO", "PAT123")), cipher))), DEC, secret_key=KEY)
    tap.is_(back, want, "content by " + cipher)
streamed = ssl.seal(inside(EX.el(ID, "LO", "PAT123")), "-stream", "-indef")
tap.is_(run(with_items((EXPLICIT, streamed)), DEC, secret_key=KEY)[0], want, "indefinite lengths")
outer = EX.el(0x00080005, "CS", "ISO_IR 100") + inside(EX.el(NAME, "PN", b"J\xe9r "))
back, r, _ = run(with_items((EXPLICIT, ssl.seal(outer)), front=b""), [{"name": "PatientName", "decrypt": True}], secret_key=KEY)
tap.ok(back is None and "ISO_IR 192" in r.err, "the character set around the item applies", r)

# ---- what is broken ----
good = ssl.seal(inside(EX.el(ID, "LO", "PAT123")))
deep = EX.el(ID, "LO", "x")
for _ in range(80):
    deep = EX.sq(0x0040A730, EX.item(deep))
ours = run(PLAIN, ENC, secret_key=KEY)[0]
signed = ssl.call("cms", "-sign", "-signer", "rsa.pem", "-inkey", "rsa.key", "-outform", "DER", "-nodetach", data=b"PAT123").stdout
for what, data, code in (
        ("no item", head() + EX.el(0x00080060, "CS", "OT") + EX.sq(SEQUENCE), "format"),
        ("no content", with_items((EXPLICIT, None)), "format"),
        ("empty content", with_items((EXPLICIT, b"")), "format"),
        ("no transfer syntax", with_items((None, good)), "format"),
        ("an unknown transfer syntax", with_items(("1.2.3", good)), "format"),
        ("no CMS", with_items((EXPLICIT, b"this is no CMS at all")), "format"),
        ("CMS of another kind", with_items((EXPLICIT, signed)), "format"),
        ("a broken PEM", with_items((EXPLICIT, b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n")), "format"),
        ("cut", with_items((EXPLICIT, good[:-20])), "format"),
        ("cut to its head", with_items((EXPLICIT, good[:30])), "format"),
        ("bytes behind", with_items((EXPLICIT, good + b"\1\2")), "format"),
        ("no data set", with_items((EXPLICIT, ssl.seal(b"PAT123 is no data set, but PAT123"))), None),
        ("another data set", with_items((EXPLICIT, ssl.seal(EX.el(ID, "LO", "PAT123")))), "format"),
        ("two items inside", with_items((EXPLICIT, ssl.seal(EX.sq(MODIFIED, EX.item(EX.el(ID, "LO", "PAT123")), EX.item())))), "format"),
        ("a data set that is cut", with_items((EXPLICIT, ssl.seal(inside(EX.el(ID, "LO", "PAT123"))[:-2]))), "truncated"),
        ("a wrong length inside", with_items((EXPLICIT, ssl.seal(inside(EX.el(ID, "LO", b"PAT123", 60))))), None),
        ("file meta inside", with_items((EXPLICIT, ssl.seal(inside(EX.el(0x00020003, "UI", "1.2"), EX.el(ID, "LO", "PAT123"))))), "format"),
        ("a command inside", with_items((EXPLICIT, ssl.seal(inside(EX.el(0x00000002, "UI", "1.2"), EX.el(ID, "LO", "PAT123"))))), "format"),
        ("80 levels inside", with_items((EXPLICIT, ssl.seal(inside(deep)))), "limit"),
        ("another key", with_items((EXPLICIT, ssl.seal(inside(EX.el(ID, "LO", "PAT123")), key="11" * 32))), "key")):
    out, r, line = run(data, DEC, secret_key=KEY)
    ok = out is None and r.status == 1 and (line.get("code") == code if code else line.get("code") in ("format", "truncated", "unsupported"))
    tap.ok(ok and "EncryptedAttributesSequence" in r.err and "PAT" not in r.err + r.out, "fails: " + what, (line, r))
content = encrypted(ours)[0][1]
at = ours.index(content)
missed = []
for i in range(len(content) - (len(content) % 2 == 0 and content[-1:] == b"\0")):
    if i % 5:
        continue
    broken = ours[:at + i] + bytes([ours[at + i] ^ 0x10]) + ours[at + i + 1:]
    out, r, line = run(broken, DEC, secret_key=KEY)
    if out is not None and out != PLAIN or (out is None and "PAT123" in r.err):
        missed.append((i, line))
tap.is_(missed, [], "a changed byte of ours never gives another value")
for mode, left in (("keep", True), ("remove", False)):
    data = with_items((EXPLICIT, ssl.seal(inside(EX.el(ID, "LO", "PAT123")), key="11" * 32)), front=EX.el(ID, "LO", "dummy "))
    out, r, line = run(data, DEC, secret_key=KEY, on_error=mode)
    tap.ok(out and (b"dummy" in out) == left and "on-error" in r.err, "another key with on-error: " + mode, r)
two = with_items((EXPLICIT, ssl.seal(inside(EX.el(ID, "LO", "PAT123")))), (EXPLICIT, ssl.seal(inside(EX.el(NAME, "PN", "A^B")), key="11" * 32)))
out, r, _ = run(two, [{"regex": ".*", "decrypt": True}], secret_key=KEY)
tap.ok(out and b"PAT123" in out and len(encrypted(out)) == 1, "an item for another key stays", r)

# ---- plan ----
p = tap.write(P("p.yaml"), json.dumps({"dicom": {"secret-key": KEY, "fields": ENC}}))
f = tap.write(P("in.dcm"), PLAIN)
r = tap.deid("plan", "-p", p, f)
tap.ok(r.status == 0 and "PatientID: encrypt (line 1): removed" in r.out and "PAT123" not in r.out, "plan: encrypt", r)
p = tap.write(P("p.yaml"), json.dumps({"dicom": {"secret-key": KEY, "fields": DEC}}))
f = tap.write(P("in.dcm"), ours)
r = tap.deid("plan", "--values", "-p", p, f)
tap.ok(r.status == 0 and "PatientID: decrypt (line 1): created" in r.out and "PAT123" in r.out, "plan: decrypt", r)
tap.done()
