/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "cable/receipt.h"

const char world_text[] = "The courier leaves at dawn.";

static struct sim_officer *
enrol(struct sim *sim, size_t station, const char *name, const char *clearance,
	const char *desk)
{
	return sim_enrol(
		sim, &(struct sim_officer_plan){station, name, clearance, desk, 0});
}

int
world_make(void **ctx)
{
	static struct world world;
	const struct sim_plan plan = {0};
	struct world *w = &world;

	w->sim = sim_new(&plan);
	w->ana = enrol(w->sim, SIM_PT, "ana.silva", "SECRET", "policy");
	w->rui = enrol(w->sim, SIM_PT, "rui.costa", "SECRET", "policy");
	w->joao = enrol(w->sim, SIM_PT, "joao.reis", "SECRET", "treaties");
	w->claire = enrol(w->sim, SIM_FR, "claire.m", "SECRET", "duty");
	w->eleni = enrol(w->sim, SIM_CY, "eleni.k", "SECRET", "duty");
	w->nikos = enrol(w->sim, SIM_CY, "nikos.p", "RESTRICTED", "night");
	w->otto = enrol(w->sim, SIM_EU, "otto.w", "SECRET", NULL);
	*ctx = w;
	return 0;
}

int
world_end(void **ctx)
{
	struct world *w = *ctx;

	sim_free(w->sim);
	return 0;
}

struct sim_cable_plan
world_plan(const struct world *w)
{
	return (struct sim_cable_plan){.author = w->ana,
		.label = "SECRET",
		.to = {"CY/duty"},
		.info = {"FR/claire.m"},
		.text = world_text};
}

void
world_send(struct world *w, struct sim_cable *cable)
{
	const struct sim_cable_plan plan = world_plan(w);

	sim_send(w->sim, &plan, cable);
	world_state(w, cable, "CY/duty", DELIVERY_DELIVERED);
}

void
world_expect(
	const struct world *w, uint16_t status, uint16_t expected, const char *sentence)
{
	const char *why = status == 200 ? "" : sim_why(w->sim);

	if (status != expected || strstr(why, sentence) == NULL)
		print_message("%u: %s\n", (unsigned)status, why);
	assert_int_equal(status, expected);
	assert_non_null(strstr(why, sentence));
}

void
world_opens(
	struct world *w, const struct sim_officer *officer, const struct sim_cable *cable)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	world_expect(w, sim_open(w->sim, officer, cable, rd_of("", 0), &text), 200, "");
	assert_int_equal(text.len, strlen(world_text));
	assert_memory_equal(text.data, world_text, text.len);
	buf_done(&text);
}

void
world_refused(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, uint16_t status, const char *sentence)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	world_expect(w, sim_open(w->sim, officer, cable, rd_of("", 0), &text), status,
		sentence);
	assert_int_equal(text.len, 0);
	buf_done(&text);
}

void
world_state(struct world *w, const struct sim_cable *cable, const char *address,
	enum delivery expected)
{
	enum delivery state = sim_state(w->sim, w->ana, cable->document_id, address);

	assert_string_equal(delivery_text(state), delivery_text(expected));
}

uint16_t
world_end_cable(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, const char *path)
{
	const struct post_recall recall = {
		.document_id = cable->document_id, .reason = address_of("wrong annex")};
	uint16_t status = sim_ask(w->sim, officer, path, &post_recall_codec, &recall);

	if (status == 200)
		sim_run(w->sim);
	return status;
}

uint16_t
world_ack(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, uint8_t answer)
{
	const struct post_ack ack = {.document_id = cable->document_id,
		.answer = answer,
		.text = address_of("understood")};
	uint16_t status = sim_ask(w->sim, officer, "ack", &post_ack_codec, &ack);

	if (status == 200)
		sim_run(w->sim);
	return status;
}

void
world_receipt(struct world *w, const struct sim_cable *cable, const char *address,
	struct receipt *ret_receipt)
{
	const struct post_which which = {.document_id = rd_of(cable->document_id, 16)};
	struct post_progress progress;
	struct post_state state;

	assert_int_equal(
		sim_ask(w->sim, w->ana, "state", &post_which_codec, &which), 200);
	assert_int_equal(codec_parse_whole(&post_state_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &state),
		0);
	while (state.addressees.len > 0) {
		assert_int_equal(
			codec_parse(&post_progress_codec, &state.addressees, &progress),
			0);
		if (address_compare(progress.address, address_of(address)) != 0)
			continue;
		assert_int_equal(receipt_parse(progress.receipt, ret_receipt), 0);
		return;
	}
	fail_msg("no addressee %s", address);
}

void
world_holders(struct world *w, const struct sim_cable *cable, const char *expected)
{
	const struct post_which which = {.document_id = rd_of(cable->document_id, 16)};
	struct post_holder holder;
	struct post_list list;
	struct buf got;

	buf_init(&got, 1024);
	assert_int_equal(
		sim_ask(w->sim, w->ana, "holders", &post_which_codec, &which), 200);
	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	while (list.items.len > 0) {
		assert_int_equal(
			codec_parse(&post_holder_codec, &list.items, &holder), 0);
		buf_printf(&got, "%u %.*s;", (unsigned)holder.copy,
			(int)holder.officer.len, (const char *)holder.officer.ptr);
	}
	assert_int_equal(got.len, strlen(expected));
	assert_memory_equal(got.data, expected, got.len);
	buf_done(&got);
}
