/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/body.h"

/*
 * The head of a body: round trips, and every rule of docs/format/envelope.md, section 5, broken
 * once in bytes that body_write() would not write.
 */

static char long_name[BODY_NAME_MAX + 1];
static char long_type[BODY_MEDIA_TYPE_MAX + 1];
static char long_subject[BODY_SUBJECT_MAX + 1];

static struct body_head *
good(void)
{
	struct body_head *head = NULL;

	assert_int_equal(mem_new(&head, sizeof *head), 0);
	head->subject = TEXT("Relève à Lajes");
	head->part_count = 3;
	head->parts[0] = (struct body_part){.kind = BODY_TEXT, .size = 700};
	head->parts[1] = (struct body_part){.kind = BODY_ATTACHMENT,
		.name = TEXT("plano.odt"),
		.media_type = TEXT("application/vnd.oasis.opendocument.text"),
		.size = 20};
	head->parts[2] = (struct body_part){
		.kind = BODY_ATTACHMENT, .name = TEXT("..."), .size = BODY_SIZE_REST};
	head->place_count = 4;
	head->places[0] = (struct body_place){.part = 0, .offset = 0};
	head->places[1] = (struct body_place){.part = 0, .offset = 700};
	head->places[2] = (struct body_place){.part = 0, .offset = 700};
	head->places[3] = (struct body_place){.part = 2, .offset = UINT64_MAX};
	return head;
}

static void
write_raw(const struct body_head *head, uint8_t version, struct buf *out)
{
	size_t all = buf_vec_begin(out, 4), mark;

	buf_u8(out, version);
	buf_vec(out, 2, head->subject.ptr, head->subject.len);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < head->part_count; i++) {
		buf_u8(out, head->parts[i].kind);
		buf_vec(out, 1, head->parts[i].name.ptr, head->parts[i].name.len);
		buf_vec(out, 1, head->parts[i].media_type.ptr,
			head->parts[i].media_type.len);
		buf_u64(out, head->parts[i].size);
	}
	buf_vec_end(out, mark, 2);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < head->place_count; i++) {
		buf_u8(out, head->places[i].part);
		buf_u64(out, head->places[i].offset);
	}
	buf_vec_end(out, mark, 2);
	buf_vec_end(out, all, 4);
	assert_int_equal(buf_error(out), 0);
}

/* Parse what was written raw, with text behind it; the same bytes must come out again. */
static int
parse_raw(const struct body_head *head)
{
	struct body_head *parsed = NULL;
	struct buf raw, out;
	size_t len = 0, head_len;
	int r;

	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	buf_init(&raw, 2 * BODY_HEAD_MAX);
	buf_init(&out, 2 * BODY_HEAD_MAX);
	write_raw(head, BODY_VERSION, &raw);
	head_len = raw.len;
	buf_text(&raw, "the text");
	r = body_parse(bytes_of(&raw), parsed, &len);
	if (r == 0) {
		assert_int_equal(len, head_len);
		assert_int_equal(body_write(parsed, &out), 0);
		assert_same_bytes(bytes_of(&out), rd_of(raw.data, head_len));
	} else {
		assert_int_equal(body_write(head, &out), r);
	}
	buf_done(&raw);
	buf_done(&out);
	mem_free(parsed);
	return r;
}

static void
no_part(struct body_head *h)
{
	h->part_count = 0;
	h->place_count = 0;
}

static void
attachment_first(struct body_head *h)
{
	h->parts[0] = h->parts[1];
}

static void
text_second(struct body_head *h)
{
	h->parts[1].kind = BODY_TEXT;
}

static void
file_second(struct body_head *h)
{
	h->parts[1].kind = BODY_FILE;
}

static void
kind_0(struct body_head *h)
{
	h->parts[0].kind = 0;
}

static void
kind_4(struct body_head *h)
{
	h->parts[2].kind = 4;
}

static void
rest_before_the_last(struct body_head *h)
{
	h->parts[1].size = BODY_SIZE_REST;
}

static void
name_twice(struct body_head *h)
{
	h->parts[2].name = h->parts[1].name;
}

static void
nameless_attachment(struct body_head *h)
{
	h->parts[1].name = TEXT("");
}

static void
name_with_slash(struct body_head *h)
{
	h->parts[1].name = TEXT("../plano");
}

static void
name_dot(struct body_head *h)
{
	h->parts[1].name = TEXT(".");
}

static void
name_dot_dot(struct body_head *h)
{
	h->parts[1].name = TEXT("..");
}

static void
name_with_nul(struct body_head *h)
{
	h->parts[1].name = TEXT("a\0b");
}

static void
name_with_escape(struct body_head *h)
{
	h->parts[1].name = TEXT("\x1b]0;a");
}

static void
name_not_utf8(struct body_head *h)
{
	h->parts[1].name = TEXT("\xe9t\xe9");
}

static void
name_of_text_with_slash(struct body_head *h)
{
	h->parts[0].name = TEXT("/");
}

static void
type_with_space(struct body_head *h)
{
	h->parts[1].media_type = TEXT("text/plain; charset=utf-8");
}

static void
type_not_ascii(struct body_head *h)
{
	h->parts[1].media_type = TEXT("text/\xc3\xa9");
}

static void
type_of_128(struct body_head *h)
{
	h->parts[1].media_type = rd_of(long_type, sizeof long_type);
}

static void
subject_of_two_lines(struct body_head *h)
{
	h->subject = TEXT("one\ntwo");
}

static void
subject_of_1025(struct body_head *h)
{
	h->subject = rd_of(long_subject, sizeof long_subject);
}

static void
place_in_no_part(struct body_head *h)
{
	h->places[3].part = 3;
}

static void
place_behind_its_part(struct body_head *h)
{
	h->places[2].offset = 701;
}

static void
places_not_ascending(struct body_head *h)
{
	h->places[1].offset = 5;
	h->places[2].offset = 4;
}

static void
places_of_parts_not_ascending(struct body_head *h)
{
	h->places[0].part = 1;
}

/* What is allowed although one might think otherwise. */
static void
file_first(struct body_head *h)
{
	h->parts[0].kind = BODY_FILE;
	h->parts[0].name = rd_of(long_name, BODY_NAME_MAX);
	h->parts[1].media_type = rd_of(long_type, BODY_MEDIA_TYPE_MAX);
	h->subject = rd_of(long_subject, BODY_SUBJECT_MAX);
}

static void
only_a_nameless_pipe(struct body_head *h)
{
	h->part_count = 1;
	h->place_count = 0;
	h->subject.len = 0;
	h->parts[0] = (struct body_part){.kind = BODY_FILE, .size = BODY_SIZE_REST};
}

#define ROW(fn, want)                                                                    \
	{                                                                                \
#fn, fn, want                                                            \
	}

static void
holds_to_its_rules(void **state)
{
	static const struct {
		const char *name;
		void (*bend)(struct body_head *head);
		int want;
	} rows[] = {ROW(no_part, FAIL_FORMAT), ROW(attachment_first, FAIL_FORMAT),
		ROW(text_second, FAIL_FORMAT), ROW(file_second, FAIL_FORMAT),
		ROW(kind_0, FAIL_FORMAT), ROW(kind_4, FAIL_FORMAT),
		ROW(rest_before_the_last, FAIL_FORMAT), ROW(name_twice, FAIL_FORMAT),
		ROW(nameless_attachment, FAIL_FORMAT), ROW(name_with_slash, FAIL_FORMAT),
		ROW(name_dot, FAIL_FORMAT), ROW(name_dot_dot, FAIL_FORMAT),
		ROW(name_with_nul, FAIL_FORMAT), ROW(name_with_escape, FAIL_FORMAT),
		ROW(name_not_utf8, FAIL_FORMAT),
		ROW(name_of_text_with_slash, FAIL_FORMAT),
		ROW(type_with_space, FAIL_FORMAT), ROW(type_not_ascii, FAIL_FORMAT),
		ROW(type_of_128, FAIL_FORMAT), ROW(subject_of_two_lines, FAIL_FORMAT),
		ROW(subject_of_1025, FAIL_FORMAT), ROW(place_in_no_part, FAIL_FORMAT),
		ROW(place_behind_its_part, FAIL_FORMAT),
		ROW(places_not_ascending, FAIL_FORMAT),
		ROW(places_of_parts_not_ascending, FAIL_FORMAT), ROW(file_first, 0),
		ROW(only_a_nameless_pipe, 0)};

	(void)state;
	memset(long_name, 'n', sizeof long_name);
	memset(long_type, 't', sizeof long_type);
	memset(long_subject, 's', sizeof long_subject);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct body_head *head = good();

		assert_answer(rows[i].name, "unbent", parse_raw(head), 0);
		rows[i].bend(head);
		assert_answer(rows[i].name, "bent", parse_raw(head), rows[i].want);
		mem_free(head);
	}
}

static void
takes_256_parts_and_4096_places(void **state)
{
	static char names[BODY_PARTS_MAX][8];
	struct body_head *head = good();
	struct buf out;

	(void)state;
	head->part_count = BODY_PARTS_MAX;
	for (size_t i = 1; i < BODY_PARTS_MAX; i++) {
		(void)snprintf(names[i], sizeof names[i], "a%zu", i);
		head->parts[i] = (struct body_part){.kind = BODY_ATTACHMENT,
			.name = rd_of(names[i], strlen(names[i])),
			.size = 1};
	}
	head->place_count = BODY_PLACES_MAX;
	for (size_t i = 0; i < BODY_PLACES_MAX; i++)
		head->places[i] = (struct body_place){.part = 255, .offset = 0};
	assert_int_equal(parse_raw(head), 0);
	buf_init(&out, BODY_HEAD_MAX);
	head->part_count++;
	assert_int_equal(body_write(head, &out), FAIL_FORMAT);
	head->part_count--;
	head->place_count++;
	assert_int_equal(body_write(head, &out), FAIL_FORMAT);
	buf_done(&out);
	mem_free(head);
}

/* 257 parts, and 4,097 places, in bytes. */
static void
refuses_one_part_or_place_more(void **state)
{
	struct body_head *parsed = NULL;
	struct buf raw;
	size_t len;

	(void)state;
	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	for (size_t parts = 1; parts <= 257; parts += 256) {
		size_t places = parts == 1 ? BODY_PLACES_MAX + 1 : 0;

		buf_init(&raw, BODY_HEAD_MAX);
		buf_u32(&raw,
			(uint32_t)(1 + 2 + 2 + 12 * parts - parts + 1 + 2 + 9 * places));
		buf_bytes(&raw, "\1\0\0", 3);
		buf_u16(&raw, (uint16_t)(11 * parts + parts - 1));
		for (size_t i = 0; i < parts; i++) {
			buf_u8(&raw, i == 0 ? BODY_TEXT : BODY_ATTACHMENT);
			buf_vec(&raw, 1, "n", i == 0 ? 0 : 1);
			buf_u8(&raw, 0);
			buf_u64(&raw, 0);
		}
		buf_u16(&raw, (uint16_t)(9 * places));
		for (size_t i = 0; i < places; i++)
			buf_bytes(&raw, "\0\0\0\0\0\0\0\0\0", 9);
		raw.data[0] = raw.data[1] = 0;
		raw.data[2] = (uint8_t)((raw.len - 4) >> 8);
		raw.data[3] = (uint8_t)(raw.len - 4);
		assert_int_equal(body_parse(bytes_of(&raw), parsed, &len), FAIL_FORMAT);
		buf_done(&raw);
	}
	mem_free(parsed);
}

/* A head that is not all there asks for more; one that is complete never does. */
static void
asks_for_more_until_it_is_whole(void **state)
{
	struct body_head *head = good(), *parsed = NULL;
	struct buf raw;
	size_t len;

	(void)state;
	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	buf_init(&raw, BODY_HEAD_MAX);
	write_raw(head, BODY_VERSION, &raw);
	for (size_t have = 0; have < raw.len; have++)
		assert_int_equal(
			body_parse(rd_of(raw.data, have), parsed, &len), FAIL_TRUNCATED);
	for (uint32_t less = 1; less < raw.len - 4; less++) {
		uint32_t whole = (uint32_t)raw.len - 4 - less;

		raw.data[2] = (uint8_t)(whole >> 8);
		raw.data[3] = (uint8_t)whole;
		assert_int_equal(body_parse(bytes_of(&raw), parsed, &len), FAIL_FORMAT);
	}
	buf_clear(&raw);
	write_raw(head, 2, &raw);
	assert_int_equal(body_parse(bytes_of(&raw), parsed, &len), FAIL_VERSION);
	buf_clear(&raw);
	buf_u32(&raw, 0);
	assert_int_equal(body_parse(bytes_of(&raw), parsed, &len), FAIL_FORMAT);
	buf_clear(&raw);
	buf_u32(&raw, BODY_HEAD_MAX + 1);
	assert_int_equal(body_parse(bytes_of(&raw), parsed, &len), FAIL_FORMAT);
	buf_done(&raw);
	mem_free(parsed);
	mem_free(head);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_to_its_rules),
		cmocka_unit_test(takes_256_parts_and_4096_places),
		cmocka_unit_test(refuses_one_part_or_place_more),
		cmocka_unit_test(asks_for_more_until_it_is_whole),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
