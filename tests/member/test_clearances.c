/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/address.h"
#include "member/clearances.h"

static const char secret_pt[] =
	"CONCORD: CONFIDENTIAL, RESTRICTED, SECRET, UNCLASSIFIED; "
	"permissive Releasable To = PT";

static struct clearance *
typed(const char *text)
{
	struct clearance *c = NULL;

	assert_int_equal(clearance_from_text(text, strlen(text), &c), 0);
	return c;
}

static int
from_text(const char *text)
{
	struct clearance *c = NULL;
	int r = clearances_line_parse(address_of(text), &c);

	clearance_free(c);
	return r;
}

static void
a_line_is_the_sets_themselves(void **state)
{
	struct clearance *c = typed("SECRET REL TO PT"), *again = NULL;
	struct buf text;

	(void)state;
	buf_init(&text, CLEARANCES_LINE_MAX);
	assert_int_equal(clearances_line_write(c, &text), 0);
	assert_int_equal(text.len, strlen(secret_pt));
	assert_memory_equal(text.data, secret_pt, text.len);
	assert_int_equal(clearances_line_parse(rd_of(text.data, text.len), &again), 0);
	assert_int_equal(again->class_count, 4);
	assert_true(clearance_holds(again, "Releasable To", LABEL_PERMISSIVE, "PT"));
	clearance_free(again);
	clearance_free(c);
	buf_done(&text);
}

static void
text_has_one_spelling(void **state)
{
	static const char *const bad[] = {"", "CONCORD", "CONCORD: ", "CONCORD: B, A",
		"CONCORD: A, A", "CONCORD: A,B", "CONCORD: A, ", "CONCORD: A;",
		"CONCORD: A; ", "CONCORD: A; permissive T",
		"CONCORD: A; permissive T = ", "CONCORD: A; informative T = V",
		"CONCORD: A; permissive T = W, V",
		"CONCORD: A; permissive U = V; permissive T = V",
		"CONCORD: A; permissive T = V, V", " CONCORD: A", ": A",
		"CONCORD: A; permissive T = V; restrictive T = W"};

	(void)state;
	assert_int_equal(from_text(secret_pt), 0);
	assert_int_equal(
		from_text("CONCORD: A; permissive T = V; restrictive U = V, W"), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_not_equal(from_text(bad[i]), 0);
}

static void
limits(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, CLEARANCES_LINE_MAX + 2);
	buf_text(&text, "P: a");
	for (char c = 'b'; c < 'b' + CLEARANCE_CLASSES_MAX - 1; c++)
		buf_printf(&text, ", %c", c);
	buf_u8(&text, 0);
	assert_int_equal(from_text((const char *)text.data), 0);
	text.len--;
	buf_printf(&text, ", z%c", 0);
	assert_int_equal(from_text((const char *)text.data), FAIL_LIMIT);
	buf_clear(&text);
	assert_non_null(buf_extend(&text, CLEARANCES_LINE_MAX + 1));
	struct clearance *c = NULL;
	assert_int_equal(
		clearances_line_parse(rd_of(text.data, text.len), &c), FAIL_LIMIT);
	buf_done(&text);
}

static void
a_list_ascends_by_policy(void **state)
{
	struct clearance *a = typed("BUSINESS:INTERNAL"), *b = typed("SECRET"), *c = NULL;
	struct buf list;

	(void)state;
	buf_init(&list, 1 << 16);
	assert_int_equal(clearances_check(rd_of("", 0)), 0);
	clearance_write(a, &list);
	clearance_write(b, &list);
	assert_int_equal(clearances_check(rd_of(list.data, list.len)), 0);
	assert_int_equal(clearances_check(rd_of(list.data, list.len - 1)), FAIL_FORMAT);
	clearance_write(b, &list);
	assert_int_equal(clearances_check(rd_of(list.data, list.len)), FAIL_FORMAT);
	assert_int_equal(clearances_find(rd_of(list.data, list.len), "BUSINESS", &c), 0);
	assert_string_equal(c->policy, "BUSINESS");
	clearance_free(c);
	clearance_free(a);
	clearance_free(b);
	buf_done(&list);
}

static void
out_of_memory_is_told(void **state)
{
	struct clearance *c = NULL;
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r == FAIL_NOMEM; n++) {
		mem_fail_after(n, false);
		r = clearances_line_parse(address_of(secret_pt), &c);
		mem_fail_never();
	}
	assert_int_equal(r, 0);
	clearance_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_the_sets_themselves),
		cmocka_unit_test(text_has_one_spelling),
		cmocka_unit_test(limits),
		cmocka_unit_test(a_list_ascends_by_policy),
		cmocka_unit_test(out_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
