# SPDX-License-Identifier: MIT
libdeid_core_la_SOURCES += \
	core/profile/advice.c core/profile/advice.h \
	core/profile/casing.c core/profile/casing.h core/profile/casing_table.h \
	core/profile/cohort.c core/profile/cohort.h \
	core/profile/compile.c \
	core/profile/consult.c core/profile/consult.h \
	core/profile/derive.c core/profile/derive.h \
	core/profile/document.c core/profile/document.h \
	core/profile/expression.c core/profile/expression.h \
	core/profile/filename.c core/profile/filename.h \
	core/profile/filename_rule.c core/profile/filename_rule.h \
	core/profile/group.c core/profile/group.h \
	core/profile/keyring.c \
	core/profile/keys.c core/profile/keys.h \
	core/profile/node.c \
	core/profile/origin.c core/profile/origin.h \
	core/profile/output.c core/profile/output.h \
	core/profile/probe.c core/profile/probe.h \
	core/profile/profile.h \
	core/profile/query.c core/profile/query.h \
	core/profile/regex.c core/profile/regex.h \
	core/profile/sieve.c core/profile/sieve.h \
	core/profile/sieve_nfa.c core/profile/sieve_nfa.h \
	core/profile/rule.c core/profile/rule.h \
	core/profile/scalar.c core/profile/scalar.h \
	core/profile/schema.c core/profile/schema.h \
	core/profile/settings.c core/profile/settings.h \
	core/profile/suggest.c core/profile/suggest.h \
	core/profile/subject.c core/profile/subject.h \
	core/profile/template.c core/profile/template.h \
	core/profile/variables.c core/profile/variables.h
EXTRA_DIST += core/profile/casing.py
