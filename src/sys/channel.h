/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_CHANNEL_H
#define SYS_CHANNEL_H
/*
 * channel: whole messages over a stream socket between two processes of a station, on a loop.
 *
 * Frame   uint32 length, big-endian, 1..max, then that many bytes.
 * Reading message() is called once for each whole message; idle() once when everything that
 *         had arrived was handed over (at the latest after CHANNEL_BATCH messages): the place
 *         to commit and to let answers out.
 * Writing never blocks: what the socket does not take is queued.  While more than
 *         CHANNEL_QUEUE_HIGH bytes are queued the channel reads nothing from its other side,
 *         so two processes that flood each other stand still instead of growing; above
 *         CHANNEL_QUEUE_MAX channel_send() answers FAIL_LIMIT and the channel is closed.
 * Asking  a side that asks more than it answers sets is_always_reading: two sides that both
 *         wait for the other to read would wait for ever.  It bounds by channel_queued() what
 *         it asks.
 * End     closed() once, from the loop: the other side went away (FAIL_CLOSED), or sent a frame
 *         longer than max or empty (FAIL_FORMAT), or memory was short (FAIL_NOMEM), or the
 *         queue was full (FAIL_LIMIT).  Nothing is read or written any more.
 *
 * Messages may carry keys: every buffer is wiped when it is freed or reused.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "base/rd.h"
#include "sys/loop.h"

enum { CHANNEL_QUEUE_HIGH = 8 << 20, CHANNEL_QUEUE_MAX = 64 << 20, CHANNEL_BATCH = 256 };

struct channel;

struct channel_user {
	void (*message)(void *arg, struct rd message);
	void (*idle)(void *arg);
	void (*closed)(void *arg, int r);
	void *arg;
	void (*drained)(void *arg); /* or NULL: all that was queued has been written */
	bool is_always_reading;
};

/* Two connected ends, close-on-exec, not blocking. */
MUST int channel_pair(int ret_fds[2]);

/* fd becomes the channel's when it succeeds.  max: of one message. */
MUST int channel_new(struct loop *loop, int fd, size_t max,
	const struct channel_user *user, struct channel **ret_channel);

/* Not from within a call of its user. */
void channel_free(struct channel *c);

/* FAIL_CLOSED once it has ended. */
MUST int channel_send(struct channel *c, struct rd message);

/* Bytes that wait to be written. */
size_t channel_queued(const struct channel *c);

/* Read nothing for a while: what asks for work that another side must take first. */
void channel_pause(struct channel *c);
void channel_resume(struct channel *c);

#endif
