# SPDX-License-Identifier: MIT
"""The manual pages: clean for mandoc, their profiles pass `deid check`, deid(1) has the options that the help
names, deid-profile(5) the settings and actions that `deid formats` names."""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import tap  # noqa: E402

tap.needs("csv", "dicom", "flywheel", "image", "json", "kv", "xml", "zip")

PAGES = ("deid.1", "deid-profile.5")
scratch = tap.scratch()


def page(name):
    return os.path.join(tap.SRC, "doc", name)


def literals(name):
    """The displayed examples of a page, as they are shown."""
    text = tap.read(page(name)).decode("ascii")
    return [m.replace("\\e", "\\") for m in re.findall(r"(?ms)^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text)]


def documented():
    """{command: long options} of deid(1); "" for the common ones."""
    options, command = {}, None
    for line in tap.read(page("deid.1")).decode("ascii").splitlines():
        m = re.match(r"\.S[sh] (?:deid (\w+)$|(Common options)$)?", line)
        if m:
            command = m[1] or ("" if m[2] else None)
        if command is not None and line.startswith(".It Fl"):
            options.setdefault(command, set()).update("--" + o for o in re.findall(r"\\-([\w-]+)", line))
    return options


for name in PAGES:
    if not shutil.which("mandoc"):
        tap.skip(name + " is clean", "no mandoc")
        continue
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page(name)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    tap.ok(lint.returncode == 0, name + " is clean", lint.stdout.decode())

profiles = [text for text in literals("deid-profile.5") if re.match(r"[a-z-]+:", text)]
tap.ok(len(profiles) >= 4, "deid-profile(5) has examples")
for i, text in enumerate(profiles):
    r = tap.deid("check", "-p", tap.write(os.path.join(scratch, "example.yaml"), text))
    tap.ok(r.status == 0, "example %d of deid-profile(5) has no error" % (i + 1), "%s%r" % (text, r))

# Settings and actions of all plugins, as `deid formats` knows them, stand in deid-profile(5).
words = set(re.findall(r"[a-z][a-z0-9_-]+", " ".join(
    line for line in tap.read(page("deid-profile.5")).decode("ascii").splitlines() if line.startswith(".It Cm"))))
formats = re.findall(r"(?m)^  format ([\w-]+):", tap.deid("formats").out)
tap.ok({"csv", "dicom", "json", "key-value-text-file", "xml"} <= set(formats), "the plugins are found", formats)
for name in formats:
    out = tap.deid("formats", name).out
    settings, _, actions = out.partition("\nactions")
    known = re.findall(r"(?m)^  ([a-z][\w-]*): .*\(default|^  ([a-z][\w-]*): .*;", settings.partition("\nsettings:")[2].partition("\ndefaults:")[0])
    known = {a or b for a, b in known} | set(re.findall(r"(?m)^ *([a-z][\w-]*)(?: \(or|: )", actions))
    tap.is_(sorted(known - words), [], "what the section %s takes is in deid-profile(5)" % name)

options = documented()
common = options.pop("")
for command in ("run", "plan", "check", "fields", "formats", "gear", "keygen"):
    r = tap.deid(command, "--help")
    shown = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", r.out))
    known = options.get(command, set()) | common | options["run"] & {"--plugin-dir"}
    tap.ok(r.status == 0, "deid %s --help" % command, r)
    tap.is_(sorted(shown - known), [], "every option in the help of %s is in deid(1)" % command)
    tap.is_(sorted(options.get(command, set()) - shown), [], "every option of %s in deid(1) is in its help" % command)
tap.done()
