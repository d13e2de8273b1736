/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/who_list.h"

#include <stdio.h>
#include <string.h>

#include "valise/officer_show.h"

/* Readers are asked for by address, so that a desk counts exactly those who can read it. */

static json_t *
text_of(struct rd text)
{
	return json_stringn((const char *)text.ptr, text.len);
}

static void
add_once(json_t *list, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(
		list, i, item) if (strcmp(json_string_value(item), text) == 0) return;
	(void)json_array_append_new(list, json_string(text));
}

static void
add_all_once(json_t *list, const json_t *more)
{
	json_t *item;
	size_t i;

	json_array_foreach(more, i, item) add_once(list, json_string_value(item));
}

/* Everybody who reads the address: names, clearances, devices. */
static json_t *
readers_of(struct people *people, const char *address)
{
	json_t *names = json_array(), *clearances = json_array(), *shown;
	const char *kind = "";
	struct enrol enrol;
	struct rd bytes;
	size_t at = 0, devices = 0;

	while (people_next_reader(people, address_of(address), &at, &bytes) == 0) {
		if (enrol_parse(bytes.ptr, bytes.len, &enrol) != 0 ||
			(shown = officer_show_object(&enrol)) == NULL)
			continue;
		add_once(names, json_string_value(json_object_get(shown, "officer")));
		add_all_once(clearances, json_object_get(shown, "clearances"));
		kind = subject_kind_text(subject_kind_of(
			json_string_value(json_object_get(shown, "kind"))));
		devices++;
		json_decref(shown);
	}
	return json_pack("{s:o, s:o, s:I, s:s}", "officers", names, "clearances",
		clearances, "devices", (json_int_t)devices, "officer_kind", kind);
}

static void
put(json_t *list, struct people *people, const struct directory *d, struct rd name,
	const struct directory_desk *desk)
{
	char address[ADDRESS_MAX + 1];
	json_t *object, *readers;

	(void)snprintf(address, sizeof address, "%.*s/%.*s", (int)d->member.len,
		(const char *)d->member.ptr, (int)name.len, (const char *)name.ptr);
	object = json_pack("{s:s, s:s}", "address", address, "kind",
		desk != NULL ? "desk" : "officer");
	readers = readers_of(people, address);
	if (object == NULL || readers == NULL) {
		json_decref(object);
		json_decref(readers);
		return;
	}
	if (desk != NULL)
		(void)json_object_set_new(object, "hours", text_of(desk->hours));
	(void)json_object_update(object, readers);
	json_decref(readers);
	(void)json_array_append_new(list, object);
}

json_t *
who_list(struct people *people, const struct directory *directory)
{
	json_t *list = json_array();
	struct rd before = rd_of("", 0);

	for (size_t i = 0; list != NULL && i < directory->desk_count; i++)
		put(list, people, directory, directory->desks[i].name,
			&directory->desks[i]);
	for (size_t i = 0; list != NULL && i < directory->credential_count; i++) {
		const struct directory_credential *c = &directory->credentials[i];

		/* One line an officer; an index host is addressed by nobody. */
		if (c->kind == SUBJECT_INDEX_HOST ||
			address_compare(c->officer, before) == 0)
			continue;
		before = c->officer;
		put(list, people, directory, c->officer, NULL);
	}
	return list;
}
