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
