/* SPDX-License-Identifier: Apache-2.0 */
#include "label/label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "label/fold.h"

/* The canonical form of CONCORD:SECRET LANTERN REL TO FR, PT. */
static const char secret[] = "\7CONCORD\6SECRET\0\63"
			     "\15Releasable To\2\0\6\2FR\2PT"
			     "\20Special Handling\1\0\10\7LANTERN";

static int
parse(const void *bytes, size_t len, struct label **ret_label)
{
	struct rd in = rd_of(bytes, len);
	int r = label_parse(&in, ret_label);

	return r != 0 ? r : rd_end(&in);
}

static int
from_text(const char *text, struct label **ret_label)
{
	return label_from_text(text, strlen(text), ret_label);
}

static void
assert_writes(const struct label *label, const void *bytes, size_t len)
{
	struct buf b;

	buf_init(&b, LABEL_BYTES_MAX);
	label_write(label, &b);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, len);
	assert_memory_equal(b.data, bytes, len);
	buf_done(&b);
}

static void
test_parse_and_write(void **state)
{
	struct label *label = NULL;
	const struct label_category *c;

	(void)state;
	assert_int_equal(parse(secret, sizeof secret - 1, &label), 0);
	assert_string_equal(label->policy, "CONCORD");
	assert_string_equal(label->classification, "SECRET");
	assert_non_null(c = label_category_find(label, "Releasable To"));
	assert_int_equal(c->type, LABEL_PERMISSIVE);
	assert_int_equal(c->value_count, 2);
	assert_string_equal(label->values[c->value_first], "FR");
	assert_null(label_category_find(label, "Releasable"));
	assert_writes(label, secret, sizeof secret - 1);
	label_free(label);
	label_free(NULL);
}

static void
test_parse_leaves_what_follows(void **state)
{
	struct rd in = rd_of("\1A\1B\0\0rest", 10);
	struct label *label = NULL;

	(void)state;
	assert_int_equal(label_parse(&in, &label), 0);
	assert_int_equal(in.len, 4);
	label_free(label);
}

static void
test_every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof secret - 1; len++) {
		struct rd in = rd_of(secret, len);
		struct label *label = NULL;

		assert_int_equal(label_parse(&in, &label), FAIL_TRUNCATED);
		assert_int_equal(in.len, len);
		assert_null(label);
	}
}

/* One canonical form: these say what a label may say, but in another way, or cannot be one. */
static void
test_other_spellings_are_refused(void **state)
{
	static const struct {
		const char *why;
		const char *bytes;
		size_t len;
	} bad[] = {
		{"empty policy", "\0\1B\0\0", 5},
		{"empty class", "\1A\0\0\0", 5},
		{"control byte", "\1\n\1B\0\0", 6},
		{"not UTF-8", "\1\xff\1B\0\0", 6},
		{"space before", "\2 A\1B\0\0", 7},
		{"space after", "\2A \1B\0\0", 7},
		{"two spaces", "\4A  A\1B\0\0", 9},
		{"type 0", "\1A\1B\0\7\1T\0\0\2\1v", 13},
		{"type 4", "\1A\1B\0\7\1T\4\0\2\1v", 13},
		{"empty restrictive", "\1A\1B\0\5\1T\1\0\0", 11},
		{"empty informative", "\1A\1B\0\5\1T\3\0\0", 11},
		{"empty value", "\1A\1B\0\6\1T\1\0\1\0", 12},
		{"value twice", "\1A\1B\0\11\1T\1\0\4\1v\1v", 15},
		{"values fall", "\1A\1B\0\11\1T\1\0\4\1w\1v", 15},
		{"tag twice", "\1A\1B\0\12\1T\2\0\0\1T\2\0\0", 16},
		{"tags fall", "\1A\1B\0\12\1U\2\0\0\1T\2\0\0", 16},
		{"longer first", "\1A\1B\0\12\1T\1\0\5\2vv\1v", 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct label *label = NULL;

		if (parse(bad[i].bytes, bad[i].len, &label) != FAIL_FORMAT)
			fail_msg("accepted: %s", bad[i].why);
		assert_null(label);
	}
}

/* The smallest steps from a refused form to an accepted one. */
static void
test_neighbours_are_accepted(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} good[] = {
		{"\1A\1B\0\0", 6},
		{"\3A A\1B\0\0", 8},
		{"\1A\1B\0\5\1T\2\0\0", 11},
		{"\1A\1B\0\11\1T\1\0\4\1v\1w", 15},
		{"\1A\1B\0\12\1T\2\0\0\1U\2\0\0", 16},
		{"\1A\1B\0\12\1T\1\0\5\1v\2vv", 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct label *label = NULL;

		assert_int_equal(parse(good[i].bytes, good[i].len, &label), 0);
		assert_writes(label, good[i].bytes, good[i].len);
		label_free(label);
	}
}

static void
test_limits(void **state)
{
	char name[LABEL_NAME_MAX + 2];
	struct label *label = NULL;

	(void)state;
	memset(name, 'n', sizeof name);
	name[LABEL_NAME_MAX + 1] = '\0';
	assert_int_equal(label_new(name, "B", &label), FAIL_FORMAT);
	assert_int_equal(label_new("A", "", &label), FAIL_FORMAT);
	assert_null(label);
	name[LABEL_NAME_MAX] = '\0';
	assert_int_equal(label_new(name, name, &label), 0);
	/* Fill it: the largest label has exactly LABEL_BYTES_MAX bytes. */
	for (int i = 0; i < LABEL_VALUES_MAX; i++) {
		char tag[LABEL_NAME_MAX + 1], value[LABEL_NAME_MAX + 1];

		(void)snprintf(tag, sizeof tag, "%d%063d", i % LABEL_CATEGORIES_MAX, 0);
		(void)snprintf(value, sizeof value, "%064d", i);
		assert_int_equal(label_add(label, tag, LABEL_RESTRICTIVE, value), 0);
	}
	assert_int_equal(label_add(label, "another", LABEL_PERMISSIVE, NULL), FAIL_LIMIT);
	assert_int_equal(
		label_add(label, label->categories[0].tag, LABEL_RESTRICTIVE, "v"),
		FAIL_LIMIT);
	struct buf b;
	buf_init(&b, LABEL_BYTES_MAX);
	label_write(label, &b);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, LABEL_BYTES_MAX);
	buf_done(&b);
	label_free(label);
}

static void
test_add_sorts(void **state)
{
	struct label *label = NULL;

	(void)state;
	assert_int_equal(label_new("CONCORD", "SECRET", &label), 0);
	assert_int_equal(
		label_add(label, "Special Handling", LABEL_RESTRICTIVE, "LANTERN"), 0);
	assert_int_equal(label_add(label, "Releasable To", LABEL_PERMISSIVE, "PT"), 0);
	assert_int_equal(label_add(label, "Releasable To", LABEL_PERMISSIVE, NULL), 0);
	assert_int_equal(label_add(label, "Releasable To", LABEL_PERMISSIVE, "FR"), 0);
	assert_int_equal(label_add(label, "Releasable To", LABEL_PERMISSIVE, "FR"), 0);
	assert_writes(label, secret, sizeof secret - 1);
	assert_int_equal(label_add(label, "Releasable To", LABEL_RESTRICTIVE, "FR"),
		FAIL_MISMATCH);
	assert_int_equal(label_add(label, "", LABEL_RESTRICTIVE, "FR"), FAIL_FORMAT);
	assert_int_equal(label_add(label, "T", LABEL_RESTRICTIVE, ""), FAIL_FORMAT);
	assert_int_equal(label_add(label, "T", LABEL_RESTRICTIVE, NULL), FAIL_FORMAT);
	assert_writes(label, secret, sizeof secret - 1);
	label_free(label);
}

/* What a person types on the left, what it is on the right. */
static void
test_text_as_typed(void **state)
{
	static const char *const v[][2] = {
		{"SECRET", "CONCORD:SECRET"},
		{"alliance:SECRET", "CONCORD:SECRET"},
		{"Concord Secret", "CONCORD:SECRET"},
		{"  secret  ", "CONCORD:SECRET"},
		{"SECRETO", "CONCORD:SECRET"},
		{"non classifié", "CONCORD:UNCLASSIFIED"},
		{"NAO CLASSIFICADO", "CONCORD:UNCLASSIFIED"},
		{"Diffusion restreinte", "CONCORD:RESTRICTED"},
		{"reservado", "CONCORD:RESTRICTED"},
		{"CONFIDENTIEL", "CONCORD:CONFIDENTIAL"},
		{"confidencial", "CONCORD:CONFIDENTIAL"},
		{"TRÈS SECRET", "CONCORD:TOP SECRET"},
		{"tres secret", "CONCORD:TOP SECRET"},
		{"Tre\xcc\x80s\xc2\xa0secret", "CONCORD:TOP SECRET"},
		{"muito  secreto", "CONCORD:TOP SECRET"},
		{"SECRET REL TO PT,FR", "CONCORD:SECRET REL TO FR, PT"},
		{"secret releasable to pt , fr", "CONCORD:SECRET REL TO FR, PT"},
		{"SECRET REL TO: PT", "CONCORD:SECRET REL TO PT"},
		{"SECRET COMMUNICABLE À PT", "CONCORD:SECRET REL TO PT"},
		{"SECRETO DIVULGÁVEL A FR, UNIAO", "CONCORD:SECRET REL TO FR, UNIAO"},
		{"SECRET REL TO PT LANTERN EXERCICE",
			"CONCORD:SECRET LANTERN EXERCISE REL TO PT"},
		{"SECRET orchard harbour", "CONCORD:SECRET HARBOUR ORCHARD"},
		{"SECRET REL TO LANTERN", "CONCORD:SECRET REL TO LANTERN"},
		{"SECRET REL TO ORIGINATOR ONLY",
			"CONCORD:SECRET REL TO ORIGINATOR ONLY"},
		{"TLP:AMBER+STRICT", "TLP:AMBER+STRICT"},
		{"tlp: amber", "TLP:AMBER"},
		{"TLP RED", "TLP:RED"},
		{"TLP:WHITE", "TLP:CLEAR"},
		{"business:CONFIDENTIAL", "BUSINESS:CONFIDENTIAL"},
		{"business:strictement confidentiel", "BUSINESS:STRICTLY CONFIDENTIAL"},
		{"Business: Público", "BUSINESS:PUBLIC"},
	};
	char text[LABEL_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		struct label *label = NULL, *again = NULL;

		if (from_text(v[i][0], &label) != 0)
			fail_msg("refused: %s", v[i][0]);
		assert_int_equal(label_to_text(label, text), 0);
		assert_string_equal(text, v[i][1]);
		assert_int_equal(from_text(text, &again), 0);
		assert_memory_equal(label, again, sizeof *label);
		label_free(label);
		label_free(again);
	}
}

static void
test_unknown_words_are_refused(void **state)
{
	static const char *const bad[] = {"", " ", ":", "SECRE", "SECRETS", "SEGREDO",
		"SECRET SECRET", "SECRET TOP", "NATO SECRET", "atlantic:SECRET",
		"alliance:", ":SECRET", "AMBER", "TLP:PINK", "TLP", "TLP:AMBER REL TO PT",
		"TLP:SECRET", "business:SECRET", "STRICTLY CONFIDENTIAL", "SECRET REL",
		"SECRET REL TO", "SECRET REL TO PT,", "SECRET REL TO ,PT",
		"SECRET REL TO PT FR", "SECRET REL TO P", "SECRET REL TO PORTUGALX",
		"SECRET REL TO P4", "SECRET REL TO PT REL TO FR", "SECRET REL TO PT:FR",
		"SECRET REL TO ORIGINATOR ONLY, PT", "SECRET REL TOPT", "SECRET,LANTERN",
		"SECRET PT", "RESTRICTED LANTERN", "UNCLASSIFIED HARBOUR",
		"SECRET\nREL TO PT", "SECRET\xff",
		"S\xd0\x95"
		"CRET",
		"SECRET \xc3\x9f", "SECRET/REL TO PT"};
	char out[LABEL_TEXT_MAX + 2];
	struct label *label = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (from_text(bad[i], &label) != FAIL_FORMAT)
			fail_msg("accepted: %s", bad[i]);
	memset(out, ' ', sizeof out);
	memcpy(out, "SECRET", 6);
	assert_int_equal(label_from_text(out, LABEL_TEXT_MAX + 1, &label), FAIL_LIMIT);
	assert_null(label);
	assert_int_equal(label_from_text(out, LABEL_TEXT_MAX, &label), 0);
	label_free(label);
}

static void
test_too_many_countries(void **state)
{
	char text[LABEL_TEXT_MAX + 1] = "SECRET REL TO AA";
	struct label *label = NULL;
	size_t len = strlen(text);

	(void)state;
	for (int i = 1; i < LABEL_VALUES_MAX; i++, len += 3)
		(void)snprintf(text + len, sizeof text - len, ",%c%c", 'A' + i / 26,
			'A' + i % 26);
	assert_int_equal(label_from_text(text, len, &label), 0);
	assert_int_equal(label->value_count, LABEL_VALUES_MAX);
	label_free(label);
	label = NULL;
	memcpy(text + len, ",ZZ", 4);
	assert_int_equal(from_text(text, &label), FAIL_LIMIT);
	assert_null(label);
}

static void
test_an_invalid_label_has_no_text(void **state)
{
	char text[LABEL_TEXT_MAX + 1] = "untouched";
	struct label *label = NULL;

	(void)state;
	assert_int_equal(label_new("CONCORD", "SECRETO", &label), 0);
	assert_int_equal(label_to_text(label, text), FAIL_FORMAT);
	assert_string_equal(text, "untouched");
	label_free(label);
}

static void
test_fold_needs_one_byte_more_at_most(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(fold_text("a b", 3, out, 4), 0);
	assert_string_equal(out, "A B");
	assert_int_equal(fold_text("a b", 3, out, 3), FAIL_LIMIT);
	assert_int_equal(fold_text("", 0, out, 1), 0);
	assert_int_equal(fold_text("", 0, out, 0), FAIL_LIMIT);
	assert_int_equal(fold_text(" a , b: ", 8, out, 8), 0);
	assert_string_equal(out, "A,B:");
	assert_int_equal(fold_starts("SECRET REL", "sécret"), 6);
	assert_int_equal(fold_starts("SECRETO", "secret"), 0);
	assert_int_equal(fold_starts("SECRET", ""), 0);
	assert_int_equal(fold_starts("SECRET", "\xd0\x95"), 0);
}

static int
whole_path(void)
{
	struct label *typed = NULL, *parsed = NULL;
	char text[LABEL_TEXT_MAX + 1];
	struct buf b;
	int r;

	buf_init(&b, LABEL_BYTES_MAX);
	if ((r = from_text("SECRET LANTERN REL TO PT, FR", &typed)) != 0)
		goto out;
	label_write(typed, &b);
	if ((r = buf_error(&b)) != 0 || (r = parse(b.data, b.len, &parsed)) != 0)
		goto out;
	r = label_to_text(parsed, text);
out:
	label_free(typed);
	label_free(parsed);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_and_write),
		cmocka_unit_test(test_parse_leaves_what_follows),
		cmocka_unit_test(test_every_truncation_is_refused),
		cmocka_unit_test(test_other_spellings_are_refused),
		cmocka_unit_test(test_neighbours_are_accepted),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_add_sorts),
		cmocka_unit_test(test_text_as_typed),
		cmocka_unit_test(test_unknown_words_are_refused),
		cmocka_unit_test(test_too_many_countries),
		cmocka_unit_test(test_an_invalid_label_has_no_text),
		cmocka_unit_test(test_fold_needs_one_byte_more_at_most),
		cmocka_unit_test(test_out_of_memory_at_every_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
