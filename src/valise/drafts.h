/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_DRAFTS_H
#define VALISE_DRAFTS_H
/*
 * drafts: cables that are being written, by number: DIR/drafts/N.cable.
 *
 * The directory is the user's alone (0700).  A draft goes when its cable has been sent.
 * Attachments count from the directory in which the draft was begun, so their paths are
 * written as absolute ones.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "sys/disk.h"

/* Is this word a number ("3")?  Then where that draft lies; else the word itself is a path. */
MUST int drafts_path(const char *dir, const char *word, char ret_path[DISK_PATH_MAX]);

/* Is this word a number? */
MUST bool drafts_is_number(const char *word);

/* The next number and its path; makes the directory. */
MUST int drafts_new(const char *dir, uint64_t *ret_number, char ret_path[DISK_PATH_MAX]);

#endif
