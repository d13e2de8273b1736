/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/scan_join.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "sys/lines.h"

/* Only the summary is parsed; a scan's other lines never begin like it. */

static const char head[] = "{\"summary\":";

static int
add_summary(const char *line, size_t len, struct scan_counts *counts)
{
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	json_int_t files, members, bytes, text_bytes, found, skipped;
	int r = FAIL_FORMAT;

	if (json_unpack(object, "{s:{s:I, s:I, s:I, s:I, s:I, s:I !} !}", "summary",
		    "files", &files, "members", &members, "bytes", &bytes, "text_bytes",
		    &text_bytes, "found", &found, "skipped", &skipped) == 0 &&
		(files | members | bytes | text_bytes | found | skipped) >= 0) {
		struct scan_counts more = {(uint64_t)files, (uint64_t)members,
			(uint64_t)bytes, (uint64_t)text_bytes, (uint64_t)found,
			(uint64_t)skipped};

		scan_counts_add(counts, &more);
		r = 0;
	}
	json_decref(object);
	return r;
}

int
scan_join_file(const char *path, struct scan_counts *counts)
{
	struct lines *lines = NULL;
	const char *line = NULL;
	bool is_ended = false;
	size_t len;
	int r;

	if ((r = lines_new(path, &lines)) != 0)
		return r;
	while ((r = lines_next(lines, &line, &len)) == 0 && line != NULL) {
		r = FAIL_FORMAT;
		if (is_ended)
			break;
		r = 0;
		is_ended = len >= sizeof head - 1 &&
			memcmp(line, head, sizeof head - 1) == 0;
		if (is_ended)
			r = add_summary(line, len, counts);
		else if (fwrite(line, 1, len, stdout) != len || putchar('\n') == EOF)
			r = FAIL_IO;
		if (r != 0)
			break;
	}
	lines_free(lines);
	return r == 0 && !is_ended ? FAIL_TRUNCATED : r;
}
