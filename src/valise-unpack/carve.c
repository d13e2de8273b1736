/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/carve.h"

#include <string.h>

#include "base/mem.h"

/*
 * Almost all text holds no base64, so outside a run the search only looks back from every
 * 32nd byte: prose has a blank within a few characters, a run does not.
 */

enum { STRIDE = 32, FIND_MIN = 16, BREAKS_MAX = 2 };

/* Quoted-printable: after '=', after its first digit, after '=' and CR. */
enum { QP_PLAIN, QP_EQUALS, QP_HIGH, QP_SOFT };

void
carve_init(struct carve *c)
{
	memset(c, 0, sizeof *c);
}

void
carve_done(struct carve *c)
{
	for (size_t i = 0; i < c->count; i++)
		buf_done(&c->finds[i].data);
	mem_free(c->finds);
	memset(c, 0, sizeof *c);
}

/* Value 0..63, or -1. */
static int
value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
find_begin(struct carve *c, uint64_t offset, bool is_text)
{
	struct carve_find *f;

	if (c->error == 0 && c->finds == NULL)
		c->error = mem_new_array(&c->finds, CARVE_COUNT, sizeof *c->finds);
	if (c->error != 0 || c->count == CARVE_COUNT || c->total >= CARVE_TOTAL) {
		c->lost++;
		return false;
	}
	f = &c->finds[c->count++];
	buf_init(&f->data, CARVE_FIND_MAX);
	f->offset = offset;
	f->is_text = is_text;
	return true;
}

static void
find_put(struct carve *c, size_t i, uint8_t byte)
{
	if (c->total >= CARVE_TOTAL) {
		c->is_full = true;
		return;
	}
	buf_u8(&c->finds[i].data, byte);
	c->total++;
}

/* The current base64 find is the last one: texts that are decoded whole come first. */
static size_t
current(const struct carve *c)
{
	return c->count - 1;
}

static void
run_begin(struct carve *c, uint64_t offset)
{
	c->is_inside = true;
	c->is_line_start = c->is_over = false;
	c->breaks = 0;
	c->bits = 0;
	c->bit_count = 0;
	c->is_kept = find_begin(c, offset, false);
}

static void
run_end(struct carve *c)
{
	struct buf *data;

	c->is_inside = false;
	if (!c->is_kept)
		return;
	data = &c->finds[current(c)].data;
	if (buf_error(data) == FAIL_NOMEM)
		c->error = FAIL_NOMEM;
	else
		c->lost += buf_error(data) != 0;
	if (data->len < FIND_MIN) {
		c->total -= data->len;
		buf_done(data);
		c->count--;
	}
}

static void
run_put(struct carve *c, unsigned value)
{
	c->bits = c->bits << 6 | value;
	c->bit_count += 6;
	if (c->bit_count < 8)
		return;
	c->bit_count -= 8;
	if (c->is_kept)
		find_put(c, current(c), (uint8_t)(c->bits >> c->bit_count));
}

/* One byte inside a run; false when it ends the run. */
static bool
run_step(struct carve *c, uint8_t byte)
{
	int v = value_of(byte);

	if (v >= 0 && !c->is_over) {
		c->is_line_start = false;
		c->breaks = 0;
		run_put(c, (unsigned)v);
		return true;
	}
	if (byte == '\n' || byte == '\r') {
		c->is_line_start = true;
		c->breaks += byte == '\n';
		return c->breaks <= BREAKS_MAX;
	}
	if (c->is_line_start && (byte == ' ' || byte == '\t' || byte == '>'))
		return true;
	if (byte == '=') {
		c->is_over = true;
		return true;
	}
	return false;
}

/* Where a run of CARVE_RUN characters begins at or after i; len when there is none. */
static size_t
search(const uint8_t *p, size_t len, size_t i)
{
	for (size_t at = i + STRIDE - 1; at < len; at += STRIDE) {
		size_t low = at, high = at;

		while (value_of(p[low]) >= 0 && low > i)
			low--;
		if (value_of(p[low]) < 0)
			low++;
		if (at < low || at - low < STRIDE / 2)
			continue;
		while (high < len && value_of(p[high]) >= 0)
			high++;
		if (high - low >= CARVE_RUN)
			return low;
		at = high;
	}
	return len;
}

/* Remember the beginning of a run that the block's end may have cut. */
static void
keep_tail(struct carve *c, const uint8_t *p, size_t from, size_t len)
{
	size_t n = 0;

	while (n < CARVE_RUN && n < len - from && value_of(p[len - 1 - n]) >= 0)
		n++;
	c->tail_len = n < CARVE_RUN ? n : 0;
	memcpy(c->tail, p + len - c->tail_len, c->tail_len);
}

/*
 * A run that began in the last block and goes on in this one.  Small blocks only make the tail
 * longer: true, when this whole block is part of it.
 */
static bool
join_tail(struct carve *c, const uint8_t *p, size_t len, uint64_t offset)
{
	size_t n = 0, had = c->tail_len;

	while (had + n < CARVE_RUN && n < len && value_of(p[n]) >= 0)
		n++;
	if (had > 0 && had + n < CARVE_RUN && n == len) {
		memcpy(c->tail + had, p, n);
		c->tail_len += n;
		return true;
	}
	c->tail_len = 0;
	if (had == 0 || had + n < CARVE_RUN)
		return false;
	run_begin(c, offset - had);
	for (size_t i = 0; i < had; i++)
		(void)run_step(c, c->tail[i]);
	return false;
}

static void
feed_base64(struct carve *c, const uint8_t *p, size_t len, uint64_t offset)
{
	size_t i = 0;

	if (!c->is_inside && join_tail(c, p, len, offset))
		return;
	for (;;) {
		while (c->is_inside && i < len) {
			if (!run_step(c, p[i]))
				run_end(c);
			else
				i++;
		}
		if (c->is_inside)
			return;
		size_t from = i;

		if ((i = search(p, len, i)) == len) {
			keep_tail(c, p, from, len);
			return;
		}
		run_begin(c, offset + i);
	}
}

static int
hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of quoted-printable (RFC 2045, 6.7); what is not quoted rightly stays. */
static void
step_qp(struct carve *c, uint8_t byte)
{
	int v = hex_of(byte);
	uint8_t state = c->qp_state;

	c->qp_state = QP_PLAIN;
	if (state == QP_EQUALS && v >= 0) {
		c->qp_high = (uint8_t)v;
		c->qp_state = QP_HIGH;
	} else if (state == QP_EQUALS && byte == '\r') {
		c->qp_state = QP_SOFT;
	} else if (state == QP_HIGH && v >= 0) {
		find_put(c, c->qp, (uint8_t)(c->qp_high << 4 | v));
	} else if (byte == '=') {
		c->qp_state = QP_EQUALS;
	} else if (byte != '\n' || (state != QP_EQUALS && state != QP_SOFT)) {
		find_put(c, c->qp, byte);
	}
}

static void
feed_qp(struct carve *c, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		step_qp(c, p[i]);
}

static void
feed_escaped(struct carve *c, const uint8_t *p, size_t len)
{
	uint8_t out[UNESCAPE_OUT_MAX];

	for (size_t i = 0; i < len; i++) {
		size_t n = unescape_step(&c->unescape, p[i], out);

		for (size_t k = 0; k < n; k++)
			find_put(c, c->escaped, out[k]);
	}
}

void
carve_head(struct carve *c, const uint8_t *head, size_t len)
{
	size_t soft = 0, quoted = 0;

	for (size_t i = 0; i + 1 < len; i++) {
		uint8_t next = i + 2 < len ? head[i + 2] : '\n';

		if (head[i] != '=')
			continue;
		soft += head[i + 1] == '\n' || (head[i + 1] == '\r' && next == '\n');
		quoted += hex_of(head[i + 1]) >= 0 && hex_of(next) >= 0;
	}
	c->is_qp = soft >= CARVE_SOFT && quoted >= CARVE_SOFT && find_begin(c, 0, true);
	c->qp = c->is_qp ? c->count - 1 : 0;
	c->is_escaped = unescape_is_likely(head, len) && find_begin(c, 0, true);
	c->escaped = c->is_escaped ? c->count - 1 : 0;
}

bool
carve_find_begin(struct carve *c, uint64_t offset)
{
	return find_begin(c, offset, false);
}

void
carve_find_put(struct carve *c, uint8_t byte)
{
	find_put(c, current(c), byte);
}

void
carve_feed(struct carve *c, const uint8_t *ptr, size_t len, uint64_t offset)
{
	if (offset != c->next) {
		c->tail_len = 0;
		if (c->is_inside)
			run_end(c);
	}
	c->next = offset + len;
	if (c->is_qp)
		feed_qp(c, ptr, len);
	if (c->is_escaped)
		feed_escaped(c, ptr, len);
	feed_base64(c, ptr, len, offset);
}

int
carve_end(struct carve *c)
{
	if (c->is_inside)
		run_end(c);
	/* Texts decoded whole that were cut: what is missing counts as one more. */
	c->lost += c->is_full;
	for (size_t i = 0; i < c->count; i++)
		c->lost +=
			c->finds[i].is_text && buf_error(&c->finds[i].data) == FAIL_LIMIT;
	for (size_t i = 0; i < c->count; i++)
		if (buf_error(&c->finds[i].data) == FAIL_NOMEM)
			c->error = FAIL_NOMEM;
	return c->error;
}
