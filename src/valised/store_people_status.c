/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "member/custodians.h"
#include "note/words.h"
#include "store/figures.h"
#include "store/grams.h"
#include "valised/store_people.h"

/*
 * What the station says of itself: to anybody who it is, to its administrator how it does.
 * The names in the JSON are those of docs/format/station.md.  All texts that stand in it are
 * of grammars without quotes, or come from here.
 */

int
people_station(struct store *s, const struct store_ask *ask)
{
	const struct people *p = s->people;
	struct post_station reply = {.member = s->ready.member,
		.founding = rd_of("", 0),
		.roster = rd_of("", 0),
		.time_s = ask->now_ms / 1000};

	if (ask->body.len > 0)
		return FAIL_FORMAT;
	if (p->founding != NULL)
		reply.founding = rd_of(p->founding->bytes, p->founding->bytes_len);
	if (p->newest.note != NULL)
		reply.roster = rd_of(p->newest.note->bytes, p->newest.note->bytes_len);
	return store_reply(s, ask->number, &post_station_codec, &reply);
}

void
people_contact(struct store *s, size_t member)
{
	if (member < ROSTER_MEMBERS_MAX)
		s->people->contact_ms[member] = s->now_ms;
}

static void
put_text(struct buf *out, const char *name, struct rd text)
{
	buf_printf(out, "\"%s\":\"%.*s\"", name, (int)text.len, (const char *)text.ptr);
}

static const char *
bool_text(bool is_true)
{
	return is_true ? "true" : "false";
}

static void
put_roster(const struct store *s, struct buf *out)
{
	const struct people_held_roster *held = &s->people->newest;
	struct custodians_rule rule = {0};
	char hash[2 * HASH_LEN + 1];

	if (held->roster == NULL) {
		buf_text(out, "null");
		return;
	}
	text_hex(held->hash, HASH_LEN, hash);
	buf_text(out, "{");
	put_text(out, "community", held->roster->community);
	buf_printf(out, ",\"serial\":%" PRIu32 ",\"hash\":\"%s\",\"words\":\"",
		held->roster->serial, hash);
	words_fingerprint_write(held->hash, out);
	buf_printf(out,
		"\",\"members\":%zu,\"absent_max\":%zu,\"enrol_delay_s\":%" PRIu32,
		held->roster->member_count, roster_absent_max(held->roster->member_count),
		held->roster->enrol_delay_s);
	/* Of a class for which the roster has no rule of its own. */
	if (custodians_rule(held->roster, "", "", &rule) == 0)
		buf_printf(out, ",\"custodians\":{\"threshold\":%u,\"count\":%u}",
			rule.threshold, rule.count);
	else
		buf_text(out, ",\"custodians\":null");
	buf_text(out, "}");
}

static int
put_member(struct store *s, size_t i, struct buf *out)
{
	const struct entry *e = &store_roster(s)->members[i];
	const struct directory *d = store_directory(s, e->name);
	uint64_t queue = 0;
	int r;

	if ((r = figures_queue(s->plan.db, e->name, &queue)) != 0)
		return r;
	buf_text(out, "{");
	put_text(out, "name", e->name);
	buf_text(out, ",");
	put_text(out, "url", e->url);
	buf_printf(out, ",\"directory\":%" PRIu32 ",\"queue\":%" PRIu64,
		d == NULL ? 0 : d->number, queue);
	if (s->people->contact_ms[i] != 0)
		buf_printf(out, ",\"contact_s\":%" PRIu64 "}",
			s->people->contact_ms[i] / 1000);
	else
		buf_text(out, ",\"contact_s\":null}");
	return 0;
}

static int
put_members(struct store *s, struct buf *out)
{
	const struct roster *roster = store_roster(s);
	const char *comma = "";
	int r = 0;

	buf_text(out, ",\"members\":[");
	for (size_t i = 0; r == 0 && roster != NULL && i < roster->member_count; i++) {
		if (address_compare(roster->members[i].name, s->ready.member) == 0)
			continue;
		buf_text(out, comma);
		r = put_member(s, i, out);
		comma = ",";
	}
	buf_text(out, "]");
	return r;
}

static int
put_documents(struct store *s, struct buf *out)
{
	uint64_t blobs = 0, oldest_s = 0;
	struct figures_documents f;
	int r;

	if ((r = figures_count(s->plan.db, &f)) != 0 ||
		(r = grams_count(s->plan.db, &blobs, &oldest_s)) != 0)
		return r;
	buf_printf(out,
		",\"documents\":{\"all\":%" PRIu64 ",\"arriving\":%" PRIu64
		",\"sealing\":%" PRIu64 ",\"keeping\":%" PRIu64 ",\"clocks\":%" PRIu64
		"}",
		f.all, f.arriving, f.sealing, f.keeping, f.clocks);
	buf_printf(out, ",\"index\":{\"waiting\":%" PRIu64 ",\"oldest_s\":%" PRIu64 "}",
		blobs, oldest_s);
	return 0;
}

/* People by name, not by device: credentials are sorted by officer. */
static size_t
count_officers(const struct directory *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->credential_count; i++)
		count += i == 0 ||
			address_compare(d->credentials[i - 1].officer,
				d->credentials[i].officer) != 0;
	return count;
}

static int
count_one(void *ctx, struct rd request, struct rd enrol)
{
	size_t *count = ctx;

	(void)request;
	(void)enrol;
	++*count;
	return 0;
}

static int
put_people(struct store *s, struct buf *out)
{
	const struct directory *d = store_directory(s, s->ready.member);
	size_t pending = 0;
	int r;

	if ((r = people_each_pending(s->plan.db, count_one, &pending)) != 0)
		return r;
	buf_printf(out,
		",\"directory\":%" PRIu32 ",\"officers\":%zu,\"credentials\":%zu,"
		"\"desks\":%zu,\"pending\":%zu",
		d == NULL ? 0 : d->number, d == NULL ? 0 : count_officers(d),
		d == NULL ? 0 : d->credential_count, d == NULL ? 0 : d->desk_count,
		pending);
	return 0;
}

/* Are this station's keys those that the roster has for its name? */
static bool
is_itself(const struct store *s)
{
	const struct roster *roster = store_roster(s);
	size_t at = 0;

	return roster == NULL ||
		(roster_find(roster, s->ready.member, &at) == 0 &&
			memcmp(roster->members[at].tls, s->ready.tls, VAULT_KEY_LEN) ==
				0 &&
			memcmp(roster->members[at].sign, s->ready.sign, VAULT_KEY_LEN) ==
				0);
}

static int
write_status(struct store *s, struct buf *out)
{
	static const char *const unlocked[] = {"", "passphrase", "file", "command"};
	int r;

	buf_text(out, "{");
	put_text(out, "member", s->ready.member);
	buf_text(out, ",");
	put_text(out, "url", s->ready.url);
	buf_printf(out,
		",\"time_s\":%" PRIu64 ",\"founded\":%s,\"joined\":%s,\"in_roster\":%s,"
		"\"unlocked_by\":\"%s\",\"witnessed\":false,\"locked_in\":%s,\"users\":"
		"\"one\",\"second_"
		"holder\":%s,"
		"\"roster\":",
		s->now_ms / 1000, bool_text(s->people->founding != NULL),
		bool_text(store_roster(s) != NULL), bool_text(is_itself(s)),
		unlocked[s->ready.unlocked_by], bool_text(s->plan.is_locked_in),
		bool_text(s->plan.has_second_holder));
	put_roster(s, out);
	if ((r = put_members(s, out)) != 0 || (r = put_people(s, out)) != 0 ||
		(r = put_documents(s, out)) != 0)
		return r;
	buf_text(out, "}");
	return buf_error(out);
}

int
people_status(struct store *s, const struct store_ask *ask)
{
	struct post_status reply;
	struct buf json;
	int r;

	if (ask->body.len > 0)
		return FAIL_FORMAT;
	buf_init(&json, 65535);
	if ((r = write_status(s, &json)) == 0) {
		reply.json = rd_of(json.data, json.len);
		r = store_reply(s, ask->number, &post_status_codec, &reply);
	}
	buf_done(&json);
	return r;
}
