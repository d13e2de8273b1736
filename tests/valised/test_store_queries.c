/* SPDX-License-Identifier: Apache-2.0 */
#include "store/queries.h"
#include "world.h"

/*
 * An ally's query over two stations: kept at home until the index host answers, and the answer
 * goes to the member that asked and to nobody else.
 */

static struct sim_officer *
host_of(struct world *w)
{
	struct sim_officer *host = sim_enrol(w->sim,
		&(struct sim_officer_plan){.station = SIM_PT,
			.name = "indice",
			.clearance = "SECRET",
			.kind = SUBJECT_INDEX_HOST});

	for (int i = 0; i < 3; i++)
		sim_pass(w->sim, 60 * 1000);
	return host;
}

static uint16_t
ask(struct world *w, const struct sim_officer *officer, const char *member,
	const char *query)
{
	struct post_query post = {
		rd_of(member, strlen(member)), rd_of(query, strlen(query))};

	return sim_ask(w->sim, officer, "query", &post_query_codec, &post);
}

static uint16_t
ask_result(struct world *w, const struct sim_officer *officer, const char *member,
	const char *query)
{
	uint8_t hash[HASH_LEN];
	struct post_query_which which = {rd_of(member, strlen(member)), hash};

	hash_sha256(query, strlen(query), hash);
	return sim_ask(w->sim, officer, "query-result", &post_query_which_codec, &which);
}

static uint16_t
answer(struct world *w, const struct sim_officer *host, const char *query,
	const char *text)
{
	uint8_t hash[HASH_LEN];
	struct post_query_answer post = {
		address_of("CY"), hash, rd_of(text, strlen(text))};

	hash_sha256(query, strlen(query), hash);
	return sim_ask(w->sim, host, "query-answer", &post_query_answer_codec, &post);
}

/* How many wait; the last one. */
static size_t
waiting(struct world *w, const struct sim_officer *host, struct post_query_row *ret_row)
{
	struct post_grams_ask page = {0};
	struct post_list list;
	size_t count = 0;

	assert_int_equal(
		sim_ask(w->sim, host, "queries", &post_grams_ask_codec, &page), 200);
	assert_int_equal(codec_parse_whole(&post_list_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &list),
		0);
	for (; list.items.len > 0; count++)
		assert_int_equal(
			codec_parse(&post_query_row_codec, &list.items, ret_row), 0);
	return count;
}

static void
assert_answer_is(const struct world *w, const char *text)
{
	struct post_object object;

	assert_int_equal(codec_parse_whole(&post_object_codec,
				 rd_of(w->sim->reply.data, w->sim->reply.len), &object),
		0);
	assert_int_equal(object.object.len, strlen(text));
	assert_memory_equal(object.object.ptr, text, object.object.len);
}

static void
test_whole(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w);
	struct post_query_row row;

	assert_int_equal(ask(w, w->eleni, "PT", "query one"), 200);
	assert_int_equal(ask(w, w->eleni, "PT", "query one"), 200);
	world_expect(w, ask_result(w, w->eleni, "PT", "query one"), 503, "not answered");
	world_expect(w, ask_result(w, w->eleni, "PT", "query two"), 404, "no such query");
	sim_kill(w->sim, SIM_PT);
	sim_pass(w->sim, 1000);
	assert_int_equal(waiting(w, host, &row), 1);
	assert_int_equal(row.query.len, 9);
	assert_memory_equal(row.query.ptr, "query one", 9);
	assert_int_equal(address_compare(row.member, address_of("CY")), 0);

	assert_int_equal(answer(w, host, "query one", "sealed"), 200);
	assert_int_equal(answer(w, host, "query one", "another"), 200);
	assert_int_equal(waiting(w, host, &row), 0);
	assert_int_equal(ask_result(w, w->eleni, "PT", "query one"), 200);
	assert_answer_is(w, "sealed");
	/* Asked again it is the same question. */
	assert_int_equal(ask(w, w->eleni, "PT", "query one"), 200);
	assert_int_equal(waiting(w, host, &row), 0);
}

static void
test_who(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w);
	struct post_grams_ask page = {0};
	struct post_query_row row;

	assert_int_equal(ask(w, w->eleni, "PT", "query one"), 200);
	assert_int_equal(answer(w, host, "query one", "sealed"), 200);
	/* Another member that has the query by some means does not get the answer. */
	world_expect(
		w, ask_result(w, w->claire, "PT", "query one"), 404, "no such query");
	assert_int_equal(ask(w, w->claire, "PT", "query one"), 200);
	world_expect(w, ask_result(w, w->claire, "PT", "query one"), 503, "not answered");
	assert_int_equal(waiting(w, host, &row), 1);
	world_expect(w, sim_ask(w->sim, w->ana, "queries", &post_grams_ask_codec, &page),
		403, "index host");
	world_expect(w, answer(w, w->ana, "query one", "false"), 403, "index host");
	world_expect(w, ask(w, w->eleni, "XX", "query"), 404, "no other member");
	world_expect(w, ask(w, w->eleni, "CY", "query"), 404, "no other member");
	world_expect(w, ask(w, w->eleni, "FR", "query"), 403, "no index host");
}

static void
test_not_now(void **ctx)
{
	struct world *w = *ctx;
	struct sim_officer *host = host_of(w);

	w->sim->stations[SIM_PT].is_down = true;
	world_expect(w, ask(w, w->eleni, "PT", "query"), 503, "does not answer");
	w->sim->stations[SIM_PT].is_down = false;
	assert_int_equal(ask(w, w->eleni, "PT", "query"), 200);
	/* Made with no set that exists. */
	assert_int_equal(answer(w, host, "query", ""), 200);
	world_expect(w, ask_result(w, w->eleni, "PT", "query"), 403, "knows no set");
}

/* So many may wait, of one member. */
static void
test_many(void **ctx)
{
	struct world *w = *ctx;
	struct db *db = w->sim->stations[SIM_PT].db;
	struct queries_key key = {.member = address_of("CY")};
	uint64_t count = 0;

	(void)host_of(w);
	assert_int_equal(db_begin(db), 0);
	for (unsigned i = 0; i < QUERIES_WAITING_MAX; i++) {
		uint8_t hash[HASH_LEN];

		hash_sha256(&i, sizeof i, hash);
		key.hash = hash;
		assert_int_equal(queries_put(db, &key, rd_of("q", 1), 1), 0);
	}
	assert_int_equal(queries_count(db, key.member, &count), 0);
	assert_int_equal(count, QUERIES_WAITING_MAX);
	assert_int_equal(db_commit(db), 0);
	world_expect(w, ask(w, w->eleni, "PT", "query"), 503, "too many");
	assert_int_equal(ask(w, w->claire, "PT", "query"), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_who, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_not_now, world_make, world_end),
		cmocka_unit_test_setup_teardown(test_many, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
