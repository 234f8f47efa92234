#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a test program for automake's TAP driver. A program called test_* is a Criterion one and is told to print TAP;
# any other prints TAP by itself. With sanitizers a finding in a child process of Criterion does not show in
# its exit status, so the findings go to files, and a file fails the test.
prog=$1
shift
case ${prog##*/} in
test_*) set -- --tap=- --quiet "$@" ;;
esac

logs=$(mktemp -d) || exit 99
trap 'rm -rf "$logs"' EXIT
trap 'exit 99' HUP INT TERM
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$logs/found"
UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}print_stacktrace=1:log_path=$logs/found"
export ASAN_OPTIONS UBSAN_OPTIONS

"$prog" "$@"
status=$?
for log in "$logs"/found*; do
	if [ -s "$log" ]; then
		sed 's/^/# /' "$log"
		status=1
	fi
done
exit "$status"
