/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-agent/server.h"

#include <errno.h>
#include <poll.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "sys/peer.h"
#include "wire/agent.h"

/*
 * Answers are small and a client asks one thing at a time, so an answer always fits into the
 * socket's buffer; where it does not, the client is not ours, and no queue is kept for it.
 */

enum { SLOT_LISTEN, SLOT_SIGNAL, SLOT_TIMER, SLOT_CLIENTS };
enum { SLOTS = SLOT_CLIENTS + SERVER_CLIENTS_MAX };

struct client {
	int fd; /* -1: free */
	struct session session;
	struct peer_inbox inbox;
};

struct server {
	struct server_fds fds;
	struct buf answer;
	struct pollfd polled[SLOTS];
	struct client clients[SERVER_CLIENTS_MAX];
};

int
server_new(struct server_fds fds, struct server **ret_server)
{
	struct server *s = NULL;
	int r;

	if ((r = mem_new(&s, sizeof *s)) != 0)
		return r;
	s->fds = fds;
	buf_init(&s->answer, AGENT_MESSAGE_MAX);
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	*ret_server = s;
	return 0;
}

static void
drop(struct client *c)
{
	disk_close(c->fd);
	mem_wipe(&c->inbox, sizeof c->inbox);
	c->session = (struct session){SESSION_NEW};
	c->fd = -1;
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		drop(&s->clients[i]);
	buf_done(&s->answer);
	mem_free(s);
}

static struct client *
free_client(struct server *s)
{
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (s->clients[i].fd < 0)
			return &s->clients[i];
	return NULL;
}

/* Answer every complete message of a client. */
static int
answer_all(struct server *s, struct holder *h, struct client *c)
{
	const uint8_t *ptr;
	size_t len;
	int r;

	while ((r = peer_first(&c->inbox, &ptr, &len)) == 0 && !h->is_locked) {
		if ((r = holder_handle(h, &c->session, ptr, len, &s->answer)) == 0)
			r = peer_send(c->fd, s->answer.data, s->answer.len, 0);
		buf_clear(&s->answer);
		if (r != 0)
			return r;
		peer_drop(&c->inbox);
	}
	return r == FAIL_AGAIN ? 0 : r;
}

static void
serve_client(struct server *s, struct holder *h, struct client *c)
{
	int r = peer_fill(c->fd, &c->inbox);

	if (r == 0)
		r = answer_all(s, h, c);
	if (r != 0 && r != FAIL_AGAIN)
		drop(c);
}

static void
greet(struct server *s)
{
	struct client *c = free_client(s);

	/* Somebody else's uid, or gone again: either way there is nobody to answer. */
	if (c != NULL && peer_accept(s->fds.listen, &c->fd) != 0)
		c->fd = -1;
}

static void
prepare(struct server *s)
{
	bool is_full = free_client(s) == NULL;

	s->polled[SLOT_LISTEN] =
		(struct pollfd){.fd = is_full ? -1 : s->fds.listen, .events = POLLIN};
	s->polled[SLOT_SIGNAL] = (struct pollfd){.fd = s->fds.signal, .events = POLLIN};
	s->polled[SLOT_TIMER] = (struct pollfd){.fd = s->fds.timer, .events = POLLIN};
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		s->polled[SLOT_CLIENTS + i] =
			(struct pollfd){.fd = s->clients[i].fd, .events = POLLIN};
}

int
server_run(struct server *s, struct holder *h)
{
	while (!h->is_locked) {
		prepare(s);
		if (poll(s->polled, SLOTS, -1) < 0 && errno != EINTR)
			return FAIL_IO;
		if (s->polled[SLOT_SIGNAL].revents != 0 ||
			s->polled[SLOT_TIMER].revents != 0)
			return 0;
		for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
			if (s->polled[SLOT_CLIENTS + i].revents != 0)
				serve_client(s, h, &s->clients[i]);
		if (s->polled[SLOT_LISTEN].revents != 0)
			greet(s);
	}
	return 0;
}
