/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/store_opening.h"

/*
 * Receipts are made one after the other: look for the first addressee of ours that lacks one,
 * have custody sign it, keep it, send it home, look again.  What is missing is read from the
 * rows each time, so a run that was cut off is taken up by the next one, and two runs at a
 * time do no harm.
 */

enum { RECEIPT_RUNS_MAX = 64 };

enum making { MAKE_ARRIVED, MAKE_READ, MAKE_ACKNOWLEDGED };

struct run {
	enum making making;
	uint64_t number; /* the ask that waits for the end, or 0 */
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t credential_hash[HASH_LEN]; /* whose reading; zeros for ARRIVED */
	bool is_owed;			   /* its row is there */
	size_t at;			   /* the addressee that is looked at */
	uint8_t last_kind; /* asked for of that one; no kind is asked for twice */
	uint8_t answer;
	size_t text_len;
	uint8_t text[RECEIPT_TEXT_MAX];
};

/* What a receipt says, once it is decided. */
struct plan {
	uint8_t kind; /* 0: none is missing */
	uint8_t answer;
	struct store_addressee addressee;
	struct opening_name officer;
	struct opening_why why;
	struct rd text;
};

static int run_on(struct store *s, struct run *run, uint64_t now_ms);

/* The receipt that follows this state, or 0. */
static uint8_t
next_kind(enum making making, enum delivery state)
{
	bool is_late = state == DELIVERY_NON_RECEIPT;

	if (making == MAKE_ARRIVED)
		return state == DELIVERY_KEPT || is_late ? RECEIPT_DELIVERED : 0;
	if (state == DELIVERY_KEPT || state == DELIVERY_DELIVERED || is_late)
		return RECEIPT_READ;
	return making == MAKE_ACKNOWLEDGED && state == DELIVERY_READ
		? RECEIPT_ACKNOWLEDGED
		: 0;
}

static void
plan_of(const struct store_addressee *addressee, uint8_t kind, struct plan *plan)
{
	plan->kind = kind;
	plan->addressee = *addressee;
	plan->addressee.address =
		rd_of(plan->addressee.text, strlen(plan->addressee.text));
}

/* The first of our addressees that lacks a receipt of this run. */
static int
find_plan(struct store *s, struct run *run, const struct store_names *names,
	struct plan *plan)
{
	struct store_addressees all = {0};
	uint8_t kind;
	int r;

	if ((r = store_addressees_load(s, run->document_id, &all)) != 0)
		return r;
	for (; run->at < all.count; run->at++, run->last_kind = 0) {
		const struct store_addressee *one = &all.items[run->at];

		if (!opening_is_us(s, one->member) ||
			(names != NULL && !opening_is_among(names, one->name)))
			continue;
		kind = next_kind(run->making, one->state);
		if (kind <= run->last_kind)
			continue;
		plan_of(one, kind, plan);
		run->last_kind = kind;
		break;
	}
	store_addressees_done(&all);
	return 0;
}

/* Judged when it is asked for, not when it came: a hold or recall in between counts. */
static int
plan_arrived(struct store *s, struct run *run, uint64_t now_s, struct plan *plan)
{
	struct store_document *document = NULL;
	struct opening_verdict verdict;
	struct rd member, name;
	int r;

	if ((r = find_plan(s, run, NULL, plan)) != 0 || plan->kind == 0)
		return r;
	if ((r = address_split(plan->addressee.address, &member, &name)) != 0 ||
		(r = store_document_load(s, run->document_id, &document)) != 0 ||
		(r = opening_judge(s, document, name, now_s, &verdict)) != 0)
		goto out;
	plan->kind = verdict.kind;
	plan->answer = verdict.answer;
	plan->why = verdict.why;
	plan->text = address_of(plan->why.text);
out:
	store_document_free(document);
	return r;
}

/* By the names he has today; a desk he has left meanwhile is not spoken for. */
static int
plan_read(struct store *s, struct run *run, struct plan *plan)
{
	const struct store_credential *officer;
	struct store_names names;
	int r;

	if ((r = store_credential_find(s, run->credential_hash, &officer)) != 0)
		return r;
	store_names_of(s, officer, &names);
	if ((r = find_plan(s, run, &names, plan)) != 0)
		return r;
	opening_name_of(&officer->credential, &plan->officer);
	plan->officer.rd = address_of(plan->officer.text);
	if (plan->kind == RECEIPT_ACKNOWLEDGED) {
		plan->answer = run->answer;
		plan->text = rd_of(run->text, run->text_len);
	}
	return 0;
}

/* A state that was passed already is no harm: the receipt came by another way. */
static int
move(struct store *s, const struct receipt *receipt, enum delivery to, uint64_t now_ms)
{
	int r = store_addressee_move(
		s, receipt->document_id, receipt->addressee, to, now_ms);

	return r == FAIL_REFUSED ? 0 : r;
}

static int
move_ours(struct store *s, const struct receipt *receipt, uint64_t now_ms)
{
	static const enum delivery to[] = {
		[RECEIPT_DELIVERED] = DELIVERY_DELIVERED,
		[RECEIPT_READ] = DELIVERY_READ,
		[RECEIPT_ACKNOWLEDGED] = DELIVERY_ACKNOWLEDGED,
		[RECEIPT_REFUSED] = DELIVERY_REFUSED,
	};
	int r = 0;

	/* An envelope can be opened in the moment before its arrival is signed. */
	if (receipt->kind == RECEIPT_READ)
		r = move(s, receipt, DELIVERY_DELIVERED, now_ms);
	if (r != 0)
		return r;
	return move(s, receipt, to[receipt->kind], now_ms);
}

/* A later reader's opening is on record at the originator, who has no such addressee. */
static int
is_named(const struct store_document *document, struct rd address, bool *ret_is_named)
{
	struct addressing *a = NULL;
	size_t count;
	int r;

	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	if ((r = addressing_parse(document->header.addressing, a)) == 0) {
		count = a->action_count + a->info_count;
		*ret_is_named = false;
		for (size_t i = 0; i < count && !*ret_is_named; i++)
			*ret_is_named = opening_same(a->addresses[i], address);
	}
	mem_free(a);
	return r;
}

/* Of a document of ours it is as if it had come from another member; else it goes there. */
static int
keep_receipt(
	struct store *s, const struct receipt *receipt, struct rd bytes, uint64_t now_ms)
{
	struct store_document *document = NULL;
	bool is_going_home = false;
	int r;

	if ((r = store_document_load(s, receipt->document_id, &document)) != 0)
		return r;
	if (document->found.is_ours) {
		r = store_cables_receipt(s, bytes, now_ms);
		goto out;
	}
	if ((r = store_receipt_keep(s, receipt, bytes, now_ms)) != 0 ||
		(r = move_ours(s, receipt, now_ms)) != 0 ||
		(r = is_named(document, receipt->addressee, &is_going_home)) != 0 ||
		!is_going_home)
		goto out;
	r = opening_post(s,
		&(struct opening_post){.member = document->header.core.originator,
			.path = "receipt",
			.urgency = document->found.urgency,
			.document_id = receipt->document_id,
			.object = bytes},
		now_ms);
out:
	store_document_free(document);
	return r;
}

/* Kept, moved and queued in one commit, then the next one. */
static int
signed_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct vault_object object;
	struct run *run = ctx;
	struct receipt receipt;
	int r;

	if (answer->r != 0)
		r = opening_failed(s, answer);
	else if ((r = codec_parse_whole(&vault_object_codec, answer->body, &object)) ==
			0 &&
		(r = receipt_parse(object.object, &receipt)) == 0 &&
		(r = keep_receipt(s, &receipt, object.object, answer->now_ms)) == 0)
		return run_on(s, run, answer->now_ms);
	mem_free(run);
	return r;
}

/* Key id and signature are custody's to fill in; it signs nothing in another member's name. */
static int
ask_custody(struct store *s, struct run *run, const struct plan *plan, uint64_t now_s)
{
	struct receipt receipt = {.kind = plan->kind,
		.answer = plan->answer,
		.member = store_ready(s)->member,
		.addressee = plan->addressee.address,
		.time_s = now_s,
		.text = plan->text};
	struct vault_object object;
	struct documents_found found;
	struct buf bytes;
	int r;

	if ((r = documents_get(store_db(s), run->document_id, NULL, &found)) != 0)
		return r;
	if (plan->kind == RECEIPT_READ || plan->kind == RECEIPT_ACKNOWLEDGED)
		receipt.officer = plan->officer.rd;
	memcpy(receipt.document_id, run->document_id, sizeof receipt.document_id);
	memcpy(receipt.envelope_hash, found.envelope_hash, HASH_LEN);
	buf_init(&bytes, RECEIPT_LEN_MAX);
	if ((r = receipt_write(&receipt, &bytes)) == 0) {
		object.object = rd_of(bytes.data, bytes.len);
		r = store_vault(s, VAULT_SIGN_RECEIPT, &vault_object_codec, &object,
			&(struct store_question){run->number, signed_done, run});
	}
	buf_done(&bytes);
	return r;
}

/* Whoever acknowledges waits, and asks again; nobody waits for the other receipts. */
static int
owe(struct store *s, struct run *run, uint64_t now_s, bool is_more)
{
	struct openings_owed owed;
	int r;

	if (run->making == MAKE_ACKNOWLEDGED || run->is_owed == is_more)
		return 0;
	memcpy(owed.document_id, run->document_id, sizeof owed.document_id);
	memcpy(owed.credential_hash, run->credential_hash, HASH_LEN);
	r = is_more ? openings_put_owed(store_db(s), &owed, now_s + OPENING_AGAIN_S)
		    : openings_done_owed(store_db(s), &owed);
	if (r == 0)
		run->is_owed = is_more;
	return r;
}

/* One more, or the end.  Frees run unless custody was asked. */
static int
run_on(struct store *s, struct run *run, uint64_t now_ms)
{
	struct plan plan = {.text = address_of("")};
	int r;

	r = run->making == MAKE_ARRIVED ? plan_arrived(s, run, now_ms / 1000, &plan)
					: plan_read(s, run, &plan);
	if (r == 0)
		r = owe(s, run, now_ms / 1000, plan.kind != 0);
	if (r == 0 && plan.kind != 0 &&
		(r = ask_custody(s, run, &plan, now_ms / 1000)) == 0)
		return 0;
	if (r == 0 && run->number != 0)
		r = store_reply(s, run->number, NULL, NULL);
	mem_free(run);
	return r;
}

static int
run_begin(struct store *s, const struct run *start, uint64_t now_ms)
{
	struct run *run = NULL;
	int r;

	if ((r = mem_new(&run, sizeof *run)) != 0)
		return r;
	*run = *start;
	return run_on(s, run, now_ms);
}

int
store_opening_arrived(
	struct store *s, const uint8_t document_id[16], uint64_t number, uint64_t now_ms)
{
	struct run run = {.making = MAKE_ARRIVED, .number = number};

	memcpy(run.document_id, document_id, sizeof run.document_id);
	return run_begin(s, &run, now_ms);
}

int
opening_receipts_acknowledge(
	struct store *s, const struct store_ask *ask, const struct post_ack *ack)
{
	struct run run = {.making = MAKE_ACKNOWLEDGED,
		.number = ask->number,
		.answer = ack->answer,
		.text_len = ack->text.len};

	memcpy(run.document_id, ack->document_id, sizeof run.document_id);
	memcpy(run.credential_hash, ask->officer->hash, HASH_LEN);
	memcpy(run.text, ack->text.ptr, ack->text.len);
	return run_begin(s, &run, ask->now_ms);
}

int
opening_receipts_read(struct store *s, const struct store_credential *officer,
	const uint8_t document_id[16], uint64_t now_ms)
{
	struct run run = {.making = MAKE_READ};

	memcpy(run.document_id, document_id, sizeof run.document_id);
	memcpy(run.credential_hash, officer->hash, HASH_LEN);
	return run_begin(s, &run, now_ms);
}

/* What was left: custody was busy or began anew, memory ran out, the process ended. */
static int
take_up(struct store *s, const struct openings_owed *owed, uint64_t now_ms)
{
	static const uint8_t zeros[HASH_LEN];
	struct run run = {.is_owed = true};
	uint8_t wipe[HASH_LEN];
	int r;

	opening_wipe_mark(wipe);
	if (memcmp(owed->credential_hash, wipe, HASH_LEN) == 0)
		return opening_wipe(s, owed->document_id, now_ms);
	run.making = memcmp(owed->credential_hash, zeros, HASH_LEN) == 0 ? MAKE_ARRIVED
									 : MAKE_READ;
	memcpy(run.document_id, owed->document_id, sizeof run.document_id);
	memcpy(run.credential_hash, owed->credential_hash, HASH_LEN);
	r = openings_put_owed(store_db(s), owed, now_ms / 1000 + OPENING_AGAIN_S);
	if (r == 0 && (r = run_begin(s, &run, now_ms)) == FAIL_ABSENT)
		r = openings_done_owed(store_db(s), owed);
	return r;
}

int
store_opening_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms)
{
	struct openings_owed owed;
	uint64_t at_s = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < RECEIPT_RUNS_MAX; i++)
		if ((r = openings_due_owed(store_db(s), now_ms / 1000, &owed)) == 0)
			r = take_up(s, &owed, now_ms);
	if ((r != 0 && r != FAIL_ABSENT) ||
		(r = openings_soonest_owed(store_db(s), &at_s)) != 0)
		return r;
	if (at_s <= UINT64_MAX / 1000 && at_s * 1000 < *next_ms)
		*next_ms = at_s * 1000 > now_ms ? at_s * 1000 : now_ms;
	return 0;
}
