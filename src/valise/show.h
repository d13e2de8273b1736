/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SHOW_H
#define VALISE_SHOW_H
/*
 * show: an opened cable as people read it.
 *
 *   EXERCISE STEADFAST                     what is not an ordinary message says so first
 *   PT/2026/0001   221030Z NOV 26   PRIORITY
 *   From     PT/ana.silva
 *   To       CY/defence-policy
 *   ...
 *
 *   the text
 *
 * Everything in it comes from whoever sealed it: control characters, line separators and
 * bidirectional overrides are shown as what they are ("\x1b", "\u202e") and never reach the
 * terminal; what is no UTF-8 likewise.
 */
#include "valise/reading.h"

/* Head and text, lines ending with LF. */
MUST int show_cable(const struct reading *reading, struct buf *out);

/* "EXERCISE STEADFAST", empty for an ordinary message. */
void show_type(const struct addressing *addressing, struct buf *out);

/* Append text so that nothing in it drives a terminal; LF and tab stay. */
void show_escaped(const void *ptr, size_t len, struct buf *out);

#endif
