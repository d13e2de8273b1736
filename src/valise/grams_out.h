/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_GRAMS_OUT_H
#define VALISE_GRAMS_OUT_H
/*
 * grams_out: what `send` seals of a cable to the index hosts of the sender's own member.
 *
 *   grams_out_make()   while the cable is sealed: text and attachments as valise-unpack reads
 *                      them, sealed to each host, durable in DIR/outbox/DOCUMENT-ID.grams
 *                      before the sealed cable itself appears
 *   grams_out_send()   once cables are uploaded: everything in the outbox whose cable the
 *                      station has; what it does not take now goes with the next `send`
 *
 * A host is a credential of that kind in the own member's directory, signed twice, valid, and
 * old enough to count.  Without one nothing happens.  The file is a row of post_grams.
 *
 * None of this fails a `send`: what could not be read is listed for the host; what could not
 * be sealed or sent is said on stderr.
 */
#include "cable/cable.h"
#include "valise/plan_members.h"
#include "valise/session.h"

struct grams_source {
	const struct cable *cable;
	const char *path; /* of the cable: attachments count from there */
	const struct plan_members *plan;
	const uint8_t *envelope_hash;
	uint64_t now_s;
};

/* 0 also when there is no host. */
MUST int grams_out_make(struct session *session, const struct grams_source *source);

void grams_out_send(struct session *session);

#endif
