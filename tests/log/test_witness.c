/* SPDX-License-Identifier: Apache-2.0 */
#include "log/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"
#include "crypto/crypto.h"

static const uint8_t log_seed[SIGN_SEED_LEN] = {1};
static const char origin[] = "pt.example/openings/1";

/* A log of three leaves, and its roots. */
static uint8_t leaves[3][HASH_LEN], roots[4][HASH_LEN];

static struct note_key
log_key(void)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key key;

	sign_public(log_seed, public_key);
	assert_int_equal(
		note_key_make(origin, NOTE_ED25519, public_key, sizeof public_key, &key),
		0);
	return key;
}

static int
grow(void **state)
{
	struct tree tree;

	(void)state;
	if (crypto_init() != 0)
		return 1;
	tree_init(&tree);
	tree_root(&tree, roots[0]);
	for (int i = 0; i < 3; i++) {
		memset(leaves[i], i + 1, HASH_LEN);
		tree_push(&tree, leaves[i]);
		tree_root(&tree, roots[i + 1]);
	}
	return 0;
}

/* A request for this head; its first line and its proof are given as text. */
static int
ask(const char *lines, uint64_t size, const uint8_t root[HASH_LEN],
	const struct witness_seen *seen)
{
	struct note_key key = log_key();
	struct checkpoint c = {.origin = rd_of(origin, sizeof origin - 1), .size = size},
			  got;
	struct witness_request request;
	struct buf text, body;
	struct note *note;
	int status = 400;

	memcpy(c.root, root, HASH_LEN);
	buf_init(&text, CHECKPOINT_TEXT_MAX);
	buf_init(&body, WITNESS_REQUEST_MAX);
	assert_int_equal(checkpoint_write(&c, &text), 0);
	buf_text(&body, lines);
	assert_int_equal(note_text_write(text.data, text.len, &body), 0);
	assert_int_equal(note_sign(text.data, text.len, origin, log_seed, &body), 0);
	if (witness_parse(rd_of(body.data, body.len), &request) == 0) {
		assert_int_equal(
			note_parse(request.head.ptr, request.head.len, &note), 0);
		status = witness_judge(&request, note, &key, seen, &got);
		if (status == 200)
			assert_int_equal(got.size, size);
		note_free(note);
	}
	buf_done(&body);
	buf_done(&text);
	return status;
}

static void
every_case_of_the_specification(void **state)
{
	struct witness_seen none = {0}, one = {.size = 1}, three = {.size = 3};
	char to_three[256], leaf1[64], leaf2[64];

	(void)state;
	memcpy(one.root, roots[1], HASH_LEN);
	memcpy(three.root, roots[3], HASH_LEN);
	text_base64(leaves[1], HASH_LEN, leaf1);
	text_base64(leaves[2], HASH_LEN, leaf2);
	(void)snprintf(to_three, sizeof to_three, "old 1\n%s\n%s\n\n", leaf1, leaf2);

	assert_int_equal(ask("old 0\n\n", 1, roots[1], &none), 200);
	assert_int_equal(ask(to_three, 3, roots[3], &one), 200);
	/* the same size again */
	assert_int_equal(ask("old 3\n\n", 3, roots[3], &three), 200);
	assert_int_equal(ask("old 3\n\n", 3, roots[2], &three), 422);
	/* the asker is behind or ahead */
	assert_int_equal(ask("old 0\n\n", 3, roots[3], &one), 409);
	assert_int_equal(ask("old 2\n\n", 3, roots[3], &one), 409);
	assert_int_equal(ask("old 4\n\n", 3, roots[3], &three), 400);
	/* malformed */
	assert_int_equal(ask("old 01\n\n", 3, roots[3], &one), 400);
	assert_int_equal(ask("old \n\n", 3, roots[3], &one), 400);
	assert_int_equal(ask("old +1\n\n", 3, roots[3], &one), 400);
	assert_int_equal(ask("new 1\n\n", 3, roots[3], &one), 400);
	assert_int_equal(ask("old 1\nAAAA\n\n", 3, roots[3], &one), 400);
	assert_int_equal(ask("old 9223372036854775808\n\n", 3, roots[3], &one), 400);
	/* proofs that do not hold */
	assert_int_equal(ask("old 1\n\n", 3, roots[3], &one), 422);
	assert_int_equal(ask(to_three, 3, roots[2], &one), 422);
	(void)snprintf(to_three, sizeof to_three, "old 0\n%s\n\n", leaf1);
	assert_int_equal(ask(to_three, 1, roots[1], &none), 422);
	/* nothing has one root */
	assert_int_equal(ask("old 0\n\n", 0, roots[0], &none), 200);
	assert_int_equal(ask("old 0\n\n", 0, roots[1], &none), 422);
}

static void
sixty_three_hashes_and_no_more(void **state)
{
	struct witness_request request;
	char body[64 * 48 + 16] = "old 1\n", hash[64];

	(void)state;
	text_base64(leaves[0], HASH_LEN, hash);
	for (int i = 0; i < 63; i++) {
		strncat(body, hash, sizeof body - strlen(body) - 1);
		strncat(body, "\n", sizeof body - strlen(body) - 1);
	}
	strncat(body, "\n", sizeof body - strlen(body) - 1);
	assert_int_equal(witness_parse(rd_of(body, strlen(body)), &request), 0);
	assert_int_equal(request.proof.count, 63);
	body[strlen(body) - 1] = 0;
	strncat(body, hash, sizeof body - strlen(body) - 1);
	strncat(body, "\n\n", sizeof body - strlen(body) - 1);
	assert_int_equal(witness_parse(rd_of(body, strlen(body)), &request), FAIL_LIMIT);
}

/* One step of the published session; the state goes on from step to step. */
static int
step(const char *body, const char *their_origin, const struct note_key *key,
	struct witness_seen *seen)
{
	struct witness_request request;
	struct checkpoint head;
	struct note *note = NULL;
	size_t len = strlen(their_origin);
	bool is_known;
	int status;

	if (witness_parse(rd_of(body, strlen(body)), &request) != 0)
		return 400;
	is_known = request.head.len > len &&
		memcmp(request.head.ptr, their_origin, len) == 0 &&
		request.head.ptr[len] == '\n';
	if (note_parse(request.head.ptr, request.head.len, &note) != 0)
		note = NULL;
	status = witness_judge(&request, note, is_known ? key : NULL, seen, &head);
	if (status == 200) {
		seen->size = head.size;
		memcpy(seen->root, head.root, HASH_LEN);
	}
	note_free(note);
	return status;
}

static void
a_published_session(void **state)
{
	const char *shared = getenv("VALISE_SHARED"), *their_origin, *hex;
	struct witness_seen seen = {0};
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key key;
	json_t *all, *steps;
	char path[4096];

	(void)state;
	(void)snprintf(path, sizeof path,
		"%s/vectors/ledger/torchwood/witness-http-steps.json",
		shared == NULL ? "" : shared);
	if (shared == NULL || (all = json_load_file(path, 0, NULL)) == NULL) {
		(void)printf("SKIP: no shared data (VALISE_SHARED)\n");
		skip();
	}
	their_origin = json_string_value(json_object_get(all, "origin"));
	hex = json_string_value(json_object_get(all, "log_ed25519_pk_hex"));
	assert_int_equal(text_unhex(hex, strlen(hex), public_key, sizeof public_key), 0);
	assert_int_equal(note_key_make(their_origin, NOTE_ED25519, public_key,
				 sizeof public_key, &key),
		0);
	steps = json_object_get(all, "steps");
	assert_true(json_array_size(steps) > 5);
	for (size_t i = 0; i < json_array_size(steps); i++) {
		json_t *one = json_array_get(steps, i);
		const char *body =
			json_string_value(json_object_get(one, "request_body"));

		assert_int_equal(step(body, their_origin, &key, &seen),
			json_integer_value(json_object_get(one, "status")));
	}
	json_decref(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_specification),
		cmocka_unit_test(sixty_three_hashes_and_no_more),
		cmocka_unit_test(a_published_session),
	};

	return cmocka_run_group_tests(tests, grow, NULL);
}
