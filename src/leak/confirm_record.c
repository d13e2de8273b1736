/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/confirm_record.h"

#include <string.h>

#include "base/rd.h"
#include "base/text.h"
#include "leak/sum.h"

/* A record is its own frame, so that a row can be read to the last whole one. */

void
confirm_record_write(const struct confirm_record *rec, struct buf *out)
{
	size_t mark = buf_vec_begin(out, 4), start = out->len;

	buf_u8(out, CONFIRM_RECORD_VERSION);
	buf_u64(out, rec->time_s);
	buf_vec(out, 1, rec->ally, strlen(rec->ally));
	buf_u32(out, rec->epoch);
	buf_bytes(out, rec->id, sizeof rec->id);
	buf_u16(out, rec->grams);
	buf_u8(out, rec->answer);
	buf_u8(out, rec->alarms);
	if (buf_error(out) == 0)
		buf_u64(out, sum_of(out->data + start, out->len - start));
	buf_vec_end(out, mark, 4);
}

static int
fields_parse(struct rd *in, struct confirm_record *rec)
{
	struct rd ally;
	int r;

	if ((r = rd_u64(in, &rec->time_s)) != 0 ||
		(r = rd_vec8(in, 1, SPARSE_NAME_MAX, &ally)) != 0 ||
		(r = rd_u32(in, &rec->epoch)) != 0 ||
		(r = rd_copy(in, sizeof rec->id, rec->id)) != 0 ||
		(r = rd_u16(in, &rec->grams)) != 0 ||
		(r = rd_u8(in, &rec->answer)) != 0 || (r = rd_u8(in, &rec->alarms)) != 0)
		return r;
	if (!text_is_line(ally.ptr, ally.len) || rec->answer > CONFIRM_LATER ||
		rec->alarms > (CONFIRM_ALARM_CANARY | CONFIRM_ALARM_BUDGET))
		return FAIL_FORMAT;
	memcpy(rec->ally, ally.ptr, ally.len);
	return 0;
}

int
confirm_record_parse(struct rd *in, struct confirm_record *ret_rec)
{
	struct confirm_record rec = {0};
	struct rd rest = *in, body, fields;
	uint8_t version;
	uint64_t sum;
	int r;

	if ((r = rd_vec32(&rest, 9, CONFIRM_RECORD_MAX, &body)) != 0)
		return r;
	fields = rd_of(body.ptr, body.len - 8);
	if ((r = rd_u8(&fields, &version)) != 0)
		return r;
	if (version != CONFIRM_RECORD_VERSION)
		return FAIL_VERSION;
	if ((r = fields_parse(&fields, &rec)) != 0)
		return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
	if ((r = rd_end(&fields)) != 0)
		return r;
	fields = rd_of(body.ptr + body.len - 8, 8);
	if ((r = rd_u64(&fields, &sum)) != 0)
		return r;
	if (sum != sum_of(body.ptr, body.len - 8))
		return FAIL_ALTERED;
	*in = rest;
	*ret_rec = rec;
	return 0;
}

int
confirm_record_count(
	struct rd row, const char *ally, uint64_t now_s, struct confirm_day *ret_day)
{
	struct confirm_day day = {0};
	struct confirm_record rec;
	size_t len = row.len;
	int r = 0;

	while (row.len > 0 && (r = confirm_record_parse(&row, &rec)) == 0)
		day.asked += rec.time_s / CONFIRM_DAY_S == now_s / CONFIRM_DAY_S &&
			strcmp(rec.ally, ally) == 0;
	if (r != 0 && r != FAIL_TRUNCATED)
		return r;
	day.whole = len - row.len;
	*ret_day = day;
	return 0;
}
