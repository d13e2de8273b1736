/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_UNPACKER_H
#define SYS_UNPACKER_H
/*
 * unpacker: run the locked-in helpers on one input after another, and hear what they found.
 *
 * Helpers   valise-unpack (everything it can), valise-unpack-pdf and valise-unpack-ocr (what
 *           it hands out; both optional).  Each is started once, loads its libraries, touches
 *           no input, and forks one child per input; the child locks itself in, reads the one
 *           descriptor it got and dies.  The child is ours to wait for and to kill.
 * Heard     for each input:  (member text* end | skip)* total, as wire/unpack.h tells them,
 *           with whole paths: the input's name, then `!` and members.  Blobs are run through
 *           their helper in place and are never seen.
 * Broken    a child that crashes, hangs, lies or runs out of anything loses its input, not the
 *           scan: what it said before counts, its open member ends with a reason, and the
 *           input is reported by a skip ("damaged", "limit").  Nothing is silent.
 * Threads   a struct unpacker belongs to one thread; each thread opens its own.
 * Errors    unpacker_run() fails only when scanning itself cannot go on: what the sink
 *           returned, FAIL_NOMEM, FAIL_ABSENT (no valise-unpack), FAIL_UNSUPPORTED (this
 *           kernel cannot lock it in).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "wire/unpack.h"

struct unpacker;

/* Limits of one input, over all its members.  unpacker_config_init() sets what stands here. */
struct unpacker_config {
	unsigned depth_max;	/* 16 nested containers, at most UNPACK_DEPTH_MAX */
	uint64_t members_max;	/* 1,000,000 */
	uint64_t unpacked_max;	/* 16 GiB out of containers, in all */
	unsigned ratio_max;	/* 200 bytes out per byte in, once over 64 MiB */
	uint64_t memory_max;	/* 1 GiB of address space for a child */
	unsigned cpu_s;		/* 60, and 1 more for each 4 MiB of input */
	unsigned wall_s;	/* 180, and 1 more for each 1 MiB of input */
	bool is_ocr;		/* true: read pictures when the helper is there */
	bool is_pdf;		/* true */
	const char *helper_dir; /* NULL: as sys/spawn.h finds them */
};

void unpacker_config_init(struct unpacker_config *config);

/* Called for each record; a failure ends the run and comes back from unpacker_run(). */
struct unpacker_sink {
	int (*record)(void *arg, const struct unpack_record *record);
	void *arg;
};

MUST int unpacker_new(
	const struct unpacker_config *config, struct unpacker **ret_unpacker);
void unpacker_free(struct unpacker *u);

/*
 * Examine what fd (a file, pipe or socket; not closed) gives from its beginning, under a name
 * of at most UNPACK_PATH_MAX bytes of clean text (unpack_name_put() makes it so).
 */
MUST int unpacker_run(
	struct unpacker *u, int fd, const char *name, const struct unpacker_sink *sink);

#endif
