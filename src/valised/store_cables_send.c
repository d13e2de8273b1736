/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/log.h"
#include "valised/store_cables_impl.h"

/*
 * From "accepted" to "on its way": custody makes SEND and keeps V; KEEP goes to each
 * custodian; with t KEPTs the envelope goes to its addressees.  Every step leaves a row that
 * says what is owed next, so that a process that starts again goes on where the last one was.
 */

/* Move all addressees that may; *ret_moved counts them. */
static int
move_all(struct store *s, const struct store_addressees *all, const uint8_t *document_id,
	enum delivery to, uint64_t now_ms, size_t *ret_moved)
{
	size_t moved = 0;
	int r;

	for (size_t i = 0; i < all->count; i++) {
		if (!delivery_may(all->items[i].state, to))
			continue;
		r = store_addressee_move(
			s, document_id, all->items[i].address, to, now_ms);
		if (r != 0)
			return r;
		all->items[i].state = to;
		moved++;
	}
	*ret_moved = moved;
	return 0;
}

/* Custody's part. */

struct sending {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
};

static int
send_refused(struct store *s, const uint8_t *document_id, uint64_t now_ms)
{
	struct store_addressees all = {0};
	size_t moved;
	int r;

	if ((r = store_addressees_load(s, document_id, &all)) != 0 ||
		(r = move_all(s, &all, document_id, DELIVERY_REFUSED, now_ms, &moved)) !=
			0)
		goto out;
	r = documents_set_work(store_db(s), document_id, DOCUMENTS_WORK_NONE, 0);
out:
	store_addressees_done(&all);
	return r;
}

static int
queue_keeps(struct store *s, const struct store_document *d, uint64_t now_ms)
{
	struct store_outgoing outgoing = {.path = "keep",
		.urgency = d->found.urgency > CABLES_KEEP_URGENCY_MIN
			? d->found.urgency
			: CABLES_KEEP_URGENCY_MIN,
		.document_id = d->document_id};
	struct post_keep post = {.enrols = d->enrols};
	struct buf keep, body;
	int r;

	buf_init(&keep, POST_BODY_MAX);
	buf_init(&body, POST_BODY_MAX);
	if ((r = store_document_keep(d, &keep)) != 0)
		goto out;
	post.keep = rd_of(keep.data, keep.len);
	codec_write(&post_keep_codec, &post, &body);
	if ((r = buf_error(&body)) != 0)
		goto out;
	outgoing.bytes = rd_of(body.data, body.len);
	for (size_t i = 0; r == 0 && i < d->header.core.custodian_count; i++) {
		outgoing.member = d->header.core.custodians[i].member;
		r = store_outgoing_put(s, &outgoing, now_ms);
	}
out:
	buf_done(&body);
	buf_done(&keep);
	return r;
}

static int
sent(struct store *s, const uint8_t *document_id, struct rd body, uint64_t now_ms)
{
	struct store_addressees all = {0};
	struct store_document *d = NULL;
	struct vault_sent made;
	size_t moved;
	int r;

	if ((r = codec_parse_whole(&vault_sent_codec, body, &made)) != 0 ||
		(r = store_document_load(s, document_id, &d)) != 0)
		goto out;
	if (d->send.len != 0)
		goto out; /* it was asked twice; the first SEND is on its way */
	d->send = made.send;
	if ((r = documents_put_send(store_db(s), document_id, made.send, made.sealed)) !=
			0 ||
		(r = store_addressees_load(s, document_id, &all)) != 0 ||
		(r = move_all(s, &all, document_id, DELIVERY_SENT, now_ms, &moved)) !=
			0 ||
		(r = queue_keeps(s, d, now_ms)) != 0)
		goto out;
	r = documents_set_work(store_db(s), document_id, DOCUMENTS_WORK_KEPT,
		now_ms / 1000 + CABLES_KEPT_S);
out:
	store_addressees_done(&all);
	store_document_free(d);
	return r;
}

static int
send_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct sending *sending = ctx;
	struct cables *c = NULL;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		goto out;
	if (c->sending > 0)
		c->sending--;
	if (answer->r == 0) {
		r = sent(s, sending->document_id, answer->body, answer->now_ms);
	} else if (cables_is_passing(answer->r)) {
		r = 0; /* its row says when to ask again */
	} else {
		log_line(LOG_LEVEL_WARNING, "send-refused", "fail=%d", -answer->r);
		r = send_refused(s, sending->document_id, answer->now_ms);
	}
	/* The rows of the document may have been taken back with the commit. */
	if (r == FAIL_ABSENT)
		r = 0;
out:
	mem_free(sending);
	return r;
}

static int
enrol_proofs(struct store *s, const struct store_document *d, struct buf *out)
{
	const struct store_credential *credential = NULL;
	struct trailer trailer;
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = trailer_parse(d->trailer, &trailer)) != 0)
		return r;
	for (size_t i = 0; i < trailer.signer_count; i++) {
		const struct rd identity = trailer.signers[i].identity;

		hash_sha256(identity.ptr, identity.len, hash);
		if ((r = store_credential_find(s, hash, &credential)) != 0)
			return r;
		store_credential_proof(credential, out);
	}
	return buf_error(out);
}

static int
ask_send(struct store *s, const uint8_t *document_id)
{
	struct store_document *d = NULL;
	struct sending *sending = NULL;
	uint8_t r_hash[HASH_LEN];
	struct vault_send message = {.r_hash = r_hash};
	struct buf enrols;
	int r;

	buf_init(&enrols, UINT16_MAX);
	if ((r = mem_new(&sending, sizeof *sending)) != 0 ||
		(r = store_document_load(s, document_id, &d)) != 0 ||
		(r = enrol_proofs(s, d, &enrols)) != 0)
		goto out;
	memcpy(sending->document_id, document_id, CORE_DOCUMENT_ID_LEN);
	hash_sha256(d->header.r.bytes.ptr, d->header.r.bytes.len, r_hash);
	message.core = d->header.core_bytes;
	message.sv_slots = d->header.sv.bytes;
	message.trailer = d->trailer;
	message.enrols = rd_of(enrols.data, enrols.len);
	r = store_vault(s, VAULT_SEND, &vault_send_codec, &message,
		&(struct store_question){.done = send_done, .ctx = sending});
	if (r == 0)
		sending = NULL;
out:
	buf_done(&enrols);
	store_document_free(d);
	mem_free(sending);
	return r;
}

/* The most urgent that waits; FAIL_ABSENT.  One whose row is bad is told in the log. */
static int
ask_next(struct store *s, struct cables *c, uint64_t now_ms)
{
	const uint64_t now_s = now_ms / 1000;
	struct documents_due due;
	int r;

	if ((r = documents_next_send(store_db(s), now_s, &due)) != 0 ||
		(r = documents_set_work(store_db(s), due.document_id, DOCUMENTS_WORK_SEND,
			 now_s + CABLES_ASK_AGAIN_S)) != 0)
		return r;
	r = ask_send(s, due.document_id);
	if (r != 0 && cables_is_passing(r))
		return r;
	if (r != 0) {
		log_line(LOG_LEVEL_ERROR, "bad-row", "work=send fail=%d", -r);
		return 0;
	}
	c->sending++;
	c->asked_ms = now_ms;
	return 0;
}

/*
 * When many documents arrive at a time, making them durable comes first, so that their authors
 * know.  Custody has a sync of its own for what it is asked: then it is asked for many at once,
 * the most urgent first, ten times a second.
 */
int
cables_send_pump(struct store *s, uint64_t now_ms)
{
	struct cables *c = NULL;
	bool is_busy;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		return r;
	if (c->accepted >= CABLES_BUSY)
		c->busy_ms = now_ms;
	c->accepted = 0;
	is_busy = now_ms - c->busy_ms < CABLES_BUSY_MS;
	if (is_busy && now_ms - c->asked_ms < CABLES_BUSY_MS)
		return 0;
	while (r == 0 && c->sending < CABLES_SENDING_MAX)
		r = ask_next(s, c, now_ms);
	return r == FAIL_ABSENT || r == FAIL_AGAIN ? 0 : r;
}

/* The custodians' part. */

static int
unkept_one(struct store *s, const uint8_t *document_id, uint64_t now_ms)
{
	struct store_addressees all = {0};
	size_t moved;
	int r;

	if ((r = store_addressees_load(s, document_id, &all)) == 0)
		r = move_all(s, &all, document_id, DELIVERY_NOT_KEPT, now_ms, &moved);
	store_addressees_done(&all);
	return r;
}

int
cables_unkept(struct store *s, uint64_t now_ms)
{
	struct documents_due due;
	int r;

	for (size_t i = 0; i < CABLES_WORK_MAX; i++) {
		r = documents_next_kept(store_db(s), now_ms / 1000, &due);
		if (r != 0)
			return r == FAIL_ABSENT ? 0 : r;
		r = unkept_one(s, due.document_id, now_ms);
		if (r != 0 && cables_is_passing(r))
			return r;
		if (r != 0)
			log_line(LOG_LEVEL_ERROR, "bad-row", "work=kept fail=%d", -r);
		r = documents_set_work(
			store_db(s), due.document_id, DOCUMENTS_WORK_NONE, 0);
		if (r != 0)
			return r;
	}
	return 0;
}

static bool
is_first_of_member(const struct store_addressees *all, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (cables_same(all->items[j].member, all->items[i].member))
			return false;
	return true;
}

/* One envelope a member, as urgent as the most urgent of its addressees. */
static int
announce_to(struct store *s, const struct store_document *d,
	const struct store_addressees *all, size_t i, uint64_t now_ms)
{
	struct store_outgoing outgoing = {.member = all->items[i].member,
		.path = "announce",
		.urgency = all->items[i].precedence,
		.document_id = d->document_id};

	for (size_t j = i + 1; j < all->count; j++)
		if (cables_same(all->items[j].member, outgoing.member) &&
			all->items[j].precedence > outgoing.urgency)
			outgoing.urgency = all->items[j].precedence;
	return store_outgoing_put(s, &outgoing, now_ms);
}

static int
deliver(struct store *s, const struct store_document *d,
	const struct store_addressees *all, uint64_t now_ms)
{
	bool is_home = false;
	int r;

	for (size_t i = 0; i < all->count; i++) {
		if (cables_is_us(s, all->items[i].member))
			is_home = true;
		else if (is_first_of_member(all, i) &&
			(r = announce_to(s, d, all, i, now_ms)) != 0)
			return r;
	}
	return is_home ? store_opening_arrived(s, d->document_id, 0, now_ms) : 0;
}

int
store_cables_kept(struct store *s, const uint8_t document_id[16], uint64_t now_ms)
{
	struct store_addressees all = {0};
	struct store_document *d = NULL;
	size_t moved = 0;
	int r;

	if ((r = store_document_load(s, document_id, &d)) != 0 ||
		(r = store_addressees_load(s, document_id, &all)) != 0 ||
		(r = move_all(s, &all, document_id, DELIVERY_KEPT, now_ms, &moved)) != 0)
		goto out;
	if (moved == 0)
		goto out; /* a later KEPT: it is on its way already */
	if ((r = documents_set_work(store_db(s), document_id, DOCUMENTS_WORK_NONE, 0)) ==
		0)
		r = deliver(s, d, &all, now_ms);
out:
	store_addressees_done(&all);
	store_document_free(d);
	return r;
}
