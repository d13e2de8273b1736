/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "fixture.h"
#include "valise/reader.h"

/* Whole envelopes, read without a key from a pipe. */

static int
read_fixture(const struct fixture_spec *spec, struct reader_end *ret_end)
{
	struct reader_body how = {.thread_count = 1};
	struct reader *reader = NULL;
	struct infile *in = NULL;
	struct sealed sealed;
	int pipe_fds[2], old, r;

	sealed_init(&sealed);
	fixture_sealed(spec, &sealed);
	assert_int_equal(pipe(pipe_fds), 0);
	/* Small enough for the pipe's buffer. */
	assert_true(sealed.bytes.len < 60000);
	assert_int_equal(write(pipe_fds[1], sealed.bytes.data, sealed.bytes.len),
		(ssize_t)sealed.bytes.len);
	assert_int_equal(close(pipe_fds[1]), 0);
	old = dup(STDIN_FILENO);
	assert_int_equal(dup2(pipe_fds[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(close(pipe_fds[0]), 0);
	assert_int_equal(infile_new("-", &in), 0);
	if ((r = reader_new(in, &reader)) == 0 && (r = reader_body(reader, &how)) == 0)
		r = reader_finish(reader);
	*ret_end = *reader_end(reader);
	reader_free(reader);
	infile_free(in);
	assert_int_equal(dup2(old, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(close(old), 0);
	sealed_done(&sealed);
	return r;
}

static void
a_solo_envelope_holds(void **state)
{
	struct fixture_spec spec = fixture_solo();
	struct reader_end end;

	(void)state;
	assert_int_equal(read_fixture(&spec, &end), 0);
	assert_true(end.has_trailer && end.is_consistent && end.is_signed);
}

static void
boxes_count_for_the_root(void **state)
{
	struct fixture_spec spec = fixture_solo();
	struct reader_end end;

	(void)state;
	spec.pairs = 3;
	assert_int_equal(read_fixture(&spec, &end), 0);
	assert_int_equal(end.seen.boxes, 6);
}

/* A bare key under a community's envelope would look signed without any officer behind it. */
static void
a_signer_of_the_wrong_kind_is_refused(void **state)
{
	struct fixture_spec spec = fixture_members(1, 2);
	struct reader_end end;

	(void)state;
	spec.is_kind_swapped = true;
	spec.signers = 1;
	assert_int_equal(read_fixture(&spec, &end), FAIL_FORMAT);
	assert_false(end.is_signed);
	spec = fixture_solo();
	spec.is_kind_swapped = true;
	assert_int_equal(read_fixture(&spec, &end), FAIL_FORMAT);
	assert_false(end.is_signed);
}

/* The fixture's credentials are none: the reader must not take the first 32 bytes for a key. */
static void
an_identity_that_is_no_credential_is_refused(void **state)
{
	struct fixture_spec spec = fixture_members(1, 2);
	struct reader_end end;

	(void)state;
	assert_int_equal(read_fixture(&spec, &end), FAIL_FORMAT);
	assert_true(end.is_consistent);
	assert_false(end.is_signed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_solo_envelope_holds),
		cmocka_unit_test(boxes_count_for_the_root),
		cmocka_unit_test(a_signer_of_the_wrong_kind_is_refused),
		cmocka_unit_test(an_identity_that_is_no_credential_is_refused),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
