# SPDX-License-Identifier: MIT
# libc only: this is linked, hidden, into the program and into every plugin.
libdeid_util_la_SOURCES += \
	core/util/arena.c core/util/arena.h \
	core/util/base64.c core/util/base64.h \
	core/util/bytes.h \
	core/util/civil.c core/util/civil.h \
	core/util/clock.h \
	core/util/csvrow.c core/util/csvrow.h \
	core/util/error.c core/util/error.h \
	core/util/glob.c core/util/glob.h \
	core/util/grow.h \
	core/util/json.c core/util/json.h \
	core/util/map.c core/util/map.h \
	core/util/marks.h \
	core/util/splice.c core/util/splice.h \
	core/util/str.c core/util/str.h \
	core/util/utf8.c core/util/utf8.h
