# SPDX-License-Identifier: MIT
"""tiff: what strip leaves, each action in each place, and that nothing of an old value stays anywhere in the file."""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import tap  # noqa: E402
import tifffile as T  # noqa: E402
import tiffplant  # noqa: E402

tap.needs("image")
try:
    from PIL import Image
except ImportError:
    Image = None

scratch = tap.scratch()
KINDS = [("<", False), (">", False), ("<", True), (">", True)]
count = 0


def run(profile, data, *args, name="a.tif"):
    """(output or None, result)"""
    global count
    count += 1
    folder = os.path.join(scratch, str(count))
    tap.write(os.path.join(folder, "p.yaml"), profile)
    tap.write(os.path.join(folder, name), data)
    r = tap.deid("run", "-p", "p.yaml", "-o", "out", *args, name, cwd=folder)
    path = os.path.join(folder, "out", name)
    return (tap.read(path) if os.path.exists(path) else None), r


def fields(data):
    path = tap.write(os.path.join(scratch, "fields.tif"), data)
    return [line.partition("\t")[::2] for line in tap.deid("fields", "--values", path).out.splitlines()]


def values(data, name):
    """What `deid fields` says, which is the first value of each name."""
    return [v for k, v in fields(data) if k == name]


def every(data, tag):
    """The tag's values in all IFDs, as bytes."""
    def walk(d):
        out = [d[tag][1]] if tag in d else []
        for kind, v in d.values():
            out += [x for sub in (v if isinstance(v, list) else []) for x in walk(sub)]
        return out
    return [x for p in T.Reader(data).pages for x in walk(p)]


def clean(data):
    """No byte that nothing refers to holds anything."""
    return not T.Reader(data).unused().strip(b"\0")


def images(data):
    """The image data of all pages and SubIFDs."""
    r = T.Reader(data)
    out = []
    for p in r.pages:
        for d in [p] + list(p.get(330, (0, []))[1]):
            out.append(r.image(d))
    return out


def label(kind):
    return "%s-endian %s" % ("little" if kind[0] == "<" else "big", "BigTIFF" if kind[1] else "TIFF")


# ---- identity and strip --------------------------------------------------------------------------

NEEDED = {254, 255, 256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 282, 283, 284, 296, 330, 34675}
for kind in KINDS:
    data = tiffplant.build(*kind)
    out, r = run("tiff: {fields: []}", data)
    tap.ok(out == data, "%s: no rule, no change" % label(kind), r)
    out, r = run("tiff: {strip: true}", data)
    if not tap.ok(out is not None, "%s: strip" % label(kind), r):
        continue
    tap.is_(tiffplant.leaks(out), [], "%s: no token is left" % label(kind))
    tap.ok(tiffplant.leaks(data), "%s: there were some" % label(kind))
    tap.is_(images(out), images(data), "%s: the image data are the same" % label(kind))
    got, was = T.Reader(out), T.Reader(data)
    tap.is_([set(p) - NEEDED for p in got.pages], [set(), set()], "%s: only what showing needs is left" % label(kind))
    tap.is_([[p[t] for t in (256, 274, 282)] for p in got.pages], [[p[t] for t in (256, 274, 282)] for p in was.pages],
            "%s: size, orientation and resolution stay" % label(kind))
    tap.ok(all(p[34675][1][36:40] == b"acsp" and b"curv" in p[34675][1] for p in got.pages), "%s: so do the profile's colours" % label(kind))
    tap.ok(clean(out), "%s: nothing is in between" % label(kind))
    again, r = run("tiff: {strip: true}", out)
    tap.ok(again == out, "%s: a second time changes nothing" % label(kind), r)

# ---- other programs see the same image, and no new fault -------------------------------------------


def said(*cmd):
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return [x.decode("utf-8", "replace").splitlines() for x in (p.stdout, p.stderr)]


def pixels(data):
    path = tap.write(os.path.join(scratch, "pil.tif"), data)
    with Image.open(path) as im:
        out = []
        for i in range(im.n_frames):
            im.seek(i)
            out.append((im.mode, im.size, im.tobytes()))
        return out


def faults(data):
    """Lines in which exiftool and tiffinfo complain."""
    path = tap.write(os.path.join(scratch, "tool.tif"), data)
    out = []
    if shutil.which("exiftool"):
        out += ["exiftool " + x for x in said("exiftool", "-validate", "-warning", "-error", "-a", path)[0] if re.match("(Warning|Error) ", x)]
    if shutil.which("tiffinfo"):
        out += ["tiffinfo " + x for x in said("tiffinfo", "-D", path)[1]]
    return sorted({re.sub(r"\d+", "N", x) for x in out})


CHANGES = """tiff:
  date-increment: 3
  salt: s
  fields:
  - {name: ImageDescription, replace-with: "a much longer description than the one before, so that it has to move elsewhere"}
  - {name: artist, remove: true}
  - {name: DateTime, increment-datetime: true}
  - {name: UserComment, replace-with: "Grüße"}
  - {name: GPSLatitude, remove: true}
  - {name: XPAuthor, hash: true}
  - {name: 65001, hash: true}
  - {name: LensModel, replace-with: new}
"""
for kind in KINDS:
    data = tiffplant.build(*kind)
    for what, profile in (("strip", "tiff: {strip: true}"), ("changes", CHANGES)):
        out, r = run(profile, data)
        if not tap.ok(out is not None, "%s: %s" % (label(kind), what), r):
            continue
        tap.is_(images(out), images(data), "%s: %s: image data" % (label(kind), what))
        if kind == ("<", False) or not kind[1]:
            tap.is_(sorted(set(faults(out)) - set(faults(data))), [], "%s: %s: no new fault" % (label(kind), what))
            if Image:
                tap.is_(pixels(out), pixels(data), "%s: %s: PIL sees the same pixels" % (label(kind), what))
            else:
                tap.skip("PIL", "no python3-pil")

# ---- actions -------------------------------------------------------------------------------------

for kind in KINDS:
    data = tiffplant.build(*kind)
    out, r = run(CHANGES, data)
    if not out:
        continue
    n = label(kind)
    tap.ok(clean(out), n + ": nothing is left between the parts")
    tap.ok(all(tiffplant.token(p + t) not in out for p in ("first", "second") for t in ("-description", "-artist", "-private")),
           n + ": old values are gone")
    tap.is_((len(every(out, 270)), len(set(every(out, 270)))), (6, 1), n + ": the same description in all pages and SubIFDs")
    tap.is_(every(out, 315), [], n + ": removed on every page")
    tap.is_(every(out, 306), [b"2020:01:05 03:04:05\0"] * 2, n + ": shifted on every page")
    comment = b"UNICODE\0" + "Gr\u00fc\u00dfe".encode("utf-16-le" if kind[0] == "<" else "utf-16-be")
    tap.is_(every(out, 37510), [comment] * 2, n + ": a comment in its own encoding")
    tap.is_(values(out, "UserComment"), ["Gr\u00fc\u00dfe"], n + ": … which is read again")
    tap.is_(values(out, "LensModel"), ["new"], n + ": a new tag")
    tap.is_(values(out, "GPSLatitude"), [], n + ": a GPS tag")
    tap.is_(len(every(out, 18)), 2, n + ": the others of its IFD stay")
    tap.ok(all(re.fullmatch(rb"[0-9a-f]{16}\0", v) for v in every(out, 65001)) and len(every(out, 65001)) == 2, n + ": hashed")
    tap.ok(all(re.fullmatch("[0-9a-f]{16}\0", v.decode("utf-16-le")) for v in every(out, 40093)), n + ": hashed, in UTF-16")
    kept = [x for x in fields(data) if x[0] in ("Make", "Model", "DocumentName", "Copyright", "MakerNote", "XMP", "GPSMapDatum")]
    tap.is_([x for x in fields(out) if x[0] in {k for k, _ in kept}], kept, n + ": what no entry names stays")
    for tag in (37500, 700):
        was, got = [T.Reader(x).pages[1] for x in (data, out)]
        if tag == 37500:
            was, got = was[34665][1][0], got[34665][1][0]
        tap.is_(got[tag], was[tag], n + ": tag %d is the same" % tag)

for kind in KINDS:
    # The maker note keeps its place, for what it holds may be offsets in the file.
    data = tiffplant.build(*kind)
    out, r = run("tiff: {fields: [{name: Make, remove: true}, {name: UserComment, replace-with: %s}]}" % ("x" * 500), data)
    note = tiffplant.token("first-makernote")
    tap.is_(out.find(note), data.find(note), label(kind) + ": the maker note keeps its place")

BASE = {270: (2, "Ann"), 282: (5, [(72, 1)]), 305: (2, "scanner"), 315: (2, "12"), 306: (2, "2020:02:27 10:11:12")}


def act(entry, tags=None, section="", data=None, *args):
    data = data or T.build([T.page(tags or BASE)])
    out, r = run("tiff:\n  salt: s\n  secret-key: 00112233445566778899aabbccddeeff\n%s  fields:\n  - %s\n" % (section, entry), data, *args)
    return out, r


out, r = act("{name: ImageDescription, hash: true}")
tap.is_(values(out, "ImageDescription"), ["c5e4850782ae7a4a"], "hash: of salt and text")
out, r = act("{name: IMAGEDESCRIPTION, replace-with: Bo}")
tap.is_(values(out, "ImageDescription"), ["Bo"], "names in any case")
tap.ok(len(out) == len(T.build([T.page(BASE)])), "what fits goes where the old value was")
for name in ("270", "0x10e", "0x10E", "TIFF:270", "EXIF:ImageDescription", '"0x010e"'):
    out, r = act("{name: '%s', remove: true}" % name.strip('"'))
    tap.is_(values(out, "ImageDescription"), [], "named " + name)
out, r = act("{name: ModifyDate, increment-datetime: true}", section="  date-increment: 3\n")
tap.is_(values(out, "DateTime"), ["2020:03:01 10:11:12"], "the names of exiftool")
out, r = act("{name: DateTime, increment-date: true}", section="  date-increment: 3\n  date-format: '%Y:%m:%d %H:%M:%S'\n")
tap.is_(values(out, "DateTime"), ["2020:03:01 10:11:12"], "increment-date with a pattern")
out, r = act("{name: DateTime, increment-datetime: true}", {306: (2, "    :  :     :  :  ")}, "  date-increment: 3\n")
tap.is_(T.Reader(out).pages[0][306][1], b"    :  :     :  :  \0", "an unknown date is empty, and left alone")
out, r = act("{name: DateTime, increment-datetime: true}", {306: (2, "27 Feb 2020")}, "  date-increment: 3\n")
tap.ok(out is None and r.status == 1 and "27 Feb" not in r.err, "a date in another form fails the file", r)
out, r = act("{name: Artist, jitter: true, jitter-type: int, jitter-range: 3}", None, "", None, "--seed", "1")
tap.ok(values(out, "Artist")[0] in [str(n) for n in range(9, 16) if n != 12], "jitter", values(out, "Artist"))
out, r = act("{name: XResolution, jitter: true, jitter-range: 2}", None, "", None, "--seed", "1")
tap.ok(70 <= float(values(out, "XResolution")[0]) <= 74, "jitter of a fraction", values(out, "XResolution"))
out, r = act("{name: Software, regex-sub: [{input-regex: '(?P<a>sc)(?P<b>.*)', output: '{b}-{ImageDescription}', groups: [{name: ImageDescription, keep: true}]}]}")
tap.is_(values(out, "Software"), ["anner-Ann"], "regex-sub, with another tag")
out, r = act("{name: ImageDescription, encrypt: true}")
back, r = act("{name: ImageDescription, decrypt: true}", data=out)
tap.ok(values(out, "ImageDescription") != ["Ann"] and values(back, "ImageDescription") == ["Ann"], "encrypt and decrypt")
out, r = act("{name: ImageDescription, replace-with: ''}")
tap.is_(T.Reader(out).pages[0][270], (2, b"\0"), "an empty text")
out, r = act("{name: ImageDescription, replace-with: [a, b]}")
tap.is_(T.Reader(out).pages[0][270], (2, b"a\0b\0"), "a list becomes the texts of one tag")
out, r = act("{name: XResolution, replace-with: 1/3}")
tap.is_(T.Reader(out).pages[0][282][1], b"\1\0\0\0\3\0\0\0", "a fraction")
out, r = act("{name: XResolution, replace-with: 96.5}")
tap.is_(T.Reader(out).pages[0][282][1], b"\xc1\0\0\0\2\0\0\0", "a decimal")
out, r = act("{name: XResolution, replace-with: wide}")
tap.ok(out is None and r.status, "a text for a number fails", r)
out, r = act("{name: XResolution, replace-with: wide, on-error: remove}")
tap.ok(out is not None and not values(out, "XResolution"), "on-error: remove", r)
out, r = act("{name: Orientation, replace-with: 70000, on-error: keep}", {274: (3, [6])})
tap.is_(values(out, "Orientation") if out else r, ["6"], "a number that the type cannot hold: on-error")
out, r = act("{regex: '.*', remove: true}")
tap.ok(out is not None and set(T.Reader(out).pages[0]) == {256, 257, 258, 259, 262, 273, 277, 278, 279}, "a regex passes over what the image needs", r)
out, r = act("{regex: '2(70|82)$', remove: true}")
tap.is_(sorted(set(T.Reader(out).pages[0]) & set(BASE)), [305, 306, 315], "a regex meets numbers too")
out, r = act("{name: StripOffsets, remove: true}")
tap.is_(r.status, 2, "an entry for what the image needs is an error of the profile")
out, r = act("{name: NoSuchTag, remove: true}")
tap.is_(r.status, 2, "an unknown name is one too")
out, r = act("{name: Make, replace-with: ACME, replace-with-insert: false}")
tap.ok(out == T.build([T.page(BASE)]), "replace-with-insert: false", r)
out, r = act("{name: ImageDescription, hash: true}", {270: (2, b"J\xfcrgen\0")})
latin, r = act("{name: ImageDescription, hash: true}", {270: (2, "J\u00fcrgen")})
tap.is_(values(out, "ImageDescription"), values(latin, "ImageDescription"), "ISO 8859-1 is the same text as UTF-8")

# ---- new tags ------------------------------------------------------------------------------------

for kind in KINDS:
    bare = T.build([T.page(), T.page()], *kind)
    out, r = run("""tiff:
  fields:
  - {name: Artist, replace-with: Bo}
  - {name: UserComment, replace-with: note}
  - {name: ExposureTime, replace-with: 1/60}
  - {name: GPSLatitude, replace-with: [51, 30, 12.5]}
  - {name: GPSLatitudeRef, replace-with: N}
  - {name: InteroperabilityIndex, replace-with: R98}
""", bare)
    if not tap.ok(out is not None, "%s: new tags" % label(kind), r):
        continue
    p = T.Reader(out).pages
    tap.is_([sorted(set(x) - set(T.Reader(bare).pages[0])) for x in p], [[315, 34665, 34853], []], label(kind) + ": in the first page")
    tap.ok(list(p[0]) == sorted(p[0]), label(kind) + ": in their order")
    tap.is_({k: v for k, v in fields(out) if k in ("Artist", "UserComment", "ExposureTime", "GPSLatitude", "GPSLatitudeRef", "GPSVersionID", "InteroperabilityIndex", "ExifVersion")},
            {"Artist": "Bo", "UserComment": "note", "ExposureTime": "1/60", "GPSLatitude": "51\\30\\12.5", "GPSLatitudeRef": "N",
             "GPSVersionID": "2\\3\\0\\0", "InteroperabilityIndex": "R98", "ExifVersion": "0232"}, label(kind) + ": with what the standard demands")
    tap.is_(images(out), images(bare), label(kind) + ": the image data are the same")
    tap.ok(clean(out), label(kind) + ": nothing in between")
    back, r = run("tiff: {fields: [{name: GPSInfo, remove: true}, {name: ExifIFD, remove: true}, {name: Artist, remove: true}]}", out)
    tap.is_([set(x) for x in T.Reader(back).pages], [set(x) for x in T.Reader(bare).pages], label(kind) + ": and out again")
    tap.ok(b"note" not in back and clean(back), label(kind) + ": without a trace")

# An IFD that lost its last tag goes.
data = T.build([T.page({34665: (4, [T.Ifd({42016: (2, "Ann-Ann-Ann")})])})])
out, r = run("tiff: {fields: [{name: ImageUniqueID, remove: true}]}", data)
tap.ok(34665 not in T.Reader(out).pages[0] and b"Ann" not in out, "an EXIF IFD without tags goes")

# Two tags may have their value in one place: what one loses the other keeps.
shared = bytearray(T.build([T.page({270: (2, "Ann was here"), 315: (2, "Bo was there")})]))
at = shared.find(b"Ann was")
entry = shared.find(bytes([0x3B, 1, 2, 0]))
shared[entry + 8:entry + 12] = at.to_bytes(4, "little")
for profile, left in (("{name: Artist, remove: true}", {"ImageDescription": "Ann was here"}),
                      ("{name: Artist, replace-with: 'Cy was there'}", {"ImageDescription": "Ann was here", "Artist": "Cy was there"}),
                      ("{regex: '(Artist|ImageDescription)$', replace-with: 'somebody, anywhere'}",
                       {"ImageDescription": "somebody, anywhere", "Artist": "somebody, anywhere"}),
                      ("{regex: '(Artist|ImageDescription)$', remove: true}", {})):
    out, r = run("tiff: {fields: [%s]}" % profile, bytes(shared))
    tap.is_({k: v for k, v in fields(out) if k in ("ImageDescription", "Artist")}, left, "a shared value: " + profile)
    tap.ok(("Ann was here" in left.values()) == (b"Ann was" in out) and b"Bo was" not in out, "… and no rest of it")

# ---- settings ------------------------------------------------------------------------------------

for kind in KINDS:
    data = tiffplant.build(*kind)
    out, r = run("tiff: {remove-private-tags: true, fields: [{name: 65003, keep: true}, {name: GPSMapDatum, keep: true}]}", data)
    n = label(kind) + ": remove-private-tags"
    tap.is_([{t for t in p if t >= 32768} for p in T.Reader(out).pages], [{34675, 34853, 65003}] * 2, n)
    tap.is_([set(p[34853][1][0]) for p in T.Reader(out).pages], [{18}] * 2, n + " leaves what an entry names")
    tap.ok(tiffplant.token("first-description") in out and tiffplant.token("second-datum") in out, n + " leaves the others")
    tap.ok(all(tiffplant.token(p + t) not in out for p in ("first", "second")
               for t in ("-private", "-serial", "-makernote", "-copyright", "-iptc", "-method", "-interop")), n + " leaves nothing behind")
    out, r = run("tiff: {remove-private-tags: true, fields: [{regex: '.*', keep: true}]}", data)
    tap.ok(tiffplant.token("first-private") not in out, n + ": a regex protects nothing")

PAGES = [T.page({270: (2, "page-%d" % i)}, pixels=(b"<data-%d>" % i * 3)[:16]) for i in range(1, 5)]
for kind in KINDS:
    data = T.build(PAGES, *kind)
    for chosen, left in (("2", [1, 3, 4]), ("[1]", [2, 3, 4]), ("[4, 1]", [2, 3]), ("[2, 3]", [1, 4])):
        out, r = run("tiff: {remove-pages: %s}" % chosen, data)
        tap.is_(every(out, 270), [b"page-%d\0" % i for i in left], "%s: remove-pages: %s" % (label(kind), chosen))
        tap.ok(clean(out) and not any(b"data-%d" % i in out for i in range(1, 5) if i not in left), "… with its image data")
        tap.is_(images(out), [images(data)[i - 1] for i in left], "… and the others' are the same")
out, r = run("tiff: {remove-pages: [1, 2, 3, 4]}", T.build(PAGES))
tap.ok(out is None and r.status == 1, "no page left: the file fails", r)
out, r = run("tiff: {remove-pages: [5, label]}", T.build(PAGES))
tap.ok(out == T.build(PAGES) and r.status == 0, "a page that is not there: nothing to do", r)
out, r = run("tiff: {remove-pages: [5, label]}", T.build(PAGES), "--strict")
tap.ok(out is None and r.status == 1, "… and a warning", r)
for wrong in ("0", "-1", "thumbnail", "[1, x]"):
    out, r = run("tiff: {remove-pages: %s}" % wrong, T.build(PAGES))
    tap.is_(r.status, 2, "remove-pages: %s is an error" % wrong)
SLIDES = {
    "Aperio": [{270: (2, "Aperio Image Library v11\r\n2000x1000 |Filename = Ann")}, {270: (2, "Aperio Image Library v11\r\nlabel 400x300")},
               {270: (2, "Aperio Image Library v11\r\nmacro 400x300"), 254: (4, [9])}],
    "Aperio without words": [{270: (2, "Aperio Leica Biosystems GT450")}, {254: (4, [1])}, {254: (4, [9])}],
    "Philips": [{270: (2, "<?xml version?>")}, {270: (2, "Label")}, {270: (2, "Macro")}],
    "Ventana": [{270: (2, "level=0")}, {270: (2, "Label_Image")}, {270: (2, "macro")}],
}
for maker, tags in SLIDES.items():
    data = T.build([T.page(t, pixels=(b"<pixels-%d>" % i * 3)[:16]) for i, t in enumerate(tags)])
    for chosen, left in (("label", [0, 2]), ("macro", [0, 1]), ("[label, macro]", [0])):
        out, r = run("tiff: {remove-pages: %s}" % chosen, data)
        tap.ok(out is not None and images(out) == [images(data)[i] for i in left], "%s: %s" % (maker, chosen), r)
data = T.build([T.page({65421: (11, [20.0])}), T.page({65421: (11, [-1.0])}, pixels=b"macro and label.")])
out, r = run("tiff: {remove-pages: label}", data)
tap.ok(out is not None and len(T.Reader(out).pages) == 1 and b"macro and" not in out, "Hamamatsu: the macro image shows the label", r)

# ---- cloud-optimised files -----------------------------------------------------------------------

LINES = (b"LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
         b"KNOWN_INCOMPATIBLE_EDITION=NO\n ")
GHOST = b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(LINES) + LINES


def cog(ghost=GHOST):
    """One page whose two tiles have their leaders and trailers, all IFDs before them."""
    tiles = [bytes(range(40, 56)), bytes(range(80, 96))]
    tags = {256: (3, [8]), 257: (3, [4]), 258: (3, [8]), 259: (3, [1]), 262: (3, [1]), 277: (3, [1]), 270: (2, "Ann was here"),
            322: (3, [4]), 323: (3, [4]), 325: (4, [16, 16]), 324: (4, [0x7A7A7A7A] * 2), 42113: (2, "0"), 65001: (2, "Bo was here")}
    data = bytearray(T.build([T.Ifd(tags)], head=ghost))
    at = len(data)
    field = data.find(b"z" * 8)
    for t in tiles:
        data += len(t).to_bytes(4, "little") + t + t[-4:]
    data[field:field + 8] = (at + 4).to_bytes(4, "little") + (at + 28).to_bytes(4, "little")
    return bytes(data), at, tiles


data, at, tiles = cog()
tap.is_(T.Reader(data).image(T.Reader(data).pages[0]), tiles, "the sample is what it should be")
for what, profile, edition in (("strip", "tiff: {strip: true}", b"=NO\n "), ("a shorter value", "tiff: {fields: [{name: 270, replace-with: x}]}", b"=NO\n "),
                               ("a longer value", "tiff: {fields: [{name: 270, replace-with: %s}]}" % ("x" * 99), b"=YES\n")):
    out, r = run(profile, data)
    tap.ok(out is not None and out[at:at + 48] == data[at:at + 48], "cloud-optimised, %s: tiles, leaders and trailers keep their place" % what, r)
    tap.ok(b"EDITION" + edition in out[:200] and out[8:40] == data[8:40], "cloud-optimised, %s: the file says whether something moved" % what, out[:250])
    tap.ok(b"Ann" not in out, "cloud-optimised, %s: the old value is gone" % what)
false = GHOST.replace(b"BLOCK_ORDER=ROW_MAJOR", b"PATIENT_NAME=ANN_X_X_")
data, at, tiles = cog(false)
out, r = run("tiff: {strip: true}", data)
tap.ok(out is not None and b"ANN_X_X" not in out, "what only looks like such a head goes", r)

# ---- listing -------------------------------------------------------------------------------------

listed = {k for k, _ in fields(tiffplant.build())}
tap.ok({"ImageWidth", "StripOffsets", "ImageDescription", "UserComment", "GPSMapDatum", "MakerNote", "XMP", "65001", "RelatedImageFileFormat",
        "ExifIFD", "SubIFDs"} <= listed, "deid fields lists every tag", sorted(listed))
for name in sorted(listed):
    r = tap.deid("check", "-p", tap.write(os.path.join(scratch, "check.yaml"), "tiff: {fields: [{name: '%s', keep: true}]}" % name))
    if r.status:
        tap.ok(False, "a profile can use the name " + name, r)
tap.done()
