/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/plan_members.h"

#include <stdio.h>
#include <string.h>

#include "member/custodians.h"

/* Everything a custodian checks of a plan is computed here by the same functions. */

static int
set_label(struct plan_members *plan, const struct label *label)
{
	int r;

	label_write(label, &plan->label_bytes);
	if ((r = buf_error(&plan->label_bytes)) != 0)
		return r;
	plan->header.core.label = rd_of(plan->label_bytes.data, plan->label_bytes.len);
	return 0;
}

static int
set_addressing(struct plan_members *plan, const struct plan_members_question *q)
{
	struct core *core = &plan->header.core;
	int r;

	plan->addressing = q->cable->addressing;
	plan->addressing.dtg_s = q->now_s;
	if (plan->addressing.reference.len == 0)
		plan->addressing.reference = q->reference;
	if ((r = addressing_write(&plan->addressing, &plan->addressing_bytes)) != 0)
		return r;
	plan->header.addressing =
		rd_of(plan->addressing_bytes.data, plan->addressing_bytes.len);
	core->expiry_s = q->cable->expiry_s;
	if (q->cable->is_controlled)
		core->flags |= CORE_CONTROLLED;
	if (addressing_is_flash(&plan->addressing))
		core->flags |= CORE_FLASH;
	return 0;
}

static int
set_origin(struct plan_members *plan, const struct circle *circle, size_t self)
{
	const struct entry *entry = &circle->roster->members[self];
	struct core *core = &plan->header.core;
	int n = snprintf(plan->origin, sizeof plan->origin, "%.*s/openings/%u",
		(int)entry->domain.len, (const char *)entry->domain.ptr,
		(unsigned)entry->log_number);

	if (n < 0 || (size_t)n >= sizeof plan->origin)
		return FAIL_LIMIT;
	roster_hash(circle->roster->text, plan->roster_hash);
	core->suite = circle->self->subject.reader.suite;
	core->log_origin = rd_of(plan->origin, (size_t)n);
	core->roster_hash = rd_of(plan->roster_hash, HASH_LEN);
	core->originator = entry->name;
	core->rule = CORE_RULE_MEMBERS;
	return 0;
}

/* A member's custody key of this week, of our suite. */
static int
custody_key(struct plan_members *plan, const struct plan_members_question *q,
	size_t member, struct kem_public *ret_key)
{
	const struct directory_custody *custody = NULL;
	const struct directory *directory;
	int r;

	plan->who = q->circle->roster->members[member].name;
	if ((directory = q->circle->directory(q->circle->ctx, plan->who)) == NULL)
		return FAIL_ABSENT;
	if ((r = directory_custody_at(directory, q->now_s, &custody)) != 0)
		return r;
	if (custody->key.suite != plan->header.core.suite)
		return FAIL_SUITE;
	/* A key that is gone by now opens nothing: what is sealed to it would be lost. */
	if (custody->wiped_s <= q->now_s)
		return FAIL_ABSENT;
	*ret_key = custody->key;
	plan->who = rd_of(NULL, 0);
	return 0;
}

static void
find_addressed(const struct plan_members *plan, const struct roster *roster,
	bool ret_is_addressed[ROSTER_MEMBERS_MAX])
{
	const struct addressing *a = &plan->addressing;

	for (size_t i = 0; i < a->action_count + a->info_count; i++) {
		struct rd member, name;
		size_t at = 0;

		if (address_split(a->addresses[i], &member, &name) == 0 &&
			roster_find(roster, member, &at) == 0)
			ret_is_addressed[at] = true;
	}
}

static int
set_custodians(
	struct plan_members *plan, const struct plan_members_question *q, size_t self)
{
	const struct roster *roster = q->circle->roster;
	bool is_addressed[ROSTER_MEMBERS_MAX] = {false};
	struct custodians_question question = {
		.originator = self, .is_addressed = is_addressed};
	struct core *core = &plan->header.core;
	size_t members[ROSTER_SHARES_MAX];
	struct custodians_rule rule;
	int r;

	if ((r = custodians_rule(roster, q->cable->label->policy,
		     q->cable->label->classification, &rule)) != 0)
		return r;
	memcpy(question.document_id, core->document_id, CORE_DOCUMENT_ID_LEN);
	find_addressed(plan, roster, is_addressed);
	if ((r = custodians_choose(roster, &question, rule.count, members)) != 0)
		return r;
	core->threshold = rule.threshold;
	core->custodian_count = rule.count;
	for (size_t i = 0; i < rule.count; i++) {
		core->custodians[i].member = roster->members[members[i]].name;
		if ((r = custody_key(plan, q, members[i], &plan->custodians[i])) != 0)
			return r;
	}
	return custody_key(plan, q, self, &plan->originator);
}

int
plan_members_init(struct plan_members *plan, const struct plan_members_question *q)
{
	struct header_plan *header = &plan->header;
	size_t self = 0;
	int r;

	memset(plan, 0, sizeof *plan);
	buf_init(&plan->label_bytes, CORE_LABEL_MAX);
	buf_init(&plan->addressing_bytes, ADDRESSING_LEN_MAX);
	if ((r = roster_find(
		     q->circle->roster, q->circle->self->subject.member, &self)) != 0)
		return r;
	if ((r = rng_fill(q->rng, header->core.document_id, CORE_DOCUMENT_ID_LEN)) != 0 ||
		(r = set_origin(plan, q->circle, self)) != 0 ||
		(r = set_label(plan, q->cable->label)) != 0 ||
		(r = set_addressing(plan, q)) != 0 ||
		(r = set_custodians(plan, q, self)) != 0)
		return r;
	header->has_document_id = true;
	header->readers = q->recipients->readers;
	header->reader_count = q->recipients->reader_count;
	header->custodians = plan->custodians;
	header->originator = &plan->originator;
	return 0;
}

void
plan_members_done(struct plan_members *plan)
{
	buf_done(&plan->label_bytes);
	buf_done(&plan->addressing_bytes);
}
