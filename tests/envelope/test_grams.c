/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/aead.h"
#include "envelope/grams.h"
#include "fixture.h"

/* The text of a cable for an index host: an object of parts, and the blobs it travels in. */

#ifdef PLANT_TAG_IGNORED
/* The planted fault: nobody looks whether a blob's tag is right. */
int __real_aead_open(struct aead *a, const uint8_t *nonce, const void *aad,
	size_t aad_len, const uint8_t *in, size_t len, uint8_t *out);
int __wrap_aead_open(struct aead *a, const uint8_t *nonce, const void *aad,
	size_t aad_len, const uint8_t *in, size_t len, uint8_t *out);

int
__wrap_aead_open(struct aead *a, const uint8_t *nonce, const void *aad, size_t aad_len,
	const uint8_t *in, size_t len, uint8_t *out)
{
	return __real_aead_open(a, nonce, aad, aad_len, in, len, out) == FAIL_NOMEM
		? FAIL_NOMEM
		: 0;
}
#endif

static const uint8_t document_id[CORE_DOCUMENT_ID_LEN] = {7},
		     envelope_hash[HASH_LEN] = {8}, set_id[GRAMS_SET_ID_LEN] = {9};

static const struct grams head = {.document_id = document_id,
	.envelope_hash = envelope_hash,
	.reference = {(const uint8_t *)"PT/2026/0001", 12},
	.label = {(const uint8_t *)"label", 5}};

static void
write_object(const struct grams_part *parts, size_t count, struct buf *out)
{
	grams_begin(&head, out);
	for (size_t i = 0; i < count; i++)
		grams_put(&parts[i], out);
	assert_int_equal(buf_error(out), 0);
}

static void
parts_come_back(void **state)
{
	const struct grams_part parts[] = {
		{GRAMS_WHOLE, TEXT(""), TEXT(""), TEXT("The text of a cable.\n")},
		{GRAMS_WHOLE, TEXT("map.pdf"), TEXT(""), TEXT("A map.")},
		{GRAMS_PARTLY, TEXT("old.docx"), TEXT("damaged"), TEXT("half")},
		{GRAMS_UNREAD, TEXT("locked.zip"), TEXT("encrypted"), TEXT("")},
	};
	struct grams_part part;
	struct grams g;
	struct rd rest;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	write_object(parts, COUNT_OF(parts), &b);
	assert_int_equal(grams_parse(bytes_of(&b), &g), 0);
	assert_memory_equal(g.document_id, document_id, sizeof document_id);
	assert_memory_equal(g.envelope_hash, envelope_hash, sizeof envelope_hash);
	assert_same_bytes(g.reference, head.reference);
	assert_same_bytes(g.label, head.label);
	rest = g.parts;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		assert_int_equal(grams_next(&rest, &part), 0);
		assert_int_equal(part.state, parts[i].state);
		assert_same_bytes(part.name, parts[i].name);
		assert_same_bytes(part.why, parts[i].why);
		assert_same_bytes(part.text, parts[i].text);
	}
	assert_int_equal(grams_next(&rest, &part), FAIL_ABSENT);
	for (size_t len = 0; len < b.len; len++) {
		int r = grams_parse(rd_of(b.data, len), &g);

		/* Shorter by whole parts is an object too, of fewer parts. */
		assert_true(r == 0 || r == FAIL_TRUNCATED || r == FAIL_FORMAT);
	}
	buf_done(&b);
}

/* Each has one form only. */
static void
other_forms_are_refused(void **state)
{
	static const struct {
		const char *row;
		struct grams_part part;
		bool is_second;
	} rows[] = {
		{"first with a name", {0, {(const uint8_t *)"a", 1}, {0}, {0}}, false},
		{"second without", {0, {0}, {0}, {0}}, true},
		{"a name that leaves", {0, {(const uint8_t *)"../a", 4}, {0}, {0}}, true},
		{"whole, with a reason",
			{0, {(const uint8_t *)"a", 1}, {(const uint8_t *)"why", 3}, {0}},
			true},
		{"partly, without", {1, {(const uint8_t *)"a", 1}, {0}, {0}}, true},
		{"unread, with text",
			{2, {(const uint8_t *)"a", 1}, {(const uint8_t *)"why", 3},
				{(const uint8_t *)"t", 1}},
			true},
		{"an unknown state",
			{3, {(const uint8_t *)"a", 1}, {(const uint8_t *)"why", 3}, {0}},
			true},
		{"a reason of two lines",
			{2, {(const uint8_t *)"a", 1}, {(const uint8_t *)"w\nw", 3}, {0}},
			true},
	};
	const struct grams_part first = {GRAMS_WHOLE, TEXT(""), TEXT(""), TEXT("text")};
	struct grams g;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_clear(&b);
		grams_begin(&head, &b);
		if (rows[i].is_second)
			grams_put(&first, &b);
		grams_put(&rows[i].part, &b);
		assert_answer(rows[i].row, "grams_parse", grams_parse(bytes_of(&b), &g),
			FAIL_FORMAT);
	}
	buf_clear(&b);
	grams_begin(&head, &b);
	assert_int_equal(grams_parse(bytes_of(&b), &g), FAIL_FORMAT);
	b.data[9] = 2;
	assert_int_equal(grams_parse(bytes_of(&b), &g), FAIL_VERSION);
	buf_done(&b);
}

static void
seal(uint16_t piece, uint16_t pieces, struct rd text, struct buf *out)
{
	const struct grams_place place = {document_id, set_id, piece, pieces};
	struct kem_public key;
	struct fixture_rng rng;

	fixture_rng_init(&rng, "grams");
	fixture_key(SUITE_1, "reader", 0, &key);
	assert_int_equal(grams_blob_seal(&place, &key, &rng.rng, text, out), 0);
}

/* As keys_unwrap() does it. */
static int
open_as(size_t reader, struct rd in, struct buf *out)
{
	uint8_t seed[KEM_SEED_LEN], key[SLOT_SECRET_LEN];
	struct slot_place place = {.role = "grams"};
	struct grams_blob blob;
	int r;

	if ((r = grams_blob_parse(in, &blob)) != 0)
		return r;
	place.suite = blob.suite;
	place.index = blob.place.piece;
	place.core_hash = blob.head_hash;
	fixture_seed("reader", reader, seed);
	if ((r = slot_open(&place, &blob.slot, seed, key)) != 0)
		return r;
	return grams_blob_open(&blob, key, out);
}

static void
only_the_host_opens_a_blob(void **state)
{
	struct buf b, out;

	(void)state;
	buf_init(&b, GRAMS_BLOB_MAX);
	buf_init(&out, GRAMS_PIECE_LEN);
	seal(1, 3, TEXT("a piece of an object"), &b);
	assert_int_equal(open_as(0, bytes_of(&b), &out), 0);
	assert_same_bytes(bytes_of(&out), TEXT("a piece of an object"));
	buf_clear(&out);
	assert_int_equal(open_as(1, bytes_of(&b), &out), FAIL_ALTERED);
	assert_int_equal(out.len, 0);
	buf_done(&out);
	buf_done(&b);
}

/* Not a bit of it can be another one: the place least of all. */
static void
an_altered_blob_does_not_open(void **state)
{
	struct buf b, out;

	(void)state;
	buf_init(&b, GRAMS_BLOB_MAX);
	buf_init(&out, GRAMS_PIECE_LEN);
	seal(1, 3, TEXT("a piece of an object"), &b);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		int r;

		/* The key id names a key; a holder that has no such key says so first. */
		b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		r = open_as(0, bytes_of(&b), &out);
		if (r == 0 || out.len != 0)
			fail_msg("bit %zu of byte %zu may be altered", bit % 8, bit / 8);
		b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < b.len; len++)
		assert_int_not_equal(open_as(0, rd_of(b.data, len), &out), 0);
	buf_done(&out);
	buf_done(&b);
}

static void
limits(void **state)
{
	const struct grams_place last = {
		document_id, set_id, GRAMS_PIECES_MAX - 1, GRAMS_PIECES_MAX};
	const struct grams_place after = {
		document_id, set_id, GRAMS_PIECES_MAX, GRAMS_PIECES_MAX};
	const struct grams_place many = {document_id, set_id, 0, GRAMS_PIECES_MAX + 1};
	struct kem_public key;
	struct fixture_rng rng;
	uint8_t *big = NULL;
	struct buf b;

	(void)state;
	fixture_rng_init(&rng, "grams");
	fixture_key(SUITE_1, "reader", 0, &key);
	assert_int_equal(mem_new(&big, GRAMS_PIECE_LEN + 1), 0);
	buf_init(&b, GRAMS_BLOB_MAX);
	assert_int_equal(
		grams_blob_seal(&last, &key, &rng.rng, rd_of(big, GRAMS_PIECE_LEN), &b),
		0);
	buf_clear(&b);
	assert_int_equal(grams_blob_seal(&last, &key, &rng.rng,
				 rd_of(big, GRAMS_PIECE_LEN + 1), &b),
		FAIL_LIMIT);
	assert_int_equal(
		grams_blob_seal(&last, &key, &rng.rng, rd_of(big, 0), &b), FAIL_LIMIT);
	assert_int_equal(
		grams_blob_seal(&after, &key, &rng.rng, rd_of(big, 1), &b), FAIL_LIMIT);
	assert_int_equal(
		grams_blob_seal(&many, &key, &rng.rng, rd_of(big, 1), &b), FAIL_LIMIT);
	buf_done(&b);
	mem_free(big);
}

static void
memory_runs_out_anywhere(void **state)
{
	struct buf b, out;
	long n = 0;
	int r;

	(void)state;
	buf_init(&b, GRAMS_BLOB_MAX);
	seal(0, 1, TEXT("a piece"), &b);
	do {
		buf_init(&out, GRAMS_PIECE_LEN);
		mem_fail_after(n++, true);
		r = open_as(0, bytes_of(&b), &out);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		buf_done(&out);
	} while (r != 0 && n < 1000);
	assert_true(n > 2 && n < 1000);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_come_back),
		cmocka_unit_test(other_forms_are_refused),
		cmocka_unit_test(only_the_host_opens_a_blob),
		cmocka_unit_test(an_altered_blob_does_not_open),
		cmocka_unit_test(limits),
		cmocka_unit_test(memory_runs_out_anywhere),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
