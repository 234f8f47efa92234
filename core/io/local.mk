# SPDX-License-Identifier: MIT
libdeid_core_la_SOURCES += \
	core/io/gzip.c core/io/gzip.h \
	core/io/preserve.c core/io/preserve.h \
	core/io/range.c core/io/range.h \
	core/io/scatter.c core/io/scatter.h \
	core/io/sink.c core/io/sink.h \
	core/io/source.c core/io/source.h \
	core/io/temp.c core/io/temp.h
