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

/* The length of one character of eight-bit text at p: ASCII, UTF-8, or a lone letter byte. */
static size_t
narrow_len(const uint8_t *p, size_t len)
{
	if (is_plain(p[0]))
		return 1;
	if (p[0] < 0xc2)
		return 0;
	if (p[0] < 0xe0 && len > 1 && (p[1] & 0xc0) == 0x80)
		return 2;
	if (p[0] >= 0xe1 && p[0] < 0xed && len > 2 && (p[1] & 0xc0) == 0x80 &&
		(p[2] & 0xc0) == 0x80)
		return 3;
	/* Windows-1252 letters stand alone between ASCII, or end a string. */
	return p[0] != 0xff && (len == 1 || p[1] == 0 || is_plain(p[1])) ? 1 : 0;
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
	size_t i = 0;

	while (i < len) {
		size_t start = i, ascii = 0, n;

		while (i < len && (n = narrow_len(ptr + i, len - i)) > 0) {
			ascii += n == 1 && ptr[i] < 0x80;
			i += n;
		}
		/* Noise is half high bytes; writing in European languages is not. */
		if (i - start >= SWEEP_RUN && ascii * 2 >= i - start) {
			part(out, &last_end, offset + start, offset + i);
			put_narrow(out, ptr + start, i - start, offset + start);
		}
		if (i == start)
			i++;
	}
}

static bool
is_wide_char(const uint8_t *p, bool is_little)
{
	unsigned c = is_little ? p[0] | (unsigned)p[1] << 8 : p[1] | (unsigned)p[0] << 8;

	return (c < 0x80 && is_plain((uint8_t)c)) || (c >= 0xa0 && c < 0x180) ||
		(c >= 0x370 && c < 0x530) || (c >= 0x2010 && c < 0x2040) || c == 0x20ac;
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
