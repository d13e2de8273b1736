/* SPDX-License-Identifier: Apache-2.0 */
#include "log/proof.h"

#include <dirent.h>
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

/*
 * The cases of transparency-dev/merkle, right ones and spoilt ones: the verdict must be theirs.
 * Without the shared data (VALISE_SHARED) the test is skipped.
 */

static unsigned right, spoilt;

/* Some cases have a word where a root stands: shorter than a hash, and as good as one. */
static int
hash_of(const json_t *value, uint8_t ret_hash[HASH_LEN])
{
	const char *text = json_string_value(value);
	size_t len;
	int r;

	if (text == NULL || text[0] == 0)
		return FAIL_FORMAT;
	r = text_unbase64(text, strlen(text), ret_hash, HASH_LEN, &len);
	if (r == 0 && len < HASH_LEN)
		memset(ret_hash + len, 0, HASH_LEN - len);
	return r;
}

static int
proof_of(const json_t *list, struct proof *ret_proof)
{
	ret_proof->count = json_array_size(list);
	if (ret_proof->count > PROOF_HASHES_MAX)
		return FAIL_LIMIT;
	for (size_t i = 0; i < ret_proof->count; i++)
		if (hash_of(json_array_get(list, i), ret_proof->hashes[i]) != 0)
			return FAIL_FORMAT;
	return 0;
}

static uint64_t
number_of(const json_t *object, const char *name)
{
	double v = json_real_value(json_object_get(object, name));

	/* 2^64 - 1 stands there for "one before the first". */
	return v < 9e15 ? (uint64_t)v : UINT64_MAX;
}

static int
check_inclusion(const json_t *one)
{
	uint8_t root[HASH_LEN], leaf[HASH_LEN];
	struct proof proof;
	int r;

	if ((r = hash_of(json_object_get(one, "root"), root)) != 0 ||
		(r = hash_of(json_object_get(one, "leafHash"), leaf)) != 0 ||
		(r = proof_of(json_object_get(one, "proof"), &proof)) != 0)
		return r;
	return proof_check_inclusion(&proof, number_of(one, "leafIdx"), leaf,
		number_of(one, "treeSize"), root);
}

static int
check_consistency(const json_t *one)
{
	uint8_t old_root[HASH_LEN], new_root[HASH_LEN];
	struct proof_sizes sizes = {
		number_of(one, "size1"), number_of(one, "size2"), old_root, new_root};
	struct proof proof;
	int r;

	if ((r = hash_of(json_object_get(one, "root1"), old_root)) != 0 ||
		(r = hash_of(json_object_get(one, "root2"), new_root)) != 0 ||
		(r = proof_of(json_object_get(one, "proof"), &proof)) != 0)
		return r;
	return proof_check_consistency(&proof, &sizes);
}

static void
check_file(const char *path, int (*check)(const json_t *))
{
	json_t *one = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
	bool is_wrong = json_is_true(json_object_get(one, "wantErr"));

	if (one == NULL)
		fail_msg("%s: not read", path);
	/* They find it useless to ask; a witness that has seen nothing yet must answer it. */
	if (strstr(path, "size1-is-zero-and-size2-is-not-zero") != NULL)
		is_wrong = false;
	if ((check(one) != 0) != is_wrong)
		fail_msg("%s: the verdict differs", path);
	*(is_wrong ? &spoilt : &right) += 1;
	json_decref(one);
}

/* The folders are two levels deep. */
static void
check_folder(const char *dir, int (*check)(const json_t *), unsigned depth)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		char path[4096];
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		assert_true(snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) <
			(int)sizeof path);
		if (len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0)
			check_file(path, check);
		else if (depth > 0)
			check_folder(path, check, depth - 1);
	}
	closedir(d);
}

static void
their_verdicts_are_ours(void **state)
{
	static const struct {
		const char *name;
		int (*check)(const json_t *);
	} kinds[] = {{"inclusion", check_inclusion}, {"consistency", check_consistency}};
	const char *shared = getenv("VALISE_SHARED");

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char path[4096];

		assert_true(
			snprintf(path, sizeof path,
				"%s/vectors/ledger/transparency-dev-merkle/testdata/%s",
				shared, kinds[i].name) < (int)sizeof path);
		check_folder(path, kinds[i].check, 2);
	}
	printf("%u right and %u spoilt proofs\n", right, spoilt);
	assert_true(right > 10 && spoilt > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(their_verdicts_are_ours)};
	const char *shared = getenv("VALISE_SHARED");
	char path[4096];
	DIR *d;

	if (crypto_init() != 0)
		return 1;
	if (shared == NULL ||
		snprintf(path, sizeof path, "%s/vectors/ledger", shared) >=
			(int)sizeof path ||
		(d = opendir(path)) == NULL) {
		(void)printf("SKIP: no shared data (VALISE_SHARED)\n");
		return 77;
	}
	closedir(d);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
