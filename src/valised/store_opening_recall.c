/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "custody/keep.h"
#include "custody/recall.h"
#include "store/grams.h"
#include "valised/store_opening.h"

/*
 * RECALL ends openings; DESTROY does too, and wipes the keys: V here, the shares at the
 * custodians.  Either is a signed object that goes to everybody who has the envelope or a
 * share.  It is believed of a document's originator and of nobody else, and kept also when it
 * comes first, so that an envelope cannot overtake its recall.
 */

struct ending {
	uint64_t number;
	uint8_t kind; /* enum recall_kind */
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
};

static const char *
path_of(uint8_t kind)
{
	return kind == RECALL_DESTROY ? "destroy" : "recall";
}

static uint8_t
kind_of(struct rd path)
{
	return opening_same(path, address_of("destroy")) ? RECALL_DESTROY : RECALL_RECALL;
}

/* What was read stays read for its addressee; for all it counts as recalled. */
static int
move_addressees(struct store *s, const uint8_t *document_id, uint64_t now_ms)
{
	struct store_addressees all = {0};
	int r;

	if ((r = store_addressees_load(s, document_id, &all)) != 0)
		return r;
	for (size_t i = 0; i < all.count && r == 0; i++) {
		r = store_addressee_move(s, document_id,
			rd_of(all.items[i].text, strlen(all.items[i].text)),
			DELIVERY_RECALLED, now_ms);
		if (r == FAIL_REFUSED)
			r = 0;
	}
	store_addressees_done(&all);
	return r;
}

/*
 * Custody wipes the document's key; whoever waits hears when it is gone.  Until then `owed`
 * has a row: a process that ends between the two must not leave a key behind that everybody
 * holds for gone.
 */
static void
owed_of(const uint8_t *document_id, struct openings_owed *ret_owed)
{
	memcpy(ret_owed->document_id, document_id, sizeof ret_owed->document_id);
	opening_wipe_mark(ret_owed->credential_hash);
}

static int
destroyed(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct ending *ending = ctx;
	struct openings_owed owed;
	int r;

	owed_of(ending->document_id, &owed);
	/* No key, or none any more: it is as wanted. */
	if (answer->r != 0 && answer->r != FAIL_ABSENT)
		r = opening_failed(s, answer);
	else if ((r = openings_done_owed(store_db(s), &owed)) == 0 && ending->number != 0)
		r = store_reply(s, ending->number, NULL, NULL);
	mem_free(ending);
	return r;
}

static int
wipe(struct store *s, struct ending *ending, uint64_t now_ms)
{
	struct vault_destroy destroy = {.document_id = ending->document_id};
	struct openings_owed owed;
	int r;

	owed_of(ending->document_id, &owed);
	/* Its text goes to no index any more either. */
	if ((r = grams_forget(store_db(s), ending->document_id)) != 0)
		return r;
	r = openings_put_owed(store_db(s), &owed, now_ms / 1000 + OPENING_AGAIN_S);
	if (r != 0)
		return r;
	return store_vault(s, VAULT_DESTROY, &vault_destroy_codec, &destroy,
		&(struct store_question){ending->number, destroyed, ending});
}

/* Takes ending over. */
static int
finish(struct store *s, struct ending *ending, uint64_t now_ms)
{
	int r;

	if (ending->kind == RECALL_DESTROY) {
		if ((r = wipe(s, ending, now_ms)) == 0)
			return 0;
	} else {
		r = store_reply(s, ending->number, NULL, NULL);
	}
	mem_free(ending);
	return r;
}

int
opening_wipe(struct store *s, const uint8_t document_id[16], uint64_t now_ms)
{
	struct ending *ending = NULL;
	int r;

	if ((r = mem_new(&ending, sizeof *ending)) != 0)
		return r;
	*ending = (struct ending){.kind = RECALL_DESTROY};
	memcpy(ending->document_id, document_id, sizeof ending->document_id);
	return finish(s, ending, now_ms);
}

/* Ours. */

/* Each member once, as far as it has the envelope or a share of its key. */
struct members {
	bool is_told[ROSTER_MEMBERS_MAX];
};

static void
tell(struct store *s, struct rd member, struct members *members)
{
	const struct roster *roster = store_roster(s);
	size_t at;

	if (roster != NULL && !opening_is_us(s, member) &&
		roster_find(roster, member, &at) == 0)
		members->is_told[at] = true;
}

struct telling {
	struct store *s;
	struct members *members;
};

/* A grant that cannot be read was never counted: nobody has the document by it. */
static int
tell_reader(void *ctx, struct rd bytes)
{
	struct telling *telling = ctx;
	struct credential credential;
	struct grant grant;

	if (grant_parse(bytes, &grant) == 0 &&
		credential_parse(
			grant.credential.ptr, grant.credential.len, &credential) == 0)
		tell(telling->s, credential.subject.member, telling->members);
	return 0;
}

/* Custodians have a share, addressees and later readers the envelope; others need not know. */
static int
find_members(
	struct store *s, const struct store_document *document, struct members *members)
{
	const struct core *core = &document->header.core;
	struct telling telling = {s, members};
	struct store_addressees all = {0};
	int r;

	for (size_t i = 0; i < core->custodian_count; i++)
		tell(s, core->custodians[i].member, members);
	if ((r = store_addressees_load(s, document->document_id, &all)) != 0)
		return r;
	for (size_t i = 0; i < all.count; i++)
		tell(s, all.items[i].member, members);
	store_addressees_done(&all);
	return objects_each_grant(
		store_db(s), document->document_id, tell_reader, &telling);
}

/* As FLASH: each minute that passes somebody may open it. */
static int
send_to_members(
	struct store *s, const struct ending *ending, struct rd object, uint64_t now_ms)
{
	const struct roster *roster = store_roster(s);
	struct store_document *document = NULL;
	struct members members = {0};
	int r;

	if (roster == NULL)
		return FAIL_AGAIN;
	if ((r = store_document_load(s, ending->document_id, &document)) == 0)
		r = find_members(s, document, &members);
	store_document_free(document);
	for (size_t i = 0; i < roster->member_count && r == 0; i++)
		if (members.is_told[i])
			r = opening_post(s,
				&(struct opening_post){.member = roster->members[i].name,
					.path = path_of(ending->kind),
					.urgency = PRECEDENCE_FLASH,
					.document_id = ending->document_id,
					.object = object},
				now_ms);
	return r;
}

/* The row, the states and the queue in one commit; whoever asked is answered after it. */
static int
ending_signed(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct ending *ending = ctx;
	struct vault_object object;
	int r;

	if (answer->r != 0) {
		r = opening_failed(s, answer);
		goto out;
	}
	r = codec_parse_whole(&vault_object_codec, answer->body, &object);
	if (r != 0)
		goto out;
	r = openings_put_recall(store_db(s),
		&(struct openings_recall){.document_id = ending->document_id,
			.member = store_ready(s)->member,
			.kind = ending->kind,
			.recall = object.object,
			.kept_s = answer->now_ms / 1000});
	/* Asked for twice at a time: the first one went out. */
	if (r == FAIL_EXISTS)
		return finish(s, ending, answer->now_ms);
	if (r != 0 ||
		(r = move_addressees(s, ending->document_id, answer->now_ms)) != 0 ||
		(r = send_to_members(s, ending, object.object, answer->now_ms)) != 0)
		goto out;
	return finish(s, ending, answer->now_ms);
out:
	mem_free(ending);
	return r;
}

/* Custody signs while it has the document's key: what is destroyed cannot be recalled again. */
static int
ask_signature(struct store *s, const struct store_ask *ask,
	const struct store_document *document, struct rd reason)
{
	struct recall recall = {.kind = kind_of(ask->path),
		.time_s = ask->now_ms / 1000,
		.reason = reason};
	struct ending *ending = NULL;
	struct opening_name officer;
	struct vault_object object;
	struct buf bytes;
	int r;

	opening_name_of(&ask->officer->credential, &officer);
	recall.officer = officer.rd;
	memcpy(recall.document_id, document->document_id, sizeof recall.document_id);
	memcpy(recall.envelope_hash, document->found.envelope_hash, HASH_LEN);
	buf_init(&bytes, RECALL_LEN_MAX);
	if ((r = recall_write(&recall, &bytes)) != 0 ||
		(r = mem_new(&ending, sizeof *ending)) != 0)
		goto out;
	*ending = (struct ending){.number = ask->number, .kind = recall.kind};
	memcpy(ending->document_id, document->document_id, sizeof ending->document_id);
	object.object = rd_of(bytes.data, bytes.len);
	r = store_vault(s, VAULT_SIGN_RECALL, &vault_object_codec, &object,
		&(struct store_question){ask->number, ending_signed, ending});
	if (r != 0)
		mem_free(ending);
out:
	buf_done(&bytes);
	return r;
}

/* It is there already: done, but for keys that a crash may have left. */
static int
end_again(struct store *s, const struct store_ask *ask, const uint8_t *document_id)
{
	struct ending *ending = NULL;
	int r;

	if ((r = mem_new(&ending, sizeof *ending)) != 0)
		return r;
	*ending = (struct ending){.number = ask->number, .kind = kind_of(ask->path)};
	memcpy(ending->document_id, document_id, sizeof ending->document_id);
	return finish(s, ending, ask->now_ms);
}

/* Is that done?  What is destroyed need not be recalled.  FAIL_ABSENT. */
static int
is_ended(struct store *s, const uint8_t *document_id, uint8_t kind)
{
	struct openings_recall which = {.document_id = document_id,
		.member = store_ready(s)->member,
		.kind = RECALL_DESTROY};
	struct buf kept;
	int r;

	buf_init(&kept, RECALL_LEN_MAX);
	r = openings_get_recall(store_db(s), &which, &kept);
	which.kind = kind;
	if (r == FAIL_ABSENT && kind != RECALL_DESTROY)
		r = openings_get_recall(store_db(s), &which, &kept);
	buf_done(&kept);
	return r;
}

/* The bodies of both are alike: the document and a reason. */
int
opening_handle_end(struct store *s, const struct store_ask *ask)
{
	struct store_document *document = NULL;
	struct post_recall body;
	int r;

	if ((r = codec_parse_whole(&post_recall_codec, ask->body, &body)) != 0 ||
		(r = store_document_load(s, body.document_id, &document)) != 0)
		goto out;
	if (!document->found.is_ours) {
		r = store_because(
			s, FAIL_REFUSED, "a document is recalled where it was sent from");
		goto out;
	}
	if ((r = store_document_may_act(s, ask->officer, document)) != 0) {
		if (r == FAIL_REFUSED)
			r = store_because(s, r,
				"its author may do that, and who shares a desk with "
				"its author");
		goto out;
	}
	r = is_ended(s, body.document_id, kind_of(ask->path));
	if (r == FAIL_ABSENT)
		r = ask_signature(s, ask, document, body.reason);
	else if (r == 0)
		r = end_again(s, ask, body.document_id);
out:
	store_document_free(document);
	return r;
}

/* Another member's. */

/* The document may be here, be another's, or come later. */
static int
apply(struct store *s, const struct recall *recall, struct rd member, uint64_t now_ms)
{
	struct store_document *document = NULL;
	int r;

	r = store_document_load(s, recall->document_id, &document);
	if (r == FAIL_ABSENT)
		return 0;
	if (r == 0 && opening_same(document->header.core.originator, member))
		r = move_addressees(s, recall->document_id, now_ms);
	store_document_free(document);
	return r;
}

/* A share is wiped for the originator of its document only. */
static int
end_share(struct store *s, const struct store_ask *ask, const struct recall *recall,
	struct rd member)
{
	struct buf bytes, share;
	struct keep keep;
	int r;

	if (recall->kind != RECALL_DESTROY)
		return store_reply(s, ask->number, NULL, NULL);
	buf_init(&bytes, KEEP_LEN_MAX);
	buf_init(&share, VAULT_SEALED_MAX);
	r = objects_get_keep(store_db(s), recall->document_id, &bytes, &share);
	if (r == 0 && (r = keep_parse(rd_of(bytes.data, bytes.len), &keep)) == 0 &&
		!opening_same(keep.core.originator, member))
		r = FAIL_ABSENT;
	buf_done(&bytes);
	buf_done(&share);
	if (r == 0)
		return end_again(s, ask, recall->document_id);
	return r == FAIL_ABSENT ? store_reply(s, ask->number, NULL, NULL) : r;
}

/*
 * Kept under the name of who signed it.  If it comes before the envelope, or for a document of
 * somebody else, the row waits or says nothing (opening_ended()).
 */
int
opening_handle_ended(struct store *s, const struct store_ask *ask)
{
	const struct entry *entry = &store_roster(s)->members[ask->member];
	struct post_object object;
	struct recall recall;
	int r;

	if ((r = codec_parse_whole(&post_object_codec, ask->body, &object)) != 0 ||
		(r = recall_parse(object.object, &recall)) != 0)
		return r;
	if (recall.kind != kind_of(ask->path))
		return store_because(s, FAIL_MISMATCH, "the object is of another kind");
	if ((r = recall_verify(&recall, entry->sign)) != 0)
		return store_because(s, r, "it is not signed by %.*s",
			(int)entry->name.len, (const char *)entry->name.ptr);
	r = openings_put_recall(store_db(s),
		&(struct openings_recall){.document_id = recall.document_id,
			.member = entry->name,
			.kind = recall.kind,
			.recall = object.object,
			.kept_s = ask->now_ms / 1000});
	if ((r != 0 && r != FAIL_EXISTS) ||
		(r = apply(s, &recall, entry->name, ask->now_ms)) != 0)
		return r;
	return end_share(s, ask, &recall, entry->name);
}
