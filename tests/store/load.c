/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <stdio.h>
#include <string.h>

#include "store/objects.h"

static const char kind[] = "load";

static void
fill(uint64_t n, size_t i, uint8_t *ret_ptr, size_t len)
{
	uint64_t x = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) + i;
	size_t at;

	for (at = 0; at < len; at++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		ret_ptr[at] = (uint8_t)x;
	}
}

int
load_rows(struct db *db, uint64_t n, size_t row_len)
{
	static uint8_t bytes[LOAD_ROW_MAX];
	struct objects_signed object = {
		.kind = rd_of(kind, sizeof kind - 1), .hash = bytes};
	size_t i;
	int r;

	for (i = 0; i < LOAD_ROWS; i++) {
		fill(n, i, bytes, row_len);
		object.bytes = rd_of(bytes, row_len);
		object.kept_s = n;
		if ((r = objects_put_signed(db, &object)) != 0)
			return r;
	}
	return 0;
}

int
load_put(struct db *db, uint64_t n, size_t row_len)
{
	int r;

	if ((r = db_begin(db)) != 0)
		return r;
	if ((r = load_rows(db, n, row_len)) != 0) {
		db_abort(db);
		return r;
	}
	return db_commit(db);
}

/* How many rows of n are there; -1 when one is not what was written. */
static int
count_rows(struct db *db, uint64_t n, size_t row_len)
{
	static uint8_t bytes[LOAD_ROW_MAX];
	struct buf out;
	int count = 0, r;
	size_t i;

	buf_init(&out, LOAD_ROW_MAX);
	for (i = 0; i < LOAD_ROWS && count >= 0; i++) {
		fill(n, i, bytes, row_len);
		buf_clear(&out);
		r = objects_get_signed(db, rd_of(kind, sizeof kind - 1), bytes, &out);
		if (r == 0 && out.len == row_len && memcmp(out.data, bytes, row_len) == 0)
			count++;
		else if (r != FAIL_ABSENT)
			count = -1;
	}
	buf_done(&out);
	return count;
}

bool
load_is_right(struct db *db, uint64_t acked, uint64_t tried, size_t row_len)
{
	uint64_t n;
	int count;

	for (n = 0; n < tried; n++) {
		count = count_rows(db, n, row_len);
		if (count == LOAD_ROWS || (count == 0 && n >= acked))
			continue;
		(void)fprintf(stderr,
			"transaction %llu of %llu acknowledged: %d of %d rows\n",
			(unsigned long long)n, (unsigned long long)acked, count,
			LOAD_ROWS);
		return false;
	}
	return count_rows(db, tried, row_len) == 0;
}
