/* SPDX-License-Identifier: Apache-2.0 */
#include "custody/keep.h"

#include <string.h>

#include "envelope/header.h"

/*
 * Everything here is computed from the bytes that came; nothing that the sender merely says of
 * itself (a hash, a number) is believed.
 */

/* What the custodian can compute, and that all of it speaks of one envelope. */
static int
keep_check(struct keep *keep)
{
	struct rd core = keep->core_bytes;
	size_t slots;
	int r;

	if ((r = core_parse(&core, &keep->core)) != 0 || (r = rd_end(&core)) != 0)
		return r;
	if (core_is_solo(&keep->core))
		return FAIL_REFUSED;
	slots = (size_t)keep->core.custodian_count + 1;
	if ((r = slots_of(keep->core.suite, keep->sv_bytes, slots, slots, &keep->sv)) !=
			0 ||
		(r = trailer_parse(keep->trailer_bytes, &keep->trailer)) != 0 ||
		(r = send_parse(keep->send_bytes, &keep->send)) != 0 ||
		(r = core_hash(keep->core_bytes.ptr, keep->core_bytes.len,
			 keep->core_hash)) != 0 ||
		(r = header_hash_of(keep->core_bytes, keep->r_hash, keep->sv_bytes,
			 keep->header_hash)) != 0)
		return r;
	trailer_envelope_hash(
		keep->header_hash, &keep->trailer.sums, keep->envelope_hash);
	if (memcmp(keep->send.document_id, keep->core.document_id,
		    CORE_DOCUMENT_ID_LEN) != 0 ||
		memcmp(keep->send.envelope_hash, keep->envelope_hash, HASH_LEN) != 0)
		return FAIL_MISMATCH;
	return 0;
}

int
keep_parse(struct rd in, struct keep *ret_keep)
{
	struct keep keep = {0};
	int r;

	if ((r = rd_version(&in, KEEP_VERSION)) != 0 ||
		(r = rd_vec16(&in, 1, CORE_LEN_MAX, &keep.core_bytes)) != 0 ||
		(r = rd_vec24(&in, 1, KEEP_LEN_MAX, &keep.sv_bytes)) != 0 ||
		(r = rd_copy(&in, HASH_LEN, keep.r_hash)) != 0 ||
		(r = rd_vec16(&in, 1, UINT16_MAX, &keep.trailer_bytes)) != 0 ||
		(r = rd_vec16(&in, 1, SEND_LEN, &keep.send_bytes)) != 0 ||
		(r = rd_end(&in)) != 0)
		return r;
	if ((r = keep_check(&keep)) != 0)
		return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
	*ret_keep = keep;
	return 0;
}

void
keep_write(const struct keep *keep, struct buf *out)
{
	buf_u16(out, KEEP_VERSION);
	buf_vec(out, 2, keep->core_bytes.ptr, keep->core_bytes.len);
	buf_vec(out, 3, keep->sv_bytes.ptr, keep->sv_bytes.len);
	buf_bytes(out, keep->r_hash, HASH_LEN);
	buf_vec(out, 2, keep->trailer_bytes.ptr, keep->trailer_bytes.len);
	buf_vec(out, 2, keep->send_bytes.ptr, keep->send_bytes.len);
}

int
keep_share_number(const struct core *core, struct rd member, uint8_t *ret_number)
{
	for (uint8_t i = 0; i < core->custodian_count; i++) {
		struct rd name = core->custodians[i].member;

		if (name.len == member.len &&
			memcmp(name.ptr, member.ptr, name.len) == 0) {
			*ret_number = (uint8_t)(i + 1);
			return 0;
		}
	}
	return FAIL_ABSENT;
}
