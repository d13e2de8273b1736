/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/kept.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
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

int
kept_key_path(const char *dir, uint64_t number, char ret_path[DISK_PATH_MAX])
{
	char kept[DISK_PATH_MAX];
	int n, r;

	if ((r = kept_dir(dir, kept)) != 0 || (r = disk_make_private_dir(kept)) != 0)
		return r;
	n = snprintf(ret_path, DISK_PATH_MAX, "%.3100s/%" PRIu64 ".key", kept, number);
	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

/* What is over is removed when it is seen. */
static int
read_key(const char *dir, const char *path, uint64_t now_s, struct buf *bytes,
	struct kept_copy *ret_copy)
{
	int r;

	buf_clear(bytes);
	if ((r = disk_read_small(path, FILE_MAX, bytes)) != 0 ||
		(r = kept_copy_parse(rd_of(bytes->data, bytes->len), ret_copy)) != 0)
		return r;
	if (ret_copy->until_s > now_s)
		return 0;
	kept_remove(dir, ret_copy->number, ret_copy->document_id);
	return FAIL_ABSENT;
}

int
kept_find(const char *dir, uint64_t number, uint64_t now_s, struct buf *ret_bytes,
	struct kept_copy *ret_copy)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = kept_key_path(dir, number, path)) != 0 ||
		(r = read_key(dir, path, now_s, ret_bytes, ret_copy)) != 0)
		return r;
	return ret_copy->number == number ? 0 : FAIL_FORMAT;
}

static bool
is_key(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".key") == 0;
}

void
kept_sweep(const char *dir, uint64_t now_s)
{
	char kept[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct kept_copy copy;
	struct dirent *entry;
	struct buf bytes;
	DIR *list;
	int r = 0;

	if (kept_dir(dir, kept) != 0 || (list = opendir(kept)) == NULL)
		return;
	buf_init(&bytes, FILE_MAX);
	while (r != FAIL_NOMEM && (entry = readdir(list)) != NULL) {
		if (!is_key(entry->d_name))
			continue;
		(void)snprintf(path, sizeof path, "%.3100s/%.200s", kept, entry->d_name);
		r = read_key(dir, path, now_s, &bytes, &copy);
	}
	buf_done(&bytes);
	(void)closedir(list);
}

void
kept_remove(
	const char *dir, uint64_t number, const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	static const char *const endings[] = {"valise", "part"};
	char path[DISK_PATH_MAX];

	/* The key first: without it the envelope opens nothing. */
	if (kept_key_path(dir, number, path) == 0)
		disk_unlink(AT_FDCWD, path);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (kept_path(dir, document_id, endings[i], path) == 0)
			disk_unlink(AT_FDCWD, path);
}
