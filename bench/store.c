/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: durable accepts a second: rows of 512 bytes in transactions of 1, 16, 64 and 256,
 * against a file to which the same bytes are appended with one fdatasync for each batch.
 *
 *   store DIR [SECONDS]        DIR on the disk to be measured; 2 s for each figure
 *
 * Both are measured in turns, so that a busy machine is busy for both.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/objects.h"
#include "store/station.h"

enum { ROW = 512, TURNS = 4, PATH_LEN = 512 };

static uint64_t number;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Hashes are random in life; numbers that only rise would flatter the index. */
static void
next_row(uint8_t row[ROW])
{
	uint64_t x = ++number * UINT64_C(0x9e3779b97f4a7c15);
	size_t i;

	for (i = 0; i < ROW; i += sizeof x) {
		x ^= x >> 31;
		x *= UINT64_C(0xbf58476d1ce4e5b9);
		memcpy(row + i, &x, sizeof x);
	}
}

static void
put_batch(struct db *db, unsigned batch)
{
	uint8_t row[ROW];
	const struct objects_signed object = {.kind = rd_of("send", 4),
		.hash = row,
		.bytes = rd_of(row, ROW),
		.kept_s = 1};
	unsigned i;

	CHECK(db_begin(db) == 0);
	for (i = 0; i < batch; i++) {
		next_row(row);
		CHECK(objects_put_signed(db, &object) == 0);
	}
	CHECK(db_commit(db) == 0);
}

static void
append_batch(int fd, unsigned batch)
{
	static uint8_t rows[256 * ROW];
	unsigned i;

	for (i = 0; i < batch; i++)
		next_row(rows + (size_t)i * ROW);
	CHECK(write(fd, rows, (size_t)batch * ROW) == (ssize_t)batch * ROW);
	CHECK(fdatasync(fd) == 0);
}

/* Rows a second of one turn; the database when there is one, else the file. */
static double
turn(struct db *db, int fd, unsigned batch, double seconds)
{
	const double start = now();
	unsigned long rows = 0;

	do {
		if (db != NULL)
			put_batch(db, batch);
		else
			append_batch(fd, batch);
		rows += batch;
	} while (now() - start < seconds);
	return (double)rows / (now() - start);
}

static void
measure(struct db *db, int fd, unsigned batch, double seconds)
{
	double rows = 0, raw = 0;
	int i;

	for (i = 0; i < TURNS; i++) {
		rows += turn(db, -1, batch, seconds / TURNS) / TURNS;
		raw += turn(NULL, fd, batch, seconds / TURNS) / TURNS;
	}
	(void)printf("%5u %12.0f %12.0f %8.2f\n", batch, rows, raw, rows / raw);
}

int
main(int argc, char **argv)
{
	static const unsigned batches[] = {1, 16, 64, 256};
	const double seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
	char path[PATH_LEN], raw[PATH_LEN];
	struct db *db = NULL;
	size_t i;
	int fd;

	if (argc < 2 || strlen(argv[1]) > PATH_LEN - 32) {
		(void)fputs("usage: store DIR [SECONDS]\n", stderr);
		return 2;
	}
	(void)snprintf(path, sizeof path, "%s/bench-store.db", argv[1]);
	(void)snprintf(raw, sizeof raw, "%s/bench-store.raw", argv[1]);
	if ((fd = open(raw, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600)) <
			0 ||
		station_open(db_sqlite(), path, 1, &db) != 0) {
		(void)fprintf(stderr, "store: cannot make files in %s\n", argv[1]);
		return 1;
	}
	(void)printf("batch       rows/s   file rows/s    ratio\n");
	for (i = 0; i < sizeof batches / sizeof batches[0]; i++)
		measure(db, fd, batches[i], seconds);
	db_close(db);
	(void)close(fd);
	(void)unlink(path);
	(void)unlink(raw);
	return 0;
}
