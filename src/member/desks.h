/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_DESKS_H
#define MEMBER_DESKS_H
/*
 * desks: the set of desks that an officer asks for or has.
 *
 *   opaque Desk<1..64>;  Desk desks<..>;    u16; 0..32, ascending, none twice
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_LIMIT.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/rd.h"
#include "member/address.h"

enum { DESKS_MAX = 32, DESKS_BYTES_MAX = DESKS_MAX * (ADDRESS_NAME_MAX + 1) };

struct desks {
	size_t count;
	struct rd names[DESKS_MAX];
};

MUST int desks_parse(struct rd *in, struct desks *ret_desks);
void desks_write(const struct desks *desks, struct buf *out);

/* Put one where it sorts; adding what is there changes nothing. */
MUST int desks_add(struct desks *desks, struct rd name);

MUST bool desks_have(const struct desks *desks, struct rd name);
MUST bool desks_equal(const struct desks *a, const struct desks *b);

#endif
