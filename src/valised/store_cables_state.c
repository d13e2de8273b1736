/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/log.h"
#include "valised/store_cables_impl.h"

/*
 * What moves addressees after "kept": receipts of their members, our clock, expiry.  A
 * receipt is believed for its signature, whoever brings it.
 */

int
store_receipt_keep(
	struct store *s, const struct receipt *receipt, struct rd bytes, uint64_t now_ms)
{
	const struct store_rows_place place = {
		cables_column_receipt, receipt->document_id};
	uint8_t lookup[HASH_LEN];
	struct deliveries_receipt row = {
		.key = {receipt->document_id, lookup}, .kind = receipt->kind};
	struct buf sealed;
	int r;

	buf_init(&sealed, RECEIPT_LEN_MAX + STORE_ROWS_OVERHEAD);
	if ((r = store_rows_lookup(s, receipt->addressee, lookup)) != 0 ||
		(r = store_rows_seal(s, &place, bytes, &sealed)) != 0)
		goto out;
	row.bytes = rd_of(sealed.data, sealed.len);
	row.kept_s = now_ms / 1000;
	r = deliveries_put_receipt(store_db(s), &row);
	if (r == FAIL_EXISTS)
		r = 0;
out:
	buf_done(&sealed);
	return r;
}

/* A receipt comes from the member of its addressee, and is about this envelope. */
static int
verify(struct store *s, const struct receipt *receipt,
	const struct documents_found *found)
{
	struct rd member, name;
	size_t at = 0;
	int r;

	if (!found->is_ours)
		return FAIL_ABSENT;
	if (memcmp(found->envelope_hash, receipt->envelope_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	if ((r = address_split(receipt->addressee, &member, &name)) != 0)
		return r;
	if (!cables_same(member, receipt->member) || store_roster(s) == NULL ||
		roster_find(store_roster(s), member, &at) != 0)
		return FAIL_SIGNER;
	return receipt_verify(receipt, store_roster(s)->members[at].sign);
}

/* The states on the way to what a receipt says; a lost or late one stops nothing. */
static const struct {
	uint8_t count;
	enum delivery states[3];
} ways[] = {
	[RECEIPT_DELIVERED] = {1, {DELIVERY_DELIVERED}},
	[RECEIPT_READ] = {2, {DELIVERY_DELIVERED, DELIVERY_READ}},
	[RECEIPT_ACKNOWLEDGED] = {3,
		{DELIVERY_DELIVERED, DELIVERY_READ, DELIVERY_ACKNOWLEDGED}},
	[RECEIPT_REFUSED] = {1, {DELIVERY_REFUSED}},
	[RECEIPT_NON_RECEIPT] = {0},
};

static int
follow(struct store *s, const struct receipt *receipt, uint64_t now_ms)
{
	int r;

	for (size_t i = 0; i < ways[receipt->kind].count; i++) {
		r = store_addressee_move(s, receipt->document_id, receipt->addressee,
			ways[receipt->kind].states[i], now_ms);
		if (r != 0 && r != FAIL_REFUSED)
			return r;
	}
	return 0;
}

int
store_cables_receipt(struct store *s, struct rd bytes, uint64_t now_ms)
{
	struct documents_found found;
	struct receipt receipt;
	uint8_t lookup[HASH_LEN];
	const struct deliveries_key key = {receipt.document_id, lookup};
	struct deliveries_row row;
	int r;

	if ((r = receipt_parse(bytes, &receipt)) != 0 ||
		(r = documents_get(store_db(s), receipt.document_id, NULL, &found)) !=
			0 ||
		(r = verify(s, &receipt, &found)) != 0 ||
		(r = store_rows_lookup(s, receipt.addressee, lookup)) != 0 ||
		(r = deliveries_get(store_db(s), &key, &row)) != 0 ||
		(r = store_receipt_keep(s, &receipt, bytes, now_ms)) != 0)
		return r;
	return follow(s, &receipt, now_ms);
}

/* Our clock. */

struct missing {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t lookup[HASH_LEN];
};

/* Signed: the state and its receipt together.  It may have come in the meantime. */
static int
missing_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct missing *m = ctx;
	const struct deliveries_key key = {m->document_id, m->lookup};
	const struct deliveries_step step = {
		.to = DELIVERY_NON_RECEIPT, .now_s = answer->now_ms / 1000};
	struct vault_object object;
	struct receipt receipt;
	int r = 0;

	if (answer->r != 0)
		goto out; /* its clock runs out again */
	if ((r = codec_parse_whole(&vault_object_codec, answer->body, &object)) != 0 ||
		(r = receipt_parse(object.object, &receipt)) != 0)
		goto out;
	r = deliveries_move(store_db(s), &key, &step);
	if (r == FAIL_REFUSED || r == FAIL_ABSENT) {
		r = 0;
		goto out;
	}
	if (r == 0)
		r = store_receipt_keep(s, &receipt, object.object, answer->now_ms);
	if (r == 0)
		log_line(LOG_LEVEL_WARNING, "non-receipt", "member=%.*s",
			(int)receipt.member.len, (const char *)receipt.member.ptr);
out:
	mem_free(m);
	return r;
}

static int
write_missing(struct store *s, const struct store_addressee *a,
	const struct deliveries_overdue *overdue, uint64_t now_ms, struct buf *out)
{
	struct receipt receipt = {.kind = RECEIPT_NON_RECEIPT,
		.answer = a->state == DELIVERY_KEPT ? RECEIPT_NOT_DELIVERED
						    : RECEIPT_NOT_READ,
		.member = store_ready(s)->member,
		.addressee = a->address,
		.time_s = now_ms / 1000};
	struct documents_found found;
	int r;

	r = documents_get(store_db(s), overdue->document_id, NULL, &found);
	if (r != 0)
		return r;
	memcpy(receipt.document_id, overdue->document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(receipt.envelope_hash, found.envelope_hash, HASH_LEN);
	return receipt_write(&receipt, out);
}

static int
ask_missing(struct store *s, const struct store_addressee *a,
	const struct deliveries_overdue *overdue, uint64_t now_ms)
{
	struct vault_object object;
	struct missing *m = NULL;
	struct buf receipt;
	int r;

	buf_init(&receipt, RECEIPT_LEN_MAX);
	if ((r = write_missing(s, a, overdue, now_ms, &receipt)) != 0 ||
		(r = mem_new(&m, sizeof *m)) != 0)
		goto out;
	memcpy(m->document_id, overdue->document_id, sizeof m->document_id);
	memcpy(m->lookup, overdue->lookup, sizeof m->lookup);
	object.object = rd_of(receipt.data, receipt.len);
	r = store_vault(s, VAULT_SIGN_RECEIPT, &vault_object_codec, &object,
		&(struct store_question){.done = missing_done, .ctx = m});
	if (r == 0)
		m = NULL;
out:
	mem_free(m);
	buf_done(&receipt);
	return r;
}

/* Its clock is set forward first: custody may be slow, or fail. */
static int
overdue_one(struct store *s, const struct deliveries_overdue *overdue, uint64_t now_ms)
{
	const struct deliveries_key key = {overdue->document_id, overdue->lookup};
	struct store_addressees all = {0};
	uint8_t lookup[HASH_LEN];
	struct deliveries_row row;
	int r;

	if ((r = deliveries_get(store_db(s), &key, &row)) != 0)
		return r;
	if (!delivery_may(row.state, DELIVERY_NON_RECEIPT))
		return deliveries_set_clock(store_db(s), &key, 0);
	if ((r = deliveries_set_clock(
		     store_db(s), &key, now_ms / 1000 + CABLES_ASK_AGAIN_S)) != 0 ||
		(r = store_addressees_load(s, overdue->document_id, &all)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < all.count; i++) {
		r = store_rows_lookup(s, all.items[i].address, lookup);
		if (r == 0 && memcmp(lookup, overdue->lookup, HASH_LEN) == 0)
			r = ask_missing(s, &all.items[i], overdue, now_ms);
	}
	store_addressees_done(&all);
	return r;
}

static int
expire_one(struct store *s, const uint8_t *document_id, uint64_t now_ms)
{
	struct store_addressees all = {0};
	int r;

	if ((r = documents_end(store_db(s), document_id)) != 0 ||
		(r = store_addressees_load(s, document_id, &all)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < all.count; i++)
		if (delivery_may(all.items[i].state, DELIVERY_EXPIRED))
			r = store_addressee_move(s, document_id, all.items[i].address,
				DELIVERY_EXPIRED, now_ms);
	store_addressees_done(&all);
	return r;
}

/* The clock of a row that cannot be read stands still. */
static int
overdue_next(struct store *s, uint64_t now_ms)
{
	struct deliveries_overdue overdue;
	const struct deliveries_key key = {overdue.document_id, overdue.lookup};
	int r;

	r = deliveries_next_overdue(store_db(s), now_ms / 1000, &overdue);
	if (r != 0)
		return r;
	r = overdue_one(s, &overdue, now_ms);
	if (r == 0 || cables_is_passing(r))
		return r;
	log_line(LOG_LEVEL_ERROR, "bad-row", "work=clock fail=%d", -r);
	return deliveries_set_clock(store_db(s), &key, 0);
}

static int
end_next(struct store *s, uint64_t now_ms)
{
	struct documents_due due;
	int r;

	if ((r = documents_next_end(store_db(s), now_ms / 1000, &due)) != 0)
		return r;
	r = expire_one(s, due.document_id, now_ms);
	if (r == 0 || cables_is_passing(r))
		return r;
	log_line(LOG_LEVEL_ERROR, "bad-row", "work=expiry fail=%d", -r);
	return documents_end(store_db(s), due.document_id);
}

int
cables_clocks(struct store *s, uint64_t now_ms)
{
	static int (*const next[])(struct store *, uint64_t) = {overdue_next, end_next};
	int r;

	for (size_t k = 0; k < sizeof next / sizeof next[0]; k++) {
		r = 0;
		for (size_t i = 0; r == 0 && i < CABLES_WORK_MAX; i++)
			r = next[k](s, now_ms);
		if (r != 0 && r != FAIL_ABSENT && r != FAIL_AGAIN)
			return r;
	}
	return 0;
}
