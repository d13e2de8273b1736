/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/role.h"

#include <string.h>

#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/loop.h"
#include "sys/random.h"
#include "valised/log.h"
#include "valised/unlock.h"
#include "valised/vault.h"

/*
 * The custody role on a loop: it answers store, and nobody else can reach it.  The passphrase
 * and the key file are read before the locks, the database of keys after them.
 */
enum { MESSAGE_MAX = WIRE_HEAD_LEN + WIRE_BODY_MAX };

struct running {
	struct loop *loop;
	struct channel *store;
	struct vault *vault;
	struct buf message;
	bool is_stopping, is_told;
	int result;
};

static void
stop(struct running *run, const char *why, int r)
{
	if (run->is_stopping)
		return;
	run->is_stopping = true;
	run->result = r;
	/* That store has gone is told by whoever started it. */
	if (r != 0 && r != FAIL_CLOSED)
		log_line(LOG_LEVEL_ERROR, "role-ends", "role=custody at=%s why=\"%s\"",
			why, fail_text(r));
	loop_stop(run->loop);
}

static void
emit(void *ctx, const struct wire_message *message)
{
	struct running *run = ctx;
	int r;

	buf_clear(&run->message);
	wire_write(message, &run->message);
	if ((r = buf_error(&run->message)) == 0)
		r = channel_send(run->store, rd_of(run->message.data, run->message.len));
	if (r != 0)
		stop(run, "emit", r);
}

static void
on_message(void *arg, struct rd message)
{
	struct running *run = arg;
	int r;

	if (run->is_stopping)
		return;
	if ((r = vault_handle(run->vault, message, clock_now_ms())) == 0)
		return;
	log_line(LOG_LEVEL_ERROR, "message-refused",
		"role=custody from=store type=%u len=%zu",
		message.len > 0 ? (unsigned)message.ptr[0] : 0, message.len);
	stop(run, "message", r);
}

static void
on_idle(void *arg)
{
	struct running *run = arg;
	int r;

	if (run->is_stopping)
		return;
	if ((r = vault_idle(run->vault)) != 0) {
		stop(run, "sync", r);
		return;
	}
	/* Once for each time that it goes from well to ill. */
	if (vault_second_failed(run->vault) && !run->is_told)
		log_line(LOG_LEVEL_WARNING, "second-holder", "state=behind");
	run->is_told = vault_second_failed(run->vault);
}

static void
on_closed(void *arg, int r)
{
	stop(arg, "store", r);
}

/* What needs paths, a terminal or another program. */
struct gathered {
	struct own_station *station;
	uint8_t by;
	struct vault_disk_sys *first, *second;
	char dirs[2][ROLE_DIR_MAX];
	size_t dirs_count;
};

static int
open_dirs(const struct role_plan *plan, struct gathered *g)
{
	const char *second = plan->config->second_holder;
	int r;

	if ((r = role_path(plan->dir, "custody", g->dirs[0])) != 0 ||
		(r = vault_disk_sys_new(g->dirs[0], &g->first)) != 0)
		return r;
	g->dirs_count = 1;
	if (second[0] == '\0')
		return 0;
	/* A second copy that cannot be kept is a loss; a station that does not start is a greater. */
	if ((r = role_path(plan->dir, second, g->dirs[1])) != 0 ||
		(r = vault_disk_sys_new(g->dirs[1], &g->second)) != 0) {
		log_line(LOG_LEVEL_WARNING, "second-holder", "state=missing why=\"%s\"",
			fail_text(r));
		return 0;
	}
	g->dirs_count = 2;
	return 0;
}

/* The seed goes to front at once, so that it can begin; the keys to nobody. */
static int
hand_on(const struct role_plan *plan, const struct gathered *g)
{
	struct parent_unlocked unlocked = {.by = g->by};
	int r;

	r = disk_write(plan->seed_fd, vault_tls_seed(g->station), FRONT_KEY_LEN);
	disk_close(plan->seed_fd);
	if (r != 0)
		return r;
	return role_tell(plan, PARENT_UNLOCKED, &parent_unlocked_codec, &unlocked);
}

/* What a FAIL_* means here, where its own words would leave the administrator guessing. */
static const char *
why_locked(const struct config *config, int r)
{
	static const char *const absent[] = {
		[CONFIG_PASSPHRASE] = "no key file, or no terminal to ask at",
		[CONFIG_FILE] = "no key file, or no unlock file",
		[CONFIG_COMMAND] = "no key file, or no such program",
	};
	static const char *const refused[] = {
		[CONFIG_PASSPHRASE] = "refused",
		[CONFIG_FILE] = "the unlock file is not this user's alone, mode 0600",
		[CONFIG_COMMAND] = "the program ended with an error",
	};

	switch (r) {
	case FAIL_MISMATCH:
		return "the key file is of another member";
	case FAIL_ABSENT:
		return absent[config->unlock];
	case FAIL_REFUSED:
		return refused[config->unlock];
	case FAIL_TIMEOUT:
		return "the program took too long";
	default:
		return fail_text(r);
	}
}

static int
unlock(const struct role_plan *plan, struct gathered *g)
{
	int r = unlock_station(plan->config, plan->dir, &g->station, &g->by);

	if (r != 0)
		log_line(LOG_LEVEL_ERROR, "locked", "member=%s why=\"%s\"",
			plan->config->member, why_locked(plan->config, r));
	return r;
}

static int
open_vault(const struct role_plan *plan, const struct gathered *g, struct running *run)
{
	struct vault_disk second;
	struct vault_plan vault = {.station = g->station,
		.unlocked_by = (enum vault_unlock)g->by,
		.disk = vault_disk_sys_table(g->first),
		.rng = random_system(),
		.out = {.emit = emit, .ctx = run}};
	struct channel_user user = {
		.message = on_message, .idle = on_idle, .closed = on_closed, .arg = run};
	int r;

	if (g->second != NULL) {
		second = vault_disk_sys_table(g->second);
		vault.second = &second;
	}
	if ((r = vault_new(&vault, clock_now_ms(), &run->vault)) != 0 ||
		(r = channel_new(run->loop, plan->store_fd, MESSAGE_MAX, &user,
			 &run->store)) != 0)
		return r;
	if (vault_was_cut(run->vault))
		log_line(LOG_LEVEL_WARNING, "keys-cut",
			"why=\"an append that a crash cut off; nobody was told of it\"");
	/* READY is held until here. */
	on_idle(run);
	return 0;
}

int
role_custody(const struct role_plan *plan)
{
	struct gathered g = {.station = NULL};
	struct running run = {.result = 0};
	const char *const dirs[] = {g.dirs[0], g.dirs[1]};
	int r;

	buf_init(&run.message, MESSAGE_MAX);
	if ((r = role_begin(plan)) != 0 || (r = unlock(plan, &g)) != 0)
		return role_failed("custody", "unlock", r);
	if ((r = open_dirs(plan, &g)) != 0 || (r = loop_new(&run.loop)) != 0)
		return role_failed("custody", "open", r);
	if ((r = role_lock_in(plan, SANDBOX_CUSTODY, dirs, g.dirs_count)) != 0)
		return role_failed("custody", "lock-in", r);
	if ((r = hand_on(plan, &g)) != 0 || (r = open_vault(plan, &g, &run)) != 0)
		return role_failed("custody", "start", r);
	if ((r = loop_run(run.loop)) != 0)
		return role_failed("custody", "loop", r);
	vault_free(run.vault);
	own_station_free(g.station);
	return role_end_of(run.result);
}
