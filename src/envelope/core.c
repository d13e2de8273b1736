/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/core.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "member/address.h"

/*
 * One check (core_check) serves the parser and the writer, so that nothing can be written
 * that would be refused when read.  Canonical form follows from the types: every field has
 * one spelling, and the label room refuses labels that are not in theirs.
 */

static const uint8_t magic[RD_MAGIC_LEN] = {
	0x56, 0x41, 0x4c, 0x49, 0x53, 0x45, 0x0d, 0x0a};

bool
core_is_member(const uint8_t *ptr, size_t len)
{
	return address_is_member(rd_of(ptr, len));
}

bool
core_is_solo(const struct core *core)
{
	return core->rule == CORE_RULE_SOLO;
}

static bool
is_same(struct rd a, struct rd b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Solo: nobody outside is named anywhere, so that no reader can take it for witnessed. */
static int
check_solo(const struct core *core)
{
	if (core->log_origin.len != 0 || core->roster_hash.len != 0 ||
		core->originator.len != 0 || core->threshold != 1 ||
		core->custodian_count != 1 || core->custodians[0].member.len != 0)
		return FAIL_FORMAT;
	return 0;
}

static int
check_members(const struct core *core)
{
	if (core->rule != CORE_RULE_MEMBERS && core->rule != CORE_RULE_INTERNAL)
		return FAIL_FORMAT;
	if (core->log_origin.len == 0 || core->roster_hash.len != HASH_LEN ||
		!text_is_line(core->log_origin.ptr, core->log_origin.len) ||
		!core_is_member(core->originator.ptr, core->originator.len))
		return FAIL_FORMAT;
	for (size_t i = 0; i < core->custodian_count; i++) {
		struct rd member = core->custodians[i].member;

		if (!core_is_member(member.ptr, member.len))
			return FAIL_FORMAT;
		for (size_t k = 0; k < i; k++)
			if (is_same(member, core->custodians[k].member))
				return FAIL_FORMAT;
	}
	return 0;
}

static int
check_label(struct rd bytes)
{
	struct label *label = NULL;
	int r;

	if ((r = label_parse(&bytes, &label)) == 0)
		r = rd_end(&bytes);
	label_free(label);
	/*
	 * A vector that is all there cannot become whole by reading on; and a label over its
	 * limits is not canonical: "over the limit" would send its reader to the wrong remedy.
	 */
	return r == FAIL_TRUNCATED || r == FAIL_LIMIT ? FAIL_FORMAT : r;
}

static int
core_check(const struct core *core)
{
	int r;

	if (core->suite != SUITE_1 && core->suite != SUITE_2)
		return FAIL_SUITE;
	if ((core->flags & ~(uint32_t)(CORE_FLASH | CORE_CONTROLLED)) != 0)
		return FAIL_FORMAT;
	if (core->custodian_count < 1 || core->custodian_count > CORE_CUSTODIANS_MAX ||
		core->threshold < 1 || core->threshold > core->custodian_count)
		return FAIL_FORMAT;
	if ((r = core_is_solo(core) ? check_solo(core) : check_members(core)) != 0)
		return r;
	return check_label(core->label);
}

static int
parse_start(struct rd *in, struct core *core)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0 || (r = rd_version(in, CORE_VERSION)) != 0)
		return r;
	if ((r = rd_u16(in, &core->suite)) != 0)
		return r;
	return core->suite == SUITE_1 || core->suite == SUITE_2 ? 0 : FAIL_SUITE;
}

static int
parse_custodians(struct rd *in, struct core *core)
{
	struct rd list;
	int r;

	if ((r = rd_vec16(in, 1, CORE_LEN_MAX, &list)) != 0)
		return r;
	while (list.len > 0) {
		struct core_custodian *c = &core->custodians[core->custodian_count];

		if (core->custodian_count == CORE_CUSTODIANS_MAX)
			return FAIL_FORMAT;
		if (rd_vec8(&list, 0, CORE_MEMBER_MAX, &c->member) != 0 ||
			rd_copy(&list, HASH_LEN, c->share_hash) != 0)
			return FAIL_FORMAT;
		core->custodian_count++;
	}
	return 0;
}

int
core_parse(struct rd *in, struct core *ret_core)
{
	struct core core = {0};
	struct rd at = *in;
	int r;

	if ((r = parse_start(&at, &core)) != 0 ||
		(r = rd_copy(&at, CORE_DOCUMENT_ID_LEN, core.document_id)) != 0 ||
		(r = rd_vec8(&at, 0, CORE_LOG_ORIGIN_MAX, &core.log_origin)) != 0 ||
		(r = rd_vec8(&at, 0, HASH_LEN, &core.roster_hash)) != 0 ||
		(r = rd_vec8(&at, 0, CORE_MEMBER_MAX, &core.originator)) != 0 ||
		(r = rd_vec16(&at, 1, CORE_LABEL_MAX, &core.label)) != 0 ||
		(r = rd_u32(&at, &core.flags)) != 0 ||
		(r = rd_u64(&at, &core.expiry_s)) != 0 ||
		(r = rd_u8(&at, &core.rule)) != 0 ||
		(r = rd_u8(&at, &core.threshold)) != 0 ||
		(r = parse_custodians(&at, &core)) != 0 ||
		(r = rd_copy(&at, HASH_LEN, core.commitment)) != 0 ||
		(r = rd_copy(&at, HASH_LEN, core.log_key)) != 0 ||
		(r = rd_copy(&at, HASH_LEN, core.addressing_hash)) != 0 ||
		(r = core_check(&core)) != 0)
		return r;
	*ret_core = core;
	*in = at;
	return 0;
}

int
core_write(const struct core *core, struct buf *out)
{
	size_t mark;
	int r;

	if ((r = core_check(core)) != 0)
		return r;
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, CORE_VERSION);
	buf_u16(out, core->suite);
	buf_bytes(out, core->document_id, CORE_DOCUMENT_ID_LEN);
	buf_vec(out, 1, core->log_origin.ptr, core->log_origin.len);
	buf_vec(out, 1, core->roster_hash.ptr, core->roster_hash.len);
	buf_vec(out, 1, core->originator.ptr, core->originator.len);
	buf_vec(out, 2, core->label.ptr, core->label.len);
	buf_u32(out, core->flags);
	buf_u64(out, core->expiry_s);
	buf_u8(out, core->rule);
	buf_u8(out, core->threshold);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < core->custodian_count; i++) {
		buf_vec(out, 1, core->custodians[i].member.ptr,
			core->custodians[i].member.len);
		buf_bytes(out, core->custodians[i].share_hash, HASH_LEN);
	}
	buf_vec_end(out, mark, 2);
	buf_bytes(out, core->commitment, HASH_LEN);
	buf_bytes(out, core->log_key, HASH_LEN);
	buf_bytes(out, core->addressing_hash, HASH_LEN);
	return buf_error(out);
}

int
core_hash(const uint8_t *ptr, size_t len, uint8_t ret_hash[HASH_LEN])
{
	struct hash *h = NULL;
	int r;

	if ((r = hash_new(&h)) != 0)
		return r;
	hash_begin(h);
	hash_add(h, "valise/v1 core", strlen("valise/v1 core"));
	hash_add(h, ptr, len);
	hash_end(h, ret_hash);
	hash_free(h);
	return 0;
}

void
core_share_hash(const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const struct shamir_share *share, uint8_t ret_hash[HASH_LEN])
{
	static const char prefix[] = "valise/v1 share";
	enum { PREFIX_LEN = sizeof prefix - 1 };
	uint8_t message[PREFIX_LEN + CORE_DOCUMENT_ID_LEN + 1 + SHAMIR_SECRET_LEN];
	uint8_t *at = message;

	memcpy(at, prefix, PREFIX_LEN);
	at += PREFIX_LEN;
	memcpy(at, document_id, CORE_DOCUMENT_ID_LEN);
	at += CORE_DOCUMENT_ID_LEN;
	*at++ = share->number;
	memcpy(at, share->value, SHAMIR_SECRET_LEN);
	hash_sha256(message, sizeof message, ret_hash);
	mem_wipe(message, sizeof message);
}

int
core_check_share(const struct core *core, const struct shamir_share *share)
{
	uint8_t hash[HASH_LEN];

	if (share->number < 1 || share->number > core->custodian_count)
		return FAIL_SHARE;
	core_share_hash(core->document_id, share, hash);
	return ct_equal(hash, core->custodians[share->number - 1].share_hash, HASH_LEN)
		? 0
		: FAIL_SHARE;
}
