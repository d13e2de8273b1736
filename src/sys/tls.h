/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_TLS_H
#define SYS_TLS_H
/*
 * tls: TLS 1.3 between stations, and between clients and their station, by pinned keys.
 *
 * Identity   is an Ed25519 key (the `tls` key of a roster) and nothing else.  The certificate
 *            is made in memory from the key's seed and only carries the public key; of a
 *            peer's certificate nothing else is looked at: no authority, name, date or
 *            extension.  TLS itself proves that the peer holds the key (CertificateVerify).
 * Offers     TLS 1.3 alone; AES-256-GCM and ChaCha20-Poly1305; X25519MLKEM768 first where
 *            OpenSSL has it (>= 3.5), then X25519; Ed25519 signatures.  No tickets, no
 *            resumption, no early data, no compression.  OpenSSL's configuration file is not
 *            read.
 * Roles      A server asks every peer for its key.  A peer may show none (officers, who sign
 *            their requests instead); a key that is shown must be pinned, or the handshake
 *            fails.  What needs a member asks tls_peer().  A client always has pins, but for
 *            tls_new_first_use(); with a seed it shows its own key.
 * Limits     TLS_PINS_MAX pins; a peer's certificate chain of TLS_CHAIN_MAX bytes.
 * Errors     FAIL_USAGE a client without pins, a server without a seed; FAIL_LIMIT too many
 *            pins; FAIL_UNSUPPORTED OpenSSL lacks something; FAIL_NOMEM.
 *
 * One thread uses a context and its sessions.  Standard: RFC 8446, RFC 8410 (Ed25519 in
 * certificates).  This file and its .c are all outside src/crypto that sees OpenSSL.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

enum { TLS_KEY_LEN = 32, TLS_PINS_MAX = 1024, TLS_CHAIN_MAX = 4096 };

enum tls_role { TLS_SERVER, TLS_CLIENT };

struct tls;
struct ssl_st; /* OpenSSL's SSL: handed to libevent unopened */

struct tls_pins {
	const uint8_t (*keys)[TLS_KEY_LEN];
	size_t count;
};

/*
 * A context.  seed (TLS_KEY_LEN bytes) may be NULL for a client without a key; the caller may
 * wipe it afterwards.  pins are copied.
 */
MUST int tls_new(enum tls_role role, const uint8_t *seed, struct tls_pins pins,
	struct tls **ret_tls);
void tls_free(struct tls *t);

/*
 * A client that takes any Ed25519 key, once, before it knows one: whoever uses it asks
 * tls_peer() (http_client_peer()), has people compare what they see, and pins the key from
 * then on.  Between two stations it has no place.
 */
MUST int tls_new_first_use(struct tls **ret_tls);

/*
 * Replace the pins (a new roster).  Handshakes from now on obey; sessions that stand stay, so
 * whoever hands out rights asks tls_is_pinned() at each request.  A server may come to have
 * none (before it has joined anybody); a client may not: FAIL_USAGE.
 */
MUST int tls_set_pins(struct tls *t, struct tls_pins pins);
bool tls_is_pinned(const struct tls *t, const uint8_t key[TLS_KEY_LEN]);

/* One session, to be given to a bufferevent, which frees it; else tls_session_free(). */
MUST int tls_session_new(struct tls *t, struct ssl_st **ret_session);
void tls_session_free(struct ssl_st *session);

/* The key the peer has proved, after the handshake: 0, or FAIL_ABSENT when it showed none. */
MUST int tls_peer(const struct ssl_st *session, uint8_t ret_key[TLS_KEY_LEN]);

#endif
