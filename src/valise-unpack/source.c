/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * pread() and lseek() are the only calls on the input.  A short read of a regular file before
 * its end means that it was truncated under us: the end, and source_is_changed() tells.
 */

static uint64_t
ns_of(struct timespec t)
{
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* Move to the next byte that is not in a hole. */
static void
skip_hole(struct source *s)
{
	off_t at;

	if (s->pos >= s->size)
		return;
	at = lseek(s->fd, (off_t)s->pos, SEEK_DATA);
	if (at >= 0)
		s->pos = (uint64_t)at;
	else if (errno == ENXIO)
		s->pos = s->size;
	else
		s->is_skipping_holes = false;
}

static int
next_file(struct source *s, const uint8_t **ret_ptr, size_t *ret_len)
{
	size_t want = SOURCE_BLOCK;
	ssize_t n;

	if (s->is_skipping_holes)
		skip_hole(s);
	if (s->pos >= s->size) {
		*ret_len = 0;
		return 0;
	}
	if (s->size - s->pos < want)
		want = (size_t)(s->size - s->pos);
	do {
		n = pread(s->fd, s->block, want, (off_t)s->pos);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return FAIL_IO;
	*ret_ptr = s->block;
	*ret_len = (size_t)n;
	return 0;
}

static int
next_pipe(struct source *s, const uint8_t **ret_ptr, size_t *ret_len)
{
	ssize_t n;

	do {
		n = read(s->fd, s->block, SOURCE_BLOCK);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return FAIL_IO;
	*ret_ptr = s->block;
	*ret_len = (size_t)n;
	return 0;
}

static int
next_mem(struct source *s, const uint8_t **ret_ptr, size_t *ret_len)
{
	size_t left = s->pos < s->mem_len ? s->mem_len - (size_t)s->pos : 0;

	*ret_ptr = s->mem + (s->mem_len - left);
	*ret_len = left < SOURCE_BLOCK ? left : SOURCE_BLOCK;
	return 0;
}

int
source_open_fd(struct source *s, int fd)
{
	struct stat st;
	int r;

	memset(s, 0, sizeof *s);
	buf_init(&s->head, SOURCE_PEEK_MAX + SOURCE_BLOCK);
	s->fd = fd;
	s->size = SOURCE_SIZE_UNKNOWN;
	s->next = next_pipe;
	if (fstat(fd, &st) != 0)
		return FAIL_IO;
	if (S_ISDIR(st.st_mode))
		return FAIL_USAGE;
	/* Files of /proc are regular and say 0; they are read like pipes. */
	if ((S_ISREG(st.st_mode) && st.st_size > 0) || S_ISBLK(st.st_mode)) {
		off_t end = S_ISREG(st.st_mode) ? st.st_size : lseek(fd, 0, SEEK_END);

		s->next = next_file;
		s->size = end > 0 ? (uint64_t)end : 0;
		s->is_seekable = true;
		s->mtime_ns = ns_of(st.st_mtim);
		s->ctime_ns = ns_of(st.st_ctim);
	}
	if ((r = mem_new(&s->block, SOURCE_BLOCK)) != 0)
		return r;
	return 0;
}

void
source_open_mem(struct source *s, const void *ptr, size_t len)
{
	memset(s, 0, sizeof *s);
	buf_init(&s->head, 0);
	s->fd = -1;
	s->next = next_mem;
	s->mem = len > 0 ? ptr : (const void *)"";
	s->mem_len = len;
	s->size = len;
	s->is_seekable = true;
}

void
source_open_stream(struct source *s,
	int (*next)(struct source *s, const uint8_t **ret_ptr, size_t *ret_len),
	void *maker, uint64_t size)
{
	memset(s, 0, sizeof *s);
	buf_init(&s->head, SIZE_MAX);
	s->fd = -1;
	s->next = next;
	s->maker = maker;
	s->size = size;
}

void
source_close(struct source *s)
{
	mem_free(s->block);
	s->block = NULL;
	buf_done(&s->head);
}

int
source_peek(struct source *s, size_t want, const uint8_t **ret_ptr, size_t *ret_len)
{
	const uint8_t *ptr = NULL;
	size_t len;
	int r;

	CHECK(want <= SOURCE_PEEK_MAX && s->head_taken == 0);
	if (s->mem != NULL) {
		*ret_ptr = s->mem;
		*ret_len = s->mem_len;
		return 0;
	}
	while (s->head.len < want && s->kept_len == 0) {
		if ((r = s->next(s, &ptr, &len)) != 0)
			return r;
		if (len == 0)
			break;
		if (s->pos != s->head.len) {
			s->kept = ptr;
			s->kept_len = len;
			s->kept_at = s->pos;
			break;
		}
		buf_bytes(&s->head, ptr, len);
		if ((r = buf_error(&s->head)) != 0)
			return r;
		s->pos += len;
	}
	*ret_ptr = s->head.data;
	*ret_len = s->head.len;
	return 0;
}

int
source_block(
	struct source *s, uint64_t *ret_offset, const uint8_t **ret_ptr, size_t *ret_len)
{
	int r;

	if (s->head_taken < s->head.len) {
		*ret_offset = s->head_taken;
		*ret_ptr = s->head.data + s->head_taken;
		*ret_len = s->head.len - s->head_taken;
		s->head_taken = s->head.len;
		return 0;
	}
	if (s->kept_len > 0) {
		*ret_offset = s->kept_at;
		*ret_ptr = s->kept;
		*ret_len = s->kept_len;
		s->pos = s->kept_at + s->kept_len;
		s->kept_len = 0;
		return 0;
	}
	if ((r = s->next(s, ret_ptr, ret_len)) != 0)
		return r;
	*ret_offset = s->pos;
	s->pos += *ret_len;
	return 0;
}

int
source_load(struct source *s, size_t max, struct buf *into, const uint8_t **ret_ptr,
	size_t *ret_len)
{
	const uint8_t *ptr = NULL;
	uint64_t offset;
	size_t len;
	int r;

	if (s->mem != NULL) {
		*ret_ptr = s->mem;
		*ret_len = s->mem_len;
		return s->mem_len <= max ? 0 : FAIL_TOO_BIG;
	}
	for (;;) {
		if ((r = source_block(s, &offset, &ptr, &len)) != 0)
			return r;
		if (len == 0)
			break;
		if (offset > max || len > max - offset)
			return FAIL_TOO_BIG;
		/* A hole in a sparse member is zeros once it is in memory. */
		if (offset > into->len)
			(void)buf_extend(into, (size_t)offset - into->len);
		buf_bytes(into, ptr, len);
		if ((r = buf_error(into)) != 0)
			return r;
	}
	*ret_ptr = into->data;
	*ret_len = into->len;
	return 0;
}

void
source_seek(struct source *s, uint64_t offset)
{
	CHECK(s->is_seekable);
	s->head_taken = s->head.len = 0;
	s->kept_len = 0;
	s->pos = offset;
}

int
source_tail(struct source *s, void *ret_out, size_t max, size_t *ret_len)
{
	size_t len = s->size < max ? (size_t)s->size : max;
	ssize_t n;

	CHECK(s->is_seekable);
	if (s->mem != NULL) {
		memcpy(ret_out, s->mem + (s->mem_len - len), len);
		*ret_len = len;
		return 0;
	}
	n = pread(s->fd, ret_out, len, (off_t)(s->size - len));
	if (n < 0)
		return FAIL_IO;
	*ret_len = (size_t)n;
	return 0;
}

bool
source_is_changed(const struct source *s)
{
	struct stat st;

	if (s->fd < 0 || !s->is_seekable || fstat(s->fd, &st) != 0 ||
		!S_ISREG(st.st_mode))
		return false;
	return (uint64_t)st.st_size != s->size || ns_of(st.st_mtim) != s->mtime_ns ||
		ns_of(st.st_ctim) != s->ctime_ns;
}
