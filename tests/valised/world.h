/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_WORLD_H
#define TESTS_VALISED_WORLD_H
/*
 * world: the people that tests of openings share, and what they do in one line.
 *
 *   PT  ana.silva, rui.costa   SECRET, desk policy       joao.reis   SECRET, desk treaties
 *   FR  claire.m               SECRET, desk duty
 *   CY  eleni.k                SECRET, desk duty         nikos.p     RESTRICTED, desk night
 *   EU  otto.w                 SECRET; its station may hold RESTRICTED and no more
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim.h"

struct world {
	struct sim *sim;
	struct sim_officer *ana, *rui, *joao;
	struct sim_officer *claire;
	struct sim_officer *eleni, *nikos;
	struct sim_officer *otto;
};

extern const char world_text[];

int world_make(void **ctx);
int world_end(void **ctx);

/* By ana.silva, SECRET, to CY/duty, for the information of FR/claire.m; sent and delivered. */
struct sim_cable_plan world_plan(const struct world *w);
void world_send(struct world *w, struct sim_cable *cable);

/* The last answer had this status, and this stands in its sentence. */
void world_expect(
	const struct world *w, uint16_t status, uint16_t expected, const char *sentence);

/* The text comes out; or it is refused like this. */
void world_opens(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable);
void world_refused(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, uint16_t status, const char *sentence);

void world_state(struct world *w, const struct sim_cable *cable, const char *address,
	enum delivery expected);

/* "recall", "destroy" with a reason; "ack". */
uint16_t world_end_cable(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, const char *path);
uint16_t world_ack(struct world *w, const struct sim_officer *officer,
	const struct sim_cable *cable, uint8_t answer);

/* The newest receipt about this addressee, as the originator has it. */
struct receipt;
void world_receipt(struct world *w, const struct sim_cable *cable, const char *address,
	struct receipt *ret_receipt);

/* What post_list of post_holder says, as "1 CY/eleni.k;". */
void world_holders(struct world *w, const struct sim_cable *cable, const char *expected);

#endif
