/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/normal.h"

#include <string.h>

#include "base/mem.h"
#include "leak/normal_impl.h"

/*
 * The portable rule, one step at a time, and the choice of the fast path.
 *
 * A dropped word is looked for at word starts only.  The bytes around it decide, not the
 * characters, so that every path sees the same word: a byte from 0x80 on ends a word.
 */

const char normal_dropped[NORMAL_DROPPED][8] = {
	"stop", "comma", "quote", "unquote", "period"};

/* windows-1252, 0x80 to 0x9f; 0 where it has nothing. */
static const uint16_t cp1252[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
	0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019,
	0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,
	0x017e, 0x0178};

static const char fold_pairs[] = "0o1lil5s8bhbceunqg9gft";

uint8_t
normal_fold(uint8_t c)
{
	for (size_t i = 0; fold_pairs[i] != 0; i += 2) {
		if (c == (uint8_t)fold_pairs[i])
			return (uint8_t)fold_pairs[i + 1];
	}
	return c;
}

/* See struct normal. */
static uint32_t
look_of(unsigned c)
{
	uint32_t look = UINT32_C(0x808000) | (c >= 0x80 ? 0x80 : 0);

	for (unsigned word = 0; word < NORMAL_DROPPED; word++) {
		for (unsigned place = 0; place < 3; place++) {
			if ((c | 0x20) == (unsigned char)normal_dropped[word][place])
				look |= UINT32_C(1) << (word + 8 * place);
		}
	}
	return look;
}

int
normal_new(enum cpu_kind cpu, struct normal **ret_normal)
{
	struct normal *n;
	int r;

	CHECK(cpu_has(cpu));
	if ((r = mem_new(&n, sizeof *n)) != 0)
		return r;
	n->cpu = cpu;
	normal_table_fill(n->bmp);
	for (unsigned c = 0; c < 256; c++)
		n->look[c] = look_of(c);
	for (unsigned c = 0; c < 128; c++) {
		if (!normal_is_word_byte((uint8_t)c))
			continue;
		n->ascii[NORMAL_PLAIN][c] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		n->ascii[NORMAL_FOLDED][c] = normal_fold(n->ascii[NORMAL_PLAIN][c]);
	}
	*ret_normal = n;
	return 0;
}

void
normal_free(struct normal *n)
{
	mem_free(n);
}

/* Continuation bytes of a sequence that begins with c; 0 for what cannot begin one. */
static size_t
continuations(uint8_t c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return 1;
	if (c >= 0xe0 && c <= 0xef)
		return 2;
	return c >= 0xf0 && c <= 0xf4 ? 3 : 0;
}

/* One character from 0x80 on; a byte that is not UTF-8 counts as one of windows-1252. */
static size_t
decode(const uint8_t *text, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
	uint8_t c = text[0];
	size_t more = continuations(c);
	uint32_t code = c & (0x3fu >> more);

	if (more == 0 || len <= more)
		goto single;
	for (size_t i = 1; i <= more; i++) {
		if ((text[i] & 0xc0) != 0x80)
			goto single;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		goto single;
	*ret_code = code;
	return more + 1;
single:
	*ret_code = c < 0xa0 ? cp1252[c - 0x80] : c;
	return 1;
}

size_t
normal_char_len(const uint8_t *text, size_t len, size_t at)
{
	uint32_t code;

	CHECK(at < len);
	return text[at] < 0x80 ? 1 : decode(text + at, len - at, &code);
}

static void
emit(struct normal_cursor *c, uint8_t normalised)
{
	*c->out++ = normalised;
	if (c->start != NULL)
		*c->start++ = (uint32_t)c->at;
}

/* Length of the dropped word that starts at c->at; 0 when none does. */
static size_t
dropped_len(const struct normal_cursor *c)
{
	const uint8_t *p = c->text + c->at;
	size_t left = c->len - c->at;

	if (c->at > 0 && normal_is_word_byte(p[-1]))
		return 0;
	for (size_t i = 0; i < NORMAL_DROPPED; i++) {
		size_t n = strlen(normal_dropped[i]), same = 0;

		if (left < n || (left > n && normal_is_word_byte(p[n])))
			continue;
		while (same < n && (p[same] | 0x20) == normal_dropped[i][same])
			same++;
		if (same == n)
			return n;
	}
	return 0;
}

static void
step_wide(struct normal_cursor *c)
{
	uint32_t code, entry;
	size_t used = decode(c->text + c->at, c->len - c->at, &code);

	entry = code < NORMAL_BMP ? c->n->bmp[code] : normal_table_of(code);
	for (; entry != 0; entry >>= 8) {
		uint8_t one = (uint8_t)entry;

		emit(c, one < 0x80 ? c->n->ascii[c->view][one] : one);
	}
	c->at += used;
}

void
normal_step(struct normal_cursor *c)
{
	uint8_t byte = c->text[c->at], normalised;
	size_t drop;

	if (byte >= 0x80) {
		step_wide(c);
		return;
	}
	/* Only five letters begin a dropped word; the rest need no closer look. */
	if ((byte | 0x20) >= 'c' && strchr("scqup", byte | 0x20) != NULL &&
		(drop = dropped_len(c)) != 0) {
		c->at += drop;
		return;
	}
	normalised = c->n->ascii[c->view][byte];
	if (normalised != 0)
		emit(c, normalised);
	c->at++;
}

/* ASCII up to the next byte that needs a closer look, with four bytes still to come. */
static void
plain_run(struct normal_cursor *c)
{
	const uint8_t *table = c->n->ascii[c->view], *text = c->text;
	const uint32_t *look = c->n->look;
	size_t at = c->at, end = c->len < 4 ? 0 : c->len - 4;
	uint32_t *start = c->start;
	uint8_t *out = c->out;

	end = end < c->to ? end : c->to;
	for (; at < end; at++) {
		uint8_t byte = text[at];

		/* One branch for all, which is hardly ever taken. */
		if ((look[byte] & look[text[at + 1]] >> 8 & look[text[at + 2]] >> 16 &
			    0xff) != 0)
			break;
		*out = table[byte];
		if (start != NULL) {
			*start = (uint32_t)at;
			start += table[byte] != 0;
		}
		out += table[byte] != 0;
	}
	c->at = at;
	c->out = out;
	c->start = start;
}

void
normal_portable(struct normal_cursor *c)
{
	while (c->at < c->to) {
		plain_run(c);
		if (c->at < c->to)
			normal_step(c);
	}
}

void
normal_run(const struct normal *n, enum normal_view view, const struct normal_in *in,
	struct normal_out *out)
{
	struct normal_cursor c = {
		n, view, in->text, in->len, in->from, in->to, out->chars, out->start};

	CHECK(in->from <= in->to && in->to <= in->len);
	CHECK(out->start == NULL || in->len <= UINT32_MAX);
#if defined(__x86_64__)
	if (n->cpu == CPU_AVX512)
		normal_avx512(&c);
	else if (n->cpu == CPU_AVX2)
		normal_avx2(&c);
#endif
	normal_portable(&c);
	out->len = (size_t)(c.out - out->chars);
	out->next = c.at;
}
