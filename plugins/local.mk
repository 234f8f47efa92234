# SPDX-License-Identifier: MIT

# What the text formats share.
noinst_LTLIBRARIES += plugins/common/libdeid-text.la
plugins_common_libdeid_text_la_SOURCES = plugins/common/spans.c plugins/common/spans.h

if PLUGIN_JSON
plugin_LTLIBRARIES += plugins/json.la
plugins_json_la_SOURCES = plugins/json/json.c plugins/json/scan.c plugins/json/scan.h plugins/json/path.c \
	plugins/json/path.h plugins/json/place.c plugins/json/text.c plugins/json/text.h plugins/json/walk.c \
	plugins/json/walk.h plugins/json/create.c
plugins_json_la_LDFLAGS = $(PLUGIN_LINK)
plugins_json_la_LIBADD = plugins/common/libdeid-text.la libdeid-util.la
endif
