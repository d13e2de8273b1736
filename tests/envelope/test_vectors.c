/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include <dirent.h>

#include "base/text.h"
#include "cases.h"
#include "fixture.h"
#include "newcomer.h"

/*
 * The golden files: each is read and answered as it says; the generator gives them again bit
 * by bit; and there is no file that no case knows.
 */

static const char *dir;

static void
read_file(const char *name, struct buf *out)
{
	char path[4096];
	uint8_t *at;
	size_t n;
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((file = fopen(path, "rb")) == NULL)
		fail_msg("%s cannot be read", path);
	do {
		at = buf_extend(out, 65536);
		assert_non_null(at);
		n = fread(at, 1, 65536, file);
		out->len -= 65536 - n;
	} while (n > 0);
	assert_int_equal(fclose(file), 0);
}

/* The rest of the line that begins with `key`; moves past it. */
static void
line(struct rd *text, const char *key, char *ret_value, size_t max)
{
	const uint8_t *end = memchr(text->ptr, '\n', text->len);
	size_t key_len = strlen(key), len;

	assert_non_null(end);
	len = (size_t)(end - text->ptr);
	assert_true(len >= key_len && len - key_len < max);
	assert_memory_equal(text->ptr, key, key_len);
	memcpy(ret_value, text->ptr + key_len, len - key_len);
	ret_value[len - key_len] = '\0';
	*text = rd_of(end + 1, text->len - len - 1);
}

static void
unhex_lines(struct rd text, struct buf *out)
{
	char hex[65];
	uint8_t bytes[32];

	while (text.len > 0) {
		line(&text, "", hex, sizeof hex);
		assert_int_equal(text_unhex(hex, strlen(hex), bytes, strlen(hex) / 2), 0);
		buf_bytes(out, bytes, strlen(hex) / 2);
	}
}

/* What a reader says of the bytes, in the words of the file. */
static void
outcome(const char *reader, struct rd file, char *ret_text, size_t max)
{
	struct verdict verdict;
	struct verifier v;
	bool is_grant = strcmp(reader, "grant") == 0;

	verifier_init(&v);
	v.is_raw = strcmp(reader, "raw") == 0;
	if (is_grant) {
		verdict.r = newcomer_accept(file);
		verdict.stage = verdict.r == 0 ? STAGE_ACCEPTED : STAGE_HEADER;
	} else {
		verdict = verifier_run(&v, file);
	}
	if (verdict.r == 0)
		(void)snprintf(ret_text, max, "accepted");
	else
		(void)snprintf(ret_text, max, "%s %s",
			is_grant ? "grant" : stage_text(verdict.stage),
			case_fail_name(verdict.r) != NULL ? case_fail_name(verdict.r)
							  : "?");
	verifier_done(&v);
}

static void
every_file_is_answered_as_it_says(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < case_count; i++) {
		char name[128], expect[64], reader[16], comment[256], got[64];
		struct buf text, file;
		struct rd in;

		(void)snprintf(name, sizeof name, "%s.txt", cases[i].name);
		buf_init(&text, FIXTURE_BYTES_MAX);
		buf_init(&file, FIXTURE_BYTES_MAX);
		read_file(name, &text);
		in = bytes_of(&text);
		line(&in, "expect: ", expect, sizeof expect);
		line(&in, "reader: ", reader, sizeof reader);
		line(&in, "comment: ", comment, sizeof comment);
		line(&in, "", got, sizeof got);
		assert_string_equal(got, "");
		unhex_lines(in, &file);
		outcome(reader, bytes_of(&file), got, sizeof got);
		if (strcmp(got, expect) != 0) {
			print_error("%s: %s, not %s\n", name, got, expect);
			wrong++;
		}
		buf_done(&text);
		buf_done(&file);
	}
	assert_int_equal(wrong, 0);
}

static void
the_generator_gives_them_bit_by_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < case_count; i++) {
		struct buf there, made;
		char name[128];

		(void)snprintf(name, sizeof name, "%s.txt", cases[i].name);
		buf_init(&there, FIXTURE_BYTES_MAX);
		buf_init(&made, FIXTURE_BYTES_MAX);
		read_file(name, &there);
		case_write(&cases[i], &made);
		if (there.len != made.len || memcmp(there.data, made.data, made.len) != 0)
			fail_msg("%s is not what make_vectors writes", name);
		buf_done(&there);
		buf_done(&made);
	}
}

static void
there_are_no_others(void **state)
{
	struct dirent *entry;
	size_t found = 0;
	DIR *d = opendir(dir);

	(void)state;
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		bool is_known = false;

		if (entry->d_name[0] == '.')
			continue;
		for (size_t i = 0; i < case_count && !is_known; i++)
			is_known = strncmp(entry->d_name, cases[i].name,
					   strlen(cases[i].name)) == 0 &&
				strcmp(entry->d_name + strlen(cases[i].name), ".txt") ==
					0;
		if (!is_known)
			fail_msg("no case knows %s", entry->d_name);
		found++;
	}
	assert_int_equal(closedir(d), 0);
	assert_int_equal(found, case_count);
	assert_true(found >= 60);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_is_answered_as_it_says),
		cmocka_unit_test(the_generator_gives_them_bit_by_bit),
		cmocka_unit_test(there_are_no_others),
	};

	dir = argc > 1 ? argv[1] : "vectors";
	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
