/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SIGHTING_H
#define LEAK_SIGHTING_H
/*
 * sighting: our text found elsewhere, kept: which document, where, when, on what evidence.
 *
 * One line of JSON each, keys in alphabetical order, no spaces (docs/format/sightings.md):
 *
 *   {"doc":..,"evidence":"<sha-256>","id":"<32 hex>","note":..,"path":..,"score":n,
 *    "source":..,"time":"2026-11-23T02:00:00Z","words":n}
 *
 * Id     the first half of the SHA-256 of the line without it: a line that was changed by
 *        accident is FAIL_ALTERED, and the same sighting from two lists is one.
 * Lists  are sets.  Merging sorts by time, then id, and keeps one of each: any order of any
 *        lists gives the same bytes.
 * Limits SIGHTING_LINE_MAX bytes a line, SIGHTING_FIELD_MAX a field, SIGHTINGS_MAX lines.
 * Errors FAIL_FORMAT, FAIL_ALTERED, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/time.h"
#include "crypto/hash.h"

enum {
	SIGHTING_FIELD_MAX = 4096,
	SIGHTING_LINE_MAX = 6 * 5 * SIGHTING_FIELD_MAX, /* JSON may spell a byte in six */
	SIGHTING_ID_LEN = 16,
	SIGHTINGS_MAX = 1000000,
};

/* Strings are the caller's, or those of the list that was parsed. */
struct sighting {
	const char *doc, *path, *source, *note;
	char evidence[2 * HASH_LEN + 1]; /* empty: none was kept */
	uint64_t time_s, words, score;
	char id[2 * SIGHTING_ID_LEN + 1];
};

struct sightings {
	struct sighting *item;
	void **owner; /* the parsed lines */
	size_t count, cap;
};

/* Work out the id.  FAIL_LIMIT, FAIL_FORMAT when a field is not fit for one line. */
MUST int sighting_set_id(struct sighting *s);

/* Append the line and its newline. */
MUST int sighting_write(const struct sighting *s, struct buf *out);

/*
 * Append the sightings of a list.  `line` is the line at fault on failure.  A last line
 * without its newline was cut by a crash and is passed over; `whole` is how many bytes are
 * good.
 */
struct sightings_text {
	const char *ptr;
	size_t len, line, whole;
};

MUST int sightings_parse(struct sightings *list, struct sightings_text *text);

/* Sort by time and id; one of each. */
MUST int sightings_sort(struct sightings *list);
void sightings_done(struct sightings *list);

/*
 * A line of `valise scan --json`: *ret_is_one is false when it reports no document.  Fills doc,
 * path, words and score, which last until sightings_done(list).
 */
MUST int sighting_take_scan(struct sightings *list, const char *line, size_t len,
	struct sighting *ret_sighting, bool *ret_is_one);

#endif
