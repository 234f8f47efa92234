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
	grep -E '^(FAIL|ERROR):|^[^ ]*:[0-9:]* error:' "$scratch/log" | sed 's/^/# /' | head -n 40
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
	sed -n -E 's/^ *(plugin|module) ([a-z-]*): yes.*/\2.so/p' "$scratch/log" | sort >"$scratch/promised"
	make -C "$build" -j2 >"$scratch/log" 2>&1
	ok $? "$name: make"
	make -C "$build" -j2 check >"$scratch/log" 2>&1
	ok $? "$name: make check"
	make -C "$build" install DESTDIR="$build/root" >"$scratch/log" 2>&1
	ok $? "$name: make install"
	find "$build/root" -name '*.so' | sed 's|.*/||' | sort >"$scratch/installed"
	diff "$scratch/promised" "$scratch/installed" >"$scratch/log" 2>&1
	ok $? "$name: installs the plugins and modules of the summary, and no other"
	make -C "$build" uninstall DESTDIR="$build/root" >"$scratch/log" 2>&1
	[ -z "$(find "$build/root" -type f -o -type l)" ]
	ok $? "$name: make uninstall leaves nothing"
}

# Every plugin and module by its --without-…, as configure knows them.
plugins=$("$abs_top_srcdir/configure" --help | sed -n -E 's/^ *--without-([a-z-]*) *leave out the (plugin|module).*/\1/p')
[ -n "$plugins" ]
ok $? "configure --help names the plugins and modules"
everything=
for plugin in $plugins; do
	variant "no-$plugin" "--without-$plugin"
	everything="$everything --without-$plugin"
done
# shellcheck disable=SC2086 # a list of words
variant none $everything --without-criterion

# A library that is not there: the plugin is off and the summary says why; demanded, it ends configure.
cat >"$scratch/pkg-config" <<'END'
#!/bin/sh
case "$*" in *expat*) exit 1 ;; esac
exec pkg-config "$@"
END
chmod +x "$scratch/pkg-config"
mkdir "$scratch/lacking"
cd "$scratch/lacking" || exit 99
"$abs_top_srcdir/configure" PKG_CONFIG="$scratch/pkg-config" >"$scratch/log" 2>&1 &&
	grep -q 'plugin xml: no (not found: expat)' "$scratch/log"
ok $? "without its library a plugin is off, and the summary says why"
! "$abs_top_srcdir/configure" --with-xml PKG_CONFIG="$scratch/pkg-config" >"$scratch/log" 2>&1 &&
	grep -q -e '--with-xml was given, but: not found: expat' "$scratch/log"
ok $? "a plugin that is demanded and cannot be built ends configure"
cd /
echo "1..$count"
exit "$failed"
