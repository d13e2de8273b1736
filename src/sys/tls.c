/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"

struct tls {
	SSL_CTX *ctx;
	enum tls_role role;
	uint8_t (*pins)[TLS_KEY_LEN];
	size_t pins_count;
	bool is_first_use; /* any key will do, and people compare it afterwards */
};

/* What OpenSSL left in its queue must not be taken for the error of a later call. */
static int
fail_now(int r)
{
	ERR_clear_error();
	return r;
}

bool
tls_is_pinned(const struct tls *t, const uint8_t key[TLS_KEY_LEN])
{
	bool is_found = false;

	/* Keys are public: that the comparison is in constant time is only habit. */
	for (size_t i = 0; i < t->pins_count; i++)
		is_found |= ct_equal(t->pins[i], key, TLS_KEY_LEN);
	return is_found;
}

static int
certificate_key(const X509 *cert, uint8_t ret_key[TLS_KEY_LEN])
{
	const EVP_PKEY *key = cert != NULL ? X509_get0_pubkey(cert) : NULL;
	uint8_t raw[TLS_KEY_LEN];
	size_t len = sizeof raw;

	if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519 ||
		EVP_PKEY_get_raw_public_key(key, raw, &len) != 1 || len != sizeof raw)
		return fail_now(FAIL_ABSENT);
	memcpy(ret_key, raw, sizeof raw);
	return 0;
}

/*
 * In place of the whole verification of chains.  1 is "verified", and then TLS goes on to
 * check that the peer has signed the handshake with this very key.
 */
static int
verify(X509_STORE_CTX *store, void *arg)
{
	const struct tls *t = arg;
	uint8_t key[TLS_KEY_LEN];

	if (certificate_key(X509_STORE_CTX_get0_cert(store), key) == 0 &&
		(t->is_first_use || tls_is_pinned(t, key))) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
	return 0;
}

/* All dates: a pin has no date, and a wrong clock must not silence a station. */
static int
fill_certificate(X509 *cert, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(cert);
	const unsigned char cn[] = "valise";

	if (X509_set_version(cert, X509_VERSION_3) != 1 ||
		ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) != 1 ||
		ASN1_TIME_set_string(X509_getm_notBefore(cert), "700101000000Z") != 1 ||
		ASN1_TIME_set_string(X509_getm_notAfter(cert), "99991231235959Z") != 1)
		return FAIL_NOMEM;
	if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn, -1, -1, 0) != 1 ||
		X509_set_issuer_name(cert, name) != 1 ||
		X509_set_pubkey(cert, key) != 1 || X509_sign(cert, key, NULL) == 0)
		return FAIL_NOMEM;
	return 0;
}

static int
use_key(SSL_CTX *ctx, const uint8_t *seed)
{
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	int r = FAIL_NOMEM;

	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, TLS_KEY_LEN);
	if (key == NULL || (cert = X509_new()) == NULL ||
		(r = fill_certificate(cert, key)) != 0)
		goto out;
	if (SSL_CTX_use_certificate(ctx, cert) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
		SSL_CTX_check_private_key(ctx) != 1)
		r = FAIL_NOMEM;
out:
	X509_free(cert);
	/* OpenSSL wipes the seed with the last reference, which the context now holds. */
	EVP_PKEY_free(key);
	return r;
}

static int
set_offers(SSL_CTX *ctx)
{
	const char *suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
	/* OpenSSL's macros cast const away; what they get is ours to change. */
	char algorithms[] = "ed25519";
	char groups[] = "X25519MLKEM768:X25519", old_groups[] = "X25519";

	if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set_ciphersuites(ctx, suites) != 1 ||
		SSL_CTX_set1_sigalgs_list(ctx, algorithms) != 1)
		return FAIL_UNSUPPORTED;
	/* An unknown group makes the whole list fail, which is how its absence shows. */
	if (SSL_CTX_set1_groups_list(ctx, groups) != 1 &&
		SSL_CTX_set1_groups_list(ctx, old_groups) != 1)
		return FAIL_UNSUPPORTED;
	return 0;
}

static int
set_habits(SSL_CTX *ctx)
{
	(void)SSL_CTX_set_options(
		ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_cert_list(ctx, TLS_CHAIN_MAX);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
			SSL_CTX_set_max_early_data(ctx, 0) == 1
		? 0
		: FAIL_UNSUPPORTED;
}

static int
copy_pins(struct tls *t, struct tls_pins pins)
{
	uint8_t(*copy)[TLS_KEY_LEN] = NULL;
	int r;

	if (pins.count > TLS_PINS_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new_array(&copy, pins.count, TLS_KEY_LEN)) != 0)
		return r;
	if (pins.count > 0)
		memcpy(copy, pins.keys, pins.count * TLS_KEY_LEN);
	mem_free(t->pins);
	t->pins = copy;
	t->pins_count = pins.count;
	return 0;
}

int
tls_set_pins(struct tls *t, struct tls_pins pins)
{
	if (t->role == TLS_CLIENT && (pins.count == 0 || t->is_first_use))
		return FAIL_USAGE;
	return copy_pins(t, pins);
}

static int
set_up(struct tls *t, const uint8_t *seed)
{
	int r;

	t->ctx = SSL_CTX_new(
		t->role == TLS_SERVER ? TLS_server_method() : TLS_client_method());
	if (t->ctx == NULL)
		return FAIL_NOMEM;
	if ((r = set_offers(t->ctx)) != 0 || (r = set_habits(t->ctx)) != 0)
		return r;
	/* For a server: who shows a key is judged by it, who shows none comes in without. */
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(t->ctx, verify, t);
	return seed != NULL ? use_key(t->ctx, seed) : 0;
}

static int
new_context(const struct tls *model, const uint8_t *seed, struct tls_pins pins,
	struct tls **ret_tls)
{
	struct tls *t = NULL;
	int r;

	/* crypto_init() has kept the configuration file out for the whole process. */
	if ((r = crypto_init()) != 0)
		return r;
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return fail_now(FAIL_UNSUPPORTED);
	if ((r = mem_new(&t, sizeof *t)) != 0)
		return r;
	*t = *model;
	if ((r = copy_pins(t, pins)) != 0 || (r = set_up(t, seed)) != 0)
		goto out;
	*ret_tls = t;
	t = NULL;
out:
	tls_free(t);
	return fail_now(r);
}

int
tls_new(enum tls_role role, const uint8_t *seed, struct tls_pins pins,
	struct tls **ret_tls)
{
	struct tls model = {.role = role};

	if (role == TLS_SERVER ? seed == NULL : pins.count == 0)
		return FAIL_USAGE;
	return new_context(&model, seed, pins, ret_tls);
}

int
tls_new_first_use(struct tls **ret_tls)
{
	struct tls model = {.role = TLS_CLIENT, .is_first_use = true};

	return new_context(&model, NULL, (struct tls_pins){.keys = NULL}, ret_tls);
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	mem_free(t->pins);
	mem_free(t);
}

int
tls_session_new(struct tls *t, struct ssl_st **ret_session)
{
	SSL *session = SSL_new(t->ctx);

	if (session == NULL)
		return fail_now(FAIL_NOMEM);
	if (t->role == TLS_SERVER)
		SSL_set_accept_state(session);
	else
		SSL_set_connect_state(session);
	*ret_session = session;
	return 0;
}

void
tls_session_free(struct ssl_st *session)
{
	SSL_free(session);
}

int
tls_peer(const struct ssl_st *session, uint8_t ret_key[TLS_KEY_LEN])
{
	/* Before the end of the handshake the key has only been claimed. */
	if (SSL_is_init_finished(session) != 1)
		return FAIL_ABSENT;
	return certificate_key(SSL_get0_peer_certificate(session), ret_key);
}
