/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_OWN_STATION_H
#define MEMBER_OWN_STATION_H
/*
 * own_station: the long-lived keys of a member's station (key file of kind 3).
 *
 *   body = member<u8> domain<u8> url<u16> tls[32] log[32] witness[32] sign[32] unlock[32]
 *
 * Normative: docs/format/key.md.  The first four are Ed25519 seeds; `unlock` signs nothing: what
 * the station keeps about keys and header rows is sealed under keys derived from it
 * (docs/format/custody.md).  None of them makes an officer or opens a document; the weekly
 * custody keys are not here.
 */
#include "base/rng.h"
#include "member/entry.h"
#include "member/keyfile.h"

enum own_station_seed {
	STATION_TLS,
	STATION_LOG,
	STATION_WITNESS,
	STATION_SIGN,
	STATION_UNLOCK,
	STATION_SEEDS
};

struct own_station {
	char member[ADDRESS_MEMBER_MAX + 1];
	char domain[ADDRESS_HOST_MAX + 1];
	char url[ADDRESS_URL_MAX + 1];
	struct secret *seeds; /* STATION_SEEDS of 32 bytes each */
};

/* New keys.  FAIL_FORMAT for a name, domain or URL that cannot be one. */
MUST int own_station_new(const char *member, const char *domain, const char *url,
	struct rng *rng, struct own_station **ret_station);
void own_station_free(struct own_station *station);

const uint8_t *own_station_seed(
	const struct own_station *station, enum own_station_seed which);

MUST int own_station_open(const void *ptr, size_t len, const struct secret *passphrase,
	struct own_station **ret_station);
MUST int own_station_seal(const struct own_station *station,
	const struct secret *passphrase, struct rng *rng, struct buf *out);

/* Its part of an entry: place and station keys, log 1; the rest is the caller's. */
void own_station_entry(const struct own_station *station, struct entry *ret_entry);

#endif
