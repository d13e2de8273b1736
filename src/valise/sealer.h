/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SEALER_H
#define VALISE_SEALER_H
/*
 * sealer: one envelope from its plan, its inputs and a key, streamed.
 *
 * Reads each input once, from front to back; memory does not grow with their size.  The output
 * is complete when sealer_run() answers 0; making it durable is the caller's (outfile_commit).
 *
 * Errors  FAIL_CHANGED when an input is longer or shorter than its stated size, or was written
 *         to meanwhile; those of the files, of the keys and of envelope/header.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "envelope/body.h"
#include "envelope/header.h"
#include "sys/infile.h"
#include "sys/outfile.h"
#include "sys/progress.h"
#include "valise/keys.h"

struct sealer {
	struct keys *keys;
	const struct header_plan *plan;
	const struct body_head *head;
	/* One for each part, in order; but for a first part that is the text of a cable. */
	struct infile *const *inputs;
	struct rd text;	      /* the first part, when its kind is BODY_TEXT */
	struct rd credential; /* the author's, in a community; empty: solo keys sign */
	struct outfile *out;
	struct progress *progress; /* may be NULL */
	size_t thread_count;
};

struct sealed {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	uint64_t size; /* bytes of all inputs */
};

MUST int sealer_run(const struct sealer *sealer, struct sealed *ret_sealed);

#endif
