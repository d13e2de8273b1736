/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CUSTODY_KEEP_H
#define CUSTODY_KEEP_H
/*
 * keep: KEEP, all that a custodian gets of an envelope, and what it computes from that.
 *
 *   version:u16 core<u16> sv_slots<u24> r_hash[32] trailer<u16> send<u16>
 *
 * Enough to check signatures, rule and share, and to know what it keeps; no address, no R slot,
 * no text.  Normative: docs/format/opening.md.  A parsed KEEP points into its bytes.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION; FAIL_MISMATCH when SEND names another
 *         document or envelope; FAIL_REFUSED for a solo envelope.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "custody/send.h"
#include "envelope/slot.h"
#include "envelope/trailer.h"

enum { KEEP_VERSION = 1, KEEP_LEN_MAX = 128 * 1024 };

struct keep {
	struct rd core_bytes;
	struct rd sv_bytes;
	uint8_t r_hash[HASH_LEN];
	struct rd trailer_bytes;
	struct rd send_bytes;
	struct core core;
	struct slots sv;
	struct trailer trailer;
	struct send send;
	uint8_t core_hash[HASH_LEN];
	uint8_t header_hash[HASH_LEN];
	uint8_t envelope_hash[HASH_LEN];
};

MUST int keep_parse(struct rd in, struct keep *ret_keep);

/* The first five fields of keep. */
void keep_write(const struct keep *keep, struct buf *out);

/* The number (1..n) of the share that a member keeps of this envelope; FAIL_ABSENT. */
MUST int keep_share_number(
	const struct core *core, struct rd member, uint8_t *ret_number);

#endif
