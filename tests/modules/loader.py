# SPDX-License-Identifier: MIT
"""Plugins that are broken in one way each: refused with the exact reason, never called before they are
checked, and no hindrance for the good ones beside them."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

MODULES = os.path.join(tap.BUILD, "tests", "modules", ".libs")
PROFILE = "lines:\n  fields:\n    - {name: id, remove: true}\n"

# module, what the reason must hold, and whether init() is called
CASES = [
    ("oldabi", "abi_major is 0, this program has 1", False),
    ("newmajor", "abi_major is 2, this program has 1", False),
    ("newminor", "abi_minor is 99, newer than 0", False),
    ("small", "size is 8, less than the", False),
    ("nosymbol", "has no symbol deid_plugin", False),
    ("wrongname", "name is 'other', the file is called 'wrongname'", False),
    ("noinit", "init is missing", False),
    ("undefined", "undefined symbol: deid_test_symbol_that_nobody_has", False),
    ("initfails", "init failed: its library has the wrong version", True),
    ("silent", "init failed and did not say why", True),
    ("twice", "registers format 'twice', which is registered already", True),
    ("taken", "registers format 'lines', which is registered already", True),
    ("incomplete", "neither stream nor all functions of a record", True),
    ("badname", "its section has no name of lower-case letters", True),
    ("smallformat", "registers a format whose size is 64, less than the", True),
]


def folder(*modules):
    """A folder with these modules, as only its owner may write it."""
    path = os.path.join(tap.scratch(), "plugins")
    os.mkdir(path, 0o755)
    for m in modules:
        shutil.copy(os.path.join(MODULES, m + ".so"), path)
        os.chmod(os.path.join(path, m + ".so"), 0o755)
    return path


def run_lines(plugins, env=None):
    """Whether the good plugin of that folder de-identifies a file."""
    work = tap.scratch()
    tap.write(work + "/p.yaml", PROFILE)
    tap.write(work + "/a.lines", "id=1\nb=2\n")
    r = tap.deid("run", "-p", "p.yaml", "-o", "out", "a.lines", cwd=work, plugins=plugins, env=env)
    done = r.status == 0 and tap.tree(work + "/out") == {"a.lines": b"b=2\n"}
    return done, r


def refused(path, name, reason, what):
    r = tap.deid("formats", plugins=path)
    lines = [l for l in r.out.split("\n") if l.startswith("  %s: " % name)]
    return tap.ok(r.status == 0 and len(lines) == 1 and reason in lines[0], what, r)


for module, reason, called in CASES:
    path = folder("lines", module)
    mark = os.path.join(tap.scratch(), "called")
    r = tap.deid("formats", plugins=path, env={"DEID_TEST_CALLED": mark})
    lines = [l for l in r.out.split("\n") if l.startswith("  %s: " % module)]
    tap.ok(r.status == 0 and len(lines) == 1 and reason in lines[0], "%s is refused with its reason" % module, r)
    tap.is_(os.path.exists(mark), called, "%s: init() was %scalled" % (module, "" if called else "not "))
    tap.ok("\n  format lines:" in "\n" + r.out, "%s: the good plugin is listed" % module, r)
    done, r = run_lines(path)
    tap.ok(done, "%s: the good plugin works beside it" % module, r)

# A profile that names the section of a refused plugin says why.
work = tap.scratch()
tap.write(work + "/p.yaml", "initfails:\n  fields: []\n")
r = tap.deid("check", "-p", "p.yaml", cwd=work, plugins=folder("lines", "initfails"))
tap.ok(r.status == 2 and "p.yaml:1:1: error: " in r.out and "wrong version" in r.out,
       "a profile that needs a refused plugin is told the reason", r)
tap.write(work + "/p.yaml", "linse:\n  fields: []\n")
r = tap.deid("check", "-p", "p.yaml", cwd=work, plugins=folder("lines", "sound"))
tap.ok(r.status == 2 and "p.yaml:1:1: error: " in r.out and "lines" in r.out, "a slip of the pen is an error, with a hint", r)
tap.write(work + "/p.yaml", "nobody-has-this:\n  fields: []\n")
r = tap.deid("check", "-p", "p.yaml", cwd=work, plugins=folder("lines", "sound"))
tap.ok(r.status == 0 and "p.yaml:1:1: warning: " in r.out, "a section without a plugin is a warning", r)
r = tap.deid("check", "-p", "p.yaml", cwd=work, plugins=folder("lines", "silent"))
tap.ok(r.status == 2 and "plugin silent was refused" in r.out,
       "but not when a plugin that was refused may be the one that has it", r)

# Files that are no plugin at all.
path = folder("lines")
tap.write(path + "/text.so", "this is text\n" * 20)
tap.write(path + "/empty.so", "")
whole = tap.read(path + "/lines.so")
tap.write(path + "/head.so", whole[:100])
refused(path, "text", "is not an ELF file", "a text file is refused")
refused(path, "empty", "is not an ELF file", "an empty file is refused")
refused(path, "head", "is cut short", "a module cut in its headers is refused")
cuts = 0
for at in range(200, len(whole) - 1, max(1, len(whole) // 40)):
    tap.write(path + "/cut.so", whole[:at])
    r = tap.deid("formats", plugins=path)
    if r.status != 0 or "  cut: " not in r.out or "format lines" not in r.out:
        tap.ok(False, "a module cut at byte %d is refused" % at, r)
    cuts += 1
tap.ok(cuts >= 30, "a module cut at %d places is refused, and nothing crashes" % cuts)

# Who may write.
path = folder("lines", "sound")
os.chmod(path, 0o777)
refused(path, "sound", "the folder %s is writable by others (mode 0777)" % path, "a world-writable folder is refused")
done, r = run_lines(path)
tap.ok(not done and r.status == 2 and "writable by others" in r.err, "nothing runs from it", r)
os.chmod(path, 0o775)
refused(path, "sound", "writable by its group (mode 0775)", "a group-writable folder is refused")
os.chmod(path, 0o755)
os.chmod(path + "/sound.so", 0o757)
refused(path, "sound", "sound.so is writable by others (mode 0757)", "a world-writable file is refused")
done, r = run_lines(path)
tap.ok(done, "the good file beside it works", r)
os.chmod(path + "/sound.so", 0o755)
if os.geteuid() == 0:
    os.chown(path + "/sound.so", 12345, -1)
    refused(path, "sound", "belongs to user 12345; running as root", "root does not load a plugin of another user")
    os.chown(path + "/sound.so", 0, -1)
else:
    tap.skip("root does not load a plugin of another user", "needs root")

# Order of folders: the first good one wins, a refused one makes way.
first, second = folder("sound"), folder("sound")
r = tap.deid("--plugin-dir", second, "formats", plugins=first)
tap.ok(first + "/sound.so" in r.out and second not in r.out, "--plugin-dir is searched in the order given", r)
r = tap.deid("formats", plugins=None, env={"DEID_PLUGIN_PATH": ":%s::%s" % (second, first)})
tap.ok(second + "/sound.so" in r.out and first not in r.out, "DEID_PLUGIN_PATH is a list", r)
r = tap.deid("formats", "--plugin-dir", first, plugins=None, env={"DEID_PLUGIN_PATH": second})
tap.ok(first + "/sound.so" in r.out and second not in r.out, "--plugin-dir goes before DEID_PLUGIN_PATH", r)
os.chmod(first, 0o777)
r = tap.deid("--plugin-dir", second, "formats", plugins=first)
tap.ok(second + "/sound.so" in r.out and "writable by others" in r.out, "a refused one makes way for the next", r)
r = tap.deid("formats", plugins=os.path.join(tap.scratch(), "nowhere"))
tap.ok(r.status == 2 and "nowhere" in r.err, "a --plugin-dir that is not there is an error", r)

# Laziness: a run loads what its profile needs.
path = folder("lines", "sound", "initfails")
mark = os.path.join(tap.scratch(), "called")
done, r = run_lines(path, env={"DEID_TEST_CALLED": mark})
tap.ok(done and not os.path.exists(mark), "a run calls no plugin that its profile does not name", r)
path = folder("sound")
shutil.copy(os.path.join(MODULES, "lines.so"), path + "/other.so")
tap.write(path + "/other.provides", "format lines\n")
r = tap.deid("formats", "lines", plugins=path, env={"DEID_TEST_CALLED": mark})
tap.ok(r.status == 2 and "name is 'lines', the file is called 'other'" in r.err, "a hint leads to the module that it names", r)
os.unlink(path + "/other.so")
os.unlink(path + "/other.provides")
os.unlink(mark)
shutil.copy(os.path.join(MODULES, "lines.so"), path + "/lines.so")
tap.write(path + "/lines.provides", "format  pairs\ntransform shout\n")
r = tap.deid("formats", "pairs", plugins=path, env={"DEID_TEST_CALLED": mark})
tap.ok(r.status == 0 and "path: %s/lines.so" % path in r.out and not os.path.exists(mark),
       "a hint spares the loading of the others", r)
os.unlink(path + "/lines.provides")
r = tap.deid("formats", "pairs", plugins=path, env={"DEID_TEST_CALLED": mark})
tap.ok(r.status == 0 and "path: %s/lines.so" % path in r.out, "without a hint all are tried", r)

tap.done()
