/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "custody/keep.h"
#include "store/objects.h"
#include "valised/store_cables_impl.h"

/*
 * Rows made from an envelope, and read back.  The summary is what a line of a box shows:
 *   reference<u8> title<u16> author<u8>      sealed as one
 */

/* The number of a new document in the register of this station. */
static int
next_number(struct store *s, uint64_t *ret_number)
{
	static const char name[] = "register";
	const struct objects_counter counter = {.name = rd_of(name, sizeof name - 1)};

	return objects_count(store_db(s), &counter, 1, ret_number);
}

/* "PT/ana.silva" of the trailer's first signer. */
static int
author_of(const struct trailer *trailer, char ret_text[ADDRESS_MAX + 1])
{
	const struct rd identity = trailer->signers[0].identity;
	struct credential credential;
	int r, n;

	if ((r = credential_parse(identity.ptr, identity.len, &credential)) != 0)
		return r;
	n = snprintf(ret_text, ADDRESS_MAX + 1, "%.*s/%.*s",
		(int)credential.subject.member.len,
		(const char *)credential.subject.member.ptr,
		(int)credential.subject.officer.len,
		(const char *)credential.subject.officer.ptr);
	return n > 0 && n <= ADDRESS_MAX ? 0 : FAIL_FORMAT;
}

static int
seal_summary(struct store *s, const struct cables_envelope *e, const char *author,
	struct buf *out)
{
	const struct store_rows_place place = {
		cables_column_summary, e->header.core.document_id};
	struct buf plain;
	int r;

	buf_init(&plain, 4096);
	buf_vec(&plain, 1, e->addressing.reference.ptr, e->addressing.reference.len);
	buf_vec(&plain, 2, e->addressing.title.ptr, e->addressing.title.len);
	buf_vec(&plain, 1, author, strlen(author));
	if ((r = buf_error(&plain)) == 0)
		r = store_rows_seal(s, &place, rd_of(plain.data, plain.len), out);
	buf_done(&plain);
	return r;
}

uint8_t
cables_urgency(const struct addressing *a)
{
	uint8_t urgency = PRECEDENCE_ROUTINE;

	if (a->action_count > 0 && a->precedence_action > urgency)
		urgency = a->precedence_action;
	if (a->info_count > 0 && a->precedence_info > urgency)
		urgency = a->precedence_info;
	return urgency;
}

struct sealing {
	struct buf header;
	struct buf summary;
	char author[ADDRESS_MAX + 1];
	uint8_t author_lookup[HASH_LEN];
};

static int
seal_parts(struct store *s, const struct cables_envelope *e, struct sealing *sealing)
{
	const struct store_rows_place place = {
		cables_column_header, e->header.core.document_id};
	int r;

	if ((r = author_of(&e->trailer, sealing->author)) != 0 ||
		(r = seal_summary(s, e, sealing->author, &sealing->summary)) != 0 ||
		(r = store_rows_lookup(
			 s, address_of(sealing->author), sealing->author_lookup)) != 0)
		return r;
	return store_rows_seal(s, &place, e->post.header, &sealing->header);
}

static int
put_document(struct store *s, const struct cables_envelope *e,
	const struct cables_put *put, const struct sealing *sealing)
{
	const struct core *core = &e->header.core;
	struct documents_row row = {.document_id = core->document_id,
		.envelope_hash = e->hash,
		.is_ours = put->is_ours,
		.originator = core->originator,
		.author = sealing->author_lookup,
		.label = core->label,
		.core = e->header.core_bytes,
		.summary = rd_of(sealing->summary.data, sealing->summary.len),
		.type = e->addressing.type,
		.urgency = cables_urgency(&e->addressing),
		.dtg_s = e->addressing.dtg_s,
		.reply_by_s = e->addressing.reply_by_s,
		.len = e->post.body_len,
		.expiry_s = core->expiry_s,
		.kept_s = put->now_ms / 1000};
	const struct documents_part part = {
		.header = rd_of(sealing->header.data, sealing->header.len),
		.trailer = e->post.trailer,
		.send = e->post.send,
		.enrols = put->enrols};
	int r;

	if ((r = next_number(s, &row.number)) != 0)
		return r;
	return documents_put(store_db(s), &row, &part);
}

struct addressee_row {
	struct rd address;
	const uint8_t *document_id;
	struct deliveries_row row;
};

static int
put_addressee(struct store *s, struct addressee_row *a)
{
	const struct store_rows_place place = {cables_column_address, a->document_id};
	uint8_t lookup[HASH_LEN];
	const struct deliveries_key key = {a->document_id, lookup};
	struct buf sealed;
	int r;

	buf_init(&sealed, ADDRESS_MAX + STORE_ROWS_OVERHEAD);
	if ((r = store_rows_lookup(s, a->address, lookup)) != 0 ||
		(r = store_rows_seal(s, &place, a->address, &sealed)) != 0)
		goto out;
	a->row.sealed = rd_of(sealed.data, sealed.len);
	r = deliveries_put(store_db(s), &key, &a->row);
out:
	buf_done(&sealed);
	return r;
}

/* Action and info; exempted addressees get nothing, so they have no row. */
static int
put_addressees(
	struct store *s, const struct cables_envelope *e, const struct cables_put *put)
{
	const struct addressing *to = &e->addressing;
	struct rd member, name;
	struct due due;
	int r;

	for (size_t i = 0; i < to->action_count + to->info_count; i++) {
		const bool is_action = i < to->action_count;
		struct addressee_row a = {.address = to->addresses[i],
			.document_id = e->header.core.document_id,
			.row = {.role = is_action ? DELIVERIES_ACTION : DELIVERIES_INFO,
				.precedence = is_action ? to->precedence_action
							: to->precedence_info,
				.state = put->state,
				.changed_s = put->now_ms / 1000}};

		if ((r = address_split(a.address, &member, &name)) != 0)
			return r;
		if (!put->is_ours && !cables_is_us(s, member))
			continue;
		due_of(&store_plan_of(s)->due, to, is_action, &due);
		a.row.due_s = due.act_s;
		if ((r = put_addressee(s, &a)) != 0)
			return r;
	}
	return 0;
}

/* A body that came with its envelope is one chunk. */
static int
put_body(struct store *s, const struct cables_envelope *e)
{
	const struct chunks c = cables_chunks(s);
	uint8_t hash[HASH_LEN];

	if (e->post.body.len == 0)
		return 0;
	hash_sha256(e->post.body.ptr, e->post.body.len, hash);
	return chunks_put(&c, e->header.core.document_id,
		&(struct chunks_chunk){.hash = hash, .bytes = e->post.body});
}

int
cables_put(struct store *s, const struct cables_envelope *e, const struct cables_put *put,
	bool *ret_is_whole)
{
	struct sealing sealing = {0};
	int r;

	buf_init(&sealing.header, POST_HEADER_MAX + STORE_ROWS_OVERHEAD);
	buf_init(&sealing.summary, 4096);
	if ((r = seal_parts(s, e, &sealing)) != 0 ||
		(r = put_document(s, e, put, &sealing)) != 0 ||
		(r = put_addressees(s, e, put)) != 0 || (r = put_body(s, e)) != 0)
		goto out;
	r = documents_complete(store_db(s), e->header.core.document_id);
	if (r != 0 && r != FAIL_AGAIN)
		goto out;
	*ret_is_whole = r == 0;
	r = 0;
out:
	buf_done(&sealing.summary);
	buf_done(&sealing.header);
	return r;
}

/* Read back. */

static int
open_header(struct store *s, struct store_document *d, struct rd sealed)
{
	const struct store_rows_place place = {cables_column_header, d->document_id};
	const size_t at = d->bytes.len;
	size_t len;
	int r;

	if ((r = store_rows_open(s, &place, sealed, &d->bytes)) != 0)
		return r;
	d->header_bytes = rd_of(d->bytes.data + at, d->bytes.len - at);
	r = header_parse(d->header_bytes, &d->header, &len);
	return r == 0 || r == FAIL_NOMEM ? r : FAIL_ALTERED;
}

enum { PARTS_MAX = 4 << 20, PARTS = 5 };

/* The parts as they lie in the row; the header, opened, is appended behind them. */
static int
take_parts(struct store *s, struct store_document *d)
{
	struct rd in, part[PARTS] = {{0}};
	size_t sealed_len;
	uint8_t *room;
	int r;

	if ((r = documents_get_part(store_db(s), d->document_id, &d->bytes)) != 0)
		return r;
	/* Room for the header first: nothing may move once it is pointed at. */
	in = rd_of(d->bytes.data, d->bytes.len);
	if ((r = rd_vec32(&in, 0, POST_BODY_MAX, &part[0])) != 0)
		return FAIL_ALTERED;
	sealed_len = part[0].len;
	if ((room = buf_extend(&d->bytes, sealed_len)) == NULL)
		return buf_error(&d->bytes);
	d->bytes.len -= sealed_len;
	in = rd_of(d->bytes.data, d->bytes.len);
	for (size_t i = 0; i < PARTS; i++)
		if ((r = rd_vec32(&in, 0, POST_BODY_MAX, &part[i])) != 0)
			return FAIL_ALTERED;
	d->trailer = part[1];
	d->send = part[2];
	d->enrols = part[3];
	d->sealed = part[4];
	return open_header(s, d, part[0]);
}

int
store_document_load(struct store *s, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	struct store_document **ret_document)
{
	struct store_document *d = NULL;
	int r;

	if ((r = mem_new(&d, sizeof *d)) != 0)
		return r;
	memcpy(d->document_id, document_id, CORE_DOCUMENT_ID_LEN);
	buf_init(&d->bytes, PARTS_MAX);
	if ((r = documents_get(store_db(s), document_id, NULL, &d->found)) != 0 ||
		(r = take_parts(s, d)) != 0)
		goto out;
	*ret_document = d;
	d = NULL;
out:
	store_document_free(d);
	return r;
}

void
store_document_free(struct store_document *document)
{
	if (document == NULL)
		return;
	buf_done(&document->bytes);
	mem_free(document);
}

int
store_document_which(struct store *s, const struct post_which *which,
	uint8_t ret_document_id[CORE_DOCUMENT_ID_LEN])
{
	struct documents_found found;

	if (which->document_id.len == 0)
		return documents_numbered(store_db(s), which->number, ret_document_id);
	if (which->document_id.len != CORE_DOCUMENT_ID_LEN)
		return FAIL_FORMAT;
	memcpy(ret_document_id, which->document_id.ptr, CORE_DOCUMENT_ID_LEN);
	return documents_get(store_db(s), ret_document_id, NULL, &found);
}

int
store_document_keep(const struct store_document *document, struct buf *out)
{
	struct keep keep = {.core_bytes = document->header.core_bytes,
		.sv_bytes = document->header.sv.bytes,
		.trailer_bytes = document->trailer,
		.send_bytes = document->send};

	hash_sha256(
		document->header.r.bytes.ptr, document->header.r.bytes.len, keep.r_hash);
	keep_write(&keep, out);
	return buf_error(out);
}
