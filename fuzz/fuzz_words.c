/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/crypto.h"
#include "note/words.h"

/*
 * Input as typed words: a code that parses writes as words that parse to the same code.  And
 * input as bytes: any 32 bytes come back from their words.
 */

static void
check_code(const uint8_t code[WORDS_CODE_LEN])
{
	uint8_t back[WORDS_CODE_LEN];
	size_t unknown;
	struct buf b;

	buf_init(&b, WORDS_TEXT_MAX);
	words_code_write(code, &b);
	CHECK(buf_error(&b) == 0);
	CHECK(words_code_parse((const char *)b.data, b.len, back, &unknown) == 0);
	CHECK(memcmp(back, code, sizeof back) == 0);
	buf_clear(&b);
	words_fingerprint_write(code, &b);
	CHECK(words_fingerprint_check((const char *)b.data, b.len, code, &unknown) == 0);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t code[WORDS_CODE_LEN] = {0};
	size_t unknown = WORDS_CODE;
	static bool is_ready;
	int r;

	if (!is_ready)
		CHECK(crypto_init() == 0);
	is_ready = true;
	r = words_code_parse((const char *)data, size, code, &unknown);
	CHECK((r == FAIL_ABSENT) == (unknown < WORDS_CODE));
	if (r == 0)
		check_code(code);
	if (size >= WORDS_CODE_LEN)
		check_code(data);
	return 0;
}
