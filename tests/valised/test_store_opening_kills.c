/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cable/receipt.h"
#include "valised/vault_impl.h"
#include "world.h"

/*
 * Processes of a station end in the middle of sending, opening and acknowledging, each time
 * some messages later.  Clients ask again, as clients do.  In the end each cable is where it
 * belongs, read and acknowledged, and each officer has one copy.
 */

enum { TRIES = 12 };

/* How many cables; an argument sets it for a long run. */
static size_t cables = 40;

static bool
is_again(uint16_t status)
{
	return status == 503 || status == SIM_NO_ANSWER;
}

/* What was answered must stand; what was not may be asked for again. */
static void
open_again(
	struct world *w, const struct sim_officer *officer, const struct sim_cable *cable)
{
	uint16_t status = SIM_NO_ANSWER;
	struct buf text;

	for (int i = 0; i < TRIES && is_again(status); i++) {
		buf_init(&text, 1 << 16);
		status = sim_open(w->sim, officer, cable, rd_of("", 0), &text);
		if (status == 200)
			assert_memory_equal(text.data, world_text, text.len);
		buf_done(&text);
		if (status != 200)
			sim_pass(w->sim, 20 * 1000);
	}
	world_expect(w, status, 200, "");
}

static void
announce_again(struct world *w, const struct sim_cable *cable)
{
	uint16_t status = SIM_NO_ANSWER;

	for (int i = 0; i < TRIES && is_again(status); i++) {
		status = sim_announce(w->sim, w->ana, cable);
		if (status != 200)
			sim_pass(w->sim, 20 * 1000);
	}
	world_expect(w, status, 200, "");
	for (int i = 0; i < 4; i++)
		sim_pass(w->sim, 40 * 1000);
}

static void
ack_again(
	struct world *w, const struct sim_officer *officer, const struct sim_cable *cable)
{
	uint16_t status = SIM_NO_ANSWER;

	for (int i = 0; i < TRIES && is_again(status); i++) {
		status = world_ack(w, officer, cable, RECEIPT_WILL_COMPLY);
		if (status != 200)
			sim_pass(w->sim, 20 * 1000);
	}
	world_expect(w, status, 200, "");
}

/* The officers in the order of their copies, each once, whatever the number of requests. */
static void
check_copies(struct world *w, const struct sim_cable *cable)
{
	const struct post_which which = {.document_id = rd_of(cable->document_id, 16)};
	uint32_t eleni = 0, claire = 0;
	struct post_holder holder;
	struct post_list list;

	assert_int_equal(
		sim_ask(w->sim, w->ana, "holders", &post_which_codec, &which), 200);
	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	while (list.items.len > 0) {
		uint32_t *copy;

		assert_int_equal(
			codec_parse(&post_holder_codec, &list.items, &holder), 0);
		copy = address_compare(holder.officer, address_of("CY/eleni.k")) == 0
			? &eleni
			: &claire;
		assert_true(*copy == 0 || *copy == holder.copy);
		*copy = holder.copy;
	}
	assert_true(eleni != 0 && claire != 0 && eleni != claire);
}

static void
test_kills(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;

	for (size_t i = 1; i <= cables; i++) {
		sim_seal(w->sim, &plan, &cable);
		sim_kill_later(w->sim, i % SIM_STATIONS, 1 + i * 7 % 67);
		announce_again(w, &cable);
		sim_kill_later(w->sim, (i + 1) % SIM_STATIONS, 1 + i * 5 % 43);
		open_again(w, w->eleni, &cable);
		open_again(w, w->claire, &cable);
		sim_kill_later(w->sim, (i + 2) % SIM_STATIONS, 1 + i * 3 % 23);
		ack_again(w, w->eleni, &cable);
		for (int k = 0; k < 6; k++)
			sim_pass(w->sim, 40 * 1000);
		world_state(w, &cable, "CY/duty", DELIVERY_ACKNOWLEDGED);
		world_state(w, &cable, "FR/claire.m", DELIVERY_READ);
		check_copies(w, &cable);
		sim_cable_done(&cable);
	}
	assert_true(w->sim->kills > 2 * cables);
}

/*
 * For a while every message to every store loses its n-th allocation, whatever it is about.
 * With memory again everything goes on by itself, but for what a client was refused.
 */
static void
test_memory(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = world_plan(w);
	struct sim_cable cable;
	uint16_t status;

	for (long n = 0; n < 160; n += 1 + n / 8) {
		sim_seal(w->sim, &plan, &cable);
		w->sim->fail_at = n;
		status = sim_announce(w->sim, w->ana, &cable);
		assert_true(status == 200 || status == 503);
		sim_pass(w->sim, 40 * 1000);
		w->sim->fail_at = -1;
		if (status != 200)
			assert_int_equal(sim_announce(w->sim, w->ana, &cable), 200);
		for (int k = 0; k < 6; k++)
			sim_pass(w->sim, 60 * 1000);
		world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
		world_state(w, &cable, "FR/claire.m", DELIVERY_DELIVERED);
		world_opens(w, w->eleni, &cable);

		w->sim->fail_at = n;
		status = world_end_cable(w, w->ana, &cable, "destroy");
		assert_true(status == 200 || status == 503);
		sim_pass(w->sim, 40 * 1000);
		w->sim->fail_at = -1;
		assert_int_equal(world_end_cable(w, w->ana, &cable, "destroy"), 200);
		for (int k = 0; k < 6; k++)
			sim_pass(w->sim, 60 * 1000);
		world_state(w, &cable, "CY/duty", DELIVERY_RECALLED);
		world_refused(w, w->eleni, &cable, 403, "destroyed by PT");
		sim_cable_done(&cable);
	}
}

/* At how many stations custody has a key of it. */
static size_t
count_keys(const struct world *w, const struct sim_cable *cable)
{
	struct vault_document document;
	size_t count = 0;

	for (size_t i = 0; i < SIM_STATIONS; i++)
		count += documents_find(state_documents(w->sim->stations[i].vault->state),
				 cable->document_id, &document) == 0;
	return count;
}

/*
 * The originator ends in the middle of destroying, and nobody asks again: either nothing has
 * happened, or every key is gone.
 */
static void
test_destroy(void **ctx)
{
	struct world *w = *ctx;
	size_t destroyed = 0, whole = 0;

	for (size_t n = 1; n < 16; n++) {
		struct sim_cable cable;

		world_send(w, &cable);
		sim_kill_later(w->sim, SIM_PT, n);
		(void)world_end_cable(w, w->ana, &cable, "destroy");
		for (int k = 0; k < 6; k++)
			sim_pass(w->sim, 60 * 1000);
		if (count_keys(w, &cable) == 0) {
			world_refused(w, w->eleni, &cable, 403, "destroyed by PT");
			destroyed++;
		} else {
			assert_int_equal(count_keys(w, &cable), SIM_STATIONS);
			world_opens(w, w->eleni, &cable);
			whole++;
		}
		sim_cable_done(&cable);
	}
	assert_true(destroyed > 0 && whole > 0);
}

/* Between the arrival, which is answered, and the signature under its receipt. */
static void
test_between(void **ctx)
{
	struct world *w = *ctx;
	const struct sim_cable_plan plan = world_plan(w);
	struct sim_station *cy = &w->sim->stations[SIM_CY];
	struct sim_cable cable;

	sim_seal(w->sim, &plan, &cable);
	cy->is_down = true;
	announce_again(w, &cable);
	cy->is_down = false;
	cy->is_custody_busy = true;
	sim_pass(w->sim, 120 * 1000);
	cy->is_custody_busy = false;
	sim_kill(w->sim, SIM_CY);
	world_state(w, &cable, "CY/duty", DELIVERY_KEPT);
	sim_pass(w->sim, 31 * 1000);
	world_state(w, &cable, "CY/duty", DELIVERY_DELIVERED);
	sim_cable_done(&cable);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kills, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_memory, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_destroy, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_between, world_make, world_end),
	};

	if (argc > 1)
		cables = strtoul(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
