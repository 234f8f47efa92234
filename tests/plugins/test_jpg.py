# SPDX-License-Identifier: MIT
"""jpg: EXIF, XMP, IPTC, comments and segments; mirrors; what strip leaves; what is refused."""
import hashlib
import os
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import imagefile as im
import tap

tap.needs("image")


def h(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def run(section, data):
    return batch.one({"jpg": section}, data, "a.jpg")


def becomes(what, section, data, want):
    """want None: no output; else the exact bytes."""
    got, line, r = run(section, data)
    tap.ok(got == want and r.status == (want is None), what, "gave %r\nwant %r\n%r" % (got, want, r))
    return line


def shows(what, section, data, there=(), gone=()):
    """The output has the image as it was, some texts, and not others."""
    got, line, r = run(section, data)
    good = got is not None and im.jpg_image(got) == im.jpg_image(data)
    good = good and all(im.holds(got, t) for t in there) and not any(im.holds(got, t) for t in gone)
    tap.ok(good, what, "%r\n%r" % (got, r))
    return got or b"", line


def fails(what, section, data, *words):
    got, line, r = run(section, data)
    tap.ok(got is None and r.status == 1 and all(w in line.get("reason", "") for w in words), what, "%r %r" % (line, r))


def entry(name, **action):
    return {"fields": [dict({"name": name}, **action)]}


REMOVE = {"remove": True}
HASH = {"hash": True}
SOME = [(0xE5, b"private"), (0xFE, b"Ann was here")]
DATA = im.jpg([im.exif({315: (2, "Ann"), 305: (2, "prog")}, exif={0x9003: (2, "2020:02:27 10:11:12")})] + SOME)

becomes("identity", {"fields": []}, DATA, DATA)
becomes("identity with bytes behind the image", {}, DATA + b"tail", DATA + b"tail")

# ---- comments and segments ------------------------------------------------------------------------

E0 = [im.exif({315: (2, "Ann"), 305: (2, "prog")}, exif={0x9003: (2, "2020:02:27 10:11:12")})]
becomes("Comment removed", entry("comment", **REMOVE), DATA, im.jpg(E0 + SOME[:1]))
becomes("Comment hashed", entry("Comment", **HASH), DATA, im.jpg(E0 + SOME[:1] + [(0xFE, h("Ann was here").encode())]))
becomes("a new comment", entry("Comment", **{"replace-with": "n"}), im.jpg(SOME[:1]), im.jpg(SOME[:1] + [(0xFE, b"n")]))
becomes("a comment in Latin-1", entry("Comment", **HASH), im.jpg([(0xFE, b"\xc4\0")]), im.jpg([(0xFE, h("Ä").encode())]))
becomes("remove-comments", {"remove-comments": True}, DATA, im.jpg(E0 + SOME[:1]))
becomes("an APPn", entry("APP5", **REMOVE), DATA, im.jpg(E0 + SOME[1:]))
becomes("remove-exif", {"remove-exif": True}, DATA, im.jpg(SOME))
becomes("EXIF as a block", entry("EXIF", **REMOVE), DATA, im.jpg(SOME))
becomes("remove-trailer", {"remove-trailer": True}, DATA + b"tail", DATA)
becomes("Trailer removed", entry("Trailer", **REMOVE), DATA + b"tail", DATA)
becomes("Trailer kept by name", {"fields": [{"name": "Trailer"}, {"name": "APP5", "remove": True}]}, DATA + b"tail", im.jpg(E0 + SOME[1:]) + b"tail")
becomes("zeros behind the image", entry("APP5", **REMOVE), DATA + bytes(9), im.jpg(E0 + SOME[1:]) + bytes(9))
fails("bytes behind the image, where something changes", entry("APP5", **REMOVE), DATA + b"tail", "remove-trailer")
becomes("a list of further pictures goes with them", {"remove-trailer": True}, im.jpg([(0xE2, b"MPF\0II*\0")]) + im.jpg(), im.jpg())
late = im.jpg(SOME)[:-2] + im.segment(0xFE, b"LATE") + b"\xff\xd9"
becomes("a comment behind the scan", entry("Comment", **REMOVE), late, im.jpg(SOME[:1]))

# ---- EXIF -----------------------------------------------------------------------------------------

for order in "<>":
    FULL = im.jpg([im.exif({315: (2, "Ann-0"), 270: (2, "other")}, {0x9003: (2, "2020:02:27 10:11:12"), 0xA430: (2, "Owner")},
                           {1: (2, "N"), 29: (2, "2020:02:27")}, {315: (2, "Ann-1")}, im.jpg(), order=order)])
    shows("a tag in each IFD " + order, entry("artist", **HASH), FULL, [h("Ann-0"), h("Ann-1"), "other"], ["Ann-0", "Ann-1"])
    shows("removed from each " + order, entry("Artist", **REMOVE), FULL, ["other"], ["Ann-0", "Ann-1"])
    shows("a date " + order, dict(entry("DateTimeOriginal", **{"increment-datetime": True}), **{"date-increment": 3}), FULL,
          ["2020:03:01 10:11:12"], ["2020:02:27 10"])
    shows("remove-gps " + order, {"remove-gps": True}, FULL, ["Ann-0"], ["2020:02:27\0"])
    got, _ = shows("remove-thumbnail " + order, {"remove-thumbnail": True}, FULL, ["Ann-0"], ["Ann-1"])
    tap.ok(got.count(b"\xff\xd8") == 1, "… nothing of it is left")
    shows("a new tag " + order, entry("Copyright", **{"replace-with": "NEW"}), FULL, ["NEW", "Ann-0"])
shows("a new EXIF block", entry("LensModel", **{"replace-with": "NEW"}), im.jpg(), ["NEW", "Exif"])
shows("an expression", {"fields": [{"regex": ".*Owner.*", "hash": True}]}, FULL, [h("Owner")], ["Owner"])
got, _ = shows("an expression for everything", {"fields": [{"regex": ".*", "remove": True}]}, DATA, ["JFIF"], ["Ann", "private", "Exif"])
speaking = im.jpg([im.exif({315: (2, "A")}, thumbnail=im.jpg([(0xFE, b"SECRET")]))])
_, line = shows("a thumbnail with metadata of its own goes", entry("Artist", **HASH), speaking, [h("A")], ["SECRET"])
tap.ok(any("thumbnail" in w for w in line.get("warnings", [])), "… and is told", line)
nested = im.jpg([im.exif({315: (2, "A")}, thumbnail=im.jpg([im.exif({}, thumbnail=im.jpg([(0xFE, b"SECRET")]))]))])
shows("… with a thumbnail in the thumbnail", entry("Artist", **HASH), nested, [h("A")], ["SECRET"])
noted = im.jpg([im.exif({315: (2, "A")}, {0x927C: (7, b"MAKER")})])
_, line = shows("a maker note stays", entry("Artist", **HASH), noted, ["MAKER"])
tap.ok(any("may repeat" in w for w in line.get("warnings", [])), "… and is told", line)
_, line = shows("… and goes by name", {"fields": [{"name": "Artist", "hash": True}, {"name": "MakerNote", "remove": True}]}, noted, [], ["MAKER"])
tap.is_(line.get("warnings"), [], "… without a warning")

# ---- XMP ------------------------------------------------------------------------------------------

HISTORY = "<xmpMM:History><rdf:Seq><rdf:li rdf:parseType='Resource'><stEvt:softwareAgent>PROG</stEvt:softwareAgent></rdf:li></rdf:Seq></xmpMM:History>"
PACKET = im.packet(im.seq("dc:creator", "Ann", "Bob &amp; Co") + im.seq("dc:subject", "K1", "K2", kind="Bag") + "<photoshop:City>Berlin</photoshop:City><xmp:Label/>" +
                   HISTORY, "tiff:Make='Canon' xmp:CreateDate='2020-02-27T10:11:12+01:00'")
X = im.jpg([im.xmp(PACKET)])


def packet_becomes(what, section, *changes):
    want = PACKET.decode("utf-8")
    for a, b in changes:
        assert a in want
        want = want.replace(a, b)
    becomes(what, section, X, im.jpg([im.xmp(want.encode("utf-8"))]))


packet_becomes("each item of a list", entry("XMP:dc:creator", **HASH), ("Ann", h("Ann")), ("Bob &amp; Co", h("Bob & Co")))
packet_becomes("a list", entry("xmp:CREATOR", **REMOVE), (im.seq("dc:creator", "Ann", "Bob &amp; Co").rstrip("\n"), ""))
packet_becomes("an element", entry("XMP:City", **{"replace-with": "<\"&"}), ("Berlin", "&lt;\"&amp;"))
packet_becomes("an attribute", entry("XMP:Make", **{"replace-with": "'<\"&"}), ("Canon", "&apos;&lt;\"&amp;"))
packet_becomes("an attribute removed", entry("XMP:tiff:Make", **REMOVE), (" tiff:Make='Canon'", "") if " tiff:Make='Canon'" in PACKET.decode() else ("", ""))
packet_becomes("an empty element", entry("XMP:Label", **{"replace-with": "x"}), ("<xmp:Label/>", "<xmp:Label>x</xmp:Label>"))
packet_becomes("a part of a structure", entry("XMP:xmpMM:History/stEvt:softwareAgent", **HASH), ("PROG", h("PROG")))
packet_becomes("a structure", entry("XMP:History", **REMOVE), (HISTORY, ""))
packet_becomes("a date", dict(entry("XMP:CreateDate", **{"increment-datetime": True, "datetime-format": "%Y-%m-%dT%H:%M:%S"}), **{"date-increment": 3}),
               ("2020-02-27T", "2020-03-01T"))
fails("a structure takes no hash", entry("XMP:History", **HASH), X, "holds others")
shows("a new property", entry("XMP:dc:rights", **{"replace-with": "(c) <A>"}), X, ["(c) &lt;A&gt;", "Berlin"])
shows("a new packet", entry("XMP:photoshop:Credit", **{"replace-with": "NEW"}), im.jpg(), ["<photoshop:Credit>NEW</photoshop:Credit>"])
fails("XMP that is no XML", entry("XMP:creator", **REMOVE), im.jpg([im.xmp(b"<x><y></x>")]), "no XML")
becomes("… can be removed", {"remove-xmp": True}, im.jpg([im.xmp(b"<x><y></x>")]), im.jpg())
fails("XMP with a DOCTYPE", entry("XMP:creator", **REMOVE), im.jpg([im.xmp(b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>")]), "DOCTYPE")

MORE = im.packet("<photoshop:Instructions>LONG %s</photoshop:Instructions>" % ("x" * 100000))
GUID = hashlib.md5(MORE).hexdigest().upper().encode()
EXTENDED = im.jpg([im.xmp(im.packet("", "xmpNote:HasExtendedXMP='%s'" % GUID.decode()))] + im.more_xmp(MORE, GUID))
got, _ = shows("extended XMP", entry("XMP:Instructions", **{"replace-with": "N" * 90000}), EXTENDED, ["NNNN"], ["LONG"])
pieces = [b[35:] for m, b in im.jpg_segments(got)[0] if b.startswith(im.MORE_HEAD)] if got else []
whole = b"".join(p[40:] for p in pieces)
guid = hashlib.md5(whole).hexdigest().upper().encode()
tap.ok(len(pieces) > 1 and all(p[:32] == guid and struct.unpack(">I", p[32:36])[0] == len(whole) for p in pieces) and
       b"HasExtendedXMP='" + guid in got, "… its pieces and the packet agree")
becomes("… removed", {"remove-xmp": True}, EXTENDED, im.jpg())
becomes("… and left alone", entry("Comment", **REMOVE), EXTENDED, EXTENDED)
cut_pieces = im.jpg([im.xmp(PACKET)] + im.more_xmp(MORE, GUID)[:1])
fails("… of which a piece is missing", entry("XMP:Instructions", **REMOVE), cut_pieces, "pieces")

# ---- IPTC -----------------------------------------------------------------------------------------

SETS = [(1, 90, b"\x1b%G"), (2, 0, b"\0\4"), (2, 80, b"Ann"), (2, 25, b"K1"), (2, 25, b"K2"), (2, 55, b"20200227"), (2, 90, "Köln".encode("utf-8"))]


def iptc(sets, *others):
    return im.jpg([im.photoshop((0x0404, im.iptc(*sets)), *others)])


def changed(number, value):
    return [(r, d, value if d == number and r == 2 else v) for r, d, v in SETS]


becomes("a dataset", entry("IPTC:byline", **HASH), iptc(SETS), iptc(changed(80, h("Ann").encode())))
becomes("by number", entry("IPTC:2:80", **REMOVE), iptc(SETS), iptc([s for s in SETS if s[1] != 80]))
becomes("repeated ones", entry("IPTC:Keywords", **REMOVE), iptc(SETS), iptc([s for s in SETS if s[1] != 25]))
becomes("a date", dict(entry("IPTC:DateCreated", **{"increment-date": True}), **{"date-increment": 3}), iptc(SETS), iptc(changed(55, b"20200301")))
becomes("UTF-8", entry("IPTC:City", **HASH), iptc(SETS), iptc(changed(90, h("Köln").encode())))
becomes("Latin-1", entry("IPTC:City", **HASH), iptc([(2, 90, b"K\xf6ln")]), iptc([(2, 90, h("Köln").encode())]))
becomes("a digest goes", entry("IPTC:By-line", **REMOVE), iptc(SETS, (0x0425, bytes(16)), (0x03ED, b"dpi")),
        iptc([s for s in SETS if s[1] != 80], (0x03ED, b"dpi")))
fails("a value longer than a dataset may be", entry("IPTC:City", **{"replace-with": "x" * 33}), iptc(SETS), "longer")
becomes("a new dataset", entry("IPTC:Headline", **{"replace-with": "H"}), im.jpg(), iptc([(2, 105, b"H")]))
becomes("remove-iptc", {"remove-iptc": True}, iptc(SETS, (0x03ED, b"dpi")), im.jpg())
becomes("a resource", entry("Photoshop:0x03ED", **REMOVE), iptc(SETS, (0x03ED, b"dpi")), iptc(SETS))
fails("records that are damaged", entry("IPTC:City", **REMOVE), im.jpg([im.photoshop((0x0404, b"\x1c\2\x50\xff\xff"))]), "damaged")
fails("resources that are damaged", entry("IPTC:City", **REMOVE), im.jpg([(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\xff\xff\xff\xff")]), "damaged")

# ---- mirrors --------------------------------------------------------------------------------------

M = im.jpg([im.exif({315: (2, "Ann"), 0x9C9D: (1, "Ann\0".encode("utf-16-le")), 305: (2, "P")}, gps={7: (2, "T")}),
            im.xmp(im.packet(im.seq("dc:creator", "Ann") + "<xmp:Rating>5</xmp:Rating><exif:GPSLatitude>52N</exif:GPSLatitude>")),
            im.photoshop((0x0404, im.iptc((2, 80, b"Ann"), (2, 90, b"City"))), (0x0424, b"<xmp>Ann</xmp>"))])
for name in ("Artist", "XMP:creator", "XMP:dc:creator", "IPTC:By-line"):
    shows("mirrors of " + name, entry(name, **HASH), M, [h("Ann"), "Rating", "City"], ["Ann"])
    shows("… removed", entry(name, **REMOVE), M, ["Rating", "City"], ["Ann"])
shows("a mirror that is named stays", {"fields": [{"name": "Artist", "remove": True}, {"name": "IPTC:By-line", "keep": True}]}, M, ["Ann"])
shows("a name without a field has mirrors", entry("Artist", **REMOVE), im.jpg([im.xmp(im.packet(im.seq("dc:creator", "Ann")))]), [], ["Ann"])
shows("remove-gps in XMP", {"remove-gps": True}, M, ["Ann", "Rating"], ["52N"])
shows("nothing else is touched", entry("Software", **REMOVE), M, ["Ann", "52N", "City"])

# ---- strip: a token in every place ----------------------------------------------------------------

WIDE = "TOKEN".encode("utf-16-le")
PLACES = {
    "comment": [(0xFE, b"TOKEN")], "private": [(0xE7, b"TOKEN")], "IFD0": [im.exif({315: (2, "TOKEN"), 274: (3, [6])})],
    "EXIF": [im.exif(exif={0x9286: (7, b"ASCII\0\0\0TOKEN")})], "GPS": [im.exif(gps={29: (2, "TOKEN")})], "interop": [im.exif(interop={1: (2, "TOKEN")})],
    "IFD1": [im.exif(ifd1={315: (2, "TOKEN")})], "thumbnail": [im.exif(thumbnail=im.jpg([(0xFE, b"TOKEN")]))], "maker note": [im.exif(exif={0x927C: (7, b"TOKEN")}, order=">")],
    "XP": [im.exif({0x9C9D: (1, WIDE)})], "gap": [(0xE1, im.exif({315: (2, "x")})[1] + b"TOKEN")], "XMP": [im.xmp(im.packet(im.seq("dc:creator", "TOKEN")))],
    "extended XMP": im.more_xmp(b"TOKEN" * 20000, GUID), "IPTC": [im.photoshop((0x0404, im.iptc((2, 80, b"TOKEN"))))],
    "resource": [im.photoshop((0x03F0, b"TOKEN"))], "profile": im.icc(im.profile("TOKEN")), "profile, version 4": im.icc(im.profile("TOKEN", 4)),
    "profile in pieces": im.icc(im.profile("TOKEN"), 100), "damaged profile": [(0xE2, b"ICC_PROFILE\0\1\1TOKEN")],
    "JFXX": [(0xE0, b"JFXX\0\x13TOKEN")], "FlashPix": [(0xE2, b"FPXR\0TOKEN")], "long Adobe": [(0xEE, b"Adobe\0\x64\0\0\0\0\0TOKEN")], "damaged EXIF": [(0xE1, b"Exif\0\0TOKEN")],
    "long JFIF": [(0xE0, im.JFIF + b"TOKEN")],
}
files = {"%02d.jpg" % i: im.jpg(p) for i, p in enumerate(PLACES.values())}
files["late.jpg"] = im.jpg()[:-2] + im.segment(0xFE, b"TOKEN") + b"\xff\xd9"
files["trailer.jpg"] = im.jpg() + im.jpg([(0xFE, b"TOKEN")])
files["zz.jpg"] = im.jpg([s for p in PLACES.values() for s in p]) + b"TOKEN"
tap.ok(all(im.holds(d, "TOKEN") for n, d in files.items() if "pieces" not in n), "the tokens can be found", [n for n, d in files.items() if not im.holds(d, "TOKEN")])
out, lines, r = batch.run({"jpg": {"strip": True}}, files)
names = list(PLACES) + ["late", "trailer", "all"]
bad = [names[i] for i, n in enumerate(sorted(files)) if n not in out or im.holds(out[n], "TOKEN")]
tap.ok(not bad, "strip leaves no token", "%r\n%r" % (bad, r))
tap.ok(all(im.jpg_image(d) == im.jpg_image(im.jpg()) for d in out.values()), "… and the image as it was")
kept = im.jpg_segments(out.get("02.jpg") or im.jpg())[0]
tap.is_(kept[:2], [(0xE0, im.JFIF), (0xE1, b"Exif\0\0" + im.exif_block({274: (3, [6])}, order=">")[:26])], "… and density and orientation")
kept = im.jpg_segments(out.get("%02d.jpg" % list(PLACES).index("profile in pieces")) or im.jpg())[0]
tap.ok(any(m == 0xE2 and b"curv" in b for m, b in kept), "… and the colours of the profile", kept)
got, _, r = batch.one(tap.read(os.path.join(tap.SRC, "profiles", "images-strip.yaml")).decode("utf-8"), files["zz.jpg"], "a.jpg")
tap.is_(got, out.get("zz.jpg"), "… and so does the profile images-strip")
becomes("strip refuses tables with more than they need", {"strip": True}, im.jpg([(0xDD, b"\0\0TOKEN")]), None)
again, _, _ = batch.run({"jpg": {"strip": True}}, out)
tap.ok(again == out, "what strip left it leaves")

# ---- masks ----------------------------------------------------------------------------------------

if os.path.exists(os.path.join(tap.PLUGINS, "modules", "jpeg-mask.la")) or os.path.exists(os.path.join(tap.PLUGINS, "modules", "jpeg-mask.so")):
    FACE = im.jpg([im.exif({315: (2, "A")}, thumbnail=im.jpg()), (0xFE, b"stays")])
    got, _, r = run({"mask": [{"remove": [0, 0, 8, 8]}]}, FACE)
    tap.ok(got is not None and im.jpg_image(got) != im.jpg_image(FACE) and got.count(b"\xff\xd8") == 1 and b"stays" in got,
           "a mask changes the image and takes the thumbnail out", r)
    becomes("a mask that is outside of the image", {"mask": [{"remove": [8, 0, 9, 9]}]}, im.jpg(SOME), im.jpg(SOME))
    got, _, r = run({"mask": [{"remove": [0, 0, 8, 8], "keep": [0, 0, 1, 1]}]}, FACE)
    tap.ok(r.status == 2 and got is None, "a mask is one of remove and keep", r)
else:
    tap.skip("masks", "the module jpeg-mask is not built")

# ---- refused --------------------------------------------------------------------------------------

cuts = {"%04d.jpg" % n: DATA[:n] for n in range(len(DATA))}
out, _, r = batch.run({"jpg": {"fields": []}}, cuts)
tap.ok(not out and r.status == 1, "every cut fails", sorted(out)[:5])
for what, block in (("a loop", b"II*\0\x08\0\0\0\0\0\x08\0\0\0"), ("an offset past the end", b"II*\0\xff\xff\0\0"),
                    ("a value past the end", b"II*\0\x08\0\0\0\1\0\x3b\1\2\0\xff\0\0\0\x1a\0\0\0\0\0\0\0"), ("nothing", b"")):
    fails("EXIF with " + what, entry("Artist", **HASH), im.jpg([(0xE1, b"Exif\0\0" + block)]))
    becomes("… removed", {"remove-exif": True}, im.jpg([(0xE1, b"Exif\0\0" + block)]), im.jpg())
fails("a segment that is longer than the file", {}, im.jpg()[:20] + b"\xff\xe1\xff\xff" + im.jpg()[20:])
fails("a segment of an impossible length", {}, im.jpg()[:20] + b"\xff\xe1\0\1" + im.jpg()[20:], "no JPEG marker")
fails("bytes between segments", {}, im.jpg()[:20] + b"x" + im.jpg()[20:], "no JPEG marker")
fails("no image", {}, b"\xff\xd8\xff\xd9", "without an image")
fails("more than a segment can hold", entry("Comment", **{"replace-with": "x" * 70000}), DATA, "segment")
fails("… XMP", entry("XMP:dc:title", **{"replace-with": "x" * 70000}), X, "64 KiB")
for section, word in ((entry("nonsense", **REMOVE), "no name"), (entry("XMP", **{"replace-with": "x"}), "whole block"), (entry("JFIF", **{"replace-with": "x"}), "removed, and kept")):
    got, _, r = run(section, DATA)
    tap.ok(r.status == 2 and word in r.err and got is None, "refused at once: %r" % section, r)
fields = tap.deid("fields", tap.write(os.path.join(tap.scratch(), "a.jpg"), im.jpg(
    [im.exif({315: (2, "A")}, gps={1: (2, "N")}), im.xmp(PACKET), im.photoshop((0x0404, im.iptc(*SETS)), (0x03ED, b"x"))] + SOME) + b"t")).out.splitlines()
tap.ok({"JFIF", "Artist", "GPSLatitudeRef", "XMP:dc:creator", "XMP:tiff:Make", "XMP:xmpMM:History/stEvt:softwareAgent", "IPTC:By-line", "IPTC:Keywords",
        "Photoshop:0x03ED", "APP5", "Comment", "Trailer"} <= set(fields), "deid fields lists every tag, property and segment", fields)

# ---- other programs -------------------------------------------------------------------------------

d = tap.scratch()
edited = [tap.write("%s/%d.jpg" % (d, i), run(s, M)[0] or b"") for i, s in enumerate(
    (entry("Artist", **HASH), entry("XMP:dc:creator", **{"replace-with": "x"}), entry("Copyright", **{"replace-with": "x"}), {"remove-gps": True}, {"strip": True}))]
if shutil.which("djpeg"):
    want = subprocess.run(["djpeg"], input=M, stdout=subprocess.PIPE, check=False).stdout
    tap.ok(want and all(subprocess.run(["djpeg", p], stdout=subprocess.PIPE, check=False).stdout == want for p in edited), "djpeg sees the same pixels")
else:
    tap.skip("djpeg sees the same pixels", "no djpeg")
if shutil.which("exiftool"):
    before = subprocess.run(["exiftool", "-validate", "-warning", "-a", "-s", tap.write(d + "/in.jpg", M)], stdout=subprocess.PIPE, check=False).stdout.decode()
    said = subprocess.run(["exiftool", "-validate", "-warning", "-a", "-s"] + edited, stdout=subprocess.PIPE, check=False).stdout.decode()
    new = [w for w in said.splitlines() if w.startswith("Warning") and w not in before]
    tap.ok("Validate" in said and not new, "exiftool finds no new fault", said + before)
else:
    tap.skip("exiftool finds no new fault", "no exiftool")
tap.done()
