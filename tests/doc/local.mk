# SPDX-License-Identifier: MIT
# What the documents say: their examples and profiles, run.
EXTRA_DIST += tests/doc/mdblocks.py tests/doc/guide.py tests/doc/manuals.py tests/doc/profiles.py tests/doc/readme.py \
	tests/doc/exampleblocks.py tests/doc/reference.py

# Each says itself which plugins it needs.
if HAVE_PYTHON3
TESTS += tests/doc/guide.py tests/doc/manuals.py tests/doc/profiles.py tests/doc/readme.py tests/doc/reference.py
endif
