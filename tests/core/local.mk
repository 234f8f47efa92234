# SPDX-License-Identifier: MIT
# Unit tests are Criterion programs called test_*; a program of another name prints TAP by itself.
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/support/unit.sh
EXTRA_DIST += tests/support/unit.sh tests/support/tap.py

if HAVE_CRITERION
check_PROGRAMS += tests/core/test_str
TESTS += tests/core/test_str
tests_core_test_str_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_str_LDADD = $(UNIT_LIBS)
endif
