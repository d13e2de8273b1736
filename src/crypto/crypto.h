/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H
/*
 * crypto: what all of the room shares: the start, sizes, suites, constant-time comparison.
 *
 * The room is the only one that sees a header of OpenSSL or libsodium (with sys/tls).  No
 * primitive is ours: AES-256-GCM, SHA-2, SHA-3 and ML-KEM come from OpenSSL; Ed25519, X25519,
 * Argon2id and guarded memory from libsodium.
 *
 * Suite 1  KEM X25519 (RFC 9180, KEM 0x0020).
 * Suite 2  KEM X-Wing (draft-connolly-cfrg-xwing-kem, KEM 0x647a); only in builds whose
 *          OpenSSL has ML-KEM-768 (>= 3.5).  Elsewhere everything of suite 2 is FAIL_SUITE.
 * Both     HKDF-SHA256, AES-256-GCM, SHA-256, Ed25519.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum suite {
	SUITE_1 = 1, /* X25519 */
	SUITE_2 = 2, /* X-Wing: ML-KEM-768 and X25519 */
};

/*
 * Fetch all algorithms once (a fetch per call makes SHA-256 five times slower).  Call it
 * first in main(), before threads; calling it again is harmless.  FAIL_UNSUPPORTED when the
 * libraries lack something.
 */
MUST int crypto_init(void);

/* Does this build have the suite? */
bool crypto_has_suite(uint16_t suite);

/* Equal or not, in time that depends on len only. */
MUST bool ct_equal(const void *a, const void *b, size_t len);

#endif
