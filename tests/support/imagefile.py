# SPDX-License-Identifier: MIT
"""JPEG and PNG files for tests, built from their parts and taken apart again, without any library for images."""
import base64
import re
import struct
import zlib

import tifffile

ASCII, SHORT, LONG, UNDEFINED = tifffile.ASCII, tifffile.SHORT, tifffile.LONG, tifffile.UNDEFINED
IFD, EXIF, GPS, INTEROP = tifffile.Ifd, 0x8769, 0x8825, 0xA005

# ---- JPEG ----------------------------------------------------------------------------------------------------------

# A grey image of 8 x 8: quantization table, frame, Huffman tables, one scan.
_IMAGE = base64.b64decode(
    "/9sAQwAIBgYHBgUIBwcHCQkICgwUDQwLCwwZEhMPFB0aHx4dGhwcICQuJyAiLCMcHCg3KSwwMTQ0NB8nOT04MjwuMzQy/8AACwgACAAIAQERAP/EAB8A"
    "AAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJ"
    "ChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrC"
    "w8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwDDr//Z")
JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
MORE_HEAD = b"http://ns.adobe.com/xmp/extension/\0"


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpg(segments=(), trailer=b"", image=_IMAGE, jfif=True):
    """segments: (marker, body), after JFIF."""
    return b"\xff\xd8" + (segment(0xE0, JFIF) if jfif else b"") + b"".join(segment(*s) for s in segments) + image + trailer


def jpg_segments(data):
    """[(marker, body)] up to the image's first scan, then the rest."""
    assert data[:2] == b"\xff\xd8"
    at, out = 2, []
    while True:
        assert data[at] == 0xFF
        marker, n = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if marker == 0xDA:
            return out, data[at:]
        out.append((marker, data[at + 4:at + 2 + n]))
        at += 2 + n


def jpg_image(data):
    """What showing it needs, without any APPn or COM."""
    segments, rest = jpg_segments(data)
    return [s for s in segments if not 0xE0 <= s[0] <= 0xEF and s[0] != 0xFE], rest[:rest.rindex(b"\xff\xd9") + 2]


def exif_block(ifd0=(), exif=None, gps=None, ifd1=None, thumbnail=None, order="<", interop=None):
    """The TIFF structure of an EXIF block. Tags are {number: (type, value)}."""
    tags = dict(ifd0)
    if interop is not None:
        exif = dict(exif or {}, **{})
        exif[INTEROP] = (LONG, [IFD(interop)])
    if exif is not None:
        tags[EXIF] = (LONG, [IFD(exif)])
    if gps is not None:
        tags[GPS] = (LONG, [IFD(gps)])
    pages = [IFD(tags)]
    if ifd1 is not None or thumbnail is not None:
        more = dict(ifd1 or {})
        if thumbnail is not None:
            more.update({259: (SHORT, [6]), 513: (LONG, [0xDEADBEEF]), 514: (LONG, [len(thumbnail)])})
        pages.append(IFD(more))
    out = tifffile.build(pages, order)
    if thumbnail is not None:
        out += b"\0" * (len(out) % 2)
        mark = struct.pack(order + "I", 0xDEADBEEF)
        assert out.count(mark) == 1
        out = out.replace(mark, struct.pack(order + "I", len(out))) + thumbnail
    return out


def exif(*args, **more):
    return 0xE1, b"Exif\0\0" + exif_block(*args, **more)


def packet(properties, attributes=""):
    """An XMP packet; properties: XML inside of rdf:Description."""
    return ("<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/'>\n"
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n<rdf:Description rdf:about=''"
            " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
            " xmlns:tiff='http://ns.adobe.com/tiff/1.0/' xmlns:exif='http://ns.adobe.com/exif/1.0/'"
            " xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' xmlns:xmpNote='http://ns.adobe.com/xmp/note/'"
            " xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' xmlns:stEvt='http://ns.adobe.com/xap/1.0/sType/ResourceEvent#'"
            " %s>\n%s</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end='w'?>" % (attributes, properties)).encode("utf-8")


def seq(name, *items, kind="Seq"):
    return "<%s><rdf:%s>%s</rdf:%s></%s>\n" % (name, kind, "".join("<rdf:li>%s</rdf:li>" % i for i in items), kind, name)


def xmp(data):
    return 0xE1, XMP_HEAD + data


def more_xmp(data, guid, piece=40000):
    return [(0xE1, MORE_HEAD + guid + struct.pack(">II", len(data), i) + data[i:i + piece]) for i in range(0, len(data), piece)]


def iptc(*datasets):
    """(record, dataset, bytes)"""
    return b"".join(struct.pack(">BBBH", 0x1C, r, d, len(v)) + v for r, d, v in datasets)


def resource(number, data):
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


def photoshop(*resources):
    return 0xED, b"Photoshop 3.0\0" + b"".join(resource(*r) for r in resources)


def profile(description, version=2):
    """An ICC profile with a description and the least of colours."""
    text = description.encode("ascii")
    if version == 2:
        desc = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
    else:
        wide = description.encode("utf-16-be")
        desc = b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(wide), 28) + wide
    xyz = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 0x01CD) + b"\0\0"
    tags = [(b"desc", desc), (b"cprt", b"text\0\0\0\0" + text + b"\0"), (b"wtpt", xyz), (b"kTRC", curve), (b"dmnd", desc)]
    at, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags:
        value += b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", at + len(data), len(value))
        data += value
    head = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", head, 0, at + len(data), b"", version << 24, b"mntr", b"GRAY", b"XYZ ")
    head[36:40] = b"acsp"
    struct.pack_into(">3i", head, 68, 63190, 65536, 54061)
    return bytes(head) + struct.pack(">I", len(tags)) + table + data


def icc(data, piece=60000):
    pieces = [data[i:i + piece] for i in range(0, len(data), piece)]
    return [(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, len(pieces)]) + p) for i, p in enumerate(pieces)]


# ---- PNG -----------------------------------------------------------------------------------------------------------

SIGNATURE = b"\x89PNG\r\n\x1a\n"
IHDR = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
PIXELS = zlib.compress(b"\0\1\2\0\3\4")


def chunk(kind, data):
    kind = kind.encode("ascii") if isinstance(kind, str) else kind
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(before=(), after=(), trailer=b"", idat=(PIXELS,)):
    """before, after: (type, data) around the image's data."""
    parts = [("IHDR", IHDR)] + list(before) + [("IDAT", d) for d in idat] + list(after) + [("IEND", b"")]
    return SIGNATURE + b"".join(chunk(*p) for p in parts) + trailer


def chunks(data):
    """[(type, data)] with right checksums, and what is behind IEND."""
    assert data[:8] == SIGNATURE
    at, out = 8, []
    while not out or out[-1][0] != "IEND":
        n, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + n]
        assert zlib.crc32(kind + body) == struct.unpack_from(">I", data, at + 8 + n)[0], kind
        out.append((kind.decode("ascii"), body))
        at += 12 + n
    return out, data[at:]


def text(keyword, value):
    return "tEXt", keyword.encode("latin-1") + b"\0" + value.encode("latin-1")


def ztxt(keyword, value):
    return "zTXt", keyword.encode("latin-1") + b"\0\0" + zlib.compress(value.encode("latin-1"))


def itxt(keyword, value, packed=False, language="", translated=""):
    data = value if isinstance(value, bytes) else value.encode("utf-8")
    return "iTXt", (keyword.encode("latin-1") + b"\0" + bytes([packed, 0]) + language.encode("ascii") + b"\0" +
                    translated.encode("utf-8") + b"\0" + (zlib.compress(data) if packed else data))


def unpacked(data):
    """The bytes, and all that zlib can unpack in them: what a search for a text must look at."""
    out = [data]
    for m in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            out.append(zlib.decompressobj().decompress(data[m.start():], 1 << 24))
        except zlib.error:
            pass
    return b"\n".join(out)


def holds(data, token):
    """Whether a text is in there, in any of the usual codings."""
    every = unpacked(data)
    forms = [token.encode("utf-8"), token.encode("utf-16-le"), token.encode("utf-16-be"), token.encode("utf-8").hex().encode()]
    return any(f in every or f in every.upper() for f in forms)
