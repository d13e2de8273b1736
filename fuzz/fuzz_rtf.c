/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "unpack_check.h"
#include "valise-unpack/rtf.h"

/* Rich text, cut where the first byte says. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rtf rtf;
	struct unpack_check c;
	size_t cut;

	if (size < 1)
		return 0;
	cut = data[0] < size - 1 ? data[0] : size - 1;
	unpack_check_member(&c);
	rtf_init(&rtf, &c.prose);
	rtf_feed(&rtf, data + 1, cut, 0);
	rtf_feed(&rtf, data + 1 + cut, size - 1 - cut, cut);
	(void)rtf_end(&rtf);
	unpack_check_end(&c, size);
	return 0;
}
