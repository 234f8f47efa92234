/* SPDX-License-Identifier: MIT */
/*
 * From a regular expression a machine that reads names byte by byte, a step of a table each, and says of
 * which one the expression may match (struct deid_sieve). "No" is certain; "maybe" is for the expression to
 * decide: what a machine of states cannot do (look-around, back references) lets every name pass there.
 * Names with bytes other than printable ASCII always pass.
 */
#ifndef DEID_PROFILE_SIEVE_H
#define DEID_PROFILE_SIEVE_H

#include <deid/plugin.h>

/* For an expression that is anchored at the beginning, as all of ours are (regex.h). NULL: it has something
 * that is not known here, the machine would grow too large, or there is no memory: then it is done without.
 */
struct deid_sieve *sieve_new(struct deid_str pattern);
void sieve_free(struct deid_sieve *); /* NULL is fine */
bool sieve_passes(const struct deid_sieve *, struct deid_str name);

#endif
