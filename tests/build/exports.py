# SPDX-License-Identifier: MIT
"""What the plugins, their modules and the program show to the dynamic linker: each plugin and module one constant,
and they need no symbol of the program."""
import glob
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402


def symbols(path, *options):
    """Names in the dynamic symbol table. What comes from a library of its own bears a version (x@LIB_1)."""
    out = subprocess.run(["nm", "-D", *options, path], stdout=subprocess.PIPE, check=True).stdout.decode()
    return {line.split()[-1] for line in out.splitlines() if line.strip()}


def program():
    """The program itself, not the script that libtool puts in its place."""
    real = os.path.join(os.path.dirname(tap.DEID), ".libs", os.path.basename(tap.DEID))
    return real if os.path.exists(real) else tap.DEID


if not shutil.which("nm"):
    tap.skip_all("no nm")



def built(folder, what):
    """Paths of what was built there; installed modules have no .libs, convenience libraries are no modules."""
    found = sorted(glob.glob(os.path.join(folder, ".libs", "*.so")) or glob.glob(os.path.join(folder, "*.so")))
    names = sorted(os.path.splitext(os.path.basename(p))[0] for p in glob.glob(os.path.join(folder, "*.la"))
                   if not os.path.basename(p).startswith("lib"))
    tap.is_([os.path.basename(m)[:-3] for m in found], names, "every %s that was built is looked at" % what)
    return found


modules = [(m, "deid_plugin") for m in built(tap.PLUGINS, "plugin")]
modules += [(m, "deid_module") for m in built(os.path.join(tap.PLUGINS, "modules"), "module")]

sanitized = os.environ.get("DEID_TEST_SANITIZERS")
own = symbols(program(), "--defined-only")
for m, symbol in modules:
    name = os.path.basename(m)
    defined = {s for s in symbols(m, "--defined-only") if not s.startswith(("__asan", "__ubsan", "__odr_asan", "__sanitizer"))}
    tap.is_(defined, {symbol}, name + " exports its descriptor and nothing else")
    if not sanitized:
        tap.is_(symbols(m, "--undefined-only") & own, set(),
                name + " needs nothing of the program")
tap.done()
