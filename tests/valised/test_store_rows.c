/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "allies.h"
#include "store/boxes.h"
#include "store/outgoing.h"
#include "store/station.h"
#include "valised/store_cables.h"
#include "valised/store_rows.h"

/*
 * What is sealed in the rows: it opens where it belongs and nowhere else, and whoever copies
 * the rows finds no title and no address in them.
 */

static const uint8_t id_a[CORE_DOCUMENT_ID_LEN] = {1}, id_b[CORE_DOCUMENT_ID_LEN] = {2};

static struct store *
store_of(struct allies *w, size_t station)
{
	return w->sim->stations[station].store;
}

static int
open_at(struct allies *w, size_t station, const char *column, const uint8_t *id,
	const struct buf *sealed)
{
	const struct store_rows_place place = {column, id};
	struct buf out;
	int r;

	buf_init(&out, 100);
	r = store_rows_open(
		store_of(w, station), &place, rd_of(sealed->data, sealed->len), &out);
	if (r == 0) {
		assert_int_equal(out.len, 5);
		assert_memory_equal(out.data, "title", 5);
	}
	buf_done(&out);
	return r;
}

static void
test_place(void **ctx)
{
	const struct store_rows_place place = {"summary", id_a};
	struct allies *w = *ctx;
	struct buf sealed, again;

	buf_init(&sealed, 100);
	buf_init(&again, 100);
	assert_int_equal(store_rows_seal(store_of(w, SIM_PT), &place, address_of("title"),
				 &sealed),
		0);
	assert_int_equal(sealed.len, 5 + STORE_ROWS_OVERHEAD);
	assert_int_equal(open_at(w, SIM_PT, "summary", id_a, &sealed), 0);
	assert_int_equal(open_at(w, SIM_PT, "summary", id_b, &sealed), FAIL_ALTERED);
	assert_int_equal(open_at(w, SIM_PT, "summary", NULL, &sealed), FAIL_ALTERED);
	assert_int_equal(open_at(w, SIM_PT, "header", id_a, &sealed), FAIL_ALTERED);
	assert_int_equal(open_at(w, SIM_FR, "summary", id_a, &sealed), FAIL_ALTERED);
	/* Never the same bytes twice: equal titles do not look equal. */
	assert_int_equal(
		store_rows_seal(store_of(w, SIM_PT), &place, address_of("title"), &again),
		0);
	assert_memory_not_equal(sealed.data, again.data, sealed.len);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 0x80;
		assert_int_equal(
			open_at(w, SIM_PT, "summary", id_a, &sealed), FAIL_ALTERED);
		sealed.data[i] ^= 0x80;
	}
	for (; sealed.len > 0; sealed.len--)
		if (sealed.len < 5 + STORE_ROWS_OVERHEAD)
			assert_int_equal(open_at(w, SIM_PT, "summary", id_a, &sealed),
				FAIL_ALTERED);
	buf_done(&again);
	buf_done(&sealed);
}

static void
test_lookup(void **ctx)
{
	uint8_t one[HASH_LEN], same[HASH_LEN], other[HASH_LEN];
	struct allies *w = *ctx;
	const struct rd address = address_of("CY/duty");

	assert_int_equal(store_rows_lookup(store_of(w, SIM_PT), address, one), 0);
	assert_int_equal(store_rows_lookup(store_of(w, SIM_PT), address, same), 0);
	assert_memory_equal(one, same, HASH_LEN);
	/* The key is each station's own: a list of known addresses tests nothing. */
	assert_int_equal(store_rows_lookup(store_of(w, SIM_FR), address, other), 0);
	assert_memory_not_equal(one, other, HASH_LEN);
	hash_sha256(address.ptr, address.len, other);
	assert_memory_not_equal(one, other, HASH_LEN);
}

static void
test_before_ready(void **ctx)
{
	const struct store_rows_place place = {"summary", id_a};
	struct store_plan plan = {0};
	struct store *s = NULL;
	uint8_t lookup[HASH_LEN];
	struct buf out;
	struct allies *w = *ctx;

	buf_init(&out, 100);
	plan = *store_plan_of(store_of(w, SIM_PT));
	plan.db = NULL;
	assert_int_equal(station_open(db_sqlite(), NULL, 1, &plan.db), 0);
	assert_int_equal(store_new(&plan, &s), 0);
	assert_int_equal(store_rows_lookup(s, address_of("x"), lookup), FAIL_AGAIN);
	assert_int_equal(store_rows_seal(s, &place, address_of("x"), &out), FAIL_AGAIN);
	store_free(s);
	db_close(plan.db);
	buf_done(&out);
}

/* Everything that a thief of the rows would read. */

static void
expect_nothing(struct rd bytes)
{
	static const char *const words[] = {
		"A title", "CY/duty", "FR/duty", "PT/ana.silva"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		assert_null(memmem(bytes.ptr, bytes.len, words[i], strlen(words[i])));
}

static int
look_at_address(
	void *ctx, const uint8_t lookup[HASH_LEN], const struct deliveries_row *row)
{
	(void)lookup;
	expect_nothing(row->sealed);
	++*(size_t *)ctx;
	return 0;
}

static int
look_at_receipt(void *ctx, const uint8_t lookup[HASH_LEN], struct rd bytes)
{
	(void)lookup;
	expect_nothing(bytes);
	++*(size_t *)ctx;
	return 0;
}

static int
look_at_line(void *ctx, const struct boxes_row *row)
{
	expect_nothing(row->summary);
	++*(size_t *)ctx;
	return 0;
}

static void
look_at_parts(struct db *db, const uint8_t *document_id)
{
	struct rd in, part;
	struct buf out;

	buf_init(&out, POST_BODY_MAX);
	assert_int_equal(documents_get_part(db, document_id, &out), 0);
	in = rd_of(out.data, out.len);
	while (in.len > 0) {
		assert_int_equal(rd_vec32(&in, 0, POST_BODY_MAX, &part), 0);
		expect_nothing(part);
	}
	buf_done(&out);
}

static void
test_copied_rows(void **ctx)
{
	static const char author[] = "PT/ana.silva";
	uint8_t lookup[HASH_LEN];
	const struct boxes_page page = {
		.kind = BOXES_SENT, .lookup = lookup, .before = DB_INT_MAX, .max = 10};
	struct allies *w = *ctx;
	struct db *pt = w->sim->stations[SIM_PT].db, *cy = w->sim->stations[SIM_CY].db;
	struct outgoing_found found;
	struct sim_cable cable;
	struct buf bytes;
	size_t count = 0;

	buf_init(&bytes, POST_BODY_MAX);
	allies_send(w, "CY/duty", "FR/duty", &cable);
	/* In clear they stand in the header, or this test would find nothing anywhere. */
	assert_non_null(memmem(cable.header.data, cable.header.len, "A title", 7));
	look_at_parts(pt, cable.document_id);
	look_at_parts(cy, cable.document_id);
	assert_int_equal(
		deliveries_each(pt, cable.document_id, look_at_address, &count), 0);
	assert_int_equal(
		deliveries_each_receipt(pt, cable.document_id, look_at_receipt, &count),
		0);
	assert_int_equal(store_rows_lookup(store_of(w, SIM_PT),
				 rd_of(author, sizeof author - 1), lookup),
		0);
	assert_int_equal(boxes_each(pt, &page, look_at_line, &count), 0);
	assert_int_equal(count, 2 + 2 + 1);
	sim_cable_done(&cable);

	/* What is queued for a member names addressees as well. */
	assert_int_equal(db_begin(pt), 0);
	assert_int_equal(store_outgoing_put(store_of(w, SIM_PT),
				 &(struct store_outgoing){.member = address_of("CY"),
					 .path = "receipt",
					 .bytes = address_of("about CY/duty")},
				 w->sim->now_ms),
		0);
	assert_int_equal(outgoing_next(pt, address_of("CY"), w->sim->now_ms / 1000,
				 &bytes, &found),
		0);
	assert_true(bytes.len > 0);
	expect_nothing(rd_of(bytes.data, bytes.len));
	db_abort(pt);
	buf_done(&bytes);
}

#define WITH_ALLIES(TEST) cmocka_unit_test_setup_teardown(TEST, allies_make, allies_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ALLIES(test_place),
		WITH_ALLIES(test_lookup),
		WITH_ALLIES(test_before_ready),
		WITH_ALLIES(test_copied_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
