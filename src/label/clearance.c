/* SPDX-License-Identifier: Apache-2.0 */
#include "label/clearance.h"

#include <string.h>

#include "base/mem.h"
#include "label/token.h"

/*
 * Classes and held values stand in two sorted arrays.  The parser builds through the functions
 * that add, and asks that each thing come after the one before it; so what clearance_write()
 * then says is what was read, as in label.c.
 */

int
clearance_new(const char *policy, struct clearance **ret_clearance)
{
	struct clearance *c = NULL;
	int r;

	if (!token_is_good(policy, strlen(policy)))
		return FAIL_FORMAT;
	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	memcpy(c->policy, policy, strlen(policy));
	*ret_clearance = c;
	return 0;
}

void
clearance_free(struct clearance *clearance)
{
	if (clearance != NULL)
		mem_free_wiped(clearance, sizeof *clearance);
}

static size_t
class_place(const struct clearance *c, const char *class)
{
	size_t i = 0;

	while (i < c->class_count && strcmp(c->classes[i], class) < 0)
		i++;
	return i;
}

bool
clearance_has_class(const struct clearance *clearance, const char *class)
{
	size_t i = class_place(clearance, class);

	return i < clearance->class_count && strcmp(clearance->classes[i], class) == 0;
}

int
clearance_add_class(struct clearance *clearance, const char *class)
{
	size_t at = class_place(clearance, class);

	if (!token_is_good(class, strlen(class)))
		return FAIL_FORMAT;
	if (clearance_has_class(clearance, class))
		return 0;
	if (clearance->class_count == CLEARANCE_CLASSES_MAX)
		return FAIL_LIMIT;
	memmove(clearance->classes[at + 1], clearance->classes[at],
		(clearance->class_count - at) * sizeof clearance->classes[0]);
	memset(clearance->classes[at], 0, sizeof clearance->classes[0]);
	memcpy(clearance->classes[at], class, strlen(class));
	clearance->class_count++;
	return 0;
}

/* By tag, then by value. */
static int
compare(const struct clearance_held *held, const char *tag, const char *value)
{
	int order = strcmp(held->tag, tag);

	return order != 0 ? order : strcmp(held->value, value);
}

static size_t
held_place(const struct clearance *c, const char *tag, const char *value)
{
	size_t i = 0;

	while (i < c->held_count && compare(&c->held[i], tag, value) < 0)
		i++;
	return i;
}

/* The entry, or NULL. */
static const struct clearance_held *
held_find(const struct clearance *c, const char *tag, const char *value)
{
	size_t i = held_place(c, tag, value);

	if (i == c->held_count || compare(&c->held[i], tag, value) != 0)
		return NULL;
	return &c->held[i];
}

bool
clearance_holds(const struct clearance *clearance, const char *tag, enum label_type type,
	const char *value)
{
	const struct clearance_held *held = held_find(clearance, tag, value);

	return held != NULL && held->type == type;
}

static bool
is_other_type(const struct clearance *c, const char *tag, enum label_type type)
{
	for (size_t i = 0; i < c->held_count; i++)
		if (strcmp(c->held[i].tag, tag) == 0)
			return c->held[i].type != type;
	return false;
}

int
clearance_add(struct clearance *clearance, const char *tag, enum label_type type,
	const char *value)
{
	size_t at = held_place(clearance, tag, value);
	struct clearance_held *held = &clearance->held[at];

	if (!token_is_good(tag, strlen(tag)) || !token_is_good(value, strlen(value)) ||
		(type != LABEL_RESTRICTIVE && type != LABEL_PERMISSIVE))
		return FAIL_FORMAT;
	if (is_other_type(clearance, tag, type))
		return FAIL_MISMATCH;
	if (held_find(clearance, tag, value) != NULL)
		return 0;
	if (clearance->held_count == CLEARANCE_HELD_MAX)
		return FAIL_LIMIT;
	memmove(held + 1, held, (clearance->held_count - at) * sizeof *held);
	*held = (struct clearance_held){.type = type};
	memcpy(held->tag, tag, strlen(tag));
	memcpy(held->value, value, strlen(value));
	clearance->held_count++;
	return 0;
}

bool
clearance_remove(struct clearance *clearance, const char *tag, const char *value)
{
	size_t at = held_place(clearance, tag, value);
	struct clearance_held *held = &clearance->held[at];

	if (held_find(clearance, tag, value) == NULL)
		return false;
	clearance->held_count--;
	memmove(held, held + 1, (clearance->held_count - at) * sizeof *held);
	return true;
}

static int
parse_classes(struct rd *classes, struct clearance *c)
{
	char class[LABEL_NAME_MAX + 1];
	int r;

	while (classes->len > 0) {
		if ((r = token_parse(classes, class)) != 0)
			return r;
		if (c->class_count > 0 &&
			strcmp(c->classes[c->class_count - 1], class) >= 0)
			return FAIL_FORMAT;
		if ((r = clearance_add_class(c, class)) != 0)
			return r;
	}
	return 0;
}

static int
parse_held(struct rd *list, struct clearance *c)
{
	char tag[LABEL_NAME_MAX + 1], value[LABEL_NAME_MAX + 1];
	uint8_t type;
	int r;

	while (list->len > 0) {
		if ((r = token_parse(list, tag)) != 0 || (r = rd_u8(list, &type)) != 0 ||
			(r = token_parse(list, value)) != 0)
			return r;
		if (c->held_count > 0 &&
			compare(&c->held[c->held_count - 1], tag, value) >= 0)
			return FAIL_FORMAT;
		r = clearance_add(c, tag, type, value);
		if (r != 0)
			return r == FAIL_MISMATCH ? FAIL_FORMAT : r;
	}
	return 0;
}

int
clearance_parse(struct rd *in, struct clearance **ret_clearance)
{
	char policy[LABEL_NAME_MAX + 1];
	struct clearance *c = NULL;
	struct rd at = *in, classes, held;
	int r;

	if ((r = token_parse(&at, policy)) != 0 ||
		(r = rd_vec16(&at, 2, UINT16_MAX, &classes)) != 0 ||
		(r = rd_vec16(&at, 0, UINT16_MAX, &held)) != 0 ||
		(r = clearance_new(policy, &c)) != 0 ||
		(r = parse_classes(&classes, c)) != 0 || (r = parse_held(&held, c)) != 0)
		goto out;

	*in = at;
	*ret_clearance = c;
	c = NULL;
out:
	clearance_free(c);
	return r;
}

void
clearance_write(const struct clearance *clearance, struct buf *out)
{
	size_t mark;

	CHECK(clearance->class_count > 0);
	CHECK(clearance->class_count <= CLEARANCE_CLASSES_MAX);
	CHECK(clearance->held_count <= CLEARANCE_HELD_MAX);
	buf_vec(out, 1, clearance->policy, strlen(clearance->policy));
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < clearance->class_count; i++)
		buf_vec(out, 1, clearance->classes[i], strlen(clearance->classes[i]));
	buf_vec_end(out, mark, 2);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < clearance->held_count; i++) {
		const struct clearance_held *held = &clearance->held[i];

		buf_vec(out, 1, held->tag, strlen(held->tag));
		buf_u8(out, (uint8_t)held->type);
		buf_vec(out, 1, held->value, strlen(held->value));
	}
	buf_vec_end(out, mark, 2);
}
