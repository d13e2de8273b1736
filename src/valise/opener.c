/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/opener.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cable/cable.h"
#include "crypto/crypto.h"
#include "envelope/body.h"
#include "valise/identity.h"

/*
 * Opened bytes arrive in pieces of any size.  The sink collects them until the head of the
 * body parses, and from then on hands them to the file of the part they belong to.
 */

static_assert(BODY_PARTS_MAX - 1 < OUTBATCH_GROUP,
	"attachments must stay uncommitted until the signature has been verified");

struct sink {
	const struct opener *opener;
	const struct header *envelope;
	const char *where; /* what was wrong with a cable, or NULL */
	struct buf head_bytes;
	struct body_head *head;
	bool has_head;
	size_t head_len;
	size_t part;
	uint64_t left;
	struct outfile *attachment; /* the one being written */
};

static int
begin_part(struct sink *sink)
{
	const struct body_part *part = &sink->head->parts[sink->part];
	char name[BODY_NAME_MAX + 1];

	sink->left = part->size;
	if (sink->part == 0 || sink->opener->attachments == NULL ||
		(sink->opener->only != 0 && sink->opener->only != sink->part))
		return 0;
	memcpy(name, part->name.ptr, part->name.len);
	name[part->name.len] = '\0';
	return outbatch_open(sink->opener->attachments, name, &sink->attachment);
}

static int
end_part(struct sink *sink)
{
	struct outfile *done = sink->attachment;
	int r;

	sink->attachment = NULL;
	if (done != NULL && (r = outbatch_put(sink->opener->attachments, done)) != 0)
		return r;
	sink->part++;
	return sink->part < sink->head->part_count ? begin_part(sink) : 0;
}

/* A text that is kept in memory is no longer than a cable may be. */
static int
write_text(struct sink *sink, const uint8_t *ptr, size_t len)
{
	if (sink->opener->out != NULL)
		return outfile_write(sink->opener->out, ptr, len);
	if (sink->opener->text == NULL)
		return 0;
	buf_bytes(sink->opener->text, ptr, len);
	return buf_error(sink->opener->text);
}

static int
write_part(struct sink *sink, const uint8_t *ptr, size_t len)
{
	if (sink->part == 0)
		return write_text(sink, ptr, len);
	return sink->attachment != NULL ? outfile_write(sink->attachment, ptr, len) : 0;
}

static int
write_parts(struct sink *sink, const uint8_t *ptr, size_t len)
{
	int r;

	while (len > 0) {
		size_t now = sink->left < len ? (size_t)sink->left : len;

		if (sink->part == sink->head->part_count)
			return FAIL_FORMAT;
		if (now > 0 && (r = write_part(sink, ptr, now)) != 0)
			return r;
		if (sink->left != BODY_SIZE_REST)
			sink->left -= now;
		ptr += now;
		len -= now;
		if (sink->left == 0 && (r = end_part(sink)) != 0)
			return r;
	}
	return 0;
}

/* Subject and names of the attachments are sealed, the rest stands in the header. */
static int
fill_cable(const struct sink *sink, struct cable *cable)
{
	const struct core *core = &sink->envelope->core;
	const struct body_head *head = sink->head;
	struct rd label = core->label;
	int r;

	if ((r = label_parse(&label, &cable->label)) != 0 ||
		(r = addressing_parse(sink->envelope->addressing, &cable->addressing)) !=
			0)
		return r;
	cable->expiry_s = core->expiry_s;
	cable->is_controlled = (core->flags & CORE_CONTROLLED) != 0;
	cable->subject = head->subject;
	cable->attachment_count = head->part_count - 1;
	for (size_t i = 1; i < head->part_count; i++)
		cable->attachments[i - 1] = head->parts[i].name;
	return 0;
}

/* The headers of the cable, before its text. */
static int
write_cable_head(struct sink *sink)
{
	struct cable *cable = NULL;
	struct buf out;
	int r;

	if (sink->head->parts[0].kind != BODY_TEXT) {
		sink->where = "it holds a file, not a cable";
		return FAIL_USAGE;
	}
	if ((r = cable_new(&cable)) != 0)
		return r;
	buf_init(&out, 4 * ADDRESSING_LEN_MAX);
	if ((r = fill_cable(sink, cable)) == 0)
		r = cable_write_head(cable, &out);
	if (r == FAIL_FORMAT) {
		sink->where = "it says what the text form cannot";
		r = FAIL_USAGE;
	}
	if (r == 0)
		r = write_text(sink, out.data, out.len);
	buf_done(&out);
	cable_free(cable);
	return r;
}

static int
sink_write(void *ctx, const uint8_t *ptr, size_t len)
{
	struct sink *sink = ctx;
	size_t head_len;
	int r;

	if (sink->has_head)
		return write_parts(sink, ptr, len);
	buf_bytes(&sink->head_bytes, ptr, len);
	if ((r = buf_error(&sink->head_bytes)) != 0)
		return r == FAIL_LIMIT ? FAIL_FORMAT : r;
	r = body_parse(rd_of(sink->head_bytes.data, sink->head_bytes.len), sink->head,
		&head_len);
	if (r == FAIL_TRUNCATED)
		return 0;
	if (r != 0)
		return r;
	if (sink->head->place_count > 0)
		return FAIL_UNSUPPORTED;
	sink->has_head = true;
	sink->head_len = head_len;
	if (sink->opener->head != NULL) {
		buf_bytes(sink->opener->head, sink->head_bytes.data, head_len);
		if ((r = buf_error(sink->opener->head)) != 0)
			return r;
	}
	if (sink->opener->is_cable && (r = write_cable_head(sink)) != 0)
		return r;
	if ((r = begin_part(sink)) != 0)
		return r;
	return write_parts(
		sink, sink->head_bytes.data + head_len, sink->head_bytes.len - head_len);
}

/* Parts of size 0 at the end, and a part that was to go on longer than the body. */
static int
sink_end(struct sink *sink)
{
	int r;

	if (!sink->has_head)
		return FAIL_FORMAT;
	while (sink->part < sink->head->part_count) {
		if (sink->left != 0 && sink->left != BODY_SIZE_REST)
			return FAIL_FORMAT;
		if ((r = end_part(sink)) != 0)
			return r;
	}
	return 0;
}

static int
sink_init(struct sink *sink, const struct opener *opener, const struct header *envelope)
{
	*sink = (struct sink){.opener = opener, .envelope = envelope};
	/* A head, its length, and what came in one piece with it. */
	buf_init(&sink->head_bytes, 2 * (size_t)BODY_HEAD_MAX);
	return mem_new(&sink->head, sizeof *sink->head);
}

static void
sink_done(struct sink *sink)
{
	outfile_free(sink->attachment);
	buf_done(&sink->head_bytes);
	mem_free_wiped(sink->head, sizeof *sink->head);
}

static int
unwrap(void *ctx, const struct slot_place *place, const struct slot *slot,
	uint8_t ret_secret[SLOT_SECRET_LEN])
{
	struct own_slot wire = {.role = place->role[0],
		.suite = place->suite,
		.index = place->index,
		.enc_len = (uint16_t)kem_enc_len(place->suite)};

	memcpy(wire.key_id, slot->key_id, KEM_ID_LEN);
	memcpy(wire.core_hash, place->core_hash, HASH_LEN);
	memcpy(wire.enc, slot->enc, wire.enc_len);
	memcpy(wire.sealed, slot->sealed, SLOT_SEALED_LEN);
	return keys_unwrap(ctx, &wire, ret_secret);
}

static int
body_key(const struct opener *opener, const struct header *header,
	uint8_t ret_key[SCHEDULE_LEN])
{
	const struct solo_public *public;
	uint8_t readers[2][KEM_ID_LEN], custody[KEM_ID_LEN];
	struct header_keyring keyring = {.reader_ids = readers,
		.reader_count = 2,
		.custody_id = custody,
		.unwrap = unwrap,
		.ctx = opener->keys};

	if (opener->body_key != NULL) {
		memcpy(ret_key, opener->body_key, SCHEDULE_LEN);
		return 0;
	}
	if (!core_is_solo(&header->core))
		return FAIL_REFUSED;
	public = keys_public(opener->keys);
	if (header->core.suite != public->suite)
		return crypto_has_suite(header->core.suite) ? FAIL_NO_KEY : FAIL_SUITE;
	kem_id(&public->reader, readers[0]);
	kem_id(&public->recovery, readers[1]);
	kem_id(&public->solo, custody);
	return header_open_solo(header, &keyring, ret_key);
}

/* Our own key, or the one that the user named by its words. */
static int
check_signer(
	const struct opener *opener, const struct reader_end *end, struct opened *opened)
{
	const struct signer *signer = &end->trailer.signers[0];

	if (opener->body_key != NULL)
		return 0;
	memcpy(opened->signer, signer->identity.ptr, SIGN_PUBLIC_LEN);
	if (ct_equal(signer->identity.ptr, keys_public(opener->keys)->sign,
		    SIGN_PUBLIC_LEN))
		return 0;
	if (opener->signer_words != NULL &&
		identity_check(opener->signer_words, signer->identity.ptr) == 0)
		return 0;
	return FAIL_SIGNER;
}

static int
read_with_key(const struct opener *opener, struct reader *reader, const uint8_t *key,
	struct opened *opened)
{
	const struct reader_end *end = reader_end(reader);
	struct sink sink;
	struct reader_body how = {.key = key,
		.sink = sink_write,
		.ctx = &sink,
		.progress = opener->progress,
		.thread_count = opener->thread_count};
	int r;

	if ((r = sink_init(&sink, opener, reader_header(reader))) != 0 ||
		(r = reader_body(reader, &how)) != 0 || (r = reader_finish(reader)) != 0)
		goto out;
	if ((r = sink_end(&sink)) != 0)
		goto out;
	if (end->seen.boxes != 2 * sink.head->place_count) {
		r = FAIL_FORMAT;
		goto out;
	}
	opened->part_count = sink.head->part_count;
	opened->size = end->seen.body_len - sink.head_len;
	r = check_signer(opener, end, opened);
out:
	if (sink.where != NULL)
		(void)snprintf(opened->where, sizeof opened->where, "%s", sink.where);
	sink_done(&sink);
	return r;
}

/* No key: read on to learn whether it was altered; if not, the first answer stands. */
static int
read_without_key(const struct opener *opener, struct reader *reader, int first)
{
	struct reader_body how = {
		.progress = opener->progress, .thread_count = opener->thread_count};
	int r;

	if (first != FAIL_NO_KEY && first != FAIL_ALTERED && first != FAIL_SHARE &&
		first != FAIL_COMMITMENT)
		return first;
	if ((r = reader_body(reader, &how)) != 0 || (r = reader_finish(reader)) != 0)
		return r;
	return first;
}

int
opener_run(const struct opener *opener, struct opened *ret_opened)
{
	uint8_t key[SCHEDULE_LEN] = {0};
	struct reader *reader = NULL;
	const char *where = "";
	int r;

	*ret_opened = (struct opened){0};
	if ((r = reader_new(opener->in, &reader)) != 0)
		goto out;
	if ((r = body_key(opener, reader_header(reader), key)) != 0) {
		where = "slots";
		r = read_without_key(opener, reader, r);
		goto out;
	}
	if ((r = read_with_key(opener, reader, key, ret_opened)) != 0)
		goto out;
	memcpy(ret_opened->document_id, reader_header(reader)->core.document_id,
		CORE_DOCUMENT_ID_LEN);
	memcpy(ret_opened->envelope_hash, reader_end(reader)->envelope_hash, HASH_LEN);
out:
	if (reader != NULL && reader_where(reader)[0] != '\0')
		where = reader_where(reader);
	if (ret_opened->where[0] == '\0')
		(void)snprintf(ret_opened->where, sizeof ret_opened->where, "%s", where);
	reader_free(reader);
	mem_wipe(key, sizeof key);
	return r;
}
