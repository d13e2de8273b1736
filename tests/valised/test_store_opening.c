/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim.h"

/*
 * A whole opening over four stations: PT sends, CY and FR read.
 */

struct world {
	struct sim *sim;
	struct sim_officer *ana;    /* PT, author */
	struct sim_officer *eleni;  /* CY, duty */
	struct sim_officer *nikos;  /* CY, duty, RESTRICTED only */
	struct sim_officer *claire; /* FR */
};

static int
make_world(void **ctx)
{
	static struct world world;
	const struct sim_plan plan = {0};
	struct sim *sim = sim_new(&plan);

	world.sim = sim;
	world.ana = sim_enrol(sim,
		&(struct sim_officer_plan){SIM_PT, "ana.silva", "SECRET", "policy", 0});
	world.eleni = sim_enrol(
		sim, &(struct sim_officer_plan){SIM_CY, "eleni.k", "SECRET", "duty", 0});
	world.nikos = sim_enrol(sim,
		&(struct sim_officer_plan){SIM_CY, "nikos.p", "RESTRICTED", "duty", 0});
	world.claire = sim_enrol(
		sim, &(struct sim_officer_plan){SIM_FR, "claire.m", "SECRET", "duty", 0});
	*ctx = &world;
	return 0;
}

static int
end_world(void **ctx)
{
	struct world *w = *ctx;

	sim_free(w->sim);
	return 0;
}

static void
expect_open(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, const char *text)
{
	struct buf got;
	uint16_t status;

	buf_init(&got, 1 << 16);
	status = sim_open(w->sim, officer, cable, rd_of("", 0), &got);
	if (status != 200)
		print_message("%s\n", sim_why(w->sim));
	assert_int_equal(status, 200);
	assert_int_equal(got.len, strlen(text));
	assert_memory_equal(got.data, text, got.len);
	buf_done(&got);
}

static void
test_whole(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = {.author = w->ana,
		.label = "SECRET",
		.to = {"CY/duty"},
		.info = {"FR/claire.m"},
		.text = "The courier leaves at dawn."};
	struct sim_cable cable;

	sim_send(w->sim, &plan, &cable);
	assert_int_equal(sim_state(w->sim, w->ana, cable.document_id, "CY/duty"),
		DELIVERY_DELIVERED);
	assert_int_equal(sim_state(w->sim, w->ana, cable.document_id, "FR/claire.m"),
		DELIVERY_DELIVERED);
	expect_open(w, w->eleni, &cable, plan.text);
	sim_run(w->sim);
	assert_int_equal(
		sim_state(w->sim, w->ana, cable.document_id, "CY/duty"), DELIVERY_READ);
	assert_int_equal(sim_state(w->sim, w->ana, cable.document_id, "FR/claire.m"),
		DELIVERY_DELIVERED);
	sim_cable_done(&cable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, make_world, end_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
