/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ENVELOPE_VERIFIER_H
#define TESTS_ENVELOPE_VERIFIER_H
/*
 * verifier: reads one envelope of the fixture and says at which stage it was refused, and why.
 *
 * It holds the keys of the whole cast, and does what docs/format/envelope.md, section 10, asks
 * of a reader with keys, in this order: header, keys, segments, frames of the boxes, trailer,
 * counts and root, signer, signature, head of the body, wordings.
 *
 * `leave_out` skips a check, as a reader with a bug would: the tests show with it that they
 * would notice.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"

enum stage {
	STAGE_ACCEPTED,
	STAGE_HEADER,
	STAGE_KEYS,
	STAGE_SEGMENTS,
	STAGE_BOXES,
	STAGE_TRAILER,
	STAGE_COUNTS,
	STAGE_SIGNER,
	STAGE_SIGNATURE,
	STAGE_BODY,
	STAGE_WORDINGS,
	STAGE_COUNT
};

struct verdict {
	enum stage stage;
	int r; /* 0 when accepted */
};

struct verifier {
	bool is_raw;	      /* the body has no head */
	uint32_t custodians;  /* bit i: share i + 1 is at hand; 0: the first t */
	size_t reader;	      /* which reader opens */
	enum stage leave_out; /* STAGE_ACCEPTED: nothing */
	struct buf plain;     /* the opened body */
	struct buf
		wordings; /* wording pair % 2 of every pair, each with its u16 length */
};

void verifier_init(struct verifier *v);
void verifier_done(struct verifier *v);

struct verdict verifier_run(struct verifier *v, struct rd file);

/* "header", "keys" ... and back; STAGE_COUNT for an unknown word. */
const char *stage_text(enum stage stage);
enum stage stage_of(const char *text);

#endif
