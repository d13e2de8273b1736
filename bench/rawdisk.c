/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rawdisk: what the disk alone can do: batches of records into a preallocated file, one thread,
 * one fdatasync a batch.
 *
 *   rawdisk DIR BYTES BATCH [SECONDS]     records of BYTES, BATCH of them before each sync (2 s)
 *
 * The bytes are random, so that no disk makes them small.  Prints records a second.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 512 << 20, PATH_LEN = 1024 };

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fill_random(unsigned char *p, size_t len)
{
	unsigned long long x = 88172645463325252ULL;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (unsigned char)x;
	}
}

/* Written once before, so that no block is allocated while it is measured. */
static int
preallocate(int fd, const unsigned char *bytes, size_t len)
{
	for (size_t at = 0; at + len <= FILE_MAX; at += len)
		if (pwrite(fd, bytes, len, (off_t)at) != (ssize_t)len)
			return -1;
	return fdatasync(fd);
}

static double
measure(int fd, const unsigned char *bytes, size_t len, double seconds)
{
	const double begun = now();
	unsigned long syncs = 0;
	size_t at = 0;

	do {
		if (at + len > FILE_MAX)
			at = 0;
		if (pwrite(fd, bytes, len, (off_t)at) != (ssize_t)len ||
			fdatasync(fd) != 0)
			return -1;
		at += len;
		syncs++;
	} while (now() - begun < seconds);
	return (double)syncs / (now() - begun);
}

int
main(int argc, char **argv)
{
	char path[PATH_LEN];
	unsigned char *bytes;
	size_t len, batch;
	double rate = -1;
	int fd;

	if (argc < 4 || (len = strtoul(argv[2], NULL, 10)) == 0 ||
		(batch = strtoul(argv[3], NULL, 10)) == 0 || len * batch > FILE_MAX ||
		strlen(argv[1]) > PATH_LEN - 32) {
		(void)fputs("usage: rawdisk DIR BYTES BATCH [SECONDS]\n", stderr);
		return 2;
	}
	(void)snprintf(path, sizeof path, "%s/rawdisk.bytes", argv[1]);
	bytes = malloc(len * batch);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (bytes != NULL && fd >= 0) {
		fill_random(bytes, len * batch);
		if (preallocate(fd, bytes, len * batch) == 0)
			rate = measure(fd, bytes, len * batch,
				argc > 4 ? strtod(argv[4], NULL) : 2);
	}
	if (fd >= 0) {
		(void)close(fd);
		(void)unlink(path);
	}
	free(bytes);
	if (rate < 0) {
		(void)fprintf(stderr, "rawdisk: cannot write in %s\n", argv[1]);
		return 1;
	}
	(void)printf("%.1f\n", rate * (double)batch);
	return 0;
}
