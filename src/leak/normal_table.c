/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include <utf8proc.h>

#include "leak/confusable.h"
#include "leak/normal_impl.h"

/*
 * Rules 3 to 5 of normal.h for one code point.  utf8proc knows Unicode; the table keeps its
 * answers for the basic plane, because asking it for every letter of a Russian or Chinese
 * text would be twenty times slower than all the rest.
 */

enum { DECOMPOSED_MAX = 32 };

static void
append(uint32_t *entry, unsigned *count, uint8_t c)
{
	if (*count < NORMAL_PER_CHAR_MAX)
		*entry |= (uint32_t)c << 8 * (*count)++;
}

static bool
is_letter_or_digit(uint32_t code)
{
	switch (utf8proc_category((utf8proc_int32_t)code)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
		return true;
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_NO:
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
	case UTF8PROC_CATEGORY_SM:
	case UTF8PROC_CATEGORY_SC:
	case UTF8PROC_CATEGORY_SK:
	case UTF8PROC_CATEGORY_SO:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
		return false;
	}
	return false;
}

/* Scripts in which one letter says as much as a Latin syllable or word: from CJK radicals on. */
static bool
is_dense(uint32_t code)
{
	return code >= 0x2e80 && code < 0xfb00;
}

static void
append_code(uint32_t *entry, unsigned *count, uint32_t code)
{
	const char *latin = confusable_of(code);

	if (latin != NULL) {
		for (; *latin != 0; latin++)
			append(entry, count, (uint8_t)*latin);
		return;
	}
	if ((code >= 'a' && code <= 'z') || (code >= '0' && code <= '9')) {
		append(entry, count, (uint8_t)code);
		return;
	}
	if (code < 0x80 || !is_letter_or_digit(code))
		return;
	append(entry, count, (uint8_t)(0x80 | (code & 0x7f)));
	if (is_dense(code) || code >= NORMAL_BMP)
		append(entry, count, (uint8_t)(0x80 | (code >> 7 & 0x7f)));
}

uint32_t
normal_table_of(uint32_t code)
{
	utf8proc_int32_t part[DECOMPOSED_MAX];
	uint32_t entry = 0;
	unsigned count = 0;
	int last_class = 0;
	utf8proc_ssize_t parts;

	parts = utf8proc_decompose_char((utf8proc_int32_t)code, part, DECOMPOSED_MAX,
		UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
			UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
		&last_class);
	if (parts > DECOMPOSED_MAX)
		parts = DECOMPOSED_MAX;
	for (utf8proc_ssize_t i = 0; i < parts; i++)
		append_code(&entry, &count, (uint32_t)part[i]);
	return entry;
}

void
normal_table_fill(uint32_t bmp[NORMAL_BMP])
{
	for (uint32_t code = 0; code < NORMAL_BMP; code++) {
		if (code < 0xd800 || code > 0xdfff)
			bmp[code] = normal_table_of(code);
	}
}
