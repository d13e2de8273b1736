/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "fixture.h"
#include "newcomer.h"
#include "verifier.h"

/*
 * Want of memory and of randomness, at every point of sealing and opening: one answer, nothing
 * handed out, what stood before untouched, and, under the sanitizers, nothing leaked.
 */

static struct fixture_spec
rich(void)
{
	struct fixture_spec spec = fixture_members(2, 3);

	spec.pairs = 2;
	spec.attachments = 1;
	return spec;
}

static int
seal(const struct fixture_spec *spec)
{
	struct sealed sealed;
	int r = fixture_build(spec, &sealed);

	sealed_done(&sealed);
	return r;
}

/* Fail the 1st, 2nd, ... allocation until the scenario passes; returns how many there were. */
static long
each_failing(int (*scenario)(const void *ctx), const void *ctx, bool is_once)
{
	for (long n = 0;; n++) {
		int r;
		long failed;

		mem_fail_after(n, is_once);
		r = scenario(ctx);
		failed = mem_failed_count();
		mem_fail_never();
		assert_int_equal(r, failed == 0 ? 0 : FAIL_NOMEM);
		if (failed == 0)
			return n;
	}
}

static int
seal_scenario(const void *ctx)
{
	return seal(ctx);
}

static int
open_scenario(const void *ctx)
{
	const struct sealed *sealed = ctx;
	struct verdict verdict;
	struct verifier v;

	verifier_init(&v);
	verdict = verifier_run(&v, bytes_of(&sealed->bytes));
	verifier_done(&v);
	return verdict.r;
}

static void
sealing_survives_want_of_memory(void **state)
{
	struct fixture_spec specs[] = {fixture_solo(), rich()};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(specs); i++) {
		assert_true(each_failing(seal_scenario, &specs[i], true) > 10);
		assert_true(each_failing(seal_scenario, &specs[i], false) > 10);
	}
}

static void
opening_survives_want_of_memory(void **state)
{
	struct fixture_spec specs[] = {fixture_solo(), rich()};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(specs); i++) {
		struct sealed sealed;

		fixture_sealed(&specs[i], &sealed);
		assert_true(each_failing(open_scenario, &sealed, true) > 5);
		assert_true(each_failing(open_scenario, &sealed, false) > 5);
		sealed_done(&sealed);
	}
}

/* A header that fails leaves its secrets unset and what stood before it in the buffer. */
static int
header_scenario(const void *ctx)
{
	struct header_secrets secrets, before;
	struct fixture_rng rng;
	struct buf out;
	int r;

	memset(&secrets, 0xaa, sizeof secrets);
	before = secrets;
	buf_init(&out, HEADER_LEN_MAX);
	fixture_rng_init(&rng, "want");
	buf_text(&out, "before");
	if ((r = buf_error(&out)) == 0)
		r = fixture_header(ctx, &rng.rng, &out, &secrets);
	if (r != 0)
		assert_memory_equal(&secrets, &before, sizeof secrets);
	if (out.data != NULL)
		assert_memory_equal(out.data, "before", 6);
	header_secrets_wipe(&secrets);
	buf_done(&out);
	return r;
}

static void
a_failed_header_hands_out_nothing(void **state)
{
	struct fixture_spec spec = rich();

	(void)state;
	assert_true(each_failing(header_scenario, &spec, true) > 5);
	assert_true(each_failing(header_scenario, &spec, false) > 5);
}

static void
sealing_survives_want_of_randomness(void **state)
{
	struct fixture_spec spec = rich();
	long n = 0;
	int r;

	(void)state;
	do {
		struct header_secrets secrets, before;
		struct fixture_rng rng;
		struct buf out;

		memset(&secrets, 0xaa, sizeof secrets);
		before = secrets;
		buf_init(&out, HEADER_LEN_MAX);
		fixture_rng_init(&rng, "want");
		rng.fail_after = n++;
		r = fixture_header(&spec, &rng.rng, &out, &secrets);
		if (r != 0) {
			assert_int_equal(r, FAIL_RANDOM);
			assert_memory_equal(&secrets, &before, sizeof secrets);
		}
		buf_done(&out);
	} while (r != 0);
	/* Salt, id, log key, R, S, V, the shares, and one for each of 7 slots. */
	assert_true(n > 13);
}

static int
grant_scenario(const void *ctx)
{
	const struct buf *grant = ctx;

	return newcomer_accept(bytes_of(grant));
}

static void
a_grant_survives_want_of_memory(void **state)
{
	struct buf grant;

	(void)state;
	buf_init(&grant, FIXTURE_BYTES_MAX);
	newcomer_grant(SUITE_1, true, &grant);
	assert_true(each_failing(grant_scenario, &grant, true) > 0);
	assert_true(each_failing(grant_scenario, &grant, false) > 0);
	buf_done(&grant);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing_survives_want_of_memory),
		cmocka_unit_test(opening_survives_want_of_memory),
		cmocka_unit_test(a_failed_header_hands_out_nothing),
		cmocka_unit_test(sealing_survives_want_of_randomness),
		cmocka_unit_test(a_grant_survives_want_of_memory),
	};

	return cmocka_run_group_tests(tests, crypto_setup, NULL);
}
