/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/charset.h"

#include <string.h>

#include "valise-unpack/charset_tables.h"
#include "valise-unpack/prose.h"

/*
 * Text is almost always ASCII or UTF-8.  That path finds the longest clean stretch of a block
 * and hands it on where it lies; everything else goes character by character.
 */

void
charset_decoder_init(struct charset_decoder *d, enum charset charset, uint64_t offset)
{
	memset(d, 0, sizeof *d);
	d->charset = charset;
	d->offset = offset;
}

uint32_t
charset_byte(enum charset charset, uint8_t byte)
{
	if (byte < 0x80)
		return byte;
	if (charset < CHARSET_TABLES || charset >= CHARSET_COUNT)
		charset = CHARSET_CP1252;
	return charset_tables[charset - CHARSET_TABLES][byte - 0x80];
}

static void
put_char(struct charset_decoder *d, uint32_t c, size_t len, const struct charset_out *out)
{
	char utf8[4];

	/* A gap in a disk image is one gap, not a million spaces. */
	if (c == 0 && d->is_after_nul) {
		d->offset += len;
		return;
	}
	d->is_after_nul = c == 0;
	out->put(out->arg, utf8, prose_utf8(c, utf8), d->offset, d->offset + len);
	d->offset += len;
}

/* Which second bytes may follow this first one (RFC 3629, section 4). */
static void
second_byte(uint8_t first, uint8_t *ret_low, uint8_t *ret_high)
{
	*ret_low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*ret_high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

/*
 * The length of the UTF-8 sequence at p (RFC 3629: nothing overlong, no surrogates, nothing
 * above U+10FFFF); 0 when there is none; -1 when the bytes end within one.
 */
static int
sequence_len(const uint8_t *p, size_t len)
{
	uint8_t low, high;
	int n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	second_byte(p[0], &low, &high);
	for (int i = 1; i < n; i++, low = 0x80, high = 0xbf) {
		if ((size_t)i >= len)
			return -1;
		if (p[i] < low || p[i] > high)
			return 0;
	}
	return n;
}

/* How many bytes from p on are ASCII without NUL, in steps of eight while it lasts. */
static size_t
ascii_len(const uint8_t *p, size_t len)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t n = 0;

	for (uint64_t w; len - n >= sizeof w; n += sizeof w) {
		memcpy(&w, p + n, sizeof w);
		/* The second half is nonzero when a byte is 0 (and only then, without 0x80s). */
		if (((w | ((w - ones) & ~w)) & high) != 0)
			break;
	}
	while (n < len && p[n] < 0x80 && p[n] != 0)
		n++;
	return n;
}

/* The longest stretch from p on that is UTF-8 without NUL. */
static size_t
clean_len(const uint8_t *p, size_t len)
{
	size_t n = 0;

	while (n < len) {
		int k;

		n += ascii_len(p + n, len - n);
		if (n >= len || (k = sequence_len(p + n, len - n)) < 2)
			break;
		n += (size_t)k;
	}
	return n;
}

/* At most four bytes are carried from one block to the next. */
static void
carry(struct charset_decoder *d, const uint8_t *ptr, size_t len)
{
	memcpy(d->carry + d->carry_len, ptr, len);
	d->carry_len += len;
}

/* One step at a place that is not clean: NUL, a byte of Windows-1252, or a cut sequence. */
static size_t
step_utf8(struct charset_decoder *d, const uint8_t *ptr, size_t len, bool is_last,
	const struct charset_out *out)
{
	int k = sequence_len(ptr, len);

	if (k == -1 && !is_last) {
		carry(d, ptr, len);
		return len;
	}
	if (k >= 1 && ptr[0] != 0) {
		out->put(out->arg, (const char *)ptr, (size_t)k, d->offset,
			d->offset + (size_t)k);
		d->offset += (size_t)k;
		d->is_after_nul = false;
		return (size_t)k;
	}
	put_char(d, charset_byte(CHARSET_CP1252, ptr[0]), 1, out);
	return 1;
}

static void
feed_utf8(struct charset_decoder *d, const uint8_t *ptr, size_t len,
	const struct charset_out *out)
{
	for (size_t n; len > 0; ptr += n, len -= n) {
		n = clean_len(ptr, len);
		if (n == 0) {
			n = step_utf8(d, ptr, len, false, out);
			continue;
		}
		d->is_after_nul = false;
		out->put(out->arg, (const char *)ptr, n, d->offset, d->offset + n);
		d->offset += n;
	}
}

static void
feed_table(struct charset_decoder *d, const uint8_t *ptr, size_t len,
	const struct charset_out *out)
{
	for (size_t n; len > 0; ptr += n, len -= n) {
		n = ascii_len(ptr, len);
		if (n == 0) {
			put_char(d, charset_byte(d->charset, ptr[0]), 1, out);
			n = 1;
			continue;
		}
		d->is_after_nul = false;
		out->put(out->arg, (const char *)ptr, n, d->offset, d->offset + n);
		d->offset += n;
	}
}

static size_t
unit_size(enum charset charset)
{
	if (charset == CHARSET_UTF16LE || charset == CHARSET_UTF16BE)
		return 2;
	return charset == CHARSET_UTF32LE || charset == CHARSET_UTF32BE ? 4 : 1;
}

static uint32_t
unit_at(enum charset charset, const uint8_t *p)
{
	if (charset == CHARSET_UTF16LE)
		return (uint32_t)p[0] | (uint32_t)p[1] << 8;
	if (charset == CHARSET_UTF16BE)
		return (uint32_t)p[1] | (uint32_t)p[0] << 8;
	if (charset == CHARSET_UTF32LE)
		return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			(uint32_t)p[3] << 24;
	return (uint32_t)p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 |
		(uint32_t)p[0] << 24;
}

/* One unit of UTF-16 or UTF-32; surrogates wait for their partner. */
static void
put_unit(struct charset_decoder *d, const uint8_t *p, const struct charset_out *out)
{
	size_t size = unit_size(d->charset);
	uint32_t c = unit_at(d->charset, p);

	if (d->high != 0) {
		uint32_t high = d->high;

		d->high = 0;
		if (c >= 0xdc00 && c <= 0xdfff) {
			c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
			put_char(d, c, 2 * size, out);
			return;
		}
		put_char(d, ' ', size, out);
	}
	if (size == 2 && c >= 0xd800 && c <= 0xdbff) {
		d->high = c;
		return;
	}
	put_char(d, c, size, out);
}

static void
feed_units(struct charset_decoder *d, const uint8_t *ptr, size_t len,
	const struct charset_out *out)
{
	size_t size = unit_size(d->charset);

	for (; len >= size; ptr += size, len -= size)
		put_unit(d, ptr, out);
	carry(d, ptr, len);
}

/* Finish what the last block left with the first bytes of this one; how many it took. */
static size_t
feed_carried(struct charset_decoder *d, const uint8_t *ptr, size_t len,
	const struct charset_out *out)
{
	size_t size = unit_size(d->charset), had = d->carry_len, n = 0;
	uint8_t bytes[4];
	int k = -1;

	memcpy(bytes, d->carry, had);
	if (size > 1) {
		while (had + n < size && n < len) {
			bytes[had + n] = ptr[n];
			n++;
		}
		d->carry_len = 0;
		feed_units(d, bytes, had + n, out);
		return n;
	}
	while (n < len && (k = sequence_len(bytes, had + n)) == -1) {
		bytes[had + n] = ptr[n];
		n++;
	}
	k = sequence_len(bytes, had + n);
	d->carry_len = 0;
	if (k == -1) {
		carry(d, bytes, had + n);
		return n;
	}
	if (k == 0) {
		/* No sequence after all: the carried bytes are Windows-1252, ours untouched. */
		for (size_t i = 0; i < had; i++)
			put_char(d, charset_byte(CHARSET_CP1252, bytes[i]), 1, out);
		return 0;
	}
	(void)step_utf8(d, bytes, (size_t)k, true, out);
	return n;
}

void
charset_feed(struct charset_decoder *d, const uint8_t *ptr, size_t len,
	const struct charset_out *out)
{
	if (d->carry_len > 0 && len > 0) {
		size_t n = feed_carried(d, ptr, len, out);

		ptr += n;
		len -= n;
	}
	if (len == 0)
		return;
	if (d->charset == CHARSET_UTF8)
		feed_utf8(d, ptr, len, out);
	else if (d->charset >= CHARSET_TABLES)
		feed_table(d, ptr, len, out);
	else
		feed_units(d, ptr, len, out);
}

void
charset_end(struct charset_decoder *d, const struct charset_out *out)
{
	uint8_t bytes[4];
	size_t len = d->carry_len;

	memcpy(bytes, d->carry, len);
	d->carry_len = 0;
	if (d->high != 0) {
		d->high = 0;
		put_char(d, ' ', 2, out);
	}
	for (size_t i = 0; i < len; i++)
		put_char(d, charset_byte(CHARSET_CP1252, bytes[i]), 1, out);
}
