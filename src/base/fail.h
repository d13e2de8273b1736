/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H
/*
 * fail: the one list of errors, and the two ways of stopping.
 *
 * Functions   return 0 or one negative FAIL_* and leave their out parameters untouched on
 *             failure.  MUST makes the compiler insist that the caller looks.
 * Rooms       never print and never exit.  Programs report once, at the boundary.
 * CHECK(x)    is for programmer errors only; it aborts, also in a release build, because
 *             going on after a broken invariant is how secrets leak.
 */

#define MUST __attribute__((warn_unused_result))

enum fail {
	FAIL_NOMEM = -1,	/* out of memory */
	FAIL_LIMIT = -2,	/* over a limit that a header states */
	FAIL_TRUNCATED = -3,	/* ends before it should */
	FAIL_FORMAT = -4,	/* malformed, or not in its one canonical form */
	FAIL_VERSION = -5,	/* a version this program does not know */
	FAIL_SUITE = -6,	/* a cipher suite this build does not have */
	FAIL_ALTERED = -7,	/* authenticated bytes were changed */
	FAIL_SIGNATURE = -8,	/* a signature does not verify */
	FAIL_COMMITMENT = -9,	/* keys do not match the commitment */
	FAIL_SHARE = -10,	/* shares are missing, repeated or false */
	FAIL_NO_KEY = -11,	/* none of our keys opens this */
	FAIL_PASSPHRASE = -12,	/* wrong passphrase */
	FAIL_SIGNER = -13,	/* signed well, but by somebody we do not know */
	FAIL_EXISTS = -14,	/* is there already */
	FAIL_ABSENT = -15,	/* is not there */
	FAIL_DENIED = -16,	/* the system does not permit it */
	FAIL_SPACE = -17,	/* disk full, quota, or file too large for the disk */
	FAIL_IO = -18,		/* the system reported an input or output error */
	FAIL_CHANGED = -19,	/* changed while it was being read */
	FAIL_AGAIN = -20,	/* cannot be done now; later it may */
	FAIL_CLOSED = -21,	/* the other side went away */
	FAIL_LOCKED = -22,	/* the key is locked and no passphrase is at hand */
	FAIL_USAGE = -23,	/* the caller's words are off */
	FAIL_RANDOM = -24,	/* no randomness to be had */
	FAIL_UNSUPPORTED = -25, /* this system or build lacks what is needed */
	FAIL_REFUSED = -26,	/* a rule forbids it */
	FAIL_TIMEOUT = -27,	/* took longer than allowed */
	FAIL_MISMATCH = -28,	/* two things that must agree do not */
	FAIL_TOO_BIG = -29,	/* larger than the output can hold */
};

/* One plain phrase for an error, without a full stop: "out of memory".  Never NULL. */
const char *fail_text(int r);

_Noreturn void fail_check(const char *expression, const char *file, int line);

#define CHECK(x) ((x) ? (void)0 : fail_check(#x, __FILE__, __LINE__))

#endif
