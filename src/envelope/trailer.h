/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_TRAILER_H
#define ENVELOPE_TRAILER_H
/*
 * trailer: what ends an envelope: counts, root, and who signs for it.
 *
 *   body_len:u64 segments:u32 boxes:u32 root[32] signers<u16>
 *   signer: role:u8 kind:u8 identity<u16> signature[64]
 *   signed = "valise/v1 envelope" || 0 || header hash || body_len || segments || boxes || root
 *   envelope hash = SHA-256(signed)
 *
 * Normative: docs/format/envelope.md, section 7.  The identity of kind 0 is the bare Ed25519
 * key (solo); of kind 1 a credential, whose key and standing the member room knows.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

enum {
	TRAILER_LEN_MAX = 65536,
	TRAILER_SIGNERS_MAX = 2,
	TRAILER_IDENTITY_MAX = 16384,
	TRAILER_SIGNED_LEN = 18 + 1 + HASH_LEN + 8 + 4 + 4 + HASH_LEN,
};

enum signer_role { SIGNER_AUTHOR = 1, SIGNER_RELEASER = 2, SIGNER_GRANTER = 3 };
enum signer_kind { SIGNER_BARE_KEY = 0, SIGNER_CREDENTIAL = 1 };

struct signer {
	uint8_t role;
	uint8_t kind;
	struct rd identity;
	uint8_t signature[SIGN_LEN];
};

/* What the signatures cover besides the header hash. */
struct trailer_sums {
	uint64_t body_len;
	uint32_t segments;
	uint32_t boxes;
	uint8_t root[HASH_LEN];
};

struct trailer {
	struct trailer_sums sums;
	uint8_t signer_count;
	struct signer signers[TRAILER_SIGNERS_MAX];
};

/* The whole of in must be one trailer.  FAIL_FORMAT, FAIL_TRUNCATED. */
MUST int trailer_parse(struct rd in, struct trailer *ret_trailer);
MUST int trailer_write(const struct trailer *trailer, struct buf *out);

/* The bytes that are signed. */
void trailer_signed(const uint8_t header_hash[HASH_LEN], const struct trailer_sums *sums,
	uint8_t ret_signed[TRAILER_SIGNED_LEN]);

void trailer_envelope_hash(const uint8_t header_hash[HASH_LEN],
	const struct trailer_sums *sums, uint8_t ret_hash[HASH_LEN]);

/* Are the two sums the same?  FAIL_ALTERED if not (counts that lie, another root). */
MUST int trailer_compare(
	const struct trailer_sums *stated, const struct trailer_sums *seen);

/* Does the signature of that signer verify with this key?  FAIL_SIGNATURE. */
MUST int trailer_verify(const struct trailer *trailer, size_t signer,
	const uint8_t header_hash[HASH_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN]);

/* The same with the key that a signer of kind 0 brings. */
MUST int trailer_verify_bare(const struct trailer *trailer, size_t signer,
	const uint8_t header_hash[HASH_LEN]);

/* One signer, as trailer and grant hold it. */
MUST int signer_parse(struct rd *in, struct signer *ret_signer);
void signer_write(const struct signer *signer, struct buf *out);

#endif
