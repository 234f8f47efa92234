# SPDX-License-Identifier: MIT
bin_PROGRAMS += deid
deid_SOURCES = \
	core/cli/cmd_check.c \
	core/cli/cmd_fields.c \
	core/cli/cmd_formats.c \
	core/cli/cmd_gear.c \
	core/cli/cmd_keygen.c \
	core/cli/cmd_plan.c \
	core/cli/cmd_run.c \
	core/cli/command.h \
	core/cli/containers.c core/cli/containers.h \
	core/cli/deidlog.c core/cli/deidlog.h \
	core/cli/gearconfig.c core/cli/gearconfig.h \
	core/cli/inputs.c core/cli/inputs.h \
	core/cli/jsonfile.c core/cli/jsonfile.h \
	core/cli/keyoptions.c core/cli/keyoptions.h \
	core/cli/main.c \
	core/cli/plan.c core/cli/plan.h \
	core/cli/planvalue.c core/cli/planvalue.h \
	core/cli/print.c core/cli/print.h \
	core/cli/report.c core/cli/report.h \
	core/cli/session.c \
	core/cli/subjects.c core/cli/subjects.h
deid_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS) $(YAJL_CFLAGS)
deid_LDADD = libdeid-core.la $(YAJL_LIBS)
