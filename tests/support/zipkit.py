# SPDX-License-Identifier: MIT
"""Zip archives for tests: byte by byte, so that every header can lie, or by Python's zipfile."""
import io
import struct
import zipfile
import zlib

UNIX_FILE = 0o100644 << 16


def deflate(data, level=6):
    z = zlib.compressobj(level, zlib.DEFLATED, -15)
    return z.compress(data) + z.flush()


class Member:
    """One member with all its headers; what is not given is what it should be."""

    def __init__(self, name, data=b"", method=8, **other):
        self.name = name if isinstance(name, bytes) else name.encode("utf-8")
        self.data = data if isinstance(data, bytes) else data.encode("utf-8")
        self.packed = deflate(self.data) if method == 8 else self.data
        self.v = {"method": method, "flags": 0, "time": 0x6b2c, "date": 0x5a21, "crc": zlib.crc32(self.data),
                  "psize": len(self.packed), "size": len(self.data), "made": 0x031e, "need": 20, "internal": 0,
                  "external": UNIX_FILE, "extra": b"", "comment": b"", "lextra": b"", "lname": None, "descriptor": b"",
                  "disk": 0, "header": None, "before": b"", "after": b""}
        for key in ("method", "flags", "crc", "psize", "size", "time", "date"):
            self.v["l" + key] = None
        self.v.update(other)
        if "packed" in self.v:
            self.packed = self.v["packed"]
            if "psize" not in other:
                self.v["psize"] = len(self.packed)

    def __getattr__(self, key):
        return self.__dict__["v"][key]

    def _local(self, key):
        v = self.v["l" + key]
        return self.v[key] if v is None else v

    def local(self):
        name = self.name if self.lname is None else self.lname
        return struct.pack("<IHHHHHIIIHH", 0x04034b50, self.need, self._local("flags"), self._local("method"),
                           self._local("time"), self._local("date"), self._local("crc"), self._local("psize"),
                           self._local("size"), len(name), len(self.lextra)) + name + self.lextra

    def central(self, offset):
        offset = self.header if self.header is not None else offset
        return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, self.made, self.need, self.flags, self.method, self.time,
                           self.date, self.crc, self.psize, self.size, len(self.name), len(self.extra),
                           len(self.comment), self.disk, self.internal, self.external,
                           offset) + self.name + self.extra + self.comment


def archive(members, comment=b"", prefix=b"", suffix=b"", gap=b"", count=None, at=None, size=None, shift=True):
    """The bytes of an archive."""
    out = prefix
    offsets = []
    for m in members:
        out += m.before
        offsets.append(len(out) if shift else len(out) - len(prefix))
        out += m.local() + m.packed + m.descriptor + m.after
    out += gap
    start = len(out)
    for m, offset in zip(members, offsets):
        out += m.central(offset)
    n = len(members) if count is None else count
    out += struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, n, n, len(out) - start if size is None else size,
                       (start if shift else start - len(prefix)) if at is None else at, len(comment)) + comment
    return out + suffix


def made(members, comment=b"", method=zipfile.ZIP_DEFLATED, level=None):
    """By zipfile: {name: data} or [(name or ZipInfo, data)]."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=level) as z:
        for name, data in members.items() if isinstance(members, dict) else members:
            z.writestr(name, data)
        z.comment = comment
    return out.getvalue()


def names(data):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return z.namelist()


def contents(data):
    """[(name, content)] in order; every checksum is looked at."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert z.testzip() is None
        return [(i.filename, z.read(i)) for i in z.infolist()]


def infos(data):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return z.infolist()


def raw(data, info):
    """The packed bytes of a member."""
    nname, nextra = struct.unpack("<HH", data[info.header_offset + 26:info.header_offset + 30])
    at = info.header_offset + 30 + nname + nextra
    return data[at:at + info.compress_size]
