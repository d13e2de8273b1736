/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "label/clearance.h"
#include "label/decide.h"
#include "label/join.h"
#include "label/label.h"
#include "label/policy.h"

/*
 * The first byte chooses.  b, c: a label or a clearance in binary; what parses writes as the
 * bytes that were read.  d: two labels and a clearance, for the rules of deciding and joining.
 * k: a clearance in text; else a label in text: what is understood is valid, and its one text
 * means the same.
 */

static void
check_binary(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size);
	char text[LABEL_TEXT_MAX + 1];
	struct label *label = NULL;
	struct buf b;

	if (label_parse(&in, &label) != 0)
		return;
	buf_init(&b, LABEL_BYTES_MAX);
	label_write(label, &b);
	CHECK(buf_error(&b) == 0);
	CHECK(b.len == size - in.len && memcmp(b.data, data, b.len) == 0);
	CHECK(label_is_valid(label) == (label_to_text(label, text) == 0));
	CHECK(label_is_valid(label) ==
		(label_marking(label, POLICY_FR, text, sizeof text) == 0));
	buf_done(&b);
	label_free(label);
}

static void
check_text(const uint8_t *data, size_t size)
{
	struct label *label = NULL, *again = NULL;
	char text[LABEL_TEXT_MAX + 1];

	if (label_from_text((const char *)data, size, &label) != 0)
		return;
	CHECK(label_is_valid(label));
	CHECK(label_to_text(label, text) == 0);
	CHECK(label_from_text(text, strlen(text), &again) == 0);
	CHECK(memcmp(label, again, sizeof *label) == 0);
	label_free(label);
	label_free(again);
}

static void
check_clearance(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size);
	struct clearance *c = NULL;
	struct buf b;

	if (clearance_parse(&in, &c) != 0)
		return;
	buf_init(&b, CLEARANCE_BYTES_MAX);
	clearance_write(c, &b);
	CHECK(buf_error(&b) == 0);
	CHECK(b.len == size - in.len && memcmp(b.data, data, b.len) == 0);
	buf_done(&b);
	clearance_free(c);
}

static void
check_clearance_text(const uint8_t *data, size_t size)
{
	struct clearance *c = NULL, *again = NULL;
	char text[LABEL_TEXT_MAX + 1];
	int r;

	if (clearance_from_text((const char *)data, size, &c) != 0)
		return;
	r = clearance_to_text(c, text);
	/* "ONLY" with many classes can be longer than what a text may be. */
	CHECK(r == 0 || r == FAIL_LIMIT);
	if (r == 0) {
		CHECK(clearance_from_text(text, strlen(text), &again) == 0);
		CHECK(memcmp(c, again, sizeof *c) == 0);
	}
	clearance_free(c);
	clearance_free(again);
}

/* Who loses a value gains nothing; a refusal has its sentence; the whole covers its parts. */
static void
check_decision(const struct label *a, const struct label *b, struct clearance *c)
{
	struct label *whole = NULL;
	struct decision d;
	struct buf text;

	decide(a, c, &d);
	buf_init(&text, DECIDE_SENTENCE_MAX);
	CHECK(decide_sentence(&d, a, c, &text) == 0);
	CHECK((text.len == 0) == (d.rule == DECIDE_ALLOWED));
	CHECK(d.rule != DECIDE_ALLOWED || label_is_valid(a));
	buf_done(&text);
	if (label_join(a, b, &whole) == 0)
		CHECK(label_covers(whole, a) && label_covers(whole, b));
	label_free(whole);
	if (d.rule == DECIDE_ALLOWED || c->held_count == 0)
		return;
	CHECK(clearance_remove(c, c->held[0].tag, c->held[0].value));
	decide(a, c, &d);
	CHECK(d.rule != DECIDE_ALLOWED);
}

static void
check_three(const uint8_t *data, size_t size)
{
	struct label *a = NULL, *b = NULL;
	struct rd in = rd_of(data, size);
	struct clearance *c = NULL;

	if (label_parse(&in, &a) == 0 && label_parse(&in, &b) == 0 &&
		clearance_parse(&in, &c) == 0)
		check_decision(a, b, c);
	label_free(a);
	label_free(b);
	clearance_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'b':
		check_binary(data + 1, size - 1);
		break;
	case 'c':
		check_clearance(data + 1, size - 1);
		break;
	case 'd':
		check_three(data + 1, size - 1);
		break;
	case 'k':
		check_clearance_text(data + 1, size - 1);
		break;
	default:
		check_text(data + 1, size - 1);
	}
	return 0;
}
