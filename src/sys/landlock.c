/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Constants of newer kernels are spelled out here, because the build machine's headers may be
 * older than the machine that runs us.
 */

/* struct landlock_ruleset_attr as of ABI 6; an older kernel takes the zeros at its end. */
struct ruleset {
	uint64_t fs, net, scoped;
};

enum {
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_ABI_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,	/* ABI 2: rename from one directory to another */
	FS_TRUNCATE = 1 << 14,	/* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	FS_OURS = FS_WRITE_FILE | FS_READ_FILE | FS_READ_DIR | FS_REMOVE_DIR |
		FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER | FS_TRUNCATE,
	NET_ALL = 3,   /* ABI 4: bind and connect of TCP */
	SCOPE_ALL = 3, /* ABI 6: abstract Unix sockets, signals */
};

int
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		(unsigned long)LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static int
allow_below(int ruleset_fd, const char *dir, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	int r = 0;

	rule.parent_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return FAIL_UNSUPPORTED;
	if (syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule,
		    0UL) != 0)
		r = FAIL_UNSUPPORTED;
	(void)close(rule.parent_fd);
	return r;
}

/* What this kernel can deny. */
static struct ruleset
all_of(int abi, bool has_network)
{
	struct ruleset rules = {.fs = FS_ABI_1};

	if (abi >= 2)
		rules.fs |= FS_REFER;
	if (abi >= 3)
		rules.fs |= FS_TRUNCATE;
	if (abi >= 4 && !has_network)
		rules.net = NET_ALL;
	if (abi >= 5)
		rules.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		rules.scoped = SCOPE_ALL;
	return rules;
}

int
landlock_enter(const struct landlock_plan *plan)
{
	int abi = landlock_abi(), r = 0;
	struct ruleset rules = all_of(abi, plan->has_network);
	long fd;

	if (abi < 1 || plan->dirs_count > LANDLOCK_DIRS_MAX)
		return FAIL_UNSUPPORTED;
	fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0UL);
	if (fd < 0)
		return FAIL_UNSUPPORTED;
	for (size_t i = 0; i < plan->dirs_count && r == 0; i++)
		r = allow_below((int)fd, plan->dirs[i], rules.fs & FS_OURS);
	if (r == 0 && syscall(SYS_landlock_restrict_self, (int)fd, 0UL) != 0)
		r = FAIL_UNSUPPORTED;
	(void)close((int)fd);
	return r;
}
