/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/segment.h"
#include "fixture.h"
#include "verifier.h"

/*
 * Pieces of honest envelopes put where they do not belong.  Every piece is genuine, so only
 * what binds pieces together can notice.
 */

static struct verdict
verdict_of(const struct buf *file)
{
	struct verdict verdict;
	struct verifier v;

	verifier_init(&v);
	verdict = verifier_run(&v, bytes_of(file));
	verifier_done(&v);
	return verdict;
}

static void
assert_refused(const struct buf *file, enum stage stage, int r)
{
	struct verdict verdict = verdict_of(file);

	if (verdict.stage != stage || verdict.r != r)
		fail_msg("%s, %d instead of %s, %d", stage_text(verdict.stage), verdict.r,
			stage_text(stage), r);
}

/* Two envelopes with everything in common but the random stream and the text. */
static void
two(struct fixture_spec spec, struct sealed *ret_a, struct sealed *ret_b)
{
	spec.rng = "one";
	fixture_sealed(&spec, ret_a);
	spec.rng = "two";
	spec.text = "The courier leaves at noon.";
	fixture_sealed(&spec, ret_b);
	assert_int_equal(verdict_of(&ret_a->bytes).r, 0);
	assert_int_equal(verdict_of(&ret_b->bytes).r, 0);
	assert_memory_equal(ret_a->at, ret_b->at, sizeof ret_a->at);
}

static void
take(struct sealed *to, const struct sealed *from, size_t at, size_t len)
{
	memcpy(to->bytes.data + at, from->bytes.data + at, len);
}

/* `first` is the stage for the slot that our reader opens, others are noticed at segments. */
static void
slots_exchanged(struct fixture_spec spec)
{
	size_t one = slot_len(SUITE_1);
	struct sealed a, b;

	two(spec, &a, &b);
	for (enum fixture_part part = PART_R; part <= PART_SV; part++) {
		size_t count = (a.at[part + 1] - a.at[part] - 3) / one;

		for (size_t i = 0; i < count; i++) {
			size_t at = a.at[part] + 3 + i * one;
			struct verdict verdict;
			struct sealed again;

			take(&a, &b, at, one);
			verdict = verdict_of(&a.bytes);
			assert_int_equal(verdict.r, FAIL_ALTERED);
			assert_true(verdict.stage == STAGE_KEYS ||
				verdict.stage == STAGE_SEGMENTS);
			spec.rng = "one";
			fixture_sealed(&spec, &again);
			take(&a, &again, at, one);
			sealed_done(&again);
			assert_int_equal(verdict_of(&a.bytes).r, 0);
		}
	}
	sealed_done(&a);
	sealed_done(&b);
}

static void
slots_of_two_envelopes(void **state)
{
	(void)state;
	slots_exchanged(fixture_solo());
	slots_exchanged(fixture_members(2, 3));
}

static void
swap(uint8_t *a, uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

static void
slots_within_one_envelope(void **state)
{
	struct fixture_spec spec = fixture_solo();
	size_t one = slot_len(SUITE_1);
	struct sealed s;
	uint8_t *r, *sv;

	(void)state;
	fixture_sealed(&spec, &s);
	r = s.bytes.data + s.at[PART_R] + 3;
	sv = s.bytes.data + s.at[PART_SV] + 3;
	swap(sv, sv + one, one); /* S and V are both for the solo key: the role tells */
	assert_refused(&s.bytes, STAGE_KEYS, FAIL_ALTERED);
	swap(sv, sv + one, one);
	swap(r, r + one, one);
	assert_refused(&s.bytes, STAGE_HEADER, FAIL_FORMAT);
	swap(r, r + one, one);
	memcpy(r + one, r, one);
	assert_refused(&s.bytes, STAGE_HEADER, FAIL_FORMAT);
	sealed_done(&s);

	spec = fixture_members(2, 3);
	fixture_sealed(&spec, &s);
	sv = s.bytes.data + s.at[PART_SV] + 3;
	swap(sv, sv + one, one);
	assert_refused(&s.bytes, STAGE_KEYS, FAIL_ALTERED);
	swap(sv, sv + one, one);
	assert_int_equal(verdict_of(&s.bytes).r, 0);
	sealed_done(&s);
}

/* Rebuild a file: its front, other segments, its boxes; then sign it anew if asked. */
static void
with_segments(const struct fixture_spec *spec, struct sealed *s, struct rd segments,
	bool is_resigned)
{
	size_t boxes_len = s->at[PART_COUNT] - s->at[PART_BOXES];
	size_t trailer_at = s->at[PART_TRAILER] - s->at[PART_BOXES];
	struct buf tail;

	buf_init(&tail, FIXTURE_BYTES_MAX);
	buf_bytes(&tail, s->bytes.data + s->at[PART_BOXES], boxes_len);
	s->bytes.len = s->at[PART_SEGMENTS];
	buf_bytes(&s->bytes, segments.ptr, segments.len);
	s->at[PART_BOXES] = s->bytes.len;
	s->at[PART_TRAILER] = s->bytes.len + trailer_at;
	buf_bytes(&s->bytes, tail.data, tail.len);
	s->at[PART_COUNT] = s->bytes.len;
	assert_int_equal(buf_error(&s->bytes), 0);
	buf_done(&tail);
	if (is_resigned)
		assert_int_equal(fixture_resign(spec, s), 0);
}

enum { FRAME = SEGMENT_FRAME_MAX };

/* Three segments: two full ones and a short last one, put together in another way. */
static void
segments_as(size_t (*order)(const uint8_t *in, size_t len, uint8_t *out), int want)
{
	struct fixture_spec spec = fixture_solo();

	spec.body_len = 2 * SEGMENT_PLAIN_MAX + 100;
	for (int is_resigned = 0; is_resigned < 2; is_resigned++) {
		static uint8_t out[6 * FRAME];
		struct sealed s;
		size_t len;

		fixture_sealed(&spec, &s);
		len = order(s.bytes.data + s.at[PART_SEGMENTS],
			s.at[PART_BOXES] - s.at[PART_SEGMENTS], out);
		with_segments(&spec, &s, rd_of(out, len), is_resigned == 1);
		assert_refused(&s.bytes, STAGE_SEGMENTS, want);
		sealed_done(&s);
	}
}

static size_t
first_two_swapped(const uint8_t *in, size_t len, uint8_t *out)
{
	memcpy(out, in + FRAME, FRAME);
	memcpy(out + FRAME, in, FRAME);
	memcpy(out + 2 * FRAME, in + 2 * FRAME, len - 2 * FRAME);
	return len;
}

static size_t
first_left_out(const uint8_t *in, size_t len, uint8_t *out)
{
	memcpy(out, in + FRAME, len - FRAME);
	return len - FRAME;
}

static size_t
first_twice(const uint8_t *in, size_t len, uint8_t *out)
{
	memcpy(out, in, FRAME);
	memcpy(out + FRAME, in, len);
	return len + FRAME;
}

/* Cut after the second, which then says that it is the last. */
static size_t
cut_with_the_flag_moved(const uint8_t *in, size_t len, uint8_t *out)
{
	(void)len;
	memcpy(out, in, 2 * FRAME);
	out[FRAME] = 1;
	return 2 * FRAME;
}

static size_t
last_flag_taken_away(const uint8_t *in, size_t len, uint8_t *out)
{
	memcpy(out, in, len);
	out[2 * FRAME] = 0;
	return len;
}

static size_t
last_segment_first(const uint8_t *in, size_t len, uint8_t *out)
{
	memcpy(out, in + 2 * FRAME, len - 2 * FRAME);
	return len - 2 * FRAME;
}

static size_t
an_empty_last_segment_added(const uint8_t *in, size_t len, uint8_t *out)
{
	(void)len;
	memcpy(out, in, 2 * FRAME);
	memset(out + 2 * FRAME, 0, SEGMENT_FRAME_HEAD + AEAD_TAG_LEN);
	out[2 * FRAME] = 1;
	out[2 * FRAME + 3] = AEAD_TAG_LEN;
	return 2 * FRAME + SEGMENT_FRAME_HEAD + AEAD_TAG_LEN;
}

static void
segments_within_one_envelope(void **state)
{
	(void)state;
	segments_as(first_two_swapped, FAIL_ALTERED);
	segments_as(first_left_out, FAIL_ALTERED);
	segments_as(first_twice, FAIL_ALTERED);
	segments_as(cut_with_the_flag_moved, FAIL_ALTERED);
	segments_as(last_flag_taken_away, FAIL_FORMAT);
	segments_as(last_segment_first, FAIL_ALTERED);
	segments_as(an_empty_last_segment_added, FAIL_FORMAT);
}

/* One part of b in the place of the same part of a. */
static void
part_exchanged(
	struct fixture_spec spec, enum fixture_part part, enum stage stage, int want)
{
	struct sealed a, b;

	two(spec, &a, &b);
	take(&a, &b, a.at[part], a.at[part + 1] - a.at[part]);
	assert_refused(&a.bytes, stage, want);
	sealed_done(&a);
	sealed_done(&b);
}

static void
parts_of_two_envelopes(void **state)
{
	struct fixture_spec spec = fixture_members(2, 3);

	(void)state;
	spec.pairs = 3;
	part_exchanged(spec, PART_CORE, STAGE_HEADER, FAIL_ALTERED);
	part_exchanged(spec, PART_SALT, STAGE_HEADER, FAIL_ALTERED);
	part_exchanged(spec, PART_R, STAGE_KEYS, FAIL_ALTERED);
	part_exchanged(spec, PART_SV, STAGE_KEYS, FAIL_ALTERED);
	part_exchanged(spec, PART_SEGMENTS, STAGE_SEGMENTS, FAIL_ALTERED);
	part_exchanged(spec, PART_BOXES, STAGE_COUNTS, FAIL_ALTERED);
	part_exchanged(spec, PART_TRAILER, STAGE_COUNTS, FAIL_ALTERED);
}

static void
header_of_one_and_body_of_the_other(void **state)
{
	struct fixture_spec spec = fixture_solo();
	struct sealed a, b;

	(void)state;
	two(spec, &a, &b);
	take(&a, &b, a.at[PART_SEGMENTS], a.bytes.len - a.at[PART_SEGMENTS]);
	assert_refused(&a.bytes, STAGE_SEGMENTS, FAIL_ALTERED);
	sealed_done(&a);
	sealed_done(&b);
}

static void
set_id(struct hand *hand)
{
	memset(hand->core.document_id, 0x1d, CORE_DOCUMENT_ID_LEN);
	for (size_t i = 0; i < hand->core.custodian_count; i++)
		core_share_hash(hand->core.document_id, &hand->shares[i],
			hand->core.custodians[i].share_hash);
}

static void
set_id_and_commitment(struct hand *hand)
{
	struct schedule_secrets three;
	uint8_t prk[SCHEDULE_LEN];

	set_id(hand);
	memcpy(three.r, hand->r, SCHEDULE_LEN);
	memcpy(three.s, hand->s, SCHEDULE_LEN);
	assert_int_equal(schedule_v_body(hand->v, three.v_x), 0);
	assert_int_equal(
		schedule_prk(hand->core.suite, hand->core.document_id, &three, prk), 0);
	assert_int_equal(schedule_key(prk, "commit", hand->core.commitment), 0);
}

/* An id used twice gives nothing away: keys, core hash and header hash still differ. */
static void
slots_and_boxes_of_two_with_one_id(void **state)
{
	struct fixture_spec spec = fixture_members(2, 3);
	struct sealed a, b;

	(void)state;
	spec.pairs = 3;
	spec.bend = set_id_and_commitment;
	two(spec, &a, &b);
	assert_memory_equal(
		a.secrets.document_id, b.secrets.document_id, CORE_DOCUMENT_ID_LEN);
	sealed_done(&a);
	sealed_done(&b);
	slots_exchanged(spec);
	part_exchanged(spec, PART_R, STAGE_KEYS, FAIL_ALTERED);
	part_exchanged(spec, PART_SV, STAGE_KEYS, FAIL_ALTERED);
	part_exchanged(spec, PART_SEGMENTS, STAGE_SEGMENTS, FAIL_ALTERED);
	part_exchanged(spec, PART_BOXES, STAGE_COUNTS, FAIL_ALTERED);
	part_exchanged(spec, PART_TRAILER, STAGE_COUNTS, FAIL_ALTERED);
}

/* Even the author himself cannot move a box to another document. */
static void
a_box_moved_and_signed_by_the_author(void **state)
{
	struct fixture_spec spec = fixture_members(2, 3);
	struct sealed a, b;

	(void)state;
	spec.pairs = 3;
	spec.bend = set_id_and_commitment;
	two(spec, &a, &b);
	take(&a, &b, a.at[PART_BOXES], a.at[PART_TRAILER] - a.at[PART_BOXES]);
	assert_int_equal(fixture_resign(&spec, &a), 0);
	assert_refused(&a.bytes, STAGE_WORDINGS, FAIL_COMMITMENT);
	sealed_done(&a);
	sealed_done(&b);
}

/* The whole stream replayed: one header, one key, two texts.  Root and signature tell. */
static void
two_texts_under_one_header(void **state)
{
	struct fixture_spec spec = fixture_solo();
	struct sealed a, b;

	(void)state;
	fixture_sealed(&spec, &a);
	spec.text = "The courier leaves at noon.";
	fixture_sealed(&spec, &b);
	assert_memory_equal(a.bytes.data, b.bytes.data, a.at[PART_SEGMENTS]);
	take(&a, &b, a.at[PART_SEGMENTS], a.at[PART_BOXES] - a.at[PART_SEGMENTS]);
	assert_refused(&a.bytes, STAGE_COUNTS, FAIL_ALTERED);
	spec.author = "attacker";
	assert_int_equal(fixture_resign(&spec, &a), 0);
	assert_refused(&a.bytes, STAGE_SIGNER, FAIL_SIGNER);
	sealed_done(&a);
	sealed_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_of_two_envelopes),
		cmocka_unit_test(slots_within_one_envelope),
		cmocka_unit_test(segments_within_one_envelope),
		cmocka_unit_test(parts_of_two_envelopes),
		cmocka_unit_test(header_of_one_and_body_of_the_other),
		cmocka_unit_test(slots_and_boxes_of_two_with_one_id),
		cmocka_unit_test(a_box_moved_and_signed_by_the_author),
		cmocka_unit_test(two_texts_under_one_header),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
