/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "valised/store_people.h"

/*
 * The founding file: who may enrol officers before there is a roster.  It is made and signed
 * with the station's own key, so it proves nothing that the holder of the key could not say;
 * what it names counts for other members only when a roster says the same.
 */

struct founding {
	uint64_t number;
	size_t len;
	uint8_t note[];
};

static int
check_own(struct store *s, const struct entry *entry)
{
	const struct vault_ready *own = &s->ready;

	if (address_compare(entry->name, own->member) != 0)
		return store_because(s, FAIL_MISMATCH, "the founding file is of %.*s",
			(int)entry->name.len, (const char *)entry->name.ptr);
	if (memcmp(entry->sign, own->sign, VAULT_KEY_LEN) != 0 ||
		memcmp(entry->tls, own->tls, VAULT_KEY_LEN) != 0 ||
		memcmp(entry->log, own->log, VAULT_KEY_LEN) != 0 ||
		memcmp(entry->witness, own->witness, VAULT_KEY_LEN) != 0)
		return store_because(s, FAIL_MISMATCH,
			"the founding file has other keys than this station");
	return 0;
}

static int
check(struct store *s, struct rd bytes)
{
	struct note *note = NULL;
	struct entry *entry = NULL;
	int r;

	if (store_roster(s) != NULL)
		return store_because(s, FAIL_EXISTS,
			"this station has joined; its officers change by a new roster");
	if ((r = mem_new(&entry, sizeof *entry)) == 0 &&
		(r = note_parse(bytes.ptr, bytes.len, &note)) == 0 &&
		(r = entry_note_parse(note, entry)) == 0)
		r = check_own(s, entry);
	note_free(note);
	mem_free(entry);
	return r;
}

static int
keep(struct store *s, struct rd bytes)
{
	uint8_t hash[HASH_LEN];
	const struct objects_signed row = {.kind = rd_of("founding", 8),
		.hash = hash,
		.bytes = bytes,
		.kept_s = s->now_ms / 1000};
	int r;

	hash_sha256(bytes.ptr, bytes.len, hash);
	people_touch(s);
	if ((r = objects_put_signed(s->plan.db, &row)) != 0 && r != FAIL_EXISTS)
		return r;
	if ((r = people_load(s)) != 0)
		return r;
	s->people->is_due = true;
	return 0;
}

static int
custody_has(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct founding *f = ctx;
	struct rd bytes = rd_of(f->note, f->len);
	int r = answer->r;

	if (r != 0)
		r = store_because(s, r, "custody refuses the founding file: %.*s",
			(int)answer->why.len, (const char *)answer->why.ptr);
	else if ((r = check(s, bytes)) == 0 && (r = keep(s, bytes)) == 0)
		r = store_reply(s, f->number, NULL, NULL);
	mem_free(f);
	return r;
}

int
people_found(struct store *s, const struct store_ask *ask)
{
	struct store_question question = {.number = ask->number, .done = custody_has};
	struct founding *f = NULL;
	struct vault_note message;
	struct post_note asked;
	int r;

	if ((r = codec_parse_whole(&post_note_codec, ask->body, &asked)) != 0 ||
		(r = check(s, asked.note)) != 0)
		return r;
	if ((r = mem_new(&f, sizeof *f + asked.note.len)) != 0)
		return r;
	f->number = ask->number;
	f->len = asked.note.len;
	memcpy(f->note, asked.note.ptr, asked.note.len);
	question.ctx = f;
	message.note = asked.note;
	r = store_vault(s, VAULT_FOUND, &vault_note_codec, &message, &question);
	if (r != 0)
		mem_free(f);
	return r;
}

/* At the start. */

struct missed {
	struct store *s;
	struct buf notes; /* those custody has not, each behind its length */
};

/* Whatever custody says to it: what needs the roster fails and tells why. */
static int
is_told(struct store *s, void *ctx, const struct store_answer *answer)
{
	(void)s;
	(void)ctx;
	(void)answer;
	return 0;
}

static int
take_missed(void *ctx, struct rd bytes, uint64_t kept_s)
{
	struct missed *m = ctx;
	uint8_t hash[HASH_LEN];
	struct note *note = NULL;
	int r;

	(void)kept_s;
	if ((r = note_parse(bytes.ptr, bytes.len, &note)) != 0)
		return r;
	roster_hash(note->text, hash);
	note_free(note);
	buf_vec(&m->notes, 4, bytes.ptr, bytes.len);
	/* What custody holds it holds with all before it. */
	if (memcmp(hash, m->s->ready.roster, HASH_LEN) == 0)
		buf_clear(&m->notes);
	return buf_error(&m->notes);
}

static int
tell(struct store *s, enum vault_type type, const struct codec *codec, struct rd note)
{
	const struct store_question question = {.done = is_told};
	const struct vault_roster roster = {.note = note};
	const struct vault_note founding = {.note = note};

	return store_vault(s, type, codec,
		type == VAULT_ROSTER ? (const void *)&roster : (const void *)&founding,
		&question);
}

int
people_give_custody(struct store *s)
{
	static const uint8_t none[HASH_LEN];
	struct missed m = {.s = s};
	struct rd notes, note;
	int r = 0;

	if (s->people->founding != NULL &&
		memcmp(s->ready.roster, none, sizeof none) == 0)
		r = tell(s, VAULT_FOUND, &vault_note_codec,
			rd_of(s->people->founding->bytes,
				s->people->founding->bytes_len));
	buf_init(&m.notes, DB_BYTES_MAX);
	if (r == 0)
		r = people_each_roster(s->plan.db, take_missed, &m);
	notes = rd_of(m.notes.data, m.notes.len);
	while (r == 0 && notes.len > 0)
		if ((r = rd_vec32(&notes, 1, notes.len, &note)) == 0)
			r = tell(s, VAULT_ROSTER, &vault_roster_codec, note);
	buf_done(&m.notes);
	return r;
}
