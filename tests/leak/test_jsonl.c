/* SPDX-License-Identifier: Apache-2.0 */
/* A line of JSON as a document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "leak/jsonl.h"
#include "leak/segment.h"

static int
parse(const char *line, struct jsonl_doc *ret_doc)
{
	return jsonl_parse(line, strlen(line), ret_doc);
}

static void
test_id_and_body(void **state)
{
	struct jsonl_doc doc;

	(void)state;
	assert_int_equal(
		parse("{\"id\":\"frus/d4\",\"n\":7,\"body\":\"a\\nb\\u00e9\"}", &doc), 0);
	assert_int_equal(doc.id_len, 7);
	assert_memory_equal(doc.id, "frus/d4", 7);
	assert_int_equal(doc.body_len, 5);
	assert_memory_equal(doc.body, "a\nb\xc3\xa9", 5);
	jsonl_done(&doc);
	assert_int_equal(parse("{\"id\":\"x\",\"body\":\"\"}", &doc), 0);
	jsonl_done(&doc);
}

static void
test_what_is_no_document(void **state)
{
	static const char *const bad[] = {"", "x", "[]", "{}", "{\"id\":\"x\"}",
		"{\"body\":\"x\"}", "{\"id\":7,\"body\":\"x\"}",
		"{\"id\":\"\",\"body\":\"x\"}", "{\"id\":\"x\",\"body\":null}",
		"{\"id\":\"x\",\"body\":\"y\"",
		"{\"id\":\"x\",\"id\":\"y\",\"body\":\"z\"}"};
	struct jsonl_doc doc;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(parse(bad[i], &doc), FAIL_FORMAT);
}

static void
test_ids_are_bounded_and_fit_for_a_line(void **state)
{
	char line[SEGMENT_ID_MAX + 64];
	struct jsonl_doc doc;
	size_t at;

	(void)state;
	assert_int_equal(parse("{\"id\":\"a\\nb\",\"body\":\"x\"}", &doc), FAIL_LIMIT);
	for (size_t extra = 0; extra < 2; extra++) {
		(void)snprintf(line, sizeof line, "{\"id\":\"");
		at = strlen(line);
		memset(line + at, 'i', SEGMENT_ID_MAX + extra);
		(void)snprintf(line + at + SEGMENT_ID_MAX + extra, 32, "%s",
			"\",\"body\":\"x\"}");
		assert_int_equal(parse(line, &doc), extra == 0 ? 0 : FAIL_LIMIT);
		if (extra == 0)
			jsonl_done(&doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id_and_body),
		cmocka_unit_test(test_what_is_no_document),
		cmocka_unit_test(test_ids_are_bounded_and_fit_for_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
