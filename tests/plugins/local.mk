# SPDX-License-Identifier: MIT

if HAVE_PYTHON3
if PLUGIN_JSON
TESTS += tests/plugins/test_json.py tests/plugins/test_json_model.py tests/plugins/test_json_suite.py
endif
if PLUGIN_CSV
TESTS += tests/plugins/test_csv.py tests/plugins/test_csv_suite.py
endif
if PLUGIN_KV
TESTS += tests/plugins/test_kv.py
endif
if PLUGIN_JSON
if PLUGIN_CSV
if PLUGIN_XML
TESTS += tests/plugins/test_hazards.py
endif
endif
endif
if PLUGIN_XML
TESTS += tests/plugins/test_xml.py tests/plugins/test_xml_suite.py
endif
if PLUGIN_ZIP
TESTS += tests/plugins/test_zip.py tests/plugins/test_zip_hazards.py
endif
if PLUGIN_JSON
if PLUGIN_CSV
if PLUGIN_KV
TESTS += tests/plugins/test_crypt.py tests/plugins/test_regex_sub.py
TESTS += tests/plugins/test_text_big.py
CHECK_LONG_TESTS += tests/plugins/test_text_big.py
endif
endif
endif
endif
EXTRA_DIST += tests/plugins/batch.py tests/plugins/corpora.py tests/plugins/test_hazards.py tests/plugins/test_csv_suite.py tests/plugins/test_json_suite.py \
	tests/plugins/test_xml_suite.py tests/plugins/json_model.py tests/plugins/random_json.py \
	tests/plugins/test_crypt.py tests/plugins/test_csv.py tests/plugins/test_json.py tests/plugins/test_json_model.py tests/plugins/test_kv.py \
	tests/plugins/test_xml.py tests/plugins/test_zip.py tests/plugins/test_zip_hazards.py \
	tests/plugins/test_regex_sub.py tests/plugins/test_text_big.py

if PLUGIN_FLYWHEEL
if HAVE_CRITERION
check_PROGRAMS += tests/plugins/test_flywheel
TESTS += tests/plugins/test_flywheel
tests_plugins_test_flywheel_SOURCES = tests/plugins/test_flywheel.c plugins/flywheel/container.c plugins/flywheel/cursor.c
tests_plugins_test_flywheel_CFLAGS = $(UNIT_CFLAGS)
tests_plugins_test_flywheel_LDADD = plugins/json/libdeid-json.la $(UNIT_LIBS)
endif
endif

if MODULE_JPEG_MASK
if HAVE_CRITERION
check_PROGRAMS += tests/plugins/test_jpeg_mask
TESTS += tests/plugins/test_jpeg_mask
tests_plugins_test_jpeg_mask_CFLAGS = $(UNIT_CFLAGS) $(JPEG_MASK_CFLAGS)
tests_plugins_test_jpeg_mask_LDADD = plugins/common/libdeid-jpeg-mask.la $(UNIT_LIBS) $(JPEG_MASK_LIBS)
endif
endif

if PLUGIN_DICOM
if HAVE_CRITERION
dicom_unit_tests = tests/plugins/test_dicom_check tests/plugins/test_dicom_dict tests/plugins/test_dicom_walk
check_PROGRAMS += $(dicom_unit_tests)
TESTS += $(dicom_unit_tests)
tests_plugins_test_dicom_check_CFLAGS = $(UNIT_CFLAGS)
tests_plugins_test_dicom_check_LDADD = libdeid-dicom.la $(UNIT_LIBS)
tests_plugins_test_dicom_dict_CFLAGS = $(UNIT_CFLAGS)
tests_plugins_test_dicom_dict_LDADD = libdeid-dicom.la $(UNIT_LIBS)
tests_plugins_test_dicom_walk_CFLAGS = $(UNIT_CFLAGS)
tests_plugins_test_dicom_walk_LDADD = libdeid-dicom.la $(UNIT_LIBS)
endif
if HAVE_PYTHON3
TESTS += tests/plugins/test_dicom_encrypt.py tests/plugins/test_dicom_recipients.py
TESTS += tests/plugins/test_dicom_age.py tests/plugins/test_dicom_charset.py tests/plugins/test_dicom_files.py \
	tests/plugins/test_dicom_alter.py tests/plugins/test_dicom_catalogs.py tests/plugins/test_dicom_pixels.py tests/plugins/test_dicom_rle.py \
	tests/plugins/test_dicom_profiles.py tests/plugins/test_dicom_ps315.py tests/plugins/test_dicom_recurse.py tests/plugins/test_dicom_undefined.py \
	tests/plugins/test_dicom_write.py
if MODULE_JPEG_MASK
if MODULE_DICOM_CODEC
TESTS += tests/plugins/test_dicom_codec.py
CHECK_LONG_TESTS += tests/plugins/test_dicom_codec.py
endif
endif
endif
endif
EXTRA_DIST += tests/plugins/test_dicom_codec.py
EXTRA_DIST += tests/plugins/cmskit.py tests/plugins/test_dicom_encrypt.py tests/plugins/test_dicom_recipients.py
EXTRA_DIST += tests/plugins/test_dicom_alter.py tests/plugins/test_dicom_catalogs.py tests/plugins/test_dicom_pixels.py tests/plugins/test_dicom_rle.py
EXTRA_DIST += tests/plugins/dicomkit.py tests/plugins/test_dicom_age.py tests/plugins/test_dicom_charset.py tests/plugins/test_dicom_files.py \
	tests/plugins/test_dicom_profiles.py tests/plugins/test_dicom_ps315.py tests/plugins/test_dicom_recurse.py tests/plugins/test_dicom_undefined.py \
	tests/plugins/test_dicom_write.py

if PLUGIN_IMAGE
if HAVE_PYTHON3
TESTS += tests/plugins/test_jpg.py tests/plugins/test_png.py tests/plugins/test_png_mask.py
TESTS += tests/plugins/test_tiff.py tests/plugins/test_tiff_bad.py
endif
endif
EXTRA_DIST += tests/plugins/test_jpg.py tests/plugins/test_png.py tests/plugins/test_png_mask.py
EXTRA_DIST += tests/plugins/test_tiff.py tests/plugins/test_tiff_bad.py tests/plugins/tiffplant.py
