# SPDX-License-Identifier: MIT
"""png: chunks, texts, EXIF and XMP in them; what strip leaves; what is refused."""
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import batch
import imagefile as im
import tap

tap.needs("image")


def h(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def run(section, data):
    return batch.one({"png": section}, data, "a.png")


def becomes(what, section, data, want):
    """want None: no output; else the exact bytes."""
    got, line, r = run(section, data)
    tap.ok(got == want and r.status == (want is None), what, "gave %r\nwant %r\n%r" % (got, want, r))
    return line


def entry(name, **action):
    return {"fields": [dict({"name": name}, **action)]}


PRIVATE = ("prVt", b"\0secret\xff")
ALL = [("gAMA", b"\0\0\xb1\x8f"), ("pHYs", bytes(9)), im.text("Author", "Ann"), im.ztxt("Comment", "c" * 50), im.itxt("Title", "Tïtle"),
       im.itxt("Title", "packed", True, "de", "Titel"), ("tIME", struct.pack(">HBBBBB", 2020, 2, 27, 10, 11, 12)), PRIVATE]
DATA = im.png(ALL, [im.text("Late", "x")], idat=(im.PIXELS[:5], im.PIXELS[5:]))

becomes("identity", {"fields": []}, DATA, DATA)
becomes("identity with bytes behind the image", {}, DATA + b"tail", DATA + b"tail")


def with_(*parts):
    return im.png([p for p in parts if p], [im.text("Late", "x")], idat=(im.PIXELS[:5], im.PIXELS[5:]))


# ---- actions --------------------------------------------------------------------------------------

REST = ALL[3:]
becomes("remove by keyword", entry("tEXt:author", remove=True), DATA, with_(*ALL[:2], *REST))
becomes("remove by type, any case", entry("TEXT", remove=True), im.png(ALL), im.png(ALL[:2] + REST))
becomes("hash", entry("tEXt:Author", hash=True), DATA, with_(*ALL[:2], im.text("Author", h("Ann")), *REST))
becomes("replace-with in Latin-1", entry("tEXt:Author", **{"replace-with": "Ä"}), DATA, with_(*ALL[:2], im.text("Author", "Ä"), *REST))
becomes("… what Latin-1 has not fails", entry("tEXt:Author", **{"replace-with": "Ω"}), DATA, None)
becomes("a new text stands before the image", entry("tEXt:New", **{"replace-with": "n"}), DATA, with_(*ALL, im.text("New", "n")))
becomes("… not with replace-with-insert: false", entry("tEXt:New", **{"replace-with": "n", "replace-with-insert": False}), DATA, DATA)
becomes("tIME by days", dict(entry("tIME", **{"increment-datetime": True}), **{"date-increment": 3}), DATA,
        with_(*ALL[:6], ("tIME", struct.pack(">HBBBBB", 2020, 3, 1, 10, 11, 12)), PRIVATE))
becomes("tIME by increment-date", dict(entry("time", **{"increment-date": True}), **{"date-increment": -27}), DATA,
        with_(*ALL[:6], ("tIME", struct.pack(">HBBBBB", 2020, 1, 31, 10, 11, 12)), PRIVATE))
becomes("tIME replaced", entry("tIME", **{"replace-with": "2000-01-02 03:04:05"}), DATA,
        with_(*ALL[:6], ("tIME", struct.pack(">HBBBBB", 2000, 1, 2, 3, 4, 5)), PRIVATE))
becomes("tIME that is none", entry("tIME", **{"replace-with": "2000-13-02"}), DATA, None)
becomes("a private chunk by its exact type", entry("prVt", remove=True), DATA, with_(*ALL[:-1]))
becomes("remove-private-chunks", {"remove-private-chunks": True}, DATA, with_(*ALL[:-1]))
becomes("… but for what is named", dict(entry("prVt", keep=True), **{"remove-private-chunks": True}), DATA, DATA)
for kind, name in ((im.ztxt, "zTXt:K"), (im.itxt, "iTXt:K")):
    got, _, r = run(entry(name, **{"regex-sub": [{"input-regex": "(?P<a>.)nn", "output": "{a}xx"}]}), im.png([kind("K", "Ann")]))
    tap.ok(got is not None and im.holds(got, "Axx") and not im.holds(got, "Ann"), name + " with regex-sub", r)
got, _, r = run(entry("iTXt:Title", hash=True), DATA)

tap.ok(got is not None and [d[6] for t, d in im.chunks(got)[0] if t == "iTXt"] == [0, 1] and im.holds(got, h("packed")) and
       im.holds(got, h("Tïtle")) and b"Titel\0" in got, "packed text stays packed, with its language", r)
got, _, r = run({"fields": [{"regex": ".*", "remove": True}]}, DATA)
tap.ok(got is not None and [t for t, _ in im.chunks(got)[0]] == ["IHDR", "gAMA", "pHYs", "IDAT", "IDAT", "IEND"],
       "an expression for everything leaves the image", r)
key = {"secret-key": "00112233445566778899aabbccddeeff"}
locked, _, _ = run(dict(entry("tEXt:Author", encrypt=True), **key), DATA)
becomes("encrypt and decrypt", dict(entry("tEXt:Author", decrypt=True), **key), locked or b"", DATA)

# ---- EXIF and XMP ---------------------------------------------------------------------------------

EXIF = ("eXIf", im.exif_block({315: (2, "Ann"), 305: (2, "prog")}))
XMP = im.itxt("XML:com.adobe.xmp", im.packet(im.seq("dc:creator", "Ann", "Bob") + "<xmp:Rating>5</xmp:Rating>"))
BOTH = im.png([EXIF, XMP])
got, _, r = run(entry("Artist", hash=True), BOTH)
tap.ok(got is not None and h("Ann").encode() in got and not im.holds(got, "Ann") and not im.holds(got, "Bob") and b"Rating" in got,
       "a tag of EXIF, and its mirror in XMP", r)
got, _, r = run(entry("XMP:creator", hash=True), BOTH)
tap.ok(got is not None and h("Ann").encode() in got and h("Bob").encode() in got and not im.holds(got, "Ann"),
       "a property of XMP, and its mirror in EXIF", r)
becomes("… that is kept where an entry names it", {"fields": [{"name": "Artist"}, {"name": "XMP:dc:creator", "remove": True}]}, im.png([EXIF]),
        im.png([EXIF]))
becomes("remove-exif", {"remove-exif": True}, im.png([EXIF, ALL[2]]), im.png([ALL[2]]))
becomes("eXIf as a chunk", entry("exif", remove=True), im.png([EXIF, ALL[2]]), im.png([ALL[2]]))
becomes("remove-xmp", {"remove-xmp": True}, im.png([ALL[2], XMP]), im.png([ALL[2]]))
hidden = im.ztxt("Raw profile type exif", "\nexif\n  8\n" + b"Exif\0\0An".hex())
becomes("hexadecimal EXIF goes with EXIF", entry("Artist", remove=True), im.png([hidden]), im.png())
becomes("… and is left where nothing of it is acted on", entry("tEXt:Author", remove=True), im.png([ALL[2], hidden]), im.png([hidden]))
got, _, r = run(entry("Artist", **{"replace-with": "N"}), im.png())
tap.ok(got is not None and [t for t, _ in im.chunks(got)[0]] == ["IHDR", "eXIf", "IDAT", "IEND"], "a new eXIf chunk", r)
fields = tap.deid("fields", tap.write(os.path.join(tap.scratch(), "a.png"), im.png(ALL + [EXIF, XMP]) + b"t")).out.splitlines()
tap.ok({"IHDR", "gAMA", "tEXt:Author", "zTXt:Comment", "iTXt:Title", "tIME", "prVt", "eXIf", "Artist", "XMP:dc:creator", "XMP:xmp:Rating", "IDAT",
        "Trailer"} <= set(fields), "deid fields lists every chunk, tag and property", fields)

# ---- strip: a token in every place ----------------------------------------------------------------

PLACES = {
    "tEXt": im.text("K", "TOKEN"), "keyword": im.text("TOKEN", ""), "zTXt": im.ztxt("K", "TOKEN"), "iTXt": im.itxt("K", "TOKEN"),
    "packed iTXt": im.itxt("K", "TOKEN", True), "translated keyword": im.itxt("K", "x", False, "de", "TOKEN"), "private": ("prVt", b"TOKEN"),
    "XMP": im.itxt("XML:com.adobe.xmp", im.packet("<xmp:Label>TOKEN</xmp:Label>")),
    "packed XMP": im.itxt("XML:com.adobe.xmp", im.packet("<xmp:Label>TOKEN</xmp:Label>"), True),
    "EXIF": ("eXIf", im.exif_block({315: (2, "TOKEN"), 274: (3, [6])})),
    "UTF-16 in EXIF": ("eXIf", im.exif_block({0x9C9D: (1, "TOKEN".encode("utf-16-le"))})),
    "maker note": ("eXIf", im.exif_block(exif={0x927C: (7, b"TOKEN")}, order=">")),
    "profile's name": ("iCCP", b"TOKEN\0\0" + zlib.compress(im.profile("x"))),
    "profile": ("iCCP", b"p\0\0" + zlib.compress(im.profile("TOKEN"))),
    "profile, version 4": ("iCCP", b"p\0\0" + zlib.compress(im.profile("TOKEN", 4))),
    "damaged profile": ("iCCP", b"p\0\0TOKEN"),
    "hexadecimal": im.text("Raw profile type iptc", b"TOKEN".hex()), "sPLT": ("sPLT", b"TOKEN\0\x08"), "long pHYs": ("pHYs", bytes(9) + b"TOKEN"),
    "unknown public": ("aaAa", b"TOKEN"), "dSIG": ("dSIG", b"TOKEN"), "pCAL": ("pCAL", b"TOKEN\0"),
}
files = {"%02d.png" % i: im.png([p]) for i, p in enumerate(PLACES.values())}
files["all.png"] = im.png([p for k, p in PLACES.items()], [PLACES["tEXt"], PLACES["XMP"]], b"TOKEN")
tap.ok(all(im.holds(d, "TOKEN") for d in files.values()), "the tokens can be found")
out, lines, r = batch.run({"png": {"strip": True}}, files)
names = list(PLACES) + ["all"]
bad = [names[i] for i, n in enumerate(sorted(files)) if n not in out or im.holds(out[n], "TOKEN")]
tap.ok(not bad, "strip leaves no token", "%r\n%r" % (bad, r))
image = [(t, d) for t, d in im.chunks(im.png())[0]]
tap.ok(all([c for c in im.chunks(d)[0] if c in image] == image and im.chunks(d)[1] == b"" for d in out.values()), "… and the image as it was")
kept = dict(im.chunks(out.get("%02d.png" % list(PLACES).index("EXIF"), im.png()))[0])
tap.is_(kept.get("eXIf"), im.exif_block({274: (3, [6])}, order=">")[:26], "… and the orientation, alone")
icc = dict(im.chunks(out.get("%02d.png" % list(PLACES).index("profile"), im.png()))[0]).get("iCCP", b"")
tap.ok(icc[:5] == b"icc\0\0" and b"curv" in zlib.decompress(icc[5:]), "… and the colours of the profile", icc)
ANIMATED = [("acTL", struct.pack(">II", 2, 0)), ("fcTL", bytes(26))], [("fcTL", b"\0\0\0\1" + bytes(22)), ("fdAT", b"\0\0\0\2" + im.PIXELS)]
becomes("strip keeps an animation", {"strip": True}, im.png(ANIMATED[0] + [im.text("K", "x")], ANIMATED[1]), im.png(*ANIMATED))

# ---- refused --------------------------------------------------------------------------------------


def fails(what, section, data, *words):
    got, line, r = run(section, data)
    tap.ok(got is None and r.status == 1 and all(w in line.get("reason", "") for w in words), what, "%r %r" % (line, r))


STRIP = {"strip": True}
cuts = {"%04d.png" % n: DATA[:n] for n in range(len(DATA))}
out, _, r = batch.run({"png": {"fields": []}}, cuts)
tap.ok(not out and r.status == 1, "every cut fails", sorted(out)[:5])
flipped = {"%04d.png" % n: DATA[:n] + bytes([DATA[n] ^ 1]) + DATA[n + 1:] for n in range(8, len(DATA))}
out, _, r = batch.run({"png": STRIP}, flipped)
tap.ok(not out, "every changed bit fails: checksums", sorted(out)[:5])
fails("a critical chunk that is not known", {}, im.png([("ABCD", b"")]), "critical")
fails("IDAT in two places", {}, im.png([("IDAT", im.PIXELS), im.text("a", "b")]), "IDAT")
fails("two IHDR", {}, im.png([("IHDR", im.IHDR)]), "IHDR")
fails("PLTE behind the image", {}, im.png((), [("PLTE", b"\0\0\0")]), "PLTE")
fails("bytes behind the image, where something changes", entry("tEXt:Author", remove=True), DATA + b"tail", "after the end")
becomes("… taken out", {"remove-trailer": True}, DATA + b"tail", DATA)
becomes("… named", {"fields": [{"name": "Trailer"}, {"name": "tEXt:Late", "remove": True}]}, DATA + b"tail", im.png(ALL, idat=(im.PIXELS[:5], im.PIXELS[5:])) + b"tail")
bomb = ("zTXt", b"K\0\0" + zlib.compress(bytes(300 << 20), 9))
fails("a text that unpacks to 300 MiB", entry("zTXt:K", hash=True), im.png([bomb]), "8 MiB")
becomes("… goes under strip", STRIP, im.png([bomb]), im.png())
becomes("… and can be removed", entry("zTXt:K", remove=True), im.png([bomb]), im.png())
fails("packed XMP that is damaged", entry("XMP:creator", remove=True), im.png([("iTXt", b"XML:com.adobe.xmp\0\1\0\0\0xx")]), "damaged")
fails("EXIF with a loop", entry("Artist", remove=True), im.png([("eXIf", b"II*\0\x08\0\0\0\0\0\x08\0\0\0")]))
for section, word in ((entry("IHDR", remove=True), "cannot be read"), (entry("gAMA", **{"replace-with": "x"}), "removed, and kept"), (entry("nonsense", remove=True), "no name"),
                      (entry("Trailer", **{"replace-with": "x"}), "removed, and kept"), ({"mask": [{"remove": [0, 0, 0, 1]}]}, "the box is empty")):
    got, _, r = run(section, DATA)
    tap.ok(r.status == 2 and word in r.err + r.out and got is None, "refused at once: %r" % section, r)

# ---- other programs -------------------------------------------------------------------------------

if shutil.which("pngcheck"):
    d = tap.scratch()
    got, _, _ = run({"fields": [{"name": "tEXt:Author", "hash": True}, {"name": "iTXt:T", "replace-with": "x"}, {"name": "Artist", "replace-with": "x"}]}, im.png(ALL[:-1]))
    paths = [tap.write(d + "/a.png", got or b""), tap.write(d + "/b.png", run(STRIP, im.png([PLACES[k] for k in ("tEXt", "private", "profile", "EXIF")]))[0] or b"")]
    p = subprocess.run(["pngcheck", "-q"] + paths, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    tap.ok(p.returncode == 0, "pngcheck finds no fault", p.stdout)
else:
    tap.skip("pngcheck finds no fault", "no pngcheck")
tap.done()
