# SPDX-License-Identifier: MIT
if PLUGIN_DICOM
# All but the registration, for the plugin, the unit tests and the fuzz targets.
noinst_LTLIBRARIES += libdeid-dicom.la
libdeid_dicom_la_SOURCES = \
	plugins/dicom/alter.c plugins/dicom/alter.h plugins/dicom/filter.c plugins/dicom/filter.h \
	plugins/dicom/fragments.c plugins/dicom/fragments.h plugins/dicom/image.c plugins/dicom/image.h \
	plugins/dicom/mask.c plugins/dicom/paint.c plugins/dicom/paint.h plugins/dicom/palette.c \
	plugins/dicom/rle.c plugins/dicom/rle.h plugins/dicom/transcode.c plugins/dicom/transcode.h \
	plugins/dicom/act.c plugins/dicom/add.c plugins/dicom/age.c plugins/dicom/change.c plugins/dicom/charset.c plugins/dicom/charset.h \
	plugins/dicom/check.c plugins/dicom/check.h plugins/dicom/codec.c plugins/dicom/conf.c plugins/dicom/conf.h plugins/dicom/content.c \
	plugins/dicom/cms.c plugins/dicom/cms.h plugins/dicom/copy.c plugins/dicom/copy.h plugins/dicom/crypt.c \
	plugins/dicom/crypt.h plugins/dicom/envelope.c plugins/dicom/restore.c \
	plugins/dicom/deflate.c plugins/dicom/deflate.h plugins/dicom/dict.c plugins/dicom/dict.h \
	plugins/dicom/dict-table.c plugins/dicom/dict-table.h plugins/dicom/directory.c plugins/dicom/find.c \
	plugins/dicom/finish.c plugins/dicom/head.c plugins/dicom/head.h plugins/dicom/layout.c plugins/dicom/layout.h \
	plugins/dicom/open.c plugins/dicom/path.c plugins/dicom/path.h plugins/dicom/pixel.h plugins/dicom/prepare.c plugins/dicom/private-table.c \
	plugins/dicom/record.h plugins/dicom/scope.c plugins/dicom/tree.c plugins/dicom/tree.h plugins/dicom/uid.c \
	plugins/dicom/undefined.c \
	plugins/dicom/uid.h plugins/dicom/vr.c plugins/dicom/vr.h plugins/dicom/walk.c plugins/dicom/walk.h \
	plugins/dicom/write.c
libdeid_dicom_la_CFLAGS = $(AM_CFLAGS) $(DICOM_CFLAGS) $(CRYPTO_CFLAGS)
libdeid_dicom_la_LIBADD = plugins/common/libdeid-region.la libdeid-util.la $(DICOM_LIBS) $(CRYPTO_LIBS)

plugin_LTLIBRARIES += plugins/dicom.la
plugins_dicom_la_SOURCES = plugins/dicom/plugin.c
plugins_dicom_la_LDFLAGS = $(PLUGIN_LINK)
plugins_dicom_la_LIBADD = libdeid-dicom.la
endif
EXTRA_DIST += plugins/dicom/dict.awk
