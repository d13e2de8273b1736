/* SPDX-License-Identifier: Apache-2.0 */
#include "member/clearances.h"

#include <string.h>

#include "member/address.h"

/*
 * A line is read by cutting it at its separators, and accepted when it writes as the same
 * bytes again: order, repetition and spaces need no rules of their own.
 */

int
clearances_check(struct rd list)
{
	char before[LABEL_NAME_MAX + 1] = "";
	struct clearance *c = NULL;
	bool is_after;
	int r;

	for (size_t count = 0; list.len > 0; count++) {
		if (count == CLEARANCES_MAX)
			return FAIL_LIMIT;
		if ((r = clearance_parse(&list, &c)) != 0)
			return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
		is_after = strcmp(c->policy, before) > 0;
		memcpy(before, c->policy, sizeof before);
		clearance_free(c);
		if (!is_after)
			return FAIL_FORMAT;
	}
	return 0;
}

int
clearances_find(struct rd list, const char *policy, struct clearance **ret_clearance)
{
	struct clearance *c = NULL;
	int r;

	while (list.len > 0) {
		if ((r = clearance_parse(&list, &c)) != 0)
			return r;
		if (strcmp(c->policy, policy) == 0) {
			*ret_clearance = c;
			return 0;
		}
		clearance_free(c);
	}
	return FAIL_ABSENT;
}

static int
copy_name(struct rd name, char ret_name[LABEL_NAME_MAX + 1])
{
	if (name.len == 0 || name.len > LABEL_NAME_MAX ||
		memchr(name.ptr, 0, name.len) != NULL)
		return FAIL_FORMAT;
	memcpy(ret_name, name.ptr, name.len);
	ret_name[name.len] = '\0';
	return 0;
}

/* What stands before the next separator, or all; is there one? */
static bool
cut(struct rd *text, const char *separator, struct rd *ret_head)
{
	size_t len = strlen(separator);
	const uint8_t *at = memmem(text->ptr, text->len, separator, len);

	if (at == NULL) {
		*ret_head = *text;
		*text = rd_of(text->ptr + text->len, 0);
		return false;
	}
	*ret_head = rd_of(text->ptr, (size_t)(at - text->ptr));
	*text = rd_of(at + len, text->len - ret_head->len - len);
	return true;
}

static int
parse_classes(struct rd classes, struct clearance *c)
{
	char text[LABEL_NAME_MAX + 1];
	struct rd name;
	int r;

	while (cut(&classes, ", ", &name) || name.len > 0)
		if ((r = copy_name(name, text)) != 0 ||
			(r = clearance_add_class(c, text)) != 0)
			return r;
	return c->class_count > 0 ? 0 : FAIL_FORMAT;
}

/* "permissive Releasable To = FR, PT" */
static int
parse_held(struct rd text, struct clearance *c)
{
	char tag[LABEL_NAME_MAX + 1], value[LABEL_NAME_MAX + 1];
	enum label_type type = LABEL_PERMISSIVE;
	struct rd word, name;
	int r;

	if (!cut(&text, " ", &word))
		return FAIL_FORMAT;
	if (address_compare(word, address_of("restrictive")) == 0)
		type = LABEL_RESTRICTIVE;
	else if (address_compare(word, address_of("permissive")) != 0)
		return FAIL_FORMAT;
	if (!cut(&text, " = ", &word) || (r = copy_name(word, tag)) != 0)
		return FAIL_FORMAT;
	while (cut(&text, ", ", &name) || name.len > 0)
		if ((r = copy_name(name, value)) != 0 ||
			(r = clearance_add(c, tag, type, value)) != 0)
			return r == FAIL_MISMATCH ? FAIL_FORMAT : r;
	return 0;
}

static int
check_spelling(const struct clearance *c, struct rd text)
{
	struct buf again;
	int r;

	buf_init(&again, CLEARANCES_LINE_MAX);
	if ((r = clearances_line_write(c, &again)) == 0 &&
		address_compare(rd_of(again.data, again.len), text) != 0)
		r = FAIL_FORMAT;
	buf_done(&again);
	return r;
}

int
clearances_line_parse(struct rd text, struct clearance **ret_clearance)
{
	char policy[LABEL_NAME_MAX + 1];
	struct rd rest = text, word;
	struct clearance *c = NULL;
	bool has_more;
	int r;

	if (text.len > CLEARANCES_LINE_MAX)
		return FAIL_LIMIT;
	if (!cut(&rest, ": ", &word) || copy_name(word, policy) != 0)
		return FAIL_FORMAT;
	has_more = cut(&rest, "; ", &word);
	if ((r = clearance_new(policy, &c)) != 0 || (r = parse_classes(word, c)) != 0)
		goto out;
	while (has_more) {
		has_more = cut(&rest, "; ", &word);
		if ((r = parse_held(word, c)) != 0)
			goto out;
	}
	if ((r = check_spelling(c, text)) != 0)
		goto out;

	*ret_clearance = c;
	c = NULL;
out:
	clearance_free(c);
	return r;
}

static bool
has_line(const char *name)
{
	return name[strcspn(name, ",;:=")] == '\0';
}

static int
write_held(const struct clearance *c, struct buf *out)
{
	const char *tag = "";

	for (size_t i = 0; i < c->held_count; i++) {
		const struct clearance_held *held = &c->held[i];

		if (!has_line(held->tag) || !has_line(held->value))
			return FAIL_FORMAT;
		if (strcmp(held->tag, tag) == 0)
			buf_printf(out, ", %s", held->value);
		else
			buf_printf(out, "; %s %s = %s",
				held->type == LABEL_RESTRICTIVE ? "restrictive"
								: "permissive",
				held->tag, held->value);
		tag = held->tag;
	}
	return 0;
}

int
clearances_line_write(const struct clearance *clearance, struct buf *out)
{
	int r;

	if (!has_line(clearance->policy))
		return FAIL_FORMAT;
	buf_printf(out, "%s: ", clearance->policy);
	for (size_t i = 0; i < clearance->class_count; i++) {
		if (!has_line(clearance->classes[i]))
			return FAIL_FORMAT;
		buf_printf(out, "%s%s", i > 0 ? ", " : "", clearance->classes[i]);
	}
	if ((r = write_held(clearance, out)) != 0)
		return r;
	return buf_error(out);
}
