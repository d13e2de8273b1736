/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store_cables_impl.h"

#include <string.h>

#include "store/objects.h"

const char cables_column_header[] = "header";
const char cables_column_summary[] = "summary";
const char cables_column_address[] = "address";
const char cables_column_receipt[] = "receipt";
const char cables_column_outgoing[] = "outgoing";

int
cables_of(struct store *s, struct cables **ret_cables)
{
	return store_state(s, STORE_CABLES, sizeof **ret_cables, ret_cables);
}

bool
cables_same(struct rd a, struct rd b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
cables_is_us(struct store *s, struct rd member)
{
	const struct vault_ready *ready = store_ready(s);

	return ready != NULL && cables_same(ready->member, member);
}

bool
cables_is_passing(int r)
{
	static const int passing[] = {FAIL_AGAIN, FAIL_CLOSED, FAIL_TIMEOUT, FAIL_NOMEM,
		FAIL_SPACE, FAIL_IO, FAIL_LOCKED, FAIL_RANDOM};

	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
		if (r == passing[i])
			return true;
	return false;
}

struct chunks
cables_chunks(struct store *s)
{
	return (struct chunks){.db = store_db(s), .dir = store_plan_of(s)->chunks_dir};
}

/* The next reference of a year: PT/2026/0017.  Numbers may be left out, never given twice. */
int
cables_handle_number(struct store *s, const struct store_ask *ask)
{
	static const char name[] = "reference";
	struct objects_counter counter = {.name = rd_of(name, sizeof name - 1)};
	struct post_ask_number asked;
	struct post_number answer;
	uint64_t total;
	int r;

	if ((r = codec_parse_whole(&post_ask_number_codec, ask->body, &asked)) != 0)
		return r;
	counter.day = asked.year;
	if ((r = objects_count(store_db(s), &counter, 1, &total)) != 0)
		return r;
	answer.year = asked.year;
	answer.number = (uint32_t)total;
	return store_reply(s, ask->number, &post_number_codec, &answer);
}

static const struct store_route routes[] = {
	{"number", STORE_OFFICER, cables_handle_number},
	{"announce", STORE_OFFICER, cables_handle_announce},
	{"announce", STORE_MEMBER, cables_handle_announced},
	{"receive", STORE_OFFICER, cables_handle_receive},
	{"chunk", STORE_OFFICER | STORE_MEMBER, cables_handle_chunk},
	{"inbox", STORE_OFFICER, cables_handle_inbox},
	{"document", STORE_OFFICER, cables_handle_document},
	{"chunk-get", STORE_OFFICER, cables_handle_chunk_get},
	{"state", STORE_OFFICER, cables_handle_state},
};

const struct store_routes store_cables_routes = {
	routes, sizeof routes / sizeof routes[0]};

static void
lower(uint64_t at_s, uint64_t *next_ms)
{
	if (at_s < UINT64_MAX / 1000 && at_s * 1000 < *next_ms)
		*next_ms = at_s * 1000;
}

/* When there is something to do again. */
static int
soonest(struct store *s, uint64_t *next_ms)
{
	uint64_t at_s;
	int r;

	if ((r = documents_soonest(store_db(s), &at_s)) != 0)
		return r;
	lower(at_s, next_ms);
	if ((r = deliveries_soonest(store_db(s), &at_s)) != 0)
		return r;
	lower(at_s, next_ms);
	return cables_queue_soonest(s, next_ms);
}

/*
 * A process starts, and remembers no pause; or the clock was put back, and pauses that were
 * made by the old one would last as long as it was wrong.
 */
static int
begin_anew(struct store *s, struct cables *c, uint64_t now_ms)
{
	int r;

	if (c->is_started && now_ms + CABLES_BACK_MS >= c->last_ms) {
		c->last_ms = now_ms;
		return 0;
	}
	if ((r = documents_send_again(store_db(s), now_ms / 1000)) != 0 ||
		(r = outgoing_again(store_db(s), now_ms / 1000)) != 0)
		return r;
	for (size_t i = 0; i < c->line_count; i++) {
		c->lines[i].next_ms = 0;
		c->lines[i].is_quiet = false;
	}
	c->is_started = true;
	c->last_ms = now_ms;
	return 0;
}

enum { TICK_MS_MIN = 100 };

/* What the clock asks for; each step is bounded, and comes back at once when more is due. */
int
store_cables_tick(struct store *s, uint64_t now_ms, uint64_t *next_ms)
{
	struct cables *c = NULL;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		return r;
	if ((r = begin_anew(s, c, now_ms)) != 0)
		return r;
	if ((r = cables_unkept(s, now_ms)) != 0 || (r = cables_clocks(s, now_ms)) != 0 ||
		(r = store_cables_pump(s, now_ms)) != 0 || (r = soonest(s, next_ms)) != 0)
		return r;
	/* Custody may be slow: what waits for it is looked at again, but not all the time. */
	if (*next_ms < now_ms + TICK_MS_MIN)
		*next_ms = now_ms + TICK_MS_MIN;
	return 0;
}
