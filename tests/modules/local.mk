# SPDX-License-Identifier: MIT
# Plugins for the tests of the core: one that works, and one for each way to be broken. They become real
# modules only with an -rpath; -z defs is not wanted, one of them has an undefined symbol.
TEST_MODULE_LINK = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
test_modules = tests/modules/lines.la \
	tests/modules/oldabi.la \
	tests/modules/newmajor.la \
	tests/modules/newminor.la \
	tests/modules/small.la \
	tests/modules/nosymbol.la \
	tests/modules/wrongname.la \
	tests/modules/noinit.la \
	tests/modules/initfails.la \
	tests/modules/silent.la \
	tests/modules/twice.la \
	tests/modules/taken.la \
	tests/modules/undefined.la \
	tests/modules/incomplete.la \
	tests/modules/badname.la \
	tests/modules/smallformat.la \
	tests/modules/sound.la
check_LTLIBRARIES += $(test_modules)
tests_modules_lines_la_SOURCES = tests/modules/lines.c tests/modules/pairs.c tests/modules/lines.h
tests_modules_lines_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_oldabi_la_SOURCES = tests/modules/broken.c
tests_modules_oldabi_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"oldabi"' -DBROKEN_SECTION='"oldabi"' -DBROKEN_MAJOR=0
tests_modules_oldabi_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_newmajor_la_SOURCES = tests/modules/broken.c
tests_modules_newmajor_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"newmajor"' -DBROKEN_SECTION='"newmajor"' -DBROKEN_MAJOR=2
tests_modules_newmajor_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_newminor_la_SOURCES = tests/modules/broken.c
tests_modules_newminor_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"newminor"' -DBROKEN_SECTION='"newminor"' -DBROKEN_MINOR=99
tests_modules_newminor_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_small_la_SOURCES = tests/modules/broken.c
tests_modules_small_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"small"' -DBROKEN_SECTION='"small"' -DBROKEN_SIZE=8
tests_modules_small_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_nosymbol_la_SOURCES = tests/modules/broken.c
tests_modules_nosymbol_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"nosymbol"' -DBROKEN_SECTION='"nosymbol"' -DBROKEN_NO_SYMBOL
tests_modules_nosymbol_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_wrongname_la_SOURCES = tests/modules/broken.c
tests_modules_wrongname_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"other"' -DBROKEN_SECTION='"wrongname"'
tests_modules_wrongname_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_noinit_la_SOURCES = tests/modules/broken.c
tests_modules_noinit_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"noinit"' -DBROKEN_SECTION='"noinit"' -DBROKEN_NO_INIT
tests_modules_noinit_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_initfails_la_SOURCES = tests/modules/broken.c
tests_modules_initfails_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"initfails"' -DBROKEN_SECTION='"initfails"' -DBROKEN_FAILS
tests_modules_initfails_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_silent_la_SOURCES = tests/modules/broken.c
tests_modules_silent_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"silent"' -DBROKEN_SECTION='"silent"' -DBROKEN_SILENT
tests_modules_silent_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_twice_la_SOURCES = tests/modules/broken.c
tests_modules_twice_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"twice"' -DBROKEN_SECTION='"twice"' -DBROKEN_TWICE
tests_modules_twice_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_taken_la_SOURCES = tests/modules/broken.c
tests_modules_taken_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"taken"' -DBROKEN_SECTION='"lines"'
tests_modules_taken_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_undefined_la_SOURCES = tests/modules/broken.c
tests_modules_undefined_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"undefined"' -DBROKEN_SECTION='"undefined"' -DBROKEN_UNDEFINED
tests_modules_undefined_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_incomplete_la_SOURCES = tests/modules/broken.c
tests_modules_incomplete_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"incomplete"' -DBROKEN_SECTION='"incomplete"' -DBROKEN_INCOMPLETE
tests_modules_incomplete_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_badname_la_SOURCES = tests/modules/broken.c
tests_modules_badname_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"badname"' -DBROKEN_SECTION='"Bad_Name!"'
tests_modules_badname_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_smallformat_la_SOURCES = tests/modules/broken.c
tests_modules_smallformat_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"smallformat"' -DBROKEN_SECTION='"smallformat"' -DBROKEN_FORMAT_SIZE=64
tests_modules_smallformat_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_sound_la_SOURCES = tests/modules/broken.c
tests_modules_sound_la_CPPFLAGS = $(AM_CPPFLAGS) -DBROKEN_NAME='"sound"' -DBROKEN_SECTION='"sound"'
tests_modules_sound_la_LDFLAGS = $(TEST_MODULE_LINK)

# A plugin with a module of its own, and modules that are each broken in one way.
check_LTLIBRARIES += tests/modules/owner.la $(test_companions)
tests_modules_owner_la_SOURCES = tests/modules/owner.c tests/modules/companion.h
tests_modules_owner_la_LDFLAGS = $(TEST_MODULE_LINK)
test_companions = tests/modules/modules/good.la \
	tests/modules/modules/othersize.la \
	tests/modules/modules/otherversion.la \
	tests/modules/modules/othername.la \
	tests/modules/modules/nothing.la \
	tests/modules/modules/unresolved.la
tests_modules_modules_good_la_SOURCES = tests/modules/companion.c tests/modules/companion.h
tests_modules_modules_good_la_CPPFLAGS = $(AM_CPPFLAGS) -DCOMPANION_NAME='"good"'
tests_modules_modules_good_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_modules_othersize_la_SOURCES = tests/modules/companion.c tests/modules/companion.h
tests_modules_modules_othersize_la_CPPFLAGS = $(AM_CPPFLAGS) -DCOMPANION_NAME='"othersize"' -DCOMPANION_SIZE=16
tests_modules_modules_othersize_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_modules_otherversion_la_SOURCES = tests/modules/companion.c tests/modules/companion.h
tests_modules_modules_otherversion_la_CPPFLAGS = $(AM_CPPFLAGS) -DCOMPANION_NAME='"otherversion"' -DCOMPANION_VERSION=8
tests_modules_modules_otherversion_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_modules_othername_la_SOURCES = tests/modules/companion.c tests/modules/companion.h
tests_modules_modules_othername_la_CPPFLAGS = $(AM_CPPFLAGS) -DCOMPANION_NAME='"elsewhere"'
tests_modules_modules_othername_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_modules_nothing_la_SOURCES = tests/modules/companion.c tests/modules/companion.h
tests_modules_modules_nothing_la_CPPFLAGS = $(AM_CPPFLAGS) -DCOMPANION_NAME='"nothing"' -DCOMPANION_NOTHING
tests_modules_modules_nothing_la_LDFLAGS = $(TEST_MODULE_LINK)
tests_modules_modules_unresolved_la_SOURCES = tests/modules/companion.c tests/modules/companion.h
tests_modules_modules_unresolved_la_CPPFLAGS = $(AM_CPPFLAGS) -DCOMPANION_NAME='"unresolved"' -DCOMPANION_UNRESOLVED
tests_modules_modules_unresolved_la_LDFLAGS = $(TEST_MODULE_LINK)

if HAVE_PYTHON3
TESTS += tests/modules/loader.py tests/modules/both_ways.py tests/modules/companion.py
endif
EXTRA_DIST += tests/modules/loader.py tests/modules/both_ways.py tests/modules/companion.py
