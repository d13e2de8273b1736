/* SPDX-License-Identifier: Apache-2.0 */
#include "label/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "label/join.h"

static struct label *
label_of(const char *text)
{
	struct label *label = NULL;

	if (label_from_text(text, strlen(text), &label) != 0)
		fail_msg("no label: %s", text);
	return label;
}

static struct clearance *
clearance_of(const char *text)
{
	struct clearance *c = NULL;

	if (clearance_from_text(text, strlen(text), &c) != 0)
		fail_msg("no clearance: %s", text);
	return c;
}

static enum decide_rule
rule_of(const struct label *label, const struct clearance *clearance)
{
	struct decision d;

	decide(label, clearance, &d);
	return d.rule;
}

static void
assert_rule(const char *label_text, const char *clearance_text, enum decide_rule want)
{
	struct clearance *clearance = clearance_of(clearance_text);
	struct label *label = label_of(label_text);

	if (rule_of(label, clearance) != want)
		fail_msg("%s for %s: %s", label_text, clearance_text,
			decide_rule_text(rule_of(label, clearance)));
	label_free(label);
	clearance_free(clearance);
}

static void
test_classes_are_a_set(void **state)
{
	(void)state;
	assert_rule("SECRET", "SECRET", DECIDE_ALLOWED);
	assert_rule("RESTRICTED", "SECRET", DECIDE_ALLOWED);
	assert_rule("SECRET", "CONFIDENTIAL", DECIDE_CLASS);
	assert_rule("RESTRICTED", "ONLY SECRET", DECIDE_CLASS);
	assert_rule("TLP:AMBER", "TLP:RED", DECIDE_ALLOWED);
	assert_rule("TLP:AMBER+STRICT", "TLP:AMBER", DECIDE_CLASS);
	assert_rule("TLP:AMBER", "TOP SECRET", DECIDE_POLICY_OTHER);
	assert_rule("UNCLASSIFIED", "TLP:RED", DECIDE_POLICY_OTHER);
}

static void
test_every_designator_is_asked_for(void **state)
{
	(void)state;
	assert_rule("SECRET LANTERN", "SECRET", DECIDE_RESTRICTIVE);
	assert_rule("SECRET LANTERN", "SECRET LANTERN", DECIDE_ALLOWED);
	assert_rule("SECRET LANTERN HARBOUR", "SECRET LANTERN", DECIDE_RESTRICTIVE);
	assert_rule("SECRET LANTERN HARBOUR", "SECRET HARBOUR LANTERN ORCHARD",
		DECIDE_ALLOWED);
}

static void
test_one_release_suffices(void **state)
{
	(void)state;
	assert_rule("SECRET REL TO PT, FR", "SECRET REL TO FR", DECIDE_ALLOWED);
	assert_rule("SECRET REL TO PT, FR", "SECRET REL TO CY", DECIDE_PERMISSIVE);
	assert_rule("SECRET REL TO PT, FR", "SECRET", DECIDE_PERMISSIVE);
	assert_rule("SECRET", "SECRET REL TO FR", DECIDE_ALLOWED);
	assert_rule("SECRET REL TO ORIGINATOR ONLY", "TOP SECRET REL TO FR, PT",
		DECIDE_ORIGINATOR_ONLY);
	assert_rule("SECRET EXERCISE", "SECRET", DECIDE_ALLOWED);
}

/* A label as it could come in an envelope: right in form, unknown to the policy. */
static void
assert_label_denied(const char *policy, const char *class, const char *tag,
	enum label_type type, const char *value, enum decide_rule want)
{
	struct clearance *all =
		clearance_of("TOP SECRET HARBOUR LANTERN ORCHARD REL TO PT");
	struct label *label = NULL;
	struct decision d;

	assert_int_equal(label_new(policy, class, &label), 0);
	if (tag != NULL)
		assert_int_equal(label_add(label, tag, type, value), 0);
	decide(label, all, &d);
	assert_int_equal(d.rule, want);
	assert_false(label_is_valid(label));
	label_free(label);
	clearance_free(all);
}

static void
test_unknown_anything_is_denied(void **state)
{
	(void)state;
	assert_label_denied("NATO", "SECRET", NULL, 0, NULL, DECIDE_POLICY_UNKNOWN);
	assert_label_denied("ALLIANCE", "SECRET", NULL, 0, NULL, DECIDE_POLICY_UNKNOWN);
	assert_label_denied("CONCORD", "COSMIC", NULL, 0, NULL, DECIDE_CLASS_UNKNOWN);
	assert_label_denied("CONCORD", "SECRET", "Colour", LABEL_INFORMATIVE, "RED",
		DECIDE_TAG_UNKNOWN);
	assert_label_denied("CONCORD", "SECRET", "Releasable To", LABEL_INFORMATIVE, "PT",
		DECIDE_TAG_UNKNOWN);
	assert_label_denied("CONCORD", "SECRET", "Releasable To", LABEL_PERMISSIVE, "pt",
		DECIDE_VALUE_UNKNOWN);
	assert_label_denied("CONCORD", "SECRET", "Administrative", LABEL_INFORMATIVE,
		"PARTY", DECIDE_VALUE_UNKNOWN);
	assert_label_denied("CONCORD", "RESTRICTED", "Special Handling",
		LABEL_RESTRICTIVE, "LANTERN", DECIDE_MISPLACED);
}

/* A class that neither knows is unknown, also when the clearance names it. */
static void
test_a_clearance_cannot_make_a_class(void **state)
{
	struct clearance *c = clearance_of("SECRET");
	struct label *label = NULL;

	(void)state;
	assert_int_equal(clearance_add_class(c, "COSMIC"), 0);
	assert_int_equal(label_new("CONCORD", "COSMIC", &label), 0);
	assert_int_equal(rule_of(label, c), DECIDE_CLASS_UNKNOWN);
	label_free(label);
	clearance_free(c);
}

static void
assert_sentence(const char *label_text, const char *clearance_text, const char *want)
{
	struct clearance *clearance = clearance_of(clearance_text);
	struct label *label = label_of(label_text);
	struct decision d;
	struct buf b;

	decide(label, clearance, &d);
	buf_init(&b, DECIDE_SENTENCE_MAX);
	assert_int_equal(decide_sentence(&d, label, clearance, &b), 0);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
	buf_done(&b);
	label_free(label);
	clearance_free(clearance);
}

static void
test_sentences(void **state)
{
	(void)state;
	assert_sentence("SECRET", "TLP:RED",
		"The label is of policy CONCORD and the clearance of TLP; ask the "
		"security "
		"officer for a clearance of CONCORD.");
	assert_sentence("SECRET", "RESTRICTED",
		"The clearance does not include class SECRET of CONCORD; ask the "
		"security "
		"officer for it, or the originator for a lower version.");
	assert_sentence("SECRET LANTERN", "SECRET",
		"The label asks for LANTERN (Special Handling), which the clearance does "
		"not "
		"hold; ask the security officer to be admitted to it.");
	assert_sentence("SECRET REL TO PT, FR", "SECRET REL TO CY",
		"The label is Releasable To FR, PT only, and the clearance has none of "
		"these; "
		"ask the originator to release it.");
	assert_sentence("SECRET REL TO PT", "SECRET REL TO PT", "");
}

/* Every rule has a sentence: names a remedy, is one sentence, and fits with the longest names. */
static void
test_every_rule_has_a_sentence(void **state)
{
	struct clearance *clearance = clearance_of("SECRET");
	struct label *label = label_of("SECRET REL TO PT");

	(void)state;
	for (int rule = DECIDE_POLICY_UNKNOWN; rule <= DECIDE_ORIGINATOR_ONLY; rule++) {
		struct decision d = {.rule = (enum decide_rule)rule,
			.tag = "Releasable To",
			.value = "PT"};
		struct buf b;

		buf_init(&b, DECIDE_SENTENCE_MAX);
		assert_int_equal(decide_sentence(&d, label, clearance, &b), 0);
		assert_non_null(memmem(b.data, b.len, "; ask the ", 10));
		assert_int_equal(b.data[b.len - 1], '.');
		assert_null(memchr(b.data, '.', b.len - 1));
		buf_done(&b);
		assert_true(strlen(decide_rule_text((enum decide_rule)rule)) > 4);
	}
	label_free(label);
	clearance_free(clearance);
}

static void
assert_joined(const char *a_text, const char *b_text, const char *want)
{
	struct label *a = label_of(a_text), *b = label_of(b_text), *whole = NULL;
	char text[LABEL_TEXT_MAX + 1];

	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(
			turn == 0 ? label_join(a, b, &whole) : label_join(b, a, &whole),
			0);
		assert_int_equal(label_to_text(whole, text), 0);
		assert_string_equal(text, want);
		assert_true(label_covers(whole, a));
		assert_true(label_covers(whole, b));
		label_free(whole);
	}
	label_free(a);
	label_free(b);
}

static void
test_join(void **state)
{
	(void)state;
	assert_joined("SECRET", "RESTRICTED", "CONCORD:SECRET");
	assert_joined("SECRET LANTERN", "SECRET HARBOUR EXERCISE",
		"CONCORD:SECRET HARBOUR LANTERN EXERCISE");
	assert_joined("SECRET REL TO PT, FR", "SECRET REL TO FR, CY",
		"CONCORD:SECRET REL TO FR");
	assert_joined("SECRET REL TO PT", "SECRET REL TO FR",
		"CONCORD:SECRET REL TO ORIGINATOR ONLY");
	assert_joined("SECRET REL TO PT", "SECRET", "CONCORD:SECRET REL TO PT");
	assert_joined("SECRET REL TO ORIGINATOR ONLY", "RESTRICTED REL TO PT",
		"CONCORD:SECRET REL TO ORIGINATOR ONLY");
	assert_joined("TLP:RED", "TLP:GREEN", "TLP:RED");
}

static void
test_join_refuses(void **state)
{
	struct label *a = label_of("SECRET"), *b = label_of("TLP:RED"), *odd = NULL;
	struct label *whole = NULL;

	(void)state;
	assert_int_equal(label_new("NATO", "SECRET", &odd), 0);
	assert_int_equal(label_join(a, b, &whole), FAIL_MISMATCH);
	assert_int_equal(label_join(a, odd, &whole), FAIL_FORMAT);
	assert_int_equal(label_join(odd, a, &whole), FAIL_FORMAT);
	assert_false(label_covers(a, b));
	assert_false(label_covers(a, odd));
	mem_fail_after(0, true);
	assert_int_equal(label_join(a, a, &whole), FAIL_NOMEM);
	mem_fail_never();
	assert_null(whole);
	label_free(a);
	label_free(b);
	label_free(odd);
}

static void
assert_covers(const char *whole_text, const char *part_text, bool want)
{
	struct label *whole = label_of(whole_text), *part = label_of(part_text);

	if (label_covers(whole, part) != want)
		fail_msg("%s over %s", whole_text, part_text);
	label_free(whole);
	label_free(part);
}

static void
test_covers(void **state)
{
	(void)state;
	assert_covers("SECRET", "RESTRICTED EXERCISE", true);
	assert_covers("RESTRICTED", "SECRET", false);
	assert_covers("SECRET", "SECRET LANTERN", false);
	assert_covers("SECRET", "SECRET REL TO PT", false);
	assert_covers("SECRET REL TO PT, FR", "SECRET REL TO PT", false);
	assert_covers("SECRET REL TO PT", "SECRET REL TO PT, FR", true);
	assert_covers("SECRET REL TO ORIGINATOR ONLY", "SECRET REL TO PT", true);
	assert_covers("SECRET REL TO PT", "SECRET REL TO ORIGINATOR ONLY", false);
}

/* A small generator, so that a failure can be repeated: xorshift64*. */
static uint64_t seed = 20261123;

static unsigned
draw(unsigned below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % below;
}

static const char *const classes[] = {
	"UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET"};
static const char *const designators[] = {"HARBOUR", "LANTERN", "ORCHARD"};
static const char *const countries[] = {"CY", "EU", "FR", "PT"};

static struct label *
draw_label(void)
{
	unsigned rank = draw(5);
	struct label *label = NULL;

	assert_int_equal(label_new("CONCORD", classes[rank], &label), 0);
	for (size_t i = 0; i < 3; i++)
		if (rank >= 2 && draw(4) == 0)
			assert_int_equal(label_add(label, "Special Handling",
						 LABEL_RESTRICTIVE, designators[i]),
				0);
	if (draw(2) == 0) {
		assert_int_equal(
			label_add(label, "Releasable To", LABEL_PERMISSIVE, NULL), 0);
		for (size_t i = 0; i < 4; i++)
			if (draw(2) == 0)
				assert_int_equal(label_add(label, "Releasable To",
							 LABEL_PERMISSIVE, countries[i]),
					0);
	}
	assert_true(label_is_valid(label));
	return label;
}

static struct clearance *
draw_clearance(void)
{
	unsigned rank = draw(5);
	struct clearance *c = NULL;

	assert_int_equal(clearance_new("CONCORD", &c), 0);
	for (size_t i = 0; i <= rank; i++)
		assert_int_equal(clearance_add_class(c, classes[i]), 0);
	for (size_t i = 0; i < 3; i++)
		if (draw(2) == 0)
			assert_int_equal(clearance_add(c, "Special Handling",
						 LABEL_RESTRICTIVE, designators[i]),
				0);
	for (size_t i = 0; i < 4; i++)
		if (draw(3) == 0)
			assert_int_equal(clearance_add(c, "Releasable To",
						 LABEL_PERMISSIVE, countries[i]),
				0);
	return c;
}

enum { ROUNDS = 20000 };

/* Who loses something held never gains a document. */
static void
test_less_is_never_more(void **state)
{
	unsigned denied = 0, lost = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct clearance *c = draw_clearance();
		struct label *label = draw_label();
		bool was_denied = rule_of(label, c) != DECIDE_ALLOWED;

		denied += was_denied;
		while (c->held_count > 0) {
			struct clearance_held gone =
				c->held[draw((unsigned)c->held_count)];

			assert_true(clearance_remove(c, gone.tag, gone.value));
			if (was_denied)
				assert_int_not_equal(rule_of(label, c), DECIDE_ALLOWED);
			else if (rule_of(label, c) != DECIDE_ALLOWED)
				was_denied = true, lost++;
		}
		label_free(label);
		clearance_free(c);
	}
	/* Both sides were tried. */
	assert_in_range(denied, ROUNDS / 4, ROUNDS - ROUNDS / 10);
	assert_true(lost > ROUNDS / 100);
}

/* Who may not have a part may not have the whole; what covers says the same. */
static void
test_the_whole_denies_whom_a_part_denies(void **state)
{
	unsigned allowed = 0, covered = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct label *a = draw_label(), *b = draw_label(), *whole = NULL;
		struct clearance *c = draw_clearance();
		bool is_covering = label_covers(a, b);

		assert_int_equal(label_join(a, b, &whole), 0);
		if (rule_of(whole, c) == DECIDE_ALLOWED) {
			assert_int_equal(rule_of(a, c), DECIDE_ALLOWED);
			assert_int_equal(rule_of(b, c), DECIDE_ALLOWED);
			allowed++;
		}
		if (is_covering && rule_of(a, c) == DECIDE_ALLOWED) {
			assert_int_equal(rule_of(b, c), DECIDE_ALLOWED);
			covered++;
		}
		label_free(a);
		label_free(b);
		label_free(whole);
		clearance_free(c);
	}
	assert_true(allowed > ROUNDS / 100);
	assert_true(covered > ROUNDS / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes_are_a_set),
		cmocka_unit_test(test_every_designator_is_asked_for),
		cmocka_unit_test(test_one_release_suffices),
		cmocka_unit_test(test_unknown_anything_is_denied),
		cmocka_unit_test(test_a_clearance_cannot_make_a_class),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_every_rule_has_a_sentence),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_join_refuses),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_less_is_never_more),
		cmocka_unit_test(test_the_whole_denies_whom_a_part_denies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
