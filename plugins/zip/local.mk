# SPDX-License-Identifier: MIT
if PLUGIN_ZIP
# All but the registration, for the plugin and the unit tests.
noinst_LTLIBRARIES += libdeid-zip.la
libdeid_zip_la_SOURCES = \
	plugins/zip/archive.c \
	plugins/zip/codec.c plugins/zip/codec.h \
	plugins/zip/comment.c plugins/zip/comment.h \
	plugins/zip/directory.c \
	plugins/zip/folder.c plugins/zip/folder.h \
	plugins/zip/name.c \
	plugins/zip/writer.c plugins/zip/writer.h \
	plugins/zip/zip.h
libdeid_zip_la_CFLAGS = $(AM_CFLAGS) $(ZIP_CFLAGS) $(CRYPTO_CFLAGS)
libdeid_zip_la_LIBADD = plugins/common/libdeid-text.la libdeid-util.la $(ZIP_LIBS) $(CRYPTO_LIBS)

plugin_LTLIBRARIES += plugins/zip.la
plugins_zip_la_SOURCES = plugins/zip/plugin.c
plugins_zip_la_LDFLAGS = $(PLUGIN_LINK)
plugins_zip_la_LIBADD = libdeid-zip.la
endif
