/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const struct unpack_limits limits = {
	.records_max = 100, .text_max = 1 << 20, .blob_max = 1 << 20};

/* A conversation with every record in it. */
static void
put_all(struct buf *out)
{
	static const char data[] = "%PDF-1.7";

	unpack_put_hello(out);
	unpack_put_member(
		out, &(struct unpack_member){UNPACK_KIND_TEXT, "a.zip!b.txt", 11});
	unpack_put_text(out,
		&(struct unpack_text){UNPACK_TEXT_BREAK, 3, 40, 5, "h\xc3\xa9llo", 6});
	unpack_put_end(out, &(struct unpack_end){UNPACK_COMPLETE, 5});
	unpack_put_skip(out,
		&(struct unpack_skip){UNPACK_ENCRYPTED, "a.zip!c", 7, "no password", 11});
	unpack_put_blob(out,
		&(struct unpack_blob){
			UNPACK_HELPER_PDF, UNPACK_KIND_PDF, 2, 7, "a.zip!d.pdf", 11});
	unpack_put_data(out, data, 8);
	unpack_put_blob_end(out, 8);
	unpack_put_total(out, &(struct unpack_total){1, 1, 6, 13});
}

static int
read_to_end(const struct buf *b, size_t len, unsigned *ret_records)
{
	struct unpack_parser p;
	struct rd in = rd_of(b->data, len);
	struct unpack_record record;
	int r = 0;

	unpack_parser_init(&p, &limits);
	*ret_records = 0;
	while (in.len > 0) {
		if ((r = unpack_next(&p, &in, &record)) != 0)
			return r;
		(*ret_records)++;
	}
	return unpack_finish(&p);
}

static void
test_what_is_said_is_heard(void **state)
{
	struct unpack_parser p;
	struct unpack_record rec;
	struct buf b;
	struct rd in;

	(void)state;
	buf_init(&b, 1000);
	put_all(&b);
	assert_int_equal(buf_error(&b), 0);
	in = rd_of(b.data, b.len);
	unpack_parser_init(&p, &limits);

	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.type, UNPACK_HELLO);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.type, UNPACK_MEMBER);
	assert_int_equal(rec.member.kind, UNPACK_KIND_TEXT);
	assert_memory_equal(rec.member.path, "a.zip!b.txt", 11);
	assert_int_equal(unpack_need(&in), UNPACK_HEAD_LEN + UNPACK_TEXT_HEAD_LEN + 6);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.type, UNPACK_TEXT);
	assert_int_equal(rec.text.flags, UNPACK_TEXT_BREAK);
	assert_int_equal(rec.text.page, 3);
	assert_int_equal(rec.text.offset, 40);
	assert_int_equal(rec.text.span, 5);
	assert_int_equal(rec.text.len, 6);
	assert_memory_equal(rec.text.ptr, "h\xc3\xa9llo", 6);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.end.bytes, 5);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_string_equal(unpack_reason_text(rec.skip.reason), "encrypted");
	assert_memory_equal(rec.skip.detail, "no password", 11);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.blob.helper, UNPACK_HELPER_PDF);
	assert_int_equal(rec.blob.depth, 2);
	assert_int_equal(rec.blob.page, 7);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.data.len, 8);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(unpack_finish(&p), FAIL_TRUNCATED);
	assert_int_equal(unpack_next(&p, &in, &rec), 0);
	assert_int_equal(rec.total.bytes, 13);
	assert_int_equal(in.len, 0);
	assert_int_equal(unpack_finish(&p), 0);
	buf_done(&b);
}

/* Cut anywhere, the stream asks for more and never claims to be over. */
static void
test_every_cut_is_noticed(void **state)
{
	unsigned n;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	put_all(&b);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(read_to_end(&b, len, &n), FAIL_TRUNCATED);
	assert_int_equal(read_to_end(&b, b.len, &n), 0);
	assert_int_equal(n, 9);
	buf_done(&b);
}

/* Any record at any place where the conversation does not have it is refused for good. */
static void
test_order_is_kept(void **state)
{
	static const struct {
		const char *order; /* one letter a record, see below */
		int r;
	} cases[] = {{"hT", 0}, {"hmeT", 0}, {"hmtteT", 0}, {"hbdBT", 0},
		{"T", FAIL_FORMAT}, {"m", FAIL_FORMAT}, {"hh", FAIL_FORMAT},
		{"hmm", FAIL_FORMAT}, {"ht", FAIL_FORMAT}, {"he", FAIL_FORMAT},
		{"hms", FAIL_FORMAT}, {"hmb", FAIL_FORMAT}, {"hd", FAIL_FORMAT},
		{"hbt", FAIL_FORMAT}, {"hbT", FAIL_FORMAT}, {"hTT", FAIL_FORMAT},
		{"hTm", FAIL_FORMAT}, {"hmT", FAIL_FORMAT}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct unpack_total total = {0};
		unsigned n;
		struct buf b;

		buf_init(&b, 1000);
		for (const char *c = cases[i].order; *c != '\0'; c++) {
			total.members += *c == 'm';
			total.text += *c == 't';
			switch (*c) {
			case 'h':
				unpack_put_hello(&b);
				break;
			case 'm':
				unpack_put_member(&b, &(struct unpack_member){0, "x", 1});
				break;
			case 't':
				unpack_put_text(
					&b, &(struct unpack_text){.ptr = "x", .len = 1});
				break;
			case 'e':
				unpack_put_end(&b, &(struct unpack_end){0});
				break;
			case 's':
				unpack_put_skip(&b,
					&(struct unpack_skip){.reason = UNPACK_LIMIT});
				break;
			case 'b':
				unpack_put_blob(&b, &(struct unpack_blob){.helper = 1});
				break;
			case 'd':
				unpack_put_data(&b, "x", 1);
				break;
			case 'B':
				unpack_put_blob_end(&b, 1);
				break;
			default:
				unpack_put_total(&b, &total);
				break;
			}
		}
		assert_int_equal(read_to_end(&b, b.len, &n), cases[i].r);
		buf_done(&b);
	}
}

/* Read one hand-made record after hello (and, for text, a member). */
static int
read_raw(unsigned type, const void *body, size_t len)
{
	unsigned n;
	struct buf b;
	int r;

	buf_init(&b, 1 << 20);
	unpack_put_hello(&b);
	if (type == UNPACK_TEXT || type == UNPACK_END)
		unpack_put_member(&b, &(struct unpack_member){0, "x", 1});
	buf_u8(&b, (uint8_t)type);
	buf_vec(&b, 3, body, len);
	r = read_to_end(&b, b.len, &n);
	buf_done(&b);
	return r;
}

#define RAW(type, literal) read_raw(type, literal, sizeof literal - 1)

static void
test_lies_are_refused(void **state)
{
	(void)state;
	/* kinds, reasons, helpers and flags that do not exist */
	assert_int_equal(RAW(UNPACK_MEMBER, "\x0b\0\1x"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_SKIP, "\x08\0\1x\0"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_SKIP, "\x00\0\1x\0"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_BLOB, "\4\0\0\0\0\0\0\0\0"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_BLOB, "\0\0\0\0\0\0\0\0\0"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_BLOB, "\1\0\x41\0\0\0\0\0\0"), FAIL_FORMAT);
	assert_int_equal(
		RAW(UNPACK_TEXT, "\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x"), FAIL_FORMAT);
	assert_int_equal(RAW(0, ""), FAIL_FORMAT);
	assert_int_equal(RAW(10, ""), FAIL_FORMAT);
	/* paths that would write on a terminal or overflow their field */
	assert_int_equal(RAW(UNPACK_MEMBER, "\1\0\2a\n"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_MEMBER, "\1\0\2a\x1b"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_MEMBER, "\1\0\1\0"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_MEMBER, "\1\0\1\xff"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_MEMBER, "\1\0\5abc"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_MEMBER, "\1\0\1abc"), FAIL_FORMAT);
	/* text that is empty, is no UTF-8, holds NUL, or an offset that would wrap */
	assert_int_equal(
		RAW(UNPACK_TEXT, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), FAIL_FORMAT);
	assert_int_equal(
		RAW(UNPACK_TEXT, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a\xc3"), FAIL_FORMAT);
	assert_int_equal(
		RAW(UNPACK_TEXT, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0abcdefgh\xff"),
		FAIL_FORMAT);
	assert_int_equal(
		RAW(UNPACK_TEXT, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), FAIL_FORMAT);
	assert_int_equal(
		RAW(UNPACK_TEXT, "\0\0\0\0\0\x80\0\0\0\0\0\0\0\0\0\0\0a"), FAIL_FORMAT);
	assert_int_equal(RAW(UNPACK_END, "\0\0\0\0\0\0\0\0\0\0"), FAIL_FORMAT);
}

static void
test_other_version(void **state)
{
	struct unpack_parser p;
	struct unpack_record rec;
	struct rd in = rd_of("\1\0\0\2\0\2", 6);

	(void)state;
	unpack_parser_init(&p, &limits);
	assert_int_equal(unpack_next(&p, &in, &rec), FAIL_VERSION);
	assert_int_equal(unpack_next(&p, &in, &rec), FAIL_VERSION);
}

static void
test_total_must_agree(void **state)
{
	static const struct unpack_total wrong[] = {
		{2, 0, 1, 1}, {1, 1, 1, 1}, {1, 0, 2, 1}};
	unsigned n;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf b;

		buf_init(&b, 1000);
		unpack_put_hello(&b);
		unpack_put_member(&b, &(struct unpack_member){0, "", 0});
		unpack_put_text(&b, &(struct unpack_text){.ptr = "x", .len = 1});
		unpack_put_end(&b, &(struct unpack_end){UNPACK_COMPLETE, 1});
		unpack_put_total(&b, &wrong[i]);
		assert_int_equal(read_to_end(&b, b.len, &n), FAIL_FORMAT);
		buf_done(&b);
	}
}

static void
test_limits_of_the_reader(void **state)
{
	static const struct unpack_limits tight[] = {
		{8, 100, 100}, {100, 5, 100}, {100, 100, 7}};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	put_all(&b);
	for (size_t i = 0; i < 3; i++) {
		struct rd in = rd_of(b.data, b.len);
		struct unpack_parser p;
		struct unpack_record rec;
		int r = 0;

		unpack_parser_init(&p, &tight[i]);
		while (r == 0 && in.len > 0)
			r = unpack_next(&p, &in, &rec);
		assert_int_equal(r, FAIL_LIMIT);
		assert_int_equal(unpack_finish(&p), FAIL_LIMIT);
	}
	buf_done(&b);
}

static void
test_names_are_spelt(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		const char *want;
	} cases[] = {{"a/b.txt", 7, "a/b.txt"}, {"../../etc", 9, "../../etc"},
		{"a!b", 3, "a%21b"}, {"a\nb", 3, "a%0Ab"}, {"50%", 3, "50%"},
		{"a%21", 4, "a%2521"}, {"\xe9t\xe9", 3, "%E9t%E9"},
		{"\xc3\xa9t\xc3\xa9", 5, "\xc3\xa9t\xc3\xa9"}, {"a\0b", 3, "a%00b"},
		{"", 0, "%"}, {"\xe2\x80\xae", 3, "%E2%80%AE"}};
	char wide[5000];
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_clear(&b);
		unpack_name_put(&b, cases[i].name, cases[i].len);
		assert_int_equal(b.len, strlen(cases[i].want));
		assert_memory_equal(b.data, cases[i].want, b.len);
	}
	memset(wide, '!', sizeof wide);
	buf_clear(&b);
	unpack_name_put(&b, wide, sizeof wide);
	assert_in_range(b.len, UNPACK_NAME_MAX - 4, UNPACK_NAME_MAX);
	buf_done(&b);
}

static void
test_out_of_memory_sticks(void **state)
{
	(void)state;
	for (long n = 0;; n++) {
		struct buf b;
		int r;

		buf_init(&b, 1000);
		mem_fail_after(n, false);
		put_all(&b);
		r = buf_error(&b);
		mem_fail_never();
		buf_done(&b);
		if (r == 0) {
			assert_true(n > 0);
			return;
		}
		assert_int_equal(r, FAIL_NOMEM);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_is_heard),
		cmocka_unit_test(test_every_cut_is_noticed),
		cmocka_unit_test(test_order_is_kept),
		cmocka_unit_test(test_lies_are_refused),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_total_must_agree),
		cmocka_unit_test(test_limits_of_the_reader),
		cmocka_unit_test(test_names_are_spelt),
		cmocka_unit_test(test_out_of_memory_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
