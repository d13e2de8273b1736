/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/sign.h"
#include "envelope/body.h"
#include "envelope/segment.h"
#include "fixture.h"
#include "log/tree.h"

/*
 * One pass over the bytes.  The state holds what later stages compare with; each stage is one
 * function that moves `in` past what it has read.
 */

struct state {
	struct verifier *v;
	struct rd in;
	struct header header;
	struct schedule_secrets three; /* v_x holds V itself until it is expanded */
	uint8_t body_key[SCHEDULE_LEN];
	struct tree tree;
	struct hash *hash;
	struct trailer_sums seen;
	struct trailer trailer;
	struct rd boxes; /* the pairs, to be opened once the signature is good */
};

static const char *const words[STAGE_COUNT] = {"accepted", "header", "keys", "segments",
	"boxes", "trailer", "counts", "signer", "signature", "body", "wordings"};

const char *
stage_text(enum stage stage)
{
	return stage < STAGE_COUNT ? words[stage] : "?";
}

enum stage
stage_of(const char *text)
{
	enum stage stage = STAGE_ACCEPTED;

	while (stage < STAGE_COUNT && strcmp(words[stage], text) != 0)
		stage++;
	return stage;
}

void
verifier_init(struct verifier *v)
{
	*v = (struct verifier){0};
	buf_init(&v->plain, FIXTURE_BYTES_MAX);
	buf_init(&v->wordings, FIXTURE_BYTES_MAX);
}

void
verifier_done(struct verifier *v)
{
	buf_done(&v->plain);
	buf_done(&v->wordings);
}

static int
stage_header(struct state *s)
{
	size_t len;
	int r;

	if ((r = header_parse(s->in, &s->header, &len)) == 0)
		s->in = rd_of(s->in.ptr + len, s->in.len - len);
	return r;
}

static int
unwrap(void *ctx, const struct slot_place *place, const struct slot *slot,
	uint8_t ret_secret[SLOT_SECRET_LEN])
{
	const struct state *s = ctx;
	bool is_r = strcmp(place->role, "R") == 0;
	uint8_t seed[KEM_SEED_LEN];

	fixture_seed(is_r ? "reader" : "solo", is_r ? s->v->reader : 0, seed);
	return slot_open(place, slot, seed, ret_secret);
}

static int
keys_solo(struct state *s)
{
	struct header_keyring ring = {.reader_count = 1, .unwrap = unwrap, .ctx = s};
	uint8_t reader_id[1][KEM_ID_LEN], custody_id[KEM_ID_LEN];
	uint16_t suite = s->header.core.suite;
	struct kem_public key;

	fixture_key(suite, "reader", s->v->reader, &key);
	kem_id(&key, reader_id[0]);
	fixture_key(suite, "solo", 0, &key);
	kem_id(&key, custody_id);
	ring.reader_ids = reader_id;
	ring.custody_id = custody_id;
	return header_open_solo(&s->header, &ring, s->body_key);
}

/* Open slot `index` of a vector with a key of the cast. */
static int
open_slot(struct state *s, const char *role, uint32_t index, const uint8_t *seed,
	uint8_t *ret_secret)
{
	struct slot_place place = {.role = role,
		.suite = s->header.core.suite,
		.index = index,
		.core_hash = s->header.core_hash};
	struct slot slot;

	slots_at(strcmp(role, "R") == 0 ? &s->header.r : &s->header.sv, index, &slot);
	return slot_open(&place, &slot, seed, ret_secret);
}

/* Unwrap t shares, the ones at hand, check each against the core, join. */
static int
join_shares(struct state *s, const char *holder)
{
	const struct core *core = &s->header.core;
	struct shamir_share shares[CORE_CUSTODIANS_MAX] = {0};
	uint32_t at_hand = s->v->custodians != 0 ? s->v->custodians : UINT32_MAX;
	uint8_t seed[KEM_SEED_LEN];
	size_t n = 0;
	int r;

	for (uint32_t i = 0; i < core->custodian_count && n < core->threshold; i++) {
		if ((at_hand >> i & 1) == 0)
			continue;
		fixture_seed(holder, i, seed);
		shares[n].number = (uint8_t)(i + 1);
		if ((r = open_slot(s, "S", i, seed, shares[n].value)) != 0 ||
			(r = core_check_share(core, &shares[n])) != 0)
			return r;
		n++;
	}
	return n == core->threshold ? shamir_join(shares, n, s->three.s) : FAIL_SHARE;
}

/* R, S and V one by one, as a reader in a community gets them. */
static int
open_three(struct state *s)
{
	const struct core *core = &s->header.core;
	const char *originator = core_is_solo(core) ? "solo" : "originator";
	uint8_t seed[KEM_SEED_LEN], id[KEM_ID_LEN];
	struct kem_public key;
	size_t at;
	int r;

	fixture_key(core->suite, "reader", s->v->reader, &key);
	fixture_seed("reader", s->v->reader, seed);
	kem_id(&key, id);
	if ((r = slots_find(&s->header.r, id, &at)) != 0 ||
		(r = open_slot(s, "R", (uint32_t)at, seed, s->three.r)) != 0 ||
		(r = join_shares(s, core_is_solo(core) ? "solo" : "custodian")) != 0)
		return r;
	fixture_seed(originator, 0, seed);
	return open_slot(s, "V", core->custodian_count, seed, s->three.v_x);
}

static int
stage_keys(struct state *s)
{
	struct schedule_secrets three;
	int r;

	if (core_is_solo(&s->header.core))
		return keys_solo(s);
	if ((r = open_three(s)) != 0)
		return r;
	three = s->three;
	if ((r = schedule_v_body(s->three.v_x, three.v_x)) != 0)
		return r;
	return schedule_body_key(&s->header.core, &three, s->body_key);
}

static void
push_leaf(struct state *s, struct rd bytes)
{
	uint8_t leaf[HASH_LEN];

	tree_leaf(s->hash, bytes.ptr, bytes.len, leaf);
	tree_push(&s->tree, leaf);
}

static int
read_segment(struct state *s, struct aead *aead, struct segment_at *at)
{
	const uint8_t *head, *sealed;
	uint8_t *plain;
	size_t len;
	int r;

	if ((r = rd_bytes(&s->in, SEGMENT_FRAME_HEAD, &head)) != 0 ||
		(r = segment_head(head, at->index, &at->is_last, &len)) != 0 ||
		(r = rd_bytes(&s->in, len, &sealed)) != 0)
		return r;
	/* Room for the tag too, so that an empty segment has an address; taken back below. */
	if ((plain = buf_extend(&s->v->plain, len)) == NULL)
		return buf_error(&s->v->plain);
	s->v->plain.len -= AEAD_TAG_LEN;
	r = segment_open(aead, s->header.hash, *at, sealed, len, plain);
	if (r != 0 && s->v->leave_out != STAGE_SEGMENTS)
		return r;
	push_leaf(s, rd_of(sealed, len));
	s->seen.body_len += len - AEAD_TAG_LEN;
	s->seen.segments++;
	return 0;
}

static int
stage_segments(struct state *s)
{
	struct segment_at at = {0};
	struct aead *aead = NULL;
	int r;

	if ((r = aead_new(s->body_key, &aead)) != 0)
		return r;
	do {
		r = read_segment(s, aead, &at);
		at.index++;
	} while (r == 0 && !at.is_last);
	aead_free(aead);
	return r;
}

static int
stage_boxes(struct state *s)
{
	struct rd pair[2], start;
	uint32_t pairs;
	int r;

	if ((r = rd_u32(&s->in, &pairs)) != 0)
		return r;
	if (pairs > BOX_PAIRS_MAX)
		return FAIL_FORMAT;
	start = s->in;
	for (uint32_t i = 0; i < pairs; i++) {
		if ((r = box_parse_pair(&s->in, pair)) != 0)
			return r;
		push_leaf(s, pair[0]);
		push_leaf(s, pair[1]);
	}
	s->seen.boxes = 2 * pairs;
	s->boxes = rd_of(start.ptr, start.len - s->in.len);
	return 0;
}

static int
stage_trailer(struct state *s)
{
	tree_root(&s->tree, s->seen.root);
	return trailer_parse(s->in, &s->trailer);
}

static int
stage_counts(struct state *s)
{
	return trailer_compare(&s->trailer.sums, &s->seen);
}

/* Are they whom the reader expects: kind, number and identity? */
static int
stage_signer(struct state *s)
{
	static const char *const names[TRAILER_SIGNERS_MAX] = {"author", "releaser"};
	bool is_solo = core_is_solo(&s->header.core);
	size_t len = is_solo ? SIGN_PUBLIC_LEN : FIXTURE_CREDENTIAL_LEN;
	uint8_t want[FIXTURE_CREDENTIAL_LEN];

	if (s->trailer.signers[0].kind != (is_solo ? SIGNER_BARE_KEY : SIGNER_CREDENTIAL))
		return FAIL_FORMAT;
	for (size_t i = 0; i < s->trailer.signer_count; i++) {
		struct rd identity = s->trailer.signers[i].identity;

		fixture_credential(names[i], want);
		if (identity.len != len || memcmp(identity.ptr, want, len) != 0)
			return FAIL_SIGNER;
	}
	return 0;
}

static int
stage_signature(struct state *s)
{
	uint8_t message[TRAILER_SIGNED_LEN];
	int r = 0;

	if (s->trailer.signers[0].kind == SIGNER_BARE_KEY)
		return trailer_verify_bare(&s->trailer, 0, s->header.hash);
	trailer_signed(s->header.hash, &s->trailer.sums, message);
	for (size_t i = 0; i < s->trailer.signer_count && r == 0; i++)
		r = sign_verify(s->trailer.signers[i].identity.ptr, message,
			sizeof message, s->trailer.signers[i].signature);
	return r;
}

static int
stage_body(struct state *s)
{
	struct body_head *head = NULL;
	size_t len;
	int r;

	if (s->v->is_raw)
		return 0;
	if ((r = mem_new(&head, sizeof *head)) != 0)
		return r;
	r = body_parse(rd_of(s->v->plain.data, s->v->plain.len), head, &len);
	if (r == 0 && head->place_count != s->seen.boxes / 2)
		r = FAIL_FORMAT;
	mem_free(head);
	return r;
}

/* One wording of each pair, as a copy has it. */
static int
stage_wordings(struct state *s)
{
	struct box_at at = {.header_hash = s->header.hash};
	const struct core *core = &s->header.core;
	struct schedule_secrets three;
	uint8_t prk[SCHEDULE_LEN];
	struct rd pair[2];
	int r;

	if (s->boxes.len == 0)
		return 0;
	if ((r = open_three(s)) != 0)
		return r;
	three = s->three;
	for (; s->boxes.len > 0; at.pair++) {
		size_t mark;

		at.b = at.pair % 2;
		if ((r = box_parse_pair(&s->boxes, pair)) != 0 ||
			(r = schedule_v_box(s->three.v_x, at.pair, at.b, three.v_x)) !=
				0 ||
			(r = schedule_prk(core->suite, core->document_id, &three, prk)) !=
				0)
			return r;
		mark = buf_vec_begin(&s->v->wordings, 2);
		if ((r = box_open(at, prk, pair[at.b], &s->v->wordings)) != 0)
			return r;
		buf_vec_end(&s->v->wordings, mark, 2);
	}
	return buf_error(&s->v->wordings);
}

struct verdict
verifier_run(struct verifier *v, struct rd file)
{
	static int (*const stages[STAGE_COUNT])(struct state *) = {NULL, stage_header,
		stage_keys, stage_segments, stage_boxes, stage_trailer, stage_counts,
		stage_signer, stage_signature, stage_body, stage_wordings};
	struct verdict verdict = {STAGE_ACCEPTED, 0};
	struct state s = {.v = v, .in = file};

	buf_clear(&v->plain);
	buf_clear(&v->wordings);
	tree_init(&s.tree);
	if ((verdict.r = hash_new(&s.hash)) != 0) {
		verdict.stage = STAGE_HEADER;
		return verdict;
	}
	for (enum stage i = STAGE_HEADER; i < STAGE_COUNT; i++) {
		int r = stages[i](&s);

		/* A check left out looks at nothing; what reads on must still succeed. */
		if (r == 0 || (i == v->leave_out && i >= STAGE_COUNTS))
			continue;
		verdict = (struct verdict){i, r};
		break;
	}
	hash_free(s.hash);
	mem_wipe(&s.three, sizeof s.three);
	return verdict;
}
