/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/role.h"

#include <string.h>

#include "cable/due.h"
#include "store/db_sqlite.h"
#include "store/station.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/loop.h"
#include "sys/random.h"
#include "valised/log.h"
#include "valised/store.h"
#include "wire/vault.h"

/*
 * The store role on a loop.  Every message is worked off as it comes; when a channel has
 * nothing more, everything is made durable and let out.  Work for custody that piles up makes
 * us deaf to front until it has gone: what is asked must not wait in our memory.
 */
enum { MESSAGE_MAX = WIRE_HEAD_LEN + WIRE_BODY_MAX, TICK_MS_MAX = 60000, RETRY_S = 600 };

struct running {
	const struct role_plan *plan;
	struct loop *loop;
	struct channel *front, *custody;
	struct loop_event *timer;
	struct store *store;
	struct buf message;
	bool is_ready, is_stopping;
	int result; /* FAIL_*, when it is not an orderly end */
};

static void
stop(struct running *run, const char *why, int r)
{
	if (run->is_stopping)
		return;
	run->is_stopping = true;
	run->result = r;
	/* That another role has gone is told by whoever started it. */
	if (r != 0 && r != FAIL_CLOSED)
		log_line(LOG_LEVEL_ERROR, "role-ends", "role=store at=%s why=\"%s\"", why,
			fail_text(r));
	loop_stop(run->loop);
}

static void
emit(void *ctx, enum role to, const struct wire_message *message)
{
	struct running *run = ctx;
	struct parent_notify notify;
	int r;

	if (to == ROLE_PARENT) {
		/* The hook is a courtesy: when the parent is busy it does not ring. */
		if (codec_parse_whole(&parent_notify_codec, message->body, &notify) !=
				0 ||
			role_tell(run->plan, PARENT_NOTIFY, &parent_notify_codec,
				&notify) != 0)
			log_line(LOG_LEVEL_WARNING, "notify-lost",
				"why=\"the parent is busy\"");
		return;
	}
	buf_clear(&run->message);
	wire_write(message, &run->message);
	if ((r = buf_error(&run->message)) == 0)
		r = channel_send(to == ROLE_FRONT ? run->front : run->custody,
			rd_of(run->message.data, run->message.len));
	if (r != 0)
		stop(run, "emit", r);
}

/* A message from either side; a wrong one ends us, and with us the station. */
static void
take(struct running *run, enum role from, struct rd message)
{
	int r;

	if (run->is_stopping)
		return;
	if ((r = store_handle(run->store, from, message, clock_now_ms())) != 0) {
		log_line(LOG_LEVEL_ERROR, "message-refused",
			"role=store from=%s type=%u len=%zu",
			from == ROLE_FRONT ? "front" : "custody",
			message.len > 0 ? (unsigned)message.ptr[0] : 0, message.len);
		stop(run, "message", r);
		return;
	}
	if (from == ROLE_CUSTODY && !run->is_ready && message.ptr[0] == VAULT_READY) {
		run->is_ready = true;
		if ((r = role_tell(run->plan, PARENT_READY, NULL, NULL)) != 0)
			stop(run, "parent", r);
	}
}

static void
on_front(void *arg, struct rd message)
{
	take(arg, ROLE_FRONT, message);
}

static void
on_custody(void *arg, struct rd message)
{
	take(arg, ROLE_CUSTODY, message);
}

/* What is due, then one commit for that and all that has been worked off; then let it out. */
static void
tick(struct running *run)
{
	uint64_t next_ms = 0, now_ms = clock_now_ms();
	uint64_t wait_ms;
	int r;

	if ((r = store_tick(run->store, now_ms, &next_ms)) == 0)
		r = store_idle(run->store, now_ms);
	if (r != 0) {
		stop(run, "tick", r);
		return;
	}
	wait_ms = next_ms > now_ms ? next_ms - now_ms : 1;
	if (wait_ms > TICK_MS_MAX)
		wait_ms = TICK_MS_MAX;
	if ((r = loop_timer_set(run->timer, (unsigned)wait_ms)) != 0)
		stop(run, "timer", r);
}

static void
on_timer(void *arg)
{
	tick(arg);
}

/* All that had arrived is worked off. */
static void
on_idle(void *arg)
{
	struct running *run = arg;

	if (run->is_stopping)
		return;
	tick(run);
	if (channel_queued(run->custody) > CHANNEL_QUEUE_HIGH)
		channel_pause(run->front);
}

static void
on_custody_drained(void *arg)
{
	struct running *run = arg;

	channel_resume(run->front);
}

/* Front goes first when the station is stopped: nothing more can be asked. */
static void
on_front_closed(void *arg, int r)
{
	struct running *run = arg;

	if (r == FAIL_CLOSED && !run->is_stopping &&
		store_idle(run->store, clock_now_ms()) != 0)
		r = FAIL_IO;
	stop(run, "front", r);
}

static void
on_custody_closed(void *arg, int r)
{
	stop(arg, "custody", r);
}

static void
settle(const struct config *config, struct store_plan *plan)
{
	due_settings_init(&plan->due);
	for (size_t i = 0; i < CONFIG_DUES; i++)
		if (config->due_s[i] != 0)
			plan->due.after_s[i] = config->due_s[i];
	plan->try_again_s_max = config->retry_max_s != 0 ? config->retry_max_s : RETRY_S;
	plan->is_locked_in = !config->is_sandbox_off;
	plan->has_second_holder = config->second_holder[0] != '\0';
	plan->notify = config->notify.count > 0 ? config->notify.argv[0] : NULL;
}

static int
connect_sides(struct running *run)
{
	struct channel_user front = {.message = on_front,
		.idle = on_idle,
		.closed = on_front_closed,
		.arg = run};
	/* Custody only answers what we ask: it can always be read. */
	struct channel_user custody = {.message = on_custody,
		.idle = on_idle,
		.closed = on_custody_closed,
		.drained = on_custody_drained,
		.arg = run,
		.is_always_reading = true};
	int r;

	if ((r = loop_timer_new(run->loop, on_timer, run, &run->timer)) != 0 ||
		(r = channel_new(run->loop, run->plan->front_fd, MESSAGE_MAX, &front,
			 &run->front)) != 0)
		return r;
	return channel_new(
		run->loop, run->plan->custody_fd, MESSAGE_MAX, &custody, &run->custody);
}

/* The database's own words: a FAIL_* alone would leave the administrator guessing. */
static void
on_database(int code, const char *words)
{
	log_line(LOG_LEVEL_ERROR, "database", "code=%d words=\"%s\"", code, words);
}

/* The directories; the database is opened behind the locks: its file is a foreign one as well. */
static int
gather(const struct role_plan *role, char dir[ROLE_DIR_MAX], char chunks[ROLE_DIR_MAX])
{
	int r;

	if ((r = role_begin(role)) != 0 ||
		(r = role_path(role->dir, "store", dir)) != 0 ||
		(r = role_path(role->dir, "store/chunks", chunks)) != 0)
		return r;
	return disk_make_private_dir(chunks);
}

static int
open_database(const char *dir, struct db **ret_db)
{
	char path[ROLE_DIR_MAX];
	int r;

	db_sqlite_listen(on_database);
	if ((r = role_path(dir, "station.db", path)) != 0)
		return r;
	return station_open(db_sqlite(), path, clock_now_s(), ret_db);
}

int
role_store(const struct role_plan *role)
{
	char dir[ROLE_DIR_MAX], chunks[ROLE_DIR_MAX];
	const char *const dirs[] = {dir};
	struct running run = {.plan = role};
	struct store_plan plan = {.chunks_dir = chunks,
		.rng = random_system(),
		.out = {.emit = emit, .ctx = &run}};
	int r;

	buf_init(&run.message, MESSAGE_MAX);
	settle(role->config, &plan);
	if ((r = gather(role, dir, chunks)) != 0 || (r = loop_new(&run.loop)) != 0 ||
		(r = role_lock_in(role, SANDBOX_STORE, dirs, 1)) != 0)
		return role_failed("store", "lock-in", r);
	if ((r = open_database(dir, &plan.db)) != 0)
		return role_failed("store", "open", r);
	if ((r = store_new(&plan, &run.store)) != 0 || (r = connect_sides(&run)) != 0)
		return role_failed("store", "start", r);
	tick(&run);
	if ((r = loop_run(run.loop)) != 0)
		return role_failed("store", "loop", r);
	/* In the order of dependence, so that the database is closed well. */
	store_free(run.store);
	db_close(plan.db);
	return role_end_of(run.result);
}
