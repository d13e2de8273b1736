/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../member/community.h"
#include "../member/people.h"
#include "../store/fault_vfs.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/order.h"
#include "store/station.h"
#include "store_rig.h"

/*
 * Each request, with memory refused at each allocation, and the disk full at each write, of it
 * and of the commit: whoever asked is told exactly once, and afterwards the same request does
 * what it should have done.
 */

enum { CASES = 8 };

/* Something to ask; message bytes live in the case. */
struct request_case {
	struct rig_asking asking;
	struct buf bytes;
	union {
		struct post_request request;
		struct post_enrol enrol;
		struct post_order order;
		struct post_note note;
		struct post_desk desk;
	} message;
};

static void
make_order(struct buf *out)
{
	struct order order = {.type = ORDER_REVOKE,
		.member = address_of("PT"),
		.target = address_of("PT/ben"),
		.credential = rd_of("", 0),
		.at_s = RIG_NOW_S,
		.reason = rd_of("", 0)};
	uint8_t seed[32];

	people_seed("PT", "sergio", "enrol", seed);
	assert_int_equal(order_sign(&order, seed, out), 0);
}

static void
make_second(struct buf *out)
{
	static const char *const all[] = {"CY", "FR", "PT"};
	struct roster *roster = rig_roster();
	struct buf text;

	buf_init(&text, ROSTER_TEXT_MAX);
	assert_int_equal(roster_write(roster, &text), 0);
	roster->serial = 2;
	roster_hash(rig_bytes(&text), roster->previous);
	community_sign(roster, all, 3, out);
	roster_free(roster);
	buf_done(&text);
}

static void
set(struct request_case *c, uint8_t source, const char *path, const struct codec *codec)
{
	c->asking = (struct rig_asking){.source = source,
		.peer = source == FRONT_PEER ? "CY" : NULL,
		.path = path,
		.codec = codec,
		.message = &c->message};
}

static void
case_begin(struct request_case *c, size_t which)
{
	static const char *const officers[] = {"eleni", "nikos"};

	memset(c, 0, sizeof *c);
	buf_init(&c->bytes, NOTE_BYTES_MAX);
	switch (which) {
	case 0:
		people_request("PT", "carla", SUBJECT_OFFICER, &c->bytes);
		c->message.request.request = rig_bytes(&c->bytes);
		set(c, FRONT_CLIENT, "enrol", &post_request_codec);
		break;
	case 1:
		people_request("PT", "ben", SUBJECT_OFFICER, &c->bytes);
		c->message.request.request = rig_bytes(&c->bytes);
		set(c, FRONT_CLIENT, "enrolled", &post_request_codec);
		break;
	case 2:
		people_enrol("PT", "ana", SUBJECT_OFFICER, &c->bytes);
		c->message.enrol.enrol = rig_bytes(&c->bytes);
		set(c, FRONT_CLIENT, "enrol-sign", &post_enrol_codec);
		break;
	case 3:
		make_order(&c->bytes);
		c->message.order.order = rig_bytes(&c->bytes);
		set(c, FRONT_CLIENT, "order", &post_order_codec);
		break;
	case 4:
		rig_directory("CY", 1, officers, 2, &c->bytes);
		c->message.note.note = rig_bytes(&c->bytes);
		set(c, FRONT_PEER, "directory", &post_note_codec);
		break;
	case 5:
		make_second(&c->bytes);
		c->message.note.note = rig_bytes(&c->bytes);
		set(c, FRONT_PEER, "roster", &post_note_codec);
		break;
	case 6:
		c->message.desk = (struct post_desk){.desk = rd_of("duty", 4),
			.officer = rd_of("ben", 3),
			.is_removed = 1,
			.hours = rd_of("", 0)};
		set(c, FRONT_ADMIN, "desk", &post_desk_codec);
		break;
	default:
		set(c, FRONT_ADMIN, "status", NULL);
		break;
	}
}

/* PT has joined, ben is enrolled, ana has asked to be. */
static void
prepare(struct rig *rig)
{
	struct post_request message;
	struct buf bytes;

	rig_join(rig);
	rig_enrol(rig, "ben", SUBJECT_OFFICER);
	buf_init(&bytes, REQUEST_BYTES_MAX);
	people_request("PT", "ana", SUBJECT_OFFICER, &bytes);
	message.request = rig_bytes(&bytes);
	assert_int_equal(
		rig_open_ask(rig, "enrol", &post_request_codec, &message).status, 200);
	buf_done(&bytes);
	rig_forget(rig);
}

/* What each request has brought about in the end. */
static void
check(struct rig *rig, size_t which)
{
	const struct directory *own = store_directory(rig->store, address_of("PT"));

	assert_non_null(own);
	assert_int_equal(own->credential_count, which == 2 ? 2 : which == 3 ? 0 : 1);
	assert_int_equal(own->officer_count,
		which == 2			   ? 2
			: which == 3 || which == 6 ? 0
						   : 1);
	assert_int_equal(store_roster(rig->store)->serial, which == 5 ? 2 : 1);
	if (which == 4)
		assert_int_equal(
			store_directory(rig->store, address_of("CY"))->credential_count,
			2);
	else
		assert_null(store_directory(rig->store, address_of("CY")));
}

/* After the fault: the first asking was answered, once; asked again it is done. */
static void
go_on(struct rig *rig, const struct request_case *c, size_t which, int expected)
{
	struct rig_reply reply;

	rig->is_mute = false;
	rig_settle(rig);
	reply = rig_reply_to(rig, rig->number);
	if (reply.status != 200 && reply.fail != expected)
		fail_msg("%s: %u, %d: %s", c->asking.path, reply.status, reply.fail,
			reply.text);
	assert_int_equal(rig_ask(rig, &c->asking).status, 200);
	rig->now_ms += 6000;
	rig_settle(rig);
	check(rig, which);
	/* The rows say the same as what is in memory. */
	rig_restart(rig);
	check(rig, which);
}

/* A list of what is asked while the fault lasts: the request, the commit, custody's answers. */
static void
work_through(struct rig *rig, const struct buf *ask)
{
	(void)!store_handle(rig->store, ROLE_FRONT, rig_bytes(ask), rig->now_ms);
	(void)!store_idle(rig->store, rig->now_ms);
}

static long
memory(size_t which, long n, bool is_once)
{
	struct request_case c;
	struct buf ask;
	struct rig rig;
	long failed;

	case_begin(&c, which);
	rig_begin(&rig, "PT");
	prepare(&rig);
	rig.is_mute = true;
	buf_init(&ask, WIRE_BODY_MAX);
	rig_write_ask(&rig, &c.asking, &ask);
	mem_fail_after(n, is_once);
	work_through(&rig, &ask);
	failed = mem_failed_count();
	mem_fail_never();
	go_on(&rig, &c, which, FAIL_NOMEM);
	buf_done(&ask);
	buf_done(&c.bytes);
	rig_end(&rig);
	return failed;
}

static void
test_memory(void **ctx)
{
	(void)ctx;
	for (size_t which = 0; which < CASES; which++)
		for (int is_once = 0; is_once < 2; is_once++) {
			long n = 0;

			while (memory(which, n, is_once == 1) > 0)
				n += 1 + n / 40;
			assert_true(n > 2);
		}
}

static long
disk(size_t which, enum fault fault, long n)
{
	struct request_case c;
	struct db *db = NULL;
	struct buf ask;
	struct rig rig;
	long failed;

	fault_vfs_install();
	fault_vfs_format(1);
	assert_int_equal(station_open(db_sqlite(), "db", 1, &db), 0);
	case_begin(&c, which);
	rig_begin_with(&rig, "PT", db);
	prepare(&rig);
	rig.is_mute = true;
	buf_init(&ask, WIRE_BODY_MAX);
	rig_write_ask(&rig, &c.asking, &ask);
	fault_vfs_fail(fault, n, false);
	work_through(&rig, &ask);
	failed = fault_vfs_failed();
	fault_vfs_heal();
	go_on(&rig, &c, which, FAIL_SPACE);
	buf_done(&ask);
	buf_done(&c.bytes);
	rig_end(&rig);
	return failed;
}

static void
test_disk(void **ctx)
{
	(void)ctx;
	for (size_t which = 0; which < CASES; which++) {
		long n = 0;

		while (disk(which, FAULT_SPACE, n) > 0)
			n++;
		n = 0;
		while (disk(which, FAULT_SHORT, n) > 0)
			n++;
	}
}

/* Custody's answers: memory refused while they are worked off. */
static long
answers(size_t which, long n)
{
	struct request_case c;
	struct rig rig;
	long failed = 0;

	case_begin(&c, which);
	rig_begin(&rig, "PT");
	prepare(&rig);
	rig.is_mute = true;
	assert_int_equal(rig_put(&rig, &c.asking), 0);
	assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	rig.is_mute = false;
	rig.fail_after = n;
	rig_custody(&rig);
	failed = rig.failed;
	go_on(&rig, &c, which, FAIL_NOMEM);
	buf_done(&c.bytes);
	rig_end(&rig);
	return failed;
}

static void
test_answers(void **ctx)
{
	(void)ctx;
	for (size_t which = 2; which < CASES - 1; which++) {
		long n = 0;

		if (which == 4)
			continue; /* asks custody nothing */
		while (answers(which, n) > 0)
			n += 1 + n / 40;
		assert_true(n > 2);
	}
}

/* And at the start: it begins or it does not. */
static void
test_start(void **ctx)
{
	struct rig rig;
	int r = FAIL_NOMEM;
	long n;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_found(&rig);
	rig_join(&rig);
	rig_enrol(&rig, "ana", SUBJECT_OFFICER);
	for (n = 0; r != 0; n++) {
		store_free(rig.store);
		rig.store = NULL;
		rig_forget(&rig);
		mem_fail_after(n, true);
		r = rig_new(&rig);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	assert_true(n > 5);
	/* READY: everything is read, or the process ends and the next one reads it. */
	n = -1;
	do {
		store_free(rig.store);
		rig.store = NULL;
		rig_forget(&rig);
		rig.failed = 0;
		rig.fail_after = ++n;
		if ((r = rig_open(&rig)) != 0)
			continue;
		rig.now_ms += 6000;
		rig_settle(&rig);
		assert_int_equal(
			store_directory(rig.store, address_of("PT"))->credential_count,
			1);
	} while (r != 0 || rig.failed > 0);
	assert_true(n > 20);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_start),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
