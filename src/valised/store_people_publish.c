/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/store_people.h"

/* Our directory goes out: signed by custody, kept, and queued to every other member. */

static int
queue(struct store *s, struct rd member, const struct note *note)
{
	struct store_outgoing out = {.member = member, .path = "directory", .urgency = 3};
	const struct post_note message = {.note = rd_of(note->bytes, note->bytes_len)};
	struct buf body;
	int r;

	buf_init(&body, FRONT_HTTP_MAX);
	codec_write(&post_note_codec, &message, &body);
	out.bytes = rd_of(body.data, body.len);
	if ((r = buf_error(&body)) == 0)
		r = store_outgoing_put(s, &out, s->now_ms);
	buf_done(&body);
	return r;
}

int
people_own_introduce(struct store *s, struct rd member)
{
	const struct people_member *own = people_member_of(s, s->ready.member);
	int r;

	if (own == NULL || own->note == NULL)
		return 0;
	if (own->first_note != NULL &&
		address_compare(own->first_note->text, own->note->text) != 0 &&
		(r = queue(s, member, own->first_note)) != 0)
		return r;
	return queue(s, member, own->note);
}

static int
queue_to_all(struct store *s)
{
	const struct roster *roster = store_roster(s);
	int r = 0;

	for (size_t i = 0; r == 0 && roster != NULL && i < roster->member_count; i++)
		if (address_compare(roster->members[i].name, s->ready.member) != 0)
			r = queue(s, roster->members[i].name,
				people_member_of(s, s->ready.member)->note);
	return r;
}

static int
keep(struct store *s, struct rd bytes)
{
	const struct people_member *own = people_member_of(s, s->ready.member);
	struct directory *directory = NULL;
	struct note *note = NULL;
	uint32_t newest;
	int r;

	if (own == NULL)
		return FAIL_CHANGED;
	newest = own->directory != NULL ? own->directory->number : 0;
	if ((r = note_parse(bytes.ptr, bytes.len, &note)) != 0 ||
		(r = directory_parse(note->text, &directory)) != 0)
		goto out;
	/* Meanwhile there may have been rows that came back. */
	if (directory->number <= newest ||
		address_compare(directory->member, s->ready.member) != 0) {
		r = FAIL_CHANGED;
		goto out;
	}
	if ((r = people_directory_keep(s, note, directory)) != 0)
		goto out;
	note = NULL;
	directory = NULL;
	r = queue_to_all(s);
out:
	directory_free(directory);
	note_free(note);
	return r;
}

/*
 * Custody signs each number once.  When our rows were lost after it signed (a crash, a backup
 * that was put back), it refuses what we make of them now: the next number then.  When its
 * keys have turned since the last TICK, it says so too.
 */
static void
is_refused(struct store *s, int r)
{
	struct people *p = s->people;

	p->sign_ms = s->now_ms + PEOPLE_AGAIN_MS;
	if (r == FAIL_REFUSED) {
		p->skip++;
		p->sign_ms = s->now_ms + STORE_TICK_MS;
	} else if (r == FAIL_MISMATCH) {
		p->tick_ms = s->now_ms + STORE_TICK_MS;
	}
}

static int
is_signed(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct people *p = s->people;
	struct vault_note message;
	int r = answer->r;

	(void)ctx;
	p->is_signing = false;
	if (r == 0 &&
		(r = codec_parse_whole(&vault_note_codec, answer->body, &message)) == 0)
		r = keep(s, message.note);
	/* Also when it went well: something may have changed while custody signed. */
	p->is_due = true;
	p->sign_ms = 0;
	if (r == 0)
		p->skip = 0;
	else
		is_refused(s, r);
	return r;
}

/* Is what we would say what we said last? */
static bool
is_said(const struct people_member *own, const struct buf *text)
{
	return own->note != NULL &&
		address_compare(own->note->text, rd_of(text->data, text->len)) == 0;
}

static int
ask_signature(struct store *s, const struct buf *text)
{
	const struct vault_note message = {.note = rd_of(text->data, text->len)};
	const struct store_question question = {.done = is_signed};
	int r;

	r = store_vault(s, VAULT_SIGN_DIRECTORY, &vault_note_codec, &message, &question);
	s->people->is_signing = r == 0;
	return r;
}

uint64_t
people_own_next_ms(const struct store *s)
{
	const struct people *p = s->people;

	if (!p->is_due || p->is_signing || p->custody_count == 0 ||
		people_member_of(s, s->ready.member) == NULL)
		return UINT64_MAX;
	return p->sign_ms;
}

int
people_own_pump(struct store *s)
{
	struct people *p = s->people;
	const struct people_member *own = people_member_of(s, s->ready.member);
	uint32_t newest;
	struct buf text;
	int r;

	if (people_own_next_ms(s) > s->now_ms || s->failing != 0)
		return 0;
	newest = own->directory != NULL ? own->directory->number : 0;
	p->sign_ms = s->now_ms + PEOPLE_AGAIN_MS;
	buf_init(&text, DIRECTORY_TEXT_MAX);
	r = people_own_write(s, newest == 0 ? 1 : newest, &text);
	if (r == 0 && is_said(own, &text)) {
		p->is_due = false;
	} else if (r == 0) {
		buf_clear(&text);
		if ((r = people_own_write(s, newest + 1 + p->skip, &text)) == 0)
			r = ask_signature(s, &text);
	}
	buf_done(&text);
	return r;
}

/* The weekly keys. */

static int
take_keys(struct people *p, struct rd keys)
{
	size_t count = 0;
	int r;

	while (keys.len > 0) {
		struct directory_custody *custody = &p->custody[count];
		struct vault_key key;

		if ((r = codec_parse(&vault_key_codec, &keys, &key)) != 0)
			return r;
		if (count == DIRECTORY_CUSTODY_MAX ||
			key.key.len != kem_public_len(key.suite))
			return FAIL_FORMAT;
		custody->from_s = key.from_s;
		custody->wiped_s = key.wiped_s;
		custody->key.suite = key.suite;
		custody->key.len = (uint16_t)key.key.len;
		memcpy(custody->key.bytes, key.key.ptr, key.key.len);
		count++;
	}
	p->custody_count = count;
	return 0;
}

static int
is_ticked(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct people *p = s->people;
	struct vault_keys keys;
	int r = answer->r;

	(void)ctx;
	p->is_ticking = false;
	if (r == 0 &&
		(r = codec_parse_whole(&vault_keys_codec, answer->body, &keys)) == 0)
		r = take_keys(p, keys.keys);
	if (r != 0) {
		p->tick_ms = s->now_ms + PEOPLE_AGAIN_MS;
		return r;
	}
	p->is_due = true;
	p->sign_ms = 0;
	return 0;
}

int
people_own_tick(struct store *s)
{
	const struct store_question question = {.done = is_ticked};
	struct people *p = s->people;
	int r;

	if ((r = store_vault(s, VAULT_TICK, NULL, NULL, &question)) != 0)
		return r;
	p->is_ticking = true;
	p->tick_ms = s->now_ms + PEOPLE_TICK_MS;
	return 0;
}
