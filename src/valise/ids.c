/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/ids.h"

#include <string.h>

#include "base/mem.h"
#include "leak/sum.h"

enum { SLOTS_FIRST = 1024 };

static const uint32_t pending = UINT32_MAX;

static uint64_t
hash_of(const char *id, size_t len)
{
	uint64_t h = sum_of(id, len);

	return h != 0 ? h : 1;
}

static void
place(struct ids_slot *slot, size_t cap, uint64_t hash, uint32_t doc)
{
	size_t at = (size_t)hash & (cap - 1);

	while (slot[at].hash != 0)
		at = (at + 1) & (cap - 1);
	slot[at] = (struct ids_slot){hash, doc};
}

static int
insert(struct ids *ids, uint64_t hash, uint32_t doc)
{
	size_t cap = ids->cap > 0 ? ids->cap * 2 : SLOTS_FIRST;
	struct ids_slot *slot;
	int r;

	if (2 * (ids->count + 1) > ids->cap) {
		if ((r = mem_new_array(&slot, cap, sizeof slot[0])) != 0)
			return r;
		for (size_t i = 0; i < ids->cap; i++) {
			if (ids->slot[i].hash != 0)
				place(slot, cap, ids->slot[i].hash, ids->slot[i].doc);
		}
		mem_free(ids->slot);
		ids->slot = slot;
		ids->cap = cap;
	}
	place(ids->slot, ids->cap, hash, doc);
	ids->count++;
	return 0;
}

int
ids_load(struct ids *ids, const struct indexdir *d)
{
	const struct index *index = indexdir_index(d);
	const struct segment *s;
	struct segment_doc doc;
	int r;

	*ids = (struct ids){.d = d};
	for (uint32_t i = 0; i < index->docs; i++) {
		if (indexdir_is_dead(d, i))
			continue;
		if ((r = index_doc(index, i, &s, &doc)) != 0 ||
			(r = insert(ids, hash_of(segment_doc_id(s, &doc), doc.id_len),
				 i)) != 0)
			return r;
	}
	return 0;
}

void
ids_done(struct ids *ids)
{
	mem_free(ids->slot);
	*ids = (struct ids){0};
}

static bool
is_id_of(const struct ids *ids, uint32_t doc, const char *id, size_t len)
{
	const struct segment *s;
	struct segment_doc known;

	return index_doc(indexdir_index(ids->d), doc, &s, &known) == 0 &&
		known.id_len == len && memcmp(segment_doc_id(s, &known), id, len) == 0;
}

bool
ids_find(const struct ids *ids, const char *id, size_t len, uint32_t *ret_doc)
{
	uint64_t hash = hash_of(id, len);
	size_t at = (size_t)hash & (ids->cap - 1);

	if (ids->cap == 0)
		return false;
	for (; ids->slot[at].hash != 0; at = (at + 1) & (ids->cap - 1)) {
		if (ids->slot[at].hash == hash && ids->slot[at].doc != pending &&
			is_id_of(ids, ids->slot[at].doc, id, len)) {
			*ret_doc = ids->slot[at].doc;
			return true;
		}
	}
	return false;
}

int
ids_note_pending(struct ids *ids, const char *id, size_t len)
{
	return insert(ids, hash_of(id, len), pending);
}

bool
ids_is_pending(const struct ids *ids, const char *id, size_t len)
{
	uint64_t hash = hash_of(id, len);
	size_t at = (size_t)hash & (ids->cap - 1);

	if (ids->cap == 0)
		return false;
	for (; ids->slot[at].hash != 0; at = (at + 1) & (ids->cap - 1)) {
		if (ids->slot[at].hash == hash && ids->slot[at].doc == pending)
			return true;
	}
	return false;
}
