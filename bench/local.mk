# SPDX-License-Identifier: MIT
EXTRA_PROGRAMS += bench/measure
bench_measure_SOURCES = bench/measure.c
EXTRA_DIST += bench/README.md bench/run.sh bench/bench.py bench/makedata.py \
	bench/maketext.py bench/textbench.py
