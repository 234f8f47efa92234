# SPDX-License-Identifier: MIT
# Golden cases: see run_golden.py for where they come from.
if HAVE_PYTHON3
TESTS += tests/golden/run_golden.py
endif
EXTRA_DIST += tests/golden/run_golden.py tests/golden/checks.py tests/golden/dicom_model.py tests/golden/not-yet.txt
