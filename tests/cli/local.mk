# SPDX-License-Identifier: MIT
# The program as its users see it, with the test plugins of tests/modules.
cli_tests = \
	tests/cli/bad_input.py \
	tests/cli/faults.py \
	tests/cli/deidlog.py \
	tests/cli/filenames.py \
	tests/cli/gzipped.py \
	tests/cli/in_place.py \
	tests/cli/jobs.py \
	tests/cli/killed.py \
	tests/cli/pipe.py \
	tests/cli/subject_from.py \
	tests/cli/subjects.py \
	tests/cli/tree.py \
	tests/cli/usage.py
# With the json plugin.
key_tests = tests/cli/done.py tests/cli/keys.py tests/cli/seed.py
# … and the flywheel plugin.
gear_tests = tests/cli/gear.py tests/cli/gear_archive.py tests/cli/metadata.py
# … and all plugins that read text, and dicom.
all_tests = tests/cli/check.py tests/cli/keys_of_sections.py tests/cli/plan.py
if HAVE_PYTHON3
TESTS += $(cli_tests)
if PLUGIN_JSON
TESTS += $(key_tests)
if PLUGIN_CSV
if PLUGIN_KV
if PLUGIN_DICOM
TESTS += $(all_tests)
endif
endif
endif
if PLUGIN_FLYWHEEL
TESTS += $(gear_tests)
endif
endif
CHECK_LONG_TESTS += tests/cli/faults.py tests/cli/killed.py
endif
EXTRA_DIST += $(all_tests) $(gear_tests) $(key_tests) $(cli_tests) tests/cli/lines.py
