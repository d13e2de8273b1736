/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/sign.h"
#include "label/label.h"

/*
 * Names, keys and the small pieces that envelopes are built from; the building itself stands
 * in sealed.c.
 */

void
fixture_seed(const char *name, size_t number, uint8_t ret_seed[HASH_LEN])
{
	char text[64];
	int len = snprintf(text, sizeof text, "valise fixture %s %zu", name, number);

	CHECK(len > 0 && (size_t)len < sizeof text);
	hash_sha256(text, (size_t)len, ret_seed);
}

static int
fixture_fill(struct rng *rng, void *out, size_t len)
{
	struct fixture_rng *self = (struct fixture_rng *)rng;
	uint8_t block[HASH_LEN + 8], hash[HASH_LEN];
	uint8_t *at = out;

	if (self->fail_after == 0)
		return FAIL_RANDOM;
	if (self->fail_after > 0)
		self->fail_after--;
	memcpy(block, self->seed, HASH_LEN);
	while (len > 0) {
		size_t n = len < HASH_LEN ? len : HASH_LEN;

		for (size_t i = 0; i < 8; i++)
			block[HASH_LEN + i] = (uint8_t)(self->block >> 8 * i);
		hash_sha256(block, sizeof block, hash);
		memcpy(at, hash, n);
		self->block++;
		at += n;
		len -= n;
	}
	return 0;
}

void
fixture_rng_init(struct fixture_rng *rng, const char *name)
{
	*rng = (struct fixture_rng){.rng = {fixture_fill}, .fail_after = -1};
	fixture_seed(name, 0, rng->seed);
}

void
fixture_key(uint16_t suite, const char *name, size_t number, struct kem_public *ret_key)
{
	uint8_t seed[HASH_LEN];

	fixture_seed(name, number, seed);
	CHECK(kem_public_of_seed(suite, seed, ret_key) == 0);
}

void
fixture_credential(const char *name, uint8_t ret_credential[FIXTURE_CREDENTIAL_LEN])
{
	uint8_t seed[SIGN_SEED_LEN];
	size_t len = strlen(name), room = FIXTURE_CREDENTIAL_LEN - SIGN_PUBLIC_LEN;

	fixture_seed(name, 0, seed);
	memset(ret_credential, '.', FIXTURE_CREDENTIAL_LEN);
	sign_public(seed, ret_credential);
	memcpy(ret_credential + SIGN_PUBLIC_LEN, name, len < room ? len : room);
}

struct fixture_spec
fixture_solo(void)
{
	return (struct fixture_spec){.rng = "solo",
		.author = "author",
		.text = "The courier leaves at dawn.",
		.suite = SUITE_1,
		.rule = CORE_RULE_SOLO,
		.threshold = 1,
		.custodians = 1,
		.signers = 1,
		.readers = 2};
}

struct fixture_spec
fixture_members(uint8_t threshold, uint8_t custodians)
{
	return (struct fixture_spec){.rng = "members",
		.author = "author",
		.text = "The courier leaves at dawn.",
		.suite = SUITE_1,
		.rule = CORE_RULE_MEMBERS,
		.threshold = threshold,
		.custodians = custodians,
		.signers = 2,
		.readers = 2};
}

int
fixture_label(struct buf *out)
{
	struct label *label = NULL;
	int r;

	if ((r = label_new("CONCORD", "SECRET", &label)) != 0)
		return r;
	if ((r = label_add(label, "Releasable To", LABEL_PERMISSIVE, "PT")) == 0)
		label_write(label, out);
	label_free(label);
	return r == 0 ? buf_error(out) : r;
}

int
fixture_addressing(const struct fixture_spec *spec, struct buf *out)
{
	static const char to[] = "PT/defence-policy", info[] = "FR/duty", sic[] = "LAA";
	static const char title[] = "Courier to Lajes", reference[] = "ours/2026/17";
	struct addressing *a = NULL;
	int r;

	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	a->dtg_s = 1790000000;
	a->precedence_action = spec->precedence;
	a->title = rd_of(title, sizeof title - 1);
	a->reference = rd_of(reference, sizeof reference - 1);
	a->action_count = 1;
	a->addresses[0] = rd_of(to, sizeof to - 1);
	a->info_count = 1;
	a->addresses[1] = rd_of(info, sizeof info - 1);
	a->sic_count = 1;
	a->sics[0] = rd_of(sic, sizeof sic - 1);
	r = addressing_write(a, out);
	mem_free(a);
	return r;
}

/* The second wording is longer, so that padding has something to do. */
size_t
fixture_wording(uint32_t pair, uint8_t b, char ret_text[FIXTURE_WORDING_MAX])
{
	int len = snprintf(ret_text, FIXTURE_WORDING_MAX,
		b == 0 ? "at once (%u)" : "as soon as that can be done (%u)",
		(unsigned)pair);

	CHECK(len > 0 && len < FIXTURE_WORDING_MAX);
	return (size_t)len;
}
