# SPDX-License-Identifier: MIT
# Unit tests are Criterion programs called test_*; a program of another name prints TAP by itself.
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/support/unit.sh
EXTRA_DIST += tests/support/unit.sh tests/support/tap.py tests/support/eax.py

if HAVE_CRITERION
base_tests = \
	tests/core/test_arena \
	tests/core/test_bytes \
	tests/core/test_civil \
	tests/core/test_csvrow \
	tests/core/test_error \
	tests/core/test_glob \
	tests/core/test_marks \
	tests/core/test_marks_plain \
	tests/core/test_sink \
	tests/core/test_source \
	tests/core/test_splice \
	tests/core/test_str \
	tests/core/test_utf8
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
tests_core_test_arena_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_arena_LDADD = $(UNIT_LIBS)
tests_core_test_bytes_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_bytes_LDADD = $(UNIT_LIBS)
tests_core_test_civil_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_civil_LDADD = $(UNIT_LIBS)
tests_core_test_csvrow_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_csvrow_LDADD = $(UNIT_LIBS)
tests_core_test_error_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_error_LDADD = $(UNIT_LIBS)
tests_core_test_glob_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_glob_LDADD = $(UNIT_LIBS)
tests_core_test_marks_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_marks_LDADD = $(UNIT_LIBS)
tests_core_test_marks_plain_SOURCES = tests/core/test_marks.c
tests_core_test_marks_plain_CFLAGS = $(UNIT_CFLAGS) -DDEID_MARKS_PLAIN
tests_core_test_marks_plain_LDADD = $(UNIT_LIBS)
tests_core_test_sink_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_sink_LDADD = $(UNIT_LIBS)
tests_core_test_source_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_source_LDADD = $(UNIT_LIBS)
tests_core_test_splice_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_splice_LDADD = $(UNIT_LIBS)
tests_core_test_str_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_str_LDADD = $(UNIT_LIBS)
tests_core_test_utf8_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_utf8_LDADD = $(UNIT_LIBS)

table_tests = \
	tests/core/test_subject \
	tests/core/test_template
check_PROGRAMS += $(table_tests)
TESTS += $(table_tests)
tests_core_test_subject_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_subject_LDADD = $(UNIT_LIBS)
tests_core_test_template_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_template_LDADD = $(UNIT_LIBS)

action_tests = \
	tests/core/test_base64 \
	tests/core/test_crypt \
	tests/core/test_decimal \
	tests/core/test_jitter \
	tests/core/test_json \
	tests/core/test_keys \
	tests/core/test_random \
	tests/core/test_regex_sub
check_PROGRAMS += $(action_tests)
TESTS += $(action_tests)
tests_core_test_base64_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_base64_LDADD = $(UNIT_LIBS)
tests_core_test_crypt_SOURCES = tests/core/test_crypt.c $(fakehost)
tests_core_test_crypt_CFLAGS = $(UNIT_CFLAGS) $(CRYPTO_CFLAGS)
tests_core_test_crypt_LDADD = $(UNIT_LIBS)
tests_core_test_decimal_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_decimal_LDADD = $(UNIT_LIBS)
tests_core_test_jitter_SOURCES = tests/core/test_jitter.c $(fakehost)
tests_core_test_jitter_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_jitter_LDADD = $(UNIT_LIBS) -lm
tests_core_test_json_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_json_LDADD = $(UNIT_LIBS)
tests_core_test_keys_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_keys_LDADD = $(UNIT_LIBS)
tests_core_test_random_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_random_LDADD = $(UNIT_LIBS)
tests_core_test_regex_sub_SOURCES = tests/core/test_regex_sub.c $(fakehost)
tests_core_test_regex_sub_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_regex_sub_LDADD = $(UNIT_LIBS)

# A host and formats for tests of profiles and transforms.
fakehost = tests/support/fakehost.c tests/support/fakehost.h
profile_tests = \
	tests/core/test_document \
	tests/core/test_schema \
	tests/core/test_compile \
	tests/core/test_regex \
	tests/core/test_sieve \
	tests/core/test_filename \
	tests/core/test_replace \
	tests/core/test_eax \
	tests/core/test_hash \
	tests/core/test_hashuid \
	tests/core/test_date \
	tests/core/test_pattern
check_PROGRAMS += $(profile_tests)
TESTS += $(profile_tests)
tests_core_test_document_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_document_LDADD = $(UNIT_LIBS)
tests_core_test_schema_SOURCES = tests/core/test_schema.c $(fakehost)
tests_core_test_schema_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_schema_LDADD = $(UNIT_LIBS)
tests_core_test_compile_SOURCES = tests/core/test_compile.c $(fakehost)
tests_core_test_compile_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_compile_LDADD = $(UNIT_LIBS)
tests_core_test_sieve_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_sieve_LDADD = $(UNIT_LIBS)
tests_core_test_regex_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_regex_LDADD = $(UNIT_LIBS)
tests_core_test_filename_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_filename_LDADD = $(UNIT_LIBS)
tests_core_test_replace_SOURCES = tests/core/test_replace.c $(fakehost)
tests_core_test_replace_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_replace_LDADD = $(UNIT_LIBS)
tests_core_test_eax_CFLAGS = $(UNIT_CFLAGS) $(CRYPTO_CFLAGS)
tests_core_test_eax_LDADD = $(UNIT_LIBS)
tests_core_test_hash_SOURCES = tests/core/test_hash.c $(fakehost)
tests_core_test_hash_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_hash_LDADD = $(UNIT_LIBS)
tests_core_test_hashuid_SOURCES = tests/core/test_hashuid.c $(fakehost)
tests_core_test_hashuid_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_hashuid_LDADD = $(UNIT_LIBS)
tests_core_test_date_SOURCES = tests/core/test_date.c $(fakehost)
tests_core_test_date_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_date_LDADD = $(UNIT_LIBS)
tests_core_test_pattern_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_pattern_LDADD = $(UNIT_LIBS)

engine_tests = \
	tests/core/test_apply \
	tests/core/test_match \
	tests/core/test_registry \
	tests/core/test_walk
check_PROGRAMS += $(engine_tests)
TESTS += $(engine_tests)
tests_core_test_apply_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_apply_LDADD = $(UNIT_LIBS)
tests_core_test_match_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_match_LDADD = $(UNIT_LIBS)
tests_core_test_registry_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_registry_LDADD = $(UNIT_LIBS)
tests_core_test_walk_CFLAGS = $(UNIT_CFLAGS)
tests_core_test_walk_LDADD = $(UNIT_LIBS)
endif
