/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../member/people.h"
#include "crypto/crypto.h"
#include "store_rig.h"

/*
 * The core: messages that nobody may send end the process; asks have one answer and an end.
 */

/* Messages. */

static void
test_messages_out_of_order(void **ctx)
{
	const struct front_result result = {.status = 200, .body = rd_of("", 0)};
	const struct vault_done done = {.why = rd_of("", 0), .body = rd_of("", 0)};
	const struct rig_asking station = {.source = FRONT_CLIENT, .path = "station"};
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	/* Answers to what was never asked, and of the other kind. */
	for (uint64_t number = 0; number < 3; number++) {
		assert_int_equal(rig_say(&rig, ROLE_FRONT, FRONT_RESULT, number * 4096,
					 &front_result_codec, &result),
			FAIL_REFUSED);
		assert_int_equal(rig_say(&rig, ROLE_CUSTODY, VAULT_DONE, number << 32,
					 &vault_done_codec, &done),
			FAIL_REFUSED);
	}
	/* What only store may say, what does not exist, and from whom nothing comes. */
	assert_int_equal(
		rig_say(&rig, ROLE_FRONT, FRONT_REPLY, 1, NULL, NULL), FAIL_REFUSED);
	assert_int_equal(rig_say(&rig, ROLE_FRONT, 77, 1, NULL, NULL), FAIL_REFUSED);
	assert_int_equal(
		rig_say(&rig, ROLE_CUSTODY, FRONT_ASK, 1, NULL, NULL), FAIL_REFUSED);
	assert_int_equal(
		rig_say(&rig, ROLE_PARENT, FRONT_ASK, 1, NULL, NULL), FAIL_REFUSED);
	assert_int_equal(
		rig_say(&rig, ROLE_FRONT, FRONT_ASK, 1, NULL, NULL), FAIL_REFUSED);
	assert_int_equal(
		rig_say(&rig, ROLE_CUSTODY, VAULT_READY, 0, NULL, NULL), FAIL_REFUSED);
	assert_int_equal(store_handle(rig.store, ROLE_FRONT, rd_of("\1", 1), rig.now_ms),
		FAIL_REFUSED);
	/* A number that is in use. */
	rig.is_mute = true;
	assert_int_equal(rig_put(&rig, &station), 0);
	rig_forget(&rig);
	rig_end(&rig);
}

/* A request that waits for custody has its number for itself. */
static void
test_number_in_use(void **ctx)
{
	struct post_note message;
	const struct rig_asking found = {
		FRONT_ADMIN, NULL, "found", &post_note_codec, &message};
	struct buf note;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding("PT", &note);
	message.note = rig_bytes(&note);
	rig.is_mute = true;
	assert_int_equal(rig_put(&rig, &found), 0);
	rig.number--;
	assert_int_equal(rig_put(&rig, &found), FAIL_REFUSED);
	rig.is_mute = false;
	rig_settle(&rig);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 200);
	buf_done(&note);
	rig_end(&rig);
}

/* Custody says READY late, and answers nothing. */
static void
test_starting(void **ctx)
{
	const struct store_plan plan = {.rng = NULL};
	struct post_request message;
	struct rig_reply reply;
	struct buf bytes;
	struct rig rig;

	(void)ctx;
	(void)plan;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	store_free(rig.store);
	rig_forget(&rig);
	rig.is_mute = true;
	assert_int_equal(rig_open(&rig), 0);
	buf_init(&bytes, REQUEST_BYTES_MAX);
	people_request("PT", "ana", SUBJECT_OFFICER, &bytes);
	message.request = rig_bytes(&bytes);
	reply = rig_open_ask(&rig, "enrol", &post_request_codec, &message);
	assert_int_equal(reply.status, 200);
	/* Custody's keys are not known yet: nothing goes into a directory. */
	reply = rig_admin(&rig, "desk", &post_desk_codec,
		&(struct post_desk){.desk = rd_of("duty", 4),
			.officer = rd_of("", 0),
			.hours = rd_of("", 0)});
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "the station is starting");
	buf_done(&bytes);
	rig_end(&rig);
}

static void
test_before_ready(void **ctx)
{
	struct rng rng;
	struct rig_reply reply;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rng = rig.rng;
	(void)rng;
	store_free(rig.store);
	rig_forget(&rig);
	assert_int_equal(rig_new(&rig), 0);
	reply = rig_open_ask(&rig, "station", NULL, NULL);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "the station is starting");
	rig_end(&rig);
}

/* Whoever waits too long is told; what comes afterwards goes nowhere. */
static void
test_asks_end(void **ctx)
{
	struct post_note message;
	const struct rig_asking found = {
		FRONT_ADMIN, NULL, "found", &post_note_codec, &message};
	struct rig_reply reply;
	struct buf note;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding("PT", &note);
	message.note = rig_bytes(&note);
	rig.is_mute = true;
	assert_int_equal(rig_put(&rig, &found), 0);
	rig_settle(&rig);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 0);
	rig.now_ms += 301 * 1000;
	rig_settle(&rig);
	reply = rig_reply_to(&rig, rig.number);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "this took too long; try again");
	rig.is_mute = false;
	rig_settle(&rig);
	assert_int_equal(rig_reply_to(&rig, rig.number).status, 503);
	buf_done(&note);
	rig_end(&rig);
}

static void
test_busy(void **ctx)
{
	struct post_note message;
	const struct rig_asking found = {
		FRONT_ADMIN, NULL, "found", &post_note_codec, &message};
	struct rig_reply reply;
	struct buf note;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding("PT", &note);
	message.note = rig_bytes(&note);
	rig.is_mute = true;
	for (int i = 0; i < 1024; i++) {
		assert_int_equal(rig_put(&rig, &found), 0);
		assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
		rig_forget(&rig);
	}
	reply = rig_open_ask(&rig, "station", NULL, NULL);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.text, "the station is busy");
	buf_done(&note);
	rig_end(&rig);
}

/* Calls to other members. */

struct heard {
	int r;
	uint16_t status;
	size_t body_len;
	char why[128];
};

static int
hear(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct heard *heard = ctx;

	(void)s;
	heard->r = answer->r;
	heard->status = answer->status;
	heard->body_len = answer->body.len;
	(void)snprintf(heard->why, sizeof heard->why, "%.*s", (int)answer->why.len,
		(const char *)answer->why.ptr);
	return answer->r;
}

/* Post to FR and let it answer so. */
static void
call(struct rig *rig, const struct front_result *result, struct heard *ret_heard)
{
	const struct store_question question = {.done = hear, .ctx = ret_heard};
	const struct rig_message *m;
	struct front_call asked;

	*ret_heard = (struct heard){.r = 1};
	rig_forget(rig);
	assert_int_equal(
		store_call(rig->store, 1, "order", rd_of("body", 4), &question), 0);
	assert_int_equal(rig->message_count, 0);
	assert_int_equal(store_idle(rig->store, rig->now_ms), 0);
	assert_int_equal(rig->message_count, 1);
	m = &rig->messages[0];
	assert_int_equal(m->type, FRONT_CALL);
	assert_int_equal(
		codec_parse_whole(&front_call_codec, rig_bytes(&m->body), &asked), 0);
	assert_memory_equal(asked.tls, store_roster(rig->store)->members[1].tls, 32);
	assert_int_equal(asked.url.len, strlen("https://fr.example"));
	assert_int_equal(asked.path.len, 5);
	assert_int_equal(rig_say(rig, ROLE_FRONT, FRONT_RESULT, m->number,
				 &front_result_codec, result),
		0);
	/* Once. */
	assert_int_equal(rig_say(rig, ROLE_FRONT, FRONT_RESULT, m->number,
				 &front_result_codec, result),
		FAIL_REFUSED);
}

static void
test_calls(void **ctx)
{
	static const char *const whys[] = {
		[FRONT_UNREACHABLE] = "the other member's station cannot be reached",
		[FRONT_TIMED_OUT] = "the other member's station does not answer in time",
		[FRONT_MALFORMED] =
			"the other member's station answers what nobody can read"};
	struct post_error error = {.fail = -FAIL_MISMATCH, .text = rd_of("no", 2)};
	struct front_result result = {.status = 200, .body = rd_of("fine", 4)};
	struct heard heard;
	struct buf body;
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	call(&rig, &result, &heard);
	assert_int_equal(heard.r, 0);
	assert_int_equal(heard.status, 200);
	assert_int_equal(heard.body_len, 4);

	buf_init(&body, 100);
	codec_write(&post_error_codec, &error, &body);
	result.status = 409;
	result.body = rig_bytes(&body);
	call(&rig, &result, &heard);
	assert_int_equal(heard.r, FAIL_MISMATCH);
	assert_int_equal(heard.status, 409);
	assert_string_equal(heard.why, "no");

	/* An error of a newer station, and no post_error at all. */
	buf_clear(&body);
	error.fail = 99;
	codec_write(&post_error_codec, &error, &body);
	result.body = rig_bytes(&body);
	call(&rig, &result, &heard);
	assert_int_equal(heard.r, FAIL_FORMAT);
	result.body = rd_of("<html>", 6);
	result.status = 502;
	call(&rig, &result, &heard);
	assert_int_equal(heard.r, FAIL_FORMAT);
	assert_int_equal(heard.status, 502);

	for (uint8_t outcome = 1; outcome <= FRONT_MALFORMED; outcome++) {
		result = (struct front_result){.outcome = outcome, .body = rd_of("", 0)};
		call(&rig, &result, &heard);
		assert_int_equal(heard.r, FAIL_CLOSED);
		assert_int_equal(heard.status, 0);
		assert_string_equal(heard.why, whys[outcome]);
	}
	buf_done(&body);
	rig_end(&rig);
}

/* As many questions as can be open at a time; the next one is told to wait. */
static void
test_many_questions(void **ctx)
{
	enum { MAX = 4096 };
	static struct heard heard[MAX];
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	rig_join(&rig);
	for (size_t i = 0; i <= MAX; i++) {
		struct store_question question = {.done = hear, .ctx = &heard[i % MAX]};
		int r = store_call(rig.store, 0, "order", rd_of("", 0), &question);

		assert_int_equal(r, i < MAX ? 0 : FAIL_AGAIN);
		rig_forget(&rig);
		if (i % 100 == 0)
			assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	}
	/* Answers go to who asked, whatever their order. */
	assert_int_equal(store_idle(rig.store, rig.now_ms), 0);
	{
		const struct front_result result = {
			.status = 200, .body = rd_of("fine", 4)};
		const struct rig_message *last = &rig.messages[rig.message_count - 1];
		size_t at = last->number % MAX;

		assert_int_equal(heard[at].body_len, 0);
		assert_int_equal(rig_say(&rig, ROLE_FRONT, FRONT_RESULT, last->number,
					 &front_result_codec, &result),
			0);
		assert_int_equal(heard[at].body_len, 4);
	}
	rig_forget(&rig);
	/* The end frees what the askers gave: here it is not theirs to free. */
	store_free(rig.store);
	db_close(rig.db);
}

static void
test_malformed(void **ctx)
{
	static const struct {
		enum role from;
		uint8_t type;
	} kinds[] = {{ROLE_FRONT, FRONT_ASK}, {ROLE_FRONT, FRONT_RESULT},
		{ROLE_CUSTODY, VAULT_DONE}, {ROLE_CUSTODY, VAULT_READY}};
	struct rig rig;

	(void)ctx;
	rig_begin(&rig, "PT");
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const struct post_name junk = {.name = rd_of("junk", 4)};

		assert_int_equal(rig_say(&rig, kinds[i].from, kinds[i].type, 1,
					 &post_name_codec, &junk),
			FAIL_REFUSED);
	}
	store_free(rig.store);
	rig_forget(&rig);
	assert_int_equal(rig_new(&rig), 0);
	assert_int_equal(
		rig_say(&rig, ROLE_CUSTODY, VAULT_READY, 0, NULL, NULL), FAIL_REFUSED);
	rig_end(&rig);
}

static void
test_figures(void **ctx)
{
	struct front_figures figures = {0};
	struct rig rig;
	char text[4096];

	(void)ctx;
	rig_begin(&rig, "PT");
	rig.now_ms += 1000;
	store_count_accepted(rig.store);
	rig_forget(&rig);
	rig_settle(&rig);
	assert_int_equal(rig_said(&rig, ROLE_FRONT, FRONT_FIGURES), 1);
	for (size_t i = 0; i < rig.message_count; i++)
		if (rig.messages[i].to == ROLE_FRONT &&
			rig.messages[i].type == FRONT_FIGURES)
			assert_int_equal(
				codec_parse_whole(&front_figures_codec,
					rig_bytes(&rig.messages[i].body), &figures),
				0);
	assert_true(figures.text.len < sizeof text);
	memcpy(text, figures.text.ptr, figures.text.len);
	text[figures.text.len] = '\0';
	assert_non_null(strstr(text, "\nvalise_store_accepted_total 1\n"));
	assert_non_null(strstr(text, "\nvalise_store_commits_total "));
	assert_non_null(strstr(text, "\nvalise_store_queue 0\n"));
	assert_non_null(strstr(text, "\nvalise_store_open_asks 0\n"));
	/* Nothing changed, nothing said; not twice within a second. */
	rig.now_ms += 10 * 1000;
	rig_settle(&rig);
	rig_forget(&rig);
	rig.now_ms += 10 * 1000;
	rig_settle(&rig);
	assert_true(rig_said(&rig, ROLE_FRONT, FRONT_FIGURES) <= 1);
	rig_end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_out_of_order),
		cmocka_unit_test(test_number_in_use),
		cmocka_unit_test(test_before_ready),
		cmocka_unit_test(test_starting),
		cmocka_unit_test(test_asks_end),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_many_questions),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_figures),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
