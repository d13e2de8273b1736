/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/mem.h"

struct worker {
	pthread_t thread;
	struct workers *of;
	size_t i;
	int result;
};

struct workers {
	int (*run)(void *arg, size_t i);
	void *arg;
	size_t count; /* threads that were started */
	struct worker workers[WORKERS_MAX];
};

size_t
workers_cpu_count(void)
{
	cpu_set_t set;
	int count;

	/* More processors than cpu_set_t holds: then there are plenty. */
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return WORKERS_MAX;
	count = CPU_COUNT(&set);
	if (count < 1)
		return 1;
	return count > WORKERS_MAX ? WORKERS_MAX : (size_t)count;
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	w->result = w->of->run(w->of->arg, w->i);
	return NULL;
}

static int
join(struct workers *w)
{
	int r = 0;

	for (size_t i = 0; i < w->count; i++) {
		CHECK(pthread_join(w->workers[i].thread, NULL) == 0);
		if (r == 0)
			r = w->workers[i].result;
	}
	mem_free(w);
	return r;
}

int
workers_start(size_t count, int (*run)(void *arg, size_t i), void *arg,
	struct workers **ret_workers)
{
	struct workers *w = NULL;
	sigset_t all, old;
	int r;

	if (count < 1 || count > WORKERS_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new(&w, sizeof *w)) != 0)
		return r;
	w->run = run;
	w->arg = arg;
	(void)sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &old) == 0);
	for (; r == 0 && w->count < count; w->count += r == 0) {
		struct worker *one = &w->workers[w->count];

		*one = (struct worker){.of = w, .i = w->count};
		if (pthread_create(&one->thread, NULL, work, one) != 0)
			r = FAIL_AGAIN;
	}
	CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
	if (r != 0) {
		/* Those that run finish what they do; their result is not asked for. */
		(void)join(w);
		return r;
	}
	*ret_workers = w;
	return 0;
}

int
workers_join(struct workers *w)
{
	return join(w);
}

int
workers_run(size_t count, int (*run)(void *arg, size_t i), void *arg)
{
	struct workers *w = NULL;
	int r;

	if (count == 1)
		return run(arg, 0);
	if ((r = workers_start(count, run, arg, &w)) != 0)
		return r;
	return workers_join(w);
}
