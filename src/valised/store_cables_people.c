/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "valised/store_cables_impl.h"

/*
 * Addressees, and who may have a document.  An officer is addressed by his own name, and by
 * each desk that both his credential grants and the newest directory puts him on: the station
 * alone can put nobody on a desk, and a credential alone does not outlast a change of shift.
 */

static bool
is_on_desk(const struct directory *directory, struct rd desk, struct rd officer)
{
	const struct directory_desk *d;
	size_t at;

	if (directory_find_desk(directory, desk, &at) != 0)
		return false;
	d = &directory->desks[at];
	for (size_t i = 0; i < d->officer_count; i++)
		if (cables_same(directory->officers[d->officer_first + i], officer))
			return true;
	return false;
}

void
store_names_of(struct store *s, const struct store_credential *officer,
	struct store_names *ret_names)
{
	const struct credential *credential = &officer->credential;
	const struct directory *directory =
		store_directory(s, credential->subject.member);
	struct store_names names = {.count = 1};

	names.names[0] = credential->subject.officer;
	for (size_t i = 0; directory != NULL && i < credential->desks.count; i++)
		if (is_on_desk(directory, credential->desks.names[i],
			    credential->subject.officer))
			names.names[names.count++] = credential->desks.names[i];
	*ret_names = names;
}

/* "PT/duty" and its lookup. */
static int
lookup_of_name(
	struct store *s, struct rd member, struct rd name, uint8_t ret_lookup[HASH_LEN])
{
	struct buf text;
	int r;

	buf_init(&text, ADDRESS_MAX);
	buf_bytes(&text, member.ptr, member.len);
	buf_u8(&text, '/');
	buf_bytes(&text, name.ptr, name.len);
	if ((r = buf_error(&text)) == 0)
		r = store_rows_lookup(s, rd_of(text.data, text.len), ret_lookup);
	buf_done(&text);
	return r;
}

/* By one of his names; a refused addressee is none. */
static int
is_addressed(struct store *s, const struct store_credential *officer,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], bool *ret_is)
{
	uint8_t lookup[HASH_LEN];
	const struct deliveries_key key = {document_id, lookup};
	struct deliveries_row row;
	struct store_names names;
	int r;

	store_names_of(s, officer, &names);
	for (size_t i = 0; i < names.count; i++) {
		r = lookup_of_name(
			s, officer->credential.subject.member, names.names[i], lookup);
		if (r == 0)
			r = deliveries_get(store_db(s), &key, &row);
		if (r != 0 && r != FAIL_ABSENT)
			return r;
		if (r == 0 && row.state >= DELIVERY_DELIVERED &&
			row.state != DELIVERY_REFUSED) {
			*ret_is = true;
			return 0;
		}
	}
	*ret_is = false;
	return 0;
}

static int
is_author(struct store *s, const struct store_credential *officer,
	const struct documents_found *found, bool *ret_is)
{
	uint8_t lookup[HASH_LEN];
	int r;

	r = lookup_of_name(s, officer->credential.subject.member,
		officer->credential.subject.officer, lookup);
	if (r == 0)
		*ret_is = found->is_ours && memcmp(lookup, found->author, HASH_LEN) == 0;
	return r;
}

int
store_document_may_read(struct store *s, const struct store_credential *officer,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN])
{
	struct documents_found found;
	struct buf grant;
	bool is = false;
	int r;

	if ((r = documents_get(store_db(s), document_id, NULL, &found)) != 0 ||
		(r = is_author(s, officer, &found, &is)) != 0 || is ||
		(r = is_addressed(s, officer, document_id, &is)) != 0 || is)
		return r;
	buf_init(&grant, UINT16_MAX);
	r = objects_get_grant(store_db(s), document_id, officer->hash, &grant);
	buf_done(&grant);
	return r;
}

/* Do two officers of ours share a desk today?  Known by the credentials in the directory. */
static bool
share_desk(struct store *s, const struct store_credential *officer, struct rd author)
{
	const struct directory *directory =
		store_directory(s, officer->credential.subject.member);
	struct store_names names;

	store_names_of(s, officer, &names);
	for (size_t i = 1; directory != NULL && i < names.count; i++)
		if (is_on_desk(directory, names.names[i], author))
			return true;
	return false;
}

int
store_document_may_act(struct store *s, const struct store_credential *officer,
	const struct store_document *document)
{
	struct credential author;
	struct trailer trailer;
	bool is = false;
	int r;

	if (!document->found.is_ours)
		return FAIL_REFUSED;
	if ((r = is_author(s, officer, &document->found, &is)) != 0 || is)
		return r;
	if ((r = trailer_parse(document->trailer, &trailer)) != 0 ||
		(r = credential_parse(trailer.signers[0].identity.ptr,
			 trailer.signers[0].identity.len, &author)) != 0)
		return r;
	return share_desk(s, officer, author.subject.officer) ? 0 : FAIL_REFUSED;
}

/* Addressees. */

struct load {
	struct store *s;
	const uint8_t *document_id;
	struct store_addressees *to;
	size_t room;
};

static void
point(struct store_addressee *a, size_t len)
{
	a->address = rd_of(a->text, len);
	if (address_split(a->address, &a->member, &a->name) != 0)
		a->member = a->name = rd_of(NULL, 0);
}

static int
take_addressee(
	void *ctx, const uint8_t lookup[HASH_LEN], const struct deliveries_row *row)
{
	struct load *load = ctx;
	const struct store_rows_place place = {cables_column_address, load->document_id};
	struct store_addressees *to = load->to;
	struct store_addressee *a;
	struct buf text;
	int r;

	(void)lookup;
	if (to->count == load->room) {
		const size_t room = load->room == 0 ? 8 : 2 * load->room;

		r = mem_grow(&to->items, load->room * sizeof *a, room * sizeof *a);
		if (r != 0)
			return r;
		load->room = room;
	}
	a = &to->items[to->count];
	buf_init(&text, ADDRESS_MAX);
	if ((r = store_rows_open(load->s, &place, row->sealed, &text)) != 0)
		goto out;
	memcpy(a->text, text.data, text.len);
	a->address.len = text.len;
	a->role = row->role;
	a->precedence = row->precedence;
	a->state = row->state;
	a->due_s = row->due_s;
	a->changed_s = row->changed_s;
	to->count++;
out:
	buf_done(&text);
	return r;
}

int
store_addressees_load(struct store *s, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct store_addressees *ret_addressees)
{
	struct store_addressees all = {0};
	struct load load = {.s = s, .document_id = document_id, .to = &all};
	int r;

	r = deliveries_each(store_db(s), document_id, take_addressee, &load);
	if (r != 0) {
		store_addressees_done(&all);
		return r;
	}
	/* Only now: growing has moved them. */
	for (size_t i = 0; i < all.count; i++)
		point(&all.items[i], all.items[i].address.len);
	*ret_addressees = all;
	return 0;
}

void
store_addressees_done(struct store_addressees *addressees)
{
	mem_free(addressees->items);
	*addressees = (struct store_addressees){0};
}

/* The first of ours to whom it is delivered: somebody is told that a cable has come. */
static int
notify_once(struct store *s, const struct documents_found *found,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], uint8_t precedence)
{
	struct store_addressees all = {0};
	size_t count = 0;
	int r;

	if ((r = store_addressees_load(s, document_id, &all)) != 0)
		return r;
	for (size_t i = 0; i < all.count; i++)
		if (cables_is_us(s, all.items[i].member) &&
			all.items[i].state >= DELIVERY_DELIVERED &&
			all.items[i].state != DELIVERY_REFUSED)
			count++;
	store_addressees_done(&all);
	return count == 1 ? store_notify(s, precedence, found->number) : 0;
}

int
store_addressee_move(struct store *s, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct rd address, enum delivery to, uint64_t now_ms)
{
	uint8_t lookup[HASH_LEN];
	const struct deliveries_key key = {document_id, lookup};
	struct deliveries_step step = {.to = to, .now_s = now_ms / 1000};
	struct documents_found found;
	struct deliveries_row row;
	struct rd member, name;
	int r;

	if ((r = store_rows_lookup(s, address, lookup)) != 0 ||
		(r = address_split(address, &member, &name)) != 0 ||
		(r = documents_get(store_db(s), document_id, NULL, &found)) != 0 ||
		(r = deliveries_get(store_db(s), &key, &row)) != 0)
		return r;
	/* The originator's clock runs from "kept" until it is read. */
	if (found.is_ours && (to == DELIVERY_KEPT || to == DELIVERY_DELIVERED) &&
		row.state != DELIVERY_NON_RECEIPT)
		step.clock_s = row.due_s;
	if ((r = deliveries_move(store_db(s), &key, &step)) != 0)
		return r;
	return to == DELIVERY_DELIVERED && cables_is_us(s, member)
		? notify_once(s, &found, document_id, row.precedence)
		: 0;
}

int
store_addressee_add(struct store *s, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct rd address, uint64_t now_ms)
{
	const struct store_rows_place place = {cables_column_address, document_id};
	uint8_t lookup[HASH_LEN];
	const struct deliveries_key key = {document_id, lookup};
	struct deliveries_row row = {.role = DELIVERIES_INFO,
		.state = DELIVERY_DELIVERED,
		.changed_s = now_ms / 1000};
	struct documents_found found;
	struct buf sealed;
	int r;

	buf_init(&sealed, ADDRESS_MAX + STORE_ROWS_OVERHEAD);
	if ((r = documents_get(store_db(s), document_id, NULL, &found)) != 0 ||
		(r = store_rows_lookup(s, address, lookup)) != 0 ||
		(r = store_rows_seal(s, &place, address, &sealed)) != 0)
		goto out;
	row.precedence = found.urgency;
	row.sealed = rd_of(sealed.data, sealed.len);
	r = deliveries_put(store_db(s), &key, &row);
out:
	buf_done(&sealed);
	return r;
}
