/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "leak/segment_build.h"

const struct gram_key fixture_key = {
	{UINT64_C(0x1122334455667788), UINT64_C(0x99aabbccddeeff01),
		UINT64_C(0xdeadbeef0badcafe), UINT64_C(0x0123456789abcdef)}};

static int
put(struct segment_sink *sink, const void *ptr, size_t len)
{
	struct fixture_sink *s = (struct fixture_sink *)sink;

	if (len > s->room)
		return FAIL_SPACE;
	s->room -= len;
	buf_bytes(&s->bytes, ptr, len);
	return buf_error(&s->bytes);
}

void
fixture_sink_init(struct fixture_sink *s)
{
	*s = (struct fixture_sink){.sink = {put}, .room = UINT64_MAX};
	buf_init(&s->bytes, SIZE_MAX / 4);
}

uint32_t
fixture_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* splitmix64: streams of different seeds have nothing in common, unlike those of an LCG. */
static uint64_t
mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
fixture_prose(uint32_t seed, size_t words, struct buf *out)
{
	static const char *const syllables[] = {"ba", "con", "di", "ler", "mo", "nat",
		"po", "ris", "su", "tem", "ur", "vel", "wis", "yan", "gro", "ich"};
	uint64_t start = seed, state = mix(&start);

	for (size_t i = 0; i < words; i++) {
		for (uint64_t n = 1 + mix(&state) % 3; n > 0; n--)
			buf_text(out, syllables[mix(&state) % 16]);
		buf_text(out, i % 17 == 16 ? ".\n" : " ");
	}
}

int
fixture_segment(
	const struct normal *n, uint32_t first, size_t docs, struct segment_sink *sink)
{
	struct segment_build *b = NULL;
	struct buf text;
	char id[32];
	int r;

	buf_init(&text, SIZE_MAX / 4);
	if ((r = segment_build_new(n, CPU_PORTABLE, &fixture_key, &b)) != 0)
		goto out;
	for (size_t i = 0; i < docs; i++) {
		struct segment_text doc;

		buf_clear(&text);
		fixture_prose(first + (uint32_t)i, 200, &text);
		(void)snprintf(id, sizeof id, "doc-%u", first + (unsigned)i);
		doc = (struct segment_text){id, strlen(id), text.data, text.len, {1}};
		if ((r = buf_error(&text)) != 0 || (r = segment_build_add(b, &doc)) != 0)
			goto out;
	}
	r = segment_build_write(b, sink);
out:
	segment_build_free(b);
	buf_done(&text);
	return r;
}

int
fixture_open(const struct normal *n, uint32_t first, size_t docs,
	struct fixture_sink *sink, struct segment *ret_segment)
{
	int r;

	fixture_sink_init(sink);
	if ((r = fixture_segment(n, first, docs, &sink->sink)) != 0)
		return r;
	return segment_map(sink->bytes.data, sink->bytes.len, &fixture_key, ret_segment);
}
