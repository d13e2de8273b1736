/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "member/field.h"
#include "valise/link_impl.h"
#include "valise/people_impl.h"
#include "wire/post.h"

/*
 * Held files are verified like those that arrive: whoever can write to the directory could
 * otherwise put a reader into every cable.
 */

enum { SEEN_FILE_MAX = 4096 };

const struct entry *
people_entry(const struct people *p, size_t slot)
{
	CHECK(slot < p->slot_count);
	return p->roster != NULL ? &p->roster->members[slot] : &p->founding;
}

int
people_find_slot(const struct people *p, struct rd member, size_t *ret_slot)
{
	if (p->roster != NULL)
		return roster_find(p->roster, member, ret_slot);
	if (p->slot_count == 0 || address_compare(p->founding.name, member) != 0)
		return FAIL_ABSENT;
	*ret_slot = 0;
	return 0;
}

static void
slot_done(struct people_slot *slot)
{
	mem_free(slot->is_checked);
	directory_free(slot->directory);
	note_free(slot->note);
	*slot = (struct people_slot){0};
}

void
people_slots_done(struct people *p)
{
	for (size_t i = 0; i < p->slot_count; i++)
		slot_done(&p->slots[i]);
	p->slot_count = 0;
}

static uint32_t *
seen_of(struct people *p, struct rd member)
{
	struct people_seen *seen = &p->seen;

	for (size_t i = 0; i < seen->count; i++)
		if (address_compare(address_of(seen->directories[i].member), member) == 0)
			return &seen->directories[i].number;
	/* More members than a roster has have come and gone: forget the first. */
	if (seen->count == ROSTER_MEMBERS_MAX) {
		memmove(&seen->directories[0], &seen->directories[1],
			(seen->count - 1) * sizeof seen->directories[0]);
		seen->count--;
	}
	memset(&seen->directories[seen->count], 0, sizeof seen->directories[0]);
	memcpy(seen->directories[seen->count].member, member.ptr, member.len);
	return &seen->directories[seen->count++].number;
}

static int
write_file(const struct people *p, const char *name, struct rd bytes)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = link_file_path(p->dir, name, path)) != 0)
		return r;
	return disk_write_small(path, bytes.ptr, bytes.len, true);
}

/* Whose station it is: its TLS key is what this machine enrolled with. */
static int
check_station(const struct people *p, const struct entry *entry)
{
	if (address_compare(entry->name, address_of(p->station.member)) != 0 ||
		memcmp(entry->tls, p->station.key, LINK_KEY_LEN) != 0)
		return FAIL_MISMATCH;
	return 0;
}

/*
 * The first one counts because our station, whose words were compared, gives it.  What stands
 * in it must be what its members signed all the same: this file lies on a disk for years.
 */
static int
judge_first(const struct people *p, const struct roster *next, const struct note *note)
{
	struct roster_verdict verdict;
	size_t own;
	int r;

	r = next->serial == 1 ? roster_first(next, note, &verdict)
			      : roster_signers(next, note, &verdict.signers);
	if (r != 0)
		return r;
	if (next->serial < p->seen.serial ||
		roster_find(next, address_of(p->station.member), &own) != 0)
		return FAIL_MISMATCH;
	return check_station(p, &next->members[own]);
}

static int
judge_roster(const struct people *p, const struct roster *next, const struct note *note)
{
	struct roster_verdict verdict;

	return p->roster != NULL ? roster_follows(p->roster, next, note, &verdict)
				 : judge_first(p, next, note);
}

/* Ours now; directories are looked up anew, for slots have moved. */
static void
set_roster(struct people *p, struct note *note, struct roster *roster)
{
	people_slots_done(p);
	roster_free(p->roster);
	note_free(p->roster_note);
	p->roster_note = note;
	p->roster = roster;
	p->slot_count = roster->member_count;
	if (roster->serial > p->seen.serial)
		p->seen.serial = roster->serial;
}

static int
take_roster(struct people *p, struct rd bytes, bool is_new)
{
	struct roster *roster = NULL;
	struct note *note = NULL;
	int r;

	if ((r = note_parse(bytes.ptr, bytes.len, &note)) != 0 ||
		(r = roster_parse(note->text, &roster)) != 0 ||
		(r = judge_roster(p, roster, note)) != 0)
		goto out;
	if (is_new && (r = write_file(p, "roster", bytes)) != 0)
		goto out;
	set_roster(p, note, roster);
	note = NULL;
	roster = NULL;
out:
	roster_free(roster);
	note_free(note);
	return r;
}

int
people_take_roster(struct people *p, struct rd bytes)
{
	return take_roster(p, bytes, true);
}

int
people_take_founding(struct people *p, struct rd bytes)
{
	struct note *note = NULL;
	struct entry entry;
	int r;

	if ((r = note_parse(bytes.ptr, bytes.len, &note)) != 0 ||
		(r = entry_note_parse(note, &entry)) != 0 ||
		(r = check_station(p, &entry)) != 0)
		goto out;
	note_free(p->founding_note);
	p->founding_note = note;
	p->founding = entry;
	note = NULL;
	if (p->roster == NULL)
		p->slot_count = 1;
out:
	note_free(note);
	return r;
}

static int
take_directory(struct people *p, size_t slot, struct rd bytes, bool is_new)
{
	const struct entry *entry = people_entry(p, slot);
	char name[sizeof "directories/" + ADDRESS_MEMBER_MAX];
	struct people_slot next = {0};
	uint32_t *seen = seen_of(p, entry->name);
	int r;

	(void)snprintf(name, sizeof name, "directories/%.*s", (int)entry->name.len,
		(const char *)entry->name.ptr);
	if ((r = note_parse(bytes.ptr, bytes.len, &next.note)) != 0 ||
		(r = directory_parse(next.note->text, &next.directory)) != 0 ||
		(r = directory_verify(next.directory, next.note, entry)) != 0)
		goto out;
	if (next.directory->number < *seen) {
		r = FAIL_MISMATCH;
		goto out;
	}
	if ((r = mem_new_array(&next.is_checked, next.directory->credential_count + 1,
		     sizeof(bool))) != 0 ||
		(is_new && (r = write_file(p, name, bytes)) != 0))
		goto out;
	*seen = next.directory->number;
	slot_done(&p->slots[slot]);
	p->slots[slot] = next;
	next = (struct people_slot){0};
out:
	slot_done(&next);
	return r;
}

int
people_take_directory(struct people *p, size_t slot, struct rd bytes)
{
	return take_directory(p, slot, bytes, true);
}

static int
take_enrol(struct people *p, struct rd bytes)
{
	struct credential self;
	struct enrol enrol;
	int r;

	buf_done(&p->enrol);
	buf_init(&p->enrol, ENROL_BYTES_MAX);
	buf_bytes(&p->enrol, bytes.ptr, bytes.len);
	if ((r = buf_error(&p->enrol)) != 0 ||
		(r = enrol_parse(p->enrol.data, p->enrol.len, &enrol)) != 0 ||
		(r = credential_parse(
			 enrol.credential.ptr, enrol.credential.len, &self)) != 0)
		goto out;
	/* Somebody else's would make every request of ours one in another name. */
	if (enrol.signature_count != ENROL_SIGNERS ||
		!subject_equal(&self.subject, keys_subject(link_keys(p->link)))) {
		r = FAIL_MISMATCH;
		goto out;
	}
	p->self = self;
out:
	if (r != 0)
		buf_clear(&p->enrol);
	return r;
}

static int
parse_seen(struct people *p, struct rd in)
{
	struct rd value, member;
	uint64_t number;
	int r;

	if ((r = field_take(&in, "roster", &value)) != 0 ||
		(r = field_number(value, UINT32_MAX, &number)) != 0)
		return r;
	p->seen.serial = (uint32_t)number;
	while (in.len > 0) {
		if ((r = field_take(&in, "directory", &value)) != 0)
			return r;
		member = field_word(&value);
		if ((r = field_number(value, UINT32_MAX, &number)) != 0)
			return r;
		if (!address_is_member(member) || p->seen.count == ROSTER_MEMBERS_MAX)
			return FAIL_FORMAT;
		*seen_of(p, member) = (uint32_t)number;
	}
	return 0;
}

int
people_keep_seen(struct people *p)
{
	struct buf b;
	int r;

	buf_init(&b, SEEN_FILE_MAX);
	buf_printf(&b, "roster %u\n", p->seen.serial);
	for (size_t i = 0; i < p->seen.count; i++)
		buf_printf(&b, "directory %s %u\n", p->seen.directories[i].member,
			p->seen.directories[i].number);
	if ((r = buf_error(&b)) == 0)
		r = write_file(p, "seen", rd_of(b.data, b.len));
	buf_done(&b);
	return r;
}

/* An empty buffer when the file is not there. */
static int
read_file(const struct people *p, const char *name, size_t max, struct buf *ret_bytes)
{
	char path[DISK_PATH_MAX];
	int r;

	buf_init(ret_bytes, max + 1);
	if ((r = link_file_path(p->dir, name, path)) != 0)
		return r;
	r = disk_read_small(path, max, ret_bytes);
	return r == FAIL_ABSENT ? 0 : r;
}

enum held { HELD_SEEN, HELD_FOUNDING, HELD_ROSTER, HELD_ENROL, HELDS };

static int
take_held(struct people *p, enum held what, struct rd bytes)
{
	switch (what) {
	case HELD_SEEN:
		return parse_seen(p, bytes);
	case HELD_FOUNDING:
		return people_take_founding(p, bytes);
	case HELD_ROSTER:
		return take_roster(p, bytes, false);
	case HELD_ENROL:
		return take_enrol(p, bytes);
	case HELDS:
		break;
	}
	return 0;
}

static int
read_directories(struct people *p)
{
	char name[sizeof "directories/" + ADDRESS_MEMBER_MAX];
	struct buf file;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->slot_count; i++) {
		const struct entry *entry = people_entry(p, i);

		(void)snprintf(name, sizeof name, "directories/%.*s",
			(int)entry->name.len, (const char *)entry->name.ptr);
		if ((r = read_file(p, name, NOTE_BYTES_MAX, &file)) == 0 && file.len > 0)
			r = take_directory(p, i, rd_of(file.data, file.len), false);
		buf_done(&file);
		/* One that is not good any more (the member has new keys) is fetched anew. */
		if (r != FAIL_NOMEM)
			r = 0;
	}
	return r;
}

int
people_read_held(struct people *p, const char **ret_name)
{
	static const struct {
		const char *name;
		size_t max;
	} files[HELDS] = {
		[HELD_SEEN] = {"seen", SEEN_FILE_MAX},
		[HELD_FOUNDING] = {"founding", NOTE_BYTES_MAX},
		[HELD_ROSTER] = {"roster", NOTE_BYTES_MAX},
		[HELD_ENROL] = {"enrol", ENROL_BYTES_MAX},
	};
	struct buf file;
	int r = 0;

	for (size_t i = 0; r == 0 && i < HELDS; i++) {
		*ret_name = files[i].name;
		if ((r = read_file(p, files[i].name, files[i].max, &file)) == 0 &&
			file.len > 0 &&
			(r = take_held(p, (enum held)i, rd_of(file.data, file.len))) !=
				0 &&
			r != FAIL_NOMEM)
			r = FAIL_ALTERED;
		buf_done(&file);
	}
	return r != 0 ? r : read_directories(p);
}

int
people_read_enrol(struct people *p)
{
	struct buf file;
	int r;

	if ((r = read_file(p, "enrol", ENROL_BYTES_MAX, &file)) == 0)
		r = take_enrol(p, rd_of(file.data, file.len));
	buf_done(&file);
	return r;
}
