/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_KEYFILE_H
#define MEMBER_KEYFILE_H
/*
 * keyfile: the officer's keys at rest, sealed with a passphrase (docs/format/key.md).
 *
 *   magic    11  "valise key" 0x00     salt    16
 *   version   2  1                     nonce   12
 *   kind      1  1, 2, 3 (below)       sealed  u16 vector: AES-256-GCM of the body
 *   mem_kib   4  Argon2id              (everything before `sealed`, its length included,
 *   passes    4                         is authenticated with it)
 *
 * Nothing of the keys stands in clear, the public ones neither: who reads the disk learns no
 * name for this key, and who writes to it cannot exchange one.
 *
 * Limits  KEYFILE_MAX bytes; Argon2id parameters within crypto/pwhash.h, so that a hostile
 *         file costs at most 1 GiB and a few seconds, and never asks for a weak hash.
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT, FAIL_VERSION, FAIL_SUITE, FAIL_LIMIT;
 *         FAIL_PASSPHRASE: wrong passphrase or altered file; the two cannot be told apart.
 *         FAIL_MISMATCH: it opens, but its public keys are not those of its seeds.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "base/rng.h"
#include "crypto/aead.h"
#include "crypto/pwhash.h"
#include "member/solo.h"

enum { KEYFILE_MAX = 8192, KEYFILE_VERSION = 1 };

enum keyfile_kind {
	KEYFILE_KIND_SOLO = 1,	  /* member/solo.h */
	KEYFILE_KIND_OFFICER = 2, /* member/own_officer.h */
	KEYFILE_KIND_STATION = 3, /* member/own_station.h */
};

/* What stands in clear. */
struct keyfile {
	uint8_t kind;
	uint32_t mem_kib;
	uint32_t passes;
	uint8_t salt[PWHASH_SALT_LEN];
	uint8_t nonce[AEAD_NONCE_LEN];
	struct rd head;	  /* the authenticated bytes */
	struct rd sealed; /* body and tag */
};

/* Parse what stands in clear; pure, costs nothing.  ret_file points into the bytes. */
MUST int keyfile_parse(const void *ptr, size_t len, struct keyfile *ret_file);

/* Parse the body once it is open. */
MUST int keyfile_parse_body(struct rd in, struct solo **ret_solo);

/* Parse, Argon2id, open, and check that the keys agree. */
MUST int keyfile_open(const void *ptr, size_t len, const struct secret *passphrase,
	struct solo **ret_solo);

/* Append a whole key file to `out`; fresh salt and nonce. */
MUST int keyfile_seal(const struct solo *s, const struct secret *passphrase,
	struct rng *rng, struct buf *out);

/* The body of a file of this kind, open; FAIL_MISMATCH when it is of another kind. */
MUST int keyfile_open_body(const void *ptr, size_t len, enum keyfile_kind kind,
	const struct secret *passphrase, struct secret **ret_body);

/* Append a whole key file around a body. */
MUST int keyfile_seal_body(enum keyfile_kind kind, struct rd body,
	const struct secret *passphrase, struct rng *rng, struct buf *out);

#endif
