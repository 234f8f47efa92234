# SPDX-License-Identifier: MIT
# Macros of this project's configure.ac.

# DEID_WARNINGS: --enable-werror, and the warnings that are always on.
AC_DEFUN([DEID_WARNINGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
  [], [enable_werror=no])
DEID_CFLAGS="-std=gnu11 -fvisibility=hidden -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wcast-qual"
AS_IF([test "$enable_werror" = yes], [DEID_CFLAGS="$DEID_CFLAGS -Werror"])
AC_SUBST([DEID_CFLAGS])
])

# DEID_SANITIZERS: --enable-sanitizers=address,undefined (anything -fsanitize= takes).
AC_DEFUN([DEID_SANITIZERS], [
AC_ARG_ENABLE([sanitizers],
  [AS_HELP_STRING([--enable-sanitizers=LIST], [build with -fsanitize=LIST (default when given alone: address,undefined)])],
  [], [enable_sanitizers=no])
AS_CASE([$enable_sanitizers],
  [no], [deid_san=],
  [yes], [deid_san=address,undefined],
  [deid_san=$enable_sanitizers])
AS_IF([test -n "$deid_san"], [
  SAN_CFLAGS="-fsanitize=$deid_san -fno-sanitize-recover=all -fno-omit-frame-pointer -g"
  SAN_LDFLAGS="-fsanitize=$deid_san"
  NODEFS_LDFLAGS=
], [
  SAN_CFLAGS= SAN_LDFLAGS=
  NODEFS_LDFLAGS="-no-undefined -Wl,-z,defs"
])
AM_CONDITIONAL([SANITIZERS], [test -n "$deid_san"])
AC_SUBST([SAN_CFLAGS])
AC_SUBST([SAN_LDFLAGS])
AC_SUBST([NODEFS_LDFLAGS])
])

AC_DEFUN([AX_PTHREAD_SIMPLE], [
AC_SEARCH_LIBS([pthread_create], [pthread], [], [AC_MSG_ERROR([POSIX threads are needed])])
])

# DEID_PLUGIN(NAME, WHAT, PKG-CONFIG MODULES): --without-NAME, conditional PLUGIN_NAME, a line for the summary.
AC_DEFUN([DEID_PLUGIN], [
AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [leave out the plugin for $2])], [], [with_$1=auto])
AS_IF([test "x$with_$1" = xno], [plugin_$1=no; why_$1="switched off by --without-$1"], [
  m4_ifval([$3], [
    PKG_CHECK_MODULES(m4_toupper([$1]), [$3], [plugin_$1=yes; why_$1="with $3"],
      [plugin_$1=no; why_$1="not found: $3"])
    AS_IF([test "x$with_$1:$plugin_$1" = xyes:no], [AC_MSG_ERROR([--with-$1 was given, but: $why_$1])])
  ], [plugin_$1=yes; why_$1="needs no library"])
])
AM_CONDITIONAL([PLUGIN_]m4_toupper([$1]), [test "$plugin_$1" = yes])
deid_summary="$deid_summary
    plugin $1: $plugin_$1 ($why_$1)"
])

AC_DEFUN([DEID_SUMMARY], [
AC_MSG_NOTICE([
  $PACKAGE_NAME $PACKAGE_VERSION
    prefix: $prefix
    compiler: $CC $CFLAGS
    warnings as errors: $enable_werror, sanitizers: $enable_sanitizers
    unit tests (criterion): $have_criterion, script tests: ${PYTHON3:-no python3}$deid_summary
])
])
