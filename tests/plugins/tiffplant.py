# SPDX-License-Identifier: MIT
"""A TIFF with a token of its own in every place that can hold text."""
import struct
import zlib

import tifffile as T


def token(name):
    return ("SECRET-" + name + "-" + format(zlib.crc32(name.encode()), "08x")).encode("ascii")


def wide(data, order):
    return data.decode().encode("utf-16-le" if order == "<" else "utf-16-be")


def profile():
    """An ICC profile of one curve whose texts hold a token."""
    def element(kind, data):
        return kind + bytes(4) + data
    desc = token("icc-desc") + b"\0"
    parts = [(b"desc", element(b"desc", struct.pack(">I", len(desc)) + desc + bytes(8 + 3 + 67))),
             (b"cprt", element(b"text", token("icc-copyright") + b"\0")),
             (b"kTRC", element(b"curv", struct.pack(">IHxx", 1, 0x0233))),
             (b"wtpt", element(b"XYZ ", struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D))),
             (b"priv", element(b"priv", token("icc-private")))]
    table, data, at = b"", b"", 132 + 12 * len(parts)
    for name, body in parts:
        body += bytes(-len(body) % 4)
        table += struct.pack(">4sII", name, at + len(data), len(body))
        data += body
    head = struct.pack(">I4sI4s4s4s", 0, b"none", 0x02100000, b"mntr", b"GRAY", b"XYZ ") + bytes(12) + b"acsp"
    whole = bytearray(head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + table + data)
    struct.pack_into(">I", whole, 0, len(whole))
    whole[68:80] = struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return bytes(whole)


def xmp():
    return (b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
            b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>' + token("xmp") +
            b'</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>')


def iptc(text):
    return b"\x1c\x02\x50" + struct.pack(">H", len(text)) + text


def exif(order, name):
    return T.Ifd({
        36864: (7, b"0232"), 36867: (2, "2020:01:02 03:04:05"), 42016: (2, token(name + "-unique").decode()),
        37500: (7, token(name + "-makernote")),
        37510: (7, b"UNICODE\0" + wide(token(name + "-comment"), order)),
        42033: (2, token(name + "-serial").decode()),
        40965: (13, [T.Ifd({1: (2, "R98"), 2: (7, b"0100"), 4096: (2, token(name + "-interop").decode())})]),
    })


def gps(name):
    return T.Ifd({0: (1, [2, 3, 0, 0]), 1: (2, "N"), 2: (5, [(51, 1), (30, 1), (1234, 100)]),
                  18: (2, token(name + "-datum").decode()), 27: (7, b"ASCII\0\0\0" + token(name + "-method"))})


def small(name):
    """A SubIFD: a reduced image."""
    return T.page({254: (4, [1]), 270: (2, token(name + "-sub").decode())}, width=2, height=2, pixels=b"sub" + name[:1].encode())


def one(order, name):
    return T.page({
        269: (2, token(name + "-document").decode()), 270: (2, token(name + "-description").decode()),
        271: (2, token(name + "-make").decode()), 272: (2, token(name + "-model").decode()), 274: (3, [6]),
        282: (5, [(300, 1)]), 283: (5, [(300, 1)]), 285: (2, token(name + "-page").decode()), 296: (3, [2]),
        305: (2, token(name + "-software").decode()), 306: (2, "2020:01:02 03:04:05"),
        315: (2, token(name + "-artist").decode()), 316: (2, token(name + "-host").decode()),
        330: (13, [small(name), small("z" + name)]),
        700: (1, xmp()), 33432: (2, token(name + "-copyright").decode()), 33723: (7, iptc(token(name + "-iptc"))),
        34377: (1, b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc(token(name + "-irb")))) + iptc(token(name + "-irb"))),
        34665: (13, [exif(order, name)]), 34675: (7, profile()), 34853: (13, [gps(name)]),
        40093: (1, wide(token(name + "-xpauthor"), "<") + b"\0\0"), 42112: (2, "<GDALMetadata>" + token(name + "-gdal").decode()),
        65001: (2, token(name + "-private").decode()), 65002: (7, zlib.compress(token(name + "-deflated"))),
        65003: (1, token(name + "-bytes")),
    }, pixels=bytes(i * 5 % 256 for i in range(64)) + name.encode().ljust(64, b"."), width=16, height=8, rows=4)


def build(order="<", big=False):
    return T.build([one(order, "first"), one(order, "second")], order, big, gap=token("gap"), tail=token("tail"))


def leaks(data):
    """What of the tokens, or of anything that reads like one, is in the bytes."""
    found = []
    for needle in (b"SECRET", "SECRET".encode("utf-16-le"), "SECRET".encode("utf-16-be")):
        at = data.find(needle)
        if at >= 0:
            found.append(data[max(at - 8, 0):at + 40])
    for at in range(len(data) - 2):
        if data[at] == 0x78 and data[at + 1] in (0x01, 0x5E, 0x9C, 0xDA):
            try:
                plain = zlib.decompressobj().decompress(data[at:], 1 << 16)
            except zlib.error:
                continue
            if b"SECRET" in plain:
                found.append(plain[:40])
    return found
