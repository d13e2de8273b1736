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

int
people_directory_parse(
	struct rd bytes, struct note **ret_note, struct directory **ret_directory)
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
		r = people_directory_parse(
			rd_of(bytes.data, bytes.len), &member->note, &member->directory);
	if (r == 0)
		r = check_signed(member, entry);
	buf_done(&bytes);
	if (r != 0 && r != FAIL_ABSENT)
		return r;
	return people_first_load(s, member, entry);
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

static int
check_signer(struct store *s, const struct directory *directory, const struct note *note,
	const struct entry *entry)
{
	int r = directory_verify(directory, note, entry);

	if (r == FAIL_MISMATCH)
		return store_because(s, r, "this is the directory of another member");
	if (r == FAIL_SIGNATURE)
		return store_because(s, r, "the directory is not signed by its station");
	return r;
}

/* On success, what was kept is no longer the caller's. */
static int
keep(struct store *s, const struct people_member *m, struct note **note,
	struct directory **directory)
{
	int r;

	if (m->directory != NULL && (*directory)->number <= m->directory->number)
		return 0;
	if ((r = people_directory_keep(s, *note, *directory)) != 0)
		return r;
	*note = NULL;
	*directory = NULL;
	return 0;
}

static int
take(struct store *s, const struct store_ask *ask, struct note **note,
	struct directory **directory)
{
	const struct entry *entry = &store_roster(s)->members[ask->member];
	struct people_member *m = people_member_of(s, entry->name);
	bool is_first;
	int r;

	if ((r = check_signer(s, *directory, *note, entry)) != 0)
		return r;
	/* The one that the roster names is wanted also when it is older than ours. */
	is_first = m->first == NULL && people_first_is(entry, (*note)->text);
	r = check_number(s, m, *note, *directory);
	if (r != 0 && !(r == FAIL_EXISTS && is_first))
		return r;
	if ((r = check_credentials(s, *directory)) != 0)
		return r;
	if (is_first && (r = people_first_keep(s, entry, *note)) != 0)
		return r;
	if ((r = keep(s, m, note, directory)) != 0 || !is_first)
		return r;
	/* Its credentials count from now on: what is in memory is read anew. */
	return people_load(s);
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
	if ((r = people_directory_parse(message.note, &note, &directory)) == 0)
		r = take(s, ask, &note, &directory);
	directory_free(directory);
	note_free(note);
	if (r == 0 || r == FAIL_EXISTS)
		return store_reply(s, ask->number, NULL, NULL);
	return r;
}

/* Notes for officers, and for the administrator. */

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
	if (asked.known == POST_FIRST_DIRECTORY && m != NULL && m->first_note != NULL)
		return reply_note(
			s, ask, rd_of(m->first_note->bytes, m->first_note->bytes_len));
	if (m == NULL || m->directory == NULL || asked.known == POST_FIRST_DIRECTORY)
		return store_because(s, FAIL_ABSENT, "no directory of %.*s is here yet",
			(int)asked.member.len, (const char *)asked.member.ptr);
	if (asked.known >= m->directory->number)
		return reply_note(s, ask, rd_of("", 0));
	return reply_note(s, ask, rd_of(m->note->bytes, m->note->bytes_len));
}

int
people_own_directory(struct store *s, const struct store_ask *ask)
{
	const struct people_member *own = people_member_of(s, s->ready.member);

	if (ask->body.len > 0)
		return FAIL_FORMAT;
	if (own == NULL || own->note == NULL)
		return store_because(s, FAIL_ABSENT,
			"this station has no directory yet: it begins with `valise "
			"officer "
			"found`");
	return reply_note(s, ask, rd_of(own->note->bytes, own->note->bytes_len));
}
