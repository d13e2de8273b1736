/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/confusable.h"

#include <stddef.h>

/*
 * Sorted by code point, lower case only (the caller folds case before it asks).  Chosen by
 * hand from the letters whose UTS 39 skeleton is one Latin letter, and from what forgers use:
 * a Cyrillic capital like the one for N looks like H, so its small form is read as h too.
 */

struct pair {
	uint32_t code;
	const char latin[4];
};

static const struct pair pairs[] = {
	{0x00e6, "ae"},
	{0x00f0, "d"},
	{0x00f8, "o"},
	{0x00fe, "th"}, /* ae eth o-slash thorn */
	{0x0111, "d"},
	{0x0127, "h"},
	{0x0131, "i"},
	{0x0138, "k"}, /* dotless i, kra */
	{0x0142, "l"},
	{0x014b, "n"},
	{0x0153, "oe"},
	{0x0167, "t"}, /* l-stroke, eng, oe */
	{0x0180, "b"},
	{0x0199, "k"},
	{0x019a, "l"},
	{0x019e, "n"},
	{0x01b6, "z"},
	{0x01dd, "e"},
	{0x0221, "d"},
	{0x0234, "l"},
	{0x0235, "n"},
	{0x0236, "t"},
	{0x0237, "j"},
	{0x0249, "j"},
	{0x0250, "a"},
	{0x0251, "a"},
	{0x0253, "b"},
	{0x0254, "c"}, /* IPA */
	{0x0256, "d"},
	{0x0257, "d"},
	{0x0258, "e"},
	{0x0259, "e"},
	{0x025b, "e"},
	{0x0260, "g"},
	{0x0261, "g"},
	{0x0262, "g"},
	{0x0266, "h"},
	{0x0268, "i"},
	{0x0269, "i"},
	{0x026a, "i"},
	{0x026b, "l"},
	{0x026f, "w"},
	{0x0271, "m"},
	{0x0272, "n"},
	{0x0273, "n"},
	{0x0274, "n"},
	{0x0275, "o"},
	{0x0280, "r"},
	{0x0282, "s"},
	{0x0288, "t"},
	{0x0289, "u"},
	{0x028b, "v"},
	{0x028f, "y"},
	{0x0290, "z"},
	{0x0299, "b"},
	{0x029c, "h"},
	{0x029f, "l"},
	{0x03b1, "a"},
	{0x03b2, "b"},
	{0x03b3, "y"},
	{0x03b5, "e"}, /* Greek */
	{0x03b6, "z"},
	{0x03b7, "n"},
	{0x03b9, "i"},
	{0x03ba, "k"},
	{0x03bc, "m"},
	{0x03bd, "v"},
	{0x03bf, "o"},
	{0x03c1, "p"},
	{0x03c2, "c"},
	{0x03c3, "o"},
	{0x03c4, "t"},
	{0x03c5, "u"},
	{0x03c7, "x"},
	{0x03c9, "w"},
	{0x03f2, "c"},
	{0x03f3, "j"},
	{0x0430, "a"},
	{0x0432, "b"},
	{0x0433, "r"},
	{0x0435, "e"}, /* Cyrillic */
	{0x0437, "3"},
	{0x043a, "k"},
	{0x043c, "m"},
	{0x043d, "h"},
	{0x043e, "o"},
	{0x043f, "n"},
	{0x0440, "p"},
	{0x0441, "c"},
	{0x0442, "t"},
	{0x0443, "y"},
	{0x0445, "x"},
	{0x044c, "b"},
	{0x0455, "s"},
	{0x0456, "i"},
	{0x0458, "j"},
	{0x045b, "h"},
	{0x0461, "w"},
	{0x0475, "v"},
	{0x0491, "r"},
	{0x04ab, "c"},
	{0x04af, "y"},
	{0x04b1, "y"},
	{0x04bb, "h"},
	{0x04bd, "e"},
	{0x04cf, "l"},
	{0x0501, "d"},
	{0x050d, "g"},
	{0x051b, "q"},
	{0x051d, "w"},
	{0x0561, "w"},
	{0x0563, "q"},
	{0x0566, "q"},
	{0x0570, "h"}, /* Armenian */
	{0x0575, "j"},
	{0x0578, "n"},
	{0x057d, "u"},
	{0x0581, "g"},
	{0x0584, "f"},
	{0x0585, "o"},
	{0x1d00, "a"},
	{0x1d04, "c"},
	{0x1d05, "d"},
	{0x1d07, "e"}, /* small capitals */
	{0x1d0a, "j"},
	{0x1d0b, "k"},
	{0x1d0d, "m"},
	{0x1d0f, "o"},
	{0x1d18, "p"},
	{0x1d1b, "t"},
	{0x1d1c, "u"},
	{0x1d20, "v"},
	{0x1d21, "w"},
	{0x1d22, "z"},
	{0x1d83, "g"},
	{0x2c81, "a"},
	{0x2c85, "r"},
	{0x2c9f, "o"}, /* Coptic */
	{0x2ca3, "p"},
	{0x2ca5, "c"},
	{0x2cad, "x"},
	{0xa731, "s"},
	{0xa793, "c"},
	{0xab75, "i"},
	{0xab83, "w"},
	{0xab93, "z"},
	{0xaba9, "v"}, /* Cherokee */
	{0xabaa, "s"},
};

const char *
confusable_of(uint32_t code)
{
	size_t low = 0, high = sizeof pairs / sizeof pairs[0];

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (pairs[mid].code == code)
			return pairs[mid].latin;
		if (pairs[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
