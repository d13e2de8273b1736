/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/http_client.h"
#include "sys/loop.h"
#include "valise/link_impl.h"
#include "wire/front.h"

/*
 * sys/http_client on a loop that runs for one request at a time.  While a person types, nobody
 * looks at the connection; so one that was left for a while is not trusted to be there, and a
 * new one is made, instead of a request sent twice.
 */

enum { KEEP_MS = 10 * 1000, PORT_DEFAULT = 443, PROBE_MS = 10 * 1000 };

struct link_http {
	struct loop *loop;
	struct tls *tls; /* NULL: a socket of this machine */
	struct names *names;
	struct http_client *client;
	char socket_path[DISK_PATH_MAX];
	char host[ADDRESS_HOST_MAX + 1];
	uint16_t port;
	bool is_pinned, has_key;
	uint8_t key[LINK_KEY_LEN];
	uint64_t used_ms;
	unsigned timeout_ms; /* of the client there is */
	/* The request under way. */
	struct link_call *call;
	int result;
};

/* "https://host[:port]" that address_is_url() accepts. */
static int
split_url(struct link_http *t, const char *url)
{
	const char *host = url + strlen("https://"), *colon = strrchr(host, ':');
	size_t len = colon != NULL ? (size_t)(colon - host) : strlen(host);
	unsigned long port = PORT_DEFAULT;

	if (!address_is_url(address_of(url)))
		return FAIL_USAGE;
	for (port = colon != NULL ? 0 : port; colon != NULL && *++colon != '\0';)
		port = port * 10 + (unsigned long)(*colon - '0');
	memcpy(t->host, host, len);
	t->port = (uint16_t)port;
	return 0;
}

static int
make_tls(struct link_http *t, const uint8_t *pin)
{
	uint8_t pins[1][TLS_KEY_LEN];

	t->is_pinned = pin != NULL;
	if (pin == NULL)
		return tls_new_first_use(&t->tls);
	memcpy(pins[0], pin, sizeof pins[0]);
	return tls_new(TLS_CLIENT, NULL,
		(struct tls_pins){(const uint8_t(*)[TLS_KEY_LEN])pins, 1}, &t->tls);
}

/* Names are asked for only where the URL has one: 127.0.0.1 needs no resolver. */
static int
make_names(struct link_http *t)
{
	struct names_address address;
	int r = names_numeric(t->host, t->port, &address);

	return r == FAIL_USAGE ? names_new(t->loop, &t->names) : r;
}

int
link_http_new(const char *url, const uint8_t *pin, struct link_http **ret_http)
{
	struct link_http *t = NULL;
	int r;

	if ((r = mem_new(&t, sizeof *t)) != 0)
		return r;
	if ((r = split_url(t, url)) != 0 || (r = loop_new(&t->loop)) != 0 ||
		(r = make_names(t)) != 0 || (r = make_tls(t, pin)) != 0)
		goto out;
	*ret_http = t;
	t = NULL;
out:
	link_http_free(t);
	return r;
}

int
link_http_new_local(const char *socket_path, struct link_http **ret_http)
{
	struct link_http *t = NULL;
	int r;

	if ((r = mem_new(&t, sizeof *t)) != 0)
		return r;
	(void)snprintf(t->socket_path, sizeof t->socket_path, "%s", socket_path);
	if ((r = loop_new(&t->loop)) == 0) {
		*ret_http = t;
		t = NULL;
	}
	link_http_free(t);
	return r;
}

void
link_http_free(struct link_http *t)
{
	if (t == NULL)
		return;
	http_client_free(t->client);
	names_free(t->names);
	tls_free(t->tls);
	loop_free(t->loop);
	mem_free(t);
}

static int
connect_client(struct link_http *t, unsigned timeout_ms)
{
	struct http_target target = {.host = t->host,
		.port = t->port,
		.tls = t->tls,
		.names = t->names,
		.unix_path = t->socket_path[0] != '\0' ? t->socket_path : NULL,
		.body_max = FRONT_HTTP_MAX,
		.timeout_ms = timeout_ms,
		.idle_ms = 2 * KEEP_MS};

	if (t->client != NULL && t->timeout_ms == timeout_ms &&
		clock_monotonic_ms() - t->used_ms < KEEP_MS)
		return 0;
	t->timeout_ms = timeout_ms;
	http_client_free(t->client);
	t->client = NULL;
	return http_client_new(t->loop, &target, &t->client);
}

static void
on_done(void *arg, int r, unsigned status, struct rd body)
{
	struct link_http *t = arg;

	t->result = r;
	if (r == 0) {
		t->call->status = status;
		buf_bytes(t->call->answer, body.ptr, body.len);
		t->result = buf_error(t->call->answer);
		t->has_key = http_client_peer(t->client, t->key) == 0;
	}
	loop_stop(t->loop);
}

static int
ask_once(struct link_http *t, struct link_call *call)
{
	struct http_call request = {.method = "POST",
		.path = call->path,
		.body = call->body,
		.done = on_done,
		.arg = t};
	int r;

	if ((r = connect_client(t, call->timeout_ms)) != 0)
		return r;
	t->call = call;
	t->result = FAIL_CLOSED;
	if ((r = http_client_send(t->client, &request)) == 0)
		r = loop_run(t->loop);
	t->call = NULL;
	t->used_ms = clock_monotonic_ms();
	r = r != 0 ? r : t->result;
	if (r != 0) {
		http_client_free(t->client);
		t->client = NULL;
	}
	return r;
}

/*
 * TLS says only that it failed.  Whether somebody with another key sits there is what a person
 * must know, so it is asked once more, saying nothing and taking any key.
 */
static int
probe(const struct link_http *t)
{
	struct link_http *any = NULL;
	struct link_call call = {.path = "/c/1/station", .timeout_ms = PROBE_MS};
	char url[ADDRESS_URL_MAX + 1];
	struct buf answer;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	call.answer = &answer;
	(void)snprintf(url, sizeof url, "https://%s:%u", t->host, t->port);
	if ((r = link_http_new(url, NULL, &any)) == 0)
		r = ask_once(any, &call);
	if (r == 0)
		r = any->has_key && !tls_is_pinned(t->tls, any->key) ? FAIL_MISMATCH
								     : FAIL_CLOSED;
	link_http_free(any);
	buf_done(&answer);
	return r == FAIL_MISMATCH ? r : FAIL_CLOSED;
}

int
link_http_ask(struct link_http *t, struct link_call *call)
{
	int r = ask_once(t, call);

	return r == FAIL_CLOSED && t->is_pinned ? probe(t) : r;
}

int
link_http_key(const struct link_http *t, uint8_t ret_key[LINK_KEY_LEN])
{
	if (!t->has_key)
		return FAIL_ABSENT;
	memcpy(ret_key, t->key, LINK_KEY_LEN);
	return 0;
}
