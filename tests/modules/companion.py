# SPDX-License-Identifier: MIT
"""Modules that belong to a plugin: loaded when asked for, once, from any thread, under the same checks as a
plugin, and taken for a plugin by nobody."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

MODULES = os.path.join(tap.BUILD, "tests", "modules")
ALL = ["good", "othersize", "otherversion", "othername", "nothing", "unresolved"]

CASES = [
    ("othersize", "its table has version 7 and size 16, the plugin wants version 7 and size"),
    ("otherversion", "its table has version 8 and size"),
    ("othername", "name is 'elsewhere', the file is called 'othername'"),
    ("nothing", "has no symbol deid_module"),
    ("unresolved", "undefined symbol: deid_test_text_that_nobody_has"),
    ("missing", "modules/missing.so is not there"),
]


def folder():
    """A plugin folder as it is installed: the plugin, and its modules below it."""
    path = os.path.join(tap.scratch(), "plugins")
    os.makedirs(path + "/modules", 0o755)
    shutil.copy(MODULES + "/.libs/owner.so", path)
    for m in ALL:
        shutil.copy("%s/modules/.libs/%s.so" % (MODULES, m), path + "/modules")
    for base, _, files in os.walk(path):
        os.chmod(base, 0o755)
        for f in files:
            os.chmod(os.path.join(base, f), 0o755)
    return path


def run(plugins, names, profile="owner: {}\n", jobs=1, env=None):
    """The run over one file for each name, and what is below its output folder."""
    work = tap.scratch()
    tap.write(work + "/p.yaml", profile)
    os.mkdir(work + "/in")
    for i, name in enumerate(names):
        tap.write("%s/in/%03d.owner" % (work, i), name)
    r = tap.deid("run", "-p", "p.yaml", "-o", "out", "-j", str(jobs), "in", cwd=work, plugins=plugins, env=env)
    return r, tap.tree(work + "/out") if os.path.isdir(work + "/out") else {}


def refused(path, name, reason, what):
    r, out = run(path, [name, "good"])
    tap.ok(r.status == 1 and reason in r.err and "the module %s cannot be used: " % name in r.err, what, r)
    return out


path = folder()
mark = os.path.join(tap.scratch(), "called")
r = tap.deid("formats", plugins=path, env={"DEID_TEST_CALLED": mark})
tap.ok(r.status == 0 and "format owner" in r.out and "good" not in r.out and "modules" not in r.out,
       "`formats` lists the plugin and none of its modules", r)
tap.ok(not os.path.exists(mark), "and loads none of them")
r, out = run(path, [], env={"DEID_TEST_CALLED": mark})
tap.ok(not os.path.exists(mark), "a run without need loads none either", r)

r, out = run(path, ["good"] * 200, jobs=4, env={"DEID_TEST_CALLED": mark})
tap.ok(r.status == 0 and len(out) == 200 and set(out.values()) == {b"from good\n"}, "200 files, 4 threads, one module", r)
tap.is_(tap.read(mark), b"good\n", "which was loaded once")
os.unlink(mark)
r, out = run(path, [], profile="owner: {early: good}\n", env={"DEID_TEST_CALLED": mark})
tap.is_(tap.read(mark) if os.path.exists(mark) else b"", b"good\n", "or while the profile is compiled")
r, out = run(path, ["good"], profile="owner: {early: missing}\n")
tap.ok(r.status == 2 and "modules/missing.so is not there" in r.err and not out, "where a missing one stops the run", r)

for name, reason in CASES:
    out = refused(path, name, reason, "%s is refused with its reason" % name)
    tap.is_(out, {"001.owner": b"from good\n"}, "%s: no output for its file, and the next file goes well" % name)

# What is no whole module, and who may write.
tap.write(path + "/modules/text.so", "this is text\n" * 20)
refused(path, "text", "is not an ELF file", "a text file is refused")
whole = tap.read(path + "/modules/good.so")
tap.write(path + "/modules/cut.so", whole[:len(whole) // 2])
refused(path, "cut", "is cut short", "a module that was cut is refused")
tap.write(path + "/modules/loose.so", whole)
os.chmod(path + "/modules/loose.so", 0o757)
refused(path, "loose", "loose.so is writable by others (mode 0757)", "a world-writable module is refused")
if os.geteuid() == 0:
    os.chmod(path + "/modules/loose.so", 0o755)
    os.chown(path + "/modules/loose.so", 12345, -1)
    refused(path, "loose", "belongs to user 12345; running as root", "root does not load a module of another user")
else:
    tap.skip("root does not load a module of another user", "needs root")
os.chmod(path + "/modules", 0o777)
r, out = run(path, ["good"])
tap.ok(r.status == 1 and "modules is writable by others (mode 0777)" in r.err and out == {},
       "nothing is loaded from a world-writable folder", r)
shutil.rmtree(path + "/modules")
r, out = run(path, ["good"])
tap.ok(r.status == 1 and "/modules/good.so is not there" in r.err and out == {}, "nor from one that is not there", r)

# A build that is not installed.
r, out = run(MODULES, ["good"])
tap.ok(r.status == 0 and out == {"000.owner": b"from good\n"}, "it works in a libtool build that is not installed", r)

tap.done()
