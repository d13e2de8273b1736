/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_CARVE_H
#define VALISE_UNPACK_CARVE_H
/*
 * carve: base64 and quoted-printable that stand inside other text, decoded.
 *
 * Base64   a run of CARVE_RUN or more characters of the alphabet, over line breaks (with
 *          blanks or "> " before the next line) until something else comes.  What it decodes
 *          to is a find of its own.
 * QP       a text whose beginning has at least CARVE_SOFT soft line breaks ("=" at the end of a
 *          line) and as many "=XX" is decoded whole, as one find.
 * Escapes  a text whose beginning holds escapes as in JSON (unescape.h) is decoded whole too.
 * Limits   CARVE_FIND_MAX bytes a find; CARVE_COUNT finds and CARVE_TOTAL bytes in all.  What
 *          is over them is counted in `lost`, and the caller reports it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "valise-unpack/unescape.h"

enum {
	CARVE_RUN = 64,
	CARVE_SOFT = 3,
	CARVE_FIND_MAX = 64 << 20,
	CARVE_COUNT = 1000,
	CARVE_TOTAL = 128 << 20,
};

struct carve_find {
	struct buf data;
	uint64_t offset; /* of its first character */
	bool is_text;	 /* the whole text, decoded; not base64 */
};

struct carve {
	struct carve_find *finds; /* CARVE_COUNT of them once there is one */
	size_t count;
	size_t total;
	uint64_t lost;
	bool is_full; /* CARVE_TOTAL was reached */
	int error;    /* sticks */
	/* base64 */
	bool is_inside;
	bool is_line_start; /* after a line break within a run */
	bool is_over;	    /* padding was seen */
	bool is_kept;	    /* the current find is within the limits */
	unsigned breaks;    /* line breaks since the last character */
	uint32_t bits;
	unsigned bit_count;
	uint8_t tail[CARVE_RUN]; /* a run that began at the end of the last block */
	size_t tail_len;
	uint64_t next; /* offset expected */
	/* quoted-printable */
	bool is_qp;
	size_t qp; /* its find */
	uint8_t qp_state, qp_high;
	/* escapes */
	bool is_escaped;
	size_t escaped; /* its find */
	struct unescape unescape;
};

void carve_init(struct carve *c);
void carve_done(struct carve *c);

/* Look at the beginning for quoted-printable; before the first feed. */
void carve_head(struct carve *c, const uint8_t *head, size_t len);

void carve_feed(struct carve *c, const uint8_t *ptr, size_t len, uint64_t offset);

/*
 * A find that somebody else made (a picture in rich text), byte by byte; false: over the
 * limits, and counted.
 */
MUST bool carve_find_begin(struct carve *c, uint64_t offset);
void carve_find_put(struct carve *c, uint8_t byte);

/* No more bytes: short finds (under 16 bytes) are dropped. */
MUST int carve_end(struct carve *c);

#endif
