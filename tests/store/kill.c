/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill: a writer on a real disk, killed with SIGKILL again and again; after each kill the
 * database opens, and what the writer had acknowledged is there.
 *
 *   kill [COUNT]      200 kills by default; exit 1 when a row is lost
 *   kill --early      the writer acknowledges before it commits: must be noticed (exit 0)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "store/station.h"

enum { ROW = 512, KILLS = 200, WAIT_US_MAX = 30000 };

/* Tell every number through the pipe, after the commit. */
static void
write_until_killed(const char *path, uint64_t n, int fd, bool is_early)
{
	struct db *db = NULL;

	if (station_open(db_sqlite(), path, 1, &db) != 0)
		_exit(2);
	for (;; n++) {
		if (is_early && write(fd, &n, sizeof n) != sizeof n)
			_exit(2);
		if (load_put(db, n, ROW) != 0)
			_exit(2);
		if (!is_early && write(fd, &n, sizeof n) != sizeof n)
			_exit(2);
	}
}

/* *acked is how many were told of so far. */
static void
run_and_kill(const char *path, uint64_t first, bool is_early, uint64_t *acked)
{
	struct timespec wait = {.tv_nsec = (1 + random() % WAIT_US_MAX) * 1000};
	int fds[2], status = 0;
	uint64_t n;
	pid_t pid;

	CHECK(pipe(fds) == 0);
	CHECK((pid = fork()) >= 0);
	if (pid == 0)
		write_until_killed(path, first, fds[1], is_early);
	(void)close(fds[1]);
	(void)nanosleep(&wait, NULL);
	(void)kill(pid, SIGKILL);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	while (read(fds[0], &n, sizeof n) == sizeof n)
		*acked = n + 1;
	(void)close(fds[0]);
}

/* The next number that is free: one may have been committed and not told. */
static bool
check(const char *path, uint64_t acked, uint64_t *ret_next)
{
	struct db *db = NULL;
	bool is_right;

	if (station_open(db_sqlite(), path, 1, &db) != 0)
		return false;
	is_right = load_is_right(db, acked, acked + 1, ROW);
	*ret_next = acked;
	if (is_right && load_put(db, acked, ROW) != FAIL_IO)
		*ret_next = acked + 1;
	db_close(db);
	return is_right;
}

static void
clean(const char *dir, const char *path)
{
	char log[64];

	(void)unlink(path);
	(void)snprintf(log, sizeof log, "%s-wal", path);
	(void)unlink(log);
	(void)rmdir(dir);
}

int
main(int argc, char **argv)
{
	const bool is_early = argc > 1 && strcmp(argv[1], "--early") == 0;
	const long kills = argc > 1 && !is_early ? strtol(argv[1], NULL, 10) : KILLS;
	char dir[] = "/tmp/valise-kill-XXXXXX", path[40];
	uint64_t acked = 0, next = 0;
	bool is_right = true;
	long i;

	srandom(1);
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/db", dir);
	for (i = 0; i < kills && is_right; i++) {
		run_and_kill(path, next, is_early, &acked);
		is_right = check(path, acked, &next);
		acked = next;
	}
	clean(dir, path);
	(void)printf("%ld kills, %llu transactions acknowledged, %s\n", i,
		(unsigned long long)acked, is_right ? "none lost" : "LOST");
	return is_right == is_early;
}
