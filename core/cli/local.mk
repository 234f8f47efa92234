# SPDX-License-Identifier: MIT
bin_PROGRAMS += deid
deid_SOURCES = core/cli/main.c
deid_CFLAGS = $(AM_CFLAGS)
deid_LDADD = libdeid-core.la
