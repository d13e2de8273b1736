/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/log.h"
#include "valised/store_cables_impl.h"

/*
 * The queue to members.  One call at a time to each, so that an urgent row waits for one call
 * and no more: an envelope goes ahead of its body, and a long body chunk by chunk, each of
 * which is a call of its own.
 *
 *   200                 done; an envelope only when all of its chunks are there
 *   4xx, but 401        refused for good (401 is a clock that will be put right)
 *   5xx                 this row later, others go on
 *   nobody answers      this member later: 1 s, doubled each time, with jitter
 */
enum { PAUSE_MS = 1000, BUSY_PAUSE_MS = 200, DOUBLINGS_MAX = 20 };

struct calling {
	char member[ADDRESS_MEMBER_MAX + 1];
	bool is_chunk;
	struct outgoing_found row;
};

static int
line_of(struct store *s, struct rd member, struct cables_line **ret_line)
{
	struct cables *c = NULL;
	struct cables_line *line;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		return r;
	for (size_t i = 0; i < c->line_count; i++)
		if (cables_same(address_of(c->lines[i].member), member)) {
			*ret_line = &c->lines[i];
			return 0;
		}
	if (c->line_count == ROSTER_MEMBERS_MAX || member.len > ADDRESS_MEMBER_MAX)
		return FAIL_LIMIT;
	line = &c->lines[c->line_count++];
	memcpy(line->member, member.ptr, member.len);
	*ret_line = line;
	return 0;
}

/* 1 s doubled `times` times, not over the longest; up to a quarter less, by chance. */
static uint64_t
backoff_ms(struct store *s, uint64_t times)
{
	const uint64_t max_ms = store_plan_of(s)->try_again_s_max * 1000;
	uint64_t ms = UINT64_C(1000) << (times < DOUBLINGS_MAX ? times : DOUBLINGS_MAX);
	uint16_t chance = 0;

	if (ms > max_ms)
		ms = max_ms > PAUSE_MS ? max_ms : PAUSE_MS;
	if (rng_fill(store_rng(s), &chance, sizeof chance) != 0)
		chance = 0;
	return ms - ms / 4 * chance / UINT16_MAX;
}

/* A member that has no time for us, and goes on calling, is not tried with each of its calls. */
int
store_cables_heard(struct store *s, struct rd member, uint64_t now_ms)
{
	struct cables_line *line = NULL;
	int r;

	if ((r = line_of(s, member, &line)) != 0)
		return r;
	if (line->failures > 0) {
		line->failures = 0;
		line->next_ms = 0;
	}
	if (!line->has_put_off || now_ms < line->heard_ms + CABLES_HEARD_MS)
		return 0;
	line->has_put_off = false;
	line->heard_ms = now_ms;
	line->is_quiet = false;
	return outgoing_heard(store_db(s), member, now_ms / 1000);
}

/* This row later. */
static int
put_off(struct store *s, struct cables_line *line, const struct outgoing_found *row,
	uint64_t now_ms)
{
	line->has_put_off = true;
	return outgoing_later(
		store_db(s), row->id, (now_ms + backoff_ms(s, row->tries)) / 1000);
}

/* Something new waits.  FLASH is tried at once, however often nobody answered. */
static int
wake(struct store *s, struct rd member, uint8_t urgency)
{
	struct cables_line *line = NULL;
	int r;

	if ((r = line_of(s, member, &line)) != 0)
		return r;
	line->is_quiet = false;
	if (urgency >= PRECEDENCE_FLASH)
		line->next_ms = 0;
	return 0;
}

int
store_outgoing_put(
	struct store *s, const struct store_outgoing *outgoing, uint64_t now_ms)
{
	const struct store_rows_place place = {
		cables_column_outgoing, outgoing->document_id};
	struct outgoing_row row = {.member = outgoing->member,
		.path = rd_of(outgoing->path, strlen(outgoing->path)),
		.urgency = outgoing->urgency,
		.document_id = outgoing->document_id,
		.next_try_s = now_ms / 1000};
	struct buf sealed;
	int r;

	buf_init(&sealed, POST_BODY_MAX + STORE_ROWS_OVERHEAD);
	if (outgoing->bytes.len > 0 &&
		(r = store_rows_seal(s, &place, outgoing->bytes, &sealed)) != 0)
		goto out;
	row.bytes = rd_of(sealed.data, sealed.len);
	if ((r = wake(s, outgoing->member, outgoing->urgency)) == 0)
		r = outgoing_put(store_db(s), &row);
out:
	buf_done(&sealed);
	return r;
}

/* What came back. */

/* Its addressees there will never have it. */
static int
refused_by(struct store *s, const struct calling *call, uint64_t now_ms)
{
	struct store_addressees all = {0};
	int r;

	if (!call->row.has_document || strcmp(call->row.path, "announce") != 0)
		return 0;
	r = store_addressees_load(s, call->row.document_id, &all);
	for (size_t i = 0; r == 0 && i < all.count; i++)
		if (cables_same(all.items[i].member, address_of(call->member)) &&
			delivery_may(all.items[i].state, DELIVERY_REFUSED))
			r = store_addressee_move(s, call->row.document_id,
				all.items[i].address, DELIVERY_REFUSED, now_ms);
	store_addressees_done(&all);
	return r;
}

/* Receipts that came with the answer; a false one is theirs to explain, not ours to repeat. */
static int
take_receipts(
	struct store *s, const struct calling *call, struct rd list, uint64_t now_ms)
{
	struct post_object object;
	int r;

	while (list.len > 0) {
		if ((r = codec_parse(&post_object_codec, &list, &object)) != 0)
			return r;
		r = store_cables_receipt(s, object.object, now_ms);
		if (r == FAIL_NOMEM || r == FAIL_SPACE || r == FAIL_IO)
			return r;
		if (r != 0)
			log_line(LOG_LEVEL_WARNING, "bad-receipt", "member=%s fail=%d",
				call->member, -r);
	}
	return 0;
}

static int
take_arrival(struct store *s, struct cables_line *line, const struct calling *call,
	const struct store_answer *answer)
{
	struct post_arrival arrival;
	struct rd missing;
	int r;

	if ((r = codec_parse_whole(&post_arrival_codec, answer->body, &arrival)) != 0)
		return put_off(s, line, &call->row, answer->now_ms + PAUSE_MS);
	line->row = 0;
	if (arrival.state == 1) {
		r = take_receipts(s, call, arrival.receipts, answer->now_ms);
		return r != 0 ? r : outgoing_done(store_db(s), call->row.id);
	}
	missing = arrival.missing;
	line->missing_count = 0;
	while (line->missing_count < CABLES_MISSING_MAX &&
		rd_u32(&missing, &line->missing[line->missing_count]) == 0)
		line->missing_count++;
	if (line->missing_count == 0)
		return put_off(s, line, &call->row, answer->now_ms + PAUSE_MS);
	line->row = call->row.id;
	return 0;
}

static int
take_answered(struct store *s, struct cables_line *line, const struct calling *call,
	const struct store_answer *answer)
{
	const struct rd path = address_of(call->row.path);
	int r;

	line->failures = 0;
	if (strcmp(call->row.path, "announce") == 0)
		return take_arrival(s, line, call, answer);
	r = store_opening_answered(s, path, address_of(call->member),
		call->row.has_document ? call->row.document_id : NULL, answer->body,
		answer->now_ms);
	if (r == FAIL_NOMEM || r == FAIL_SPACE || r == FAIL_IO || r == FAIL_AGAIN)
		return r;
	if (r != 0)
		log_line(LOG_LEVEL_WARNING, "bad-answer", "member=%s path=%s fail=%d",
			call->member, call->row.path, -r);
	return outgoing_done(store_db(s), call->row.id);
}

static int
take_refusal(struct store *s, struct cables_line *line, const struct calling *call,
	const struct store_answer *answer)
{
	int r;

	line->failures = 0;
	line->row = 0;
	/* The envelope is gone there, or a chunk was altered on its way: begin again. */
	if (answer->status >= 500 || answer->status == 401 || call->is_chunk) {
		line->next_ms = answer->now_ms + BUSY_PAUSE_MS;
		return put_off(s, line, &call->row, answer->now_ms);
	}
	log_line(LOG_LEVEL_WARNING, "refused-by", "member=%s path=%s status=%u fail=%d",
		call->member, call->row.path, answer->status, -answer->r);
	if ((r = refused_by(s, call, answer->now_ms)) != 0)
		return r;
	return outgoing_done(store_db(s), call->row.id);
}

static int
call_done(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct calling *call = ctx;
	struct cables_line *line = NULL;
	int r;

	if ((r = line_of(s, address_of(call->member), &line)) != 0)
		goto out;
	line->is_busy = false;
	line->is_quiet = false;
	/* Should this fail, its row is there still, and is not tried at once. */
	line->next_ms = answer->now_ms + PAUSE_MS;
	if (answer->status == 0) {
		line->row = 0;
		line->next_ms = answer->now_ms + backoff_ms(s, line->failures++);
#ifdef PLANT_UNANSWERED_IS_DONE /* a fault that the tests of the queue must find */
		r = outgoing_done(store_db(s), call->row.id);
#else
		r = outgoing_later(store_db(s), call->row.id, answer->now_ms / 1000);
#endif
	} else if (answer->r == 0) {
		r = take_answered(s, line, call, answer);
		if (r == 0)
			line->next_ms = 0;
	} else {
		r = take_refusal(s, line, call, answer);
	}
	/* The row may have been taken back with the commit that held the call. */
	if (r == FAIL_ABSENT)
		r = 0;
out:
	mem_free(call);
	return r;
}

/* Calls. */

/* Is there anybody left who waits for it there? */
static int
is_wanted(struct store *s, const uint8_t *document_id, struct rd member, bool *ret_is)
{
	struct store_addressees all = {0};
	size_t count = 0, final = 0;
	int r;

	if ((r = store_addressees_load(s, document_id, &all)) != 0)
		return r;
	for (size_t i = 0; i < all.count; i++) {
		if (!cables_same(all.items[i].member, member))
			continue;
		count++;
		if (delivery_is_final(all.items[i].state))
			final++;
	}
	store_addressees_done(&all);
	*ret_is = count == 0 || final < count;
	return 0;
}

static int
write_announce(struct store *s, const uint8_t *document_id, struct buf *out)
{
	const struct chunks c = cables_chunks(s);
	struct store_document *d = NULL;
	struct post_document post = {0};
	uint8_t hash[HASH_LEN];
	struct buf body;
	int r;

	buf_init(&body, POST_INLINE_MAX);
	if ((r = store_document_load(s, document_id, &d)) != 0)
		goto out;
	post.header = d->header_bytes;
	post.body_len = d->found.len;
	post.trailer = d->trailer;
	post.send = d->send;
	post.enrols = d->enrols;
	if (d->found.len > 0 && d->found.len <= POST_INLINE_MAX) {
		if ((r = chunks_get(&c, document_id, 0, &body, hash)) != 0)
			goto out;
		post.body = rd_of(body.data, body.len);
	}
	codec_write(&post_document_codec, &post, out);
	r = buf_error(out);
out:
	store_document_free(d);
	buf_done(&body);
	return r;
}

static int
write_chunk(struct store *s, const uint8_t *document_id, uint32_t number, struct buf *out)
{
	const struct chunks c = cables_chunks(s);
	struct post_chunk post = {.document_id = document_id, .number = number};
	uint8_t hash[HASH_LEN];
	struct buf bytes;
	int r;

	buf_init(&bytes, POST_CHUNK_LEN);
	if ((r = chunks_get(&c, document_id, number, &bytes, hash)) != 0)
		goto out;
	post.hash = hash;
	post.bytes = rd_of(bytes.data, bytes.len);
	codec_write(&post_chunk_codec, &post, out);
	r = buf_error(out);
out:
	buf_done(&bytes);
	return r;
}

/* The body of the call for a row; FAIL_ABSENT: there is nothing left to call for. */
static int
write_call(struct store *s, const struct cables_line *line, struct calling *call,
	struct rd sealed, struct buf *out)
{
	const struct store_rows_place place = {cables_column_outgoing,
		call->row.has_document ? call->row.document_id : NULL};
	bool is = true;
	int r;

	if (strcmp(call->row.path, "announce") != 0)
		return sealed.len == 0 ? 0 : store_rows_open(s, &place, sealed, out);
	call->is_chunk = line->row == call->row.id && line->missing_count > 0;
	if (call->is_chunk)
		return write_chunk(s, call->row.document_id, line->missing[0], out);
	r = is_wanted(s, call->row.document_id, address_of(line->member), &is);
	if (r != 0 || !is)
		return r != 0 ? r : FAIL_ABSENT;
	return write_announce(s, call->row.document_id, out);
}

static int
place_call(struct store *s, struct cables_line *line, size_t member, struct calling *call,
	struct rd body)
{
	struct calling *ctx = NULL;
	int r;

	if ((r = mem_new(&ctx, sizeof *ctx)) != 0)
		return r;
	*ctx = *call;
	r = store_call(s, member, call->is_chunk ? "chunk" : call->row.path, body,
		&(struct store_question){.done = call_done, .ctx = ctx});
	if (r != 0)
		mem_free(ctx);
	else
		line->is_busy = true;
	return r;
}

/* Nothing is due now: when is it? */
static int
fall_quiet(struct store *s, struct cables_line *line)
{
	uint64_t at_s;
	int r;

	if ((r = outgoing_soonest(store_db(s), address_of(line->member), &at_s)) != 0)
		return r;
	line->is_quiet = true;
	line->quiet_ms = at_s < UINT64_MAX / 1000 ? at_s * 1000 : UINT64_MAX;
	return 0;
}

/* The next call to one member.  A row that cannot be read is put off. */
static int
call_next(struct store *s, struct cables_line *line, size_t member, uint64_t now_ms)
{
	struct calling call = {0};
	struct buf sealed, body;
	int r;

	buf_init(&sealed, POST_BODY_MAX + STORE_ROWS_OVERHEAD);
	buf_init(&body, POST_BODY_MAX);
	memcpy(call.member, line->member, sizeof call.member);
	r = outgoing_next(
		store_db(s), address_of(line->member), now_ms / 1000, &sealed, &call.row);
	if (r != 0) {
		if (r == FAIL_ABSENT)
			r = fall_quiet(s, line);
		goto out;
	}
	r = write_call(s, line, &call, rd_of(sealed.data, sealed.len), &body);
	if (r == 0) {
		r = place_call(s, line, member, &call, rd_of(body.data, body.len));
	} else if (r == FAIL_ABSENT) {
		r = outgoing_done(store_db(s), call.row.id);
	} else if (!cables_is_passing(r)) {
		log_line(
			LOG_LEVEL_ERROR, "bad-row", "path=%s fail=%d", call.row.path, -r);
		r = outgoing_later(store_db(s), call.row.id,
			(now_ms + backoff_ms(s, call.row.tries + 1)) / 1000 + 1);
	}
out:
	buf_done(&body);
	buf_done(&sealed);
	return r;
}

static bool
may_call(const struct cables_line *line, uint64_t now_ms)
{
	return !line->is_busy && now_ms >= line->next_ms &&
		(!line->is_quiet || now_ms >= line->quiet_ms);
}

int
store_cables_pump(struct store *s, uint64_t now_ms)
{
	const struct roster *roster = store_roster(s);
	struct cables_line *line = NULL;
	int r;

	if (roster == NULL || store_ready(s) == NULL)
		return 0;
	if ((r = cables_send_pump(s, now_ms)) != 0)
		return r;
	for (size_t i = 0; i < roster->member_count; i++) {
		if (cables_is_us(s, roster->members[i].name))
			continue;
		if ((r = line_of(s, roster->members[i].name, &line)) != 0)
			return r;
		if (!may_call(line, now_ms))
			continue;
		r = call_next(s, line, i, now_ms);
		if (r != 0 && r != FAIL_AGAIN)
			return r;
	}
	return 0;
}

/* From what the pump has seen; a line that is neither busy nor quiet has something due. */
int
cables_queue_soonest(struct store *s, uint64_t *next_ms)
{
	struct cables *c = NULL;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		return r;
	for (size_t i = 0; i < c->line_count; i++) {
		const struct cables_line *line = &c->lines[i];
		uint64_t at_ms = line->next_ms;

		if (line->is_busy)
			continue;
		if (line->is_quiet && line->quiet_ms > at_ms)
			at_ms = line->quiet_ms;
		if (at_ms < *next_ms)
			*next_ms = at_ms;
	}
	return 0;
}
