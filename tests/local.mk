# SPDX-License-Identifier: MIT
EXTRA_DIST += tests/support/tap.py tests/support/dicomfile.py tests/support/imagefile.py tests/support/tifffile.py tests/support/zipkit.py
EXTRA_DIST += tests/build/no-criterion.sh tests/build/exports.py tests/build/switches.sh tests/build/bench.py

if HAVE_PYTHON3
TESTS += tests/build/exports.py
endif
if !HAVE_CRITERION
TESTS += tests/build/no-criterion.sh
endif

CHECK_LONG_TESTS += tests/build/switches.sh
if HAVE_PYTHON3
if PLUGIN_DICOM
if PLUGIN_CSV
CHECK_LONG_TESTS += tests/build/bench.py
endif
endif
endif

# The long tests, through the same driver and summary as `make check`.
.PHONY: check-long
check-long: all bench/measure$(EXEEXT)
	DEID_TEST_LONG=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(CHECK_LONG_TESTS)'
