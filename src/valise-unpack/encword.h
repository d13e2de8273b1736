/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_ENCWORD_H
#define VALISE_UNPACK_ENCWORD_H
/*
 * encword: the encoded words of mail headers (RFC 2047), and parameters like them (RFC 2231).
 *
 * "=?iso-8859-1?Q?Andr=E9?=" becomes UTF-8; blanks between two encoded words vanish; folded
 * lines are joined.  What is not in this form stays as it is.  Lenient: a word of any length, an
 * unknown charset is read as UTF-8 with Windows-1252.
 */
#include <stddef.h>

#include "base/buf.h"

/* Append the decoded header to out, at most ENCWORD_MAX bytes of it. */
enum { ENCWORD_MAX = 64 * 1024 };

void encword_put(struct buf *out, const char *ptr, size_t len);

#endif
