/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store_people.h"

#include <string.h>

#include "base/mem.h"
#include "store/objects.h"

/*
 * Reading: the founding file, the two newest rosters, the orders, and for each member the
 * newest directory.  Credentials are read when they are asked for, and stay.
 */

int
people_new(struct store *s)
{
	struct people *p = NULL;
	int r;

	if ((r = mem_new(&p, sizeof *p)) != 0)
		return r;
	p->orders_end = &p->orders;
	s->people = p;
	return 0;
}

static void
roster_drop(struct people_held_roster *held)
{
	roster_free(held->roster);
	note_free(held->note);
	*held = (struct people_held_roster){0};
}

static void
member_done(struct people_member *member)
{
	directory_free(member->directory);
	note_free(member->note);
	directory_free(member->first);
	note_free(member->first_note);
}

static void
clear(struct people *p)
{
	for (size_t i = 0; i < p->member_count; i++)
		member_done(&p->members[i]);
	mem_free(p->members);
	p->members = NULL;
	p->member_count = 0;
	roster_drop(&p->newest);
	roster_drop(&p->previous);
	mem_free(p->alone);
	p->alone = NULL;
	note_free(p->founding);
	p->founding = NULL;
	people_persons_free(p);
	people_orders_free(p);
}

void
people_free(struct people *p)
{
	if (p == NULL)
		return;
	clear(p);
	mem_free(p);
}

void
people_touch(struct store *s)
{
	s->people->is_touched = true;
}

void
people_forget(struct store *s, bool is_all)
{
	if (is_all || s->people->is_touched)
		s->people->is_stale = true;
}

int
people_refresh(struct store *s)
{
	struct people *p = s->people;
	int r;

	p->is_touched = false;
	if (!p->is_stale || s->ready.member.len == 0)
		return 0;
	if ((r = people_load(s)) != 0)
		return r;
	p->is_stale = false;
	/* What was queued or asked about our directory may be gone with the rows. */
	p->is_due = true;
	return 0;
}

const struct roster *
people_judge(const struct store *s)
{
	const struct people *p = s->people;

	return p->newest.roster != NULL ? p->newest.roster : p->alone;
}

const struct entry *
people_own_entry(const struct store *s)
{
	const struct roster *judge = people_judge(s);
	size_t at = 0;

	if (judge != NULL && roster_find(judge, s->ready.member, &at) == 0)
		return &judge->members[at];
	/* Whoever has left the community still has people and their documents. */
	return s->people->alone != NULL ? &s->people->alone->members[0] : NULL;
}

/* The last row of a query, kept. */
static int
take_last(void *ctx, struct rd bytes)
{
	struct buf *out = ctx;

	buf_clear(out);
	buf_bytes(out, bytes.ptr, bytes.len);
	return buf_error(out);
}

static int
load_founding(struct store *s)
{
	struct people *p = s->people;
	struct roster *alone = NULL;
	struct note *note = NULL;
	struct buf bytes;
	int r;

	buf_init(&bytes, NOTE_BYTES_MAX);
	r = objects_each_signed(s->plan.db, rd_of("founding", 8), take_last, &bytes);
	if (r != 0 || bytes.len == 0)
		goto out;
	if ((r = note_parse(bytes.data, bytes.len, &note)) != 0 ||
		(r = mem_new(&alone, sizeof *alone)) != 0 ||
		(r = entry_note_parse(note, &alone->members[0])) != 0)
		goto out;
	alone->member_count = 1;
	alone->threshold = 1;
	p->founding = note;
	p->alone = alone;
	note = NULL;
	alone = NULL;
out:
	buf_done(&bytes);
	mem_free(alone);
	note_free(note);
	return r;
}

struct two_rosters {
	struct buf notes[2]; /* the newest is notes[0] */
	uint64_t kept_s[2];
};

static int
take_roster(void *ctx, struct rd note, uint64_t kept_s)
{
	struct two_rosters *two = ctx;
	struct buf older = two->notes[1];

	two->notes[1] = two->notes[0];
	two->kept_s[1] = two->kept_s[0];
	two->notes[0] = older;
	two->kept_s[0] = kept_s;
	buf_clear(&two->notes[0]);
	buf_bytes(&two->notes[0], note.ptr, note.len);
	return buf_error(&two->notes[0]);
}

static int
hold_roster(const struct buf *bytes, uint64_t kept_s, struct people_held_roster *ret_held)
{
	struct people_held_roster held = {.kept_s = kept_s};
	int r;

	if (bytes->len == 0)
		return 0;
	if ((r = note_parse(bytes->data, bytes->len, &held.note)) != 0 ||
		(r = roster_parse(held.note->text, &held.roster)) != 0) {
		roster_drop(&held);
		return r;
	}
	roster_hash(held.note->text, held.hash);
	*ret_held = held;
	return 0;
}

static int
load_rosters(struct store *s)
{
	struct people *p = s->people;
	struct two_rosters two = {0};
	int r;

	buf_init(&two.notes[0], NOTE_BYTES_MAX);
	buf_init(&two.notes[1], NOTE_BYTES_MAX);
	if ((r = people_each_roster(s->plan.db, take_roster, &two)) == 0 &&
		(r = hold_roster(&two.notes[0], two.kept_s[0], &p->newest)) == 0)
		r = hold_roster(&two.notes[1], two.kept_s[1], &p->previous);
	buf_done(&two.notes[0]);
	buf_done(&two.notes[1]);
	return r;
}

static int
take_order(void *ctx, struct rd bytes)
{
	return people_order_add(ctx, bytes);
}

static int
load_members(struct store *s)
{
	const struct roster *judge = people_judge(s);
	struct people *p = s->people;
	int r;

	if (judge == NULL)
		return 0;
	if ((r = mem_new_array(&p->members, judge->member_count, sizeof *p->members)) !=
		0)
		return r;
	p->member_count = judge->member_count;
	for (size_t i = 0; i < p->member_count; i++) {
		struct rd name = judge->members[i].name;

		memcpy(p->members[i].name, name.ptr, name.len);
		if ((r = people_directory_load(s, &p->members[i])) != 0)
			return r;
	}
	return 0;
}

/* What is in memory must not be half of one state and half of another: all, or an error. */
int
people_load(struct store *s)
{
	int r;

	clear(s->people);
	if ((r = load_founding(s)) != 0 || (r = load_rosters(s)) != 0 ||
		(r = objects_each_signed(s->plan.db, rd_of("order", 5), take_order, s)) !=
			0 ||
		(r = load_members(s)) != 0) {
		s->people->is_stale = true;
		return r;
	}
	return 0;
}

int
people_start(struct store *s)
{
	int r;

	if ((r = people_send_pins(s)) != 0 || (r = people_give_custody(s)) != 0)
		return r;
	s->people->is_due = true;
	return people_own_tick(s);
}

int
people_pump(struct store *s)
{
	return people_own_pump(s);
}

int
store_people_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms)
{
	struct people *p = s->people;
	uint64_t now_s = now_ms / 1000;
	int r;

	if (now_s > PEOPLE_PENDING_S &&
		(r = people_expire_pending(s->plan.db, now_s - PEOPLE_PENDING_S, NULL)) !=
			0)
		return r;
	if (now_ms >= p->tick_ms && !p->is_ticking && (r = people_own_tick(s)) != 0)
		return r;
	if ((r = people_own_pump(s)) != 0)
		return r;
	if (*next_ms > p->tick_ms)
		*next_ms = p->tick_ms;
	if (*next_ms > people_own_next_ms(s))
		*next_ms = people_own_next_ms(s);
	return 0;
}

int
people_reply_list(struct store *s, uint64_t number, struct buf *items)
{
	const struct post_list list = {.items = rd_of(items->data, items->len)};
	int r;

	if ((r = buf_error(items)) == 0)
		r = store_reply(s, number, &post_list_codec, &list);
	buf_done(items);
	return r;
}

static const struct store_route routes[] = {
	{"station", STORE_OPEN, people_station},
	{"enrol", STORE_OPEN, people_take_request},
	{"enrolled", STORE_OPEN, people_enrolled},
	{"pending", STORE_ENROLLER | STORE_ADMIN, people_pending},
	{"enrol-sign", STORE_OPEN, people_take_signature},
	{"order", STORE_OPEN, people_order_by_client},
	{"roster", STORE_OFFICER | STORE_ENROLLER, people_ask_roster},
	{"directory", STORE_OFFICER | STORE_ENROLLER, people_ask_directory},

	{"roster", STORE_MEMBER, people_take_roster},
	{"directory", STORE_MEMBER, people_directory_by_member},
	{"order", STORE_MEMBER, people_order_by_member},

	{"found", STORE_ADMIN, people_found},
	{"join", STORE_ADMIN, people_take_roster},
	{"desk", STORE_ADMIN, people_desk},
	{"directory", STORE_ADMIN, people_own_directory},
	{"status", STORE_ADMIN, people_status},
};

const struct store_routes store_people_routes = {
	routes, sizeof routes / sizeof routes[0]};
