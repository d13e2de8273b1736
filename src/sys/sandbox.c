/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "sys/harden.h"
#include "sys/landlock.h"

/*
 * Landlock first: it needs system calls that the filter then takes away.  The filter comes
 * last, and nothing can be taken back after it.
 */

/* A call that is allowed; with a mask, only if (argument & mask) == value. */
struct allowed {
	int number;
	unsigned argument;
	uint64_t mask, value;
};

#define ALLOW(name)                                                                      \
	{                                                                                \
		SCMP_SYS(name), 0, 0, 0                                                  \
	}
#define ALLOW_IF(name, arg, mask, is)                                                    \
	{                                                                                \
		SCMP_SYS(name), (arg), (mask), (is)                                      \
	}

/* gcc says it by a macro, clang by a question. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif

/* Memory, time, locks and the end: what the C library needs for itself. */
static const struct allowed common[] = {
	ALLOW(read),
	ALLOW(write),
	ALLOW(close),
	ALLOW(brk),
	/* Never executable: injected bytes stay bytes. */
	ALLOW_IF(mmap, 2, PROT_EXEC, 0),
	ALLOW_IF(mprotect, 2, PROT_EXEC, 0),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(futex),
	ALLOW(clock_gettime),
	ALLOW(gettimeofday),
	ALLOW(getrandom),
	ALLOW(rt_sigreturn),
	ALLOW(rt_sigprocmask),
	ALLOW(restart_syscall),
	ALLOW(exit),
	ALLOW(exit_group),
#if defined(UNDER_SANITIZER)
	/* Test builds only: what AddressSanitizer does at the end of a process. */
	ALLOW(sigaltstack),
#endif
};

static const struct allowed agent[] = {
	ALLOW(poll),
	ALLOW(ppoll),
	ALLOW(accept4),
	ALLOW_IF(getsockopt, 2, UINT32_MAX, SO_PEERCRED),
	ALLOW(geteuid),
	/* Guarded memory is unlocked before it is given back. */
	ALLOW(mlock),
	ALLOW(munlock),
};

static const struct allowed unpack[] = {
	ALLOW(lseek),
	ALLOW(pread64),
	ALLOW(fstat),
	/* The C library's fstat(); Landlock leaves no path to look at with it. */
	ALLOW_IF(newfstatat, 3, UINT32_MAX, 0x1000 /* AT_EMPTY_PATH */),
	ALLOW(sched_yield),
	ALLOW(getpid),
	ALLOW(gettid),
	ALLOW(getrusage),
	ALLOW(times),
	/* A malloc() that gives up aborts; the parent shall see that signal and no other. */
	ALLOW(tgkill),
};

/*
 * Foreign libraries try files (charset tables, fonts, CPU counts) and live without them.  They
 * are told no instead of being killed; Landlock has no path for them either.
 */
static const struct allowed unpack_refused[] = {
	ALLOW(open),
	ALLOW(openat),
	ALLOW(access),
	ALLOW(faccessat),
	ALLOW(faccessat2),
	ALLOW(stat),
	ALLOW(lstat),
	ALLOW_IF(newfstatat, 3, 0x1000, 0),
	ALLOW(statx),
	ALLOW(readlink),
	ALLOW(readlinkat),
	ALLOW(getcwd),
	ALLOW(fcntl),
	ALLOW(uname),
	ALLOW(sysinfo),
	ALLOW(sched_getaffinity),
	ALLOW(getuid),
	ALLOW(geteuid),
	ALLOW(getgid),
	ALLOW(getegid),
};

/* A role of a station: a loop over descriptors that are open, and guarded memory.  sysinfo is
 * asked by the C library's qsort(). */
#define ALLOW_LOOP                                                                       \
	ALLOW(epoll_wait), ALLOW(epoll_pwait), ALLOW(epoll_pwait2), ALLOW(epoll_ctl),    \
		ALLOW(readv), ALLOW(writev), ALLOW(mlock), ALLOW(mlock2),                \
		ALLOW(munlock), ALLOW(getpid), ALLOW(gettid), ALLOW(geteuid),            \
		ALLOW(sysinfo), ALLOW(sched_yield), ALLOW(nanosleep),                    \
		ALLOW(clock_nanosleep)

/* Connections in and out, of TCP and to name servers; how they are set up and ended. */
static const struct allowed front[] = {
	ALLOW_LOOP,
	ALLOW(accept4),
	ALLOW_IF(socket, 0, UINT32_MAX, AF_INET),
	ALLOW_IF(socket, 0, UINT32_MAX, AF_INET6),
	ALLOW(connect),
	ALLOW(getsockname),
	ALLOW(getpeername),
	ALLOW_IF(getsockopt, 1, UINT32_MAX, SOL_SOCKET),
	ALLOW(setsockopt),
	ALLOW(shutdown),
	ALLOW(sendto),
	ALLOW(recvfrom),
	ALLOW(sendmsg),
	ALLOW(recvmsg),
	ALLOW(ioctl),
	ALLOW_IF(fcntl, 1, UINT32_MAX, F_GETFL),
	ALLOW_IF(fcntl, 1, UINT32_MAX, F_SETFL),
	ALLOW_IF(fcntl, 1, UINT32_MAX, F_SETFD),
	ALLOW_IF(fcntl, 1, UINT32_MAX, F_GETFD),
};

/* Files below the role's directories, as Landlock has it, and nothing that leads elsewhere. */
static const struct allowed files[] = {
	ALLOW_LOOP,
	ALLOW(openat),
	ALLOW(open),
	ALLOW(pread64),
	ALLOW(pwrite64),
	ALLOW(lseek),
	ALLOW(fstat),
	ALLOW(stat),
	ALLOW(lstat),
	ALLOW(newfstatat),
	ALLOW(statx),
	ALLOW(access),
	ALLOW(faccessat),
	ALLOW(faccessat2),
	ALLOW(fcntl),
	ALLOW(ftruncate),
	ALLOW(fallocate),
	ALLOW(fadvise64),
	ALLOW(sync_file_range),
	ALLOW(fsync),
	ALLOW(fdatasync),
	ALLOW(unlink),
	ALLOW(unlinkat),
	ALLOW(rename),
	ALLOW(renameat),
	ALLOW(renameat2),
	ALLOW(mkdir),
	ALLOW(mkdirat),
	ALLOW(rmdir),
	ALLOW(linkat),
	ALLOW(getdents64),
	ALLOW(getcwd),
	ALLOW(statfs),
	ALLOW(fstatfs),
	ALLOW(readlink),
	ALLOW(fchmod),
	ALLOW(utimensat),
	ALLOW(uname),
};

/* SQLite gives its files to the owner of the database when root runs it, and lives without. */
static const struct allowed files_refused[] = {
	ALLOW(fchown),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const struct allowed *calls;
	size_t count;
	const struct allowed *refused;
	size_t refused_count;
} profiles[] = {
	[SANDBOX_AGENT] = {agent, COUNT(agent), NULL, 0},
	[SANDBOX_UNPACK] = {unpack, COUNT(unpack), unpack_refused, COUNT(unpack_refused)},
	[SANDBOX_FRONT] = {front, COUNT(front), NULL, 0},
	[SANDBOX_STORE] = {files, COUNT(files), files_refused, COUNT(files_refused)},
	[SANDBOX_CUSTODY] = {files, COUNT(files), files_refused, COUNT(files_refused)},
};

static int
add_rules(scmp_filter_ctx ctx, uint32_t action, const struct allowed *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct allowed *c = &calls[i];
		struct scmp_arg_cmp only = {
			c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value};
		unsigned conditions = c->mask != 0 ? 1 : 0;

		if (seccomp_rule_add_array(ctx, action, c->number, conditions, &only) !=
			0)
			return FAIL_UNSUPPORTED;
	}
	return 0;
}

static int
enter_seccomp(enum sandbox_profile profile)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (ctx == NULL)
		return FAIL_UNSUPPORTED;
	/* Another architecture's numbers (32 bits, x32) mean other calls: death as well. */
	if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) {
		r = FAIL_UNSUPPORTED;
		goto out;
	}
	if ((r = add_rules(ctx, SCMP_ACT_ALLOW, common, COUNT(common))) != 0 ||
		(r = add_rules(ctx, SCMP_ACT_ALLOW, profiles[profile].calls,
			 profiles[profile].count)) != 0 ||
		(r = add_rules(ctx, SCMP_ACT_ERRNO(EACCES), profiles[profile].refused,
			 profiles[profile].refused_count)) != 0)
		goto out;
	if (seccomp_load(ctx) != 0)
		r = FAIL_UNSUPPORTED;
out:
	seccomp_release(ctx);
	return r;
}

int
sandbox_landlock_abi(void)
{
	return landlock_abi();
}

int
sandbox_enter_below(
	enum sandbox_profile profile, const char *const *dirs, size_t dirs_count)
{
	struct landlock_plan plan = {.dirs = dirs,
		.dirs_count = dirs_count,
		.has_network = profile == SANDBOX_FRONT};
	int r;

	CHECK((size_t)profile < COUNT(profiles));
	CHECK(dirs_count == 0 || profile == SANDBOX_STORE || profile == SANDBOX_CUSTODY);
	if ((r = harden_no_new_privs()) != 0 || (r = landlock_enter(&plan)) != 0)
		return r;
	return enter_seccomp(profile);
}

int
sandbox_enter(enum sandbox_profile profile)
{
	return sandbox_enter_below(profile, NULL, 0);
}
