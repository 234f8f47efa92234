# SPDX-License-Identifier: MIT
# Plugins built outside the tree, from an installed deid; models for authors of plugins.
if HAVE_PYTHON3
TESTS += tests/oot/run_records.py tests/oot/run_notes.py
CHECK_LONG_TESTS += tests/oot/run_records.py
endif
EXTRA_DIST += tests/oot/run_records.py tests/oot/run_notes.py tests/oot/build.py tests/oot/records.c tests/oot/notes.c \
	tests/support/memory.py
