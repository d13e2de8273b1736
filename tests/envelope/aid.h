/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ENVELOPE_AID_H
#define TESTS_ENVELOPE_AID_H
/*
 * aid: what the tests of this room include besides the fixture: cmocka, and few-line helpers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rd.h"
#include "crypto/crypto.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* A string literal as bytes. */
#define TEXT(s) rd_of((s), sizeof(s) - 1)

static inline struct rd
bytes_of(const struct buf *b)
{
	return rd_of(b->data, b->len);
}

static inline void
assert_same_bytes(struct rd a, struct rd b)
{
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.ptr, b.ptr, b.len);
}

/* The answer of one row of a table, with the row's name where it is not the expected one. */
static inline void
assert_answer(const char *row, const char *what, int r, int want)
{
	if (r != want)
		fail_msg(
			"%s: %s gives %d (%s), not %d", row, what, r, fail_text(r), want);
}

static inline int
crypto_setup(void **state)
{
	(void)state;
	return crypto_init();
}

#endif
