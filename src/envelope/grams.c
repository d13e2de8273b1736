/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/grams.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/aead.h"

static const uint8_t object_magic[RD_MAGIC_LEN] = {
	'V', 'G', 'R', 'A', 'M', 'S', 0x0d, 0x0a};
static const uint8_t blob_magic[RD_MAGIC_LEN] = {
	'V', 'G', 'R', 'A', 'M', 'B', 0x0d, 0x0a};

enum { VERSION = 1 };

/* A state and what stands beside it have one form. */
static bool
is_part(const struct grams_part *part, bool is_first)
{
	bool is_whole = part->state == GRAMS_WHOLE;

	if (part->state > GRAMS_UNREAD || is_whole != (part->why.len == 0) ||
		(part->state == GRAMS_UNREAD && part->text.len > 0))
		return false;
	if (is_first != (part->name.len == 0) ||
		(!is_first && !body_is_name(part->name.ptr, part->name.len)))
		return false;
	return text_is_line(part->why.ptr, part->why.len);
}

int
grams_next(struct rd *parts, struct grams_part *ret_part)
{
	struct grams_part part = {0};
	struct rd in = *parts;
	int r;

	if (in.len == 0)
		return FAIL_ABSENT;
	if ((r = rd_u8(&in, &part.state)) != 0 ||
		(r = rd_vec8(&in, 0, BODY_NAME_MAX, &part.name)) != 0 ||
		(r = rd_vec8(&in, 0, GRAMS_WHY_MAX, &part.why)) != 0 ||
		(r = rd_vec32(&in, 0, GRAMS_LEN_MAX, &part.text)) != 0)
		return r;
	*parts = in;
	*ret_part = part;
	return 0;
}

/* One text first, then attachments under names; nothing else has a meaning. */
static int
check_parts(struct rd parts)
{
	struct grams_part part;
	size_t count = 0;
	int r;

	while ((r = grams_next(&parts, &part)) == 0) {
		if (!is_part(&part, count == 0) || count == BODY_PARTS_MAX)
			return FAIL_FORMAT;
		count++;
	}
	if (r != FAIL_ABSENT)
		return r;
	return count > 0 ? 0 : FAIL_FORMAT;
}

int
grams_parse(struct rd in, struct grams *ret_grams)
{
	struct grams g = {0};
	int r;

	if (in.len > GRAMS_LEN_MAX)
		return FAIL_LIMIT;
	if ((r = rd_magic(&in, object_magic)) != 0 ||
		(r = rd_version(&in, VERSION)) != 0 ||
		(r = rd_bytes(&in, CORE_DOCUMENT_ID_LEN, &g.document_id)) != 0 ||
		(r = rd_bytes(&in, HASH_LEN, &g.envelope_hash)) != 0 ||
		(r = rd_vec8(&in, 0, GRAMS_REFERENCE_MAX, &g.reference)) != 0 ||
		(r = rd_vec16(&in, 0, CORE_LABEL_MAX, &g.label)) != 0)
		return r;
	if (!text_is_line(g.reference.ptr, g.reference.len))
		return FAIL_FORMAT;
	g.parts = in;
	if ((r = check_parts(in)) != 0)
		return r;
	*ret_grams = g;
	return 0;
}

void
grams_begin(const struct grams *grams, struct buf *out)
{
	buf_bytes(out, object_magic, sizeof object_magic);
	buf_u16(out, VERSION);
	buf_bytes(out, grams->document_id, CORE_DOCUMENT_ID_LEN);
	buf_bytes(out, grams->envelope_hash, HASH_LEN);
	buf_vec(out, 1, grams->reference.ptr, grams->reference.len);
	buf_vec(out, 2, grams->label.ptr, grams->label.len);
}

void
grams_put(const struct grams_part *part, struct buf *out)
{
	buf_u8(out, part->state);
	buf_vec(out, 1, part->name.ptr, part->name.len);
	buf_vec(out, 1, part->why.ptr, part->why.len);
	buf_vec(out, 4, part->text.ptr, part->text.len);
}

/* Domain-separated: the hash of a head is the core hash of no envelope. */
static int
hash_head(struct rd head, uint8_t ret_hash[HASH_LEN])
{
	static const char domain[] = "valise/v1 grams"; /* its NUL counts */
	struct hash *h = NULL;
	int r;

	if ((r = hash_new(&h)) != 0)
		return r;
	hash_begin(h);
	hash_add(h, domain, sizeof domain);
	hash_add(h, head.ptr, head.len);
	hash_end(h, ret_hash);
	hash_free(h);
	return 0;
}

static bool
is_place(const struct grams_place *p)
{
	return p->pieces >= 1 && p->pieces <= GRAMS_PIECES_MAX && p->piece < p->pieces;
}

static int
parse_head(struct rd *in, struct grams_blob *b)
{
	int r;

	if ((r = rd_magic(in, blob_magic)) != 0 || (r = rd_version(in, VERSION)) != 0 ||
		(r = rd_u16(in, &b->suite)) != 0 ||
		(r = rd_bytes(in, CORE_DOCUMENT_ID_LEN, &b->place.document_id)) != 0 ||
		(r = rd_bytes(in, GRAMS_SET_ID_LEN, &b->place.set_id)) != 0 ||
		(r = rd_u16(in, &b->place.piece)) != 0)
		return r;
	return rd_u16(in, &b->place.pieces);
}

int
grams_blob_parse(struct rd in, struct grams_blob *ret_blob)
{
	const uint8_t *start = in.ptr;
	struct grams_blob b = {0};
	int r;

	if ((r = parse_head(&in, &b)) != 0)
		return r;
	if (kem_enc_len(b.suite) == 0)
		return FAIL_SUITE;
	if (!is_place(&b.place))
		return FAIL_FORMAT;
	b.head = rd_of(start, (size_t)(in.ptr - start));
	if ((r = rd_bytes(&in, KEM_ID_LEN, &b.slot.key_id)) != 0 ||
		(r = rd_bytes(&in, kem_enc_len(b.suite), &b.slot.enc)) != 0 ||
		(r = rd_bytes(&in, SLOT_SEALED_LEN, &b.slot.sealed)) != 0 ||
		(r = rd_vec24(&in, AEAD_TAG_LEN + 1, GRAMS_PIECE_LEN + AEAD_TAG_LEN,
			 &b.sealed)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = hash_head(b.head, b.head_hash)) != 0)
		return r;
	*ret_blob = b;
	return 0;
}

static void
write_head(const struct grams_place *place, uint16_t suite, struct buf *out)
{
	buf_bytes(out, blob_magic, sizeof blob_magic);
	buf_u16(out, VERSION);
	buf_u16(out, suite);
	buf_bytes(out, place->document_id, CORE_DOCUMENT_ID_LEN);
	buf_bytes(out, place->set_id, GRAMS_SET_ID_LEN);
	buf_u16(out, place->piece);
	buf_u16(out, place->pieces);
}

static int
seal_piece(const uint8_t key[SLOT_SECRET_LEN], struct rd head, struct rd piece,
	uint8_t *ret_sealed)
{
	static const uint8_t nonce[AEAD_NONCE_LEN];
	struct aead *aead = NULL;
	int r;

	if ((r = aead_new(key, &aead)) != 0)
		return r;
	r = aead_seal(aead, nonce, head.ptr, head.len, piece.ptr, piece.len, ret_sealed);
	aead_free(aead);
	return r;
}

int
grams_blob_seal(const struct grams_place *place, const struct kem_public *to,
	struct rng *rng, struct rd piece, struct buf *out)
{
	uint8_t key[SLOT_SECRET_LEN], head_hash[HASH_LEN], *sealed;
	struct slot_place slot = {.role = "grams",
		.suite = to->suite,
		.index = place->piece,
		.core_hash = head_hash};
	struct buf head;
	int r;

	if (!is_place(place) || piece.len < 1 || piece.len > GRAMS_PIECE_LEN)
		return FAIL_LIMIT;
	buf_init(&head, 128);
	write_head(place, to->suite, &head);
	if ((r = buf_error(&head)) != 0 || (r = rng_fill(rng, key, sizeof key)) != 0 ||
		(r = hash_head(rd_of(head.data, head.len), head_hash)) != 0)
		goto out;
	buf_bytes(out, head.data, head.len);
	if ((r = slot_seal(&slot, to, rng, key, out)) != 0)
		goto out;
	buf_u24(out, (uint32_t)(piece.len + AEAD_TAG_LEN));
	if ((sealed = buf_extend(out, piece.len + AEAD_TAG_LEN)) == NULL)
		r = buf_error(out);
	else
		r = seal_piece(key, rd_of(head.data, head.len), piece, sealed);
out:
	mem_wipe(key, sizeof key);
	buf_done(&head);
	return r;
}

int
grams_blob_open(const struct grams_blob *blob, const uint8_t key[SLOT_SECRET_LEN],
	struct buf *out)
{
	static const uint8_t nonce[AEAD_NONCE_LEN];
	struct aead *aead = NULL;
	size_t before = out->len;
	uint8_t *plain;
	int r;

	if ((r = aead_new(key, &aead)) != 0)
		return r;
	plain = buf_extend(out, blob->sealed.len - AEAD_TAG_LEN);
	if (plain == NULL)
		r = buf_error(out);
	else
		r = aead_open(aead, nonce, blob->head.ptr, blob->head.len,
			blob->sealed.ptr, blob->sealed.len, plain);
	aead_free(aead);
	if (r != 0)
		out->len = before;
	return r;
}
