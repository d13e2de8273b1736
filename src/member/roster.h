/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_ROSTER_H
#define MEMBER_ROSTER_H
/*
 * roster: who exchanges with whom, and by which rules: the text that everything else rests on.
 *
 *   valise/v1 roster
 *   community allies
 *   serial 2
 *   previous HASH                    of the text of serial 1; zeros in serial 1
 *   threshold 1                      members that must sign the next one
 *   enrol-delay 86400                seconds
 *   require-suite 1
 *   policy CONCORD                   1..8, ascending
 *   custody 2 3 members CONCORD: SECRET        0..64, ascending by what follows the word
 *   outside ...                      member/outside.h
 *                                    and for each of 1..32 members, ascending by name:
 *   (an empty line)
 *   member ...                       member/entry.h
 *
 * Normative: docs/format/roster.md.  It is a C2SP signed note (note/note.h); the signatures are
 * by enrol keys, PT/enrol/1.  A member has signed when two of its enrol keys have.
 *
 * Hash    SHA-256 of the text; people compare it as 12 words (note/words.h).
 * States  parsed -> first (serial 1, all have signed) | follows (an older one that is trusted)
 *         | pinned by its words.  roster_parse() proves the form and nothing else.
 * Attack  A stolen enrol key signs nothing: two of a member are needed.  One member alone
 *         cannot loosen the rules, nor exchange the keys of another: see roster_follows().
 * Errors  FAIL_FORMAT, FAIL_VERSION, FAIL_SUITE, FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "member/entry.h"
#include "note/note.h"

enum {
	ROSTER_MEMBERS_MAX = NOTE_SIGNATURES_MAX / 2, /* each signs with two keys */
	ROSTER_POLICIES_MAX = 8,
	ROSTER_RULES_MAX = 64,
	ROSTER_COMMUNITY_MAX = ADDRESS_NAME_MAX,
	ROSTER_TEXT_MAX = 1 << 19,
	ROSTER_KEYS_PER_SIGNATURE = 2,
	ROSTER_ENROL_DELAY_S = 24 * 3600,
	ROSTER_ENROL_DELAY_MAX_S = 30 * 24 * 3600,
	ROSTER_SHARES_MAX = 16, /* SHAMIR_SHARES_MAX */
};

struct roster_rule {
	struct rd text; /* "CONCORD: SECRET" */
	uint8_t threshold;
	uint8_t count;
	bool is_internal; /* traffic within one member may stay with its second station */
};

struct roster {
	struct rd text;
	struct rd community;
	uint32_t serial;
	uint8_t previous[HASH_LEN];
	uint8_t threshold;
	uint32_t enrol_delay_s;
	uint16_t require_suite;
	size_t policy_count;
	struct rd policies[ROSTER_POLICIES_MAX];
	size_t rule_count;
	struct roster_rule rules[ROSTER_RULES_MAX];
	struct rd outside; /* whole lines, may be empty */
	size_t member_count;
	struct entry members[ROSTER_MEMBERS_MAX];
};

/* From the text of a note, which must outlive it. */
MUST int roster_parse(struct rd text, struct roster **ret_roster);
void roster_free(struct roster *roster);

/* The text; roster->text is not looked at. */
MUST int roster_write(const struct roster *roster, struct buf *out);

void roster_hash(struct rd text, uint8_t ret_hash[HASH_LEN]);

/* The index of a member; FAIL_ABSENT. */
MUST int roster_find(const struct roster *roster, struct rd name, size_t *ret_member);

/* Put an entry where it sorts.  FAIL_EXISTS, FAIL_LIMIT. */
MUST int roster_add(struct roster *roster, const struct entry *entry);

/* How many of each member's enrol keys signed a note. */
struct roster_signers {
	size_t member_count; /* members with two or more */
	uint8_t keys[ROSTER_MEMBERS_MAX];
};

/*
 * Count the signatures under a note by the enrol keys of this roster (a newer roster is
 * judged by an older one).  FAIL_SIGNER when none of the keys signed, FAIL_SIGNATURE when a
 * signature in a known key's name is false.
 */
MUST int roster_signers(const struct roster *judge, const struct note *note,
	struct roster_signers *ret_signers);

/* What is wrong with a roster that is refused; the verb tells it in words. */
enum roster_fault {
	ROSTER_GOOD,
	ROSTER_NOT_SERIAL_1,   /* or its previous hash is not zero */
	ROSTER_NOT_ALL_SIGNED, /* serial 1: each member must */
	ROSTER_OTHER_COMMUNITY,
	ROSTER_NOT_NEXT,       /* the serial is not one more */
	ROSTER_OTHER_PREVIOUS, /* the hash is not that of the older one */
	ROSTER_TOO_FEW_SIGNED, /* fewer than the older one asks */
	ROSTER_LOWERED,	       /* needs all members but one, two at least */
	ROSTER_ENTRY_CHANGED,  /* the same, without the signature of the member changed */
	ROSTER_FIRST_DIRECTORY, /* of a member that is there already: never */
};

/* Of the verdict: what was asked, and who gave it. */
struct roster_verdict {
	enum roster_fault fault;
	size_t needed;
	struct roster_signers signers;
};

/* Is this serial 1, signed by all in it?  FAIL_REFUSED and the fault in *ret_verdict. */
MUST int roster_first(const struct roster *roster, const struct note *note,
	struct roster_verdict *ret_verdict);

/*
 * Does `next`, the text of `note`, follow `old`?  Signatures are counted by the keys of old:
 *
 *   needed = old threshold
 *   or max(that, members of old - 1, 2) when next lowers the threshold, a custody rule, the
 *      enrol-delay, require-suite, or touches the outside witnesses; or changes the entry of
 *      a member that has not signed
 *
 * FAIL_REFUSED and the fault in *ret_verdict, which is written in this case too.
 */
MUST int roster_follows(const struct roster *old, const struct roster *next,
	const struct note *note, struct roster_verdict *ret_verdict);

/* k = floor(2m/3) of the m-1 others must cosign a head; 0 for one member. */
size_t roster_quorum(size_t member_count);

/* How many of the others may be absent while openings go on. */
size_t roster_absent_max(size_t member_count);

#endif
