/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PASSPHRASE_H
#define SYS_PASSPHRASE_H
/*
 * passphrase: where a passphrase comes from.
 *
 *   1. passphrase_from("FILE" or "fd:N"), the option --passphrase-file
 *   2. passphrase_from_env(), VALISE_PASSPHRASE, for tests; wiped from the environment block
 *   3. passphrase_ask(), the terminal (/dev/tty), without echo
 *
 * The first line counts, without its newline.  Bytes are taken as they are.
 *
 * Limits  1 to PASSPHRASE_MAX bytes: FAIL_LIMIT.
 * Errors  FAIL_ABSENT (no terminal; no such file or variable), FAIL_FORMAT (a NUL inside),
 *         FAIL_MISMATCH (the two of passphrase_ask_new differ), FAIL_CLOSED (end of input on
 *         the terminal), FAIL_USAGE ("fd:" without a number), those of sys/disk.h.
 */
#include <stdbool.h>

#include "base/fail.h"
#include "crypto/secret.h"

enum { PASSPHRASE_MAX = 1024 };

MUST int passphrase_from(const char *source, struct secret **ret_passphrase);

/* Whoever calls this first in main() leaves nothing for /proc/<pid>/environ. */
MUST int passphrase_from_env(struct secret **ret_passphrase);

/* Ask once.  The terminal's state is restored also when a signal ends the process. */
MUST int passphrase_ask(const char *prompt, struct secret **ret_passphrase);

/* Ask twice and compare. */
MUST int passphrase_ask_new(
	const char *prompt, const char *again, struct secret **ret_passphrase);

/* The three places in their order.  source may be NULL. */
MUST int passphrase_get(
	const char *source, const char *prompt, struct secret **ret_passphrase);

#endif
