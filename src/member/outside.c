/* SPDX-License-Identifier: Apache-2.0 */
#include "member/outside.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "member/address.h"
#include "member/field.h"
#include "note/note.h"

/*
 * The lines are kept as text, since log/quorum reads them as they are; here they are only held
 * to the grammar, with single spaces and numbers without leading zeros.
 */

enum { NAMES_MAX = OUTSIDE_WITNESSES_MAX + OUTSIDE_GROUPS_MAX };

struct names {
	size_t count;
	size_t group_count;
	struct rd names[NAMES_MAX];
	bool is_used[NAMES_MAX]; /* stands in a group already */
};

static bool
is_name(struct rd name)
{
	return name.len >= 1 && name.len <= OUTSIDE_NAME_MAX &&
		text_is_line(name.ptr, name.len) &&
		address_compare(name, address_of("none")) != 0;
}

static struct rd *
find(struct names *n, struct rd name)
{
	for (size_t i = 0; i < n->count; i++)
		if (address_compare(n->names[i], name) == 0)
			return &n->names[i];
	return NULL;
}

static int
add(struct names *n, struct rd name)
{
	if (!is_name(name) || find(n, name) != NULL)
		return FAIL_FORMAT;
	if (n->count == NAMES_MAX)
		return FAIL_LIMIT;
	n->names[n->count++] = name;
	return 0;
}

static int
take_witness(struct names *n, struct rd value)
{
	struct rd name = field_word(&value), vkey = field_word(&value), key_name;
	uint8_t key[SIGN_PUBLIC_LEN];
	int r;

	if (n->count - n->group_count == OUTSIDE_WITNESSES_MAX)
		return FAIL_LIMIT;
	if ((r = field_vkey(vkey, NOTE_COSIGNATURE, &key_name, key)) != 0)
		return r;
	/* A URL may have a path here; it is a word, and that is all that is asked. */
	if (value.len > ADDRESS_URL_MAX || memchr(value.ptr, ' ', value.len) != NULL ||
		!text_is_line(value.ptr, value.len))
		return FAIL_FORMAT;
	/* "NAME VKEY " would be a second spelling of a line without a URL. */
	if (value.len == 0 && value.ptr[-1] == ' ')
		return FAIL_FORMAT;
	return add(n, name);
}

/* How many of its members a group asks: a number without leading zero, all or any. */
static int
check_threshold(struct rd word, size_t member_count)
{
	uint64_t k = 0;

	if (member_count == 0)
		return FAIL_FORMAT;
	if (address_compare(word, address_of("all")) == 0 ||
		address_compare(word, address_of("any")) == 0)
		return 0;
	if (field_number(word, member_count, &k) != 0 || k == 0 || word.ptr[0] == '0')
		return FAIL_FORMAT;
	return 0;
}

static int
take_group(struct names *n, struct rd value)
{
	struct rd name = field_word(&value), threshold = field_word(&value);
	size_t member_count = 0;
	int r;

	if (n->group_count == OUTSIDE_GROUPS_MAX)
		return FAIL_LIMIT;
	for (; value.len > 0; member_count++) {
		struct rd *member = find(n, field_word(&value));

		if (member == NULL || n->is_used[member - n->names])
			return FAIL_FORMAT;
		n->is_used[member - n->names] = true;
		if (value.len == 0 && value.ptr[-1] == ' ')
			return FAIL_FORMAT;
	}
	if ((r = check_threshold(threshold, member_count)) != 0 ||
		(r = add(n, name)) != 0)
		return r;
	n->group_count++;
	return 0;
}

static int
take_line(struct names *n, struct rd value, bool *ret_is_last)
{
	struct rd word = field_word(&value);

	if (address_compare(word, address_of("witness")) == 0)
		return take_witness(n, value);
	if (address_compare(word, address_of("group")) == 0)
		return take_group(n, value);
	if (address_compare(word, address_of("quorum")) != 0)
		return FAIL_FORMAT;
	*ret_is_last = true;
	return address_compare(value, address_of("none")) == 0 || find(n, value) != NULL
		? 0
		: FAIL_FORMAT;
}

int
outside_parse(struct rd *in, struct rd *ret_lines)
{
	struct names names = {0};
	struct rd at = *in, value;
	bool is_last = false;
	int r;

	while (!is_last && field_is_next(at, "outside"))
		if ((r = field_take(&at, "outside", &value)) != 0 ||
			(r = take_line(&names, value, &is_last)) != 0)
			return r;
	if (at.len != in->len && !is_last)
		return FAIL_FORMAT;
	*ret_lines = rd_of(in->ptr, in->len - at.len);
	*in = at;
	return 0;
}
