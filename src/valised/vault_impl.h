/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_VAULT_IMPL_H
#define VALISED_VAULT_IMPL_H
/*
 * vault_impl: what the files of the custody role share.
 *
 *   vault.c         messages, held answers, the turn of day and week
 *   vault_check.c   signers, custody rule, slots: what SEND and KEEP have in common
 *   vault_keep.c    SEND, KEEP, DESTROY
 *   vault_open.c    AUTHORISE, SHARE
 *   vault_grant.c   COUNT_GRANT
 *   vault_sign.c    ROSTER, FOUND, TICK, SIGN_DIRECTORY, SIGN_RECEIPT, SIGN_RECALL
 *   vault_state.c   the files (vault_state.h)
 *
 * A handler writes the body of its DONE into `answer` and returns 0, or FAIL_* after
 * vault_because().  What it adds to state_documents() becomes durable before its DONE is let out.
 */
#include <stdint.h>

#include "custody/keep.h"
#include "member/credential.h"
#include "valised/vault.h"
#include "valised/vault_pins.h"
#include "valised/vault_state.h"

enum {
	VAULT_WHY_MAX = 256,
	VAULT_HELD_MAX = 256,  /* answers; then they are let out whether idle or not */
	VAULT_CLOCK_S = 120,   /* how far another's clock may be from ours */
	VAULT_VERIFIED = 1024, /* enrolments remembered as verified; a power of two */
};

struct vault_held {
	uint8_t type;
	uint64_t number;
	int fail;
	char why[VAULT_WHY_MAX];
	struct buf body;
};

/* An ephemeral key that was answered, under which request, until when that may be repeated. */
struct vault_answered {
	uint8_t key_id[KEM_ID_LEN];
	uint8_t request_hash[HASH_LEN];
	uint64_t until_s;
};

struct vault {
	struct vault_plan plan;
	struct rd member;
	struct entry own; /* place and keys of our station */
	struct vault_state *state;
	struct vault_pins pins;
	uint64_t now_s;
	uint64_t turn_at_s; /* when the next turn is due */
	int turn_fail;	    /* of the last one */
	char why[VAULT_WHY_MAX];
	struct vault_held *held; /* VAULT_HELD_MAX */
	size_t held_count;
	struct buf frame; /* memory for a DONE without body, set aside */
	struct vault_answered *answered;
	size_t answered_count, answered_room;
	/* SHA-256(roster hash || ENROL) of enrolments whose signatures were good. */
	uint8_t verified[VAULT_VERIFIED][HASH_LEN];
};

typedef int vault_handler_fn(struct vault *v, struct rd body, struct buf *answer);

vault_handler_fn vault_handle_roster, vault_handle_found, vault_handle_tick,
	vault_handle_sign_directory, vault_handle_sign_receipt, vault_handle_sign_recall,
	vault_handle_send, vault_handle_keep, vault_handle_destroy,
	vault_handle_authorise, vault_handle_share, vault_handle_count_grant;

/* The sentence for the FAIL_* that is about to be returned; returns r. */
int vault_because(struct vault *v, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

const uint8_t *vault_seed(const struct vault *v, enum own_station_seed which);

/* The suite of our weekly keys: what the roster asks, or 1. */
uint16_t vault_suite(const struct vault *v);

/* Turn day and week if that is due; what is pending is let out first. */
MUST int vault_turn(struct vault *v);

/*
 * vault_check
 */

/* FAIL_AGAIN before there is a roster. */
MUST int vault_need_roster(struct vault *v);

/* A credential whose ENROL is in the list, counts now, and is valid at a time. */
MUST int vault_check_credential(struct vault *v, struct rd credential, struct rd enrols,
	uint64_t at_s, struct credential *ret_credential);

/* The trailer's signers: of that member, theirs, counting. */
MUST int vault_check_signers(
	struct vault *v, const struct keep *keep, struct rd enrols, uint64_t at_s);

/* Roster, origin, label and custodians of a core, as far as custody can see. */
MUST int vault_check_rule(struct vault *v, const struct core *core, uint64_t made_s);

/* Open slot `index` of the S and V slots with a weekly key of ours. */
MUST int vault_open_slot(struct vault *v, const struct keep *keep, const char *role,
	size_t index, uint8_t ret_secret[SLOT_SECRET_LEN]);

/* Seal a secret under the key of its document; and back. */
MUST int vault_seal_secret(struct vault *v, const struct vault_document *document,
	const uint8_t secret[SLOT_SECRET_LEN], struct buf *out);
MUST int vault_open_secret(struct vault *v, const struct vault_document *document,
	struct rd sealed, uint8_t ret_secret[SLOT_SECRET_LEN]);

#endif
