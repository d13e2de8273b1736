/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_CHECKPOINT_H
#define LOG_CHECKPOINT_H
/*
 * checkpoint: the head of a log as a signed note, and the cosignatures of witnesses under it.
 *
 *   pt.example/openings/1
 *   70000                                                   decimal, no leading zero
 *   lCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=            base64 of the root
 *                                                           (an empty line, then signatures)
 *
 *   log signature   type 01, by the key whose name is the origin, over the text
 *   cosignature     type 04, over "cosignature/v1\ntime SECONDS\n" and the text; the bytes
 *                   under the name are time:u64 signature[64]
 *
 * Source  C2SP tlog-checkpoint v1.0.0, tlog-cosignature v1.0.1, to the letter.  Lines after the
 *         root (extensions) are read and kept by the note; ours have none.
 * Limits  sizes below 2^63; an origin of NOTE_NAME_MAX bytes.
 * Errors  FAIL_FORMAT; FAIL_MISMATCH another origin; FAIL_SIGNATURE; FAIL_ABSENT no signature
 *         by that key.
 */
#include <stdint.h>

#include "crypto/hash.h"
#include "note/note.h"

enum { CHECKPOINT_TEXT_MAX = NOTE_NAME_MAX + 1 + 20 + 1 + 44 + 1 };

struct checkpoint {
	struct rd origin; /* points into what was parsed */
	uint64_t size;
	uint8_t root[HASH_LEN];
};

/* From the text of a note. */
MUST int checkpoint_parse(struct rd text, struct checkpoint *ret_checkpoint);
MUST int checkpoint_write(const struct checkpoint *checkpoint, struct buf *out);

/* Is the note signed by its log, and about it?  The key's name is the origin. */
MUST int checkpoint_verify(const struct note *note, const struct note_key *log,
	struct checkpoint *ret_checkpoint);

/* One cosignature line, to append to the note; text: that of the checkpoint. */
struct checkpoint_cosigner {
	const char *name;    /* "pt.example/witness" */
	const uint8_t *seed; /* SIGN_SEED_LEN */
	uint64_t time_s;
};
MUST int checkpoint_cosign(
	struct rd text, const struct checkpoint_cosigner *cosigner, struct buf *out);

/* When did this witness cosign?  FAIL_ABSENT, FAIL_SIGNATURE. */
MUST int checkpoint_cosigned(
	const struct note *note, const struct note_key *witness, uint64_t *ret_time_s);

#endif
