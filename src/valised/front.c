/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/front.h"

#include <string.h>

#include "base/mem.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/http.h"
#include "valised/front_calls.h"
#include "valised/log.h"
#include "wire/post.h"

/* Results have room behind requests, and the channel some behind both. */
enum { RESULTS_MAX = CHANNEL_QUEUE_MAX - (8 << 20) };
_Static_assert(
	(int)FRONT_QUEUED_MAX < (int)RESULTS_MAX, "requests do not crowd out results");

/*
 * Numbers: the low bits are the place in the table, the others count, so that an answer to an
 * earlier request of the same place is recognised as one that nobody asked.
 */
enum { PLACE_BITS = 10, PREFIX_LEN = 5, STOP_LOOK_MS = 20, FIGURES_MAX = 65536 + 4096 };
enum {
	MESSAGE_MAX = WIRE_HEAD_LEN + WIRE_BODY_MAX,
	CONNECTIONS_MAX = 512,
	PINS_MAX = 32
};

/* A request that store has not answered yet. */
struct place {
	uint64_t number; /* 0: free */
	struct http_answer *answer;
};

struct door {
	struct front *front;
	struct http_server *server;
	struct tls *tls;
};

/* What /metrics shows of front itself, since it started. */
struct counters {
	uint64_t asks, refused, calls, results[FRONT_MALFORMED + 1];
};

struct front {
	struct front_plan plan;
	struct channel *store;
	struct front_calls *calls;
	struct door clients, admin;
	struct loop_event *later; /* tells the end; looks whether all is answered */
	bool is_stopping, is_ended;
	int result;
	uint64_t stop_ms, enrol_minute;
	unsigned enrols;
	uint64_t counter;
	size_t asks;
	uint16_t free_places[FRONT_ASKS_MAX];
	struct place places[FRONT_ASKS_MAX];
	struct counters counters;
	struct buf figures; /* as store said last */
	struct buf message; /* to be sent */
};

/* Routes of the two doors; the first word of each says who may ask. */
static const struct http_route client_routes[] = {{"POST", "/c/1/"}, {"POST", "/p/1/"}};
static const struct http_route admin_routes[] = {{"POST", "/a/1/"}, {"GET", "/metrics"}};

static void
end(struct front *f, int r)
{
	if (f->is_ended)
		return;
	f->is_ended = true;
	f->result = r;
	loop_timer_now(f->later);
}

/* Store said what it may not, or what makes no sense: neither of us goes on. */
static void
end_of_trust(struct front *f, uint8_t type, const char *why)
{
	log_line(LOG_LEVEL_ERROR, "message-refused",
		"role=front from=store type=%u why=%s", type, why);
	end(f, FAIL_REFUSED);
}

static void
answer_error(
	struct front *f, struct http_answer *answer, unsigned status, const char *text)
{
	struct post_error error = {
		.fail = (uint8_t)(status == 403 ? -FAIL_REFUSED : -FAIL_AGAIN),
		.text = rd_of(text, strlen(text))};
	struct buf body;

	f->counters.refused++;
	buf_init(&body, 1024);
	codec_write(&post_error_codec, &error, &body);
	http_answer(answer, status,
		buf_error(&body) == 0 ? rd_of(body.data, body.len) : rd_of("", 0));
	buf_done(&body);
}

/* Send one message; the buffer was made for the longest. */
static int
say(struct front *f, uint8_t type, uint64_t number, const struct codec *codec,
	const void *body)
{
	int r;

	buf_clear(&f->message);
	buf_u8(&f->message, type);
	buf_u64(&f->message, number);
	codec_write(codec, body, &f->message);
	if ((r = buf_error(&f->message)) != 0)
		return r;
	return channel_send(f->store, rd_of(f->message.data, f->message.len));
}

/* Requests to be enrolled are anybody's: so many a minute and no more. */
static bool
is_flood(struct front *f, struct rd path)
{
	uint64_t minute = clock_monotonic_ms() / 60000;

	if (path.len != 5 || memcmp(path.ptr, "enrol", 5) != 0)
		return false;
	if (minute != f->enrol_minute) {
		f->enrol_minute = minute;
		f->enrols = 0;
	}
	return ++f->enrols > FRONT_ENROL_MAX;
}

static void
ask_store(struct front *f, const struct front_ask *ask, struct http_answer *answer)
{
	size_t at;
	int r;

	if (f->is_stopping || f->is_ended) {
		answer_error(f, answer, 503, "the station is being stopped");
		return;
	}
	if (f->asks == FRONT_ASKS_MAX ||
		channel_queued(f->store) + ask->body.len > FRONT_QUEUED_MAX) {
		answer_error(f, answer, 503, "the station has too much to do; try again");
		return;
	}
	at = f->free_places[f->asks];
	f->places[at].number = ++f->counter << PLACE_BITS | at;
	f->places[at].answer = answer;
	if ((r = say(f, FRONT_ASK, f->places[at].number, &front_ask_codec, ask)) != 0) {
		f->places[at] = (struct place){.number = 0};
		answer_error(f, answer, 503, "the station is short of memory; try again");
		return;
	}
	f->asks++;
	f->counters.asks++;
}

static void
ask_from(struct front *f, enum front_source source, const struct http_request *request,
	struct http_answer *answer)
{
	struct front_ask ask = {.source = (uint8_t)source,
		.peer = rd_of("", 0),
		.path = rd_of(
			request->path.ptr + PREFIX_LEN, request->path.len - PREFIX_LEN),
		.body = request->body};

	if (ask.path.len > FRONT_PATH_MAX) {
		f->counters.refused++;
		http_answer(answer, 404, rd_of("", 0));
		return;
	}
	if (source == FRONT_PEER && request->peer == NULL) {
		answer_error(f, answer, 403,
			"this path is for members, whose station shows its key");
		return;
	}
	if (source == FRONT_PEER)
		ask.peer = rd_of(request->peer, FRONT_KEY_LEN);
	if (source == FRONT_CLIENT && is_flood(f, ask.path)) {
		answer_error(f, answer, 503,
			"too many requests to be enrolled; try again in a minute");
		return;
	}
	ask_store(f, &ask, answer);
}

static void
on_client(void *arg, const struct http_request *request, struct http_answer *answer)
{
	struct door *door = arg;

	ask_from(door->front, request->route == 0 ? FRONT_CLIENT : FRONT_PEER, request,
		answer);
}

static void
write_figure(struct buf *out, const char *name, const char *type, uint64_t value)
{
	buf_printf(out, "# TYPE valise_front_%s %s\nvalise_front_%s %llu\n", name, type,
		name, (unsigned long long)value);
}

static void
write_figures(const struct front *f, struct buf *out)
{
	static const char *const outcomes[] = {
		"answered", "unreachable", "timed-out", "malformed"};

	buf_bytes(out, f->figures.data, f->figures.len);
	write_figure(
		out, "connections", "gauge", http_server_connections(f->clients.server));
	write_figure(out, "requests_under_way", "gauge", f->asks);
	write_figure(out, "requests_total", "counter", f->counters.asks);
	write_figure(out, "refused_total", "counter", f->counters.refused);
	write_figure(out, "calls_under_way", "gauge", front_calls_count(f->calls));
	write_figure(out, "calls_total", "counter", f->counters.calls);
	buf_text(out, "# TYPE valise_front_results_total counter\n");
	for (size_t i = 0; i <= FRONT_MALFORMED; i++)
		buf_printf(out, "valise_front_results_total{outcome=\"%s\"} %llu\n",
			outcomes[i], (unsigned long long)f->counters.results[i]);
}

static void
on_admin(void *arg, const struct http_request *request, struct http_answer *answer)
{
	struct door *door = arg;
	struct buf text;

	if (request->route == 0) {
		ask_from(door->front, FRONT_ADMIN, request, answer);
		return;
	}
	buf_init(&text, FIGURES_MAX);
	write_figures(door->front, &text);
	if (buf_error(&text) == 0)
		http_answer(answer, 200, rd_of(text.data, text.len));
	else
		http_answer(answer, 503, rd_of("", 0));
	buf_done(&text);
}

static void
on_reply(struct front *f, const struct wire_message *m)
{
	size_t at = (size_t)(m->number & (FRONT_ASKS_MAX - 1));
	struct http_answer *answer = f->places[at].answer;
	struct front_reply reply;

	if (m->number == 0 || f->places[at].number != m->number) {
		end_of_trust(f, m->type, "unknown-number");
		return;
	}
	if (codec_parse_whole(&front_reply_codec, m->body, &reply) != 0) {
		end_of_trust(f, m->type, "malformed");
		return;
	}
	f->places[at] = (struct place){.number = 0};
	f->free_places[--f->asks] = (uint16_t)at;
	http_answer(answer, reply.status, reply.body);
}

/* More than what may wait is not sent: store hears that nobody answered, and asks again. */
static void
on_result(void *arg, uint64_t number, const struct front_result *result)
{
	struct front_result short_one = {
		.outcome = FRONT_UNREACHABLE, .body = rd_of("", 0)};
	struct front *f = arg;

	f->counters.results[result->outcome]++;
	if (f->is_ended)
		return;
	if (channel_queued(f->store) + result->body.len > RESULTS_MAX)
		result = &short_one;
	if (say(f, FRONT_RESULT, number, &front_result_codec, result) != 0)
		end(f, FAIL_CLOSED);
}

static void
on_call(struct front *f, const struct wire_message *m)
{
	struct front_result result = {.outcome = FRONT_UNREACHABLE, .body = rd_of("", 0)};
	struct front_call call;
	int r;

	if (codec_parse_whole(&front_call_codec, m->body, &call) != 0) {
		end_of_trust(f, m->type, "malformed");
		return;
	}
	f->counters.calls++;
	if ((r = front_calls_post(f->calls, m->number, &call)) == 0)
		return;
	if (r == FAIL_REFUSED || r == FAIL_FORMAT)
		log_line(LOG_LEVEL_WARNING, "call-refused", "why=%s",
			r == FAIL_REFUSED ? "onion-address" : "address");
	on_result(f, m->number, &result);
}

static void
on_pins(struct front *f, const struct wire_message *m)
{
	uint8_t keys[PINS_MAX][TLS_KEY_LEN];
	struct front_pins pins;
	struct tls_pins set = {.keys = (const uint8_t(*)[TLS_KEY_LEN])keys};
	int r;

	if (codec_parse_whole(&front_pins_codec, m->body, &pins) != 0 ||
		pins.keys.len % TLS_KEY_LEN != 0) {
		end_of_trust(f, m->type, "malformed");
		return;
	}
	set.count = pins.keys.len / TLS_KEY_LEN;
	CHECK(set.count <= PINS_MAX); /* the codec's limit */
	if (pins.keys.len > 0)
		memcpy(keys, pins.keys.ptr, pins.keys.len);
	if ((r = tls_set_pins(f->clients.tls, set)) != 0)
		end(f, r);
}

static void
on_figures(struct front *f, const struct wire_message *m)
{
	struct front_figures figures;

	if (codec_parse_whole(&front_figures_codec, m->body, &figures) != 0) {
		end_of_trust(f, m->type, "malformed");
		return;
	}
	buf_clear(&f->figures);
	buf_bytes(&f->figures, figures.text.ptr, figures.text.len);
}

static void (*const handlers[])(struct front *f, const struct wire_message *m) = {
	[FRONT_REPLY] = on_reply,
	[FRONT_CALL] = on_call,
	[FRONT_PINS] = on_pins,
	[FRONT_FIGURES] = on_figures,
};

static void
on_message(void *arg, struct rd bytes)
{
	struct wire_message m = {.type = 0};
	struct front *f = arg;

	if (f->is_ended)
		return;
	if (wire_parse(bytes, &m) != 0 || !front_may(ROLE_STORE, m.type, m.body.len)) {
		end_of_trust(f, m.type, "not-permitted");
		return;
	}
	handlers[m.type](f, &m);
}

static void
on_idle(void *arg)
{
	(void)arg;
}

static void
on_closed(void *arg, int r)
{
	struct front *f = arg;

	if (r == FAIL_FORMAT)
		log_line(LOG_LEVEL_ERROR, "message-refused",
			"role=front from=store why=length");
	end(f, r == FAIL_FORMAT ? FAIL_REFUSED : FAIL_CLOSED);
}

static void
look_again(struct front *f)
{
	if (loop_timer_set(f->later, STOP_LOOK_MS) != 0)
		end(f, FAIL_NOMEM);
}

/* The end is told here; until then, while stopping: is everything answered? */
static void
on_later(void *arg)
{
	struct front *f = arg;

	if (!f->is_ended && f->is_stopping) {
		if (clock_monotonic_ms() < f->stop_ms &&
			http_server_connections(f->clients.server) +
					http_server_connections(f->admin.server) >
				0) {
			look_again(f);
			return;
		}
		f->is_ended = true;
	}
	if (f->is_ended)
		f->plan.ended(f->plan.arg, f->result);
}

void
front_stop(struct front *f)
{
	if (f->is_stopping)
		return;
	f->is_stopping = true;
	f->stop_ms = clock_monotonic_ms() + FRONT_STOP_MS;
	http_server_close_door(f->clients.server);
	http_server_close_door(f->admin.server);
	look_again(f);
}

static int
open_doors(struct front *f)
{
	struct http_limits limits = http_limits_usual();
	struct http_service clients = {.routes = client_routes,
		.routes_count = 2,
		.handle = on_client,
		.arg = &f->clients};
	struct http_service admin = {.routes = admin_routes,
		.routes_count = 2,
		.handle = on_admin,
		.arg = &f->admin};
	struct tls_pins none = {.keys = NULL};
	int r;

	limits.body_max = FRONT_HTTP_MAX;
	limits.bodies_max = FRONT_BODIES_MAX;
	limits.connections_max = CONNECTIONS_MAX;
	f->clients.front = f->admin.front = f;
	if ((r = tls_new(TLS_SERVER, f->plan.seed, none, &f->clients.tls)) != 0 ||
		(r = http_server_new(f->plan.loop, f->plan.listen_fd, f->clients.tls,
			 &limits, &clients, &f->clients.server)) != 0)
		return r;
	limits.connections_max = 32;
	return http_server_new(
		f->plan.loop, f->plan.admin_fd, NULL, &limits, &admin, &f->admin.server);
}

static int
open_sides(struct front *f)
{
	struct front_calls_plan calls = {.loop = f->plan.loop,
		.seed = f->plan.seed,
		.names = f->plan.names,
		.result = on_result,
		.arg = f};
	struct channel_user user = {.message = on_message,
		.idle = on_idle,
		.closed = on_closed,
		.arg = f,
		.is_always_reading = true};
	int r;

	if ((r = loop_timer_new(f->plan.loop, on_later, f, &f->later)) != 0 ||
		(r = front_calls_new(&calls, &f->calls)) != 0 || (r = open_doors(f)) != 0)
		return r;
	return channel_new(f->plan.loop, f->plan.store_fd, MESSAGE_MAX, &user, &f->store);
}

int
front_new(const struct front_plan *plan, struct front **ret_front)
{
	struct front *f = NULL;
	int r;

	if ((r = mem_new(&f, sizeof *f)) != 0)
		return r;
	f->plan = *plan;
	buf_init(&f->figures, FIGURES_MAX);
	buf_init(&f->message, MESSAGE_MAX);
	for (size_t i = 0; i < FRONT_ASKS_MAX; i++)
		f->free_places[i] = (uint16_t)i;
	if ((r = open_sides(f)) != 0)
		goto out;
	/* The caller may wipe it now. */
	f->plan.seed = NULL;
	*ret_front = f;
	f = NULL;
out:
	front_free(f);
	return r;
}

void
front_free(struct front *f)
{
	if (f == NULL)
		return;
	http_server_free(f->clients.server);
	http_server_free(f->admin.server);
	/* Answers that will not come are owed all the same. */
	for (size_t i = 0; i < FRONT_ASKS_MAX; i++)
		if (f->places[i].number != 0)
			http_answer(f->places[i].answer, 503, rd_of("", 0));
	front_calls_free(f->calls);
	channel_free(f->store);
	tls_free(f->clients.tls);
	loop_event_free(f->later);
	buf_done(&f->figures);
	buf_done(&f->message);
	mem_free(f);
}
