/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_NEAREST_H
#define VALISE_NEAREST_H
/*
 * nearest: what somebody meant who mistyped an address.
 *
 * Distance is the number of characters to put in, take out or exchange (Levenshtein 1966).
 * What is more than a third of the word away is no help and is not offered: the text is
 * empty then.
 */
#include <stddef.h>

#include "member/directory.h"
#include "member/roster.h"

/* Of two words of at most ADDRESS_MAX bytes each (CHECK). */
size_t nearest_distance(struct rd a, struct rd b);

/* "CY/dutty": the nearest desk or officer of that member. */
MUST int nearest_address(const struct directory *directory, struct rd address,
	char ret_near[ADDRESS_MAX + 1]);

/* "CX/duty": the same name at the nearest member. */
MUST int nearest_member(
	const struct roster *roster, struct rd address, char ret_near[ADDRESS_MAX + 1]);

#endif
