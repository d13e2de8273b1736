/* SPDX-License-Identifier: Apache-2.0 */
#include "label/label.h"

#include <string.h>

#include "base/mem.h"
#include "label/token.h"

/*
 * The values of all categories stand in one array, in the order of the categories, so the
 * label is one block and adding a value is one insertion.  The parser builds through
 * label_add() and asks that each thing come after the one before it; what label_write() then
 * says is necessarily what was read.
 */

/* No name holds a NUL (text_is_line), so strings compare as their bytes do. */
static size_t
category_place(const struct label *label, const char *tag)
{
	size_t i = 0;

	while (i < label->category_count && strcmp(label->categories[i].tag, tag) < 0)
		i++;
	return i;
}

int
label_new(const char *policy, const char *classification, struct label **ret_label)
{
	struct label *label = NULL;
	int r;

	if (!token_is_good(policy, strlen(policy)) ||
		!token_is_good(classification, strlen(classification)))
		return FAIL_FORMAT;
	if ((r = mem_new(&label, sizeof *label)) != 0)
		return r;
	memcpy(label->policy, policy, strlen(policy));
	memcpy(label->classification, classification, strlen(classification));
	*ret_label = label;
	return 0;
}

void
label_free(struct label *label)
{
	if (label != NULL)
		mem_free_wiped(label, sizeof *label);
}

const struct label_category *
label_category_find(const struct label *label, const char *tag)
{
	size_t i = category_place(label, tag);

	if (i == label->category_count || strcmp(label->categories[i].tag, tag) != 0)
		return NULL;
	return &label->categories[i];
}

/* Open a new category at its place; the caller has looked at the limits. */
static void
category_insert(struct label *label, size_t at, const char *tag, enum label_type type)
{
	struct label_category *c = &label->categories[at];
	size_t first = at < label->category_count ? c->value_first : label->value_count;

	memmove(c + 1, c, (label->category_count - at) * sizeof *c);
	*c = (struct label_category){.type = type, .value_first = first};
	memcpy(c->tag, tag, strlen(tag));
	label->category_count++;
}

static void
value_insert(struct label *label, size_t category, const char *value)
{
	struct label_category *c = &label->categories[category];
	size_t at = c->value_first, end = at + c->value_count;

	while (at < end && strcmp(label->values[at], value) < 0)
		at++;
	if (at < end && strcmp(label->values[at], value) == 0)
		return;
	memmove(label->values[at + 1], label->values[at],
		(label->value_count - at) * sizeof label->values[0]);
	memset(label->values[at], 0, sizeof label->values[0]);
	memcpy(label->values[at], value, strlen(value));
	label->value_count++;
	c->value_count++;
	for (size_t i = category + 1; i < label->category_count; i++)
		label->categories[i].value_first++;
}

/* NULL stands for "no value", which only a PERMISSIVE category can mean. */
static bool
is_value(enum label_type type, const char *value)
{
	return value == NULL ? type == LABEL_PERMISSIVE
			     : token_is_good(value, strlen(value));
}

int
label_add(struct label *label, const char *tag, enum label_type type, const char *value)
{
	size_t at = category_place(label, tag);
	bool is_there = label_category_find(label, tag) != NULL;

	if (!token_is_good(tag, strlen(tag)) || !is_value(type, value))
		return FAIL_FORMAT;
	if (is_there && label->categories[at].type != type)
		return FAIL_MISMATCH;
	if (!is_there && label->category_count == LABEL_CATEGORIES_MAX)
		return FAIL_LIMIT;
	if (value != NULL && label->value_count == LABEL_VALUES_MAX)
		return FAIL_LIMIT;
	if (!is_there)
		category_insert(label, at, tag, type);
	if (value != NULL)
		value_insert(label, at, value);
	return 0;
}

/* Names rise: an equal or smaller one would be a second spelling of the same label. */
static int
parse_values(
	struct rd *values, struct label *label, const char *tag, enum label_type type)
{
	char name[2][LABEL_NAME_MAX + 1] = {"", ""};
	int r;

	for (size_t i = 0; values->len > 0; i++) {
		if ((r = token_parse(values, name[i % 2])) != 0)
			return r;
		if (strcmp(name[i % 2], name[(i + 1) % 2]) <= 0)
			return FAIL_FORMAT;
		if ((r = label_add(label, tag, type, name[i % 2])) != 0)
			return r;
	}
	return 0;
}

static int
parse_category(struct rd *in, struct label *label)
{
	char tag[LABEL_NAME_MAX + 1];
	struct rd values;
	uint8_t type;
	int r;

	if ((r = token_parse(in, tag)) != 0 || (r = rd_u8(in, &type)) != 0 ||
		(r = rd_vec16(in, 0, UINT16_MAX, &values)) != 0)
		return r;
	if (type < LABEL_RESTRICTIVE || type > LABEL_INFORMATIVE)
		return FAIL_FORMAT;
	if (label->category_count > 0 &&
		strcmp(tag, label->categories[label->category_count - 1].tag) <= 0)
		return FAIL_FORMAT;
	if (values.len == 0)
		return label_add(label, tag, type, NULL);
	return parse_values(&values, label, tag, type);
}

int
label_parse(struct rd *in, struct label **ret_label)
{
	char policy[LABEL_NAME_MAX + 1], classification[LABEL_NAME_MAX + 1];
	struct label *label = NULL;
	struct rd at = *in, categories;
	int r;

	if ((r = token_parse(&at, policy)) != 0 ||
		(r = token_parse(&at, classification)) != 0 ||
		(r = rd_vec16(&at, 0, UINT16_MAX, &categories)) != 0 ||
		(r = label_new(policy, classification, &label)) != 0)
		goto out;
	while (categories.len > 0)
		if ((r = parse_category(&categories, label)) != 0)
			goto out;

	*in = at;
	*ret_label = label;
	label = NULL;
out:
	label_free(label);
	return r;
}

static void
write_category(const struct label *label, const struct label_category *c, struct buf *out)
{
	size_t mark;

	CHECK(c->value_count > 0 || c->type == LABEL_PERMISSIVE);
	buf_vec(out, 1, c->tag, strlen(c->tag));
	buf_u8(out, (uint8_t)c->type);
	mark = buf_vec_begin(out, 2);
	for (size_t i = c->value_first; i < c->value_first + c->value_count; i++) {
		CHECK(i == c->value_first ||
			strcmp(label->values[i - 1], label->values[i]) < 0);
		buf_vec(out, 1, label->values[i], strlen(label->values[i]));
	}
	buf_vec_end(out, mark, 2);
}

void
label_write(const struct label *label, struct buf *out)
{
	size_t mark;

	CHECK(label->category_count <= LABEL_CATEGORIES_MAX);
	CHECK(label->value_count <= LABEL_VALUES_MAX);
	buf_vec(out, 1, label->policy, strlen(label->policy));
	buf_vec(out, 1, label->classification, strlen(label->classification));
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < label->category_count; i++)
		write_category(label, &label->categories[i], out);
	buf_vec_end(out, mark, 2);
}
