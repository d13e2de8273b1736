/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/manifest.h"

#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "leak/sum.h"

/* Strict: segments have different numbers below `next`, removals are in order and known. */

static const uint8_t magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'I', 'M'};

enum { SEGMENTS_FEW = 4, RATIO = 4, DEAD_LEN = 12, SUM_LEN = 8 };

void
manifest_done(struct manifest *m)
{
	mem_free(m->dead);
	*m = (struct manifest){0};
}

static int
compare_dead(const struct manifest_dead *a, const struct manifest_dead *b)
{
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return a->doc < b->doc ? -1 : a->doc > b->doc;
}

static bool
has_segment(const struct manifest *m, uint64_t number)
{
	for (size_t i = 0; i < m->segments; i++) {
		if (m->segment[i].number == number)
			return true;
	}
	return false;
}

static int
parse_segments(struct rd *in, struct manifest *m)
{
	struct manifest_segment s;
	uint32_t count;
	int r;

	if ((r = rd_u32(in, &count)) != 0)
		return r;
	for (uint32_t i = 0; i < count; i++) {
		if ((r = rd_u64(in, &s.number)) != 0 || (r = rd_u64(in, &s.len)) != 0 ||
			(r = rd_u64(in, &s.sum)) != 0)
			return r;
		if (s.number >= m->next || has_segment(m, s.number))
			return FAIL_FORMAT;
		if ((r = manifest_append(m, &s)) != 0)
			return r;
	}
	return 0;
}

static int
parse_dead(struct rd *in, struct manifest *m)
{
	struct manifest_dead last = {0}, d;
	uint64_t count;
	int r;

	if ((r = rd_u64(in, &count)) != 0)
		return r;
	if (count > in->len / DEAD_LEN)
		return FAIL_TRUNCATED;
	if ((r = mem_new_array(&m->dead, (size_t)count, sizeof m->dead[0])) != 0)
		return r;
	m->dead_cap = (size_t)count;
	for (; m->dead_count < count; m->dead_count++) {
		if ((r = rd_u64(in, &d.segment)) != 0 || (r = rd_u32(in, &d.doc)) != 0)
			return r;
		if (!has_segment(m, d.segment) ||
			(m->dead_count > 0 && compare_dead(&last, &d) >= 0))
			return FAIL_FORMAT;
		m->dead[m->dead_count] = last = d;
	}
	return 0;
}

static int
parse_head(struct rd *in, struct manifest *m)
{
	const uint8_t *p;
	uint16_t version;
	int r;

	if ((r = rd_bytes(in, sizeof magic, &p)) != 0)
		return r;
	if (memcmp(p, magic, sizeof magic) != 0)
		return FAIL_FORMAT;
	if ((r = rd_u16(in, &version)) != 0)
		return r;
	if (version != MANIFEST_VERSION)
		return FAIL_VERSION;
	if ((r = rd_u64(in, &m->generation)) != 0 || (r = rd_u64(in, &m->next)) != 0)
		return r;
	return rd_u64(in, &m->key_check);
}

int
manifest_parse(const uint8_t *ptr, size_t len, struct manifest *ret_manifest)
{
	struct manifest m = {0};
	struct rd in, tail;
	uint64_t sum;
	int r;

	if (len < SUM_LEN)
		return FAIL_TRUNCATED;
	in = rd_of(ptr, len - SUM_LEN);
	tail = rd_of(ptr + in.len, SUM_LEN);
	if ((r = parse_head(&in, &m)) != 0 || (r = rd_u64(&tail, &sum)) != 0)
		goto out;
	r = FAIL_ALTERED;
	if (sum != sum_of(ptr, len - SUM_LEN))
		goto out;
	if ((r = parse_segments(&in, &m)) != 0 || (r = parse_dead(&in, &m)) != 0 ||
		(r = rd_end(&in)) != 0)
		goto out;
	*ret_manifest = m;
	m = (struct manifest){0};
out:
	manifest_done(&m);
	return r;
}

void
manifest_write(const struct manifest *m, struct buf *out)
{
	size_t from = out->len;

	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, MANIFEST_VERSION);
	buf_u64(out, m->generation);
	buf_u64(out, m->next);
	buf_u64(out, m->key_check);
	buf_u32(out, (uint32_t)m->segments);
	for (size_t i = 0; i < m->segments; i++) {
		buf_u64(out, m->segment[i].number);
		buf_u64(out, m->segment[i].len);
		buf_u64(out, m->segment[i].sum);
	}
	buf_u64(out, m->dead_count);
	for (size_t i = 0; i < m->dead_count; i++) {
		buf_u64(out, m->dead[i].segment);
		buf_u32(out, m->dead[i].doc);
	}
	if (buf_error(out) == 0)
		buf_u64(out, sum_of(out->data + from, out->len - from));
}

int
manifest_kill(struct manifest *m, uint64_t segment, uint32_t doc)
{
	const struct manifest_dead d = {segment, doc};
	size_t low = 0, high = m->dead_count,
	       cap = m->dead_cap > 0 ? m->dead_cap * 2 : 16;
	int r;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (compare_dead(&m->dead[mid], &d) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < m->dead_count && compare_dead(&m->dead[low], &d) == 0)
		return 0;
	if (m->dead_count == m->dead_cap) {
		if ((r = mem_grow(&m->dead, m->dead_cap * sizeof m->dead[0],
			     cap * sizeof m->dead[0])) != 0)
			return r;
		m->dead_cap = cap;
	}
	memmove(m->dead + low + 1, m->dead + low,
		(m->dead_count - low) * sizeof m->dead[0]);
	m->dead[low] = d;
	m->dead_count++;
	return 0;
}

int
manifest_append(struct manifest *m, const struct manifest_segment *segment)
{
	if (m->segments == INDEX_PARTS_MAX)
		return FAIL_LIMIT;
	m->segment[m->segments++] = *segment;
	return 0;
}

void
manifest_replace(struct manifest *m, size_t from, const struct manifest_segment *by)
{
	size_t kept = 0;

	m->segments = from;
	for (size_t i = 0; i < m->dead_count; i++) {
		if (has_segment(m, m->dead[i].segment))
			m->dead[kept++] = m->dead[i];
	}
	m->dead_count = kept;
	m->segment[m->segments++] = *by;
}

size_t
manifest_join_from(const struct manifest *m)
{
	size_t from = m->segments;
	uint64_t newer = 0;

	if (m->segments < SEGMENTS_FEW)
		return m->segments;
	while (from > 0 && (newer == 0 || m->segment[from - 1].len / RATIO < newer)) {
		from--;
		newer += m->segment[from].len;
	}
	return m->segments - from >= 2 ? from : m->segments;
}
