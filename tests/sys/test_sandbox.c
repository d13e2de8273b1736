/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/harden.h"
#include "sys/sandbox.h"
#include "crypto/crypto.h"
#include "crypto/secret.h"

/*
 * A child locks itself in and tries one forbidden thing.  It must die of SIGSYS at that very
 * call.  The same probes without the sandbox must come back alive (the planted hole): otherwise
 * a probe that dies for another reason would pass as a lock.
 */

static void
probe_open(void)
{
	(void)open("/etc/passwd", O_RDONLY);
}

static void
probe_create(void)
{
	(void)open("/tmp/valise-probe", O_WRONLY | O_CREAT, 0600);
}

static void
probe_socket_inet(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
probe_socket_unix(void)
{
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
probe_connect(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};

	(void)connect(0, (const struct sockaddr *)&a, sizeof a);
}

static void
probe_exec(void)
{
	char *const argv[] = {NULL};

	(void)execve("/nowhere", argv, argv);
}

static void
probe_fork(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
probe_ptrace(void)
{
	(void)ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static void
probe_kill(void)
{
	(void)kill(getppid(), 0);
}

static void
probe_map_executable(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
probe_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static void
probe_unlink(void)
{
	(void)unlink("/nowhere");
}

static void
probe_rename(void)
{
	(void)rename("/nowhere", "/nowhere-else");
}

static void
probe_chmod(void)
{
	(void)chmod("/nowhere", 0777);
}

static void
probe_ioctl(void)
{
	(void)ioctl(0, TIOCSTI, "x");
}

static void
probe_setuid(void)
{
	if (setuid(getuid()) != 0)
		return;
}

static void
probe_unshare(void)
{
	(void)unshare(CLONE_FS);
}

static void
probe_raise_limit(void)
{
	const struct rlimit limit = {16, 16};

	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct {
	const char *name;
	void (*run)(void);
} probes[] = {
	{"open", probe_open},
	{"create", probe_create},
	{"socket inet", probe_socket_inet},
	{"socket unix", probe_socket_unix},
	{"connect", probe_connect},
	{"exec", probe_exec},
	{"fork", probe_fork},
	{"ptrace", probe_ptrace},
	{"kill", probe_kill},
	{"map executable", probe_map_executable},
	{"make executable", probe_make_executable},
	{"unlink", probe_unlink},
	{"rename", probe_rename},
	{"chmod", probe_chmod},
	{"ioctl", probe_ioctl},
	{"setuid", probe_setuid},
	{"unshare", probe_unshare},
	{"setrlimit", probe_raise_limit},
};

enum { OPEN = -1, LIVED = 42, NO_LOCK = 43 };

/* The status of a child that runs a probe under a profile, or under none (OPEN). */
static int
status_of(int profile, void (*run)(void))
{
	const struct rlimit none = {0, 0};
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &none);
		if (profile != OPEN && sandbox_enter((enum sandbox_profile)profile) != 0)
			_exit(NO_LOCK);
		run();
		_exit(LIVED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
test_forbidden(void **state)
{
	static const enum sandbox_profile profiles[] = {SANDBOX_AGENT, SANDBOX_UNPACK};

	(void)state;
	for (size_t p = 0; p < sizeof profiles / sizeof profiles[0]; p++)
		for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
			int status = status_of((int)profiles[p], probes[i].run);

			/* Refused there, not killed: see test_unpack_opens_nothing(). */
			if (profiles[p] == SANDBOX_UNPACK &&
				(probes[i].run == probe_open ||
					probes[i].run == probe_create))
				continue;
			if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
				fail_msg("%s: not killed (status %#x)", probes[i].name,
					(unsigned)status);
		}
}

/* Foreign libraries may ask for files; they get none. */
static void
try_files(void)
{
	struct stat st;

	if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
		_exit(1);
	if (open("/tmp/valise-probe", O_WRONLY | O_CREAT, 0600) >= 0)
		_exit(2);
	if (stat("/etc/passwd", &st) == 0 || access("/etc/passwd", R_OK) == 0)
		_exit(3);
	if (fstat(0, &st) != 0)
		_exit(4);
}

static void
test_unpack_opens_nothing(void **state)
{
	int status;

	(void)state;
	status = status_of(SANDBOX_UNPACK, try_files);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), LIVED);
	/* Planted: without the lock the same child sees the file. */
	status = status_of(OPEN, try_files);
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
test_probes_live_without_lock(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
		int status = status_of(OPEN, probes[i].run);

		if (!WIFEXITED(status) || WEXITSTATUS(status) != LIVED)
			fail_msg("%s: the probe itself ends the process", probes[i].name);
	}
	(void)unlink("/tmp/valise-probe");
}

/* What the agent does all day must go on. */
static void
work(void)
{
	struct secret *s = NULL;
	char *memory = NULL;

	if (secret_new(64, &s) != 0 || mem_new(&memory, 1 << 22) != 0)
		_exit(1);
	memory[1 << 20] = 1;
	secret_free(s);
	mem_free(memory);
	if (write(1, "", 0) != 0)
		_exit(1);
}

static void
test_work_goes_on(void **state)
{
	int status;

	(void)state;
	status = status_of(SANDBOX_AGENT, work);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), LIVED);
}

static void
dump_check(void)
{
	struct rlimit core;

	if (harden_process() != 0 || getrlimit(RLIMIT_CORE, &core) != 0 ||
		core.rlim_max != 0 || umask(0) != 077 ||
		signal(SIGPIPE, SIG_DFL) != SIG_IGN)
		_exit(1);
	abort();
}

static void
test_no_core_dump(void **state)
{
	int status;

	(void)state;
	status = status_of(OPEN, dump_check);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

static void
close_check(void)
{
	int a = open("/dev/null", O_RDONLY), b = dup(a), c = dup(a);
	const int keep[] = {2, b, -1, 1};

	if (harden_close_others(keep, sizeof keep / sizeof keep[0]) != 0 ||
		fcntl(a, F_GETFD) >= 0 || fcntl(b, F_GETFD) < 0 ||
		fcntl(c, F_GETFD) >= 0 || fcntl(0, F_GETFD) >= 0 || fcntl(1, F_GETFD) < 0)
		_exit(1);
}

static void
test_close_others(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(status_of(OPEN, close_check)), LIVED);
}

static void
limit_check(void)
{
	struct rlimit limit;

	if (harden_limit(HARDEN_DESCRIPTORS, 20) != 0 ||
		harden_limit(HARDEN_DESCRIPTORS, 40) != 0 ||
		getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max != 20 ||
		limit.rlim_cur != 20)
		_exit(1);
}

static void
test_limits_only_fall(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(status_of(OPEN, limit_check)), LIVED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_unpack_opens_nothing),
		cmocka_unit_test(test_probes_live_without_lock),
		cmocka_unit_test(test_work_goes_on),
		cmocka_unit_test(test_no_core_dump),
		cmocka_unit_test(test_close_others),
		cmocka_unit_test(test_limits_only_fall),
	};

	if (crypto_init() != 0 || sandbox_landlock_abi() < 1) {
		print_message("SKIP: this kernel has no Landlock\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
