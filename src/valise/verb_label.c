/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "label/decide.h"
#include "label/join.h"
#include "label/policy.h"
#include "valise/banner.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * label: what a label means, who may have what carries it, and what a whole of several parts
 * carries.  Everything is decided in the room `label`; here are words only.
 */

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "label", .attempt = attempt, .object = object};

	if (r == FAIL_LIMIT)
		report.remedy = "It has too many values together; a person must decide.";
	return report_fail(&report, r);
}

/* An exit status; a failure has been reported. */
static int
take_label(const char *text, struct label **ret_label)
{
	int r = label_from_text(text, strlen(text), ret_label);

	if (r == 0)
		return EXIT_OK;
	if (r == FAIL_NOMEM)
		return fail("read", text, r);
	return report_exit(report_usage("label",
		"no policy knows the label '%.200s'; such as SECRET REL TO PT, FR or "
		"TLP:AMBER; `valise policy list` names the policies",
		text));
}

static int
take_clearance(const char *text, struct clearance **ret_clearance)
{
	int r = clearance_from_text(text, strlen(text), ret_clearance);

	if (r == 0)
		return EXIT_OK;
	if (r == FAIL_NOMEM)
		return fail("read", text, r);
	return report_exit(report_usage("label",
		"--clearance %.200s: no policy knows it; such as SECRET LANTERN REL TO "
		"PT, or ONLY RESTRICTED, SECRET",
		text));
}

static json_t *
json_category(const struct label *label, const struct label_category *c)
{
	static const char *const types[] = {
		"", "restrictive", "permissive", "informative"};
	json_t *values = json_array();

	for (size_t i = 0; i < c->value_count; i++)
		(void)json_array_append_new(
			values, json_string(label->values[c->value_first + i]));
	return json_pack("{s:s, s:s, s:o}", "tag", c->tag, "type", types[c->type],
		"values", values);
}

static json_t *
json_markings(const struct label *label)
{
	static const char *const names[] = {"en", "fr", "pt"};
	json_t *object = json_object();

	for (int i = 0; i < POLICY_LANGUAGES; i++) {
		char text[LABEL_TEXT_MAX + 1];

		if (label_marking(label, (enum policy_language)i, text, sizeof text) == 0)
			(void)json_object_set_new(object, names[i], json_string(text));
	}
	return object;
}

/* NULL without memory. */
static json_t *
json_label(const struct label *label)
{
	const struct policy_class *class =
		policy_class_find(policy_find(label->policy), label->classification);
	char text[LABEL_TEXT_MAX + 1];
	json_t *categories = json_array();

	if (label_to_text(label, text) != 0)
		text[0] = '\0';
	for (size_t i = 0; i < label->category_count; i++)
		(void)json_array_append_new(
			categories, json_category(label, &label->categories[i]));
	return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o}", "label", text,
		"policy", label->policy, "classification", label->classification, "rank",
		(int)class->hierarchy, "color", json_sprintf("#%06X", class->color),
		"color_of_text", json_sprintf("#%06X", class->color_of_text), "markings",
		json_markings(label), "categories", categories);
}

static int
print_json(json_t *object)
{
	int status = EXIT_OK;

	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0)
		status = fail("print", "JSON", FAIL_NOMEM);
	(void)putchar('\n');
	json_decref(object);
	return status;
}

static void
print_categories(const struct label *label)
{
	static const char *const asks[] = {"", "the reader holds all of them",
		"the reader belongs to one of them", "asks nothing of the reader"};

	for (size_t i = 0; i < label->category_count; i++) {
		const struct label_category *c = &label->categories[i];

		(void)printf("  %-16s ", c->tag);
		for (size_t k = 0; k < c->value_count; k++)
			(void)printf("%s%s", k > 0 ? ", " : "",
				label->values[c->value_first + k]);
		(void)printf("%s  (%s)\n",
			c->value_count == 0 ? "nobody but the originator" : "",
			asks[c->type]);
	}
}

static int
print_label(const struct args *args, const struct label *label)
{
	static const char *const names[] = {"EN", "FR", "PT"};
	const struct policy_class *class =
		policy_class_find(policy_find(label->policy), label->classification);
	char text[LABEL_TEXT_MAX + 1];
	int r;

	if (args_has(args, "json"))
		return print_json(json_label(label));
	if ((r = banner_print(stdout, label, POLICY_EN)) != 0 ||
		(r = label_to_text(label, text)) != 0)
		return fail("print", args->operands[1], r);
	(void)printf("  %-16s %s\n", "Label", text);
	(void)printf("  %-16s %s\n", "Policy", label->policy);
	(void)printf("  %-16s %s\n", "Class", label->classification);
	print_categories(label);
	for (int i = 0; i < POLICY_LANGUAGES; i++)
		if (label_marking(label, (enum policy_language)i, text, sizeof text) == 0)
			(void)printf("  Marking %-8s %s\n", names[i], text);
	(void)printf("  %-16s #%06X, text #%06X\n", "Colour", class->color,
		class->color_of_text);
	return EXIT_OK;
}

static int
show(const struct args *args)
{
	struct label *label = NULL;
	int status = take_label(args->operands[1], &label);

	if (status == EXIT_OK)
		status = print_label(args, label);
	label_free(label);
	return status;
}

static json_t *
json_decision(const struct decision *d, const struct buf *sentence)
{
	return json_pack("{s:b, s:s, s:s, s:s, s:s#}", "allowed",
		d->rule == DECIDE_ALLOWED, "rule", decide_rule_text(d->rule), "tag",
		d->tag, "value", d->value, "sentence",
		sentence->len > 0 ? (const char *)sentence->data : "",
		(int)sentence->len);
}

static int
say_decision(const struct args *args, const struct label *label,
	const struct clearance *clearance)
{
	struct decision d;
	struct buf sentence;
	int r, status;

	decide(label, clearance, &d);
	status = d.rule == DECIDE_ALLOWED ? EXIT_OK : EXIT_REFUSED;
	buf_init(&sentence, DECIDE_SENTENCE_MAX);
	if ((r = decide_sentence(&d, label, clearance, &sentence)) != 0) {
		status = fail("decide on", args->operands[1], r);
		goto out;
	}
	if (args_has(args, "json")) {
		if ((r = print_json(json_decision(&d, &sentence))) != EXIT_OK)
			status = r;
	} else if (status == EXIT_OK) {
		(void)puts("allowed");
	}
	if (status == EXIT_REFUSED)
		(void)fprintf(stderr, "valise label: refused: %.*s\n", (int)sentence.len,
			(const char *)sentence.data);
out:
	buf_done(&sentence);
	return status;
}

static int
check(const struct args *args)
{
	const char *text = args_get(args, "clearance");
	struct clearance *clearance = NULL;
	struct label *label = NULL;
	int status;

	if (text == NULL)
		return report_exit(report_usage("label",
			"say whose: --clearance TEXT, such as SECRET REL TO PT"));
	if ((status = take_label(args->operands[1], &label)) == EXIT_OK &&
		(status = take_clearance(text, &clearance)) == EXIT_OK)
		status = say_decision(args, label, clearance);
	label_free(label);
	clearance_free(clearance);
	return status;
}

/* The whole so far and one part more. */
static int
join_one(const char *text, struct label **whole)
{
	struct label *part = NULL, *next = NULL;
	struct report report = {.verb = "label", .attempt = "join", .object = text};
	int status = take_label(text, &part), r;

	if (status != EXIT_OK)
		return status;
	r = *whole == NULL ? 0 : label_join(*whole, part, &next);
	if (r == FAIL_MISMATCH) {
		report.where = "it is of another policy than the label before it";
		report.remedy = "A person must decide under which policy the whole goes.";
		status = report_fail(&report, FAIL_REFUSED);
	} else if (r != 0) {
		status = fail("join", text, r);
	} else if (*whole == NULL) {
		*whole = part;
		part = NULL;
	} else {
		label_free(*whole);
		*whole = next;
	}
	label_free(part);
	return status;
}

static int
join(const struct args *args)
{
	struct label *whole = NULL;
	int status = EXIT_OK;

	for (size_t i = 1; i < args->operand_count && status == EXIT_OK; i++)
		status = join_one(args->operands[i], &whole);
	/* There is an operand (the table of forms asks for it), hence a label. */
	if (status == EXIT_OK && whole != NULL)
		status = print_label(args, whole);
	label_free(whole);
	return status;
}

static int
run(const struct args *args)
{
	static const struct {
		const char *name;
		size_t labels_min, labels_max;
		int (*run)(const struct args *args);
	} deeds[] = {{"show", 1, 1, show}, {"check", 1, 1, check},
		{"join", 2, SIZE_MAX, join}};

	for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
		size_t count = args->operand_count - 1;

		if (strcmp(args->operands[0], deeds[i].name) != 0)
			continue;
		if (count < deeds[i].labels_min || count > deeds[i].labels_max)
			return report_exit(report_usage("label",
				"%s takes %s; a label with spaces needs quotes",
				deeds[i].name,
				deeds[i].labels_min == 1 ? "one label"
							 : "two labels or more"));
		if (args_has(args, "clearance") && deeds[i].run != check)
			return report_exit(
				report_usage("label", "--clearance goes with check"));
		return deeds[i].run(args);
	}
	return report_exit(report_usage(
		"label", "'%.40s' is none of show, check, join", args->operands[0]));
}

static const struct arg_option options[] = {
	{"clearance", "TEXT", "for check: such as SECRET LANTERN REL TO PT", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_label = {
	.name = "label",
	.synopsis = "show LABEL\ncheck LABEL --clearance TEXT\njoin LABEL LABEL...",
	.summary = "say what a label means, and who may have what carries it",
	.text = "show prints class, categories, markings and colours of a label.  check "
		"decides\n"
		"whether the holder of a clearance may have it: exit status 4 and one "
		"sentence\n"
		"with rule and remedy when not.  join gives the label of a whole made of "
		"parts.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
