/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_GRAMS_H
#define ENVELOPE_GRAMS_H
/*
 * grams: what the index host of the sender's member gets of a cable, sealed to its reader key.
 *
 *   object = magic[8] "VGRAMS" CR LF | version:u16 = 1 | document_id[16] | envelope_hash[32]
 *            reference<u8> | label<u16> | part...
 *   part   = state:u8 name<u8> why<u8> text<u32>            the first is the cable itself
 *
 *   blob   = head | slot | sealed<u24>
 *   head   = magic[8] "VGRAMB" CR LF | version:u16 = 1 | suite:u16 | document_id[16]
 *            set_id[16] | piece:u16 | pieces:u16
 *
 * The object is cut into pieces of GRAMS_PIECE_LEN; each is one blob with a key of its own, in
 * a slot of role "grams" (envelope/slot.h) whose index is the piece and whose core hash is that
 * of the head.  Sealed: AES-256-GCM, nonce zero, because the key serves once; aad: the head.
 * All blobs of one object for one host have one set id.
 *
 * Normative: docs/format/grams.md.  Parsed ones point into the bytes they came from.
 * Trust   Whoever has the host's public key can make a blob: the station that hands it out
 *         can leave one out or put one in.  It cannot read one, alter one, or mix two.
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_SUITE, FAIL_TRUNCATED; FAIL_ALTERED; FAIL_LIMIT.
 */
#include "envelope/body.h"
#include "envelope/core.h"
#include "envelope/slot.h"

enum {
	GRAMS_PIECE_LEN = 1 << 20,
	GRAMS_PIECES_MAX = 32,
	GRAMS_LEN_MAX = GRAMS_PIECE_LEN * GRAMS_PIECES_MAX, /* of an object */
	GRAMS_BLOB_MAX = GRAMS_PIECE_LEN + 2048,
	GRAMS_SET_ID_LEN = 16,
	GRAMS_REFERENCE_MAX = 64,
	GRAMS_WHY_MAX = 128,
};

enum grams_state {
	GRAMS_WHOLE = 0,
	GRAMS_PARTLY = 1, /* some of it could not be read, or found no room */
	GRAMS_UNREAD = 2, /* no text */
};

struct grams_part {
	uint8_t state;	/* enum grams_state */
	struct rd name; /* of the attachment; empty for the cable's text */
	struct rd why;	/* a line; empty when whole */
	struct rd text;
};

struct grams {
	const uint8_t *document_id;
	const uint8_t *envelope_hash;
	struct rd reference; /* PT/2026/0001; may be empty */
	struct rd label;     /* binary label */
	struct rd parts;     /* grams_next() */
};

/* Every part is looked at. */
MUST int grams_parse(struct rd in, struct grams *ret_grams);

/* The next part of grams_parse()'s parts; FAIL_ABSENT at the end. */
MUST int grams_next(struct rd *parts, struct grams_part *ret_part);

/* Begin an object (parts is not looked at), then put its parts. */
void grams_begin(const struct grams *grams, struct buf *out);
void grams_put(const struct grams_part *part, struct buf *out);

/* Where a piece belongs. */
struct grams_place {
	const uint8_t *document_id; /* CORE_DOCUMENT_ID_LEN */
	const uint8_t *set_id;	    /* GRAMS_SET_ID_LEN */
	uint16_t piece;		    /* from 0 */
	uint16_t pieces;
};

struct grams_blob {
	struct grams_place place;
	uint16_t suite;
	uint8_t head_hash[HASH_LEN]; /* the slot's core hash */
	struct rd head;
	struct slot slot;
	struct rd sealed;
};

MUST int grams_blob_parse(struct rd in, struct grams_blob *ret_blob);

/* Append the blob of one piece; of an object: 1 to GRAMS_PIECE_LEN bytes. */
MUST int grams_blob_seal(const struct grams_place *place, const struct kem_public *to,
	struct rng *rng, struct rd piece, struct buf *out);

/* Append the piece; key is what the slot gave. */
MUST int grams_blob_open(const struct grams_blob *blob,
	const uint8_t key[SLOT_SECRET_LEN], struct buf *out);

#endif
