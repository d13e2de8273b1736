/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "label/label.h"
#include "label/policy.h"

/*
 * The first byte chooses the form.  Binary: what parses writes as the bytes that were read.
 * Text: what is understood is valid, and its one text means the same label.
 */

static void
check_binary(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size);
	char text[LABEL_TEXT_MAX + 1];
	struct label *label = NULL;
	struct buf b;

	if (label_parse(&in, &label) != 0)
		return;
	buf_init(&b, LABEL_BYTES_MAX);
	label_write(label, &b);
	CHECK(buf_error(&b) == 0);
	CHECK(b.len == size - in.len && memcmp(b.data, data, b.len) == 0);
	CHECK(label_is_valid(label) == (label_to_text(label, text) == 0));
	CHECK(label_is_valid(label) ==
		(label_marking(label, POLICY_FR, text, sizeof text) == 0));
	buf_done(&b);
	label_free(label);
}

static void
check_text(const uint8_t *data, size_t size)
{
	struct label *label = NULL, *again = NULL;
	char text[LABEL_TEXT_MAX + 1];

	if (label_from_text((const char *)data, size, &label) != 0)
		return;
	CHECK(label_is_valid(label));
	CHECK(label_to_text(label, text) == 0);
	CHECK(label_from_text(text, strlen(text), &again) == 0);
	CHECK(memcmp(label, again, sizeof *label) == 0);
	label_free(label);
	label_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == 'b')
		check_binary(data + 1, size - 1);
	else
		check_text(data + 1, size - 1);
	return 0;
}
