# SPDX-License-Identifier: MIT
"""The fuzz targets under libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer, in a build of their own.

DEID_FUZZ_SECONDS (60) each. Findings stay in DEID_FUZZ_FINDINGS, when that is given.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import seeds
import tap

SAN = "address,undefined"
FLAGS = "-g -O1 -fno-sanitize-recover=all -fsanitize=fuzzer-no-link," + SAN
SECONDS = int(os.environ.get("DEID_FUZZ_SECONDS", "60"))


def sh(cmd, cwd, env):
    done = subprocess.run(cmd, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


if not shutil.which("clang"):
    tap.skip_all("needs clang")
scratch = tap.scratch()
build = os.path.join(scratch, "build")
os.makedirs(build)
env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CC", "CXX")}
status, said = sh([os.path.join(tap.SRC, "configure"), "--quiet", "CC=clang", "CPPFLAGS=-DFUZZ_LIBFUZZER",
                   "CXX=clang++", "CFLAGS=" + FLAGS, "CXXFLAGS=" + FLAGS], build, env)
if status and "fuzzer" in said:
    tap.skip_all("clang is here without its fuzzer")
tap.ok(status == 0, "configure with clang", said[-2000:])
# Modules are linked with undefined symbols of the sanitizers, which the program provides.
status, said = sh(["make", "-j2", "NODEFS_LDFLAGS=", "all"], build, env)
tap.ok(status == 0, "plugins with coverage and sanitizers", said[-2000:])
env["DEID_TEST_PLUGIN_DIR"] = os.path.join(build, "plugins")
env["ASAN_OPTIONS"] = "detect_leaks=1"
findings = os.environ.get("DEID_FUZZ_FINDINGS") or os.path.join(scratch, "findings")
os.makedirs(findings, exist_ok=True)
for target, paths in seeds.write(os.path.join(scratch, "seeds")).items():
    program = "tests/fuzz/fuzz_" + target
    status, said = sh(["make", program, "AM_LDFLAGS=-fsanitize=fuzzer," + SAN], build, env)
    if not tap.ok(status == 0, "fuzz_%s is linked with libFuzzer" % target, said[-2000:]):
        continue
    corpus = os.path.join(scratch, "corpus-" + target)
    os.makedirs(corpus)
    status, said = sh([os.path.join(build, program), "-max_total_time=%d" % SECONDS, "-timeout=20", "-rss_limit_mb=1024",
                       "-max_len=8192", "-print_final_stats=1", "-artifact_prefix=%s/%s-" % (findings, target), corpus,
                       os.path.dirname(paths[0])], build, env)
    stats = dict(line.replace("stat::", "").split(":", 1) for line in said.split("\n") if line.startswith("stat::"))
    tap.ok(status == 0, "fuzz_%s: %s runs in %d s" % (target, stats.get("number_of_executed_units", "?").strip(), SECONDS), said[-4000:])
tap.done()
