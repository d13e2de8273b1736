/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SPARSE_SCAN_H
#define LEAK_SPARSE_SCAN_H
/*
 * sparse_scan: where a text may hold what a sparse set stands for.
 *
 *   sparse_scan_new() -> sparse_scan_text()* -> sparse_scan_free()
 *
 * Of the text's grams those are looked up that the selection selects.  Where `hits` of `of`
 * consecutive ones, all different, answer "perhaps", and not more than SPARSE_SPAN_OF average
 * distances lie between them, there is a candidate; candidates that touch are one.
 *
 * Chance  each look-up answers "perhaps" with p = 2^-7 by itself.  A candidate by chance begins
 *         at a selected gram with probability at most p C(of - 1, hits - 1) p^(hits - 1);
 *         sparse_false_per_gb() multiplies that by the selected grams of 10^9 characters.
 *         Repeated text counts once, because equal grams count once within the `of`.
 * Score   hits x 7 bits, less the ways to choose so many hits among the selected grams of the
 *         window (log2 C(grams, hits)): how surprising it is, in bits.  Nothing but a
 *         confirmation at home makes it certain.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/normal.h"
#include "leak/sparse.h"

enum {
	SPARSE_SPAN_OF = 3,
	SPARSE_WINDOWS_MAX = 4096, /* of one text; more are only counted */
};

struct sparse_window {
	uint64_t from, to;    /* bytes of the text */
	uint64_t at, at_end;  /* characters of it */
	uint32_t grams, hits; /* selected ones between the first hit and the last */
	uint32_t score;
};

struct sparse_scan;

MUST int sparse_scan_new(const struct sparse *set, const struct normal *n,
	enum cpu_kind cpu, struct sparse_scan **ret_scan);
void sparse_scan_free(struct sparse_scan *s);

/* Another rule than the set's: 2 <= hits <= of <= SPARSE_RULE_MAX, or FAIL_USAGE. */
MUST int sparse_scan_set_rule(struct sparse_scan *s, struct sparse_rule rule);

struct sparse_found {
	const struct sparse_window
		*window; /* in the order of the text; lasts until the next */
	size_t count;
	uint64_t all;		  /* also those not kept */
	uint64_t chars, selected; /* of the text */
};

/* Look at a text shorter than 4 GiB. */
MUST int sparse_scan_text(struct sparse_scan *s, const uint8_t *text, size_t len,
	struct sparse_found *ret_found);

/* log2 of the binomial coefficient, rounded down; n <= 2^20. */
uint32_t sparse_log2_choose(uint32_t n, uint32_t k);

/* Candidates by chance in 10^9 normalised characters. */
double sparse_false_per_gb(const struct sparse_select *select, struct sparse_rule rule);

#endif
