/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_UNESCAPE_H
#define VALISE_UNPACK_UNESCAPE_H
/*
 * unescape: text as JSON and most programs write it inside quotes (RFC 8259, section 7): \n, \",
 * \u00e9 and the like become what they mean, so that words on both sides of "\n" are not glued
 * to an n.  What is no escape stays as it is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNESCAPE_OUT_MAX = 8, UNESCAPE_MIN = 4 };

struct unescape {
	uint8_t state;
	uint8_t digits; /* of \u, so far */
	uint32_t value;
	uint32_t high; /* surrogate that waits for its partner */
};

/* Feed one byte: how many bytes of UTF-8 or of the text itself it gives. */
size_t unescape_step(struct unescape *u, uint8_t byte, uint8_t ret_out[UNESCAPE_OUT_MAX]);

/* Does the beginning of a text hold at least UNESCAPE_MIN escapes? */
bool unescape_is_likely(const uint8_t *head, size_t len);

#endif
