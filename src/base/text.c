/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/*
 * Hex and base64 carry keys as well as hashes, so the characters are computed and not looked
 * up: no table index depends on a secret.  Decoders compute the value of every character
 * first and judge the whole at the end, because a decoder that repairs its input gives two
 * spellings to one object.
 */

void
text_hex(const void *ptr, size_t len, char *ret_out)
{
	const uint8_t *p = ptr;

	for (size_t i = 0; i < 2 * len; i++) {
		unsigned v = i % 2 == 0 ? p[i / 2] >> 4 : p[i / 2] & 15u;

		/* 'a' - '0' - 10 = 39, added only when 9 - v borrows. */
		ret_out[i] = (char)('0' + v + (((9u - v) >> 8) & 39u));
	}
	ret_out[2 * len] = '\0';
}

/* All ones when lo <= c <= hi, else zero, without a branch. */
static unsigned
in_range(unsigned c, unsigned lo, unsigned hi)
{
	return (((c - lo) | (hi - c)) >> 31) - 1u;
}

/* The value of one hex digit; bit 8 is set when it is none. */
static unsigned
hex_value(char ch)
{
	unsigned c = (unsigned char)ch;
	unsigned digit = in_range(c, '0', '9');
	unsigned letter = in_range(c, 'a', 'f');

	return (digit & (c - '0')) | (letter & (c - 'a' + 10u)) |
		(~(digit | letter) & 256u);
}

int
text_unhex(const char *s, size_t s_len, uint8_t *ret_out, size_t out_len)
{
	unsigned bad = 0;

	if (out_len > SIZE_MAX / 2 || s_len != 2 * out_len)
		return FAIL_FORMAT;
	for (size_t i = 0; i < s_len; i++)
		bad |= hex_value(s[i]);
	if ((bad & 256u) != 0)
		return FAIL_FORMAT;
	for (size_t i = 0; i < out_len; i++)
		ret_out[i] =
			(uint8_t)(hex_value(s[2 * i]) << 4 | hex_value(s[2 * i + 1]));
	return 0;
}

size_t
text_base64_len(size_t len)
{
	CHECK(len <= SIZE_MAX / 4 * 3 - 2);
	return (len + 2) / 3 * 4;
}

static char
base64_char(unsigned v)
{
	return (char)((in_range(v, 0, 25) & (v + 'A')) |
		(in_range(v, 26, 51) & (v - 26u + 'a')) |
		(in_range(v, 52, 61) & (v - 52u + '0')) | (in_range(v, 62, 62) & '+') |
		(in_range(v, 63, 63) & '/'));
}

void
text_base64(const void *ptr, size_t len, char *ret_out)
{
	const uint8_t *p = ptr;
	size_t at = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16;

		if (n > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			v |= p[i + 2];
		ret_out[at++] = base64_char(v >> 18 & 63u);
		ret_out[at++] = base64_char(v >> 12 & 63u);
		ret_out[at++] = n > 1 ? base64_char(v >> 6 & 63u) : '=';
		ret_out[at++] = n > 2 ? base64_char(v & 63u) : '=';
	}
	ret_out[at] = '\0';
}

/* The value of one base64 digit; bit 8 is set when it is none ('=' is none). */
static unsigned
base64_value(char ch)
{
	unsigned c = (unsigned char)ch;
	unsigned upper = in_range(c, 'A', 'Z'), lower = in_range(c, 'a', 'z');
	unsigned digit = in_range(c, '0', '9');
	unsigned plus = in_range(c, '+', '+'), slash = in_range(c, '/', '/');

	return (upper & (c - 'A')) | (lower & (c - 'a' + 26u)) |
		(digit & (c - '0' + 52u)) | (plus & 62u) | (slash & 63u) |
		(~(upper | lower | digit | plus | slash) & 256u);
}

/* Every digit must be one, and the bits of the last digit that carry nothing must be zero. */
static bool
is_base64(const char *s, size_t digits)
{
	unsigned bad = 0;

	for (size_t i = 0; i < digits; i++)
		bad |= base64_value(s[i]) & 256u;
	if (digits % 4 == 2)
		bad |= base64_value(s[digits - 1]) & 15u;
	if (digits % 4 == 3)
		bad |= base64_value(s[digits - 1]) & 3u;
	return bad == 0;
}

/* Digits that were judged good give len bytes. */
static void
decode(const char *s, size_t digits, uint8_t *ret_out, size_t len)
{
	for (size_t i = 0, at = 0; at < len; i += 4) {
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++)
			v = v << 6 | (i + k < digits ? base64_value(s[i + k]) : 0);
		for (size_t k = 0; k < 3 && at < len; k++)
			ret_out[at++] = (uint8_t)(v >> (16 - 8 * k));
	}
}

int
text_unbase64(
	const char *s, size_t s_len, uint8_t *ret_out, size_t out_max, size_t *ret_len)
{
	size_t digits = s_len, len;

	if (s_len % 4 != 0)
		return FAIL_FORMAT;
	/* At most two '='; one in any other place is no digit and fails below. */
	for (int i = 0; i < 2 && digits > 0 && s[digits - 1] == '='; i++)
		digits--;
	if (!is_base64(s, digits))
		return FAIL_FORMAT;
	len = digits / 4 * 3 + (digits % 4 > 0 ? digits % 4 - 1 : 0);
	if (len > out_max)
		return FAIL_LIMIT;
	decode(s, digits, ret_out, len);
	*ret_len = len;
	return 0;
}

/* The length that a first byte announces; 0 when it can be none. */
static size_t
utf8_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >> 5 == 6)
		return 2;
	if (first >> 4 == 14)
		return 3;
	return first >> 3 == 30 ? 4 : 0;
}

/*
 * One code point.  Returns its length in bytes, 0 when it is not valid UTF-8.  min[] refuses
 * overlong forms, by which a filter would see other characters than a terminal shows.
 */
static size_t
utf8_next(const uint8_t *p, size_t len, uint32_t *ret_c)
{
	static const uint32_t min[5] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = p[0];
	size_t n = utf8_len(p[0]);

	if (n == 0 || n > len)
		return 0;
	if (n > 1)
		c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < min[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_c = c;
	return n;
}

/*
 * What moves the cursor, starts a line or turns the direction of writing: with these, a title
 * could forge a second line or show its words in another order than they stand.
 */
static bool
is_line_char(uint32_t c)
{
	static const uint32_t refused[][2] = {
		{0x0000, 0x001f}, /* C0 */
		{0x007f, 0x009f}, /* DEL, C1 */
		{0x061c, 0x061c}, /* Arabic letter mark */
		{0x200e, 0x200f}, /* left-to-right and right-to-left mark */
		{0x2028,
			0x202e}, /* line and paragraph separator, embeddings, overrides */
		{0x2066, 0x2069}, /* isolates */
	};

	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (c >= refused[i][0] && c <= refused[i][1])
			return false;
	return true;
}

bool
text_is_line(const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	uint32_t c = 0;

	for (size_t n; len > 0; p += n, len -= n)
		if ((n = utf8_next(p, len, &c)) == 0 || !is_line_char(c))
			return false;
	return true;
}

bool
text_is_utf8(const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	uint32_t c = 0;

	for (size_t n; len > 0; p += n, len -= n)
		if ((n = utf8_next(p, len, &c)) == 0)
			return false;
	return true;
}

void
text_size(uint64_t bytes, char ret_out[TEXT_HUMAN_MAX])
{
	static const char *const unit[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t whole = bytes, rest = 0;
	size_t i = 0;

	if (bytes < 1024) {
		(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%u B", (unsigned)bytes);
		return;
	}
	/* Tenths are cut and not rounded, so that 1023.99 KiB never reads as 1024.0 KiB. */
	for (rest = whole % 1024, whole /= 1024; whole >= 1024; i++) {
		rest = whole % 1024;
		whole /= 1024;
	}
	(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%u.%u %s", (unsigned)whole,
		(unsigned)(rest * 10 / 1024), unit[i]);
}

void
text_duration(uint64_t ms, char ret_out[TEXT_HUMAN_MAX])
{
	uint64_t s = ms / 1000;

	if (s < 10)
		(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%u.%u s", (unsigned)s,
			(unsigned)(ms % 1000 / 100));
	else if (s < 60)
		(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%u s", (unsigned)s);
	else if (s < 3600)
		(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%u min %02u s",
			(unsigned)(s / 60), (unsigned)(s % 60));
	else if (s < 86400)
		(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%u h %02u min",
			(unsigned)(s / 3600), (unsigned)(s % 3600 / 60));
	else
		(void)snprintf(ret_out, TEXT_HUMAN_MAX, "%llu d %u h",
			(unsigned long long)(s / 86400), (unsigned)(s % 86400 / 3600));
}

/* Seconds in one of the unit letters; "" is seconds; 0 for anything else. */
static uint64_t
unit_s(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t s;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(unit, units[i].name) == 0)
			return units[i].s;
	return 0;
}

int
text_parse_duration(const char *s, uint64_t max_s, uint64_t *ret_s)
{
	uint64_t v = 0, unit;
	size_t digits = strspn(s, "0123456789");

	if (digits == 0 || (unit = unit_s(s + digits)) == 0)
		return FAIL_FORMAT;
	for (size_t i = 0; i < digits; i++) {
		unsigned d = (unsigned)(s[i] - '0');

		if (v > (UINT64_MAX - d) / 10)
			return FAIL_LIMIT;
		v = v * 10 + d;
	}
	if (v > max_s / unit)
		return FAIL_LIMIT;
	*ret_s = v * unit;
	return 0;
}
