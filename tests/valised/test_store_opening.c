/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "custody/opening.h"
#include "world.h"

/*
 * Openings that succeed: over four stations, at home, again, with some of the custodians away,
 * and with memory running out at every point.
 */

static void
test_whole(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
	world_opens(w, w->eleni, &cable);
	sim_run(w->sim);
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
	world_opens(w, w->claire, &cable);
	sim_run(w->sim);
	world_state(w, &cable, "FR/claire.m", DELIVERY_READ);
	world_holders(w, &cable, "1 CY/eleni.k;2 FR/claire.m;");
	sim_cable_done(&cable);
}

/* Within one member: the author and a reader of PT ask their own station as originator. */
static void
test_at_home(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;

	plan.to[0] = "PT/treaties";
	plan.info[0] = NULL;
	sim_send(w->sim, &plan, &cable);
	world_state(w, &cable, "PT/treaties", DELIVERY_DELIVERED);
	world_opens(w, w->ana, &cable);
	sim_run(w->sim);
	world_state(w, &cable, "PT/treaties", DELIVERY_DELIVERED);
	world_opens(w, w->joao, &cable);
	sim_run(w->sim);
	world_state(w, &cable, "PT/treaties", DELIVERY_READ);
	world_holders(w, &cable, "1 PT/ana.silva;2 PT/joao.reis;");
	sim_cable_done(&cable);
}

/* A second time is a new REQUEST, and the same copy. */
static void
test_again(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	world_opens(w, w->claire, &cable);
	world_opens(w, w->eleni, &cable);
	world_opens(w, w->claire, &cable);
	world_holders(w, &cable, "1 FR/claire.m;2 CY/eleni.k;1 FR/claire.m;");
	sim_cable_done(&cable);
}

/* The same REQUEST gets the same answer, from the row, and is one opening. */
static void
test_repeat(void **ctx)
{
	struct world *w = *ctx;
	struct sim_opening opening = {0};
	struct sim_cable cable;
	struct buf first;

	buf_init(&first, 1 << 16);
	world_send(w, &cable);
	sim_opening_begin(w->sim, w->eleni, &cable, &opening);
	for (int i = 0; i < 3; i++) {
		world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 200, "");
		if (i == 0)
			buf_bytes(&first, w->sim->reply.data, w->sim->reply.len);
		assert_int_equal(w->sim->reply.len, first.len);
		assert_memory_equal(w->sim->reply.data, first.data, first.len);
		sim_run(w->sim);
	}
	world_holders(w, &cable, "1 CY/eleni.k;");
	sim_pass(w->sim, 301 * 1000);
	world_expect(w, sim_opening_ask(w->sim, &opening, SIM_PT), 401, "was good until");
	sim_opening_done(&opening);
	sim_cable_done(&cable);
	buf_done(&first);
}

/* Two of the three custodians suffice, whichever are there; the originator is needed. */
static void
test_away(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;

	world_send(w, &cable);
	w->sim->stations[SIM_PT].is_down = true;
	world_refused(w, w->eleni, &cable, 503, "PT does not answer");
	w->sim->stations[SIM_PT].is_down = false;
	w->sim->stations[SIM_FR].is_down = true;
	w->sim->stations[SIM_EU].is_down = true;
	{
		struct sim_opening opening = {0};
		struct post_opened opened;

		sim_opening_begin(w->sim, w->eleni, &cable, &opening);
		assert_int_equal(sim_opening_ask(w->sim, &opening, SIM_PT), 200);
		assert_int_equal(
			codec_parse_whole(&post_opened_codec,
				rd_of(w->sim->reply.data, w->sim->reply.len), &opened),
			0);
		buf_bytes(&opening.authorisation, opened.authorisation.ptr,
			opened.authorisation.len);
		world_expect(w, sim_opening_ask(w->sim, &opening, SIM_EU), 503,
			"EU does not answer");
		world_expect(w, sim_opening_ask(w->sim, &opening, SIM_CY), 200, "");
		sim_opening_done(&opening);
	}
	w->sim->stations[SIM_EU].is_down = false;
	w->sim->stations[SIM_FR].is_down = false;
	sim_pass(w->sim, 120 * 1000);
	world_opens(w, w->eleni, &cable);
	sim_cable_done(&cable);
}

/* Two members are each other's everything: the reader's own station keeps the share. */
static void
test_two(void **ctx)
{
	const struct sim_plan plan = {.members = 2};
	struct world w = {.sim = sim_new(&plan)};
	struct sim_cable_plan cable_plan;
	struct sim_cable cable;

	(void)ctx;
	w.ana = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_PT, "ana.silva", "SECRET", "policy", 0});
	w.joao = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_PT, "joao.reis", "SECRET", "treaties", 0});
	w.claire = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_FR, "claire.m", "SECRET", "duty", 0});
	cable_plan = world_plan(&w);
	cable_plan.to[0] = "FR/duty";
	cable_plan.to[1] = "PT/treaties";
	cable_plan.info[0] = NULL;
	sim_send(w.sim, &cable_plan, &cable);
	world_state(&w, &cable, "FR/duty", DELIVERY_DELIVERED);
	world_state(&w, &cable, "PT/treaties", DELIVERY_DELIVERED);
	world_opens(&w, w.claire, &cable);
	world_opens(&w, w.joao, &cable);
	sim_run(w.sim);
	world_state(&w, &cable, "FR/duty", DELIVERY_READ);
	world_state(&w, &cable, "PT/treaties", DELIVERY_READ);
	world_holders(&w, &cable, "1 FR/claire.m;2 PT/joao.reis;");
	assert_int_equal(world_end_cable(&w, w.ana, &cable, "destroy"), 200);
	world_refused(&w, w.claire, &cable, 403, "destroyed by PT");
	sim_cable_done(&cable);
	sim_free(w.sim);
}

/*
 * Each message to a store loses its n-th allocation.  What fails says so; nothing is half done;
 * and when memory is there again, all goes on, with numbers given once.
 */
static void
test_memory(void **ctx)
{
	struct world *w = *ctx;
	struct sim_cable cable;
	long n, refused = 0;
	uint16_t status;
	struct buf text;

	buf_init(&text, 1 << 16);
	world_send(w, &cable);
	for (n = 0; n < 400; n++) {
		struct sim_opening opening = {0};

		sim_opening_begin(w->sim, w->eleni, &cable, &opening);
		w->sim->fail_at = n;
		w->sim->failed = 0;
		status = sim_opening_ask(w->sim, &opening, SIM_PT);
		w->sim->fail_at = -1;
		assert_true(status == 200 || status == 503);
		refused += status != 200;
		sim_opening_done(&opening);
		if (w->sim->failed == 0)
			break;
	}
	assert_int_equal(status, 200);
	assert_true(n < 400 && refused > 20);
	world_opens(w, w->eleni, &cable);
	world_opens(w, w->claire, &cable);
	sim_run(w->sim);
	world_state(w, &cable, "CY/duty", DELIVERY_READ);
	buf_done(&text);
	sim_cable_done(&cable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_at_home, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_again, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_repeat, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_away, world_make, world_end),
		cmocka_unit_test(test_two),
		cmocka_unit_test_setup_teardown(test_memory, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
