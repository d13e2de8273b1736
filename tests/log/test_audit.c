/* SPDX-License-Identifier: Apache-2.0 */
#include "log/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"

/* A log in memory: files by their paths. */
enum { FILES_MAX = 1024, SIZE = 70000 };

struct file {
	char path[TILE_PATH_MAX];
	struct buf bytes;
};

struct memory {
	size_t count;
	struct file files[FILES_MAX];
	struct checkpoint head;
	uint8_t root_1000[HASH_LEN];
};

static struct buf *
file_of(struct memory *m, const struct tile *tile)
{
	char path[TILE_PATH_MAX];

	tile_path(tile, path);
	for (size_t i = m->count; i-- > 0;)
		if (strcmp(m->files[i].path, path) == 0)
			return &m->files[i].bytes;
	assert_true(m->count < FILES_MAX);
	memcpy(m->files[m->count].path, path, sizeof path);
	buf_init(&m->files[m->count].bytes, AUDIT_FILE_MAX);
	return &m->files[m->count++].bytes;
}

static int
read_file(void *ctx, const char *path, struct buf *ret_bytes)
{
	struct memory *m = ctx;

	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->files[i].path, path) == 0) {
			buf_bytes(
				ret_bytes, m->files[i].bytes.data, m->files[i].bytes.len);
			return buf_error(ret_bytes);
		}
	return FAIL_ABSENT;
}

/* Where hash or entry `number` of a level lies. */
static struct tile
tile_of(uint8_t level, uint64_t number, bool is_entries)
{
	struct tile t;

	assert_int_equal(tile_at(SIZE, level, number, &t), 0);
	t.is_entries = is_entries;
	return t;
}

static void
write_log(struct memory *m)
{
	struct tree all, rows[3];
	struct hash *h;

	tree_init(&all);
	for (int i = 0; i < 3; i++)
		tree_init(&rows[i]);
	assert_int_equal(hash_new(&h), 0);
	for (uint64_t i = 0; i < SIZE; i++) {
		uint8_t hash[HASH_LEN];
		char text[32];
		int len = snprintf(text, sizeof text, "release %u", (unsigned)i);
		struct tile t = tile_of(0, i, true);

		tile_put_entry(rd_of(text, (size_t)len), file_of(m, &t));
		tree_leaf(h, text, (size_t)len, hash);
		tree_push(&all, hash);
		if (i + 1 == 1000)
			tree_root(&all, m->root_1000);
		for (uint8_t level = 0; level < 3; level++) {
			uint64_t n = i >> (8 * level);

			t = tile_of(level, n, false);
			buf_bytes(file_of(m, &t), hash, HASH_LEN);
			tree_push(&rows[level], hash);
			if (rows[level].size % TILE_WIDTH != 0)
				break;
			tree_root(&rows[level], hash);
			tree_init(&rows[level]);
		}
	}
	m->head = (struct checkpoint){.origin = rd_of("x", 1), .size = SIZE};
	tree_root(&all, m->head.root);
	hash_free(h);
}

static struct memory *memory;

static int
setup(void **state)
{
	(void)state;
	if (crypto_init() != 0 || mem_new(&memory, sizeof *memory) != 0)
		return 1;
	write_log(memory);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < memory->count; i++)
		buf_done(&memory->files[i].bytes);
	mem_free(memory);
	return 0;
}

static int
audit(struct audit_result *ret_result)
{
	struct audit_source source = {.read = read_file, .ctx = memory};

	return audit_run(&source, &memory->head, 1000, ret_result);
}

static void
a_good_log(void **state)
{
	struct audit_result result;

	(void)state;
	assert_int_equal(audit(&result), 0);
	assert_int_equal(result.entries, SIZE);
	assert_int_equal(result.tiles, 274 + 2 + 1);
	assert_memory_equal(result.old_root, memory->root_1000, HASH_LEN);
	assert_int_equal(memory->count, 274 + 274 + 2 + 1);
}

/* Bytes all over the files: each is found, and the file is named. */
static void
altered_bytes_are_found(void **state)
{
	unsigned seed = 7, tries = 40;

	(void)state;
	for (unsigned i = 0; i < tries; i++) {
		struct audit_result result;
		struct file *f = &memory->files[(size_t)rand_r(&seed) % memory->count];
		size_t at = (size_t)rand_r(&seed) % f->bytes.len;

		uint8_t bit = (uint8_t)(1u << (rand_r(&seed) % 8));

		f->bytes.data[at] ^= bit;
		assert_int_equal(audit(&result), FAIL_MISMATCH);
		/* an altered entry shows at its tile, which it no longer fits */
		if (strncmp(f->path, "tile/entries/", 13) != 0)
			assert_string_equal(result.where, f->path);
		else
			assert_non_null(strstr(result.where, f->path + 13));
		f->bytes.data[at] ^= bit;
	}
}

static void
missing_files_and_other_heads(void **state)
{
	struct audit_result result;
	struct checkpoint head = memory->head;

	(void)state;
	memory->files[5].path[0] = '?';
	assert_int_equal(audit(&result), FAIL_ABSENT);
	assert_true(result.where[0] != 0);
	memory->files[5].path[0] = 't';
	memory->head.root[3] ^= 1;
	assert_int_equal(audit(&result), FAIL_MISMATCH);
	assert_string_equal(result.where, "");
	memory->head = head;
	memory->head.size--;
	assert_int_not_equal(audit(&result), 0);
	memory->head = head;
	assert_int_equal(
		audit_run(&(struct audit_source){.read = read_file, .ctx = memory},
			&memory->head, SIZE + 1, &result),
		FAIL_USAGE);
}

static void
want_of_memory_is_told(void **state)
{
	struct audit_result result;
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r != 0; n++) {
		mem_fail_after(n, true);
		r = audit(&result);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_true(n < 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_log),
		cmocka_unit_test(altered_bytes_are_found),
		cmocka_unit_test(missing_files_and_other_heads),
		cmocka_unit_test(want_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
