# SPDX-License-Identifier: MIT
# What plugins load by host->module(): each is what one library is needed for, behind a table of functions.
if MODULE_JPEG_MASK
noinst_LTLIBRARIES += plugins/common/libdeid-jpeg-mask.la
plugins_common_libdeid_jpeg_mask_la_SOURCES = \
	plugins/common/jpeg-lib.c plugins/common/jpeg-lib.h \
	plugins/common/jpeg-mask.c plugins/common/jpeg-mask.h
plugins_common_libdeid_jpeg_mask_la_CFLAGS = $(AM_CFLAGS) $(JPEG_MASK_CFLAGS)
plugins_common_libdeid_jpeg_mask_la_LIBADD = $(JPEG_MASK_LIBS)

companion_LTLIBRARIES += plugins/modules/jpeg-mask.la
plugins_modules_jpeg_mask_la_SOURCES = plugins/modules/jpeg-mask.c
plugins_modules_jpeg_mask_la_LDFLAGS = $(COMPANION_LINK)
plugins_modules_jpeg_mask_la_LIBADD = plugins/common/libdeid-jpeg-mask.la
endif

if MODULE_DICOM_CODEC
noinst_LTLIBRARIES += plugins/modules/libdeid-dicom-codec.la
plugins_modules_libdeid_dicom_codec_la_SOURCES = \
	plugins/dicom/lossless.h plugins/modules/dicom-codec.h plugins/modules/ijg.cc \
	plugins/modules/jpeg-ls.c plugins/modules/lossless-jpeg.c
plugins_modules_libdeid_dicom_codec_la_CFLAGS = $(AM_CFLAGS) $(CHARLS_CFLAGS)
plugins_modules_libdeid_dicom_codec_la_LIBADD = libdeid-util.la $(DCMTK_LIBS) $(CHARLS_LIBS)

companion_LTLIBRARIES += plugins/modules/dicom-codec.la
plugins_modules_dicom_codec_la_SOURCES = plugins/modules/dicom-codec.c
nodist_EXTRA_plugins_modules_dicom_codec_la_SOURCES = force-the-c++-linker.cc
plugins_modules_dicom_codec_la_LDFLAGS = $(COMPANION_LINK)
plugins_modules_dicom_codec_la_LIBADD = plugins/modules/libdeid-dicom-codec.la
endif
