/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_documents_impl.h"

#include <string.h>

#include "base/mem.h"

/* A record is read and opened when it is asked for: keys never lie open in memory. */

enum { GONE_FIRST = 64 };

int
documents_new(const struct vault_disk *disk, uint64_t master,
	const uint8_t master_key[VAULT_SEED_LEN], struct rng *rng,
	struct vault_documents **ret_documents)
{
	struct vault_documents *d = NULL;
	uint8_t key[AEAD_KEY_LEN] = {0};
	int r;

	if ((r = mem_new(&d, sizeof *d)) != 0)
		return r;
	d->disk = disk;
	d->master = master;
	buf_init(&d->pending, (size_t)VAULT_DOCUMENTS_MAX * VAULT_RECORD_LEN);
	if ((r = index_init(&d->index, rng)) != 0 ||
		(r = vault_derive(master_key, DOCUMENTS_NAME, key)) != 0 ||
		(r = aead_new(key, &d->key)) != 0)
		goto out;
	*ret_documents = d;
	d = NULL;
out:
	documents_free(d);
	mem_wipe(key, sizeof key);
	return r;
}

void
documents_free(struct vault_documents *d)
{
	if (d == NULL)
		return;
	aead_free(d->key);
	index_done(&d->index);
	buf_done(&d->pending);
	mem_free(d->gone.list);
	mem_free_wiped(d, sizeof *d);
}

uint64_t
documents_master(const struct vault_documents *d)
{
	return d->master;
}

size_t
documents_count(const struct vault_documents *d)
{
	return d->count;
}

/* Records. */

static struct rd
aad_of(const struct vault_documents *d, uint32_t index, uint8_t aad[VAULT_AAD_MAX])
{
	static const char prefix[] =
		"valise/v1 custody documents"; /* its NUL is the 0x00 */
	struct buf out = {.data = aad, .cap = VAULT_AAD_MAX, .max = VAULT_AAD_MAX};

	buf_bytes(&out, prefix, sizeof prefix);
	buf_u64(&out, d->master);
	buf_u32(&out, index);
	CHECK(out.error == 0);
	return rd_of(aad, out.len);
}

int
documents_seal(struct vault_documents *d, struct rng *rng, uint32_t start, uint32_t index,
	const struct vault_document *document, struct buf *out)
{
	uint8_t aad[VAULT_AAD_MAX], plain[VAULT_DOCUMENT_LEN];
	struct buf b = {.data = plain, .cap = sizeof plain, .max = sizeof plain};
	int r;

	buf_u32(&b, start);
	buf_u8(&b, document->kind);
	buf_bytes(&b, document->id, sizeof document->id);
	buf_bytes(&b, document->envelope_hash, sizeof document->envelope_hash);
	buf_bytes(&b, document->key, sizeof document->key);
	CHECK(b.error == 0 && b.len == sizeof plain);
	r = vault_box_seal(
		d->key, aad_of(d, index, aad), rng, rd_of(plain, sizeof plain), out);
	mem_wipe(plain, sizeof plain);
	return r;
}

int
documents_open(struct vault_documents *d, uint32_t index, const uint8_t *record,
	uint32_t *ret_start, struct vault_document *ret_document)
{
	uint8_t aad[VAULT_AAD_MAX], plain[VAULT_DOCUMENT_LEN];
	struct rd in = rd_of(plain, sizeof plain);
	int r;

	if ((r = vault_box_open(d->key, aad_of(d, index, aad),
		     rd_of(record, VAULT_RECORD_LEN), plain)) != 0)
		return r;
	/* All of it is authenticated and of fixed length: reading cannot fail. */
	if ((r = rd_u32(&in, ret_start)) != 0 ||
		(r = rd_u8(&in, &ret_document->kind)) != 0 ||
		(r = rd_copy(&in, CORE_DOCUMENT_ID_LEN, ret_document->id)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, ret_document->envelope_hash)) != 0 ||
		(r = rd_copy(&in, AEAD_KEY_LEN, ret_document->key)) != 0)
		goto out;
out:
	mem_wipe(plain, sizeof plain);
	return r;
}

uint64_t
documents_offset(uint32_t index)
{
	return VAULT_HEAD_LEN + (uint64_t)index * VAULT_RECORD_LEN;
}

/* The sealed record, from the disk or from what is pending. */
static int
read_record(
	struct vault_documents *d, uint32_t index, uint8_t ret_record[VAULT_RECORD_LEN])
{
	size_t got = 0;
	int r;

	if (index >= d->durable) {
		memcpy(ret_record,
			d->pending.data + (size_t)(index - d->durable) * VAULT_RECORD_LEN,
			VAULT_RECORD_LEN);
		return 0;
	}
	if ((r = d->disk->read(d->disk->ctx, DOCUMENTS_NAME, documents_offset(index),
		     ret_record, VAULT_RECORD_LEN, &got)) != 0)
		return r;
	return got == VAULT_RECORD_LEN ? 0 : FAIL_ALTERED;
}

static int
find(struct vault_documents *d, const uint8_t id[CORE_DOCUMENT_ID_LEN],
	uint32_t *ret_index, struct vault_document *ret_document)
{
	uint8_t record[VAULT_RECORD_LEN];
	struct index_search search = {0};
	uint32_t start, index;
	int r;

	while (index_next(&d->index, id, &search, &index)) {
		if (index_has(&d->gone, index))
			continue;
		if ((r = read_record(d, index, record)) != 0 ||
			(r = documents_open(d, index, record, &start, ret_document)) != 0)
			return r;
		if (memcmp(ret_document->id, id, CORE_DOCUMENT_ID_LEN) == 0) {
			*ret_index = index;
			return 0;
		}
	}
	mem_wipe(ret_document, sizeof *ret_document);
	return FAIL_ABSENT;
}

int
documents_find(struct vault_documents *d, const uint8_t id[CORE_DOCUMENT_ID_LEN],
	struct vault_document *ret_document)
{
	struct vault_document document = {0};
	uint32_t index;
	int r;

	if ((r = find(d, id, &index, &document)) == 0)
		*ret_document = document;
	mem_wipe(&document, sizeof document);
	return r;
}

int
documents_add(
	struct vault_documents *d, struct rng *rng, const struct vault_document *document)
{
	int r;

	/* What the last commit appended is kept for a second holder until now. */
	if (d->is_appended) {
		buf_clear(&d->pending);
		d->is_appended = false;
	}
	if (d->count >= VAULT_DOCUMENTS_MAX)
		return FAIL_LIMIT;
	if ((r = index_reserve(&d->index, 1)) != 0)
		return r;
	r = documents_seal(d, rng, d->durable, d->count, document, &d->pending);
	if (r != 0) {
		/* Want of memory for this one must not stick to those that come after it. */
		d->pending.error = 0;
		return r;
	}
	index_put(&d->index, document->id, d->count);
	d->count++;
	return 0;
}

/* Where it sorts. */
static int
add_gone(struct index_records *gone, uint32_t index)
{
	size_t room = gone->room > 0 ? gone->room * 2 : GONE_FIRST;
	size_t rank = index_rank(gone, index);
	int r;

	if (gone->count == gone->room) {
		if ((r = mem_grow(&gone->list, gone->room * sizeof *gone->list,
			     room * sizeof *gone->list)) != 0)
			return r;
		gone->room = room;
	}
	memmove(gone->list + rank + 1, gone->list + rank,
		(gone->count - rank) * sizeof *gone->list);
	gone->list[rank] = index;
	gone->count++;
	return 0;
}

int
documents_destroy(struct vault_documents *d, const uint8_t id[CORE_DOCUMENT_ID_LEN])
{
	struct vault_document document = {0};
	uint32_t index = 0;
	int r;

	r = find(d, id, &index, &document);
	mem_wipe(&document, sizeof document);
	if (r != 0)
		return r;
	return add_gone(&d->gone, index);
}

bool
documents_has_pending(const struct vault_documents *d)
{
	return d->count > d->durable;
}

bool
documents_has_gone(const struct vault_documents *d)
{
	return d->gone.count > 0;
}

int
documents_commit(struct vault_documents *d)
{
	int r;

	if (!documents_has_pending(d))
		return 0;
	if ((r = d->disk->append(d->disk->ctx, DOCUMENTS_NAME,
		     documents_offset(d->durable), d->pending.data, d->pending.len)) !=
			0 ||
		(r = d->disk->sync(d->disk->ctx, DOCUMENTS_NAME)) != 0)
		return r;
	d->durable = d->count;
	d->is_appended = true;
	return 0;
}

void
documents_appended(
	const struct vault_documents *d, uint64_t *ret_offset, struct rd *ret_bytes)
{
	size_t len = d->is_appended ? d->pending.len : 0;

	*ret_offset = documents_offset(d->durable) - len;
	*ret_bytes = rd_of(d->pending.data, len);
}

void
documents_drop(struct vault_documents *d)
{
	if (documents_has_pending(d)) {
		index_cut(&d->index, d->durable);
		d->count = d->durable;
		buf_clear(&d->pending);
	}
	d->gone.count = 0;
}
