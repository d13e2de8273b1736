/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "unpack_check.h"
#include "valise-unpack/charset.h"
#include "valise-unpack/html.h"

/* A page or XML, through the decoder, cut where the second byte says. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack_check c;
	struct charset_decoder d;
	struct html h;
	const struct charset_out out = {html_put, &h};
	const char *name = NULL;
	size_t cut, len = 0;

	if (size < 2)
		return 0;
	cut = data[1] < size - 2 ? data[1] : size - 2;
	unpack_check_member(&c);
	html_init(&h, &c.prose, (data[0] & 1) != 0);
	charset_decoder_init(&d, CHARSET_UTF8, 0);
	charset_feed(&d, data + 2, cut, &out);
	charset_feed(&d, data + 2 + cut, size - 2 - cut, &out);
	charset_end(&d, &out);
	html_end(&h);
	unpack_check_end(&c, size);
	if (html_find_charset(data, size, &name, &len))
		CHECK(len > 0 && (const uint8_t *)name + len <= data + size);
	return 0;
}
