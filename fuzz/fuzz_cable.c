/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "cable/cable.h"

/*
 * What parses writes, and what is written parses and writes as the same bytes; its addressing
 * is one that an envelope takes.  What does not parse is described in one line.
 */

static void
check_fault(const struct cable_fault *fault)
{
	char text[CABLE_FAULT_TEXT_MAX];

	cable_fault_text(fault, text);
	CHECK(strlen(text) > 10 && strchr(text, '\n') == NULL);
	CHECK(strlen(fault->what) > 0 && strlen(fault->remedy) > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cable *c = NULL, *again = NULL;
	struct cable_fault fault;
	struct buf b, b2, addressing;

	if (cable_parse(data, size, &c, &fault) != 0) {
		check_fault(&fault);
		return 0;
	}
	buf_init(&b, 2 * CABLE_LEN_MAX);
	buf_init(&b2, 2 * CABLE_LEN_MAX);
	buf_init(&addressing, ADDRESSING_LEN_MAX);
	CHECK(cable_write(c, &b) == 0);
	CHECK(cable_parse(b.data, b.len, &again, &fault) == 0);
	CHECK(cable_write(again, &b2) == 0);
	CHECK(b.len == b2.len && memcmp(b.data, b2.data, b.len) == 0);
	CHECK(addressing_write(&c->addressing, &addressing) == 0);
	CHECK(c->text.len == 0 || c->text.ptr[c->text.len - 1] == '\n');
	buf_done(&b);
	buf_done(&b2);
	buf_done(&addressing);
	cable_free(c);
	cable_free(again);
	return 0;
}
