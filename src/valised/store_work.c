/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "valised/store_core.h"

/*
 * Work behind marks, the commit, and what becomes of the words.
 *
 * Work that fails loses its rows and its words, and nobody else's.  A commit that fails takes
 * the rows of all work since the last one; then each answer becomes an error, and each question
 * fails to who asked it.
 */

/* A piece of work. */

static int
begin_work(struct store *s)
{
	struct db *db = s->plan.db;
	int r;

	if (!db_is_in_transaction(db) && (r = db_begin(db)) != 0)
		return r;
	if ((r = people_refresh(s)) != 0)
		return r;
	return db_mark(db);
}

static bool
is_reply(const struct held_item *item)
{
	return item->to == ROLE_FRONT && item->type == FRONT_REPLY;
}

static bool
is_question(const struct held_item *item)
{
	return item->to == ROLE_CUSTODY ||
		(item->to == ROLE_FRONT && item->type == FRONT_CALL);
}

/* Whoever was answered by work that failed hears the error; whoever was asked is not asked. */
static void
cut_off(struct store *s, size_t mark, int r)
{
	struct held cut = held_cut(&s->held, mark);
	char because[sizeof s->because];
	struct rd why = rd_of(because, strlen(s->because));
	bool is_failing = s->failing != 0;
	struct held_item *item;

	/* Continuations have sentences of their own. */
	memcpy(because, s->because, sizeof because);
	if (!is_failing)
		s->failing = r;
	while ((item = held_take(&cut)) != NULL) {
		if (is_reply(item))
			store_ask_error(s, item->number, r, why);
		else if (is_question(item))
			store_question_drop(s, item, r, true);
		held_item_free(item);
	}
	if (!is_failing)
		s->failing = 0;
}

bool
store_work(struct store *s, store_work_fn *work, void *ctx, uint64_t ask_number)
{
	size_t mark = s->held.count;
	bool is_run;
	int r;

	s->because[0] = '\0';
	r = begin_work(s);
	is_run = r == 0;
	if (is_run && (r = work(s, ctx)) == 0)
		r = db_mark_keep(s->plan.db);
	else if (is_run && db_mark_undo(s->plan.db) != 0)
		s->is_lost = true;
	if (r == 0)
		return true;
	if (is_run)
		people_forget(s, false);
	store_ask_fail(s, ask_number, r, rd_of(s->because, strlen(s->because)));
	cut_off(s, mark, r);
	return is_run;
}

/* Commit, and what follows. */

static void
let_out(struct store *s)
{
	struct held_item *item;

	while ((item = held_take(&s->held)) != NULL) {
		const struct wire_message m = {.type = item->type,
			.number = item->number,
			.body = rd_of(item->body.data, item->body.len)};

		s->plan.out.emit(s->plan.out.ctx, item->to, &m);
		held_item_free(item);
	}
}

/* Answers become errors; questions were not asked, and their continuations hear why. */
static void
drop(struct store *s, struct held *held, int r)
{
	struct rd why = rd_of(fail_text(r), strlen(fail_text(r)));
	struct held_item *item;

	while ((item = held_take(held)) != NULL) {
		if (is_reply(item))
			store_ask_emit_error(s, item->number, r, why);
		else if (is_question(item))
			store_question_drop(s, item, r, false);
		held_item_free(item);
	}
}

static int
commit(struct store *s)
{
	int r;

	s->is_lost = false;
	if (!db_is_in_transaction(s->plan.db))
		return 0;
	r = db_commit(s->plan.db);
	s->figures[r == 0 ? FIGURE_COMMITS : FIGURE_COMMITS_FAILED]++;
	if (r != 0)
		people_forget(s, true);
	return r;
}

/*
 * The continuations of what was dropped write rows of their own (a later try, say) and answer
 * who waits.  They can ask nothing, so that this ends: a second commit carries their rows, or
 * fails likewise and turns their answers into errors.
 */
static void
commit_failed(struct store *s, int r)
{
	struct held dropped = s->held;

	s->held = (struct held){0};
	s->failing = r;
	drop(s, &dropped, r);
	if ((r = commit(s)) == 0) {
		let_out(s);
	} else {
		dropped = s->held;
		s->held = (struct held){0};
		drop(s, &dropped, r);
	}
	s->failing = 0;
}

static int
people_work(struct store *s, void *ctx)
{
	(void)ctx;
	return people_pump(s);
}

static int
cables_work(struct store *s, void *ctx)
{
	(void)ctx;
	return store_cables_pump(s, s->now_ms);
}

/* What follows from the work so far, so that it leaves with the same commit. */
static void
pump(struct store *s)
{
	if (!db_is_in_transaction(s->plan.db) || s->is_lost || store_ready(s) == NULL)
		return;
	(void)store_work(s, people_work, NULL, 0);
	(void)store_work(s, cables_work, NULL, 0);
}

int
store_idle(struct store *s, uint64_t now_ms)
{
	int r;

	s->now_ms = now_ms;
	pump(s);
	if ((r = commit(s)) == 0)
		let_out(s);
	else
		commit_failed(s, r);
	return db_is_dead(s->plan.db) ? FAIL_IO : 0;
}
