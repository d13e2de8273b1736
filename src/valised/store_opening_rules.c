/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "custody/recall.h"
#include "label/decide.h"
#include "member/clearances.h"
#include "member/counts.h"
#include "valised/store_opening.h"

/*
 * The rules by which somebody is let in, or not.  What is not known denies.  Each refusal says
 * whose rule it is, so that the officer knows whom to ask.
 */

/*
 * enrol-delay is what stands between an enrolment made in secret (two officers bribed, a key
 * file stolen) and the first document that it opens: time for others to see it.
 */
static int
counts_today(struct store *s, const struct store_credential *c, uint64_t now_s,
	const struct opening_name *name, struct opening_why *why)
{
	const struct counts_kept kept = {.since_s = c->since_s, .is_first = c->is_first};
	const struct roster *roster = store_roster(s);
	uint64_t from_s = 0;
	struct enrol enrol;
	int r;

	if (roster == NULL)
		return opening_refuse(
			why, FAIL_AGAIN, "this station has no roster yet; join first");
	if ((r = enrol_parse(c->enrol.ptr, c->enrol.len, &enrol)) != 0)
		return opening_refuse(
			why, r, "the enrolment of %s is malformed", name->text);
	r = counts_enrol(roster, &enrol, &kept, now_s, &from_s);
	if (r == FAIL_AGAIN)
		return opening_refuse(why, r,
			"the enrolment of %s is new here and counts from %s", name->text,
			opening_time_of(from_s).text);
	if (r == FAIL_NOMEM)
		return r;
	if (r != 0)
		return opening_refuse(why, FAIL_SIGNER,
			"two enrolment officers of the member have not signed for %s",
			name->text);
	return 0;
}

/* Orders act at once: no answer leaves after one, see check_still() in store_opening_open.c. */
int
opening_barred(struct store *s, const struct store_credential *credential,
	struct rd originator, struct opening_why *why)
{
	struct opening_name name;

	opening_name_of(&credential->credential, &name);
	if (credential->is_revoked)
		return opening_refuse(why, FAIL_REFUSED,
			"the credential of %s is revoked; ask the security officer",
			name.text);
	if (store_is_held(s, originator, credential))
		return opening_refuse(why, FAIL_REFUSED,
			"%s is on hold for documents of %.*s; ask its security officer",
			name.text, (int)originator.len, (const char *)originator.ptr);
	return 0;
}

int
opening_standing(struct store *s, const struct store_credential *credential,
	struct rd originator, uint64_t now_s, struct opening_why *why)
{
	const struct credential *c = &credential->credential;
	struct opening_name name;
	int r;

	if ((r = opening_barred(s, credential, originator, why)) != 0)
		return r;
	opening_name_of(c, &name);
	if (!credential_is_valid_at(c, now_s))
		return opening_refuse(why, FAIL_REFUSED,
			"the credential of %s is valid from %s to %s only", name.text,
			opening_time_of(c->from_s).text,
			opening_time_of(c->until_s).text);
	return counts_today(s, credential, now_s, &name, why);
}

/* The decision in words, with whom it is about before it. */
static int
refuse_label(const struct decision *decision, const struct label *label,
	const struct clearance *clearance, struct rd whom, struct opening_why *why)
{
	struct buf sentence;
	int r;

	buf_init(&sentence, DECIDE_SENTENCE_MAX);
	if ((r = decide_sentence(decision, label, clearance, &sentence)) == 0)
		r = opening_refuse(why, FAIL_REFUSED, "%.*s: %.*s", (int)whom.len,
			(const char *)whom.ptr, (int)sentence.len,
			(const char *)sentence.data);
	buf_done(&sentence);
	return r;
}

/* clearance NULL: none under this policy, which is one for nothing. */
static int
decide_for(const struct label *label, const struct clearance *clearance, struct rd whom,
	struct opening_why *why)
{
	struct clearance *nothing = NULL;
	struct decision decision;
	int r = 0;

	if (clearance == NULL) {
		if ((r = clearance_new(label->policy, &nothing)) != 0)
			return r;
		clearance = nothing;
	}
	decide(label, clearance, &decision);
	if (decision.rule != DECIDE_ALLOWED)
		r = refuse_label(&decision, label, clearance, whom, why);
	clearance_free(nothing);
	return r;
}

/* A credential has one clearance for each policy; none for the label's is one for nothing. */
int
opening_cleared_person(const struct credential *credential, struct rd label_bytes,
	struct opening_why *why)
{
	struct clearance *clearance = NULL;
	struct label *label = NULL;
	struct opening_name name;
	int r;

	opening_name_of(credential, &name);
	if ((r = label_parse(&label_bytes, &label)) != 0)
		return r;
	r = clearances_find(credential->clearances, label->policy, &clearance);
	if (r == 0 || r == FAIL_ABSENT)
		r = decide_for(label, clearance, name.rd, why);
	clearance_free(clearance);
	label_free(label);
	return r;
}

/* The ceiling under the label's policy; NULL when the roster names none. */
static int
find_ceiling(
	const struct entry *entry, const char *policy, struct clearance **ret_clearance)
{
	struct clearance *clearance = NULL;
	int r;

	*ret_clearance = NULL;
	for (size_t i = 0; i < entry->ceiling_count; i++) {
		r = clearances_line_parse(entry->ceilings[i], &clearance);
		if (r != 0)
			return r;
		if (strcmp(clearance->policy, policy) == 0) {
			*ret_clearance = clearance;
			return 0;
		}
		clearance_free(clearance);
		clearance = NULL;
	}
	return 0;
}

/* Whatever its officers may have: what a station may not hold is not let onto it. */
int
opening_cleared_station(
	const struct entry *entry, struct rd label_bytes, struct opening_why *why)
{
	struct clearance *ceiling = NULL;
	struct label *label = NULL;
	char whom[sizeof "the station of " + ADDRESS_MEMBER_MAX];
	int r;

	(void)snprintf(whom, sizeof whom, "the station of %.*s", (int)entry->name.len,
		(const char *)entry->name.ptr);
	if ((r = label_parse(&label_bytes, &label)) != 0)
		return r;
	if ((r = find_ceiling(entry, label->policy, &ceiling)) == 0)
		r = decide_for(label, ceiling, address_of(whom), why);
	clearance_free(ceiling);
	label_free(label);
	return r;
}

int
opening_cleared(struct store *s, const struct credential *credential, struct rd label,
	struct opening_why *why)
{
	const struct entry *entry;
	int r;

	if ((r = opening_cleared_person(credential, label, why)) != 0 ||
		(r = opening_entry(s, credential->subject.member, &entry)) != 0)
		return r;
	return opening_cleared_station(entry, label, why);
}

/* Did its originator end it?  An object of anybody else ends nothing. */
static int
check_ended(struct store *s, const struct opening_of *of, uint8_t kind,
	struct opening_why *why)
{
	const struct openings_recall which = {
		.document_id = of->document_id, .member = of->originator, .kind = kind};
	struct recall recall;
	struct buf bytes;
	int r;

	buf_init(&bytes, RECALL_LEN_MAX);
	r = openings_get_recall(store_db(s), &which, &bytes);
#ifdef PLANT_RECALL_IGNORED /* a fault that the tests of recalls must find */
	r = FAIL_ABSENT;
#endif
	if (r == FAIL_ABSENT) {
		buf_done(&bytes);
		return 0;
	}
	if (r == 0 && (r = recall_parse(rd_of(bytes.data, bytes.len), &recall)) == 0)
		r = opening_refuse(why, FAIL_REFUSED, "%s by %.*s on %s%s%.*s",
			kind == RECALL_DESTROY ? "destroyed" : "recalled",
			(int)of->originator.len, (const char *)of->originator.ptr,
			opening_time_of(recall.time_s).text,
			recall.reason.len > 0 ? ": " : "", (int)recall.reason.len,
			(const char *)recall.reason.ptr);
	buf_done(&bytes);
	return r;
}

int
opening_ended(struct store *s, const struct opening_of *of, struct opening_why *why)
{
	int r;

	if ((r = check_ended(s, of, RECALL_DESTROY, why)) != 0)
		return r;
	return check_ended(s, of, RECALL_RECALL, why);
}

int
opening_alive(
	struct store *s, const struct core *core, uint64_t now_s, struct opening_why *why)
{
	const struct opening_of of = {core->document_id, core->originator};
	int r;

	if ((r = opening_ended(s, &of, why)) != 0)
		return r;
	if (core->expiry_s != 0 && now_s >= core->expiry_s)
		return opening_refuse(why, FAIL_REFUSED, "expired on %s",
			opening_time_of(core->expiry_s).text);
	return 0;
}

/* A grant: who may pass a document on, and to whom. */

/* ORCON: with the originator's control its own people alone extend the circle. */
static int
may_pass_on(struct store *s, const struct core *core, const struct credential *granter,
	struct opening_why *why)
{
	if ((core->flags & CORE_CONTROLLED) == 0 ||
		opening_is_us(s, granter->subject.member))
		return 0;
	return opening_refuse(why, FAIL_REFUSED,
		"%.*s controls who else reads this document; ask it to forward it",
		(int)core->originator.len, (const char *)core->originator.ptr);
}

/* R can be passed on only by who has it: by a slot of the envelope, or by an earlier grant. */
static int
is_reader(struct store *s, const struct store_document *document,
	const struct store_credential *granter, struct opening_why *why)
{
	uint8_t reader_id[KEM_ID_LEN];
	struct buf bytes;
	size_t at;
	int r;

	kem_id(&granter->credential.subject.reader, reader_id);
	if (slots_find(&document->header.r, reader_id, &at) == 0)
		return 0;
	buf_init(&bytes, GRANT_LEN_MAX);
	r = objects_get_grant(store_db(s), document->document_id, granter->hash, &bytes);
	buf_done(&bytes);
	if (r == FAIL_ABSENT)
		return opening_refuse(why, FAIL_REFUSED,
			"only who can read the document may forward it");
	return r;
}

int
opening_grantable(struct store *s, const struct store_document *document,
	const struct opening_sides *sides, uint64_t now_s, struct opening_why *why)
{
	const struct core *core = &document->header.core;
	int r;

	if ((r = opening_alive(s, core, now_s, why)) != 0 ||
		(r = may_pass_on(s, core, &sides->granter->credential, why)) != 0 ||
		(r = opening_standing(s, sides->granter, core->originator, now_s, why)) !=
			0 ||
		(r = is_reader(s, document, sides->granter, why)) != 0 ||
		(r = opening_standing(s, sides->reader, core->originator, now_s, why)) !=
			0)
		return r;
	return opening_cleared(s, &sides->reader->credential, core->label, why);
}
