# SPDX-License-Identifier: MIT
"""Examples of a Markdown page that show a profile, an input and what comes out.

A block ```example EXT ARGUMENTS has a profile and then parts, each begun by a line `--- NAME [FILE]`:
  in       the input, a file in.EXT or FILE; for dicom lines of `deid fields --values` of the sample, for tiff the texts
           that the image has as tags, a `----` alone between pages; for jpg and png the texts that it has as fields
  out      the output; FILE is the name it must have. For dicom and images lines of the output, `NAME (gone)` for what went
           For zip both are the members, lines of `PATH: TEXT`, and `(comment): TEXT`
  fails    the input gets no output; the text stands in the message
  refused  the profile has exactly these errors and warnings
  FILE     any other name is a file beside the profile, for the arguments
"""
import os
import re
import zipfile

import imagefile
import tap
import tifffile

BLOCK = re.compile(r"(?ms)^```example (\w+)([^\n]*)\n(.*?)^```$")
PART = re.compile(r"(?m)^--- ([\w.-]+)(?: ([\w.-]+))?\n")
SAMPLE = os.path.join(tap.SRC, "examples", "ct-thorax.dcm")


class Example:
    def __init__(self, found, page):
        self.kind, self.arguments, text = found[1], found[2].split(), found[3]
        self.line = page[:found.start()].count("\n") + 1
        pieces = PART.split(text)
        self.profile = pieces[0]
        self.parts = {pieces[i]: (pieces[i + 1], pieces[i + 2]) for i in range(1, len(pieces), 3)}


def examples(path):
    page = tap.read(path).decode("utf-8")
    return [Example(m, page) for m in BLOCK.finditer(page)]


def fields(path):
    return [line for line in tap.deid("fields", "--values", path).out.splitlines()]


def _dicom_in(e, folder):
    """The sample, when it has the lines of `in`."""
    data = tap.read(SAMPLE)
    tap.write(os.path.join(folder, "in.dcm"), data)
    missing = [line for line in e.parts["in"][1].splitlines() if line not in fields(SAMPLE)]
    return "in.dcm", "not in the sample: %r" % missing if missing else ""


def _tiff_in(e, folder):
    pages = [dict(line.split("\t") for line in part.splitlines()) for part in e.parts["in"][1].split("----\n")]
    tap.write(os.path.join(folder, "in.tiff"),
              tifffile.build([tifffile.page({tifffile.TEXTS[k]: (tifffile.ASCII, v) for k, v in p.items()}) for p in pages]))
    return "in.tiff", ""


def _jpg_in(e, folder):
    exif, xmp, iptc, rest = {}, "", [], []
    for name, text in (line.split("\t") for line in e.parts["in"][1].splitlines()):
        if name.startswith("XMP:"):
            xmp += "<%s>%s</%s>" % (name[4:], text, name[4:])
        elif name.startswith("IPTC:"):
            iptc.append((2, int(name.split(":")[2]), text.encode("utf-8")))
        elif name == "Comment":
            rest.append((0xFE, text.encode("utf-8")))
        else:
            exif[tifffile.TEXTS[name]] = (tifffile.ASCII, text)
    parts = [imagefile.exif(exif)] + ([imagefile.xmp(imagefile.packet(xmp))] if xmp else []) + rest
    if iptc:
        parts.append(imagefile.photoshop((0x0404, imagefile.iptc(*iptc))))
    tap.write(os.path.join(folder, "in.jpg"), imagefile.jpg(parts))
    return "in.jpg", ""


def _png_in(e, folder):
    parts = []
    for name, text in (line.split("\t") for line in e.parts["in"][1].splitlines()):
        kind, _, keyword = name.partition(":")
        make = {"tEXt": imagefile.text, "zTXt": imagefile.ztxt, "iTXt": imagefile.itxt}.get(kind)
        parts.append(make(keyword, text) if make else (kind, bytes.fromhex(text)))
    tap.write(os.path.join(folder, "in.png"), imagefile.png(parts))
    return "in.png", ""


MAKERS = {"dicom": _dicom_in, "jpg": _jpg_in, "png": _png_in, "tiff": _tiff_in}


def _fields_out(e, path):
    got = fields(path)
    bad = []
    for line in e.parts["out"][1].splitlines():
        gone = re.fullmatch(r"(\S+) \(gone\)", line)
        if any(x.split("\t")[0] == gone[1] for x in got) if gone else line.rstrip("\t") not in [x.rstrip("\t") for x in got]:
            bad.append(line)
    return "wrong: %r" % bad if bad else ""


def _zip_in(e, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for line in e.parts["in"][1].splitlines():
            name, _, text = line.partition(": ")
            if name == "(comment)":
                z.comment = text.encode()
            else:
                z.writestr(name, text)


def _zip_out(path):
    with zipfile.ZipFile(path) as z:
        lines = ["%s: %s" % (n, z.read(n).decode()) for n in z.namelist()]
        return "".join(x + "\n" for x in lines + (["(comment): " + z.comment.decode()] if z.comment else []))


def run(e, folder):
    """What is wrong with the example: "" when it is right. Gives the output's text too."""
    tap.write(os.path.join(folder, "profile.yaml"), e.profile)
    for name, (_, text) in e.parts.items():
        if name not in ("in", "out", "fails", "refused"):
            tap.write(os.path.join(folder, name), text)
    if "refused" in e.parts:
        r = tap.deid("check", "-p", "profile.yaml", cwd=folder)
        got = "".join(x + "\n" for x in r.out.splitlines()[:-1])
        return ("" if r.status == 2 and got == e.parts["refused"][1] else repr(r)), got
    name, problem = e.parts["in"][0] or "in." + e.kind, ""
    if e.kind in MAKERS:
        name, problem = MAKERS[e.kind](e, folder)
    elif e.kind == "zip":
        _zip_in(e, os.path.join(folder, name))
    else:
        tap.write(os.path.join(folder, name), e.parts["in"][1])
    if problem:
        return problem, ""
    r = tap.deid("run", "-p", "profile.yaml", "-o", "out", *e.arguments, name, cwd=folder)
    made = sorted(os.listdir(folder + "/out")) if os.path.isdir(folder + "/out") else []
    if "fails" in e.parts:
        return ("" if r.status == 1 and not made and e.parts["fails"][1].strip() in r.err else "%r %r" % (r, made)), r.err
    want = e.parts["out"][0]
    if r.status or not made or (want and want not in made):
        return "%r %r" % (r, made), ""
    path = os.path.join(folder, "out", want or made[0])
    if e.kind in MAKERS:
        return _fields_out(e, path), "\n".join(fields(path))
    got = _zip_out(path) if e.kind == "zip" else tap.read(path).decode("utf-8")
    return ("" if got == e.parts["out"][1] else "got %r\n%s" % (got, r.err)), got
