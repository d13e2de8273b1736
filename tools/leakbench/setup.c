/* SPDX-License-Identifier: Apache-2.0 */
#include "setup.h"

#include <time.h>

#include "leak/segment_build.h"

struct buf_sink {
	struct segment_sink sink;
	struct buf *to;
};

double
setup_cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	struct buf *to = ((struct buf_sink *)sink)->to;

	buf_bytes(to, ptr, len);
	return buf_error(to);
}

static int
build(const struct corpus *c, size_t step, struct setup *s, const struct gram_key *key)
{
	struct buf_sink sink = {{put}, &s->bytes};
	struct segment_build *b = NULL;
	int r;

	if ((r = segment_build_new(s->normal, s->cpu, key, &b)) != 0)
		goto out;
	for (size_t i = 0; i < c->count; i += step) {
		struct segment_text text = {c->doc[i].id, c->doc[i].id_len,
			(const uint8_t *)c->doc[i].body, c->doc[i].body_len, {0}};

		if ((r = segment_build_add(b, &text)) != 0)
			goto out;
	}
	r = segment_build_write(b, &sink.sink);
out:
	segment_build_free(b);
	return r;
}

int
setup_build(
	const struct corpus *c, size_t step, enum cpu_kind cpu, struct setup *ret_setup)
{
	static const uint8_t key_bytes[GRAM_KEY_LEN] = {7, 1, 9, 3, 250, 17, 80, 4, 5, 12,
		99, 41, 200, 3, 77, 61, 5, 4, 3, 2, 1, 222, 173, 190, 239, 10, 20, 30, 40,
		50, 60, 70};
	struct setup s = {.cpu = cpu};
	struct segment segment;
	struct gram_key key;
	double start;
	int r;

	gram_key_parse(key_bytes, &key);
	buf_init(&s.bytes, SIZE_MAX / 4);
	if ((r = normal_new(cpu, &s.normal)) != 0)
		goto out;
	start = setup_cpu_s();
	if ((r = build(c, step, &s, &key)) != 0)
		goto out;
	s.build_s = setup_cpu_s() - start;
	index_init(&s.index, &key);
	if ((r = segment_map(s.bytes.data, s.bytes.len, &key, &segment)) != 0 ||
		(r = index_add(&s.index, &segment, NULL)) != 0)
		goto out;
	*ret_setup = s;
	s = (struct setup){0};
out:
	setup_done(&s);
	return r;
}

void
setup_done(struct setup *s)
{
	normal_free(s->normal);
	buf_done(&s->bytes);
}
