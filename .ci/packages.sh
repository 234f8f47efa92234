# SPDX-License-Identifier: MIT
# Sourced by quickstart.sh, check.sh and .ci/run: the Debian packages that each needs, by name.

PACKAGES_BUILD="gcc libc6-dev make autoconf automake libtool libltdl-dev pkg-config libyaml-dev libssl-dev
  libpcre2-dev libyajl-dev libexpat1-dev libzip-dev zlib1g-dev libjpeg62-turbo-dev g++ libdcmtk-dev libcharls-dev python3"
PACKAGES_SAMPLE="python3-pydicom"
PACKAGES_TEST="libcriterion-dev binutils python3-pycryptodome python3-pydicom dcmtk dicom3tools jq libgdcm-tools libimage-exiftool-perl libtiff-tools mandoc openssl python3-pil strace unzip xmlstarlet zip"
PACKAGES_BENCH="python3-pydicom dcmtk libgdcm-tools miller jq nodejs unzip xmlstarlet zip"
PACKAGES_CI="clang clang-format xz-utils cppcheck"

# need_packages NAME…: installs those that are missing. Asks nothing, and needs no network when all are there.
need_packages() {
	if ! command -v dpkg-query >/dev/null 2>&1; then
		echo "Not a Debian system: please see to it that these are installed:" "$@"
		return 0
	fi
	missing=
	for package in "$@"; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
		installed*) ;;
		*) missing="$missing $package" ;;
		esac
	done
	[ -n "$missing" ] || return 0
	as_root=
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null 2>&1; then
			echo "These packages are missing, and installing them needs root:$missing" >&2
			return 1
		fi
		as_root=sudo
	fi
	echo "Installing:$missing"
	log=$(mktemp) || return 1
	# shellcheck disable=SC2086 # both are lists of words
	if { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
	} </dev/null >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "Installing failed. By hand: apt-get install$missing" >&2
	return 1
}

# processors: how many jobs to run at once; JOBS=N says otherwise.
processors() {
	echo "${JOBS:-$(nproc 2>/dev/null || echo 1)}"
}

# tap_totals FILE: "passed failed skipped" over the summaries of `make check` that a log holds.
tap_totals() {
	awk '
		/^# PASS:/ || /^# XFAIL:/ { passed += $3 }
		/^# FAIL:/ || /^# XPASS:/ || /^# ERROR:/ { failed += $3 }
		/^# SKIP:/ { skipped += $3 }
		END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}
