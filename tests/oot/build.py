# SPDX-License-Identifier: MIT
"""Building a plugin the way its author would: from an installed deid, by pkg-config, outside the tree."""
import fcntl
import os
import shlex
import subprocess

import tap


def install(scratch):
    """`make install` below scratch; gives the environment in which pkg-config finds that installation."""
    root = os.path.join(scratch, "root")
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with open(os.path.join(tap.BUILD, "config.status"), "rb") as lock:  # tests run side by side, make does not
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([os.environ.get("MAKE", "make"), "-C", tap.BUILD, "install", "DESTDIR=" + root], env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    tap.ok(done.returncode == 0, "make install", done.stdout.decode("utf-8", "replace")[-2000:])
    folders = [folder for folder, _, names in os.walk(root) if "deid.pc" in names]
    tap.ok(len(folders) == 1, "deid.pc is installed", folders)
    env["PKG_CONFIG_LIBDIR"] = folders[0] if folders else ""
    env["PKG_CONFIG_SYSROOT_DIR"] = root
    headers = [os.path.join(f, n) for f, _, names in os.walk(root) for n in names if n.endswith(".h")]
    tap.ok(len(headers) == 1 and headers[0].endswith("/deid/plugin.h"), "one header is installed", headers)
    return env


def compile_plugin(source, into, env):
    """`$CC $(pkg-config --cflags deid) -shared -fPIC`, with warnings as errors: authors do that too."""
    os.makedirs(into, exist_ok=True)
    flags = subprocess.run([os.environ.get("PKG_CONFIG", "pkg-config"), "--cflags", "deid"], env=env,
                           stdout=subprocess.PIPE, check=False)
    tap.ok(flags.returncode == 0 and b"-I" in flags.stdout, "pkg-config knows deid")
    target = os.path.join(into, os.path.basename(source)[:-2] + ".so")
    cmd = shlex.split(os.environ.get("CC") or "cc") + shlex.split(flags.stdout.decode()) + \
        ["-std=c11", "-D_DEFAULT_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", target, source]
    done = subprocess.run(cmd, cwd=into, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    tap.ok(done.returncode == 0, "%s compiles" % os.path.basename(source), done.stdout.decode("utf-8", "replace"))
    return target
