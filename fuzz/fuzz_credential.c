/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "crypto/crypto.h"
#include "member/address.h"
#include "member/enrol.h"
#include "member/order.h"
#include "member/request.h"

/*
 * The first byte chooses: c a credential, e an ENROL object, o an order, t a clearance as
 * a line, anything else a request.  What parses writes as the same bytes.  A request carries its
 * own signatures, so few inputs pass it; its parser runs all the same.
 */

static void
must_be_same(struct buf *again, const uint8_t *data, size_t size)
{
	CHECK(buf_error(again) == 0);
	CHECK(again->len == size && memcmp(again->data, data, size) == 0);
	buf_done(again);
}

static void
check_credential(const uint8_t *data, size_t size)
{
	struct credential c;
	struct buf again;

	if (credential_parse(data, size, &c) != 0)
		return;
	buf_init(&again, CREDENTIAL_BYTES_MAX);
	CHECK(credential_write(&c, &again) == 0);
	must_be_same(&again, data, size);
}

static void
check_enrol(const uint8_t *data, size_t size)
{
	struct enrol e;
	struct buf again;

	if (enrol_parse(data, size, &e) != 0)
		return;
	CHECK(enrol_verify(&e, NULL, 0) != 0);
	buf_init(&again, ENROL_BYTES_MAX);
	CHECK(enrol_write(&e, &again) == 0);
	must_be_same(&again, data, size);
}

/* Signing anew is the only writer of an order; all but key and signature must agree. */
static void
check_order(const uint8_t *data, size_t size)
{
	static const uint8_t seed[SIGN_SEED_LEN] = {1};
	struct order o;
	struct buf again;

	if (order_parse(data, size, &o) != 0)
		return;
	buf_init(&again, ORDER_BYTES_MAX);
	CHECK(order_sign(&o, seed, &again) == 0);
	CHECK(again.len == size);
	CHECK(memcmp(again.data, data, size - HASH_LEN - SIGN_LEN) == 0);
	buf_done(&again);
}

static void
check_text(const uint8_t *data, size_t size)
{
	struct clearance *c = NULL;
	struct buf again;

	if (clearances_line_parse(rd_of(data, size), &c) != 0)
		return;
	buf_init(&again, CLEARANCES_LINE_MAX);
	CHECK(clearances_line_write(c, &again) == 0);
	clearance_free(c);
	must_be_same(&again, data, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	struct request q;

	if (!is_ready)
		CHECK(crypto_init() == 0);
	is_ready = true;
	if (size == 0)
		return 0;
	if (data[0] == 'c')
		check_credential(data + 1, size - 1);
	else if (data[0] == 'e')
		check_enrol(data + 1, size - 1);
	else if (data[0] == 'o')
		check_order(data + 1, size - 1);
	else if (data[0] == 't')
		check_text(data + 1, size - 1);
	else if (request_parse(data + 1, size - 1, &q) == 0)
		CHECK(subject_verify(&q.subject, q.possession) == 0);
	return 0;
}
