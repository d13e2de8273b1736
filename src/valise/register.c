/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/register.h"

#include <string.h>

#include "cable/delivery.h"
#include "valise/drafts.h"
#include "valise/kept.h"
#include "valise/report.h"

int
register_page(struct session *session, const struct post_inbox *inbox, struct buf *bytes,
	struct rd *ret_rows)
{
	struct courier_question question = {.path = "inbox",
		.codec = &post_inbox_codec,
		.message = inbox,
		.answer_codec = &post_list_codec};
	struct post_list list;
	struct post_row row;
	struct rd rows;
	int r;

	if ((r = courier_ask(&session->courier, &question, bytes, &list)) != 0)
		return r;
	rows = list.items;
	while (register_next(&rows, &row))
		if (row.state == DELIVERY_RECALLED || row.state == DELIVERY_EXPIRED)
			kept_remove(session->dir, row.number, row.document_id);
	*ret_rows = list.items;
	return rows.len == 0 ? 0 : FAIL_FORMAT;
}

bool
register_next(struct rd *rows, struct post_row *ret_row)
{
	return rows->len > 0 && codec_parse(&post_row_codec, rows, ret_row) == 0;
}

/*
 * The newest before N + 1 is N, if it is in this box at all.  That it is not is no failure: an
 * absent station must not look like an absent document.
 */
static int
find_number(struct session *session, uint8_t box, uint64_t number, struct buf *bytes,
	struct post_row *ret_row, bool *ret_is_found)
{
	struct post_inbox inbox = {.box = box, .before = number + 1, .max = 1};
	struct rd rows;
	int r;

	if ((r = register_page(session, &inbox, bytes, &rows)) != 0)
		return r;
	*ret_is_found = register_next(&rows, ret_row) && ret_row->number == number;
	return 0;
}

static int
find_in_both(struct session *session, uint64_t number, struct buf *bytes,
	struct post_row *ret_row, bool *ret_is_found)
{
	int r = find_number(session, POST_BOX_IN, number, bytes, ret_row, ret_is_found);

	if (r != 0 || *ret_is_found)
		return r;
	return find_number(session, POST_BOX_SENT, number, bytes, ret_row, ret_is_found);
}

int
register_row(struct session *session, uint64_t number, struct buf *bytes,
	struct post_row *ret_row)
{
	bool is_found = false;
	int r = find_in_both(session, number, bytes, ret_row, &is_found);

	return r == 0 && !is_found ? FAIL_ABSENT : r;
}

static int
find_reference(struct session *session, const char *reference, struct buf *bytes,
	struct post_row *ret_row, bool *ret_is_found)
{
	struct post_inbox inbox = {.box = POST_BOX_SENT, .max = REGISTER_PAGE_MAX};
	size_t count = REGISTER_PAGE_MAX;
	struct rd rows;
	int r;

	/* A page that is not full is the last. */
	while (count == REGISTER_PAGE_MAX) {
		count = 0;
		if ((r = register_page(session, &inbox, bytes, &rows)) != 0)
			return r;
		while (register_next(&rows, ret_row)) {
			count++;
			inbox.before = ret_row->number;
			*ret_is_found = address_compare(ret_row->reference,
						rd_of(reference, strlen(reference))) == 0;
			if (*ret_is_found)
				return 0;
		}
	}
	return 0;
}

int
register_find(struct session *session, const char *word, struct buf *bytes,
	struct post_row *ret_row)
{
	struct report report = {.verb = session->args->verb,
		.attempt = "find",
		.object = word,
		.why = "the register shows no such document to you",
		.remedy = "`valise inbox` and `valise inbox --sent` show what there is."};
	bool is_found = false;
	uint64_t number = 0;
	int r, status;

	if (strchr(word, '/') != NULL) {
		r = find_reference(session, word, bytes, ret_row, &is_found);
	} else {
		if ((status = session_number(session, word, &number)) != EXIT_OK)
			return status;
		r = find_in_both(session, number, bytes, ret_row, &is_found);
	}
	if (r != 0)
		return session_fail(session, "find", word, r);
	return is_found ? EXIT_OK : report_fail(&report, FAIL_ABSENT);
}
