/* SPDX-License-Identifier: Apache-2.0 */
#include "log/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"

enum { WITNESSES = 5 };

/* Verifier keys of five witnesses "w0" to "w4". */
static char vkeys[WITNESSES][256];

static void
seed_of(unsigned i, uint8_t ret_seed[SIGN_SEED_LEN])
{
	memset(ret_seed, (int)i + 10, SIGN_SEED_LEN);
}

static int
make_keys(void **state)
{
	(void)state;
	if (crypto_init() != 0)
		return 1;
	for (unsigned i = 0; i < WITNESSES; i++) {
		uint8_t seed[SIGN_SEED_LEN], public_key[SIGN_PUBLIC_LEN];
		struct note_key key;
		struct buf text;
		char name[16];

		seed_of(i, seed);
		sign_public(seed, public_key);
		(void)snprintf(name, sizeof name, "w%u.example", i);
		if (note_key_make(name, NOTE_COSIGNATURE, public_key, sizeof public_key,
			    &key) != 0)
			return 1;
		buf_init(&text, sizeof vkeys[i] - 1);
		note_key_write(&key, &text);
		memcpy(vkeys[i], text.data, text.len);
		buf_done(&text);
	}
	return 0;
}

/* A policy text in which $0 to $4 stand for the keys. */
static int
parse(const char *pattern, struct policy **ret_policy, size_t *ret_line, char *text)
{
	size_t at = 0;

	for (; *pattern != 0; pattern++)
		if (*pattern == '$') {
			const char *vkey = vkeys[*++pattern - '0'];

			memcpy(text + at, vkey, strlen(vkey));
			at += strlen(vkey);
		} else {
			text[at++] = *pattern;
		}
	text[at] = 0;
	return policy_parse(rd_of(text, at), ret_policy, ret_line);
}

static bool
is_met(const struct policy *p, const char *names)
{
	bool has[POLICY_NODES_MAX] = {false};

	for (size_t i = 0; i < p->node_count; i++)
		has[i] = p->nodes[i].name.len == 1 &&
			strchr(names, p->nodes[i].name.ptr[0]) != NULL;
	return policy_is_met(p, has);
}

static void
groups_count_their_members(void **state)
{
	static char text[8192];
	struct policy *p;
	size_t line;

	(void)state;
	assert_int_equal(parse("# 2 of three organisations, and one mirror\n"
			       "witness a $0 https://a.example/\n"
			       "witness b $1\nwitness c $2\n\n"
			       "group members 2 a b c\n"
			       "witness d $3\nwitness e $4\n"
			       "group mirrors any d e\n"
			       "group both all members mirrors\n"
			       "quorum both\n",
				 &p, &line, text),
		0);
	assert_true(is_met(p, "abd"));
	assert_true(is_met(p, "bce"));
	assert_true(is_met(p, "abcde"));
	assert_false(is_met(p, "ab"));
	assert_false(is_met(p, "ade"));
	assert_false(is_met(p, "abc"));
	assert_false(is_met(p, ""));
	policy_free(p);
	assert_int_equal(parse("witness a $0\nquorum none", &p, &line, text), 0);
	assert_true(is_met(p, ""));
	policy_free(p);
	assert_int_equal(parse("witness a $0\nquorum a\n", &p, &line, text), 0);
	assert_true(is_met(p, "a"));
	assert_false(is_met(p, ""));
	policy_free(p);
}

static void
wrong_lines_have_a_number(void **state)
{
	static const struct {
		const char *text;
		size_t line;
	} bad[] = {
		{"", 0}, /* no quorum */
		{"witness a $0\n", 1},
		{"witness a $0\nquorum b\n", 2},
		{"witness a $0\nquorum a\nquorum a\n", 3},
		{"witness a $0\nwitness a $1\nquorum a\n", 2},
		{"witness a $0\nwitness b $0\nquorum a\n", 2}, /* one key twice */
		{"witness none $0\n", 1},
		{"witness a $0 url more\n", 1},
		{"witness a nokey\n", 1},
		{"group g any\n", 1},
		{"group g any a\n", 1},
		{"witness a $0\ngroup g 2 a\n", 2},
		{"witness a $0\ngroup g 0 a\n", 2},
		{"witness a $0\ngroup g 01 a\n", 2},
		{"witness a $0\ngroup g all a a\n", 2},
		{"witness a $0\ngroup g all a\ngroup h all a\n", 3}, /* in two groups */
		{"log $0\nquorum none\n", 1},			     /* a witness's key */
		{"quorum\n", 1},
		{"include other\n", 1},
	};
	static char text[8192];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct policy *p;
		size_t line = 99;

		if (parse(bad[i].text, &p, &line, text) != FAIL_FORMAT)
			fail_msg("accepted: %s", text);
		assert_int_equal(line, bad[i].line);
	}
}

/* A head that a and b have cosigned, at 1000 and at 2000. */
static void
a_head_needs_its_quorum_in_time(void **state)
{
	static const char head_text[] = "pt.example/openings/1\n1\n"
					"lCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n";
	static char text[8192];
	struct rd head = rd_of(head_text, sizeof head_text - 1);
	uint8_t seed[SIGN_SEED_LEN];
	bool has[POLICY_NODES_MAX];
	struct policy *p;
	struct note *note;
	struct buf bytes;
	size_t line;

	(void)state;
	assert_int_equal(parse("witness a $0\nwitness b $1\nwitness c $2\n"
			       "group g 2 a b c\nquorum g\n",
				 &p, &line, text),
		0);
	buf_init(&bytes, 4096);
	assert_int_equal(note_text_write(head.ptr, head.len, &bytes), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct checkpoint_cosigner who = {
			i == 0 ? "w0.example" : "w1.example", seed, 1000 * (i + 1)};

		seed_of(i, seed);
		assert_int_equal(checkpoint_cosign(head, &who, &bytes), 0);
	}
	assert_int_equal(note_parse(bytes.data, bytes.len, &note), 0);
	assert_int_equal(
		policy_judge(p, note, &(struct policy_times){1000, 2000}, has), 0);
	assert_true(has[0] && has[1] && !has[2]);
	assert_int_equal(policy_judge(p, note, &(struct policy_times){1001, 2000}, has),
		FAIL_REFUSED);
	assert_int_equal(policy_judge(p, note, &(struct policy_times){0, 1999}, has),
		FAIL_REFUSED);
	assert_true(has[0] && !has[1]);
	note_free(note);
	buf_done(&bytes);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_count_their_members),
		cmocka_unit_test(wrong_lines_have_a_number),
		cmocka_unit_test(a_head_needs_its_quorum_in_time),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
