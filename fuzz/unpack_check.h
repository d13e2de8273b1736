/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_UNPACK_CHECK_H
#define FUZZ_UNPACK_CHECK_H
/*
 * unpack_check: what every reader of the unpacker owes, whatever it reads: its records are
 * accepted by the strict parser (order, clean text, clean paths, a total that agrees), and it
 * says no more than FACTOR bytes of text for a byte of input.
 */
#include "valise-unpack/emit.h"
#include "valise-unpack/prose.h"

struct unpack_check {
	struct emit emit;
	struct prose prose;
	struct unpack_parser parser;
};

static inline int
unpack_check_hear(void *arg, const uint8_t *ptr, size_t len)
{
	struct unpack_check *c = arg;
	struct unpack_record record;
	struct rd in = rd_of(ptr, len);

	while (in.len > 0)
		CHECK(unpack_next(&c->parser, &in, &record) == 0);
	return 0;
}

/* Listening; hello is the reader's, or unpack_check_member()'s. */
static inline void
unpack_check_begin(struct unpack_check *c)
{
	static const struct unpack_limits limits = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

	unpack_parser_init(&c->parser, &limits);
	emit_init(&c->emit, unpack_check_hear, c);
	prose_init(&c->prose, &c->emit, 0);
}

/* For readers of one member: open it. */
static inline void
unpack_check_member(struct unpack_check *c)
{
	unpack_check_begin(c);
	emit_hello(&c->emit);
	emit_member(&c->emit, UNPACK_KIND_TEXT, "", 0);
}

static inline void
unpack_check_end(struct unpack_check *c, size_t size)
{
	enum { FACTOR = 16, SLACK = 4096 };

	if (c->emit.is_in_member) {
		prose_aside_flush(&c->prose, UNPACK_TEXT_HIDDEN);
		emit_end(&c->emit, UNPACK_COMPLETE, size);
		CHECK(emit_total(&c->emit) == 0);
	}
	CHECK(c->emit.total.text <= SLACK + FACTOR * (uint64_t)size);
	CHECK(unpack_finish(&c->parser) == 0);
	prose_done(&c->prose);
	emit_done(&c->emit);
}

#endif
