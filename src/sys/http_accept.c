/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/http_accept.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "sys/peer.h"

enum { BACKLOG = 512 };

struct http_accept {
	int fd;
	bool is_local;
	int (*call)(void *arg, int fd);
	void *arg;
	struct loop_event *watch, *timer;
};

static int
accept_one(const struct http_accept *a, int *ret_fd)
{
	int fd;

	if (a->is_local)
		return peer_accept(a->fd, ret_fd);
	do
		fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return errno == EAGAIN ? FAIL_AGAIN : disk_fail_of(errno);
	*ret_fd = fd;
	return 0;
}

static void
rest(struct http_accept *a)
{
	loop_watch_pause(a->watch);
	/* Without memory for a timer we would never wake: then rather spin. */
	if (loop_timer_set(a->timer, HTTP_ACCEPT_REST_MS) != 0 &&
		loop_watch_resume(a->watch) != 0)
		return;
}

static void
on_readable(void *arg)
{
	struct http_accept *a = arg;

	/* Not for ever: the connections that stand want their turn too. */
	for (int i = 0; i < HTTP_ACCEPT_BURST; i++) {
		int fd = -1, r = accept_one(a, &fd);

		if (r == FAIL_AGAIN)
			return;
		if (r == FAIL_REFUSED)
			continue;
		if (r != 0) {
			rest(a);
			return;
		}
		if (a->call(a->arg, fd) != 0)
			disk_close(fd);
	}
}

static void
on_rested(void *arg)
{
	struct http_accept *a = arg;

	if (loop_watch_resume(a->watch) != 0)
		rest(a);
}

static int
check_local(int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof name;

	if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
		return disk_fail_of(errno);
	return name.ss_family == AF_UNIX ? 0 : FAIL_REFUSED;
}

int
http_accept_new(struct loop *loop, int listen_fd, bool is_local,
	int (*call)(void *arg, int fd), void *arg, struct http_accept **ret_accept)
{
	struct http_accept *a = NULL;
	int r;

	if (is_local && (r = check_local(listen_fd)) != 0)
		return r;
	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	*a = (struct http_accept){
		.fd = listen_fd, .is_local = is_local, .call = call, .arg = arg};
	if ((r = loop_timer_new(loop, on_rested, a, &a->timer)) != 0 ||
		(r = loop_watch_new(
			 loop, listen_fd, LOOP_READ, on_readable, a, &a->watch)) != 0) {
		http_accept_free(a);
		return r;
	}
	*ret_accept = a;
	return 0;
}

void
http_accept_free(struct http_accept *a)
{
	if (a == NULL)
		return;
	loop_event_free(a->watch);
	loop_event_free(a->timer);
	mem_free(a);
}

static int
parse_address(const char *text, uint16_t port, struct sockaddr_storage *ret_address,
	socklen_t *ret_len)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	*ret_address = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(ret_address, &v4, sizeof v4);
		*ret_len = sizeof v4;
		return 0;
	}
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
		memcpy(ret_address, &v6, sizeof v6);
		*ret_len = sizeof v6;
		return 0;
	}
	return FAIL_USAGE;
}

static int
port_of(int fd, uint16_t *ret_port)
{
	struct sockaddr_storage name;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t len = sizeof name;

	if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
		return disk_fail_of(errno);
	memcpy(&v4, &name, sizeof v4);
	memcpy(&v6, &name, sizeof v6);
	*ret_port = ntohs(name.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
	return 0;
}

int
http_accept_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port)
{
	struct sockaddr_storage name;
	socklen_t len = 0;
	int fd, one = 1, r;

	if ((r = parse_address(address, port, &name, &len)) != 0)
		return r;
	fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return disk_fail_of(errno);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
		bind(fd, (const struct sockaddr *)&name, len) != 0 ||
		listen(fd, BACKLOG) != 0)
		r = errno == EADDRINUSE ? FAIL_EXISTS : disk_fail_of(errno);
	if (r == 0)
		r = port_of(fd, ret_port);
	if (r != 0) {
		disk_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
