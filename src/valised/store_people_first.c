/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "valised/store_people.h"

/*
 * First directories.  A roster may name one directory of a member by its hash; the credentials
 * in it count at once, everywhere: all members have signed that these people are there.  It is
 * kept by its hash besides its number, so that it is found among all that followed it.
 */

static struct rd
kind(void)
{
	return rd_of("first-directory", 15);
}

bool
people_first_is(const struct entry *entry, struct rd text)
{
	uint8_t hash[HASH_LEN];

	if (!entry->has_first_directory)
		return false;
	hash_sha256(text.ptr, text.len, hash);
	return memcmp(hash, entry->first_directory, sizeof hash) == 0;
}

int
people_first_load(
	struct store *s, struct people_member *member, const struct entry *entry)
{
	struct buf bytes;
	int r;

	if (!entry->has_first_directory)
		return 0;
	buf_init(&bytes, NOTE_BYTES_MAX);
	r = objects_get_signed(s->plan.db, kind(), entry->first_directory, &bytes);
	if (r == 0)
		r = people_directory_parse(rd_of(bytes.data, bytes.len),
			&member->first_note, &member->first);
	buf_done(&bytes);
	return r == FAIL_ABSENT ? 0 : r;
}

static int
put(struct store *s, const struct entry *entry, struct rd bytes)
{
	const struct objects_signed row = {.kind = kind(),
		.hash = entry->first_directory,
		.bytes = bytes,
		.kept_s = s->now_ms / 1000};
	int r;

	people_touch(s);
	r = objects_put_signed(s->plan.db, &row);
	return r == FAIL_EXISTS ? 0 : r;
}

int
people_first_keep(struct store *s, const struct entry *entry, const struct note *note)
{
	return put(s, entry, rd_of(note->bytes, note->bytes_len));
}

/* Looking for it among those that are here already. */
struct search {
	const struct entry *entry;
	struct buf found;
};

static int
take_directory(void *ctx, struct rd bytes, uint64_t kept_s)
{
	struct search *search = ctx;
	struct note *note = NULL;
	int r;

	(void)kept_s;
	if (search->found.len > 0)
		return 0;
	if ((r = note_parse(bytes.ptr, bytes.len, &note)) != 0)
		return r;
	if (people_first_is(search->entry, note->text)) {
		buf_bytes(&search->found, bytes.ptr, bytes.len);
		r = buf_error(&search->found);
	}
	note_free(note);
	return r;
}

int
people_first_seek(struct store *s, bool *ret_is_found)
{
	const struct roster *roster = store_roster(s);
	bool is_found = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < roster->member_count; i++) {
		struct search search = {.entry = &roster->members[i]};

		if (!search.entry->has_first_directory ||
			s->people->members[i].first != NULL)
			continue;
		buf_init(&search.found, NOTE_BYTES_MAX);
		r = people_each_directory(
			s->plan.db, search.entry->name, take_directory, &search);
		if (r == 0 && search.found.len > 0) {
			r = put(s, search.entry,
				rd_of(search.found.data, search.found.len));
			is_found = true;
		}
		buf_done(&search.found);
	}
	if (r == 0)
		*ret_is_found = is_found;
	return r;
}
