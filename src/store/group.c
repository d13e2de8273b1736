/* SPDX-License-Identifier: Apache-2.0 */
#include "store/group.h"

/*
 * A piece of work that fails must not take the others with it: it runs behind a mark.  When
 * even going back to the mark fails, the transaction is lost as a whole, and all hear of it.
 */

void
group_init(struct group *g, struct db *db, const struct group_settings *settings)
{
	CHECK(settings->waiters_max > 0 && settings->waiters_max <= GROUP_WAITERS_MAX);
	*g = (struct group){.db = db, .settings = *settings};
}

static void
tell(struct group *g, const struct group_waiter *waiter, int r)
{
	CHECK(!g->is_answering);
	g->is_answering = true;
	waiter->answer(waiter->ctx, r);
	g->is_answering = false;
}

static void
tell_all(struct group *g, int r)
{
	size_t i;

	for (i = 0; i < g->waiter_count; i++)
		tell(g, &g->waiters[i], r);
	g->waiter_count = 0;
}

void
group_done(struct group *g)
{
	CHECK(!g->is_answering);
	if (db_is_in_transaction(g->db))
		db_abort(g->db);
	tell_all(g, FAIL_CLOSED);
}

/* All in line hear what became of the transaction. */
static void
commit(struct group *g)
{
	if (db_is_in_transaction(g->db))
		tell_all(g, db_commit(g->db));
}

static void
give_up(struct group *g, int r)
{
	if (db_is_in_transaction(g->db))
		db_abort(g->db);
	tell_all(g, r);
}

/* *ret_is_lost: the transaction of all others went with it. */
static int
work_behind_mark(struct group *g, group_work_fn *work, void *ctx, bool *ret_is_lost)
{
	int r, undone;

	*ret_is_lost = true;
	if ((r = db_mark(g->db)) != 0)
		return r;
	if ((r = work(ctx, g->db)) == 0) {
		if ((r = db_mark_keep(g->db)) == 0)
			*ret_is_lost = false;
		return r;
	}
	if ((undone = db_mark_undo(g->db)) == 0)
		*ret_is_lost = false;
	return r;
}

void
group_work(struct group *g, group_work_fn *work, void *ctx, struct group_waiter waiter,
	uint64_t now_ms)
{
	bool is_lost = false;
	int r = 0;

	CHECK(!g->is_answering);
	if (!db_is_in_transaction(g->db))
		r = db_begin(g->db);
	if (r == 0)
		r = work_behind_mark(g, work, ctx, &is_lost);
	if (is_lost)
		give_up(g, r);
	if (r != 0) {
		tell(g, &waiter, r);
		return;
	}
	if (g->waiter_count == 0)
		g->first_ms = now_ms;
	g->waiters[g->waiter_count++] = waiter;
	if (g->waiter_count >= g->settings.waiters_max)
		commit(g);
	else
		group_tick(g, now_ms);
}

void
group_idle(struct group *g)
{
	CHECK(!g->is_answering);
	commit(g);
}

void
group_tick(struct group *g, uint64_t now_ms)
{
	CHECK(!g->is_answering);
	if (now_ms >= group_due_ms(g))
		commit(g);
}

uint64_t
group_due_ms(const struct group *g)
{
	if (g->waiter_count == 0)
		return UINT64_MAX;
	if (g->settings.wait_ms_max > UINT64_MAX - g->first_ms)
		return UINT64_MAX;
	return g->first_ms + g->settings.wait_ms_max;
}
