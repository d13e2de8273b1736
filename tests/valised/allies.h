/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_ALLIES_H
#define TESTS_VALISED_ALLIES_H
/*
 * allies: four stations, some officers, and envelopes that a client would not make:
 * long bodies of no meaning (a station does not read them), and altered bytes.
 */
#include "envelope/header.h"
#include "sim.h"

enum { ALLIES_MIB = 1 << 20 };

struct allies {
	struct sim *sim;
	struct sim_officer *ana;   /* PT, policy */
	struct sim_officer *rui;   /* PT, policy */
	struct sim_officer *bea;   /* PT, no desk */
	struct sim_officer *eleni; /* CY, duty */
	struct sim_officer *nikos; /* CY, no desk, RESTRICTED */
	struct sim_officer *marie; /* FR, duty */
	char dir[64];		   /* of the chunks of all stations */
};

int allies_make(void **ctx);
int allies_end(void **ctx);

/* "SECRET" from ana to `to` (and `info`, or NULL). */
void allies_plan(struct allies *w, const char *to, const char *info,
	struct sim_cable_plan *ret_plan);
void allies_send(
	struct allies *w, const char *to, const char *info, struct sim_cable *cable);

/* A cable of ana's whose body is len bytes (with their wrapping), signed as such. */
void allies_seal_long(
	struct allies *w, const char *to, uint64_t plain_len, struct sim_cable *cable);

/* What is asked about one document, or a chunk of it. */
MUST uint16_t allies_ask(struct allies *w, const struct sim_officer *officer,
	const char *path, const uint8_t *document_id, uint32_t chunk);

/* Chunk n of a long body; a station's answer to it. */
void allies_chunk(const struct sim_cable *cable, uint32_t n, struct buf *out);
MUST uint16_t allies_put_chunk(struct allies *w, const struct sim_officer *officer,
	const struct sim_cable *cable, uint32_t n);

/* The answer is an arrival; how many chunks it says are missing. */
struct post_arrival allies_arrival(const struct allies *w);

/* Numbers of a page as text: "4 3 1 ". */
const char *allies_box(
	struct allies *w, const struct sim_officer *officer, struct post_inbox asked);

#endif
