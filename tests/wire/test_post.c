/* SPDX-License-Identifier: Apache-2.0 */
#include "messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/*
 * Every message of post.h, front.h and vault.h, with drawn values: what is written is read as
 * it was, and writes as the same bytes; what lies one beyond a bound is neither written nor
 * read; no bytes that end early are a message.
 *
 * The arguments are the headers; each codec that they declare must stand in messages.h.
 */

enum { POOL_LEN = (4 << 20) + 8192, OUT_MAX = 16 << 20, ROUNDS = 25, FIELDS_MAX = 24 };

static uint8_t *pool; /* where drawn vectors point */
static uint64_t seed = 1;
static char **headers;
static int headers_count;

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t
type_max(enum codec_type type)
{
	switch (type) {
	case CODEC_U8:
	case CODEC_V8:
		return UINT8_MAX;
	case CODEC_U16:
	case CODEC_V16:
		return UINT16_MAX;
	case CODEC_V24:
		return 0xffffff;
	case CODEC_U32:
	case CODEC_V32:
	case CODEC_U64:
	case CODEC_FIXED:
		break;
	}
	return UINT32_MAX;
}

static bool
is_vector(const struct codec_field *f)
{
	return f->type >= CODEC_V8;
}

static bool
is_bounded(const struct codec_field *f)
{
	return f->type != CODEC_U64 && f->type != CODEC_FIXED;
}

/* Give a field a number, or a vector of that many bytes of the pool. */
static void
field_set(const struct codec_field *f, uint8_t *message, uint64_t v)
{
	void *at = message + f->offset;

	switch (f->type) {
	case CODEC_U8:
		*(uint8_t *)at = (uint8_t)v;
		return;
	case CODEC_U16:
		*(uint16_t *)at = (uint16_t)v;
		return;
	case CODEC_U32:
		*(uint32_t *)at = (uint32_t)v;
		return;
	case CODEC_U64:
		*(uint64_t *)at = v;
		return;
	case CODEC_FIXED:
		*(const uint8_t **)at = pool + draw() % 4096;
		return;
	case CODEC_V8:
	case CODEC_V16:
	case CODEC_V24:
	case CODEC_V32:
		assert_true(v + 4096 <= POOL_LEN);
		*(struct rd *)at = rd_of(pool + draw() % 4096, (size_t)v);
		return;
	}
}

/* Numbers from the whole of their range, vectors short enough to try every cut. */
static uint64_t
draw_value(const struct codec_field *f)
{
	uint64_t span;

	if (!is_bounded(f))
		return draw();
	span = f->max - f->min;
	if (is_vector(f) && span > 12)
		span = 12;
	return f->min + draw() % (span + 1);
}

static void
draw_message(const struct codec *codec, uint8_t message[MESSAGE_SIZE_MAX])
{
	memset(message, 0, MESSAGE_SIZE_MAX);
	for (size_t i = 0; i < codec->count; i++)
		field_set(&codec->fields[i], message, draw_value(&codec->fields[i]));
}

static void
assert_same_field(const struct codec_field *f, const uint8_t *a, const uint8_t *b)
{
	const void *at_a = a + f->offset, *at_b = b + f->offset;
	static const size_t widths[] = {1, 2, 4, 8};

	if (f->type < CODEC_FIXED) {
		assert_memory_equal(at_a, at_b, widths[f->type]);
	} else if (f->type == CODEC_FIXED) {
		assert_memory_equal(*(const uint8_t *const *)at_a,
			*(const uint8_t *const *)at_b, f->max);
	} else {
		const struct rd *va = at_a, *vb = at_b;

		assert_int_equal(va->len, vb->len);
		assert_memory_equal(va->ptr, vb->ptr, va->len);
	}
}

static void
assert_round_trip(const struct message *m, const uint8_t message[MESSAGE_SIZE_MAX])
{
	_Alignas(16) uint8_t back[MESSAGE_SIZE_MAX] = {0};
	struct buf out, again;

	buf_init(&out, OUT_MAX);
	buf_init(&again, OUT_MAX);
	codec_write(m->codec, message, &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(codec_parse_whole(m->codec, rd_of(out.data, out.len), back), 0);
	for (size_t i = 0; i < m->codec->count; i++)
		assert_same_field(&m->codec->fields[i], message, back);
	codec_write(m->codec, back, &again);
	assert_int_equal(again.len, out.len);
	assert_memory_equal(again.data, out.data, out.len);
	buf_done(&out);
	buf_done(&again);
}

static void
test_what_is_written_is_read(void **state)
{
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX];

	(void)state;
	for (size_t i = 0; i < MESSAGES; i++)
		for (int round = 0; round < ROUNDS; round++) {
			draw_message(messages[i].codec, message);
			assert_round_trip(&messages[i], message);
		}
}

/* The bytes of a message whose field lies outside its bounds: written by a wider table. */
static void
write_wide(
	const struct codec *codec, size_t wide, const uint8_t *message, struct buf *out)
{
	struct codec_field fields[FIELDS_MAX];
	const struct codec loose = {fields, codec->count};

	assert_true(codec->count <= FIELDS_MAX);
	memcpy(fields, codec->fields, codec->count * sizeof *fields);
	fields[wide].min = 0;
	fields[wide].max = (uint32_t)type_max(fields[wide].type);
	codec_write(&loose, message, out);
	assert_int_equal(buf_error(out), 0);
}

static void
assert_refused(const struct message *m, size_t field, uint64_t v)
{
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX], back[MESSAGE_SIZE_MAX];
	struct buf out;

	buf_init(&out, OUT_MAX);
	draw_message(m->codec, message);
	field_set(&m->codec->fields[field], message, v);
	codec_write(m->codec, message, &out);
	assert_int_equal(buf_error(&out), FAIL_FORMAT);
	buf_clear(&out);
	write_wide(m->codec, field, message, &out);
	assert_int_equal(
		codec_parse_whole(m->codec, rd_of(out.data, out.len), back), FAIL_FORMAT);
	buf_done(&out);
}

static void
assert_bounds(const struct message *m, size_t field)
{
	const struct codec_field *f = &m->codec->fields[field];
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX];

	draw_message(m->codec, message);
	field_set(f, message, f->min);
	assert_round_trip(m, message);
	field_set(f, message, f->max);
	assert_round_trip(m, message);
	if (f->min > 0)
		assert_refused(m, field, f->min - 1);
	if (f->max < type_max(f->type))
		assert_refused(m, field, (uint64_t)f->max + 1);
}

static void
test_each_bound_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGES; i++)
		for (size_t field = 0; field < messages[i].codec->count; field++)
			if (is_bounded(&messages[i].codec->fields[field]))
				assert_bounds(&messages[i], field);
}

static void
test_no_cut_is_a_message(void **state)
{
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX], back[MESSAGE_SIZE_MAX];
	struct buf out;

	(void)state;
	buf_init(&out, OUT_MAX);
	for (size_t i = 0; i < MESSAGES; i++) {
		const struct codec *codec = messages[i].codec;
		struct rd in;

		draw_message(codec, message);
		buf_clear(&out);
		codec_write(codec, message, &out);
		for (size_t len = 0; len < out.len; len++) {
			in = rd_of(out.data, len);
			assert_int_equal(codec_parse(codec, &in, back), FAIL_TRUNCATED);
			assert_int_equal(in.len, len);
		}
		/* A byte more is the next message of a list, but no single message. */
		buf_u8(&out, 0);
		in = rd_of(out.data, out.len);
		assert_int_equal(codec_parse_whole(codec, in, back), FAIL_FORMAT);
		assert_int_equal(codec_parse(codec, &in, back), 0);
		assert_int_equal(in.len, 1);
	}
	buf_done(&out);
}

/* Two fields on one place would each overwrite what the other said. */
static void
test_fields_lie_in_their_struct(void **state)
{
	static const size_t sizes[] = {1, 2, 4, 8, sizeof(void *)};

	(void)state;
	for (size_t i = 0; i < MESSAGES; i++) {
		uint8_t used[MESSAGE_SIZE_MAX] = {0};

		assert_true(messages[i].size <= MESSAGE_SIZE_MAX);
		for (size_t k = 0; k < messages[i].codec->count; k++) {
			const struct codec_field *f = &messages[i].codec->fields[k];
			size_t size = is_vector(f) ? sizeof(struct rd) : sizes[f->type];

			assert_true(f->offset + size <= messages[i].size);
			for (size_t at = f->offset; at < f->offset + size; at++)
				assert_int_equal(used[at]++, 0);
		}
	}
}

static bool
is_named(const char *codec, size_t len)
{
	for (size_t i = 0; i < MESSAGES; i++)
		if (strlen(messages[i].name) == len &&
			memcmp(messages[i].name, codec, len) == 0)
			return true;
	return false;
}

/* How many codecs a header declares; each must be in the table. */
static size_t
declared_in(const char *path)
{
	static const char lead[] = "extern const struct codec ";
	FILE *f = fopen(path, "r");
	char line[256];
	size_t count = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		const char *name = line + strlen(lead), *end;

		if (strncmp(line, lead, strlen(lead)) != 0)
			continue;
		end = strstr(name, "_codec;");
		assert_non_null(end);
		if (!is_named(name, (size_t)(end - name)))
			fail_msg("not in messages.h: %s", name);
		count++;
	}
	(void)fclose(f);
	return count;
}

static void
test_no_message_is_left_out(void **state)
{
	size_t count = 0;

	(void)state;
	for (int i = 0; i < headers_count; i++)
		count += declared_in(headers[i]);
	assert_int_equal(count, MESSAGES);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_each_bound_holds),
		cmocka_unit_test(test_no_cut_is_a_message),
		cmocka_unit_test(test_fields_lie_in_their_struct),
		cmocka_unit_test(test_no_message_is_left_out),
	};
	int failed;

	headers = argv + 1;
	headers_count = argc - 1;
	if (mem_new(&pool, POOL_LEN) != 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < POOL_LEN; i++)
		pool[i] = (uint8_t)draw();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mem_free(pool);
	return failed;
}
