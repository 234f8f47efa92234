# SPDX-License-Identifier: MIT
# What the documents say: their examples and profiles, run.
EXTRA_DIST += tests/doc/mdblocks.py tests/doc/guide.py tests/doc/manuals.py tests/doc/profiles.py tests/doc/readme.py \
	tests/doc/exampleblocks.py tests/doc/reference.py

if HAVE_PYTHON3
if PLUGIN_CSV
TESTS += tests/doc/guide.py
endif
if PLUGIN_JSON
TESTS += tests/doc/readme.py
if PLUGIN_CSV
if PLUGIN_KV
if PLUGIN_DICOM
if PLUGIN_FLYWHEEL
TESTS += tests/doc/manuals.py tests/doc/profiles.py
if PLUGIN_XML
TESTS += tests/doc/reference.py
endif
endif
endif
endif
endif
endif
endif
