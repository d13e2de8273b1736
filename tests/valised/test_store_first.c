/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

/*
 * A new community whose roster asks for a day between enrolment and use: the people of the
 * first directories, which everybody signed with the roster, exchange cables at once; whoever
 * is enrolled afterwards waits.
 */

enum { DAY_S = 86400 };

static const struct sim_officer_plan first[] = {
	{SIM_PT, "ana.silva", "SECRET", "policy", 0},
	{SIM_FR, "claire.m", "SECRET", "duty", 0},
};

static void
begin(struct world *w)
{
	const struct sim_plan plan = {
		.members = 2, .enrol_delay_s = DAY_S, .first = first, .first_count = 2};

	*w = (struct world){.sim = sim_new(&plan)};
	w->ana = &w->sim->officers[0];
	w->claire = &w->sim->officers[1];
}

static struct sim_cable_plan
cable_plan(const struct sim_officer *author, const char *to)
{
	return (struct sim_cable_plan){
		.author = author, .label = "SECRET", .to = {to}, .text = world_text};
}

static void
test_at_once(void **ctx)
{
	struct sim_cable_plan plan;
	struct sim_cable cable;
	struct world w;

	(void)ctx;
	begin(&w);
	plan = cable_plan(w.ana, "FR/duty");
	sim_send(w.sim, &plan, &cable);
	world_state(&w, &cable, "FR/duty", DELIVERY_DELIVERED);
	world_opens(&w, w.claire, &cable);
	sim_cable_done(&cable);
	sim_free(w.sim);
}

/* Also when the directory has gone on since, at home and with the others. */
static void
test_after_another_directory(void **ctx)
{
	struct sim_cable_plan plan;
	struct sim_cable cable;
	struct world w;

	(void)ctx;
	begin(&w);
	(void)sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_PT, "joao.reis", "SECRET", "policy", 0});
	(void)sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_FR, "louis.b", "SECRET", "night", 0});
	sim_kill(w.sim, SIM_PT);
	sim_kill(w.sim, SIM_FR);
	sim_pass(w.sim, 60 * 1000);
	plan = cable_plan(w.ana, "FR/duty");
	sim_send(w.sim, &plan, &cable);
	world_state(&w, &cable, "FR/duty", DELIVERY_DELIVERED);
	world_opens(&w, w.claire, &cable);
	sim_cable_done(&cable);
	sim_free(w.sim);
}

static void
test_others_wait(void **ctx)
{
	struct sim_cable_plan plan;
	struct sim_cable cable;
	struct world w;

	(void)ctx;
	begin(&w);
	w.joao = sim_enrol(w.sim,
		&(struct sim_officer_plan){SIM_PT, "joao.reis", "SECRET", "policy", 0});
	plan = cable_plan(w.joao, "FR/duty");
	sim_seal(w.sim, &plan, &cable);
	world_expect(&w, sim_announce(w.sim, w.joao, &cable), 503, "");
	sim_cable_done(&cable);

	sim_pass(w.sim, DAY_S * UINT64_C(1000));
	sim_send(w.sim, &plan, &cable);
	world_state(&w, &cable, "FR/duty", DELIVERY_DELIVERED);
	world_opens(&w, w.claire, &cable);
	sim_cable_done(&cable);
	sim_free(w.sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_after_another_directory),
		cmocka_unit_test(test_others_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
