/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H
/*
 * loop: waiting for descriptors, timers and signals, and calling who asked.
 *
 * A thin cover of libevent.  Everything is called from loop_run(), one after the other, in one
 * thread; a function that is called may free its own event, start others and stop the loop.
 *
 * Memory   libevent allocates through base/mem, so that want of memory is tested.
 * SIGPIPE  is ignored from the first loop_new() on: a peer that closes is an error of ours to
 *          handle, not the end of the process.
 * Errors   FAIL_NOMEM; FAIL_IO the system refused to watch; FAIL_USAGE.
 */
#include "base/fail.h"

struct loop;
struct loop_event;
struct event_base; /* libevent's, for sys/http alone */

MUST int loop_new(struct loop **ret_loop);

/* All events must be freed before. */
void loop_free(struct loop *l);

/* Until loop_stop(), or until nothing is waited for. */
MUST int loop_run(struct loop *l);
void loop_stop(struct loop *l);

struct event_base *loop_base(struct loop *l);

/*
 * libevent 2.1 does not survive want of memory while it makes a buffer: it frees what it has
 * not begun.  Between these two calls small blocks come from what begin has set aside, when
 * there is nothing else.  In one thread, not nested.
 */
MUST int loop_spare_begin(void);
void loop_spare_end(void);

/* Called once when the time is over; set again for the next time. */
MUST int loop_timer_new(struct loop *l, void (*call)(void *arg), void *arg,
	struct loop_event **ret_timer);
MUST int loop_timer_set(struct loop_event *timer, unsigned ms);
void loop_timer_clear(struct loop_event *timer);

/* Called as soon as the loop is back; needs no memory, so it cannot fail. */
void loop_timer_now(struct loop_event *timer);

enum loop_what { LOOP_READ = 1, LOOP_WRITE = 2 };

/* Called as long as fd is readable (or writable), until freed.  fd stays the caller's. */
MUST int loop_watch_new(struct loop *l, int fd, enum loop_what what,
	void (*call)(void *arg), void *arg, struct loop_event **ret_watch);

/* Called at every signal of this number that arrives; one loop of a process may watch it. */
MUST int loop_signal_new(struct loop *l, int number, void (*call)(void *arg), void *arg,
	struct loop_event **ret_signal);

/* Pause a watch without freeing it, and go on. */
void loop_watch_pause(struct loop_event *watch);
MUST int loop_watch_resume(struct loop_event *watch);

void loop_event_free(struct loop_event *e);

#endif
