/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/banner.h"

#include "sys/terminal.h"

/* Columns of a text: code points of valid UTF-8; our markings have no wide or combining ones. */
static size_t
columns(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void
set_colours(FILE *out, uint32_t text, uint32_t ground)
{
	(void)fprintf(out, "\033[1;38;2;%u;%u;%u;48;2;%u;%u;%um", text >> 16 & 0xff,
		text >> 8 & 0xff, text & 0xff, ground >> 16 & 0xff, ground >> 8 & 0xff,
		ground & 0xff);
}

int
banner_print(FILE *out, const struct label *label, enum policy_language language)
{
	const struct policy *policy = policy_find(label->policy);
	const struct policy_class *class;
	char marking[LABEL_TEXT_MAX + 1];
	size_t width, len;
	int r;

	if ((r = label_marking(label, language, marking, sizeof marking)) != 0)
		return r;
	if (!terminal_has_colour(fileno(out))) {
		(void)fprintf(out, "%s\n", marking);
		return 0;
	}
	class = policy_class_find(policy, label->classification);
	width = terminal_width(fileno(out));
	len = columns(marking);
	set_colours(out, class->color_of_text, class->color);
	(void)fprintf(out, "%*s%s%*s\033[0m\n",
		(int)(width > len ? (width - len) / 2 : 0), "", marking,
		(int)(width > len ? (width - len + 1) / 2 : 0), "");
	return 0;
}
