# SPDX-License-Identifier: MIT
# Fuzz targets: each also a program of its own (main.c), which `make check` runs over seeds and mutations.
FUZZ_COMMON = tests/fuzz/harness.c tests/fuzz/harness.h tests/fuzz/main.c
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_PLUGIN_DIR='"$(abs_top_builddir)/plugins"'

check_PROGRAMS += tests/fuzz/fuzz_profile
tests_fuzz_fuzz_profile_SOURCES = tests/fuzz/fuzz_profile.c $(FUZZ_COMMON)
tests_fuzz_fuzz_profile_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_profile_LDADD = libdeid-core.la

if PLUGIN_JSON
check_PROGRAMS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_COMMON)
tests_fuzz_fuzz_json_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_json_LDADD = libdeid-core.la
endif

if PLUGIN_CSV
check_PROGRAMS += tests/fuzz/fuzz_csv
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c $(FUZZ_COMMON)
tests_fuzz_fuzz_csv_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_csv_LDADD = libdeid-core.la
endif

if PLUGIN_KV
check_PROGRAMS += tests/fuzz/fuzz_kv
tests_fuzz_fuzz_kv_SOURCES = tests/fuzz/fuzz_kv.c $(FUZZ_COMMON)
tests_fuzz_fuzz_kv_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_kv_LDADD = libdeid-core.la
endif

if PLUGIN_ZIP
check_PROGRAMS += tests/fuzz/fuzz_zip
tests_fuzz_fuzz_zip_SOURCES = tests/fuzz/fuzz_zip.c $(FUZZ_COMMON)
tests_fuzz_fuzz_zip_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_zip_LDADD = libdeid-core.la
endif

if PLUGIN_XML
check_PROGRAMS += tests/fuzz/fuzz_xml
tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c $(FUZZ_COMMON)
tests_fuzz_fuzz_xml_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_xml_LDADD = libdeid-core.la
endif

if PLUGIN_DICOM
check_PROGRAMS += tests/fuzz/fuzz_dicom
tests_fuzz_fuzz_dicom_SOURCES = tests/fuzz/fuzz_dicom.c $(FUZZ_COMMON)
tests_fuzz_fuzz_dicom_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_dicom_LDADD = libdeid-core.la

check_PROGRAMS += tests/fuzz/fuzz_dicom_pixels
tests_fuzz_fuzz_dicom_pixels_SOURCES = tests/fuzz/fuzz_dicom_pixels.c $(FUZZ_COMMON)
tests_fuzz_fuzz_dicom_pixels_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_dicom_pixels_LDADD = libdeid-core.la
endif

if MODULE_JPEG_MASK
check_PROGRAMS += tests/fuzz/fuzz_jpeg_mask
tests_fuzz_fuzz_jpeg_mask_SOURCES = tests/fuzz/fuzz_jpeg_mask.c $(FUZZ_COMMON)
tests_fuzz_fuzz_jpeg_mask_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_jpeg_mask_LDADD = plugins/common/libdeid-jpeg-mask.la libdeid-core.la
endif

if MODULE_DICOM_CODEC
check_PROGRAMS += tests/fuzz/fuzz_dicom_codec
tests_fuzz_fuzz_dicom_codec_SOURCES = tests/fuzz/fuzz_dicom_codec.c $(FUZZ_COMMON)
nodist_EXTRA_tests_fuzz_fuzz_dicom_codec_SOURCES = force-the-c++-linker.cc
tests_fuzz_fuzz_dicom_codec_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_dicom_codec_LDADD = plugins/modules/libdeid-dicom-codec.la libdeid-core.la
endif

if PLUGIN_IMAGE
check_PROGRAMS += tests/fuzz/fuzz_jpg tests/fuzz/fuzz_png
tests_fuzz_fuzz_jpg_SOURCES = tests/fuzz/fuzz_jpg.c $(FUZZ_COMMON)
tests_fuzz_fuzz_jpg_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_jpg_LDADD = libdeid-core.la
tests_fuzz_fuzz_png_SOURCES = tests/fuzz/fuzz_png.c $(FUZZ_COMMON)
tests_fuzz_fuzz_png_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_png_LDADD = libdeid-core.la $(ZLIB_LIBS)
endif

if HAVE_PYTHON3
TESTS += tests/fuzz/run_fuzz.py
CHECK_LONG_TESTS += tests/fuzz/run_libfuzzer.py
endif
EXTRA_DIST += tests/fuzz/run_fuzz.py tests/fuzz/run_libfuzzer.py tests/fuzz/seeds.py
