/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/http.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/mem.h"
#include "sys/http_accept.h"
#include "sys/http_head.h"
#include "sys/http_route.h"
#include "sys/http_stream.h"

enum connection_state {
	CONN_HEAD,
	CONN_BODY,
	CONN_ASKED,
	CONN_ANSWERING,
	CONN_LINGER,
	CONN_DEAD
};

struct connection {
	struct http_server *server;
	struct connection *prev, *next;
	struct http_stream stream;
	struct event
		*clock; /* the one deadline of the state; and how a dead one is freed */
	struct http_answer *answer;
	enum connection_state state;
	bool is_begun; /* a byte of this request has come */
	bool is_last;  /* close after the answer */
	size_t head_len, total_len;
	size_t held; /* bytes of a body that lie here for it */
	uint8_t peer[TLS_KEY_LEN];
};

/* Outlives the connection, when the client goes away first. */
struct http_answer {
	struct connection *of;
};

struct http_server {
	struct loop *loop;
	struct tls *tls;
	struct http_limits limits;
	struct http_service service;
	struct http_accept *accept;
	struct connection *first;
	size_t connections;
	size_t held; /* by all connections */
	bool is_closing;
};

static void
hold(struct connection *c, size_t bytes)
{
	c->server->held += bytes - c->held;
	c->held = bytes;
}

/* Large bodies leave the last quarter to small ones: a flood of them stops itself first. */
static bool
has_room(const struct connection *c, size_t bytes)
{
	size_t max = c->server->limits.bodies_max;

	if (bytes > HTTP_BODY_SMALL)
		max -= max / 4;
	return c->server->held - c->held + bytes <= max;
}

static void
unlink_answer(struct connection *c)
{
	if (c->answer != NULL)
		c->answer->of = NULL;
	c->answer = NULL;
}

/* Not from within a callback of its bufferevent. */
static void
connection_free(struct connection *c)
{
	struct http_server *s = c->server;

	unlink_answer(c);
	hold(c, 0);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		s->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	s->connections--;
	http_stream_close(&c->stream);
	event_free(c->clock);
	mem_free_wiped(c, sizeof *c);
}

/* End it as soon as the loop is back; needs no memory. */
static void
kill_connection(struct connection *c)
{
	c->state = CONN_DEAD;
	unlink_answer(c);
	(void)bufferevent_disable(c->stream.bev, EV_READ | EV_WRITE);
	event_active(c->clock, EV_TIMEOUT, 1);
}

static void
enter(struct connection *c, enum connection_state state, unsigned ms)
{
	struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000) * 1000};

	c->state = state;
	if (event_add(c->clock, &wait) != 0)
		kill_connection(c);
}

/*
 * One write for head and body.  What cannot be written whole is not written: the connection
 * dies, and the client asks again.
 */
static void
write_answer(struct connection *c, unsigned status, struct rd body)
{
	struct evbuffer *out = evbuffer_new();
	int n = -1;

	if (body.len > 0 && !has_room(c, body.len)) {
		status = 503;
		body = rd_of("", 0);
	}
	hold(c, body.len);
	c->is_last |= c->server->is_closing;
	if (out != NULL)
		n = evbuffer_add_printf(out,
			"HTTP/1.1 %u %s\r\nContent-Length: %zu\r\nCache-Control: "
			"no-store\r\n"
			"Content-Type: application/octet-stream\r\n%s\r\n",
			status, http_head_reason(status), body.len,
			c->is_last ? "Connection: close\r\n" : "");
	if (n > 0 && (body.len == 0 || evbuffer_add(out, body.ptr, body.len) == 0)) {
		enter(c, CONN_ANSWERING, c->server->limits.write_ms);
		if (c->state != CONN_DEAD &&
			bufferevent_write_buffer(c->stream.bev, out) != 0)
			kill_connection(c);
	} else {
		kill_connection(c);
	}
	if (out != NULL)
		evbuffer_free(out);
}

static void
refuse(struct connection *c, unsigned status)
{
	c->is_last = true;
	write_answer(c, status, rd_of("", 0));
}

/* The head is here: decide how much body may follow.  false: answered or dead. */
static bool
read_head(struct connection *c, struct evbuffer *in)
{
	const struct http_limits *limits = &c->server->limits;
	const uint8_t *bytes = evbuffer_pullup(in, (ev_ssize_t)c->head_len);
	struct http_head h;
	int r;

	if (bytes == NULL) {
		kill_connection(c);
		return false;
	}
	if ((r = http_head_request(rd_of(bytes, c->head_len), &h)) != 0) {
		refuse(c, http_route_status(r));
		return false;
	}
	if (h.body_len > limits->body_max) {
		refuse(c, 413);
		return false;
	}
	c->is_last = h.is_close;
	c->total_len = c->head_len + (size_t)h.body_len;
	enter(c, CONN_BODY, limits->body_ms);
	if (c->state == CONN_BODY && h.is_expecting &&
		evbuffer_get_length(in) < c->total_len &&
		bufferevent_write(c->stream.bev, "HTTP/1.1 100 Continue\r\n\r\n", 25) !=
			0)
		kill_connection(c);
	return c->state == CONN_BODY;
}

static void
hand_over(struct connection *c, const struct http_request *request)
{
	const struct http_service *service = &c->server->service;

	if (mem_new(&c->answer, sizeof *c->answer) != 0) {
		kill_connection(c);
		return;
	}
	c->answer->of = c;
	enter(c, CONN_ASKED, c->server->limits.answer_ms);
	if (c->state == CONN_DEAD)
		return;
	service->handle(service->arg, request, c->answer);
}

/* All is here.  The bytes stay in the buffer until the handler has returned. */
static void
read_request(struct connection *c, struct evbuffer *in)
{
	const uint8_t *bytes = evbuffer_pullup(in, (ev_ssize_t)c->total_len);
	struct http_request request = {.peer = NULL};
	struct http_head h;
	unsigned status;

	if (bytes == NULL || http_head_request(rd_of(bytes, c->head_len), &h) != 0) {
		kill_connection(c);
		return;
	}
	request.path = h.path;
	request.body = rd_of(bytes + c->head_len, c->total_len - c->head_len);
	if (c->stream.session != NULL && tls_peer(c->stream.session, c->peer) == 0)
		request.peer = c->peer;
	if (request.peer != NULL && !tls_is_pinned(c->server->tls, c->peer))
		refuse(c, 403);
	else if ((status = http_route_find(&c->server->service, &h, &request.route)) != 0)
		write_answer(c, status, rd_of("", 0));
	else
		hand_over(c, &request);
	if (c->state == CONN_ASKED)
		hold(c, 0);
	if (evbuffer_drain(in, c->total_len) != 0)
		kill_connection(c);
}

/* Look for the end of the head.  false: not there yet, or the connection is done with. */
static bool
find_head(struct connection *c, struct evbuffer *in)
{
	const struct http_limits *limits = &c->server->limits;
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);

	if (!c->is_begun) {
		c->is_begun = true;
		enter(c, CONN_HEAD, limits->head_ms);
	}
	if (end.pos < 0 ? evbuffer_get_length(in) >= limits->head_max
			: (size_t)end.pos + 4 > limits->head_max) {
		refuse(c, 431);
		return false;
	}
	if (end.pos < 0 || c->state == CONN_DEAD)
		return false;
	c->head_len = (size_t)end.pos + 4;
	return read_head(c, in);
}

/* After the last request of a connection nothing that comes is of interest. */
static bool
is_deaf(const struct connection *c)
{
	return c->state == CONN_LINGER || (c->state == CONN_ANSWERING && c->is_last);
}

/* Go on with the request as far as its bytes are there: false when more must come. */
static bool
advance(struct connection *c, struct evbuffer *in)
{
	if (c->state == CONN_HEAD && !find_head(c, in))
		return false;
	if (c->state != CONN_BODY)
		return true;
	if (!has_room(c, evbuffer_get_length(in))) {
		refuse(c, 503);
		return true;
	}
	hold(c, evbuffer_get_length(in));
	if (evbuffer_get_length(in) < c->total_len)
		return false;
	read_request(c, in);
	return true;
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (evbuffer_get_length(in) == 0 || c->state == CONN_DEAD)
		return;
	if (is_deaf(c)) {
		(void)evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	if (!advance(c, in))
		return;
	/* Anything more, before the answer is out, is pipelining. */
	if (!c->is_last && c->state != CONN_DEAD && evbuffer_get_length(in) > 0)
		kill_connection(c);
}

/* The answer is out. */
static void
on_written(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;

	/* "100 Continue" has been written, or a handshake message. */
	(void)bev;
	if (c->state != CONN_ANSWERING)
		return;
	hold(c, 0);
	if (c->is_last) {
		enter(c, CONN_LINGER, c->server->limits.linger_ms);
		return;
	}
	c->is_begun = false;
	enter(c, CONN_HEAD, c->server->limits.idle_ms);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connection *c = arg;

	(void)bev;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0 &&
		c->state != CONN_DEAD)
		kill_connection(c);
}

static void
on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)fd;
	(void)what;
	if (c->state != CONN_ASKED) {
		connection_free(c);
		return;
	}
	unlink_answer(c);
	refuse(c, 504);
}

static int
connection_new(struct http_server *s, int fd)
{
	struct connection *c = NULL;
	int r;

	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	c->server = s;
	if ((c->clock = event_new(loop_base(s->loop), -1, 0, on_clock, c)) == NULL)
		r = FAIL_NOMEM;
	if (r == 0)
		r = http_stream_open(s->loop, fd, s->tls, true, &c->stream);
	if (r != 0) {
		if (c->clock != NULL)
			event_free(c->clock);
		mem_free(c);
		return r;
	}
	c->next = s->first;
	if (s->first != NULL)
		s->first->prev = c;
	s->first = c;
	s->connections++;
	bufferevent_setcb(c->stream.bev, on_read, on_written, on_event, c);
	/* The first byte is due at once: a connection that says nothing costs head_ms. */
	c->is_begun = true;
	enter(c, CONN_HEAD, s->limits.head_ms);
	if (c->state != CONN_DEAD &&
		bufferevent_enable(c->stream.bev, EV_READ | EV_WRITE) != 0)
		kill_connection(c);
	return 0;
}

/*
 * All places are taken: the connection that has been there longest without a request under way
 * goes.  Who only holds places loses them first; who works keeps his.
 */
static bool
make_room(struct http_server *s)
{
	struct connection *idle = NULL;

	for (struct connection *c = s->first; c != NULL; c = c->next)
		if (c->state == CONN_HEAD && !c->is_begun)
			idle = c;
	if (idle == NULL)
		return false;
	kill_connection(idle);
	return true;
}

static int
on_accept(void *arg, int fd)
{
	struct http_server *s = arg;

	if (s->connections >= s->limits.connections_max && !make_room(s))
		return FAIL_LIMIT;
	return connection_new(s, fd);
}

int
http_server_new(struct loop *loop, int listen_fd, struct tls *tls,
	const struct http_limits *limits, const struct http_service *service,
	struct http_server **ret_server)
{
	struct http_server *s = NULL;
	int r;

	if (service->routes_count > HTTP_ROUTES_MAX || limits->head_max == 0)
		return FAIL_USAGE;
	if ((r = mem_new(&s, sizeof *s)) != 0)
		return r;
	s->loop = loop;
	s->tls = tls;
	s->limits = *limits;
	s->service = *service;
	if ((r = http_accept_new(
		     loop, listen_fd, tls == NULL, on_accept, s, &s->accept)) != 0) {
		mem_free(s);
		return r;
	}
	*ret_server = s;
	return 0;
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	http_accept_free(s->accept);
	while (s->first != NULL)
		connection_free(s->first);
	mem_free(s);
}

void
http_server_close_door(struct http_server *s)
{
	http_accept_free(s->accept);
	s->accept = NULL;
	s->is_closing = true;
	/* Those that wait for a request that nobody has begun have nothing to lose. */
	for (struct connection *c = s->first; c != NULL; c = c->next)
		if (c->state == CONN_HEAD && !c->is_begun)
			kill_connection(c);
}

size_t
http_server_connections(const struct http_server *s)
{
	return s->connections;
}

void
http_answer(struct http_answer *answer, unsigned status, struct rd body)
{
	struct connection *c = answer->of;

	CHECK(status >= 200 && status <= 599);
	mem_free(answer);
	if (c == NULL)
		return;
	c->answer = NULL;
	write_answer(c, status, body);
}
