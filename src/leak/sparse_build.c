/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sparse_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "leak/bits.h"

struct building {
	const struct sparse_ledger *ledger;
	const struct sparse_request *request;
	struct sparse_head head;
	uint64_t *member;
	size_t count, room;
	struct sparse_built built;
};

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Append `count` members that stand for no text. */
static int
add_false(struct building *b, enum sparse_false kind, uint32_t count)
{
	uint8_t key[SHORTHASH_KEY_LEN];
	uint64_t at = 0;
	int r;

	if ((r = sparse_ledger_false_key(
		     b->ledger, kind, b->request->ally, b->request->epoch, key)) != 0)
		return r;
	CHECK(b->room - b->count >= count);
	for (uint32_t i = 0; i < count; i++)
		b->member[b->count++] = sparse_ledger_false(key, &b->head.select, &at);
	mem_wipe(key, sizeof key);
	return 0;
}

/* How many decoys: secret, and another number for each ally and epoch. */
static int
count_decoys(struct building *b)
{
	uint64_t real = b->built.chosen.count, spread;
	uint8_t key[SHORTHASH_KEY_LEN];
	int r;

	if ((r = sparse_ledger_false_key(b->ledger, SPARSE_CANARY, b->request->ally,
		     b->request->epoch, key)) != 0)
		return r;
	spread = shorthash_u64(key, UINT64_MAX) % (SPARSE_DECOYS_SPREAD * 10 + 1);
	mem_wipe(key, sizeof key);
	b->built.decoys = SPARSE_DECOYS_MIN +
		(uint32_t)(real * (SPARSE_DECOYS_PERCENT * 10 + spread) / 1000);
	b->built.canaries = SPARSE_CANARIES;
	return 0;
}

static int
fill_head(struct building *b, const struct index *index)
{
	struct sparse_head *h = &b->head;
	const struct sparse_request *q = b->request;

	memcpy(h->compartment, b->ledger->compartment, sizeof h->compartment);
	memcpy(h->ally, q->ally, strlen(q->ally));
	h->epoch = q->epoch;
	h->made_s = q->made_s;
	for (size_t i = 0; i < 4; i++)
		bits_put_le(h->gram_key + 8 * i, index->key.word[i], 8);
	h->rule = sparse_ledger_rule(b->ledger);
	return sparse_ledger_ally_key(b->ledger, q->ally, q->epoch, h->ally_key);
}

static int
collect(struct building *b, const struct index *index)
{
	struct sparse_chosen *chosen = &b->built.chosen;
	size_t kept = 0;
	int r;

	if ((r = sparse_choose(index, &b->head.select, chosen)) != 0 ||
		(r = count_decoys(b)) != 0)
		return r;
	b->room = chosen->count + b->built.decoys + b->built.canaries;
	if (b->room > FUSE_MEMBERS_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new_array(&b->member, b->room, sizeof b->member[0])) != 0)
		return r;
	if (chosen->count > 0)
		memcpy(b->member, chosen->hash, chosen->count * sizeof b->member[0]);
	b->count = chosen->count;
	if ((r = add_false(b, SPARSE_DECOY, b->built.decoys)) != 0 ||
		(r = add_false(b, SPARSE_CANARY, b->built.canaries)) != 0)
		return r;
	qsort(b->member, b->count, sizeof b->member[0], compare);
	for (size_t i = 0; i < b->count; i++) {
		if (i == 0 || b->member[i] != b->member[kept - 1])
			b->member[kept++] = b->member[i];
	}
	b->head.members = b->built.members = (uint32_t)kept;
	return 0;
}

int
sparse_build(const struct index *index, const struct sparse_ledger *ledger,
	const struct sparse_request *request, struct buf *out,
	struct sparse_built *ret_built)
{
	struct building b = {.ledger = ledger, .request = request};
	uint8_t fill[SHORTHASH_KEY_LEN];
	int r;

	if (!sparse_is_name(request->ally))
		return FAIL_USAGE;
	if ((r = fill_head(&b, index)) != 0 ||
		(r = sparse_ledger_select(ledger, &b.head.select)) != 0 ||
		(r = collect(&b, index)) != 0 ||
		(r = sparse_ledger_false_key(ledger, SPARSE_FILL, request->ally,
			 request->epoch, fill)) != 0 ||
		(r = sparse_write(&b.head, b.member, fill, out)) != 0)
		goto out;
	*ret_built = b.built;
	ret_built->chosen.hash = NULL;
out:
	mem_free_wiped(b.member, b.room * sizeof(uint64_t));
	sparse_chosen_done(&b.built.chosen);
	mem_wipe(&b, sizeof b);
	mem_wipe(fill, sizeof fill);
	return r;
}
