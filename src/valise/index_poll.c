/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "leak/confirm.h"
#include "sys/clock.h"
#include "valise/index_export.h"
#include "valise/report.h"
#include "valise/session.h"

/*
 * Queries that allies have asked over the stations, answered on the index host by the code that
 * answers files: the same judgement, record, budget and time.
 */

enum { PAUSE_MS = 1000, WAIT_MAX_S = 366 * 24 * 3600 };

struct polling {
	struct session session;
	struct buf page, answer, reply;
	uint64_t answered;
};

static int
post_answer(struct polling *p, const struct post_query_row *row)
{
	struct post_query_answer post = {
		.member = row->member, .answer = rd_of(p->answer.data, p->answer.len)};
	uint8_t hash[HASH_LEN];
	int r;

	hash_sha256(row->query.ptr, row->query.len, hash);
	post.hash = hash;
	buf_clear(&p->reply);
	r = p->session.courier.ask(p->session.courier.ctx, "query-answer",
		&post_query_answer_codec, &post, &p->reply);
	if (r != 0)
		return session_fail(&p->session, "give the answer to", "the station", r);
	p->answered++;
	return EXIT_OK;
}

static int
answer_one(struct polling *p, const struct post_query_row *row)
{
	char object[ADDRESS_MEMBER_MAX + 32];
	bool is_bad = false;
	int status;

	(void)snprintf(object, sizeof object, "a query from %.*s", (int)row->member.len,
		(const char *)row->member.ptr);
	buf_clear(&p->answer);
	status = index_confirm_bytes(
		p->session.args, object, row->query, &p->answer, &is_bad);
	if (status != EXIT_OK && !is_bad)
		return status;
	if (is_bad)
		buf_clear(&p->answer);
	return post_answer(p, row);
}

/* All that waits now. */
static int
answer_all(struct polling *p)
{
	struct post_query_row row = {0};
	struct post_list list;
	int r, status = EXIT_OK;

	do {
		struct post_grams_ask ask = {.after = row.number};
		struct courier_question question = {.path = "queries",
			.codec = &post_grams_ask_codec,
			.message = &ask,
			.answer_codec = &post_list_codec};

		buf_clear(&p->page);
		if ((r = courier_ask(&p->session.courier, &question, &p->page, &list)) !=
			0)
			return session_fail(
				&p->session, "ask for queries at", "the station", r);
		if (list.items.len == 0)
			return EXIT_OK;
		while (status == EXIT_OK && list.items.len > 0 && r == 0)
			if ((r = codec_parse(&post_query_row_codec, &list.items, &row)) !=
					0 ||
				row.number <= ask.after)
				return session_fail_here(&p->session, "read queries of",
					"the station", FAIL_FORMAT);
			else
				status = answer_one(p, &row);
	} while (status == EXIT_OK);
	return status;
}

static int
poll_until(struct polling *p, uint64_t until_ms)
{
	struct timespec pause = {
		.tv_sec = PAUSE_MS / 1000, .tv_nsec = PAUSE_MS % 1000 * 1000000L};
	int status;

	for (;;) {
		status = answer_all(p);
		/* A station that is away for a moment ends no waiting. */
		if ((status != EXIT_OK && status != EXIT_LATER) ||
			clock_monotonic_ms() >= until_ms)
			return status;
		(void)fflush(stdout);
		(void)nanosleep(&pause, NULL);
	}
}

int
index_poll(const struct args *args)
{
	const char *wait = args_get(args, "wait");
	struct polling p = {0};
	uint64_t wait_s = 0;
	int status;

	if (args->operand_count != 1 || args_get(args, "out") != NULL)
		return report_exit(report_usage("index",
			"confirm --poll and --wait take neither --out nor a query"));
	if (wait != NULL && text_parse_duration(wait, WAIT_MAX_S, &wait_s) != 0)
		return report_exit(report_usage(
			"index", "--wait %s: say how long, such as 30s, 10m, 8h", wait));
	buf_init(&p.page, COURIER_ANSWER_MAX);
	buf_init(&p.answer, CONFIRM_FILE_MAX);
	buf_init(&p.reply, COURIER_ANSWER_MAX);
	if ((status = session_begin(args, &p.session)) == EXIT_OK)
		status = poll_until(&p, clock_monotonic_ms() + wait_s * 1000);
	if (status == EXIT_OK && !args_has(args, "json"))
		report_say("%llu answered\n", (unsigned long long)p.answered);
	session_end(&p.session);
	buf_done(&p.reply);
	buf_done(&p.answer);
	buf_done(&p.page);
	return status;
}
