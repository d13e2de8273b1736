/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/channel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"

/*
 * Reading goes through a window, so that many small messages cost one system call; a message
 * that is larger than the window is read straight into a block of its own size.  Writing tries
 * the socket first; what is left becomes a block in the queue, head and bytes together.
 */
enum { HEAD_LEN = 4, WINDOW = 64 * 1024 };

/* Bytes that wait, or a large message that arrives. */
struct block {
	struct block *next;
	size_t len, done;
	uint8_t bytes[];
};

struct channel {
	int fd;
	size_t max;
	struct channel_user user;
	struct loop_event *reading, *writing;
	struct loop_event *later; /* when the loop is back: closed(), or go on reading */
	bool is_reading, is_writing, is_paused;
	int failed;
	size_t begin, end; /* of what the window holds */
	struct block *large;
	struct block *first, *last;
	size_t queued;
	uint8_t window[WINDOW];
};

static void
block_free(struct block *b)
{
	if (b != NULL)
		mem_free_wiped(b, sizeof *b + b->len);
}

static int
block_new(size_t len, struct block **ret_block)
{
	struct block *b = NULL;
	int r;

	if ((r = mem_new(&b, sizeof *b + len)) != 0)
		return r;
	b->len = len;
	*ret_block = b;
	return 0;
}

/* No more events; closed() comes from the loop, so that no caller is surprised by it. */
static void
end_with(struct channel *c, int r)
{
	if (c->failed != 0)
		return;
	c->failed = r;
	loop_watch_pause(c->reading);
	loop_watch_pause(c->writing);
	loop_timer_now(c->later);
}

static bool
may_read(const struct channel *c)
{
	return !c->is_paused &&
		(c->user.is_always_reading || c->queued <= CHANNEL_QUEUE_HIGH);
}

static int
set_watch(struct loop_event *event, bool is_wanted, bool *is_set)
{
	int r = 0;

	if (is_wanted && !*is_set)
		r = loop_watch_resume(event);
	else if (!is_wanted && *is_set)
		loop_watch_pause(event);
	*is_set = is_wanted;
	return r;
}

/* Watch what there is to be waited for, and nothing else: a ready socket calls for ever. */
static void
watch(struct channel *c)
{
	int r;

	if (c->failed != 0)
		return;
	if ((r = set_watch(c->reading, may_read(c), &c->is_reading)) != 0 ||
		(r = set_watch(c->writing, c->queued > 0, &c->is_writing)) != 0)
		end_with(c, r);
}

/* Whole messages may be left in the window, and nothing will arrive to wake us for them. */
static void
look_again(struct channel *c)
{
	if (c->failed == 0 && c->is_reading && c->end > c->begin)
		loop_timer_now(c->later);
}

/* What stands in the window and is whole is handed over; false when the batch must end. */
static bool
hand_over(struct channel *c, struct rd message, unsigned *count)
{
	c->user.message(c->user.arg, message);
	++*count;
	return c->failed == 0 && may_read(c) && *count < CHANNEL_BATCH;
}

/* The length of the frame at the window's start: 0 and at least HEAD_LEN bytes are there. */
static int
frame_len(const struct channel *c, size_t *ret_len)
{
	struct rd in = rd_of(c->window + c->begin, c->end - c->begin);
	uint32_t len;

	if (rd_u32(&in, &len) != 0)
		return FAIL_AGAIN;
	if (len == 0 || len > c->max)
		return FAIL_FORMAT;
	*ret_len = len;
	return 0;
}

/* Begin a message that does not fit into the window, with what is there of it. */
static int
begin_large(struct channel *c, size_t len)
{
	size_t have = c->end - c->begin - HEAD_LEN;
	int r;

	if ((r = block_new(len, &c->large)) != 0)
		return r;
	memcpy(c->large->bytes, c->window + c->begin + HEAD_LEN, have);
	c->large->done = have;
	c->begin = c->end;
	return 0;
}

/* One step through the window: FAIL_AGAIN when more bytes must come first. */
static int
take_one(struct channel *c, unsigned *count, bool *ret_is_on)
{
	size_t len = 0;
	const uint8_t *at;
	int r;

	if ((r = frame_len(c, &len)) != 0)
		return r;
	if (len + HEAD_LEN > WINDOW)
		return begin_large(c, len);
	if (c->end - c->begin < HEAD_LEN + len)
		return FAIL_AGAIN;
	at = c->window + c->begin + HEAD_LEN;
	c->begin += HEAD_LEN + len;
	*ret_is_on = hand_over(c, rd_of(at, len), count);
	return 0;
}

/* The unread rest moves to the front; what has been read is wiped. */
static void
settle_window(struct channel *c)
{
	size_t rest = c->end - c->begin;

	if (c->begin == 0)
		return;
	memmove(c->window, c->window + c->begin, rest);
	mem_wipe(c->window + rest, c->end - rest);
	c->begin = 0;
	c->end = rest;
}

static int
read_some(struct channel *c, uint8_t *ptr, size_t len, size_t *ret_len)
{
	ssize_t n;

	do
		n = read(c->fd, ptr, len);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return FAIL_CLOSED;
	if (n < 0)
		return errno == EAGAIN ? FAIL_AGAIN : FAIL_CLOSED;
	*ret_len = (size_t)n;
	return 0;
}

/* Read on into the large message; when it is whole, hand it over. */
static int
go_on_large(struct channel *c, unsigned *count, bool *ret_is_on)
{
	struct block *large = c->large;
	size_t n = 0;
	int r;

	if ((r = read_some(
		     c, large->bytes + large->done, large->len - large->done, &n)) != 0)
		return r;
	large->done += n;
	if (large->done < large->len)
		return 0;
	c->large = NULL;
	*ret_is_on = hand_over(c, rd_of(large->bytes, large->len), count);
	block_free(large);
	return 0;
}

/* One step: from the window, or from the socket.  FAIL_AGAIN: nothing there now. */
static int
step(struct channel *c, unsigned *count, bool *ret_is_on)
{
	size_t n = 0;
	int r;

	if (c->large != NULL)
		return go_on_large(c, count, ret_is_on);
	if ((r = take_one(c, count, ret_is_on)) != FAIL_AGAIN)
		return r;
	settle_window(c);
	if ((r = read_some(c, c->window + c->end, WINDOW - c->end, &n)) == 0)
		c->end += n;
	return r;
}

static void
on_readable(void *arg)
{
	struct channel *c = arg;
	unsigned count = 0;
	bool is_on = true;
	int r = 0;

	while (is_on && r == 0)
		r = step(c, &count, &is_on);
	if (count > 0)
		c->user.idle(c->user.arg);
	if (r != 0 && r != FAIL_AGAIN)
		end_with(c, r);
	watch(c);
	if (!is_on)
		look_again(c);
}

static void
on_later(void *arg)
{
	struct channel *c = arg;

	if (c->failed != 0)
		c->user.closed(c->user.arg, c->failed);
	else if (c->is_reading)
		on_readable(c);
}

static int
write_some(struct channel *c, const struct iovec *parts, int count, size_t *ret_len)
{
	ssize_t n;

	/* No socket call, which some roles may not make; sys/loop has SIGPIPE ignored. */
	do
		n = writev(c->fd, parts, count);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? FAIL_AGAIN : FAIL_CLOSED;
	*ret_len = (size_t)n;
	return 0;
}

/* Write from the queue as long as the socket takes it: 0 when all is out. */
static int
write_queue(struct channel *c)
{
	size_t n = 0;
	int r;

	while (c->first != NULL) {
		struct block *b = c->first;
		struct iovec part = {b->bytes + b->done, b->len - b->done};

		if ((r = write_some(c, &part, 1, &n)) != 0)
			return r;
		b->done += n;
		c->queued -= n;
		if (b->done < b->len)
			continue;
		c->first = b->next;
		block_free(b);
	}
	c->last = NULL;
	return 0;
}

static void
on_writable(void *arg)
{
	struct channel *c = arg;
	int r = write_queue(c);

	if (r != 0 && r != FAIL_AGAIN)
		end_with(c, r);
	watch(c);
	if (c->failed != 0)
		return;
	if (r == 0 && c->user.drained != NULL)
		c->user.drained(c->user.arg);
	look_again(c);
}

/* Queue what the socket did not take of head and message. */
static int
put_in_queue(
	struct channel *c, const uint8_t head[HEAD_LEN], struct rd message, size_t sent)
{
	struct block *b = NULL;
	size_t len = HEAD_LEN + message.len - sent, at = 0;
	int r;

	if (len > CHANNEL_QUEUE_MAX - c->queued)
		return FAIL_LIMIT;
	if ((r = block_new(len, &b)) != 0)
		return r;
	if (sent < HEAD_LEN) {
		memcpy(b->bytes, head + sent, HEAD_LEN - sent);
		at = HEAD_LEN - sent;
		sent = HEAD_LEN;
	}
	memcpy(b->bytes + at, message.ptr + (sent - HEAD_LEN), len - at);
	if (c->last != NULL)
		c->last->next = b;
	else
		c->first = b;
	c->last = b;
	c->queued += len;
	return 0;
}

int
channel_send(struct channel *c, struct rd message)
{
	uint8_t head[HEAD_LEN] = {(uint8_t)(message.len >> 24),
		(uint8_t)(message.len >> 16), (uint8_t)(message.len >> 8),
		(uint8_t)message.len};
	struct iovec parts[2] = {
		{head, HEAD_LEN}, {(void *)(uintptr_t)message.ptr, message.len}};
	size_t sent = 0;
	int r = FAIL_AGAIN;

	if (c->failed != 0)
		return FAIL_CLOSED;
	CHECK(message.len > 0 && message.len <= c->max);
	/* What is queued goes first. */
	if (c->first == NULL)
		r = write_some(c, parts, 2, &sent);
	if (r == FAIL_AGAIN)
		r = 0;
	if (r == 0 && sent < HEAD_LEN + message.len)
		r = put_in_queue(c, head, message, sent);
	if (r != 0) {
		end_with(c, r);
		return r;
	}
	watch(c);
	return 0;
}

size_t
channel_queued(const struct channel *c)
{
	return c->queued;
}

void
channel_pause(struct channel *c)
{
	c->is_paused = true;
	watch(c);
}

void
channel_resume(struct channel *c)
{
	c->is_paused = false;
	watch(c);
	look_again(c);
}

int
channel_pair(int ret_fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds) !=
		0)
		return disk_fail_of(errno);
	return 0;
}

int
channel_new(struct loop *loop, int fd, size_t max, const struct channel_user *user,
	struct channel **ret_channel)
{
	struct channel *c = NULL;
	int r;

	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	c->fd = -1; /* the caller's, until all has succeeded */
	c->max = max;
	c->user = *user;
	if ((r = loop_timer_new(loop, on_later, c, &c->later)) != 0 ||
		(r = loop_watch_new(loop, fd, LOOP_WRITE, on_writable, c, &c->writing)) !=
			0 ||
		(r = loop_watch_new(loop, fd, LOOP_READ, on_readable, c, &c->reading)) !=
			0)
		goto out;
	loop_watch_pause(c->writing);
	c->fd = fd;
	c->is_reading = true;
	*ret_channel = c;
	c = NULL;
out:
	channel_free(c);
	return r;
}

void
channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	loop_event_free(c->reading);
	loop_event_free(c->writing);
	loop_event_free(c->later);
	while (c->first != NULL) {
		struct block *b = c->first;

		c->first = b->next;
		block_free(b);
	}
	block_free(c->large);
	disk_close(c->fd);
	mem_free_wiped(c, sizeof *c);
}
