/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISE_UNPACK_COLLECT_H
#define TESTS_VALISE_UNPACK_COLLECT_H
/*
 * collect: hear what a reader of formats says, as one string that a test can compare.
 *
 * Text stands as it came; " | " before a chunk that does not continue the last; hidden text
 * between < and >, decoded text between { and }, properties between ( and ).
 */
#include "valise-unpack/emit.h"
#include "valise-unpack/prose.h"

struct collect {
	struct emit emit;
	struct prose prose;
	struct unpack_parser parser;
	struct buf text;
	struct buf records; /* "M path kind\nE reason\nS path reason\n" */
	uint64_t first_offset, last_offset, last_span;
};

/* Ready for text: hello and a member were said, and prose is at hand. */
void collect_begin(struct collect *c);

/* Ready for members: only hello was said. */
void collect_begin_idle(struct collect *c);

/* End the member, if one is open; afterwards text and records are C strings. */
void collect_end(struct collect *c);
void collect_done(struct collect *c);

#endif
