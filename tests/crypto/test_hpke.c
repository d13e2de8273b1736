/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "crypto/hpke.h"

/*
 * The published vector of our ciphersuite (mode 0, kem_id 32, kdf_id 1, aead_id 2) from
 * test-vectors.json of RFC 9180 (cfrg/draft-irtf-cfrg-hpke), first encryption; read in the
 * copy that BoringSSL and AWS-LC carry as crypto/hpke/hpke_test_vectors.txt.
 */
static const char vector_info[] = "4f6465206f6e2061204772656369616e2055726e";
static const char vector_aad[] = "436f756e742d30";
static const char vector_plain[] =
	"4265617574792069732074727574682c20747275746820626561757479";
static const char vector_sk_r[] =
	"497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d";
static const char vector_pk_r[] =
	"430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";
static const char vector_sk_e[] =
	"179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11";
static const char vector_enc[] =
	"6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256";
static const char vector_sealed[] = "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb"
				    "5f512be9931980a41de125a925cdad859d5b7a";

enum { PLAIN_LEN = 29, SEALED_LEN = PLAIN_LEN + HPKE_OVERHEAD };

/* The vector's parts, ready to be passed on or altered. */
struct parts {
	uint8_t info[20], aad[7], plain[PLAIN_LEN], sk_r[32], sk_e[32], enc[32];
	uint8_t sealed[SEALED_LEN];
	struct kem_public to;
};

static struct parts
vector_parts(void)
{
	struct parts p = {.to = {.suite = SUITE_1, .len = 32}};

	(void)unhex(vector_info, p.info, sizeof p.info);
	(void)unhex(vector_aad, p.aad, sizeof p.aad);
	(void)unhex(vector_plain, p.plain, sizeof p.plain);
	(void)unhex(vector_sk_r, p.sk_r, sizeof p.sk_r);
	(void)unhex(vector_sk_e, p.sk_e, sizeof p.sk_e);
	(void)unhex(vector_enc, p.enc, sizeof p.enc);
	(void)unhex(vector_sealed, p.sealed, sizeof p.sealed);
	(void)unhex(vector_pk_r, p.to.bytes, sizeof p.to.bytes);
	return p;
}

static int
open_parts(const struct parts *p, uint8_t *ret_plain)
{
	return hpke_open(SUITE_1, p->sk_r, (struct hpke_bytes){p->enc, sizeof p->enc},
		(struct hpke_bytes){p->info, sizeof p->info},
		(struct hpke_bytes){p->aad, sizeof p->aad},
		(struct hpke_bytes){p->sealed, sizeof p->sealed}, ret_plain);
}

static void
seals_and_opens_the_vector(void **state)
{
	struct parts p = vector_parts();
	struct replay replay = replay_of(p.sk_e, sizeof p.sk_e);
	uint8_t enc[32], sealed[SEALED_LEN], plain[PLAIN_LEN];

	(void)state;
	assert_int_equal(
		hpke_seal(&p.to, &replay.rng, (struct hpke_bytes){p.info, sizeof p.info},
			(struct hpke_bytes){p.aad, sizeof p.aad},
			(struct hpke_bytes){p.plain, sizeof p.plain}, enc, sealed),
		0);
	assert_memory_equal(enc, p.enc, sizeof enc);
	assert_memory_equal(sealed, p.sealed, sizeof sealed);
	assert_int_equal(open_parts(&p, plain), 0);
	assert_memory_equal(plain, p.plain, sizeof plain);
}

/* The clamped bits of a scalar and the top bit of a point are ignored by X25519 itself. */
static void
refuses_every_changed_byte(void **state)
{
	struct parts p = vector_parts();
	uint8_t plain[PLAIN_LEN];
	uint8_t *const at[] = {p.info, p.aad, p.sk_r, p.enc, p.sealed};
	const size_t lens[] = {sizeof p.info, sizeof p.aad, 32, 32, SEALED_LEN};

	(void)state;
	for (size_t part = 0; part < sizeof at / sizeof at[0]; part++) {
		for (size_t i = 0; i < lens[part]; i++) {
			at[part][i] ^= 0x18;
			assert_int_equal(open_parts(&p, plain), FAIL_ALTERED);
			at[part][i] ^= 0x18;
		}
	}
	assert_int_equal(open_parts(&p, plain), 0);
}

static void
keeps_its_limits(void **state)
{
	static uint8_t big[HPKE_PLAIN_MAX + HPKE_OVERHEAD + 1], out[sizeof big];
	struct parts p = vector_parts();
	struct replay replay = replay_of(p.sk_e, sizeof p.sk_e);
	const struct hpke_bytes none = {NULL, 0}, long_info = {big, HPKE_INFO_MAX + 1};
	const struct hpke_bytes enc = {p.enc, sizeof p.enc};
	uint8_t e[32];

	(void)state;
	assert_int_equal(
		hpke_seal(&p.to, &replay.rng, long_info, none, none, e, out), FAIL_LIMIT);
	assert_int_equal(
		hpke_seal(&p.to, &replay.rng, none, long_info, none, e, out), FAIL_LIMIT);
	assert_int_equal(hpke_seal(&p.to, &replay.rng, none, none,
				 (struct hpke_bytes){big, HPKE_PLAIN_MAX + 1}, e, out),
		FAIL_LIMIT);
	assert_int_equal(hpke_open(SUITE_1, p.sk_r, enc, none, none,
				 (struct hpke_bytes){big, sizeof big}, out),
		FAIL_LIMIT);
	assert_int_equal(hpke_open(SUITE_1, p.sk_r, enc, long_info, none,
				 (struct hpke_bytes){big, 16}, out),
		FAIL_LIMIT);
	assert_int_equal(hpke_open(SUITE_1, p.sk_r, enc, none, none,
				 (struct hpke_bytes){big, HPKE_OVERHEAD - 1}, out),
		FAIL_TRUNCATED);
	/* Nothing at all, and the longest message, pass. */
	assert_int_equal(hpke_seal(&p.to, &replay.rng, none, none, none, e, out), 0);
	assert_int_equal(hpke_open(SUITE_1, p.sk_r, (struct hpke_bytes){e, 32}, none,
				 none, (struct hpke_bytes){out, HPKE_OVERHEAD}, big),
		0);
	replay = replay_of(p.sk_e, sizeof p.sk_e);
	assert_int_equal(hpke_seal(&p.to, &replay.rng, none, none,
				 (struct hpke_bytes){big, HPKE_PLAIN_MAX}, e, out),
		0);
}

/* What goes wrong in the KEM comes out under its own name. */
static void
passes_on_what_the_kem_says(void **state)
{
	struct parts p = vector_parts();
	struct replay empty = replay_of(NULL, 0);
	const struct hpke_bytes none = {NULL, 0}, sealed = {p.sealed, sizeof p.sealed};
	uint8_t enc[32], out[SEALED_LEN];

	(void)state;
	assert_int_equal(
		hpke_seal(&p.to, &empty.rng, none, none, none, enc, out), FAIL_RANDOM);
	assert_int_equal(hpke_open(SUITE_1, p.sk_r, (struct hpke_bytes){p.enc, 31}, none,
				 none, sealed, out),
		FAIL_FORMAT);
	memset(p.enc, 0, sizeof p.enc);
	assert_int_equal(open_parts(&p, out), FAIL_FORMAT);
	assert_int_equal(hpke_open(9, p.sk_r, (struct hpke_bytes){p.enc, 32}, none, none,
				 sealed, out),
		FAIL_SUITE);
}

static int
seal_once(void)
{
	struct parts p = vector_parts();
	struct replay replay = replay_of(p.sk_e, sizeof p.sk_e);
	const struct hpke_bytes none = {NULL, 0};
	uint8_t enc[32] = {0}, sealed[SEALED_LEN];
	int r;

	r = hpke_seal(&p.to, &replay.rng, none, none,
		(struct hpke_bytes){p.plain, sizeof p.plain}, enc, sealed);
	if (r != 0)
		assert_memory_equal(enc, ((uint8_t[32]){0}), sizeof enc);
	return r;
}

static int
open_once(void)
{
	struct parts p = vector_parts();
	uint8_t plain[PLAIN_LEN];

	return open_parts(&p, plain);
}

static void
survives_want_of_memory(void **state)
{
	(void)state;
	assert_survives_oom(seal_once);
	assert_survives_oom(open_once);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens_the_vector),
		cmocka_unit_test(refuses_every_changed_byte),
		cmocka_unit_test(keeps_its_limits),
		cmocka_unit_test(passes_on_what_the_kem_says),
		cmocka_unit_test(survives_want_of_memory),
	};

	oom_install();
	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
