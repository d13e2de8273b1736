/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"
#include "envelope/grams.h"
#include "store/grams.h"
#include "world.h"

/*
 * Text for the index host: who may put it, who gets it, and when it goes.  The stations are
 * whole ones; the blobs are sealed as the author's client does it.
 */

static const uint8_t set_id[GRAMS_SET_ID_LEN] = {5};

static struct sim_officer *
host_of(struct world *w, size_t station, const char *name)
{
	struct sim_officer *host = sim_enrol(w->sim,
		&(struct sim_officer_plan){.station = station,
			.name = name,
			.clearance = "SECRET",
			.kind = SUBJECT_INDEX_HOST});

	/* The next directory names it. */
	for (int i = 0; i < 3; i++)
		sim_pass(w->sim, 60 * 1000);
	return host;
}

/* Piece `piece` of `pieces`, for this host. */
static uint16_t
put(struct world *w, const struct sim_officer *author, const struct sim_officer *host,
	const struct grams_place *place)
{
	struct post_grams post = {.host = host->hash};
	struct buf blob;
	uint16_t status;

	buf_init(&blob, GRAMS_BLOB_MAX);
	CHECK(grams_blob_seal(place, &host->credential.subject.reader, &w->sim->rng.rng,
		      rd_of("piece of text", 13), &blob) == 0);
	post.blob = rd_of(blob.data, blob.len);
	status = sim_ask(w->sim, author, "grams", &post_grams_codec, &post);
	buf_done(&blob);
	return status;
}

static uint16_t
ask_list(struct world *w, const struct sim_officer *host, const char *path)
{
	struct post_grams_ask ask = {0};

	return sim_ask(w->sim, host, path, &post_grams_ask_codec, &ask);
}

/* How many of this kind the last list has. */
static size_t
count(const struct world *w, const struct codec *codec, void *ret_last)
{
	struct post_list list;
	size_t n = 0;

	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	while (list.items.len > 0) {
		assert_int_equal(codec_parse(codec, &list.items, ret_last), 0);
		n++;
	}
	return n;
}

static size_t
waiting(struct world *w, const struct sim_officer *host)
{
	struct post_grams_set set;

	assert_int_equal(ask_list(w, host, "grams-list"), 200);
	return count(w, &post_grams_set_codec, &set);
}

static uint16_t
ask_piece(struct world *w, const struct sim_officer *host, const char *path,
	const struct grams_place *place)
{
	struct post_grams_which which = {place->document_id, place->set_id, place->piece};

	return sim_ask(w->sim, host, path, &post_grams_which_codec, &which);
}

/* It is told once it is whole, comes as it was put, and goes when the host is done. */
static void
test_whole(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w, SIM_PT, "indice");
	struct grams_place place = {.set_id = set_id, .pieces = 2};
	struct grams_blob blob;
	struct post_grams post;
	struct sim_cable cable;

	world_send(w, &cable);
	place.document_id = cable.document_id;
	assert_int_equal(waiting(w, host), 0);
	assert_int_equal(put(w, w->ana, host, &place), 200);
	assert_int_equal(waiting(w, host), 0);
	place.piece = 1;
	assert_int_equal(put(w, w->ana, host, &place), 200);
	assert_int_equal(put(w, w->ana, host, &place), 200);
	sim_kill(w->sim, SIM_PT);
	sim_pass(w->sim, 1000);
	assert_int_equal(waiting(w, host), 1);

	assert_int_equal(ask_piece(w, host, "grams-get", &place), 200);
	assert_int_equal(codec_parse_whole(&post_grams_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &post),
		0);
	assert_memory_equal(post.host, host->hash, HASH_LEN);
	assert_int_equal(grams_blob_parse(post.blob, &blob), 0);
	assert_int_equal(blob.place.piece, 1);

	assert_int_equal(ask_piece(w, host, "grams-done", &place), 200);
	assert_int_equal(waiting(w, host), 0);
	assert_int_equal(ask_piece(w, host, "grams-get", &place), 404);
	assert_int_equal(ask_piece(w, host, "grams-done", &place), 200);
	sim_cable_done(&cable);
}

static void
test_who(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w, SIM_PT, "indice");
	struct sim_officer *other = host_of(w, SIM_PT, "indice2");
	struct sim_officer *french = host_of(w, SIM_FR, "indice");
	struct grams_place place = {.set_id = set_id, .pieces = 1};
	struct grams_place unknown = {
		.document_id = set_id, .set_id = set_id, .pieces = 1};
	struct sim_cable cable;

	world_send(w, &cable);
	place.document_id = cable.document_id;
	/* Of a document that is not here, is another's, or not for one of our hosts. */
	world_expect(w, put(w, w->ana, host, &unknown), 404, "no such document");
	world_expect(w, put(w, w->joao, host, &place), 403, "author");
	world_expect(w, put(w, w->eleni, host, &place), 403, "sent from here");
	world_expect(w, put(w, w->ana, french, &place), 403, "no such index host");
	world_expect(w, put(w, w->ana, w->rui, &place), 403, "no such index host");
	assert_int_equal(put(w, w->ana, host, &place), 200);

	/* An officer gets none, another host not this one's. */
	world_expect(w, ask_list(w, w->ana, "grams-list"), 403, "index host");
	world_expect(w, ask_list(w, w->ana, "grams-gone"), 403, "index host");
	world_expect(w, ask_piece(w, w->ana, "grams-get", &place), 403, "index host");
	world_expect(w, ask_piece(w, w->ana, "grams-done", &place), 403, "index host");
	assert_int_equal(waiting(w, other), 0);
	assert_int_equal(ask_piece(w, other, "grams-get", &place), 404);
	assert_int_equal(ask_piece(w, other, "grams-done", &place), 200);
	assert_int_equal(waiting(w, host), 1);
	sim_cable_done(&cable);
}

static void
test_destroyed(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w, SIM_PT, "indice");
	struct grams_place place = {.set_id = set_id, .pieces = 1};
	struct post_grams_gone gone;
	struct sim_cable cable;

	world_send(w, &cable);
	place.document_id = cable.document_id;
	assert_int_equal(put(w, w->ana, host, &place), 200);
	assert_int_equal(world_end_cable(w, w->ana, &cable, "recall"), 200);
	assert_int_equal(waiting(w, host), 1);
	assert_int_equal(world_end_cable(w, w->ana, &cable, "destroy"), 200);
	assert_int_equal(waiting(w, host), 0);
	world_expect(w, put(w, w->ana, host, &place), 403, "destroyed");
	assert_int_equal(ask_list(w, host, "grams-gone"), 200);
	assert_int_equal(count(w, &post_grams_gone_codec, &gone), 1);
	assert_memory_equal(gone.document_id, cable.document_id, 16);
	sim_cable_done(&cable);
}

static void
test_expires(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w, SIM_PT, "indice");
	struct grams_place place = {.set_id = set_id, .pieces = 1};
	struct sim_cable cable;

	world_send(w, &cable);
	place.document_id = cable.document_id;
	assert_int_equal(put(w, w->ana, host, &place), 200);
	w->sim->now_ms += (uint64_t)(GRAMS_KEPT_S - 1000) * 1000;
	sim_pass(w->sim, 1000);
	assert_int_equal(waiting(w, host), 1);
	sim_pass(w->sim, 2000 * 1000);
	assert_int_equal(waiting(w, host), 0);
	sim_cable_done(&cable);
}

static void
test_malformed(void **ctx)
{
	struct world *w = *ctx;
	struct post_grams post = {.host = w->ana->hash, .blob = rd_of("no blob", 7)};

	world_expect(w, sim_ask(w->sim, w->ana, "grams", &post_grams_codec, &post), 400,
		"no grams");
	assert_int_equal(sim_ask_bytes(w->sim, w->ana, "grams", rd_of("short", 5)), 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_who, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_destroyed, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_expires, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_malformed, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
