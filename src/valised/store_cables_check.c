/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/time.h"
#include "label/label.h"
#include "member/counts.h"
#include "member/custodians.h"
#include "valised/store_cables_impl.h"

/*
 * What an originator's station asks of an envelope before it answers for it with a SEND: the
 * custody rule of the roster that the core names, signers of ours, and addressees who exist.
 * Each refusal says what to do; custody checks signatures and rule again.
 */

struct check {
	struct store *s;
	const struct store_ask *ask;
	const struct cables_envelope *e;
	const struct roster *roster;
	size_t us;
	bool is_addressed[ROSTER_MEMBERS_MAX];
};

static int
check_origin(struct check *c)
{
	const struct core *core = &c->e->header.core;
	int r;

	if (!cables_is_us(c->s, core->originator))
		return store_because(c->s, FAIL_REFUSED,
			"its originator is %.*s, not this station's member",
			(int)core->originator.len, (const char *)core->originator.ptr);
	if (store_roster(c->s) == NULL)
		return store_because(c->s, FAIL_AGAIN,
			"this station has not joined a community yet: valise join");
	c->roster = NULL;
	if (core->roster_hash.len == HASH_LEN)
		c->roster = store_roster_of(c->s, core->roster_hash.ptr, c->ask->now_ms);
	if (c->roster == NULL)
		return store_because(c->s, FAIL_REFUSED,
			"it was sealed under another roster: fetch it and seal again");
	if ((r = roster_find(c->roster, core->originator, &c->us)) != 0)
		return store_because(c->s, FAIL_REFUSED,
			"this member is not in the roster that it names");
	return 0;
}

/* A directory that is not held yet refuses nobody. */
static int
check_addressee(struct check *c, struct rd address)
{
	const struct directory *directory;
	struct rd member, name;
	size_t at;
	int r;

	if ((r = address_split(address, &member, &name)) != 0)
		return r;
	if (roster_find(c->roster, member, &at) != 0)
		return store_because(c->s, FAIL_REFUSED,
			"%.*s: there is no such member in the roster", (int)address.len,
			(const char *)address.ptr);
	c->is_addressed[at] = true;
	directory = store_directory(c->s, member);
	if (directory == NULL || directory_find_desk(directory, name, &at) == 0)
		return 0;
	for (size_t i = 0; i < directory->credential_count; i++)
		if (cables_same(directory->credentials[i].officer, name))
			return 0;
	return store_because(c->s, FAIL_REFUSED,
		"%.*s: there is no such desk or officer; valise who lists them",
		(int)address.len, (const char *)address.ptr);
}

static int
check_addressees(struct check *c)
{
	const struct addressing *a = &c->e->addressing;
	int r;

	if (a->action_count + a->info_count == 0)
		return store_because(c->s, FAIL_REFUSED, "it is addressed to nobody");
	for (size_t i = 0; i < a->action_count + a->info_count; i++)
		if ((r = check_addressee(c, a->addresses[i])) != 0)
			return r;
	return 0;
}

static int
rule_of(struct check *c, struct custodians_rule *ret_rule)
{
	struct rd in = c->e->header.core.label;
	struct label *label = NULL;
	int r;

	if ((r = label_parse(&in, &label)) != 0 || (r = rd_end(&in)) != 0) {
		r = store_because(c->s, r, "its label cannot be read");
		goto out;
	}
	r = custodians_rule(c->roster, label->policy, label->classification, ret_rule);
	if (r == FAIL_ABSENT)
		r = store_because(c->s, FAIL_AGAIN,
			"no custodian yet: one member alone can send nothing");
	else if (r == FAIL_REFUSED)
		r = store_because(c->s, r,
			"the custody rule asks more custodians than there are members");
out:
	label_free(label);
	return r;
}

static int
check_custody(struct check *c)
{
	const struct core *core = &c->e->header.core;
	size_t members[ROSTER_SHARES_MAX];
	struct custodians_question question = {
		.originator = c->us, .is_addressed = c->is_addressed};
	struct custodians_rule rule;
	int r;

	if ((r = rule_of(c, &rule)) != 0)
		return r;
	memcpy(question.document_id, core->document_id, CORE_DOCUMENT_ID_LEN);
	if (core->rule != CORE_RULE_MEMBERS || core->threshold != rule.threshold ||
		core->custodian_count != rule.count)
		return store_because(c->s, FAIL_REFUSED,
			"the roster asks %u of %u custodians: seal again", rule.threshold,
			rule.count);
	if ((r = custodians_choose(c->roster, &question, rule.count, members)) != 0)
		return r;
	for (size_t i = 0; i < rule.count; i++)
		if (!cables_same(core->custodians[i].member,
			    c->roster->members[members[i]].name))
			return store_because(c->s, FAIL_REFUSED,
				"custodian %zu must be %.*s: seal again", i + 1,
				(int)c->roster->members[members[i]].name.len,
				(const char *)c->roster->members[members[i]].name.ptr);
	return 0;
}

/*
 * Shares and V lie under custody keys of a week.  One that its directory says is wiped can
 * never be opened; one that no directory lists any more is its owner's to judge.
 */
static int
check_slot(struct check *c, struct rd member, size_t i)
{
	const struct directory *directory = store_directory(c->s, member);
	uint8_t id[KEM_ID_LEN];
	struct slot slot;

	slots_at(&c->e->header.sv, i, &slot);
	for (size_t k = 0; directory != NULL && k < directory->custody_count; k++) {
		kem_id(&directory->custody[k].key, id);
		if (memcmp(id, slot.key_id, KEM_ID_LEN) == 0 &&
			directory->custody[k].wiped_s <= c->ask->now_ms / 1000)
			return store_because(c->s, FAIL_REFUSED,
				"it was sealed too long ago: seal again");
	}
	return 0;
}

static int
check_slots(struct check *c)
{
	const struct core *core = &c->e->header.core;
	int r;

	for (size_t i = 0; i < core->custodian_count; i++)
		if ((r = check_slot(c, core->custodians[i].member, i)) != 0)
			return r;
	return check_slot(c, core->originator, core->custodian_count);
}

/* Three signatures are verified for each enrolment: once, and not with each envelope. */
static int
counts(struct store *s, const struct store_credential *credential, uint64_t now_s,
	uint64_t *ret_from_s)
{
	const struct counts_kept kept = {credential->since_s, credential->is_first};
	const struct roster *roster = store_roster(s);
	struct cables_verified *place;
	struct cables *c = NULL;
	struct enrol enrol;
	int r;

	if ((r = cables_of(s, &c)) != 0)
		return r;
	for (size_t i = 0; i < CABLES_VERIFIED_MAX; i++)
		if (c->verified[i].serial == roster->serial &&
			memcmp(c->verified[i].hash, credential->hash, HASH_LEN) == 0)
			return counts_enrol_verified(roster, &kept, now_s, ret_from_s);
	r = enrol_parse(credential->enrol.ptr, credential->enrol.len, &enrol);
	if (r == 0)
		r = counts_enrol(roster, &enrol, &kept, now_s, ret_from_s);
	if (r != 0)
		return r;
	place = &c->verified[c->verified_next++ % CABLES_VERIFIED_MAX];
	place->serial = roster->serial;
	memcpy(place->hash, credential->hash, HASH_LEN);
	return 0;
}

int
cables_check_counts(
	struct store *s, const struct store_credential *credential, uint64_t now_ms)
{
	const uint64_t now_s = now_ms / 1000;
	char from[TIME_TEXT_MAX] = "";
	uint64_t from_s = 0;
	int r;

	r = counts(s, credential, now_s, &from_s);
	if (r == FAIL_AGAIN && time_rfc3339(from_s, from) == 0)
		return store_because(
			s, r, "the enrolment of a signer counts from %s", from);
	if (r != 0)
		return store_because(s, r, "the enrolment of a signer does not count");
	if (credential->is_revoked)
		return store_because(
			s, FAIL_REFUSED, "the credential of a signer is revoked");
	if (!credential_is_valid_at(&credential->credential, now_s))
		return store_because(
			s, FAIL_REFUSED, "the credential of a signer is not valid today");
	return 0;
}

static int
check_signer(struct check *c, size_t i)
{
	static const uint8_t roles[] = {SIGNER_AUTHOR, SIGNER_RELEASER};
	const struct signer *signer = &c->e->trailer.signers[i];
	const struct store_credential *credential = NULL;
	uint8_t hash[HASH_LEN];
	int r;

	hash_sha256(signer->identity.ptr, signer->identity.len, hash);
	if (signer->role != roles[i])
		return store_because(c->s, FAIL_FORMAT,
			"it is signed first by its author, then by who releases it");
	if (store_credential_find(c->s, hash, &credential) != 0 ||
		!cables_is_us(c->s, credential->credential.subject.member))
		return store_because(
			c->s, FAIL_SIGNER, "it is signed by nobody of this member");
	r = trailer_verify(&c->e->trailer, i, c->e->header.hash,
		credential->credential.subject.sign);
	if (r != 0)
		return store_because(c->s, r, "a signature under it does not verify");
	return cables_check_counts(c->s, credential, c->ask->now_ms);
}

/* Who hands it in has signed it: as its author, or as the second who releases it. */
static int
check_signers(struct check *c)
{
	uint8_t hash[HASH_LEN];
	bool is_asker = false;
	int r;

	for (size_t i = 0; i < c->e->trailer.signer_count; i++) {
		const struct rd identity = c->e->trailer.signers[i].identity;

		if ((r = check_signer(c, i)) != 0)
			return r;
		hash_sha256(identity.ptr, identity.len, hash);
		if (memcmp(hash, c->ask->officer->hash, HASH_LEN) == 0)
			is_asker = true;
	}
	if (!is_asker)
		return store_because(c->s, FAIL_REFUSED,
			"it is handed in by its author, or by who releases it");
	return 0;
}

int
cables_check_send(struct store *s, const struct store_ask *ask,
	const struct cables_envelope *envelope)
{
	struct check c = {.s = s, .ask = ask, .e = envelope};
	int r;

	if ((r = check_origin(&c)) != 0 || (r = check_addressees(&c)) != 0 ||
		(r = check_custody(&c)) != 0 || (r = check_slots(&c)) != 0)
		return r;
	if (envelope->header.core.expiry_s != 0 &&
		envelope->header.core.expiry_s <= ask->now_ms / 1000)
		return store_because(s, FAIL_REFUSED, "it has expired already");
	return check_signers(&c);
}
