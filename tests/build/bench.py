# SPDX-License-Identifier: MIT
"""The benchmark runs, reads every output back and fills its tables (with small data; no figure is judged)."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

try:
    import pydicom  # noqa: F401
except ImportError:
    tap.skip_all("no pydicom")

done = subprocess.run([sys.executable, os.path.join(tap.SRC, "bench", "bench.py"), "--quick", "--rounds", "1",
                       "--deid", tap.DEID, "--plugin-dir", tap.PLUGINS,
                       "--measure", os.path.join(tap.BUILD, "bench", "measure"), "--dir", tap.scratch()],
                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
out = done.stdout.decode("utf-8", "replace")
tap.ok(done.returncode == 0, "all tools did the job", out + done.stderr.decode("utf-8", "replace")[-3000:])
tap.is_(out.count("\n### "), 14, "thirteen tables and the goals")
tap.is_(len(re.findall(r"(?m)^\| deid -j1 \| [\d.]+ \|", out)), 13, "deid is in every table")
tap.done()
