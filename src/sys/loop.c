/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/loop.h"

#include <event2/event.h>

#include <pthread.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

struct loop {
	struct event_base *base;
};

struct loop_event {
	struct event *event;
	void (*call)(void *arg);
	void *arg;
};

/*
 * base/mem has no realloc and does not know sizes, so each block begins with its own.  Blocks
 * are wiped when freed: libevent's buffers carry what people wrote.
 */
struct block {
	alignas(max_align_t) size_t size;
};

/* A buffer takes five blocks; the largest is that of the TLS buffer itself, 600 bytes. */
enum { SPARES = 12, SPARE_SIZE = 1024 };
static _Thread_local struct block *spares[SPARES];
static _Thread_local size_t spares_count;

void
loop_spare_end(void)
{
	while (spares_count > 0)
		mem_free(spares[--spares_count]);
}

int
loop_spare_begin(void)
{
	int r;

	CHECK(spares_count == 0);
	for (; spares_count < SPARES; spares_count++) {
		if ((r = mem_new(&spares[spares_count],
			     sizeof(struct block) + SPARE_SIZE)) != 0) {
			loop_spare_end();
			return r;
		}
	}
	return 0;
}

static void *
block_new(size_t size)
{
	struct block *b;

	if (size > SIZE_MAX - sizeof *b)
		return NULL;
	if (mem_new(&b, sizeof *b + size) != 0) {
		if (size > SPARE_SIZE || spares_count == 0)
			return NULL;
		b = spares[--spares_count];
	}
	b->size = size;
	return b + 1;
}

static void
block_free(void *ptr)
{
	struct block *b = ptr;

	if (b != NULL)
		mem_free_wiped(b - 1, sizeof *b + b[-1].size);
}

static void *
block_resize(void *ptr, size_t size)
{
	const struct block *old = ptr;
	void *new = block_new(size);

	if (new != NULL && old != NULL) {
		memcpy(new, ptr, old[-1].size < size ? old[-1].size : size);
		block_free(ptr);
	}
	return new;
}

/* libevent would write its troubles to standard error; we report by return values. */
static void
say_nothing(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

static void
init_once(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	CHECK(sigaction(SIGPIPE, &ignore, NULL) == 0);
	event_set_mem_functions(block_new, block_resize, block_free);
	event_set_log_callback(say_nothing);
}

int
loop_new(struct loop **ret_loop)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct loop *l = NULL;
	int r;

	CHECK(pthread_once(&once, init_once) == 0);
	if ((r = mem_new(&l, sizeof *l)) != 0)
		return r;
	if ((l->base = event_base_new()) == NULL) {
		mem_free(l);
		return FAIL_NOMEM;
	}
	*ret_loop = l;
	return 0;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	event_base_free(l->base);
	mem_free(l);
}

int
loop_run(struct loop *l)
{
	return event_base_dispatch(l->base) < 0 ? FAIL_IO : 0;
}

void
loop_stop(struct loop *l)
{
	(void)event_base_loopbreak(l->base);
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	const struct loop_event *e = arg;

	(void)fd;
	(void)what;
	e->call(e->arg);
}

static int
new_event(struct loop *l, int fd, short what, const struct loop_event *model,
	struct loop_event **ret_event)
{
	struct loop_event *e = NULL;
	int r;

	if ((r = mem_new(&e, sizeof *e)) != 0)
		return r;
	*e = *model;
	if ((e->event = event_new(l->base, fd, what, on_event, e)) == NULL)
		r = FAIL_NOMEM;
	/* A timer waits for loop_timer_set(). */
	else if (what != 0 && event_add(e->event, NULL) != 0)
		r = FAIL_IO;
	if (r != 0) {
		loop_event_free(e);
		return r;
	}
	*ret_event = e;
	return 0;
}

int
loop_timer_new(
	struct loop *l, void (*call)(void *arg), void *arg, struct loop_event **ret_timer)
{
	struct loop_event model = {.call = call, .arg = arg};

	return new_event(l, -1, 0, &model, ret_timer);
}

int
loop_timer_set(struct loop_event *timer, unsigned ms)
{
	struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000) * 1000};

	return event_add(timer->event, &wait) != 0 ? FAIL_NOMEM : 0;
}

void
loop_timer_clear(struct loop_event *timer)
{
	(void)event_del(timer->event);
}

void
loop_timer_now(struct loop_event *timer)
{
	event_active(timer->event, EV_TIMEOUT, 1);
}

int
loop_watch_new(struct loop *l, int fd, enum loop_what what, void (*call)(void *arg),
	void *arg, struct loop_event **ret_watch)
{
	struct loop_event model = {.call = call, .arg = arg};
	short flags = EV_PERSIST;

	if (fd < 0)
		return FAIL_USAGE;
	flags |= what == LOOP_READ ? EV_READ : EV_WRITE;
	return new_event(l, fd, flags, &model, ret_watch);
}

int
loop_signal_new(struct loop *l, int number, void (*call)(void *arg), void *arg,
	struct loop_event **ret_signal)
{
	struct loop_event model = {.call = call, .arg = arg};

	return new_event(l, number, EV_SIGNAL | EV_PERSIST, &model, ret_signal);
}

void
loop_watch_pause(struct loop_event *watch)
{
	(void)event_del(watch->event);
}

int
loop_watch_resume(struct loop_event *watch)
{
	return event_add(watch->event, NULL) != 0 ? FAIL_IO : 0;
}

void
loop_event_free(struct loop_event *e)
{
	if (e == NULL)
		return;
	if (e->event != NULL)
		event_free(e->event);
	mem_free(e);
}
