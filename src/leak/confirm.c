/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/confirm.h"

#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "base/text.h"
#include "crypto/hkdf.h"
#include "leak/block.h"

/*
 * The formats.  A query's key and an answer's key come from the ally key and the query's
 * random id, with different words.  A query is sealed once under its key; answers have a
 * random nonce, because the same query may be answered twice.
 */

static const uint8_t query_magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'C', 'Q'};
static const uint8_t answer_magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'C', 'A'};

enum { INFO_MAX = 64 };

static int
key_of(const char *what, const uint8_t ally_key[SPARSE_KEY_LEN],
	const uint8_t id[CONFIRM_ID_LEN], struct aead **ret_aead)
{
	uint8_t key[AEAD_KEY_LEN];
	struct buf info;
	int r;

	buf_init(&info, INFO_MAX);
	buf_text(&info, what);
	buf_u8(&info, 0);
	buf_bytes(&info, id, CONFIRM_ID_LEN);
	if ((r = buf_error(&info)) == 0 &&
		(r = hkdf_expand(ally_key, info.data, info.len, key, sizeof key)) == 0)
		r = aead_new(key, ret_aead);
	mem_wipe(key, sizeof key);
	buf_done(&info);
	return r;
}

/* Everything of a query before the sealed part. */
static int
front_parse(struct rd *in, struct confirm_query *q)
{
	const uint8_t *m;
	uint16_t version;
	struct rd ally;
	int r;

	if ((r = rd_bytes(in, sizeof query_magic, &m)) != 0)
		return r;
	if (memcmp(m, query_magic, sizeof query_magic) != 0)
		return FAIL_FORMAT;
	if ((r = rd_u16(in, &version)) != 0)
		return r;
	if (version != CONFIRM_VERSION)
		return FAIL_VERSION;
	if ((r = rd_vec8(in, 1, SPARSE_NAME_MAX, &ally)) != 0)
		return r;
	if (!text_is_line(ally.ptr, ally.len))
		return FAIL_FORMAT;
	memcpy(q->ally, ally.ptr, ally.len);
	q->ally[ally.len] = 0;
	if ((r = rd_u32(in, &q->epoch)) != 0)
		return r;
	return rd_copy(in, CONFIRM_ID_LEN, q->id);
}

int
confirm_query_peek(const uint8_t *ptr, size_t len, struct confirm_query *ret_query)
{
	struct rd in = rd_of(ptr, len);
	struct confirm_query q = {0};
	int r;

	if ((r = front_parse(&in, &q)) != 0)
		return r;
	if (in.len != CONFIRM_QUERY_BODY + AEAD_TAG_LEN)
		return in.len < CONFIRM_QUERY_BODY + AEAD_TAG_LEN ? FAIL_TRUNCATED
								  : FAIL_FORMAT;
	*ret_query = q;
	return 0;
}

static int
body_parse(const uint8_t *body, struct confirm_query *q)
{
	size_t count = (size_t)body[0] << 8 | body[1];

	if (count < CONFIRM_FIT_MIN || count > CONFIRM_GRAMS_MAX)
		return FAIL_FORMAT;
	for (size_t i = 0; i < CONFIRM_GRAMS_MAX; i++) {
		const uint8_t *p = body + 2 + i * CONFIRM_GRAM_LEN;
		uint64_t hash = 0;

		for (size_t k = 0; k < CONFIRM_GRAM_LEN; k++)
			hash = hash << 8 | p[k];
		/* One form: what is not used is zero, what is used has 38 bits. */
		if (hash > GRAM_HASH_MAX || (i >= count && hash != 0))
			return FAIL_FORMAT;
		q->hash[i] = hash;
	}
	q->count = count;
	return 0;
}

int
confirm_query_open(const uint8_t *ptr, size_t len, const uint8_t ally_key[SPARSE_KEY_LEN],
	struct confirm_query *ret_query)
{
	static const uint8_t nonce[AEAD_NONCE_LEN];
	const size_t sealed = CONFIRM_QUERY_BODY + AEAD_TAG_LEN;
	uint8_t body[CONFIRM_QUERY_BODY];
	struct confirm_query q = {0};
	struct aead *aead = NULL;
	int r;

	if ((r = confirm_query_peek(ptr, len, &q)) != 0 ||
		(r = key_of("valise/v1 confirm query", ally_key, q.id, &aead)) != 0 ||
		(r = aead_open(aead, nonce, ptr, len - sealed, ptr + len - sealed, sealed,
			 body)) != 0 ||
		(r = body_parse(body, &q)) != 0)
		goto out;
	*ret_query = q;
out:
	aead_free(aead);
	mem_wipe(body, sizeof body);
	mem_wipe(&q, sizeof q);
	return r;
}

static void
body_write(const struct confirm_query *q, uint8_t body[CONFIRM_QUERY_BODY])
{
	memset(body, 0, CONFIRM_QUERY_BODY);
	body[0] = (uint8_t)(q->count >> 8);
	body[1] = (uint8_t)q->count;
	for (size_t i = 0; i < q->count; i++) {
		uint8_t *p = body + 2 + i * CONFIRM_GRAM_LEN;

		for (size_t k = 0; k < CONFIRM_GRAM_LEN; k++)
			p[k] = (uint8_t)(q->hash[i] >> 8 * (CONFIRM_GRAM_LEN - 1 - k));
	}
}

int
confirm_query_write(const struct sparse *set, struct rng *rng,
	struct confirm_query *query, struct buf *out)
{
	static const uint8_t nonce[AEAD_NONCE_LEN];
	uint8_t body[CONFIRM_QUERY_BODY], *sealed;
	struct aead *aead = NULL;
	size_t start = out->len, front;
	int r;

	CHECK(query->count >= CONFIRM_FIT_MIN && query->count <= CONFIRM_GRAMS_MAX);
	body_write(query, body);
	if ((r = rng_fill(rng, query->id, sizeof query->id)) != 0 ||
		(r = key_of("valise/v1 confirm query", set->head.ally_key, query->id,
			 &aead)) != 0)
		goto out;
	buf_bytes(out, query_magic, sizeof query_magic);
	buf_u16(out, CONFIRM_VERSION);
	buf_vec(out, 1, set->head.ally, strlen(set->head.ally));
	buf_u32(out, set->head.epoch);
	buf_bytes(out, query->id, sizeof query->id);
	front = out->len - start;
	sealed = buf_extend(out, sizeof body + AEAD_TAG_LEN);
	if ((r = buf_error(out)) == 0)
		r = aead_seal(
			aead, nonce, out->data + start, front, body, sizeof body, sealed);
out:
	aead_free(aead);
	mem_wipe(body, sizeof body);
	return r;
}

/* Keep the middle CONFIRM_GRAMS_MAX of `all` grams: a window's ends are the doubtful part. */
static void
take_middle(const uint64_t *hash, size_t all, struct confirm_query *q)
{
	size_t from = all > CONFIRM_GRAMS_MAX ? (all - CONFIRM_GRAMS_MAX) / 2 : 0;

	q->count = all < CONFIRM_GRAMS_MAX ? all : CONFIRM_GRAMS_MAX;
	memcpy(q->hash, hash + from, q->count * sizeof q->hash[0]);
}

int
confirm_query_take(const struct sparse *set, const struct normal *n, struct rd text,
	struct confirm_query *ret_query)
{
	struct confirm_query q = {.epoch = set->head.epoch};
	struct block *b = NULL;
	uint32_t *at = NULL;
	uint64_t *hash = NULL;
	size_t grams = 0;
	int r;

	if (text.len > BLOCK_SOURCE)
		return FAIL_LIMIT;
	if ((r = mem_new(&b, sizeof *b)) != 0 ||
		(r = mem_new_array(&at, BLOCK_GRAMS_MAX, sizeof at[0])) != 0 ||
		(r = mem_new_array(&hash, BLOCK_GRAMS_MAX, sizeof hash[0])) != 0)
		goto out;
	block_begin(b, n, text.ptr, text.len, false);
	if (block_next(b))
		grams = block_grams(b, CPU_PORTABLE, at);
	for (size_t i = 0; i < grams; i++)
		hash[i] = gram_hash(&set->gram_key, b->chars + at[i]);
	r = FAIL_LIMIT;
	if (grams < CONFIRM_FIT_MIN)
		goto out;
	memcpy(q.ally, set->head.ally, sizeof q.ally);
	take_middle(hash, grams, &q);
	*ret_query = q;
	r = 0;
out:
	mem_free_wiped(b, sizeof *b);
	mem_free(at);
	mem_free_wiped(hash, BLOCK_GRAMS_MAX * sizeof hash[0]);
	mem_wipe(&q, sizeof q);
	return r;
}

static void
fact_write(struct buf *out, const char *fact)
{
	size_t len = strlen(fact);
	uint8_t *p;

	CHECK(len <= CONFIRM_FACT_MAX);
	buf_u8(out, (uint8_t)len);
	if ((p = buf_extend(out, CONFIRM_FACT_MAX)) != NULL) {
		memset(p, 0, CONFIRM_FACT_MAX);
		memcpy(p, fact, len);
	}
}

int
confirm_answer_write(const struct confirm_query *query,
	const uint8_t ally_key[SPARSE_KEY_LEN], struct rng *rng,
	const struct confirm_answer *answer, struct buf *out)
{
	uint8_t nonce[AEAD_NONCE_LEN], *sealed;
	struct aead *aead = NULL;
	size_t start = out->len, front;
	struct buf body;
	int r;

	buf_init(&body, CONFIRM_ANSWER_BODY);
	buf_u8(&body, (uint8_t)answer->kind);
	fact_write(&body, answer->fact_case);
	fact_write(&body, answer->originator);
	fact_write(&body, answer->releasability);
	if ((r = buf_error(&body)) != 0 ||
		(r = rng_fill(rng, nonce, sizeof nonce)) != 0 ||
		(r = key_of("valise/v1 confirm answer", ally_key, query->id, &aead)) != 0)
		goto out;
	CHECK(body.len == CONFIRM_ANSWER_BODY);
	buf_bytes(out, answer_magic, sizeof answer_magic);
	buf_u16(out, CONFIRM_VERSION);
	buf_bytes(out, query->id, sizeof query->id);
	buf_bytes(out, nonce, sizeof nonce);
	front = out->len - start;
	sealed = buf_extend(out, CONFIRM_ANSWER_BODY + AEAD_TAG_LEN);
	if ((r = buf_error(out)) == 0)
		r = aead_seal(aead, nonce, out->data + start, front, body.data, body.len,
			sealed);
out:
	aead_free(aead);
	buf_done(&body);
	return r;
}

static int
fact_parse(struct rd *in, char ret_fact[CONFIRM_FACT_MAX + 1])
{
	static const uint8_t zero[CONFIRM_FACT_MAX];
	const uint8_t *p;
	uint8_t len;
	int r;

	if ((r = rd_u8(in, &len)) != 0 || (r = rd_bytes(in, CONFIRM_FACT_MAX, &p)) != 0)
		return r;
	if (len > CONFIRM_FACT_MAX || !text_is_line(p, len) ||
		memcmp(p + len, zero, CONFIRM_FACT_MAX - (size_t)len) != 0)
		return FAIL_FORMAT;
	memcpy(ret_fact, p, len);
	ret_fact[len] = 0;
	return 0;
}

static int
answer_parse(const uint8_t *body, struct confirm_answer *a)
{
	struct rd in = rd_of(body, CONFIRM_ANSWER_BODY);
	uint8_t kind;
	int r;

	if ((r = rd_u8(&in, &kind)) != 0 || (r = fact_parse(&in, a->fact_case)) != 0 ||
		(r = fact_parse(&in, a->originator)) != 0 ||
		(r = fact_parse(&in, a->releasability)) != 0)
		return r;
	if (kind > CONFIRM_LATER ||
		(kind != CONFIRM_YES &&
			(a->fact_case[0] | a->originator[0] | a->releasability[0]) != 0))
		return FAIL_FORMAT;
	a->kind = (enum confirm_kind)kind;
	return rd_end(&in);
}

static int
answer_front_parse(struct rd *in, const uint8_t id[CONFIRM_ID_LEN], const uint8_t **nonce)
{
	const uint8_t *m, *theirs;
	uint16_t version;
	int r;

	if ((r = rd_bytes(in, sizeof answer_magic, &m)) != 0 ||
		(r = rd_u16(in, &version)) != 0 ||
		(r = rd_bytes(in, CONFIRM_ID_LEN, &theirs)) != 0 ||
		(r = rd_bytes(in, AEAD_NONCE_LEN, nonce)) != 0)
		return r;
	if (memcmp(m, answer_magic, sizeof answer_magic) != 0)
		return FAIL_FORMAT;
	if (version != CONFIRM_VERSION)
		return FAIL_VERSION;
	return memcmp(theirs, id, CONFIRM_ID_LEN) == 0 ? 0 : FAIL_MISMATCH;
}

int
confirm_answer_open(const uint8_t *ptr, size_t len, const uint8_t id[CONFIRM_ID_LEN],
	const uint8_t ally_key[SPARSE_KEY_LEN], struct confirm_answer *ret_answer)
{
	const size_t sealed = CONFIRM_ANSWER_BODY + AEAD_TAG_LEN;
	uint8_t body[CONFIRM_ANSWER_BODY];
	struct rd in = rd_of(ptr, len);
	struct confirm_answer a = {0};
	struct aead *aead = NULL;
	const uint8_t *nonce;
	int r;

	if ((r = answer_front_parse(&in, id, &nonce)) != 0)
		return r;
	if (in.len != sealed)
		return in.len < sealed ? FAIL_TRUNCATED : FAIL_FORMAT;
	if ((r = key_of("valise/v1 confirm answer", ally_key, id, &aead)) != 0 ||
		(r = aead_open(aead, nonce, ptr, len - sealed, in.ptr, sealed, body)) !=
			0 ||
		(r = answer_parse(body, &a)) != 0)
		goto out;
	*ret_answer = a;
out:
	aead_free(aead);
	mem_wipe(body, sizeof body);
	return r;
}
