/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_HOOK_H
#define VALISED_HOOK_H
/*
 * hook: the administrator's `notify` program, run by the parent when a cable has come.
 *
 * It gets its own arguments, then the precedence ("flash") and the number in the register, and
 * nothing else: no title, no address.  No shell; standard input and output are /dev/null, its
 * environment is PATH alone.  Its end is of no interest; one that takes too long is killed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "member/config.h"
#include "valised/parent.h"
#include "wire/parent.h"

struct hook {
	const struct config_command *command;
	uint64_t tokens_ms; /* time saved up: one run costs HOOK_COST_MS */
	uint64_t seen_ms;
	bool is_told; /* that some were left out, once a minute */
	uint64_t told_ms;
	struct {
		pid_t pid; /* 0: free */
		uint64_t until_ms;
	} running[PARENT_HOOKS];
};

void hook_init(struct hook *h, const struct config_command *command, uint64_t now_ms);

void hook_run(struct hook *h, const struct parent_notify *notify, uint64_t now_ms);

/* A child ended: was it one of ours? */
bool hook_ended(struct hook *h, pid_t pid);

/* Kill what has taken too long; milliseconds until to look again, or -1. */
int hook_look(struct hook *h, uint64_t now_ms);

#endif
