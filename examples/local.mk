# SPDX-License-Identifier: MIT
EXTRA_DIST += examples/make-samples.py examples/ct-thorax.dcm examples/ct-thorax.json examples/ct-thorax.mhd \
	examples/subjects.csv
