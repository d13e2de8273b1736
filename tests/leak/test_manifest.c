/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: written and read back, strict, and when segments are to be joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "leak/manifest.h"

static void
add_segment(struct manifest *m, uint64_t len)
{
	struct manifest_segment s = {m->next++, len, 0x1234 + len};

	assert_int_equal(manifest_append(m, &s), 0);
}

static void
make(struct manifest *m, struct buf *bytes)
{
	*m = (struct manifest){.generation = 7, .key_check = 99};
	add_segment(m, 1000);
	add_segment(m, 500);
	assert_int_equal(manifest_kill(m, 1, 3), 0);
	assert_int_equal(manifest_kill(m, 0, 9), 0);
	assert_int_equal(manifest_kill(m, 0, 2), 0);
	assert_int_equal(manifest_kill(m, 0, 9), 0); /* twice is once */
	buf_init(bytes, 1 << 20);
	manifest_write(m, bytes);
	assert_int_equal(buf_error(bytes), 0);
}

static void
test_written_and_read_back(void **state)
{
	struct manifest m, read;
	struct buf bytes, again;

	(void)state;
	make(&m, &bytes);
	assert_int_equal(manifest_parse(bytes.data, bytes.len, &read), 0);
	assert_int_equal(read.generation, 7);
	assert_int_equal(read.segments, 2);
	assert_int_equal(read.segment[1].len, 500);
	assert_int_equal(read.dead_count, 3);
	assert_int_equal(read.dead[0].doc, 2);
	assert_int_equal(read.dead[2].segment, 1);
	buf_init(&again, 1 << 20);
	manifest_write(&read, &again);
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
	manifest_done(&m);
	manifest_done(&read);
	buf_done(&bytes);
	buf_done(&again);
}

static void
test_damage_is_refused(void **state)
{
	struct manifest m, read;
	struct buf bytes;

	(void)state;
	make(&m, &bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_not_equal(manifest_parse(bytes.data, len, &read), 0);
	for (size_t i = 0; i < bytes.len * 8; i++) {
		bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(manifest_parse(bytes.data, bytes.len, &read), 0);
		bytes.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	manifest_done(&m);
	buf_done(&bytes);
}

/* What a writer would have to get wrong, behind a good checksum. */
static void
test_rules_behind_a_good_checksum(void **state)
{
	struct manifest m, read;
	struct buf bytes;

	(void)state;
	make(&m, &bytes);
	buf_clear(&bytes);
	m.segment[1].number = m.segment[0].number; /* one number twice */
	manifest_write(&m, &bytes);
	assert_int_equal(manifest_parse(bytes.data, bytes.len, &read), FAIL_FORMAT);
	buf_clear(&bytes);
	m.segment[1].number = m.next; /* not below the next one */
	manifest_write(&m, &bytes);
	assert_int_equal(manifest_parse(bytes.data, bytes.len, &read), FAIL_FORMAT);
	buf_clear(&bytes);
	m.segment[1].number = 1;
	m.dead[0] = m.dead[1]; /* not ascending */
	manifest_write(&m, &bytes);
	assert_int_equal(manifest_parse(bytes.data, bytes.len, &read), FAIL_FORMAT);
	manifest_done(&m);
	buf_done(&bytes);
}

static void
test_a_replacement_forgets_its_removals(void **state)
{
	struct manifest_segment by = {5, 1400, 1};
	struct manifest m;
	struct buf bytes;

	(void)state;
	make(&m, &bytes);
	manifest_replace(&m, 1, &by);
	assert_int_equal(m.segments, 2);
	assert_int_equal(m.segment[1].number, 5);
	assert_int_equal(m.dead_count, 2);
	manifest_replace(&m, 0, &by);
	assert_int_equal(m.segments, 1);
	assert_int_equal(m.dead_count, 0);
	manifest_done(&m);
	buf_done(&bytes);
}

static size_t
join_of(const uint64_t *lens, size_t count)
{
	struct manifest m = {0};

	for (size_t i = 0; i < count; i++)
		add_segment(&m, lens[i]);
	return manifest_join_from(&m);
}

static void
test_when_segments_are_joined(void **state)
{
	(void)state;
	assert_int_equal(join_of((uint64_t[]){1, 1, 1}, 3), 3); /* few: never */
	assert_int_equal(join_of((uint64_t[]){1, 1, 1, 1}, 4), 0);
	assert_int_equal(join_of((uint64_t[]){100, 1, 1, 1}, 4), 1);
	assert_int_equal(join_of((uint64_t[]){1000, 100, 10, 1}, 4), 4);
	assert_int_equal(join_of((uint64_t[]){1000, 100, 10, 3}, 4), 2);
}

/* One at a time, a thousand times: few segments, and each byte copied only a few times. */
static void
test_adding_one_by_one_stays_cheap(void **state)
{
	struct manifest m = {0};
	uint64_t copied = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct manifest_segment joined = {0};
		size_t from;

		add_segment(&m, 1000);
		if ((from = manifest_join_from(&m)) == m.segments)
			continue;
		for (size_t k = from; k < m.segments; k++)
			joined.len += m.segment[k].len;
		copied += joined.len;
		joined.number = m.next++;
		manifest_replace(&m, from, &joined);
		assert_true(m.segments <= 12);
	}
	assert_true(copied < 1000 * 1000 * 15);
}

static void
test_no_more_than_the_limit(void **state)
{
	struct manifest_segment s = {0};
	struct manifest m = {0};

	(void)state;
	for (size_t i = 0; i < INDEX_PARTS_MAX; i++)
		assert_int_equal(manifest_append(&m, &s), 0);
	assert_int_equal(manifest_append(&m, &s), FAIL_LIMIT);
}

static void
test_out_of_memory(void **state)
{
	struct manifest m, read;
	struct buf bytes;

	(void)state;
	make(&m, &bytes);
	mem_fail_after(0, true);
	assert_int_equal(manifest_parse(bytes.data, bytes.len, &read), FAIL_NOMEM);
	mem_fail_never();
	manifest_done(&m);
	buf_done(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_and_read_back),
		cmocka_unit_test(test_damage_is_refused),
		cmocka_unit_test(test_rules_behind_a_good_checksum),
		cmocka_unit_test(test_a_replacement_forgets_its_removals),
		cmocka_unit_test(test_when_segments_are_joined),
		cmocka_unit_test(test_adding_one_by_one_stays_cheap),
		cmocka_unit_test(test_no_more_than_the_limit),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
