# SPDX-License-Identifier: MIT
# Macros of this project's configure.ac.

# DEID_WARNINGS: --enable-werror, and the warnings that are always on.
AC_DEFUN([DEID_WARNINGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
  [], [enable_werror=no])
DEID_CFLAGS="-std=gnu11 -fvisibility=hidden -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wcast-qual"
DEID_CXXFLAGS="-std=gnu++17 -fvisibility=hidden -Wall -Wextra -Wpointer-arith -Wvla -Wformat=2 -Wundef -Wcast-align"
AS_IF([test "$enable_werror" = yes], [DEID_CFLAGS="$DEID_CFLAGS -Werror" DEID_CXXFLAGS="$DEID_CXXFLAGS -Werror"])
AC_SUBST([DEID_CFLAGS])
AC_SUBST([DEID_CXXFLAGS])
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
AC_SUBST([SAN_LIST], [$deid_san])
AC_SUBST([SAN_CFLAGS])
AC_SUBST([SAN_LDFLAGS])
AC_SUBST([NODEFS_LDFLAGS])
])

# DEID_EXIT_TRAP: configure ends with `rm -f core …`, which fails where the build tree has a folder of that
# name, and then leaves confdefs.h behind. Call it after AC_OUTPUT.
AC_DEFUN([DEID_EXIT_TRAP], [
trap >conftest.trap
sed 's/rm -f core /rm -f /' conftest.trap >conftest.sh
. ./conftest.sh
])

# DEID_CRITERION: the unit tests' library. Without it the script tests still run.
AC_DEFUN([DEID_CRITERION], [
AC_ARG_WITH([criterion], [AS_HELP_STRING([--without-criterion], [leave out the unit tests])], [], [with_criterion=auto])
have_criterion=no
AS_IF([test "x$with_criterion" = xno], [why_criterion="switched off by --without-criterion"], [
  PKG_CHECK_MODULES([CRITERION], [criterion], [have_criterion=yes; why_criterion="with criterion"],
    [why_criterion="criterion not found (Debian: libcriterion-dev)"])
  AS_IF([test "x$with_criterion:$have_criterion" = xyes:no], [AC_MSG_ERROR([--with-criterion was given, but: $why_criterion])])
])
AM_CONDITIONAL([HAVE_CRITERION], [test "$have_criterion" = yes])
AC_SUBST([why_criterion])
])

# DEID_PYTHON: PYTHON3, which runs the script tests. One that has pydicom is better than the first on PATH.
AC_DEFUN([DEID_PYTHON], [
AC_ARG_VAR([PYTHON3], [Python 3 for the script tests, best with pydicom])
AC_CACHE_CHECK([for python3, best with pydicom], [deid_cv_path_PYTHON3], [
  deid_cv_path_PYTHON3=no
  AS_IF([test -n "$PYTHON3"], [deid_cv_path_PYTHON3=$PYTHON3], [
    for deid_py in /usr/bin/python3 python3; do
      AS_IF(["$deid_py" -c 'import pydicom' >/dev/null 2>&1], [deid_cv_path_PYTHON3=$deid_py; break])
    done
    AS_IF([test "$deid_cv_path_PYTHON3" = no], [
      for deid_py in /usr/bin/python3 python3; do
        AS_IF(["$deid_py" -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1],
          [deid_cv_path_PYTHON3=$deid_py; break])
      done
    ])
  ])
])
PYTHON3=
AS_IF([test "$deid_cv_path_PYTHON3" != no], [PYTHON3=$deid_cv_path_PYTHON3])
why_python="no python3"
AS_IF([test -n "$PYTHON3"], [
  AS_IF(["$PYTHON3" -c 'import pydicom' >/dev/null 2>&1], [why_python="$PYTHON3 with pydicom"],
    [why_python="$PYTHON3 without pydicom (Debian: python3-pydicom): tests that need it are skipped"])
])
AM_CONDITIONAL([HAVE_PYTHON3], [test -n "$PYTHON3"])
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

# DEID_MODULE(NAME, WHAT, PKG-CONFIG MODULES): the same for a module that plugins load when they need it: --without-NAME,
# conditional MODULE_NAME (in capitals, with _ for -).
AC_DEFUN([DEID_MODULE], [
m4_pushdef([deid_var], [m4_translit([$1], [-], [_])])dnl
AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [leave out the module for $2])], [], [with_[]deid_var=auto])
AS_IF([test "x$with_[]deid_var" = xno], [module_[]deid_var=no; why_[]deid_var="switched off by --without-$1"], [
  PKG_CHECK_MODULES(m4_toupper(deid_var), [$3], [module_[]deid_var=yes; why_[]deid_var="with $3"],
    [module_[]deid_var=no; why_[]deid_var="not found: $3"])
  AS_IF([test "x$with_[]deid_var:$module_[]deid_var" = xyes:no], [AC_MSG_ERROR([--with-$1 was given, but: $why_[]deid_var])])
])
AM_CONDITIONAL([MODULE_]m4_toupper(deid_var), [test "$module_[]deid_var" = yes])
deid_summary="$deid_summary
    module $1: $module_[]deid_var ($why_[]deid_var)"
m4_popdef([deid_var])dnl
])

# DEID_DICOM_CODEC: the same for the module dicom-codec, which is C++ and needs libraries of which one has no usable
# pkg-config file (dcmtk.pc asks for libraries that nobody needs).
AC_DEFUN([DEID_DICOM_CODEC], [
AC_ARG_WITH([dicom-codec], [AS_HELP_STRING([--without-dicom-codec], [leave out the module for lossless JPEG and JPEG-LS in DICOM])], [], [with_dicom_codec=auto])
module_dicom_codec=no
DCMTK_LIBS="-ldcmjpeg -lijg8 -lijg12 -lijg16 -ldcmdata -loflog -lofstd"
AS_IF([test "x$with_dicom_codec" = xno], [why_dicom_codec="switched off by --without-dicom-codec"],
  [test "$plugin_dicom" != yes], [why_dicom_codec="there is no plugin dicom"], [
  PKG_CHECK_MODULES([CHARLS], [charls >= 2.1], [
    AC_LANG_PUSH([C++])
    deid_save_LIBS=$LIBS
    deid_save_CXXFLAGS=$CXXFLAGS
    LIBS="$DCMTK_LIBS $LIBS"
    CXXFLAGS="$CXXFLAGS -std=gnu++17"
    AC_CACHE_CHECK([for DCMTK with JPEG], [deid_cv_lib_dcmjpeg], [
      AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmjpeg/djcparam.h"
#include "dcmtk/dcmjpeg/djdijg16.h"
      ]], [[
        DJCodecParameter cp(ECC_lossyRGB, EDC_never, EUC_never, EPC_colorByPixel);
        DJDecompressIJG16Bit decoder(cp, OFFalse);
        return decoder.init().good() ? 0 : 1;
      ]])], [deid_cv_lib_dcmjpeg=yes], [deid_cv_lib_dcmjpeg=no])
    ])
    LIBS=$deid_save_LIBS
    CXXFLAGS=$deid_save_CXXFLAGS
    AC_LANG_POP([C++])
    module_dicom_codec=$deid_cv_lib_dcmjpeg
    AS_IF([test "$module_dicom_codec" = yes], [why_dicom_codec="with DCMTK and CharLS"],
      [why_dicom_codec="not found: DCMTK's dcmjpeg, or no C++ compiler"])
  ], [why_dicom_codec="not found: charls"])
  AS_IF([test "x$with_dicom_codec:$module_dicom_codec" = xyes:no], [AC_MSG_ERROR([--with-dicom-codec was given, but: $why_dicom_codec])])
])
AM_CONDITIONAL([MODULE_DICOM_CODEC], [test "$module_dicom_codec" = yes])
AC_SUBST([DCMTK_LIBS])
deid_summary="$deid_summary
    module dicom-codec: $module_dicom_codec ($why_dicom_codec)"
])

AC_DEFUN([DEID_SUMMARY], [
AC_MSG_NOTICE([
  $PACKAGE_NAME $PACKAGE_VERSION
    prefix: $prefix
    compiler: $CC $CFLAGS
    warnings as errors: $enable_werror, sanitizers: ${deid_san:-none}
    unit tests: $have_criterion ($why_criterion)
    script tests: $why_python$deid_summary
])
])
