/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"
#include "member/directory.h"

/*
 * The text of a directory.  What parses writes as the same bytes, and every lookup finds what
 * stands in it; nothing verifies, since no key is at hand.
 */

static void
look_up(const struct directory *d)
{
	const struct directory_custody *custody = NULL;
	size_t at = 0, found;

	for (size_t i = 0; i < d->credential_count; i++) {
		CHECK(directory_find_hash(d, d->credentials[i].hash, &found) == 0);
		CHECK(directory_find_reader(d, d->credentials[i].reader_id, &found) == 0);
	}
	for (size_t i = 0; i < d->desk_count; i++) {
		CHECK(directory_find_desk(d, d->desks[i].name, &found) == 0 &&
			found == i);
		for (at = 0; directory_next_reader(d, d->desks[i].name, &at, &found);)
			CHECK(found < d->credential_count);
	}
	CHECK(directory_custody_at(d, d->custody[0].from_s, &custody) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	struct directory *d = NULL;
	struct buf again;

	if (!is_ready)
		CHECK(crypto_init() == 0);
	is_ready = true;
	if (directory_parse(rd_of(data, size), &d) != 0)
		return 0;
	buf_init(&again, DIRECTORY_TEXT_MAX);
	CHECK(directory_write(d, &again) == 0);
	CHECK(again.len == size && memcmp(again.data, data, size) == 0);
	look_up(d);
	buf_done(&again);
	directory_free(d);
	return 0;
}
