/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/channel.h"

enum { MAX = 1 << 20 };

/* One side: what it has heard, and what it answers. */
struct side {
	struct loop *loop;
	struct channel *channel;
	size_t messages, bytes, idles, drains;
	int closed; /* FAIL_*, or 0 */
	size_t closed_times;
	size_t last_len;
	uint8_t last[64];
	struct side *echo;  /* answer each message on this side's channel */
	size_t stop_after;  /* messages, then stop the loop */
	bool is_stop_drain; /* stop the loop when drained */
	int sent;	    /* result of the last answer */
};

static void
on_message(void *arg, struct rd message)
{
	struct side *s = arg;

	assert_int_equal(s->closed_times, 0);
	s->messages++;
	s->bytes += message.len;
	s->last_len = message.len;
	memcpy(s->last, message.ptr, message.len < 64 ? message.len : 64);
	if (s->echo != NULL)
		s->sent = channel_send(s->echo->channel, message);
	if (s->messages == s->stop_after)
		loop_stop(s->loop);
}

static void
on_idle(void *arg)
{
	((struct side *)arg)->idles++;
}

static void
on_drained(void *arg)
{
	struct side *s = arg;

	s->drains++;
	if (s->is_stop_drain)
		loop_stop(s->loop);
}

static void
on_closed(void *arg, int r)
{
	struct side *s = arg;

	s->closed = r;
	s->closed_times++;
	loop_stop(s->loop);
}

static void
open_side(struct side *s, struct loop *loop, int fd, bool is_always_reading)
{
	struct channel_user user = {.message = on_message,
		.idle = on_idle,
		.closed = on_closed,
		.drained = on_drained,
		.is_always_reading = is_always_reading,
		.arg = s};

	s->loop = loop;
	assert_int_equal(channel_new(loop, fd, MAX, &user, &s->channel), 0);
}

/* Two channels in one program, or one channel and a bare descriptor. */
static void
open_pair(struct side *a, struct side *b)
{
	struct loop *loop = NULL;
	int fds[2];

	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(channel_pair(fds), 0);
	open_side(a, loop, fds[0], true);
	open_side(b, loop, fds[1], false);
}

static int
open_half(struct side *a)
{
	struct loop *loop = NULL;
	int fds[2];

	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(channel_pair(fds), 0);
	open_side(a, loop, fds[0], false);
	return fds[1];
}

static void
close_sides(struct side *a, struct side *b)
{
	channel_free(a->channel);
	if (b != NULL)
		channel_free(b->channel);
	loop_free(a->loop);
}

static void
put(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, 0), (int)len);
}

static void
run(struct side *s)
{
	assert_int_equal(loop_run(s->loop), 0);
}

static void
test_words(void **state)
{
	struct side a = {.stop_after = 3}, b = {.stop_after = 0};

	(void)state;
	open_pair(&a, &b);
	b.echo = &b;
	assert_int_equal(channel_send(a.channel, rd_of("one", 3)), 0);
	assert_int_equal(channel_send(a.channel, rd_of("two", 3)), 0);
	assert_int_equal(channel_send(a.channel, rd_of("three", 5)), 0);
	run(&a);
	assert_int_equal(b.messages, 3);
	assert_int_equal(b.idles, 1); /* all had arrived: one commit for three */
	assert_int_equal(a.last_len, 5);
	assert_memory_equal(a.last, "three", 5);
	assert_int_equal(channel_queued(a.channel), 0);
	close_sides(&a, &b);
}

/* Frames in pieces, down to single bytes, and a large one that goes past the window. */
static void
test_pieces(void **state)
{
	static uint8_t large[MAX];
	struct side a = {.stop_after = 1};
	int fd = open_half(&a);
	const char frame[] = {0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'};
	const char head[] = {0, 16, 0, 0};
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof frame; i++) {
		put(fd, frame + i, 1);
		assert_int_equal(a.messages, 0);
	}
	put(fd, frame + sizeof frame - 1, 1);
	run(&a);
	assert_int_equal(a.last_len, 5);

	/* The largest that may be: fed from here, as far as the socket takes it. */
	memset(large, 'x', sizeof large);
	put(fd, head, sizeof head);
	a.stop_after = 2;
	while (at < sizeof large) {
		ssize_t n = send(fd, large + at, sizeof large - at, 0);

		if (n > 0)
			at += (size_t)n;
		else
			assert_int_equal(channel_send(a.channel, rd_of("tick", 4)), 0);
		a.is_stop_drain = false;
		if (n <= 0) {
			/* Let the other side read: one round of the loop. */
			struct loop_event *timer = NULL;

			assert_int_equal(
				loop_timer_new(a.loop, (void (*)(void *))loop_stop,
					a.loop, &timer),
				0);
			assert_int_equal(loop_timer_set(timer, 1), 0);
			run(&a);
			loop_event_free(timer);
		}
	}
	if (a.messages < 2)
		run(&a);
	assert_int_equal(a.messages, 2);
	assert_int_equal(a.last_len, MAX);
	close_sides(&a, NULL);
	assert_int_equal(close(fd), 0);
}

static void
ends_with(const char *bytes, size_t len, int expected)
{
	struct side a = {.stop_after = 0};
	int fd = open_half(&a);

	put(fd, bytes, len);
	if (expected == FAIL_CLOSED)
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
	run(&a);
	assert_int_equal(a.closed, expected);
	assert_int_equal(a.closed_times, 1);
	assert_int_equal(a.messages, 0);
	assert_int_equal(channel_send(a.channel, rd_of("x", 1)), FAIL_CLOSED);
	close_sides(&a, NULL);
	assert_int_equal(close(fd), 0);
}

static void
test_ends(void **state)
{
	(void)state;
	ends_with("\x00\x10\x00\x01x", 5, FAIL_FORMAT); /* one byte more than max */
	ends_with("\xff\xff\xff\xff", 4, FAIL_FORMAT);
	ends_with("\x00\x00\x00\x00", 4, FAIL_FORMAT); /* empty */
	ends_with("", 0, FAIL_CLOSED);
	ends_with("\x00\x00", 2, FAIL_CLOSED);		   /* within the head */
	ends_with("\x00\x00\x00\x05hell", 8, FAIL_CLOSED); /* within the message */
	ends_with("\x00\x02\x00\x00hell", 8, FAIL_CLOSED); /* within a large one */
}

/* What was said before the end is heard. */
static void
test_last_words(void **state)
{
	struct side a = {.stop_after = 0};
	int fd = open_half(&a);

	(void)state;
	put(fd,
		"\x00\x00\x00\x03"
		"bye",
		7);
	assert_int_equal(close(fd), 0);
	run(&a);
	assert_int_equal(a.messages, 1);
	assert_int_equal(a.idles, 1);
	assert_int_equal(a.closed, FAIL_CLOSED);
	close_sides(&a, NULL);
}

/* Both ask and both answer, far more than the sockets hold; nothing is lost or stands still. */
static void
test_floods(void **state)
{
	enum { COUNT = 200, LEN = 300000 };
	struct side a = {.stop_after = 2 * COUNT}, b = {.stop_after = 0};
	uint8_t *bytes = NULL;

	(void)state;
	open_pair(&a, &b);
	b.echo = &b;
	assert_int_equal(mem_new(&bytes, LEN), 0);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(channel_send(a.channel, rd_of(bytes, LEN)), 0);
		if (i < COUNT / 10)
			assert_int_equal(channel_send(b.channel, rd_of(bytes, LEN)), 0);
	}
	assert_true(channel_queued(a.channel) > CHANNEL_QUEUE_HIGH);
	a.stop_after = COUNT + COUNT / 10;
	run(&a);
	assert_int_equal(b.messages, COUNT);
	assert_int_equal(b.sent, 0);
	assert_int_equal(a.bytes, (size_t)LEN * (COUNT + COUNT / 10));
	mem_free(bytes);
	close_sides(&a, &b);
}

/* Many small ones: batches of CHANNEL_BATCH, each with its idle(); none left in the window. */
static void
test_batches(void **state)
{
	enum { COUNT = 1000 };
	static char frames[COUNT * 5];
	struct side a = {.stop_after = COUNT};
	int fd = open_half(&a);

	(void)state;
	for (int i = 0; i < COUNT; i++)
		memcpy(frames + (size_t)i * 5, "\x00\x00\x00\x01x", 5);
	put(fd, frames, sizeof frames);
	run(&a);
	assert_int_equal(a.messages, COUNT);
	assert_true(a.idles >= COUNT / CHANNEL_BATCH);
	assert_true(a.idles <= COUNT / CHANNEL_BATCH + 1);
	close_sides(&a, NULL);
	assert_int_equal(close(fd), 0);
}

/* Nobody reads: the queue has an end. */
static void
test_full(void **state)
{
	enum { LEN = 1 << 20 };
	struct side a = {.stop_after = 0};
	int fd = open_half(&a), r = 0;
	uint8_t *bytes = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(mem_new(&bytes, LEN), 0);
	while (r == 0 && count < 1000) {
		r = channel_send(a.channel, rd_of(bytes, LEN));
		count += r == 0;
	}
	assert_int_equal(r, FAIL_LIMIT);
	assert_true(count >= 62 && count <= 66);
	run(&a);
	assert_int_equal(a.closed, FAIL_LIMIT);
	mem_free(bytes);
	close_sides(&a, NULL);
	assert_int_equal(close(fd), 0);
}

/* While one side rests nothing is handed over; afterwards all of it is. */
static void
test_pause(void **state)
{
	struct side a = {.stop_after = 2}, b = {.is_stop_drain = true};

	(void)state;
	open_pair(&a, &b);
	channel_pause(a.channel);
	assert_int_equal(channel_send(b.channel, rd_of("one", 3)), 0);
	assert_int_equal(channel_send(b.channel, rd_of("two", 3)), 0);
	/* Something that ends the loop: more than the socket takes needs a reader. */
	assert_int_equal(channel_send(a.channel, rd_of("x", 1)), 0);
	b.stop_after = 1;
	run(&a);
	assert_int_equal(b.messages, 1);
	assert_int_equal(a.messages, 0);
	channel_resume(a.channel);
	run(&a);
	assert_int_equal(a.messages, 2);
	close_sides(&a, &b);
}

static void
test_want_of_memory(void **state)
{
	struct channel_user user = {
		.message = on_message, .idle = on_idle, .closed = on_closed};
	struct channel *c = NULL;
	struct loop *loop = NULL;
	struct side a = {.stop_after = 1};
	int fds[2], fd;
	long n;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(channel_pair(fds), 0);
	for (n = 0; n < 100; n++) {
		int r;

		mem_fail_after(n, true);
		r = channel_new(loop, fds[0], MAX, &user, &c);
		mem_fail_never();
		if (r == 0)
			break;
		/* libevent does not say why it cannot watch. */
		assert_true(r == FAIL_NOMEM || r == FAIL_IO);
		assert_null(c);
	}
	assert_true(n >= 4);
	channel_free(c);
	channel_free(NULL);
	loop_free(loop);
	assert_int_equal(close(fds[1]), 0);

	/* No room for a large message: the channel ends, and says why. */
	fd = open_half(&a);
	put(fd, "\x00\x08\x00\x00hell", 8);
	mem_fail_after(0, false);
	run(&a);
	mem_fail_never();
	assert_int_equal(a.closed, FAIL_NOMEM);
	close_sides(&a, NULL);
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
