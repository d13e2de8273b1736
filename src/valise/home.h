/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_HOME_H
#define VALISE_HOME_H
/*
 * home: where the keys live, and getting at them.
 *
 *   --dir DIR, else $VALISE_DIR, else $XDG_DATA_HOME/valise, else ~/.local/share/valise
 *
 * home_keys() takes the first way that works: the agent; a passphrase given by
 * --passphrase-file or VALISE_PASSPHRASE; the terminal.  It prints what went wrong.
 */
#include "base/fail.h"
#include "sys/disk.h"
#include "valise/args.h"
#include "valise/keys.h"

/* Reports on failure. */
MUST int home_dir(const struct args *args, char ret_dir[DISK_PATH_MAX]);

/* Of either kind (keys_kind()); reports on failure. */
MUST int home_keys(const struct args *args, struct keys **ret_keys);

/* Solo keys, or an officer's; those of the other kind are reported (FAIL_MISMATCH). */
MUST int home_solo(const struct args *args, struct keys **ret_keys);
MUST int home_officer(const struct args *args, struct keys **ret_keys);

/* main() takes VALISE_PASSPHRASE out of the environment first of all. */
MUST int home_take_environment(void);

/* A passphrase from --passphrase-file, the environment, or (prompt) the terminal; reports. */
MUST int home_passphrase(
	const struct args *args, const char *prompt, struct secret **ret_passphrase);

/* A new one: the same places, the terminal asks twice; reports. */
MUST int home_new_passphrase(const struct args *args, struct secret **ret_passphrase);

void home_done(void);

#endif
