/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * The header is made twice over: by header_seal(), and by hand from core, slots and vectors in
 * the order of docs/format/envelope.md.  Honest ones are the same bytes, which a test asks;
 * dishonest ones can only be made by hand.
 */

static bool
is_solo(const struct fixture_spec *spec)
{
	return spec->rule == CORE_RULE_SOLO;
}

/* What the caller of header_seal() fills in; label and names outlive the core. */
static struct core
core_of(const struct fixture_spec *spec, struct rd label)
{
	static const char origin[] = "log.concord.example/pt", originator[] = "PT";
	static const char members[] = "AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPP";
	static const uint8_t roster[HASH_LEN] = {0x52};
	struct core core = {.suite = spec->suite,
		.label = label,
		.flags = spec->flags,
		.expiry_s = 1890000000,
		.rule = spec->rule,
		.threshold = spec->threshold,
		.custodian_count = spec->custodians};

	if (is_solo(spec))
		return core;
	core.log_origin = rd_of(origin, sizeof origin - 1);
	core.roster_hash = rd_of(roster, sizeof roster);
	core.originator = rd_of(originator, sizeof originator - 1);
	for (size_t i = 0; i < spec->custodians; i++)
		core.custodians[i].member = rd_of(members + 2 * i, 2);
	return core;
}

/* The public keys of everybody: readers, then custodians, then the originator. */
struct cast {
	size_t reader_count;
	struct kem_public *keys;
	size_t count;
};

static int
cast_new(const struct fixture_spec *spec, struct cast *ret_cast)
{
	struct cast c = {.reader_count = spec->readers + (is_solo(spec) ? 0 : 1)};
	size_t n = 0;
	int r;

	c.count = c.reader_count + spec->custodians + 1;
	if ((r = mem_new_array(&c.keys, c.count, sizeof *c.keys)) != 0)
		return r;
	for (size_t i = 0; i < spec->readers; i++)
		fixture_key(spec->suite, "reader", i, &c.keys[n++]);
	if (!is_solo(spec))
		fixture_key(spec->suite, "registry", 0, &c.keys[n++]);
	for (size_t i = 0; i < spec->custodians; i++)
		fixture_key(spec->suite, is_solo(spec) ? "solo" : "custodian", i,
			&c.keys[n++]);
	fixture_key(spec->suite, is_solo(spec) ? "solo" : "originator", 0, &c.keys[n++]);
	*ret_cast = c;
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	uint8_t id[2][KEM_ID_LEN];

	kem_id(a, id[0]);
	kem_id(b, id[1]);
	return memcmp(id[0], id[1], KEM_ID_LEN);
}

static int
hand_draw(struct hand *hand, struct rng *rng)
{
	struct core *core = &hand->core;
	struct schedule_secrets three;
	uint8_t prk[SCHEDULE_LEN];
	int r;

	if ((r = rng_fill(rng, hand->salt, sizeof hand->salt)) != 0 ||
		(r = rng_fill(rng, core->document_id, CORE_DOCUMENT_ID_LEN)) != 0 ||
		(r = rng_fill(rng, core->log_key, HASH_LEN)) != 0 ||
		(r = rng_fill(rng, hand->r, SCHEDULE_LEN)) != 0 ||
		(r = rng_fill(rng, hand->s, SCHEDULE_LEN)) != 0 ||
		(r = rng_fill(rng, hand->v, SCHEDULE_LEN)) != 0 ||
		(r = shamir_split(hand->s, core->threshold, core->custodian_count, rng,
			 hand->shares)) != 0)
		return r;
	for (size_t i = 0; i < core->custodian_count; i++)
		core_share_hash(core->document_id, &hand->shares[i],
			core->custodians[i].share_hash);
	memcpy(three.r, hand->r, SCHEDULE_LEN);
	memcpy(three.s, hand->s, SCHEDULE_LEN);
	if ((r = schedule_v_body(hand->v, three.v_x)) != 0 ||
		(r = schedule_prk(core->suite, core->document_id, &three, prk)) != 0)
		return r;
	return schedule_key(prk, "commit", core->commitment);
}

/* One vector<u24> of slots: `secrets` has one for each key, or one for all (stride 0). */
static int
hand_slots(struct slot_place place, const struct kem_public *keys, size_t count,
	struct rng *rng, struct buf *out, const uint8_t *secrets, size_t stride)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		r = slot_seal(&place, &keys[i], rng, secrets + i * stride, out);
		place.index++;
	}
	return r;
}

static int
hand_write(const struct fixture_spec *spec, const struct hand *hand, struct cast *cast,
	struct rng *rng, struct buf *out)
{
	struct slot_place place = {.role = "R", .suite = spec->suite};
	const struct kem_public *rest = cast->keys + cast->reader_count;
	size_t start = out->len, n = hand->core.custodian_count, mark;
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = core_write(&hand->core, out)) != 0 ||
		(r = core_hash(out->data + start, out->len - start, hash)) != 0)
		return r;
	buf_bytes(out, hand->salt, sizeof hand->salt);
	mark = buf_vec_begin(out, 4);
	if ((r = fixture_addressing(spec, out)) != 0)
		return r;
	buf_vec_end(out, mark, 4);
	place.core_hash = hash;
	qsort(cast->keys, cast->reader_count, sizeof *cast->keys, compare_keys);
	mark = buf_vec_begin(out, 3);
	if ((r = hand_slots(
		     place, cast->keys, cast->reader_count, rng, out, hand->r, 0)) != 0)
		return r;
	buf_vec_end(out, mark, 3);
	mark = buf_vec_begin(out, 3);
	place.role = "S";
	if ((r = hand_slots(place, rest, n, rng, out, hand->shares[0].value,
		     sizeof hand->shares[0])) != 0)
		return r;
	place.role = "V";
	place.index = (uint32_t)n;
	if ((r = hand_slots(place, rest + n, 1, rng, out, hand->v, 0)) != 0)
		return r;
	buf_vec_end(out, mark, 3);
	return buf_error(out);
}

/* The author's own keys after bending: what he then seals the body with. */
static int
hand_secrets(const struct hand *hand, const struct buf *out, size_t start,
	struct header_secrets *ret_secrets)
{
	struct header_secrets secrets = {0};
	struct schedule_secrets three;
	struct header header;
	uint8_t prk[SCHEDULE_LEN];
	size_t len;
	int r;

	memcpy(secrets.document_id, hand->core.document_id, CORE_DOCUMENT_ID_LEN);
	memcpy(secrets.r, hand->r, SCHEDULE_LEN);
	memcpy(secrets.s, hand->s, SCHEDULE_LEN);
	memcpy(secrets.v, hand->v, SCHEDULE_LEN);
	memcpy(three.r, hand->r, SCHEDULE_LEN);
	memcpy(three.s, hand->s, SCHEDULE_LEN);
	if ((r = schedule_v_body(hand->v, three.v_x)) != 0 ||
		(r = schedule_prk(
			 hand->core.suite, hand->core.document_id, &three, prk)) != 0 ||
		(r = schedule_key(prk, "body", secrets.body_key)) != 0)
		return r;
	r = header_parse(rd_of(out->data + start, out->len - start), &header, &len);
	/* A bent header may be one that nobody parses; the body is sealed all the same. */
	if (r == 0)
		memcpy(secrets.hash, header.hash, HASH_LEN);
	else if (r == FAIL_NOMEM)
		return r;
	*ret_secrets = secrets;
	return 0;
}

/* The hash of the addressing follows from the salt. */
static int
hand_address(const struct fixture_spec *spec, struct hand *hand)
{
	struct buf addressing;
	int r;

	buf_init(&addressing, ADDRESSING_LEN_MAX);
	if ((r = fixture_addressing(spec, &addressing)) == 0)
		r = addressing_hash(hand->salt, addressing.data, addressing.len,
			hand->core.addressing_hash);
	buf_done(&addressing);
	return r;
}

static int
header_by_hand(const struct fixture_spec *spec, struct rng *rng, struct cast *cast,
	struct buf *out, struct header_secrets *ret_secrets)
{
	struct hand hand = {0};
	struct buf label;
	size_t start = out->len;
	int r;

	buf_init(&label, CORE_LABEL_MAX);
	if ((r = fixture_label(&label)) != 0)
		goto out;
	hand.core = core_of(spec, rd_of(label.data, label.len));
	if ((r = hand_draw(&hand, rng)) != 0 || (r = hand_address(spec, &hand)) != 0)
		goto out;
	if (spec->bend != NULL)
		spec->bend(&hand);
	if ((r = hand_write(spec, &hand, cast, rng, out)) == 0)
		r = hand_secrets(&hand, out, start, ret_secrets);
out:
	buf_done(&label);
	return r;
}

static int
header_by_room(const struct fixture_spec *spec, struct rng *rng, const struct cast *cast,
	struct buf *out, struct header_secrets *ret_secrets)
{
	struct header_plan plan = {.readers = cast->keys,
		.reader_count = cast->reader_count,
		.custodians = cast->keys + cast->reader_count,
		.originator = &cast->keys[cast->count - 1]};
	struct buf addressing, label;
	int r;

	buf_init(&addressing, ADDRESSING_LEN_MAX);
	buf_init(&label, CORE_LABEL_MAX);
	if ((r = fixture_label(&label)) != 0 ||
		(r = fixture_addressing(spec, &addressing)) != 0)
		goto out;
	plan.core = core_of(spec, rd_of(label.data, label.len));
	plan.addressing = rd_of(addressing.data, addressing.len);
	r = header_seal(&plan, rng, out, ret_secrets);
out:
	buf_done(&addressing);
	buf_done(&label);
	return r;
}

int
fixture_header(const struct fixture_spec *spec, struct rng *rng, struct buf *out,
	struct header_secrets *ret_secrets)
{
	struct cast cast;
	int r;

	if ((r = cast_new(spec, &cast)) != 0)
		return r;
	r = spec->is_by_hand || spec->bend != NULL
		? header_by_hand(spec, rng, &cast, out, ret_secrets)
		: header_by_room(spec, rng, &cast, out, ret_secrets);
	mem_free(cast.keys);
	return r;
}
