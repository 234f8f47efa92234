# SPDX-License-Identifier: MIT

if HAVE_PYTHON3
if PLUGIN_JSON
TESTS += tests/plugins/test_json_model.py
endif
endif
EXTRA_DIST += tests/plugins/batch.py tests/plugins/json_model.py tests/plugins/random_json.py \
	tests/plugins/test_json_model.py
