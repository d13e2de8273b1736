/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "valised/store_people.h"

/*
 * Orders of security officers act here at once and go to every member.  Each is kept for ever:
 * a revocation that was forgotten would bring a lost device back.
 */

void
people_orders_free(struct people *p)
{
	while (p->orders != NULL) {
		struct people_order *o = p->orders;

		p->orders = o->next;
		mem_free(o);
	}
	p->orders_end = &p->orders;
}

int
people_order_add(struct store *s, struct rd bytes)
{
	struct people_order *o = NULL;
	int r;

	if (bytes.len > ORDER_BYTES_MAX)
		return FAIL_ALTERED;
	if ((r = mem_new(&o, sizeof *o)) != 0)
		return r;
	memcpy(o->bytes, bytes.ptr, bytes.len);
	if ((r = order_parse(o->bytes, bytes.len, &o->order)) != 0) {
		mem_free(o);
		return r;
	}
	*s->people->orders_end = o;
	s->people->orders_end = &o->next;
	return 0;
}

static int
check(struct store *s, const struct order *order)
{
	const struct roster *judge = people_judge(s);
	int r;

	if (judge == NULL)
		return store_because(
			s, FAIL_AGAIN, "this member has no security officer yet");
	if ((r = counts_order(judge, order)) == FAIL_ABSENT || r == FAIL_SIGNER)
		return store_because(s, FAIL_SIGNER,
			"the order is by no security officer of %.*s",
			(int)order->member.len, (const char *)order->member.ptr);
	if (r == FAIL_SIGNATURE)
		(void)store_because(s, r, "the signature under the order is false");
	if (r != 0)
		return r;
	/* One of the future would outlive every LIFT that is signed before. */
	if (order->at_s > s->now_ms / 1000 + POST_CLOCK_S)
		return store_because(s, FAIL_AGAIN,
			"the order is of a time that has not come: mind your clock");
	return 0;
}

/* Everybody but us; the station of a member may have its own mind about its orders. */
static int
forward(struct store *s, struct rd bytes)
{
	const struct post_order message = {.order = bytes};
	const struct roster *roster = store_roster(s);
	struct store_outgoing out = {.path = "order", .urgency = 4};
	struct buf body;
	int r;

	buf_init(&body, 2 * ORDER_BYTES_MAX);
	codec_write(&post_order_codec, &message, &body);
	out.bytes = rd_of(body.data, body.len);
	r = buf_error(&body);
	for (size_t i = 0; r == 0 && roster != NULL && i < roster->member_count; i++) {
		out.member = roster->members[i].name;
		if (address_compare(out.member, s->ready.member) != 0)
			r = store_outgoing_put(s, &out, s->now_ms);
	}
	buf_done(&body);
	return r;
}

/* Now: those whose credentials are in memory are marked, others when they are read. */
static void
act(struct store *s, const struct order *order)
{
	struct people *p = s->people;
	struct people_person *person;

	if (order->type != ORDER_REVOKE)
		return;
	for (size_t i = 0; i < PEOPLE_BUCKETS; i++)
		for (person = p->persons[i]; person != NULL; person = person->next)
			if (counts_concerns(order, &person->c.credential, person->c.hash))
				person->c.is_revoked = true;
	if (address_compare(order->member, s->ready.member) == 0) {
		p->is_due = true;
		p->sign_ms = 0;
	}
}

static int
take(struct store *s, const struct store_ask *ask, bool is_forwarded)
{
	uint8_t hash[HASH_LEN];
	struct objects_signed row = {
		.kind = rd_of("order", 5), .hash = hash, .kept_s = ask->now_ms / 1000};
	struct post_order message;
	struct order order;
	int r;

	if ((r = codec_parse_whole(&post_order_codec, ask->body, &message)) != 0 ||
		(r = order_parse(message.order.ptr, message.order.len, &order)) != 0 ||
		(r = check(s, &order)) != 0)
		return r;
	hash_sha256(message.order.ptr, message.order.len, hash);
	row.bytes = message.order;
	r = objects_put_signed(s->plan.db, &row);
	if (r == FAIL_EXISTS)
		return store_reply(s, ask->number, NULL, NULL);
	if (r != 0)
		return r;
	people_touch(s);
	if ((r = people_order_add(s, message.order)) != 0)
		return r;
	act(s, &order);
	if (is_forwarded && (r = forward(s, message.order)) != 0)
		return r;
	return store_reply(s, ask->number, NULL, NULL);
}

int
people_order_by_client(struct store *s, const struct store_ask *ask)
{
	return take(s, ask, true);
}

int
people_order_by_member(struct store *s, const struct store_ask *ask)
{
	return take(s, ask, false);
}
