/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_CONFIRM_H
#define LEAK_CONFIRM_H
/*
 * confirm: the ally asks home about one candidate window; home says yes or no and little more.
 *
 *   ally   confirm_query_new()                 grams of the window, sealed under the pair's key
 *   home   confirm_query_open() -> confirm_judge() -> confirm_answer_write()
 *   ally   confirm_answer_open()
 *
 * Query   (docs/format/confirm.md) always CONFIRM_QUERY_BODY bytes inside, whatever the window's
 *         length; sealed with AES-256-GCM under a key of this query alone, derived from the ally
 *         key, so that only this ally can have asked and nobody on the way learns how much.
 * Judged  yes when at least CONFIRM_FIT_MIN grams, each of which stands in one place of the
 *         whole index, fit one document in order, with gaps like those of the window, over at
 *         least CONFIRM_SPAN_MIN characters, and the document may leave at all (it is not short).
 *         Grams that stand in several places do not count: a form whose text the ally knows
 *         would otherwise confirm guesses of its one unknown field.
 * Answer  CONFIRM_ANSWER_BODY bytes, sealed likewise, for yes, no and over budget alike.  The
 *         work is the same, too: every one of CONFIRM_GRAMS_MAX places is looked up, empty ones
 *         with a made-up gram.  What remains in the time, the program levels (verb confirm).
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT, FAIL_VERSION, FAIL_ALTERED (another key, or changed),
 *         FAIL_LIMIT, FAIL_NOMEM, FAIL_RANDOM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/aead.h"
#include "leak/index.h"
#include "leak/normal.h"
#include "leak/sparse.h"

enum {
	CONFIRM_VERSION = 1,
	CONFIRM_ID_LEN = 16,
	CONFIRM_GRAMS_MAX = 256, /* about 1,700 characters */
	CONFIRM_GRAM_LEN = 5,
	CONFIRM_FIT_MIN = 8,
	CONFIRM_SPAN_MIN = 60,
	CONFIRM_DRIFT_MAX =
		400, /* characters that a copy may have lost or gained at once */
	CONFIRM_FACT_MAX = 64,
	CONFIRM_QUERY_BODY = 2 + CONFIRM_GRAMS_MAX * CONFIRM_GRAM_LEN,
	CONFIRM_ANSWER_BODY = 1 + 3 * (1 + CONFIRM_FACT_MAX),
	CONFIRM_FILE_MAX = 4096,
};

enum confirm_kind {
	CONFIRM_NO = 0,
	CONFIRM_YES = 1,
	CONFIRM_LATER = 2, /* the day's budget of this ally is spent */
};

/* Grams of a window in their order; never text. */
struct confirm_query {
	char ally[SPARSE_NAME_MAX + 1];
	uint32_t epoch;
	uint8_t id[CONFIRM_ID_LEN];
	size_t count;
	uint64_t hash[CONFIRM_GRAMS_MAX];
};

/*
 * The dense grams of text[0 .. len), the middle ones when there are too many: a candidate
 * window and a little around it.  FAIL_LIMIT when there are fewer than CONFIRM_FIT_MIN.
 */
MUST int confirm_query_take(const struct sparse *set, const struct normal *n,
	struct rd text, struct confirm_query *ret_query);

/* Append the sealed query, with a new id, which goes to query->id, too. */
MUST int confirm_query_write(const struct sparse *set, struct rng *rng,
	struct confirm_query *query, struct buf *out);

/* Who asks: enough to find the key. */
MUST int confirm_query_peek(
	const uint8_t *ptr, size_t len, struct confirm_query *ret_query);

MUST int confirm_query_open(const uint8_t *ptr, size_t len,
	const uint8_t ally_key[SPARSE_KEY_LEN], struct confirm_query *ret_query);

struct confirm_verdict {
	bool is_found;
	uint32_t doc, fit, span; /* fit: grams in order; span: characters */
};

/* Look the query up.  Nothing of the document leaves but through confirm_answer_write(). */
MUST int confirm_judge(const struct index *index, const struct confirm_query *query,
	struct confirm_verdict *ret_verdict);

/* What a yes tells; empty for no and later. */
struct confirm_answer {
	enum confirm_kind kind;
	char fact_case[CONFIRM_FACT_MAX + 1];
	char originator[CONFIRM_FACT_MAX + 1];
	char releasability[CONFIRM_FACT_MAX + 1];
};

MUST int confirm_answer_write(const struct confirm_query *query,
	const uint8_t ally_key[SPARSE_KEY_LEN], struct rng *rng,
	const struct confirm_answer *answer, struct buf *out);

/* FAIL_MISMATCH when it answers another query. */
MUST int confirm_answer_open(const uint8_t *ptr, size_t len,
	const uint8_t id[CONFIRM_ID_LEN], const uint8_t ally_key[SPARSE_KEY_LEN],
	struct confirm_answer *ret_answer);

#endif
