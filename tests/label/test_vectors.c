/* SPDX-License-Identifier: Apache-2.0 */
#include "label/decide.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * The 24 decisions of labels/acdf-vectors.json: six labels of ADatP-4774, table 17, for four
 * clearances.  The alliance of the vectors is not among the built-in policies, so the test
 * brings a policy of its own with the words that they use; the decision is the product's.
 * Without the shared data (VALISE_SHARED) the test is skipped.
 */

#define WORD(name)                                                                       \
	{                                                                                \
		name,                                                                    \
		{                                                                        \
			name, name, name                                                 \
		}                                                                        \
	}

static const struct policy_class classes[] = {
	{WORD("UNCLASSIFIED"), NULL, 0, 0, 0},
	{WORD("RESTRICTED"), NULL, 1, 0, 0},
	{WORD("CONFIDENTIAL"), NULL, 2, 0, 0},
	{WORD("SECRET"), NULL, 3, 0, 0},
	{WORD("TOP SECRET"), NULL, 4, 0, 0},
};

static const struct policy_word contexts[] = {WORD("EAPC"), WORD("GEORGIA"), WORD("ISAF"),
	WORD("KFOR"), WORD("NATO"), WORD("PFP"), WORD("RUSSIA"), WORD("Releasable"),
	WORD("UKRAINE")};
static const struct policy_word releases[] = {WORD("CHE"), WORD("EAPC"), WORD("GBR"),
	WORD("ISAF"), WORD("JPN"), WORD("KFOR"), WORD("NATO"), WORD("NZL"), WORD("PFP"),
	WORD("RESOLUTE SUPPORT"), WORD("UKR"), WORD("WSM")};
static const struct policy_word sensitivities[] = {
	WORD("ATOMAL"), WORD("BOHEMIA"), WORD("CRYPTO")};
static const struct policy_word staff[] = {WORD("STAFF")};

#define WORDS(list) .words = list, .word_count = sizeof list / sizeof list[0]

static const struct policy_tag tags[] = {
	{.name = "Additional Sensitivity",
		.type = LABEL_RESTRICTIVE,
		WORDS(sensitivities)},
	{.name = "Administrative", .type = LABEL_INFORMATIVE, WORDS(staff)},
	{.name = "Context", .type = LABEL_PERMISSIVE, WORDS(contexts)},
	{.name = "Only", .type = LABEL_PERMISSIVE}, /* free: countries */
	{.name = "Releasable To", .type = LABEL_PERMISSIVE, WORDS(releases)},
};

static const struct policy alliance = {.id = "NATO",
	.before = "NATO ",
	.classes = classes,
	.class_count = sizeof classes / sizeof classes[0],
	.tags = tags,
	.tag_count = sizeof tags / sizeof tags[0]};

static const char *
shared(void)
{
	const char *dir = getenv("VALISE_SHARED");

	return dir != NULL ? dir : "../shared";
}

/* The text between `from` and `to` after *at, which moves behind it; false at the end. */
static bool
between(const char **at, const char *from, const char *to, char ret_text[128])
{
	const char *start = strstr(*at, from), *end;

	if (start == NULL || (end = strstr(start + strlen(from), to)) == NULL)
		return false;
	start += strlen(from);
	assert_true(end - start < 128);
	memcpy(ret_text, start, (size_t)(end - start));
	ret_text[end - start] = '\0';
	*at = end + strlen(to);
	return true;
}

/* Enough XML for six files of one pattern; not a parser for others. */
static struct label *
read_label(const char *name)
{
	char path[1024], xml[8192] = "", tag[128], value[128], class[128];
	const char *at = xml, *end;
	struct label *label = NULL;
	FILE *f;

	(void)snprintf(
		path, sizeof path, "%s/labels/spiffing/test-data/%s", shared(), name);
	assert_non_null(f = fopen(path, "r"));
	assert_true(fread(xml, 1, sizeof xml - 1, f) > 0);
	(void)fclose(f);
	assert_non_null(strstr(xml, ">NATO</PolicyIdentifier>"));
	assert_true(between(&at, "<Classification>", "<", class));
	assert_int_equal(label_new("NATO", class, &label), 0);
	while (between(&at, "<Category TagName=\"", "\"", tag)) {
		enum label_type type = LABEL_RESTRICTIVE;

		assert_true(between(&at, "Type=\"", "\"", value));
		if (strcmp(value, "PERMISSIVE") == 0)
			type = LABEL_PERMISSIVE;
		else if (strcmp(value, "INFORMATIVE") == 0)
			type = LABEL_INFORMATIVE;
		assert_non_null(end = strstr(at, "</Category>"));
		while (strstr(at, "<GenericValue>") != NULL &&
			strstr(at, "<GenericValue>") < end) {
			assert_true(between(&at, "<GenericValue>", "<", value));
			assert_int_equal(label_add(label, tag, type, value), 0);
		}
	}
	return label;
}

static struct clearance *
read_clearance(json_t *all, const char *name)
{
	json_t *one = json_object_get(all, name), *values, *value;
	struct clearance *c = NULL;
	const char *tag;
	size_t i;

	assert_int_equal(
		clearance_new(json_string_value(json_object_get(one, "policy")), &c), 0);
	json_array_foreach(json_object_get(one, "cls"), i, value)
		assert_int_equal(clearance_add_class(c, json_string_value(value)), 0);
	json_object_foreach(json_object_get(one, "cats"), tag, values)
	{
		enum label_type type = strcmp(tag, "Additional Sensitivity") == 0
			? LABEL_RESTRICTIVE
			: LABEL_PERMISSIVE;

		json_array_foreach(values, i, value) assert_int_equal(
			clearance_add(c, tag, type, json_string_value(value)), 0);
	}
	return c;
}

/* "permissive Context" */
static void
assert_reason(const struct decision *d, const char *want)
{
	char reason[2 * LABEL_NAME_MAX];

	(void)snprintf(reason, sizeof reason, "%s %s", decide_rule_text(d->rule), d->tag);
	assert_string_equal(reason, want);
}

static void
try_vector(json_t *clearances, json_t *vector)
{
	const char *reason = json_string_value(json_object_get(vector, "reason"));
	struct clearance *c = read_clearance(
		clearances, json_string_value(json_object_get(vector, "clearance")));
	struct label *label =
		read_label(json_string_value(json_object_get(vector, "label")));
	struct decision d;

	decide_under(&alliance, label, c, &d);
	assert_int_equal(
		d.rule == DECIDE_ALLOWED, json_is_true(json_object_get(vector, "grant")));
	if (d.rule != DECIDE_ALLOWED)
		assert_reason(&d, reason);
	/* Without the policy the same label opens to nobody. */
	decide(label, c, &d);
	assert_int_equal(d.rule, DECIDE_POLICY_UNKNOWN);
	label_free(label);
	clearance_free(c);
}

static void
test_acdf_vectors(void **state)
{
	char path[1024];
	json_t *root, *vector;
	size_t i;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/labels/acdf-vectors.json", shared());
	if ((root = json_load_file(path, 0, NULL)) == NULL) {
		(void)printf("SKIP: no shared data (VALISE_SHARED)\n");
		skip();
	}
	assert_int_equal(json_array_size(json_object_get(root, "vectors")), 24);
	json_array_foreach(json_object_get(root, "vectors"), i, vector)
		try_vector(json_object_get(root, "clearances"), vector);
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acdf_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
