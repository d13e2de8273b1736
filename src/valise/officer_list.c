/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_list.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sys/clock.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/officer_show.h"
#include "valise/pending.h"
#include "valise/people.h"
#include "valise/report.h"

/*
 * Enrolled are those in the station's directory; only enrolment officers see who waits.
 * One list of JSON objects holds everything; the lines for people are printed from it.
 */

static void
add_enrolled(const struct directory *d, json_t *list)
{
	uint64_t now_s = clock_now_s();

	for (size_t i = 0; d != NULL && i < d->credential_count; i++) {
		struct rd bytes = d->credentials[i].enrol;
		struct credential c;
		struct enrol enrol;
		json_t *object;

		if (enrol_parse(bytes.ptr, bytes.len, &enrol) != 0 ||
			credential_parse(
				enrol.credential.ptr, enrol.credential.len, &c) != 0 ||
			(object = officer_show_object(&enrol)) == NULL)
			continue;
		(void)json_object_set_new(object, "state",
			json_string(credential_is_valid_at(&c, now_s) ? "enrolled"
								      : "ended"));
		(void)json_array_append_new(list, object);
	}
}

static void
add_pending(const struct pending_list *pending, json_t *list)
{
	for (size_t i = 0; i < pending->count; i++) {
		const struct pending *p = &pending->items[i];
		json_t *object = p->enrol.signature_count > 0
			? officer_show_object(&p->enrol)
			: officer_show_request(&p->request);

		if (object == NULL)
			continue;
		(void)json_object_set_new(object, "state", json_string("waiting"));
		(void)json_array_append_new(list, object);
	}
}

static void
say_texts(const json_t *list, const char *before)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		(void)printf("%s%s", i == 0 ? before : ", ", json_string_value(item));
	}
}

static void
say_officer(const json_t *object)
{
	const char *until = json_string_value(json_object_get(object, "until"));
	json_int_t count = json_integer_value(json_object_get(object, "signatures"));
	const char *state = json_string_value(json_object_get(object, "state"));

	(void)printf("%-20s %-10s %-18s",
		json_string_value(json_object_get(object, "officer")),
		json_string_value(json_object_get(object, "device")),
		json_string_value(json_object_get(object, "kind")));
	if (strcmp(state, "waiting") == 0)
		(void)printf(" waits, signed %d of %d", (int)count, ENROL_SIGNERS);
	else
		(void)printf(" %s, until %.10s", state, until != NULL ? until : "?");
	say_texts(json_object_get(object, "clearances"), "  ");
	say_texts(json_object_get(object, "desks"), "  on ");
	(void)putchar('\n');
}

static int
print(const struct args *args, json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (args_has(args, "json")) {
			(void)json_dumpf(item, stdout, JSON_COMPACT);
			(void)putchar('\n');
		} else {
			say_officer(item);
		}
	}
	return 0;
}

static int
collect(const struct args *args, struct link *link, struct keys *keys, json_t *list)
{
	const struct subject *own = keys_subject(keys);
	struct pending_list pending = {0};
	struct people *people = NULL;
	int r;

	if ((r = people_load(link, &people)) != 0)
		return link_fail(args, link, "learn who there is from", "the station", r);
	add_enrolled(people_directory(people, own->member), list);
	people_free(people);
	if (!subject_has_enrol(own))
		return 0;
	if ((r = pending_load(link, &pending)) != 0)
		return link_fail(args, link, "ask for requests at", "the station", r);
	add_pending(&pending, list);
	pending_done(&pending);
	return 0;
}

int
officer_list(const struct args *args)
{
	json_t *list = json_array();
	struct link *link = NULL;
	struct keys *keys = NULL;
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, dir)) != 0 || (r = home_officer(args, &keys)) != 0)
		goto out;
	if ((r = link_new(dir, keys, &link)) != 0)
		r = exchange_fail(args, "use", dir, NULL, r);
	else if ((r = collect(args, link, keys, list)) == 0)
		r = print(args, list);
out:
	link_free(link);
	keys_free(keys);
	json_decref(list);
	return r;
}
