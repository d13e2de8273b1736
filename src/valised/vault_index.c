/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_index.h"

#include "base/mem.h"

enum { SLOTS_FIRST = 1024 };

int
index_init(struct vault_index *index, struct rng *rng)
{
	int r;

	*index = (struct vault_index){.slot_count = SLOTS_FIRST};
	if ((r = rng_fill(rng, index->key, sizeof index->key)) != 0)
		return r;
	return mem_new_array(&index->slots, index->slot_count, sizeof *index->slots);
}

void
index_done(struct vault_index *index)
{
	mem_free(index->slots);
	mem_wipe(index, sizeof *index);
}

static void
put(struct index_slot *slots, size_t slot_count, struct index_slot slot)
{
	size_t at = slot.tag & (slot_count - 1);

	while (slots[at].at != 0)
		at = (at + 1) & (slot_count - 1);
	slots[at] = slot;
}

int
index_reserve(struct vault_index *index, size_t more)
{
	size_t slot_count = index->slot_count;
	struct index_slot *slots = NULL;
	int r;

	while ((index->count + more) * 2 > slot_count)
		slot_count *= 2;
	if (slot_count == index->slot_count)
		return 0;
	if ((r = mem_new_array(&slots, slot_count, sizeof *slots)) != 0)
		return r;
	for (size_t i = 0; i < index->slot_count; i++)
		if (index->slots[i].at != 0)
			put(slots, slot_count, index->slots[i]);
	mem_free(index->slots);
	index->slots = slots;
	index->slot_count = slot_count;
	return 0;
}

static uint32_t
tag_of(const struct vault_index *index, const uint8_t id[CORE_DOCUMENT_ID_LEN])
{
	return (uint32_t)shorthash(index->key, id, CORE_DOCUMENT_ID_LEN);
}

void
index_put(struct vault_index *index, const uint8_t id[CORE_DOCUMENT_ID_LEN],
	uint32_t record)
{
	CHECK(index->count < index->slot_count / 2);
	put(index->slots, index->slot_count,
		(struct index_slot){.tag = tag_of(index, id), .at = record + 1});
	index->count++;
}

bool
index_next(const struct vault_index *index, const uint8_t id[CORE_DOCUMENT_ID_LEN],
	struct index_search *search, uint32_t *ret_record)
{
	size_t mask = index->slot_count - 1;

	if (!search->is_begun) {
		search->is_begun = true;
		search->tag = tag_of(index, id);
		search->at = search->tag & mask;
	}
	while (index->slots[search->at].at != 0) {
		struct index_slot slot = index->slots[search->at];

		search->at = (search->at + 1) & mask;
		if (slot.tag == search->tag) {
			*ret_record = slot.at - 1;
			return true;
		}
	}
	return false;
}

/*
 * Gaps would hide what stands behind them, so each slot is taken out and put back, until none
 * moves any more.  It costs a few passes.
 */
static void
close_gaps(struct vault_index *index)
{
	bool is_moved = true;

	while (is_moved) {
		is_moved = false;
		for (size_t i = 0; i < index->slot_count; i++) {
			struct index_slot slot = index->slots[i];

			if (slot.at == 0)
				continue;
			index->slots[i].at = 0;
			put(index->slots, index->slot_count, slot);
			is_moved |= index->slots[i].at == 0;
		}
	}
}

void
index_cut(struct vault_index *index, uint32_t record)
{
	for (size_t i = 0; i < index->slot_count; i++) {
		if (index->slots[i].at <= record)
			continue;
		index->slots[i] = (struct index_slot){0};
		index->count--;
	}
	close_gaps(index);
}

size_t
index_rank(const struct index_records *records, uint32_t record)
{
	size_t low = 0, high = records->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (records->list[middle] < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
index_has(const struct index_records *records, uint32_t record)
{
	size_t rank = index_rank(records, record);

	return rank < records->count && records->list[rank] == record;
}

void
index_close_up(struct vault_index *index, const struct index_records *gone)
{
	for (size_t i = 0; i < index->slot_count; i++) {
		struct index_slot *slot = &index->slots[i];

		if (slot->at == 0)
			continue;
		if (index_has(gone, slot->at - 1)) {
			*slot = (struct index_slot){0};
			index->count--;
		} else {
			slot->at -= (uint32_t)index_rank(gone, slot->at - 1);
		}
	}
	close_gaps(index);
}
