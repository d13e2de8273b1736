/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_PARENT_H
#define VALISED_PARENT_H
/*
 * parent: starts the three roles, watches them, and holds nothing but listening sockets.
 *
 *   custody is started first and unlocks the keys; then store and front.
 *   "valised: PT serves ADDR:PORT" on standard output once front and store are ready.
 *   Any end   all three end; all are started again: after 0.1 s when they served for 2 s at
 *             least, else after 1, 2, 4 ... 30 s.  Not when it would fail again, nor when somebody typed the
 *             passphrase: then the parent ends with 1 and says so.
 *   SIGTERM, SIGINT   front takes no more requests, answers what it owes and ends; then store,
 *             which commits; then custody.  After PARENT_STOP_MS all are killed, which loses
 *             nothing that was acknowledged.
 *   hook      `notify` with precedence and number as arguments; no shell; at most
 *             PARENT_HOOKS at a time, PARENT_HOOK_MS each, and 30 in a row, then 30 a minute
 *             (the last five are kept for IMMEDIATE and FLASH).
 *
 * All run as the user that started valised.
 */
#include "member/config.h"

enum { PARENT_STOP_MS = 10000, PARENT_HOOKS = 4, PARENT_HOOK_MS = 30000 };

struct parent_plan {
	const struct config *config;
	const char *dir;
};

/* Returns the exit status of valised: 0 stopped, 1 failed. */
int parent_run(const struct parent_plan *plan);

#endif
