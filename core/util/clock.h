/* SPDX-License-Identifier: MIT */
#ifndef DEID_UTIL_CLOCK_H
#define DEID_UTIL_CLOCK_H

#include <time.h>

/* Seconds since some moment, never set back. */
static inline double clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
