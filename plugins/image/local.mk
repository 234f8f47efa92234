# SPDX-License-Identifier: MIT
if PLUGIN_IMAGE
# All but the registration, for the plugin, the unit tests and the fuzz targets. EXIF is what the formats share.
noinst_LTLIBRARIES += libdeid-image.la
libdeid_image_la_SOURCES = \
	plugins/image/icc.c plugins/image/icc.h \
	plugins/image/ifd.h \
	plugins/image/iptc.c plugins/image/iptc.h \
	plugins/image/tags.c plugins/image/tags.h \
	plugins/image/xmp.c plugins/image/xmp.h plugins/image/xmp_names.c plugins/image/xmp_parse.c plugins/image/xmp_tree.h
libdeid_image_la_CFLAGS = $(AM_CFLAGS) $(IMAGE_CFLAGS)
libdeid_image_la_LIBADD = libdeid-util.la $(IMAGE_LIBS)

plugin_LTLIBRARIES += plugins/image.la
plugins_image_la_SOURCES = plugins/image/plugin.c plugins/image/plugin.h
plugins_image_la_LDFLAGS = $(PLUGIN_LINK)
plugins_image_la_LIBADD = libdeid-image.la
endif
