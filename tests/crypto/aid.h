/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CRYPTO_AID_H
#define TESTS_CRYPTO_AID_H
/*
 * aid: what the tests of this room share: vectors in hex, a random source that replays given
 * bytes, and want of memory inside OpenSSL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"

/* Is this a build with AddressSanitizer?  It replaces some calls and takes much memory. */
#if defined __SANITIZE_ADDRESS__
enum { IS_SANITIZED = 1 };
#elif defined __has_feature
#if __has_feature(address_sanitizer)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif
#else
enum { IS_SANITIZED = 0 };
#endif

/* The bytes of a vector; returns how many. */
static inline size_t
unhex(const char *hex, uint8_t *ret_out, size_t max)
{
	const size_t len = strlen(hex) / 2;

	assert_true(len <= max);
	assert_int_equal(text_unhex(hex, strlen(hex), ret_out, len), 0);
	return len;
}

static inline void
assert_hex(const uint8_t *ptr, size_t len, const char *hex)
{
	uint8_t want[2048];

	assert_int_equal(unhex(hex, want, sizeof want), len);
	assert_memory_equal(ptr, want, len);
}

/* Gives the bytes it was given, in order, and then fails. */
struct replay {
	struct rng rng; /* first, so that a pointer to it is a pointer to us */
	const uint8_t *ptr;
	size_t left;
};

static inline int
replay_fill(struct rng *rng, void *out, size_t len)
{
	struct replay *replay = (struct replay *)rng;

	if (len > replay->left)
		return FAIL_RANDOM;
	memcpy(out, replay->ptr, len);
	replay->ptr += len;
	replay->left -= len;
	return 0;
}

static inline struct replay
replay_of(const void *ptr, size_t len)
{
	return (struct replay){.rng = {replay_fill}, .ptr = ptr, .left = len};
}

/*
 * OpenSSL allocates through these: oom_left counts down to the allocation that fails, and
 * a negative number means never.  Only one fails, as with mem_fail_after(n, true).
 */
static long oom_left = -1;
static long oom_failed;

static inline void *
oom_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (oom_left >= 0 && oom_left-- == 0) {
		oom_failed++;
		return NULL;
	}
	return malloc(size);
}

static inline void *
oom_realloc(void *ptr, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(ptr, size);
}

static inline void
oom_free(void *ptr, const char *file, int line)
{
	(void)file;
	(void)line;
	free(ptr);
}

/* Before anything else of OpenSSL, or it refuses. */
static inline void
oom_install(void)
{
	if (CRYPTO_set_mem_functions(oom_malloc, oom_realloc, oom_free) != 1)
		abort();
}

/*
 * Run a scenario with the 1st, 2nd, 3rd ... allocation failing, first those of base/mem.h,
 * then those inside OpenSSL, until it passes.  Every failure must be the one answer of want
 * of memory; the scenario itself checks that nothing was handed out.  A scenario that never
 * allocates through OpenSSL has no place here.
 */
static inline void
assert_survives_oom(int (*scenario)(void))
{
	long n;

	for (n = 0;; n++) {
		mem_fail_after(n, true);
		const int r = scenario();
		const long failed = mem_failed_count();

		mem_fail_never();
		if (failed == 0) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, FAIL_NOMEM);
	}
	for (n = 0;; n++) {
		oom_failed = 0;
		oom_left = n;
		const int r = scenario();

		oom_left = -1;
		if (oom_failed == 0) {
			assert_int_equal(r, 0);
			break;
		}
		/* The library may do without some of its memory, never with wrong results. */
		if (r != 0)
			assert_int_equal(r, FAIL_NOMEM);
	}
	assert_true(n > 0);
}

#endif
