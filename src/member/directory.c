/* SPDX-License-Identifier: Apache-2.0 */
#include "member/directory.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "member/directory_check.h"
#include "member/enrol.h"
#include "member/field.h"

/*
 * Arrays are made once, for as many lines as the text has of each word; decoded ENROL objects
 * lie one after another in one block, which base64 cannot outgrow.
 */

static const char first_line[] = "valise/v1 directory";

int
directory_new(size_t desks, size_t officers, size_t credentials,
	struct directory **ret_directory)
{
	struct directory *d = NULL;
	int r;

	if (desks > DIRECTORY_DESKS_MAX || officers > DIRECTORY_OFFICERS_MAX ||
		credentials > DIRECTORY_CREDENTIALS_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new(&d, sizeof *d)) != 0)
		return r;
	if ((r = mem_new_array(&d->desks, desks, sizeof *d->desks)) != 0 ||
		(r = mem_new_array(&d->officers, officers, sizeof *d->officers)) != 0 ||
		(r = mem_new_array(
			 &d->credentials, credentials, sizeof *d->credentials)) != 0) {
		directory_free(d);
		return r;
	}
	*ret_directory = d;
	return 0;
}

void
directory_free(struct directory *directory)
{
	if (directory == NULL)
		return;
	mem_free(directory->desks);
	mem_free(directory->officers);
	mem_free(directory->credentials);
	mem_free(directory->blobs);
	mem_free(directory);
}

int
directory_credential_of(struct rd enrol, struct directory_credential *ret_credential)
{
	struct directory_credential out = {.enrol = enrol};
	struct credential c;
	struct enrol e;
	int r;

	if ((r = enrol_parse(enrol.ptr, enrol.len, &e)) != 0 ||
		(r = credential_parse(e.credential.ptr, e.credential.len, &c)) != 0)
		return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
	/* With one signature it is still between two officers, and nobody else's business. */
	if (e.signature_count != ENROL_SIGNERS)
		return FAIL_FORMAT;
	if (c.desks.count > 0) {
		struct rd last = c.desks.names[c.desks.count - 1];

		out.desks.ptr = c.desks.names[0].ptr - 1;
		out.desks.len = (size_t)(last.ptr + last.len - out.desks.ptr);
	}
	out.member = c.subject.member;
	out.officer = c.subject.officer;
	out.device = c.subject.device;
	out.kind = c.subject.kind;
	hash_sha256(e.credential.ptr, e.credential.len, out.hash);
	kem_id(&c.subject.reader, out.reader_id);
	*ret_credential = out;
	return 0;
}

static size_t
count_lines(struct rd text, const char *word)
{
	size_t count = 0;

	while (text.len > 0) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;

		count += field_is_next(text, word);
		text = rd_of(text.ptr + len, text.len - len);
	}
	return count;
}

static int
parse_custody(struct rd value, struct directory_custody *custody)
{
	struct rd suite = field_word(&value), from = field_word(&value),
		  wiped = field_word(&value);
	uint64_t number = 0;
	int r;

	if ((r = field_number(suite, UINT16_MAX, &number)) != 0 ||
		(r = time_parse_rfc3339(
			 (const char *)from.ptr, from.len, &custody->from_s)) != 0 ||
		(r = time_parse_rfc3339(
			 (const char *)wiped.ptr, wiped.len, &custody->wiped_s)) != 0)
		return r;
	custody->key.suite = (uint16_t)number;
	custody->key.len = (uint16_t)kem_public_len(custody->key.suite);
	if (custody->key.len == 0)
		return FAIL_SUITE;
	return field_base64(value, custody->key.bytes, custody->key.len);
}

static int
parse_head(struct rd *in, struct directory *d)
{
	uint64_t number = 0;
	struct rd value;
	int r;

	if ((r = field_expect(in, first_line)) != 0 ||
		(r = field_take(in, "member", &d->member)) != 0 ||
		(r = field_take(in, "number", &value)) != 0 ||
		(r = field_number(value, UINT32_MAX, &number)) != 0)
		return r;
	d->number = (uint32_t)number;
	while (field_is_next(*in, "custody")) {
		if (d->custody_count == DIRECTORY_CUSTODY_MAX)
			return FAIL_LIMIT;
		if ((r = field_take(in, "custody", &value)) != 0 ||
			(r = parse_custody(value, &d->custody[d->custody_count])) != 0)
			return r;
		d->custody_count++;
	}
	return 0;
}

static int
parse_desks(struct rd *in, struct directory *d)
{
	int r;

	while (field_is_next(*in, "desk")) {
		struct directory_desk *desk = &d->desks[d->desk_count++];

		desk->officer_first = d->officer_count;
		if ((r = field_take(in, "desk", &desk->name)) != 0)
			return r;
		if (field_is_next(*in, "hours") &&
			(r = field_take(in, "hours", &desk->hours)) != 0)
			return r;
		while (field_is_next(*in, "officer")) {
			if ((r = field_take(
				     in, "officer", &d->officers[d->officer_count])) != 0)
				return r;
			d->officer_count++;
			desk->officer_count++;
		}
	}
	return 0;
}

static int
parse_credentials(struct rd *in, struct directory *d, size_t blobs_len)
{
	uint8_t *at = d->blobs;
	struct rd value;
	int r;

	while (in->len > 0) {
		size_t room = blobs_len - (size_t)(at - d->blobs), len = 0;

		if ((r = field_take(in, "credential", &value)) != 0)
			return r;
		/* Names before it are for people; the spelling is compared at the end. */
		(void)field_word(&value);
		(void)field_word(&value);
		if ((r = text_unbase64(
			     (const char *)value.ptr, value.len, at, room, &len)) != 0 ||
			(r = directory_credential_of(rd_of(at, len),
				 &d->credentials[d->credential_count])) != 0)
			return r;
		d->credential_count++;
		at += len;
	}
	return 0;
}

static int
check_spelling(const struct directory *d, struct rd text)
{
	struct buf again;
	int r;

	buf_init(&again, DIRECTORY_TEXT_MAX);
	if ((r = directory_write(d, &again)) == 0 &&
		address_compare(rd_of(again.data, again.len), text) != 0)
		r = FAIL_FORMAT;
	buf_done(&again);
	return r;
}

int
directory_parse(struct rd text, struct directory **ret_directory)
{
	struct directory *d = NULL;
	struct rd in = text;
	int r;

	if (text.len > DIRECTORY_TEXT_MAX)
		return FAIL_LIMIT;
	if ((r = directory_new(count_lines(text, "desk"), count_lines(text, "officer"),
		     count_lines(text, "credential"), &d)) != 0)
		return r;
	d->text = text;
	if ((r = mem_new(&d->blobs, text.len)) != 0 || (r = parse_head(&in, d)) != 0 ||
		(r = parse_desks(&in, d)) != 0 ||
		(r = parse_credentials(&in, d, text.len)) != 0 ||
		(r = check_spelling(d, text)) != 0)
		goto out;

	*ret_directory = d;
	d = NULL;
out:
	directory_free(d);
	return r;
}

static int
write_custody(const struct directory_custody *custody, struct buf *out)
{
	char from[TIME_TEXT_MAX], wiped[TIME_TEXT_MAX];
	char base64[(KEM_PUBLIC_MAX + 2) / 3 * 4 + 1];
	int r;

	if (custody->key.len == 0 ||
		custody->key.len != kem_public_len(custody->key.suite))
		return FAIL_SUITE;
	if ((r = time_rfc3339(custody->from_s, from)) != 0 ||
		(r = time_rfc3339(custody->wiped_s, wiped)) != 0)
		return r;
	text_base64(custody->key.bytes, custody->key.len, base64);
	buf_printf(out, "custody %u %s %s %s\n", (unsigned)custody->key.suite, from,
		wiped, base64);
	return 0;
}

static int
write_credential(const struct directory_credential *c, struct buf *out)
{
	char base64[(ENROL_BYTES_MAX + 2) / 3 * 4 + 1];

	if (c->enrol.len > ENROL_BYTES_MAX)
		return FAIL_LIMIT;
	text_base64(c->enrol.ptr, c->enrol.len, base64);
	buf_printf(out, "credential %.*s %.*s %s\n", (int)c->officer.len,
		(const char *)c->officer.ptr, (int)c->device.len,
		(const char *)c->device.ptr, base64);
	return 0;
}

static void
write_desk(const struct directory *d, const struct directory_desk *desk, struct buf *out)
{
	field_put(out, "desk", desk->name);
	if (desk->hours.len > 0)
		field_put(out, "hours", desk->hours);
	for (size_t i = 0; i < desk->officer_count; i++)
		field_put(out, "officer", d->officers[desk->officer_first + i]);
}

int
directory_write(const struct directory *directory, struct buf *out)
{
	int r;

	if ((r = directory_check(directory)) != 0)
		return r;
	buf_printf(out, "%s\n", first_line);
	field_put(out, "member", directory->member);
	buf_printf(out, "number %" PRIu32 "\n", directory->number);
	for (size_t i = 0; i < directory->custody_count; i++)
		if ((r = write_custody(&directory->custody[i], out)) != 0)
			return r;
	for (size_t i = 0; i < directory->desk_count; i++)
		write_desk(directory, &directory->desks[i], out);
	for (size_t i = 0; i < directory->credential_count; i++)
		if ((r = write_credential(&directory->credentials[i], out)) != 0)
			return r;
	return buf_error(out);
}
