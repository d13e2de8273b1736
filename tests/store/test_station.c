/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "store/deliveries.h"
#include "store/documents.h"
#include "store/objects.h"
#include "store/people.h"
#include "store/station.h"

enum { MIB = 1 << 20 };

static struct rd
text(const char *s)
{
	return rd_of(s, strlen(s));
}

static const uint8_t id_a[CORE_DOCUMENT_ID_LEN] = {0xa};
static const uint8_t id_none[CORE_DOCUMENT_ID_LEN] = {0xff};
static const uint8_t hash_a[HASH_LEN] = {1};
static const uint8_t hash_b[HASH_LEN] = {2};

static struct db *
open_station(void)
{
	struct db *db = NULL;

	assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
	assert_int_equal(db_begin(db), 0);
	return db;
}

static void
close_station(struct db *db)
{
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

static void
expect_text(struct buf *out, const char *expected)
{
	assert_int_equal(buf_error(out), 0);
	assert_int_equal(out->len, strlen(expected));
	assert_memory_equal(out->data, expected, out->len);
	buf_clear(out);
}

static int
put_document(struct db *db, uint64_t len)
{
	struct documents_row row = {.originator = text("PT"),
		.label = text("label"),
		.core = text("core"),
		.len = len,
		.expiry_s = 99,
		.kept_s = 5};
	const struct documents_part part = {.salt = hash_b,
		.addressing = text("to"),
		.r_slots = text("slots"),
		.trailer = text("end")};

	memcpy(row.document_id, id_a, sizeof id_a);
	memcpy(row.envelope_hash, hash_a, HASH_LEN);
	return documents_put(db, &row, &part);
}

static void
test_rosters(void **ctx)
{
	struct db *db = open_station();
	struct people_roster roster = {.serial = 1, .note = text("one"), .kept_s = 5};
	uint32_t serial = 0;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(people_newest_roster(db, &out, &serial), FAIL_ABSENT);
	assert_int_equal(people_put_roster(db, &roster), 0);
	assert_int_equal(people_put_roster(db, &roster), FAIL_EXISTS);
	roster.serial = 2;
	roster.note = text("two");
	assert_int_equal(people_put_roster(db, &roster), 0);
	assert_int_equal(people_newest_roster(db, &out, &serial), 0);
	assert_int_equal(serial, 2);
	expect_text(&out, "two");
	assert_int_equal(people_get_roster(db, 1, &out), 0);
	expect_text(&out, "one");
	assert_int_equal(people_get_roster(db, 3, &out), FAIL_ABSENT);
	buf_done(&out);
	close_station(db);
}

static void
test_directories(void **ctx)
{
	struct db *db = open_station();
	struct people_directory directory = {
		.member = text("PT"), .number = 7, .note = text("seven")};
	uint32_t number = 0;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(people_put_directory(db, &directory), 0);
	assert_int_equal(people_put_directory(db, &directory), FAIL_EXISTS);
	directory.member = text("LT");
	directory.number = 9;
	assert_int_equal(people_put_directory(db, &directory), 0);
	assert_int_equal(people_newest_directory(db, text("PT"), &out, &number), 0);
	assert_int_equal(number, 7);
	expect_text(&out, "seven");
	assert_int_equal(
		people_newest_directory(db, text("EE"), &out, &number), FAIL_ABSENT);
	buf_done(&out);
	close_station(db);
}

/* The time from which enrol-delay counts cannot be moved by putting it again. */
static void
test_credential_keeps_first_time(void **ctx)
{
	struct db *db = open_station();
	struct people_credential credential = {.member = text("PT"),
		.officer = text("ana.silva"),
		.device = text("laptop"),
		.enrol = text("enrol"),
		.first_kept_s = 100};
	uint64_t first = 0;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	memcpy(credential.hash, hash_a, HASH_LEN);
	assert_int_equal(people_put_credential(db, &credential), 0);
	credential.first_kept_s = 1;
	assert_int_equal(people_put_credential(db, &credential), 0);
	assert_int_equal(people_get_credential(db, hash_a, &out, &first), 0);
	assert_int_equal(first, 100);
	expect_text(&out, "enrol");
	assert_int_equal(people_get_credential(db, hash_b, &out, &first), FAIL_ABSENT);
	buf_done(&out);
	close_station(db);
}

static void
test_document_arrives(void **ctx)
{
	struct db *db = open_station();
	struct documents_chunk chunk = {.number = 1, .len = MIB};
	struct documents_found found;
	uint64_t missing[4];
	size_t count = 9;
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(put_document(db, 3 * (uint64_t)MIB + 5), 0);
	assert_int_equal(put_document(db, 1), FAIL_EXISTS);
	assert_int_equal(documents_missing(db, id_a, 4, missing, &count), 0);
	assert_int_equal(count, 4);
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), 0);
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), FAIL_EXISTS);
	assert_int_equal(documents_missing(db, id_a, 2, missing, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(missing[0], 0);
	assert_int_equal(missing[1], 2);
	assert_int_equal(documents_complete(db, id_a), FAIL_AGAIN);

	/* Chunks that this document cannot have. */
	chunk = (struct documents_chunk){.number = 3, .len = 6};
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), FAIL_LIMIT);
	chunk = (struct documents_chunk){.number = 4, .len = 0};
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), FAIL_LIMIT);
	assert_int_equal(documents_put_chunk(db, id_none, &chunk), FAIL_ABSENT);

	chunk = (struct documents_chunk){.number = 0, .len = MIB};
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), 0);
	chunk.number = 2;
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), 0);
	chunk = (struct documents_chunk){.number = 3, .len = 5};
	memcpy(chunk.hash, hash_b, HASH_LEN);
	assert_int_equal(documents_put_chunk(db, id_a, &chunk), 0);
	assert_int_equal(documents_complete(db, id_a), 0);
	assert_int_equal(documents_missing(db, id_a, 4, missing, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(documents_get(db, id_a, &out, &found), 0);
	assert_int_equal(found.state, DOCUMENTS_WHOLE);
	assert_int_equal(found.chunk_count, 4);
	assert_int_equal(found.expiry_s, 99);
	expect_text(&out, "core");
	assert_int_equal(documents_get_chunk(db, id_a, 3, &chunk), 0);
	assert_int_equal(chunk.len, 5);
	assert_memory_equal(chunk.hash, hash_b, HASH_LEN);
	assert_int_equal(documents_get_chunk(db, id_a, 4, &chunk), FAIL_ABSENT);
	buf_done(&out);
	close_station(db);
}

static void
test_part(void **ctx)
{
	struct db *db = open_station();
	struct rd in, salt, to;
	struct buf out;

	(void)ctx;
	buf_init(&out, 200);
	assert_int_equal(put_document(db, 0), 0);
	assert_int_equal(documents_complete(db, id_a), 0);
	assert_int_equal(documents_get_part(db, id_a, &out), 0);
	in = rd_of(out.data, out.len);
	assert_int_equal(rd_vec32(&in, 32, 32, &salt), 0);
	assert_memory_equal(salt.ptr, hash_b, HASH_LEN);
	assert_int_equal(rd_vec32(&in, 0, 100, &to), 0);
	assert_memory_equal(to.ptr, "to", to.len);
	assert_int_equal(documents_get_part(db, id_none, &out), FAIL_ABSENT);
	buf_done(&out);
	close_station(db);
}

static int
join(void *ctx, const struct documents_address *address)
{
	buf_printf(ctx, "%.*s:%d:%d ", (int)address->address.len,
		(const char *)address->address.ptr, (int)address->role,
		address->precedence);
	return 0;
}

static void
test_addresses(void **ctx)
{
	struct db *db = open_station();
	struct documents_address address = {
		.address = text("PT/duty"), .role = DOCUMENTS_ACTION, .precedence = 3};
	struct buf out;

	(void)ctx;
	buf_init(&out, 200);
	assert_int_equal(documents_put_address(db, id_a, &address), FAIL_ABSENT);
	assert_int_equal(put_document(db, 1), 0);
	assert_int_equal(documents_put_address(db, id_a, &address), 0);
	assert_int_equal(documents_put_address(db, id_a, &address), FAIL_EXISTS);
	address = (struct documents_address){
		.address = text("LT/duty"), .role = DOCUMENTS_INFO, .precedence = 4};
	assert_int_equal(documents_put_address(db, id_a, &address), FAIL_FORMAT);
	address.precedence = 0;
	assert_int_equal(documents_put_address(db, id_a, &address), 0);
	assert_int_equal(documents_each_address(db, id_a, join, &out), 0);
	expect_text(&out, "PT/duty:1:3 LT/duty:2:0 ");
	buf_done(&out);
	close_station(db);
}

/* Every state can be written, every legal move made, and no other. */
static void
test_delivery_states(void **ctx)
{
	const struct deliveries_key key = {.document_id = id_a, .member = text("LT")};
	struct deliveries_row row = {.next_try_s = 10, .due_s = 60};
	unsigned from, to;
	struct db *db;
	int r;

	(void)ctx;
	for (from = 0; from < DELIVERY_STATES; from++)
		for (to = 0; to < DELIVERY_STATES; to++) {
			db = open_station();
			assert_int_equal(put_document(db, 1), 0);
			row.state = (enum delivery)from;
			assert_int_equal(deliveries_put(db, &key, &row), 0);
			r = deliveries_move(db, &key, (enum delivery)to, 20);
			assert_int_equal(r,
				delivery_may((enum delivery)from, (enum delivery)to)
					? 0
					: FAIL_REFUSED);
			assert_int_equal(deliveries_get(db, &key, &row), 0);
			assert_int_equal(row.state, r == 0 ? to : from);
			if (r == 0)
				assert_int_equal(row.next_try_s,
					delivery_is_final((enum delivery)to) ? 0 : 20);
			row.next_try_s = 10;
			close_station(db);
		}
}

static int
count_waiting(void *ctx, const struct deliveries_key *key)
{
	assert_memory_equal(key->document_id, id_a, sizeof id_a);
	buf_bytes(ctx, key->member.ptr, key->member.len);
	return 0;
}

static void
test_waiting(void **ctx)
{
	struct deliveries_key key = {.document_id = id_a, .member = text("LT")};
	struct deliveries_row row = {.state = DELIVERY_KEPT, .next_try_s = 10};
	struct db *db = open_station();
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(put_document(db, 1), 0);
	assert_int_equal(deliveries_put(db, &key, &row), 0);
	assert_int_equal(deliveries_put(db, &key, &row), FAIL_EXISTS);
	key.member = text("EE");
	row.next_try_s = 5;
	assert_int_equal(deliveries_put(db, &key, &row), 0);
	key.member = text("PT");
	row.next_try_s = 0; /* not to be tried */
	assert_int_equal(deliveries_put(db, &key, &row), 0);
	assert_int_equal(deliveries_waiting(db, 10, 5, count_waiting, &out), 0);
	expect_text(&out, "EELT");
	assert_int_equal(deliveries_waiting(db, 9, 5, count_waiting, &out), 0);
	expect_text(&out, "EE");
	assert_int_equal(deliveries_waiting(db, 10, 1, count_waiting, &out), 0);
	expect_text(&out, "EE");
	key.member = text("EE");
	assert_int_equal(deliveries_tried(db, &key, 30), 0);
	assert_int_equal(deliveries_get(db, &key, &row), 0);
	assert_int_equal(row.tries, 1);
	assert_int_equal(row.next_try_s, 30);
	key.member = text("XX");
	assert_int_equal(deliveries_tried(db, &key, 30), FAIL_ABSENT);
	buf_done(&out);
	close_station(db);
}

static int
append(void *ctx, struct rd receipt)
{
	buf_bytes(ctx, receipt.ptr, receipt.len);
	return 0;
}

/* All that hangs on a document goes with it; the share kept as custodian stays. */
static void
test_receipts_and_forget(void **ctx)
{
	struct deliveries_receipt receipt = {.document_id = id_a,
		.addressee = text("LT/duty"),
		.kind = RECEIPT_DELIVERED,
		.bytes = text("<delivered>")};
	struct db *db = open_station();
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(put_document(db, 1), 0);
	assert_int_equal(deliveries_put_receipt(db, &receipt), 0);
	assert_int_equal(deliveries_put_receipt(db, &receipt), FAIL_EXISTS);
	receipt.kind = RECEIPT_READ;
	receipt.bytes = text("<read>");
	assert_int_equal(deliveries_put_receipt(db, &receipt), 0);
	receipt.kind = 6;
	assert_int_equal(deliveries_put_receipt(db, &receipt), FAIL_FORMAT);
	assert_int_equal(deliveries_each_receipt(db, id_a, append, &out), 0);
	expect_text(&out, "<delivered><read>");
	assert_int_equal(documents_forget(db, id_a), 0);
	assert_int_equal(documents_forget(db, id_a), FAIL_ABSENT);
	assert_int_equal(deliveries_each_receipt(db, id_a, append, &out), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(put_document(db, 1), 0);
	buf_done(&out);
	close_station(db);
}

static void
test_objects(void **ctx)
{
	struct objects_keep keep = {
		.number = 2, .keep = text("keep"), .share = text("sealed")};
	const struct objects_grant grant = {
		.document_id = id_a, .credential_hash = hash_a, .bytes = text("grant")};
	const struct objects_signed object = {
		.kind = text("send"), .hash = hash_a, .bytes = text("sent")};
	struct db *db = open_station();
	struct buf out, share;

	(void)ctx;
	buf_init(&out, 100);
	buf_init(&share, 100);
	memcpy(keep.document_id, id_a, sizeof id_a);
	assert_int_equal(objects_put_keep(db, &keep), 0);
	assert_int_equal(objects_put_keep(db, &keep), FAIL_EXISTS);
	assert_int_equal(objects_get_keep(db, id_a, &out, &share), 0);
	expect_text(&out, "keep");
	expect_text(&share, "sealed");
	keep.document_id[0] = 0xb;
	keep.number = 17;
	assert_int_equal(objects_put_keep(db, &keep), FAIL_FORMAT);

	assert_int_equal(objects_put_grant(db, &grant), FAIL_ABSENT);
	assert_int_equal(put_document(db, 1), 0);
	assert_int_equal(objects_put_grant(db, &grant), 0);
	assert_int_equal(objects_get_grant(db, id_a, hash_a, &out), 0);
	expect_text(&out, "grant");
	assert_int_equal(objects_get_grant(db, id_a, hash_b, &out), FAIL_ABSENT);

	assert_int_equal(objects_put_signed(db, &object), 0);
	assert_int_equal(objects_put_signed(db, &object), FAIL_EXISTS);
	assert_int_equal(objects_get_signed(db, text("send"), hash_a, &out), 0);
	expect_text(&out, "sent");
	assert_int_equal(objects_get_signed(db, text("hold"), hash_a, &out), FAIL_ABSENT);
	buf_done(&share);
	buf_done(&out);
	close_station(db);
}

static void
test_counters(void **ctx)
{
	const struct objects_counter today = {.name = text("open ana"), .day = 20000};
	const struct objects_counter tomorrow = {.name = text("open ana"), .day = 20001};
	struct db *db = open_station();
	uint64_t total = 9;

	(void)ctx;
	assert_int_equal(objects_counted(db, &today, &total), 0);
	assert_int_equal(total, 0);
	assert_int_equal(objects_count(db, &today, 1, &total), 0);
	assert_int_equal(objects_count(db, &today, 3, &total), 0);
	assert_int_equal(total, 4);
	assert_int_equal(objects_count(db, &tomorrow, 1, &total), 0);
	assert_int_equal(total, 1);
	assert_int_equal(
		objects_count(db, &today, OBJECTS_COUNT_MAX + 1u, &total), FAIL_LIMIT);
	close_station(db);
}

/* Want of memory anywhere in an arrival: all of it or nothing of it. */
static void
test_memory(void **ctx)
{
	const struct documents_chunk chunk = {.number = 0, .len = 1};
	struct documents_found found;
	struct db *db = NULL;
	long n, failed = 1;
	struct buf out;
	int r = 0;

	(void)ctx;
	for (n = 0; failed > 0; n++) {
		assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
		mem_fail_after(n, true);
		if ((r = db_begin(db)) == 0) {
			if ((r = put_document(db, 1)) == 0 &&
				(r = documents_put_chunk(db, id_a, &chunk)) == 0)
				r = documents_complete(db, id_a);
			if (r == 0)
				r = db_commit(db);
			else
				db_abort(db);
		}
		failed = mem_failed_count();
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_false(db_is_dead(db));
		buf_init(&out, 100);
		assert_int_equal(
			documents_get(db, id_a, &out, &found), r == 0 ? 0 : FAIL_ABSENT);
		buf_done(&out);
		db_close(db);
	}
	assert_int_equal(r, 0);
	assert_true(n > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rosters),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_credential_keeps_first_time),
		cmocka_unit_test(test_document_arrives),
		cmocka_unit_test(test_part),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_delivery_states),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_receipts_and_forget),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
