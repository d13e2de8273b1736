/* SPDX-License-Identifier: Apache-2.0 */
#include "store/documents.h"

static struct db_value
id_of(const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

static struct db_value
blob_of(struct rd bytes)
{
	return db_blob(bytes.ptr, bytes.len);
}

static uint64_t
chunks_of(uint64_t len)
{
	return len / DOCUMENTS_CHUNK_LEN + (len % DOCUMENTS_CHUNK_LEN != 0);
}

int
documents_put(
	struct db *db, const struct documents_row *row, const struct documents_part *part)
{
	int r;

	r = db_run(db, STATEMENT_DOCUMENT_PUT,
		DB_ARGS(id_of(row->document_id), db_blob(row->envelope_hash, HASH_LEN),
			db_text(row->originator), blob_of(row->label), blob_of(row->core),
			db_int(row->len), db_int(chunks_of(row->len)),
			db_int(row->expiry_s), db_int(row->kept_s)),
		NULL);
	if (r != 0)
		return r;
	return db_run(db, STATEMENT_PART_PUT,
		DB_ARGS(id_of(row->document_id), db_blob(part->salt, ADDRESSING_SALT_LEN),
			blob_of(part->addressing), blob_of(part->r_slots),
			blob_of(part->trailer)),
		NULL);
}

struct document_into {
	struct buf *core;
	struct documents_found found;
};

static int
take_document(void *ctx, const struct db_row *row)
{
	struct document_into *into = ctx;
	struct documents_found *found = &into->found;
	uint64_t state;
	int r;

	if ((r = db_row_fixed(row, 1, found->envelope_hash, HASH_LEN)) != 0 ||
		(r = db_row_int(row, 2, DOCUMENTS_WHOLE, &state)) != 0 ||
		(r = db_row_int(row, 3, DB_INT_MAX, &found->len)) != 0 ||
		(r = db_row_int(row, 4, DB_INT_MAX, &found->chunk_count)) != 0 ||
		(r = db_row_int(row, 5, DB_INT_MAX, &found->expiry_s)) != 0 ||
		(r = db_row_int(row, 6, DB_INT_MAX, &found->kept_s)) != 0)
		return r;
	found->state = (enum documents_state)state;
	return db_row_bytes(row, 0, into->core);
}

int
documents_get(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct buf *core, struct documents_found *ret_found)
{
	struct document_into into = {.core = core};
	int r;

	r = db_query_one(db, STATEMENT_DOCUMENT_GET, DB_ARGS(id_of(document_id)),
		take_document, &into);
	if (r == 0)
		*ret_found = into.found;
	return r;
}

static int
take_part(void *ctx, const struct db_row *row)
{
	struct buf *out = ctx;
	size_t i, mark;
	int r;

	for (i = 0; i < row->count; i++) {
		mark = buf_vec_begin(out, 4);
		if ((r = db_row_bytes(row, i, out)) != 0)
			return r;
		buf_vec_end(out, mark, 4);
	}
	return buf_error(out);
}

int
documents_get_part(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN], struct buf *out)
{
	return db_query_one(
		db, STATEMENT_PART_GET, DB_ARGS(id_of(document_id)), take_part, out);
}

int
documents_forget(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, STATEMENT_DOCUMENT_FORGET, DB_ARGS(id_of(document_id)), &changed);
	return r == 0 && changed == 0 ? FAIL_ABSENT : r;
}

static int
take_len(void *ctx, const struct db_row *row)
{
	return db_row_int(row, 3, DB_INT_MAX, ctx);
}

/* The length of the body, which says how many chunks there are, and how long. */
static int
read_len(
	struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint64_t *ret_len)
{
	return db_query_one(db, STATEMENT_DOCUMENT_GET, DB_ARGS(id_of(document_id)),
		take_len, ret_len);
}

int
documents_put_chunk(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct documents_chunk *chunk)
{
	uint64_t len = 0, rest;
	int r;

	if ((r = read_len(db, document_id, &len)) != 0)
		return r;
	if (chunk->number >= chunks_of(len))
		return FAIL_LIMIT;
	rest = len - chunk->number * DOCUMENTS_CHUNK_LEN;
	if (chunk->len != (rest < DOCUMENTS_CHUNK_LEN ? rest : DOCUMENTS_CHUNK_LEN))
		return FAIL_LIMIT;
	return db_run(db, STATEMENT_CHUNK_PUT,
		DB_ARGS(id_of(document_id), db_int(chunk->number),
			db_blob(chunk->hash, HASH_LEN), db_int(chunk->len)),
		NULL);
}

static int
take_chunk(void *ctx, const struct db_row *row)
{
	struct documents_chunk *chunk = ctx;
	int r;

	if ((r = db_row_fixed(row, 0, chunk->hash, HASH_LEN)) != 0)
		return r;
	return db_row_int(row, 1, DOCUMENTS_CHUNK_LEN, &chunk->len);
}

int
documents_get_chunk(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	uint64_t number, struct documents_chunk *ret_chunk)
{
	struct documents_chunk chunk = {.number = number};
	int r;

	r = db_query_one(db, STATEMENT_CHUNK_GET,
		DB_ARGS(id_of(document_id), db_int(number)), take_chunk, &chunk);
	if (r == 0)
		*ret_chunk = chunk;
	return r;
}

/* Numbers come ascending; what lies between two of them is missing. */
struct gaps {
	uint64_t next; /* the first number not yet looked at */
	size_t max;
	size_t count;
	uint64_t *numbers;
};

static void
note_gap(struct gaps *gaps, uint64_t end)
{
	for (; gaps->next < end && gaps->count < gaps->max; gaps->next++)
		gaps->numbers[gaps->count++] = gaps->next;
	gaps->next = end;
}

static int
take_number(void *ctx, const struct db_row *row)
{
	struct gaps *gaps = ctx;
	uint64_t number;
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX - 1, &number)) != 0)
		return r;
	note_gap(gaps, number);
	gaps->next = number + 1;
	return 0;
}

int
documents_missing(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	size_t max, uint64_t *ret_numbers, size_t *ret_count)
{
	struct gaps gaps = {.max = max, .numbers = ret_numbers};
	uint64_t len = 0;
	int r;

	if ((r = read_len(db, document_id, &len)) != 0 ||
		(r = db_query(db, STATEMENT_CHUNK_ALL, DB_ARGS(id_of(document_id)),
			 take_number, &gaps)) != 0)
		return r;
	note_gap(&gaps, chunks_of(len));
	*ret_count = gaps.count;
	return 0;
}

int
documents_complete(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	uint64_t changed = 0, len = 0;
	int r;

	if ((r = read_len(db, document_id, &len)) != 0)
		return r;
	r = db_run(db, STATEMENT_DOCUMENT_WHOLE, DB_ARGS(id_of(document_id)), &changed);
	return r == 0 && changed == 0 ? FAIL_AGAIN : r;
}

int
documents_put_address(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct documents_address *address)
{
	return db_run(db, STATEMENT_ADDRESS_PUT,
		DB_ARGS(id_of(document_id), db_text(address->address),
			db_int((uint64_t)address->role), db_int(address->precedence)),
		NULL);
}

struct each_address {
	documents_address_fn *each;
	void *ctx;
};

static int
take_address(void *ctx, const struct db_row *row)
{
	struct each_address *to = ctx;
	struct documents_address address = {.address = row->values[0].bytes};
	uint64_t role, precedence;
	int r;

	if (row->values[0].type != DB_TEXT)
		return FAIL_ALTERED;
	if ((r = db_row_int(row, 1, DOCUMENTS_EXEMPTED, &role)) != 0 ||
		(r = db_row_int(row, 2, PRECEDENCE_FLASH, &precedence)) != 0)
		return r;
	address.role = (enum documents_role)role;
	address.precedence = (uint8_t)precedence;
	return to->each(to->ctx, &address);
}

int
documents_each_address(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	documents_address_fn *each, void *ctx)
{
	struct each_address to = {.each = each, .ctx = ctx};

	return db_query(db, STATEMENT_ADDRESS_ALL, DB_ARGS(id_of(document_id)),
		take_address, &to);
}
