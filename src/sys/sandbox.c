/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/harden.h"

/*
 * Landlock first: it needs system calls that the filter then takes away.  The filter comes
 * last, and nothing can be taken back after it.  Constants of newer kernels are spelled out
 * here, because the build machine's headers may be older than the machine that runs us.
 */

/* struct landlock_ruleset_attr as of ABI 6; an older kernel takes the zeros at its end. */
struct ruleset {
	uint64_t fs, net, scoped;
};

enum {
	FS_ABI_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,	/* ABI 2 */
	FS_TRUNCATE = 1 << 14,	/* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	NET_ALL = 3,		/* ABI 4: bind and connect of TCP */
	SCOPE_ALL = 3,		/* ABI 6: abstract Unix sockets, signals */
};

int
sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		(unsigned long)LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

/* Everything that the kernel can deny is denied: the ruleset handles it and has no rule. */
static int
enter_landlock(void)
{
	int abi = sandbox_landlock_abi(), r = 0;
	struct ruleset rules = {.fs = FS_ABI_1};
	long fd;

	if (abi < 1)
		return FAIL_UNSUPPORTED;
	if (abi >= 2)
		rules.fs |= FS_REFER;
	if (abi >= 3)
		rules.fs |= FS_TRUNCATE;
	if (abi >= 4)
		rules.net = NET_ALL;
	if (abi >= 5)
		rules.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		rules.scoped = SCOPE_ALL;
	fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0UL);
	if (fd < 0)
		return FAIL_UNSUPPORTED;
	if (syscall(SYS_landlock_restrict_self, (int)fd, 0UL) != 0)
		r = FAIL_UNSUPPORTED;
	(void)close((int)fd);
	return r;
}

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
#if defined(__SANITIZE_ADDRESS__)
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

static const struct {
	const struct allowed *calls;
	size_t count;
	const struct allowed *refused;
	size_t refused_count;
} profiles[] = {
	[SANDBOX_AGENT] = {agent, sizeof agent / sizeof agent[0], NULL, 0},
	[SANDBOX_UNPACK] = {unpack, sizeof unpack / sizeof unpack[0], unpack_refused,
		sizeof unpack_refused / sizeof unpack_refused[0]},
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
	if ((r = add_rules(ctx, SCMP_ACT_ALLOW, common,
		     sizeof common / sizeof common[0])) != 0 ||
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
sandbox_enter(enum sandbox_profile profile)
{
	int r;

	CHECK(profile == SANDBOX_AGENT || profile == SANDBOX_UNPACK);
	if ((r = harden_no_new_privs()) != 0 || (r = enter_landlock()) != 0)
		return r;
	return enter_seccomp(profile);
}
