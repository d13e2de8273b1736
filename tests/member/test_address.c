/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "member/address.h"

static struct rd
of(const char *text)
{
	return address_of(text);
}

static void
names_have_one_spelling(void **state)
{
	char text[ADDRESS_NAME_MAX + 2];

	(void)state;
	assert_true(address_is_member(of("PT")));
	assert_true(address_is_member(of("EU-2")));
	assert_false(address_is_member(of("")));
	assert_false(address_is_member(of("pt")));
	assert_false(address_is_member(of("2PT")));
	assert_false(address_is_member(of("P T")));
	memset(text, 'A', sizeof text);
	assert_true(address_is_member(rd_of(text, ADDRESS_MEMBER_MAX)));
	assert_false(address_is_member(rd_of(text, ADDRESS_MEMBER_MAX + 1)));

	assert_true(address_is_name(of("ana.silva")));
	assert_true(address_is_name(of("0-_.")));
	assert_false(address_is_name(of(".ana")));
	assert_false(address_is_name(of("Ana")));
	assert_false(address_is_name(of("ana/silva")));
	memset(text, 'a', sizeof text);
	assert_true(address_is_name(rd_of(text, ADDRESS_NAME_MAX)));
	assert_false(address_is_name(rd_of(text, ADDRESS_NAME_MAX + 1)));
}

static void
hosts_and_urls(void **state)
{
	static const char *const good[] = {"https://pt.example",
		"https://pt.example:7443", "https://127.0.0.1:1", "https://a-b.c:65535"};
	static const char *const bad[] = {"http://pt.example", "https://",
		"https://:7443", "https://pt.example:", "https://pt.example:07443",
		"https://pt.example:65536", "https://pt.example:0", "https://pt.example/",
		"https://PT.example", "https://user@pt.example", "https://pt..example",
		"https://-pt.example", "https://pt-.example", "https://pt.example.",
		"https://pt.example:123456", "pt.example"};
	char long_host[ADDRESS_HOST_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(address_is_url(of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(address_is_url(of(bad[i])));
	memset(long_host, 'a', sizeof long_host);
	assert_true(address_is_host(rd_of(long_host, ADDRESS_HOST_MAX)));
	assert_false(address_is_host(rd_of(long_host, ADDRESS_HOST_MAX + 1)));
}

static void
an_address_is_split(void **state)
{
	struct rd member, name;

	(void)state;
	assert_int_equal(address_split(of("PT/ana.silva"), &member, &name), 0);
	assert_int_equal(address_compare(member, of("PT")), 0);
	assert_int_equal(address_compare(name, of("ana.silva")), 0);
	assert_int_equal(address_split(of("PT"), &member, &name), FAIL_FORMAT);
	assert_int_equal(address_split(of("PT/"), &member, &name), FAIL_FORMAT);
	assert_int_equal(address_split(of("/ana"), &member, &name), FAIL_FORMAT);
	assert_int_equal(address_split(of("PT/ana/x"), &member, &name), FAIL_FORMAT);
}

static void
order_is_that_of_bytes(void **state)
{
	(void)state;
	assert_true(address_compare(of("a"), of("b")) < 0);
	assert_true(address_compare(of("b"), of("a")) > 0);
	assert_true(address_compare(of("a"), of("aa")) < 0);
	assert_true(address_compare(of("aa"), of("a")) > 0);
	assert_int_equal(address_compare(of(""), of("")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_one_spelling),
		cmocka_unit_test(hosts_and_urls),
		cmocka_unit_test(an_address_is_split),
		cmocka_unit_test(order_is_that_of_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
