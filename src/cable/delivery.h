/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_DELIVERY_H
#define CABLE_DELIVERY_H
/*
 * delivery: how far a cable has come, for one addressee, as its originator knows it.
 *
 *   draft -> queued -> sent -> kept -> delivered -> read -> acknowledged
 *
 *   draft         being written, or waiting for the releasing officer
 *   queued        released; waits on its way to the log and the custodians
 *   sent          its SEND is on the log; the shares are on their way
 *   not kept      fewer than t custodians answered in time; late answers still count
 *   kept          t custodians keep their shares: it can be opened, and is on its way
 *   delivered     the addressee's station has it, durable, and signed that
 *   non-receipt   the clock ran out before it was delivered, or before it was read
 *   read          an officer has opened it
 *   acknowledged  an officer has answered for it
 *   refused       a station will not take it: label, addressee, hold; final
 *   recalled      taken back; who has read it already has read it; final
 *   expired       its time is over; final
 *
 * Each step has a signed thing behind it: a SEND, KEPTs, a receipt (cable/receipt.h), a RECALL;
 * non-receipt and expired have a clock.  Receipts of one addressee come in order, so no step
 * is jumped over.  Any other move is refused, and the state stays as it was.
 */
#include <stdbool.h>

#include "base/fail.h"

enum delivery {
	DELIVERY_DRAFT,
	DELIVERY_QUEUED,
	DELIVERY_SENT,
	DELIVERY_NOT_KEPT,
	DELIVERY_KEPT,
	DELIVERY_DELIVERED,
	DELIVERY_NON_RECEIPT,
	DELIVERY_READ,
	DELIVERY_ACKNOWLEDGED,
	DELIVERY_REFUSED,
	DELIVERY_RECALLED,
	DELIVERY_EXPIRED,
};
enum { DELIVERY_STATES = DELIVERY_EXPIRED + 1 };

bool delivery_may(enum delivery from, enum delivery to);

/* FAIL_REFUSED when there is no such move. */
MUST int delivery_move(enum delivery *state, enum delivery to);

/* Nothing follows. */
bool delivery_is_final(enum delivery state);

/* "non-receipt": for people, JSON and rows alike. */
const char *delivery_text(enum delivery state);

/* FAIL_FORMAT. */
MUST int delivery_parse(const char *text, enum delivery *ret_state);

#endif
