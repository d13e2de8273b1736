/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_AGENT_SERVER_H
#define VALISE_AGENT_SERVER_H
/*
 * server: the agent's loop: several clients over one listening socket, by poll(2).
 *
 * It ends on LOCK, on SIGTERM or SIGINT (a signalfd) and when the lifetime is over (a timerfd,
 * on a clock that goes on in suspend), and returns 0 then.
 *
 * Limits  SERVER_CLIENTS_MAX connections; more wait.  A client that sends a malformed message,
 *         or does not read its answers, loses its connection; nobody else notices.
 */
#include "base/fail.h"
#include "valise-agent/holder.h"

enum { SERVER_CLIENTS_MAX = 32 };

struct server_fds {
	int listen, signal, timer;
};

/* Allocates everything it will need; before the sandbox is as good as after. */
struct server;
MUST int server_new(struct server_fds fds, struct server **ret_server);
void server_free(struct server *s);

MUST int server_run(struct server *s, struct holder *h);

#endif
