/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_documents.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "valised/vault_index.h"

/*
 * Records are read one at a time when they are asked for, and in chunks when all are.
 */

enum {
	CHUNK = 256, /* records read at once */
	GONE_MAX = 1 << 20,
};

static const char name[] = "documents";

struct vault_documents {
	const struct vault_disk *disk;
	struct aead *key;
	uint64_t master;
	uint32_t durable; /* records on the disk */
	uint32_t count;	  /* and those pending */
	struct vault_index index;
	struct buf pending; /* sealed records */
	struct buf gone;    /* indices, as uint32_t */
	bool is_appended;
};

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
	buf_init(&d->gone, (size_t)GONE_MAX * sizeof(uint32_t));
	if ((r = index_init(&d->index, rng)) != 0 ||
		(r = vault_derive(master_key, name, key)) != 0 ||
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
	buf_done(&d->gone);
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

static int
seal_record(struct vault_documents *d, struct rng *rng, uint32_t start, uint32_t index,
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

static int
open_record(struct vault_documents *d, uint32_t index, const uint8_t *record,
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

static uint64_t
offset_of(uint32_t index)
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
	if ((r = d->disk->read(d->disk->ctx, name, offset_of(index), ret_record,
		     VAULT_RECORD_LEN, &got)) != 0)
		return r;
	return got == VAULT_RECORD_LEN ? 0 : FAIL_ALTERED;
}

static bool
is_gone(const struct vault_documents *d, uint32_t index)
{
	uint32_t at;

	for (size_t i = 0; i < d->gone.len; i += sizeof at) {
		memcpy(&at, d->gone.data + i, sizeof at);
		if (at == index)
			return true;
	}
	return false;
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
		if (is_gone(d, index))
			continue;
		if ((r = read_record(d, index, record)) != 0 ||
			(r = open_record(d, index, record, &start, ret_document)) != 0)
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

static int
add(struct vault_documents *d, struct rng *rng, uint32_t start,
	const struct vault_document *document, struct buf *out)
{
	int r;

	if (d->count >= VAULT_DOCUMENTS_MAX)
		return FAIL_LIMIT;
	if ((r = index_reserve(&d->index)) != 0 ||
		(r = seal_record(d, rng, start, d->count, document, out)) != 0)
		return r;
	index_put(&d->index, document->id, d->count);
	d->count++;
	return 0;
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
	r = add(d, rng, d->durable, document, &d->pending);
	/* Want of memory for this one must not stick to those that come after it. */
	if (r != 0)
		d->pending.error = 0;
	return r;
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
	buf_bytes(&d->gone, &index, sizeof index);
	if ((r = buf_error(&d->gone)) != 0)
		d->gone.error = 0;
	return r;
}

bool
documents_has_pending(const struct vault_documents *d)
{
	return d->count > d->durable;
}

bool
documents_has_gone(const struct vault_documents *d)
{
	return d->gone.len > 0;
}

int
documents_commit(struct vault_documents *d)
{
	int r;

	if (!documents_has_pending(d))
		return 0;
	if ((r = d->disk->append(d->disk->ctx, name, offset_of(d->durable),
		     d->pending.data, d->pending.len)) != 0 ||
		(r = d->disk->sync(d->disk->ctx, name)) != 0)
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

	*ret_offset = offset_of(d->durable) - len;
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
	buf_clear(&d->gone);
}

/* Reading the file. */

int
documents_master_on(const struct vault_disk *disk, uint64_t *ret_master)
{
	uint8_t head[VAULT_HEAD_LEN];
	size_t got = 0;
	struct rd in;
	int r;

	if ((r = disk->read(disk->ctx, name, 0, head, sizeof head, &got)) != 0)
		return r;
	in = rd_of(head, got);
	return vault_head_parse(&in, ret_master);
}

/* What load() has seen so far. */
struct loading {
	bool has_bad;
	uint32_t bad; /* index of the first record that does not open */
};

static int
load_record(struct vault_documents *d, struct loading *l, uint32_t index,
	const uint8_t *record)
{
	struct vault_document document = {0};
	uint32_t start = 0;
	int r;

	r = open_record(d, index, record, &start, &document);
	if (r == FAIL_ALTERED && !l->has_bad)
		*l = (struct loading){.has_bad = true, .bad = index};
	if (r == FAIL_ALTERED)
		return 0;
	if (r == 0 && l->has_bad)
		r = start > l->bad ? FAIL_ALTERED : 0;
	else if (r == 0 && (r = index_reserve(&d->index)) == 0) {
		index_put(&d->index, document.id, index);
		d->count++;
	}
	mem_wipe(&document, sizeof document);
	return r;
}

int
documents_load(struct vault_documents *d, bool *ret_is_cut)
{
	struct loading l = {0};
	size_t got = (size_t)CHUNK * VAULT_RECORD_LEN, room = got;
	uint32_t index = 0;
	uint8_t *chunk = NULL;
	int r;

	if ((r = mem_new(&chunk, room)) != 0)
		return r;
	while (got == room) {
		if ((r = d->disk->read(d->disk->ctx, name, offset_of(index), chunk, room,
			     &got)) != 0)
			goto out;
		for (size_t i = 0; i < got / VAULT_RECORD_LEN; i++, index++)
			if ((r = load_record(
				     d, &l, index, chunk + i * VAULT_RECORD_LEN)) != 0)
				goto out;
	}
	d->durable = d->count;
	*ret_is_cut = l.has_bad || got % VAULT_RECORD_LEN != 0;
out:
	mem_free(chunk);
	return r;
}

/* Writing it anew. */

struct rewriting {
	struct vault_documents *from;
	struct vault_documents *to;
	struct rng *rng;
	uint32_t at;
	bool is_begun;
};

/* The next chunk of records from one file into the other; each is an append of its own. */
static int
next_piece(void *arg, struct buf *piece)
{
	struct rewriting *w = arg;
	uint8_t record[VAULT_RECORD_LEN];
	struct vault_document document = {0};
	uint32_t start;
	int r = 0;

	if (!w->is_begun)
		vault_head_write(w->to->master, piece);
	w->is_begun = true;
	while (w->at < w->from->count && r == 0 &&
		piece->len < CHUNK * VAULT_RECORD_LEN) {
		uint32_t index = w->at++;

		if (is_gone(w->from, index))
			continue;
		if ((r = read_record(w->from, index, record)) == 0 &&
			(r = open_record(w->from, index, record, &start, &document)) == 0)
			r = add(w->to, w->rng, w->to->count, &document, piece);
	}
	mem_wipe(&document, sizeof document);
	return r != 0 ? r : buf_error(piece);
}

int
documents_rewrite(
	struct vault_documents *d, struct rng *rng, struct vault_documents *next)
{
	struct rewriting w = {.from = d, .to = next, .rng = rng};
	struct vault_pieces pieces = {.next = next_piece, .arg = &w};
	int r;

	CHECK(next->count == 0 && next->master != d->master);
	/* Pending bytes that are durable already lie in the file. */
	if ((r = d->disk->replace(d->disk->ctx, name, &pieces)) != 0)
		return r;
	next->durable = next->count;
	return 0;
}

int
documents_create(struct vault_documents *d)
{
	struct rewriting w = {.from = d, .to = d};
	struct vault_pieces pieces = {.next = next_piece, .arg = &w};

	CHECK(d->count == 0);
	return d->disk->replace(d->disk->ctx, name, &pieces);
}
