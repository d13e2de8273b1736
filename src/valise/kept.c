/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/kept.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/post.h"

static const uint8_t magic[RD_MAGIC_LEN] = {'V', 'K', 'E', 'P', 'T', 'K', 0x0d, 0x0a};

enum { VERSION = 1, ID_HEX = 2 * CORE_DOCUMENT_ID_LEN, FILE_MAX = 128 * 1024 };

static int
parse_slot(struct rd *in, uint16_t suite, struct slot *ret_slot)
{
	int r;

	if (kem_enc_len(suite) == 0)
		return FAIL_SUITE;
	if ((r = rd_bytes(in, KEM_ID_LEN, &ret_slot->key_id)) != 0 ||
		(r = rd_bytes(in, kem_enc_len(suite), &ret_slot->enc)) != 0)
		return r;
	return rd_bytes(in, SLOT_SEALED_LEN, &ret_slot->sealed);
}

static int
parse_front(struct rd *in, struct kept_copy *c)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0 || (r = rd_version(in, VERSION)) != 0 ||
		(r = rd_u16(in, &c->suite)) != 0 || (r = rd_u64(in, &c->number)) != 0 ||
		(r = rd_u64(in, &c->opened_s)) != 0 || (r = rd_u64(in, &c->until_s)) != 0)
		return r;
	return rd_u32(in, &c->copy);
}

int
kept_copy_parse(struct rd in, struct kept_copy *ret_copy)
{
	struct kept_copy c = {0};
	int r;

	if ((r = parse_front(&in, &c)) != 0 ||
		(r = rd_copy(&in, CORE_DOCUMENT_ID_LEN, c.document_id)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, c.envelope_hash)) != 0 ||
		(r = rd_vec8(&in, 0, UINT8_MAX, &c.shares)) != 0 ||
		(r = parse_slot(&in, c.suite, &c.slot)) != 0 ||
		(r = rd_vec24(&in, 0, FILE_MAX, &c.enrols)) != 0 ||
		(r = rd_end(&in)) != 0)
		return r;
	if (c.shares.len > 0 && !text_is_line(c.shares.ptr, c.shares.len))
		return FAIL_FORMAT;
	*ret_copy = c;
	return 0;
}

int
kept_copy_write(const struct kept_copy *copy, const struct header *header,
	const struct kem_public *reader, struct rng *rng,
	const uint8_t body_key[SCHEDULE_LEN], struct buf *out)
{
	struct slot_place place = {.role = "kept",
		.suite = header->core.suite,
		.core_hash = header->core_hash};
	int r;

	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, VERSION);
	buf_u16(out, header->core.suite);
	buf_u64(out, copy->number);
	buf_u64(out, copy->opened_s);
	buf_u64(out, copy->until_s);
	buf_u32(out, copy->copy);
	buf_bytes(out, copy->document_id, CORE_DOCUMENT_ID_LEN);
	buf_bytes(out, copy->envelope_hash, HASH_LEN);
	buf_vec(out, 1, copy->shares.ptr, copy->shares.len);
	if ((r = slot_seal(&place, reader, rng, body_key, out)) != 0)
		return r;
	buf_vec(out, 3, copy->enrols.ptr, copy->enrols.len);
	return buf_error(out);
}

static int
kept_dir(const char *dir, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%.3000s/kept", dir);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

int
kept_path(const char *dir, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const char *ending, char ret_path[DISK_PATH_MAX])
{
	char kept[DISK_PATH_MAX], id[ID_HEX + 1];
	int n, r;

	if ((r = kept_dir(dir, kept)) != 0 || (r = disk_make_private_dir(kept)) != 0)
		return r;
	text_hex(document_id, CORE_DOCUMENT_ID_LEN, id);
	n = snprintf(ret_path, DISK_PATH_MAX, "%.3100s/%s.%s", kept, id, ending);
	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

/* Of this name: is it the number's, and still good?  What is over is removed. */
static int
look_at(const char *dir, const char *name, uint64_t now_s, struct buf *bytes,
	struct kept_copy *ret_copy)
{
	char kept[DISK_PATH_MAX], path[DISK_PATH_MAX];
	int n, r;

	if ((r = kept_dir(dir, kept)) != 0)
		return r;
	n = snprintf(path, sizeof path, "%.3100s/%.200s", kept, name);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	buf_clear(bytes);
	if ((r = disk_read_small(path, FILE_MAX, bytes)) != 0 ||
		(r = kept_copy_parse(rd_of(bytes->data, bytes->len), ret_copy)) != 0)
		return r;
	if (ret_copy->until_s > now_s)
		return 0;
	kept_remove(dir, ret_copy->document_id);
	return FAIL_ABSENT;
}

static bool
is_key(const char *name)
{
	return strlen(name) == ID_HEX + 4 && strcmp(name + ID_HEX, ".key") == 0;
}

int
kept_find(const char *dir, uint64_t number, uint64_t now_s, struct buf *ret_bytes,
	struct kept_copy *ret_copy)
{
	char kept[DISK_PATH_MAX];
	struct dirent *entry;
	int r, found = FAIL_ABSENT;
	DIR *list;

	if ((r = kept_dir(dir, kept)) != 0)
		return r;
	if ((list = opendir(kept)) == NULL)
		return FAIL_ABSENT;
	/* All are looked at, so that each that is over goes, whichever is asked for. */
	while (found != 0 && (entry = readdir(list)) != NULL)
		if (is_key(entry->d_name) &&
			look_at(dir, entry->d_name, now_s, ret_bytes, ret_copy) == 0 &&
			ret_copy->number == number)
			found = 0;
	(void)closedir(list);
	return found;
}

void
kept_remove(const char *dir, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	static const char *const endings[] = {"key", "valise", "part"};
	char path[DISK_PATH_MAX];

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (kept_path(dir, document_id, endings[i], path) == 0)
			disk_unlink(AT_FDCWD, path);
}
