/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SYS_HTTP_RIG_H
#define TESTS_SYS_HTTP_RIG_H
/*
 * http_rig: a small service on a live port, for tests.
 *
 * Routes  POST /echo gives the body back; GET /late answers only when rig_answer_late() is
 *         called; PUT /chunk/ counts what arrives; GET /status says "well".
 * Server  on 127.0.0.1 with TLS (rig_open_tls), or on a Unix socket (rig_open_local), then
 *         driven by the caller's loop or by a thread (rig_run, rig_stop).
 */
#include <pthread.h>
#include <stdatomic.h>

#include "sys/http.h"

enum { RIG_KEYS = 3 };

struct rig {
	struct loop *loop;
	struct tls *tls;
	struct http_server *server;
	struct http_limits limits;
	struct http_service service;
	int fd;
	uint16_t port;
	char dir[32], path[64];
	atomic_long handled;
	struct http_answer *late;
	uint8_t peer[TLS_KEY_LEN];
	bool has_peer;
	/* The thread, and the pipe by which it is told to stop. */
	pthread_t thread;
	struct loop_event *stop_watch;
	int stop_pipe[2];
};

extern uint8_t rig_seeds[RIG_KEYS][32], rig_keys[RIG_KEYS][TLS_KEY_LEN];

/* Keys; aborts when the libraries are not there. */
void rig_init(void);

struct tls_pins rig_pin(size_t i);

/* Fill in service and limits, which the caller may change before opening. */
void rig_prepare(struct rig *rig);

/* Key 0 is the server's.  pins: the keys that may be shown. */
MUST int rig_open_tls(struct rig *rig, struct tls_pins pins);
MUST int rig_open_local(struct rig *rig);
void rig_close(struct rig *rig);

void rig_answer_late(struct rig *rig);

void rig_run(struct rig *rig);
void rig_stop(struct rig *rig);

/* A blocking connection to the Unix socket; reads give up after ms. */
int rig_connect(const struct rig *rig, int ms);
int rig_connect_tcp(const struct rig *rig, int ms);

#endif
