#!/bin/sh
# SPDX-License-Identifier: MIT
# From a fresh Debian 12 to a first de-identified file: installs what is missing, builds in build/, and
# de-identifies the samples of examples/ and one real file, showing what changed.
set -eu
cd "$(dirname "$0")"
top=$(pwd)
. .ci/packages.sh

build=$top/build
work=$build/quickstart
real=/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm
deid="$build/deid --plugin-dir $build/plugins"

say() {
	printf '\n== %s\n' "$*"
}

fail() {
	echo "quickstart: $*" >&2
	exit 1
}

# run_quietly LOG COMMAND…: shows the end of the log when the command fails.
run_quietly() {
	log=$1
	shift
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 30 "$log" >&2
		fail "failed: $* (all of it: $log)"
	fi
}

prepare() {
	say "1. What is needed"
	# shellcheck disable=SC2086 # lists of words
	need_packages $PACKAGES_BUILD $PACKAGES_SAMPLE || fail "packages are missing"
	echo "All packages are there."

	say "2. Build (in build/)"
	mkdir -p "$build"
	[ -x configure ] || run_quietly "$build/autogen.log" ./autogen.sh
	[ -f "$build/Makefile" ] || (cd "$build" && run_quietly configure.log ../configure)
	run_quietly "$build/make.log" make -C "$build" -j"$(processors)"
	$deid --version
}

# The inputs, side by side: the samples, and a real file when Debian's pydicom is where we know it.
gather() {
	rm -rf "$work"
	mkdir -p "$work/in"
	cp examples/ct-thorax.dcm examples/ct-thorax.json examples/ct-thorax.mhd examples/subjects.csv "$work/in"
	[ -r "$real" ] || fail "no $real (package python3-pydicom)"
	cp "$real" "$work/in"
}

# report_get INPUT MEMBER: one member of an input's line in the report.
report_get() {
	python3 -c '
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    if entry.get("input") == sys.argv[2]:
        print(entry[sys.argv[3]])
' "$work/report.jsonl" "$1" "$2"
}

# as_text FILE: what a person would look at.
as_text() {
	case $1 in
	*.dcm) $deid fields --values "$1" ;;
	*) cat "$1" ;;
	esac
}

# head_of FILE LINES: the beginning, and how much there is more.
head_of() {
	head -n "$2" "$1"
	lines=$(wc -l <"$1")
	[ "$lines" -le "$2" ] || echo "… $((lines - $2)) lines more"
}

# show_change INPUT: the lines that differ, - before and + after.
show_change() {
	output=$(report_get "$1" output)
	[ -n "$output" ] && [ -f "$output" ] || fail "no output for $1"
	printf '\n-- %s -> %s\n' "${1#"$work"/}" "${output#"$work"/}"
	as_text "$1" >"$work/before.txt"
	as_text "$output" >"$work/after.txt"
	if diff -U0 "$work/before.txt" "$work/after.txt" >"$work/diff.txt"; then
		fail "nothing changed in $1"
	fi
	# Private elements that are gone are counted, not shown: there are many in a real file.
	awk 'NR < 3 || !/^[-+]/ { next }
		/^-[0-9a-f]+(\t|$)/ { private++; next }
		{ print }
		END { if (private) print "- (" private " private elements)" }' "$work/diff.txt" >"$work/changes.txt"
	head_of "$work/changes.txt" 60
}

prepare
gather

say "3. The profile: profiles/basic-research.yaml (its section for DICOM)"
sed -n '/^dicom:/,/^json:/ { /^json:/!p; }' profiles/basic-research.yaml
$deid check -p profiles/basic-research.yaml

say "4. Before"
for f in "$work"/in/*; do
	printf '\n-- %s\n' "${f#"$work"/}"
	as_text "$f" >"$work/before.txt"
	head_of "$work/before.txt" 24
done

say "5. deid run -p profiles/basic-research.yaml -o build/quickstart/out build/quickstart/in"
$deid run -p profiles/basic-research.yaml -o "$work/out" --report "$work/report.jsonl" "$work/in"

say "6. What changed"
for f in "$work"/in/*; do
	show_change "$f"
done
rm -f "$work/before.txt" "$work/after.txt" "$work/diff.txt" "$work/changes.txt"

say "Done"
cat <<END
The outputs are in build/quickstart/out, the report in build/quickstart/report.jsonl.
Your own data:   build/deid --plugin-dir build/plugins run -p PROFILE.yaml -o OUT FOLDER
Install:         make -C build install
Read on:         README.md, doc/deid.1, doc/deid-profile.5
END
