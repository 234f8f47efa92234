# SPDX-License-Identifier: MIT
"""The fuzz targets over their seeds and a fixed set of mutations: seconds, and the same every time.

On a finding: run what the note says by hand; -only=N gives the input on standard output.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import seeds
import tap

RUNS = 2000

env = dict(os.environ, DEID_TEST_PLUGIN_DIR=tap.PLUGINS)
for target, paths in seeds.write(tap.scratch()).items():
    program = os.path.join(tap.BUILD, "tests", "fuzz", "fuzz_" + target)
    if not os.path.exists(program):
        tap.skip("fuzz_" + target, "its plugin is not built")
        continue
    cmd = [program, "-runs=%d" % RUNS] + paths
    done = subprocess.run(cmd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode("utf-8", "replace")
    tap.ok(done.returncode == 0 and said.strip().endswith("%d seeds, %d mutations" % (len(paths), RUNS)),
           "fuzz_%s: %s" % (target, said.strip().split("\n")[-1] if done.returncode == 0 else "a finding"),
           "status %d\n%s\nDEID_TEST_PLUGIN_DIR=%s %s -runs=%d tests/fuzz seeds of %s" % (
               done.returncode, said[-3000:], tap.PLUGINS, program, RUNS, target))
tap.done()
