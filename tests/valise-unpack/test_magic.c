/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/magic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *bytes;
	size_t len;
	const char *name;
	enum unpack_kind want;
} cases[] = {
#define CASE(literal, name, kind)                                                        \
	{                                                                                \
		literal, sizeof literal - 1, name, kind                                  \
	}
	CASE("PK\3\4\x14\0", "", UNPACK_KIND_ARCHIVE),
	CASE("PK\5\6", "", UNPACK_KIND_ARCHIVE),
	CASE("7z\xbc\xaf\x27\x1c\0\4", "", UNPACK_KIND_ARCHIVE),
	CASE("Rar!\x1a\x07\0", "", UNPACK_KIND_ARCHIVE),
	CASE("\x1f\x8b\x08\0", "", UNPACK_KIND_ARCHIVE),
	CASE("BZh91AY&SY", "", UNPACK_KIND_ARCHIVE),
	CASE("BZh, he wrote", "", UNPACK_KIND_TEXT),
	CASE("\xfd\x37zXZ\0", "", UNPACK_KIND_ARCHIVE),
	CASE("\x28\xb5\x2f\xfd", "", UNPACK_KIND_ARCHIVE),
	CASE("070701", "", UNPACK_KIND_ARCHIVE),
	CASE("%PDF-1.7\n", "", UNPACK_KIND_PDF),
	CASE("junk before\n%PDF-1.7\n", "", UNPACK_KIND_PDF),
	CASE("\x89PNG\r\n\x1a\n", "", UNPACK_KIND_IMAGE),
	CASE("\xff\xd8\xff\xe0", "", UNPACK_KIND_IMAGE),
	CASE("P5\n10 10\n255\n", "", UNPACK_KIND_IMAGE),
	CASE("P5 is a section of the plan", "", UNPACK_KIND_TEXT),
	CASE("BM is not a bitmap by these two letters", "", UNPACK_KIND_TEXT),
	CASE("{\\rtf1\\ansi", "", UNPACK_KIND_RTF),
	CASE(" \n<!DOCTYPE HTML>", "", UNPACK_KIND_HTML),
	CASE("<html><body>", "", UNPACK_KIND_HTML),
	CASE("<?xml version=\"1.0\"?><x/>", "", UNPACK_KIND_XML),
	CASE("\xff\xfe<\0h\0t\0m\0l\0>\0", "", UNPACK_KIND_HTML),
	CASE("words with <b>tags</b>", "a.htm", UNPACK_KIND_HTML),
	CASE("words with <b>tags</b>", "a.txt", UNPACK_KIND_TEXT),
	CASE("From a@b Mon Jan 1\nFrom: a@b\n", "", UNPACK_KIND_MBOX),
	CASE("From the beginning\nit was text\n", "", UNPACK_KIND_TEXT),
	CASE("From: a@b\nDate: Mon\nSubject: x\n\nbody", "", UNPACK_KIND_MAIL),
	CASE("FROM: Lisbon\nTO: Paris\nSUBJECT: x\n\nbody", "", UNPACK_KIND_TEXT),
	CASE("Subject: x\n\nbody", "x.eml", UNPACK_KIND_MAIL),
	CASE("plain words", "", UNPACK_KIND_TEXT),
	CASE("", "", UNPACK_KIND_TEXT),
	CASE("\1\2\3\4binary\5\6\7", "", UNPACK_KIND_RAW),
	CASE("\0\0\0\0\0\0\0\0\0\0\0\0", "", UNPACK_KIND_RAW),
};

static void
test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct magic m;

		magic_guess((const uint8_t *)cases[i].bytes, cases[i].len, cases[i].name,
			strlen(cases[i].name), &m);
		if (m.kind != cases[i].want)
			fail_msg("%zu: %s, not %s", i, unpack_kind_text(m.kind),
				unpack_kind_text(cases[i].want));
	}
}

static void
test_tar(void **state)
{
	uint8_t block[600] = "notes.txt";
	unsigned sum = 0;
	struct magic m;

	(void)state;
	memcpy(block + 257, "ustar", 5);
	magic_guess(block, sizeof block, "", 0, &m);
	assert_int_equal(m.kind, UNPACK_KIND_ARCHIVE);
	/* old tar: only its checksum tells */
	memset(block + 257, 0, 5);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += block[i];
	(void)snprintf((char *)block + 148, 8, "%06o", sum);
	magic_guess(block, sizeof block, "", 0, &m);
	assert_int_equal(m.kind, UNPACK_KIND_ARCHIVE);
	block[0]++;
	magic_guess(block, sizeof block, "", 0, &m);
	assert_int_equal(m.kind, UNPACK_KIND_RAW);
}

static void
test_office(void **state)
{
	static const uint8_t odf[] = "PK\3\4__________________________"
				     "mimetypeapplication/vnd.oasis.opendocument.text";
	static const uint8_t tail[] = "xxxx[Content_Types].xmlxxxx";

	(void)state;
	assert_true(magic_is_office(odf, sizeof odf, odf, 4));
	assert_true(magic_is_office(odf, 4, tail, sizeof tail));
	assert_false(magic_is_office(odf, 4, odf, 4));
}

static void
test_encrypted_office(void **state)
{
	uint8_t file[2048] = {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1};
	static const char name[] = "EncryptedPackage";
	struct magic m;

	(void)state;
	for (size_t i = 0; i < sizeof name; i++)
		file[1024 + 2 * i] = (uint8_t)name[i];
	magic_guess(file, sizeof file, "", 0, &m);
	assert_true(m.is_encrypted);
	file[1024] = 'X';
	magic_guess(file, sizeof file, "", 0, &m);
	assert_false(m.is_encrypted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_tar),
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_encrypted_office),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
