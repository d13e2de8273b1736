/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_CONFIRM_RECORD_H
#define LEAK_CONFIRM_RECORD_H
/*
 * confirm_record: the record of one query, made durable before its answer goes out.
 *
 *   size   field            integers big-endian; the file DIR/queries is a row of them
 *      4   length           of what follows
 *      1   version          CONFIRM_RECORD_VERSION
 *      8   time             seconds since 1970
 *    1+n   ally
 *      4   epoch
 *     16   query id
 *      2   grams            of the query
 *      1   answer           enum confirm_kind
 *      1   alarms           CONFIRM_ALARM_*
 *      8   checksum of version to alarms
 *
 * It names no document: who may read the records learns who asked when, not what we have.
 * Budget   counted over the records of one ally and UTC day; CONFIRM_DAY_MAX.
 * Crash    a record cut short at the end of the file is one whose answer never went out; the
 *          reader says how many bytes are whole, and the next writer goes on from there.
 * Station  with a log, the same bytes become a QUERY entry.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/confirm.h"

enum {
	CONFIRM_RECORD_VERSION = 1,
	CONFIRM_DAY_MAX = 200,
	CONFIRM_DAY_S = 86400,
	CONFIRM_RECORD_MAX = 256,
};

enum confirm_alarm {
	CONFIRM_ALARM_CANARY = 1, /* asks about grams that stand for no text */
	CONFIRM_ALARM_BUDGET = 2, /* was refused for its number */
};

struct confirm_record {
	uint64_t time_s;
	char ally[SPARSE_NAME_MAX + 1];
	uint32_t epoch;
	uint8_t id[CONFIRM_ID_LEN];
	uint16_t grams;
	uint8_t answer, alarms;
};

void confirm_record_write(const struct confirm_record *rec, struct buf *out);

/* The next record of a row; FAIL_TRUNCATED at a cut one, and nothing moves. */
MUST int confirm_record_parse(struct rd *in, struct confirm_record *ret_rec);

struct confirm_day {
	size_t asked; /* by the ally on that day */
	size_t whole; /* bytes of whole records at the start of the row */
};

/* Read a row of records: how often did the ally ask on the day of `now_s`? */
MUST int confirm_record_count(
	struct rd row, const char *ally, uint64_t now_s, struct confirm_day *ret_day);

#endif
