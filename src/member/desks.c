/* SPDX-License-Identifier: Apache-2.0 */
#include "member/desks.h"

#include <string.h>

/* Few and sorted: a set has one spelling, and comparing two is comparing lists. */

int
desks_parse(struct rd *in, struct desks *ret_desks)
{
	struct desks desks = {0};
	struct rd at = *in, list, name;
	int r;

	if ((r = rd_vec16(&at, 0, DESKS_BYTES_MAX, &list)) != 0)
		return r;
	while (list.len > 0) {
		if (desks.count == DESKS_MAX)
			return FAIL_LIMIT;
		if (rd_vec8(&list, 1, ADDRESS_NAME_MAX, &name) != 0 ||
			!address_is_name(name))
			return FAIL_FORMAT;
		if (desks.count > 0 &&
			address_compare(desks.names[desks.count - 1], name) >= 0)
			return FAIL_FORMAT;
		desks.names[desks.count++] = name;
	}
	*ret_desks = desks;
	*in = at;
	return 0;
}

void
desks_write(const struct desks *desks, struct buf *out)
{
	size_t mark = buf_vec_begin(out, 2);

	for (size_t i = 0; i < desks->count; i++)
		buf_vec(out, 1, desks->names[i].ptr, desks->names[i].len);
	buf_vec_end(out, mark, 2);
}

int
desks_add(struct desks *desks, struct rd name)
{
	size_t at = 0;

	if (!address_is_name(name))
		return FAIL_FORMAT;
	if (desks_have(desks, name))
		return 0;
	if (desks->count == DESKS_MAX)
		return FAIL_LIMIT;
	while (at < desks->count && address_compare(desks->names[at], name) < 0)
		at++;
	memmove(&desks->names[at + 1], &desks->names[at],
		(desks->count - at) * sizeof desks->names[0]);
	desks->names[at] = name;
	desks->count++;
	return 0;
}

bool
desks_have(const struct desks *desks, struct rd name)
{
	for (size_t i = 0; i < desks->count; i++)
		if (address_compare(desks->names[i], name) == 0)
			return true;
	return false;
}

bool
desks_equal(const struct desks *a, const struct desks *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (address_compare(a->names[i], b->names[i]) != 0)
			return false;
	return true;
}
