/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "label/policy.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * policy: the words that labels may use.
 */

static const char *const types[] = {"", "restrictive", "permissive", "informative"};

static int
print_json(json_t *object)
{
	struct report report = {.verb = "policy", .attempt = "print", .object = "JSON"};
	int status = EXIT_OK;

	if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT) != 0)
		status = report_fail(&report, FAIL_NOMEM);
	(void)putchar('\n');
	json_decref(object);
	return status;
}

static json_t *
json_classes(const struct policy *p)
{
	json_t *array = json_array();

	for (size_t i = 0; i < p->class_count; i++) {
		const struct policy_class *c = &p->classes[i];

		(void)json_array_append_new(array,
			json_pack("{s:s, s:i, s:o, s:o, s:s, s:s, s:s}", "name",
				c->word.name, "rank", (int)c->hierarchy, "color",
				json_sprintf("#%06X", c->color), "color_of_text",
				json_sprintf("#%06X", c->color_of_text), "en",
				c->word.marking[POLICY_EN], "fr",
				c->word.marking[POLICY_FR], "pt",
				c->word.marking[POLICY_PT]));
	}
	return array;
}

static json_t *
json_tags(const struct policy *p)
{
	json_t *array = json_array();

	for (size_t i = 0; i < p->tag_count; i++) {
		const struct policy_tag *t = &p->tags[i];
		json_t *values = json_array();

		for (size_t k = 0; k < t->word_count; k++)
			(void)json_array_append_new(
				values, json_string(t->words[k].name));
		(void)json_array_append_new(array,
			json_pack("{s:s, s:s, s:b, s:i, s:o}", "tag", t->name, "type",
				types[t->type], "free_values", t->word_count == 0,
				"from_rank", (int)t->hierarchy_min, "values", values));
	}
	return array;
}

static json_t *
json_policy(const struct policy *p)
{
	return json_pack("{s:s, s:s*, s:o, s:o}", "policy", p->id, "also", p->also,
		"classes", json_classes(p), "tags", json_tags(p));
}

static int
list(const struct args *args)
{
	json_t *array = args_has(args, "json") ? json_array() : NULL;

	for (size_t i = 0; i < policy_count(); i++) {
		const struct policy *p = policy_at(i);

		if (array != NULL) {
			(void)json_array_append_new(array, json_policy(p));
			continue;
		}
		(void)printf("%-9s", p->id);
		for (size_t k = 0; k < p->class_count; k++)
			(void)printf("%s%s", k > 0 ? ", " : " ", p->classes[k].word.name);
		(void)printf(
			"%s\n", p == policy_default() ? "  (where none is named)" : "");
	}
	return array != NULL ? print_json(array) : EXIT_OK;
}

static void
print_tag(const struct policy *p, const struct policy_tag *t)
{
	(void)printf("  %-16s %s: ", t->name, types[t->type]);
	for (size_t k = 0; k < t->word_count; k++)
		(void)printf("%s%s", k > 0 ? ", " : "", t->words[k].name);
	if (t->word_count == 0)
		(void)printf("2 to 8 capital letters each, after %s",
			t->prefix.marking[POLICY_EN]);
	if (t->hierarchy_min > 0)
		for (size_t i = 0; i < p->class_count; i++)
			if (p->classes[i].hierarchy == t->hierarchy_min)
				(void)printf("; from %s up", p->classes[i].word.name);
	(void)putchar('\n');
}

static int
show(const struct args *args)
{
	const struct policy *p = policy_find(args->operands[1]);

	if (p == NULL)
		return report_exit(report_usage("policy",
			"there is no policy '%.100s'; `valise policy list` names them",
			args->operands[1]));
	if (args_has(args, "json"))
		return print_json(json_policy(p));
	(void)printf("%s%s%s%s\n", p->id, p->also != NULL ? " (also " : "",
		p->also != NULL ? p->also : "", p->also != NULL ? ")" : "");
	for (size_t i = p->class_count; i > 0; i--) {
		const struct policy_class *c = &p->classes[i - 1];

		(void)printf("  %-22s #%06X   FR %s   PT %s\n", c->word.name, c->color,
			c->word.marking[POLICY_FR], c->word.marking[POLICY_PT]);
	}
	for (size_t i = 0; i < p->tag_count; i++)
		print_tag(p, &p->tags[i]);
	return EXIT_OK;
}

static int
run(const struct args *args)
{
	const char *deed = args->operands[0];

	if (strcmp(deed, "list") == 0) {
		if (args->operand_count > 1)
			return report_exit(report_usage(
				"policy", "list takes no name; show NAME does"));
		return list(args);
	}
	if (strcmp(deed, "show") == 0) {
		if (args->operand_count < 2)
			return report_exit(report_usage("policy",
				"show which?  `valise policy list` names them"));
		return show(args);
	}
	return report_exit(report_usage("policy", "'%.40s' is none of list, show", deed));
}

const struct verb verb_policy = {
	.name = "policy",
	.synopsis = "list\nshow NAME",
	.summary = "show the policies that labels may use",
	.text = "list names the policies and their classes, lowest first.  show prints "
		"one "
		"policy:\n"
		"classes with colours and markings, and the categories that a label may "
		"have.",
	.operands_min = 1,
	.operands_max = 2,
	.run = run,
};
