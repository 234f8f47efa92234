# SPDX-License-Identifier: MIT
"""What the tests of encrypted attributes share: openssl as the other side, and a reader for what it opens."""
import os
import shutil
import struct
import subprocess

from dicomkit import EX, LONG, UNDEFINED, head, tap

OPENSSL = shutil.which("openssl")
if not OPENSSL:
    tap.skip_all("needs the program openssl")
KEY = bytes(range(32)).hex()
SEQUENCE, SYNTAX, CONTENT, MODIFIED = 0x04000500, 0x04000510, 0x04000520, 0x04000550
DIGEST = [0x04010010, 0x04011000]


def parse(data, little="<", implicit=False):
    """[(tag, VR, value)]; of a sequence the value is a list of such lists."""
    out, at = [], 0
    while at < len(data):
        group, element = struct.unpack_from(little + "HH", data, at)
        if (group, element) == (0xFFFE, 0xE00D):
            return out, at + 8
        tag, vr, wide = group << 16 | element, data[at + 4:at + 6].decode("latin-1"), False
        if implicit:
            vr, n, at = "SQ" if data[at + 8:at + 12] in (b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0") else "", struct.unpack_from("<I", data, at + 4)[0], at + 8
        else:
            wide = vr in LONG
            n, at = (struct.unpack_from(little + "I", data, at + 8)[0], at + 12) if wide else (struct.unpack_from(little + "H", data, at + 6)[0], at + 8)
        if vr == "SQ":
            items, at = parse_items(data, at, n, little, implicit)
            out.append((tag, vr, items))
        else:
            out.append((tag, vr, data[at:at + n]))
            at += n
    return out, at


def parse_items(data, at, n, little, implicit):
    items, end = [], len(data) if n == UNDEFINED else at + n
    while at < end:
        tag, length = struct.unpack_from(little + "HHI", data, at)[1:]
        at += 8
        if tag == 0xE0DD:
            break
        if length == UNDEFINED:
            item, used = parse(data[at:], little, implicit)
        else:
            item, used = parse(data[at:at + length], little, implicit)[0], length
        items.append(item)
        at += used
    return items, at


def body(data):
    """The data set of a file with file meta information, as bytes."""
    return data[144 + struct.unpack_from("<I", data, 140)[0]:]


def value(elements, *way):
    """What is at tag, item, tag, item … tag; None when there is nothing."""
    for step in way:
        if isinstance(elements, list) and elements and isinstance(elements[0], list):
            elements = elements[step] if step < len(elements) else []
            continue
        elements = next((v for t, _, v in elements or [] if t == step), None)
    return elements


def encrypted(data, **syntax):
    """[(transfer syntax, content)] of the file's items."""
    items = value(parse(body(data), **syntax)[0], SEQUENCE) or []
    return [(value(i, SYNTAX), value(i, CONTENT)) for i in items]


class Openssl:
    """Certificates and keys in a folder, and envelopes opened or made with them."""

    def __init__(self):
        self.dir = tap.scratch()

    def path(self, name):
        return os.path.join(self.dir, name)

    def call(self, *args, data=b""):
        return subprocess.run([OPENSSL, *args], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir, check=False)

    def pair(self, name, *how):
        """A private key NAME.key and a certificate NAME.pem."""
        r = self.call("req", "-x509", "-nodes", "-newkey", *how, "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/CN=" + name, "-days", "30")
        os.chmod(self.path(name + ".key"), 0o600)
        return r.returncode == 0

    def open(self, content, *key):
        """The content of an envelope; None: it cannot be opened. A key in hexadecimal, or -inkey FILE."""
        tap.write(self.path("c.der"), content)
        how = ("-secretkey", key[0], "-secretkeyid", "00") if len(key) == 1 else key
        r = self.call("cms", "-decrypt", "-inform", "DER", "-in", "c.der", *how)
        return r.stdout if r.returncode == 0 else None

    def seal(self, plain, *options, form="DER", key=KEY):
        tap.write(self.path("p.bin"), plain)
        how = ("-secretkey", key, "-secretkeyid", "00") if key else ()
        r = self.call("cms", "-encrypt", "-binary", "-in", "p.bin", "-outform", form, *how, *options)
        return r.stdout


def modified(plain):
    """The elements of the one item of Modified Attributes Sequence."""
    return value(parse(plain)[0], MODIFIED)[0]


def inside(*elements):
    """An encrypted data set."""
    return EX.sq(MODIFIED, EX.item(*elements))


def with_items(*items, front=b"", back=b""):
    """A file with encrypted attributes: each item is (transfer syntax or None, content or None)."""
    def one(syntax, content):
        return EX.item((EX.el(SYNTAX, "UI", syntax) if syntax else b"") + (EX.el(CONTENT, "OB", content) if content is not None else b""))
    return head() + EX.el(0x00080060, "CS", "OT") + front + EX.sq(SEQUENCE, *[one(*i) for i in items]) + back
