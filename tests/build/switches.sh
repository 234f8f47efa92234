#!/bin/sh
# SPDX-License-Identifier: MIT
# configure's switches, each in a build of its own: what is switched off is not built, not tested, not
# installed, and the rest passes its tests; uninstalling leaves nothing.
set -u
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL DEID_TEST_LONG
count=0
failed=0

# ok STATUS NAME: one TAP result, with the end of the log when it failed.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	failed=1
	grep -E '^(FAIL|ERROR):|[ :]error:' "$scratch/log" | sed 's/^/# /' | head -n 40
}

# variant NAME OPTION…: configure, make, make check, make install, make uninstall.
variant() {
	name=$1
	shift
	build=$scratch/$name
	mkdir -p "$build"
	(cd "$build" && "$abs_top_srcdir/configure" --enable-werror "$@") >"$scratch/log" 2>&1
	ok $? "configure $*"
	for option in "$@"; do
		grep -q "(switched off by $option)" "$scratch/log"
		ok $? "$name: the summary says why: $option"
	done
	make -C "$build" -j2 >"$scratch/log" 2>&1
	ok $? "$name: make"
	make -C "$build" -j2 check >"$scratch/log" 2>&1
	ok $? "$name: make check"
	make -C "$build" install DESTDIR="$build/root" >"$scratch/log" 2>&1
	ok $? "$name: make install"
	find "$build/root" -name '*.so' | sed 's|.*/||' | sort | tr '\n' ' ' >"$scratch/installed"
	make -C "$build" uninstall DESTDIR="$build/root" >"$scratch/log" 2>&1
	[ -z "$(find "$build/root" -type f -o -type l)" ]
	ok $? "$name: make uninstall leaves nothing"
}

# installed NAME PLUGIN…: the modules of the last variant.
installed() {
	name=$1
	shift
	[ "$(cat "$scratch/installed")" = "${*:+$* }" ]
	ok $? "$name: installs exactly: $*"
}

variant no-dicom --without-dicom
installed no-dicom csv.so flywheel.so json.so kv.so
variant no-text --without-csv --without-json --without-kv --without-criterion
installed no-text dicom.so flywheel.so
variant no-json --without-json
installed no-json csv.so dicom.so flywheel.so kv.so
variant none --without-csv --without-json --without-kv --without-flywheel --without-dicom
installed none

echo "1..$count"
exit "$failed"
