/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store_opening.h"

/*
 * Acknowledging is answering for an address: his own, or a desk's.  It may be asked for before
 * the receipt that the cable was read has come back from custody, so what counts is the
 * opening on record.
 */

/* Is it for this officer to answer?  Is there anybody at all who has opened it? */
struct standing {
	bool is_addressed;
	bool is_read;
	bool is_refused;
};

/* Over all the names by which he is addressed: his own, and those of his desks. */
static int
find_standing(struct store *s, const struct store_credential *officer,
	const uint8_t *document_id, struct standing *ret_standing)
{
	struct store_addressees all = {0};
	struct standing standing = {.is_refused = true};
	struct store_names names;
	int r;

	store_names_of(s, officer, &names);
	if ((r = store_addressees_load(s, document_id, &all)) != 0)
		return r;
	for (size_t i = 0; i < all.count; i++) {
		enum delivery state = all.items[i].state;

		if (!opening_is_us(s, all.items[i].member) ||
			!opening_is_among(&names, all.items[i].name))
			continue;
		standing.is_addressed = true;
		if (state == DELIVERY_READ || state == DELIVERY_ACKNOWLEDGED)
			standing.is_read = true;
		if (state != DELIVERY_REFUSED)
			standing.is_refused = false;
	}
	store_addressees_done(&all);
	*ret_standing = standing;
	return 0;
}

static int
check_standing(struct store *s, const struct store_credential *officer,
	const uint8_t *document_id)
{
	const struct subject *who = &officer->credential.subject;
	struct standing standing;
	int r;

	if ((r = find_standing(s, officer, document_id, &standing)) != 0)
		return r;
	if (!standing.is_addressed)
		return store_because(s, FAIL_REFUSED,
			"it is not addressed to you or to a desk of yours");
	if (standing.is_refused)
		return store_because(
			s, FAIL_REFUSED, "this station has refused it for you");
	if (standing.is_read)
		return 0;
	r = openings_was_opened(store_db(s),
		&(struct openings_officer){.document_id = document_id,
			.member = who->member,
			.officer = who->officer});
	if (r == FAIL_ABSENT)
		return store_because(s, FAIL_REFUSED,
			"it has not been read yet; read it, then acknowledge it");
	return r;
}

int
opening_handle_ack(struct store *s, const struct store_ask *ask)
{
	struct post_ack ack;
	int r;

	if ((r = codec_parse_whole(&post_ack_codec, ask->body, &ack)) != 0)
		return r;
	if (ack.text.len > 0 && !text_is_line(ack.text.ptr, ack.text.len))
		return store_because(s, FAIL_FORMAT, "the text is not one line");
	if ((r = check_standing(s, ask->officer, ack.document_id)) != 0)
		return r;
	return opening_receipts_acknowledge(s, ask, &ack);
}

/* A member's receipt about a document of ours. */
int
opening_handle_receipt(struct store *s, const struct store_ask *ask)
{
	struct documents_found found;
	struct post_object object;
	struct receipt receipt;
	int r;

	if ((r = codec_parse_whole(&post_object_codec, ask->body, &object)) != 0 ||
		(r = receipt_parse(object.object, &receipt)) != 0)
		return r;
	if (!opening_same(receipt.member, store_roster(s)->members[ask->member].name))
		return store_because(s, FAIL_REFUSED,
			"a station brings its own receipts and no others");
	if ((r = documents_get(store_db(s), receipt.document_id, NULL, &found)) != 0)
		return r;
	r = store_cables_receipt(s, object.object, ask->now_ms);
	/* A later reader is no addressee; a document that has ended moves no more. */
	if (r == FAIL_ABSENT || r == FAIL_REFUSED || r == FAIL_EXISTS)
		r = 0;
	return r == 0 ? store_reply(s, ask->number, NULL, NULL) : r;
}
