/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_CHAIN_H
#define LEAK_CHAIN_H
/*
 * chain: single grams found become passages, and passages a verdict about a document.
 *
 * A hit is one gram that stands in the text at hand and in a registered document.  Hits of
 * one document that follow each other in both, with gaps of at most CHAIN_GAP_MAX characters
 * and a drift between the two of at most CHAIN_DRIFT_MAX, form a passage: an edited,
 * recognised or re-typed copy breaks grams but keeps the order.
 *
 * Score   of a passage: its covered characters, each weighted by the rarity of the gram that
 *         covers it, and less for gaps and names (leak/rarity.h).  Covered characters, not
 *         hits: hits overlap.
 * Verdict a document is reported when one passage reaches CHAIN_ALERT; then all its passages
 *         of CHAIN_PASSAGE_MIN weighted characters and more are told.
 * Rivals  where several documents claim the same place of the text, those stay whose claim is
 *         nearly as good as the best one (chain_settle()): a document that shares a phrase
 *         with the true source is no find.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum {
	CHAIN_GAP_MAX = 400,
	CHAIN_DRIFT_MAX = 40,
	CHAIN_ALERT = 36,	  /* characters of weight one */
	CHAIN_PASSAGE_MIN = 20,	  /* the same */
	CHAIN_PASSAGES_MAX = 256, /* kept for one document; more are only counted */
	CHAIN_ACTIVE_MAX = 64,
};

struct hit {
	uint32_t doc;
	uint32_t pos;	   /* of the gram in the document, in characters */
	uint64_t at;	   /* of the gram in the text at hand, in characters */
	uint64_t from, to; /* the same in bytes of the text at hand */
	uint8_t weight;	   /* 0 .. RARITY_ONE */
};

struct passage {
	uint64_t from, to;	    /* bytes of the text at hand */
	uint64_t at, at_end;	    /* characters of it */
	uint32_t pos, pos_end;	    /* characters of the document */
	uint32_t covered, weighted; /* characters; and times weight, in sixteenths */
	uint32_t strength;	    /* the score, in sixteenths of a character */
	uint32_t words;		    /* of the text at hand */
};

/* What is known about one document. */
struct chain_doc {
	uint32_t doc;
	uint64_t covered, strength, words; /* of all its passages */
	uint32_t best;			   /* strength of its best passage */
	uint64_t passages;		   /* also those not kept */
	size_t kept;
	struct passage *passage; /* the kept ones, by place in the text */
	size_t cap;
};

struct chain_result {
	struct chain_doc *doc; /* by number */
	size_t count, cap;
};

void chain_result_init(struct chain_result *result);
void chain_result_done(struct chain_result *result);

/* The text that the hits' offsets mean: byte `base` of it is text[0]. */
struct chain_text {
	const uint8_t *text;
	size_t len;
	uint64_t base;
};

/*
 * Sort the hits and add what they form to the result.  Passages do not continue over two
 * calls.  FAIL_NOMEM.
 */
MUST int chain_add(struct chain_result *result, struct hit *hits, size_t count,
	const struct chain_text *text);

/*
 * After the last hits: passages that lie within a better passage of the same document (it
 * repeats itself) go; `best` is that of passages which no other document explains better.
 */
MUST int chain_settle(struct chain_result *result);

/* Does the document deserve to be reported at this threshold (characters of weight one)? */
bool chain_is_reported(const struct chain_doc *doc, unsigned alert);

#endif
