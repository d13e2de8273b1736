/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collect.h"

static void
expect(bool is_xml, const char *page, const char *want)
{
	/* Whole, and cut at every place: the result is the same. */
	for (size_t cut = 0; cut <= strlen(page); cut++) {
		struct collect c;
		struct html h;
		size_t len = strlen(page);

		/* Pieces are whole characters. */
		if (((uint8_t)page[cut] & 0xc0) == 0x80)
			continue;
		collect_begin(&c);
		html_init(&h, &c.prose, is_xml);
		html_put(&h, page, cut, 0, cut);
		html_put(&h, page + cut, len - cut, cut, len);
		html_end(&h);
		collect_end(&c);
		assert_string_equal((const char *)c.text.data, want);
		collect_done(&c);
	}
}

static void
test_tags_vanish_inside_sentences(void **state)
{
	(void)state;
	expect(false, "con<b>fid</b>ential <a href='x>y'>talks</a>",
		"confidential talks");
	expect(false, "<p>One</p><p>Two<br>three</p>", "\nOne\n\nTwo\nthree\n");
	expect(false, "<td>a</td><td>b</td>", "\na\n\nb\n");
	expect(false, "plain", "plain");
}

static void
test_entities(void **state)
{
	(void)state;
	expect(false, "caf&eacute; &amp; &#8217;&#x2019; &#150; &lt;b&gt;",
		"caf\xc3\xa9 & \xe2\x80\x99\xe2\x80\x99 \xe2\x80\x93 <b>");
	expect(false, "caf&eacute au lait", "caf\xc3\xa9 au lait");
	expect(false, "R&D, AT&T; x & y &", "R&D, AT&T; x & y &");
	expect(false, "&#0;&#xffffffff;&#99999999;", "&#0;&#xffffffff;&#99999999;");
	expect(false, "&nosuchentity;", "&nosuchentity;");
}

static void
test_what_is_not_text(void **state)
{
	(void)state;
	expect(false, "a<script>var x = '<b>';</script>b", "a\nb");
	expect(false, "a<style>p < q {}</style >b", "a\nb");
	expect(false, "<!DOCTYPE html><?php x ?>a", "a");
	/* a comment is hidden text and does not cut the sentence */
	expect(false, "con<!-- note -->fid", "confid | <\n note -->");
	expect(true, "<script>kept</script>", "\nkept\n");
	expect(true, "<x><![CDATA[a < b]]></x>", "\na < b]]\n");
}

static void
test_broken_markup(void **state)
{
	(void)state;
	expect(false, "a < b and 1<2", "a < b and 1<2");
	expect(false, "a <", "a <");
	expect(false, "end &", "end &");
	expect(false, "<p", "");
	expect(false, "<>x", "<>x");
	expect(false, "\xc3\xa9<\xc3\xa9", "\xc3\xa9<\xc3\xa9");
	expect(false, "<p title=\"never closed\n <p>seen", "\n\nseen");
}

static void
test_charset_is_found(void **state)
{
	const char *name = NULL;
	size_t len = 0;
	static const char page[] = "<html><meta charset=\"koi8-r\"><p>xxxxxxxxxxxxx";

	(void)state;
	assert_true(
		html_find_charset((const uint8_t *)page, sizeof page - 1, &name, &len));
	assert_int_equal(len, 6);
	assert_memory_equal(name, "koi8-r", 6);
	assert_false(html_find_charset((const uint8_t *)"<p>", 3, &name, &len));
}

static void
test_positions_point_back(void **state)
{
	struct collect c;
	struct html h;

	(void)state;
	collect_begin(&c);
	html_init(&h, &c.prose, false);
	html_put(&h, "<i></i>word", 11, 50, 61);
	html_end(&h);
	collect_end(&c);
	assert_int_equal(c.last_offset, 57);
	assert_int_equal(c.last_span, 4);
	collect_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags_vanish_inside_sentences),
		cmocka_unit_test(test_entities),
		cmocka_unit_test(test_what_is_not_text),
		cmocka_unit_test(test_broken_markup),
		cmocka_unit_test(test_charset_is_found),
		cmocka_unit_test(test_positions_point_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
