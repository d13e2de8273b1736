/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/rtf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collect.h"

static uint64_t pictures;

static void
expect(const char *file, const char *want, bool is_closed)
{
	struct rtf *p = NULL;

	assert_int_equal(mem_new(&p, sizeof *p), 0);
	for (size_t cut = 0; cut <= strlen(file); cut++) {
		struct collect c;

		collect_begin(&c);
		rtf_init(p, &c.prose);
		rtf_feed(p, (const uint8_t *)file, cut, 0);
		rtf_feed(p, (const uint8_t *)file + cut, strlen(file) - cut, cut);
		assert_int_equal(rtf_end(p), is_closed);
		collect_end(&c);
		assert_string_equal((const char *)c.text.data, want);
		pictures = p->pictures;
		collect_done(&c);
	}
	mem_free(p);
}

static void
test_text(void **state)
{
	(void)state;
	expect("{\\rtf1\\ansi Hello {\\b bold}\\par Next\\tab x\\'e9\\{\\}\\\\}",
		"Hello bold\nNext\tx\xc3\xa9{}\\", true);
	expect("{\\rtf1 con{\\b f}{\\i id}ential\r\n talks}", "confidential talks", true);
	expect("{\\rtf1\\ansicpg1251 \\'cf\\'f0}", "\xd0\x9f\xd1\x80", true);
	expect("{\\rtf1 a\\emdash b\\rquote s\\~c\\_d}",
		"a\xe2\x80\x94"
		"b\xe2\x80\x99s\xc2\xa0"
		"c\xe2\x80\x91"
		"d",
		true);
}

static void
test_unicode(void **state)
{
	(void)state;
	/* the fallback is dropped: by default one character, \uc0 none, \uc2 two */
	expect("{\\rtf1 \\u233?x}", "\xc3\xa9x", true);
	expect("{\\rtf1\\uc0 \\u233 x}", "\xc3\xa9x", true);
	expect("{\\rtf1\\uc2 \\u233\\'65\\'65x}", "\xc3\xa9x", true);
	expect("{\\rtf1 \\u-10179?\\u-8704?}", "\xf0\x9f\x98\x80", true);
	expect("{\\rtf1 \\u-99999999?x}", " x", true);
}

static void
test_what_is_no_text(void **state)
{
	(void)state;
	expect("{\\rtf1{\\fonttbl{\\f0 Times;}}{\\colortbl;\\red0;}{\\*\\generator X;}a}",
		"a", true);
	expect("{\\rtf1{\\*\\unknown dropped}a{\\unknownword kept}}", "akept", true);
	expect("{\\rtf1 a{\\pict\\pngblip 89504e47}b}", "ab", true);
	assert_int_equal(pictures, 1);
	expect("{\\rtf1 a{\\pict\\bin5 }}}}}}b}", "ab", true);
	expect("{\\rtf1{\\info{\\title Plan}}a}", "a | <\nPlan>", true);
	expect("{\\rtf1 se{\\deleted gone}en {\\v hid}}", "seen  | <gonehid>", true);
}

static char seen[64];

static void
on_picture(void *arg, int byte, uint64_t offset)
{
	size_t n = strlen(seen);

	(void)arg;
	(void)offset;
	seen[n] = byte == RTF_PICTURE_BEGIN ? '<'
		: byte == RTF_PICTURE_END   ? '>'
					    : (char)byte;
}

static void
test_pictures_are_handed_on(void **state)
{
	static const char file[] = "{\\rtf1 a{\\pict{\\*\\blipuid 41}\\pngblip 4\n142 "
				   "43}b{\\pict\\bin2 }X}{\\pict 58";
	struct rtf *p = NULL;
	struct collect c;

	(void)state;
	assert_int_equal(mem_new(&p, sizeof *p), 0);
	collect_begin(&c);
	rtf_init(p, &c.prose);
	p->picture = on_picture;
	memset(seen, 0, sizeof seen);
	rtf_feed(p, (const uint8_t *)file, sizeof file - 1, 0);
	assert_false(rtf_end(p));
	collect_end(&c);
	assert_string_equal((const char *)c.text.data, "ab");
	assert_string_equal(seen, "<ABC><}X><X>");
	collect_done(&c);
	mem_free(p);
}

static void
test_broken(void **state)
{
	(void)state;
	expect("{\\rtf1 cut", "cut", false);
	expect("{\\rtf1 a\\'zzb}", "azb", true);
	expect("{\\rtf1 a}}}}b", "ab", true);
	expect("{\\rtf1 a\\", "a", false);
	expect("{\\rtf1 \\abcdefghijklmnopqrstuvwxyzabcdefghijklmnop b}", "ghijklmnop b",
		true);
}

static void
test_depth_is_bounded(void **state)
{
	struct rtf *p = NULL;
	struct collect c;

	(void)state;
	assert_int_equal(mem_new(&p, sizeof *p), 0);
	collect_begin(&c);
	rtf_init(p, &c.prose);
	for (int i = 0; i < 100000; i++)
		rtf_feed(p, (const uint8_t *)"{", 1, 0);
	rtf_feed(p, (const uint8_t *)"deep", 4, 0);
	for (int i = 0; i < 100000; i++)
		rtf_feed(p, (const uint8_t *)"}", 1, 0);
	assert_true(rtf_end(p));
	collect_end(&c);
	assert_string_equal((const char *)c.text.data, "deep");
	collect_done(&c);
	mem_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_unicode),
		cmocka_unit_test(test_what_is_no_text),
		cmocka_unit_test(test_pictures_are_handed_on),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
