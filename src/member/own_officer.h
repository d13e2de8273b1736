/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_OWN_OFFICER_H
#define MEMBER_OWN_OFFICER_H
/*
 * own_officer: the keys of one officer of a member on one device (key file of kind 2).
 *
 *   body = subject || sign seed[32] || reader seed[32] || enrol seed[32] || audit<u8>
 *
 *   enrol   of a registrar or security officer only; else it is left out
 *   audit   the seed of the member's audit key, 0 or 32 bytes; a security officer's only
 *
 * Normative: docs/format/key.md.  The keys of enrolment officers lie here, on their own
 * machines, and nowhere at the station: whoever takes the station enrols nobody.
 *
 * Errors  FAIL_MISMATCH: the seeds are not those of the subject; those of keyfile.h.
 */
#include <stdbool.h>

#include "base/rng.h"
#include "member/keyfile.h"
#include "member/request.h"
#include "member/subject.h"

enum own_seed { OWN_SIGN, OWN_READER, OWN_ENROL, OWN_AUDIT, OWN_SEEDS };
enum { OWN_SEED_LEN = 32 };

struct own_officer {
	struct subject subject; /* its texts point to the arrays below */
	char member[ADDRESS_MEMBER_MAX + 1];
	char officer[ADDRESS_NAME_MAX + 1];
	char device[ADDRESS_NAME_MAX + 1];
	bool has_audit;
	struct secret *seeds; /* OWN_SEEDS of OWN_SEED_LEN each */
};

/* Who it will be; names that the grammar refuses are FAIL_FORMAT. */
struct own_officer_name {
	const char *member, *officer, *device;
	uint8_t kind;
	uint16_t suite;
};

/* New keys; a security officer also gets an audit key to offer. */
MUST int own_officer_new(const struct own_officer_name *name, struct rng *rng,
	struct own_officer **ret_officer);
void own_officer_free(struct own_officer *officer);

uint8_t *own_officer_seed(const struct own_officer *officer, enum own_seed which);

MUST int own_officer_open(const void *ptr, size_t len, const struct secret *passphrase,
	struct own_officer **ret_officer);
MUST int own_officer_seal(const struct own_officer *officer,
	const struct secret *passphrase, struct rng *rng, struct buf *out);

/* The request of this device; desks are asked for. */
MUST int own_officer_request(const struct own_officer *officer, const struct desks *desks,
	uint64_t now_s, struct buf *out);

#endif
