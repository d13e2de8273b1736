/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/loop.h"

struct seen {
	struct loop *loop;
	struct loop_event *event;
	int fd;
	int times;
};

static void
stop(void *arg)
{
	struct seen *s = arg;

	s->times++;
	loop_stop(s->loop);
}

static void
thrice(void *arg)
{
	struct seen *s = arg;

	if (++s->times < 3)
		assert_int_equal(loop_timer_set(s->event, 5), 0);
}

static void
test_timers(void **state)
{
	struct seen a = {.fd = -1}, b = {.fd = -1};
	uint64_t begun_ms;

	(void)state;
	assert_int_equal(loop_new(&a.loop), 0);
	b.loop = a.loop;
	assert_int_equal(loop_timer_new(a.loop, thrice, &a, &a.event), 0);
	assert_int_equal(loop_timer_new(a.loop, stop, &b, &b.event), 0);
	/* Not set: nothing to wait for. */
	assert_int_equal(loop_run(a.loop), 0);
	assert_int_equal(loop_timer_set(a.event, 5), 0);
	assert_int_equal(loop_timer_set(b.event, 60000), 0);
	loop_timer_clear(b.event);
	begun_ms = clock_monotonic_ms();
	assert_int_equal(loop_run(a.loop), 0);
	assert_true(clock_monotonic_ms() - begun_ms >= 14);
	assert_int_equal(a.times, 3);
	assert_int_equal(b.times, 0);
	/* The later time counts when set again. */
	assert_int_equal(loop_timer_set(b.event, 60000), 0);
	assert_int_equal(loop_timer_set(b.event, 1), 0);
	assert_int_equal(loop_run(a.loop), 0);
	assert_int_equal(b.times, 1);
	loop_event_free(a.event);
	loop_event_free(b.event);
	loop_free(a.loop);
}

/* Read one byte a call; the third frees the watch from within. */
static void
take(void *arg)
{
	struct seen *s = arg;
	char c;

	assert_int_equal(read(s->fd, &c, 1), 1);
	if (++s->times == 3) {
		loop_event_free(s->event);
		s->event = NULL;
		loop_stop(s->loop);
	}
}

static void
test_watches(void **state)
{
	struct seen reader = {0}, writer = {0};
	int ends[2];

	(void)state;
	assert_int_equal(loop_new(&reader.loop), 0);
	writer.loop = reader.loop;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	reader.fd = ends[0];
	assert_int_equal(
		loop_watch_new(reader.loop, -1, LOOP_READ, take, &reader, &reader.event),
		FAIL_USAGE);
	assert_int_equal(loop_watch_new(reader.loop, ends[0], LOOP_READ, take, &reader,
				 &reader.event),
		0);
	assert_int_equal(loop_watch_new(reader.loop, ends[1], LOOP_WRITE, stop, &writer,
				 &writer.event),
		0);
	assert_int_equal(loop_run(reader.loop), 0);
	assert_int_equal(writer.times, 1);
	assert_int_equal(reader.times, 0);
	loop_event_free(writer.event);

	assert_int_equal(write(ends[1], "abcd", 4), 4);
	loop_watch_pause(reader.event);
	assert_int_equal(loop_run(reader.loop), 0);
	assert_int_equal(reader.times, 0);
	assert_int_equal(loop_watch_resume(reader.event), 0);
	assert_int_equal(loop_run(reader.loop), 0);
	assert_int_equal(reader.times, 3);
	loop_free(reader.loop);
	close(ends[0]);
	/* A broken pipe is an error, not the end of us. */
	assert_int_equal(write(ends[1], "e", 1), -1);
	close(ends[1]);
}

static void
test_signals(void **state)
{
	struct seen s = {.fd = -1};

	(void)state;
	assert_int_equal(loop_new(&s.loop), 0);
	assert_int_equal(loop_signal_new(s.loop, SIGUSR1, stop, &s, &s.event), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(loop_run(s.loop), 0);
	assert_int_equal(s.times, 1);
	loop_event_free(s.event);
	loop_event_free(NULL);
	loop_free(s.loop);
	loop_free(NULL);
}

/* Everything once, with the n-th allocation refused. */
static int
scenario(int fd)
{
	struct loop_event *timer = NULL, *watch = NULL;
	struct seen s = {.fd = fd};
	int r;

	if ((r = loop_new(&s.loop)) != 0)
		return r;
	if ((r = loop_timer_new(s.loop, stop, &s, &timer)) != 0 ||
		(r = loop_watch_new(s.loop, fd, LOOP_READ, take, &s, &watch)) != 0 ||
		(r = loop_timer_set(timer, 1)) != 0 || (r = loop_run(s.loop)) != 0)
		goto out;
	r = s.times == 1 ? 0 : FAIL_MISMATCH;
out:
	loop_event_free(timer);
	loop_event_free(watch);
	loop_free(s.loop);
	return r;
}

static void
test_want_of_memory(void **state)
{
	int ends[2], r = FAIL_NOMEM;
	long n;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	for (n = 0; r != 0 && n < 100; n++) {
		/* All from the n-th on: after one, libevent gets by with poll() for epoll. */
		mem_fail_after(n, false);
		r = scenario(ends[0]);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM || r == FAIL_IO);
	}
	assert_true(n > 5);
	assert_int_equal(r, 0);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_watches),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
