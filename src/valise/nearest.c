/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/nearest.h"

#include <stdio.h>
#include <string.h>

/* One row of the table at a time; words are short, so nothing is allocated. */

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

size_t
nearest_distance(struct rd a, struct rd b)
{
	size_t row[ADDRESS_MAX + 1];

	CHECK(a.len <= ADDRESS_MAX && b.len <= ADDRESS_MAX);
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t above = row[j];
			size_t same = a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1;

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + same);
			diagonal = above;
		}
	}
	return row[b.len];
}

struct search {
	struct rd wanted;
	struct rd best;
	size_t distance;
};

static void
offer(struct search *s, struct rd word)
{
	size_t distance;

	if (word.len > ADDRESS_MAX)
		return;
	distance = nearest_distance(s->wanted, word);
	if (s->best.ptr == NULL || distance < s->distance) {
		s->best = word;
		s->distance = distance;
	}
}

static bool
is_near(const struct search *s)
{
	return s->best.ptr != NULL && s->distance <= s->wanted.len / 3 + 1;
}

static void
put(struct rd member, struct rd name, char ret_near[ADDRESS_MAX + 1])
{
	(void)snprintf(ret_near, ADDRESS_MAX + 1, "%.*s/%.*s", (int)member.len,
		(const char *)member.ptr, (int)name.len, (const char *)name.ptr);
}

int
nearest_address(const struct directory *directory, struct rd address,
	char ret_near[ADDRESS_MAX + 1])
{
	struct search s = {0};
	struct rd member;
	int r;

	ret_near[0] = '\0';
	if ((r = address_split(address, &member, &s.wanted)) != 0)
		return r;
	for (size_t i = 0; i < directory->desk_count; i++)
		offer(&s, directory->desks[i].name);
	for (size_t i = 0; i < directory->credential_count; i++)
		if (directory->credentials[i].kind != SUBJECT_INDEX_HOST)
			offer(&s, directory->credentials[i].officer);
	if (is_near(&s))
		put(member, s.best, ret_near);
	return 0;
}

int
nearest_member(
	const struct roster *roster, struct rd address, char ret_near[ADDRESS_MAX + 1])
{
	struct search s = {0};
	struct rd name;
	int r;

	ret_near[0] = '\0';
	if ((r = address_split(address, &s.wanted, &name)) != 0)
		return r;
	for (size_t i = 0; i < roster->member_count; i++)
		offer(&s, roster->members[i].name);
	if (is_near(&s))
		put(s.best, name, ret_near);
	return 0;
}
