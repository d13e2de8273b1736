/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "label/label.h"
#include "member/counts.h"
#include "member/custodians.h"

int
vault_need_roster(struct vault *v)
{
	if (v->pins.now.note == NULL)
		return vault_because(v, FAIL_AGAIN,
			"no roster is pinned yet: run 'valise join' first");
	return 0;
}

/* The ENROL object around these bytes of a credential. */
static int
find_enrol(struct rd credential, struct rd enrols, struct vault_enrol *ret_item,
	struct enrol *ret_enrol)
{
	struct vault_enrol item;
	struct enrol enrol;
	int r;

	while (enrols.len > 0) {
		if ((r = codec_parse(&vault_enrol_codec, &enrols, &item)) != 0)
			return r;
		if ((r = enrol_parse(item.enrol.ptr, item.enrol.len, &enrol)) != 0)
			return r;
		if (address_compare(enrol.credential, credential) != 0)
			continue;
		*ret_item = item;
		*ret_enrol = enrol;
		return 0;
	}
	return FAIL_ABSENT;
}

/*
 * Four signatures stand under an enrolment, and each officer's is shown with every document.  A
 * good one is remembered by its hash, with the roster's: what is found was verified, byte by
 * byte, by these very keys.
 */
static int
check_counts(struct vault *v, struct rd enrol_bytes, const struct enrol *enrol,
	const struct counts_kept *kept, uint64_t *ret_from_s)
{
	uint8_t key[HASH_LEN], *slot;
	struct hash *h = NULL;
	int r;

	if ((r = hash_new(&h)) != 0)
		return r;
	hash_begin(h);
	hash_add(h, v->pins.now.hash, HASH_LEN);
	hash_add(h, enrol_bytes.ptr, enrol_bytes.len);
	hash_end(h, key);
	hash_free(h);
	slot = v->verified[(size_t)(key[0] << 8 | key[1]) % VAULT_VERIFIED];
	if (memcmp(slot, key, HASH_LEN) == 0)
		return counts_enrol_verified(
			v->pins.now.roster, kept, v->now_s, ret_from_s);
	r = counts_enrol(v->pins.now.roster, enrol, kept, v->now_s, ret_from_s);
	if (r == 0)
		memcpy(slot, key, HASH_LEN);
	return r;
}

int
vault_check_credential(struct vault *v, struct rd credential, struct rd enrols,
	uint64_t at_s, struct credential *ret_credential)
{
	struct vault_enrol item;
	struct counts_kept kept;
	struct credential c;
	struct enrol enrol;
	uint64_t from_s = 0;
	int r;

	if ((r = find_enrol(credential, enrols, &item, &enrol)) != 0)
		return vault_because(v, r == FAIL_ABSENT ? FAIL_SIGNER : r,
			"a credential without its enrolment");
	if ((r = credential_parse(enrol.credential.ptr, enrol.credential.len, &c)) != 0)
		return r;
	kept = (struct counts_kept){
		.since_s = item.since_s, .is_first = item.is_first == 1};
	if ((r = check_counts(v, item.enrol, &enrol, &kept, &from_s)) == FAIL_AGAIN)
		return vault_because(
			v, r, "the enrolment counts in %" PRIu64 " s", from_s - v->now_s);
	if (r != 0)
		return vault_because(
			v, r, "the enrolment does not count: %s", fail_text(r));
	if (!credential_is_valid_at(&c, at_s))
		return vault_because(v, FAIL_REFUSED, "the credential is not valid then");
	*ret_credential = c;
	return 0;
}

static int
check_signer(struct vault *v, const struct keep *keep, size_t i, struct rd enrols,
	uint64_t at_s)
{
	const struct signer *signer = &keep->trailer.signers[i];
	struct credential c;
	int r;

	if (signer->kind != SIGNER_CREDENTIAL)
		return vault_because(v, FAIL_SIGNER, "signed with a bare key");
	if ((r = vault_check_credential(v, signer->identity, enrols, at_s, &c)) != 0)
		return r;
	if (address_compare(c.subject.member, keep->core.originator) != 0)
		return vault_because(
			v, FAIL_SIGNER, "signed by another member's officer");
	if (c.subject.kind == SUBJECT_INDEX_HOST)
		return vault_because(v, FAIL_SIGNER, "signed by an index host");
	if ((r = trailer_verify(&keep->trailer, i, keep->header_hash, c.subject.sign)) !=
		0)
		return vault_because(v, r, "a signature under the envelope is false");
	return 0;
}

int
vault_check_signers(
	struct vault *v, const struct keep *keep, struct rd enrols, uint64_t at_s)
{
	int r = FAIL_SIGNER;

	for (size_t i = 0; i < keep->trailer.signer_count; i++)
		if ((r = check_signer(v, keep, i, enrols, at_s)) != 0)
			return r;
	return r;
}

/* The rule of the roster for the label's class, compared with what the core says. */
static int
check_shares(struct vault *v, const struct roster *roster, const struct core *core)
{
	struct custodians_rule rule;
	struct label *label = NULL;
	struct rd in = core->label;
	int r;

	if ((r = label_parse(&in, &label)) != 0)
		return r;
	r = custodians_rule(roster, label->policy, label->classification, &rule);
	label_free(label);
	if (r != 0)
		return vault_because(v, r, "the roster has no custody for this label");
	if (core->rule == CORE_RULE_INTERNAL && !rule.is_internal)
		return vault_because(v, FAIL_REFUSED,
			"rule 'internal' is not in the roster for this label");
	if (core->threshold != rule.threshold || core->custodian_count != rule.count)
		return vault_because(v, FAIL_REFUSED,
			"%u of %u shares, the rule asks %u of %u",
			(unsigned)core->threshold, (unsigned)core->custodian_count,
			(unsigned)rule.threshold, (unsigned)rule.count);
	return 0;
}

/*
 * Custody does not know who is addressed, and so not which members come first.  But addressed
 * ones among the custodians are a beginning of their list: one of the n + 1 beginnings must give
 * this very list by the rule that everybody follows.
 */
static int
check_choice(struct vault *v, const struct roster *roster, const struct core *core,
	size_t originator)
{
	struct custodians_question question = {.originator = originator};
	bool is_addressed[ROSTER_MEMBERS_MAX] = {false};
	size_t named[ROSTER_SHARES_MAX] = {0}, chosen[ROSTER_SHARES_MAX];
	size_t n = core->custodian_count;

	question.is_addressed = is_addressed;
	memcpy(question.document_id, core->document_id, sizeof question.document_id);
	for (size_t i = 0; i < n; i++)
		if (roster_find(roster, core->custodians[i].member, &named[i]) != 0 ||
			named[i] == originator)
			return vault_because(v, FAIL_REFUSED,
				"a custodian who is none of the other members");
	for (size_t i = 0; i <= n; i++) {
		if (custodians_choose(roster, &question, n, chosen) == 0 &&
			memcmp(chosen, named, n * sizeof named[0]) == 0)
			return 0;
		if (i < n)
			is_addressed[named[i]] = true;
	}
	return vault_because(v, FAIL_REFUSED, "not the custodians that the rule gives");
}

/* "pt.example/openings/1" */
static bool
is_log_of(struct rd origin, const struct entry *entry)
{
	char text[ADDRESS_HOST_MAX + 32];
	int n = snprintf(text, sizeof text, "%.*s/openings/%u", (int)entry->domain.len,
		(const char *)entry->domain.ptr, (unsigned)entry->log_number);

	return n > 0 && (size_t)n < sizeof text &&
		address_compare(origin, rd_of(text, (size_t)n)) == 0;
}

int
vault_check_rule(struct vault *v, const struct core *core, uint64_t made_s)
{
	const struct roster *roster = NULL;
	size_t originator = 0;
	int r;

	if (pins_roster_of(&v->pins, core->roster_hash, made_s, &roster) != 0)
		return vault_because(v, FAIL_MISMATCH,
			"sealed under another roster than the newest: seal again");
	if ((r = roster_find(roster, core->originator, &originator)) != 0)
		return vault_because(v, r, "the originator is not in the roster");
	if (!is_log_of(core->log_origin, &roster->members[originator]))
		return vault_because(
			v, FAIL_MISMATCH, "another log than the originator's");
	if (core->suite < roster->require_suite)
		return vault_because(v, FAIL_REFUSED, "the roster requires suite %u",
			(unsigned)roster->require_suite);
	if ((r = check_shares(v, roster, core)) != 0)
		return r;
	return check_choice(v, roster, core, originator);
}

int
vault_open_slot(struct vault *v, const struct keep *keep, const char *role, size_t index,
	uint8_t ret_secret[SLOT_SECRET_LEN])
{
	struct slot_place place = {.role = role,
		.suite = keep->core.suite,
		.index = (uint32_t)index,
		.core_hash = keep->core_hash};
	const uint8_t *seed = NULL;
	struct slot slot;
	int r;

	slots_at(&keep->sv, index, &slot);
	if ((r = weekly_find(state_weekly(v->state), slot.key_id, v->now_s, &seed)) != 0)
		return vault_because(v, r,
			"sealed to a custody key that is not ours or is wiped: seal "
			"again");
	if ((r = slot_open(&place, &slot, seed, ret_secret)) != 0)
		return vault_because(v, r, "the %s slot does not open", role);
	return 0;
}

/* aad of a sealed secret: what it is, and of which document. */
static struct rd
sealed_aad(const struct vault_document *document, uint8_t aad[VAULT_AAD_MAX])
{
	static const char prefix[] = "valise/v1 custody secret"; /* its NUL is the 0x00 */
	struct buf out = {.data = aad, .cap = VAULT_AAD_MAX, .max = VAULT_AAD_MAX};

	buf_bytes(&out, prefix, sizeof prefix);
	buf_u8(&out, document->kind);
	buf_bytes(&out, document->id, sizeof document->id);
	buf_bytes(&out, document->envelope_hash, sizeof document->envelope_hash);
	CHECK(out.error == 0);
	return rd_of(aad, out.len);
}

int
vault_seal_secret(struct vault *v, const struct vault_document *document,
	const uint8_t secret[SLOT_SECRET_LEN], struct buf *out)
{
	uint8_t aad[VAULT_AAD_MAX];
	struct aead *key = NULL;
	int r;

	if ((r = aead_new(document->key, &key)) != 0)
		return r;
	r = vault_box_seal(key, sealed_aad(document, aad), v->plan.rng,
		rd_of(secret, SLOT_SECRET_LEN), out);
	aead_free(key);
	return r;
}

int
vault_open_secret(struct vault *v, const struct vault_document *document,
	struct rd sealed, uint8_t ret_secret[SLOT_SECRET_LEN])
{
	uint8_t aad[VAULT_AAD_MAX];
	struct aead *key = NULL;
	int r;

	if (sealed.len != SLOT_SECRET_LEN + VAULT_BOX_OVERHEAD)
		return FAIL_FORMAT;
	if ((r = aead_new(document->key, &key)) != 0)
		return r;
	r = vault_box_open(key, sealed_aad(document, aad), sealed, ret_secret);
	aead_free(key);
	return r == 0
		? 0
		: vault_because(v, r, "the kept secret does not open under its key");
}
