/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "valised/store_people.h"

/*
 * Directories of members.  A station signs who of its member is reached how; that each
 * credential is by two enrolment officers is verified here too, before anything is kept: a
 * station whose administrator was bought can put nobody into its own directory.
 */

/* The note and what it says; both or none. */
static int
parse(struct rd bytes, struct note **ret_note, struct directory **ret_directory)
{
	struct note *note = NULL;
	int r;

	if ((r = note_parse(bytes.ptr, bytes.len, &note)) == 0 &&
		(r = directory_parse(note->text, ret_directory)) == 0) {
		*ret_note = note;
		return 0;
	}
	note_free(note);
	return r;
}

static const struct entry *
entry_of(const struct store *s, struct rd name)
{
	const struct roster *judge = people_judge(s);
	size_t at = 0;

	if (judge == NULL || roster_find(judge, name, &at) != 0)
		return NULL;
	return &judge->members[at];
}

/* The one that the roster names by its hash, when it is here: usually number 1. */
static int
load_first(struct store *s, struct people_member *m, const struct entry *entry)
{
	uint8_t hash[HASH_LEN];
	uint32_t number;
	struct buf bytes;
	int r;

	if (!entry->has_first_directory)
		return 0;
	buf_init(&bytes, NOTE_BYTES_MAX);
	r = people_first_directory(s->plan.db, entry->name, &bytes, &number);
	if (r == 0)
		r = parse(rd_of(bytes.data, bytes.len), &m->first_note, &m->first);
	if (r == 0) {
		hash_sha256(m->first_note->text.ptr, m->first_note->text.len, hash);
		if (memcmp(hash, entry->first_directory, sizeof hash) != 0) {
			directory_free(m->first);
			m->first = NULL;
		}
	}
	buf_done(&bytes);
	return r == FAIL_ABSENT ? 0 : r;
}

/* A new roster may have taken the key away under which it was signed: then there is none. */
static int
check_signed(struct people_member *member, const struct entry *entry)
{
	int r = directory_verify(member->directory, member->note, entry);

	if (r != FAIL_SIGNATURE)
		return r;
	directory_free(member->directory);
	note_free(member->note);
	member->directory = NULL;
	member->note = NULL;
	return 0;
}

int
people_directory_load(struct store *s, struct people_member *member)
{
	const struct entry *entry = entry_of(s, address_of(member->name));
	uint32_t number = 0;
	struct buf bytes;
	int r;

	buf_init(&bytes, NOTE_BYTES_MAX);
	r = people_newest_directory(
		s->plan.db, address_of(member->name), &bytes, &number);
	if (r == 0)
		r = parse(
			rd_of(bytes.data, bytes.len), &member->note, &member->directory);
	if (r == 0)
		r = check_signed(member, entry);
	buf_done(&bytes);
	if (r != 0 && r != FAIL_ABSENT)
		return r;
	return load_first(s, member, entry);
}

/* On success note and directory are no longer the caller's. */
int
people_directory_keep(struct store *s, struct note *note, struct directory *directory)
{
	struct people_member *m = people_member_of(s, directory->member);
	const struct people_directory row = {.member = directory->member,
		.number = directory->number,
		.note = rd_of(note->bytes, note->bytes_len),
		.kept_s = s->now_ms / 1000};
	int r;

	CHECK(m != NULL);
	people_touch(s);
	if ((r = people_put_directory(s->plan.db, &row)) != 0)
		return r;
	directory_free(m->directory);
	note_free(m->note);
	m->directory = directory;
	m->note = note;
	return 0;
}

/* FAIL_EXISTS: older than ours, or the same, which needs nothing. */
static int
check_number(struct store *s, const struct people_member *m, const struct note *note,
	const struct directory *directory)
{
	if (m->directory == NULL || directory->number > m->directory->number)
		return 0;
	if (directory->number == m->directory->number &&
		address_compare(note->text, m->note->text) != 0)
		return store_because(s, FAIL_MISMATCH,
			"another directory of number %" PRIu32 " is held here",
			directory->number);
	return FAIL_EXISTS;
}

/*
 * Also keeps them: the time from which they count begins now.  One by keys that we do not know
 * may be right by a roster that is on its way.
 */
static int
check_credentials(struct store *s, const struct directory *directory)
{
	const struct store_credential *c;
	int r = 0;

	for (size_t i = 0; r == 0 && i < directory->credential_count; i++)
		r = store_credential_learn(
			s, directory->credentials[i].enrol, s->now_ms, &c);
	return r == FAIL_SIGNER ? FAIL_AGAIN : r;
}

/* Credentials of the first directory count at once: everything is read anew. */
static int
mind_first(struct store *s, const struct entry *entry, struct rd text)
{
	uint8_t hash[HASH_LEN];

	if (!entry->has_first_directory)
		return 0;
	hash_sha256(text.ptr, text.len, hash);
	if (memcmp(hash, entry->first_directory, sizeof hash) != 0)
		return 0;
	return people_load(s);
}

static int
take(struct store *s, const struct store_ask *ask, struct note **note,
	struct directory **directory)
{
	const struct entry *entry = &store_roster(s)->members[ask->member];
	struct people_member *m = people_member_of(s, entry->name);
	int r;

	r = directory_verify(*directory, *note, entry);
	if (r == FAIL_MISMATCH)
		return store_because(s, r, "this is the directory of another member");
	if (r == FAIL_SIGNATURE)
		return store_because(s, r, "the directory is not signed by its station");
	if (r != 0 || (r = check_number(s, m, *note, *directory)) != 0 ||
		(r = check_credentials(s, *directory)) != 0 ||
		(r = people_directory_keep(s, *note, *directory)) != 0)
		return r;
	*note = NULL;
	*directory = NULL;
	return mind_first(s, entry, m->note->text);
}

int
people_directory_by_member(struct store *s, const struct store_ask *ask)
{
	struct directory *directory = NULL;
	struct note *note = NULL;
	struct post_note message;
	int r;

	if ((r = codec_parse_whole(&post_note_codec, ask->body, &message)) != 0)
		return r;
	if ((r = parse(message.note, &note, &directory)) == 0)
		r = take(s, ask, &note, &directory);
	directory_free(directory);
	note_free(note);
	if (r == 0 || r == FAIL_EXISTS)
		return store_reply(s, ask->number, NULL, NULL);
	return r;
}

/* Notes for officers. */

static int
reply_note(struct store *s, const struct store_ask *ask, struct rd note)
{
	const struct post_note reply = {.note = note};

	return store_reply(s, ask->number, &post_note_codec, &reply);
}

/* The roster after the one that is known, so that each can be judged by the one before. */
int
people_ask_roster(struct store *s, const struct store_ask *ask)
{
	const struct people_held_roster *newest = &s->people->newest;
	struct post_ask_note asked;
	struct buf note;
	int r;

	if ((r = codec_parse_whole(&post_ask_note_codec, ask->body, &asked)) != 0)
		return r;
	if (newest->roster == NULL)
		return store_because(s, FAIL_ABSENT, "this station has not joined yet");
	if (asked.known >= newest->roster->serial)
		return reply_note(s, ask, rd_of("", 0));
	buf_init(&note, NOTE_BYTES_MAX);
	r = asked.known == 0 ? FAIL_ABSENT
			     : people_get_roster(s->plan.db, asked.known + 1, &note);
	if (r == 0)
		r = reply_note(s, ask, rd_of(note.data, note.len));
	else if (r == FAIL_ABSENT)
		r = reply_note(
			s, ask, rd_of(newest->note->bytes, newest->note->bytes_len));
	buf_done(&note);
	return r;
}

int
people_ask_directory(struct store *s, const struct store_ask *ask)
{
	const struct people_member *m;
	struct post_ask_note asked;
	int r;

	if ((r = codec_parse_whole(&post_ask_note_codec, ask->body, &asked)) != 0)
		return r;
	if (asked.member.len == 0)
		asked.member = s->ready.member;
	m = people_member_of(s, asked.member);
	if (m == NULL || m->directory == NULL)
		return store_because(s, FAIL_ABSENT, "no directory of %.*s is here yet",
			(int)asked.member.len, (const char *)asked.member.ptr);
	if (asked.known >= m->directory->number)
		return reply_note(s, ask, rd_of("", 0));
	return reply_note(s, ask, rd_of(m->note->bytes, m->note->bytes_len));
}
