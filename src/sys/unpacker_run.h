/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_UNPACKER_RUN_H
#define SYS_UNPACKER_RUN_H
/*
 * unpacker_run: one child of a helper: its pipe, its parser, its blob and its time.
 * Used by sys/unpacker.c only.
 *
 * Time     only what we wait for this child counts, not what the sink or a child on top of it
 *          takes.
 * Errors   FAIL_CLOSED (end of its stream), FAIL_TIMEOUT, and those of unpack_next().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "sys/unpacker.h"

struct unpacker_run {
	pid_t pid;
	int in_fd; /* what it reads; not ours to close */
	int fd;	   /* what it says */
	struct unpack_parser parser;
	uint8_t *bytes; /* read, not yet parsed: [begin, end) */
	size_t begin, end;
	struct buf base; /* path of its input */
	struct buf path; /* of the record at hand */
	unsigned depth;
	uint32_t page;
	bool is_in_member;
	uint64_t wall_ms, spent_ms;

	struct buf blob_path; /* the blob that it hands out: */
	enum unpack_helper blob_helper;
	unsigned blob_depth;
	uint32_t blob_page;
	int blob_fd;
	bool is_blob_input; /* the child's own input, not copied */
	uint64_t blob_len;
};

MUST int unpacker_run_new(
	const struct unpacker_config *config, struct unpacker_run **ret_run);
void unpacker_run_free(struct unpacker_run *run);

/* Milliseconds that a child may take for what fd holds. */
uint64_t unpacker_run_wall(const struct unpacker_config *config, int fd);

/* The next record; FAIL_TRUNCATED: fill first. */
MUST int unpacker_run_next(struct unpacker_run *run, struct unpack_record *ret_record);
MUST int unpacker_run_fill(struct unpacker_run *run, uint64_t deadline_ms);

/* Give a record its whole path and page. */
MUST int unpacker_run_place(struct unpacker_run *run, struct unpack_record *record);

MUST int unpacker_run_blob(struct unpacker_run *run, const struct unpack_blob *blob);
MUST int unpacker_run_data(struct unpacker_run *run, const struct rd *data);

/* Wait for its end: exit status, or 128 + signal. */
int unpacker_run_wait(struct unpacker_run *run);
void unpacker_run_kill(struct unpacker_run *run);

#endif
