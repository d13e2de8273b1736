/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/report.h"
#include "valise/verb.h"
#include "valise/who_list.h"

/*
 * who: to whom one can write, at one's own member and at all others.
 */

static void
say_list(const json_t *list)
{
	const char *before = "";
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		(void)printf("%s%s", before, json_string_value(item));
		before = ", ";
	}
}

static void
say(const json_t *object)
{
	const char *hours = json_string_value(json_object_get(object, "hours"));
	bool is_desk =
		strcmp(json_string_value(json_object_get(object, "kind")), "desk") == 0;
	const json_t *officers = json_object_get(object, "officers");
	size_t count = json_array_size(officers);

	(void)printf("%-28s ", json_string_value(json_object_get(object, "address")));
	if (hours != NULL && hours[0] != '\0')
		(void)printf("(%s) ", hours);
	if (is_desk)
		(void)printf("%zu officer%s", count, count == 1 ? "" : "s");
	else
		(void)printf(
			"%s", json_string_value(json_object_get(object, "officer_kind")));
	if (json_array_size(json_object_get(object, "clearances")) > 0)
		(void)fputs(", ", stdout);
	say_list(json_object_get(object, "clearances"));
	if (is_desk && count > 0) {
		(void)fputs(": ", stdout);
		say_list(officers);
	}
	(void)putchar('\n');
}

static bool
has_word(const char *text, const char *word)
{
	return text != NULL && strcasestr(text, word) != NULL;
}

/* In the address, the member's domain, or one of the names on the desk. */
static bool
is_meant(const json_t *object, const struct entry *entry, const char *word)
{
	char domain[ADDRESS_HOST_MAX + 1];
	json_t *item;
	size_t i;

	if (word == NULL ||
		has_word(json_string_value(json_object_get(object, "address")), word))
		return true;
	(void)snprintf(domain, sizeof domain, "%.*s", (int)entry->domain.len,
		(const char *)entry->domain.ptr);
	if (has_word(domain, word))
		return true;
	json_array_foreach(json_object_get(object, "officers"), i,
		item) if (has_word(json_string_value(item), word)) return true;
	return false;
}

static int
print_member(const struct args *args, struct people *people, const struct entry *entry,
	size_t *count)
{
	const char *word = args->operand_count > 0 ? args->operands[0] : NULL;
	const struct directory *d = people_directory(people, entry->name);
	json_t *list, *item;
	size_t i;

	if (d == NULL)
		return 0;
	if ((list = who_list(people, d)) == NULL)
		return exchange_fail(args, "list", "people", NULL, FAIL_NOMEM);
	json_array_foreach(list, i, item)
	{
		if (!is_meant(item, entry, word))
			continue;
		++*count;
		if (!args_has(args, "json")) {
			say(item);
			continue;
		}
		(void)json_dumpf(item, stdout, JSON_COMPACT);
		(void)putchar('\n');
	}
	json_decref(list);
	return 0;
}

/* Where it was looked: a member whose directory has not come yet is not an empty one. */
static void
say_nobody(struct people *people)
{
	const struct entry *entry;
	const char *before = "Nobody of ";

	for (size_t i = 0; (entry = people_member(people, i)) != NULL; i++) {
		bool has = people_directory(people, entry->name) != NULL;

		report_say("%s%.*s%s", before, (int)entry->name.len,
			(const char *)entry->name.ptr,
			has ? "" : " (whose directory has not come yet)");
		before = ", ";
	}
	report_say(".\n");
}

/* A list that lacks a member must not look like a whole one. */
static void
say_missing(struct people *people)
{
	const struct entry *entry;

	for (size_t i = 0; (entry = people_member(people, i)) != NULL; i++)
		if (people_directory(people, entry->name) == NULL)
			report_say("The directory of %.*s has not come yet.\n",
				(int)entry->name.len, (const char *)entry->name.ptr);
}

static int
print(const struct args *args, struct people *people)
{
	const struct entry *entry;
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && (entry = people_member(people, i)) != NULL; i++)
		r = print_member(args, people, entry, &count);
	if (r == 0 && count > 0)
		say_missing(people);
	if (r != 0 || count > 0)
		return r;
	if (people_self(people) != NULL) {
		say_nobody(people);
		return 0;
	}
	r = FAIL_AGAIN;
	(void)report_fail(
		&(struct report){.verb = args->verb,
			.attempt = "ask the station",
			.object = "who there is",
			.why = people_waiting(people),
			.remedy = "Read your words to your registrar and security "
				  "officer."},
		r);
	return r;
}

static int
load(const struct args *args, struct link *link, struct people **ret_people)
{
	int r = people_load(link, ret_people);

	if (r == FAIL_AGAIN) {
		report_say("%s; this is what was known before.\n", link_why(link));
		r = people_load_held(link, ret_people);
	}
	return r == 0
		? 0
		: link_fail(args, link, "learn who there is from", "the station", r);
}

static int
run(const struct args *args)
{
	struct people *people = NULL;
	struct link *link = NULL;
	struct keys *keys = NULL;
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, dir)) != 0 || (r = home_officer(args, &keys)) != 0)
		goto out;
	if ((r = link_new(dir, keys, &link)) != 0)
		r = exchange_fail(args, "use", dir, NULL, r);
	else if ((r = load(args, link, &people)) == 0)
		r = print(args, people);
out:
	people_free(people);
	link_free(link);
	keys_free(keys);
	return report_exit(r);
}

const struct verb verb_who = {
	.name = "who",
	.synopsis = "[WORD]",
	.summary = "list desks and officers one can write to",
	.text = "Lists the desks and officers of all members, as the newest directories "
		"have\nthem; with a WORD only those in whose address, domain or "
		"officers' "
		"names it\nstands.  Whoever is listed is signed for by two enrolment "
		"officers.",
	.operands_max = 1,
	.run = run,
};
