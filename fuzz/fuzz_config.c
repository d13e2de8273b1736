/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "member/config.h"

/* Configuration: what was understood writes as text that is understood the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config;
	struct config_error error;
	struct buf once, twice;

	if (config_parse(rd_of(data, size), &config, &error) != 0) {
		/* A refusal has a reason. */
		CHECK(error.text[0] != '\0');
		return 0;
	}
	buf_init(&once, 2 * CONFIG_MAX);
	buf_init(&twice, 2 * CONFIG_MAX);
	config_write(&config, &once);
	CHECK(buf_error(&once) == 0);
	CHECK(config_parse(rd_of(once.data, once.len), &config, &error) == 0);
	config_write(&config, &twice);
	CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
	buf_done(&once);
	buf_done(&twice);
	return 0;
}
