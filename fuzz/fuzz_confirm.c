/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"
#include "leak/confirm_record.h"

/*
 * Input as a query, an answer and a row of records.  And input as the contents of a query that
 * the ally's key opens: what parses must be judged without harm, and writes as the same grams.
 */

static int
fill(struct rng *rng, void *out, size_t len)
{
	(void)rng;
	memset(out, 5, len);
	return 0;
}

/* The input as grams of a real query. */
static void
check_query(const uint8_t *data, size_t size)
{
	static const struct sparse set = {.head = {.ally = "Lusitania", .epoch = 1}};
	static struct index index;
	struct rng rng = {fill};
	struct confirm_query query = {0}, back;
	struct confirm_verdict verdict;
	struct buf b;

	query.count = size / 5 < CONFIRM_GRAMS_MAX ? size / 5 : CONFIRM_GRAMS_MAX;
	if (query.count < CONFIRM_FIT_MIN)
		return;
	for (size_t i = 0; i < query.count; i++) {
		for (size_t k = 0; k < 5; k++)
			query.hash[i] = query.hash[i] << 8 | data[i * 5 + k];
		query.hash[i] &= GRAM_HASH_MAX;
	}
	buf_init(&b, CONFIRM_FILE_MAX);
	CHECK(confirm_query_write(&set, &rng, &query, &b) == 0);
	CHECK(confirm_query_open(b.data, b.len, set.head.ally_key, &back) == 0);
	CHECK(memcmp(back.hash, query.hash, sizeof back.hash) == 0);
	CHECK(confirm_judge(&index, &back, &verdict) == 0 && !verdict.is_found);
	buf_done(&b);
}

static void
check_records(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size), before = in;
	struct confirm_record rec;
	struct buf b;

	buf_init(&b, CONFIRM_RECORD_MAX + 4);
	for (; confirm_record_parse(&in, &rec) == 0; before = in) {
		buf_clear(&b);
		confirm_record_write(&rec, &b);
		CHECK(buf_error(&b) == 0 && b.len == before.len - in.len);
		CHECK(memcmp(b.data, before.ptr, b.len) == 0);
	}
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[SPARSE_KEY_LEN], id[CONFIRM_ID_LEN];
	struct confirm_query query;
	struct confirm_answer answer;

	CHECK(crypto_init() == 0);
	(void)!confirm_query_peek(data, size, &query);
	(void)!confirm_query_open(data, size, key, &query);
	(void)!confirm_answer_open(data, size, id, key, &answer);
	check_records(data, size);
	check_query(data, size);
	return 0;
}
