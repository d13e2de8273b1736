/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_HTML_H
#define VALISE_UNPACK_HTML_H
/*
 * html: the text that a reader of a page sees, out of HTML or any XML, as a stream.
 *
 * Tags inside sentences vanish ("con<b>fid</b>ential" is one word); tags that end a block
 * become a line break.  Script and style are dropped, comments come as hidden text.  Entities
 * are decoded: numbers, the named ones of HTML 4 and the five of XML; an unknown one stays as
 * it stands.  This is no HTML5 tree builder and needs none: text in any order of nesting
 * comes out, however broken the markup is.
 *
 * State    plain memory, nothing to free; nothing grows: a tag or entity that does not end is
 *          text again after HTML_NAME_MAX (names) and does not end before the next '<' or '>'.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valise-unpack/prose.h"

enum { HTML_NAME_MAX = 32 };

struct html {
	struct prose *out;
	bool is_xml; /* script and style are ordinary elements */
	int state;
	char name[HTML_NAME_MAX]; /* of the tag or entity at hand */
	size_t name_len;
	bool is_end_tag;
	char quote;	   /* inside an attribute's value */
	char raw[8];	   /* inside <script> or <style>: its name */
	unsigned dashes;   /* at the end of a comment */
	unsigned brackets; /* at the end of CDATA */
	uint64_t at;	   /* where the tag or entity began */
	uint64_t from, to; /* of the piece at hand, for positions within it */
	size_t piece_len;
};

void html_init(struct html *h, struct prose *out, bool is_xml);

/* UTF-8 without NUL from bytes [from, to): the `put` of struct charset_out. */
void html_put(void *html, const char *ptr, size_t len, uint64_t from, uint64_t to);
void html_end(struct html *h);

/* The charset that a page's first bytes name (<meta charset>, <?xml encoding>), if any. */
bool html_find_charset(
	const uint8_t *head, size_t len, const char **ret_name, size_t *ret_len);

/* The character of a named entity (without & and ;); 0 when there is none. */
uint32_t html_entity(const char *name, size_t len);

#endif
