# SPDX-License-Identifier: MIT
libdeid_core_la_SOURCES += \
	core/transform/basic.c core/transform/basic.h \
	core/transform/builtin.c core/transform/builtin.h \
	core/transform/change.c core/transform/change.h \
	core/transform/crypt.c \
	core/transform/date.c \
	core/transform/decimal.c core/transform/decimal.h \
	core/transform/digest.c core/transform/digest.h \
	core/transform/eax.c core/transform/eax.h \
	core/transform/hash.c \
	core/transform/hashuid.c \
	core/transform/jitter.c core/transform/jitter.h \
	core/transform/keep.c \
	core/transform/pattern.c core/transform/pattern.h \
	core/transform/regex_sub.c \
	core/transform/remove.c \
	core/transform/replace.c \
	core/transform/shift.c core/transform/shift.h \
	core/transform/timestamp.c core/transform/timestamp.h \
	core/transform/uniform.c core/transform/uniform.h \
	core/transform/usual.c core/transform/usual.h
