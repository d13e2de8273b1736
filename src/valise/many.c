/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/many.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/progress.h"
#include "sys/workers.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * Threads draw the next file from one counter.  A file that does not verify is reported and
 * passed over: one bad envelope must not hide a thousand good ones.  Any other failure is one
 * of the place or the key, and makes the threads stop after the file they are at.
 */

struct run {
	const struct many *many;
	struct outbatch *batch;
	struct progress *progress;
	struct many_result *results;
	atomic_size_t next;
	atomic_size_t done_count;
	/* 0, EXIT_NOT_VERIFIED, or the first failure that stopped us */
	atomic_int status;
};

static int
fail(const struct many *many, const char *object, int r)
{
	struct report report = {
		.verb = many->args->verb, .attempt = "write", .object = object};

	return report_fail(&report, r);
}

static int
run_file(struct run *run, size_t i)
{
	const struct many *many = run->many;
	const char *path = many->args->operands[i];
	struct outfile *out = NULL;
	char name[MANY_NAME_MAX];
	int r, status;

	if ((r = many->name_of(path, name)) != 0)
		return fail(many, path, r);
	if ((r = outbatch_open(run->batch, name, &out)) != 0)
		return fail(many, name, r);
	if ((status = many->run(many->ctx, path, out, &run->results[i])) != EXIT_OK) {
		outfile_free(out);
		return status;
	}
	if ((r = outbatch_put(run->batch, out)) != 0)
		return fail(many, name, r);
	run->results[i].is_done = true;
	(void)atomic_fetch_add(&run->done_count, 1);
	progress_add(run->progress, run->results[i].bytes);
	return EXIT_OK;
}

static bool
goes_on(int status)
{
	return status == EXIT_OK || status == EXIT_NOT_VERIFIED;
}

/* What stops us outweighs what does not verify; of two that stop us the first one counts. */
static void
keep_status(struct run *run, int status)
{
	int before = atomic_load(&run->status);

	while (status != EXIT_OK && goes_on(before))
		if (atomic_compare_exchange_weak(&run->status, &before, status))
			break;
}

static int
work(void *arg, size_t thread)
{
	struct run *run = arg;
	size_t i;

	(void)thread;
	while (goes_on(atomic_load(&run->status))) {
		if ((i = atomic_fetch_add(&run->next, 1)) >=
			run->many->args->operand_count)
			break;
		keep_status(run, run_file(run, i));
	}
	return 0;
}

static void
print_json(const struct many *many, const struct many_result *results)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1], hash[2 * HASH_LEN + 1],
		name[MANY_NAME_MAX];

	for (size_t i = 0; i < many->args->operand_count; i++) {
		json_t *object;

		if (!results[i].is_done ||
			many->name_of(many->args->operands[i], name) != 0)
			continue;
		text_hex(results[i].document_id, CORE_DOCUMENT_ID_LEN, id);
		text_hex(results[i].envelope_hash, HASH_LEN, hash);
		object = json_pack("{s:s, s:s, s:s, s:s, s:I}", "in",
			many->args->operands[i], "out", name, "document_id", id,
			"envelope_hash", hash, "size", (json_int_t)results[i].bytes);
		if (object != NULL)
			(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(object);
	}
}

static void
say_done(const struct run *run, uint64_t ms)
{
	char size[TEXT_HUMAN_MAX], time[TEXT_HUMAN_MAX];
	uint64_t bytes = 0;

	for (size_t i = 0; i < run->many->args->operand_count; i++)
		bytes += run->results[i].bytes;
	text_size(bytes, size);
	text_duration(ms, time);
	report_say("%zu of %zu %s into %s: %s in %s\n", atomic_load(&run->done_count),
		run->many->args->operand_count, run->many->done,
		args_get(run->many->args, "out-dir"), size, time);
}

static int
run_all(struct run *run)
{
	size_t threads = workers_cpu_count(), count = run->many->args->operand_count;
	const char *dir = args_get(run->many->args, "out-dir");
	int r, status;

	if ((r = workers_run(threads < count ? threads : count, work, run)) != 0)
		return fail(run->many, dir, r);
	status = atomic_load(&run->status);
	if (goes_on(status) && (r = outbatch_commit(run->batch)) != 0)
		return fail(run->many, dir, r);
	return status;
}

int
many_run(const struct many *many)
{
	const char *dir = args_get(many->args, "out-dir");
	uint64_t start_ms = clock_monotonic_ms();
	struct run run = {.many = many};
	int r, status;

	atomic_init(&run.next, 0);
	atomic_init(&run.done_count, 0);
	atomic_init(&run.status, EXIT_OK);
	if ((r = mem_new_array(&run.results, many->args->operand_count,
		     sizeof *run.results)) != 0 ||
		(r = outbatch_new(dir, args_has(many->args, "force"), &run.batch)) != 0 ||
		(r = progress_new(
			 dir, 0, args_has(many->args, "quiet"), &run.progress)) != 0) {
		status = fail(many, dir, r);
		goto out;
	}
	status = run_all(&run);
	progress_free(run.progress);
	run.progress = NULL;
	if (goes_on(status) && args_has(many->args, "json"))
		print_json(many, run.results);
	else if (goes_on(status))
		say_done(&run, clock_monotonic_ms() - start_ms);
out:
	progress_free(run.progress);
	outbatch_free(run.batch);
	mem_free(run.results);
	return status;
}
