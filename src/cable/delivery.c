/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/delivery.h"

#include <stdint.h>
#include <string.h>

/* What may follow each state, as a set of bits. */

#define TO(state) (UINT32_C(1) << DELIVERY_##state)

static const struct {
	const char *text;
	uint32_t next;
} states[DELIVERY_STATES] = {
	[DELIVERY_DRAFT] = {"draft", TO(QUEUED)},
	/* The own station refuses what a rule forbids before anybody else has seen it. */
	[DELIVERY_QUEUED] = {"queued",
		TO(SENT) | TO(REFUSED) | TO(RECALLED) | TO(EXPIRED)},
	[DELIVERY_SENT] = {"sent", TO(KEPT) | TO(NOT_KEPT) | TO(RECALLED) | TO(EXPIRED)},
	[DELIVERY_NOT_KEPT] = {"not kept", TO(KEPT) | TO(RECALLED) | TO(EXPIRED)},
	[DELIVERY_KEPT] = {"kept",
		TO(DELIVERED) | TO(NON_RECEIPT) | TO(REFUSED) | TO(RECALLED) |
			TO(EXPIRED)},
	[DELIVERY_DELIVERED] = {"delivered",
		TO(READ) | TO(NON_RECEIPT) | TO(REFUSED) | TO(RECALLED) | TO(EXPIRED)},
	/* Late is better than never: the receipts that come after the clock still count. */
	[DELIVERY_NON_RECEIPT] = {"non-receipt",
		TO(DELIVERED) | TO(READ) | TO(REFUSED) | TO(RECALLED) | TO(EXPIRED)},
	[DELIVERY_READ] = {"read", TO(ACKNOWLEDGED) | TO(RECALLED) | TO(EXPIRED)},
	[DELIVERY_ACKNOWLEDGED] = {"acknowledged", TO(RECALLED) | TO(EXPIRED)},
	[DELIVERY_REFUSED] = {"refused", 0},
	[DELIVERY_RECALLED] = {"recalled", 0},
	[DELIVERY_EXPIRED] = {"expired", 0},
};

bool
delivery_may(enum delivery from, enum delivery to)
{
	CHECK((size_t)from < DELIVERY_STATES && (size_t)to < DELIVERY_STATES);
	return (states[from].next >> to & 1) != 0;
}

int
delivery_move(enum delivery *state, enum delivery to)
{
	if (!delivery_may(*state, to))
		return FAIL_REFUSED;
	*state = to;
	return 0;
}

bool
delivery_is_final(enum delivery state)
{
	CHECK((size_t)state < DELIVERY_STATES);
	return states[state].next == 0;
}

const char *
delivery_text(enum delivery state)
{
	CHECK((size_t)state < DELIVERY_STATES);
	return states[state].text;
}

int
delivery_parse(const char *text, enum delivery *ret_state)
{
	for (int i = 0; i < DELIVERY_STATES; i++)
		if (strcmp(states[i].text, text) == 0) {
			*ret_state = (enum delivery)i;
			return 0;
		}
	return FAIL_FORMAT;
}
