/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_CONFUSABLE_H
#define LEAK_CONFUSABLE_H
/*
 * confusable: letters of other scripts that look like a Latin one, after Unicode's UTS 39,
 * and Latin letters that have no decomposition.
 *
 * Case is folded first, so both cases of a foreign letter become the same Latin one; text
 * really written in Greek or Cyrillic is changed the same way on both sides and still matches.
 */
#include <stdint.h>

/* The replacement, one or two characters of a-z0-9; NULL when there is none. */
const char *confusable_of(uint32_t code);

#endif
