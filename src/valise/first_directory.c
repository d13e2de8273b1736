/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/first_directory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "note/note.h"

struct first_directory {
	struct note *note;
	struct directory *directory; /* points into note */
};

void
first_directories_init(struct first_directories *all, const char *dir,
	const struct courier *courier, const struct roster *roster)
{
	*all = (struct first_directories){
		.dir = dir, .courier = courier, .roster = roster};
}

static void
slot_free(struct first_directory *slot)
{
	if (slot == NULL)
		return;
	directory_free(slot->directory);
	note_free(slot->note);
	mem_free(slot);
}

void
first_directories_done(struct first_directories *all)
{
	for (size_t i = 0; i < ROSTER_MEMBERS_MAX; i++)
		slot_free(all->slots[i]);
}

/* The bytes are taken when their text has the hash of the roster. */
static int
take(struct rd bytes, const struct entry *entry, struct first_directory **ret_slot)
{
	struct first_directory *slot = NULL;
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = mem_new(&slot, sizeof *slot)) != 0)
		return r;
	if ((r = note_parse(bytes.ptr, bytes.len, &slot->note)) != 0)
		goto out;
	hash_sha256(slot->note->text.ptr, slot->note->text.len, hash);
	if (memcmp(hash, entry->first_directory, sizeof hash) != 0) {
		r = FAIL_MISMATCH;
		goto out;
	}
	if ((r = directory_parse(slot->note->text, &slot->directory)) != 0)
		goto out;
	*ret_slot = slot;
	slot = NULL;
out:
	slot_free(slot);
	return r;
}

static int
path_of(const struct first_directories *all, struct rd member,
	char ret_path[DISK_PATH_MAX])
{
	char dir[DISK_PATH_MAX];
	int n = snprintf(dir, sizeof dir, "%.3000s/directories", all->dir);
	int r;

	if (n < 0 || n >= DISK_PATH_MAX)
		return FAIL_USAGE;
	if ((r = disk_make_private_dir(dir)) != 0)
		return r;
	n = snprintf(ret_path, DISK_PATH_MAX, "%.3100s/%.*s.first", dir, (int)member.len,
		(const char *)member.ptr);
	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

static int
read_held(const struct first_directories *all, const struct entry *entry,
	struct first_directory **ret_slot)
{
	char path[DISK_PATH_MAX];
	struct buf bytes;
	int r;

	buf_init(&bytes, POST_NOTE_MAX);
	if ((r = path_of(all, entry->name, path)) == 0 &&
		(r = disk_read_small(path, POST_NOTE_MAX, &bytes)) == 0)
		r = take(rd_of(bytes.data, bytes.len), entry, ret_slot);
	buf_done(&bytes);
	return r;
}

/* Of the station; kept for the next time, but not being able to is no failure. */
static int
ask(const struct first_directories *all, const struct entry *entry,
	struct first_directory **ret_slot)
{
	struct post_ask_note asked = {
		.member = entry->name, .known = POST_FIRST_DIRECTORY};
	struct courier_question question = {.path = "directory",
		.codec = &post_ask_note_codec,
		.message = &asked,
		.answer_codec = &post_note_codec};
	char path[DISK_PATH_MAX];
	struct post_note note;
	struct buf bytes;
	int r;

	if (all->courier == NULL)
		return FAIL_ABSENT;
	buf_init(&bytes, COURIER_ANSWER_MAX);
	if ((r = courier_ask(all->courier, &question, &bytes, &note)) == 0 &&
		(r = take(note.note, entry, ret_slot)) == 0 &&
		path_of(all, entry->name, path) == 0 &&
		disk_write_small(path, note.note.ptr, note.note.len, true) != 0)
		disk_unlink(AT_FDCWD, path);
	buf_done(&bytes);
	return r;
}

const struct directory *
first_directories_find(struct first_directories *all, struct rd member)
{
	const struct entry *entry;
	size_t at = 0;

	if (roster_find(all->roster, member, &at) != 0)
		return NULL;
	entry = &all->roster->members[at];
	if (entry->has_first_directory && !all->is_tried[at]) {
		all->is_tried[at] = true;
		if (read_held(all, entry, &all->slots[at]) != 0 &&
			ask(all, entry, &all->slots[at]) != 0)
			all->slots[at] = NULL;
	}
	return all->slots[at] != NULL ? all->slots[at]->directory : NULL;
}
