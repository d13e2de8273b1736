/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/index_receive.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/grams.h"
#include "store/received.h"
#include "sys/progress.h"
#include "sys/random.h"
#include "valise/index_add.h"
#include "valise/report.h"
#include "valise/session.h"

enum {
	BATCH_MAX = 64, /* sets that become durable together */
	BATCH_LEN_MAX = 64 << 20,
	ID_MAX = RECEIVED_ID_MAX + 1 + BODY_NAME_MAX,
};

/* A set that is in the open commit. */
struct set {
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t set_id[GRAMS_SET_ID_LEN];
};

struct receiving {
	struct session session;
	const char *dir;
	struct indexdir *d;
	struct received *received;
	struct index_adder *adder;
	struct progress *progress;
	struct set batch[BATCH_MAX];
	size_t batch_count, batch_len;
	struct buf answer, object;
	uint64_t documents, unread, refused, removed;
};

static int
fail(const struct receiving *rc, const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = rc->session.args->verb, .attempt = attempt, .object = object};

	if (r == FAIL_AGAIN)
		report.why = "another valise is writing to this index";
	return report_fail(&report, r);
}

static int
ask(struct receiving *rc, const struct courier_question *question, void *ret_answer)
{
	buf_clear(&rc->answer);
	return courier_ask(&rc->session.courier, question, &rc->answer, ret_answer);
}

/* One set. */

static int
fetch_piece(struct receiving *rc, const struct post_grams_set *set, uint16_t piece,
	struct post_grams *ret_post)
{
	struct post_grams_which which = {
		.document_id = set->document_id, .set_id = set->set_id, .piece = piece};
	struct courier_question question = {.path = "grams-get",
		.codec = &post_grams_which_codec,
		.message = &which,
		.answer_codec = &post_grams_codec};

	return ask(rc, &question, ret_post);
}

static int
unwrap(struct receiving *rc, const struct grams_blob *blob,
	uint8_t ret_key[SLOT_SECRET_LEN])
{
	struct own_slot own = {.role = OWN_ROLE_GRAMS,
		.suite = blob->suite,
		.index = blob->place.piece,
		.enc_len = (uint16_t)kem_enc_len(blob->suite)};

	memcpy(own.key_id, blob->slot.key_id, KEM_ID_LEN);
	memcpy(own.core_hash, blob->head_hash, HASH_LEN);
	memcpy(own.enc, blob->slot.enc, own.enc_len);
	memcpy(own.sealed, blob->slot.sealed, SLOT_SEALED_LEN);
	return keys_unwrap(rc->session.keys, &own, ret_key);
}

/* The piece that was asked for, of this set: the head is under the seal. */
static int
open_piece(struct receiving *rc, const struct post_grams_set *set, uint16_t piece,
	struct rd bytes)
{
	uint8_t key[SLOT_SECRET_LEN];
	struct grams_blob blob;
	int r;

	if ((r = grams_blob_parse(bytes, &blob)) != 0)
		return r;
	if (blob.place.piece != piece || blob.place.pieces != set->pieces ||
		memcmp(blob.place.document_id, set->document_id, CORE_DOCUMENT_ID_LEN) !=
			0 ||
		memcmp(blob.place.set_id, set->set_id, GRAMS_SET_ID_LEN) != 0)
		return FAIL_ALTERED;
	if ((r = unwrap(rc, &blob, key)) == 0)
		r = grams_blob_open(&blob, key, &rc->object);
	mem_wipe(key, sizeof key);
	return r;
}

/* Is it the set's fault, and not that of the station, the agent or this machine? */
static bool
is_refusal(int r)
{
	return r == FAIL_ALTERED || r == FAIL_FORMAT || r == FAIL_TRUNCATED ||
		r == FAIL_VERSION || r == FAIL_SUITE || r == FAIL_NO_KEY ||
		r == FAIL_LIMIT;
}

/* Not opened: told by name, and the next one is taken. */
static int
refuse(struct receiving *rc, const struct post_grams_set *set, int r)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1];
	struct report report = {.verb = rc->session.args->verb,
		.attempt = "take the text of document",
		.object = id,
		.where = "as the station gave it",
		.remedy = "It stays at the station; others are taken.  `valise index "
			  "add` registers it from the original."};

	text_hex(set->document_id, CORE_DOCUMENT_ID_LEN, id);
	rc->refused++;
	(void)report_fail(&report, r);
	return 0;
}

/* The id of a document in the index: its reference if that is its own. */
static int
choose_id(struct receiving *rc, const struct grams *g, char ret_id[RECEIVED_ID_MAX + 1])
{
	const char *known = received_find(rc->received, g->document_id);

	if (known != NULL) {
		(void)snprintf(ret_id, RECEIVED_ID_MAX + 1, "%s", known);
		return 0;
	}
	(void)snprintf(ret_id, RECEIVED_ID_MAX + 1, "%.*s", (int)g->reference.len,
		(const char *)g->reference.ptr);
	if (ret_id[0] == '\0' || strcmp(ret_id, "-") == 0 ||
		strchr(ret_id, '#') != NULL || received_is_taken(rc->received, ret_id))
		text_hex(g->document_id, CORE_DOCUMENT_ID_LEN, ret_id);
	return received_put(rc->received, g->document_id, ret_id);
}

static int
add_part(struct receiving *rc, const char *id, const struct grams_part *part)
{
	char full[ID_MAX + 1];
	struct index_input_doc doc = {
		.id = full, .text = part->text.ptr, .len = part->text.len};
	int n;

	if (part->name.len == 0)
		n = snprintf(full, sizeof full, "%s", id);
	else
		n = snprintf(full, sizeof full, "%s#%.*s", id, (int)part->name.len,
			(const char *)part->name.ptr);
	CHECK(n > 0 && (size_t)n < sizeof full);
	doc.id_len = (size_t)n;
	if (part->state != GRAMS_WHOLE) {
		rc->unread++;
		report_say("%s: not %sread by its sender: %.*s\n", full,
			part->state == GRAMS_PARTLY ? "wholly " : "", (int)part->why.len,
			(const char *)part->why.ptr);
	}
	return part->text.len > 0 ? index_adder_add(rc->adder, &doc) : 0;
}

static int
add_object(struct receiving *rc, const struct grams *g)
{
	char id[RECEIVED_ID_MAX + 1];
	struct rd parts = g->parts;
	struct grams_part part;
	int r;

	if ((r = choose_id(rc, g, id)) != 0 || strcmp(id, "-") == 0)
		return r;
	rc->documents++;
	while ((r = grams_next(&parts, &part)) == 0)
		if ((r = add_part(rc, id, &part)) != 0)
			return r;
	return r == FAIL_ABSENT ? 0 : r;
}

/* Into the object, all pieces: FAIL_ABSENT when it went meanwhile; *ret_is_ours: not the set. */
static int
open_set(struct receiving *rc, const struct post_grams_set *set, bool *ret_is_asking)
{
	struct post_grams post;
	int r = 0;

	buf_clear(&rc->object);
	for (uint16_t i = 0; r == 0 && i < set->pieces; i++) {
		*ret_is_asking = true;
		if ((r = fetch_piece(rc, set, i, &post)) != 0)
			return r;
		*ret_is_asking = false;
		progress_add(rc->progress, post.blob.len);
		r = open_piece(rc, set, i, post.blob);
	}
	return r;
}

/* It names the document that its pieces name. */
static int
parse_object(
	struct receiving *rc, const struct post_grams_set *set, struct grams *ret_grams)
{
	int r = grams_parse(rd_of(rc->object.data, rc->object.len), ret_grams);

	if (r == 0 &&
		memcmp(ret_grams->document_id, set->document_id, CORE_DOCUMENT_ID_LEN) !=
			0)
		r = FAIL_ALTERED;
	return r;
}

/* Durable here, then done there. */
static int
finish_batch(struct receiving *rc)
{
	int r;

	if ((r = index_adder_commit(rc->adder)) != 0)
		return fail(rc, "write to the index", rc->dir, r);
	for (size_t i = 0; i < rc->batch_count; i++) {
		struct post_grams_which which = {.document_id = rc->batch[i].document_id,
			.set_id = rc->batch[i].set_id};

		buf_clear(&rc->answer);
		r = rc->session.courier.ask(rc->session.courier.ctx, "grams-done",
			&post_grams_which_codec, &which, &rc->answer);
		if (r != 0)
			return session_fail(
				&rc->session, "tell the station about", rc->dir, r);
	}
	rc->batch_count = 0;
	rc->batch_len = 0;
	return EXIT_OK;
}

/* What was registered is told the station in batches. */
static int
put_in_batch(struct receiving *rc, const struct post_grams_set *set)
{
	struct set *in_batch = &rc->batch[rc->batch_count];

	memcpy(in_batch->document_id, set->document_id, sizeof in_batch->document_id);
	memcpy(in_batch->set_id, set->set_id, sizeof in_batch->set_id);
	rc->batch_count++;
	rc->batch_len += rc->object.len;
	if (rc->batch_count < BATCH_MAX && rc->batch_len < BATCH_LEN_MAX)
		return EXIT_OK;
	return finish_batch(rc);
}

static int
take_set(struct receiving *rc, const struct post_grams_set *set)
{
	bool is_asking = false;
	struct grams g;
	int r = open_set(rc, set, &is_asking);

	if (r == FAIL_ABSENT && is_asking)
		return EXIT_OK;
	if (r != 0 && is_asking && !is_refusal(r))
		return session_fail(&rc->session, "fetch text for", rc->dir, r);
	if (r == 0)
		r = parse_object(rc, set, &g);
	if (r != 0 && is_refusal(r))
		return refuse(rc, set, r);
	if (r != 0 || (r = add_object(rc, &g)) != 0)
		return fail(rc, "register text in", rc->dir, r);
	return put_in_batch(rc, set);
}

/* A page of a list from the station: its items live in `bytes`. */
static int
ask_page(struct receiving *rc, const char *path, uint64_t after, struct buf *bytes,
	struct rd *ret_items)
{
	struct post_grams_ask page = {.after = after};
	struct courier_question question = {.path = path,
		.codec = &post_grams_ask_codec,
		.message = &page,
		.answer_codec = &post_list_codec};
	struct post_list list;
	int r;

	buf_clear(bytes);
	if ((r = courier_ask(&rc->session.courier, &question, bytes, &list)) != 0)
		return session_fail(&rc->session, "ask what waits for", rc->dir, r);
	*ret_items = list.items;
	return EXIT_OK;
}

static int
take_all(struct receiving *rc)
{
	struct post_grams_set set = {0};
	struct buf page;
	struct rd items;
	int status;

	buf_init(&page, COURIER_ANSWER_MAX);
	do {
		uint64_t after = set.number;

		if ((status = ask_page(rc, "grams-list", after, &page, &items)) !=
			EXIT_OK)
			break;
		if (items.len == 0)
			break;
		while (status == EXIT_OK && items.len > 0 &&
			codec_parse(&post_grams_set_codec, &items, &set) == 0)
			status = set.number > after
				? take_set(rc, &set)
				: fail(rc, "read the list for", rc->dir, FAIL_FORMAT);
		if (status == EXIT_OK && items.len > 0)
			status = fail(rc, "read the list for", rc->dir, FAIL_FORMAT);
		if (status == EXIT_OK)
			status = finish_batch(rc);
	} while (status == EXIT_OK);
	buf_done(&page);
	return status;
}

/* What was destroyed. */

/* All texts of a document: "REF" and "REF#...". */
static int
remove_texts(struct receiving *rc, const char *id, size_t id_len)
{
	const struct index *index = indexdir_index(rc->d);
	const struct segment *s;
	struct segment_doc doc;
	uint32_t *dead = NULL;
	size_t count = 0;
	int r;

	if ((r = mem_new_array(&dead, (size_t)index->docs + 1, sizeof *dead)) != 0)
		return r;
	for (uint32_t i = 0; r == 0 && i < index->docs; i++) {
		const char *at;

		if (indexdir_is_dead(rc->d, i) ||
			(r = index_doc(index, i, &s, &doc)) != 0)
			continue;
		at = segment_doc_id(s, &doc);
		if (doc.id_len >= id_len && memcmp(at, id, id_len) == 0 &&
			(doc.id_len == id_len || at[id_len] == '#'))
			dead[count++] = i;
	}
	if (r == 0 && count > 0)
		r = indexdir_commit(rc->d, NULL, dead, count);
	mem_free(dead);
	return r;
}

/* Out of the index first: a run that ends between the two does it again. */
static int
forget(struct receiving *rc, const uint8_t *document_id)
{
	const char *id = received_find(rc->received, document_id);
	char gone[RECEIVED_ID_MAX + 1];
	int r;

	if (id != NULL && strcmp(id, "-") == 0)
		return 0;
	if (id != NULL) {
		(void)snprintf(gone, sizeof gone, "%s", id);
		if ((r = remove_texts(rc, gone, strlen(gone))) != 0)
			return r;
		rc->removed++;
		report_say("%s was destroyed and is out of the index.\n", gone);
	}
	return received_put(rc->received, document_id, "-");
}

static int
forget_all(struct receiving *rc)
{
	struct post_grams_gone gone = {0};
	struct buf page;
	struct rd items;
	int r = 0, status;

	buf_init(&page, COURIER_ANSWER_MAX);
	do {
		uint64_t after = gone.number;

		status = ask_page(rc, "grams-gone", after, &page, &items);
		if (status != EXIT_OK || items.len == 0)
			break;
		while (r == 0 && items.len > 0 &&
			(r = codec_parse(&post_grams_gone_codec, &items, &gone)) == 0)
			r = gone.number > after ? forget(rc, gone.document_id)
						: FAIL_FORMAT;
		if (r != 0)
			status = fail(rc, "remove what was destroyed from", rc->dir, r);
	} while (status == EXIT_OK);
	buf_done(&page);
	return status;
}

/* The whole. */

static int
open_index(struct receiving *rc)
{
	int r;

	if ((r = indexdir_open(rc->dir, INDEXDIR_CREATE, random_system(), &rc->d)) != 0 ||
		(r = received_open(rc->dir, &rc->received)) != 0 ||
		(r = progress_new("Receiving", 0, report_is_quiet(), &rc->progress)) != 0)
		return fail(rc, "open the index", rc->dir, r);
	return EXIT_OK;
}

/* Documents get new numbers with each commit: texts are added first, then others removed. */
static int
receive(struct receiving *rc)
{
	int r, status;

	if ((r = index_adder_new(rc->d, &rc->adder)) != 0)
		return fail(rc, "open the index", rc->dir, r);
	if ((status = take_all(rc)) != EXIT_OK)
		return status;
	return forget_all(rc);
}

static void
print(const struct receiving *rc)
{
	const struct index_add_result *a = index_adder_result(rc->adder);

	if (args_has(rc->session.args, "json"))
		(void)printf("{\"documents\":%" PRIu64 ",\"added\":%" PRIu64
			     ",\"replaced\":%" PRIu64 ",\"unchanged\":%" PRIu64
			     ",\"unread\":%" PRIu64 ",\"refused\":%" PRIu64
			     ",\"removed\":%" PRIu64 "}\n",
			rc->documents, a->added, a->replaced, a->unchanged, rc->unread,
			rc->refused, rc->removed);
	else
		report_say("%" PRIu64 " document%s received: %" PRIu64
			   " texts registered, %" PRIu64 " not wholly readable; %" PRIu64
			   " removed, %" PRIu64 " refused\n",
			rc->documents, rc->documents == 1 ? "" : "s",
			a->added + a->replaced, rc->unread, rc->removed, rc->refused);
}

static int
not_a_host(const struct receiving *rc)
{
	struct report report = {.verb = rc->session.args->verb,
		.attempt = "receive with the keys in",
		.object = rc->session.dir,
		.why = "they are not those of an index host",
		.remedy = "Enrol one: valise enrol MEMBER URL --as NAME --kind "
			  "index-host"};

	return report_fail(&report, FAIL_REFUSED);
}

int
index_receive(const struct args *args)
{
	struct receiving *rc = NULL;
	int status;

	if (args->operand_count != 1)
		return report_exit(report_usage("index", "receive takes no operand"));
	if (mem_new(&rc, sizeof *rc) != 0)
		return report_exit(FAIL_NOMEM);
	rc->dir = args_get(args, "index");
	buf_init(&rc->answer, COURIER_ANSWER_MAX);
	buf_init(&rc->object, GRAMS_LEN_MAX);
	if ((status = session_begin(args, &rc->session)) != EXIT_OK)
		goto out;
	if (keys_subject(rc->session.keys)->kind != SUBJECT_INDEX_HOST)
		status = not_a_host(rc);
	else if ((status = open_index(rc)) == EXIT_OK &&
		(status = receive(rc)) == EXIT_OK)
		print(rc);
	if (status == EXIT_OK && rc->refused > 0)
		status = report_exit(FAIL_ALTERED);
out:
	progress_free(rc->progress);
	index_adder_free(rc->adder);
	received_close(rc->received);
	indexdir_close(rc->d);
	session_end(&rc->session);
	buf_done(&rc->object);
	buf_done(&rc->answer);
	mem_free(rc);
	return status;
}
