/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ENVELOPE_CASES_H
#define TESTS_ENVELOPE_CASES_H
/*
 * cases: the golden files of tests/envelope/vectors, as a table: how each is made and what a
 * reader must say of it.
 *
 *   vectors/<name>.txt     expect: accepted            or: <stage> <failure>
 *                          reader: solo | members | raw | grant
 *                          comment: one line
 *                          (an empty line, then the file in hex, 32 bytes a line)
 *
 * The idea of one file for one expectation is that of the test kits of age (C2SP/CCTV).  The
 * files pin the format: a change that alters one of them is a change of version 1.
 */
#include <stddef.h>

#include "base/buf.h"
#include "fixture.h"
#include "verifier.h"

enum case_reader { READER_SOLO, READER_MEMBERS, READER_RAW, READER_GRANT };

struct vector_case {
	const char *name;
	enum case_reader reader;
	enum stage stage; /* STAGE_HEADER for a grant that is refused */
	int r;
	const char *comment;
	void (*spec)(struct fixture_spec *spec); /* NULL: the plain one */
	void (*edit)(struct sealed *sealed);	 /* NULL: none */
	/* An alteration of one byte: part, offset in it (from its end if negative), xor. */
	enum fixture_part part;
	long at;
	uint8_t xor ;
};

extern const struct vector_case cases[];
extern const size_t case_count;

/* "FAIL_FORMAT"; NULL for a failure that no case expects. */
const char *case_fail_name(int r);

/* The text of a golden file. */
void case_write(const struct vector_case *c, struct buf *out);

#endif
