/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/pipeline.h"

#include <pthread.h>

#include "base/mem.h"
#include "sys/workers.h"

/*
 * Two tickets: next_in is drawn under the input lock while reading, next_out is whose turn it
 * is to write.  A thread that waits for its turn holds nothing but its own batch, so the
 * slowest of the three steps sets the pace and none can deadlock.
 */

struct run {
	const struct pipeline *p;
	pthread_mutex_t in_lock;
	uint32_t next_first; /* number of the next segment */
	uint64_t next_in;
	bool is_done;
	pthread_mutex_t out_lock;
	pthread_cond_t out_turn;
	uint64_t next_out;
	int error;
};

static void
batch_done(struct batch *b)
{
	mem_free_wiped(b->in, b->size);
	mem_free_wiped(b->out, b->size);
	aead_free(b->aead);
	hash_free(b->hash);
}

static int
batch_init(const struct pipeline *p, struct batch *b)
{
	int r;

	*b = (struct batch){.size = p->segments_per_batch * SEGMENT_FRAME_MAX};
	if ((r = mem_new(&b->in, b->size)) != 0 || (r = mem_new(&b->out, b->size)) != 0 ||
		(r = hash_new(&b->hash)) != 0)
		return r;
	return p->key != NULL ? aead_new(p->key, &b->aead) : 0;
}

/* Take the next batch; false when there is none.  *ret_ticket is its turn. */
static bool
take(struct run *run, struct batch *b, uint64_t *ret_ticket, int *ret_r)
{
	bool is_taken;
	int r;

	(void)pthread_mutex_lock(&run->in_lock);
	is_taken = !run->is_done;
	if (is_taken) {
		b->first = run->next_first;
		b->count = 0;
		b->is_end = false;
		*ret_ticket = run->next_in++;
		r = run->p->take(run->p->ctx, b);
		if (r == 0 && b->count > UINT32_MAX - run->next_first)
			r = FAIL_LIMIT;
		run->next_first += (uint32_t)b->count;
		if (r != 0 || b->is_end)
			run->is_done = true;
		*ret_r = r;
	}
	(void)pthread_mutex_unlock(&run->in_lock);
	return is_taken;
}

static void
stop(struct run *run, int r)
{
	(void)pthread_mutex_lock(&run->in_lock);
	run->is_done = true;
	(void)pthread_mutex_unlock(&run->in_lock);
	(void)pthread_mutex_lock(&run->out_lock);
	if (run->error == 0)
		run->error = r;
	(void)pthread_cond_broadcast(&run->out_turn);
	(void)pthread_mutex_unlock(&run->out_lock);
}

/*
 * Wait for the turn and put.  A failure of batch n is reported in its turn, so that of several
 * failures the first one in the file is told, whichever thread was quicker.
 */
static int
put(struct run *run, const struct batch *b, uint64_t ticket, int r)
{
	(void)pthread_mutex_lock(&run->out_lock);
	while (run->next_out != ticket && run->error == 0)
		(void)pthread_cond_wait(&run->out_turn, &run->out_lock);
	if (run->error != 0) {
		(void)pthread_mutex_unlock(&run->out_lock);
		return run->error;
	}
	(void)pthread_mutex_unlock(&run->out_lock);
	/* It is our turn, and nobody else's until next_out moves. */
	if (r == 0)
		r = run->p->put(run->p->ctx, b);
	if (r != 0) {
		stop(run, r);
		return r;
	}
	(void)pthread_mutex_lock(&run->out_lock);
	run->next_out++;
	(void)pthread_cond_broadcast(&run->out_turn);
	(void)pthread_mutex_unlock(&run->out_lock);
	return 0;
}

/* One batch from end to end; *ret_is_more is false when all are taken. */
static int
step(struct run *run, struct batch *b, bool *ret_is_more)
{
	uint64_t ticket;
	int r = 0;

	*ret_is_more = take(run, b, &ticket, &r);
	if (!*ret_is_more)
		return 0;
	if (r == 0)
		r = run->p->work(run->p->ctx, b);
	return put(run, b, ticket, r);
}

static int
work_all(void *arg, size_t i)
{
	struct run *run = arg;
	bool is_more = true;
	struct batch b;
	int r;

	(void)i;
	if ((r = batch_init(run->p, &b)) != 0)
		stop(run, r);
	while (r == 0 && is_more)
		r = step(run, &b, &is_more);
	batch_done(&b);
	return r;
}

static void
run_done(struct run *run)
{
	(void)pthread_mutex_destroy(&run->in_lock);
	(void)pthread_mutex_destroy(&run->out_lock);
	(void)pthread_cond_destroy(&run->out_turn);
}

int
pipeline_run(const struct pipeline *pipeline)
{
	struct run run = {.p = pipeline};
	bool is_more;
	struct batch b;
	int r;

	(void)pthread_mutex_init(&run.in_lock, NULL);
	(void)pthread_mutex_init(&run.out_lock, NULL);
	(void)pthread_cond_init(&run.out_turn, NULL);
	if ((r = batch_init(pipeline, &b)) == 0)
		r = step(&run, &b, &is_more);
	batch_done(&b);
	if (r == 0 && !run.is_done)
		r = workers_run(pipeline->thread_count, work_all, &run);
	if (run.error != 0)
		r = run.error;
	run_done(&run);
	return r;
}
