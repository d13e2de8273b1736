/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/front_calls.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/secret.h"
#include "member/address.h"
#include "sys/http_client.h"

enum { PORT_USUAL = 443, PATH_LEN = 5 + FRONT_PATH_MAX + 1, CALL_MS = 60000 };

/* A call in line, with its own copy of everything. */
struct waiting {
	struct waiting *next;
	uint64_t number;
	uint32_t timeout_ms;
	char url[ADDRESS_URL_MAX + 1];
	char path[PATH_LEN];
	size_t size; /* of this block */
	size_t len;
	uint8_t body[];
};

struct callee {
	struct front_calls *calls;
	bool is_used;
	uint8_t key[FRONT_KEY_LEN];
	char url[ADDRESS_URL_MAX + 1]; /* where the client goes; "" before the first */
	struct tls *tls;
	struct http_client *client;
	struct loop_event *later; /* start the next one when the loop is back */
	struct waiting *under_way, *first;
	size_t waiting;
	bool is_proven; /* the connection that is there has answered before */
};

struct front_calls {
	struct front_calls_plan plan;
	struct secret *seed;
	size_t count;
	struct callee callees[FRONT_CALLS_MEMBERS];
};

static void
waiting_free(struct waiting *w)
{
	if (w != NULL)
		mem_free_wiped(w, w->size);
}

/* Forget everything about a member; not from within a call of its client. */
static void
callee_done(struct callee *e)
{
	http_client_free(e->client);
	tls_free(e->tls);
	loop_event_free(e->later);
	waiting_free(e->under_way);
	while (e->first != NULL) {
		struct waiting *w = e->first;

		e->first = w->next;
		waiting_free(w);
	}
	*e = (struct callee){.is_used = false};
}

static void
tell(struct callee *e, struct waiting *w, const struct front_result *result)
{
	struct front_calls *c = e->calls;

	c->count--;
	c->plan.result(c->plan.arg, w->number, result);
	waiting_free(w);
}

static uint8_t
outcome_of(int r)
{
	switch (r) {
	case 0:
		return FRONT_ANSWERED;
	case FAIL_TIMEOUT:
		return FRONT_TIMED_OUT;
	case FAIL_FORMAT:
	case FAIL_LIMIT:
	case FAIL_VERSION:
	case FAIL_UNSUPPORTED:
		return FRONT_MALFORMED;
	default:
		return FRONT_UNREACHABLE;
	}
}

static void
on_done(void *arg, int r, unsigned status, struct rd body)
{
	struct callee *e = arg;
	struct waiting *w = e->under_way;
	struct front_result result = {.outcome = outcome_of(r), .body = rd_of("", 0)};

	if (r == 0) {
		result.status = (uint16_t)status;
		result.body = body;
	}
	e->under_way = NULL;
	if (r == FAIL_CLOSED && e->is_proven) {
		/* It was kept and the other side had closed it by then: once more, on a new one.
		 * All that is said between members may be said twice (docs/format/station.md). */
		e->is_proven = false;
		w->next = e->first;
		e->first = w;
		e->waiting++;
		loop_timer_now(e->later);
		return;
	}
	e->is_proven = r == 0;
	tell(e, w, &result);
	/* The next may go elsewhere, and then this client must be freed first. */
	if (e->first != NULL)
		loop_timer_now(e->later);
}

/* "https://host:port" in its two parts; the shape was checked. */
static int
split_url(const char *url, char ret_host[ADDRESS_HOST_MAX + 1], uint16_t *ret_port)
{
	const char *host = url + strlen("https://"), *colon = strrchr(host, ':');
	size_t len = colon != NULL ? (size_t)(colon - host) : strlen(host);
	unsigned port = colon != NULL ? 0 : PORT_USUAL;

	if (len > ADDRESS_HOST_MAX)
		return FAIL_FORMAT;
	memcpy(ret_host, host, len);
	ret_host[len] = '\0';
	for (const char *p = colon != NULL ? colon + 1 : ""; *p != '\0'; p++)
		port = port * 10 + (unsigned)(*p - '0');
	if (port == 0 || port > UINT16_MAX)
		return FAIL_FORMAT;
	*ret_port = (uint16_t)port;
	return 0;
}

/* A client for where this call goes; the one that is there, when the place is the same. */
static int
aim(struct callee *e, const char *url)
{
	char host[ADDRESS_HOST_MAX + 1];
	struct http_target target = {.host = host,
		.tls = e->tls,
		.body_max = FRONT_HTTP_MAX,
		.timeout_ms = CALL_MS,
		.idle_ms = FRONT_CALLS_IDLE_MS,
		.names = e->calls->plan.names};
	int r;

	if (e->client != NULL && strcmp(e->url, url) == 0)
		return 0;
	http_client_free(e->client);
	e->client = NULL;
	if ((r = split_url(url, host, &target.port)) != 0)
		return r;
	if ((r = http_client_new(e->calls->plan.loop, &target, &e->client)) != 0)
		return r;
	memcpy(e->url, url, strlen(url) + 1);
	return 0;
}

static int
start(struct callee *e, struct waiting *w)
{
	struct http_call call = {.method = "POST",
		.path = w->path,
		.body = rd_of(w->body, w->len),
		.timeout_ms = w->timeout_ms,
		.done = on_done,
		.arg = e};
	int r;

	if ((r = aim(e, w->url)) != 0)
		return r;
	return http_client_send(e->client, &call);
}

static void
start_next(void *arg)
{
	struct callee *e = arg;

	while (e->under_way == NULL && e->first != NULL) {
		struct waiting *w = e->first;
		struct front_result result = {.body = rd_of("", 0)};
		int r;

		e->first = w->next;
		e->waiting--;
		if ((r = start(e, w)) == 0) {
			e->under_way = w;
			return;
		}
		result.outcome = outcome_of(r);
		if (r == FAIL_FORMAT)
			result.outcome = FRONT_UNREACHABLE;
		tell(e, w, &result);
	}
}

static int
callee_begin(struct front_calls *c, struct callee *e, const uint8_t *key)
{
	uint8_t pin[1][TLS_KEY_LEN];
	struct tls_pins pins = {.keys = (const uint8_t(*)[TLS_KEY_LEN])pin, .count = 1};
	int r;

	memcpy(pin[0], key, sizeof pin[0]);
	*e = (struct callee){.is_used = true, .calls = c};
	memcpy(e->key, key, sizeof e->key);
	if ((r = tls_new(TLS_CLIENT, c->seed->bytes, pins, &e->tls)) != 0 ||
		(r = loop_timer_new(c->plan.loop, start_next, e, &e->later)) != 0)
		callee_done(e);
	return r;
}

static bool
is_idle(const struct callee *e)
{
	return e->under_way == NULL && e->first == NULL;
}

static int
find_callee(struct front_calls *c, const uint8_t *key, struct callee **ret_callee)
{
	struct callee *free_one = NULL;
	int r;

	for (size_t i = 0; i < FRONT_CALLS_MEMBERS; i++) {
		struct callee *e = &c->callees[i];

		if (e->is_used && memcmp(e->key, key, sizeof e->key) == 0) {
			*ret_callee = e;
			return 0;
		}
		if (!e->is_used || (free_one == NULL && is_idle(e)))
			free_one = e;
	}
	if (free_one == NULL)
		return FAIL_AGAIN;
	if (free_one->is_used)
		callee_done(free_one);
	if ((r = callee_begin(c, free_one, key)) != 0)
		return r;
	*ret_callee = free_one;
	return 0;
}

static int
copy_call(uint64_t number, const struct front_call *call, struct waiting **ret_waiting)
{
	size_t size = sizeof(struct waiting) + call->body.len;
	struct waiting *w = NULL;
	int r;

	if (!address_is_url(call->url) || call->path.len > FRONT_PATH_MAX)
		return FAIL_FORMAT;
	if ((r = mem_new(&w, size)) != 0)
		return r;
	w->size = size;
	w->number = number;
	w->timeout_ms = call->timeout_ms;
	memcpy(w->url, call->url.ptr, call->url.len);
	memcpy(w->path, "/p/1/", 5);
	memcpy(w->path + 5, call->path.ptr, call->path.len);
	w->len = call->body.len;
	if (w->len > 0)
		memcpy(w->body, call->body.ptr, w->len);
	*ret_waiting = w;
	return 0;
}

int
front_calls_post(struct front_calls *c, uint64_t number, const struct front_call *call)
{
	struct waiting *w = NULL, **end;
	struct callee *e = NULL;
	int r;

	if ((r = find_callee(c, call->tls, &e)) != 0)
		return r;
	if (e->waiting >= FRONT_CALLS_WAITING)
		return FAIL_AGAIN;
	if ((r = copy_call(number, call, &w)) != 0)
		return r;
	for (end = &e->first; *end != NULL; end = &(*end)->next)
		continue;
	*end = w;
	e->waiting++;
	c->count++;
	if (e->under_way == NULL)
		loop_timer_now(e->later);
	return 0;
}

size_t
front_calls_count(const struct front_calls *c)
{
	return c->count;
}

int
front_calls_new(const struct front_calls_plan *plan, struct front_calls **ret_calls)
{
	struct front_calls *c = NULL;
	int r;

	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	c->plan = *plan;
	if ((r = secret_new(FRONT_KEY_LEN, &c->seed)) != 0) {
		mem_free(c);
		return r;
	}
	memcpy(c->seed->bytes, plan->seed, FRONT_KEY_LEN);
	*ret_calls = c;
	return 0;
}

void
front_calls_free(struct front_calls *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < FRONT_CALLS_MEMBERS; i++)
		if (c->callees[i].is_used)
			callee_done(&c->callees[i]);
	secret_free(c->seed);
	mem_free(c);
}
