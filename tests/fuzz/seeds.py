# SPDX-License-Identifier: MIT
"""Seeds of the fuzz targets, made here or taken from Debian's python3-pydicom."""
import glob
import os
import struct
import zlib

import dicomfile
import imagefile as im
import tap
import zipkit

JSON = [
    b'{"name": "Doe", "a": {"b": 1, "c": [true, null, -1.5e3]}, "list": [1, 2, 3], "visitDate": "2020-02-20"}',
    b'[{"id": "x", "x1": "\\u00e9\\ud83d\\ude00"}, {"id": null}]\n', b'"text"', b" 0 ", b"\xef\xbb\xbf{}", b"[]",
    b'{\r\n  "name": "A",\r\n  "name": "B",\r\n  "list": [\r\n    1,\r\n    2\r\n  ],\r\n  "birthDate": "1999-12-31"\r\n}\r\n',
    b"[" * 60 + b"]" * 60, b'{"a":{"b":{"c":{"d":"\\\\\\"\\/\\b"}}},"x":"' + b"y" * 300 + b'"}',
]
CSV = [
    b"name,id,note,visitDate\nDoe,1,hello,20200220\nRoe,2,\"a \"\"b\"\"\n c\",20200221\n", b"name\r\nx\r\ny\r\n", b"a,b\n1,2",
    b"\xef\xbb\xbfid,name\n\"\",\"\"\n", b"id,x1,x2,name\n,,,\n1,2,3,4\n", b"name,name,id\na,b,c\n", b"id\n", b"",
]
KV = [
    b"ObjectType = Image\nName = Doe\nID=4711\nNote =\nscanDate= 20200220\nElementDataFile = LOCAL\n\0\1\2\n = \n",
    b"Name = a\r\nx = b\r\n\r\n# c\r\n",
    b"= a\nName\nName = b = c", b"\xef\xbb\xbfName = b\n", b"", b"Name = \xff\n",
]
XML = [
    b"<?xml version='1.0'?>\n<r id='1'><p k=\"m\"><v>1</v>t<v/></p><!-- c --><p><v>20200220</v></p><?pi?></r>\n",
    b"<!DOCTYPE r [<!ATTLIST r k CDATA 'x'>]><r k='&lt;&#65;'><![CDATA[<]]></r>", b"<!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>",
    "<r id='\u00e4'><p k='n'><v>\u00fc</v></p></r>".encode("utf-16"), b"<?xml version='1.0' encoding='ISO-8859-1'?><r><v>\xe4</v></r>",
    b"\xef\xbb\xbf<r/>", b"<r><p><p><v>2</v></p></p></r>", b"",
]
PROFILE = [
    b"version: 1\nname: x\njson:\n  salt: s\n  date-increment: -3.5\n  fields:\n  - {name: a.b, hash: true}\n"
    b"  - {regex: '.*(?P<n>x)', remove: true}\n  - name: c\n    replace-with: [1, {a: b}]\n",
    b"csv: &c\n  fields:\n  - name: id\n    increment-date: true\n    date-format: ['%Y%m%d', '%d.%m.%Y']\n    date-increment: 4\n"
    b"tsv: *c\n", b'{"kv": {}, "key-value-text-file": {"delimiter": " = ", "fields": [{"name": "n", "hashuid": true}]}}',
    b"dicom:\n  file-filter: ['*.dcm', '[!a]?']\n  fields:\n  - name: PatientName\n    replace-with: 'X^Y'\n"
    b"  - {name: \"(0009,'ACME',01)\", remove: true}\n  - {name: A.*.B, keep: true}\n  - {name: 60xx3000, remove: true}\n",
    b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", b"json:\n  fields:\n  - name: a\n    hash: true\n    remove: true\n    keep: 7\n",
    b"version: 2\njson: [", b"json: {fields: [{name: a, hash: true, hash-digits: 65}, {regex: '(', remove: true}]}\n", b"", b"--- a\n--- b\n",
]


def dicom():
    head = dicomfile.file_head("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5.6")
    e = dicomfile.element
    item = e(0x00081155, "UI", "1.2.3.4.5.7") + e(0x0020000E, "UI", "1.2.3.4.5.8")
    out = [head + e(0x00080018, "UI", "1.2.3.4.5.6") + e(0x00080020, "DA", "20200220") + e(0x00081030, "LO", "Head") +
           dicomfile.sequence(0x00081115, [item, item]) + e(0x00100010, "PN", "Doe^Jane") + e(0x00100020, "LO", "4711") +
           e(0x7FE00010, "OW", b"\1\2\3\4")]
    try:
        import pydicom
        folder = os.path.join(os.path.dirname(pydicom.__file__), "data")
        for path in sorted(glob.glob(os.path.join(folder, "*_files", "*.dcm"))):
            if os.path.getsize(path) < 5000:
                out.append(tap.read(path))
    except ImportError:
        tap.note("python3-pydicom is not here: one seed only")
    return out


JPEG_LOSSLESS, JPEG_LS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"), ("1.2.840.10008.1.2.4.80",)
JPEG_LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")


def frames(syntaxes, limit=8000):
    """First frames of pydicom's files: (data set, stream)."""
    out = []
    try:
        import pydicom
    except ImportError:
        return out
    folder = os.path.join(os.path.dirname(pydicom.__file__), "data")
    for path in sorted(glob.glob(os.path.join(folder, "*_files", "*.dcm"))):
        ds = pydicom.dcmread(path, force=True)
        if getattr(ds, "file_meta", {}).get("TransferSyntaxUID") in syntaxes and "PixelData" in ds:
            stream = next(pydicom.encaps.generate_pixel_data_frame(ds.PixelData, int(ds.get("NumberOfFrames", 1))))
            if len(stream) < limit:
                out.append((ds, stream))
    return out


def small_jpeg(progressive):
    """What a coder makes of a few pixels, by Pillow where it is there."""
    try:
        import io
        from PIL import Image
    except ImportError:
        return b"\xff\xd8\xff\xd9"
    image = Image.new("RGB", (45, 47))
    image.putdata([(5 * x % 256, 7 * y % 256, x * y % 256) for y in range(47) for x in range(45)])
    b = io.BytesIO()
    image.save(b, "JPEG", quality=60, progressive=progressive)
    return b.getvalue()


def codec_seeds():
    """Frames with the shape that fuzz_dicom_codec reads before them."""
    out = []
    for coding, syntaxes in ((0, JPEG_LOSSLESS), (1, JPEG_LS), (2, JPEG_LOSSY)):
        for ds, stream in frames(syntaxes, 200000):
            if ds.Rows <= 256 and ds.Columns <= 256:
                out.append(bytes([coding, ds.SamplesPerPixel - 1, ds.BitsAllocated // 8 - 1]) +
                           (ds.Columns - 1).to_bytes(2, "little") + (ds.Rows - 1).to_bytes(2, "little") + stream)
    return out or [b"\0\0\0\7\0\7\0\xff\xd8\xff\xd9"]


def archives():
    m = zipkit.Member
    text = b'{"name": "Doe", "a": {"b": 1}}'
    tail = struct.pack("<IIII", 0x08074b50, zlib.crc32(text), len(zipkit.deflate(text)), len(text))
    wide = struct.pack("<HHQQ", 1, 16, len(text), len(zipkit.deflate(text)))
    plain = zipkit.archive([m("a.json", text), m("d/", method=0, external=0), m("d/\u00e4.json", text, method=0, flags=0x800)], b"of Doe")
    return [plain, zipkit.archive([]), zipkit.archive([m("i.zip", plain, method=0), m("b.json", b"{}")]),
            zipkit.archive([m("a.json", text, flags=8, lcrc=0, lpsize=0, lsize=0, descriptor=tail)]),
            zipkit.archive([m("a.json", text, psize=0xffffffff, size=0xffffffff, lpsize=0xffffffff, lsize=0xffffffff, extra=wide, lextra=wide)]),
            zipkit.archive([m(b"x\\\x81.json", text, comment=b"c", extra=b"UT\5\0\3abcd", lextra=b"UT\5\0\3abcd")]),
            zipkit.made({"a.json": text}, method=12), zipkit.made({"a.json": text}, method=14)]


def jpegs():
    exif = im.exif({315: (2, "Ann"), 274: (3, [6])}, {0x9003: (2, "2020:02:27 10:11:12"), 0x927C: (7, b"note")}, {1: (2, "N")},
                   {315: (2, "Ann")}, im.jpg([(0xFE, b"c")]))
    packet = im.packet(im.seq("dc:creator", "Ann", "Bob") + "<photoshop:City>B</photoshop:City>", "xmp:CreateDate='2020-02-27'")
    records = im.photoshop((0x0404, im.iptc((1, 90, b"\x1b%G"), (2, 80, b"Ann"), (2, 25, b"K"))), (0x0425, bytes(16)), (0x040C, bytes(28) + im.jpg()))
    return [im.jpg(), im.jpg([exif]), im.jpg([im.xmp(packet)]), im.jpg([records]), im.jpg(im.icc(im.profile("x")) + [(0xFE, b"c"), (0xE5, b"p")], b"tail"),
            im.jpg(im.more_xmp(packet, b"0" * 32, 300)), im.jpg([exif, im.xmp(packet), records])]


def pngs():
    texts = [im.text("Author", "Ann"), im.ztxt("Comment", "Ann"), im.itxt("Title", "Ann", True), im.itxt("Title", "Ann", False, "de", "T"),
             ("tIME", b"\x07\xe4\2\x1b\n\x0b\x0c"), ("prVt", b"x")]
    meta = [("eXIf", im.exif_block({315: (2, "Ann"), 274: (3, [6])})), im.itxt("XML:com.adobe.xmp", im.packet(im.seq("dc:creator", "Ann"))),
            ("iCCP", b"p\0\0" + zlib.compress(im.profile("x")))]
    return [im.png(), im.png(texts), im.png(meta), im.png([("acTL", bytes(8)), ("fcTL", bytes(26))], [("fdAT", bytes(4) + im.PIXELS)], b"tail"), im.png(texts, meta)]


def write(scratch):
    """{target: [paths]}"""
    profiles = PROFILE + [tap.read(p) for p in sorted(glob.glob(os.path.join(tap.SRC, "profiles", "*.yaml")))]
    out = {}
    for target, seeds in (("json", JSON), ("csv", CSV), ("kv", KV), ("xml", XML), ("profile", profiles), ("dicom", dicom()), ("dicom_pixels", dicom()),
                          ("zip", archives()), ("jpg", jpegs()), ("png", pngs()), ("jpeg_mask", [b for _, b in frames(JPEG_LOSSY)] + [small_jpeg(False), small_jpeg(True)]),
                          ("dicom_codec", codec_seeds())):
        out[target] = [tap.write(os.path.join(scratch, target, "%03d" % n), data) for n, data in enumerate(seeds)]
    return out
