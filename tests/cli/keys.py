# SPDX-License-Identifier: MIT
"""deid keygen, key files, which key holds, and that none is ever printed."""
import json
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import eax  # noqa: E402
import tap  # noqa: E402

path = tap.scratch()
A, B = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100ffeeddccbbaa9988"


def file(name, text, mode=0o600):
    p = tap.write(os.path.join(path, name), text)
    os.chmod(p, mode)
    return p


def run(profile, *args, data='{"v": "hello"}', name="out"):
    tap.write(os.path.join(path, "in", "a.json"), data)
    p = tap.write(os.path.join(path, "p.yaml"), profile if isinstance(profile, str) else json.dumps(profile))
    r = tap.deid("run", "-p", p, "-o", name, "--on-conflict", "overwrite", "--report", "report", *args, "in/a.json", cwd=path)
    out = os.path.join(path, name, "a.json")
    got = json.loads(tap.read(out))["v"] if os.path.exists(out) else None
    if got is not None:
        os.unlink(out)
    report = tap.read(os.path.join(path, "report")).decode() if os.path.exists(os.path.join(path, "report")) else ""
    for key in (A, B):
        tap.ok(key not in r.out + r.err + report and key.upper() not in r.err, "no key is printed", r)
    return got, r


def opens(box, key):
    if not eax.AES:
        return True
    try:
        return eax.unseal(bytes.fromhex(key), box) == b"hello"
    except ValueError:
        return False


# ---- keygen -----------------------------------------------------------------------------------------

seen = set()
for bits, args in ((256, ()), (128, ("--bits", "128")), (192, ("--bits=192",)), (256, ("--bits", "256"))):
    os.umask(0)
    p = os.path.join(path, "new%d.key" % len(seen))
    r = tap.deid("keygen", *args, p)
    text = tap.read(p).decode() if os.path.exists(p) else ""
    tap.ok(r.status == 0 and not r.out and not r.err, "keygen %s says nothing" % " ".join(args), r)
    tap.ok(len(text) == bits // 4 + 1 and text.endswith("\n") and set(text[:-1]) <= set("0123456789abcdef"), "%d bits" % bits, text)
    tap.is_(stat.S_IMODE(os.stat(p).st_mode), 0o600, "mode 0600 whatever the umask")
    seen.add(text)
    os.umask(0o777)
    r = tap.deid("keygen", p + ".masked")
    os.umask(0o022)
    tap.is_(stat.S_IMODE(os.stat(p + ".masked").st_mode), 0o600, "… and not less")
tap.is_(len(seen), 4, "each key is another one")
before = tap.tree(path)
for args in ((p,), (path,), (os.path.join(path, "none", "k"),), ("--bits", "100", p + "x"), ("--bits", "512", p + "x"), (), (p + "x", p + "y")):
    r = tap.deid("keygen", *args)
    tap.ok(r.status == 2 and "--help" in r.err, "refused: keygen %s" % " ".join(os.path.basename(a) for a in args), r)
os.symlink("target", os.path.join(path, "link"))
tap.is_(tap.deid("keygen", os.path.join(path, "link")).status, 2, "a link that leads nowhere is not followed")
os.unlink(os.path.join(path, "link"))
tap.ok(tap.tree(path) == before, "and nothing was written")
k = os.path.join(path, "new0.key")
got, r = run({"json": {"fields": [{"name": "v", "encrypt": True}]}}, "--secret-key", k)
tap.ok(r.status == 0 and got and opens(got, tap.read(k).decode().strip()), "a made key encrypts", r)
back, r = run({"json": {"fields": [{"name": "v", "decrypt": True}]}}, "--secret-key", k, data=json.dumps({"v": got}))
tap.is_(back, "hello", "and decrypts")

# ---- which key --------------------------------------------------------------------------------------

ENC = {"name": "v", "encrypt": True}
a, b = file("a.key", "  " + A.upper() + "\r\n\n"), file("b.key", B)
for what, profile, args, key in (
        ("document", {"secret-key": A, "json": {"fields": [ENC]}}, (), A),
        ("section before document", {"secret-key": B, "json": {"secret-key": A, "fields": [ENC]}}, (), A),
        ("entry before section", {"json": {"secret-key": B, "fields": [dict(ENC, **{"secret-key": A})]}}, (), A),
        ("an empty one is none", {"secret-key": A, "json": {"secret-key": "", "fields": [ENC]}}, (), A),
        ("command line before all", {"secret-key": B, "json": {"secret-key": B, "fields": [dict(ENC, **{"secret-key": B})]}},
         ("--secret-key", a), A),
        ("the last on the command line", {"json": {"fields": [ENC]}}, ("--secret-key", a, "--secret-key", b), B),
        ("an empty file is none", {"secret-key": A, "json": {"fields": [ENC]}}, ("--secret-key", file("e.key", "\n")), A),
        ("as a variable", {"json": {"secret-key": "{{ SECRET_KEY }}", "fields": [ENC]}}, ("--secret-key", a), A)):
    got, r = run(profile, *args)
    tap.ok(r.status == 0 and got and opens(got, key), what, r)

# ---- no key, wrong ones -----------------------------------------------------------------------------

NONE = {"json": {"fields": [ENC]}}
for what, profile, args, says in (
        ("no key", NONE, (), "has no key"),
        ("an empty file only", NONE, ("--secret-key", os.path.join(path, "e.key")), "has no key"),
        ("a variable without a key", {"json": {"secret-key": "{{ SECRET_KEY }}", "fields": [ENC]}}, (), "has no key"),
        ("31 digits", {"json": {"secret-key": A[:31], "fields": [ENC]}}, (), "32, 48 or 64"),
        ("no digits", {"secret-key": "x" * 32, "json": {"fields": []}}, (), "32, 48 or 64"),
        ("a key that is a list", {"secret-key": [A], "json": {"fields": []}}, (), "secret-key"),
        ("a wrong key in a section without use for it", {"json": {"secret-key": "00", "fields": []}}, (), "32, 48 or 64"),
        ("no such file", NONE, ("--secret-key", "none"), "No such file"),
        ("a folder", NONE, ("--secret-key", path), "regular file"),
        ("a device", NONE, ("--secret-key", "/dev/null"), "regular file"),
        ("no hexadecimal", NONE, ("--secret-key", file("x.key", A[:-1] + "g")), "hexadecimal"),
        ("too large", NONE, ("--secret-key", file("l.key", A + " " * 5000)), "too large"),
        ("no certificate", NONE, ("--public-key", "none"), "No such file"),
        ("no private key", NONE, ("--private-key", "none"), "No such file")):
    got, r = run(profile, *args, name="never")
    tap.ok(r.status == 2 and got is None and says in r.err and not os.path.exists(os.path.join(path, "never")), what + ": exit 2", r)
p = tap.write(os.path.join(path, "p.yaml"), json.dumps(NONE))
r = tap.deid("check", "-p", p)
tap.ok(r.status == 0 and "warning: \"encrypt\" has no key" in r.out, "check: no key is a warning", r)
r = tap.deid("check", "-p", p, "--secret-key", a)
tap.ok(r.status == 0 and "warning:" not in r.out, "check: with a key it is none", r)
r = tap.deid("check", "-p", p, "--strict")
tap.is_(r.status, 2, "check --strict: an error")
got, r = run({"json": {"fields": [{"name": "v", "regex-sub": [{"input-regex": "(?P<x>.*)", "output": "{x}", "groups": [
    {"name": "x", "encrypt": True}]}]}]}}, name="never")
tap.ok(r.status == 2 and got is None, "no key in a group", r)

# ---- a key file that others may read -----------------------------------------------------------------

for mode, warns in ((0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o666, True)):
    got, r = run(NONE, "--secret-key", file("m.key", A, mode))
    tap.ok(r.status == 0 and got and ("others may read" in r.err) == warns, "mode %o" % mode, r)
got, r = run(NONE, "--secret-key", a, "--public-key", b, "--public-key", b, "--private-key", b)
tap.ok(r.status == 0 and got, "certificates and private keys are taken", r)

# ---- nonces are never seeded -------------------------------------------------------------------------

boxes = {run(NONE, "--secret-key", a, "--seed", "1")[0] for _ in range(3)}
tap.is_(len(boxes), 3, "--seed leaves nonces alone")
tap.done()
