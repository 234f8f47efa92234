#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the tests need, builds in build-check/, runs all of them. The last line has the totals.
set -eu
cd "$(dirname "$0")"
. .ci/packages.sh

build=$(pwd)/build-check
# shellcheck disable=SC2086 # lists of words
need_packages $PACKAGES_BUILD $PACKAGES_TEST

[ -x configure ] || ./autogen.sh
mkdir -p "$build"
cd "$build"
[ -f Makefile ] || ../configure --enable-werror
make -j"$(processors)"
rm -f check.failed
{ make -j"$(processors)" check </dev/null || echo failed >check.failed; } 2>&1 | tee check.log

# shellcheck disable=SC2046 # three words
set -- $(tap_totals check.log)
passed=$1 failed=$2 skipped=$3
echo
grep -E '^(FAIL|XPASS|ERROR):' check.log || :
if [ "$passed" = 0 ] || { [ -e check.failed ] && [ "$failed" = 0 ]; }; then
	echo "make check did not get to its end"
	failed=$((failed + 1))
fi
echo "check: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
