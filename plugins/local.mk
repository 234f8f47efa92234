# SPDX-License-Identifier: MIT

# What the text formats share.
noinst_LTLIBRARIES += plugins/common/libdeid-text.la
plugins_common_libdeid_text_la_SOURCES = \
	plugins/common/charset.c plugins/common/charset.h \
	plugins/common/entries.c plugins/common/entries.h \
	plugins/common/spans.c plugins/common/spans.h

# Which pixels a mask takes away, for formats with images.
noinst_LTLIBRARIES += plugins/common/libdeid-region.la
plugins_common_libdeid_region_la_SOURCES = plugins/common/region.c plugins/common/region.h

# Reading and writing JSON, linked into each plugin that does, hidden.
noinst_LTLIBRARIES += plugins/json/libdeid-json.la
plugins_json_libdeid_json_la_SOURCES = \
	plugins/json/create.c \
	plugins/json/json.c plugins/json/json.h \
	plugins/json/path.c plugins/json/path.h \
	plugins/json/place.c \
	plugins/json/scan.c plugins/json/scan.h \
	plugins/json/text.c plugins/json/text.h \
	plugins/json/walk.c plugins/json/walk.h
plugins_json_libdeid_json_la_LIBADD = plugins/common/libdeid-text.la libdeid-util.la

if PLUGIN_JSON
plugin_LTLIBRARIES += plugins/json.la
plugins_json_la_SOURCES = plugins/json/plugin.c
plugins_json_la_LDFLAGS = $(PLUGIN_LINK)
plugins_json_la_LIBADD = plugins/json/libdeid-json.la
endif

if PLUGIN_FLYWHEEL
plugin_LTLIBRARIES += plugins/flywheel.la
plugins_flywheel_la_SOURCES = \
	plugins/flywheel/container.c plugins/flywheel/container.h \
	plugins/flywheel/cursor.c plugins/flywheel/cursor.h \
	plugins/flywheel/flywheel.c plugins/flywheel/flywheel.h \
	plugins/flywheel/pick.c
plugins_flywheel_la_LDFLAGS = $(PLUGIN_LINK)
plugins_flywheel_la_LIBADD = plugins/json/libdeid-json.la
endif

if PLUGIN_CSV
plugin_LTLIBRARIES += plugins/csv.la
plugins_csv_la_SOURCES = plugins/csv/csv.c plugins/csv/table.c plugins/csv/table.h
plugins_csv_la_LDFLAGS = $(PLUGIN_LINK)
plugins_csv_la_LIBADD = plugins/common/libdeid-text.la libdeid-util.la
plugin_DATA += plugins/csv.provides
endif

if PLUGIN_KV
plugin_LTLIBRARIES += plugins/kv.la
plugins_kv_la_SOURCES = plugins/kv/kv.c plugins/kv/kv.h plugins/kv/lines.c plugins/kv/split.c plugins/kv/split.h
plugins_kv_la_CFLAGS = $(AM_CFLAGS) $(KV_CFLAGS)
plugins_kv_la_LDFLAGS = $(PLUGIN_LINK)
plugins_kv_la_LIBADD = plugins/common/libdeid-text.la libdeid-util.la $(KV_LIBS)
plugin_DATA += plugins/kv.provides
endif

if PLUGIN_XML
plugin_LTLIBRARIES += plugins/xml.la
plugins_xml_la_SOURCES = \
	plugins/xml/act.c \
	plugins/xml/match.c plugins/xml/match.h \
	plugins/xml/path.c plugins/xml/path.h \
	plugins/xml/plugin.c \
	plugins/xml/siblings.c plugins/xml/siblings.h \
	plugins/xml/text.c plugins/xml/text.h \
	plugins/xml/walk.c plugins/xml/walk.h
plugins_xml_la_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
plugins_xml_la_LDFLAGS = $(PLUGIN_LINK)
plugins_xml_la_LIBADD = plugins/common/libdeid-text.la libdeid-util.la $(XML_LIBS)
endif

# Beside a plugin that provides more than its name says: what the program reads instead of loading it.
CLEANFILES += plugins/csv.provides plugins/kv.provides
plugins/csv.provides: $(srcdir)/plugins/local.mk
	$(AM_V_GEN)$(MKDIR_P) plugins && printf 'format csv\nformat tsv\nformat table\n' >$@
plugins/kv.provides: $(srcdir)/plugins/local.mk
	$(AM_V_GEN)$(MKDIR_P) plugins && printf 'format key-value-text-file\n' >$@
