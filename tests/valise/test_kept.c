/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "fixture.h"
#include "sys/disk.h"
#include "valise/drafts.h"
#include "valise/kept.h"

/* A copy of one fixture envelope, kept for reader 0. */

enum { NOW_S = 1795000000, UNTIL_S = NOW_S + 1000 };

static char root[] = "/tmp/valise-kept-XXXXXX";

struct copy {
	struct sealed sealed;
	struct header header;
	struct kem_public reader;
	struct fixture_rng rng;
	struct buf bytes;
};

static void
copy_init(struct copy *c)
{
	struct fixture_spec spec = fixture_members(1, 2);
	struct kept_copy copy = {.number = 12,
		.opened_s = NOW_S,
		.until_s = UNTIL_S,
		.copy = 3,
		.shares = rd_of("FR", 2),
		.enrols = rd_of("enrolments", 10)};
	size_t len;

	memset(c, 0, sizeof *c);
	sealed_init(&c->sealed);
	fixture_sealed(&spec, &c->sealed);
	assert_int_equal(header_parse(rd_of(c->sealed.bytes.data, c->sealed.bytes.len),
				 &c->header, &len),
		0);
	fixture_key(SUITE_1, "reader", 0, &c->reader);
	fixture_rng_init(&c->rng, "kept");
	buf_init(&c->bytes, 4096);
	memcpy(copy.document_id, c->header.core.document_id, sizeof copy.document_id);
	memcpy(copy.envelope_hash, c->header.hash, HASH_LEN);
	assert_int_equal(kept_copy_write(&copy, &c->header, &c->reader, &c->rng.rng,
				 c->sealed.secrets.body_key, &c->bytes),
		0);
}

static void
copy_done(struct copy *c)
{
	buf_done(&c->bytes);
	sealed_done(&c->sealed);
}

static void
save(const struct copy *c)
{
	char path[DISK_PATH_MAX];

	assert_int_equal(kept_key_path(root, 12, path), 0);
	assert_int_equal(disk_write_small(path, c->bytes.data, c->bytes.len, true), 0);
	assert_int_equal(kept_path(root, c->header.core.document_id, "valise", path), 0);
	assert_int_equal(disk_write_small(path, "x", 1, true), 0);
}

static bool
is_there(const struct copy *c)
{
	char key[DISK_PATH_MAX], envelope[DISK_PATH_MAX];

	assert_int_equal(kept_key_path(root, 12, key), 0);
	assert_int_equal(
		kept_path(root, c->header.core.document_id, "valise", envelope), 0);
	assert_int_equal(disk_is_there(key), disk_is_there(envelope));
	return disk_is_there(key);
}

static void
what_was_kept_opens_with_the_reader_key_alone(void **state)
{
	struct kept_copy parsed;
	struct slot_place place = {.role = "kept"};
	uint8_t seed[KEM_SEED_LEN], key[SLOT_SECRET_LEN];
	struct copy c;

	(void)state;
	copy_init(&c);
	assert_int_equal(kept_copy_parse(rd_of(c.bytes.data, c.bytes.len), &parsed), 0);
	assert_int_equal(parsed.number, 12);
	assert_int_equal(parsed.copy, 3);
	assert_int_equal(parsed.until_s, UNTIL_S);
	assert_memory_equal(parsed.enrols.ptr, "enrolments", parsed.enrols.len);
	place.suite = parsed.suite;
	place.core_hash = c.header.core_hash;
	fixture_seed("reader", 0, seed);
	assert_int_equal(slot_open(&place, &parsed.slot, seed, key), 0);
	assert_memory_equal(key, c.sealed.secrets.body_key, sizeof key);
	/* Not as R, and not under another envelope. */
	place.role = "R";
	assert_int_equal(slot_open(&place, &parsed.slot, seed, key), FAIL_ALTERED);
	place.role = "kept";
	place.core_hash = c.header.hash;
	assert_int_equal(slot_open(&place, &parsed.slot, seed, key), FAIL_ALTERED);
	copy_done(&c);
}

static void
there_is_one_form(void **state)
{
	struct kept_copy parsed;
	struct copy c;

	(void)state;
	copy_init(&c);
	for (size_t len = 0; len < c.bytes.len; len++)
		assert_int_not_equal(
			kept_copy_parse(rd_of(c.bytes.data, len), &parsed), 0);
	buf_u8(&c.bytes, 0);
	assert_int_equal(
		kept_copy_parse(rd_of(c.bytes.data, c.bytes.len), &parsed), FAIL_FORMAT);
	c.bytes.data[9] = 2;
	assert_int_equal(
		kept_copy_parse(rd_of(c.bytes.data, c.bytes.len), &parsed), FAIL_VERSION);
	c.bytes.data[0] = 'X';
	assert_int_equal(
		kept_copy_parse(rd_of(c.bytes.data, c.bytes.len), &parsed), FAIL_FORMAT);
	copy_done(&c);
}

static void
a_copy_is_found_until_its_time_is_over(void **state)
{
	struct kept_copy found;
	struct buf bytes;
	struct copy c;

	(void)state;
	copy_init(&c);
	buf_init(&bytes, 65536);
	save(&c);
	assert_int_equal(kept_find(root, 12, NOW_S, &bytes, &found), 0);
	assert_memory_equal(found.document_id, c.header.core.document_id, 16);
	assert_int_equal(kept_find(root, 13, NOW_S, &bytes, &found), FAIL_ABSENT);
	assert_true(is_there(&c));
	assert_int_equal(kept_find(root, 12, UNTIL_S, &bytes, &found), FAIL_ABSENT);
	assert_false(is_there(&c));
	buf_done(&bytes);
	copy_done(&c);
}

static void
what_is_over_is_swept_and_what_is_recalled_removed(void **state)
{
	struct copy c;

	(void)state;
	copy_init(&c);
	save(&c);
	kept_sweep(root, NOW_S);
	assert_true(is_there(&c));
	kept_sweep(root, UNTIL_S + 1);
	assert_false(is_there(&c));
	save(&c);
	kept_remove(root, 12, c.header.core.document_id);
	assert_false(is_there(&c));
	kept_remove(root, 12, c.header.core.document_id);
	copy_done(&c);
}

static void
another_ones_file_under_this_number_is_refused(void **state)
{
	char path[DISK_PATH_MAX];
	struct kept_copy found;
	struct buf bytes;
	struct copy c;

	(void)state;
	copy_init(&c);
	buf_init(&bytes, 65536);
	assert_int_equal(kept_key_path(root, 99, path), 0);
	assert_int_equal(disk_write_small(path, c.bytes.data, c.bytes.len, true), 0);
	assert_int_equal(kept_find(root, 99, NOW_S, &bytes, &found), FAIL_FORMAT);
	assert_int_equal(unlink(path), 0);
	buf_done(&bytes);
	copy_done(&c);
}

static void
memory_fails_at_every_point(void **state)
{
	struct kept_copy found;
	struct buf bytes;
	struct copy c;
	int r = FAIL_NOMEM;

	(void)state;
	copy_init(&c);
	save(&c);
	for (long n = 0; r == FAIL_NOMEM; n++) {
		buf_init(&bytes, 65536);
		mem_fail_after(n, true);
		r = kept_find(root, 12, NOW_S, &bytes, &found);
		mem_fail_never();
		buf_done(&bytes);
	}
	assert_int_equal(r, 0);
	kept_remove(root, 12, c.header.core.document_id);
	copy_done(&c);
}

static void
drafts_count_up(void **state)
{
	char path[DISK_PATH_MAX];
	uint64_t number = 0;

	(void)state;
	assert_true(drafts_is_number("12"));
	assert_false(drafts_is_number("0"));
	assert_false(drafts_is_number("1.cable"));
	assert_false(drafts_is_number(""));
	assert_false(drafts_is_number("12345678901"));
	assert_int_equal(drafts_new(root, &number, path), 0);
	assert_int_equal(number, 1);
	assert_int_equal(disk_write_small(path, "x", 1, true), 0);
	assert_int_equal(drafts_new(root, &number, path), 0);
	assert_int_equal(number, 2);
	assert_int_equal(drafts_path(root, "1", path), 0);
	assert_true(disk_is_there(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(drafts_path(root, "some/file", path), 0);
	assert_string_equal(path, "some/file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_opens_with_the_reader_key_alone),
		cmocka_unit_test(there_is_one_form),
		cmocka_unit_test(a_copy_is_found_until_its_time_is_over),
		cmocka_unit_test(what_is_over_is_swept_and_what_is_recalled_removed),
		cmocka_unit_test(another_ones_file_under_this_number_is_refused),
		cmocka_unit_test(memory_fails_at_every_point),
		cmocka_unit_test(drafts_count_up),
	};
	char path[64];
	int failed;

	if (crypto_init() != 0 || mkdtemp(root) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(path, sizeof path, "%s/kept", root);
	failed += rmdir(path) != 0;
	(void)snprintf(path, sizeof path, "%s/drafts", root);
	failed += rmdir(path) != 0;
	return failed != 0 || rmdir(root) != 0;
}
