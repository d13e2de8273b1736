/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PAGER_H
#define VALISE_PAGER_H
/*
 * pager: a classified text on the terminal, its marking above and below it all the time.
 *
 * The text stands on the alternate screen, so that nothing of it is in the scrollback
 * afterwards; no file, no other program and no history sees it.  On the way out (also by
 * SIGINT, SIGTERM, SIGHUP) the screen is wiped before it is left.
 *
 *   space f PgDn   a page on      b PgUp   a page back      j k arrows   a line
 *   g Home         beginning      G End    end              /text n N    search
 *   q              done
 *
 * Text    UTF-8 that show_escaped() has made harmless; other control characters are shown
 *         as '?'.  Long lines are wrapped by columns: each code point is one, wide ones two.
 * Layout  pager_wrap() is pure and is tested alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rd.h"

struct pager {
	const char *marking;	       /* the banner */
	uint32_t color, color_of_text; /* 0xRRGGBB, of the class */
	bool has_color;
	const char *notice; /* unmistakable besides: "EXERCISE STEADFAST", or "" */
	struct rd text;
};

/*
 * Where the screen lines begin: offsets into text, for so many columns.  *ret_lines is to be
 * freed with mem_free().
 */
MUST int pager_wrap(
	struct rd text, size_t columns, size_t **ret_lines, size_t *ret_count);

/*
 * Standard output is a terminal; keys come from standard input, or from /dev/tty when that is
 * none.  FAIL_UNSUPPORTED without a terminal, FAIL_NOMEM.
 */
MUST int pager_run(const struct pager *pager);

#endif
