/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "store/station.h"
#include "sys/disk.h"
#include "sys/harden.h"
#include "sys/landlock.h"
#include "sys/sandbox.h"
#include "valised/role.h"

/*
 * A child becomes a role, as the role itself does it, and tries what whoever has taken it over
 * would try.  A try that gets what it wants is a hole.  The same tries with one lock missing,
 * or with a directory too many, must find holes: otherwise they could not find one here either.
 *
 * DIR/key, DIR/store and DIR/custody are those of a station; the parent is the test.
 */
static char dir[64], other_file[96];
static char parent_secret[] = "the passphrase of the station";
static pid_t parent_pid;

/* 1: it got what it wanted. */
typedef int try_fn(void);

static int
can_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) == 1;
}

static int
try_key_file(void)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/key", dir);
	return can_read(path);
}

static int
try_other_role(void)
{
	return can_read(other_file);
}

static int
try_passwd(void)
{
	return can_read("/etc/passwd");
}

static int
try_write_outside(void)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/planted", dir);
	return open(path, O_WRONLY | O_CREAT, 0600) >= 0;
}

static int
try_own_memory(void)
{
	return open("/proc/self/mem", O_RDWR) >= 0;
}

static int
try_list_root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static int
try_listen(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && bind(fd, (const struct sockaddr *)&a, sizeof a) == 0 &&
		listen(fd, 1) == 0;
}

static int
try_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static int
try_raw_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static int
try_thread(void)
{
	return syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0) >= 0;
}

static int
try_exec(void)
{
	char *const argv[] = {(char[]){"true"}, NULL};

	/* Exec replaces the child: status 0 instead of ours means that it went through. */
	(void)execv("/bin/true", argv);
	return 0;
}

static int
try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, parent_pid, NULL, NULL) == 0;
}

static int
try_signal(void)
{
	return kill(parent_pid, 0) == 0;
}

static int
try_read_parent(void)
{
	char copy[sizeof parent_secret];
	struct iovec here = {copy, sizeof copy}, there = {parent_secret, sizeof copy};

	return process_vm_readv(parent_pid, &here, 1, &there, 1, 0) > 0;
}

static int
try_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static int
try_make_code(void)
{
	void *p = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static int
try_link_out(void)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/link", dir);
	return symlink("/etc/passwd", path) == 0;
}

static int
try_new_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static int
try_more_descriptors(void)
{
	struct rlimit limit = {1 << 16, 1 << 16};

	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static int
try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static int
try_ring(void)
{
	char params[256] = {0};

	return syscall(SYS_io_uring_setup, 1, params) >= 0;
}

static int
try_pidfd(void)
{
	return syscall(SYS_pidfd_open, parent_pid, 0) >= 0;
}

static const struct {
	const char *name;
	try_fn *attempt;
} tries[] = {
	{"read the key file", try_key_file},
	{"read another role's files", try_other_role},
	{"read /etc/passwd", try_passwd},
	{"write in the station's directory", try_write_outside},
	{"open its own memory", try_own_memory},
	{"list the root", try_list_root},
	{"listen on a port", try_listen},
	{"make a Unix socket", try_unix_socket},
	{"make a netlink socket", try_raw_socket},
	{"fork", try_fork},
	{"clone", try_thread},
	{"run a program", try_exec},
	{"trace the parent", try_ptrace},
	{"signal the parent", try_signal},
	{"read the parent's memory", try_read_parent},
	{"map code", try_code},
	{"make memory executable", try_make_code},
	{"link to a file outside", try_link_out},
	{"enter a namespace", try_new_namespace},
	{"raise a limit", try_more_descriptors},
	{"become dumpable", try_dumpable},
	{"set up a ring", try_ring},
	{"open the parent's pidfd", try_pidfd},
};

enum { TRIES = sizeof tries / sizeof tries[0], HOLE = 41, DENIED = 42 };

/* How the child locks itself in. */
typedef int lock_fn(void);

static int
lock_front(void)
{
	return sandbox_enter(SANDBOX_FRONT);
}

static int
lock_below(enum sandbox_profile profile, const char *name)
{
	char path[96];
	const char *const dirs[] = {path};

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return sandbox_enter_below(profile, dirs, 1);
}

static int
lock_store(void)
{
	return lock_below(SANDBOX_STORE, "store");
}

static int
lock_custody(void)
{
	return lock_below(SANDBOX_CUSTODY, "custody");
}

/* Planted: the second lock is missing, or a directory is too high. */
static int
lock_without_filter(void)
{
	struct landlock_plan plan = {.dirs_count = 0};
	int r = harden_no_new_privs();

	return r != 0 ? r : landlock_enter(&plan);
}

static int
lock_too_high(void)
{
	const char *const dirs[] = {dir};

	return sandbox_enter_below(SANDBOX_STORE, dirs, 1);
}

static int
status_of(lock_fn *lock, size_t i)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (lock() != 0)
			_exit(1);
		_exit(tries[i].attempt() == 1 ? HOLE : DENIED);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Which tries get what they want. */
static size_t
count_holes(lock_fn *lock, bool is_told)
{
	size_t holes = 0;

	for (size_t i = 0; i < TRIES; i++) {
		int status = status_of(lock, i);

		/* Killed, or refused; anything else went through. */
		if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) ||
			(WIFEXITED(status) && WEXITSTATUS(status) == DENIED))
			continue;
		assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 1);
		if (is_told)
			print_message("hole: %s (status %x)\n", tries[i].name,
				(unsigned)status);
		holes++;
	}
	return holes;
}

static void
name_other(const char *name)
{
	(void)snprintf(other_file, sizeof other_file, "%s/%s/secret", dir, name);
}

static void
test_front(void **state)
{
	(void)state;
	name_other("store");
	assert_int_equal(count_holes(lock_front, true), 0);
}

static void
test_store(void **state)
{
	(void)state;
	name_other("custody");
	assert_int_equal(count_holes(lock_store, true), 0);
}

static void
test_custody(void **state)
{
	(void)state;
	name_other("store");
	assert_int_equal(count_holes(lock_custody, true), 0);
}

static void
test_planted_holes(void **state)
{
	size_t holes;

	(void)state;
	name_other("custody");
	holes = count_holes(lock_too_high, false);
	/* The key, the other role's file, and writing: exactly what the directory gives. */
	assert_int_equal(holes, 3);
	holes = count_holes(lock_without_filter, false);
	assert_true(holes >= 8);
}

/* What a role does every day goes through: otherwise the locks above prove nothing. */
static int
work(lock_fn *lock, try_fn *day)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (lock() != 0)
			_exit(1);
		_exit(day());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
day_of_store(void)
{
	struct db *db = NULL;
	struct buf bytes;
	char path[128];
	int r;

	(void)snprintf(path, sizeof path, "%s/store/station.db", dir);
	if (station_open(db_sqlite(), path, 1000, &db) != 0 || db_begin(db) != 0 ||
		db_commit(db) != 0)
		return 2;
	db_close(db);
	(void)snprintf(path, sizeof path, "%s/store/chunks/ab", dir);
	if (disk_make_private_dir(path) != 0)
		return 3;
	(void)snprintf(path, sizeof path, "%s/store/chunks/ab/0", dir);
	if (disk_write_small(path, "one", 3, true) != 0 ||
		disk_write_small(path, "two", 3, true) != 0)
		return 4;
	buf_init(&bytes, 100);
	r = disk_read_small(path, 100, &bytes);
	buf_done(&bytes);
	disk_unlink(AT_FDCWD, path);
	return r == 0 && !disk_is_there(path) ? 0 : 5;
}

static int
day_of_front(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 2;
	/* Nobody listens there; that we may ask is what counts. */
	if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0 ||
		errno != ECONNREFUSED)
		return 3;
	return close(fd) == 0 ? 0 : 4;
}

static void
test_daily_work(void **state)
{
	(void)state;
	assert_int_equal(work(lock_store, day_of_store), 0);
	assert_int_equal(work(lock_front, day_of_front), 0);
}

static void
make(const char *name, bool is_dir)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if (is_dir)
		assert_int_equal(mkdir(path, 0700), 0);
	else
		assert_int_equal(disk_write_small(path, "secret", 6, true), 0);
}

static int
set_up(void **state)
{
	(void)state;
	if (landlock_abi() < 1) {
		print_message("SKIP: this kernel has no Landlock\n");
		return -1;
	}
	parent_pid = getpid();
	(void)snprintf(dir, sizeof dir, "/tmp/valise-locks-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(crypto_init(), 0);
	make("key", false);
	make("store", true);
	make("store/chunks", true);
	make("store/secret", false);
	make("custody", true);
	make("custody/secret", false);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = {"key", "planted", "link", "store/secret",
		"store/station.db", "store/station.db-wal", "store/station.db-shm",
		"store/station.db-journal", "custody/secret", "store/chunks/ab",
		"store/chunks", "store", "custody", ""};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (unlink(path) != 0)
			(void)rmdir(path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_front),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_custody),
		cmocka_unit_test(test_planted_holes),
		cmocka_unit_test(test_daily_work),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
