/* SPDX-License-Identifier: MIT */
/* Text for people and for programs: names from files may hold anything. */
#ifndef DEID_CLI_PRINT_H
#define DEID_CLI_PRINT_H

#include "core/util/error.h"
#include <stdio.h>

/* Control characters, and bytes that are no UTF-8, become "?", so that a name cannot steer a terminal or
 * forge a line. */
void print_text(FILE *, struct deid_str);
/* No control character, and none that turns the direction of writing. */
bool print_harmless(uint32_t code_point);
/* A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void print_json(FILE *, struct deid_str);
/* "FILE:LINE:COL: error: text", with the parts that are known. */
void print_diag(FILE *, const struct diag *);
/* "deid: message" */
void print_error(const struct deid_error *);
/* Standard output reached the other side: call it last. False, with a message: it did not. */
bool print_flush(void);

#endif
