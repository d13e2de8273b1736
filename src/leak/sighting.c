/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sighting.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/text.h"

/* Lines are parsed strictly: what is read must write as the same bytes. */

void
sightings_done(struct sightings *list)
{
	for (size_t i = 0; i < list->count; i++)
		json_decref(list->owner[i]);
	mem_free(list->item);
	mem_free(list->owner);
	*list = (struct sightings){0};
}

static int
append(struct sightings *list, const struct sighting *s, json_t *owner)
{
	size_t cap = list->cap > 0 ? list->cap * 2 : 64;
	int r;

	if (list->count == SIGHTINGS_MAX)
		return FAIL_LIMIT;
	if (list->count == list->cap) {
		if ((r = mem_grow(&list->item, list->cap * sizeof list->item[0],
			     cap * sizeof list->item[0])) != 0 ||
			(r = mem_grow(&list->owner, list->cap * sizeof list->owner[0],
				 cap * sizeof list->owner[0])) != 0)
			return r;
		list->cap = cap;
	}
	list->item[list->count] = *s;
	list->owner[list->count++] = owner;
	return 0;
}

static bool
is_fit(const char *s)
{
	size_t len = strlen(s);

	return len <= SIGHTING_FIELD_MAX && (len == 0 || text_is_line(s, len));
}

static json_t *
pack(const struct sighting *s, const char *time)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "doc", s->doc,
		"evidence", s->evidence, "note", s->note, "path", s->path, "score",
		(json_int_t)s->score, "source", s->source, "time", time, "words",
		(json_int_t)s->words);

	if (o != NULL && s->id[0] != 0 &&
		json_object_set_new(o, "id", json_string(s->id)) != 0) {
		json_decref(o);
		o = NULL;
	}
	return o;
}

static int
put(const char *ptr, size_t len, void *out)
{
	buf_bytes(out, ptr, len);
	return buf_error(out) == 0 ? 0 : -1;
}

static int
write_line(const struct sighting *s, struct buf *out)
{
	char time[TIME_TEXT_MAX];
	json_t *o;
	int r;

	if (!is_fit(s->doc) || !is_fit(s->path) || !is_fit(s->source) || !is_fit(s->note))
		return FAIL_FORMAT;
	if ((r = time_rfc3339(s->time_s, time)) != 0)
		return r;
	if ((o = pack(s, time)) == NULL)
		return FAIL_NOMEM;
	r = json_dump_callback(o, put, out, JSON_COMPACT | JSON_SORT_KEYS) == 0
		? 0
		: FAIL_NOMEM;
	json_decref(o);
	return buf_error(out) != 0 ? buf_error(out) : r;
}

int
sighting_write(const struct sighting *s, struct buf *out)
{
	int r;

	if ((r = write_line(s, out)) != 0)
		return r;
	buf_u8(out, '\n');
	return buf_error(out);
}

int
sighting_set_id(struct sighting *s)
{
	uint8_t digest[HASH_LEN];
	struct buf line;
	int r;

	s->id[0] = 0;
	buf_init(&line, SIGHTING_LINE_MAX);
	if ((r = write_line(s, &line)) == 0) {
		hash_sha256(line.data, line.len, digest);
		text_hex(digest, SIGHTING_ID_LEN, s->id);
	}
	buf_done(&line);
	return r;
}

static int
unpack(json_t *o, struct sighting *s)
{
	const char *evidence, *time, *id;
	json_int_t words, score;

	if (json_unpack_ex(o, NULL, JSON_STRICT,
		    "{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "doc", &s->doc,
		    "evidence", &evidence, "id", &id, "note", &s->note, "path", &s->path,
		    "score", &score, "source", &s->source, "time", &time, "words",
		    &words) != 0)
		return FAIL_FORMAT;
	if (words < 0 || score < 0 || strlen(evidence) >= sizeof s->evidence ||
		strlen(id) >= sizeof s->id)
		return FAIL_FORMAT;
	s->words = (uint64_t)words;
	s->score = (uint64_t)score;
	memcpy(s->evidence, evidence, strlen(evidence) + 1);
	memcpy(s->id, id, strlen(id) + 1);
	return time_parse_rfc3339(time, strlen(time), &s->time_s);
}

/* The line must be the one that its contents write, and its id that of its contents. */
static int
check(const struct sighting *s, const char *line, size_t len)
{
	struct sighting again = *s;
	struct buf b;
	int r;

	buf_init(&b, SIGHTING_LINE_MAX);
	if ((r = sighting_set_id(&again)) == 0 && strcmp(again.id, s->id) != 0)
		r = FAIL_ALTERED;
	if (r == 0 && (r = write_line(s, &b)) == 0 &&
		(b.len != len || memcmp(b.data, line, len) != 0))
		r = FAIL_FORMAT;
	buf_done(&b);
	return r;
}

static int
parse_line(struct sightings *list, const char *line, size_t len)
{
	struct sighting s = {0};
	json_t *o;
	int r;

	if (len > SIGHTING_LINE_MAX)
		return FAIL_LIMIT;
	if ((o = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL)) == NULL)
		return FAIL_FORMAT;
	if ((r = unpack(o, &s)) == 0 && (r = check(&s, line, len)) == 0)
		r = append(list, &s, o);
	if (r != 0)
		json_decref(o);
	return r;
}

int
sightings_parse(struct sightings *list, struct sightings_text *text)
{
	const char *p = text->ptr, *end = text->ptr + text->len, *newline;
	int r;

	text->line = text->whole = 0;
	while (p < end && (newline = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		text->line++;
		if ((r = parse_line(list, p, (size_t)(newline - p))) != 0)
			return r;
		p = newline + 1;
	}
	text->whole = (size_t)(p - text->ptr);
	return 0;
}

struct pair {
	struct sighting item;
	void *owner;
};

static int
compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->item.time_s != y->item.time_s)
		return x->item.time_s < y->item.time_s ? -1 : 1;
	return strcmp(x->item.id, y->item.id);
}

int
sightings_sort(struct sightings *list)
{
	struct pair *pair = NULL;
	size_t kept = 0;
	int r;

	if ((r = mem_new_array(&pair, list->count, sizeof pair[0])) != 0)
		return r;
	for (size_t i = 0; i < list->count; i++)
		pair[i] = (struct pair){list->item[i], list->owner[i]};
	if (list->count > 0)
		qsort(pair, list->count, sizeof pair[0], compare);
	for (size_t i = 0; i < list->count; i++) {
		if (kept > 0 && strcmp(list->item[kept - 1].id, pair[i].item.id) == 0) {
			json_decref(pair[i].owner);
			continue;
		}
		list->item[kept] = pair[i].item;
		list->owner[kept++] = pair[i].owner;
	}
	list->count = kept;
	mem_free(pair);
	return 0;
}

int
sighting_take_scan(struct sightings *list, const char *line, size_t len,
	struct sighting *ret_sighting, bool *ret_is_one)
{
	json_t *o = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	struct sighting s = {.source = "", .note = ""};
	json_int_t words;
	double score;
	int r;

	*ret_is_one = false;
	if (!json_is_object(o)) {
		json_decref(o);
		return FAIL_FORMAT;
	}
	if (json_unpack(o, "{s:s, s:s, s:I, s:F}", "path", &s.path, "doc", &s.doc,
		    "matched_words", &words, "score", &score) != 0 ||
		words < 0 || !(score >= 0 && score < 1e15)) {
		json_decref(o);
		return 0;
	}
	s.words = (uint64_t)words;
	s.score = (uint64_t)score; /* whole characters */
	if ((r = append(list, &s, o)) != 0) {
		json_decref(o);
		return r;
	}
	*ret_sighting = s;
	*ret_is_one = true;
	return 0;
}
