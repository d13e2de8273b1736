/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "member/keyfile.h"
#include "sys/disk.h"
#include "sys/random.h"
#include "valise/identity.h"
#include "valise/opener.h"
#include "valise/plan.h"
#include "valise/sealer.h"

/*
 * Somebody who knows our public keys seals an envelope to us and signs it with a key of their
 * own.  It is a good envelope: it opens, and the signature verifies.  It must not pass for ours,
 * unless we name the signer.
 */

static struct keys *ours, *theirs;
static struct args no_args = {.verb = "test"};
static char root[] = "/tmp/valise-signer-XXXXXX";
static const char text[] = "Deliver it at once.";

/* Keys from a code of one repeated byte, by way of a key file. */
static struct keys *
make_keys(uint8_t code_byte)
{
	uint8_t code[SOLO_SECRET_LEN];
	struct secret *passphrase = NULL;
	char path[DISK_PATH_MAX];
	struct solo *solo = NULL;
	struct keys *keys = NULL;
	struct buf file;

	memset(code, code_byte, sizeof code);
	buf_init(&file, KEYFILE_MAX);
	assert_int_equal(secret_new(4, &passphrase), 0);
	memcpy(passphrase->bytes, "word", 4);
	assert_int_equal(solo_new(SUITE_1, code, false, 1, random_system(), &solo), 0);
	assert_int_equal(keyfile_seal(solo, passphrase, random_system(), &file), 0);
	assert_int_equal(keys_file_path(root, path), 0);
	assert_int_equal(disk_write_small(path, file.data, file.len, true), 0);
	assert_int_equal(keys_from_passphrase(root, passphrase, &keys), 0);
	assert_int_equal(unlink(path), 0);
	buf_done(&file);
	solo_free(solo);
	secret_free(passphrase);
	return keys;
}

/* Seal the text to the readers of `to`, signed by `by`, into letter.valise. */
static void
seal(struct keys *to, struct keys *by)
{
	static struct body_head head;
	struct infile *in = NULL;
	struct outfile *out = NULL;
	struct plan *plan = NULL;
	struct sealed sealed;
	FILE *f = fopen("letter", "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, sizeof text, f), sizeof text);
	assert_int_equal(fclose(f), 0);
	head = (struct body_head){.part_count = 1};
	head.parts[0] = (struct body_part){
		.kind = BODY_FILE, .name = rd_of("letter", 6), .size = sizeof text};
	assert_int_equal(infile_new("letter", &in), 0);
	assert_int_equal(plan_new(&no_args, NULL, 1795000000, &plan), 0);
	plan_seal_to(plan, keys_public(to));
	assert_int_equal(outfile_new("letter.valise", true, &out), 0);
	{
		struct sealer sealer = {.keys = by,
			.plan = plan_header(plan),
			.head = &head,
			.inputs = &in,
			.out = out,
			.thread_count = 1};

		assert_int_equal(sealer_run(&sealer, &sealed), 0);
	}
	assert_int_equal(outfile_commit(out), 0);
	outfile_free(out);
	plan_free(plan);
	infile_free(in);
}

/* Open it with our keys into "out", which appears on success only, as verb_open.c does it. */
static int
open_with(const char *signer_words, struct opened *ret_opened)
{
	struct infile *in = NULL;
	struct outfile *out = NULL;
	int r;

	assert_int_equal(infile_new("letter.valise", &in), 0);
	assert_int_equal(outfile_new("out", true, &out), 0);
	{
		struct opener opener = {.keys = ours,
			.in = in,
			.out = out,
			.signer_words = signer_words,
			.thread_count = 1};

		r = opener_run(&opener, ret_opened);
	}
	if (r == 0)
		assert_int_equal(outfile_commit(out), 0);
	outfile_free(out);
	infile_free(in);
	return r;
}

static void
our_own_is_opened(void **state)
{
	struct opened opened;

	(void)state;
	seal(ours, ours);
	assert_int_equal(open_with(NULL, &opened), 0);
	assert_true(disk_is_there("out"));
}

static void
theirs_does_not_pass_for_ours(void **state)
{
	struct opened opened;

	(void)state;
	seal(ours, theirs);
	assert_int_equal(open_with(NULL, &opened), FAIL_SIGNER);
	assert_false(disk_is_there("out"));
	/* Whose it was is told, so that a person can ask. */
	assert_memory_equal(opened.signer, keys_public(theirs)->sign, SIGN_PUBLIC_LEN);
}

static void
a_named_signer_is_accepted_and_no_other(void **state)
{
	char words[IDENTITY_TEXT_MAX], other[IDENTITY_TEXT_MAX];
	uint8_t third[SIGN_PUBLIC_LEN] = {3};
	struct opened opened;

	(void)state;
	seal(ours, theirs);
	identity_words(third, other);
	assert_int_equal(open_with(other, &opened), FAIL_SIGNER);
	assert_false(disk_is_there("out"));
	identity_words(keys_public(theirs)->sign, words);
	assert_int_equal(open_with(words, &opened), 0);
	assert_true(disk_is_there("out"));
}

static void
what_is_sealed_to_others_stays_closed(void **state)
{
	struct opened opened;

	(void)state;
	seal(theirs, ours);
	assert_int_equal(open_with(NULL, &opened), FAIL_NO_KEY);
	seal(theirs, theirs);
	assert_int_equal(open_with(NULL, &opened), FAIL_NO_KEY);
	assert_false(disk_is_there("out"));
}

static int
leave(void **state)
{
	(void)state;
	(void)unlink("out");
	(void)unlink("letter");
	(void)unlink("letter.valise");
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	if (mkdtemp(root) == NULL || chdir(root) != 0)
		return 1;
	ours = make_keys(1);
	theirs = make_keys(2);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	keys_free(ours);
	keys_free(theirs);
	return chdir("/") != 0 || rmdir(root) != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(our_own_is_opened, leave),
		cmocka_unit_test_teardown(theirs_does_not_pass_for_ours, leave),
		cmocka_unit_test_teardown(a_named_signer_is_accepted_and_no_other, leave),
		cmocka_unit_test_teardown(what_is_sealed_to_others_stays_closed, leave),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, begin, end);
}
