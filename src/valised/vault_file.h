/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_FILE_H
#define VALISED_VAULT_FILE_H
/*
 * vault_file: how custody's files are sealed, and the keys that seal them.
 *
 *   file = magic[8] version:u16 number:u64 box            whole files
 *   box  = nonce[12] ciphertext tag[16]                   AES-256-GCM, nonce random
 *   aad  = "valise/v1 custody " || NAME || 0x00 || magic || version || number
 *   key  = HKDF-Expand(HKDF-Extract("valise/v1", unlock), "valise/v1 custody " || NAME, 32)
 *          or the same from a master key, for what is sealed under it
 *
 * Normative: docs/format/custody.md.
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION; FAIL_ALTERED: does not open, or under
 *         another unlock key (the two cannot be told apart).
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/aead.h"
#include "valised/vault_disk.h"

enum {
	VAULT_SEED_LEN = 32,
	VAULT_HEAD_LEN = 8 + 2 + 8,
	VAULT_BOX_OVERHEAD = AEAD_NONCE_LEN + AEAD_TAG_LEN,
	VAULT_AAD_MAX = 128,
};

MUST int vault_derive(const uint8_t from[VAULT_SEED_LEN], const char *name,
	uint8_t ret_key[AEAD_KEY_LEN]);

/* One box; out receives plain.len + VAULT_BOX_OVERHEAD bytes, ret_plain so many fewer. */
MUST int vault_box_seal(struct aead *key, struct rd aad, struct rng *rng, struct rd plain,
	struct buf *out);
MUST int vault_box_open(
	struct aead *key, struct rd aad, struct rd box, uint8_t *ret_plain);

void vault_head_write(uint64_t number, struct buf *out);
MUST int vault_head_parse(struct rd *in, uint64_t *ret_number);

/* A whole file. */
struct vault_seal {
	const char *name;
	const uint8_t *key; /* AEAD_KEY_LEN, of vault_derive() */
	uint64_t number;
};
MUST int vault_file_seal(
	const struct vault_seal *seal, struct rng *rng, struct rd plain, struct buf *out);

/* ret_plain has room for bytes.len; *ret_len is what it got. */
MUST int vault_file_open(const struct vault_seal *seal, struct rd bytes,
	uint8_t *ret_plain, size_t *ret_len);

/* The whole of a file of the disk, at most max bytes. */
MUST int vault_file_read(
	const struct vault_disk *disk, const char *name, size_t max, struct buf *out);

/* Seal, and put in the place of what is there. */
MUST int vault_file_put(const struct vault_disk *disk, const struct vault_seal *seal,
	struct rng *rng, struct rd plain);

#endif
