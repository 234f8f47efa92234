# SPDX-License-Identifier: MIT
if PLUGIN_IMAGE
# All but the registration, for the plugin, the unit tests and the fuzz targets. EXIF is what the formats share.
noinst_LTLIBRARIES += libdeid-image.la
libdeid_image_la_SOURCES = \
	plugins/image/data.c \
	plugins/image/entry.c \
	plugins/image/extent.c plugins/image/extent.h \
	plugins/image/fields.c \
	plugins/image/ghost.c \
	plugins/image/icc.c plugins/image/icc.h \
	plugins/image/ifd.c plugins/image/ifd.h \
	plugins/image/iptc.c plugins/image/iptc.h \
	plugins/image/jpg.c plugins/image/jpg.h plugins/image/jpg_parts.c plugins/image/jpg_scan.c plugins/image/jpg_scan.h \
	plugins/image/jpg_walk.c plugins/image/jpg_write.c \
	plugins/image/layout.c \
	plugins/image/meta.c plugins/image/meta.h plugins/image/mirror.c plugins/image/mirror.h \
	plugins/image/names.c \
	plugins/image/pages.c \
	plugins/image/png.c plugins/image/png.h plugins/image/png_mask.c plugins/image/png_mask.h plugins/image/png_text.c plugins/image/png_walk.c plugins/image/png_write.c \
	plugins/image/strip.c \
	plugins/image/tags.c plugins/image/tags.h \
	plugins/image/tiff-conf.c plugins/image/tiff.c plugins/image/tiff.h \
	plugins/image/tree.h \
	plugins/image/value.c \
	plugins/image/xmp.c plugins/image/xmp.h plugins/image/xmp_names.c plugins/image/xmp_parse.c plugins/image/xmp_tree.h
libdeid_image_la_CFLAGS = $(AM_CFLAGS) $(IMAGE_CFLAGS) $(CRYPTO_CFLAGS)
libdeid_image_la_LIBADD = plugins/common/libdeid-region.la libdeid-util.la $(IMAGE_LIBS) $(CRYPTO_LIBS) -lm

plugin_LTLIBRARIES += plugins/image.la
plugins_image_la_SOURCES = plugins/image/plugin.c plugins/image/plugin.h
plugins_image_la_LDFLAGS = $(PLUGIN_LINK)
plugins_image_la_LIBADD = libdeid-image.la
plugin_DATA += plugins/image.provides
endif
CLEANFILES += plugins/image.provides
plugins/image.provides: $(srcdir)/plugins/image/local.mk
	$(AM_V_GEN)$(MKDIR_P) plugins && printf 'format jpg\nformat png\nformat tiff\n' >$@
