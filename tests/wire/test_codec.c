/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* A message with a field of each type, and its bytes written out by hand. */
struct sample {
	uint8_t small;
	uint16_t middle;
	uint32_t large;
	uint64_t huge;
	const uint8_t *fixed;
	struct rd one, two, three, four;
};

static const struct codec_field sample_fields[] = {
	CODEC_FIELD(U8, sample, small, 1, 3),
	CODEC_FIELD(U16, sample, middle, 0, 999),
	CODEC_FIELD(U32, sample, large, 5, UINT32_MAX),
	CODEC_FIELD(U64, sample, huge, 0, 0),
	CODEC_FIELD(FIXED, sample, fixed, 0, 4),
	CODEC_FIELD(V8, sample, one, 0, 2),
	CODEC_FIELD(V16, sample, two, 1, 300),
	CODEC_FIELD(V24, sample, three, 0, 300),
	CODEC_FIELD(V32, sample, four, 0, 300),
};
static const struct codec sample_codec = CODEC(sample_fields);

static const uint8_t sample_bytes[] = "\x02"
				      "\x03\xe7"
				      "\x00\x00\x00\x05"
				      "\xff\xee\xdd\xcc\xbb\xaa\x99\x88"
				      "abcd"
				      "\x00"
				      "\x00\x01x"
				      "\x00\x00\x02yz"
				      "\x00\x00\x00\x03ijk";

enum { SAMPLE_LEN = sizeof sample_bytes - 1 };

static struct sample
sample_message(void)
{
	return (struct sample){.small = 2,
		.middle = 999,
		.large = 5,
		.huge = UINT64_C(0xffeeddccbbaa9988),
		.fixed = (const uint8_t *)"abcd",
		.one = rd_of("", 0),
		.two = rd_of("x", 1),
		.three = rd_of("yz", 2),
		.four = rd_of("ijk", 3)};
}

static void
test_bytes_stand_in_the_order_of_the_table(void **state)
{
	struct sample message = sample_message(), back;
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	codec_write(&sample_codec, &message, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(out.len, SAMPLE_LEN);
	assert_memory_equal(out.data, sample_bytes, SAMPLE_LEN);

	assert_int_equal(
		codec_parse_whole(&sample_codec, rd_of(sample_bytes, SAMPLE_LEN), &back),
		0);
	assert_int_equal(back.small, 2);
	assert_int_equal(back.middle, 999);
	assert_int_equal(back.large, 5);
	assert_true(back.huge == UINT64_C(0xffeeddccbbaa9988));
	/* Parsed messages point into the bytes; nothing was copied. */
	assert_ptr_equal(back.fixed, sample_bytes + 15);
	assert_int_equal(back.one.len, 0);
	assert_memory_equal(back.two.ptr, "x", 1);
	assert_int_equal(back.three.len, 2);
	assert_ptr_equal(back.four.ptr, sample_bytes + SAMPLE_LEN - 3);
	buf_done(&out);
}

static void
test_a_list_is_read_to_its_end(void **state)
{
	struct sample message = sample_message(), back;
	struct buf out;
	struct rd list;
	int count = 0;

	(void)state;
	buf_init(&out, 1024);
	for (int i = 0; i < 3; i++)
		codec_write(&sample_codec, &message, &out);
	list = rd_of(out.data, out.len);
	while (list.len > 0) {
		assert_int_equal(codec_parse(&sample_codec, &list, &back), 0);
		count++;
	}
	assert_int_equal(count, 3);

	/* The last of them cut short: the reader stands where the broken one begins. */
	list = rd_of(out.data, out.len - 1);
	assert_int_equal(codec_parse(&sample_codec, &list, &back), 0);
	assert_int_equal(codec_parse(&sample_codec, &list, &back), 0);
	assert_int_equal(codec_parse(&sample_codec, &list, &back), FAIL_TRUNCATED);
	assert_int_equal(list.len, SAMPLE_LEN - 1);
	assert_int_equal(
		codec_parse_whole(&sample_codec, rd_of(out.data, out.len), &back),
		FAIL_FORMAT);
	buf_done(&out);
}

/* Change one byte of the sample; what parsing says. */
static int
parse_with(size_t at, uint8_t value)
{
	uint8_t bytes[SAMPLE_LEN];
	struct sample back;

	memcpy(bytes, sample_bytes, SAMPLE_LEN);
	bytes[at] = value;
	return codec_parse_whole(&sample_codec, rd_of(bytes, SAMPLE_LEN), &back);
}

static void
test_values_beyond_the_bounds_are_refused(void **state)
{
	struct sample message;
	struct buf out;

	(void)state;
	assert_int_equal(parse_with(0, 1), 0);
	assert_int_equal(parse_with(0, 0), FAIL_FORMAT);
	assert_int_equal(parse_with(0, 4), FAIL_FORMAT);
	assert_int_equal(parse_with(2, 0xe8), FAIL_FORMAT);
	assert_int_equal(parse_with(6, 4), FAIL_FORMAT);
	assert_int_equal(parse_with(19, 3), FAIL_FORMAT);
	assert_int_equal(parse_with(21, 0), FAIL_FORMAT);

	buf_init(&out, 1024);
	message = sample_message();
	message.one = rd_of("abc", 3);
	codec_write(&sample_codec, &message, &out);
	assert_int_equal(buf_error(&out), FAIL_FORMAT);
	buf_clear(&out);
	message = sample_message();
	message.small = 4;
	codec_write(&sample_codec, &message, &out);
	assert_int_equal(buf_error(&out), FAIL_FORMAT);
	buf_done(&out);
}

static void
test_the_first_error_of_a_buffer_stays(void **state)
{
	struct sample message = sample_message();
	struct buf out;

	(void)state;
	buf_init(&out, SAMPLE_LEN - 1);
	codec_write(&sample_codec, &message, &out);
	assert_int_equal(buf_error(&out), FAIL_LIMIT);
	message.small = 0;
	codec_write(&sample_codec, &message, &out);
	assert_int_equal(buf_error(&out), FAIL_LIMIT);
	buf_done(&out);

	message = sample_message();
	for (long n = 0;; n++) {
		buf_init(&out, 1024);
		mem_fail_after(n, false);
		codec_write(&sample_codec, &message, &out);
		mem_fail_never();
		if (buf_error(&out) == 0)
			break;
		assert_int_equal(buf_error(&out), FAIL_NOMEM);
		buf_done(&out);
	}
	assert_memory_equal(out.data, sample_bytes, SAMPLE_LEN);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_stand_in_the_order_of_the_table),
		cmocka_unit_test(test_a_list_is_read_to_its_end),
		cmocka_unit_test(test_values_beyond_the_bounds_are_refused),
		cmocka_unit_test(test_the_first_error_of_a_buffer_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
