/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_DOCUMENTS_H
#define VALISED_VAULT_DOCUMENTS_H
/*
 * vault_documents: one 32-byte key for each document, in one file under a master key.
 *
 *   file    head (vault_file.h; number: the master's) record record ...
 *   record  box[113] of  start:u32 kind:u8 document_id[16] envelope_hash[32] key[32]
 *   aad     "valise/v1 custody documents" || 0x00 || master:u64 || index:u32
 *
 * Normative: docs/format/custody.md.  Keys never lie open in memory: an index (8 bytes a
 * document and as much air) says where a record is; it is read and opened when it is asked for.
 *
 *   add -> pending -> documents_commit() -> durable
 *   destroy -> gone -> documents_rewrite() under a new master -> erased
 *   documents_drop() forgets what is pending or gone and not yet durable
 *
 * Crash   an append that was cut off is told from damage by `start`, the first index of the
 *         append: a record that does not open is damage when a later append has one that opens
 *         (FAIL_ALTERED, custody does not start), else it was never acknowledged and is cut.
 * Limits  VAULT_DOCUMENTS_MAX; 16 to 32 bytes of memory a document.
 * Errors  FAIL_ABSENT, FAIL_LIMIT, FAIL_NOMEM, FAIL_ALTERED, those of vault_disk.
 */
#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"
#include "envelope/core.h"
#include "valised/vault_file.h"

enum {
	VAULT_DOCUMENTS_MAX = 1 << 24,
	VAULT_DOCUMENT_LEN = 4 + 1 + CORE_DOCUMENT_ID_LEN + HASH_LEN + AEAD_KEY_LEN,
	VAULT_RECORD_LEN = VAULT_DOCUMENT_LEN + VAULT_BOX_OVERHEAD,
};

enum vault_document_kind { VAULT_OWN = 1, VAULT_SHARED = 2 };

/* Wipe it after use. */
struct vault_document {
	uint8_t kind; /* our V, or our share of another member's document */
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	uint8_t key[AEAD_KEY_LEN];
};

struct vault_documents;

/* An empty one under a master key, which is not on the disk yet. */
MUST int documents_new(const struct vault_disk *disk, uint64_t master,
	const uint8_t master_key[VAULT_SEED_LEN], struct rng *rng,
	struct vault_documents **ret_documents);
void documents_free(struct vault_documents *d);

/* The number of the master that the file is under; FAIL_ABSENT. */
MUST int documents_master_on(const struct vault_disk *disk, uint64_t *ret_master);

/* An empty file. */
MUST int documents_create(struct vault_documents *d);

uint64_t documents_master(const struct vault_documents *d);

/* Read the file into an empty one.  *ret_is_cut: its end was an append that a crash cut off. */
MUST int documents_load(struct vault_documents *d, bool *ret_is_cut);

size_t documents_count(const struct vault_documents *d);

/* FAIL_ABSENT. */
MUST int documents_find(struct vault_documents *d, const uint8_t id[CORE_DOCUMENT_ID_LEN],
	struct vault_document *ret_document);

/* The caller has seen that there is none of this id. */
MUST int documents_add(struct vault_documents *d, struct rng *rng,
	const struct vault_document *document);

/* FAIL_ABSENT when there is none. */
MUST int documents_destroy(
	struct vault_documents *d, const uint8_t id[CORE_DOCUMENT_ID_LEN]);

bool documents_has_pending(const struct vault_documents *d);
bool documents_has_gone(const struct vault_documents *d);

/* Append what is pending, durable. */
MUST int documents_commit(struct vault_documents *d);
void documents_drop(struct vault_documents *d);

/* The bytes that the last documents_commit() appended, and where: for a second holder. */
void documents_appended(
	const struct vault_documents *d, uint64_t *ret_offset, struct rd *ret_bytes);

/*
 * All that is there and not gone into the empty `next`, whose master is another, and that file
 * in the place of ours.  Afterwards `next` is what counts, and ours is of no use but to be freed;
 * on failure ours may be what counts (see documents_master_on()).
 */
MUST int documents_rewrite(
	struct vault_documents *d, struct rng *rng, struct vault_documents *next);

#endif
