/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "sys/tls.h"

/* Three parties; index 0 is the server in what follows. */
static uint8_t seeds[3][32], keys[3][TLS_KEY_LEN];

static struct tls_pins
pin(size_t i)
{
	return (struct tls_pins){
		.keys = (const uint8_t(*)[TLS_KEY_LEN]) & keys[i], .count = 1};
}

static const struct tls_pins no_pins = {.keys = NULL, .count = 0};

/* Two sessions joined in memory. */
static void
join(SSL *a, SSL *b)
{
	BIO *left = NULL, *right = NULL;

	assert_int_equal(BIO_new_bio_pair(&left, 0, &right, 0), 1);
	SSL_set_bio(a, left, left);
	SSL_set_bio(b, right, right);
}

/* Let both go on until neither can; a byte then has to come through. */
static bool
is_joined(SSL *client, SSL *server)
{
	char got = 0;

	for (int i = 0; i < 20; i++) {
		(void)SSL_do_handshake(client);
		(void)SSL_do_handshake(server);
	}
	ERR_clear_error();
	if (SSL_write(client, "x", 1) != 1 || SSL_read(server, &got, 1) != 1 ||
		got != 'x')
		return false;
	return SSL_write(server, "y", 1) == 1 && SSL_read(client, &got, 1) == 1 &&
		got == 'y';
}

static bool
meets(struct tls *client, struct tls *server)
{
	SSL *c = NULL, *s = NULL;
	bool is_well;

	assert_int_equal(tls_session_new(client, &c), 0);
	assert_int_equal(tls_session_new(server, &s), 0);
	join(c, s);
	is_well = is_joined(c, s);
	tls_session_free(c);
	tls_session_free(s);
	ERR_clear_error();
	return is_well;
}

static void
test_members(void **state)
{
	struct tls *server = NULL, *client = NULL;
	uint8_t key[TLS_KEY_LEN];
	SSL *c = NULL, *s = NULL;

	(void)state;
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], pin(1), &server), 0);
	assert_int_equal(tls_new(TLS_CLIENT, seeds[1], pin(0), &client), 0);
	assert_int_equal(tls_session_new(client, &c), 0);
	assert_int_equal(tls_session_new(server, &s), 0);
	join(c, s);
	assert_int_equal(tls_peer(s, key), FAIL_ABSENT);
	assert_true(is_joined(c, s));
	assert_int_equal(tls_peer(s, key), 0);
	assert_memory_equal(key, keys[1], sizeof key);
	assert_int_equal(tls_peer(c, key), 0);
	assert_memory_equal(key, keys[0], sizeof key);

	/* What was agreed on, and nothing to resume with. */
	assert_string_equal(SSL_get_version(c), "TLSv1.3");
	assert_string_equal(SSL_get_cipher(c), "TLS_AES_256_GCM_SHA384");
	assert_int_equal(SSL_SESSION_has_ticket(SSL_get_session(c)), 0);
	assert_int_equal(SSL_renegotiate(c), 0);
	if (crypto_has_suite(SUITE_2))
		assert_int_equal(SSL_get_negotiated_group(c), 0x11ec | 0x1000000);
	else
		assert_int_equal(SSL_get_negotiated_group(c), NID_X25519);
	tls_session_free(c);
	tls_session_free(s);
	tls_free(client);
	tls_free(server);
}

static void
test_pins(void **state)
{
	struct tls *asks = NULL, *open = NULL, *client = NULL;

	(void)state;
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], pin(1), &asks), 0);
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], no_pins, &open), 0);

	/* The wrong server, the wrong client, a client without a key. */
	assert_int_equal(tls_new(TLS_CLIENT, seeds[1], pin(2), &client), 0);
	assert_false(meets(client, asks));
	assert_false(meets(client, open));
	tls_free(client);
	assert_int_equal(tls_new(TLS_CLIENT, seeds[2], pin(0), &client), 0);
	assert_false(meets(client, asks));
	assert_false(meets(client, open));
	/* A new roster lets it in and the old one out. */
	assert_int_equal(tls_set_pins(asks, pin(2)), 0);
	assert_true(meets(client, asks));
	assert_true(tls_is_pinned(asks, keys[2]));
	assert_false(tls_is_pinned(asks, keys[1]));
	assert_int_equal(tls_set_pins(asks, pin(1)), 0);
	assert_false(meets(client, asks));
	tls_free(client);
	/* Who shows no key comes in everywhere, and is nobody (test_nobody). */
	assert_int_equal(tls_new(TLS_CLIENT, NULL, pin(0), &client), 0);
	assert_true(meets(client, asks));
	assert_true(meets(client, open));
	tls_free(client);

	/* One of several pins is enough. */
	assert_int_equal(
		tls_new(TLS_CLIENT, NULL,
			(struct tls_pins){
				.keys = (const uint8_t(*)[TLS_KEY_LEN])keys, .count = 3},
			&client),
		0);
	assert_true(meets(client, open));
	tls_free(client);
	tls_free(asks);
	tls_free(open);
}

static void
test_usage(void **state)
{
	uint8_t(*many)[TLS_KEY_LEN] = NULL;
	struct tls *t = NULL;

	(void)state;
	assert_int_equal(tls_new(TLS_SERVER, NULL, pin(0), &t), FAIL_USAGE);
	assert_int_equal(tls_new(TLS_CLIENT, seeds[0], no_pins, &t), FAIL_USAGE);
	assert_int_equal(mem_new_array(&many, TLS_PINS_MAX + 1, TLS_KEY_LEN), 0);
	assert_int_equal(tls_new(TLS_SERVER, seeds[0],
				 (struct tls_pins){(const uint8_t(*)[TLS_KEY_LEN])many,
					 TLS_PINS_MAX + 1},
				 &t),
		FAIL_LIMIT);
	assert_null(t);
	assert_int_equal(tls_new(TLS_SERVER, seeds[0],
				 (struct tls_pins){(const uint8_t(*)[TLS_KEY_LEN])many,
					 TLS_PINS_MAX},
				 &t),
		0);
	/* A station leaves its community, and joins one: nobody, then somebody. */
	assert_int_equal(tls_set_pins(t, no_pins), 0);
	assert_false(tls_is_pinned(t, keys[0]));
	assert_int_equal(tls_set_pins(t, pin(0)), 0);
	tls_free(t);
	t = NULL;
	assert_int_equal(tls_new(TLS_CLIENT, NULL, pin(0), &t), 0);
	assert_int_equal(tls_set_pins(t, no_pins), FAIL_USAGE);
	assert_int_equal(tls_set_pins(t, pin(1)), 0);
	tls_free(t);
	t = NULL;
	assert_int_equal(tls_new_first_use(&t), 0);
	assert_int_equal(tls_set_pins(t, pin(0)), FAIL_USAGE);
	tls_free(t);
	tls_free(NULL);
	mem_free(many);
}

/* An officer shows no key and has none; one that knows no key yet learns the station's. */
static void
test_nobody(void **state)
{
	struct tls *server = NULL, *client = NULL;
	uint8_t key[TLS_KEY_LEN];
	SSL *c = NULL, *s = NULL;

	(void)state;
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], pin(1), &server), 0);
	assert_int_equal(tls_new_first_use(&client), 0);
	assert_int_equal(tls_session_new(client, &c), 0);
	assert_int_equal(tls_session_new(server, &s), 0);
	join(c, s);
	assert_true(is_joined(c, s));
	assert_int_equal(tls_peer(s, key), FAIL_ABSENT);
	assert_int_equal(tls_peer(c, key), 0);
	assert_memory_equal(key, keys[0], sizeof key);
	tls_session_free(c);
	tls_session_free(s);
	tls_free(client);
	tls_free(server);
}

/* A foreign client against our server: another program, other habits. */
static bool
stranger_meets(SSL_CTX *stranger, struct tls *server)
{
	SSL *c = SSL_new(stranger), *s = NULL;
	bool is_well;

	assert_non_null(c);
	SSL_set_connect_state(c);
	assert_int_equal(tls_session_new(server, &s), 0);
	join(c, s);
	is_well = is_joined(c, s);
	tls_session_free(c);
	tls_session_free(s);
	ERR_clear_error();
	return is_well;
}

static void
test_strangers(void **state)
{
	SSL_CTX *stranger = SSL_CTX_new(TLS_client_method());
	struct tls *open = NULL, *asks = NULL;

	(void)state;
	assert_non_null(stranger);
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], no_pins, &open), 0);
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], pin(1), &asks), 0);
	assert_true(stranger_meets(stranger, open));
	assert_true(stranger_meets(stranger, asks));
	assert_int_equal(SSL_CTX_set_max_proto_version(stranger, TLS1_2_VERSION), 1);
	assert_false(stranger_meets(stranger, open));
	assert_int_equal(SSL_CTX_set_max_proto_version(stranger, TLS1_3_VERSION), 1);
	assert_true(stranger_meets(stranger, open));
	assert_int_equal(SSL_CTX_set_ciphersuites(stranger, "TLS_AES_128_GCM_SHA256"), 1);
	assert_false(stranger_meets(stranger, open));
	assert_int_equal(SSL_CTX_set_ciphersuites(stranger, "TLS_AES_256_GCM_SHA384"), 1);
	assert_int_equal(SSL_CTX_set1_groups_list(stranger, "P-256"), 1);
	assert_false(stranger_meets(stranger, open));
	SSL_CTX_free(stranger);
	tls_free(open);
	tls_free(asks);
}

/*
 * The liar shows the pinned certificate, which is public, but holds another key.  The pin alone
 * would let him in; TLS must not.
 */
static void
test_stolen_certificate(void **state)
{
	struct tls *asks = NULL, *owner = NULL;
	SSL *session = NULL, *c, *s = NULL;
	EVP_PKEY *other;

	(void)state;
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], pin(1), &asks), 0);
	assert_int_equal(tls_new(TLS_CLIENT, seeds[1], pin(0), &owner), 0);
	assert_int_equal(tls_session_new(owner, &session), 0);
	other = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seeds[2], 32);
	c = SSL_new(SSL_get_SSL_CTX(session));
	assert_non_null(other);
	assert_non_null(c);
	SSL_set_connect_state(c);
	/* OpenSSL itself refuses to put them together. */
	assert_int_equal(SSL_use_PrivateKey(c, other), 0);
	EVP_PKEY_free(other);

	assert_int_equal(tls_session_new(asks, &s), 0);
	join(c, s);
	/* With the rightful key the same path is open: the refusal above was the cause. */
	assert_true(is_joined(c, s));
	tls_session_free(session);
	tls_session_free(c);
	tls_session_free(s);
	tls_free(asks);
	tls_free(owner);
	ERR_clear_error();
}

static void
test_plain_text(void **state)
{
	const char *words[] = {
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01", "", "\xff"};
	struct tls *open = NULL;

	(void)state;
	assert_int_equal(tls_new(TLS_SERVER, seeds[0], no_pins, &open), 0);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		BIO *in = BIO_new_mem_buf(words[i], (int)strlen(words[i]));
		SSL *s = NULL;

		assert_int_equal(tls_session_new(open, &s), 0);
		SSL_set_bio(s, in, BIO_new(BIO_s_mem()));
		assert_true(SSL_do_handshake(s) <= 0);
		assert_false(SSL_is_init_finished(s));
		tls_session_free(s);
		ERR_clear_error();
	}
	tls_free(open);
}

/* A configuration file that would widen what is offered is not read. */
static void
test_no_configuration(void **state)
{
	SSL_CTX *plain;

	(void)state;
	plain = SSL_CTX_new(TLS_client_method());
	assert_non_null(plain);
	/* main() has set OPENSSL_CONF to a file that allows TLS 1.2 at most. */
	assert_int_not_equal(SSL_CTX_get_max_proto_version(plain), TLS1_2_VERSION);
	SSL_CTX_free(plain);
}

static void
test_want_of_memory(void **state)
{
	struct tls *t = NULL;
	long n;

	(void)state;
	for (n = 0; n < 100; n++) {
		int r;

		mem_fail_after(n, true);
		r = tls_new(TLS_SERVER, seeds[0], pin(1), &t);
		mem_fail_never();
		if (r == 0)
			break;
		assert_int_equal(r, FAIL_NOMEM);
		assert_null(t);
	}
	assert_true(n == 2);
	mem_fail_after(0, true);
	assert_int_equal(tls_set_pins(t, pin(2)), FAIL_NOMEM);
	mem_fail_never();
	assert_true(tls_is_pinned(t, keys[1]));
	tls_free(t);
	assert_int_equal(ERR_peek_error(), 0);
}

static void
plant_configuration(char path[])
{
	const char text[] =
		"openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
		"[c]\nMaxProtocol = TLSv1.2\n";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, sizeof text - 1) != (ssize_t)(sizeof text - 1))
		abort();
	close(fd);
	(void)setenv("OPENSSL_CONF", path, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_stolen_certificate),
		cmocka_unit_test(test_plain_text),
		cmocka_unit_test(test_no_configuration),
		cmocka_unit_test(test_want_of_memory),
	};
	char path[] = "/tmp/valise-test-XXXXXX";
	int failed;

	plant_configuration(path);
	if (crypto_init() != 0)
		return 1;
	for (size_t i = 0; i < 3; i++) {
		memset(seeds[i], (int)(i + 1), sizeof seeds[i]);
		sign_public(seeds[i], keys[i]);
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	return failed;
}
