# SPDX-License-Identifier: MIT
# What others make of our outputs: pydicom, DCMTK, jq, Python's csv.
if HAVE_PYTHON3
TESTS += tests/oracle/oracle_dicom.py tests/oracle/identity_dicom.py tests/oracle/bad_dicom.py tests/oracle/oracle_text.py
if PLUGIN_DICOM
TESTS += tests/oracle/cms_dicom.py
endif
endif
EXTRA_DIST += tests/oracle/cms_dicom.py
EXTRA_DIST += tests/oracle/oracle_dicom.py tests/oracle/identity_dicom.py tests/oracle/corpus.py tests/oracle/choose.py \
	tests/oracle/walker.py tests/oracle/dcmtk.py tests/oracle/bad_dicom.py tests/oracle/oracle_text.py
