/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/role.h"

#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "sys/harden.h"
#include "sys/loop.h"
#include "sys/names.h"
#include "valised/front.h"
#include "valised/log.h"

/* Connections of clients and to members, sockets of name servers, our own. */
enum { DESCRIPTORS_MAX = 1024 };

struct running {
	struct loop *loop;
	struct names *names;
	struct front *front;
	struct loop_event *parent; /* its end of the socket closes when we are to stop */
	int result;
};

static void
on_ended(void *arg, int r)
{
	struct running *run = arg;

	run->result = r;
	loop_stop(run->loop);
}

static void
on_parent(void *arg)
{
	struct running *run = arg;

	loop_watch_pause(run->parent);
	front_stop(run->front);
}

/* The seed comes once, from custody, which has unlocked the keys before we were started. */
static int
start(const struct role_plan *plan, struct running *run)
{
	struct front_plan front = {.loop = run->loop,
		.listen_fd = plan->listen_fd,
		.admin_fd = plan->admin_fd,
		.store_fd = plan->store_fd,
		.names = run->names,
		.ended = on_ended,
		.arg = run};
	uint8_t seed[FRONT_KEY_LEN];
	size_t len = 0;
	int r;

	if ((r = disk_read(plan->seed_fd, seed, sizeof seed, &len)) == 0 &&
		len < sizeof seed)
		r = FAIL_CLOSED;
	disk_close(plan->seed_fd);
	front.seed = seed;
	if (r == 0)
		r = front_new(&front, &run->front);
	mem_wipe(seed, sizeof seed);
	return r;
}

int
role_front(const struct role_plan *plan)
{
	struct running run = {.result = FAIL_CLOSED};
	int r;

	if ((r = role_begin(plan)) != 0 ||
		(r = harden_limit(HARDEN_DESCRIPTORS, DESCRIPTORS_MAX)) != 0 ||
		(r = loop_new(&run.loop)) != 0 ||
		(r = names_new(run.loop, &run.names)) != 0)
		return role_failed("front", "open", r);
	if ((r = role_lock_in(plan, SANDBOX_FRONT, NULL, 0)) != 0)
		return role_failed("front", "lock-in", r);
	if ((r = start(plan, &run)) != 0 ||
		(r = loop_watch_new(run.loop, plan->parent_fd, LOOP_READ, on_parent, &run,
			 &run.parent)) != 0 ||
		(r = role_tell(plan, PARENT_SERVES, NULL, NULL)) != 0)
		return role_failed("front", "start", r);
	if ((r = loop_run(run.loop)) != 0)
		return role_failed("front", "loop", r);
	/* What a process holds is given back by its end.  That store has gone, the parent tells. */
	if (run.result != 0 && run.result != FAIL_CLOSED)
		log_line(LOG_LEVEL_ERROR, "role-ends", "role=front why=\"%s\"",
			fail_text(run.result));
	return role_end_of(run.result);
}
