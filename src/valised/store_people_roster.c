/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "valised/store_people.h"

/*
 * A roster is judged here, then given to custody, which judges it again by itself, and only
 * then kept: a roster that store has and custody has not would be of no use.  Between the two
 * another one may have come, so it is judged once more before its row is written.
 *
 * Attack answered: a false roster puts false keys in the place of a member's.  The first one
 * is accepted from the administrator alone, whose people compared its words; every other must
 * follow the one before (member/roster.h), whoever brings it.
 */

struct coming {
	uint64_t number;
	char from[ADDRESS_MEMBER_MAX + 1]; /* the member that brought it; else empty */
	size_t len;
	uint8_t note[];
};

static const char *
fault_text(enum roster_fault fault)
{
	static const char *const texts[] = {
		[ROSTER_GOOD] = "",
		[ROSTER_NOT_SERIAL_1] = "it is not serial 1",
		[ROSTER_NOT_ALL_SIGNED] = "not every member has signed it",
		[ROSTER_OTHER_COMMUNITY] = "it is of another community",
		[ROSTER_NOT_NEXT] = "its serial is not the next",
		[ROSTER_OTHER_PREVIOUS] = "it follows another roster than ours",
		[ROSTER_TOO_FEW_SIGNED] = "too few members have signed it",
		[ROSTER_LOWERED] =
			"it loosens a rule, and too few members have signed it",
		[ROSTER_ENTRY_CHANGED] = "it changes the keys of a member that has not "
					 "signed, and too few "
					 "others have",
		[ROSTER_FIRST_DIRECTORY] = "it changes a member's first directory",
	};

	return texts[fault];
}

/* Is our entry in it ours?  A key of another station under our name would shut us out. */
static int
check_own(struct store *s, const struct roster *roster)
{
	const struct vault_ready *own = &s->ready;
	const struct entry *e;
	size_t at = 0;

	if (roster_find(roster, own->member, &at) != 0)
		return store_because(s, FAIL_MISMATCH, "%.*s is not in this roster",
			(int)own->member.len, (const char *)own->member.ptr);
	e = &roster->members[at];
	if (memcmp(e->tls, own->tls, VAULT_KEY_LEN) != 0 ||
		memcmp(e->sign, own->sign, VAULT_KEY_LEN) != 0 ||
		memcmp(e->log, own->log, VAULT_KEY_LEN) != 0 ||
		memcmp(e->witness, own->witness, VAULT_KEY_LEN) != 0)
		return store_because(s, FAIL_MISMATCH,
			"the roster has other keys for %.*s than this station",
			(int)own->member.len, (const char *)own->member.ptr);
	return 0;
}

static int
refuse(struct store *s, const struct roster_verdict *verdict)
{
	if (verdict->fault == ROSTER_GOOD)
		return FAIL_REFUSED;
	return store_because(
		s, FAIL_REFUSED, "the roster is refused: %s", fault_text(verdict->fault));
}

/* The first one: with serial 1 all have signed; a later one is what its words say it is. */
static int
check_first(struct store *s, const struct roster *roster, const struct note *note)
{
	struct roster_verdict verdict = {0};
	int r;

	if ((r = check_own(s, roster)) != 0)
		return r;
	if (roster->serial != 1)
		return 0;
	if ((r = roster_first(roster, note, &verdict)) == FAIL_REFUSED)
		return refuse(s, &verdict);
	return r;
}

static int
check_next(struct store *s, const struct roster *roster, const struct note *note)
{
	const struct people *p = s->people;
	const struct roster *old = p->newest.roster;
	struct roster_verdict verdict = {0};
	int r;

	if (roster->serial < old->serial ||
		(p->previous.roster != NULL &&
			address_compare(note->text, p->previous.note->text) == 0))
		return store_because(s, FAIL_EXISTS,
			"serial %" PRIu32 " is held here already", old->serial);
	if (roster->serial == old->serial)
		return store_because(s, FAIL_MISMATCH,
			"another roster of serial %" PRIu32 " is held here", old->serial);
	if (roster->serial - old->serial > 1)
		return store_because(s, FAIL_AGAIN, "serial %" PRIu32 " must come first",
			old->serial + 1);
	if ((r = roster_follows(old, roster, note, &verdict)) == FAIL_REFUSED)
		return refuse(s, &verdict);
	return r;
}

/* FAIL_CHANGED: it is the one we hold.  Without one no member is known (store_caller.c), so
 * the first one comes from the administrator. */
static int
check(struct store *s, const struct roster *roster, const struct note *note)
{
	const struct people *p = s->people;

	if (p->newest.roster != NULL) {
		if (address_compare(note->text, p->newest.note->text) == 0)
			return FAIL_CHANGED;
		return check_next(s, roster, note);
	}
	return check_first(s, roster, note);
}

static int
parse(struct store *s, struct rd bytes, struct note **ret_note,
	struct roster **ret_roster)
{
	int r;

	if ((r = note_parse(bytes.ptr, bytes.len, ret_note)) != 0 ||
		(r = roster_parse((*ret_note)->text, ret_roster)) != 0)
		return r == FAIL_NOMEM ? r : store_because(s, r, "this is no roster");
	return 0;
}

int
people_send_pins(struct store *s)
{
	const struct wire_message head = {.type = FRONT_PINS};
	const struct roster *roster = store_roster(s);
	struct front_pins pins;
	struct buf keys;
	int r;

	buf_init(&keys, ROSTER_MEMBERS_MAX * FRONT_KEY_LEN);
	for (size_t i = 0; roster != NULL && i < roster->member_count; i++)
		buf_bytes(&keys, roster->members[i].tls, FRONT_KEY_LEN);
	pins.keys = rd_of(keys.data, keys.len);
	if ((r = buf_error(&keys)) == 0)
		r = store_hold(s, ROLE_FRONT, &head, &front_pins_codec, &pins);
	buf_done(&keys);
	return r;
}

/* To everybody but us and who brought it; ours to those who are new. */
static int
forward(struct store *s, struct rd note, const char *from)
{
	const struct roster *roster = store_roster(s), *old = s->people->previous.roster;
	const struct post_note message = {.note = note};
	struct store_outgoing out = {.path = "roster", .urgency = 4};
	struct buf body;
	size_t at;
	int r;

	buf_init(&body, FRONT_HTTP_MAX);
	codec_write(&post_note_codec, &message, &body);
	r = buf_error(&body);
	out.bytes = rd_of(body.data, body.len);
	for (size_t i = 0; r == 0 && i < roster->member_count; i++) {
		out.member = roster->members[i].name;
		if (address_compare(out.member, s->ready.member) == 0)
			continue;
		if (old == NULL || roster_find(old, out.member, &at) != 0)
			r = people_own_introduce(s, out.member);
		if (r == 0 && address_compare(out.member, address_of(from)) != 0)
			r = store_outgoing_put(s, &out, s->now_ms);
	}
	buf_done(&body);
	return r;
}

/* Into the rows, and into memory: the roster, and the first directories that it names. */
static int
take_in(struct store *s, const struct people_roster *row)
{
	bool is_found = false;
	int r;

	people_touch(s);
	if ((r = people_put_roster(s->plan.db, row)) != 0 || (r = people_load(s)) != 0 ||
		(r = people_first_seek(s, &is_found)) != 0)
		return r;
	return is_found ? people_load(s) : 0;
}

static int
keep(struct store *s, const struct coming *c, const struct roster *roster,
	const struct note *note)
{
	struct people_roster row = {.serial = roster->serial,
		.note = rd_of(c->note, c->len),
		.kept_s = s->now_ms / 1000};
	int r;

	roster_hash(note->text, row.hash);
	if ((r = take_in(s, &row)) != 0 || (r = people_send_pins(s)) != 0 ||
		(r = forward(s, row.note, c->from)) != 0)
		return r;
	memset(s->people->contact_ms, 0, sizeof s->people->contact_ms);
	/* It may ask for another suite: custody has new weekly keys then. */
	s->people->tick_ms = s->now_ms;
	s->people->is_due = true;
	return store_reply(s, c->number, NULL, NULL);
}

/* Custody has it. */
static int
custody_has(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct roster *roster = NULL;
	struct coming *c = ctx;
	struct note *note = NULL;
	int r = answer->r;

	if (r != 0) {
		r = store_because(s, r, "custody refuses the roster: %.*s",
			(int)answer->why.len, (const char *)answer->why.ptr);
		goto out;
	}
	if ((r = parse(s, rd_of(c->note, c->len), &note, &roster)) != 0)
		goto out;
	if ((r = check(s, roster, note)) == FAIL_CHANGED)
		r = store_reply(s, c->number, NULL, NULL);
	else if (r == 0)
		r = keep(s, c, roster, note);
out:
	roster_free(roster);
	note_free(note);
	mem_free(c);
	return r;
}

static int
ask_custody(struct store *s, const struct store_ask *ask, struct rd bytes)
{
	const struct vault_roster message = {.note = bytes};
	struct store_question question = {.number = ask->number, .done = custody_has};
	struct coming *c = NULL;
	int r;

	if ((r = mem_new(&c, sizeof *c + bytes.len)) != 0)
		return r;
	c->number = ask->number;
	if (ask->who == STORE_MEMBER) {
		struct rd name = store_roster(s)->members[ask->member].name;

		memcpy(c->from, name.ptr, name.len);
	}
	c->len = bytes.len;
	memcpy(c->note, bytes.ptr, bytes.len);
	question.ctx = c;
	r = store_vault(s, VAULT_ROSTER, &vault_roster_codec, &message, &question);
	if (r != 0)
		mem_free(c);
	return r;
}

int
people_take_roster(struct store *s, const struct store_ask *ask)
{
	struct roster *roster = NULL;
	struct note *note = NULL;
	struct post_note message;
	int r;

	if ((r = codec_parse_whole(&post_note_codec, ask->body, &message)) != 0 ||
		(r = parse(s, message.note, &note, &roster)) != 0)
		goto out;
	r = check(s, roster, note);
	if (r == FAIL_CHANGED)
		r = store_reply(s, ask->number, NULL, NULL);
	else if (r == 0)
		r = ask_custody(s, ask, message.note);
out:
	roster_free(roster);
	note_free(note);
	return r;
}
