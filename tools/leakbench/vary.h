/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_LEAKBENCH_VARY_H
#define TOOLS_LEAKBENCH_VARY_H
/*
 * vary: what a passage goes through before it turns up elsewhere.
 *
 * Every variant is a table row: how many words of the document, and what happens to them.
 * Deterministic: the same seed gives the same text.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A small generator (xorshift64*), so that a run can be repeated. */
struct dice {
	uint64_t state;
};

uint64_t dice_roll(struct dice *d, uint64_t below);

struct variant {
	const char *name;
	unsigned words;		/* of the document; 0: all */
	unsigned chars_percent; /* characters changed, dropped or doubled */
	unsigned words_percent; /* words replaced, dropped or joined by others */
	void (*layout)(struct dice *d, const char *text, size_t len, struct buf *out);
	double target; /* recall, percent; what the issue asks */
	bool is_to_be_silent;
};

extern const struct variant variants[];
extern const size_t variants_count;

/* The words [first, first + count) of a text, with what stands between them. */
void vary_cut(const char *text, size_t len, size_t first, size_t count, struct buf *out);

size_t vary_words(const char *text, size_t len);

/* Make one variant of a passage. */
void vary_apply(const struct variant *v, struct dice *d, const char *text, size_t len,
	struct buf *out);

#endif
