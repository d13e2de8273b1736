/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SCAN_OUT_H
#define VALISE_SCAN_OUT_H
/*
 * scan_out: what a scan prints (docs/format/scan.md): JSON lines, or words for people.
 *
 *   {"path":..,"doc":..,"matched_words":..,"matched_chars":..,"score":..,"share":..,
 *    "passages":[{"from":..,"to":..,"page":..,"text_from":..,"text_to":..,
 *                 "doc_from":..,"doc_to":..,"words":..,"chars":..,"score":..}]}
 *   {"path":..,"skipped":"encrypted","detail":..}
 *   {"summary":{"files":..,"members":..,"bytes":..,"text_bytes":..,"found":..,"skipped":..}}
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/chain.h"
#include "leak/segment.h"
#include "valise/scan_text.h"

struct scan_style {
	bool is_json;
	bool has_colour;
};

struct scan_counts {
	uint64_t files, members, bytes, text_bytes, found, skipped;
};

struct scan_found {
	const char *path;
	size_t path_len;
	const struct chain_doc *chain;
	const struct segment *segment;
	struct segment_doc doc;
	const struct scan_text
		*text; /* for places, and excerpts of what it still holds */
};

struct scan_skipped {
	const char *path;
	size_t path_len;
	const char *reason;
	const char *detail; /* may be empty */
	size_t detail_len;
};

MUST int scan_out_found(
	const struct scan_style *style, const struct scan_found *found, struct buf *out);
MUST int scan_out_skipped(const struct scan_style *style,
	const struct scan_skipped *skipped, struct buf *out);
MUST int scan_out_summary(const struct scan_style *style,
	const struct scan_counts *counts, struct buf *out);

/* Add to the counts. */
void scan_counts_add(struct scan_counts *to, const struct scan_counts *more);

#endif
