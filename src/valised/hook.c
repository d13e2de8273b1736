/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/hook.h"

#include <signal.h>
#include <stdio.h>

#include "envelope/addressing.h"
#include "sys/spawn.h"
#include "valised/log.h"

/* 30 in a row, then one every two seconds; below KEPT only what is urgent. */
enum {
	HOOK_COST_MS = 2000,
	SAVED_MAX_MS = 30 * HOOK_COST_MS,
	KEPT_MS = 5 * HOOK_COST_MS
};

void
hook_init(struct hook *h, const struct config_command *command, uint64_t now_ms)
{
	*h = (struct hook){
		.command = command, .tokens_ms = SAVED_MAX_MS, .seen_ms = now_ms};
}

static bool
may_run(struct hook *h, uint8_t precedence, uint64_t now_ms)
{
	uint64_t floor = precedence >= PRECEDENCE_IMMEDIATE ? 0 : KEPT_MS;

	h->tokens_ms += now_ms - h->seen_ms;
	h->seen_ms = now_ms;
	if (h->tokens_ms > SAVED_MAX_MS)
		h->tokens_ms = SAVED_MAX_MS;
	if (h->tokens_ms < floor + HOOK_COST_MS)
		return false;
	h->tokens_ms -= HOOK_COST_MS;
	return true;
}

static void
tell_left_out(struct hook *h, uint64_t now_ms)
{
	if (h->is_told && now_ms - h->told_ms < 60000)
		return;
	h->is_told = true;
	h->told_ms = now_ms;
	log_line(LOG_LEVEL_WARNING, "notify-left-out", "why=\"too many at a time\"");
}

static int
start(const struct hook *h, const struct parent_notify *notify, pid_t *ret_pid)
{
	static const char *const names[] = {
		[PRECEDENCE_ROUTINE] = "routine",
		[PRECEDENCE_PRIORITY] = "priority",
		[PRECEDENCE_IMMEDIATE] = "immediate",
		[PRECEDENCE_FLASH] = "flash",
	};
	char number[24], precedence[16], path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *argv[CONFIG_ARGS_MAX + 3], *envp[] = {path, NULL};
	struct spawn what = {.path = h->command->argv[0],
		.argv = argv,
		.envp = envp,
		.fds = {-1, -1, -1},
		.fd_count = 3};
	size_t count = h->command->count;

	(void)snprintf(precedence, sizeof precedence, "%s", names[notify->precedence]);
	(void)snprintf(number, sizeof number, "%llu", (unsigned long long)notify->number);
	for (size_t i = 0; i < count; i++)
		argv[i] = h->command->argv[i];
	argv[count] = precedence;
	argv[count + 1] = number;
	argv[count + 2] = NULL;
	return spawn_start(&what, ret_pid);
}

void
hook_run(struct hook *h, const struct parent_notify *notify, uint64_t now_ms)
{
	size_t at = 0;
	pid_t pid;
	int r;

	if (h->command->count == 0)
		return;
	while (at < PARENT_HOOKS && h->running[at].pid != 0)
		at++;
	if (at == PARENT_HOOKS || !may_run(h, notify->precedence, now_ms)) {
		tell_left_out(h, now_ms);
		return;
	}
	if ((r = start(h, notify, &pid)) != 0) {
		log_line(LOG_LEVEL_WARNING, "notify-failed", "why=\"%s\"", fail_text(r));
		return;
	}
	h->running[at].pid = pid;
	h->running[at].until_ms = now_ms + PARENT_HOOK_MS;
}

bool
hook_ended(struct hook *h, pid_t pid)
{
	for (size_t i = 0; i < PARENT_HOOKS; i++) {
		if (h->running[i].pid != pid)
			continue;
		h->running[i].pid = 0;
		return true;
	}
	return false;
}

int
hook_look(struct hook *h, uint64_t now_ms)
{
	int wait_ms = -1;

	for (size_t i = 0; i < PARENT_HOOKS; i++) {
		if (h->running[i].pid == 0)
			continue;
		if (now_ms >= h->running[i].until_ms) {
			(void)kill(h->running[i].pid, SIGKILL);
			h->running[i].until_ms = now_ms + 1000;
		}
		if (wait_ms < 0 || (uint64_t)wait_ms > h->running[i].until_ms - now_ms)
			wait_ms = (int)(h->running[i].until_ms - now_ms);
	}
	return wait_ms;
}
