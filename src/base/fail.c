/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fail.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * A table by index, so that a new error without words is seen at once by the unit test,
 * which asks for every number from -1 down to the last.
 */

static const char *const words[] = {
	[0] = "no error",
	[-FAIL_NOMEM] = "out of memory",
	[-FAIL_LIMIT] = "over the limit",
	[-FAIL_TRUNCATED] = "truncated",
	[-FAIL_FORMAT] = "malformed",
	[-FAIL_VERSION] = "unknown version",
	[-FAIL_SUITE] = "cipher suite not in this build",
	[-FAIL_ALTERED] = "altered",
	[-FAIL_SIGNATURE] = "signature does not verify",
	[-FAIL_COMMITMENT] = "keys do not match the commitment",
	[-FAIL_SHARE] = "shares missing or false",
	[-FAIL_NO_KEY] = "not sealed to any of your keys",
	[-FAIL_PASSPHRASE] = "wrong passphrase",
	[-FAIL_SIGNER] = "signed by an unknown key",
	[-FAIL_EXISTS] = "exists already",
	[-FAIL_ABSENT] = "does not exist",
	[-FAIL_DENIED] = "permission denied",
	[-FAIL_SPACE] = "no space left",
	[-FAIL_IO] = "input/output error",
	[-FAIL_CHANGED] = "changed while it was being read",
	[-FAIL_AGAIN] = "not possible now",
	[-FAIL_CLOSED] = "the other side closed the connection",
	[-FAIL_LOCKED] = "the key is locked",
	[-FAIL_USAGE] = "wrong usage",
	[-FAIL_RANDOM] = "no randomness available",
	[-FAIL_UNSUPPORTED] = "not supported by this system",
	[-FAIL_REFUSED] = "refused",
	[-FAIL_TIMEOUT] = "timed out",
	[-FAIL_MISMATCH] = "does not match",
	[-FAIL_TOO_BIG] = "too big",
};

const char *
fail_text(int r)
{
	if (r > 0 || r <= -(int)(sizeof words / sizeof words[0]))
		return "unknown error";
	return words[-r];
}

_Noreturn void
fail_check(const char *expression, const char *file, int line)
{
	(void)fprintf(
		stderr, "valise: broken invariant: %s (%s:%d)\n", expression, file, line);
	abort();
}
