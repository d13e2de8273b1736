/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/sign.h"
#include "envelope/body.h"
#include "envelope/segment.h"
#include "log/tree.h"

/*
 * Body, boxes and trailer behind the header of front.c.  The sums are taken from the bytes as
 * they stand in the file, so an altered file can be signed again with sums that are true.
 */

enum { ATTACHMENT_LEN = 24, ATTACHMENTS_MAX = 26 };

void
sealed_init(struct sealed *sealed)
{
	*sealed = (struct sealed){0};
	buf_init(&sealed->bytes, FIXTURE_BYTES_MAX);
}

void
sealed_done(struct sealed *sealed)
{
	buf_done(&sealed->bytes);
	header_secrets_wipe(&sealed->secrets);
}

static int
put_head(const struct fixture_spec *spec, struct buf *out)
{
	static const char names[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", type[] = "text/plain";
	static const char subject[] = "Courier";
	struct body_head *head = NULL;
	int r;

	CHECK(spec->attachments <= ATTACHMENTS_MAX);
	if ((r = mem_new(&head, sizeof *head)) != 0)
		return r;
	head->subject = rd_of(subject, sizeof subject - 1);
	head->part_count = 1 + spec->attachments;
	for (size_t i = 0; i < head->part_count; i++) {
		struct body_part *part = &head->parts[i];

		part->kind = i == 0 ? BODY_TEXT : BODY_ATTACHMENT;
		part->size = i + 1 == head->part_count ? BODY_SIZE_REST : ATTACHMENT_LEN;
		if (i > 0) {
			part->name = rd_of(names + i - 1, 1);
			part->media_type = rd_of(type, sizeof type - 1);
		}
	}
	head->place_count = spec->pairs;
	for (size_t i = 0; i < spec->pairs; i++)
		head->places[i] = (struct body_place){.part = 0, .offset = i / 512};
	r = body_write(head, out);
	mem_free(head);
	return r;
}

static int
put_plain(const struct fixture_spec *spec, struct buf *out)
{
	size_t text_len = strlen(spec->text), len = spec->body_len;
	int r;

	if (!spec->is_raw && (r = put_head(spec, out)) != 0)
		return r;
	if (len == 0 && !spec->is_raw)
		len = out->len + text_len + spec->attachments * ATTACHMENT_LEN;
	CHECK(out->len <= len);
	while (buf_error(out) == 0 && out->len < len) {
		size_t left = len - out->len;

		buf_bytes(out, spec->text, left < text_len ? left : text_len);
	}
	return buf_error(out);
}

static int
put_segments(const struct header_secrets *secrets, struct rd plain, struct buf *out)
{
	struct segment_at at = {0};
	struct aead *aead = NULL;
	int r;

	if ((r = aead_new(secrets->body_key, &aead)) != 0)
		return r;
	do {
		size_t len =
			plain.len < SEGMENT_PLAIN_MAX ? plain.len : SEGMENT_PLAIN_MAX;
		size_t frame_len;
		uint8_t *frame = buf_extend(out, SEGMENT_FRAME_HEAD + len + AEAD_TAG_LEN);

		at.is_last = len == plain.len;
		r = frame == NULL ? buf_error(out)
				  : segment_seal(aead, secrets->hash, at, plain.ptr, len,
					    frame, &frame_len);
		plain = rd_of(plain.ptr + len, plain.len - len);
		at.index++;
	} while (r == 0 && !at.is_last);
	aead_free(aead);
	return r;
}

static int
put_box(const struct fixture_spec *spec, const struct header_secrets *secrets,
	struct box_at at, struct buf *out)
{
	struct schedule_secrets three;
	char text[FIXTURE_WORDING_MAX];
	uint8_t prk[SCHEDULE_LEN];
	size_t len = fixture_wording(at.pair, 0, text), other;
	int r;

	other = fixture_wording(at.pair, 1, text);
	len = fixture_wording(at.pair, at.b, text);
	other = other > len ? other : len;
	memcpy(three.r, secrets->r, SCHEDULE_LEN);
	memcpy(three.s, secrets->s, SCHEDULE_LEN);
	if ((r = schedule_v_box(secrets->v, at.pair, at.b, three.v_x)) != 0 ||
		(r = schedule_prk(spec->suite, secrets->document_id, &three, prk)) != 0)
		return r;
	return box_seal(at, prk, rd_of(text, len), other, out);
}

static int
put_boxes(const struct fixture_spec *spec, const struct header_secrets *secrets,
	struct buf *out)
{
	struct box_at at = {.header_hash = secrets->hash};
	struct buf box[2];
	int r = 0;

	buf_init(&box[0], BOX_LEN_MAX);
	buf_init(&box[1], BOX_LEN_MAX);
	buf_u32(out, spec->pairs);
	for (at.pair = 0; at.pair < spec->pairs && r == 0; at.pair++) {
		buf_clear(&box[0]);
		buf_clear(&box[1]);
		at.b = 0;
		if ((r = put_box(spec, secrets, at, &box[0])) != 0)
			break;
		at.b = 1;
		if ((r = put_box(spec, secrets, at, &box[1])) != 0)
			break;
		box_write_pair((struct rd[2]){rd_of(box[0].data, box[0].len),
				       rd_of(box[1].data, box[1].len)},
			out);
	}
	buf_done(&box[0]);
	buf_done(&box[1]);
	return r == 0 ? buf_error(out) : r;
}

/* Frames without a look at what is in them; FAIL_FORMAT where they do not fit the bytes. */
static int
sum_frames(const struct sealed *sealed, struct hash *hash, struct trailer_sums *sums)
{
	struct rd in = rd_of(sealed->bytes.data + sealed->at[PART_SEGMENTS],
		sealed->at[PART_BOXES] - sealed->at[PART_SEGMENTS]);
	uint8_t leaf[HASH_LEN], last;
	struct tree tree;
	struct rd vec;

	tree_init(&tree);
	while (in.len > 0) {
		if (rd_u8(&in, &last) != 0 ||
			rd_vec24(&in, AEAD_TAG_LEN, SEGMENT_SEALED_MAX, &vec) != 0)
			return FAIL_FORMAT;
		tree_leaf(hash, vec.ptr, vec.len, leaf);
		tree_push(&tree, leaf);
		sums->segments++;
		sums->body_len += vec.len - AEAD_TAG_LEN;
	}
	in = rd_of(sealed->bytes.data + sealed->at[PART_BOXES] + 4,
		sealed->at[PART_TRAILER] - sealed->at[PART_BOXES] - 4);
	while (in.len > 0) {
		if (rd_vec24(&in, BOX_LEN_MIN, BOX_LEN_MAX, &vec) != 0)
			return FAIL_FORMAT;
		tree_leaf(hash, vec.ptr, vec.len, leaf);
		tree_push(&tree, leaf);
		sums->boxes++;
	}
	tree_root(&tree, sums->root);
	return 0;
}

static void
sign_as(const char *name, const uint8_t *header_hash, const struct trailer_sums *sums,
	uint8_t ret_signature[SIGN_LEN])
{
	uint8_t seed[SIGN_SEED_LEN], message[TRAILER_SIGNED_LEN];

	fixture_seed(name, 0, seed);
	trailer_signed(header_hash, sums, message);
	sign_message(seed, message, sizeof message, ret_signature);
}

static int
put_trailer(const struct fixture_spec *spec, const uint8_t *header_hash,
	const struct trailer_sums *sums, struct buf *out)
{
	const char *names[TRAILER_SIGNERS_MAX] = {spec->author, "releaser"};
	uint8_t identities[TRAILER_SIGNERS_MAX][FIXTURE_CREDENTIAL_LEN];
	struct trailer t = {.sums = *sums, .signer_count = spec->signers};
	bool is_bare = (spec->rule == CORE_RULE_SOLO) != spec->is_kind_swapped;

	for (uint8_t i = 0; i < spec->signers; i++) {
		fixture_credential(names[i], identities[i]);
		t.signers[i].role = (uint8_t)(SIGNER_AUTHOR + i);
		t.signers[i].kind = is_bare ? SIGNER_BARE_KEY : SIGNER_CREDENTIAL;
		t.signers[i].identity = rd_of(identities[i],
			is_bare ? SIGN_PUBLIC_LEN : FIXTURE_CREDENTIAL_LEN);
		sign_as(names[i], header_hash, sums, t.signers[i].signature);
	}
	return trailer_write(&t, out);
}

int
fixture_resign(const struct fixture_spec *spec, struct sealed *sealed)
{
	struct trailer_sums sums = {0};
	struct hash *hash = NULL;
	struct header header;
	size_t len;
	int r;

	if ((r = hash_new(&hash)) != 0 || (r = sum_frames(sealed, hash, &sums)) != 0)
		goto out;
	if (spec->lie != NULL)
		spec->lie(&sums);
	/* A header that does not parse is signed by the hash its author reckoned with. */
	r = header_parse(rd_of(sealed->bytes.data, sealed->bytes.len), &header, &len);
	if (r == FAIL_NOMEM)
		goto out;
	if (r == 0)
		memcpy(sealed->secrets.hash, header.hash, HASH_LEN);
	sealed->bytes.len = sealed->at[PART_TRAILER];
	r = put_trailer(spec, sealed->secrets.hash, &sums, &sealed->bytes);
	sealed->at[PART_COUNT] = sealed->bytes.len;
out:
	hash_free(hash);
	return r;
}

int
fixture_locate(struct sealed *sealed)
{
	const uint8_t *data = sealed->bytes.data;
	struct header h;
	size_t len;
	int r;

	if ((r = header_parse(rd_of(data, sealed->bytes.len), &h, &len)) != 0)
		return r;
	sealed->at[PART_CORE] = 0;
	sealed->at[PART_SALT] = h.core_bytes.len;
	sealed->at[PART_ADDRESSING] = h.core_bytes.len + ADDRESSING_SALT_LEN;
	sealed->at[PART_R] = (size_t)(h.addressing.ptr - data) + h.addressing.len;
	sealed->at[PART_SV] = (size_t)(h.r.bytes.ptr - data) + h.r.bytes.len;
	sealed->at[PART_SEGMENTS] = len;
	return 0;
}

int
fixture_build(const struct fixture_spec *spec, struct sealed *ret_sealed)
{
	struct sealed *sealed = ret_sealed;
	struct buf *out = &sealed->bytes;
	struct fixture_rng rng;
	struct buf plain;
	int r;

	sealed_init(sealed);
	fixture_rng_init(&rng, spec->rng);
	buf_init(&plain, FIXTURE_BYTES_MAX);
	if ((r = fixture_header(spec, &rng.rng, out, &sealed->secrets)) != 0)
		goto out;
	sealed->at[PART_SEGMENTS] = out->len;
	/* Bent headers may not parse; then only the larger parts have a place. */
	if ((r = fixture_locate(sealed)) == FAIL_NOMEM)
		goto out;
	if ((r = put_plain(spec, &plain)) != 0 ||
		(r = put_segments(&sealed->secrets, rd_of(plain.data, plain.len), out)) !=
			0)
		goto out;
	sealed->at[PART_BOXES] = out->len;
	if ((r = put_boxes(spec, &sealed->secrets, out)) != 0)
		goto out;
	sealed->at[PART_TRAILER] = out->len;
	r = fixture_resign(spec, sealed);
out:
	buf_done(&plain);
	return r;
}

void
fixture_sealed(const struct fixture_spec *spec, struct sealed *ret_sealed)
{
	CHECK(fixture_build(spec, ret_sealed) == 0);
}
