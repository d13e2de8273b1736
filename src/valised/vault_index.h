/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_INDEX_H
#define VALISED_VAULT_INDEX_H
/*
 * vault_index: where the record of a document is: a table of open addressing, 8 bytes a slot.
 *
 * A slot has 32 bits of a keyed hash of the document id, as a hint: the id in the record decides.
 * The hash is keyed because the originator of a document chooses its id: nobody outside can
 * make ids that collide.
 *
 * Limits  at least half of the slots stay empty.
 * Errors  FAIL_NOMEM, FAIL_RANDOM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "crypto/shorthash.h"
#include "envelope/core.h"

struct index_slot {
	uint32_t tag;
	uint32_t at; /* index of the record + 1; 0: empty */
};

struct vault_index {
	struct index_slot *slots;
	size_t slot_count; /* a power of two */
	size_t count;
	uint8_t key[SHORTHASH_KEY_LEN];
};

MUST int index_init(struct vault_index *index, struct rng *rng);
void index_done(struct vault_index *index);

/* Room for so many more; afterwards as many index_put() cannot fail. */
MUST int index_reserve(struct vault_index *index, size_t more);
void index_put(struct vault_index *index, const uint8_t id[CORE_DOCUMENT_ID_LEN],
	uint32_t record);

/* Records that may be this document's, one after another.  Begin with {0}; false at the end. */
struct index_search {
	bool is_begun;
	uint32_t tag;
	size_t at;
};
MUST bool index_next(const struct vault_index *index,
	const uint8_t id[CORE_DOCUMENT_ID_LEN], struct index_search *search,
	uint32_t *ret_record);

/* Forget the records from this one on. */
void index_cut(struct vault_index *index, uint32_t record);

/* Records, in ascending order. */
struct index_records {
	uint32_t *list;
	size_t count;
	size_t room;
};

/* How many of the list are smaller. */
size_t index_rank(const struct index_records *records, uint32_t record);
MUST bool index_has(const struct index_records *records, uint32_t record);

/* Forget these records; those behind them move up. */
void index_close_up(struct vault_index *index, const struct index_records *gone);

#endif
