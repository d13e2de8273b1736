/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/moment.h"

#include <string.h>

int
moment_parse(const char *s, size_t len, uint64_t *ret_s)
{
	uint64_t at;

	if (time_parse_dtg(s, len, &at) != 0 && time_parse_rfc3339(s, len, &at) != 0)
		return FAIL_FORMAT;
	if (at == 0)
		return FAIL_FORMAT;
	*ret_s = at;
	return 0;
}

int
moment_write(uint64_t s, char ret_out[TIME_TEXT_MAX])
{
	uint64_t again;

	if (s == 0)
		return FAIL_FORMAT;
	if (time_dtg(s, ret_out) == 0 &&
		time_parse_dtg(ret_out, strlen(ret_out), &again) == 0 && again == s)
		return 0;
	return time_rfc3339(s, ret_out);
}
