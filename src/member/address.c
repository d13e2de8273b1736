/* SPDX-License-Identifier: Apache-2.0 */
#include "member/address.h"

#include <string.h>

/*
 * Hand-written loops: the grammars are small, and a table of regular expressions would be one
 * more parser to trust.
 */

enum { PORT_DIGITS_MAX = 5, PORT_MAX = 65535 };

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower_or_digit(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c);
}

bool
address_is_member(struct rd text)
{
	if (text.len < 1 || text.len > ADDRESS_MEMBER_MAX)
		return false;
	if (text.ptr[0] < 'A' || text.ptr[0] > 'Z')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if ((c < 'A' || c > 'Z') && !is_digit(c) && c != '-')
			return false;
	}
	return true;
}

bool
address_is_name(struct rd text)
{
	if (text.len < 1 || text.len > ADDRESS_NAME_MAX ||
		!is_lower_or_digit(text.ptr[0]))
		return false;
	for (size_t i = 1; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (!is_lower_or_digit(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

/* Host names as RFC 1123 has them, in lower case; an IPv4 address is one by its form. */
bool
address_is_host(struct rd text)
{
	uint8_t before = '.';

	if (text.len < 1 || text.len > ADDRESS_HOST_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (!is_lower_or_digit(c) && c != '.' && c != '-')
			return false;
		if (before == '.' && !is_lower_or_digit(c))
			return false;
		if (before == '-' && c == '.')
			return false;
		before = c;
	}
	return is_lower_or_digit(before);
}

static bool
is_port(struct rd text)
{
	uint32_t port = 0;

	if (text.len < 1 || text.len > PORT_DIGITS_MAX || text.ptr[0] == '0')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.ptr[i]))
			return false;
		port = port * 10 + (uint32_t)(text.ptr[i] - '0');
	}
	return port <= PORT_MAX;
}

bool
address_is_url(struct rd text)
{
	static const char scheme[] = "https://";
	enum { SCHEME_LEN = sizeof scheme - 1 };
	const uint8_t *colon;
	struct rd host;

	if (text.len <= SCHEME_LEN || memcmp(text.ptr, scheme, SCHEME_LEN) != 0)
		return false;
	host = rd_of(text.ptr + SCHEME_LEN, text.len - SCHEME_LEN);
	colon = memchr(host.ptr, ':', host.len);
	if (colon == NULL)
		return address_is_host(host);
	text = rd_of(colon + 1, host.len - (size_t)(colon + 1 - host.ptr));
	return is_port(text) &&
		address_is_host(rd_of(host.ptr, (size_t)(colon - host.ptr)));
}

int
address_split(struct rd text, struct rd *ret_member, struct rd *ret_name)
{
	const uint8_t *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
	struct rd member, name;

	if (slash == NULL)
		return FAIL_FORMAT;
	member = rd_of(text.ptr, (size_t)(slash - text.ptr));
	name = rd_of(slash + 1, text.len - member.len - 1);
	if (!address_is_member(member) || !address_is_name(name))
		return FAIL_FORMAT;
	*ret_member = member;
	*ret_name = name;
	return 0;
}

int
address_compare(struct rd a, struct rd b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

struct rd
address_of(const char *text)
{
	return rd_of(text, strlen(text));
}
