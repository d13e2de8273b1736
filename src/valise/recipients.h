/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_RECIPIENTS_H
#define VALISE_RECIPIENTS_H
/*
 * recipients: who will be able to read a cable, who will not, and why.
 *
 * For each action and info address: the devices behind it by the member's directory, each with
 * the two signatures of its enrolment officers verified, without those of exempted addresses;
 * and for each person the decision (label/decide.h) for the label, under the own clearance and
 * the ceiling of the member.  A device whose enrolment does not count yet, or whose credential
 * is not valid today, is left out and told; one that is not cleared gets its slot all the
 * same, because clearance is decided at the opening: here it is only told.
 *
 * No input or output: the roster and the directories come from `struct circle`.
 *
 * Errors  FAIL_ABSENT    a member, its directory or an address is not known (see `known`)
 *         FAIL_SIGNATURE, FAIL_SIGNER   a directory holds a credential that nobody signed
 *         FAIL_LIMIT     more readers than an envelope has; FAIL_NOMEM
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "envelope/addressing.h"
#include "envelope/slot.h"
#include "label/decide.h"
#include "label/label.h"
#include "member/directory.h"
#include "member/roster.h"

/* What an officer's machine holds of its community (valise/people.h fills it). */
struct circle {
	const struct roster *roster;
	struct rd enrol; /* own ENROL object */
	const struct credential *self;
	/* The newest verified directory of a member, or NULL. */
	const struct directory *(*directory)(const void *ctx, struct rd member);
	/* The first directory that the roster names, or NULL: its credentials count at once. */
	const struct directory *(*first)(const void *ctx, struct rd member);
	const void *ctx;
};

enum recipient_known {
	RECIPIENT_KNOWN,
	RECIPIENT_NO_MEMBER,	/* the roster has no such member */
	RECIPIENT_NO_DIRECTORY, /* its directory has not come yet */
	RECIPIENT_NO_ADDRESS,	/* neither an officer nor a desk of that name */
};

/* One address; persons are counted, not their devices. */
struct recipient {
	struct rd address;
	bool is_action;
	enum recipient_known known;
	size_t persons;	    /* who read for it, without the exempted */
	size_t cleared;	    /* of them may have the label */
	size_t newcomers;   /* devices whose enrolment does not count yet: left out */
	size_t not_valid;   /* devices whose credential is not valid today: left out */
	size_t other_suite; /* devices of another cipher suite: left out */
	struct decision refusal; /* of the first who is not cleared */
	char near[ADDRESS_MAX +
		1]; /* an unknown address: the nearest one there is, or empty */
};

struct recipients {
	size_t count;
	struct recipient *list; /* action, then info, as in the cable */
	size_t reader_count;
	struct kem_public
		*readers; /* of all, none twice, with the sender's own devices */
};

struct recipients_question {
	const struct circle *circle;
	const struct addressing *addressing;
	const struct label *label;
	uint64_t now_s;
};

/* Unknown addresses are told in `known` and are no failure of this function. */
MUST int recipients_new(
	const struct recipients_question *question, struct recipients **ret_recipients);
void recipients_free(struct recipients *recipients);

/* The devices of one address, for a GRANT: their ENROL objects, at most max. */
MUST int recipients_devices(const struct circle *circle, struct rd address,
	uint64_t now_s, struct rd *ret_enrols, size_t max, size_t *ret_count);

#endif
