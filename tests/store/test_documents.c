/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "rows.h"
#include "store/chunks.h"
#include "sys/disk.h"

/*
 * Documents and their chunks.  The chunks of test_big are files of a real directory; there a
 * crash between file and row, and every failing call of the disk, are tried.
 */
enum { MIB = 1 << 20, TAIL = 5 };

static char dir[64];
static uint8_t id_a[CORE_DOCUMENT_ID_LEN], id_b[CORE_DOCUMENT_ID_LEN];
static uint8_t bytes[MIB];

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
make_dir(void **ctx)
{
	(void)ctx;
	(void)snprintf(dir, sizeof dir, "/tmp/valise-chunks-XXXXXX");
	assert_non_null(mkdtemp(dir));
	rows_id(1, id_a);
	rows_id(2, id_b);
	return 0;
}

static int
remove_dir(void **ctx)
{
	(void)ctx;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Chunk n of len bytes, all n. */
static int
put_chunk(struct db *db, uint64_t n, size_t len)
{
	const struct chunks c = {.db = db, .dir = dir};
	uint8_t hash[HASH_LEN];

	memset(bytes, (int)n, sizeof bytes);
	hash_sha256(bytes, len, hash);
	return chunks_put(&c, id_a,
		&(struct chunks_chunk){.number = n, .hash = hash, .bytes = {bytes, len}});
}

static int
get_chunk(struct db *db, uint64_t n, size_t len)
{
	const struct chunks c = {.db = db, .dir = dir};
	uint8_t hash[HASH_LEN];
	struct buf out;
	int r;

	buf_init(&out, MIB);
	r = chunks_get(&c, id_a, n, &out, hash);
	if (r == 0) {
		assert_int_equal(out.len, len);
		assert_int_equal(out.data[len - 1], (uint8_t)n);
	}
	buf_done(&out);
	return r;
}

static size_t
missing(struct db *db, uint64_t from, uint64_t ret_numbers[4])
{
	const struct chunks_gap gap = {.from = from, .max = 4};
	size_t count = 9;

	assert_int_equal(chunks_missing(db, id_a, gap, ret_numbers, &count), 0);
	return count;
}

static void
test_small_body_lies_in_its_row(void **ctx)
{
	struct db *db = rows_open();
	struct documents_found found;
	struct buf core;

	(void)ctx;
	buf_init(&core, 100);
	assert_int_equal(rows_put_document(db, 1, 5), 0);
	assert_int_equal(rows_put_document(db, 1, 5), FAIL_EXISTS);
	assert_int_equal(documents_complete(db, id_a), FAIL_AGAIN);
	assert_int_equal(put_chunk(db, 0, 5), 0);
	assert_int_equal(put_chunk(db, 0, 5), FAIL_EXISTS);
	assert_int_equal(documents_complete(db, id_a), 0);
	assert_int_equal(get_chunk(db, 0, 5), 0);
	assert_int_equal(get_chunk(db, 1, 5), FAIL_ABSENT);
	assert_int_equal(documents_get(db, id_a, &core, &found), 0);
	rows_expect(&core, "core");
	assert_int_equal(found.state, DOCUMENTS_WHOLE);
	assert_true(found.is_ours);
	assert_int_equal(found.number, 1);
	assert_int_equal(found.urgency, PRECEDENCE_PRIORITY);
	assert_int_equal(found.expiry_s, 99);
	assert_int_equal(documents_numbered(db, 1, id_b), 0);
	assert_memory_equal(id_a, id_b, sizeof id_a);
	assert_int_equal(documents_numbered(db, 2, id_b), FAIL_ABSENT);
	rows_id(2, id_b);
	assert_int_equal(documents_get(db, id_b, NULL, &found), FAIL_ABSENT);
	assert_int_equal(documents_complete(db, id_b), FAIL_ABSENT);
	buf_done(&core);
	rows_close(db);
}

static void
test_empty_body_is_whole_at_once(void **ctx)
{
	struct db *db = rows_open();
	uint64_t numbers[4];

	(void)ctx;
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	assert_int_equal(missing(db, 0, numbers), 0);
	assert_int_equal(put_chunk(db, 0, 0), FAIL_LIMIT);
	assert_int_equal(documents_complete(db, id_a), 0);
	rows_close(db);
}

static void
test_chunks_come_in_any_order(void **ctx)
{
	struct db *db = rows_open();
	uint64_t numbers[4];

	(void)ctx;
	assert_int_equal(rows_put_document(db, 1, 3 * (uint64_t)MIB + TAIL), 0);
	assert_int_equal(missing(db, 0, numbers), 4);
	assert_int_equal(put_chunk(db, 1, MIB), 0);
	assert_int_equal(missing(db, 0, numbers), 3);
	assert_int_equal(numbers[0], 0);
	assert_int_equal(numbers[1], 2);
	assert_int_equal(missing(db, 2, numbers), 2);
	assert_int_equal(documents_complete(db, id_a), FAIL_AGAIN);

	/* Chunks that this document cannot have. */
	assert_int_equal(put_chunk(db, 3, TAIL + 1), FAIL_LIMIT);
	assert_int_equal(put_chunk(db, 0, MIB - 1), FAIL_LIMIT);
	assert_int_equal(put_chunk(db, 4, TAIL), FAIL_LIMIT);

	assert_int_equal(put_chunk(db, 0, MIB), 0);
	assert_int_equal(put_chunk(db, 3, TAIL), 0);
	assert_int_equal(put_chunk(db, 2, MIB), 0);
	assert_int_equal(documents_complete(db, id_a), 0);
	assert_int_equal(missing(db, 0, numbers), 0);
	assert_int_equal(get_chunk(db, 2, MIB), 0);
	assert_int_equal(get_chunk(db, 3, TAIL), 0);
	rows_close(db);
}

/* 8 GiB are numbers before they are bytes: the first and the last chunk of 8,192. */
static void
test_eight_gib(void **ctx)
{
	const uint64_t len = (UINT64_C(8) << 30) + TAIL;
	struct db *db = rows_open();
	uint64_t numbers[4];

	(void)ctx;
	assert_int_equal(chunks_of(len), 8193);
	assert_int_equal(chunks_of(0), 0);
	assert_int_equal(chunks_of(UINT64_MAX), UINT64_C(1) << 44);
	assert_int_equal(rows_put_document(db, 1, len), 0);
	assert_int_equal(put_chunk(db, 8192, TAIL), 0);
	assert_int_equal(missing(db, 8190, numbers), 2);
	assert_int_equal(numbers[1], 8191);
	assert_int_equal(missing(db, 8192, numbers), 0);
	rows_close(db);
}

/*
 * The process is killed between file and row: the transaction is gone, the file is there.  It
 * is written again, also when it holds half of what it should.
 */
static void
test_file_without_row(void **ctx)
{
	char path[128], hex[33] = "";
	struct db *db = rows_open();
	FILE *file;
	size_t i;

	(void)ctx;
	assert_int_equal(rows_put_document(db, 1, MIB), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(put_chunk(db, 0, MIB), 0);
	db_abort(db);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(get_chunk(db, 0, MIB), FAIL_ABSENT);
	for (i = 0; i < sizeof id_a; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", id_a[i]);
	(void)snprintf(path, sizeof path, "%s/%.2s/%s/0", dir, hex, hex);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(put_chunk(db, 0, MIB), 0);
	assert_int_equal(get_chunk(db, 0, MIB), 0);

	/* A file that somebody changed, cut or took away is told from one that never came. */
	assert_non_null(file = fopen(path, "r+b"));
	assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fclose(file), 0);
	assert_int_equal(get_chunk(db, 0, MIB), FAIL_ALTERED);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(get_chunk(db, 0, MIB), FAIL_ALTERED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(get_chunk(db, 0, MIB), FAIL_ALTERED);
	rows_close(db);
}

/* Each call of the disk fails once: there is no row, and the next try is as the first. */
static void
test_disk_fails_at_every_call(void **ctx)
{
	static const int errors[] = {ENOSPC, EIO};
	struct db *db = rows_open();
	uint64_t numbers[4];
	size_t e;
	long n;
	int r;

	(void)ctx;
	assert_int_equal(rows_put_document(db, 1, MIB), 0);
	for (e = 0; e < 2; e++)
		for (n = 0, r = -1; r != 0; n++) {
			assert_int_equal(db_mark(db), 0);
			disk_fail_after(n, errors[e]);
			r = put_chunk(db, 0, MIB);
			disk_fail_never();
			assert_true(r == 0 || r == (e == 0 ? FAIL_SPACE : FAIL_IO));
			if (r != 0)
				assert_int_equal(missing(db, 0, numbers), 1);
			assert_int_equal(db_mark_undo(db), 0);
		}
	assert_true(n > 4);
	assert_int_equal(put_chunk(db, 0, MIB), 0);
	assert_int_equal(get_chunk(db, 0, MIB), 0);
	rows_close(db);
}

static void
test_part(void **ctx)
{
	struct db *db = rows_open();
	static const char *const expected[] = {"header", "end", "SEND", "enrols", "V"};
	struct buf out, field;
	struct rd in, one;
	size_t i;

	(void)ctx;
	buf_init(&out, 200);
	buf_init(&field, 200);
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	assert_int_equal(
		documents_put_send(db, id_a, rows_text("SEND"), rows_text("V")), 0);
	assert_int_equal(documents_put_send(db, id_b, rows_text("SEND"), rows_text("V")),
		FAIL_ABSENT);
	assert_int_equal(documents_get_part(db, id_a, &out), 0);
	in = rd_of(out.data, out.len);
	for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		assert_int_equal(rd_vec32(&in, 0, 100, &one), 0);
		buf_bytes(&field, one.ptr, one.len);
		rows_expect(&field, expected[i]);
	}
	assert_int_equal(rd_end(&in), 0);
	assert_int_equal(documents_get_part(db, id_b, &out), FAIL_ABSENT);
	assert_int_equal(documents_forget(db, id_a), 0);
	assert_int_equal(documents_forget(db, id_a), FAIL_ABSENT);
	assert_int_equal(documents_get_part(db, id_a, &out), FAIL_ABSENT);
	buf_done(&field);
	buf_done(&out);
	rows_close(db);
}

/* What is owed is told when its time comes, the longest waiting first, until it is done. */
static void
test_work_and_end(void **ctx)
{
	struct db *db = rows_open();
	struct documents_due due;
	uint64_t at_s = 0;

	(void)ctx;
	assert_int_equal(documents_soonest(db, &at_s), 0);
	assert_true(at_s == UINT64_MAX);
	assert_int_equal(rows_put_document(db, 1, 0), 0);
	assert_int_equal(rows_put_document(db, 2, 0), 0);
	assert_int_equal(documents_next_send(db, 1000, &due), FAIL_ABSENT);
	assert_int_equal(documents_set_work(db, id_a, DOCUMENTS_WORK_KEPT, 60), 0);
	assert_int_equal(documents_set_work(db, id_b, DOCUMENTS_WORK_SEND, 10), 0);
	assert_int_equal(documents_soonest(db, &at_s), 0);
	assert_int_equal(at_s, 10);
	assert_int_equal(documents_next_send(db, 9, &due), FAIL_ABSENT);
	assert_int_equal(documents_send_again(db, 9), 0);
	assert_int_equal(documents_next_send(db, 9, &due), 0);
	assert_memory_equal(due.document_id, id_b, sizeof id_b);
	assert_int_equal(due.work, DOCUMENTS_WORK_SEND);
	assert_int_equal(documents_set_work(db, id_b, DOCUMENTS_WORK_NONE, 0), 0);
	assert_int_equal(documents_next_send(db, 60, &due), FAIL_ABSENT);
	assert_int_equal(documents_next_kept(db, 59, &due), FAIL_ABSENT);
	assert_int_equal(documents_next_kept(db, 60, &due), 0);
	assert_int_equal(due.work, DOCUMENTS_WORK_KEPT);

	assert_int_equal(documents_next_end(db, 98, &due), FAIL_ABSENT);
	assert_int_equal(documents_next_end(db, 99, &due), 0);
	assert_int_equal(due.at_s, 99);
	assert_int_equal(documents_end(db, id_a), 0);
	assert_int_equal(documents_end(db, id_b), 0);
	assert_int_equal(documents_next_end(db, 99, &due), FAIL_ABSENT);
	rows_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_body_lies_in_its_row),
		cmocka_unit_test(test_empty_body_is_whole_at_once),
		cmocka_unit_test(test_chunks_come_in_any_order),
		cmocka_unit_test(test_eight_gib),
		cmocka_unit_test(test_file_without_row),
		cmocka_unit_test(test_disk_fails_at_every_call),
		cmocka_unit_test(test_part),
		cmocka_unit_test(test_work_and_end),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
