/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "envelope/segment.h"
#include "valised/log.h"
#include "valised/store_cables_impl.h"

/*
 * The form of an envelope, before anybody asks who sent it.  Root and segments are the
 * reader's to check: a station has no key, and an author who seals a false body has signed
 * that he did.
 */

/* Bytes that sealing adds: 4 + 16 for each segment, 4 for the number of pairs (envelope.md). */
static bool
has_right_len(const struct cables_envelope *e)
{
	const struct trailer_sums *sums = &e->trailer.sums;
	const uint64_t added =
		(uint64_t)sums->segments * (SEGMENT_FRAME_HEAD + AEAD_TAG_LEN) + 4;

	if (sums->body_len > UINT64_MAX / 2 || sums->body_len > DB_INT_MAX - added)
		return false;
	if (sums->boxes == 0)
		return e->post.body_len == sums->body_len + added;
	return e->post.body_len > sums->body_len + added;
}

static int
check_form(struct store *s, const struct cables_envelope *e)
{
	if (core_is_solo(&e->header.core))
		return store_because(s, FAIL_REFUSED,
			"a solo envelope is its owner's own; no station sends it");
	if (!has_right_len(e) || chunks_of(e->post.body_len) > UINT32_MAX)
		return store_because(
			s, FAIL_FORMAT, "the length of the body is not what was signed");
	if (e->post.body.len != 0 && e->post.body.len != e->post.body_len)
		return store_because(s, FAIL_FORMAT, "the body is not whole");
	for (size_t i = 0; i < e->trailer.signer_count; i++)
		if (e->trailer.signers[i].kind != SIGNER_CREDENTIAL)
			return store_because(s, FAIL_SIGNER,
				"it is signed by a key without a credential");
	return 0;
}

int
cables_envelope_new(
	struct store *s, struct rd body, struct cables_envelope **ret_envelope)
{
	struct cables_envelope *e = NULL;
	size_t len = 0;
	int r;

	if ((r = mem_new(&e, sizeof *e)) != 0)
		return r;
	if ((r = codec_parse_whole(&post_document_codec, body, &e->post)) != 0 ||
		(r = header_parse(e->post.header, &e->header, &len)) != 0 ||
		(r = addressing_parse(e->header.addressing, &e->addressing)) != 0 ||
		(r = trailer_parse(e->post.trailer, &e->trailer)) != 0 ||
		(r = check_form(s, e)) != 0)
		goto out;
	if (len != e->post.header.len) {
		r = FAIL_FORMAT;
		goto out;
	}
	trailer_envelope_hash(e->header.hash, &e->trailer.sums, e->hash);
	*ret_envelope = e;
	e = NULL;
out:
	cables_envelope_free(e);
	return r;
}

void
cables_envelope_free(struct cables_envelope *envelope)
{
	mem_free(envelope);
}

int
cables_envelope_known(
	struct store *s, const struct cables_envelope *envelope, bool *ret_is_known)
{
	struct documents_found found;
	int r;

	r = documents_get(store_db(s), envelope->header.core.document_id, NULL, &found);
	if (r == FAIL_ABSENT) {
		*ret_is_known = false;
		return 0;
	}
	if (r != 0)
		return r;
	*ret_is_known = true;
	if (memcmp(found.envelope_hash, envelope->hash, HASH_LEN) == 0)
		return 0;
	/* Two texts under one name: somebody is shown one and somebody else the other. */
	log_line(LOG_LEVEL_WARNING, "second-envelope", "number=%llu",
		(unsigned long long)found.number);
	return store_because(
		s, FAIL_EXISTS, "another envelope is here under this document id");
}
