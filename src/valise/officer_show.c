/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_show.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "member/request.h"
#include "valise/exchange.h"
#include "valise/report.h"

/*
 * One JSON object holds everything; the words for people are printed from it, so that the two
 * cannot say different things.
 */

static json_t *
text_of(struct rd text)
{
	return json_stringn((const char *)text.ptr, text.len);
}

static void
put_time(json_t *object, const char *name, uint64_t s)
{
	char text[TIME_TEXT_MAX] = "";

	if (time_rfc3339(s, text) == 0)
		(void)json_object_set_new(object, name, json_string(text));
}

static json_t *
object_of(const struct subject *subject, const struct desks *desks, const char *type)
{
	json_t *object = json_object(), *list = json_array();
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];

	(void)json_object_set_new(object, "type", json_string(type));
	(void)json_object_set_new(object, "member", text_of(subject->member));
	(void)json_object_set_new(object, "officer", text_of(subject->officer));
	(void)json_object_set_new(object, "device", text_of(subject->device));
	(void)json_object_set_new(
		object, "kind", json_string(subject_kind_text(subject->kind)));
	(void)json_object_set_new(object, "suite", json_integer(subject->reader.suite));
	for (size_t i = 0; i < desks->count; i++)
		(void)json_array_append_new(list, text_of(desks->names[i]));
	(void)json_object_set_new(object, "desks", list);
	if (subject_hash(subject, hash) == 0) {
		exchange_words(hash, words);
		(void)json_object_set_new(object, "words", json_string(words));
	}
	return object;
}

/* As people type it where the policy is known, else the sets themselves. */
static json_t *
clearance_text(const struct clearance *c)
{
	char text[LABEL_TEXT_MAX + 1];
	struct buf line;
	json_t *out = NULL;

	if (clearance_to_text(c, text) == 0)
		return json_string(text);
	buf_init(&line, CLEARANCES_LINE_MAX);
	if (clearances_line_write(c, &line) == 0)
		out = text_of(rd_of(line.data, line.len));
	buf_done(&line);
	return out != NULL ? out : json_string("?");
}

json_t *
officer_show_object(const struct enrol *enrol)
{
	json_t *object, *list = json_array();
	struct clearance *clearance = NULL;
	struct credential c;
	struct rd rest;

	if (credential_parse(enrol->credential.ptr, enrol->credential.len, &c) != 0) {
		json_decref(list);
		return NULL;
	}
	object = object_of(&c.subject, &c.desks, "enrolment");
	rest = c.clearances;
	while (rest.len > 0 && clearance_parse(&rest, &clearance) == 0) {
		(void)json_array_append_new(list, clearance_text(clearance));
		clearance_free(clearance);
	}
	(void)json_object_set_new(object, "clearances", list);
	put_time(object, "from", c.from_s);
	put_time(object, "until", c.until_s);
	(void)json_object_set_new(
		object, "signatures", json_integer((json_int_t)enrol->signature_count));
	return object;
}

static void
say_value(const char *name, const json_t *value, FILE *to)
{
	const char *before = "";
	json_t *item;
	size_t i;

	if (json_is_array(value) && json_array_size(value) == 0)
		return;
	(void)fprintf(to, "  %-12s", name);
	if (json_is_string(value))
		(void)fputs(json_string_value(value), to);
	if (json_is_integer(value))
		(void)fprintf(to, "%lld", (long long)json_integer_value(value));
	json_array_foreach(value, i, item)
	{
		(void)fprintf(to, "%s%s", before, json_string_value(item));
		before = ", ";
	}
	(void)fputc('\n', to);
}

static void
say_object(json_t *object, FILE *to, bool has_words)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) if (has_words ||
		strcmp(name, "words") != 0) say_value(name, value, to);
}

void
officer_show_grant(const struct enrol *enrol)
{
	json_t *object = officer_show_object(enrol);

	if (object != NULL && !report_is_quiet())
		say_object(object, stderr, false);
	json_decref(object);
}

json_t *
officer_show_request(const struct request *q)
{
	json_t *object = object_of(&q->subject, &q->desks, "request");

	if (object != NULL)
		put_time(object, "made", q->made_s);
	return object;
}

static int
parse(const struct args *args, const struct buf *file, json_t **ret_object)
{
	struct request q;
	struct enrol e;
	int r = request_parse(file->data, file->len, &q);

	if (r == 0) {
		*ret_object = officer_show_request(&q);
		return *ret_object != NULL ? 0
					   : exchange_fail(args, "show",
						     args->operands[1], NULL, FAIL_NOMEM);
	}
	if (r == FAIL_FORMAT || r == FAIL_LIMIT)
		r = enrol_parse(file->data, file->len, &e);
	if (r == 0 && (*ret_object = officer_show_object(&e)) == NULL)
		r = FAIL_NOMEM;
	if (r != 0)
		return exchange_fail(args, "show", args->operands[1],
			"It is neither a request nor an enrolment, or it was altered.",
			r);
	return 0;
}

int
officer_show(const struct args *args)
{
	json_t *object = NULL;
	struct buf file;
	int r;

	if ((r = exchange_read(args, args->operands[1], ENROL_BYTES_MAX, &file)) != 0)
		return r;
	if ((r = parse(args, &file, &object)) == 0) {
		if (args_has(args, "json")) {
			(void)json_dumpf(object, stdout, JSON_COMPACT);
			(void)putchar('\n');
		} else {
			say_object(object, stdout, true);
		}
	}
	json_decref(object);
	buf_done(&file);
	return r;
}
