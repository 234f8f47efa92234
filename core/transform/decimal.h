/* SPDX-License-Identifier: MIT */
/* Decimal numbers as fixed point with six decimals: exact where binary floating point is not. */
#ifndef DEID_TRANSFORM_DECIMAL_H
#define DEID_TRANSFORM_DECIMAL_H

#include <deid/plugin.h>

typedef __int128 decimal_micro; /* millionths */

#define DECIMAL_ONE 1000000
/* Beyond 10^25 no sum of two overflows, and no text is longer than DECIMAL_ROOM. */
#define DECIMAL_ROOM 40

/* Sign, digits, a point, an exponent; blanks around it. Rounded to the millionth, half away from zero. False:
 * the text is no number, or one of more than 25 digits before the point. */
bool decimal_read(struct deid_str text, decimal_micro *out);
/* Without trailing zeros; at most `decimals` of them (rounded), none that are not needed. Gives the length.
 */
size_t decimal_write(decimal_micro, unsigned decimals, char out[DECIMAL_ROOM]);
/* Rounded to a whole number, half away from zero. */
decimal_micro decimal_round(decimal_micro, unsigned decimals);

#endif
