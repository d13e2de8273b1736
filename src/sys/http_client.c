/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/http_client.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "sys/http.h"
#include "sys/http_head.h"
#include "sys/http_stream.h"
#include "sys/peer.h"

enum client_state {
	CLIENT_IDLE,   /* nothing under way; there may be a connection */
	CLIENT_ASKING, /* a request is under way */
	CLIENT_DONE,   /* its result waits for the loop to come back */
};

enum { HOST_MAX = 256, UNIX_MAX = 108 };

struct http_client {
	struct loop *loop;
	struct http_target target;
	char host[HOST_MAX];
	char unix_path[UNIX_MAX];
	bool is_numeric;
	struct names_address address; /* of a numeric host, or the last that was found */
	size_t tries;		      /* connections that failed: which address is next */
	struct names_query *query;
	struct evbuffer *waiting; /* the request, while the host is looked up */
	struct http_stream stream;
	bool has_peer;
	uint8_t peer[TLS_KEY_LEN];
	struct event *clock; /* time-out of a request, end of an idle connection, "now" */
	enum client_state state;
	bool is_broken; /* the connection must not be used again */
	int result;
	unsigned status;
	size_t head_len, body_len;
	void (*done)(void *arg, int r, unsigned status, struct rd body);
	void *arg;
};

static void
drop(struct http_client *c)
{
	names_cancel(c->query);
	c->query = NULL;
	if (c->waiting != NULL)
		evbuffer_free(c->waiting);
	c->waiting = NULL;
	http_stream_close(&c->stream);
	c->is_broken = false;
}

static void
set_clock(struct http_client *c, unsigned ms)
{
	struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000) * 1000};

	if (event_add(c->clock, &wait) != 0) {
		c->is_broken = true;
		c->result = FAIL_NOMEM;
		if (c->state == CLIENT_ASKING)
			c->state = CLIENT_DONE;
		event_active(c->clock, EV_TIMEOUT, 1);
	}
}

/* From within callbacks of the bufferevent: note the result, tell it when the loop is back. */
static void
finish(struct http_client *c, int r)
{
	if (c->state == CLIENT_ASKING) {
		c->state = CLIENT_DONE;
		c->result = r;
	}
	if (r != 0)
		c->is_broken = true;
	event_active(c->clock, EV_TIMEOUT, 1);
}

/* Who answered; or that the next connection shall try the next address. */
static void
note_peer(struct http_client *c, int r)
{
	if (r == FAIL_CLOSED)
		c->tries++;
	else if (r == 0)
		c->has_peer = c->stream.session != NULL &&
			tls_peer(c->stream.session, c->peer) == 0;
}

static void
tell(struct http_client *c)
{
	void (*done)(void *arg, int r, unsigned status, struct rd body) = c->done;
	struct evbuffer *in =
		c->stream.bev != NULL ? bufferevent_get_input(c->stream.bev) : NULL;
	struct evbuffer *taken = NULL;
	const uint8_t *bytes = NULL;
	size_t len = c->head_len + c->body_len;
	int r = c->result;

	note_peer(c, r);
	/* Into a buffer of its own, so that done() may send the next request. */
	if (r == 0 &&
		((taken = evbuffer_new()) == NULL ||
			evbuffer_remove_buffer(in, taken, len) != (int)len ||
			(bytes = evbuffer_pullup(taken, -1)) == NULL))
		r = FAIL_NOMEM;
	if (r != 0 || c->is_broken)
		drop(c);
	c->state = CLIENT_IDLE;
	set_clock(c, c->target.idle_ms);
	if (r == 0)
		done(c->arg, 0, c->status, rd_of(bytes + c->head_len, c->body_len));
	else
		done(c->arg, r, 0, rd_of("", 0));
	if (taken != NULL)
		evbuffer_free(taken);
}

static void
on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct http_client *c = arg;

	(void)fd;
	(void)what;
	if (c->state == CLIENT_ASKING) {
		c->is_broken = true;
		c->result = FAIL_TIMEOUT;
		c->state = CLIENT_DONE;
	}
	if (c->state == CLIENT_DONE)
		tell(c);
	else
		drop(c);
}

/* 0 complete, FAIL_AGAIN not yet. */
static int
look(struct http_client *c, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	struct evbuffer_ptr end;
	struct http_head h;
	const uint8_t *bytes;
	int r;

	if (c->head_len == 0) {
		end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
		if (end.pos < 0 ? len >= HTTP_HEAD_MAX : end.pos + 4 > HTTP_HEAD_MAX)
			return FAIL_LIMIT;
		if (end.pos < 0)
			return FAIL_AGAIN;
		if ((bytes = evbuffer_pullup(in, end.pos + 4)) == NULL)
			return FAIL_NOMEM;
		if ((r = http_head_answer(rd_of(bytes, (size_t)end.pos + 4), &h)) != 0)
			return r;
		/* Interim answers and bodies that end with the connection are not ours. */
		if (h.status < 200 || !h.has_len)
			return FAIL_FORMAT;
		if (h.body_len > c->target.body_max)
			return FAIL_LIMIT;
		c->head_len = (size_t)end.pos + 4;
		c->body_len = (size_t)h.body_len;
		c->status = h.status;
		c->is_broken |= h.is_close;
	}
	if (len < c->head_len + c->body_len)
		return FAIL_AGAIN;
	/* More than was asked for: this peer is out of step. */
	return len == c->head_len + c->body_len ? 0 : FAIL_FORMAT;
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct http_client *c = arg;
	int r;

	/* Unasked bytes on an idle connection end it; after the answer they spoil it. */
	if (c->state != CLIENT_ASKING) {
		finish(c, FAIL_FORMAT);
		return;
	}
	r = look(c, bufferevent_get_input(bev));
	if (r != FAIL_AGAIN)
		finish(c, r);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_client *c = arg;

	(void)bev;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0)
		finish(c, FAIL_CLOSED);
}

static int
open_tcp(const struct http_client *c, int *ret_fd)
{
	const struct names_address *a = &c->address;
	int one = 1, fd;

	fd = socket(a->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return disk_fail_of(errno);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
		(connect(fd, (const struct sockaddr *)&a->address, a->len) != 0 &&
			errno != EINPROGRESS)) {
		disk_close(fd);
		return FAIL_CLOSED;
	}
	*ret_fd = fd;
	return 0;
}

static int
open_local(const struct http_client *c, int *ret_fd)
{
	int fd = -1, r;

	if ((r = peer_connect(c->unix_path, &fd)) != 0)
		return r;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
		disk_close(fd);
		return FAIL_IO;
	}
	*ret_fd = fd;
	return 0;
}

static int
connect_client(struct http_client *c)
{
	int fd = -1, r;

	if ((r = c->unix_path[0] != '\0' ? open_local(c, &fd) : open_tcp(c, &fd)) != 0)
		return r;
	if ((r = http_stream_open(c->loop, fd, c->target.tls, false, &c->stream)) != 0) {
		disk_close(fd);
		return r;
	}
	bufferevent_setcb(c->stream.bev, on_read, NULL, on_event, c);
	if (bufferevent_enable(c->stream.bev, EV_READ | EV_WRITE) != 0) {
		drop(c);
		return FAIL_NOMEM;
	}
	return 0;
}

/* The host has been looked up: connect, and send what has waited. */
static void
on_found(void *arg, int r, const struct names_address *addresses, size_t count)
{
	struct http_client *c = arg;

	c->query = NULL;
	if (r == 0) {
		c->address = addresses[c->tries % count];
		r = connect_client(c);
	}
	if (r == 0 && bufferevent_write_buffer(c->stream.bev, c->waiting) != 0)
		r = FAIL_NOMEM;
	if (r != 0)
		finish(c, r == FAIL_NOMEM ? FAIL_NOMEM : FAIL_CLOSED);
}

static bool
is_known(const struct http_client *c)
{
	return c->stream.bev != NULL || c->is_numeric || c->unix_path[0] != '\0';
}

/* Hand the request to the connection, which is made first when there is none. */
static int
send_buffer(struct http_client *c, struct evbuffer *out)
{
	int r;

	if (!is_known(c)) {
		if ((r = names_find(c->target.names, c->host, c->target.port, on_found, c,
			     &c->query)) != 0)
			return r;
		c->waiting = out;
		return 0;
	}
	if (c->stream.bev == NULL && (r = connect_client(c)) != 0)
		return r;
	if (bufferevent_write_buffer(c->stream.bev, out) != 0)
		return FAIL_NOMEM;
	evbuffer_free(out);
	return 0;
}

static int
write_call(struct http_client *c, const struct http_call *call)
{
	struct evbuffer *out = evbuffer_new();
	int r = FAIL_NOMEM;

	if (out == NULL)
		return FAIL_NOMEM;
	if (evbuffer_add_printf(out,
		    "%s %s HTTP/1.1\r\nHost: %s%s%s:%u\r\nContent-Length: %zu\r\n\r\n",
		    call->method, call->path, strchr(c->host, ':') != NULL ? "[" : "",
		    c->host, strchr(c->host, ':') != NULL ? "]" : "", c->target.port,
		    call->body.len) > 0 &&
		(call->body.len == 0 ||
			evbuffer_add(out, call->body.ptr, call->body.len) == 0) &&
		(r = send_buffer(c, out)) == 0)
		return 0;
	evbuffer_free(out);
	return r;
}

int
http_client_send(struct http_client *c, const struct http_call *call)
{
	int r;

	if (c->state != CLIENT_IDLE)
		return FAIL_AGAIN;
	if (!http_head_is_path(rd_of(call->path, strlen(call->path))))
		return FAIL_USAGE;
	if (c->is_broken)
		drop(c);
	if ((r = write_call(c, call)) != 0) {
		drop(c);
		return r;
	}
	c->done = call->done;
	c->arg = call->arg;
	c->head_len = c->body_len = 0;
	c->result = 0;
	c->state = CLIENT_ASKING;
	set_clock(c, call->timeout_ms > 0 ? call->timeout_ms : c->target.timeout_ms);
	return 0;
}

int
http_client_peer(const struct http_client *c, uint8_t ret_key[TLS_KEY_LEN])
{
	if (!c->has_peer)
		return FAIL_ABSENT;
	memcpy(ret_key, c->peer, TLS_KEY_LEN);
	return 0;
}

static int
copy_text(char *ret_out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		return FAIL_USAGE;
	memcpy(ret_out, text, len + 1);
	return 0;
}

/* Where to: a socket of this machine, an address, or a name. */
static int
take_target(struct http_client *c, const struct http_target *target)
{
	int r;

	if (target->unix_path != NULL)
		return (r = copy_text(c->host, sizeof c->host, "localhost")) != 0
			? r
			: copy_text(c->unix_path, sizeof c->unix_path, target->unix_path);
	/* What is not encrypted must not leave the machine. */
	if (target->tls == NULL)
		return FAIL_REFUSED;
	if ((r = copy_text(c->host, sizeof c->host, target->host)) != 0)
		return r;
	r = names_numeric(target->host, target->port, &c->address);
	c->is_numeric = r == 0;
	return r == FAIL_USAGE && target->names != NULL ? 0 : r;
}

int
http_client_new(struct loop *loop, const struct http_target *target,
	struct http_client **ret_client)
{
	struct http_client *c = NULL;
	int r;

	if (target->unix_path != NULL && target->tls != NULL)
		return FAIL_USAGE;
	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	c->loop = loop;
	c->target = *target;
	c->stream.fd = -1;
	if ((r = take_target(c, target)) != 0)
		goto out;
	if ((c->clock = event_new(loop_base(loop), -1, 0, on_clock, c)) == NULL) {
		r = FAIL_NOMEM;
		goto out;
	}
	*ret_client = c;
	c = NULL;
out:
	http_client_free(c);
	return r;
}

void
http_client_free(struct http_client *c)
{
	if (c == NULL)
		return;
	drop(c);
	if (c->clock != NULL)
		event_free(c->clock);
	mem_free(c);
}
