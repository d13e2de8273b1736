/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "leak/confirm_record.h"
#include "leak/sparse_build.h"
#include "store/exports.h"
#include "store/indexdir.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/outfile.h"
#include "sys/random.h"
#include "valise/index_export.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * One query: open, judge, record, answer.  The record is durable before the answer exists.
 * Yes, no and later take the same steps, and the answer appears when a multiple of
 * ANSWER_MS has passed: how long a look-up took says nothing.
 */

enum { ANSWER_MS = 250, CASE_BYTES = 5 };

struct confirming {
	const char *dir, *path;
	struct rd bytes;   /* of the query */
	bool is_bad_query; /* not openable: not made with a set of ours */
	struct indexdir *d;
	struct sparse_ledger *ledger;
	struct confirm_query query;
	struct confirm_verdict verdict;
	struct confirm_record rec;
	struct confirm_answer answer;
	uint8_t ally_key[SPARSE_KEY_LEN];
	uint64_t start_ms;
};

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = "index confirm", .attempt = attempt, .object = object};

	if (strcmp(attempt, "find the set of") == 0)
		report.why = "no set was ever made for this ally and epoch";
	else if (strcmp(attempt, "open") == 0 && r == FAIL_ALTERED)
		report.why = "it was altered, or not made with the set it names";
	return report_fail(&report, r);
}

static bool
is_exported(const struct sparse_ledger *l, const struct confirm_query *q)
{
	for (size_t i = 0; i < l->exports; i++) {
		if (l->export[i].epoch == q->epoch &&
			strcmp(l->export[i].ally, q->ally) == 0)
			return true;
	}
	return false;
}

static int
open_query(struct confirming *c)
{
	int r, status = EXIT_OK;

	if ((r = exports_read(c->dir, c->ledger)) != 0)
		return fail("read the ledger in", c->dir, r);
	if ((r = confirm_query_peek(c->bytes.ptr, c->bytes.len, &c->query)) != 0)
		status = fail("read", c->path, r);
	else if (!is_exported(c->ledger, &c->query))
		status = fail("find the set of", c->query.ally, FAIL_REFUSED);
	else if ((r = sparse_ledger_ally_key(
			  c->ledger, c->query.ally, c->query.epoch, c->ally_key)) != 0 ||
		(r = confirm_query_open(
			 c->bytes.ptr, c->bytes.len, c->ally_key, &c->query)) != 0)
		status = fail("open", c->path, r);
	c->is_bad_query = status != EXIT_OK && r != FAIL_NOMEM;
	return status;
}

/* Does the query ask about grams that are in this ally's set and in no text? */
static int
find_canaries(struct confirming *c)
{
	struct sparse_select select;
	uint8_t key[SHORTHASH_KEY_LEN];
	uint64_t at = 0;
	int r;

	if ((r = sparse_ledger_select(c->ledger, &select)) != 0 ||
		(r = sparse_ledger_false_key(c->ledger, SPARSE_CANARY, c->query.ally,
			 c->query.epoch, key)) != 0)
		return r;
	for (unsigned i = 0; i < SPARSE_CANARIES; i++) {
		uint64_t canary = sparse_ledger_false(key, &select, &at);

		for (size_t k = 0; k < c->query.count; k++) {
			if (c->query.hash[k] == canary)
				c->rec.alarms |= CONFIRM_ALARM_CANARY;
		}
	}
	return 0;
}

static int
judge(struct confirming *c)
{
	int r;

	c->rec.time_s = clock_now_s();
	memcpy(c->rec.ally, c->query.ally, sizeof c->rec.ally);
	c->rec.epoch = c->query.epoch;
	memcpy(c->rec.id, c->query.id, sizeof c->rec.id);
	c->rec.grams = (uint16_t)c->query.count;
	if ((r = find_canaries(c)) != 0 ||
		(r = confirm_judge(indexdir_index(c->d), &c->query, &c->verdict)) != 0)
		return r;
	c->rec.answer = c->verdict.is_found ? CONFIRM_YES : CONFIRM_NO;
	return exports_note_query(c->dir, &c->rec);
}

static int
doc_of(const struct confirming *c, struct rd *ret_id)
{
	const struct segment *s;
	struct segment_doc doc;
	int r;

	if ((r = index_doc(indexdir_index(c->d), c->verdict.doc, &s, &doc)) != 0)
		return r;
	*ret_id = rd_of(segment_doc_id(s, &doc), doc.id_len);
	return 0;
}

/* The case's name: the same for each query about the document, and it tells nothing of it. */
static int
fill_answer(const struct args *args, struct confirming *c)
{
	const char *originator = args_get(args, "originator");
	const char *releasability = args_get(args, "releasability");
	struct confirm_answer *a = &c->answer;
	uint8_t mac[HASH_LEN];
	struct rd id;
	int r;

	a->kind = (enum confirm_kind)c->rec.answer;
	if (a->kind != CONFIRM_YES)
		return 0;
	if ((r = doc_of(c, &id)) != 0 ||
		(r = hmac_sha256(c->ledger->secret, sizeof c->ledger->secret, id.ptr,
			 id.len, mac)) != 0)
		return r;
	memcpy(a->fact_case, "C-", 2);
	text_hex(mac, CASE_BYTES, a->fact_case + 2);
	(void)snprintf(a->originator, sizeof a->originator, "%s",
		originator != NULL ? originator : c->ledger->compartment);
	(void)snprintf(a->releasability, sizeof a->releasability, "%s",
		releasability != NULL ? releasability : "");
	return 0;
}

static void
level_time(uint64_t start_ms)
{
	uint64_t passed = clock_monotonic_ms() - start_ms;
	uint64_t rest = ANSWER_MS - passed % ANSWER_MS;
	struct timespec t = {0, (long)rest * 1000000};

	(void)nanosleep(&t, NULL);
}

static int
make_answer(struct confirming *c, struct buf *out)
{
	int r = confirm_answer_write(
		&c->query, c->ally_key, random_system(), &c->answer, out);

	if (r == 0)
		level_time(c->start_ms);
	return r;
}

/* For the home's own eyes: which document, and alarms. */
static void
print(const struct args *args, const struct confirming *c)
{
	static const char *const words[] = {"no", "yes", "later"};
	bool is_canary = (c->rec.alarms & CONFIRM_ALARM_CANARY) != 0;
	struct rd id = rd_of("", 0);

	if (c->rec.answer == CONFIRM_YES && doc_of(c, &id) != 0)
		id = rd_of("", 0);
	if (args_has(args, "json")) {
		(void)printf("{\"answer\":\"%s\",\"epoch\":%" PRIu32
			     ",\"grams\":%u,\"fit\":%" PRIu32 ",\"case\":\"%s\""
			     ",\"alarm_canary\":%s,\"alarm_budget\":%s}\n",
			words[c->rec.answer], c->rec.epoch, c->rec.grams, c->verdict.fit,
			c->answer.fact_case, is_canary ? "true" : "false",
			c->rec.answer == CONFIRM_LATER ? "true" : "false");
		return;
	}
	(void)printf("%s  %s asks, epoch %" PRIu32 ", %u grams; %" PRIu32
		     " fit in order  %s %.*s\n",
		words[c->rec.answer], c->rec.ally, c->rec.epoch, c->rec.grams,
		c->verdict.fit, c->answer.fact_case, (int)id.len, (const char *)id.ptr);
	if (is_canary)
		report_say(
			"ALARM: the query asks about grams that stand for no text: the "
			"set was counted out, not a text found");
	if (c->rec.answer == CONFIRM_LATER)
		report_say("ALARM: %s has had its %d answers today", c->rec.ally,
			CONFIRM_DAY_MAX);
}

int
index_confirm_bytes(const struct args *args, const char *object, struct rd query,
	struct buf *ret_answer, bool *ret_is_bad_query)
{
	struct confirming c = {.dir = args_get(args, "index"),
		.path = object,
		.bytes = query,
		.start_ms = clock_monotonic_ms()};
	int r, status = EXIT_FAILED;

	if ((r = mem_new(&c.ledger, sizeof *c.ledger)) != 0 ||
		(r = indexdir_open(c.dir, INDEXDIR_READ, NULL, &c.d)) != 0)
		status = fail("open the index", c.dir, r);
	else if ((status = open_query(&c)) != EXIT_OK)
		goto out;
	else if ((r = judge(&c)) != 0 || (r = fill_answer(args, &c)) != 0 ||
		(r = make_answer(&c, ret_answer)) != 0)
		status = fail("judge", c.path, r);
	else
		print(args, &c);
out:
	*ret_is_bad_query = c.is_bad_query;
	mem_free_wiped(c.ledger, sizeof *c.ledger);
	indexdir_close(c.d);
	mem_wipe(&c, sizeof c);
	return status;
}

static int
write_file(const char *path, const struct buf *b)
{
	struct outfile *file = NULL;
	int r;

	if ((r = outfile_new(path, false, &file)) == 0 &&
		(r = outfile_write(file, b->data, b->len)) == 0)
		r = outfile_commit(file);
	outfile_free(file);
	return r == 0 ? EXIT_OK : fail("write", path, r);
}

int
index_confirm(const struct args *args)
{
	const char *out = args_get(args, "out");
	struct buf query, answer;
	bool is_bad;
	int r, status;

	if (args_has(args, "poll") || args_get(args, "wait") != NULL)
		return index_poll(args);
	if (args->operand_count != 2 || out == NULL)
		return report_exit(
			report_usage("index", "confirm needs --out FILE and one query"));
	buf_init(&query, CONFIRM_FILE_MAX);
	buf_init(&answer, CONFIRM_FILE_MAX);
	if ((r = disk_read_small(args->operands[1], CONFIRM_FILE_MAX, &query)) != 0)
		status = fail("read", args->operands[1], r);
	else
		status = index_confirm_bytes(args, args->operands[1],
			rd_of(query.data, query.len), &answer, &is_bad);
	if (status == EXIT_OK)
		status = write_file(out, &answer);
	buf_done(&answer);
	buf_done(&query);
	return status;
}
