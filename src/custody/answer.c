/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/answer.h"

#include <string.h>

#include "crypto/hpke.h"
#include "member/signing.h"

/*
 * The fields are written by one function for the object and for the signature.
 */

enum { VERSION = 1, SEALED_LEN = ANSWER_SECRET_LEN + HPKE_OVERHEAD };
enum { INFO_LEN = 16 + 1 + 2 + 1, AAD_MAX = 2 * HASH_LEN + 1 + CORE_MEMBER_MAX };

static int
answer_check(const struct answer *a)
{
	if (!core_is_member(a->member.ptr, a->member.len))
		return FAIL_FORMAT;
	if (a->kind == ANSWER_V_KEY)
		return a->number == 0 ? 0 : FAIL_FORMAT;
	if (a->kind != ANSWER_SHARE || a->number < 1 || a->number > CORE_CUSTODIANS_MAX)
		return FAIL_FORMAT;
	return 0;
}

int
answer_parse(struct rd in, struct answer *ret_answer)
{
	struct answer a = {0};
	int r;

	if ((r = rd_version(&in, VERSION)) != 0 || (r = rd_u16(&in, &a.suite)) != 0)
		return r;
	if (kem_enc_len(a.suite) == 0)
		return FAIL_SUITE;
	a.enc.len = kem_enc_len(a.suite);
	a.sealed.len = SEALED_LEN;
	if ((r = rd_u8(&in, &a.kind)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, a.binding)) != 0 ||
		(r = rd_vec8(&in, 1, CORE_MEMBER_MAX, &a.member)) != 0 ||
		(r = rd_u8(&in, &a.number)) != 0 ||
		(r = rd_bytes(&in, a.enc.len, &a.enc.ptr)) != 0 ||
		(r = rd_bytes(&in, a.sealed.len, &a.sealed.ptr)) != 0 ||
		(r = rd_copy(&in, SIGN_LEN, a.signature)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = answer_check(&a)) != 0)
		return r;
	*ret_answer = a;
	return 0;
}

static void
answer_fields(const struct answer *a, struct buf *out)
{
	buf_u16(out, VERSION);
	buf_u16(out, a->suite);
	buf_u8(out, a->kind);
	buf_bytes(out, a->binding, HASH_LEN);
	buf_vec(out, 1, a->member.ptr, a->member.len);
	buf_u8(out, a->number);
	buf_bytes(out, a->enc.ptr, a->enc.len);
	buf_bytes(out, a->sealed.ptr, a->sealed.len);
}

static void
answer_info(const struct answer *a, uint8_t out[INFO_LEN])
{
	static const char type[] = "valise/v1 answer"; /* its NUL is the 0x00 */

	_Static_assert(sizeof type + 3 == INFO_LEN, "info has one length");
	memcpy(out, type, sizeof type);
	out[sizeof type] = (uint8_t)(a->suite >> 8);
	out[sizeof type + 1] = (uint8_t)a->suite;
	out[sizeof type + 2] = a->kind;
}

static size_t
answer_aad(
	const struct answer *a, const uint8_t core_hash[HASH_LEN], uint8_t out[AAD_MAX])
{
	memcpy(out, a->binding, HASH_LEN);
	memcpy(out + HASH_LEN, core_hash, HASH_LEN);
	out[2 * HASH_LEN] = a->number;
	memcpy(out + 2 * HASH_LEN + 1, a->member.ptr, a->member.len);
	return 2 * HASH_LEN + 1 + a->member.len;
}

int
answer_seal(const struct answer_plan *plan, struct rng *rng,
	const uint8_t secret[ANSWER_SECRET_LEN], struct buf *out)
{
	uint8_t enc[KEM_ENC_MAX], sealed[SEALED_LEN], info[INFO_LEN], aad[AAD_MAX];
	struct answer a = {.suite = plan->ephemeral->suite,
		.kind = plan->kind,
		.number = plan->number,
		.member = plan->member};
	struct buf b;
	size_t aad_len;
	int r;

	if ((r = answer_check(&a)) != 0)
		return r;
	memcpy(a.binding, plan->binding, HASH_LEN);
	answer_info(&a, info);
	aad_len = answer_aad(&a, plan->core_hash, aad);
	if ((r = hpke_seal(plan->ephemeral, rng, (struct hpke_bytes){info, sizeof info},
		     (struct hpke_bytes){aad, aad_len},
		     (struct hpke_bytes){secret, ANSWER_SECRET_LEN}, enc, sealed)) != 0)
		return r;
	a.enc = rd_of(enc, kem_enc_len(a.suite));
	a.sealed = rd_of(sealed, sizeof sealed);
	signing_begin(&b, "answer", ANSWER_LEN_MAX);
	answer_fields(&a, &b);
	if ((r = signing_sign(&b, plan->seed, a.signature)) != 0)
		return r;
	answer_fields(&a, out);
	buf_bytes(out, a.signature, SIGN_LEN);
	return buf_error(out);
}

int
answer_verify(const struct answer *answer, const uint8_t public_key[SIGN_PUBLIC_LEN])
{
	struct buf b;

	signing_begin(&b, "answer", ANSWER_LEN_MAX);
	answer_fields(answer, &b);
	return signing_verify(&b, public_key, answer->signature);
}

int
answer_open(const struct answer *answer, const uint8_t core_hash[HASH_LEN],
	const uint8_t ephemeral_seed[KEM_SEED_LEN], uint8_t ret_secret[ANSWER_SECRET_LEN])
{
	uint8_t info[INFO_LEN], aad[AAD_MAX];
	size_t aad_len;

	answer_info(answer, info);
	aad_len = answer_aad(answer, core_hash, aad);
	return hpke_open(answer->suite, ephemeral_seed,
		(struct hpke_bytes){answer->enc.ptr, answer->enc.len},
		(struct hpke_bytes){info, sizeof info}, (struct hpke_bytes){aad, aad_len},
		(struct hpke_bytes){answer->sealed.ptr, answer->sealed.len}, ret_secret);
}
