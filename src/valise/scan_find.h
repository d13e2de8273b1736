/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SCAN_FIND_H
#define VALISE_SCAN_FIND_H
/*
 * scan_find: one input after another through the unpacker and the match, into lines of output.
 *
 * A struct scan_find belongs to one thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/index.h"
#include "leak/normal.h"
#include "valise/scan_out.h"
#include "valise/walk.h"

struct scan_config {
	const struct index *index;
	const struct normal *normal;
	struct scan_style style;
	unsigned alert; /* characters of full weight */
	bool is_scouting;
	bool is_ocr;
};

struct scan_find;

MUST int scan_find_new(const struct scan_config *config, struct scan_find **ret_find);
void scan_find_free(struct scan_find *f);

/*
 * Examine one file ("-": standard input): lines are appended to out, counts added.  What
 * cannot be read becomes a line; only what ends the scan is a failure.
 */
MUST int scan_find_run(struct scan_find *f, const struct walk_file *file, struct buf *out,
	struct scan_counts *counts);

#endif
