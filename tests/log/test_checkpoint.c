/* SPDX-License-Identifier: Apache-2.0 */
#include "log/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/crypto.h"

static const uint8_t log_seed[SIGN_SEED_LEN] = {1}, witness_seed[SIGN_SEED_LEN] = {2};

static struct note_key
key_of(const char *name, uint8_t type, const uint8_t seed[SIGN_SEED_LEN])
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key key;

	sign_public(seed, public_key);
	assert_int_equal(
		note_key_make(name, type, public_key, sizeof public_key, &key), 0);
	return key;
}

/* A head of PT's log, signed by it and cosigned by CY. */
static int
make(struct buf *out)
{
	struct checkpoint c = {
		.origin = rd_of("pt.example/openings/1", 21), .size = 70000};
	struct checkpoint_cosigner cy = {"cy.example/witness", witness_seed, 1795000000};
	struct buf text;
	int r;

	memset(c.root, 0x5a, HASH_LEN);
	buf_init(&text, CHECKPOINT_TEXT_MAX);
	buf_init(out, 4096);
	if ((r = checkpoint_write(&c, &text)) == 0 &&
		(r = note_text_write(text.data, text.len, out)) == 0 &&
		(r = note_sign(text.data, text.len, "pt.example/openings/1", log_seed,
			 out)) == 0)
		r = checkpoint_cosign(rd_of(text.data, text.len), &cy, out);
	buf_done(&text);
	return r;
}

static int
check(const struct buf *bytes, uint64_t *ret_time_s)
{
	struct note_key log = key_of("pt.example/openings/1", NOTE_ED25519, log_seed);
	struct note_key cy = key_of("cy.example/witness", NOTE_COSIGNATURE, witness_seed);
	struct checkpoint c;
	struct note *note;
	int r;

	if ((r = note_parse(bytes->data, bytes->len, &note)) != 0)
		return r;
	if ((r = checkpoint_verify(note, &log, &c)) == 0) {
		assert_int_equal(c.size, 70000);
		assert_int_equal(c.root[31], 0x5a);
		r = checkpoint_cosigned(note, &cy, ret_time_s);
	}
	note_free(note);
	return r;
}

static void
a_head_is_signed_and_cosigned(void **state)
{
	uint64_t time_s = 0;
	struct buf bytes;

	(void)state;
	assert_int_equal(make(&bytes), 0);
	assert_int_equal(check(&bytes, &time_s), 0);
	assert_int_equal(time_s, 1795000000);
	buf_done(&bytes);
}

/* Each byte of it counts, the witness's time too. */
static void
every_byte_counts(void **state)
{
	uint64_t time_s;
	struct buf bytes;

	(void)state;
	assert_int_equal(make(&bytes), 0);
	for (size_t i = 0; i < bytes.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes.data[i] ^= (uint8_t)(1u << bit);
			if (check(&bytes, &time_s) == 0)
				fail_msg("byte %zu, bit %u", i, bit);
			bytes.data[i] ^= (uint8_t)(1u << bit);
		}
	buf_done(&bytes);
}

static void
only_its_own_log_signs(void **state)
{
	struct note_key other = key_of("fr.example/openings/1", NOTE_ED25519, log_seed);
	struct note_key stranger =
		key_of("pt.example/openings/1", NOTE_ED25519, witness_seed);
	struct note_key absent =
		key_of("eu.example/witness", NOTE_COSIGNATURE, witness_seed);
	struct checkpoint c;
	struct note *note;
	struct buf bytes;
	uint64_t time_s;

	(void)state;
	assert_int_equal(make(&bytes), 0);
	assert_int_equal(note_parse(bytes.data, bytes.len, &note), 0);
	assert_int_equal(checkpoint_verify(note, &other, &c), FAIL_MISMATCH);
	assert_int_equal(checkpoint_verify(note, &stranger, &c), FAIL_ABSENT);
	assert_int_equal(checkpoint_cosigned(note, &absent, &time_s), FAIL_ABSENT);
	note_free(note);
	buf_done(&bytes);
}

static void
malformed_heads(void **state)
{
	static const char root[] = "lCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=";
	static const char *const bad[] = {"", "a", "a\n", "a\n1\n", "\n1\n%s\n",
		"a\n01\n%s\n", "a\n-1\n%s\n", "a\n+1\n%s\n", "a\n 1\n%s\n", "a\n1\n%s",
		"a\n\n%s\n", "a\n9223372036854775808\n%s\n",
		"a\n99999999999999999999\n%s\n", "a\n1\nAAAA\n", "a\n1\n%s\n\n",
		"a\n1\n%s\nextension"};
	static const char *const good[] = {
		"a\n0\n%s\n", "a\n9223372036854775807\n%s\n", "a\n1\n%s\nextension\n"};
	struct checkpoint c;
	char text[256];

	(void)state;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int len = snprintf(text, sizeof text, bad[i], root);

		if (checkpoint_parse(rd_of(text, (size_t)len), &c) != FAIL_FORMAT)
			fail_msg("accepted: %s", text);
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		int len = snprintf(text, sizeof text, good[i], root);

		assert_int_equal(checkpoint_parse(rd_of(text, (size_t)len), &c), 0);
	}
#pragma GCC diagnostic pop
}

static void
want_of_memory_is_told(void **state)
{
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r != 0; n++) {
		struct buf bytes;
		uint64_t time_s;

		mem_fail_after(n, true);
		if ((r = make(&bytes)) == 0)
			r = check(&bytes, &time_s);
		mem_fail_never();
		buf_done(&bytes);
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_true(n < 100);
	}
}

/* The published log of transparency-dev/tessera, and a witness of sunlight. */
static void
heads_of_others(void **state)
{
	static const char log_vkey[] = "example.com/log/testdata+33d7b496+"
				       "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
	static const char witness_vkey[] = "witness.example.org+b8a2cf20+"
					   "BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN";
	const char *shared = getenv("VALISE_SHARED");
	struct note_key log, witness;

	(void)state;
	if (shared == NULL) {
		(void)printf("SKIP: no shared data (VALISE_SHARED)\n");
		skip();
	}
	assert_int_equal(note_key_parse(log_vkey, sizeof log_vkey - 1, &log), 0);
	assert_int_equal(
		note_key_parse(witness_vkey, sizeof witness_vkey - 1, &witness), 0);
	for (int size = 0; size <= 16; size++) {
		char path[4096], bytes[4096];
		struct checkpoint c;
		struct note *note;
		uint64_t time_s;
		FILE *f;
		size_t len;

		if (size < 16)
			(void)snprintf(path, sizeof path,
				"%s/vectors/ledger/tessera/testdata/log/checkpoint.%d",
				shared, size);
		else
			(void)snprintf(path, sizeof path,
				"%s/vectors/ledger/sunlight-cosig/witness.checkpoint",
				shared);
		if ((f = fopen(path, "rb")) == NULL) {
			(void)printf("SKIP: no shared data (%s)\n", path);
			skip();
		}
		len = fread(bytes, 1, sizeof bytes, f);
		(void)fclose(f);
		assert_int_equal(note_parse(bytes, len, &note), 0);
		if (size < 16) {
			assert_int_equal(checkpoint_verify(note, &log, &c), 0);
			assert_int_equal(c.size, size);
		} else {
			assert_int_equal(checkpoint_cosigned(note, &witness, &time_s), 0);
			assert_true(time_s > 1700000000);
		}
		note_free(note);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_signed_and_cosigned),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(only_its_own_log_signs),
		cmocka_unit_test(malformed_heads),
		cmocka_unit_test(want_of_memory_is_told),
		cmocka_unit_test(heads_of_others),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
