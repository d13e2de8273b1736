/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_DOCUMENTS_IMPL_H
#define VALISED_VAULT_DOCUMENTS_IMPL_H
/*
 * vault_documents_impl: what the two files of vault_documents share.
 *
 *   vault_documents.c        one document: find, add, destroy, make durable
 *   vault_documents_file.c   all of them: reading the file, writing it anew
 *
 * A record is `index` records behind the head.
 */
#include "valised/vault_documents.h"
#include "valised/vault_index.h"

#define DOCUMENTS_NAME "documents"

struct vault_documents {
	const struct vault_disk *disk;
	struct aead *key;
	uint64_t master;
	uint32_t durable; /* records on the disk */
	uint32_t count;	  /* and those pending */
	struct vault_index index;
	struct buf pending; /* sealed records */
	struct index_records gone;
	bool is_appended; /* what is pending is durable, and still here */
};

uint64_t documents_offset(uint32_t index);

/* One box, as record `index` of this file; start: the first of its append. */
MUST int documents_seal(struct vault_documents *d, struct rng *rng, uint32_t start,
	uint32_t index, const struct vault_document *document, struct buf *out);
MUST int documents_open(struct vault_documents *d, uint32_t index, const uint8_t *record,
	uint32_t *ret_start, struct vault_document *ret_document);

#endif
