/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/store_people.h"

/* Lookups, for the whole of the store role. */

const struct roster *
store_roster(const struct store *s)
{
	return s->people->newest.roster;
}

/* A request made under the roster that was the newest a moment ago is no worse for it. */
const struct roster *
store_roster_of(struct store *s, const uint8_t hash[HASH_LEN], uint64_t now_ms)
{
	const struct people *p = s->people;

	if (p->newest.roster != NULL && memcmp(p->newest.hash, hash, HASH_LEN) == 0)
		return p->newest.roster;
	if (p->previous.roster != NULL && memcmp(p->previous.hash, hash, HASH_LEN) == 0 &&
		now_ms / 1000 < p->newest.kept_s + PEOPLE_PREVIOUS_S)
		return p->previous.roster;
	return NULL;
}

struct people_member *
people_member_of(const struct store *s, struct rd name)
{
	const struct people *p = s->people;

	for (size_t i = 0; i < p->member_count; i++)
		if (address_compare(address_of(p->members[i].name), name) == 0)
			return &p->members[i];
	return NULL;
}

const struct directory *
store_directory(const struct store *s, struct rd member)
{
	const struct people_member *m = people_member_of(s, member);

	return m != NULL ? m->directory : NULL;
}

/* Credentials. */

static struct people_person **
bucket_of(struct people *p, const uint8_t hash[HASH_LEN])
{
	return &p->persons[((size_t)hash[0] << 8 | hash[1]) % PEOPLE_BUCKETS];
}

static struct people_person *
find_person(struct people *p, const uint8_t hash[HASH_LEN])
{
	struct people_person *person = *bucket_of(p, hash);

	while (person != NULL && memcmp(person->c.hash, hash, HASH_LEN) != 0)
		person = person->next;
	return person;
}

void
people_persons_free(struct people *p)
{
	for (size_t i = 0; i < PEOPLE_BUCKETS; i++)
		while (p->persons[i] != NULL) {
			struct people_person *person = p->persons[i];

			p->persons[i] = person->next;
			mem_free(person);
		}
	mem_free(p->judged.hashes);
	p->judged = (struct people_judged){0};
}

bool
people_is_revoked(const struct store *s, const struct store_credential *c)
{
	const struct people_order *o;

	for (o = s->people->orders; o != NULL; o = o->next)
		if (o->order.type == ORDER_REVOKE &&
			counts_concerns(&o->order, &c->credential, c->hash))
			return true;
	return false;
}

static bool
is_in_first(const struct store *s, const struct store_credential *c)
{
	const struct people_member *m = people_member_of(s, c->credential.subject.member);
	size_t at;

	return m != NULL && m->first != NULL &&
		directory_find_hash(m->first, c->hash, &at) == 0;
}

int
people_person_add(struct store *s, struct rd enrol, uint64_t since_s,
	struct people_person **ret_person)
{
	struct people_person *person = NULL, **bucket;
	struct store_credential *c;
	struct enrol e;
	int r;

	if ((r = mem_new(&person, sizeof *person + enrol.len)) != 0)
		return r;
	memcpy(person->bytes, enrol.ptr, enrol.len);
	c = &person->c;
	c->enrol = rd_of(person->bytes, enrol.len);
	c->since_s = since_s;
	if ((r = enrol_parse(c->enrol.ptr, c->enrol.len, &e)) != 0 ||
		(r = credential_parse(
			 e.credential.ptr, e.credential.len, &c->credential)) != 0) {
		mem_free(person);
		return r;
	}
	hash_sha256(e.credential.ptr, e.credential.len, c->hash);
	c->is_revoked = people_is_revoked(s, c);
	c->is_first = is_in_first(s, c);
	bucket = bucket_of(s->people, c->hash);
	person->next = *bucket;
	*bucket = person;
	*ret_person = person;
	return 0;
}

int
store_credential_find(struct store *s, const uint8_t hash[HASH_LEN],
	const struct store_credential **ret_credential)
{
	struct people_person *person = find_person(s->people, hash);
	uint64_t since_s = 0;
	struct buf enrol;
	int r = 0;

	if (person == NULL) {
		buf_init(&enrol, ENROL_BYTES_MAX);
		r = people_get_credential(s->plan.db, hash, &enrol, &since_s);
		if (r == 0)
			r = people_person_add(
				s, rd_of(enrol.data, enrol.len), since_s, &person);
		buf_done(&enrol);
	}
	if (r == 0)
		*ret_credential = &person->c;
	return r;
}

int
people_verify_enrol(struct store *s, const struct enrol *enrol)
{
	const struct counts_kept old_enough = {.is_first = true};
	const struct roster *judge = people_judge(s);
	uint64_t from_s = 0;
	int r = FAIL_ABSENT;

	if (judge == NULL)
		return store_because(s, FAIL_AGAIN,
			"this member has no enrolment "
			"officers yet");
	if ((r = counts_enrol(judge, enrol, &old_enough, 0, &from_s)) == FAIL_SIGNER)
		(void)store_because(
			s, r, "a signature under the enrolment is by no officer who may");
	else if (r == FAIL_SIGNATURE)
		(void)store_because(s, r, "a signature under the enrolment is false");
	return r;
}

/* Its place, or the free one where it belongs. */
static uint8_t *
judged_find(const struct people_judged *j, const uint8_t hash[HASH_LEN])
{
	static const uint8_t none[HASH_LEN];
	size_t i = ((size_t)hash[0] << 16 | (size_t)hash[1] << 8 | hash[2]);

	for (i &= j->places - 1;; i = (i + 1) & (j->places - 1))
		if (memcmp(j->hashes[i], none, HASH_LEN) == 0 ||
			memcmp(j->hashes[i], hash, HASH_LEN) == 0)
			return j->hashes[i];
}

/* A free place for it; half of them stay free. */
static int
judged_add(struct people_judged *j, const uint8_t hash[HASH_LEN])
{
	struct people_judged more = {
		.places = j->places == 0 ? 64 : 2 * j->places, .count = j->count};
	int r;

	if (2 * j->count >= j->places) {
		if ((r = mem_new_array(&more.hashes, more.places, sizeof *more.hashes)) !=
			0)
			return r;
		for (size_t i = 0; i < j->places; i++)
			memcpy(judged_find(&more, j->hashes[i]), j->hashes[i], HASH_LEN);
		mem_free(j->hashes);
		*j = more;
	}
	memcpy(judged_find(j, hash), hash, HASH_LEN);
	j->count++;
	return 0;
}

int
people_verify_once(struct store *s, struct rd bytes, const struct enrol *enrol)
{
	struct people_judged *j = &s->people->judged;
	uint8_t hash[HASH_LEN];
	int r;

	hash_sha256(bytes.ptr, bytes.len, hash);
	if (j->places > 0 && memcmp(judged_find(j, hash), hash, HASH_LEN) == 0)
		return 0;
	if ((r = people_verify_enrol(s, enrol)) != 0)
		return r;
	return judged_add(j, hash);
}

static int
learn(struct store *s, struct rd bytes, uint64_t now_ms, const struct enrol *enrol,
	struct people_person **ret_person)
{
	struct people_credential row = {.enrol = bytes, .first_kept_s = now_ms / 1000};
	struct people_person *person = NULL;
	int r;

	if ((r = people_verify_enrol(s, enrol)) == FAIL_ABSENT)
		r = store_because(s, FAIL_SIGNER,
			"an enrolment by no member of the roster, or with one signature");
	if (r != 0)
		return r;
	people_touch(s);
	if ((r = people_person_add(s, bytes, row.first_kept_s, &person)) != 0)
		return r;
	memcpy(row.hash, person->c.hash, HASH_LEN);
	row.member = person->c.credential.subject.member;
	row.officer = person->c.credential.subject.officer;
	row.device = person->c.credential.subject.device;
	if ((r = people_put_credential(s->plan.db, &row)) == 0)
		*ret_person = person;
	return r;
}

int
store_credential_learn(struct store *s, struct rd enrol, uint64_t now_ms,
	const struct store_credential **ret_credential)
{
	struct people_person *person = NULL;
	uint8_t hash[HASH_LEN];
	struct enrol e;
	int r;

	if ((r = enrol_parse(enrol.ptr, enrol.len, &e)) != 0)
		return r;
	hash_sha256(e.credential.ptr, e.credential.len, hash);
	if ((r = store_credential_find(s, hash, ret_credential)) != FAIL_ABSENT)
		return r;
	if ((r = learn(s, enrol, now_ms, &e, &person)) == 0)
		*ret_credential = &person->c;
	return r;
}

void
store_credential_proof(const struct store_credential *credential, struct buf *out)
{
	const struct vault_enrol proof = {.enrol = credential->enrol,
		.since_s = credential->since_s,
		.is_first = credential->is_first};

	codec_write(&vault_enrol_codec, &proof, out);
}

/* Holds. */

/*
 * Orders travel on different ways: a LIFT may come before the HOLD that it ends.  Later is
 * what was signed later; of two in one second, what came later.
 */
static bool
is_lifted(const struct people_order *first, const struct people_order *hold)
{
	const struct order *h = &hold->order;
	const struct people_order *o;
	bool is_behind = false;

	for (o = first; o != NULL; o = o->next) {
		const struct order *lift = &o->order;

		is_behind = is_behind || o == hold;
		if (lift->type == ORDER_LIFT && lift->at_s + is_behind > h->at_s &&
			address_compare(lift->member, h->member) == 0 &&
			address_compare(lift->target, h->target) == 0)
			return true;
	}
	return false;
}

bool
store_is_held(
	struct store *s, struct rd originator, const struct store_credential *credential)
{
	const struct people_order *o;

	for (o = s->people->orders; o != NULL; o = o->next)
		if (o->order.type == ORDER_HOLD &&
			address_compare(o->order.member, originator) == 0 &&
			counts_concerns(
				&o->order, &credential->credential, credential->hash) &&
			!is_lifted(s->people->orders, o))
			return true;
	return false;
}
