/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_VAULT_H
#define WIRE_VAULT_H
/*
 * vault: what store may ask of custody, which holds the keys of the station.
 *
 * Custody says READY once, when its keys are open.  After that store asks and custody answers
 * each with DONE under the same number, in any order: 0 and a body, or a FAIL_*.  Custody
 * believes signatures, not store: each question carries the signed objects that justify it.
 *
 *   asked            body               answered, body of DONE
 *   ROSTER           vault_roster       -            the first one, or one that follows
 *   FOUND            vault_note (note)  -            our founding file: its enrol keys count until
 *                                                    there is a roster
 *   TICK             -                  vault_keys   weekly keys turned, old ones wiped
 *   SIGN_DIRECTORY   vault_note (text)  vault_note (note)
 *   SEND             vault_send         vault_sent   V is kept under a key of this document
 *   KEEP             vault_keep         vault_kept   our share is kept, likewise
 *   AUTHORISE        vault_open         vault_opened originator: AUTHORISATION and V-key
 *   SHARE            vault_open         vault_opened custodian: ANSWER with our share
 *   SIGN_RECEIPT     vault_object       vault_object receipt (its key id and signature ignored)
 *   SIGN_RECALL      vault_object       vault_object RECALL or DESTROY (custody/recall.h)
 *   COUNT_GRANT      vault_grant        vault_object the grant, countersigned
 *   DESTROY          vault_destroy      -            the document's key is gone
 *
 * Durable  whatever DONE says about keys is on the disk before it is said: keys first, rows
 *          afterwards (docs/decisions/0008-station.md).
 * Time     the custody process has its own clock; no message carries "now".
 */
#include <stdbool.h>

#include "wire/codec.h"
#include "wire/front.h"

enum vault_type {
	VAULT_READY = 1,
	VAULT_DONE = 2,
	VAULT_ROSTER = 16,
	VAULT_TICK = 17,
	VAULT_SIGN_DIRECTORY = 18,
	VAULT_SEND = 19,
	VAULT_KEEP = 20,
	VAULT_AUTHORISE = 21,
	VAULT_SHARE = 22,
	VAULT_SIGN_RECEIPT = 23,
	VAULT_SIGN_RECALL = 24,
	VAULT_COUNT_GRANT = 25,
	VAULT_DESTROY = 26,
	VAULT_FOUND = 27,
};

MUST bool vault_may(enum role sender, uint8_t type, size_t body_len);

enum { VAULT_KEY_LEN = 32, VAULT_SEALED_MAX = 256, VAULT_KEYS_MAX = 4 };

struct vault_ready {
	struct rd member;
	struct rd domain;
	struct rd url;
	const uint8_t *tls, *log, *witness, *sign; /* public, VAULT_KEY_LEN each */
	const uint8_t *row_key; /* seals the header rows of store; wipe */
	const uint8_t
		*roster;     /* hash of the newest roster that custody holds, or zeros */
	uint8_t unlocked_by; /* enum vault_unlock, for `status` */
};

enum vault_unlock {
	VAULT_BY_PASSPHRASE = 1,
	VAULT_BY_FILE = 2,    /* a stolen disk is a stolen station, `status` says */
	VAULT_BY_COMMAND = 3, /* TPM2 or PKCS#11 through their own tools */
};

struct vault_done {
	uint8_t fail;  /* 0, or -FAIL_* */
	struct rd why; /* a sentence for people when it failed, may be empty */
	struct rd body;
};

struct vault_roster {
	struct rd note; /* the signed note */
};

struct vault_keys {
	uint8_t is_changed; /* the directory signed last says otherwise: sign a new one */
	struct rd keys;	    /* list of vault_key: this week's and the next's */
	struct rd text;	    /* the "custody ..." lines of a directory that say the same */
};

struct vault_key {
	uint16_t suite;
	uint64_t from_s;
	uint64_t wiped_s;
	struct rd key;
};

struct vault_note {
	struct rd note;
};

struct vault_object {
	struct rd object;
};

/*
 * An ENROL object and since when this member has kept it; is_first: it stands in the first
 * directory of its member.
 */
struct vault_enrol {
	struct rd enrol;
	uint64_t since_s;
	uint8_t is_first;
};

struct vault_send {
	struct rd core;
	struct rd sv_slots;
	const uint8_t *r_hash; /* SHA-256 of the R slots */
	struct rd trailer;
	struct rd enrols; /* list of vault_enrol, of the trailer's signers */
};

struct vault_sent {
	struct rd send;	  /* SEND, signed */
	struct rd sealed; /* V under the document's key, for store to keep */
};

struct vault_keep {
	struct rd keep; /* KEEP */
	struct rd enrols;
};

struct vault_kept {
	uint8_t number; /* of our share */
	struct rd kept; /* KEPT, signed */
	struct rd sealed;
};

struct vault_open {
	struct rd request;
	struct rd evidence;	 /* R slots or a countersigned GRANT */
	struct rd authorisation; /* SHARE: the originator's; AUTHORISE: empty */
	struct rd keep;		 /* KEEP; at the originator made of the same parts */
	struct rd sealed;	 /* as vault_sent or vault_kept said */
	struct rd enrols;	 /* one: of the device that asks */
	uint32_t copy;		 /* AUTHORISE: the copy's number; SHARE: 0 */
};

struct vault_opened {
	struct rd authorisation; /* AUTHORISE only */
	struct rd answer;
};

struct vault_grant {
	struct rd grant;  /* signed by its granter */
	struct rd keep;	  /* KEEP of the document, ours */
	struct rd enrols; /* two: the granter's, the later reader's */
};

struct vault_destroy {
	const uint8_t *document_id; /* 16 bytes */
};

extern const struct codec vault_ready_codec;
extern const struct codec vault_done_codec;
extern const struct codec vault_roster_codec;
extern const struct codec vault_keys_codec;
extern const struct codec vault_key_codec;
extern const struct codec vault_note_codec;
extern const struct codec vault_object_codec;
extern const struct codec vault_enrol_codec;
extern const struct codec vault_send_codec;
extern const struct codec vault_sent_codec;
extern const struct codec vault_keep_codec;
extern const struct codec vault_kept_codec;
extern const struct codec vault_open_codec;
extern const struct codec vault_opened_codec;
extern const struct codec vault_grant_codec;
extern const struct codec vault_destroy_codec;

#endif
