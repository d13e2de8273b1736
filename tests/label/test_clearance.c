/* SPDX-License-Identifier: Apache-2.0 */
#include "label/clearance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* CONCORD:ONLY RESTRICTED, SECRET LANTERN REL TO PT. */
static const char bytes[] = "\7CONCORD"
			    "\0\22\12RESTRICTED\6SECRET"
			    "\0\54\15Releasable To\2\2PT"
			    "\20Special Handling\1\7LANTERN";

static int
from_text(const char *text, struct clearance **ret_clearance)
{
	return clearance_from_text(text, strlen(text), ret_clearance);
}

static void
assert_written(const char *typed, const char *want)
{
	char text[LABEL_TEXT_MAX + 1];
	struct clearance *c = NULL;

	if (from_text(typed, &c) != 0)
		fail_msg("refused: %s", typed);
	assert_int_equal(clearance_to_text(c, text), 0);
	assert_string_equal(text, want);
	clearance_free(c);
}

static void
test_a_class_means_all_up_to_it(void **state)
{
	struct clearance *c = NULL;

	(void)state;
	assert_int_equal(from_text("confidentiel", &c), 0);
	assert_string_equal(c->policy, "CONCORD");
	assert_int_equal(c->class_count, 3);
	assert_true(clearance_has_class(c, "UNCLASSIFIED"));
	assert_true(clearance_has_class(c, "RESTRICTED"));
	assert_true(clearance_has_class(c, "CONFIDENTIAL"));
	assert_false(clearance_has_class(c, "SECRET"));
	clearance_free(c);
}

static void
test_text_has_one_written_form(void **state)
{
	(void)state;
	assert_written("secret", "CONCORD:SECRET");
	assert_written("alliance: MUITO SECRETO", "CONCORD:TOP SECRET");
	assert_written(
		"secret lantern rel to pt, eu", "CONCORD:SECRET LANTERN REL TO EU, PT");
	assert_written("only secret, restricted", "CONCORD:ONLY RESTRICTED, SECRET");
	assert_written("ONLY UNCLASSIFIED,RESTRICTED", "CONCORD:RESTRICTED");
	assert_written("only secret REL TO PT", "CONCORD:ONLY SECRET REL TO PT");
	assert_written("tlp:amber+strict", "TLP:AMBER+STRICT");
	assert_written("tlp:only amber, red", "TLP:ONLY AMBER, RED");
	assert_written("business:confidential", "BUSINESS:CONFIDENTIAL");
}

static void
test_what_is_refused(void **state)
{
	static const char *const bad[] = {"", "SECRET,", "SECRET, RESTRICTED", "ONLY",
		"ONLY SECRET,", "ONLY SECRET, SECRET", "ONLY SECRET RESTRICTED",
		"SECRET EXERCISE", /* informative: cannot be held */
		"SECRET REL TO ORIGINATOR ONLY", "SECRET REL TO", "RESTRICTED LANTERN",
		"SECRET SOMETHING", "NATO SECRET", "TLP:AMBER LANTERN",
		"SECRET:", "SECRET REL TO PT REL TO FR"};
	struct clearance *c = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (from_text(bad[i], &c) != FAIL_FORMAT)
			fail_msg("accepted: %s", bad[i]);
	assert_null(c);
}

static void
test_parse_and_write(void **state)
{
	struct rd in = rd_of(bytes, sizeof bytes - 1);
	char text[LABEL_TEXT_MAX + 1];
	struct clearance *c = NULL;
	struct buf b;

	(void)state;
	assert_int_equal(clearance_parse(&in, &c), 0);
	assert_int_equal(in.len, 0);
	assert_true(clearance_holds(c, "Releasable To", LABEL_PERMISSIVE, "PT"));
	assert_false(clearance_holds(c, "Releasable To", LABEL_RESTRICTIVE, "PT"));
	assert_int_equal(clearance_to_text(c, text), 0);
	assert_string_equal(text, "CONCORD:ONLY RESTRICTED, SECRET LANTERN REL TO PT");
	buf_init(&b, CLEARANCE_BYTES_MAX);
	clearance_write(c, &b);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, sizeof bytes - 1);
	assert_memory_equal(b.data, bytes, b.len);
	buf_done(&b);
	clearance_free(c);
	clearance_free(NULL);
}

static void
test_every_truncation_is_refused(void **state)
{
	struct clearance *c = NULL;

	(void)state;
	for (size_t len = 0; len < sizeof bytes - 1; len++) {
		struct rd in = rd_of(bytes, len);

		assert_int_equal(clearance_parse(&in, &c), FAIL_TRUNCATED);
		assert_int_equal(in.len, len);
	}
	assert_null(c);
}

static void
test_other_spellings_are_refused(void **state)
{
	static const struct {
		const char *why;
		const char *bytes;
		size_t len;
	} bad[] = {
		{"no class", "\1A\0\0\0\0", 6},
		{"empty policy", "\0\0\2\1B\0\0", 7},
		{"empty class", "\1A\0\3\1B\0\0\0", 9},
		{"classes fall", "\1A\0\4\1C\1B\0\0", 10},
		{"class twice", "\1A\0\4\1B\1B\0\0", 10},
		{"type 0", "\1A\0\2\1B\0\5\1T\0\1v", 13},
		{"informative", "\1A\0\2\1B\0\5\1T\3\1v", 13},
		{"empty value", "\1A\0\2\1B\0\4\1T\1\0", 12},
		{"held twice", "\1A\0\2\1B\0\12\1T\1\1v\1T\1\1v", 18},
		{"values fall", "\1A\0\2\1B\0\12\1T\1\1w\1T\1\1v", 18},
		{"tags fall", "\1A\0\2\1B\0\12\1U\1\1v\1T\1\1v", 18},
		{"one tag, two types", "\1A\0\2\1B\0\12\1T\1\1v\1T\2\1w", 18},
	};
	struct clearance *c = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct rd in = rd_of(bad[i].bytes, bad[i].len);
		int r = clearance_parse(&in, &c);

		if (r != FAIL_FORMAT)
			fail_msg("%s: %d", bad[i].why, r);
	}
	assert_null(c);
}

/* The largest clearance has the stated size, and one class or value more is refused. */
static void
test_limits(void **state)
{
	char name[LABEL_NAME_MAX + 1];
	struct clearance *c = NULL;
	struct buf b;

	(void)state;
	memset(name, 'P', LABEL_NAME_MAX);
	name[LABEL_NAME_MAX] = '\0';
	assert_int_equal(clearance_new(name, &c), 0);
	for (int i = 0; i <= CLEARANCE_CLASSES_MAX; i++) {
		(void)snprintf(name, sizeof name, "%064d", i);
		assert_int_equal(clearance_add_class(c, name),
			i < CLEARANCE_CLASSES_MAX ? 0 : FAIL_LIMIT);
	}
	for (int i = 0; i <= CLEARANCE_HELD_MAX; i++) {
		(void)snprintf(name, sizeof name, "%064d", i);
		assert_int_equal(clearance_add(c, name, LABEL_RESTRICTIVE, name),
			i < CLEARANCE_HELD_MAX ? 0 : FAIL_LIMIT);
	}
	buf_init(&b, CLEARANCE_BYTES_MAX);
	clearance_write(c, &b);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, CLEARANCE_BYTES_MAX);
	buf_done(&b);
	clearance_free(c);
}

static void
test_add_and_remove(void **state)
{
	struct clearance *c = NULL;

	(void)state;
	assert_int_equal(from_text("SECRET LANTERN", &c), 0);
	assert_int_equal(
		clearance_add(c, "Special Handling", LABEL_RESTRICTIVE, "LANTERN"), 0);
	assert_int_equal(c->held_count, 1);
	assert_int_equal(
		clearance_add(c, "Special Handling", LABEL_PERMISSIVE, "ORCHARD"),
		FAIL_MISMATCH);
	assert_int_equal(clearance_add(c, "Administrative", LABEL_INFORMATIVE, "DRILL"),
		FAIL_FORMAT);
	assert_int_equal(clearance_add(c, "T", LABEL_PERMISSIVE, " x"), FAIL_FORMAT);
	assert_int_equal(clearance_add_class(c, ""), FAIL_FORMAT);
	assert_false(clearance_remove(c, "Special Handling", "ORCHARD"));
	assert_true(clearance_remove(c, "Special Handling", "LANTERN"));
	assert_int_equal(c->held_count, 0);
	clearance_free(c);
}

/* A clearance of a policy that is not built in has a binary form and no text. */
static void
test_unknown_policy_has_no_text(void **state)
{
	char text[LABEL_TEXT_MAX + 1];
	struct clearance *c = NULL;

	(void)state;
	assert_int_equal(clearance_new("NATO", &c), 0);
	assert_int_equal(clearance_add_class(c, "SECRET"), 0);
	assert_int_equal(clearance_to_text(c, text), FAIL_FORMAT);
	clearance_free(c);
	assert_int_equal(clearance_new("CONCORD", &c), 0);
	assert_int_equal(clearance_to_text(c, text), FAIL_FORMAT);
	assert_int_equal(clearance_add_class(c, "SECRET"), 0);
	assert_int_equal(clearance_add(c, "Other", LABEL_RESTRICTIVE, "X"), 0);
	assert_int_equal(clearance_to_text(c, text), FAIL_FORMAT);
	clearance_free(c);
}

static int
scenario(void)
{
	struct rd in = rd_of(bytes, sizeof bytes - 1);
	struct clearance *c = NULL, *typed = NULL;
	char text[LABEL_TEXT_MAX + 1];
	int r;

	if ((r = clearance_parse(&in, &c)) == 0 &&
		(r = from_text("SECRET LANTERN REL TO PT", &typed)) == 0)
		r = clearance_to_text(c, text);
	clearance_free(c);
	clearance_free(typed);
	return r;
}

static void
test_want_of_memory(void **state)
{
	int r = FAIL_NOMEM;
	long n;

	(void)state;
	for (n = 0; r != 0; n++) {
		mem_fail_after(n, true);
		r = scenario();
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	assert_true(n > 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_class_means_all_up_to_it),
		cmocka_unit_test(test_text_has_one_written_form),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_parse_and_write),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_other_spellings_are_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_add_and_remove),
		cmocka_unit_test(test_unknown_policy_has_no_text),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
