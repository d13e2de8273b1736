/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"
#include "custody/answer.h"
#include "custody/keep.h"
#include "custody/kept.h"
#include "custody/opening.h"

/*
 * The first byte chooses the object: S SEND, K KEEP, k KEPT, R REQUEST, E evidence, A
 * AUTHORISATION, a ANSWER.  What parses writes as the bytes that were read.
 */

static void
check_same(struct buf *out, struct rd in)
{
	CHECK(buf_error(out) == 0);
	CHECK(out->len == in.len && memcmp(out->data, in.ptr, in.len) == 0);
	buf_done(out);
}

static void
check_send(struct rd in)
{
	struct send send;
	struct buf out;

	if (send_parse(in, &send) != 0)
		return;
	buf_init(&out, SEND_LEN);
	send_write(&send, &out);
	check_same(&out, in);
}

static void
check_keep(struct rd in)
{
	struct keep keep;
	struct buf out;

	if (keep_parse(in, &keep) != 0)
		return;
	buf_init(&out, in.len);
	keep_write(&keep, &out);
	check_same(&out, in);
}

static void
check_kept(struct rd in)
{
	struct kept kept;
	struct buf out;

	if (kept_parse(in, &kept) != 0)
		return;
	buf_init(&out, KEPT_LEN_MAX);
	kept_write(&kept, &out);
	check_same(&out, in);
}

static void
check_request(struct rd in)
{
	struct opening_request q;
	struct buf out;

	if (opening_request_parse(in, &q) != 0)
		return;
	buf_init(&out, OPENING_LEN_MAX);
	CHECK(opening_request_write(&q, &out) == 0);
	check_same(&out, in);
}

static void
check_evidence(struct rd in)
{
	struct opening_evidence e;
	struct buf out;

	if (opening_evidence_parse(in, &e) != 0)
		return;
	buf_init(&out, in.len);
	opening_evidence_write(&e, &out);
	check_same(&out, in);
}

static void
check_authorisation(struct rd in)
{
	struct opening_authorisation a;
	struct buf out;

	if (opening_authorisation_parse(in, &a) != 0)
		return;
	buf_init(&out, in.len);
	opening_authorisation_write(&a, &out);
	check_same(&out, in);
}

static void
check_answer(struct rd in)
{
	static const uint8_t nobody[SIGN_PUBLIC_LEN];
	struct answer answer;

	if (answer_parse(in, &answer) == 0)
		CHECK(answer_verify(&answer, nobody) != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in;

	if (size < 1 || crypto_init() != 0)
		return 0;
	in = rd_of(data + 1, size - 1);
	switch (data[0]) {
	case 'S':
		check_send(in);
		break;
	case 'K':
		check_keep(in);
		break;
	case 'k':
		check_kept(in);
		break;
	case 'R':
		check_request(in);
		break;
	case 'E':
		check_evidence(in);
		break;
	case 'A':
		check_authorisation(in);
		break;
	case 'a':
		check_answer(in);
		break;
	default:
		break;
	}
	return 0;
}
