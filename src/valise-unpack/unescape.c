/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/unescape.h"

#include <string.h>

#include "valise-unpack/prose.h"

enum { PLAIN, SLASH, UNICODE };

static int
hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What follows a backslash, and what it stands for; 0: no escape. */
static uint8_t
meaning(uint8_t c)
{
	static const char from[] = "nrtbf\"\\/", to[] = "\n\r\t  \"\\/";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return at != NULL ? (uint8_t)to[at - from] : 0;
}

static size_t
put_unicode(struct unescape *u, uint8_t *out)
{
	uint32_t c = u->value, high = u->high;

	u->state = PLAIN;
	u->high = 0;
	if (c >= 0xd800 && c <= 0xdbff) {
		u->high = c;
		return 0;
	}
	if (high != 0 && c >= 0xdc00 && c <= 0xdfff)
		c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
	return prose_utf8(c, (char *)out);
}

static size_t
step_slash(struct unescape *u, uint8_t byte, uint8_t *out)
{
	u->state = PLAIN;
	if (byte == 'u') {
		u->state = UNICODE;
		u->digits = 0;
		u->value = 0;
		return 0;
	}
	if (meaning(byte) != 0) {
		out[0] = meaning(byte);
		return 1;
	}
	out[0] = '\\';
	out[1] = byte;
	return 2;
}

size_t
unescape_step(struct unescape *u, uint8_t byte, uint8_t ret_out[UNESCAPE_OUT_MAX])
{
	if (u->state == SLASH)
		return step_slash(u, byte, ret_out);
	if (u->state == UNICODE && hex_of(byte) >= 0) {
		u->value = u->value << 4 | (uint32_t)hex_of(byte);
		return ++u->digits == 4 ? put_unicode(u, ret_out) : 0;
	}
	/* A number that is too short is dropped: there is no telling what it was. */
	u->state = byte == '\\' ? SLASH : PLAIN;
	ret_out[0] = byte;
	return byte == '\\' ? 0 : 1;
}

bool
unescape_is_likely(const uint8_t *head, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < len && n < UNESCAPE_MIN; i++) {
		if (head[i] != '\\')
			continue;
		i++;
		n += meaning(head[i]) != 0 ||
			(head[i] == 'u' && i + 1 < len && hex_of(head[i + 1]) >= 0);
	}
	return n >= UNESCAPE_MIN;
}
