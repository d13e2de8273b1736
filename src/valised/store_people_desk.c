/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "valised/store_people.h"

/*
 * Desks make themselves, from what credentials say.  The administrator may leave out, add
 * hours, and can put nobody where no credential does.
 */

struct granting {
	struct store *s;
	const struct post_desk *desk;
	bool is_granted;
};

static int
take_credential(void *ctx, struct rd bytes, uint64_t first_kept_s)
{
	struct granting *g = ctx;
	struct store_credential c = {.enrol = bytes};
	struct enrol e;
	int r;

	(void)first_kept_s;
	if ((r = enrol_parse(bytes.ptr, bytes.len, &e)) != 0 ||
		(r = credential_parse(
			 e.credential.ptr, e.credential.len, &c.credential)) != 0)
		return r;
	hash_sha256(e.credential.ptr, e.credential.len, c.hash);
	if (address_compare(c.credential.subject.officer, g->desk->officer) == 0 &&
		desks_have(&c.credential.desks, g->desk->desk) &&
		!people_is_revoked(g->s, &c))
		g->is_granted = true;
	return 0;
}

static int
check_granted(struct store *s, const struct post_desk *desk)
{
	struct granting g = {.s = s, .desk = desk};
	int r;

	if (desk->officer.len == 0)
		return 0;
	if ((r = people_each_credential(
		     s->plan.db, s->ready.member, take_credential, &g)) != 0 ||
		g.is_granted)
		return r;
	return store_because(s, FAIL_REFUSED,
		"no credential of %.*s names the desk %.*s: two enrolment officers must "
		"sign one",
		(int)desk->officer.len, (const char *)desk->officer.ptr,
		(int)desk->desk.len, (const char *)desk->desk.ptr);
}

struct hours {
	struct rd desk;
	char text[DIRECTORY_HOURS_MAX];
	size_t len;
};

static int
take_hours(void *ctx, const struct people_desk *desk)
{
	struct hours *hours = ctx;

	if (desk->officer.len > 0 || address_compare(desk->name, hours->desk) != 0 ||
		desk->hours.len > sizeof hours->text)
		return 0;
	memcpy(hours->text, desk->hours.ptr, desk->hours.len);
	hours->len = desk->hours.len;
	return 0;
}

static int
parse(struct store *s, struct rd body, struct post_desk *ret_message)
{
	int r;

	if ((r = codec_parse_whole(&post_desk_codec, body, ret_message)) != 0)
		return r;
	if (!address_is_name(ret_message->desk) ||
		(ret_message->officer.len > 0 && !address_is_name(ret_message->officer)))
		return store_because(
			s, FAIL_FORMAT, "no desk or officer has such a name");
	if (people_own_entry(s) == NULL)
		return store_because(
			s, FAIL_AGAIN, "this member has no enrolment officers yet");
	return check_granted(s, ret_message);
}

int
people_desk(struct store *s, const struct store_ask *ask)
{
	struct people_desk row = {0};
	struct hours hours = {0};
	struct post_desk message;
	int r;

	if ((r = parse(s, ask->body, &message)) != 0)
		return r;
	row.name = hours.desk = message.desk;
	row.officer = message.officer;
	row.is_removed = message.is_removed == 1;
	row.hours = message.hours;
	/* Hours that are not told stay as they were. */
	if (row.hours.len == 0 && row.officer.len == 0 &&
		(r = people_each_desk(s->plan.db, take_hours, &hours)) != 0)
		return r;
	if (hours.len > 0)
		row.hours = rd_of(hours.text, hours.len);
	if ((r = people_put_desk(s->plan.db, &row)) != 0 ||
		(r = people_own_changed(s)) != 0)
		return r;
	return store_reply(s, ask->number, NULL, NULL);
}
