/* SPDX-License-Identifier: Apache-2.0 */
#include "store/openings.h"

/*
 * Each function is one statement; what follows from what is decided by valised/store_opening*.
 * Member and officer are kept apart, not as an address, so that one of them can be asked for.
 */

static struct db_value
id_of(const uint8_t *document_id)
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

static struct db_value
blob_of(struct rd bytes)
{
	return db_blob(bytes.ptr, bytes.len);
}

static struct db_value
role_of(const struct openings_key *key)
{
	return db_int((uint64_t)key->role);
}

int
openings_put(struct db *db, const struct openings_row *row)
{
	return db_run(db, STATEMENT_OPENING_PUT,
		DB_ARGS(db_blob(row->key.request_hash, HASH_LEN), role_of(&row->key),
			id_of(row->document_id), db_blob(row->credential_hash, HASH_LEN),
			db_text(row->member), db_text(row->officer), db_text(row->device),
			db_int(row->copy), db_int(row->time_s), blob_of(row->answer)),
		NULL);
}

/* The row must be there: an answer without its question would have no number. */
int
openings_answer(struct db *db, const struct openings_key *key, struct rd answer)
{
	uint64_t changed = 0;
	int r;

	r = db_run(db, STATEMENT_OPENING_ANSWER,
		DB_ARGS(blob_of(answer), db_blob(key->request_hash, HASH_LEN),
			role_of(key)),
		&changed);
	return r == 0 && changed != 1 ? FAIL_ABSENT : r;
}

/* Copies and shares are small numbers; anything else is a damaged row. */
static int
take_u32(const struct db_row *row, size_t i, uint32_t *ret_number)
{
	uint64_t number = 0;
	int r;

	if ((r = db_row_int(row, i, UINT32_MAX, &number)) == 0)
		*ret_number = (uint32_t)number;
	return r;
}

struct answer_into {
	struct buf *answer;
	uint32_t copy;
};

static int
take_answer(void *ctx, const struct db_row *row)
{
	struct answer_into *into = ctx;
	int r;

	if ((r = take_u32(row, 1, &into->copy)) != 0)
		return r;
	return db_row_bytes(row, 0, into->answer);
}

int
openings_get(struct db *db, const struct openings_key *key, struct buf *answer,
	uint32_t *ret_copy)
{
	struct answer_into into = {.answer = answer};
	int r;

	r = db_query_one(db, STATEMENT_OPENING_GET,
		DB_ARGS(db_blob(key->request_hash, HASH_LEN), role_of(key)), take_answer,
		&into);
	if (r == 0)
		*ret_copy = into.copy;
	return r;
}

static int
take_copy(void *ctx, const struct db_row *row)
{
	return take_u32(row, 0, ctx);
}

/* His number if he has one, else the next: in one statement, under the one writer. */
int
openings_copy(struct db *db, const struct openings_officer *who, uint32_t *ret_copy)
{
	return db_query_one(db, STATEMENT_OPENING_COPY,
		DB_ARGS(id_of(who->document_id), db_text(who->member),
			db_text(who->officer)),
		take_copy, ret_copy);
}

int
openings_was_opened(struct db *db, const struct openings_officer *who)
{
	uint32_t copy;

	return db_query_one(db, STATEMENT_OPENING_OF,
		DB_ARGS(id_of(who->document_id), db_text(who->member),
			db_text(who->officer)),
		take_copy, &copy);
}

struct each_opening {
	openings_fn *each;
	void *ctx;
	const uint8_t *document_id;
};

static int
take_opening(void *ctx, const struct db_row *row)
{
	struct each_opening *to = ctx;
	uint8_t request_hash[HASH_LEN], credential_hash[HASH_LEN];
	struct openings_row opening = {
		.key = {.request_hash = request_hash, .role = OPENINGS_ORIGINATOR},
		.document_id = to->document_id,
		.credential_hash = credential_hash,
		.member = row->values[2].bytes,
		.officer = row->values[3].bytes,
		.device = row->values[4].bytes,
	};
	int r;

	if ((r = db_row_fixed(row, 0, request_hash, HASH_LEN)) != 0 ||
		(r = db_row_fixed(row, 1, credential_hash, HASH_LEN)) != 0 ||
		(r = take_u32(row, 5, &opening.copy)) != 0 ||
		(r = db_row_int(row, 6, DB_INT_MAX, &opening.time_s)) != 0)
		return r;
	return to->each(to->ctx, &opening);
}

int
openings_each(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	openings_fn *each, void *ctx)
{
	struct each_opening to = {.each = each, .ctx = ctx, .document_id = document_id};

	return db_query(db, STATEMENT_OPENING_ALL, DB_ARGS(id_of(document_id)),
		take_opening, &to);
}

int
openings_put_kept(struct db *db, const struct openings_kept *kept)
{
	return db_run(db, STATEMENT_KEPT_PUT,
		DB_ARGS(id_of(kept->document_id), db_text(kept->member),
			db_int(kept->number), blob_of(kept->kept), db_int(kept->kept_s)),
		NULL);
}

static int
take_bytes(void *ctx, const struct db_row *row)
{
	return db_row_bytes(row, 0, ctx);
}

int
openings_get_kept(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct rd member, struct buf *out)
{
	return db_query_one(db, STATEMENT_KEPT_GET,
		DB_ARGS(id_of(document_id), db_text(member)), take_bytes, out);
}

struct each_kept {
	openings_kept_fn *each;
	void *ctx;
	const uint8_t *document_id;
};

static int
take_kept(void *ctx, const struct db_row *row)
{
	struct each_kept *to = ctx;
	struct openings_kept kept = {.document_id = to->document_id,
		.member = row->values[0].bytes,
		.kept = row->values[2].bytes};
	uint64_t number = 0;
	int r;

	if ((r = db_row_int(row, 1, CORE_CUSTODIANS_MAX, &number)) != 0 ||
		(r = db_row_int(row, 3, DB_INT_MAX, &kept.kept_s)) != 0)
		return r;
	kept.number = (uint8_t)number;
	return to->each(to->ctx, &kept);
}

int
openings_each_kept(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	openings_kept_fn *each, void *ctx)
{
	struct each_kept to = {.each = each, .ctx = ctx, .document_id = document_id};

	return db_query(
		db, STATEMENT_KEPT_ALL, DB_ARGS(id_of(document_id)), take_kept, &to);
}

static int
take_id(void *ctx, const struct db_row *row)
{
	return db_row_fixed(row, 0, ctx, CORE_DOCUMENT_ID_LEN);
}

int
openings_find_envelope(struct db *db, const uint8_t envelope_hash[HASH_LEN],
	uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN])
{
	return db_query_one(db, STATEMENT_DOCUMENT_ENVELOPE,
		DB_ARGS(db_blob(envelope_hash, HASH_LEN)), take_id, ret_document_id);
}

int
openings_put_recall(struct db *db, const struct openings_recall *recall)
{
	return db_run(db, STATEMENT_RECALL_PUT,
		DB_ARGS(id_of(recall->document_id), db_text(recall->member),
			db_int(recall->kind), blob_of(recall->recall),
			db_int(recall->kept_s)),
		NULL);
}

int
openings_get_recall(struct db *db, const struct openings_recall *which, struct buf *out)
{
	return db_query_one(db, STATEMENT_RECALL_GET,
		DB_ARGS(id_of(which->document_id), db_text(which->member),
			db_int(which->kind)),
		take_bytes, out);
}

int
openings_put_owed(struct db *db, const struct openings_owed *owed, uint64_t at_s)
{
	return db_run(db, STATEMENT_OWED_PUT,
		DB_ARGS(id_of(owed->document_id),
			db_blob(owed->credential_hash, HASH_LEN), db_int(at_s)),
		NULL);
}

int
openings_done_owed(struct db *db, const struct openings_owed *owed)
{
	return db_run(db, STATEMENT_OWED_DONE,
		DB_ARGS(id_of(owed->document_id),
			db_blob(owed->credential_hash, HASH_LEN)),
		NULL);
}

static int
take_owed(void *ctx, const struct db_row *row)
{
	struct openings_owed *owed = ctx;
	int r;

	if ((r = db_row_fixed(row, 0, owed->document_id, sizeof owed->document_id)) != 0)
		return r;
	return db_row_fixed(row, 1, owed->credential_hash, HASH_LEN);
}

int
openings_due_owed(struct db *db, uint64_t now_s, struct openings_owed *ret_owed)
{
	struct openings_owed owed;
	int r;

	r = db_query_one(
		db, STATEMENT_OWED_DUE, DB_ARGS(db_int(now_s)), take_owed, &owed);
	if (r == 0)
		*ret_owed = owed;
	return r;
}

static int
take_time(void *ctx, const struct db_row *row)
{
	return db_row_int(row, 0, DB_INT_MAX, ctx);
}

int
openings_soonest_owed(struct db *db, uint64_t *ret_at_s)
{
	uint64_t at_s = UINT64_MAX;
	int r;

	r = db_query_one(db, STATEMENT_OWED_SOONEST, DB_NO_ARGS, take_time, &at_s);
	if (r == 0 || r == FAIL_ABSENT)
		*ret_at_s = at_s;
	return r == FAIL_ABSENT ? 0 : r;
}
