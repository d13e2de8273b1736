/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collect.h"

static int
read_part(struct collect *c, const char *xml, size_t len)
{
	struct office *o = NULL;
	int r;

	if ((r = office_new(&c->prose, &o)) != 0)
		return r;
	if ((r = office_feed(o, (const uint8_t *)xml, len)) == 0)
		r = office_end(o);
	office_free(o);
	prose_aside_flush(&c->prose, UNPACK_TEXT_HIDDEN);
	return r;
}

static void
expect(const char *xml, int want_r, const char *want)
{
	struct collect c;

	collect_begin(&c);
	assert_int_equal(read_part(&c, xml, strlen(xml)), want_r);
	collect_end(&c);
	assert_string_equal((const char *)c.text.data, want);
	collect_done(&c);
}

static void
test_runs_are_joined(void **state)
{
	(void)state;
	expect("<w:p><w:r><w:t>con</w:t></w:r><w:r><w:t>fidential</w:t></w:r></w:p>"
	       "<w:p><w:t>next</w:t><w:tab/><w:t>x</w:t><w:br/></w:p>",
		FAIL_FORMAT, "confidential\n");
	expect("<d><w:p><w:r><w:t>con</w:t></w:r><w:r><w:t>fidential</w:t></w:r></w:p>"
	       "<w:p><w:t>next</w:t><w:tab/><w:t>x</w:t></w:p></d>",
		0, "confidential\nnext\tx\n");
	expect("<d><text:p>one<text:s/>two<text:line-break/></text:p></d>", 0,
		"one\ttwo\n\n");
}

static void
test_tracked_changes_are_set_aside(void **state)
{
	(void)state;
	expect("<d><w:p><w:t>se</w:t><w:del><w:delText>gone</w:delText></w:del>"
	       "<w:ins><w:t>en</w:t></w:ins></w:p></d>",
		0, "seen\n | <\ngone>");
	expect("<d><w:instrText>HYPERLINK</w:instrText><w:t>link</w:t></d>", 0,
		"link | <\nHYPERLINK>");
}

static void
test_cells(void **state)
{
	(void)state;
	expect("<d><row><c t=\"s\"><v>17</v></c><c><v>42</v></c></row></d>", 0,
		"\t\t42\n");
	expect("<sst><si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r></si></sst>", 0,
		"a\nbc\n");
}

static void
test_bombs(void **state)
{
	char deep[4000];

	(void)state;
	expect("<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\">]><x>&a;</x>", FAIL_FORMAT, "");
	expect("<x>seen &undefined;</x>", FAIL_FORMAT, "seen ");
	for (size_t i = 0; i < 1000; i++)
		memcpy(deep + 3 * i, "<a>", 3);
	deep[3000] = '\0';
	expect(deep, FAIL_LIMIT, "");
}

static void
test_parts(void **state)
{
	static const struct {
		const char *name;
		enum office_use want;
		uint32_t page;
	} cases[] = {{"word/document.xml", OFFICE_TEXT, 0},
		{"word/header1.xml", OFFICE_TEXT, 0},
		{"word/comments.xml", OFFICE_TEXT, 0},
		{"word/styles.xml", OFFICE_IGNORE, 0}, {"styles.xml", OFFICE_TEXT, 0},
		{"content.xml", OFFICE_TEXT, 0}, {"meta.xml", OFFICE_META, 0},
		{"docProps/core.xml", OFFICE_META, 0},
		{"customXml/item1.xml", OFFICE_META, 0},
		{"xl/worksheets/sheet12.xml", OFFICE_TEXT, 12},
		{"ppt/slides/slide3.xml", OFFICE_TEXT, 3},
		{"word/media/image1.png", OFFICE_CHILD, 0},
		{"word/embeddings/x.bin", OFFICE_CHILD, 0},
		{"word/_rels/document.xml.rels", OFFICE_IGNORE, 0},
		{"META-INF/manifest.xml", OFFICE_MANIFEST, 0},
		{"mimetype", OFFICE_IGNORE, 0},
		{"word/theme/theme1.xml", OFFICE_IGNORE, 0},
		{"Pictures/", OFFICE_IGNORE, 0}, {"", OFFICE_IGNORE, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint32_t page = 99;

		assert_int_equal(office_part(cases[i].name, strlen(cases[i].name), &page),
			cases[i].want);
		assert_int_equal(page, cases[i].page);
	}
}

static void
test_out_of_memory(void **state)
{
	static const char xml[] = "<d><w:p><w:t>text</w:t></w:p></d>";

	(void)state;
	for (long n = 0;; n++) {
		struct collect c;
		int r;

		collect_begin(&c);
		mem_fail_after(n, false);
		r = read_part(&c, xml, sizeof xml - 1);
		mem_fail_never();
		collect_end(&c);
		collect_done(&c);
		if (r == 0) {
			assert_true(n > 3);
			return;
		}
		assert_int_equal(r, FAIL_NOMEM);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_are_joined),
		cmocka_unit_test(test_tracked_changes_are_set_aside),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
