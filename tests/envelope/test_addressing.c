/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/addressing.h"

/*
 * Rules of docs/format/envelope.md, section 2, each broken once, in bytes that no checked
 * writer would write.
 */

static const uint8_t id[16] = {9};
static char names[ADDRESSING_ADDRESSES_MAX][16];
static char long_title[ADDRESSING_TITLE_MAX + 4];

static struct addressing *
good(void)
{
	struct addressing *a = NULL;

	assert_int_equal(mem_new(&a, sizeof *a), 0);
	a->dtg_s = 1790000000;
	a->reference = TEXT("ours/17");
	a->type = MESSAGE_EXERCISE;
	a->type_name = TEXT("LUSITANIA 26");
	a->precedence_action = PRECEDENCE_IMMEDIATE;
	a->reply_by_s = 1790003600;
	a->action_count = 2;
	a->addresses[0] = TEXT("PT/defence-policy");
	a->addresses[1] = TEXT("PT/duty_2.b");
	a->info_count = 1;
	a->addresses[2] = TEXT("FR/0");
	a->exempted_count = 1;
	a->addresses[3] =
		TEXT("EN-2/"
		     "a234567890123456789012345678901234567890123456789012345678901234");
	a->sic_count = 2;
	a->sics[0] = TEXT("LAA");
	a->sics[1] = TEXT("12345678");
	a->reference_count = 3;
	a->references[0].document_id = rd_of(id, sizeof id);
	a->references[1].text = TEXT("yours of Tuesday");
	a->references[2].document_id = rd_of(id, sizeof id);
	a->references[2].text = TEXT("both");
	a->title = TEXT("Relève à Lajes");
	return a;
}

static void
write_list(struct buf *out, const struct rd *list, size_t count, size_t width)
{
	size_t mark = buf_vec_begin(out, width);

	for (size_t i = 0; i < count; i++)
		buf_vec(out, 1, list[i].ptr, list[i].len);
	buf_vec_end(out, mark, width);
}

static void
write_raw(const struct addressing *a, struct buf *out)
{
	const struct rd *at = a->addresses;
	size_t mark;

	buf_u64(out, a->dtg_s);
	buf_vec(out, 1, a->reference.ptr, a->reference.len);
	buf_u8(out, a->type);
	buf_vec(out, 1, a->type_name.ptr, a->type_name.len);
	buf_u8(out, a->precedence_action);
	buf_u8(out, a->precedence_info);
	buf_u64(out, a->reply_by_s);
	write_list(out, at, a->action_count, 3);
	write_list(out, at + a->action_count, a->info_count, 3);
	write_list(out, at + a->action_count + a->info_count, a->exempted_count, 3);
	write_list(out, a->sics, a->sic_count, 2);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < a->reference_count; i++) {
		const struct addressing_reference *ref = &a->references[i];

		buf_vec(out, 1, ref->document_id.ptr, ref->document_id.len);
		buf_vec(out, 1, ref->text.ptr, ref->text.len);
	}
	buf_vec_end(out, mark, 2);
	buf_vec(out, 2, a->title.ptr, a->title.len);
	assert_int_equal(buf_error(out), 0);
}

/* Parse what was written raw; on success also write it and compare. */
static int
parse_raw(const struct addressing *a)
{
	struct addressing *parsed = NULL;
	struct buf raw, out;
	int r;

	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	buf_init(&raw, ADDRESSING_LEN_MAX);
	buf_init(&out, ADDRESSING_LEN_MAX);
	write_raw(a, &raw);
	r = addressing_parse(bytes_of(&raw), parsed);
	if (r == 0) {
		assert_int_equal(addressing_write(parsed, &out), 0);
		assert_same_bytes(bytes_of(&out), bytes_of(&raw));
	} else {
		assert_int_equal(addressing_write(a, &out), r);
	}
	buf_done(&raw);
	buf_done(&out);
	mem_free(parsed);
	return r;
}

/* One field of the good addressing becomes this text. */
struct text_row {
	const char *name;
	size_t offset; /* of a struct rd in struct addressing */
	struct rd text;
	int want;
};

/* An array of char in a struct of pointers needs the cast; a constant needs the braces. */
#define FIELD(field, words, want)                                                        \
	{                                                                                \
#field " = " #words, offsetof(struct addressing, field),                 \
			{(const uint8_t *)(words), sizeof(words) - 1 }, want             \
	}

static const struct text_row texts[] = {
	FIELD(reference, "", 0),
	FIELD(reference, "two\nlines", FAIL_FORMAT),
	FIELD(reference, "\xe2\x80\xaeoverride", FAIL_FORMAT),
	FIELD(reference, "\xc0\x80", FAIL_FORMAT),
	FIELD(type_name, "", 0),
	FIELD(type_name, "tab\there", FAIL_FORMAT),
	FIELD(addresses[1], "PT/a", 0),
	FIELD(addresses[1], "PT/defence-policy", FAIL_FORMAT), /* twice */
	FIELD(addresses[2], "PT/defence-policy", FAIL_FORMAT), /* twice in two lists */
	FIELD(addresses[1], "PT/", FAIL_FORMAT),
	FIELD(addresses[1], "/duty", FAIL_FORMAT),
	FIELD(addresses[1], "PTduty", FAIL_FORMAT),
	FIELD(addresses[1], "pt/duty", FAIL_FORMAT),
	FIELD(addresses[1], "PT/Duty", FAIL_FORMAT),
	FIELD(addresses[1], "PT/-duty", FAIL_FORMAT),
	FIELD(addresses[1], "PT/du/ty", FAIL_FORMAT),
	FIELD(addresses[1], "PT/du ty", FAIL_FORMAT),
	FIELD(addresses[1], "PT/du\0ty", FAIL_FORMAT),
	FIELD(addresses[1], "P", FAIL_FORMAT),
	FIELD(addresses[1],
		"PT/a2345678901234567890123456789012345678901234567890123456789012345",
		FAIL_FORMAT),
	FIELD(sics[1], "LAA", FAIL_FORMAT), /* twice */
	FIELD(sics[1], "LA", FAIL_FORMAT),
	FIELD(sics[1], "lab", FAIL_FORMAT),
	FIELD(sics[1], "L-B", FAIL_FORMAT),
	FIELD(sics[1], "123456789", FAIL_FORMAT),
	FIELD(references[1].text, "", FAIL_FORMAT), /* neither id nor text */
	FIELD(references[1].text, "\r", FAIL_FORMAT),
	FIELD(references[0].document_id, "123456789012345", FAIL_FORMAT),
	FIELD(references[0].document_id, "12345678901234567", FAIL_FORMAT),
	FIELD(title, "", 0),
	FIELD(title, "\x1b[2J", FAIL_FORMAT),
};

static void
refuses_every_broken_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct addressing *a = good();

		assert_answer(texts[i].name, "unbent", parse_raw(a), 0);
		memcpy((char *)a + texts[i].offset, &texts[i].text, sizeof texts[i].text);
		assert_answer(texts[i].name, "parse", parse_raw(a), texts[i].want);
		mem_free(a);
	}
}

static void
refuses_numbers_without_a_name(void **state)
{
	struct addressing *a = good();

	(void)state;
	for (unsigned v = 0; v < 256; v++) {
		a->type = (uint8_t)v;
		/* Type 0 has no name of an exercise. */
		assert_int_equal(parse_raw(a), v >= 1 && v <= 4 ? 0 : FAIL_FORMAT);
		assert_int_equal(message_type_text((uint8_t)v) != NULL, v <= 4);
		a->type = MESSAGE_DRILL;
		a->precedence_action = (uint8_t)v;
		assert_int_equal(parse_raw(a), v <= 3 ? 0 : FAIL_FORMAT);
		a->precedence_action = 0;
		a->precedence_info = (uint8_t)v;
		assert_int_equal(parse_raw(a), v <= 3 ? 0 : FAIL_FORMAT);
		assert_int_equal(addressing_is_flash(a), v == 3);
		assert_int_equal(precedence_text((uint8_t)v) != NULL, v <= 3);
		a->precedence_info = 0;
	}
	a->type = MESSAGE_NORMAL;
	a->type_name = TEXT("");
	assert_int_equal(parse_raw(a), 0);
	mem_free(a);
}

static void
takes_1024_addresses_and_no_more(void **state)
{
	struct addressing *a = good();
	struct addressing *parsed = NULL;
	struct buf raw;

	(void)state;
	a->action_count = 1000;
	a->info_count = 20;
	a->exempted_count = 4;
	for (size_t i = 0; i < ADDRESSING_ADDRESSES_MAX; i++)
		a->addresses[i] = rd_of(names[i],
			(size_t)snprintf(names[i], sizeof names[i], "PT/desk-%zu", i));
	assert_int_equal(parse_raw(a), 0);

	/* One more, in the bytes: three empty lists and the first list made longer. */
	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	buf_init(&raw, ADDRESSING_LEN_MAX);
	buf_bytes(&raw, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 21);
	{
		size_t mark = buf_vec_begin(&raw, 3);

		for (size_t i = 0; i < ADDRESSING_ADDRESSES_MAX; i++)
			buf_vec(&raw, 1, a->addresses[i].ptr, a->addresses[i].len);
		buf_vec(&raw, 1, "PT/one-more", 11);
		buf_vec_end(&raw, mark, 3);
	}
	buf_bytes(&raw, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	assert_int_equal(addressing_parse(bytes_of(&raw), parsed), FAIL_FORMAT);
	a->exempted_count = 5;
	buf_clear(&raw);
	assert_int_equal(addressing_write(a, &raw), FAIL_FORMAT);
	buf_done(&raw);
	mem_free(parsed);
	mem_free(a);
}

/* The counts of the lists lie far beyond the array; nothing of it may be read. */
static void
writes_no_impossible_counts(void **state)
{
	struct addressing *a = good();
	size_t *const counts[] = {&a->action_count, &a->info_count, &a->exempted_count,
		&a->sic_count, &a->reference_count};
	struct buf out;

	(void)state;
	buf_init(&out, ADDRESSING_LEN_MAX);
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		size_t honest = *counts[i];

		*counts[i] = SIZE_MAX;
		assert_int_equal(addressing_write(a, &out), FAIL_FORMAT);
		*counts[i] = honest;
	}
	buf_done(&out);
	mem_free(a);
}

/* A list of n entries with `entry` bytes each, put where the SICs or the references stand. */
static int
parse_with_list(bool are_sics, size_t n)
{
	struct addressing *parsed = NULL;
	struct buf raw;
	size_t mark;
	int r;

	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	buf_init(&raw, ADDRESSING_LEN_MAX);
	buf_bytes(&raw, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 21);
	buf_bytes(&raw, "\0\0\0\0\0\0\0\0\0", 9);
	if (!are_sics)
		buf_u16(&raw, 0);
	mark = buf_vec_begin(&raw, 2);
	for (size_t i = 0; i < n; i++) {
		char sic[8];

		(void)snprintf(sic, sizeof sic, "S%02zu", i);
		if (!are_sics)
			buf_u8(&raw, 0);
		buf_vec(&raw, 1, sic, 3);
	}
	buf_vec_end(&raw, mark, 2);
	if (are_sics)
		buf_u16(&raw, 0);
	buf_u16(&raw, 0);
	r = addressing_parse(bytes_of(&raw), parsed);
	buf_done(&raw);
	mem_free(parsed);
	return r;
}

static void
takes_8_sics_and_64_references(void **state)
{
	(void)state;
	for (size_t n = 0; n <= ADDRESSING_SICS_MAX; n++)
		assert_int_equal(parse_with_list(true, n), 0);
	assert_int_equal(parse_with_list(true, ADDRESSING_SICS_MAX + 1), FAIL_FORMAT);
	assert_int_equal(parse_with_list(false, ADDRESSING_REFERENCES_MAX), 0);
	assert_int_equal(
		parse_with_list(false, ADDRESSING_REFERENCES_MAX + 1), FAIL_FORMAT);
}

static void
counts_a_title_in_characters(void **state)
{
	struct addressing *a = good();

	(void)state;
	memset(long_title, 'x', sizeof long_title);
	a->title = rd_of(long_title, 120);
	assert_int_equal(parse_raw(a), 0);
	a->title = rd_of(long_title, 121);
	assert_int_equal(parse_raw(a), FAIL_FORMAT);
	for (size_t i = 0; i + 4 <= sizeof long_title; i += 4)
		memcpy(long_title + i, "\xf0\x9f\x93\xa8", 4);
	a->title = rd_of(long_title, 480); /* 120 of 4 bytes each */
	assert_int_equal(parse_raw(a), 0);
	a->title = rd_of(long_title, 484);
	assert_int_equal(parse_raw(a), FAIL_FORMAT);
	mem_free(a);
}

static void
refuses_every_cut_and_a_byte_more(void **state)
{
	struct addressing *a = good(), *parsed = NULL;
	struct buf raw;

	(void)state;
	assert_int_equal(mem_new(&parsed, sizeof *parsed), 0);
	buf_init(&raw, ADDRESSING_LEN_MAX);
	write_raw(a, &raw);
	for (size_t len = 0; len < raw.len; len++)
		assert_int_equal(
			addressing_parse(rd_of(raw.data, len), parsed), FAIL_TRUNCATED);
	buf_u8(&raw, 0);
	assert_int_equal(addressing_parse(bytes_of(&raw), parsed), FAIL_FORMAT);
	buf_done(&raw);
	mem_free(parsed);
	mem_free(a);
}

static void
reads_precedence_and_type_as_typed(void **state)
{
	uint8_t v;

	(void)state;
	assert_int_equal(precedence_parse("flash", 5, &v), 0);
	assert_int_equal(v, PRECEDENCE_FLASH);
	assert_int_equal(precedence_parse("P", 1, &v), 0);
	assert_int_equal(v, PRECEDENCE_PRIORITY);
	assert_int_equal(precedence_parse("flashy", 6, &v), FAIL_FORMAT);
	assert_int_equal(precedence_parse("", 0, &v), FAIL_FORMAT);
	assert_int_equal(message_type_parse("DRILL", 5, &v), 0);
	assert_int_equal(v, MESSAGE_DRILL);
	assert_int_equal(message_type_parse("dril", 4, &v), FAIL_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_every_broken_text),
		cmocka_unit_test(refuses_numbers_without_a_name),
		cmocka_unit_test(takes_1024_addresses_and_no_more),
		cmocka_unit_test(writes_no_impossible_counts),
		cmocka_unit_test(takes_8_sics_and_64_references),
		cmocka_unit_test(counts_a_title_in_characters),
		cmocka_unit_test(refuses_every_cut_and_a_byte_more),
		cmocka_unit_test(reads_precedence_and_type_as_typed),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
