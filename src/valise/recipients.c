/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/recipients.h"

#include <string.h>

#include "base/mem.h"
#include "member/clearances.h"
#include "member/enrol.h"
#include "valise/nearest.h"

/*
 * The station signs its directory and could put anybody into it; so nobody becomes a reader
 * here before directory_verify_credential() has found two enrolment officers' signatures.
 */

enum { PERSONS_MAX = 1024, READERS_FIRST = 64 };

struct work {
	const struct recipients_question *question;
	struct recipients *out;
	size_t readers_max;
	/* Of the address in hand: who has been counted. */
	size_t person_count;
	struct person {
		struct rd name;
		bool is_cleared;
	} * persons;
};

static const struct directory *
directory_of(const struct circle *circle, struct rd member)
{
	return circle->directory(circle->ctx, member);
}

/*
 * An enrolment cannot have been kept before the moment its credential begins; one of the first
 * directory, whose hash all members have signed in the roster, counts at once.
 */
static bool
is_counting(const struct circle *circle, const struct credential *c,
	const uint8_t hash[HASH_LEN], uint64_t now_s)
{
	const struct directory *first;
	size_t at;

	if (c->from_s + circle->roster->enrol_delay_s <= now_s)
		return true;
	first = circle->first(circle->ctx, c->subject.member);
	return first != NULL && directory_find_hash(first, hash, &at) == 0;
}

static bool
is_exempted(const struct addressing *a, const struct credential *c)
{
	size_t first = a->action_count + a->info_count;

	for (size_t i = first; i < first + a->exempted_count; i++) {
		struct rd member, name;

		if (address_split(a->addresses[i], &member, &name) != 0 ||
			address_compare(member, c->subject.member) != 0)
			continue;
		if (address_compare(name, c->subject.officer) == 0 ||
			desks_have(&c->desks, name))
			return true;
	}
	return false;
}

/* Under the member's ceiling for the policy; a member without any ceiling is not limited. */
static int
decide_ceiling(const struct entry *entry, const struct label *label,
	struct decision *ret_decision)
{
	struct clearance *ceiling = NULL;
	int r;

	*ret_decision = (struct decision){
		.rule = entry->ceiling_count > 0 ? DECIDE_POLICY_OTHER : DECIDE_ALLOWED};
	for (size_t i = 0; i < entry->ceiling_count; i++) {
		if ((r = clearances_line_parse(entry->ceilings[i], &ceiling)) != 0)
			return r;
		if (strcmp(ceiling->policy, label->policy) == 0)
			decide(label, ceiling, ret_decision);
		clearance_free(ceiling);
	}
	return 0;
}

static int
decide_person(const struct credential *c, const struct entry *entry,
	const struct label *label, struct decision *ret_decision)
{
	struct clearance *clearance = NULL;
	int r = clearances_find(c->clearances, label->policy, &clearance);

	*ret_decision = (struct decision){.rule = DECIDE_POLICY_OTHER};
	if (r == FAIL_ABSENT)
		return 0;
	if (r != 0)
		return r;
	decide(label, clearance, ret_decision);
	clearance_free(clearance);
	return ret_decision->rule == DECIDE_ALLOWED
		? decide_ceiling(entry, label, ret_decision)
		: 0;
}

/* Count a person once, whatever the number of devices; cleared when one of them is. */
static int
count_person(struct work *w, struct recipient *to, const struct credential *c,
	const struct decision *decision)
{
	bool is_cleared = decision->rule == DECIDE_ALLOWED;
	struct person *person = NULL;

	for (size_t i = 0; i < w->person_count && person == NULL; i++)
		if (address_compare(w->persons[i].name, c->subject.officer) == 0)
			person = &w->persons[i];
	if (person == NULL) {
		if (w->person_count == PERSONS_MAX)
			return FAIL_LIMIT;
		person = &w->persons[w->person_count++];
		*person = (struct person){.name = c->subject.officer};
		to->persons++;
	}
	if (is_cleared && !person->is_cleared) {
		person->is_cleared = true;
		to->cleared++;
	}
	if (!is_cleared && to->refusal.rule == DECIDE_ALLOWED)
		to->refusal = *decision;
	return 0;
}

static int
add_reader(struct work *w, const struct kem_public *key)
{
	struct recipients *out = w->out;
	int r;

	for (size_t i = 0; i < out->reader_count; i++)
		if (memcmp(out->readers[i].bytes, key->bytes, key->len) == 0)
			return 0;
	if (out->reader_count == SLOT_READERS_MAX)
		return FAIL_LIMIT;
	if (out->reader_count == w->readers_max) {
		size_t more = w->readers_max == 0 ? READERS_FIRST : 2 * w->readers_max;

		if ((r = mem_grow(&out->readers, w->readers_max * sizeof *out->readers,
			     more * sizeof *out->readers)) != 0)
			return r;
		w->readers_max = more;
	}
	out->readers[out->reader_count++] = *key;
	return 0;
}

static int
take_device(struct work *w, struct recipient *to, const struct entry *entry,
	const struct directory *directory, size_t i)
{
	const struct recipients_question *q = w->question;
	struct decision decision;
	struct credential c;
	struct enrol e;
	int r;

	if ((r = directory_verify_credential(directory, i, entry)) != 0 ||
		(r = enrol_parse(directory->credentials[i].enrol.ptr,
			 directory->credentials[i].enrol.len, &e)) != 0 ||
		(r = credential_parse(e.credential.ptr, e.credential.len, &c)) != 0)
		return r;
	if (is_exempted(q->addressing, &c))
		return 0;
	if (!credential_is_valid_at(&c, q->now_s)) {
		to->not_valid++;
		return 0;
	}
	if (!is_counting(q->circle, &c, directory->credentials[i].hash, q->now_s)) {
		to->newcomers++;
		return 0;
	}
	if (c.subject.reader.suite != q->circle->self->subject.reader.suite) {
		to->other_suite++;
		return 0;
	}
	if ((r = decide_person(&c, entry, q->label, &decision)) != 0 ||
		(r = count_person(w, to, &c, &decision)) != 0)
		return r;
	return add_reader(w, &c.subject.reader);
}

static bool
has_name(const struct directory *directory, struct rd name)
{
	size_t at = 0, found;

	return directory_find_desk(directory, name, &found) == 0 ||
		directory_next_reader(directory, name, &at, &found);
}

static int
take_address(struct work *w, struct recipient *to)
{
	const struct circle *circle = w->question->circle;
	const struct directory *directory;
	struct rd member, name;
	size_t entry = 0, at = 0, i;
	int r;

	if ((r = address_split(to->address, &member, &name)) != 0)
		return r;
	w->person_count = 0;
	if (roster_find(circle->roster, member, &entry) != 0) {
		to->known = RECIPIENT_NO_MEMBER;
		return nearest_member(circle->roster, to->address, to->near);
	}
	if ((directory = directory_of(circle, member)) == NULL) {
		to->known = RECIPIENT_NO_DIRECTORY;
		return 0;
	}
	if (!has_name(directory, name)) {
		to->known = RECIPIENT_NO_ADDRESS;
		return nearest_address(directory, to->address, to->near);
	}
	while (directory_next_reader(directory, name, &at, &i))
		if ((r = take_device(
			     w, to, &circle->roster->members[entry], directory, i)) != 0)
			return r;
	return 0;
}

/* Whoever sends can read it afterwards, on each own device; this one even without directory. */
static int
take_own(struct work *w)
{
	const struct circle *circle = w->question->circle;
	const struct subject *self = &circle->self->subject;
	const struct directory *directory = directory_of(circle, self->member);
	struct recipient own = {0};
	size_t entry = 0, at = 0, i;
	int r;

	w->person_count = 0;
	if ((r = add_reader(w, &self->reader)) != 0 || directory == NULL)
		return r;
	if ((r = roster_find(circle->roster, self->member, &entry)) != 0)
		return r;
	while (directory_next_reader(directory, self->officer, &at, &i))
		if ((r = take_device(w, &own, &circle->roster->members[entry], directory,
			     i)) != 0)
			return r;
	return 0;
}

static int
take_registry(struct work *w)
{
	const struct circle *circle = w->question->circle;
	const struct kem_public *registry;
	size_t entry = 0;
	int r;

	if ((r = roster_find(circle->roster, circle->self->subject.member, &entry)) != 0)
		return r;
	registry = &circle->roster->members[entry].registry;
	if (registry->len == 0 || registry->suite != circle->self->subject.reader.suite)
		return 0;
	return add_reader(w, registry);
}

static int
take_all(struct work *w)
{
	const struct addressing *a = w->question->addressing;
	int r;

	for (size_t i = 0; i < w->out->count; i++) {
		struct recipient *to = &w->out->list[i];

		to->address = a->addresses[i];
		to->is_action = i < a->action_count;
		if ((r = take_address(w, to)) != 0)
			return r;
	}
	if ((r = take_own(w)) != 0)
		return r;
	return take_registry(w);
}

int
recipients_new(
	const struct recipients_question *question, struct recipients **ret_recipients)
{
	const struct addressing *a = question->addressing;
	struct work w = {.question = question};
	struct recipients *out = NULL;
	int r;

	if ((r = mem_new(&out, sizeof *out)) != 0)
		return r;
	w.out = out;
	out->count = a->action_count + a->info_count;
	if ((r = mem_new_array(&out->list, out->count, sizeof *out->list)) != 0 ||
		(r = mem_new_array(&w.persons, PERSONS_MAX, sizeof *w.persons)) != 0 ||
		(r = take_all(&w)) != 0)
		goto out;
	*ret_recipients = out;
	out = NULL;
out:
	mem_free(w.persons);
	recipients_free(out);
	return r;
}

void
recipients_free(struct recipients *recipients)
{
	if (recipients == NULL)
		return;
	mem_free(recipients->list);
	mem_free(recipients->readers);
	mem_free(recipients);
}

/* One device for a GRANT: signed, valid, counting; the clearance is judged where it counts. */
static int
may_be_granted(const struct circle *circle, const struct entry *entry,
	const struct directory *directory, size_t i, uint64_t now_s)
{
	struct credential c;
	struct enrol e;
	int r;

	if ((r = directory_verify_credential(directory, i, entry)) != 0 ||
		(r = enrol_parse(directory->credentials[i].enrol.ptr,
			 directory->credentials[i].enrol.len, &e)) != 0 ||
		(r = credential_parse(e.credential.ptr, e.credential.len, &c)) != 0)
		return r;
	if (!credential_is_valid_at(&c, now_s) ||
		!is_counting(circle, &c, directory->credentials[i].hash, now_s))
		return FAIL_AGAIN;
	return 0;
}

int
recipients_devices(const struct circle *circle, struct rd address, uint64_t now_s,
	struct rd *ret_enrols, size_t max, size_t *ret_count)
{
	const struct directory *directory;
	struct rd member, name;
	size_t entry = 0, at = 0, count = 0, i;
	int r;

	if ((r = address_split(address, &member, &name)) != 0 ||
		(r = roster_find(circle->roster, member, &entry)) != 0)
		return r;
	if ((directory = directory_of(circle, member)) == NULL ||
		!has_name(directory, name))
		return FAIL_ABSENT;
	while (directory_next_reader(directory, name, &at, &i)) {
		r = may_be_granted(
			circle, &circle->roster->members[entry], directory, i, now_s);
		if (r == FAIL_AGAIN)
			continue;
		if (r != 0)
			return r;
		if (count == max)
			return FAIL_LIMIT;
		ret_enrols[count++] = directory->credentials[i].enrol;
	}
	*ret_count = count;
	return count > 0 ? 0 : FAIL_AGAIN;
}
