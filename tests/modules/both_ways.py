# SPDX-License-Identifier: MIT
"""Record and stream formats meet in one place: the same rules over the same lines give the same bytes, and
those that the profile language asks for."""
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

MODULES = os.path.join(tap.BUILD, "tests", "modules")


def sha(text, n=16):
    return hashlib.sha256(text.encode()).hexdigest()[:n]


def both(what, fields, text, want, status=0, err="", section="", args=()):
    """Runs fields over text by both formats. want: the output, None: there is none."""
    for way in ("lines", "pairs"):
        work = tap.scratch()
        tap.write(work + "/p.yaml", "%s:\n%s  fields:\n%s" % (
            way, "".join("  %s\n" % s for s in section.split("\n") if s),
            "".join("    - %s\n" % f for f in fields)))
        tap.write(work + "/a." + way, text)
        r = tap.deid("run", "-p", "p.yaml", "-o", "out", "--report", "r", *args, "a." + way, cwd=work, plugins=MODULES)
        got = tap.tree(work + "/out") if os.path.isdir(work + "/out") else {}
        expected = {} if want is None else {"a." + way: want.encode()}
        tap.ok(r.status == status and got == expected and err in r.err, "%s (%s)" % (what, way),
               "%r\ngot:  %r\nwant: %r" % (r, got, expected))


both("no rule changes nothing", ["{name: a}"], "#c\na=1\nb=\n", "#c\na=1\nb=\n")
both("remove", ["{name: a, remove: true}"], "a=1\nb=2\na=3\n", "b=2\n")
both("a missing field is fine", ["{name: z, remove: true}"], "a=1\n", "a=1\n")
both("replace", ["{name: a, replace-with: new}"], "a=1\nb=2\n", "a=new\nb=2\n")
both("replace creates", ["{name: c, replace-with: new}"], "a=1\n", "a=1\nc=new\n")
both("replace does not create when told so", ["{name: c, replace-with: new, replace-with-insert: false}"], "a=1\n",
     "a=1\n")
both("a wildcard does not create", ["{name: 'c*', replace-with: new}"], "a=1\n", "a=1\n")
both("a regex does not create", ["{regex: 'c.*', replace-with: new}"], "a=1\n", "a=1\n")
both("hash", ["{name: a, hash: true}"], "a=x\n", "a=%s\n" % sha("x"))
both("rules see what the rules before them left", ["{name: a, replace-with: y}", "{name: a, hash: true}"], "a=x\n",
     "a=%s\n" % sha("y"))
both("a removed field is missing for the next", ["{name: a, remove: true}", "{name: a, hash: true}"], "a=x\n", "")
both("a removed field can be made anew", ["{name: a, remove: true}", "{name: a, replace-with: new}"], "a=x\nb=1\n",
     "a=new\nb=1\n")
both("one rule a name and a regex", ["{name: a, replace-with: y}", "{regex: 'a|b', hash: true}"], "a=x\nb=z\n",
     "a=%s\nb=%s\n" % (sha("y"), sha("z")))
both("a regex begins at the start", ["{regex: 'b', remove: true}"], "ab=x\nb=1\nbc=2\n", "ab=x\n")
both("a wildcard", ["{name: 'p*', hash: true}"], "p1=x\nq=x\np=y\n", "p1=%s\nq=x\np=%s\n" % (sha("x"), sha("y")))
both("empty values are left alone", ["{name: a, hash: true}"], "a=\n", "a=\n")
both("but not by replace-with", ["{name: a, replace-with: v}"], "a=\n", "a=v\n")
both("an empty value is there", ["{name: a, replace-with: v, replace-with-insert: false}"], "a=\n", "a=v\n")
both("nor by remove", ["{name: a, remove: true}"], "a=\nb=1\n", "b=1\n")
both("a switched-off rule only names", ["{name: a, remove: false}"], "a=x\n", "a=x\n")
both("a transform of a plugin", ["{name: a, shout: true}"], "a=loud\n", "a=LOUD\n")
both("its result goes on", ["{name: a, shout: true}", "{name: a, hash: true}"], "a=loud\n", "a=%s\n" % sha("LOUD"))

both("a container by name is on-error", ["{name: a, hash: true}"], "a={x\n", None, 1, "field")
both("a container through a wildcard is skipped", ["{name: 'a*', hash: true}"], "a={x\nab=x\n",
     "a={x\nab=%s\n" % sha("x"))
both("a container through a regex is skipped", ["{regex: 'a', hash: true}"], "a={x\n", "a={x\n")
both("remove acts on containers", ["{name: a, remove: true}"], "a={x\nb=1\n", "b=1\n")
both("replace acts on containers", ["{name: a, replace-with: v}"], "a={x\n", "a=v\n")

bad = ["{name: d, increment-date: true, date-increment: 1%s}"]
both("on-error: fail is the default", [bad[0] % ""], "d=SECRET\ne=1\n", None, 1, "d")
both("on-error: keep", [bad[0] % ", on-error: keep"], "d=SECRET\n", "d=SECRET\n", 0, "on-error: the value is left")
both("on-error: remove", [bad[0] % ", on-error: remove"], "d=SECRET\ne=1\n", "e=1\n", 0, "the field is removed")
both("after on-error: remove the field is missing", [bad[0] % ", on-error: remove", "{name: d, replace-with: v}"],
     "d=SECRET\n", "d=v\n")
both("on-error of the section", [bad[0] % ""], "d=SECRET\ne=1\n", "e=1\n", section="on-error: remove")
both("a value that the format cannot take is on-error too", ['{name: a, replace-with: "x\\ny"}'], "a=1\n", None, 1,
     "cannot hold")
both("and can be excused", ['{name: a, replace-with: "x\\ny", on-error: remove}'], "a=1\nb=2\n", "b=2\n")
both("or kept", ['{name: a, replace-with: "x\\ny", on-error: keep}'], "a=1\nb=2\n", "a=1\nb=2\n")
both("dates", ["{name: d, increment-date: true}"], "d=20200228\n", "d=20200301\n", section="date-increment: 2")

both("a cut file fails", ["{name: a, hash: true}"], "a=1\nb=SECRET", None, 1, "the last line has no end")
both("a bad line fails, with its place", ["{name: a, hash: true}"], "a=1\nSECRET\n", None, 1, "at byte 4")
both("--strict: a warning fails the file", [bad[0] % ", on-error: keep"], "d=SECRET\n", None, 1, "--strict",
     args=["--strict"])
both("--strict: a field that is not there fails the file", ["{name: z, remove: true}"], "a=1\n", None, 1,
     "the field 'z' is not there", args=["--strict"])
both("--max-memory", ["{name: a, shout: true}"], "a=%s\n" % ("x" * 300000), None, 1, "memory",
     args=["--max-memory", "64K"])

for way in ("lines", "pairs"):
    work = tap.scratch()
    tap.write(work + "/a." + way, "b=1\na=SECRET\nb=2\nc={x\n")
    r = tap.deid("fields", "a." + way, cwd=work, plugins=MODULES)
    tap.ok(r.status == 0 and r.out == "b\na\nc\n", "fields (%s): each name once, no value" % way, r)
    r = tap.deid("fields", "--values", "a." + way, cwd=work, plugins=MODULES)
    tap.is_(r.out, "b\t1\na\tSECRET\nc\n", "fields --values (%s)" % way)

tap.done()
