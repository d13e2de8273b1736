/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include <string.h>

#include "base/text.h"
#include "envelope/grant.h"
#include "newcomer.h"

/*
 * Rows are short on purpose: a plain envelope, and one thing done to it.  Offsets in the core
 * of the solo envelope: id 12, empty names 28..30, label 31, flags, expiry, rule, threshold ...
 */

static void
boxes(struct fixture_spec *spec)
{
	spec->pairs = 2;
}

static void
flash(struct fixture_spec *spec)
{
	spec->flags = CORE_FLASH;
	spec->precedence = PRECEDENCE_FLASH;
}

static void
controlled(struct fixture_spec *spec)
{
	spec->flags = CORE_CONTROLLED;
}

static void
flash_flag_only(struct fixture_spec *spec)
{
	spec->flags = CORE_FLASH;
	spec->is_by_hand = true;
}

static void
flash_precedence_only(struct fixture_spec *spec)
{
	spec->precedence = PRECEDENCE_FLASH;
	spec->is_by_hand = true;
}

static void
empty(struct fixture_spec *spec)
{
	spec->is_raw = true;
	spec->body_len = 0;
}

static void
attachments(struct fixture_spec *spec)
{
	spec->attachments = 2;
}

static void
two_segments(struct fixture_spec *spec)
{
	spec->body_len = 65537;
}

static void
one_reader(struct fixture_spec *spec)
{
	spec->readers = 1;
}

static void
one_of_one(struct fixture_spec *spec)
{
	spec->threshold = 1;
	spec->custodians = 1;
	spec->signers = 1;
}

static void
internal(struct fixture_spec *spec)
{
	one_of_one(spec);
	spec->rule = CORE_RULE_INTERNAL;
}

static void
sixteen(struct fixture_spec *spec)
{
	spec->threshold = 9;
	spec->custodians = 16;
}

static void
attacker(struct fixture_spec *spec)
{
	spec->author = "attacker";
}

static void
wrong_kind(struct fixture_spec *spec)
{
	spec->signers = 1;
	spec->is_kind_swapped = true;
}

static void
lie_bytes(struct trailer_sums *sums)
{
	sums->body_len++;
}

static void
lie_segments(struct trailer_sums *sums)
{
	sums->segments++;
}

static void
lie_boxes(struct trailer_sums *sums)
{
	sums->boxes += 2;
}

static void
lie_root(struct trailer_sums *sums)
{
	sums->root[0] ^= 1;
}

static void
bytes_lie(struct fixture_spec *spec)
{
	spec->lie = lie_bytes;
}

static void
segments_lie(struct fixture_spec *spec)
{
	spec->lie = lie_segments;
}

static void
boxes_lie(struct fixture_spec *spec)
{
	spec->lie = lie_boxes;
}

static void
root_lies(struct fixture_spec *spec)
{
	spec->lie = lie_root;
}

static void
bend_commitment(struct hand *hand)
{
	hand->core.commitment[0] ^= 1;
}

static void
bend_share(struct hand *hand)
{
	hand->shares[0].value[0] ^= 1;
}

static void
bend_share_and_hash(struct hand *hand)
{
	bend_share(hand);
	core_share_hash(hand->core.document_id, &hand->shares[0],
		hand->core.custodians[0].share_hash);
}

static void
bend_v(struct hand *hand)
{
	hand->v[0] ^= 1;
}

static void
commitment_lies(struct fixture_spec *spec)
{
	spec->bend = bend_commitment;
}

static void
share_is_false(struct fixture_spec *spec)
{
	spec->bend = bend_share;
}

static void
another_s(struct fixture_spec *spec)
{
	spec->bend = bend_share_and_hash;
}

static void
another_v(struct fixture_spec *spec)
{
	spec->bend = bend_v;
}

static void
cut_to(struct sealed *sealed, size_t len)
{
	sealed->bytes.len = len;
}

static void
cut_all(struct sealed *sealed)
{
	cut_to(sealed, 0);
}

static void
cut_in_core(struct sealed *sealed)
{
	cut_to(sealed, sealed->at[PART_SALT] - 1);
}

static void
cut_before_slots(struct sealed *sealed)
{
	cut_to(sealed, sealed->at[PART_R]);
}

static void
cut_after_header(struct sealed *sealed)
{
	cut_to(sealed, sealed->at[PART_SEGMENTS]);
}

static void
cut_in_segment(struct sealed *sealed)
{
	cut_to(sealed, sealed->at[PART_BOXES] - 1);
}

static void
cut_after_segments(struct sealed *sealed)
{
	cut_to(sealed, sealed->at[PART_BOXES]);
}

static void
cut_after_boxes(struct sealed *sealed)
{
	cut_to(sealed, sealed->at[PART_TRAILER]);
}

static void
cut_one_byte(struct sealed *sealed)
{
	cut_to(sealed, sealed->bytes.len - 1);
}

static void
one_byte_more(struct sealed *sealed)
{
	buf_u8(&sealed->bytes, 0);
}

static void
copy_slot(struct sealed *sealed, enum fixture_part part, size_t to, size_t from)
{
	uint8_t *slots = sealed->bytes.data + sealed->at[part] + 3;
	size_t one = slot_len(SUITE_1);

	memcpy(slots + to * one, slots + from * one, one);
}

static void
reader_twice(struct sealed *sealed)
{
	copy_slot(sealed, PART_R, 1, 0);
}

static void
swap_slots(struct sealed *sealed, enum fixture_part part)
{
	uint8_t *slots = sealed->bytes.data + sealed->at[part] + 3;
	size_t one = slot_len(SUITE_1);

	for (size_t i = 0; i < one; i++) {
		uint8_t byte = slots[i];

		slots[i] = slots[one + i];
		slots[one + i] = byte;
	}
}

static void
readers_descending(struct sealed *sealed)
{
	swap_slots(sealed, PART_R);
}

static void
s_and_v_swapped(struct sealed *sealed)
{
	swap_slots(sealed, PART_SV);
}

#define GOOD(name, reader, spec, comment)                                                \
	{                                                                                \
		name, reader, STAGE_ACCEPTED, 0, comment, spec, NULL, PART_CORE, 0, 0    \
	}
#define MADE(name, reader, spec, stage, r, comment)                                      \
	{                                                                                \
		name, reader, stage, r, comment, spec, NULL, PART_CORE, 0, 0             \
	}
#define EDIT(name, edit, stage, r, comment)                                              \
	{                                                                                \
		name, READER_SOLO, stage, r, comment, NULL, edit, PART_CORE, 0, 0        \
	}
#define BYTE(name, part, at, xor, stage, r, comment)                                     \
	{                                                                                \
		name, READER_SOLO, stage, r, comment, NULL, NULL, part, at, xor          \
	}
#define GRANT(name, at, xor, r, comment)                                                 \
	{                                                                                \
		name, READER_GRANT, STAGE_HEADER, r, comment, NULL, NULL, PART_CORE, at, \
			xor                                                              \
	}

/* clang-format off */
const struct vector_case cases[] = {
	GOOD("solo", READER_SOLO, NULL, "two readers, a short text"),
	GOOD("solo-one-reader", READER_SOLO, one_reader, "one slot R"),
	GOOD("solo-empty-body", READER_RAW, empty, "one last segment of no bytes; no head"),
	GOOD("solo-two-segments", READER_SOLO, two_segments, "64 KiB and one byte"),
	GOOD("solo-attachments", READER_SOLO, attachments, "three parts"),
	GOOD("solo-boxes", READER_SOLO, boxes, "two pairs of wordings"),
	GOOD("solo-flash", READER_SOLO, flash, "flag and precedence agree"),
	GOOD("solo-controlled", READER_SOLO, controlled, "flag: originator controls forwarding"),
	GOOD("members", READER_MEMBERS, NULL, "2 of 3 custodians, author and releaser"),
	GOOD("members-one-of-one", READER_MEMBERS, one_of_one, "one custodian, author only"),
	GOOD("members-internal", READER_MEMBERS, internal, "rule 2"),
	GOOD("members-sixteen", READER_MEMBERS, sixteen, "9 of 16 custodians"),
	GOOD("members-boxes", READER_MEMBERS, boxes, "two pairs of wordings"),
	GOOD("members-flash", READER_MEMBERS, flash, "flag and precedence agree"),
	GOOD("grant", READER_GRANT, NULL, "signed and countersigned"),

	MADE("flash-flag-only", READER_SOLO, flash_flag_only, STAGE_HEADER, FAIL_FORMAT, "flag without precedence"),
	MADE("flash-precedence-only", READER_SOLO, flash_precedence_only, STAGE_HEADER, FAIL_FORMAT, "precedence without flag"),
	MADE("commitment-lies", READER_SOLO, commitment_lies, STAGE_KEYS, FAIL_COMMITMENT, "the core names another commitment"),
	MADE("share-is-false", READER_SOLO, share_is_false, STAGE_KEYS, FAIL_SHARE, "the share is not the one of the core"),
	MADE("another-s", READER_SOLO, another_s, STAGE_KEYS, FAIL_COMMITMENT, "share and hash agree, the commitment is of another S"),
	MADE("another-v", READER_SOLO, another_v, STAGE_KEYS, FAIL_COMMITMENT, "the commitment is of another V"),
	MADE("members-commitment-lies", READER_MEMBERS, commitment_lies, STAGE_KEYS, FAIL_COMMITMENT, "the core names another commitment"),
	MADE("members-share-is-false", READER_MEMBERS, share_is_false, STAGE_KEYS, FAIL_SHARE, "custodian 1 got another share"),
	MADE("members-another-share", READER_MEMBERS, another_s, STAGE_KEYS, FAIL_COMMITMENT, "share 1 and its hash agree, but join to another S"),
	MADE("signed-by-another", READER_SOLO, attacker, STAGE_SIGNER, FAIL_SIGNER, "a good signature of somebody else"),
	MADE("members-signed-by-another", READER_MEMBERS, attacker, STAGE_SIGNER, FAIL_SIGNER, "a good signature of somebody else"),
	MADE("solo-signed-with-credential", READER_SOLO, wrong_kind, STAGE_SIGNER, FAIL_FORMAT, "kind 1 in a solo envelope"),
	MADE("members-signed-with-bare-key", READER_MEMBERS, wrong_kind, STAGE_SIGNER, FAIL_FORMAT, "kind 0 in a community"),
	MADE("body-length-lies", READER_SOLO, bytes_lie, STAGE_COUNTS, FAIL_ALTERED, "one byte more, signed by the author"),
	MADE("segments-lie", READER_SOLO, segments_lie, STAGE_COUNTS, FAIL_ALTERED, "one segment more, signed by the author"),
	MADE("boxes-lie", READER_SOLO, boxes_lie, STAGE_COUNTS, FAIL_ALTERED, "a pair more, signed by the author"),
	MADE("root-lies", READER_SOLO, root_lies, STAGE_COUNTS, FAIL_ALTERED, "another root, signed by the author"),

	EDIT("cut-to-nothing", cut_all, STAGE_HEADER, FAIL_TRUNCATED, "no byte at all"),
	EDIT("cut-in-core", cut_in_core, STAGE_HEADER, FAIL_TRUNCATED, "the last byte of the core missing"),
	EDIT("cut-before-slots", cut_before_slots, STAGE_HEADER, FAIL_TRUNCATED, "nothing after the addressing"),
	EDIT("cut-after-header", cut_after_header, STAGE_SEGMENTS, FAIL_TRUNCATED, "no segment"),
	EDIT("cut-in-segment", cut_in_segment, STAGE_SEGMENTS, FAIL_TRUNCATED, "one byte of the tag missing"),
	EDIT("cut-after-segments", cut_after_segments, STAGE_BOXES, FAIL_TRUNCATED, "no count of pairs"),
	EDIT("cut-after-boxes", cut_after_boxes, STAGE_TRAILER, FAIL_TRUNCATED, "no trailer"),
	EDIT("cut-one-byte", cut_one_byte, STAGE_TRAILER, FAIL_TRUNCATED, "the last byte missing"),
	EDIT("one-byte-more", one_byte_more, STAGE_TRAILER, FAIL_FORMAT, "a byte behind the trailer"),
	EDIT("reader-twice", reader_twice, STAGE_HEADER, FAIL_FORMAT, "one slot R two times"),
	EDIT("readers-descending", readers_descending, STAGE_HEADER, FAIL_FORMAT, "R slots in the wrong order"),
	EDIT("s-and-v-swapped", s_and_v_swapped, STAGE_KEYS, FAIL_ALTERED, "the role is in the info"),

	BYTE("magic", PART_CORE, 0, 0x20, STAGE_HEADER, FAIL_FORMAT, "vALISE"),
	BYTE("magic-line-end", PART_CORE, 6, 0x07, STAGE_HEADER, FAIL_FORMAT, "the CR of a transfer in text mode"),
	BYTE("version-2", PART_CORE, 9, 0x03, STAGE_HEADER, FAIL_VERSION, "version 2"),
	BYTE("version-257", PART_CORE, 8, 0x01, STAGE_HEADER, FAIL_VERSION, "version 257"),
	BYTE("suite-3", PART_CORE, 11, 0x02, STAGE_HEADER, FAIL_SUITE, "no such suite"),
	BYTE("suite-2-slots-of-1", PART_CORE, 11, 0x03, STAGE_HEADER, FAIL_FORMAT, "suite 2 has longer slots"),
	BYTE("document-id", PART_CORE, 12, 0x01, STAGE_KEYS, FAIL_ALTERED, "the core hash is in the aad of the slots"),
	BYTE("label-altered", PART_CORE, 35, 0x01, STAGE_KEYS, FAIL_ALTERED, "another policy in the label"),
	BYTE("label-escape", PART_CORE, 35, 0x58, STAGE_HEADER, FAIL_FORMAT, "an escape character in the label"),
	BYTE("commitment", PART_CORE, -96, 0x01, STAGE_KEYS, FAIL_ALTERED, "altered after sealing"),
	BYTE("log-key", PART_CORE, -64, 0x01, STAGE_KEYS, FAIL_ALTERED, "altered after sealing"),
	BYTE("addressing-hash", PART_CORE, -1, 0x01, STAGE_HEADER, FAIL_ALTERED, "not the hash of the addressing"),
	BYTE("share-hash", PART_CORE, -97, 0x01, STAGE_KEYS, FAIL_ALTERED, "altered after sealing"),
	BYTE("member-in-solo", PART_CORE, -129, 0x01, STAGE_HEADER, FAIL_FORMAT, "a custodian with a name"),
	BYTE("threshold-0", PART_CORE, -132, 0x01, STAGE_HEADER, FAIL_FORMAT, "0 of 1"),
	BYTE("rule-1-in-solo", PART_CORE, -133, 0x01, STAGE_HEADER, FAIL_FORMAT, "rule 1 without members"),
	BYTE("expiry", PART_CORE, -134, 0x01, STAGE_KEYS, FAIL_ALTERED, "a second later"),
	BYTE("flag-unknown", PART_CORE, -142, 0x04, STAGE_HEADER, FAIL_FORMAT, "bit 2"),
	BYTE("salt", PART_SALT, 31, 0x80, STAGE_HEADER, FAIL_ALTERED, "not the salt of the hash"),
	BYTE("addressing", PART_ADDRESSING, 11, 0x01, STAGE_HEADER, FAIL_ALTERED, "another time"),
	BYTE("addressing-long", PART_ADDRESSING, 0, 0x01, STAGE_HEADER, FAIL_FORMAT, "16 MiB of it"),
	BYTE("r-count", PART_R, 2, 0x01, STAGE_HEADER, FAIL_TRUNCATED, "not whole slots; what follows is read as a long vector"),
	BYTE("r-enc", PART_R, 35, 0x01, STAGE_KEYS, FAIL_ALTERED, "the slot of our reader"),
	BYTE("r-sealed", PART_R, -1, 0x01, STAGE_SEGMENTS, FAIL_ALTERED, "the slot of another reader"),
	BYTE("s-key-id", PART_SV, 3, 0x01, STAGE_KEYS, FAIL_NO_KEY, "a slot for somebody else"),
	BYTE("s-enc", PART_SV, 35, 0x01, STAGE_KEYS, FAIL_ALTERED, "the encapsulated key"),
	BYTE("v-sealed", PART_SV, -1, 0x01, STAGE_KEYS, FAIL_ALTERED, "the tag"),
	BYTE("segment-not-last", PART_SEGMENTS, 0, 0x01, STAGE_SEGMENTS, FAIL_FORMAT, "a short segment that is not the last"),
	BYTE("segment-flag-2", PART_SEGMENTS, 0, 0x03, STAGE_SEGMENTS, FAIL_FORMAT, "neither 0 nor 1"),
	BYTE("segment-text", PART_SEGMENTS, 4, 0x01, STAGE_SEGMENTS, FAIL_ALTERED, "one bit of the ciphertext"),
	BYTE("segment-tag", PART_SEGMENTS, -1, 0x01, STAGE_SEGMENTS, FAIL_ALTERED, "one bit of the tag"),
	BYTE("pairs-too-many", PART_BOXES, 2, 0x20, STAGE_BOXES, FAIL_FORMAT, "8,192 pairs"),
	BYTE("boxes-odd", PART_TRAILER, 15, 0x01, STAGE_TRAILER, FAIL_FORMAT, "half a pair"),
	BYTE("no-segments", PART_TRAILER, 11, 0x01, STAGE_TRAILER, FAIL_FORMAT, "none at all"),
	BYTE("root", PART_TRAILER, 16, 0x01, STAGE_COUNTS, FAIL_ALTERED, "altered after signing"),
	BYTE("signer-role", PART_TRAILER, 50, 0x02, STAGE_TRAILER, FAIL_FORMAT, "a granter"),
	BYTE("signer-key", PART_TRAILER, 54, 0x01, STAGE_SIGNER, FAIL_SIGNER, "another key"),
	BYTE("signature", PART_TRAILER, -1, 0x01, STAGE_SIGNATURE, FAIL_SIGNATURE, "one bit"),

	GRANT("grant-magic", 0, 0x01, FAIL_FORMAT, "not a grant"),
	GRANT("grant-version", 9, 0x03, FAIL_VERSION, "version 2"),
	GRANT("grant-suite", 11, 0x02, FAIL_SUITE, "suite 3"),
	GRANT("grant-envelope", 12, 0x01, FAIL_MISMATCH, "for another envelope"),
	GRANT("grant-credential", 46, 0x01, FAIL_SIGNATURE, "for another credential"),
	GRANT("grant-slot", 120, 0x01, FAIL_SIGNATURE, "another encapsulated key"),
	GRANT("grant-countersignature", -1, 0x01, FAIL_SIGNATURE, "one bit"),
	GRANT("grant-count-length", -65, 0x01, FAIL_FORMAT, "65 bytes of countersignature"),
};
/* clang-format on */

const size_t case_count = sizeof cases / sizeof cases[0];

const char *
case_fail_name(int r)
{
	static const char *const names[] = {[-FAIL_TRUNCATED] = "FAIL_TRUNCATED",
		[-FAIL_FORMAT] = "FAIL_FORMAT",
		[-FAIL_VERSION] = "FAIL_VERSION",
		[-FAIL_SUITE] = "FAIL_SUITE",
		[-FAIL_ALTERED] = "FAIL_ALTERED",
		[-FAIL_SIGNATURE] = "FAIL_SIGNATURE",
		[-FAIL_COMMITMENT] = "FAIL_COMMITMENT",
		[-FAIL_SHARE] = "FAIL_SHARE",
		[-FAIL_NO_KEY] = "FAIL_NO_KEY",
		[-FAIL_SIGNER] = "FAIL_SIGNER",
		[-FAIL_MISMATCH] = "FAIL_MISMATCH"};
	size_t i = r < 0 ? (size_t)-r : 0;

	return i > 0 && i < sizeof names / sizeof names[0] ? names[i] : NULL;
}

static void
flip(const struct vector_case *c, uint8_t *from, size_t len)
{
	size_t at = c->at < 0 ? len - (size_t)-c->at : (size_t)c->at;

	CHECK(at < len);
	from[at] ^= c->xor ;
}

static void
case_bytes(const struct vector_case *c, struct buf *out)
{
	struct fixture_spec spec =
		c->reader == READER_MEMBERS ? fixture_members(2, 3) : fixture_solo();
	struct sealed sealed;

	if (c->reader == READER_GRANT) {
		newcomer_grant(SUITE_1, true, out);
		flip(c, out->data, out->len);
		return;
	}
	if (c->spec != NULL)
		c->spec(&spec);
	fixture_sealed(&spec, &sealed);
	if (c->xor != 0)
		flip(c, sealed.bytes.data + sealed.at[c->part],
			sealed.at[c->part + 1] - sealed.at[c->part]);
	if (c->edit != NULL)
		c->edit(&sealed);
	buf_bytes(out, sealed.bytes.data, sealed.bytes.len);
	sealed_done(&sealed);
}

void
case_write(const struct vector_case *c, struct buf *out)
{
	static const char *const readers[] = {"solo", "members", "raw", "grant"};
	struct buf bytes;
	char line[65];

	buf_init(&bytes, FIXTURE_BYTES_MAX);
	case_bytes(c, &bytes);
	if (c->stage == STAGE_ACCEPTED)
		buf_text(out, "expect: accepted\n");
	else
		buf_printf(out, "expect: %s %s\n",
			c->reader == READER_GRANT ? "grant" : stage_text(c->stage),
			case_fail_name(c->r));
	buf_printf(out, "reader: %s\ncomment: %s\n\n", readers[c->reader], c->comment);
	for (size_t at = 0; at < bytes.len; at += 32) {
		size_t n = bytes.len - at < 32 ? bytes.len - at : 32;

		text_hex(bytes.data + at, n, line);
		buf_printf(out, "%s\n", line);
	}
	buf_done(&bytes);
	CHECK(buf_error(out) == 0);
}
