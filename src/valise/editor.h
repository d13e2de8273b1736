/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_EDITOR_H
#define VALISE_EDITOR_H
/*
 * editor: one text in the user's editor, in a private directory that is wiped afterwards.
 *
 * The directory is a new one under the runtime directory (memory, emptied at logout); without
 * one under /tmp/valise-UID.  editor_free() overwrites and removes everything in it, the
 * editor's copies too.  Where that is not memory, overwriting is the best that can be done.
 *
 * Which   $VISUAL, else $EDITOR, cut at spaces only: no shell, no quotes; else the first there
 *         is of editor, nano, vi.
 */
#include "base/buf.h"
#include "base/fail.h"

struct editor;

/* FAIL_DENIED, FAIL_SPACE and the like: the directory could not be made. */
MUST int editor_new(struct editor **ret_editor);
void editor_free(struct editor *editor);

/* Replace the text. */
MUST int editor_put(struct editor *editor, const void *ptr, size_t len);

/* FAIL_ABSENT: no such program; FAIL_CLOSED: it ended with a failure (the text is as it was). */
MUST int editor_run(struct editor *editor);

/* Append what the text is now. */
MUST int editor_get(const struct editor *editor, struct buf *ret_text);

/* Where it lies. */
const char *editor_path(const struct editor *editor);

/* The words of the command, for a message. */
const char *editor_command(void);

/* Do not remove anything: the text could not be saved elsewhere. */
void editor_keep(struct editor *editor);

#endif
