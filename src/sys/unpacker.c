/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/unpacker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/spawn.h"
#include "sys/unpacker_run.h"
#include "sys/zygote.h"

/*
 * A stack of running children.  The top one is heard; when it hands out a blob, the helper's
 * child is put on top and the one below waits in its pipe.  So the order of what is heard is
 * the order of the input, memory holds one blob a level, and nothing recurses.
 */

enum { HELPERS = UNPACK_HELPER_MAX + 1, TOTAL_FACTOR = 20 };

static const char *const helper_names[HELPERS] = {
	NULL, "valise-unpack", "valise-unpack-pdf", "valise-unpack-ocr"};

struct unpacker {
	struct unpacker_config config;
	struct zygote *zygotes[HELPERS];
	bool is_missing[HELPERS];
	struct unpacker_run *runs[UNPACK_DEPTH_MAX + 2];
	size_t depth;
	const struct unpacker_sink *sink;
	struct unpack_total total;
	uint64_t deadline_ms; /* of the input as a whole */
};

void
unpacker_config_init(struct unpacker_config *config)
{
	*config = (struct unpacker_config){
		.depth_max = 16,
		.members_max = 1000000,
		.unpacked_max = UINT64_C(16) << 30,
		.ratio_max = 200,
		.memory_max = UINT64_C(1) << 30,
		.cpu_s = 60,
		.wall_s = 180,
		.is_ocr = true,
		.is_pdf = true,
	};
}

int
unpacker_new(const struct unpacker_config *config, struct unpacker **ret_unpacker)
{
	struct unpacker *u = NULL;
	int r;

	if (config->depth_max > UNPACK_DEPTH_MAX || config->ratio_max == 0)
		return FAIL_LIMIT;
	if ((r = mem_new(&u, sizeof *u)) != 0)
		return r;
	u->config = *config;
	u->is_missing[UNPACK_HELPER_PDF] = !config->is_pdf;
	u->is_missing[UNPACK_HELPER_OCR] = !config->is_ocr;
	*ret_unpacker = u;
	return 0;
}

void
unpacker_free(struct unpacker *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < HELPERS; i++)
		zygote_stop(u->zygotes[i]);
	mem_free(u);
}

static int
name_in(const char *dir, size_t dir_len, const char *name, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%.*s/%s", (int)dir_len, dir, name);

	if (n < 0 || n >= DISK_PATH_MAX)
		return FAIL_USAGE;
	return disk_is_there(ret_path) ? 0 : FAIL_ABSENT;
}

/* The two optional helpers stand beside the first, wherever that is. */
static int
find_helper(const struct unpacker *u, const char *name, char ret_path[DISK_PATH_MAX])
{
	const char *dir = u->config.helper_dir, *slash;
	char first[DISK_PATH_MAX];
	int r;

	if (dir != NULL)
		return name_in(dir, strlen(dir), name, ret_path);
	if ((r = spawn_find(name, ret_path)) == 0 ||
		spawn_find(helper_names[UNPACK_HELPER_ANY], first) != 0)
		return r;
	slash = strrchr(first, '/');
	return slash == NULL ? FAIL_ABSENT
			     : name_in(first, (size_t)(slash - first), name, ret_path);
}

/* Start the zygote of a helper, once. */
static int
start_helper(struct unpacker *u, enum unpack_helper helper)
{
	const struct unpacker_config *c = &u->config;
	char path[DISK_PATH_MAX], depth[32], members[32], unpacked[32], ratio[32],
		memory[32], cpu[32], name[32];
	char serve[] = "--serve";
	char *const argv[] = {
		name, serve, depth, members, unpacked, ratio, memory, cpu, NULL};
	int r;

	if (u->zygotes[helper] != NULL)
		return 0;
	if (u->is_missing[helper])
		return FAIL_ABSENT;
	if ((r = find_helper(u, helper_names[helper], path)) == 0) {
		(void)snprintf(name, sizeof name, "%s", helper_names[helper]);
		(void)snprintf(depth, sizeof depth, "--depth=%u", c->depth_max);
		(void)snprintf(members, sizeof members, "--members=%llu",
			(unsigned long long)c->members_max);
		(void)snprintf(unpacked, sizeof unpacked, "--unpacked=%llu",
			(unsigned long long)c->unpacked_max);
		(void)snprintf(ratio, sizeof ratio, "--ratio=%u", c->ratio_max);
		(void)snprintf(memory, sizeof memory, "--memory=%llu",
			(unsigned long long)c->memory_max);
		(void)snprintf(cpu, sizeof cpu, "--cpu=%u", c->cpu_s);
		r = zygote_start(path, argv, &u->zygotes[helper]);
	}
	/* Want of memory passes; a helper that is not there stays away. */
	u->is_missing[helper] = r == FAIL_ABSENT;
	return r;
}

/* Tell the sink one record with a whole path. */
static int
tell(struct unpacker *u, const struct unpack_record *record)
{
	u->total.members += record->type == UNPACK_MEMBER;
	u->total.skipped += record->type == UNPACK_SKIP ||
		(record->type == UNPACK_END && record->end.reason != UNPACK_COMPLETE);
	if (record->type == UNPACK_TEXT)
		u->total.text += record->text.len;
	return u->sink->record(u->sink->arg, record);
}

static int
tell_skip(struct unpacker *u, enum unpack_reason reason, const struct buf *path,
	const char *detail)
{
	const struct unpack_record record = {.type = UNPACK_SKIP,
		.skip = {reason, (const char *)path->data, path->len, detail,
			strlen(detail)}};

	return tell(u, &record);
}

/* Could this helper be started?  Without starting it: most inputs never need it. */
static bool
has_helper(struct unpacker *u, enum unpack_helper helper)
{
	char path[DISK_PATH_MAX];

	if (u->zygotes[helper] == NULL && !u->is_missing[helper])
		u->is_missing[helper] = find_helper(u, helper_names[helper], path) != 0;
	return !u->is_missing[helper];
}

/* A note for the child: depth, which helpers there are, and a name as a hint. */
static size_t
write_note(struct unpacker *u, const struct unpacker_run *run, uint8_t *note)
{
	const char *path = (const char *)run->base.data;
	size_t len = run->base.len, from = len;

	while (from > 0 && path[from - 1] != '/' && path[from - 1] != '!')
		from--;
	if (len - from > ZYGOTE_NOTE_MAX - 2)
		from = len - (ZYGOTE_NOTE_MAX - 2);
	note[0] = (uint8_t)run->depth;
	note[1] = (uint8_t)((has_helper(u, UNPACK_HELPER_PDF) ? 1 : 0) |
		(has_helper(u, UNPACK_HELPER_OCR) ? 2 : 0));
	memcpy(note + 2, path + from, len - from);
	return 2 + len - from;
}

/* Put a child on top of the stack: 0, or why there is none. */
static int
push(struct unpacker *u, enum unpack_helper helper, int in_fd, struct unpacker_run *run)
{
	uint8_t note[ZYGOTE_NOTE_MAX];
	int pipe_fds[2] = {-1, -1}, r;
	size_t len;

	if ((r = start_helper(u, helper)) != 0)
		return r;
	len = write_note(u, run, note);
	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return FAIL_AGAIN;
	/* Fewer changes between the two processes; a refusal changes nothing. */
	(void)fcntl(pipe_fds[0], F_SETPIPE_SZ, 1 << 20);
	r = zygote_job(u->zygotes[helper], in_fd, pipe_fds[1], note, len, &run->pid);
	if (r == FAIL_CLOSED) {
		/* A zygote that died is started again, once a job. */
		zygote_stop(u->zygotes[helper]);
		u->zygotes[helper] = NULL;
		if ((r = start_helper(u, helper)) == 0)
			r = zygote_job(u->zygotes[helper], in_fd, pipe_fds[1], note, len,
				&run->pid);
	}
	disk_close(pipe_fds[1]);
	if (r != 0) {
		disk_close(pipe_fds[0]);
		return r;
	}
	run->in_fd = in_fd;
	run->fd = pipe_fds[0];
	u->runs[u->depth++] = run;
	return 0;
}

/* Run a blob through its helper. */
static int
push_blob(struct unpacker *u, struct unpacker_run *from)
{
	struct unpacker_run *run = NULL;
	const char *why = NULL;
	int fd = from->is_blob_input ? from->in_fd : from->blob_fd, r;

	if ((r = unpacker_run_new(&u->config, &run)) != 0)
		return r;
	run->depth = from->blob_depth;
	run->page = from->blob_page;
	run->wall_ms = unpacker_run_wall(&u->config, fd);
	buf_bytes(&run->base, from->blob_path.data, from->blob_path.len);
	if ((r = buf_error(&run->base)) != 0)
		goto out;
	if (run->depth > u->config.depth_max || u->depth > UNPACK_DEPTH_MAX)
		why = "nested too deep";
	else if (push(u, from->blob_helper, fd, run) != 0)
		why = "its helper cannot be started";
	else
		run = NULL;
	if (why != NULL)
		r = tell_skip(u,
			why[0] == 'n' ? UNPACK_LIMIT
				: from->blob_helper == UNPACK_HELPER_OCR
				? UNPACK_NO_OCR
				: UNPACK_UNSUPPORTED,
			&run->base, why);
out:
	unpacker_run_free(run);
	return r;
}

static int
hear(struct unpacker *u, struct unpacker_run *run, struct unpack_record *record)
{
	int r;

	switch (record->type) {
	case UNPACK_MEMBER:
	case UNPACK_SKIP:
	case UNPACK_TEXT:
	case UNPACK_END:
		if ((r = unpacker_run_place(run, record)) != 0)
			return r;
		return tell(u, record);
	case UNPACK_BLOB:
		return unpacker_run_blob(run, &record->blob);
	case UNPACK_DATA:
		return unpacker_run_data(run, &record->data);
	case UNPACK_BLOB_END:
		return push_blob(u, run);
	case UNPACK_TOTAL:
		u->total.bytes += record->total.bytes;
		return 0;
	case UNPACK_HELLO:
	default:
		return 0;
	}
}

/* The child at the top has ended, or must: close what it left open and say so. */
static int
finish(struct unpacker *u, enum unpack_reason reason, const char *why)
{
	struct unpacker_run *run = u->runs[u->depth - 1];
	int r = 0;

	if (reason != UNPACK_COMPLETE && run->is_in_member) {
		const struct unpack_record end = {
			.type = UNPACK_END, .end = {.reason = reason}};

		r = tell(u, &end);
	}
	if (r == 0 && reason != UNPACK_COMPLETE)
		r = tell_skip(u, reason, &run->base, why);
	u->depth--;
	unpacker_run_free(run);
	return r;
}

static int
end_of_stream(struct unpacker *u, struct unpacker_run *run)
{
	int status = unpacker_run_wait(run);

	if (status == 0 && unpack_finish(&run->parser) == 0)
		return finish(u, UNPACK_COMPLETE, "");
	/* Reading foreign files without a lock is not an option; neither is calling it damage. */
	if (status == ZYGOTE_NO_LOCK)
		return FAIL_UNSUPPORTED;
	if (status == 128 + SIGXCPU || status == 128 + SIGKILL)
		return finish(u, UNPACK_LIMIT, "the unpacker ran out of time or memory");
	if (status == 128 + SIGSYS)
		return finish(u, UNPACK_DAMAGED, "the unpacker did what it may not");
	return finish(u, UNPACK_DAMAGED, "the unpacker died");
}

/* One record or one read. */
static int
step(struct unpacker *u)
{
	struct unpacker_run *run = u->runs[u->depth - 1];
	struct unpack_record record;
	int r = unpacker_run_next(run, &record);

	if (r == 0)
		return hear(u, run, &record);
	if (r == FAIL_TRUNCATED)
		r = unpacker_run_fill(run, u->deadline_ms);
	if (r == 0)
		return 0;
	if (r == FAIL_CLOSED)
		return end_of_stream(u, run);
	unpacker_run_kill(run);
	if (r == FAIL_TIMEOUT)
		return finish(u, UNPACK_LIMIT, "the unpacker took too long");
	if (r == FAIL_LIMIT)
		return finish(u, UNPACK_LIMIT, "the unpacker said too much");
	return finish(u, UNPACK_DAMAGED, "the unpacker broke its protocol");
}

static int
begin(struct unpacker *u, int fd, const char *name)
{
	struct unpacker_run *run = NULL;
	int r;

	if ((r = unpacker_run_new(&u->config, &run)) != 0)
		return r;
	run->wall_ms = unpacker_run_wall(&u->config, fd);
	u->deadline_ms = clock_monotonic_ms() + TOTAL_FACTOR * run->wall_ms;
	buf_text(&run->base, name);
	if ((r = buf_error(&run->base)) == 0 &&
		(r = push(u, UNPACK_HELPER_ANY, fd, run)) == 0)
		return 0;
	unpacker_run_free(run);
	return r;
}

int
unpacker_run(
	struct unpacker *u, int fd, const char *name, const struct unpacker_sink *sink)
{
	struct unpack_record record = {.type = UNPACK_TOTAL};
	int r;

	memset(&u->total, 0, sizeof u->total);
	u->sink = sink;
	if ((r = begin(u, fd, name)) != 0)
		return r;
	while (r == 0 && u->depth > 0)
		r = step(u);
	while (u->depth > 0) {
		struct unpacker_run *run = u->runs[--u->depth];

		unpacker_run_kill(run);
		unpacker_run_free(run);
	}
	if (r != 0)
		return r;
	record.total = u->total;
	return sink->record(sink->arg, &record);
}
