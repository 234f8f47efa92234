# SPDX-License-Identifier: MIT
# The program as its users see it, with the test plugins of tests/modules.
cli_tests = \
	tests/cli/bad_input.py \
	tests/cli/faults.py \
	tests/cli/filenames.py \
	tests/cli/gzipped.py \
	tests/cli/in_place.py \
	tests/cli/jobs.py \
	tests/cli/killed.py \
	tests/cli/pipe.py \
	tests/cli/plan.py \
	tests/cli/subjects.py \
	tests/cli/tree.py \
	tests/cli/usage.py
if HAVE_PYTHON3
TESTS += $(cli_tests)
CHECK_LONG_TESTS += tests/cli/faults.py tests/cli/killed.py
endif
EXTRA_DIST += $(cli_tests) tests/cli/lines.py
