/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/query_ask.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "sys/clock.h"
#include "sys/outfile.h"
#include "valise/report.h"
#include "valise/session.h"

enum { WAIT_S = 30, WAIT_MAX_S = 7 * 24 * 3600, PAUSE_MS = 300 };

struct asking {
	struct session session;
	const char *to, *out, *path;
	struct buf query, answer;
	uint64_t until_ms;
};

static int
fail(struct asking *a, const char *attempt, const char *object, int r)
{
	return session_fail_here(&a->session, attempt, object, r);
}

static int
post_query(struct asking *a)
{
	struct post_query post = {.member = rd_of(a->to, strlen(a->to)),
		.query = rd_of(a->query.data, a->query.len)};
	int r;

	r = a->session.courier.ask(
		a->session.courier.ctx, "query", &post_query_codec, &post, &a->answer);
	return r == 0 ? EXIT_OK : session_fail(&a->session, "ask", a->to, r);
}

static int
ask_result(struct asking *a, struct post_object *ret_answer)
{
	uint8_t hash[HASH_LEN];
	struct post_query_which which = {
		.member = rd_of(a->to, strlen(a->to)), .hash = hash};
	struct courier_question question = {.path = "query-result",
		.codec = &post_query_which_codec,
		.message = &which,
		.answer_codec = &post_object_codec};

	hash_sha256(a->query.data, a->query.len, hash);
	buf_clear(&a->answer);
	return courier_ask(&a->session.courier, &question, &a->answer, ret_answer);
}

static int
wait_for(struct asking *a, struct post_object *ret_answer)
{
	struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int r;

	while ((r = ask_result(a, ret_answer)) == FAIL_AGAIN &&
		clock_monotonic_ms() < a->until_ms)
		(void)nanosleep(&pause, NULL);
	return r == 0 ? EXIT_OK
		      : session_fail(&a->session, "have the answer of", a->to, r);
}

static int
write_answer(struct asking *a, struct rd answer)
{
	struct outfile *file = NULL;
	int r;

	if ((r = outfile_new(a->out, false, &file)) == 0 &&
		(r = outfile_write(file, answer.ptr, answer.len)) == 0)
		r = outfile_commit(file);
	outfile_free(file);
	return r == 0 ? EXIT_OK : fail(a, "write", a->out, r);
}

static int
parse(struct asking *a, const struct args *args)
{
	const char *wait = args_get(args, "wait");
	uint64_t wait_s = WAIT_S;

	a->to = args_get(args, "to");
	a->out = args_get(args, "out");
	if (a->to == NULL || a->out == NULL || args->operand_count != 2)
		return report_exit(report_usage("sightings",
			"confirm needs --to MEMBER, --out ANSWER and one query"));
	if (!core_is_member((const uint8_t *)a->to, strlen(a->to)))
		return report_exit(
			report_usage("sightings", "--to %s is no member's name", a->to));
	if (wait != NULL && text_parse_duration(wait, WAIT_MAX_S, &wait_s) != 0)
		return report_exit(report_usage("sightings",
			"--wait %s: say how long, such as 30s, 10m, 2h", wait));
	a->path = args->operands[1];
	a->until_ms = clock_monotonic_ms() + wait_s * 1000;
	return EXIT_OK;
}

int
query_ask(const struct args *args)
{
	struct asking a = {.session = {.args = args}};
	struct post_object answer;
	int r, status;

	if ((status = parse(&a, args)) != EXIT_OK)
		return status;
	buf_init(&a.query, POST_QUERY_MAX);
	buf_init(&a.answer, COURIER_ANSWER_MAX);
	if ((status = session_begin(args, &a.session)) != EXIT_OK)
		goto out;
	if ((r = disk_read_small(a.path, POST_QUERY_MAX, &a.query)) != 0)
		status = fail(&a, "read", a.path, r);
	else if ((status = post_query(&a)) == EXIT_OK &&
		(status = wait_for(&a, &answer)) == EXIT_OK)
		status = write_answer(&a, answer.object);
	if (status == EXIT_OK)
		report_say("%s has answered: valise scan --sparse SET --answer %s\n",
			a.to, a.out);
out:
	session_end(&a.session);
	buf_done(&a.answer);
	buf_done(&a.query);
	return status;
}
