/* SPDX-License-Identifier: Apache-2.0 */
#include "member/directory_check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "member/enrol.h"

/*
 * What holds within one directory, and the lookups that rest on it.  Credentials are sorted by
 * officer, so that the checks of thousands of desk lines stay short.
 */

static int
compare(const struct directory_credential *a, const struct directory_credential *b)
{
	int order = address_compare(a->officer, b->officer);

	if (order == 0)
		order = address_compare(a->device, b->device);
	return order != 0 ? order : memcmp(a->hash, b->hash, sizeof a->hash);
}

static int
check_custody(const struct directory *d)
{
	if (d->custody_count < 1 || d->custody_count > DIRECTORY_CUSTODY_MAX)
		return FAIL_FORMAT;
	for (size_t i = 0; i < d->custody_count; i++) {
		const struct directory_custody *custody = &d->custody[i];

		if (custody->from_s >= custody->wiped_s || custody->wiped_s > TIME_S_MAX)
			return FAIL_FORMAT;
		if (i > 0 && custody->from_s <= custody[-1].from_s)
			return FAIL_FORMAT;
		if (i > 0 &&
			memcmp(custody->key.bytes, custody[-1].key.bytes,
				custody->key.len) == 0)
			return FAIL_FORMAT;
	}
	return 0;
}

/* The first credential of an officer, or where it would be. */
static size_t
first_of(const struct directory *d, struct rd officer)
{
	size_t low = 0, high = d->credential_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_compare(d->credentials[middle].officer, officer) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does a credential say that its holder is on that desk?  Nothing is allocated: want of memory
 * must not leave a reader out unseen. */
static bool
is_granted(const struct directory_credential *c, struct rd desk)
{
	struct rd list = c->desks, name;

	while (list.len > 0 && rd_vec8(&list, 1, ADDRESS_NAME_MAX, &name) == 0)
		if (address_compare(name, desk) == 0)
			return true;
	return false;
}

/* A station alone puts nobody on a desk. */
static int
check_officer(const struct directory *d, struct rd officer, struct rd desk)
{
	for (size_t i = first_of(d, officer); i < d->credential_count; i++) {
		if (address_compare(d->credentials[i].officer, officer) != 0)
			break;
		if (is_granted(&d->credentials[i], desk))
			return 0;
	}
	return FAIL_FORMAT;
}

static int
check_desk(const struct directory *d, const struct directory_desk *desk)
{
	const struct rd *officers = d->officers + desk->officer_first;
	int r;

	if (!address_is_name(desk->name) || desk->hours.len > DIRECTORY_HOURS_MAX)
		return FAIL_FORMAT;
	if (desk->hours.len > 0 && !text_is_line(desk->hours.ptr, desk->hours.len))
		return FAIL_FORMAT;
	for (size_t i = 0; i < desk->officer_count; i++) {
		if (!address_is_name(officers[i]))
			return FAIL_FORMAT;
		if (i > 0 && address_compare(officers[i - 1], officers[i]) >= 0)
			return FAIL_FORMAT;
		if ((r = check_officer(d, officers[i], desk->name)) != 0)
			return r;
	}
	return 0;
}

static int
check_credential(const struct directory *d, size_t i)
{
	const struct directory_credential *c = &d->credentials[i];
	size_t desk;

	if (i > 0 && compare(&c[-1], c) >= 0)
		return FAIL_FORMAT;
	if (address_compare(c->member, d->member) != 0)
		return FAIL_FORMAT;
	/* One address must not mean a desk to one reader and an officer to another. */
	return directory_find_desk(d, c->officer, &desk) == FAIL_ABSENT ? 0 : FAIL_FORMAT;
}

int
directory_check(const struct directory *directory)
{
	const struct directory *d = directory;
	int r;

	if (!address_is_member(d->member) || d->number < 1)
		return FAIL_FORMAT;
	if ((r = check_custody(d)) != 0)
		return r;
	for (size_t i = 1; i < d->desk_count; i++)
		if (address_compare(d->desks[i - 1].name, d->desks[i].name) >= 0)
			return FAIL_FORMAT;
	for (size_t i = 0; i < d->credential_count; i++)
		if ((r = check_credential(d, i)) != 0)
			return r;
	for (size_t i = 0; i < d->desk_count; i++)
		if ((r = check_desk(d, &d->desks[i])) != 0)
			return r;
	return 0;
}

int
directory_verify(const struct directory *directory, const struct note *note,
	const struct entry *entry)
{
	char name[NOTE_NAME_MAX + 1];
	struct note_key key;
	bool is_signer;
	int r;

	if (address_compare(directory->member, entry->name) != 0)
		return FAIL_MISMATCH;
	(void)snprintf(name, sizeof name, "%.*s/sign", (int)entry->name.len,
		(const char *)entry->name.ptr);
	if ((r = note_key_make(
		     name, NOTE_ED25519, entry->sign, sizeof entry->sign, &key)) != 0)
		return r;
	return note_verify(note, &key, 1, &is_signer);
}

int
directory_verify_credential(
	const struct directory *directory, size_t i, const struct entry *entry)
{
	uint8_t keys[ENTRY_ENROL_MAX][SIGN_PUBLIC_LEN];
	struct enrol e;
	int r;

	CHECK(i < directory->credential_count);
	if (address_compare(directory->member, entry->name) != 0)
		return FAIL_MISMATCH;
	for (size_t k = 0; k < entry->enrol_count; k++)
		memcpy(keys[k], entry->enrols[k].key, sizeof keys[k]);
	if ((r = enrol_parse(directory->credentials[i].enrol.ptr,
		     directory->credentials[i].enrol.len, &e)) != 0)
		return r;
	return enrol_verify(
		&e, (const uint8_t(*)[SIGN_PUBLIC_LEN])keys, entry->enrol_count);
}

int
directory_find_hash(const struct directory *directory, const uint8_t hash[HASH_LEN],
	size_t *ret_credential)
{
	for (size_t i = 0; i < directory->credential_count; i++)
		if (memcmp(directory->credentials[i].hash, hash, HASH_LEN) == 0) {
			*ret_credential = i;
			return 0;
		}
	return FAIL_ABSENT;
}

int
directory_find_reader(const struct directory *directory,
	const uint8_t reader_id[KEM_ID_LEN], size_t *ret_credential)
{
	for (size_t i = 0; i < directory->credential_count; i++)
		if (memcmp(directory->credentials[i].reader_id, reader_id, KEM_ID_LEN) ==
			0) {
			*ret_credential = i;
			return 0;
		}
	return FAIL_ABSENT;
}

int
directory_find_desk(const struct directory *directory, struct rd name, size_t *ret_desk)
{
	size_t low = 0, high = directory->desk_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = address_compare(directory->desks[middle].name, name);

		if (order == 0) {
			*ret_desk = middle;
			return 0;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return FAIL_ABSENT;
}

/* On the desk by its lines, and by the credential itself. */
static bool
is_on_desk(const struct directory *d, const struct directory_desk *desk,
	const struct directory_credential *c)
{
	for (size_t i = 0; i < desk->officer_count; i++)
		if (address_compare(d->officers[desk->officer_first + i], c->officer) ==
			0)
			return is_granted(c, desk->name);
	return false;
}

bool
directory_next_reader(const struct directory *directory, struct rd name, size_t *at,
	size_t *ret_credential)
{
	size_t desk = 0;
	bool has_desk = directory_find_desk(directory, name, &desk) == 0;

	for (; *at < directory->credential_count; ++*at) {
		const struct directory_credential *c = &directory->credentials[*at];
		bool is_meant = has_desk
			? is_on_desk(directory, &directory->desks[desk], c)
			: address_compare(c->officer, name) == 0;

		if (is_meant && c->kind != SUBJECT_INDEX_HOST) {
			*ret_credential = (*at)++;
			return true;
		}
	}
	return false;
}

int
directory_custody_at(const struct directory *directory, uint64_t now_s,
	const struct directory_custody **ret_custody)
{
	for (size_t i = directory->custody_count; i > 0; i--) {
		const struct directory_custody *custody = &directory->custody[i - 1];

		if (custody->from_s <= now_s && now_s < custody->wiped_s) {
			*ret_custody = custody;
			return 0;
		}
	}
	return FAIL_ABSENT;
}
