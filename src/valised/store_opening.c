/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/store_opening.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/*
 * Helpers of the files about openings, the list of holders, and the table of routes.  What a
 * member's station says is put into sentences here and in the rules, once: the same sentence
 * stands in an answer, in a signed receipt, and on the officer's screen.
 */

/* Whatever is too long is cut where a character begins: the text stands in signed receipts. */
static void
cut(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && !text_is_line(text, len))
		len--;
	text[len] = '\0';
}

int
opening_refuse(struct opening_why *why, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why->text, sizeof why->text, format, args);
	va_end(args);
	cut(why->text);
	return r;
}

int
opening_answer_refusal(
	struct store *s, uint64_t number, int r, const struct opening_why *why)
{
	/* Without a sentence it is a failure of ours, and its rows must not stay. */
	if (r == 0 || why->text[0] == '\0')
		return r;
	return store_refuse(s, number, r, why->text);
}

int
opening_failed(struct store *s, const struct store_answer *answer)
{
	if (answer->why.len == 0)
		return answer->r;
	return store_because(s, answer->r, "%.*s", (int)answer->why.len,
		(const char *)answer->why.ptr);
}

bool
opening_same(struct rd a, struct rd b)
{
	return address_compare(a, b) == 0;
}

bool
opening_is_among(const struct store_names *names, struct rd name)
{
	for (size_t i = 0; i < names->count; i++)
		if (opening_same(names->names[i], name))
			return true;
	return false;
}

bool
opening_is_us(struct store *s, struct rd member)
{
	const struct vault_ready *ready = store_ready(s);

	return ready != NULL && opening_same(ready->member, member);
}

int
opening_entry(struct store *s, struct rd member, const struct entry **ret_entry)
{
	const struct roster *roster = store_roster(s);
	size_t at = 0;
	int r;

	if (roster == NULL)
		return store_because(s, FAIL_AGAIN, "this station has no roster yet");
	if ((r = roster_find(roster, member, &at)) != 0)
		return r;
	*ret_entry = &roster->members[at];
	return 0;
}

void
opening_name_of(const struct credential *credential, struct opening_name *ret_name)
{
	const struct subject *s = &credential->subject;

	(void)snprintf(ret_name->text, sizeof ret_name->text, "%.*s/%.*s",
		(int)s->member.len, (const char *)s->member.ptr, (int)s->officer.len,
		(const char *)s->officer.ptr);
	ret_name->rd = rd_of(ret_name->text, strlen(ret_name->text));
}

struct opening_time
opening_time_of(uint64_t s)
{
	/* What stands when the time is beyond the calendar. */
	struct opening_time time = {"a later time"};

	(void)!time_rfc3339(s, time.text);
	return time;
}

/* Known ones are looked up, new ones are verified and kept: both are proven alike to custody. */
int
opening_learn(struct store *s, struct rd enrols, uint64_t now_ms, struct buf *proofs)
{
	const struct store_credential *credential;
	struct post_enrol enrol;
	int r;

	while (enrols.len > 0) {
		if ((r = codec_parse(&post_enrol_codec, &enrols, &enrol)) != 0 ||
			(r = store_credential_learn(
				 s, enrol.enrol, now_ms, &credential)) != 0)
			return r;
		if (proofs != NULL)
			store_credential_proof(credential, proofs);
	}
	return proofs == NULL ? 0 : buf_error(proofs);
}

int
opening_credential(struct store *s, struct rd credential,
	const struct store_credential **ret_credential)
{
	uint8_t hash[HASH_LEN];

	hash_sha256(credential.ptr, credential.len, hash);
	return store_credential_find(s, hash, ret_credential);
}

/* Sealed into the queue with this commit: what is owed to a member survives a crash. */
int
opening_post(struct store *s, const struct opening_post *post, uint64_t now_ms)
{
	struct post_object object = {.object = post->object};
	struct buf bytes;
	int r;

	buf_init(&bytes, POST_BODY_MAX);
	codec_write(&post_object_codec, &object, &bytes);
	if ((r = buf_error(&bytes)) == 0)
		r = store_outgoing_put(s,
			&(struct store_outgoing){.member = post->member,
				.path = post->path,
				.urgency = post->urgency,
				.document_id = post->document_id,
				.bytes = rd_of(bytes.data, bytes.len)},
			now_ms);
	buf_done(&bytes);
	return r;
}

void
opening_wipe_mark(uint8_t ret_hash[HASH_LEN])
{
	memset(ret_hash, 0xff, HASH_LEN);
}

/* Who has opened it: one row a request, oldest first. */

static int
put_holder(void *ctx, const struct openings_row *row)
{
	struct buf *out = ctx;
	struct post_holder holder = {.device = row->device,
		.copy = row->copy,
		.time_s = row->time_s,
		.request_hash = row->key.request_hash};
	char officer[ADDRESS_MAX + 1];

	(void)snprintf(officer, sizeof officer, "%.*s/%.*s", (int)row->member.len,
		(const char *)row->member.ptr, (int)row->officer.len,
		(const char *)row->officer.ptr);
	holder.officer = rd_of(officer, strlen(officer));
	codec_write(&post_holder_codec, &holder, out);
	return buf_error(out);
}

/* Whose business it is: the author's, his desk's, and that of those who keep the register. */
static int
check_holders(struct store *s, const struct store_ask *ask,
	const struct store_document *document)
{
	uint8_t kind = ask->officer->credential.subject.kind;
	int r;

	if (!document->found.is_ours)
		return store_because(s, FAIL_REFUSED,
			"only its originator knows who has opened a document");
	if (kind == SUBJECT_REGISTRAR || kind == SUBJECT_SECURITY)
		return 0;
	r = store_document_may_act(s, ask->officer, document);
	if (r == FAIL_REFUSED)
		return store_because(s, r,
			"who has opened it is told to its author, to who shares a desk "
			"with its author, and to registrars");
	return r;
}

static int
handle_holders(struct store *s, const struct store_ask *ask)
{
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	struct store_document *document = NULL;
	struct post_which which;
	struct post_list list;
	struct buf items;
	int r;

	buf_init(&items, POST_BODY_MAX);
	if ((r = codec_parse_whole(&post_which_codec, ask->body, &which)) != 0 ||
		(r = store_document_which(s, &which, document_id)) != 0 ||
		(r = store_document_load(s, document_id, &document)) != 0 ||
		(r = check_holders(s, ask, document)) != 0 ||
		(r = openings_each(store_db(s), document_id, put_holder, &items)) != 0)
		goto out;
	list.items = rd_of(items.data, items.len);
	r = store_reply(s, ask->number, &post_list_codec, &list);
out:
	store_document_free(document);
	buf_done(&items);
	return r;
}

/* What came back for rows of the queue. */
int
store_opening_answered(struct store *s, struct rd path, struct rd member,
	const uint8_t *document_id, struct rd body, uint64_t now_ms)
{
	if (opening_same(path, address_of("keep")) && document_id != NULL)
		return opening_kept(s, member, document_id, body, now_ms);
	return 0;
}

static const struct store_route routes[] = {
	{"keep", STORE_MEMBER, opening_handle_keep},
	{"open", STORE_MEMBER, opening_handle_open},
	{"open", STORE_OFFICER, opening_handle_relay},
	{"ack", STORE_OFFICER, opening_handle_ack},
	{"receipt", STORE_MEMBER, opening_handle_receipt},
	{"recall", STORE_OFFICER, opening_handle_end},
	{"recall", STORE_MEMBER, opening_handle_ended},
	{"destroy", STORE_OFFICER, opening_handle_end},
	{"destroy", STORE_MEMBER, opening_handle_ended},
	{"grant", STORE_OFFICER, opening_handle_grant},
	{"grant", STORE_MEMBER, opening_handle_granted},
	{"holders", STORE_OFFICER, handle_holders},
};

const struct store_routes store_opening_routes = {
	routes, sizeof routes / sizeof routes[0]};
