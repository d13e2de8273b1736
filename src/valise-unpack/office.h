/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_OFFICE_H
#define VALISE_UNPACK_OFFICE_H
/*
 * office: the text in the XML parts of docx, xlsx, pptx (ECMA-376) and odt, ods, odp (ODF 1.3).
 *
 * office_part()  says from a part's name what to do with it.
 * struct office  reads one XML part as a stream: all character data, in the order of the file;
 *                paragraphs, rows and cells end lines; runs of one sentence are joined however
 *                many elements cut them.  Deleted text (tracked changes), field codes and
 *                formulas are set aside and come as hidden text after the part.
 * Cells          of a sheet that point into the shared strings show numbers, which are dropped:
 *                the shared strings are a part of their own, and read.
 * Refused        a document type declaration: no office writes one, and it is the door to every
 *                entity bomb.  FAIL_FORMAT, and what came before it counts.
 * Errors         FAIL_FORMAT (not well-formed), FAIL_NOMEM, FAIL_LIMIT (OFFICE_DEPTH elements,
 *                OFFICE_NAME_MAX).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "valise-unpack/prose.h"

enum { OFFICE_DEPTH = 512 };

enum office_use {
	OFFICE_IGNORE, /* formatting, relations: no text */
	OFFICE_TEXT,
	OFFICE_META,	 /* properties, custom XML */
	OFFICE_CHILD,	 /* a picture, an embedded file: unpack it by itself */
	OFFICE_MANIFEST, /* says whether the others are encrypted */
};

/* ret_page: the number in slide3.xml, sheet2.xml; else 0. */
enum office_use office_part(const char *name, size_t len, uint32_t *ret_page);

struct office;

MUST int office_new(struct prose *out, struct office **ret_office);
void office_free(struct office *o);
MUST int office_feed(struct office *o, const uint8_t *ptr, size_t len);

/* The last bytes were fed. */
MUST int office_end(struct office *o);

#endif
