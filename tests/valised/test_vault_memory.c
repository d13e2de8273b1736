/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/*
 * Want of memory at every point of every message: each is answered, with that error or well, and
 * once memory is there again everything can be done.
 */

enum { POINTS_MAX = 2000 };

static struct rig rig;
static struct vault_opening opening;

static int
setup(void **state)
{
	const struct rig_plan plan = {.originator = PT};

	(void)state;
	rig_init(&rig);
	opening_init(&rig, &plan, FR, 1, &opening);
	opening_authorise(&rig, &opening, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	opening_done(&opening);
	rig_done(&rig);
	return 0;
}

/* One message, as bytes, so that only custody allocates while memory is short. */
static void
write_frame(enum vault_type type, const struct codec *codec, const void *message,
	uint64_t number, struct buf *out)
{
	struct wire_message m = {.type = (uint8_t)type, .number = number};
	struct buf body;

	buf_init(&body, 8 << 20);
	buf_init(out, 8 << 20);
	if (codec != NULL)
		codec_write(codec, message, &body);
	m.body = rd_of(body.data, body.len);
	wire_write(&m, out);
	assert_int_equal(buf_error(&body), 0);
	assert_int_equal(buf_error(out), 0);
	buf_done(&body);
}

/* At each point in turn, until it passes. */
static void
try_message(size_t station, enum vault_type type, const struct codec *codec,
	const void *message)
{
	struct rig_station *s = &rig.stations[station];
	int fail = FAIL_NOMEM;
	struct buf frame;
	long failed = 0;

	write_frame(type, codec, message, ++s->number, &frame);
	for (long n = 0; fail != 0; n++) {
		assert_true(n < POINTS_MAX);
		rig_forget(s);
		/* Days and weeks that could not be turned are tried again after a minute. */
		rig.now_s += type == VAULT_TICK ? 61 : 0;
		mem_fail_after(n, false);
		assert_int_equal(vault_handle(s->vault, rd_of(frame.data, frame.len),
					 rig.now_s * 1000),
			0);
		mem_fail_never();
		assert_int_equal(rig_idle(&rig, station), 0);
		assert_int_equal(s->said_count, 1);
		fail = s->said[0].fail;
		assert_true(fail == 0 || fail == FAIL_NOMEM);
		failed += fail != 0;
	}
	/* A test of want of memory in which none was wanted is none. */
	assert_true(failed > 0);
	buf_done(&frame);
}

static void
documents(void **state)
{
	const struct rig_envelope *e = &opening.envelope;
	size_t custodian = opening_custodian(e, 0);
	struct vault_keep keep = {.keep = rd_of(e->keep.data, e->keep.len),
		.enrols = rd_of(e->enrols.data, e->enrols.len)};
	struct vault_open message;
	struct vault_send send;

	(void)state;
	rig_send_message(e, &send);
	try_message(PT, VAULT_SEND, &vault_send_codec, &send);
	try_message(custodian, VAULT_KEEP, &vault_keep_codec, &keep);
	opening_authorise_message(&opening, &message);
	try_message(PT, VAULT_AUTHORISE, &vault_open_codec, &message);
	opening_share_message(&opening, 0, &message);
	try_message(custodian, VAULT_SHARE, &vault_open_codec, &message);
}

static void
the_roster_and_the_week(void **state)
{
	struct vault_roster roster = {
		.note = rd_of(rig.roster_note.data, rig.roster_note.len)};

	(void)state;
	try_message(PT, VAULT_ROSTER, &vault_roster_codec, &roster);
	try_message(PT, VAULT_TICK, NULL, NULL);
}

/* Making durable: what was held is let out, as an error where memory was short for it. */
static void
letting_out(void **state)
{
	struct rig_station *pt = &rig.stations[PT];
	struct vault_destroy destroy = {
		.document_id = opening.envelope.header.core.document_id};
	struct buf frame;
	int fail = FAIL_NOMEM;

	(void)state;
	write_frame(VAULT_DESTROY, &vault_destroy_codec, &destroy, ++pt->number, &frame);
	for (long n = 0; fail != 0; n++) {
		assert_true(n < POINTS_MAX);
		rig_forget(pt);
		assert_int_equal(vault_handle(pt->vault, rd_of(frame.data, frame.len),
					 rig.now_s * 1000),
			0);
		mem_fail_after(n, false);
		/* When it cannot even be read again, the process ends, having said so. */
		if (rig_idle(&rig, PT) != 0) {
			mem_fail_never();
			assert_int_equal(pt->said[pt->said_count - 1].fail, FAIL_CLOSED);
			rig_stop(&rig, PT);
			assert_int_equal(rig_start(&rig, PT), 0);
			rig_forget(pt);
			continue;
		}
		mem_fail_never();
		fail = pt->said[pt->said_count - 1].fail;
		assert_true(fail == 0 || fail == FAIL_NOMEM);
	}
	opening_authorise(&rig, &opening, FAIL_ABSENT);
	buf_done(&frame);
}

static void
starting(void **state)
{
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r != 0; n++) {
		assert_true(n < POINTS_MAX);
		rig_stop(&rig, PT);
		mem_fail_after(n, false);
		r = rig_start(&rig, PT);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	opening_authorise(&rig, &opening, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(documents, setup, teardown),
		cmocka_unit_test_setup_teardown(the_roster_and_the_week, setup, teardown),
		cmocka_unit_test_setup_teardown(letting_out, setup, teardown),
		cmocka_unit_test_setup_teardown(starting, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
