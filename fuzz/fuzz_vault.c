/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "vault_rig.h"

/*
 * Arbitrary messages of a store, in arbitrary order, to a custody that is ready: PT of the rig's
 * community, always the same at the start.  An input is a list of
 *
 *   type:u8 body<u24>      type 16..27: that message
 *   0 idle   1 a day goes by   2 a week   3 the power is cut, custody starts again
 *
 * Each message is answered once, in order, with nothing said that is not durable; a message
 * that the permit table does not have ends the conversation; and custody always starts again.
 */

enum { DAY_S = 24 * 3600, WEEK_S = 7 * DAY_S, STEPS_MAX = 64 };

static struct rig rig;
static struct memory_disk start_disk;
static uint64_t start_drawn;

static void
set_up(void)
{
	static bool is_done;

	if (is_done)
		return;
	CHECK(crypto_init() == 0);
	rig_init(&rig);
	rig_stop(&rig, PT);
	memory_disk_copy(&rig.stations[PT].disk, &start_disk);
	rig_forget(&rig.stations[PT]);
	start_drawn = rig.drawn;
	is_done = true;
}

static void
check_said(size_t expected)
{
	struct rig_station *pt = &rig.stations[PT];

	CHECK(pt->said_count == expected);
	for (size_t i = 0; i < pt->said_count; i++) {
		CHECK(!pt->said[i].was_dirty);
		CHECK(pt->said[i].fail <= 0);
		CHECK(pt->said[i].fail == 0 || pt->said[i].body.len == 0);
		/* READY has the number 0. */
		CHECK(i == 0 || pt->said[i].number == 0 ||
			pt->said[i].number > pt->said[i - 1].number);
	}
}

/* 0, or FAIL_REFUSED: not permitted. */
static int
say(uint8_t type, struct rd body)
{
	struct rig_station *pt = &rig.stations[PT];
	struct wire_message m = {.type = type, .number = ++pt->number, .body = body};
	struct buf frame;
	int r;

	buf_init(&frame, 8 << 20);
	wire_write(&m, &frame);
	CHECK(buf_error(&frame) == 0);
	r = vault_handle(pt->vault, rd_of(frame.data, frame.len), rig.now_s * 1000);
	buf_done(&frame);
	CHECK((r == 0) == vault_may(ROLE_STORE, type, body.len));
	return r;
}

static void
start_again(void)
{
	rig_stop(&rig, PT);
	memory_disk_cut(&rig.stations[PT].disk, 17);
	CHECK(rig_start(&rig, PT) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size), body;
	size_t expected = 1; /* READY */
	uint8_t type;

	set_up();
	memory_disk_restore(&start_disk, &rig.stations[PT].disk);
	rig.drawn = start_drawn;
	rig.now_s = RIG_NOW_S;
	CHECK(rig_start(&rig, PT) == 0);
	for (int step = 0; step < STEPS_MAX && rd_u8(&in, &type) == 0; step++) {
		if (type == 1 || type == 2) {
			rig.now_s += type == 1 ? DAY_S : WEEK_S;
		} else if (type == 0 || type == 3) {
			CHECK(vault_idle(rig.stations[PT].vault) == 0);
			check_said(expected);
			if (type == 3) {
				start_again();
				expected++;
			}
		} else if (rd_vec24(&in, 0, in.len, &body) != 0 || say(type, body) != 0) {
			break;
		} else {
			expected++;
		}
	}
	CHECK(vault_idle(rig.stations[PT].vault) == 0);
	check_said(expected);
	rig_stop(&rig, PT);
	rig_forget(&rig.stations[PT]);
	return 0;
}
