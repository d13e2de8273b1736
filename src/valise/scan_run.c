/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/scan_run.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sys/lines.h"
#include "sys/progress.h"
#include "sys/workers.h"

/*
 * A ring of SCAN_RUN_AHEAD slots.  The thread that completes the file whose turn it is prints
 * it and all complete ones behind it, under the lock: printing is nothing beside scanning.
 */

struct slot {
	struct buf lines;
	struct scan_counts counts;
	bool is_done;
};

struct run {
	const struct scan_run_config *config;
	const struct walk *files;
	const bool *is_passed; /* by index: named in the resume file */
	pthread_mutex_t lock;
	pthread_cond_t turn;
	size_t next, printed, to;
	int error;
	struct slot slot[SCAN_RUN_AHEAD];
	struct scan_counts counts;
	struct progress *progress;
	FILE *resume;
};

void
scan_run_shard(const struct walk *files, size_t at, size_t count, size_t *ret_from,
	size_t *ret_to)
{
	/* Each file counts a little beside its bytes, so that empty ones are shared out too. */
	enum { EACH = 4096 };
	uint64_t all = files->bytes + EACH * (uint64_t)files->count, sum = 0;
	size_t from = files->count, to = files->count;

	CHECK(at >= 1 && at <= count);
	for (size_t i = 0; i < files->count; i++) {
		size_t shard = (size_t)((double)sum / (double)all * (double)count) + 1;

		if (shard >= at && from == files->count)
			from = i;
		if (shard > at && to == files->count)
			to = i;
		sum += files->file[i].size + EACH;
	}
	*ret_from = from;
	*ret_to = to > from ? to : from;
}

/* Print the slot whose turn it is. */
static int
print_slot(struct run *run)
{
	struct slot *slot = &run->slot[run->printed % SCAN_RUN_AHEAD];
	const struct walk_file *file = &run->files->file[run->printed];
	int r = 0;

	if (slot->lines.len > 0 &&
		fwrite(slot->lines.data, 1, slot->lines.len, stdout) != slot->lines.len)
		r = FAIL_IO;
	/* A name is noted when its lines are out, never before. */
	if (r == 0 && run->resume != NULL && !run->is_passed[run->printed] &&
		(fflush(stdout) != 0 || fprintf(run->resume, "%s\n", file->name) < 0 ||
			fflush(run->resume) != 0))
		r = FAIL_IO;
	scan_counts_add(&run->counts, &slot->counts);
	progress_add(run->progress, file->size);
	buf_done(&slot->lines);
	*slot = (struct slot){0};
	run->printed++;
	return r;
}

/* The next file for a thread; false when there is none. */
static bool
take(struct run *run, size_t *ret_file)
{
	bool is_more;

	(void)pthread_mutex_lock(&run->lock);
	while (run->error == 0 && run->next < run->to &&
		run->next >= run->printed + SCAN_RUN_AHEAD)
		(void)pthread_cond_wait(&run->turn, &run->lock);
	is_more = run->error == 0 && run->next < run->to;
	if (is_more)
		*ret_file = run->next++;
	(void)pthread_mutex_unlock(&run->lock);
	return is_more;
}

static void
give(struct run *run, size_t file, struct slot *done, int r)
{
	(void)pthread_mutex_lock(&run->lock);
	run->slot[file % SCAN_RUN_AHEAD] = *done;
	run->slot[file % SCAN_RUN_AHEAD].is_done = true;
	if (run->error == 0)
		run->error = r;
	while (run->error == 0 && run->printed < run->to &&
		run->slot[run->printed % SCAN_RUN_AHEAD].is_done)
		run->error = print_slot(run);
	(void)pthread_cond_broadcast(&run->turn);
	(void)pthread_mutex_unlock(&run->lock);
}

static int
work(void *arg, size_t thread)
{
	struct run *run = arg;
	struct scan_find *find = NULL;
	size_t i;
	int r;

	(void)thread;
	r = scan_find_new(&run->config->find, &find);
	if (r != 0) {
		(void)pthread_mutex_lock(&run->lock);
		run->error = run->error == 0 ? r : run->error;
		(void)pthread_cond_broadcast(&run->turn);
		(void)pthread_mutex_unlock(&run->lock);
	}
	while (r == 0 && take(run, &i)) {
		struct slot done = {0};

		buf_init(&done.lines, SIZE_MAX / 4);
		if (!run->is_passed[i])
			r = scan_find_run(
				find, &run->files->file[i], &done.lines, &done.counts);
		give(run, i, &done, r);
	}
	scan_find_free(find);
	return r;
}

/*
 * Which files a former run has printed.  Names were noted in the order of the files, so one
 * walk over both lists is enough; a file that is new between them is not passed.
 */
static int
read_resume(const char *path, const struct walk *files, size_t from, size_t to,
	bool *ret_passed)
{
	struct lines *lines = NULL;
	const char *line = NULL;
	size_t len, at = from;
	int r;

	r = lines_new(path, &lines);
	if (r == FAIL_ABSENT)
		return 0;
	while (r == 0 && (r = lines_next(lines, &line, &len)) == 0 && line != NULL) {
		for (size_t i = at; i < to; i++) {
			const char *name = files->file[i].name;

			if (strlen(name) == len && memcmp(name, line, len) == 0) {
				ret_passed[i] = true;
				at = i + 1;
				break;
			}
		}
	}
	lines_free(lines);
	return r;
}

static int
run_threads(struct run *run, size_t from)
{
	const struct scan_run_config *c = run->config;
	uint64_t bytes = 0;
	int r;

	for (size_t i = from; i < run->to; i++)
		bytes += run->files->file[i].size;
	if ((r = progress_new("Scanning", bytes, c->is_quiet, &run->progress)) != 0)
		return r;
	if (c->resume != NULL && (run->resume = fopen(c->resume, "ae")) == NULL) {
		progress_free(run->progress);
		return FAIL_IO;
	}
	r = workers_run(c->threads, work, run);
	progress_free(run->progress);
	if (run->resume != NULL && fclose(run->resume) != 0 && r == 0)
		r = FAIL_IO;
	return run->error != 0 ? run->error : r;
}

int
scan_run(const struct scan_run_config *config, const struct walk *files, size_t from,
	size_t to, struct scan_counts *ret_counts)
{
	struct run *run = NULL;
	bool *passed = NULL;
	int r;

	if ((r = mem_new(&run, sizeof *run)) != 0 ||
		(r = mem_new_array(&passed, files->count, sizeof passed[0])) != 0)
		goto out;
	if (config->resume != NULL &&
		(r = read_resume(config->resume, files, from, to, passed)) != 0)
		goto out;
	*run = (struct run){.config = config,
		.files = files,
		.is_passed = passed,
		.next = from,
		.printed = from,
		.to = to};
	(void)pthread_mutex_init(&run->lock, NULL);
	(void)pthread_cond_init(&run->turn, NULL);
	r = run_threads(run, from);
	(void)pthread_cond_destroy(&run->turn);
	(void)pthread_mutex_destroy(&run->lock);
	*ret_counts = run->counts;
	for (size_t i = 0; i < SCAN_RUN_AHEAD; i++)
		buf_done(&run->slot[i].lines);
out:
	mem_free(passed);
	mem_free(run);
	return r;
}
