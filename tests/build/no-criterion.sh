#!/bin/sh
# SPDX-License-Identifier: MIT
# Stands in for the unit tests where their library is missing, so that `make check` says that they did not run.
echo "1..0 # SKIP criterion was not found by configure: no unit tests"
