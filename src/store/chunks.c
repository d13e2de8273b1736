/* SPDX-License-Identifier: Apache-2.0 */
#include "store/chunks.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "sys/disk.h"

uint64_t
chunks_of(uint64_t len)
{
	return len / DOCUMENTS_CHUNK_LEN + (len % DOCUMENTS_CHUNK_LEN != 0);
}

static struct db_value
id_of(const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	return db_blob(document_id, CORE_DOCUMENT_ID_LEN);
}

/* DIR/XX/ID, and DIR/XX/ID/N. */
struct place {
	char dir[DISK_PATH_MAX];
	char file[DISK_PATH_MAX];
};

static int
place_of(const struct chunks *c, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	uint64_t number, struct place *ret_place)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1];
	int n;

	text_hex(document_id, CORE_DOCUMENT_ID_LEN, id);
	n = snprintf(ret_place->dir, sizeof ret_place->dir, "%s/%.2s/%s", c->dir, id, id);
	if (n < 0 || (size_t)n >= sizeof ret_place->dir)
		return FAIL_USAGE;
	n = snprintf(ret_place->file, sizeof ret_place->file, "%s/%.2s/%s/%llu", c->dir,
		id, id, (unsigned long long)number);
	return n < 0 || (size_t)n >= sizeof ret_place->file ? FAIL_USAGE : 0;
}

static int
sync_dir(const char *path)
{
	int fd = -1, r;

	r = disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, &fd);
	if (r == 0)
		r = disk_sync(fd);
	disk_close(fd);
	return r;
}

/*
 * The directories of a document, durable.  Made for chunk 0 and whenever they are not there,
 * so that the other chunks cost no syncs of directories above their own.
 */
static int
make_dirs(const struct chunks *c, const struct place *place)
{
	char parent[DISK_PATH_MAX];
	int r;

	if (disk_is_there(place->dir))
		return 0;
	if ((r = disk_make_private_dir(place->dir)) != 0 ||
		(r = disk_dir_of(place->dir, parent)) != 0 || (r = sync_dir(parent)) != 0)
		return r;
	return sync_dir(c->dir);
}

/* A file that a crash left without its row is replaced. */
static int
write_file(const struct chunks *c, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct chunks_chunk *chunk)
{
	struct place place;
	int r;

	if ((r = place_of(c, document_id, chunk->number, &place)) != 0 ||
		(r = make_dirs(c, &place)) != 0)
		return r;
	return disk_write_small(place.file, chunk->bytes.ptr, chunk->bytes.len, true);
}

/* The length that a chunk of this number must have; FAIL_LIMIT when there is none. */
static int
expected_len(uint64_t len, uint64_t number, uint64_t *ret_len)
{
	uint64_t rest;

	if (number >= chunks_of(len))
		return FAIL_LIMIT;
	rest = len - number * DOCUMENTS_CHUNK_LEN;
	*ret_len = rest < DOCUMENTS_CHUNK_LEN ? rest : DOCUMENTS_CHUNK_LEN;
	return 0;
}

static int
take_hash(void *ctx, const struct db_row *row)
{
	return db_row_fixed(row, 0, ctx, HASH_LEN);
}

/* FAIL_EXISTS before anything is written a second time. */
static int
check_new(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint64_t number)
{
	uint8_t hash[HASH_LEN];
	int r;

	r = db_query_one(db, STATEMENT_CHUNK_GET,
		DB_ARGS(id_of(document_id), db_int(number)), take_hash, hash);
	if (r == 0)
		return FAIL_EXISTS;
	return r == FAIL_ABSENT ? 0 : r;
}

int
chunks_put(const struct chunks *c, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct chunks_chunk *chunk)
{
	struct db_value body = db_null();
	struct documents_found found;
	uint64_t len = 0;
	int r;

	if ((r = documents_get(c->db, document_id, NULL, &found)) != 0 ||
		(r = expected_len(found.len, chunk->number, &len)) != 0)
		return r;
	if (chunk->bytes.len != len)
		return FAIL_LIMIT;
	if ((r = check_new(c->db, document_id, chunk->number)) != 0)
		return r;
	if (found.len <= CHUNKS_INLINE_MAX)
		body = db_blob(chunk->bytes.ptr, chunk->bytes.len);
	else if ((r = write_file(c, document_id, chunk)) != 0)
		return r;
	r = db_run(c->db, STATEMENT_CHUNK_PUT,
		DB_ARGS(id_of(document_id), db_int(chunk->number),
			db_blob(chunk->hash, HASH_LEN), db_int(len), body),
		NULL);
	if (r != 0)
		return r;
	return db_run(c->db, STATEMENT_DOCUMENT_CHUNK, DB_ARGS(id_of(document_id)), NULL);
}

struct chunk_into {
	uint8_t hash[HASH_LEN];
	uint64_t len;
	bool is_inline;
	struct buf *out;
};

static int
take_chunk(void *ctx, const struct db_row *row)
{
	struct chunk_into *into = ctx;
	int r;

	if ((r = db_row_fixed(row, 0, into->hash, HASH_LEN)) != 0 ||
		(r = db_row_int(row, 1, DOCUMENTS_CHUNK_LEN, &into->len)) != 0)
		return r;
	into->is_inline = row->values[2].type != DB_NULL;
	return into->is_inline ? db_row_bytes(row, 2, into->out) : 0;
}

/* Read a file that must hold exactly len bytes. */
static int
read_file(const char *path, size_t len, struct buf *out)
{
	uint8_t *at, extra;
	size_t n = 0;
	int fd = -1, r;

	if ((r = disk_open(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0, &fd)) != 0)
		return r == FAIL_ABSENT ? FAIL_ALTERED : r;
	if ((at = buf_extend(out, len)) == NULL) {
		r = buf_error(out);
		goto out;
	}
	if ((r = disk_read(fd, at, len, &n)) != 0)
		goto out;
	if (n != len) {
		r = FAIL_ALTERED;
		goto out;
	}
	if ((r = disk_read(fd, &extra, 1, &n)) == 0 && n != 0)
		r = FAIL_ALTERED;
out:
	disk_close(fd);
	return r;
}

int
chunks_get(const struct chunks *c, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	uint64_t number, struct buf *out, uint8_t ret_hash[HASH_LEN])
{
	struct chunk_into into = {.out = out};
	const size_t start = out->len;
	uint8_t hash[HASH_LEN];
	struct place place;
	int r;

	r = db_query_one(c->db, STATEMENT_CHUNK_GET,
		DB_ARGS(id_of(document_id), db_int(number)), take_chunk, &into);
	if (r != 0)
		return r;
	if (!into.is_inline) {
		if ((r = place_of(c, document_id, number, &place)) != 0 ||
			(r = read_file(place.file, (size_t)into.len, out)) != 0)
			return r;
	}
	if (out->len - start != into.len)
		return FAIL_ALTERED;
	hash_sha256(out->data + start, out->len - start, hash);
	if (memcmp(hash, into.hash, HASH_LEN) != 0)
		return FAIL_ALTERED;
	memcpy(ret_hash, hash, HASH_LEN);
	return 0;
}

/* Rows come ascending; what lies between two of them is missing. */
struct gaps {
	uint64_t next; /* the first number not yet looked at */
	size_t max;
	size_t count;
	uint64_t *numbers;
};

static void
note_gap(struct gaps *gaps, uint64_t end)
{
	for (; gaps->next < end && gaps->count < gaps->max; gaps->next++)
		gaps->numbers[gaps->count++] = gaps->next;
	gaps->next = end;
}

enum { GAPS_FULL = 1 };

static int
take_number(void *ctx, const struct db_row *row)
{
	struct gaps *gaps = ctx;
	uint64_t number;
	int r;

	if ((r = db_row_int(row, 0, DB_INT_MAX - 1, &number)) != 0)
		return r;
	note_gap(gaps, number);
	gaps->next = number + 1;
	return gaps->count == gaps->max ? GAPS_FULL : 0;
}

int
chunks_missing(struct db *db, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct chunks_gap gap, uint64_t *ret_numbers, size_t *ret_count)
{
	struct gaps gaps = {.next = gap.from, .max = gap.max, .numbers = ret_numbers};
	struct documents_found found;
	int r;

	if ((r = documents_get(db, document_id, NULL, &found)) != 0)
		return r;
	if (found.state == DOCUMENTS_WHOLE) {
		*ret_count = 0;
		return 0;
	}
	r = db_query(db, STATEMENT_CHUNK_FROM,
		DB_ARGS(id_of(document_id), db_int(gap.from)), take_number, &gaps);
	if (r != 0 && r != GAPS_FULL)
		return r;
	note_gap(&gaps, found.chunk_count);
	*ret_count = gaps.count;
	return 0;
}
