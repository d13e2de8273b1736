/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_keyfile: any bytes as a key file, and as the body of one that has been opened.
 *
 * Opening itself is left out: every input would cost an Argon2id and end at the tag.
 */
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "member/keyfile.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *ptr, size_t len)
{
	struct solo *solo = NULL;
	struct keyfile file;

	CHECK(crypto_init() == 0);
	if (keyfile_parse(ptr, len, &file) == 0)
		CHECK(file.head.len + file.sealed.len == len);
	if (keyfile_parse_body(rd_of(ptr, len), &solo) == 0)
		CHECK(kem_public_len(solo->public.suite) == solo->public.reader.len);
	solo_free(solo);
	return 0;
}
