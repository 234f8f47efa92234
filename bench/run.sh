#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds an optimised deid beside the source, installs it below build-bench/ and runs the comparison.
#   bench/run.sh [--quick] [--rounds N] [--dir FOLDER] >table.md
set -eu
cd "$(dirname "$0")/.."
top=$(pwd)
. .ci/packages.sh
# shellcheck disable=SC2086 # lists of words
need_packages $PACKAGES_BUILD $PACKAGES_BENCH >&2

build=$top/build-bench
{
	[ -x configure ] || ./autogen.sh
	mkdir -p "$build"
	cd "$build"
	[ -f Makefile ] || "$top/configure" --prefix="$build/installed" CFLAGS=-O2
	make -j"$(processors)" all bench/measure
	make install
} >"$build.log" 2>&1 || {
	tail -n 30 "$build.log" >&2
	exit 1
}
exec /usr/bin/python3 "$top/bench/bench.py" --deid "$build/installed/bin/deid" --measure "$build/bench/measure" "$@"
