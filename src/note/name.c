/* SPDX-License-Identifier: Apache-2.0 */
#include "note/name.h"

#include <string.h>

#include "base/text.h"
#include "note/note.h"

/*
 * UTF-8 never finds one character inside another, so a search for the bytes of each kind of
 * space is a search for the character.
 */

bool
name_is_good(const void *ptr, size_t len)
{
	/* White space of Unicode beyond the control characters, as UTF-8; U+2000 to U+200A and
	 * U+2028, U+2029, U+202F share their first two bytes. */
	static const char *const spaces[] = {" ", "\xc2\xa0", "\xe1\x9a\x80",
		"\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
		"\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
		"\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xaf",
		"\xe2\x81\x9f", "\xe3\x80\x80", "+"};

	if (len == 0 || len > NOTE_NAME_MAX || !text_is_line(ptr, len))
		return false;
	for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
		if (memmem(ptr, len, spaces[i], strlen(spaces[i])) != NULL)
			return false;
	return true;
}
