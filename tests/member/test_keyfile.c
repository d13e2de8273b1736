/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/keyfile.h"
#include "member/solo.h"

/* A seeded counter: the same keys in every run. */
static int
count_up(struct rng *rng, void *out, size_t len)
{
	static uint8_t next;
	uint8_t *at = out;

	(void)rng;
	for (size_t i = 0; i < len; i++)
		at[i] = next++;
	return 0;
}

static struct rng rng = {.fill = count_up};
static const uint8_t recovery_secret[SOLO_SECRET_LEN] = {1, 2, 3};

static struct solo *
make(bool is_recovered)
{
	struct solo *s = NULL;

	assert_int_equal(
		solo_new(SUITE_1, recovery_secret, is_recovered, 1700000000, &rng, &s),
		0);
	assert_int_equal(solo_check(s), 0);
	return s;
}

static struct secret *
passphrase_of(const char *text)
{
	struct secret *s = NULL;

	assert_int_equal(secret_new(strlen(text), &s), 0);
	memcpy(s->bytes, text, s->len);
	return s;
}

static void
seal(const struct solo *s, const char *text, struct buf *out)
{
	struct secret *passphrase = passphrase_of(text);

	buf_init(out, KEYFILE_MAX);
	assert_int_equal(keyfile_seal(s, passphrase, &rng, out), 0);
	secret_free(passphrase);
}

static int
open_with(const struct buf *file, const char *text, struct solo **ret_solo)
{
	struct secret *passphrase = passphrase_of(text);
	int r = keyfile_open(file->data, file->len, passphrase, ret_solo);

	secret_free(passphrase);
	return r;
}

static void
test_round_trip(void **state)
{
	(void)state;
	for (int recovered = 0; recovered <= 1; recovered++) {
		struct solo *s = make(recovered == 1), *again = NULL;
		struct buf file;

		seal(s, "correct horse", &file);
		assert_int_equal(open_with(&file, "correct horse", &again), 0);
		assert_int_equal(again->has_recovery, recovered);
		assert_int_equal(again->public.created_s, 1700000000);
		assert_memory_equal(again->public.sign, s->public.sign, SIGN_PUBLIC_LEN);
		assert_memory_equal(again->seeds->bytes, s->seeds->bytes, s->seeds->len);
		solo_free(again);
		solo_free(s);
		buf_done(&file);
	}
}

static void
test_recovery_gives_the_same_long_term_keys(void **state)
{
	static const uint8_t none[SOLO_SEED_LEN];
	struct solo *lost = make(false), *found = make(true);

	(void)state;
	assert_memory_equal(lost->public.sign, found->public.sign, SIGN_PUBLIC_LEN);
	assert_memory_equal(lost->public.solo.bytes, found->public.solo.bytes, 32);
	assert_memory_equal(
		lost->public.recovery.bytes, found->public.recovery.bytes, 32);
	assert_memory_not_equal(
		lost->public.reader.bytes, found->public.reader.bytes, 32);
	/* The seed that only the words may give is not kept on the first machine. */
	assert_memory_equal(solo_seed(lost, SOLO_RECOVERY), none, SOLO_SEED_LEN);
	assert_memory_not_equal(solo_seed(found, SOLO_RECOVERY), none, SOLO_SEED_LEN);
	/* Four keys, four different seeds. */
	for (enum solo_key a = 0; a < SOLO_KEYS; a++)
		for (enum solo_key b = 0; b < a; b++)
			assert_memory_not_equal(
				solo_seed(found, a), solo_seed(found, b), SOLO_SEED_LEN);
	solo_free(lost);
	solo_free(found);
}

static void
test_wrong_passphrase(void **state)
{
	struct solo *s = make(false), *again = NULL;
	struct buf file;

	(void)state;
	seal(s, "right", &file);
	assert_int_equal(open_with(&file, "wrong", &again), FAIL_PASSPHRASE);
	assert_null(again);
	buf_done(&file);
	solo_free(s);
}

/* Nothing public in clear, so that the disk does not say whose key this is. */
static void
test_nothing_in_clear(void **state)
{
	struct solo *s = make(false);
	struct buf file;

	(void)state;
	seal(s, "pw", &file);
	assert_null(memmem(file.data, file.len, s->public.sign, 8));
	assert_null(memmem(file.data, file.len, s->public.reader.bytes, 8));
	assert_null(memmem(file.data, file.len, solo_seed(s, SOLO_SIGN), 8));
	buf_done(&file);
	solo_free(s);
}

/*
 * Every byte of the head: the parser or, where it may take any value, the tag refuses.  The
 * latter costs an Argon2id each, so salt and nonce are probed at one byte each.
 */
static void
test_altered(void **state)
{
	enum { SALT = 22, NONCE = SALT + 16, LENGTH = NONCE + 12, SEALED = LENGTH + 2 };
	static const size_t guessed[] = {SALT, NONCE + 11, SEALED, SEALED + 100};
	struct solo *s = make(false), *again = NULL;
	struct keyfile parsed;
	struct buf file;

	(void)state;
	seal(s, "pw", &file);
	for (size_t i = 0; i < SALT; i++) {
		file.data[i] ^= 0x80;
		/* Some costs of Argon2id are within bounds; then the tag refuses. */
		if (keyfile_parse(file.data, file.len, &parsed) == 0)
			assert_int_equal(open_with(&file, "pw", &again), FAIL_PASSPHRASE);
		file.data[i] ^= 0x80;
	}
	for (size_t i = 0; i < sizeof guessed / sizeof guessed[0]; i++) {
		file.data[guessed[i]] ^= 1;
		assert_int_equal(open_with(&file, "pw", &again), FAIL_PASSPHRASE);
		file.data[guessed[i]] ^= 1;
	}
	/* More passes are within bounds, and authenticated. */
	file.data[SALT - 1]++;
	assert_int_equal(open_with(&file, "pw", &again), FAIL_PASSPHRASE);
	buf_done(&file);
	solo_free(s);
}

static void
test_every_truncation(void **state)
{
	struct solo *s = make(false);
	struct keyfile parsed;
	struct buf file;

	(void)state;
	seal(s, "pw", &file);
	for (size_t len = 0; len < file.len; len++)
		assert_int_not_equal(keyfile_parse(file.data, len, &parsed), 0);
	assert_int_equal(keyfile_parse(file.data, file.len, &parsed), 0);
	buf_u8(&file, 0);
	assert_int_equal(keyfile_parse(file.data, file.len, &parsed), FAIL_FORMAT);
	buf_done(&file);
	solo_free(s);
}

static void
test_exchanged_public_key(void **state)
{
	struct solo *s = make(false), *again = NULL;
	struct buf file;

	(void)state;
	s->public.reader.bytes[0] ^= 1;
	assert_int_equal(solo_check(s), FAIL_MISMATCH);
	seal(s, "pw", &file);
	assert_int_equal(open_with(&file, "pw", &again), FAIL_MISMATCH);
	buf_done(&file);
	solo_free(s);
}

static void
test_hostile_cost(void **state)
{
	struct solo *s = make(false);
	struct keyfile parsed;
	struct buf file;

	(void)state;
	seal(s, "pw", &file);
	file.data[14] = 0xff; /* 4 TiB of memory */
	assert_int_equal(keyfile_parse(file.data, file.len, &parsed), FAIL_LIMIT);
	file.data[14] = 0;
	file.data[15] = 0; /* none: a weak hash */
	assert_int_equal(keyfile_parse(file.data, file.len, &parsed), FAIL_LIMIT);
	buf_done(&file);
	solo_free(s);
}

static void
test_out_of_memory(void **state)
{
	struct secret *passphrase = passphrase_of("pw");
	struct solo *s = make(false), *again = NULL;
	struct buf file;
	int r = -1;

	(void)state;
	seal(s, "pw", &file);
	for (long n = 0; r != 0; n++) {
		mem_fail_after(n, false);
		r = keyfile_open(file.data, file.len, passphrase, &again);
		mem_fail_never();
		if (r != 0)
			assert_int_equal(r, FAIL_NOMEM);
		assert_true(n < 64);
	}
	solo_free(again);
	buf_done(&file);
	r = -1;
	for (long n = 0; r != 0; n++) {
		buf_init(&file, KEYFILE_MAX);
		mem_fail_after(n, false);
		r = keyfile_seal(s, passphrase, &rng, &file);
		mem_fail_never();
		if (r != 0)
			assert_int_equal(r, FAIL_NOMEM);
		buf_done(&file);
		assert_true(n < 64);
	}
	solo_free(s);
	secret_free(passphrase);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_recovery_gives_the_same_long_term_keys),
		cmocka_unit_test(test_wrong_passphrase),
		cmocka_unit_test(test_nothing_in_clear),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_exchanged_public_key),
		cmocka_unit_test(test_hostile_cost),
		cmocka_unit_test(test_out_of_memory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
