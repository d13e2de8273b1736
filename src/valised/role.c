/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sys/disk.h"
#include "sys/harden.h"
#include "valised/log.h"

/* Standard input and output are the parent's; a reader of its output waits for its end only. */
static int
leave_standard(void)
{
	int null = -1, r;

	if ((r = disk_open(AT_FDCWD, "/dev/null", O_RDWR, 0, &null)) != 0)
		return r;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		r = disk_fail_of(errno);
	disk_close(null);
	return r;
}

int
role_begin(const struct role_plan *plan)
{
	const int keep[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, plan->parent_fd,
		plan->listen_fd, plan->admin_fd, plan->store_fd, plan->custody_fd,
		plan->front_fd, plan->seed_fd};
	pid_t parent = getppid();
	sigset_t none;
	int r;

	/* The parent may have died before the first call. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent ||
		parent == 1)
		return FAIL_CLOSED;
	/* Those reach the whole group; the parent decides what becomes of us. */
	if (signal(SIGINT, SIG_IGN) == SIG_ERR || signal(SIGTERM, SIG_IGN) == SIG_ERR ||
		signal(SIGHUP, SIG_IGN) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return FAIL_UNSUPPORTED;
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		return FAIL_UNSUPPORTED;
	if ((r = leave_standard()) != 0)
		return r;
	return harden_close_others(keep, sizeof keep / sizeof keep[0]);
}

int
role_lock_in(const struct role_plan *plan, enum sandbox_profile profile,
	const char *const *dirs, size_t dirs_count)
{
	if (plan->config->is_sandbox_off)
		return harden_no_new_privs();
	return sandbox_enter_below(profile, dirs, dirs_count);
}

int
role_tell(const struct role_plan *plan, uint8_t type, const struct codec *codec,
	const void *message)
{
	struct buf out;
	ssize_t n;
	int r;

	buf_init(&out, PARENT_MESSAGE_MAX);
	buf_u8(&out, type);
	buf_u64(&out, 0);
	if (codec != NULL)
		codec_write(codec, message, &out);
	if ((r = buf_error(&out)) == 0) {
		do
			n = write(plan->parent_fd, out.data, out.len);
		while (n < 0 && errno == EINTR);
		/* A hook that the parent has no time for is not worth waiting for. */
		if (n < 0)
			r = errno == EAGAIN ? FAIL_AGAIN : FAIL_CLOSED;
	}
	buf_done(&out);
	return r;
}

int
role_path(const char *dir, const char *name, char ret_path[ROLE_DIR_MAX])
{
	int n;

	if (name[0] == '/')
		n = snprintf(ret_path, ROLE_DIR_MAX, "%s", name);
	else
		n = snprintf(ret_path, ROLE_DIR_MAX, "%s/%s", dir, name);
	return n < 0 || n >= ROLE_DIR_MAX ? FAIL_LIMIT : 0;
}

int
role_end_of(int r)
{
	if (r == 0)
		return ROLE_END_OK;
	return r == FAIL_CLOSED ? ROLE_END_FOLLOWED : ROLE_END_AGAIN;
}

int
role_failed(const char *role, const char *at, int r)
{
	if (r == FAIL_CLOSED)
		return ROLE_END_FOLLOWED;
	log_line(LOG_LEVEL_ERROR, "role-failed", "role=%s at=%s why=\"%s\"", role, at,
		fail_text(r));
	switch (r) {
	case FAIL_PASSPHRASE:
	case FAIL_LOCKED:
	case FAIL_VERSION:
	case FAIL_ALTERED:
	case FAIL_MISMATCH:
	case FAIL_UNSUPPORTED:
	case FAIL_REFUSED:
	case FAIL_DENIED:
	case FAIL_ABSENT:
	case FAIL_FORMAT:
		return ROLE_END_FATAL;
	default:
		return ROLE_END_AGAIN;
	}
}
