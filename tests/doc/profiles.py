# SPDX-License-Identifier: MIT
"""Every profile that is shipped passes `deid check`, without a warning, and is installed."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402

tap.needs("csv", "dicom", "flywheel", "image", "json", "kv", "xml", "zip")

shipped = sorted(glob.glob(os.path.join(tap.SRC, "profiles", "*.yaml")))
listed = re.findall(r"profiles/[\w-]+\.yaml", tap.read(os.path.join(tap.SRC, "profiles", "local.mk")).decode())
tap.is_(sorted(os.path.basename(p) for p in listed), [os.path.basename(p) for p in shipped],
        "profiles/local.mk lists every profile")
for path in shipped:
    name = os.path.basename(path)
    r = tap.deid("check", "-p", path)
    tap.ok(r.status == 0, name + " has no error", r)
    tap.ok("warning:" not in r.out + r.err, name + " has no warning", r)
    tap.ok(re.search(r"(?m)^name: \S", tap.read(path).decode()) is not None, name + " has a name")
tap.done()
