/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/unpacker_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/disk.h"

enum { BYTES_MAX = 2 * (UNPACK_HEAD_LEN + UNPACK_BODY_MAX), RECORDS_FACTOR = 64 };

static const uint64_t blob_max = UINT64_C(1) << 30;
static const uint64_t base_max = UINT64_C(64) << 10;

int
unpacker_run_new(const struct unpacker_config *config, struct unpacker_run **ret_run)
{
	/* Text is at most what was unpacked, times what the widest decoding makes of a byte. */
	const struct unpack_limits limits = {
		.records_max = UINT64_MAX,
		.text_max = config->unpacked_max < UINT64_MAX / 8
			? 4 * config->unpacked_max
			: UINT64_MAX,
		.blob_max = blob_max,
	};
	struct unpacker_run *run = NULL;
	int r;

	if ((r = mem_new(&run, sizeof *run)) != 0)
		return r;
	run->in_fd = run->fd = run->blob_fd = -1;
	buf_init(&run->base, base_max);
	buf_init(&run->path, base_max);
	buf_init(&run->blob_path, base_max);
	unpack_parser_init(&run->parser, &limits);
	if ((r = mem_new(&run->bytes, BYTES_MAX)) != 0) {
		unpacker_run_free(run);
		return r;
	}
	*ret_run = run;
	return 0;
}

void
unpacker_run_free(struct unpacker_run *run)
{
	if (run == NULL)
		return;
	disk_close(run->fd);
	disk_close(run->blob_fd);
	buf_done(&run->base);
	buf_done(&run->path);
	buf_done(&run->blob_path);
	mem_free(run->bytes);
	mem_free(run);
}

uint64_t
unpacker_run_wall(const struct unpacker_config *config, int fd)
{
	uint64_t ms = (uint64_t)config->wall_s * 1000;
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		ms += ((uint64_t)st.st_size >> 20) * 1000;
	return ms;
}

int
unpacker_run_next(struct unpacker_run *run, struct unpack_record *ret_record)
{
	struct rd in = rd_of(run->bytes + run->begin, run->end - run->begin);
	int r = unpack_next(&run->parser, &in, ret_record);

	if (r != 0)
		return r;
	run->begin = run->end - in.len;
	if (ret_record->type == UNPACK_MEMBER || ret_record->type == UNPACK_END)
		run->is_in_member = ret_record->type == UNPACK_MEMBER;
	return 0;
}

/* Wait until there is something to read, on this child's account. */
static int
wait_readable(struct unpacker_run *run, uint64_t deadline_ms)
{
	struct pollfd p = {.fd = run->fd, .events = POLLIN};
	uint64_t start = clock_monotonic_ms(), left;
	int n;

	if (run->spent_ms >= run->wall_ms || start >= deadline_ms)
		return FAIL_TIMEOUT;
	left = run->wall_ms - run->spent_ms;
	if (left > deadline_ms - start)
		left = deadline_ms - start;
	n = poll(&p, 1, left < 60000 ? (int)left : 60000);
	run->spent_ms += clock_monotonic_ms() - start;
	if (n < 0 && errno != EINTR)
		return FAIL_IO;
	return n > 0 ? 0 : FAIL_AGAIN;
}

int
unpacker_run_fill(struct unpacker_run *run, uint64_t deadline_ms)
{
	ssize_t n;
	int r;

	if (run->begin > 0) {
		memmove(run->bytes, run->bytes + run->begin, run->end - run->begin);
		run->end -= run->begin;
		run->begin = 0;
	}
	do {
		r = wait_readable(run, deadline_ms);
	} while (r == FAIL_AGAIN);
	if (r != 0)
		return r;
	n = read(run->fd, run->bytes + run->end, BYTES_MAX - run->end);
	if (n < 0)
		return errno == EINTR ? 0 : FAIL_IO;
	run->end += (size_t)n;
	return n == 0 ? FAIL_CLOSED : 0;
}

/* base, "!", path; either may be empty. */
static int
join(struct unpacker_run *run, const char *path, size_t len, struct buf *ret_path)
{
	buf_clear(ret_path);
	buf_bytes(ret_path, run->base.data, run->base.len);
	if (len > 0 && run->base.len > 0)
		buf_u8(ret_path, '!');
	buf_bytes(ret_path, path, len);
	/* Helpers within helpers may make it longer than a path may be: cut, not refused. */
	if (ret_path->len > UNPACK_PATH_MAX) {
		ret_path->len = UNPACK_PATH_MAX;
		while (ret_path->len > 0 &&
			(ret_path->data[ret_path->len] & 0xc0) == 0x80)
			ret_path->len--;
	}
	return buf_error(ret_path);
}

int
unpacker_run_place(struct unpacker_run *run, struct unpack_record *record)
{
	const char **path;
	size_t *len;
	int r;

	if (record->type == UNPACK_TEXT && record->text.page == 0)
		record->text.page = run->page;
	if (record->type != UNPACK_MEMBER && record->type != UNPACK_SKIP)
		return 0;
	path = record->type == UNPACK_MEMBER ? &record->member.path : &record->skip.path;
	len = record->type == UNPACK_MEMBER ? &record->member.path_len
					    : &record->skip.path_len;
	if ((r = join(run, *path, *len, &run->path)) != 0)
		return r;
	*path = (const char *)run->path.data;
	*len = run->path.len;
	return 0;
}

int
unpacker_run_blob(struct unpacker_run *run, const struct unpack_blob *blob)
{
	disk_close(run->blob_fd);
	run->blob_fd = -1;
	run->blob_helper = blob->helper;
	run->blob_depth = blob->depth;
	run->blob_page = blob->page != 0 ? blob->page : run->page;
	run->blob_len = 0;
	/* Until data comes; see wire/unpack.h. */
	run->is_blob_input = blob->path_len == 0;
	return join(run, blob->path, blob->path_len, &run->blob_path);
}

int
unpacker_run_data(struct unpacker_run *run, const struct rd *data)
{
	run->is_blob_input = false;
	if (run->blob_fd < 0) {
		run->blob_fd = memfd_create("valise-blob", MFD_CLOEXEC);
		if (run->blob_fd < 0)
			return FAIL_AGAIN;
	}
	return disk_write(run->blob_fd, data->ptr, data->len);
}

int
unpacker_run_wait(struct unpacker_run *run)
{
	int status = 0;

	if (run->pid <= 0)
		return 1;
	while (waitpid(run->pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	run->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
unpacker_run_kill(struct unpacker_run *run)
{
	if (run->pid <= 0)
		return;
	(void)kill(run->pid, SIGKILL);
	(void)unpacker_run_wait(run);
}
