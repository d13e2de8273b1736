/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "unpack_check.h"
#include "valise-unpack/office.h"

/* One XML part of an office document; the same bytes are also tried as a part's name. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpack_check c;
	struct office *o = NULL;
	uint32_t page;

	unpack_check_member(&c);
	if (office_new(&c.prose, &o) == 0 && office_feed(o, data, size) == 0 &&
		office_end(o) != 0)
		CHECK(size > 0 || c.emit.total.text == 0);
	office_free(o);
	unpack_check_end(&c, size);
	(void)office_part((const char *)data, size, &page);
	return 0;
}
