/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"

#define DASH "\xe2\x80\x94 "

/* The example of the C2SP specification (github.com/C2SP/C2SP, signed-note.md). */
static const char c2sp_note[] =
	"This is an example message.\n\n" DASH "example.com/foo "
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKu"
	"wHjG1Yu72IneyaQM=\n";
static const char c2sp_vkey[] =
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

static const uint8_t seed_a[SIGN_SEED_LEN] = {1}, seed_b[SIGN_SEED_LEN] = {2};

static int
parse(const char *s, struct note **ret_note)
{
	return note_parse(s, strlen(s), ret_note);
}

static void
key_of(const char *name, const uint8_t seed[SIGN_SEED_LEN], struct note_key *ret_key)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];

	sign_public(seed, public_key);
	assert_int_equal(
		note_key_make(name, NOTE_ED25519, public_key, sizeof public_key, ret_key),
		0);
}

/* A note over text, signed as asked, with a NUL behind it. */
static void
make_note(const char *text, const char *name_a, const char *name_b, struct buf *b)
{
	buf_init(b, 4096);
	assert_int_equal(note_text_write(text, strlen(text), b), 0);
	if (name_a != NULL)
		assert_int_equal(note_sign(text, strlen(text), name_a, seed_a, b), 0);
	if (name_b != NULL)
		assert_int_equal(note_sign(text, strlen(text), name_b, seed_b, b), 0);
	assert_int_equal(buf_error(b), 0);
}

static void
test_the_example_of_the_specification(void **state)
{
	struct note *note = NULL;
	struct note_key key;
	bool is_signer = false;
	struct buf b;

	(void)state;
	assert_int_equal(note_key_parse(c2sp_vkey, strlen(c2sp_vkey), &key), 0);
	assert_string_equal(key.name, "example.com/foo");
	assert_int_equal(key.type, NOTE_ED25519);
	assert_int_equal(parse(c2sp_note, &note), 0);
	assert_int_equal(note->text.len, 28);
	assert_int_equal(note->signature_count, 1);
	assert_int_equal(note_verify(note, &key, 1, &is_signer), 0);
	assert_true(is_signer);
	buf_init(&b, 4096);
	note_write(note, &b);
	assert_int_equal(b.len, strlen(c2sp_note));
	assert_memory_equal(b.data, c2sp_note, b.len);
	buf_clear(&b);
	note_key_write(&key, &b);
	assert_int_equal(b.len, strlen(c2sp_vkey));
	assert_memory_equal(b.data, c2sp_vkey, b.len);
	buf_done(&b);
	note_free(note);
	note_free(NULL);
}

/* A witnessed log head (FiloSottile/sunlight, test data): other types are carried. */
static void
test_other_types_are_carried(void **state)
{
	static const char head[] =
		"rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/"
		"ezu2v0=\n\n" DASH "rome2026h1.example.org "
		"kVB1JgAAAZtxtEwABAMARzBFAiEAi+mTa2xjL1IdWpH82OeciGsGvwRAP+f1Wkf"
		"KaSZCfFECIHoNPZ/Q3y6UNzvKOO9cuLr6V16vPNfhwhle9f6r5H/Z\n" DASH
		"witness.example.org "
		"uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq"
		"4LGvqKqLX8jWlwLKasxEGTLIqAVusneCBmBw==\n";
	static const char vkey[] = "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/"
				   "CiY3Zozkoy7clp+P7XB28qUN";
	const struct note_signature *s;
	struct note *note = NULL;
	struct note_key key;
	bool is_signer = true;

	(void)state;
	assert_int_equal(note_key_parse(vkey, strlen(vkey), &key), 0);
	assert_int_equal(key.type, NOTE_COSIGNATURE);
	assert_int_equal(parse(head, &note), 0);
	assert_int_equal(note->signature_count, 2);
	assert_non_null(s = note_signature_find(note, &key));
	assert_int_equal(s->bytes.len, 8 + SIGN_LEN);
	assert_int_equal(note_verify(note, &key, 1, &is_signer), FAIL_UNSUPPORTED);
	assert_false(is_signer);
	note_free(note);
}

static void
test_two_signers_and_a_stranger(void **state)
{
	struct note_key keys[3];
	bool is_signer[3] = {false};
	struct note *note = NULL;
	struct buf b;

	(void)state;
	key_of("pt/enrol-1", seed_a, &keys[0]);
	key_of("pt/enrol-2", seed_b, &keys[1]);
	key_of("fr/enrol-1", seed_a, &keys[2]);
	make_note("roster\n\nwith an empty line\n", "pt/enrol-1", "pt/enrol-2", &b);
	assert_int_equal(note_parse(b.data, b.len, &note), 0);
	assert_int_equal(note->text.len, 27);
	assert_int_equal(note_verify(note, keys, 3, is_signer), 0);
	assert_true(is_signer[0] && is_signer[1] && !is_signer[2]);
	/* Asked about one of them only, the other is a stranger. */
	assert_int_equal(note_verify(note, &keys[1], 1, is_signer), 0);
	/* The same key under another name did not sign. */
	assert_int_equal(note_verify(note, &keys[2], 1, is_signer), FAIL_SIGNATURE);
	assert_int_equal(note_verify(note, keys, 0, is_signer), FAIL_SIGNATURE);
	assert_null(note_signature_find(note, &keys[2]));
	note_free(note);
	buf_done(&b);
}

/* One false signature of a known key refuses the note, however good the others are. */
static void
test_a_false_signature_refuses_the_whole_note(void **state)
{
	struct note_key keys[2];
	bool is_signer[2] = {true, true};
	struct note *note = NULL;
	struct buf b, other;

	(void)state;
	key_of("a", seed_a, &keys[0]);
	key_of("b", seed_b, &keys[1]);
	make_note("one\n", "a", NULL, &b);
	buf_init(&other, 4096);
	assert_int_equal(note_sign("two\n", 4, "b", seed_b, &other), 0);
	buf_bytes(&b, other.data, other.len);
	assert_int_equal(note_parse(b.data, b.len, &note), 0);
	assert_int_equal(note_verify(note, keys, 2, is_signer), FAIL_SIGNATURE);
	assert_false(is_signer[0] || is_signer[1]);
	/* Who does not know b sees a good note by a. */
	assert_int_equal(note_verify(note, keys, 1, is_signer), 0);
	assert_true(is_signer[0]);
	note_free(note);
	note = NULL;
	/* The same after a good one of the same key: order does not matter. */
	buf_clear(&b);
	assert_int_equal(note_text_write("one\n", 4, &b), 0);
	assert_int_equal(note_sign("one\n", 4, "b", seed_b, &b), 0);
	buf_bytes(&b, other.data, other.len);
	assert_int_equal(note_parse(b.data, b.len, &note), 0);
	assert_int_equal(note_verify(note, &keys[1], 1, is_signer), FAIL_SIGNATURE);
	note_free(note);
	buf_done(&b);
	buf_done(&other);
}

/* Any bit of text or signature changed: no longer signed, or no longer a note. */
static void
test_every_flipped_bit_is_noticed(void **state)
{
	char bytes[sizeof c2sp_note];
	struct note_key key;
	bool is_signer;

	(void)state;
	assert_int_equal(note_key_parse(c2sp_vkey, strlen(c2sp_vkey), &key), 0);
	for (size_t bit = 0; bit < 8 * (sizeof c2sp_note - 1); bit++) {
		struct note *note = NULL;

		memcpy(bytes, c2sp_note, sizeof bytes);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		if (note_parse(bytes, sizeof bytes - 1, &note) == 0)
			assert_int_equal(
				note_verify(note, &key, 1, &is_signer), FAIL_SIGNATURE);
		note_free(note);
	}
}

static void
test_malformed_notes(void **state)
{
#define SIG "AAAAAAA="
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		"text\n",
		"text\n\n",
		"text\n\n\n",
		"text",
		"text\n\n" DASH "a " SIG,    /* no last newline */
		"text\n" DASH "a " SIG "\n", /* no empty line */
		"text\n\n- a " SIG "\n",     /* hyphen for dash */
		"text\n\n\xe2\x80\x94"
		"a " SIG "\n",			 /* no space after the dash */
		"text\n\n" DASH "a" SIG "\n",	 /* no space after the name */
		"text\n\n" DASH " " SIG "\n",	 /* no name */
		"text\n\n" DASH "a+b " SIG "\n", /* plus in the name */
		"text\n\n" DASH "a\xc2\xa0"
		"b " SIG "\n",
		"text\n\n" DASH "a\xe2\x80\x83"
		"b " SIG "\n",
		"text\n\n" DASH "a\xff " SIG "\n",
		"text\n\n" DASH "a  " SIG "\n",
		"text\n\n" DASH "a " SIG " \n",
		"text\n\n" DASH "a AAAAAA==\n", /* a key id and no signature */
		"text\n\n" DASH "a AAAAAAB=\n", /* spare bits */
		"text\n\n" DASH "a \n",
		"text\n\n" DASH "a " SIG "\njunk\n",
		"te\txt\n\n" DASH "a " SIG "\n",
		"te\rxt\n\n" DASH "a " SIG "\n",
		"te\xffxt\n\n" DASH "a " SIG "\n",
	};
	struct note *note = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (parse(bad[i], &note) != FAIL_FORMAT)
			fail_msg("accepted: %s", bad[i]);
	assert_null(note);
	assert_int_equal(parse("text\n\n" DASH "a " SIG "\n", &note), 0);
	note_free(note);
	assert_int_equal(
		parse("\n\n" DASH "\xc3\xa9/\xf0\x9f\x93\xa6 " SIG "\n", &note), 0);
	note_free(note);
	note = NULL;
	assert_int_equal(
		note_parse("te\0xt\n\n" DASH "a " SIG "\n", 23, &note), FAIL_FORMAT);
}

static void
test_limits(void **state)
{
	static char text[NOTE_TEXT_MAX + 2];
	char name[NOTE_NAME_MAX + 2];
	struct note_key key;
	struct note *note = NULL;
	struct buf b;
	uint8_t *large;

	(void)state;
	buf_init(&b, NOTE_BYTES_MAX);
	memset(text, 'x', sizeof text);
	text[NOTE_TEXT_MAX] = '\n';
	assert_int_equal(note_text_write(text, NOTE_TEXT_MAX + 1, &b), FAIL_LIMIT);
	text[NOTE_TEXT_MAX - 1] = '\n';
	assert_int_equal(note_text_write(text, NOTE_TEXT_MAX, &b), 0);
	for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
		buf_text(&b, DASH "a " SIG "\n");
	assert_int_equal(note_parse(b.data, b.len, &note), 0);
	assert_int_equal(note->signature_count, NOTE_SIGNATURES_MAX);
	note_free(note);
	note = NULL;
	buf_text(&b, DASH "a " SIG "\n");
	assert_int_equal(note_parse(b.data, b.len, &note), FAIL_LIMIT);
	buf_done(&b);
	assert_int_equal(mem_new(&large, NOTE_BYTES_MAX + 1), 0);
	assert_int_equal(note_parse(large, NOTE_BYTES_MAX + 1, &note), FAIL_LIMIT);
	mem_free(large);
	memset(name, 'n', sizeof name);
	name[NOTE_NAME_MAX + 1] = '\0';
	assert_int_equal(note_key_make(name, 9, seed_a, 32, &key), FAIL_FORMAT);
	name[NOTE_NAME_MAX] = '\0';
	assert_int_equal(note_key_make(name, 9, seed_a, 32, &key), 0);
	assert_null(note);
}

static void
test_a_signature_may_not_be_too_long(void **state)
{
	static char base64[(NOTE_BLOB_MAX + 3) / 3 * 4 + 5];
	struct note *note = NULL;
	struct buf b;

	(void)state;
	memset(base64, 'A', (NOTE_BLOB_MAX + 2) / 3 * 4);
	buf_init(&b, 8192);
	buf_printf(&b, "t\n\n" DASH "a %s\n", base64);
	assert_int_equal(note_parse(b.data, b.len, &note), FAIL_LIMIT);
	buf_done(&b);
}

static void
test_keys_as_text(void **state)
{
	static const char *const bad[] = {"", "a", "a+", "a+530d903a", "a+530d903a+",
		"+530d903a+AQ==",
		/* another id, another name, another type, capitals, short, a byte more */
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ",
		"example com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"a+530d903a-AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"a+530d903a+AQ=="};
	struct note_key key = {.type = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (note_key_parse(bad[i], strlen(bad[i]), &key) != FAIL_FORMAT)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(key.type, 77);
	assert_int_equal(note_key_make("a", NOTE_ED25519, seed_a, 31, &key), FAIL_FORMAT);
	assert_int_equal(note_key_make("a", NOTE_COSIGNATURE_MLDSA, seed_a, 32, &key),
		FAIL_FORMAT);
	assert_int_equal(
		note_key_make("a b", NOTE_ED25519, seed_a, 32, &key), FAIL_FORMAT);
	assert_int_equal(note_key_make("", NOTE_ED25519, seed_a, 32, &key), FAIL_FORMAT);
	assert_int_equal(note_key_make("a", 0xff, seed_a, 0, &key), FAIL_FORMAT);
}

static void
test_signing_refuses_what_parsing_would(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(note_sign("no newline", 10, "a", seed_a, &b), FAIL_FORMAT);
	assert_int_equal(note_sign("tab\t\n", 5, "a", seed_a, &b), FAIL_FORMAT);
	assert_int_equal(note_sign("", 0, "a", seed_a, &b), FAIL_FORMAT);
	assert_int_equal(note_sign("t\n", 2, "a b", seed_a, &b), FAIL_FORMAT);
	assert_int_equal(note_text_write("\xff\n", 2, &b), FAIL_FORMAT);
	assert_int_equal(b.len, 0);
	assert_int_equal(note_sign("t\n", 2, "a", seed_a, &b), 0);
	assert_int_equal(note_sign("t\n", 2, "a", seed_a, &b), FAIL_LIMIT);
	buf_done(&b);
}

static int
whole_path(void)
{
	struct note *note = NULL;
	struct note_key key;
	bool is_signer;
	struct buf b;
	int r;

	key_of("a", seed_a, &key);
	buf_init(&b, 4096);
	if ((r = note_text_write("t\n", 2, &b)) != 0 ||
		(r = note_sign("t\n", 2, "a", seed_a, &b)) != 0 ||
		(r = note_parse(b.data, b.len, &note)) != 0)
		goto out;
	r = note_verify(note, &key, 1, &is_signer);
out:
	note_free(note);
	buf_done(&b);
	return r;
}

static void
test_out_of_memory_at_every_allocation(void **state)
{
	long n = 0;
	int r;

	(void)state;
	do {
		mem_fail_after(n++, true);
		r = whole_path();
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	} while (r != 0);
	assert_int_equal(n, 5);
}

static int
setup(void **state)
{
	(void)state;
	return crypto_init();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_of_the_specification),
		cmocka_unit_test(test_other_types_are_carried),
		cmocka_unit_test(test_two_signers_and_a_stranger),
		cmocka_unit_test(test_a_false_signature_refuses_the_whole_note),
		cmocka_unit_test(test_every_flipped_bit_is_noticed),
		cmocka_unit_test(test_malformed_notes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_a_signature_may_not_be_too_long),
		cmocka_unit_test(test_keys_as_text),
		cmocka_unit_test(test_signing_refuses_what_parsing_would),
		cmocka_unit_test(test_out_of_memory_at_every_allocation),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
