/* SPDX-License-Identifier: Apache-2.0 */
#include "label/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
assert_marking(const char *typed, const char *en, const char *fr, const char *pt)
{
	const char *want[POLICY_LANGUAGES] = {en, fr, pt};
	char out[LABEL_TEXT_MAX + 1];
	struct label *label = NULL;

	assert_int_equal(label_from_text(typed, strlen(typed), &label), 0);
	for (int i = 0; i < POLICY_LANGUAGES; i++) {
		assert_int_equal(
			label_marking(label, (enum policy_language)i, out, sizeof out),
			0);
		assert_string_equal(out, want[i]);
	}
	label_free(label);
}

static void
test_markings(void **state)
{
	(void)state;
	assert_marking("top secret", "CONCORD TOP SECRET", "CONCORD TRÈS SECRET",
		"CONCORD MUITO SECRETO");
	assert_marking("secret lantern exercise rel to pt,fr",
		"CONCORD SECRET LANTERN EXERCISE REL TO FR, PT",
		"CONCORD SECRET LANTERN EXERCICE COMMUNICABLE À FR, PT",
		"CONCORD SECRETO LANTERN EXERCÍCIO DIVULGÁVEL A FR, PT");
	assert_marking("restricted rel to originator only",
		"CONCORD RESTRICTED REL TO ORIGINATOR ONLY",
		"CONCORD DIFFUSION RESTREINTE COMMUNICABLE À ORIGINATEUR SEUL",
		"CONCORD RESERVADO DIVULGÁVEL A APENAS ORIGINADOR");
	assert_marking("tlp:amber+strict", "TLP:AMBER+STRICT", "TLP:AMBER+STRICT",
		"TLP:AMBER+STRICT");
	assert_marking("business:internal", "INTERNAL", "INTERNE", "INTERNO");
}

static void
test_marking_limits(void **state)
{
	struct label *label = NULL;
	char out[16] = "untouched";

	(void)state;
	assert_int_equal(label_from_text("SECRET", 6, &label), 0);
	assert_int_equal(label_marking(label, POLICY_EN, out, 14), FAIL_LIMIT);
	assert_string_equal(out, "untouched");
	mem_fail_after(0, true);
	assert_int_equal(label_marking(label, POLICY_EN, out, 15), FAIL_NOMEM);
	mem_fail_never();
	assert_int_equal(label_marking(label, POLICY_EN, out, 15), 0);
	assert_string_equal(out, "CONCORD SECRET");
	label_free(label);
}

static void
test_find(void **state)
{
	(void)state;
	assert_ptr_equal(policy_find("alliance"), policy_default());
	assert_ptr_equal(policy_find("Concord"), policy_default());
	assert_string_equal(policy_find("tlp")->id, "TLP");
	assert_string_equal(policy_find("BUSINESS")->id, "BUSINESS");
	assert_null(policy_find("NATO"));
	assert_null(policy_find(""));
	assert_null(policy_find("\xff"));
	assert_null(policy_class_find(policy_default(), "secret"));
	assert_int_equal(policy_class_find(policy_default(), "SECRET")->hierarchy, 3);
	assert_int_equal(policy_class_find(policy_find("TLP"), "RED")->color, 0xff2b2b);
	assert_null(policy_tag_find(policy_default(), "releasable to"));
}

/* Unknown anything is not valid; so is a known word in a place where it may not stand. */
static void
test_invalid_labels(void **state)
{
	static const struct {
		const char *policy, *class, *tag;
		enum label_type type;
		const char *value;
	} bad[] = {
		{"NATO", "SECRET", NULL, 0, NULL},
		{"concord", "SECRET", NULL, 0, NULL},
		{"ALLIANCE", "SECRET", NULL, 0, NULL},
		{"CONCORD", "secret", NULL, 0, NULL},
		{"CONCORD", "SECRETO", NULL, 0, NULL},
		{"TLP", "WHITE", NULL, 0, NULL},
		{"CONCORD", "SECRET", "Only", LABEL_PERMISSIVE, "PT"},
		{"CONCORD", "SECRET", "Releasable To", LABEL_INFORMATIVE, "PT"},
		{"CONCORD", "SECRET", "Releasable To", LABEL_PERMISSIVE, "pt"},
		{"CONCORD", "SECRET", "Releasable To", LABEL_PERMISSIVE, "P"},
		{"CONCORD", "SECRET", "Releasable To", LABEL_PERMISSIVE, "PORTUGALX"},
		{"CONCORD", "SECRET", "Special Handling", LABEL_RESTRICTIVE, "ATOLL"},
		{"CONCORD", "RESTRICTED", "Special Handling", LABEL_RESTRICTIVE,
			"LANTERN"},
		{"TLP", "RED", "Releasable To", LABEL_PERMISSIVE, "PT"},
	};
	char out[LABEL_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct label *label = NULL;

		assert_int_equal(label_new(bad[i].policy, bad[i].class, &label), 0);
		if (bad[i].tag != NULL)
			assert_int_equal(
				label_add(label, bad[i].tag, bad[i].type, bad[i].value),
				0);
		if (label_is_valid(label))
			fail_msg("valid: %s %s", bad[i].policy, bad[i].class);
		assert_int_equal(
			label_marking(label, POLICY_FR, out, sizeof out), FAIL_FORMAT);
		label_free(label);
	}
}

/* Every marking of every class, typed as it is shown, means that class and no other. */
static void
test_every_marking_is_understood(void **state)
{
	char text[LABEL_TEXT_MAX + 1];

	(void)state;
	for (size_t p = 0; p < policy_count(); p++)
		for (size_t c = 0; c < policy_at(p)->class_count; c++)
			for (size_t i = 0; i < POLICY_LANGUAGES; i++) {
				const struct policy_class *class =
					&policy_at(p)->classes[c];
				struct label *label = NULL;

				(void)snprintf(text, sizeof text, "%s:%s",
					policy_at(p)->id, class->word.marking[i]);
				assert_int_equal(
					label_from_text(text, strlen(text), &label), 0);
				assert_string_equal(
					label->classification, class->word.name);
				label_free(label);
			}
}

/* What the lookups lean on: classes rise, and the tables can stand in a label. */
static void
test_tables_are_sound(void **state)
{
	(void)state;
	for (size_t p = 0; p < policy_count(); p++) {
		const struct policy *policy = policy_at(p);
		struct label *label = NULL;

		assert_true(policy->class_count > 0 &&
			policy->tag_count <= LABEL_CATEGORIES_MAX);
		for (size_t c = 1; c < policy->class_count; c++)
			assert_true(policy->classes[c - 1].hierarchy <
				policy->classes[c].hierarchy);
		assert_int_equal(
			label_new(policy->id,
				policy->classes[policy->class_count - 1].word.name,
				&label),
			0);
		for (size_t t = 0; t < policy->tag_count; t++)
			for (size_t w = 0; w < policy->tags[t].word_count; w++)
				assert_int_equal(label_add(label, policy->tags[t].name,
							 policy->tags[t].type,
							 policy->tags[t].words[w].name),
					0);
		assert_true(label_is_valid(label));
		label_free(label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markings),
		cmocka_unit_test(test_marking_limits),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_invalid_labels),
		cmocka_unit_test(test_every_marking_is_understood),
		cmocka_unit_test(test_tables_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
