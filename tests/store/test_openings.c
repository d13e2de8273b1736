/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "rows.h"
#include "store/objects.h"
#include "store/openings.h"

static const uint8_t id_a[CORE_DOCUMENT_ID_LEN] = {0xa};
static const uint8_t id_b[CORE_DOCUMENT_ID_LEN] = {0xb};

struct request {
	uint8_t hash[HASH_LEN];
};

static struct request
request(uint8_t n)
{
	return (struct request){{n}};
}

static const struct openings_row row = {
	.key = {.role = OPENINGS_ORIGINATOR},
	.document_id = id_a,
	.copy = 1,
	.time_s = 5,
};

static int
put(struct db *db, uint8_t n, const char *officer, uint32_t copy)
{
	const struct request q = request(n);
	struct openings_row one = row;

	one.key.request_hash = q.hash;
	one.credential_hash = q.hash;
	one.member = rows_text("CY");
	one.officer = rows_text(officer);
	one.device = rows_text("laptop");
	one.copy = copy;
	return openings_put(db, &one);
}

static int
answer(struct db *db, uint8_t n, const char *text)
{
	const struct request q = request(n);

	return openings_answer(
		db, &(struct openings_key){q.hash, OPENINGS_ORIGINATOR}, rows_text(text));
}

static uint32_t
copy_of(struct db *db, const uint8_t *id, const char *officer)
{
	uint32_t copy = 0;

	assert_int_equal(openings_copy(db,
				 &(struct openings_officer){
					 id, rows_text("CY"), rows_text(officer)},
				 &copy),
		0);
	return copy;
}

/* The number belongs to document and officer, whatever the device, however often. */
static void
test_copies(void **ctx)
{
	struct db *db = rows_open();

	(void)ctx;
	assert_int_equal(copy_of(db, id_a, "eleni.k"), 1);
	assert_int_equal(put(db, 1, "eleni.k", 1), 0);
	assert_int_equal(copy_of(db, id_a, "eleni.k"), 1);
	assert_int_equal(copy_of(db, id_a, "nikos.p"), 2);
	assert_int_equal(put(db, 2, "nikos.p", 2), 0);
	assert_int_equal(put(db, 3, "eleni.k", 1), 0);
	assert_int_equal(copy_of(db, id_a, "maria.d"), 3);
	assert_int_equal(copy_of(db, id_b, "maria.d"), 1);
	assert_int_equal(put(db, 3, "eleni.k", 1), FAIL_EXISTS);
	rows_close(db);
}

static int
count(void *ctx, const struct openings_row *opening)
{
	size_t *n = ctx;

	assert_memory_equal(opening->document_id, id_a, sizeof id_a);
	assert_int_equal(opening->device.len, strlen("laptop"));
	(*n)++;
	return 0;
}

/* Only who was answered has opened anything. */
static void
test_answers(void **ctx)
{
	const struct request q = request(1), other = request(9);
	const struct openings_key key = {q.hash, OPENINGS_ORIGINATOR};
	const struct openings_officer eleni = {
		id_a, rows_text("CY"), rows_text("eleni.k")};
	struct db *db = rows_open();
	uint32_t copy = 0;
	struct buf out;
	size_t n = 0;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(openings_get(db, &key, &out, &copy), FAIL_ABSENT);
	assert_int_equal(answer(db, 1, "early"), FAIL_ABSENT);
	assert_int_equal(put(db, 1, "eleni.k", 7), 0);
	assert_int_equal(openings_get(db, &key, &out, &copy), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(copy, 7);
	assert_int_equal(openings_was_opened(db, &eleni), FAIL_ABSENT);
	assert_int_equal(openings_each(db, id_a, count, &n), 0);
	assert_int_equal(n, 0);

	assert_int_equal(answer(db, 1, "answer"), 0);
	assert_int_equal(openings_get(db, &key, &out, &copy), 0);
	rows_expect(&out, "answer");
	assert_int_equal(openings_was_opened(db, &eleni), 0);
	assert_int_equal(openings_each(db, id_a, count, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(
		openings_get(db, &(struct openings_key){q.hash, OPENINGS_CUSTODIAN}, &out,
			&copy),
		FAIL_ABSENT);
	assert_int_equal(
		openings_get(db, &(struct openings_key){other.hash, OPENINGS_ORIGINATOR},
			&out, &copy),
		FAIL_ABSENT);
	buf_done(&out);
	rows_close(db);
}

static int
list(void *ctx, const struct openings_kept *kept)
{
	buf_printf(ctx, "%.*s %u;", (int)kept->member.len, (const char *)kept->member.ptr,
		(unsigned)kept->number);
	return 0;
}

static void
test_kept(void **ctx)
{
	struct openings_kept kept = {.document_id = id_a,
		.member = rows_text("FR"),
		.number = 2,
		.kept = rows_text("KEPT"),
		.kept_s = 5};
	struct db *db = rows_open();
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(openings_get_kept(db, id_a, kept.member, &out), FAIL_ABSENT);
	assert_int_equal(openings_put_kept(db, &kept), 0);
	assert_int_equal(openings_put_kept(db, &kept), FAIL_EXISTS);
	kept.member = rows_text("CY");
	kept.number = 17;
	assert_int_equal(openings_put_kept(db, &kept), FAIL_FORMAT);
	kept.number = 1;
	assert_int_equal(openings_put_kept(db, &kept), 0);
	assert_int_equal(openings_get_kept(db, id_a, kept.member, &out), 0);
	rows_expect(&out, "KEPT");
	assert_int_equal(openings_each_kept(db, id_a, list, &out), 0);
	rows_expect(&out, "CY 1;FR 2;");
	assert_int_equal(openings_each_kept(db, id_b, list, &out), 0);
	assert_int_equal(out.len, 0);
	buf_done(&out);
	rows_close(db);
}

/* Each member's is its own: one cannot end a document of another by being first. */
static void
test_recalls(void **ctx)
{
	struct openings_recall recall = {.document_id = id_a,
		.member = rows_text("FR"),
		.kind = 1,
		.recall = rows_text("false"),
		.kept_s = 5};
	struct db *db = rows_open();
	struct buf out;

	(void)ctx;
	buf_init(&out, 100);
	assert_int_equal(openings_put_recall(db, &recall), 0);
	assert_int_equal(openings_put_recall(db, &recall), FAIL_EXISTS);
	recall.member = rows_text("PT");
	assert_int_equal(openings_get_recall(db, &recall, &out), FAIL_ABSENT);
	recall.recall = rows_text("true");
	assert_int_equal(openings_put_recall(db, &recall), 0);
	assert_int_equal(openings_get_recall(db, &recall, &out), 0);
	rows_expect(&out, "true");
	recall.kind = 2;
	assert_int_equal(openings_get_recall(db, &recall, &out), FAIL_ABSENT);
	assert_int_equal(openings_put_recall(db, &recall), 0);
	recall.kind = 3;
	assert_int_equal(openings_put_recall(db, &recall), FAIL_FORMAT);
	buf_done(&out);
	rows_close(db);
}

static void
test_envelope(void **ctx)
{
	struct db *db = rows_open();
	struct documents_found found;
	uint8_t id[CORE_DOCUMENT_ID_LEN], got[CORE_DOCUMENT_ID_LEN] = {0};

	(void)ctx;
	rows_id(1, id);
	assert_int_equal(rows_put_document(db, 1, 1), 0);
	assert_int_equal(documents_get(db, id, NULL, &found), 0);
	assert_int_equal(openings_find_envelope(db, found.envelope_hash, got), 0);
	assert_memory_equal(got, id, sizeof id);
	found.envelope_hash[5] ^= 1;
	assert_int_equal(
		openings_find_envelope(db, found.envelope_hash, got), FAIL_ABSENT);
	rows_close(db);
}

static int
list_grant(void *ctx, struct rd grant)
{
	buf_bytes(ctx, grant.ptr, grant.len);
	return 0;
}

static void
test_grants(void **ctx)
{
	const struct request reader = request(1), other = request(2);
	struct db *db = rows_open();
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	struct objects_grant grant = {.document_id = id,
		.credential_hash = reader.hash,
		.bytes = rows_text("one;"),
		.kept_s = 5};
	struct buf out;

	(void)ctx;
	rows_id(1, id);
	buf_init(&out, 100);
	assert_int_equal(objects_put_grant(db, &grant), FAIL_ABSENT);
	assert_int_equal(rows_put_document(db, 1, 1), 0);
	assert_int_equal(objects_put_grant(db, &grant), 0);
	assert_int_equal(objects_put_grant(db, &grant), FAIL_EXISTS);
	grant.credential_hash = other.hash;
	grant.bytes = rows_text("two;");
	assert_int_equal(objects_put_grant(db, &grant), 0);
	assert_int_equal(objects_each_grant(db, id, list_grant, &out), 0);
	rows_expect(&out, "one;two;");
	buf_done(&out);
	rows_close(db);
}

/* What is owed is told until it is done, the longest waiting first. */
static void
test_owed(void **ctx)
{
	struct openings_owed arrival = {.document_id = {1}};
	struct openings_owed reading = {.document_id = {1}, .credential_hash = {2}};
	struct openings_owed got;
	struct db *db = rows_open();
	uint64_t at_s = 0;

	(void)ctx;
	assert_int_equal(openings_soonest_owed(db, &at_s), 0);
	assert_true(at_s == UINT64_MAX);
	assert_int_equal(openings_due_owed(db, 100, &got), FAIL_ABSENT);
	assert_int_equal(openings_put_owed(db, &arrival, 50), 0);
	assert_int_equal(openings_put_owed(db, &reading, 40), 0);
	assert_int_equal(openings_soonest_owed(db, &at_s), 0);
	assert_int_equal(at_s, 40);
	assert_int_equal(openings_due_owed(db, 39, &got), FAIL_ABSENT);
	assert_int_equal(openings_due_owed(db, 60, &got), 0);
	assert_memory_equal(&got, &reading, sizeof got);
	assert_int_equal(openings_put_owed(db, &reading, 70), 0);
	assert_int_equal(openings_due_owed(db, 60, &got), 0);
	assert_memory_equal(&got, &arrival, sizeof got);
	assert_int_equal(openings_done_owed(db, &arrival), 0);
	assert_int_equal(openings_due_owed(db, 60, &got), FAIL_ABSENT);
	assert_int_equal(openings_done_owed(db, &arrival), 0);
	rows_close(db);
}

/* Want of memory: the row is there with its answer, or nothing of it is. */
static void
test_memory(void **ctx)
{
	long n, failed = 1;
	int r = 0;

	(void)ctx;
	for (n = 0; failed > 0; n++) {
		struct db *db = rows_open();

		mem_fail_after(n, true);
		if ((r = put(db, 1, "eleni.k", 1)) == 0)
			r = answer(db, 1, "answer");
		if (r == 0)
			r = db_commit(db);
		else
			db_abort(db);
		failed = mem_failed_count();
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		assert_int_equal(db_begin(db), 0);
		assert_int_equal(copy_of(db, id_a, "nikos.p"), r == 0 ? 2 : 1);
		rows_close(db);
	}
	assert_int_equal(r, 0);
	assert_true(n > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_recalls),
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_grants),
		cmocka_unit_test(test_owed),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
