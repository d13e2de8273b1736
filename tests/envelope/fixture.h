/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ENVELOPE_FIXTURE_H
#define TESTS_ENVELOPE_FIXTURE_H
/*
 * fixture: complete envelopes in memory, the same bytes every time.
 *
 * Everything comes from names: a random stream, a key and a signer are each SHA-256 of a name
 * and a number, so a test says "reader 0" or "attacker" and two runs agree bit by bit.  Only
 * public functions of the room are used.  What a dishonest author would do is done by two
 * hooks: `bend` changes a header before it is sealed by hand, `lie` changes the sums before
 * they are signed.
 *
 *   solo      reader 0..n-1 get R; solo 0 gets S and V; the author signs with a bare key
 *   members   reader 0..n-1 and the registry get R; custodian 0..n-1 a share each;
 *             originator 0 gets V; author and releaser sign with credentials
 *
 * A fixture credential is the Ed25519 key followed by the signer's name.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rng.h"
#include "crypto/shamir.h"
#include "envelope/addressing.h"
#include "envelope/box.h"
#include "envelope/header.h"
#include "envelope/trailer.h"

enum {
	FIXTURE_BYTES_MAX = 64 << 20,
	FIXTURE_CREDENTIAL_LEN = 40,
	FIXTURE_WORDING_MAX = 48
};

/* A stream of SHA-256(seed || counter); a fill that comes after fail_after others fails. */
struct fixture_rng {
	struct rng rng; /* first, so that a pointer to it is a pointer to us */
	uint8_t seed[HASH_LEN];
	uint64_t block;
	long fail_after; /* negative: never */
};

void fixture_rng_init(struct fixture_rng *rng, const char *name);

void fixture_seed(const char *name, size_t number, uint8_t ret_seed[HASH_LEN]);
void fixture_key(
	uint16_t suite, const char *name, size_t number, struct kem_public *ret_key);
void fixture_credential(const char *name, uint8_t ret_credential[FIXTURE_CREDENTIAL_LEN]);

/* A header as its author holds it before it is sealed; `bend` may change anything. */
struct hand {
	struct core core;
	uint8_t salt[ADDRESSING_SALT_LEN];
	uint8_t r[SCHEDULE_LEN];
	uint8_t s[SCHEDULE_LEN];
	uint8_t v[SCHEDULE_LEN];
	struct shamir_share shares[CORE_CUSTODIANS_MAX];
};

struct fixture_spec {
	const char *rng;    /* name of the random stream */
	const char *author; /* name of the signing key */
	const char *text;   /* repeated until the body is full */
	uint16_t suite;
	uint8_t rule;
	uint8_t threshold;
	uint8_t custodians;
	uint8_t signers;
	size_t readers; /* the registry not counted */
	uint32_t flags;
	uint8_t precedence;
	uint32_t pairs;
	size_t attachments;
	size_t body_len; /* plaintext bytes, head included; 0: the head and the text once */
	bool is_raw;	 /* no head: body_len bytes of text */
	bool is_kind_swapped; /* bare keys where credentials belong, and the reverse */
	bool is_by_hand;      /* assemble the header from slots, not with header_seal() */
	void (*bend)(struct hand *hand);
	void (*lie)(struct trailer_sums *sums);
};

struct fixture_spec fixture_solo(void);
struct fixture_spec fixture_members(uint8_t threshold, uint8_t custodians);

/* What follows what in the file; at[part] is where it begins, at[PART_COUNT] the end. */
enum fixture_part {
	PART_CORE,
	PART_SALT,
	PART_ADDRESSING,
	PART_R,
	PART_SV,
	PART_SEGMENTS,
	PART_BOXES,
	PART_TRAILER,
	PART_COUNT
};

struct sealed {
	struct buf bytes;
	size_t at[PART_COUNT + 1];
	struct header_secrets secrets;
};

void sealed_init(struct sealed *sealed);
void sealed_done(struct sealed *sealed);

/* Build one envelope; whatever the answer, sealed_done() afterwards. */
MUST int fixture_build(const struct fixture_spec *spec, struct sealed *ret_sealed);

/* Build and insist that it worked. */
void fixture_sealed(const struct fixture_spec *spec, struct sealed *ret_sealed);

/* The header only, as fixture_build() makes it. */
MUST int fixture_header(const struct fixture_spec *spec, struct rng *rng, struct buf *out,
	struct header_secrets *ret_secrets);

/* Cut the trailer off, and sign what stands before it anew with sums that are true. */
MUST int fixture_resign(const struct fixture_spec *spec, struct sealed *sealed);

/* The two wordings of a pair; the length, and the text in ret_text. */
size_t fixture_wording(uint32_t pair, uint8_t b, char ret_text[FIXTURE_WORDING_MAX]);

/* Find at[] again after bytes were changed; the header must parse. */
MUST int fixture_locate(struct sealed *sealed);

/* The addressing of a spec, and its label, as bytes. */
MUST int fixture_addressing(const struct fixture_spec *spec, struct buf *out);
MUST int fixture_label(struct buf *out);

#endif
