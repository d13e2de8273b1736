/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_H
#define VALISE_INSPECT_H
/*
 * inspect: what an envelope says of itself, for people and for programs.
 *
 * Texts in a parsed header are single lines without control characters (envelope/addressing.h),
 * so they may be printed as they are.
 */
#include <jansson.h>
#include <stdio.h>

#include "envelope/header.h"
#include "valise/reader.h"

/* The lines about the header and, when it was read, the end. */
void inspect_print(FILE *out, const struct reader *reader, const struct addressing *a);

/* The same as one object; NULL when memory is out. */
json_t *inspect_json(const struct reader *reader, const struct addressing *a);

#endif
