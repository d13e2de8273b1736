/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Every permitted move, by hand: one row a state, 'x' where a move is, in the order below. */
static const char *const names[DELIVERY_STATES] = {"draft", "queued", "sent", "not kept",
	"kept", "delivered", "non-receipt", "read", "acknowledged", "refused", "recalled",
	"expired"};

static const char permitted[DELIVERY_STATES][DELIVERY_STATES + 1] = {
	/* d q s n k D N R A F L E */
	".x..........", /* draft */
	"..x......xxx", /* queued */
	"...xx.....xx", /* sent */
	"....x.....xx", /* not kept */
	".....xx..xxx", /* kept */
	"......xx.xxx", /* delivered */
	".....x.x.xxx", /* non-receipt */
	"........x.xx", /* read */
	"..........xx", /* acknowledged */
	"............", /* refused */
	"............", /* recalled */
	"............", /* expired */
};

static void
test_every_move(void **state)
{
	size_t moves = 0;

	(void)state;
	for (int from = 0; from < DELIVERY_STATES; from++)
		for (int to = 0; to < DELIVERY_STATES; to++) {
			enum delivery at = (enum delivery)from;
			int want = permitted[from][to] == 'x' ? 0 : FAIL_REFUSED;

			if (delivery_move(&at, (enum delivery)to) != want)
				fail_msg("%s -> %s", names[from], names[to]);
			assert_int_equal(at, want == 0 ? to : from);
			moves += want == 0;
		}
	assert_int_equal(moves, 32);
}

static void
test_names_and_ends(void **state)
{
	enum delivery at;

	(void)state;
	for (int i = 0; i < DELIVERY_STATES; i++) {
		assert_string_equal(delivery_text((enum delivery)i), names[i]);
		assert_int_equal(delivery_parse(names[i], &at), 0);
		assert_int_equal(at, i);
		assert_int_equal(
			delivery_is_final((enum delivery)i), i >= DELIVERY_REFUSED);
	}
	assert_int_equal(delivery_parse("lost", &at), FAIL_FORMAT);
	assert_int_equal(delivery_parse("", &at), FAIL_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_move),
		cmocka_unit_test(test_names_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
