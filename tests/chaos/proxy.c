/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy: a bad network between two stations.
 *
 *   chaos_proxy [--seed N] [--trouble PERCENT] LISTEN=TARGET...     ports on 127.0.0.1
 *
 * Each connection to LISTEN goes on to TARGET.  That many of a hundred get one trouble each,
 * drawn from the seed; TLS passes through, so the trouble is all that a network can do:
 *
 *   late     it is connected up to 300 ms later, so that those after it overtake it
 *   delay    each piece waits up to 40 ms
 *   slow     600 bytes at a time, with pauses
 *   cut      both sides are closed after at most 8,000 bytes
 *   swallow  the requests arrive, no answer comes back: what was done will be asked again
 *
 * Every other connection is cut as well, later: stations keep theirs, and would meet one trouble
 * each.  A line a second on stdout: how many connections there were, and how many of each trouble.
 * Ends at SIGTERM or SIGINT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/loop.h"

enum {
	PIECE = 16384,
	SLOW_PIECE = 600,
	PORTS_MAX = 16,
	CUT_MAX = 8000,
	LIFE_MAX = 60000,
	LATE_MS = 300
};

enum trouble { NONE, LATE, DELAY, SLOW, CUT, SWALLOW, TROUBLES };
static const char *const trouble_names[] = {
	"plain", "late", "delay", "slow", "cut", "swallow"};

struct link;

/* One direction: read a piece, wait, write it, read on. */
struct pipe {
	struct link *link;
	int from, to;
	uint8_t piece[PIECE];
	size_t len, sent;
	bool is_swallowing;
	struct loop_event *reader, *writer, *timer;
};

struct link {
	enum trouble trouble;
	int client, server;
	uint16_t target;
	size_t budget; /* bytes until it is cut */
	struct loop_event *timer;
	struct pipe there, back;
};

struct port {
	uint16_t target;
	int fd;
	struct loop_event *accepting;
};

static struct loop *loop;
static uint64_t seed = 1;
static unsigned trouble_percent = 50;
static unsigned counts[TROUBLES];
static struct loop_event *every_second;

static unsigned
draw(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % below);
}

static void
pipe_close(struct pipe *p)
{
	loop_event_free(p->reader);
	loop_event_free(p->writer);
	loop_event_free(p->timer);
}

static void
link_close(struct link *l)
{
	pipe_close(&l->there);
	pipe_close(&l->back);
	loop_event_free(l->timer);
	if (l->client >= 0)
		(void)close(l->client);
	if (l->server >= 0)
		(void)close(l->server);
	mem_free(l);
}

static unsigned
pause_of(const struct pipe *p)
{
	switch (p->link->trouble) {
	case DELAY:
		return draw(40);
	case SLOW:
		return 1 + draw(8);
	case NONE:
	case LATE:
	case CUT:
	case SWALLOW:
	case TROUBLES:
		break;
	}
	return 0;
}

static void pipe_write(void *arg);

/* Everything written: the next piece. */
static void
pipe_next(struct pipe *p)
{
	p->len = p->sent = 0;
	loop_watch_pause(p->writer);
	if (loop_watch_resume(p->reader) != 0)
		link_close(p->link);
}

static void
pipe_write(void *arg)
{
	struct pipe *p = arg;
	ssize_t n = send(p->to, p->piece + p->sent, p->len - p->sent, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
		link_close(p->link);
		return;
	}
	p->sent += n > 0 ? (size_t)n : 0;
	if (p->sent == p->len)
		pipe_next(p);
	else if (loop_watch_resume(p->writer) != 0)
		link_close(p->link);
}

static bool
is_cut(struct link *l, size_t n)
{
	l->budget -= n < l->budget ? n : l->budget;
	return l->budget == 0;
}

static void
pipe_read(void *arg)
{
	struct pipe *p = arg;
	size_t most = p->link->trouble == SLOW ? SLOW_PIECE : PIECE;
	ssize_t n = recv(p->from, p->piece, most, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || is_cut(p->link, (size_t)n)) {
		link_close(p->link);
		return;
	}
	if (p->is_swallowing)
		return;
	p->len = (size_t)n;
	loop_watch_pause(p->reader);
	if (loop_timer_set(p->timer, pause_of(p)) != 0)
		link_close(p->link);
}

static int
pipe_open(struct pipe *p, struct link *l, int from, int to)
{
	int r;

	p->link = l;
	p->from = from;
	p->to = to;
	if ((r = loop_timer_new(loop, pipe_write, p, &p->timer)) != 0 ||
		(r = loop_watch_new(loop, to, LOOP_WRITE, pipe_write, p, &p->writer)) !=
			0)
		return r;
	loop_watch_pause(p->writer);
	return loop_watch_new(loop, from, LOOP_READ, pipe_read, p, &p->reader);
}

static void
link_connect(void *arg)
{
	struct link *l = arg;
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(l->target),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	l->server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->server < 0 ||
		(connect(l->server, (const struct sockaddr *)&to, sizeof to) != 0 &&
			errno != EINPROGRESS) ||
		pipe_open(&l->there, l, l->client, l->server) != 0 ||
		pipe_open(&l->back, l, l->server, l->client) != 0) {
		link_close(l);
		return;
	}
	l->back.is_swallowing = l->trouble == SWALLOW;
}

/* A swallowed answer is waited for only so long. */
static void
link_give_up(void *arg)
{
	link_close(arg);
}

static void
port_accept(void *arg)
{
	const struct port *port = arg;
	struct link *l = NULL;
	int fd = accept4(port->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (mem_new(&l, sizeof *l) != 0) {
		(void)close(fd);
		return;
	}
	*l = (struct link){.client = fd, .server = -1, .target = port->target};
	if (draw(100) < trouble_percent)
		l->trouble = (enum trouble)(1 + draw(TROUBLES - 1));
	counts[l->trouble]++;
	l->budget = 1 + draw(l->trouble == CUT ? CUT_MAX : LIFE_MAX);
	if (l->trouble == LATE || l->trouble == SWALLOW) {
		bool is_late = l->trouble == LATE;

		if (loop_timer_new(loop, is_late ? link_connect : link_give_up, l,
			    &l->timer) != 0 ||
			loop_timer_set(l->timer, is_late ? 1 + draw(LATE_MS) : 1500) !=
				0) {
			link_close(l);
			return;
		}
		if (is_late)
			return;
	}
	link_connect(l);
}

static int
port_open(const char *pair, struct port *port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const char *equals = strchr(pair, '=');
	const int yes = 1;

	if (equals == NULL)
		return FAIL_USAGE;
	at.sin_port = htons((uint16_t)strtoul(pair, NULL, 10));
	port->target = (uint16_t)strtoul(equals + 1, NULL, 10);
	port->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (port->fd < 0 ||
		setsockopt(port->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
		bind(port->fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
		listen(port->fd, 256) != 0)
		return FAIL_IO;
	return loop_watch_new(
		loop, port->fd, LOOP_READ, port_accept, port, &port->accepting);
}

static void
tell(void *arg)
{
	(void)arg;
	for (int i = 0; i < TROUBLES; i++)
		(void)printf("%s=%u%c", trouble_names[i], counts[i],
			i + 1 < TROUBLES ? ' ' : '\n');
	(void)fflush(stdout);
	if (loop_timer_set(every_second, 1000) != 0)
		loop_stop(loop);
}

static void
end(void *arg)
{
	(void)arg;
	tell(NULL);
	loop_stop(loop);
}

static int
usage(void)
{
	(void)fputs(
		"usage: chaos_proxy [--seed N] [--trouble PERCENT] LISTEN=TARGET...\n",
		stderr);
	return 2;
}

/* The options; the index of the first pair of ports, 0 when the words are off. */
static int
options(int argc, char **argv)
{
	int i;

	for (i = 1; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[i + 1], NULL, 10) * 2654435769u + 1;
		else if (strcmp(argv[i], "--trouble") == 0)
			trouble_percent = (unsigned)strtoul(argv[i + 1], NULL, 10);
		else
			return 0;
	return i < argc && argc - i <= PORTS_MAX ? i : 0;
}

int
main(int argc, char **argv)
{
	static struct port ports[PORTS_MAX];
	struct loop_event *term = NULL, *interrupt = NULL;
	size_t count = 0;
	int i = options(argc, argv);

	if (i == 0)
		return usage();
	if (loop_new(&loop) != 0 ||
		loop_signal_new(loop, SIGTERM, end, NULL, &term) != 0 ||
		loop_signal_new(loop, SIGINT, end, NULL, &interrupt) != 0 ||
		loop_timer_new(loop, tell, NULL, &every_second) != 0)
		return 1;
	for (; i < argc; i++)
		if (port_open(argv[i], &ports[count++]) != 0) {
			(void)fprintf(stderr, "chaos_proxy: cannot open %s: %s\n",
				argv[i], strerror(errno));
			return 1;
		}
	tell(NULL);
	/* The connections that are left end with the process. */
	return loop_run(loop) == 0 ? 0 : 1;
}
