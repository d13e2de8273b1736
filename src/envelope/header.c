/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"

/*
 * A header may arrive in pieces: header_parse() is asked again with more bytes as long as it
 * says FAIL_TRUNCATED.  Everything inside a vector that is complete must therefore never be
 * reported as truncated.
 */

static int
within(int r)
{
	return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
}

int
header_hash_of(struct rd core, const uint8_t r_hash[HASH_LEN], struct rd sv_slots,
	uint8_t ret_hash[HASH_LEN])
{
	uint8_t sv_hash[HASH_LEN];
	struct hash *h = NULL;
	int r;

	if ((r = hash_new(&h)) != 0)
		return r;
	hash_sha256(sv_slots.ptr, sv_slots.len, sv_hash);
	hash_begin(h);
	hash_add(h, "valise/v1 header", strlen("valise/v1 header"));
	hash_add(h, core.ptr, core.len);
	hash_add(h, r_hash, HASH_LEN);
	hash_add(h, sv_hash, sizeof sv_hash);
	hash_end(h, ret_hash);
	hash_free(h);
	return 0;
}

static int
header_hash(
	struct rd core, struct rd r_slots, struct rd sv_slots, uint8_t ret_hash[HASH_LEN])
{
	uint8_t r_hash[HASH_LEN];

	hash_sha256(r_slots.ptr, r_slots.len, r_hash);
	return header_hash_of(core, r_hash, sv_slots, ret_hash);
}

/* The flag in the core and the precedence in the addressing must tell the same story. */
static int
check_story(const struct core *core, struct rd addressing)
{
	struct addressing *a = NULL;
	int r;

	if ((r = mem_new(&a, sizeof *a)) != 0)
		return r;
	r = within(addressing_parse(addressing, a));
	if (r == 0 && addressing_is_flash(a) != ((core->flags & CORE_FLASH) != 0))
		r = FAIL_FORMAT;
	mem_free(a);
	return r;
}

static int
check_addressing(const struct header *header)
{
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = addressing_hash(header->salt, header->addressing.ptr,
		     header->addressing.len, hash)) != 0)
		return r;
	if (!ct_equal(hash, header->core.addressing_hash, HASH_LEN))
		return FAIL_ALTERED;
	return check_story(&header->core, header->addressing);
}

static int
parse_slots(struct header *header, struct rd r_bytes, struct rd sv_bytes)
{
	uint16_t suite = header->core.suite;
	size_t sv_count = (size_t)header->core.custodian_count + 1;
	int r;

	if ((r = slots_of(suite, r_bytes, 1, SLOT_READERS_MAX, &header->r)) != 0 ||
		(r = slots_of(suite, sv_bytes, sv_count, sv_count, &header->sv)) != 0)
		return r;
	return slots_are_ascending(&header->r) ? 0 : FAIL_FORMAT;
}

int
header_parse(struct rd in, struct header *ret_header, size_t *ret_len)
{
	struct header header = {0};
	struct rd at = in, r_bytes, sv_bytes;
	int r;

	if ((r = core_parse(&at, &header.core)) != 0)
		return r;
	header.core_bytes = rd_of(in.ptr, in.len - at.len);
	if ((r = rd_bytes(&at, ADDRESSING_SALT_LEN, &header.salt)) != 0 ||
		(r = rd_vec32(&at, 0, ADDRESSING_LEN_MAX, &header.addressing)) != 0 ||
		(r = check_addressing(&header)) != 0 ||
		(r = rd_vec24(&at, 1, HEADER_LEN_MAX, &r_bytes)) != 0 ||
		(r = rd_vec24(&at, 1, HEADER_LEN_MAX, &sv_bytes)) != 0 ||
		(r = parse_slots(&header, r_bytes, sv_bytes)) != 0 ||
		(r = core_hash(header.core_bytes.ptr, header.core_bytes.len,
			 header.core_hash)) != 0 ||
		(r = header_hash(header.core_bytes, r_bytes, sv_bytes, header.hash)) != 0)
		return r;
	if (in.len - at.len > HEADER_LEN_MAX)
		return FAIL_FORMAT;
	*ret_header = header;
	*ret_len = in.len - at.len;
	return 0;
}

/* A reader's place in the order of key ids. */
struct reader_order {
	uint8_t id[KEM_ID_LEN];
	const struct kem_public *key;
};

static int
compare_readers(const void *a, const void *b)
{
	return memcmp(((const struct reader_order *)a)->id,
		((const struct reader_order *)b)->id, KEM_ID_LEN);
}

static int
seal_readers(const struct header_plan *plan, const uint8_t *core_hash, struct rng *rng,
	const uint8_t secret[SLOT_SECRET_LEN], struct buf *out)
{
	struct slot_place place = {
		.role = "R", .suite = plan->core.suite, .core_hash = core_hash};
	struct reader_order *order = NULL;
	int r;

	if ((r = mem_new_array(&order, plan->reader_count, sizeof *order)) != 0)
		return r;
	for (size_t i = 0; i < plan->reader_count; i++) {
		order[i].key = &plan->readers[i];
		kem_id(order[i].key, order[i].id);
	}
	qsort(order, plan->reader_count, sizeof *order, compare_readers);
	for (size_t i = 0; i < plan->reader_count && r == 0; i++) {
		if (i > 0 && compare_readers(&order[i - 1], &order[i]) == 0)
			continue;
		r = slot_seal(&place, order[i].key, rng, secret, out);
		place.index++;
	}
	mem_free(order);
	return r;
}

static int
seal_shares(const struct header_plan *plan, const uint8_t *core_hash, struct rng *rng,
	const struct shamir_share *shares, struct buf *out)
{
	struct slot_place place = {
		.role = "S", .suite = plan->core.suite, .core_hash = core_hash};
	int r = 0;

	for (size_t i = 0; i < plan->core.custodian_count && r == 0; i++) {
		place.index = (uint32_t)i;
		r = slot_seal(&place, &plan->custodians[i], rng, shares[i].value, out);
	}
	return r;
}

static int
seal_v(const struct header_plan *plan, const uint8_t *core_hash, struct rng *rng,
	const uint8_t v[SLOT_SECRET_LEN], struct buf *out)
{
	struct slot_place place = {.role = "V",
		.suite = plan->core.suite,
		.core_hash = core_hash,
		.index = plan->core.custodian_count};

	return slot_seal(&place, plan->originator, rng, v, out);
}

/* New R, S, V; the commitment and the body key that follow from them. */
static int
draw_secrets(struct core *core, bool has_document_id, struct rng *rng,
	struct header_secrets *ret_secrets)
{
	struct schedule_secrets three;
	uint8_t prk[SCHEDULE_LEN];
	int r;

	if (!has_document_id &&
		(r = rng_fill(rng, core->document_id, CORE_DOCUMENT_ID_LEN)) != 0)
		return r;
	if ((r = rng_fill(rng, core->log_key, HASH_LEN)) != 0 ||
		(r = rng_fill(rng, ret_secrets->r, SCHEDULE_LEN)) != 0 ||
		(r = rng_fill(rng, ret_secrets->s, SCHEDULE_LEN)) != 0 ||
		(r = rng_fill(rng, ret_secrets->v, SCHEDULE_LEN)) != 0)
		return r;
	memcpy(ret_secrets->document_id, core->document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(three.r, ret_secrets->r, SCHEDULE_LEN);
	memcpy(three.s, ret_secrets->s, SCHEDULE_LEN);
	if ((r = schedule_v_body(ret_secrets->v, three.v_x)) != 0 ||
		(r = schedule_prk(core->suite, core->document_id, &three, prk)) != 0 ||
		(r = schedule_key(prk, "commit", core->commitment)) != 0)
		goto out;
	r = schedule_key(prk, "body", ret_secrets->body_key);
out:
	mem_wipe(&three, sizeof three);
	mem_wipe(prk, sizeof prk);
	return r;
}

static int
split_s(struct core *core, const uint8_t s[SCHEDULE_LEN], struct rng *rng,
	struct shamir_share shares[CORE_CUSTODIANS_MAX])
{
	int r;

	if ((r = shamir_split(s, core->threshold, core->custodian_count, rng, shares)) !=
		0)
		return r;
	for (size_t i = 0; i < core->custodian_count; i++)
		core_share_hash(
			core->document_id, &shares[i], core->custodians[i].share_hash);
	return 0;
}

/* Core and addressing; *ret_core is where the core stands in out. */
static int
write_front(const struct core *core, const uint8_t salt[ADDRESSING_SALT_LEN],
	struct rd addressing, struct buf *out, size_t *ret_core_len)
{
	size_t start = out->len;
	int r;

	if ((r = core_write(core, out)) != 0)
		return r;
	*ret_core_len = out->len - start;
	buf_bytes(out, salt, ADDRESSING_SALT_LEN);
	buf_vec(out, 4, addressing.ptr, addressing.len);
	return buf_error(out);
}

/* The two vectors of slots and the header hash over all. */
static int
write_slots(const struct header_plan *plan, struct rng *rng, struct rd core_bytes,
	const struct shamir_share *shares, struct header_secrets *secrets,
	struct buf *r_slots, struct buf *sv_slots)
{
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = core_hash(core_bytes.ptr, core_bytes.len, hash)) != 0 ||
		(r = seal_readers(plan, hash, rng, secrets->r, r_slots)) != 0 ||
		(r = seal_shares(plan, hash, rng, shares, sv_slots)) != 0 ||
		(r = seal_v(plan, hash, rng, secrets->v, sv_slots)) != 0)
		return r;
	return header_hash(core_bytes, rd_of(r_slots->data, r_slots->len),
		rd_of(sv_slots->data, sv_slots->len), secrets->hash);
}

static int
check_plan(const struct header_plan *plan)
{
	if (plan->reader_count < 1 || plan->reader_count > SLOT_READERS_MAX)
		return FAIL_LIMIT;
	if (plan->core.custodian_count < 1)
		return FAIL_LIMIT;
	/* What nobody could read must not be sealed: the text would be lost with it. */
	return check_story(&plan->core, plan->addressing);
}

int
header_seal(const struct header_plan *plan, struct rng *rng, struct buf *out,
	struct header_secrets *ret_secrets)
{
	struct shamir_share shares[CORE_CUSTODIANS_MAX] = {0};
	uint8_t salt[ADDRESSING_SALT_LEN];
	struct header_secrets secrets = {0};
	struct core core = plan->core;
	struct buf r_slots, sv_slots;
	size_t start = out->len, core_len;
	int r;

	buf_init(&r_slots, HEADER_LEN_MAX);
	buf_init(&sv_slots, HEADER_LEN_MAX);
	if ((r = check_plan(plan)) != 0 || (r = rng_fill(rng, salt, sizeof salt)) != 0 ||
		(r = draw_secrets(&core, plan->has_document_id, rng, &secrets)) != 0 ||
		(r = split_s(&core, secrets.s, rng, shares)) != 0 ||
		(r = addressing_hash(salt, plan->addressing.ptr, plan->addressing.len,
			 core.addressing_hash)) != 0 ||
		(r = write_front(&core, salt, plan->addressing, out, &core_len)) != 0 ||
		(r = write_slots(plan, rng, rd_of(out->data + start, core_len), shares,
			 &secrets, &r_slots, &sv_slots)) != 0)
		goto out;
	buf_vec(out, 3, r_slots.data, r_slots.len);
	buf_vec(out, 3, sv_slots.data, sv_slots.len);
	if ((r = buf_error(out)) != 0)
		goto out;
	*ret_secrets = secrets;
out:
	buf_done(&r_slots);
	buf_done(&sv_slots);
	mem_wipe(shares, sizeof shares);
	header_secrets_wipe(&secrets);
	return r;
}

void
header_secrets_wipe(struct header_secrets *secrets)
{
	mem_wipe(secrets, sizeof *secrets);
}

static int
unwrap_r(const struct header *header, const struct header_keyring *keyring,
	uint8_t ret_secret[SLOT_SECRET_LEN])
{
	struct slot_place place = {
		.role = "R", .suite = header->core.suite, .core_hash = header->core_hash};
	struct slot slot;
	size_t at;

	for (size_t i = 0; i < keyring->reader_count; i++) {
		if (slots_find(&header->r, keyring->reader_ids[i], &at) != 0)
			continue;
		slots_at(&header->r, at, &slot);
		place.index = (uint32_t)at;
		return keyring->unwrap(keyring->ctx, &place, &slot, ret_secret);
	}
	return FAIL_NO_KEY;
}

/* Slot 0 of the S and V slots is the one share, slot 1 is V; both for the solo key. */
static int
unwrap_solo(const struct header *header, const struct header_keyring *keyring,
	uint32_t index, uint8_t ret_secret[SLOT_SECRET_LEN])
{
	struct slot_place place = {.role = index == 0 ? "S" : "V",
		.suite = header->core.suite,
		.index = index,
		.core_hash = header->core_hash};
	struct slot slot;

	slots_at(&header->sv, index, &slot);
	if (memcmp(slot.key_id, keyring->custody_id, KEM_ID_LEN) != 0)
		return FAIL_NO_KEY;
	return keyring->unwrap(keyring->ctx, &place, &slot, ret_secret);
}

int
header_open_solo(const struct header *header, const struct header_keyring *keyring,
	uint8_t ret_body_key[SCHEDULE_LEN])
{
	struct schedule_secrets three = {0};
	struct shamir_share share = {.number = 1};
	uint8_t v[SCHEDULE_LEN] = {0};
	int r;

	if (!core_is_solo(&header->core))
		return FAIL_REFUSED;
	if ((r = unwrap_r(header, keyring, three.r)) != 0 ||
		(r = unwrap_solo(header, keyring, 0, share.value)) != 0 ||
		(r = unwrap_solo(header, keyring, 1, v)) != 0 ||
		(r = core_check_share(&header->core, &share)) != 0 ||
		(r = shamir_join(&share, 1, three.s)) != 0 ||
		(r = schedule_v_body(v, three.v_x)) != 0)
		goto out;
	r = schedule_body_key(&header->core, &three, ret_body_key);
out:
	mem_wipe(&three, sizeof three);
	mem_wipe(&share, sizeof share);
	mem_wipe(v, sizeof v);
	return r;
}
