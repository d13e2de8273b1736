/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "fuzz.h"
#include "leak/normal.h"

/*
 * Any bytes normalise, to the same characters and offsets on every path, in one piece and in
 * two.  The first byte says where the cut is.
 */

enum { TEXT_MAX = 1 << 16 };

static struct normal *normals[CPU_KINDS];

struct result {
	uint8_t chars[2 * TEXT_MAX + NORMAL_SLACK];
	uint32_t start[2 * TEXT_MAX + NORMAL_SLACK];
	size_t len;
};

static struct result expected, whole, parts;

static void
run(enum cpu_kind cpu, enum normal_view view, const uint8_t *text, size_t len, size_t cut,
	struct result *ret)
{
	size_t from = 0;

	ret->len = 0;
	while (from < len) {
		struct normal_in in = {
			text, len, from, from < cut && cut < len ? cut : len};
		struct normal_out out = {
			.chars = ret->chars + ret->len, .start = ret->start + ret->len};

		normal_run(normals[cpu], view, &in, &out);
		CHECK(out.next >= in.to && out.next <= len);
		CHECK(out.len <= 2 * (out.next - from));
		ret->len += out.len;
		from = out.next;
	}
}

static void
expect_same(const struct result *a, const struct result *b)
{
	CHECK(a->len == b->len);
	CHECK(memcmp(a->chars, b->chars, a->len) == 0);
	CHECK(memcmp(a->start, b->start, a->len * sizeof a->start[0]) == 0);
}

/* Every path of this machine agrees with the portable one. */
static void
compare_view(enum normal_view view, const uint8_t *text, size_t len, size_t cut)
{
	run(CPU_PORTABLE, view, text, len, len, &expected);
	for (size_t i = 0; i < expected.len; i++) {
		uint8_t c = expected.chars[i];

		CHECK(c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
		CHECK(expected.start[i] < len);
	}
	for (enum cpu_kind cpu = CPU_PORTABLE; cpu < CPU_KINDS; cpu++) {
		if (normals[cpu] == NULL)
			continue;
		run(cpu, view, text, len, len, &whole);
		run(cpu, view, text, len, cut, &parts);
		expect_same(&expected, &whole);
		expect_same(&expected, &parts);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut;

	if (size < 2 || size > TEXT_MAX)
		return 0;
	for (enum cpu_kind cpu = CPU_PORTABLE; cpu < CPU_KINDS; cpu++) {
		if (cpu_has(cpu) && normals[cpu] == NULL)
			CHECK(normal_new(cpu, &normals[cpu]) == 0);
	}
	cut = (size_t)data[0] * size / 256;
	for (enum normal_view view = NORMAL_PLAIN; view < NORMAL_VIEWS; view++)
		compare_view(view, data + 1, size - 1, cut);
	return 0;
}
