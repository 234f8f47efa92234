# SPDX-License-Identifier: MIT
"""The reference of the profile language and the page on what differs: each example does what the page says, and every
key, setting and action that the program knows has one."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import exampleblocks  # noqa: E402
import tap  # noqa: E402

tap.needs("csv", "dicom", "flywheel", "image", "json", "kv", "xml", "zip")

REFERENCE = os.path.join(tap.SRC, "doc", "profile-reference.md")
# Accepted so that a profile can be written for all versions; there is nothing to show.
WITHOUT_EXAMPLE = {"public-key", "private-key"}

scratch = tap.scratch()
profiles = ""
for page in (REFERENCE, os.path.join(tap.SRC, "doc", "from-flywheel.md")):
    found = exampleblocks.examples(page)
    tap.ok(len(found) >= 5, "%s has examples" % os.path.basename(page))
    for i, e in enumerate(found):
        folder = os.path.join(scratch, "%s-%d" % (os.path.basename(page), i))
        problem, _ = exampleblocks.run(e, folder)
        tap.ok(not problem, "%s:%d" % (os.path.basename(page), e.line), problem)
        if page == REFERENCE:
            profiles += e.profile + "\n"

shown = set(re.findall(r"[a-z][a-z_-]+(?=:)", profiles))
text = tap.read(REFERENCE).decode("utf-8")
named = set(re.findall(r"[a-z][a-z_-]+", " ".join(re.findall(r"`[^`\n]+`|(?m:^### .*)", text))))
formats = re.findall(r"(?m)^  format ([\w.-]+):", tap.deid("formats").out)
tap.ok("csv" in formats and "dicom" in formats, "the plugins are found", formats)
known = {"fields", "file-filter", "filenames", "on-error", "version", "name", "description", "only-config-profiles", "secret-key", "regex"}
for name in formats:
    out = tap.deid("formats", name).out
    settings, _, actions = out.partition("\nactions")
    settings = settings.partition("\nsettings:")[2].partition("\ndefaults:")[0]
    keys = set(re.findall(r"(?m)^  ([a-z][\w-]*): ", settings))
    options = set(re.findall(r"(?m)^ *([a-z][\w-]*)(?: \(or [\w-]+\))?: ", actions))
    known |= keys | options
tap.is_(sorted(known - named - {"regex"}), [], "every key and action is named in the reference")
tap.is_(sorted(known - shown - WITHOUT_EXAMPLE), [], "every key and action has an example")
sections = {f.split(".")[0] for f in formats}
tap.is_(sorted(s for s in sections if not re.search(r"(?m)^%s:" % re.escape(s), profiles)), [], "every section has an example")
tap.done()
