/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_ENTRY_H
#define MEMBER_ENTRY_H
/*
 * entry: one member as a roster has it: where its station is, and its public keys.
 *
 *   member PT
 *   domain pt.example
 *   url https://pt.example:7443
 *   ceiling CONCORD: ...             0..8, ascending by policy; what its station may hold
 *   first-directory HASH             or "none"; its credentials count at once
 *   tls BASE64                       Ed25519
 *   log VKEY                         pt.example/openings/1
 *   witness VKEY                     pt.example/witness, type 04
 *   sign VKEY                        PT/sign
 *   registrar VKEY, security VKEY    PT/enrol/<n>, 2..8, n ascending from 1..99
 *   audit SUITE BASE64
 *   registry SUITE BASE64            may be missing
 *
 * Normative: docs/format/roster.md, section 2.  The same lines, under "valise/v1 member" and
 * signed by PT/sign, are the founding file of a member and its request to join.
 *
 * An entry points into the text it came from.  No key stands in it twice.
 * Errors  FAIL_FORMAT, FAIL_SUITE, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/sign.h"
#include "member/address.h"
#include "member/clearances.h"
#include "note/note.h"

enum {
	ENTRY_ENROL_MIN = 2,
	ENTRY_ENROL_MAX = 8,
	ENTRY_NUMBER_MAX = 99, /* of an enrol key, of a log */
	ENTRY_TEXT_MAX = 1 << 17,
	ENTRY_KEYS_MAX = 4 + ENTRY_ENROL_MAX,
};

struct entry_enrol {
	uint8_t number; /* PT/enrol/<number> */
	bool is_security;
	uint8_t key[SIGN_PUBLIC_LEN];
};

struct entry {
	struct rd name;
	struct rd domain;
	struct rd url;
	size_t ceiling_count;
	struct rd ceilings[CLEARANCES_MAX]; /* lines of member/clearances.h */
	bool has_first_directory;
	uint8_t first_directory[HASH_LEN];
	uint8_t tls[SIGN_PUBLIC_LEN];
	uint8_t log_number;
	uint8_t log[SIGN_PUBLIC_LEN];
	uint8_t witness[SIGN_PUBLIC_LEN];
	uint8_t sign[SIGN_PUBLIC_LEN];
	size_t enrol_count;
	struct entry_enrol enrols[ENTRY_ENROL_MAX];
	struct kem_public audit;
	struct kem_public registry; /* len 0: none */
};

/* Reads the lines of one entry and leaves what follows; the caller compares the spelling. */
MUST int entry_parse(struct rd *in, struct entry *ret_entry);
MUST int entry_write(const struct entry *entry, struct buf *out);

/* All its Ed25519 keys; returns how many. */
size_t entry_keys(const struct entry *entry, const uint8_t *ret_keys[ENTRY_KEYS_MAX]);

/* "PT/enrol/2" as a verifier key. */
MUST int entry_enrol_key(const struct entry *entry, size_t i, struct note_key *ret_key);

/* The enrol key that is this one, or NULL. */
const struct entry_enrol *entry_enrol_find(
	const struct entry *entry, const uint8_t key[SIGN_PUBLIC_LEN]);

/*
 * A founding file: the note "valise/v1 member", the entry, signed by its own PT/sign.
 * entry_note_parse() checks that it is that; the entry points into the note.
 */
MUST int entry_note_parse(const struct note *note, struct entry *ret_entry);
MUST int entry_note_write(const struct entry *entry,
	const uint8_t sign_seed[SIGN_SEED_LEN], struct buf *out);

/* SHA-256 of the text of a founding file, for the 12 words. */
MUST int entry_hash(const struct entry *entry, uint8_t ret_hash[HASH_LEN]);

#endif
