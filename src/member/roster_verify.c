/* SPDX-License-Identifier: Apache-2.0 */
#include "member/roster.h"

#include <string.h>

#include "base/mem.h"

/*
 * Who has signed, and is that enough.  Keys that sign are always those of the roster that is
 * already trusted: a new roster cannot vouch for itself by the keys that it brings.
 */

enum { LEAST_FOR_LOWERING = 2 };

/* All enrol keys of all members, with whose they are. */
struct judge_keys {
	size_t count;
	struct note_key *keys;
	uint8_t *owners;
	bool *is_signer;
};

static void
keys_done(struct judge_keys *k)
{
	mem_free(k->keys);
	mem_free(k->owners);
	mem_free(k->is_signer);
}

static int
keys_init(const struct roster *judge, struct judge_keys *k)
{
	enum { KEYS_MAX = ROSTER_MEMBERS_MAX * ENTRY_ENROL_MAX };
	int r;

	if ((r = mem_new_array(&k->keys, KEYS_MAX, sizeof *k->keys)) != 0 ||
		(r = mem_new_array(&k->owners, KEYS_MAX, sizeof *k->owners)) != 0 ||
		(r = mem_new_array(&k->is_signer, KEYS_MAX, sizeof *k->is_signer)) != 0)
		return r;
	for (size_t i = 0; i < judge->member_count; i++)
		for (size_t n = 0; n < judge->members[i].enrol_count; n++) {
			if ((r = entry_enrol_key(
				     &judge->members[i], n, &k->keys[k->count])) != 0)
				return r;
			k->owners[k->count++] = (uint8_t)i;
		}
	return 0;
}

static bool
is_any_there(const struct judge_keys *k, const struct note *note)
{
	for (size_t i = 0; i < k->count; i++)
		if (note_signature_find(note, &k->keys[i]) != NULL)
			return true;
	return false;
}

int
roster_signers(const struct roster *judge, const struct note *note,
	struct roster_signers *ret_signers)
{
	struct roster_signers signers = {0};
	struct judge_keys k = {0};
	int r;

	if ((r = keys_init(judge, &k)) != 0)
		goto out;
	if (!is_any_there(&k, note)) {
		r = FAIL_SIGNER;
		goto out;
	}
	if ((r = note_verify(note, k.keys, k.count, k.is_signer)) != 0)
		goto out;
	/* By key, not by line: a line that stands twice is one key, and one signature. */
	for (size_t i = 0; i < k.count; i++)
		if (k.is_signer[i])
			signers.keys[k.owners[i]]++;
	for (size_t i = 0; i < judge->member_count; i++)
		if (signers.keys[i] >= ROSTER_KEYS_PER_SIGNATURE)
			signers.member_count++;
	*ret_signers = signers;
out:
	keys_done(&k);
	return r;
}

static int
refuse(struct roster_verdict *verdict, enum roster_fault fault)
{
	verdict->fault = fault;
	return FAIL_REFUSED;
}

int
roster_first(const struct roster *roster, const struct note *note,
	struct roster_verdict *ret_verdict)
{
	struct roster_verdict v = {.needed = roster->member_count};
	int r;

	*ret_verdict = v;
	/* That serial 1 has a previous hash of zeros is part of the form. */
	if (roster->serial != 1)
		return refuse(ret_verdict, ROSTER_NOT_SERIAL_1);
	if ((r = roster_signers(roster, note, &v.signers)) != 0)
		return r;
	*ret_verdict = v;
	if (v.signers.member_count < v.needed)
		return refuse(ret_verdict, ROSTER_NOT_ALL_SIGNED);
	return 0;
}

static const struct roster_rule *
find_rule(const struct roster *roster, struct rd text)
{
	for (size_t i = 0; i < roster->rule_count; i++)
		if (address_compare(roster->rules[i].text, text) == 0)
			return &roster->rules[i];
	return NULL;
}

/* Every rule of old still asks as much, and nothing may stay inside that could not. */
static bool
are_rules_lowered(const struct roster *old, const struct roster *next)
{
	for (size_t i = 0; i < old->rule_count; i++) {
		const struct roster_rule *before = &old->rules[i];
		const struct roster_rule *after = find_rule(next, before->text);

		if (after == NULL || after->threshold < before->threshold ||
			after->count < before->count)
			return true;
	}
	for (size_t i = 0; i < next->rule_count; i++) {
		const struct roster_rule *before = find_rule(old, next->rules[i].text);

		if (next->rules[i].is_internal &&
			(before == NULL || !before->is_internal))
			return true;
	}
	return false;
}

static bool
is_lowered(const struct roster *old, const struct roster *next)
{
	return next->threshold < old->threshold ||
		next->enrol_delay_s < old->enrol_delay_s ||
		next->require_suite < old->require_suite ||
		address_compare(old->outside, next->outside) != 0 ||
		are_rules_lowered(old, next);
}

static int
write_entries(const struct entry *a, const struct entry *b, struct buf *a_text,
	struct buf *b_text)
{
	int r;

	if ((r = entry_write(a, a_text)) != 0)
		return r;
	return entry_write(b, b_text);
}

/* Another domain, URL, key or ceiling under the same name? */
static int
compare_entries(const struct entry *a, const struct entry *b, bool *ret_is_same)
{
	struct buf a_text, b_text;
	int r;

	buf_init(&a_text, ENTRY_TEXT_MAX);
	buf_init(&b_text, ENTRY_TEXT_MAX);
	if ((r = write_entries(a, b, &a_text, &b_text)) == 0)
		*ret_is_same = address_compare(rd_of(a_text.data, a_text.len),
				       rd_of(b_text.data, b_text.len)) == 0;
	buf_done(&a_text);
	buf_done(&b_text);
	return r;
}

/*
 * Entries of members that stay.  A first directory that changed would let credentials count
 * at once, years after the member was admitted, and so get round enrol-delay.
 */
static int
judge_entries(const struct roster *old, const struct roster *next,
	struct roster_verdict *verdict, bool *ret_is_changed)
{
	int r;

	for (size_t i = 0; i < old->member_count; i++) {
		const struct entry *before = &old->members[i], *after;
		bool is_same = false;
		size_t at;

		if (roster_find(next, before->name, &at) != 0)
			continue;
		after = &next->members[at];
		if (before->has_first_directory != after->has_first_directory ||
			memcmp(before->first_directory, after->first_directory,
				HASH_LEN) != 0)
			return refuse(verdict, ROSTER_FIRST_DIRECTORY);
		if ((r = compare_entries(before, after, &is_same)) != 0)
			return r;
		if (!is_same && verdict->signers.keys[i] < ROSTER_KEYS_PER_SIGNATURE)
			*ret_is_changed = true;
	}
	return 0;
}

static enum roster_fault
check_chain(const struct roster *old, const struct roster *next)
{
	uint8_t hash[HASH_LEN];

	if (address_compare(old->community, next->community) != 0)
		return ROSTER_OTHER_COMMUNITY;
	if (old->serial == UINT32_MAX || next->serial != old->serial + 1)
		return ROSTER_NOT_NEXT;
	roster_hash(old->text, hash);
	if (memcmp(hash, next->previous, sizeof hash) != 0)
		return ROSTER_OTHER_PREVIOUS;
	return ROSTER_GOOD;
}

static size_t
all_but_one(const struct roster *old)
{
	size_t needed = old->member_count - 1;

	if (needed < LEAST_FOR_LOWERING)
		needed = LEAST_FOR_LOWERING;
	return needed > old->threshold ? needed : old->threshold;
}

int
roster_follows(const struct roster *old, const struct roster *next,
	const struct note *note, struct roster_verdict *ret_verdict)
{
	struct roster_verdict v = {.needed = old->threshold};
	bool is_changed = false, has_lowered = is_lowered(old, next);
	enum roster_fault fault = check_chain(old, next);
	int r;

	*ret_verdict = v;
	/* First whether it is what somebody signed: an altered word is no broken rule. */
	if ((r = roster_signers(old, note, &v.signers)) != 0)
		return r;
	*ret_verdict = v;
	if (fault != ROSTER_GOOD)
		return refuse(ret_verdict, fault);
	if ((r = judge_entries(old, next, ret_verdict, &is_changed)) != 0)
		return r;
	if (has_lowered || is_changed)
		ret_verdict->needed = all_but_one(old);
	if (v.signers.member_count >= ret_verdict->needed)
		return 0;
	if (v.signers.member_count < old->threshold)
		return refuse(ret_verdict, ROSTER_TOO_FEW_SIGNED);
	return refuse(ret_verdict, has_lowered ? ROSTER_LOWERED : ROSTER_ENTRY_CHANGED);
}
