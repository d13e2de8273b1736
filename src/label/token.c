/* SPDX-License-Identifier: Apache-2.0 */
#include "label/token.h"

#include <string.h>

#include "base/text.h"

/* No name holds a NUL (text_is_line), so names compare as C strings in the order of bytes. */

bool
token_is_good(const void *ptr, size_t len)
{
	const char *s = ptr;

	if (len == 0 || len > LABEL_NAME_MAX || !text_is_line(ptr, len))
		return false;
	if (s[0] == ' ' || s[len - 1] == ' ')
		return false;
	return memmem(s, len, "  ", 2) == NULL;
}

int
token_parse(struct rd *in, char ret_name[LABEL_NAME_MAX + 1])
{
	struct rd name;
	int r;

	if ((r = rd_vec8(in, 1, LABEL_NAME_MAX, &name)) != 0)
		return r;
	if (!token_is_good(name.ptr, name.len))
		return FAIL_FORMAT;
	memcpy(ret_name, name.ptr, name.len);
	ret_name[name.len] = '\0';
	return 0;
}
