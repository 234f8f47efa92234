# SPDX-License-Identifier: MIT
"""The examples of README.md run on the samples and print what it says; the samples are what their script
makes."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import mdblocks  # noqa: E402
import tap  # noqa: E402

tap.needs("json")

SAMPLES = ("ct-thorax.dcm", "ct-thorax.json", "ct-thorax.mhd", "subjects.csv")
scratch = tap.scratch()
folder = os.path.join(scratch, "readme")

made = os.path.join(scratch, "made")
subprocess.run([sys.executable, os.path.join(tap.SRC, "examples", "make-samples.py"), made], check=True)
for name in SAMPLES:
    data = tap.read(os.path.join(made, name))
    tap.ok(data == tap.read(os.path.join(tap.SRC, "examples", name)), name + " is what make-samples.py makes")
    tap.write(os.path.join(folder, "examples", name), data)

ran = mdblocks.run_page(os.path.join(tap.SRC, "README.md"), folder, mdblocks.environment(scratch))
tap.ok(ran >= 1, "README.md has an example")
tap.done()
