/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/addressing.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/core.h"
#include "member/address.h"

/*
 * As in core.c, one check serves reading and writing.  Duplicates are found by comparing each
 * with each: at most half a million short comparisons, and no allocation.
 */

static const char *const precedences[] = {"ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"};
static const char *const types[] = {
	"message", "operation", "exercise", "drill", "project"};

enum { PRECEDENCE_COUNT = 4, TYPE_COUNT = 5 };

const char *
precedence_text(uint8_t precedence)
{
	return precedence < PRECEDENCE_COUNT ? precedences[precedence] : NULL;
}

const char *
message_type_text(uint8_t type)
{
	return type < TYPE_COUNT ? types[type] : NULL;
}

static bool
is_word(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && strncasecmp(word, s, len) == 0;
}

int
precedence_parse(const char *s, size_t len, uint8_t *ret_precedence)
{
	static const char letters[] = "RPOZ"; /* the prosigns of ACP 127 */

	for (uint8_t i = 0; i < PRECEDENCE_COUNT; i++) {
		if (is_word(precedences[i], s, len) || (len == 1 && s[0] == letters[i])) {
			*ret_precedence = i;
			return 0;
		}
	}
	return FAIL_FORMAT;
}

int
message_type_parse(const char *s, size_t len, uint8_t *ret_type)
{
	for (uint8_t i = 0; i < TYPE_COUNT; i++) {
		if (is_word(types[i], s, len)) {
			*ret_type = i;
			return 0;
		}
	}
	return FAIL_FORMAT;
}

bool
addressing_is_address(const uint8_t *ptr, size_t len)
{
	struct rd member, name;

	return address_split(rd_of(ptr, len), &member, &name) == 0;
}

bool
addressing_is_sic(const uint8_t *ptr, size_t len)
{
	if (len < ADDRESSING_SIC_MIN || len > ADDRESSING_SIC_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!(ptr[i] >= 'A' && ptr[i] <= 'Z') &&
			!(ptr[i] >= '0' && ptr[i] <= '9'))
			return false;
	return true;
}

bool
addressing_is_flash(const struct addressing *a)
{
	return a->precedence_action == PRECEDENCE_FLASH ||
		a->precedence_info == PRECEDENCE_FLASH;
}

static size_t
address_count(const struct addressing *a)
{
	return a->action_count + a->info_count + a->exempted_count;
}

static bool
is_unique(const struct rd *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (list[i].len == list[k].len &&
				memcmp(list[i].ptr, list[k].ptr, list[i].len) == 0)
				return false;
	return true;
}

static bool
is_line(struct rd text, size_t max)
{
	return text.len <= max && (text.len == 0 || text_is_line(text.ptr, text.len));
}

static bool
is_title(struct rd title)
{
	size_t chars = 0;

	for (size_t i = 0; i < title.len; i++)
		chars += (title.ptr[i] & 0xc0) != 0x80;
	return chars <= ADDRESSING_TITLE_CHARS_MAX &&
		is_line(title, ADDRESSING_TITLE_MAX);
}

static bool
are_lists_good(const struct addressing *a)
{
	for (size_t i = 0; i < address_count(a); i++)
		if (!addressing_is_address(a->addresses[i].ptr, a->addresses[i].len))
			return false;
	for (size_t i = 0; i < a->sic_count; i++)
		if (!addressing_is_sic(a->sics[i].ptr, a->sics[i].len))
			return false;
	for (size_t i = 0; i < a->reference_count; i++) {
		struct rd id = a->references[i].document_id;
		struct rd text = a->references[i].text;

		if ((id.len != 0 && id.len != CORE_DOCUMENT_ID_LEN) ||
			id.len + text.len == 0 ||
			!is_line(text, ADDRESSING_REFERENCE_MAX))
			return false;
	}
	return is_unique(a->addresses, address_count(a)) &&
		is_unique(a->sics, a->sic_count);
}

static bool
are_counts_good(const struct addressing *a)
{
	size_t left = ADDRESSING_ADDRESSES_MAX;

	if (a->action_count > left || a->info_count > (left -= a->action_count) ||
		a->exempted_count > left - a->info_count)
		return false;
	return a->sic_count <= ADDRESSING_SICS_MAX &&
		a->reference_count <= ADDRESSING_REFERENCES_MAX;
}

static int
addressing_check(const struct addressing *a)
{
	if (a->type >= TYPE_COUNT || a->precedence_action >= PRECEDENCE_COUNT ||
		a->precedence_info >= PRECEDENCE_COUNT ||
		(a->type == MESSAGE_NORMAL && a->type_name.len != 0))
		return FAIL_FORMAT;
	if (!is_line(a->reference, ADDRESSING_REFERENCE_MAX) ||
		!is_line(a->type_name, ADDRESSING_TYPE_NAME_MAX) || !is_title(a->title))
		return FAIL_FORMAT;
	return are_counts_good(a) && are_lists_good(a) ? 0 : FAIL_FORMAT;
}

/* One list of addresses, appended to those that are there. */
static int
parse_addresses(struct rd *in, struct addressing *a, size_t *count)
{
	struct rd list;
	int r;

	if ((r = rd_vec24(in, 0, ADDRESSING_LEN_MAX, &list)) != 0)
		return r;
	while (list.len > 0) {
		size_t at = address_count(a);

		if (at == ADDRESSING_ADDRESSES_MAX ||
			rd_vec8(&list, 1, ADDRESSING_ADDRESS_MAX, &a->addresses[at]) != 0)
			return FAIL_FORMAT;
		(*count)++;
	}
	return 0;
}

static int
parse_sics(struct rd *in, struct addressing *a)
{
	struct rd list;
	int r;

	if ((r = rd_vec16(in, 0, UINT16_MAX, &list)) != 0)
		return r;
	while (list.len > 0) {
		if (a->sic_count == ADDRESSING_SICS_MAX ||
			rd_vec8(&list, 1, ADDRESSING_SIC_MAX, &a->sics[a->sic_count]) !=
				0)
			return FAIL_FORMAT;
		a->sic_count++;
	}
	return 0;
}

static int
parse_references(struct rd *in, struct addressing *a)
{
	struct rd list;
	int r;

	if ((r = rd_vec16(in, 0, UINT16_MAX, &list)) != 0)
		return r;
	while (list.len > 0) {
		struct addressing_reference *ref = &a->references[a->reference_count];

		if (a->reference_count == ADDRESSING_REFERENCES_MAX ||
			rd_vec8(&list, 0, CORE_DOCUMENT_ID_LEN, &ref->document_id) != 0 ||
			rd_vec8(&list, 0, ADDRESSING_REFERENCE_MAX, &ref->text) != 0)
			return FAIL_FORMAT;
		a->reference_count++;
	}
	return 0;
}

int
addressing_parse(struct rd in, struct addressing *ret_addressing)
{
	struct addressing *a = ret_addressing;
	int r;

	*a = (struct addressing){0};
	if ((r = rd_u64(&in, &a->dtg_s)) != 0 ||
		(r = rd_vec8(&in, 0, ADDRESSING_REFERENCE_MAX, &a->reference)) != 0 ||
		(r = rd_u8(&in, &a->type)) != 0 ||
		(r = rd_vec8(&in, 0, ADDRESSING_TYPE_NAME_MAX, &a->type_name)) != 0 ||
		(r = rd_u8(&in, &a->precedence_action)) != 0 ||
		(r = rd_u8(&in, &a->precedence_info)) != 0 ||
		(r = rd_u64(&in, &a->reply_by_s)) != 0 ||
		(r = parse_addresses(&in, a, &a->action_count)) != 0 ||
		(r = parse_addresses(&in, a, &a->info_count)) != 0 ||
		(r = parse_addresses(&in, a, &a->exempted_count)) != 0 ||
		(r = parse_sics(&in, a)) != 0 || (r = parse_references(&in, a)) != 0 ||
		(r = rd_vec16(&in, 0, ADDRESSING_TITLE_MAX, &a->title)) != 0 ||
		(r = rd_end(&in)) != 0)
		return r;
	return addressing_check(a);
}

static void
write_addresses(struct buf *out, const struct rd *list, size_t count)
{
	size_t mark = buf_vec_begin(out, 3);

	for (size_t i = 0; i < count; i++)
		buf_vec(out, 1, list[i].ptr, list[i].len);
	buf_vec_end(out, mark, 3);
}

static void
write_references(struct buf *out, const struct addressing *a)
{
	size_t mark = buf_vec_begin(out, 2);

	for (size_t i = 0; i < a->reference_count; i++) {
		const struct addressing_reference *ref = &a->references[i];

		buf_vec(out, 1, ref->document_id.ptr, ref->document_id.len);
		buf_vec(out, 1, ref->text.ptr, ref->text.len);
	}
	buf_vec_end(out, mark, 2);
}

int
addressing_write(const struct addressing *a, struct buf *out)
{
	size_t mark;
	int r;

	if ((r = addressing_check(a)) != 0)
		return r;
	buf_u64(out, a->dtg_s);
	buf_vec(out, 1, a->reference.ptr, a->reference.len);
	buf_u8(out, a->type);
	buf_vec(out, 1, a->type_name.ptr, a->type_name.len);
	buf_u8(out, a->precedence_action);
	buf_u8(out, a->precedence_info);
	buf_u64(out, a->reply_by_s);
	write_addresses(out, a->addresses, a->action_count);
	write_addresses(out, a->addresses + a->action_count, a->info_count);
	write_addresses(
		out, a->addresses + a->action_count + a->info_count, a->exempted_count);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < a->sic_count; i++)
		buf_vec(out, 1, a->sics[i].ptr, a->sics[i].len);
	buf_vec_end(out, mark, 2);
	write_references(out, a);
	buf_vec(out, 2, a->title.ptr, a->title.len);
	return buf_error(out);
}

int
addressing_hash(const uint8_t salt[ADDRESSING_SALT_LEN], const uint8_t *ptr, size_t len,
	uint8_t ret_hash[HASH_LEN])
{
	struct hash *h = NULL;
	int r;

	if ((r = hash_new(&h)) != 0)
		return r;
	hash_begin(h);
	hash_add(h, salt, ADDRESSING_SALT_LEN);
	hash_add(h, ptr, len);
	hash_end(h, ret_hash);
	hash_free(h);
	return 0;
}
