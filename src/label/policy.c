/* SPDX-License-Identifier: Apache-2.0 */
#include "label/policy.h"

#include <string.h>

#include "label/fold.h"

/*
 * The tables are the policies; the functions below only look things up.  In CONCORD the class
 * words of the three languages do not collide: no word of one language names another class in
 * a second one (as Spanish and Portuguese "Reservado" do).  A test holds every policy to that.
 */

enum {
	RANK_UNCLASSIFIED = 0,
	RANK_RESTRICTED = 1,
	RANK_CONFIDENTIAL = 2,
	RANK_SECRET = 3,
	RANK_TOP_SECRET = 4,
	FREE_VALUE_MIN = 2,
	FREE_VALUE_MAX = 8,
};

/* FIRST: Traffic Light Protocol, version 2.0; colours of its table, on black. */
static const struct policy_class tlp_classes[] = {
	{{"CLEAR", {"CLEAR", "CLEAR", "CLEAR"}}, "WHITE", 0, 0xffffff, 0x000000},
	{{"GREEN", {"GREEN", "GREEN", "GREEN"}}, NULL, 1, 0x33ff00, 0x000000},
	{{"AMBER", {"AMBER", "AMBER", "AMBER"}}, NULL, 2, 0xffc000, 0x000000},
	{{"AMBER+STRICT", {"AMBER+STRICT", "AMBER+STRICT", "AMBER+STRICT"}}, NULL, 3,
		0xffc000, 0x000000},
	{{"RED", {"RED", "RED", "RED"}}, NULL, 4, 0xff2b2b, 0x000000},
};

static const struct policy_class business_classes[] = {
	{{"PUBLIC", {"PUBLIC", "PUBLIC", "PÚBLICO"}}, NULL, 0, 0xffffff, 0x000000},
	{{"INTERNAL", {"INTERNAL", "INTERNE", "INTERNO"}}, NULL, 1, 0x2e7d32, 0xffffff},
	{{"CONFIDENTIAL", {"CONFIDENTIAL", "CONFIDENTIEL", "CONFIDENCIAL"}}, NULL, 2,
		0x1f4e9e, 0xffffff},
	{{"STRICTLY CONFIDENTIAL",
		 {"STRICTLY CONFIDENTIAL", "STRICTEMENT CONFIDENTIEL",
			 "ESTRITAMENTE CONFIDENCIAL"}},
		NULL, 3, 0xb71c1c, 0xffffff},
};

static const struct policy_class concord_classes[] = {
	{{"UNCLASSIFIED", {"UNCLASSIFIED", "NON CLASSIFIÉ", "NÃO CLASSIFICADO"}}, NULL,
		RANK_UNCLASSIFIED, 0xffffff, 0x000000},
	{{"RESTRICTED", {"RESTRICTED", "DIFFUSION RESTREINTE", "RESERVADO"}}, NULL,
		RANK_RESTRICTED, 0x2e7d32, 0xffffff},
	{{"CONFIDENTIAL", {"CONFIDENTIAL", "CONFIDENTIEL", "CONFIDENCIAL"}}, NULL,
		RANK_CONFIDENTIAL, 0x1f4e9e, 0xffffff},
	{{"SECRET", {"SECRET", "SECRET", "SECRETO"}}, NULL, RANK_SECRET, 0xc62828,
		0xffffff},
	{{"TOP SECRET", {"TOP SECRET", "TRÈS SECRET", "MUITO SECRETO"}}, NULL,
		RANK_TOP_SECRET, 0xef6c00, 0x000000},
};

/* Code words: not translated, so that they sound the same in every office. */
static const struct policy_word concord_designators[] = {
	{"HARBOUR", {"HARBOUR", "HARBOUR", "HARBOUR"}},
	{"LANTERN", {"LANTERN", "LANTERN", "LANTERN"}},
	{"ORCHARD", {"ORCHARD", "ORCHARD", "ORCHARD"}},
};

static const struct policy_word concord_administrative[] = {
	{"DRILL", {"DRILL", "ENTRAÎNEMENT", "TREINO"}},
	{"EXERCISE", {"EXERCISE", "EXERCICE", "EXERCÍCIO"}},
	{"MEDICAL", {"MEDICAL", "MÉDICAL", "MÉDICO"}},
	{"PERSONNEL", {"PERSONNEL", "PERSONNEL", "PESSOAL"}},
};

static const struct policy_tag concord_tags[] = {
	{.name = "Administrative",
		.type = LABEL_INFORMATIVE,
		.words = concord_administrative,
		.word_count =
			sizeof concord_administrative / sizeof concord_administrative[0]},
	{.name = "Releasable To",
		.type = LABEL_PERMISSIVE,
		.prefix = {"RELEASABLE TO", {"REL TO", "COMMUNICABLE À", "DIVULGÁVEL A"}},
		.nobody = {"ORIGINATOR ONLY",
			{"ORIGINATOR ONLY", "ORIGINATEUR SEUL", "APENAS ORIGINADOR"}}},
	{.name = "Special Handling",
		.type = LABEL_RESTRICTIVE,
		.words = concord_designators,
		.word_count = sizeof concord_designators / sizeof concord_designators[0],
		.hierarchy_min = RANK_CONFIDENTIAL},
};

static const struct policy policies[] = {
	{"CONCORD", "ALLIANCE", "CONCORD ", concord_classes,
		sizeof concord_classes / sizeof concord_classes[0], concord_tags,
		sizeof concord_tags / sizeof concord_tags[0]},
	{"TLP", NULL, "TLP:", tlp_classes, sizeof tlp_classes / sizeof tlp_classes[0],
		NULL, 0},
	{"BUSINESS", NULL, "", business_classes,
		sizeof business_classes / sizeof business_classes[0], NULL, 0},
};

size_t
policy_count(void)
{
	return sizeof policies / sizeof policies[0];
}

const struct policy *
policy_at(size_t i)
{
	CHECK(i < policy_count());
	return &policies[i];
}

const struct policy *
policy_default(void)
{
	return &policies[0];
}

const struct policy *
policy_find(const char *name)
{
	char key[LABEL_NAME_MAX + 1];

	if (fold_text(name, strlen(name), key, sizeof key) != 0)
		return NULL;
	for (size_t i = 0; i < policy_count(); i++) {
		const struct policy *p = &policies[i];

		if (strcmp(key, p->id) == 0 ||
			(p->also != NULL && strcmp(key, p->also) == 0))
			return p;
	}
	return NULL;
}

const struct policy_class *
policy_class_find(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->class_count; i++)
		if (strcmp(policy->classes[i].word.name, name) == 0)
			return &policy->classes[i];
	return NULL;
}

const struct policy_tag *
policy_tag_find(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->tag_count; i++)
		if (strcmp(policy->tags[i].name, name) == 0)
			return &policy->tags[i];
	return NULL;
}

bool
policy_tag_has(const struct policy_tag *tag, const char *value)
{
	size_t len = strlen(value);

	if (tag->word_count == 0)
		return len >= FREE_VALUE_MIN && len <= FREE_VALUE_MAX &&
			strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
	for (size_t i = 0; i < tag->word_count; i++)
		if (strcmp(tag->words[i].name, value) == 0)
			return true;
	return false;
}

static bool
category_is_valid(const struct policy *policy, const struct policy_class *class,
	const struct label *label, const struct label_category *c)
{
	const struct policy_tag *tag = policy_tag_find(policy, c->tag);

	if (tag == NULL || tag->type != c->type || class->hierarchy < tag->hierarchy_min)
		return false;
	for (size_t i = 0; i < c->value_count; i++)
		if (!policy_tag_has(tag, label->values[c->value_first + i]))
			return false;
	return true;
}

bool
label_is_valid(const struct label *label)
{
	const struct policy *policy = policy_find(label->policy);
	const struct policy_class *class;

	/* People may type "alliance"; in a label the policy has one name. */
	if (policy == NULL || strcmp(policy->id, label->policy) != 0)
		return false;
	if ((class = policy_class_find(policy, label->classification)) == NULL)
		return false;
	for (size_t i = 0; i < label->category_count; i++)
		if (!category_is_valid(policy, class, label, &label->categories[i]))
			return false;
	return true;
}
