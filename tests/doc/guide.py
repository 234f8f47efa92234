# SPDX-License-Identifier: MIT
"""The plugin author's guide: its example is built from an installed deid and gives the output shown; what it
quotes of records.c stands there."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "oot"), HERE]
import build  # noqa: E402
import mdblocks  # noqa: E402
import tap  # noqa: E402

tap.needs("csv")

GUIDE = os.path.join(tap.SRC, "doc", "plugin-author-guide.md")
scratch = tap.scratch()
os.umask(0o022)  # a plugin in a folder that others may write to is refused

records = tap.read(os.path.join(tap.SRC, "tests", "oot", "records.c")).decode("utf-8")
quoted = [text for language, name, text in mdblocks.blocks(GUIDE) if language == "c" and not name]
tap.ok(len(quoted) >= 4, "the guide quotes records.c")
for i, text in enumerate(quoted):
    tap.ok(text in records, "quotation %d stands in records.c" % (i + 1), text)

env = mdblocks.environment(scratch, build.install(scratch))
ran = mdblocks.run_page(GUIDE, os.path.join(scratch, "guide"), env)
tap.ok(ran >= 1, "the guide has an example")
tap.done()
