/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_DIRECTORY_H
#define MEMBER_DIRECTORY_H
/*
 * directory: the officers, desks and custody keys of one member, signed by its station.
 *
 *   valise/v1 directory
 *   member PT
 *   number 7                               counts up by one
 *   custody SUITE FROM WIPED BASE64        1..2, this week's and the next's; times as RFC 3339
 *   desk duty                              ascending
 *   hours 24 h                             may be missing; a line of text
 *   officer ana.silva                      ascending, on the desk above; may be none
 *   credential ana.silva laptop BASE64     an ENROL object; ascending by officer, device, hash
 *
 * Normative: docs/format/directory.md.  A C2SP signed note by PT/sign.  Index hosts are
 * credentials of that kind.
 *
 * Trust   The station signs who is on which desk today, but it can put nobody there: an
 *         officer reads for a desk only when the desk's lines *and* a credential with two
 *         enrolment signatures name both.  A directory in which they disagree is refused.
 *         Whoever wraps a key calls directory_verify_credential() for that reader first.
 *
 * A parsed directory points into the text, which must outlive it.
 * Errors  FAIL_FORMAT, FAIL_SUITE, FAIL_LIMIT, FAIL_NOMEM; each lookup says its own.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "member/credential.h"
#include "member/entry.h"
#include "note/note.h"

enum {
	DIRECTORY_TEXT_MAX = 1 << 22,
	DIRECTORY_CUSTODY_MAX = 2,
	DIRECTORY_DESKS_MAX = 1024,
	DIRECTORY_OFFICERS_MAX = 8192, /* on all desks together */
	DIRECTORY_CREDENTIALS_MAX = 8192,
	DIRECTORY_HOURS_MAX = 64,
};

struct directory_custody {
	struct kem_public key;
	uint64_t from_s;
	uint64_t wiped_s; /* when its private half is gone */
};

/* Officers of a desk are officer_count names from directory->officers[officer_first] on. */
struct directory_desk {
	struct rd name;
	struct rd hours; /* len 0: not told */
	size_t officer_first;
	size_t officer_count;
};

struct directory_credential {
	struct rd enrol; /* the ENROL object */
	struct rd member;
	struct rd desks; /* the names that it grants, each behind its length */
	struct rd officer;
	struct rd device;
	uint8_t kind;
	uint8_t hash[HASH_LEN];	       /* of the credential */
	uint8_t reader_id[KEM_ID_LEN]; /* SHA-256 of its reader key */
};

struct directory {
	struct rd text;
	struct rd member;
	uint32_t number;
	size_t custody_count;
	struct directory_custody custody[DIRECTORY_CUSTODY_MAX];
	size_t desk_count;
	size_t officer_count;
	size_t credential_count;
	struct directory_desk *desks;
	struct rd *officers;
	struct directory_credential *credentials;
	uint8_t *blobs; /* the ENROL objects of a parsed one */
};

/* Room for so many of each, for whoever makes one. */
MUST int directory_new(size_t desks, size_t officers, size_t credentials,
	struct directory **ret_directory);
void directory_free(struct directory *directory);

MUST int directory_parse(struct rd text, struct directory **ret_directory);
MUST int directory_write(const struct directory *directory, struct buf *out);

/* Fill an entry from the bytes of an ENROL object, which must outlive it. */
MUST int directory_credential_of(
	struct rd enrol, struct directory_credential *ret_credential);

/*
 * Is the note signed by this member's PT/sign, and about this member?  FAIL_MISMATCH when it
 * is about another, FAIL_SIGNATURE.
 */
MUST int directory_verify(const struct directory *directory, const struct note *note,
	const struct entry *entry);

/* enrol_verify() of one credential by the enrol keys of the entry. */
MUST int directory_verify_credential(
	const struct directory *directory, size_t i, const struct entry *entry);

/* FAIL_ABSENT. */
MUST int directory_find_hash(const struct directory *directory,
	const uint8_t hash[HASH_LEN], size_t *ret_credential);
MUST int directory_find_reader(const struct directory *directory,
	const uint8_t reader_id[KEM_ID_LEN], size_t *ret_credential);
MUST int directory_find_desk(
	const struct directory *directory, struct rd name, size_t *ret_desk);

/*
 * The credentials that read what is addressed to a name, an officer's or a desk's: start with
 * *at = 0; false at the end.  Index hosts are never among them.
 */
MUST bool directory_next_reader(const struct directory *directory, struct rd name,
	size_t *at, size_t *ret_credential);

/* The custody key for a time: the newest that has begun.  FAIL_ABSENT. */
MUST int directory_custody_at(const struct directory *directory, uint64_t now_s,
	const struct directory_custody **ret_custody);

#endif
