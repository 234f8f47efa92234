# SPDX-License-Identifier: MIT
libdeid_core_la_SOURCES += \
	core/engine/apply.c core/engine/apply.h \
	core/engine/batch.c core/engine/batch.h \
	core/engine/commit.c core/engine/commit.h \
	core/engine/folder.c core/engine/folder.h \
	core/engine/foldername.c core/engine/foldername.h \
	core/engine/host.c core/engine/host.h \
	core/engine/job.c core/engine/job.h \
	core/engine/loader.c core/engine/loader.h \
	core/engine/match.c core/engine/match.h \
	core/engine/member.c core/engine/member.h \
	core/engine/metadata.c core/engine/metadata.h \
	core/engine/module.c core/engine/module.h \
	core/engine/naming.c core/engine/naming.h \
	core/engine/pipe.c core/engine/pipe.h \
	core/engine/process.c core/engine/process.h \
	core/engine/query.c core/engine/query.h \
	core/engine/random.c core/engine/random.h \
	core/engine/record.c core/engine/record.h \
	core/engine/registry.c core/engine/registry.h \
	core/engine/run.h \
	core/engine/subjects.c core/engine/subjects.h \
	core/engine/trace.c core/engine/trace.h \
	core/engine/trust.c core/engine/trust.h \
	core/engine/unit.c core/engine/unit.h \
	core/engine/valuelog.c core/engine/valuelog.h \
	core/engine/walk.c core/engine/walk.h
