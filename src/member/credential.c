/* SPDX-License-Identifier: Apache-2.0 */
#include "member/credential.h"

#include <string.h>

#include "base/time.h"

/* The magic ends as the envelope's does: a transfer in text mode breaks it at once. */

static const uint8_t magic[RD_MAGIC_LEN] = {'V', 'C', 'R', 'E', 'D', 'T', 0x0d, 0x0a};

static int
check_grant(const struct credential *c)
{
	if (c->from_s >= c->until_s || c->until_s > TIME_S_MAX)
		return FAIL_FORMAT;
	/* An index host is not a person: nobody addresses it. */
	if (c->subject.kind == SUBJECT_INDEX_HOST && c->desks.count > 0)
		return FAIL_FORMAT;
	return clearances_check(c->clearances);
}

static int
parse_start(struct rd *in)
{
	int r;

	if ((r = rd_magic(in, magic)) != 0)
		return r;
	return rd_version(in, CREDENTIAL_VERSION);
}

int
credential_parse(const void *ptr, size_t len, struct credential *ret_credential)
{
	struct rd in = rd_of(ptr, len);
	struct credential c = {0};
	int r;

	if (len > CREDENTIAL_BYTES_MAX)
		return FAIL_LIMIT;
	if ((r = parse_start(&in)) != 0 || (r = subject_parse(&in, &c.subject)) != 0 ||
		(r = rd_copy(&in, sizeof c.possession, c.possession)) != 0 ||
		(r = desks_parse(&in, &c.desks)) != 0 ||
		(r = rd_vec16(&in, 0, UINT16_MAX, &c.clearances)) != 0 ||
		(r = rd_u64(&in, &c.from_s)) != 0 || (r = rd_u64(&in, &c.until_s)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = check_grant(&c)) != 0)
		return r;
	*ret_credential = c;
	return 0;
}

int
credential_write(const struct credential *credential, struct buf *out)
{
	size_t before = out->len;
	int r;

	if ((r = check_grant(credential)) != 0)
		return r;
	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, CREDENTIAL_VERSION);
	if ((r = subject_write(&credential->subject, out)) != 0)
		return r;
	buf_bytes(out, credential->possession, sizeof credential->possession);
	desks_write(&credential->desks, out);
	buf_vec(out, 2, credential->clearances.ptr, credential->clearances.len);
	buf_u64(out, credential->from_s);
	buf_u64(out, credential->until_s);
	if ((r = buf_error(out)) != 0)
		return r;
	return out->len - before <= CREDENTIAL_BYTES_MAX ? 0 : FAIL_LIMIT;
}

bool
credential_is_valid_at(const struct credential *credential, uint64_t now_s)
{
	return now_s >= credential->from_s && now_s < credential->until_s;
}
