# SPDX-License-Identifier: MIT
"""Running a command and learning how much memory it took."""
import os
import subprocess
import tempfile
import time

# A sanitizer's shadow memory says nothing about ours.
MEASURABLE = not os.environ.get("DEID_TEST_SANITIZERS")


def run_measured(cmd, env=None):
    """(status, peak resident KiB, stderr). The peak is the process's own VmHWM, read until it ends: what the
    kernel reports at wait() would include this interpreter, from before exec."""
    with tempfile.TemporaryFile() as err:
        proc = subprocess.Popen(cmd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        peak = 0
        while proc.poll() is None:
            peak = max(peak, _high_water(proc.pid))
            time.sleep(0.002)
        err.seek(0)
        return proc.returncode, peak, err.read().decode("utf-8", "replace")


def _high_water(pid):
    try:
        with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
