# SPDX-License-Identifier: MIT
EXTRA_DIST += tests/support/tap.py tests/support/dicomfile.py
EXTRA_DIST += tests/build/no-criterion.sh tests/build/exports.py

if HAVE_PYTHON3
TESTS += tests/build/exports.py
endif
if !HAVE_CRITERION
TESTS += tests/build/no-criterion.sh
endif

CHECK_LONG_TESTS += tests/build/switches.sh

# The long tests, through the same driver and summary as `make check`.
EXTRA_DIST += $(CHECK_LONG_TESTS)
.PHONY: check-long
check-long:
	DEID_TEST_LONG=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(CHECK_LONG_TESTS)'
