# SPDX-License-Identifier: MIT
"""Masks in compressed DICOM pixel data: other programs compress the images and decode what came out. Masked pixels are
black, of lossless syntaxes every other sample is what it was, of lossy ones every pixel of blocks that no box cuts."""
import os
import random
import shutil
import struct
import subprocess

import dicomkit as kit
from dicomkit import EX, tap

try:
    import pydicom
except ImportError:
    tap.skip_all("no pydicom")
for tool in ("dcmcjpeg", "dcmdjpeg", "dcmcjpls", "dcmdjpls"):
    if not shutil.which(tool):
        tap.skip_all("no " + tool)

LONG = os.environ.get("DEID_TEST_LONG")
W, H = 53, 37
BOXES = [[8, 0, 24, 8], [30, 17, 31, 18], [40, 20, W, H]]
PROFILE = """dicom:
  %s
  alter-pixels:
    pixels:
      - when: present Rows
        remove: %s
""" % ("%s", BOXES)

work = tap.scratch()
count = 0


def image(allocated=8, stored=8, signed=False, samples=1, photometric="MONOCHROME2", frames=1, smooth=False):
    """A native file: bright noise, or a bright ramp for what is compressed with loss. Its path and samples."""
    global count
    count += 1
    rng = random.Random(count)
    low, high = (-(1 << stored - 1), (1 << stored - 1) - 1) if signed else (0, (1 << stored) - 1)
    span = (high - low) // 4
    n = W * H * frames
    if smooth:
        values = [low + 2 * span + (i % W) * span // W + (i // W % H) * span // H for i in range(n) for _ in range(samples)]
    else:
        values = [low + span + rng.randrange(2 * span) for _ in range(n * samples)]
    cells = struct.pack("<%d%s" % (len(values), {8: "bB", 16: "hH"}[allocated][not signed]), *values)
    data = (EX.el(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.7") + EX.el(0x00080018, "UI", "1.2.3.%d" % count) +
            EX.el(0x00080060, "CS", "OT") + EX.us(0x00280002, samples) + EX.el(0x00280004, "CS", photometric))
    if samples > 1:
        data += EX.us(0x00280006, 0)
    if frames > 1:
        data += EX.el(0x00280008, "IS", str(frames))
    data += (EX.us(0x00280010, H) + EX.us(0x00280011, W) + EX.us(0x00280100, allocated) + EX.us(0x00280101, stored) +
             EX.us(0x00280102, stored - 1) + EX.us(0x00280103, signed) +
             EX.el(0x7FE00010, "OW" if allocated > 8 else "OB", cells))
    path = "%s/%d.dcm" % (work, count)
    tap.write(path, kit.head(sop="1.2.3.%d" % count) + data)
    return path


def tool(name, *args):
    p = subprocess.run([name, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return p.returncode == 0, p.stdout.decode("latin-1")


def run(path, setting="", profile=None, plugins=tap.PLUGINS):
    """The output's path or None, and the result."""
    out = path + ".out"
    shutil.rmtree(out, ignore_errors=True)
    tap.write(path + ".yaml", profile or PROFILE % setting)
    r = tap.deid("run", "-p", path + ".yaml", "-o", out, path, cwd=work, plugins=plugins)
    files = os.listdir(out) if os.path.isdir(out) else []
    return (os.path.join(out, files[0]) if r.status == 0 and len(files) == 1 else None), r


def decode(path, decoder):
    """Its samples, pixel by pixel, and the data set without them."""
    ds = pydicom.dcmread(path)
    if ds.file_meta.TransferSyntaxUID.is_compressed:
        ok, text = tool(*decoder, path, path + ".native")
        if not ok:
            tap.note(text)
            return None, ds
        ds = pydicom.dcmread(path + ".native")
    form = {8: "bB", 16: "hH"}[ds.BitsAllocated][not ds.PixelRepresentation]
    n = ds.Rows * ds.Columns * ds.SamplesPerPixel * int(ds.get("NumberOfFrames", 1))
    size = ds.BitsAllocated // 8
    return struct.unpack("<%d%s" % (n, form), ds.PixelData[:n * size]), ds


def relabel(path, uid, to):
    """The file under another transfer syntax, whatever its pixel data are."""
    data = tap.read(path)
    meta, = struct.unpack("<I", data[140:144])
    tap.write(to, kit.head(syntax=uid) + data[144 + meta:])


def masked(x, y):
    return any(b[0] <= x < b[2] and b[1] <= y < b[3] for b in BOXES)


def near(x, y, margin):
    """In a block of 16 x 16 that a box cuts, or less than `margin` pixels from one."""
    return any(b[0] // 16 * 16 - margin <= x < (b[2] + 15) // 16 * 16 + margin and
               b[1] // 16 * 16 - margin <= y < (b[3] + 15) // 16 * 16 + margin for b in BOXES)


def inside(x, y, margin):
    return any(b[0] + margin <= x < b[2] - margin and b[1] + margin <= y < b[3] - margin for b in BOXES)


def compare(before, after, samples, black, exact=True, name=""):
    """One check: every sample of every frame."""
    wrong = []
    seen = [0, 0]
    for i, (a, b) in enumerate(zip(before, after)):
        x, y = i // samples % W, i // samples // W % H
        if masked(x, y):
            if (exact or inside(x, y, 2)) and b != black[i % samples]:
                wrong.append(("masked", x, y, b))
            seen[0] += 1
        elif (exact or not near(x, y, 2)) and a != b:
            wrong.append(("changed", x, y, a, b))
        else:
            seen[1] += 1
    tap.ok(len(before) == len(after) and not wrong and min(seen) > 0, name, wrong[:5])


def same_header(old, new):
    """What differs between two data sets but for the pixels."""
    a, b = pydicom.dcmread(old), pydicom.dcmread(new)
    out = [str(e.tag) for e in a if e.tag != 0x7FE00010 and (e.tag not in b or b[e.tag].value != e.value)]
    if a.file_meta.TransferSyntaxUID != b.file_meta.TransferSyntaxUID:
        out.append("transfer syntax")
    return out


# ---- lossless ---------------------------------------------------------------------------------------------

JPEG, LS = ["dcmdjpeg"], ["dcmdjpls"]
SHAPES = [
    ("8 bits", dict(), [0]),
    ("12 of 16 bits", dict(allocated=16, stored=12), [0]),
    ("16 bits", dict(allocated=16, stored=16), [0]),
    ("16 bits, signed", dict(allocated=16, stored=16, signed=True), [-32768]),
    ("12 of 16 bits, signed", dict(allocated=16, stored=12, signed=True), [-2048]),
    ("8 bits, MONOCHROME1", dict(photometric="MONOCHROME1"), [255]),
    ("12 of 16 bits, MONOCHROME1", dict(allocated=16, stored=12, photometric="MONOCHROME1"), [4095]),
    ("RGB", dict(samples=3, photometric="RGB"), [0, 0, 0]),
    ("YBR_FULL", dict(samples=3, photometric="YBR_FULL"), [0, 128, 128]),
    ("3 frames of 12 bits", dict(allocated=16, stored=12, frames=3), [0]),
    ("4 frames of RGB", dict(samples=3, photometric="RGB", frames=4), [0, 0, 0]),
]
CODERS = [
    ("JPEG lossless SV1", ["dcmcjpeg", "+e1"], JPEG),
    ("JPEG lossless", ["dcmcjpeg", "+el", "+sv", "6"], JPEG),
    ("JPEG-LS lossless", ["dcmcjpls", "+el"], LS),
]
# Photometric conversions are the decoder's business, not ours.
RAW = {"dcmdjpeg": ["+cn"], "dcmdjpls": []}


def lossless(name, path, coder, decoder, black, samples):
    packed = path + ".packed"
    ok, text = tool(*coder, path, packed)
    if not ok or not pydicom.dcmread(packed).file_meta.TransferSyntaxUID.is_compressed:
        tap.ok(False, name + ": compressed", text)
        return
    decoder = decoder + RAW[decoder[0]]
    out, r = run(packed)
    if not tap.ok(out, name + ": masked", r):
        return
    before, _ = decode(packed, decoder)
    after, _ = decode(out, decoder)
    if not tap.ok(after, name + ": decoded"):
        return
    tap.is_(same_header(packed, out), [], name + ": the header is what it was")
    compare(before, after, samples, black, name=name + ": black inside, every other sample as it was")


for coder_name, coder, decoder in CODERS:
    for shape_name, shape, black in SHAPES if LONG or coder_name != "JPEG lossless SV1" else SHAPES[1:2]:
        lossless("%s, %s" % (coder_name, shape_name), image(**shape), coder, decoder, black, shape.get("samples", 1))
for value in (1, 2, 3, 4, 5, 7) if LONG else (2, 7):
    lossless("JPEG lossless, predictor %d" % value, image(allocated=16, stored=16), ["dcmcjpeg", "+el", "+sv", str(value)],
             JPEG, [0], 1)
lossless("JPEG lossless, point transform", image(allocated=16, stored=16), ["dcmcjpeg", "+el", "+pt", "3"], JPEG, [0], 1)
lossless("JPEG lossless, point transform, MONOCHROME1", image(photometric="MONOCHROME1"),
         ["dcmcjpeg", "+el", "+pt", "2"], JPEG, [255], 1)
lossless("JPEG-LS near-lossless", image(smooth=True), ["dcmcjpls", "+en"], LS, [0], 1)
lossless("JPEG-LS near-lossless, 3 frames", image(smooth=True, allocated=16, stored=12, frames=3), ["dcmcjpls", "+en"], LS,
         [0], 1)
for order in ("+is", "+il", "+in"):
    lossless("JPEG-LS, RGB, %s" % order, image(samples=3, photometric="RGB"), ["dcmcjpls", "+el", order], LS, [0, 0, 0], 3)

# Another decoder: gdcm's.
if shutil.which("gdcmconv"):
    for name, coder, shape in (("JPEG lossless", ["dcmcjpeg", "+e1"], dict(allocated=16, stored=12)),
                               ("JPEG lossless, RGB", ["dcmcjpeg", "+e1"], dict(samples=3, photometric="RGB")),
                               ("JPEG-LS", ["dcmcjpls", "+el"], dict(allocated=16, stored=16))):
        path = image(**shape)
        before, _ = decode(path, JPEG)
        tool(*coder, path, path + ".packed")
        out, r = run(path + ".packed")
        after, _ = decode(out, ["gdcmconv", "--raw"]) if out else (None, None)
        if tap.ok(after, name + ": gdcm decodes it", r):
            n = shape.get("samples", 1)
            compare(before, after, n, [0] * n, name=name + ": and sees the same")
else:
    tap.skip("gdcm decodes it", "no gdcmconv")

# ---- lossy -------------------------------------------------------------------------------------------------

RGB = dict(samples=3, photometric="RGB", smooth=True)
LOSSY = [
    ("baseline, grey", ["+eb"], dict(smooth=True), [0]),
    ("baseline, MONOCHROME1", ["+eb"], dict(smooth=True, photometric="MONOCHROME1"), [255]),
    ("baseline, 4:4:4", ["+eb", "+s4"], RGB, [0, 0, 0]),
    ("baseline, 4:2:2", ["+eb", "+s2"], RGB, [0, 0, 0]),
    ("baseline, 4:2:0", ["+eb", "+s1"], RGB, [0, 0, 0]),
    ("baseline, RGB", ["+eb", "+cr"], RGB, [0, 0, 0]),
    ("baseline, 3 frames", ["+eb", "+s2"], dict(RGB, frames=3), [0, 0, 0]),
    ("extended, 8 bits", ["+ee"], dict(smooth=True), [0]),
    ("spectral selection", ["+es"], dict(smooth=True), [0]),
    ("progression", ["+ep"], dict(smooth=True), [0]),
]
for name, args, shape, black in LOSSY:
    path = image(**shape)
    ok, text = tool("dcmcjpeg", *args, path, path + ".packed")
    if not ok:
        # 4:2:0 is not what every version of it writes.
        tap.skip(name, "dcmcjpeg " + " ".join(args))
        continue
    out, r = run(path + ".packed")
    if not tap.ok(out, name + ": masked", r):
        continue
    before, _ = decode(path + ".packed", JPEG)
    after, _ = decode(out, JPEG)
    if tap.ok(after, name + ": decoded"):
        tap.is_(same_header(path + ".packed", out), [], name + ": the header is what it was")
        compare(before, after, shape.get("samples", 1), black, exact=False, name=name + ": black inside, far blocks as they were")

# ---- what cannot be kept -------------------------------------------------------------------------------------

twelve = image(allocated=16, stored=12, smooth=True)
tool("dcmcjpeg", "+ee", twelve, twelve + ".packed")
out, r = run(twelve + ".packed")
tap.ok(r.status == 1 and not out and "12 bits" in r.err and "transcode" in r.err, "12 bits with loss: refused, with the way out", r)
out, r = run(twelve + ".packed", setting="transcode: true")
if tap.ok(out, "12 bits with loss: transcoded where the profile says so", r):
    before, _ = decode(twelve + ".packed", JPEG)
    after, ds = decode(out, JPEG)
    tap.is_(ds.file_meta.TransferSyntaxUID, kit.EXPLICIT, "to Explicit VR Little Endian")
    compare(before, after, 1, [0], name="12 bits with loss: black inside, every other sample as it decodes")

for uid, why in (("1.2.840.10008.1.2.4.90", "JPEG 2000"), ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"),
                 ("1.2.840.10008.1.2.4.102", "MPEG-4"), ("1.2.840.10008.1.2.4.58", "1.2.840.10008.1.2.4.58")):
    path = image(smooth=True)
    tool("dcmcjpeg", "+eb", path, path + ".packed")
    relabel(path + ".packed", uid, path + ".packed")
    for setting in ("", "transcode: true"):
        out, r = run(path + ".packed", setting=setting)
        tap.ok(r.status == 1 and not out and why in r.err and "(7FE0,0010)" in r.err, "%s %s: refused with the reason" % (why, setting), r)

# ---- contradictions and damage ---------------------------------------------------------------------------------


def spoiled(coder, change, shape=None):
    """The run over a compressed file after `change` had its way with the data set."""
    path = image(**(shape or dict(smooth=True)))
    tool(*coder, path, path + ".packed")
    ds = pydicom.dcmread(path + ".packed")
    change(ds)
    ds.save_as(path + ".packed")
    return run(path + ".packed")


def frame(ds, edit):
    stream = pydicom.encaps.generate_pixel_data_frame(ds.PixelData, 1)
    ds.PixelData = pydicom.encaps.encapsulate([edit(next(stream))])


def rows(ds):
    ds.Rows += 1


def rows_less(ds):
    ds.Rows -= 1


def columns(ds):
    ds.Columns = 65535


def samples(ds):
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0


def huge(ds):
    ds.Rows = ds.Columns = 65535
    frame(ds, lambda b: b[:b.index(b"\xff\xc0" if b"\xff\xc0" in b else b"\xff\xc3" if b"\xff\xc3" in b else b"\xff\xf7") + 5] +
          b"\xff\xff\xff\xff" + b[b.index(b"\xff\xc0" if b"\xff\xc0" in b else b"\xff\xc3" if b"\xff\xc3" in b else b"\xff\xf7") + 9:])


for coder in (["dcmcjpeg", "+eb"], ["dcmcjpeg", "+e1"], ["dcmcjpls", "+el"]):
    for what, change in (("one row more", rows), ("one row less", rows_less), ("many columns", columns),
                         ("three samples", samples), ("huge and next to nothing in it", huge)):
        out, r = spoiled(coder, change)
        tap.ok(r.status == 1 and not out and "(7FE0,0010)" in r.err, "%s: %s in the header" % (" ".join(coder), what), r)
    for part in (2, 0.1, 0.5, 0.9, -8, -4) if LONG else (0.5, -4):
        def cut(b, part=part):
            b = b.rstrip(b"\0")
            return b[:part if isinstance(part, int) else int(len(b) * part)]
        out, r = spoiled(coder, lambda ds: frame(ds, cut))
        tap.ok(r.status == 1 and not out, "%s: a frame cut at %s" % (" ".join(coder), part), r)
    out, r = spoiled(coder, lambda ds: frame(ds, lambda b: b[:len(b) // 2] + b"\xff\xff" * 50 + b[len(b) // 2:]))
    tap.ok(r.status == 1 and not out, "%s: markers in the data" % " ".join(coder), r)

# A syntax and a stream that do not go together.
path = image(smooth=True)
tool("dcmcjpeg", "+eb", path, path + ".packed")
for uid in ("1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"):
    relabel(path + ".packed", uid, path + ".other")
    out, r = run(path + ".other")
    tap.ok(r.status == 1 and not out, "baseline called %s" % uid, r)

# ---- the modules ------------------------------------------------------------------------------------------------

plugins = os.path.join(tap.scratch(), "plugins")
os.makedirs(plugins + "/modules")
built = os.path.join(tap.PLUGINS, ".libs", "dicom.so")
shutil.copy(built if os.path.exists(built) else os.path.join(tap.PLUGINS, "dicom.so"), plugins)
for base, _, files in os.walk(plugins):
    for f in files:
        os.chmod(os.path.join(base, f), 0o755)
path = image(smooth=True)
for module, coder in (("jpeg-mask", ["dcmcjpeg", "+eb"]), ("dicom-codec", ["dcmcjpls", "+el"])):
    tool(*coder, path, path + ".packed")
    out, r = run(path + ".packed", plugins=plugins)
    tap.ok(r.status == 1 and not out and "%s/modules/%s.so is not there" % (plugins, module) in r.err,
           "%s is missing: the file fails, and the reason names it" % module, r)
    out, r = run(path + ".packed", plugins=plugins, profile="dicom:\n  fields:\n    - {name: Modality, keep: true}\n")
    tap.ok(out, "where nothing is masked nobody misses it", r)

tap.done()
