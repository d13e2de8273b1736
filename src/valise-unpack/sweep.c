/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/sweep.h"

#include <stdbool.h>
#include <string.h>

#include "valise-unpack/charset.h"

/*
 * Three passes over a page at a time: bytes, then UTF-16 little and big endian.  The wide
 * passes run only where the page holds NUL or other control bytes, which plain text does not.
 */

enum { PAGE = 4096 };

static bool
is_plain(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t';
}

static bool
is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* The length of a UTF-8 sequence of two or three bytes at p, as European writing has them. */
static size_t
wide_len(const uint8_t *p, size_t len)
{
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		return len > 1 && is_tail(p[1]) ? 2 : 0;
	if (p[0] >= 0xe1 && p[0] < 0xed)
		return len > 2 && is_tail(p[1]) && is_tail(p[2]) ? 3 : 0;
	return 0;
}

/* A byte that only Windows-1252 explains: it stands between ASCII, or ends a string. */
static bool
is_lone(const uint8_t *p, size_t len)
{
	return p[0] >= 0xc0 && p[0] != 0xff && (len == 1 || p[1] == 0 || is_plain(p[1]));
}

/* The run from p on; *ret_lone counts the bytes in it that are a guess. */
static size_t
narrow_run(const uint8_t *p, size_t len, size_t *ret_lone)
{
	size_t i = 0, n;

	*ret_lone = 0;
	while (i < len) {
		if (is_plain(p[i])) {
			i++;
		} else if ((n = wide_len(p + i, len - i)) > 0) {
			i += n;
		} else if (is_lone(p + i, len - i)) {
			(*ret_lone)++;
			i++;
		} else {
			break;
		}
	}
	return i;
}

static void
put_narrow(struct prose *out, const uint8_t *p, size_t len, uint64_t offset)
{
	const struct charset_out to = {prose_put, out};
	struct charset_decoder d;

	charset_decoder_init(&d, CHARSET_UTF8, offset);
	charset_feed(&d, p, len, &to);
	charset_end(&d, &to);
}

/* Runs far apart do not continue each other. */
static void
part(struct prose *out, uint64_t *last_end, uint64_t from, uint64_t to)
{
	if (from > *last_end + SWEEP_NEAR)
		prose_break(out);
	*last_end = to;
}

static void
sweep_narrow(struct prose *out, const uint8_t *ptr, size_t len, uint64_t offset)
{
	uint64_t last_end = offset;
	size_t i = 0, lone;

	while (i < len) {
		size_t n = narrow_run(ptr + i, len - i, &lone);

		/* In noise every third character is a guess; in French every twentieth. */
		if (n >= SWEEP_RUN && lone * 6 <= n) {
			part(out, &last_end, offset + i, offset + i + n);
			put_narrow(out, ptr + i, n, offset + i);
		}
		i += n > 0 ? n : 1;
	}
}

/* Latin beyond ASCII, Greek and Cyrillic, typographic signs. */
static bool
is_european(unsigned c)
{
	return (c >= 0xa0 && c < 0x180) || (c >= 0x370 && c < 0x530) ||
		(c >= 0x2010 && c < 0x2040) || c == 0x20ac;
}

static bool
is_wide_char(const uint8_t *p, bool is_little)
{
	unsigned high = is_little ? p[1] : p[0], low = is_little ? p[0] : p[1];

	if (high == 0 && low < 0x80)
		return is_plain((uint8_t)low);
	/* Most bytes of a dump end here. */
	return (high <= 0x05 || high == 0x20) && is_european(high << 8 | low);
}

/*
 * UTF-16 of one order, shifted by a byte, looks like the other one short of a character.  What
 * stands before the run tells: the pass that sees the whole run takes it.
 */
static bool
is_other_order(const uint8_t *ptr, size_t start, bool is_little)
{
	if (start == 0)
		return false;
	return is_little ? ptr[start - 1] == 0 : is_plain(ptr[start - 1]);
}

static void
sweep_wide(struct prose *out, const uint8_t *ptr, size_t len, uint64_t offset,
	bool is_little)
{
	uint64_t last_end = 0;
	size_t i = 0;

	while (i + 1 < len) {
		size_t start = i;

		while (i + 1 < len && is_wide_char(ptr + i, is_little))
			i += 2;
		if (i - start >= 2 * SWEEP_RUN &&
			!is_other_order(ptr, start, is_little)) {
			const struct charset_out to = {prose_put, out};
			struct charset_decoder d;

			part(out, &last_end, offset + start, offset + i);
			charset_decoder_init(&d,
				is_little ? CHARSET_UTF16LE : CHARSET_UTF16BE,
				offset + start);
			charset_feed(&d, ptr + start, i - start, &to);
			charset_end(&d, &to);
		}
		/* One step, not two: runs may begin at odd offsets too. */
		if (i == start)
			i++;
	}
}

static bool
is_zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

/* Would a wide pass find anything?  UTF-16 of what we look for has zero or low high bytes. */
static bool
has_wide(const uint8_t *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += p[i] < 0x06;
	return n >= SWEEP_RUN;
}

void
sweep_block(struct prose *out, const uint8_t *ptr, size_t len, uint64_t offset)
{
	size_t from = 0, to;

	/* Stretches between pages of zeros are swept whole, so that no run is cut. */
	while (from < len) {
		size_t n = len - from < PAGE ? len - from : PAGE;

		if (is_zero(ptr + from, n)) {
			from += n;
			continue;
		}
		for (to = from + n; to < len; to += n) {
			n = len - to < PAGE ? len - to : PAGE;
			if (is_zero(ptr + to, n))
				break;
		}
		sweep_narrow(out, ptr + from, to - from, offset + from);
		if (has_wide(ptr + from, to - from)) {
			prose_break(out);
			sweep_wide(out, ptr + from, to - from, offset + from, true);
			prose_break(out);
			sweep_wide(out, ptr + from, to - from, offset + from, false);
		}
		from = to;
	}
}
