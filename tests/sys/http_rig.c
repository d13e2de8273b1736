/* SPDX-License-Identifier: Apache-2.0 */
#include "http_rig.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "sys/http_accept.h"
#include "sys/peer.h"

uint8_t rig_seeds[RIG_KEYS][32], rig_keys[RIG_KEYS][TLS_KEY_LEN];

enum { ROUTE_ECHO, ROUTE_LATE, ROUTE_CHUNK, ROUTE_STATUS };

static const struct http_route routes[] = {
	[ROUTE_ECHO] = {"POST", "/echo"},
	[ROUTE_LATE] = {"GET", "/late"},
	[ROUTE_CHUNK] = {"PUT", "/chunk/"},
	[ROUTE_STATUS] = {"GET", "/status"},
};

void
rig_init(void)
{
	CHECK(crypto_init() == 0);
	for (size_t i = 0; i < RIG_KEYS; i++) {
		memset(rig_seeds[i], (int)(i + 1), sizeof rig_seeds[i]);
		sign_public(rig_seeds[i], rig_keys[i]);
	}
}

struct tls_pins
rig_pin(size_t i)
{
	return (struct tls_pins){
		.keys = (const uint8_t(*)[TLS_KEY_LEN]) & rig_keys[i], .count = 1};
}

static void
handle(void *arg, const struct http_request *request, struct http_answer *answer)
{
	struct rig *rig = arg;

	(void)atomic_fetch_add(&rig->handled, 1);
	rig->has_peer = request->peer != NULL;
	if (rig->has_peer)
		memcpy(rig->peer, request->peer, sizeof rig->peer);
	if (request->route == ROUTE_LATE && rig->late == NULL)
		rig->late = answer;
	else if (request->route == ROUTE_ECHO)
		http_answer(answer, 200, request->body);
	else
		http_answer(answer, 200, rd_of("well", 4));
}

void
rig_prepare(struct rig *rig)
{
	memset(rig, 0, sizeof *rig);
	rig->fd = -1;
	rig->limits = http_limits_usual();
	rig->service = (struct http_service){.routes = routes,
		.routes_count = sizeof routes / sizeof routes[0],
		.handle = handle,
		.arg = rig};
}

int
rig_open_tls(struct rig *rig, struct tls_pins pins)
{
	int r;

	if ((r = loop_new(&rig->loop)) != 0 ||
		(r = tls_new(TLS_SERVER, rig_seeds[0], pins, &rig->tls)) != 0 ||
		(r = http_accept_listen("127.0.0.1", 0, &rig->fd, &rig->port)) != 0 ||
		(r = http_server_new(rig->loop, rig->fd, rig->tls, &rig->limits,
			 &rig->service, &rig->server)) != 0)
		rig_close(rig);
	return r;
}

int
rig_open_local(struct rig *rig)
{
	int r;

	memcpy(rig->dir, "/tmp/valise-test-XXXXXX", sizeof "/tmp/valise-test-XXXXXX");
	CHECK(mkdtemp(rig->dir) != NULL);
	(void)snprintf(rig->path, sizeof rig->path, "%s/http", rig->dir);
	if ((r = loop_new(&rig->loop)) != 0 ||
		(r = peer_listen(rig->path, &rig->fd)) != 0 ||
		(r = http_server_new(rig->loop, rig->fd, NULL, &rig->limits,
			 &rig->service, &rig->server)) != 0)
		rig_close(rig);
	return r;
}

void
rig_close(struct rig *rig)
{
	http_server_free(rig->server);
	/* An answer that is still owed may be given after its server is gone. */
	rig_answer_late(rig);
	if (rig->fd >= 0)
		close(rig->fd);
	tls_free(rig->tls);
	loop_free(rig->loop);
	if (rig->path[0] != '\0') {
		(void)unlink(rig->path);
		(void)rmdir(rig->dir);
	}
}

void
rig_answer_late(struct rig *rig)
{
	struct http_answer *answer = rig->late;

	rig->late = NULL;
	if (answer != NULL)
		http_answer(answer, 202, rd_of("late", 4));
}

static void
on_stop(void *arg)
{
	struct rig *rig = arg;

	loop_stop(rig->loop);
}

static void *
run(void *arg)
{
	struct rig *rig = arg;

	CHECK(loop_run(rig->loop) == 0);
	return NULL;
}

void
rig_run(struct rig *rig)
{
	CHECK(pipe2(rig->stop_pipe, O_CLOEXEC) == 0);
	CHECK(loop_watch_new(rig->loop, rig->stop_pipe[0], LOOP_READ, on_stop, rig,
		      &rig->stop_watch) == 0);
	CHECK(pthread_create(&rig->thread, NULL, run, rig) == 0);
}

void
rig_stop(struct rig *rig)
{
	CHECK(write(rig->stop_pipe[1], "", 1) == 1);
	CHECK(pthread_join(rig->thread, NULL) == 0);
	loop_event_free(rig->stop_watch);
	close(rig->stop_pipe[0]);
	close(rig->stop_pipe[1]);
}

static int
connect_to(const void *address, socklen_t len, int family, int ms)
{
	struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0);
	CHECK(connect(fd, address, len) == 0);
	return fd;
}

int
rig_connect(const struct rig *rig, int ms)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	memcpy(name.sun_path, rig->path, sizeof rig->path);
	return connect_to(&name, sizeof name, AF_UNIX, ms);
}

int
rig_connect_tcp(const struct rig *rig, int ms)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_port = htons(rig->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return connect_to(&name, sizeof name, AF_INET, ms);
}
