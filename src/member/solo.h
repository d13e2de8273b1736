/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_SOLO_H
#define MEMBER_SOLO_H
/*
 * solo: the keys of one person or office that seals without a community.
 *
 *   key       kind     derived from             in the key file    use
 *   sign      Ed25519  the recovery secret      seed               signs envelopes
 *   solo      KEM      the recovery secret      seed               S and V slots (custody of itself)
 *   recovery  KEM      the recovery secret      public key only    R slot, for a lost machine
 *   reader    KEM      random, per device       seed               R slot
 *
 * The recovery secret is 32 random bytes, written down as 24 words and kept nowhere else.
 * Derived seeds: HKDF-Expand(HKDF-Extract("valise/v1", secret), info || uint16 suite, 32) with
 * info "valise/v1 solo sign", "valise/v1 solo custody", "valise/v1 solo recovery".
 * On a new machine the words give sign, solo and recovery back, with a fresh reader; then the
 * recovery seed stays in the key file as one more reader, so that older envelopes open.
 *
 * What is done with the keys stands in envelope/own.h.
 *
 * Errors  FAIL_SUITE, FAIL_NOMEM, FAIL_MISMATCH (keys disagree).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/secret.h"
#include "crypto/sign.h"

enum { SOLO_SECRET_LEN = 32, SOLO_SEED_LEN = 32 };

enum solo_key { SOLO_SIGN, SOLO_READER, SOLO_CUSTODY, SOLO_RECOVERY, SOLO_KEYS };

struct solo_public {
	uint16_t suite;
	uint64_t created_s;
	uint8_t sign[SIGN_PUBLIC_LEN];
	struct kem_public reader;
	struct kem_public solo;
	struct kem_public recovery;
};

struct solo {
	struct solo_public public;
	bool has_recovery; /* is the recovery seed here? */
	struct secret
		*seeds; /* SOLO_KEYS seeds of SOLO_SEED_LEN, in the order of solo_key */
};

/*
 * From the recovery secret; a fresh reader from rng.  is_recovered keeps the recovery seed.
 */
MUST int solo_new(uint16_t suite, const uint8_t secret[SOLO_SECRET_LEN],
	bool is_recovered, uint64_t created_s, struct rng *rng, struct solo **ret_solo);

/* An empty one, for the key file's reader. */
MUST int solo_new_empty(struct solo **ret_solo);
void solo_free(struct solo *s);

uint8_t *solo_seed(const struct solo *s, enum solo_key key);

/* Do the public keys belong to the seeds?  FAIL_MISMATCH. */
MUST int solo_check(const struct solo *s);

/*
 * The public keys as bytes, in the key file and from the agent: uint16 suite, uint64 created_s,
 * sign[32], then reader, solo and recovery, each kem_public_len(suite) long.  On failure
 * ret_public holds nothing that counts, and the reader has not moved.
 */
void solo_public_write(const struct solo_public *p, struct buf *out);
MUST int solo_public_parse(struct rd *in, struct solo_public *ret_public);

#endif
