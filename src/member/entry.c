/* SPDX-License-Identifier: Apache-2.0 */
#include "member/entry.h"

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "member/field.h"

/*
 * One check serves reading and writing.  The names inside verifier keys follow from member,
 * domain and number, so they are compared when read and made when written.
 */

static const char *
role_word(bool is_security)
{
	return is_security ? "security" : "registrar";
}

/* A name of a key: member or domain, and what follows it. */
static void
print_name(
	char ret_name[NOTE_NAME_MAX + 1], struct rd owner, const char *rest, unsigned n)
{
	int len = snprintf(ret_name, NOTE_NAME_MAX + 1, "%.*s/%s", (int)owner.len,
		(const char *)owner.ptr, rest);

	CHECK(len > 0 && len <= NOTE_NAME_MAX);
	if (n == 0)
		return;
	int more = snprintf(ret_name + len, (size_t)(NOTE_NAME_MAX + 1 - len), "/%u", n);
	CHECK(more > 0 && len + more <= NOTE_NAME_MAX);
}

/* Is the name that prefix and a number of 1..99?  0 if not. */
static uint8_t
number_of(struct rd name, struct rd owner, const char *rest)
{
	char before[NOTE_NAME_MAX + 1];
	uint64_t n = 0;
	size_t len;

	print_name(before, owner, rest, 0);
	len = strlen(before);
	if (name.len <= len + 1 || memcmp(name.ptr, before, len) != 0 ||
		name.ptr[len] != '/')
		return 0;
	if (field_number(rd_of(name.ptr + len + 1, name.len - len - 1), ENTRY_NUMBER_MAX,
		    &n) != 0)
		return 0;
	return (uint8_t)n;
}

static int
check_ceilings(const struct entry *e)
{
	char before[LABEL_NAME_MAX + 1] = "";
	struct clearance *c = NULL;
	int r;

	for (size_t i = 0; i < e->ceiling_count; i++) {
		bool is_after;

		if ((r = clearances_line_parse(e->ceilings[i], &c)) != 0)
			return r;
		is_after = strcmp(c->policy, before) > 0;
		memcpy(before, c->policy, sizeof before);
		clearance_free(c);
		if (!is_after)
			return FAIL_FORMAT;
	}
	return 0;
}

size_t
entry_keys(const struct entry *entry, const uint8_t *ret_keys[ENTRY_KEYS_MAX])
{
	size_t count = 0;

	ret_keys[count++] = entry->tls;
	ret_keys[count++] = entry->log;
	ret_keys[count++] = entry->witness;
	ret_keys[count++] = entry->sign;
	for (size_t i = 0; i < entry->enrol_count; i++)
		ret_keys[count++] = entry->enrols[i].key;
	return count;
}

/* One key in two roles would let the thief of one role play the other. */
static int
check_keys(const struct entry *e)
{
	const uint8_t *keys[ENTRY_KEYS_MAX];
	size_t count = entry_keys(e, keys);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(keys[i], keys[k], SIGN_PUBLIC_LEN) == 0)
				return FAIL_FORMAT;
	return 0;
}

/* Two who enrol, one of them at least who may revoke and hold. */
static int
check_enrols(const struct entry *e)
{
	bool has_security = false;

	if (e->enrol_count < ENTRY_ENROL_MIN || e->enrol_count > ENTRY_ENROL_MAX)
		return FAIL_FORMAT;
	for (size_t i = 0; i < e->enrol_count; i++) {
		uint8_t before = i > 0 ? e->enrols[i - 1].number : 0;

		if (e->enrols[i].number <= before ||
			e->enrols[i].number > ENTRY_NUMBER_MAX)
			return FAIL_FORMAT;
		has_security = has_security || e->enrols[i].is_security;
	}
	return has_security ? 0 : FAIL_FORMAT;
}

static int
check(const struct entry *e)
{
	int r;

	if (!address_is_member(e->name) || !address_is_host(e->domain) ||
		!address_is_url(e->url))
		return FAIL_FORMAT;
	if (e->log_number < 1 || e->log_number > ENTRY_NUMBER_MAX)
		return FAIL_FORMAT;
	if (kem_public_len(e->audit.suite) != e->audit.len || e->audit.len == 0)
		return FAIL_SUITE;
	if (e->registry.len != 0 && kem_public_len(e->registry.suite) != e->registry.len)
		return FAIL_SUITE;
	if ((r = check_enrols(e)) != 0 || (r = check_ceilings(e)) != 0)
		return r;
	return check_keys(e);
}

static int
parse_place(struct rd *in, struct entry *e)
{
	struct rd value;
	int r;

	if ((r = field_take(in, "member", &e->name)) != 0 ||
		(r = field_take(in, "domain", &e->domain)) != 0 ||
		(r = field_take(in, "url", &e->url)) != 0)
		return r;
	/* Names of keys are built from these two; they must be good before that. */
	if (!address_is_member(e->name) || !address_is_host(e->domain))
		return FAIL_FORMAT;
	while (field_is_next(*in, "ceiling")) {
		if (e->ceiling_count == CLEARANCES_MAX)
			return FAIL_LIMIT;
		if ((r = field_take(in, "ceiling", &e->ceilings[e->ceiling_count])) != 0)
			return r;
		e->ceiling_count++;
	}
	if ((r = field_take(in, "first-directory", &value)) != 0)
		return r;
	if (address_compare(value, address_of("none")) == 0)
		return 0;
	e->has_first_directory = true;
	return field_hex(value, e->first_directory, HASH_LEN);
}

static int
parse_vkey(
	struct rd *in, const char *word, uint8_t type, struct rd *ret_name, uint8_t *key)
{
	struct rd value;
	int r;

	if ((r = field_take(in, word, &value)) != 0)
		return r;
	return field_vkey(value, type, ret_name, key);
}

static int
check_name(struct rd name, struct rd owner, const char *rest)
{
	char wanted[NOTE_NAME_MAX + 1];

	print_name(wanted, owner, rest, 0);
	return address_compare(name, address_of(wanted)) == 0 ? 0 : FAIL_FORMAT;
}

static int
parse_station_keys(struct rd *in, struct entry *e)
{
	struct rd value, name;
	int r;

	if ((r = field_take(in, "tls", &value)) != 0 ||
		(r = field_base64(value, e->tls, sizeof e->tls)) != 0 ||
		(r = parse_vkey(in, "log", NOTE_ED25519, &name, e->log)) != 0)
		return r;
	if ((e->log_number = number_of(name, e->domain, "openings")) == 0)
		return FAIL_FORMAT;
	if ((r = parse_vkey(in, "witness", NOTE_COSIGNATURE, &name, e->witness)) != 0 ||
		(r = check_name(name, e->domain, "witness")) != 0 ||
		(r = parse_vkey(in, "sign", NOTE_ED25519, &name, e->sign)) != 0)
		return r;
	return check_name(name, e->name, "sign");
}

static int
parse_enrols(struct rd *in, struct entry *e)
{
	struct rd name;
	int r;

	while (field_is_next(*in, role_word(false)) ||
		field_is_next(*in, role_word(true))) {
		struct entry_enrol *enrol = &e->enrols[e->enrol_count];

		if (e->enrol_count == ENTRY_ENROL_MAX)
			return FAIL_LIMIT;
		enrol->is_security = field_is_next(*in, role_word(true));
		if ((r = parse_vkey(in, role_word(enrol->is_security), NOTE_ED25519,
			     &name, enrol->key)) != 0)
			return r;
		if ((enrol->number = number_of(name, e->name, "enrol")) == 0)
			return FAIL_FORMAT;
		e->enrol_count++;
	}
	return 0;
}

int
entry_parse(struct rd *in, struct entry *ret_entry)
{
	struct entry e = {0};
	struct rd at = *in, value;
	int r;

	if ((r = parse_place(&at, &e)) != 0 || (r = parse_station_keys(&at, &e)) != 0 ||
		(r = parse_enrols(&at, &e)) != 0 ||
		(r = field_take(&at, "audit", &value)) != 0 ||
		(r = field_kem(value, &e.audit)) != 0)
		return r;
	if (field_is_next(at, "registry") &&
		((r = field_take(&at, "registry", &value)) != 0 ||
			(r = field_kem(value, &e.registry)) != 0))
		return r;
	if ((r = check(&e)) != 0)
		return r;
	*ret_entry = e;
	*in = at;
	return 0;
}

static int
write_vkeys(const struct entry *e, struct buf *out)
{
	char name[NOTE_NAME_MAX + 1];
	int r;

	print_name(name, e->domain, "openings", e->log_number);
	if ((r = field_put_vkey(out, "log", NOTE_ED25519, name, e->log)) != 0)
		return r;
	print_name(name, e->domain, "witness", 0);
	if ((r = field_put_vkey(out, "witness", NOTE_COSIGNATURE, name, e->witness)) != 0)
		return r;
	print_name(name, e->name, "sign", 0);
	if ((r = field_put_vkey(out, "sign", NOTE_ED25519, name, e->sign)) != 0)
		return r;
	for (size_t i = 0; i < e->enrol_count; i++) {
		print_name(name, e->name, "enrol", e->enrols[i].number);
		if ((r = field_put_vkey(out, role_word(e->enrols[i].is_security),
			     NOTE_ED25519, name, e->enrols[i].key)) != 0)
			return r;
	}
	return 0;
}

int
entry_write(const struct entry *entry, struct buf *out)
{
	int r;

	if ((r = check(entry)) != 0)
		return r;
	field_put(out, "member", entry->name);
	field_put(out, "domain", entry->domain);
	field_put(out, "url", entry->url);
	for (size_t i = 0; i < entry->ceiling_count; i++)
		field_put(out, "ceiling", entry->ceilings[i]);
	if (entry->has_first_directory)
		field_put_hex(out, "first-directory", entry->first_directory, HASH_LEN);
	else
		field_put(out, "first-directory", address_of("none"));
	field_put_base64(out, "tls", entry->tls, sizeof entry->tls);
	if ((r = write_vkeys(entry, out)) != 0)
		return r;
	field_put_kem(out, "audit", &entry->audit);
	if (entry->registry.len > 0)
		field_put_kem(out, "registry", &entry->registry);
	return buf_error(out);
}

int
entry_enrol_key(const struct entry *entry, size_t i, struct note_key *ret_key)
{
	char name[NOTE_NAME_MAX + 1];

	CHECK(i < entry->enrol_count);
	print_name(name, entry->name, "enrol", entry->enrols[i].number);
	return note_key_make(
		name, NOTE_ED25519, entry->enrols[i].key, SIGN_PUBLIC_LEN, ret_key);
}

const struct entry_enrol *
entry_enrol_find(const struct entry *entry, const uint8_t key[SIGN_PUBLIC_LEN])
{
	for (size_t i = 0; i < entry->enrol_count; i++)
		if (memcmp(entry->enrols[i].key, key, SIGN_PUBLIC_LEN) == 0)
			return &entry->enrols[i];
	return NULL;
}
