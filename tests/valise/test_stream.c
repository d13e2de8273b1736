/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "label/label.h"
#include "member/keyfile.h"
#include "sys/random.h"
#include "valise/opener.h"
#include "valise/plan.h"
#include "valise/sealer.h"
#include "sys/disk.h"

/*
 * Sealing and opening through files, as the verbs do it, with one set of keys in this process.
 * Each test stands in an empty directory of its own; the keys are made once.
 */

enum { SMALL = 40, LARGE = 5 * 65536 + 17 };

static struct keys *keys;
static struct args no_args = {.verb = "test"};
static char root[] = "/tmp/valise-stream-XXXXXX";

static void
write_file(const char *name, const uint8_t *ptr, size_t len)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(ptr, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static size_t
read_file(const char *name, uint8_t *out, size_t max)
{
	FILE *f = fopen(name, "rb");
	size_t len;

	assert_non_null(f);
	len = fread(out, 1, max, f);
	assert_int_equal(fclose(f), 0);
	return len;
}

static void
write_pattern(const char *name, size_t len)
{
	static uint8_t bytes[LARGE];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	write_file(name, bytes, len);
}

static bool
is_pattern(const char *name, size_t len)
{
	static uint8_t bytes[LARGE + 1];

	if (read_file(name, bytes, sizeof bytes) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != (uint8_t)(i * 7 + i / 251))
			return false;
	return true;
}

/* Seal `in` and, when it is not NULL, an attachment. */
static int
seal_files(const char *in, const char *attachment, const char *out)
{
	static struct body_head head;
	struct infile *inputs[2] = {NULL, NULL};
	struct outfile *file = NULL;
	struct plan *plan = NULL;
	struct sealed sealed;
	int r;

	head = (struct body_head){.part_count = attachment != NULL ? 2 : 1};
	head.parts[0] =
		(struct body_part){.kind = BODY_FILE, .name = rd_of(in, strlen(in))};
	if ((r = infile_new(in, &inputs[0])) != 0)
		goto out;
	if (!infile_has_size(inputs[0], &head.parts[0].size))
		head.parts[0].size = BODY_SIZE_REST;
	if (attachment != NULL) {
		head.parts[1] = (struct body_part){.kind = BODY_ATTACHMENT,
			.name = rd_of(attachment, strlen(attachment)),
			.size = BODY_SIZE_REST};
		if ((r = infile_new(attachment, &inputs[1])) != 0)
			goto out;
	}
	if (plan_new(&no_args, NULL, 1795000000, &plan) != 0) {
		r = FAIL_NOMEM;
		goto out;
	}
	plan_seal_to(plan, keys_public(keys));
	if ((r = outfile_new(out, true, &file)) != 0)
		goto out;
	{
		struct sealer sealer = {.keys = keys,
			.plan = plan_header(plan),
			.head = &head,
			.inputs = inputs,
			.out = file,
			.thread_count = 3};

		r = sealer_run(&sealer, &sealed);
	}
	if (r == 0)
		r = outfile_commit(file);
out:
	outfile_free(file);
	plan_free(plan);
	infile_free(inputs[0]);
	infile_free(inputs[1]);
	return r;
}

static struct opened opened;

static int
open_file(const char *in, const char *out, const char *dir)
{
	struct outbatch *attachments = NULL;
	struct infile *input = NULL;
	struct outfile *file = NULL;
	int r;

	if ((r = infile_new(in, &input)) != 0 ||
		(r = outfile_new(out, true, &file)) != 0 ||
		(dir != NULL && (r = outbatch_new(dir, true, &attachments)) != 0))
		goto out;
	{
		struct opener opener = {.keys = keys,
			.in = input,
			.out = file,
			.attachments = attachments,
			.thread_count = 3};

		r = opener_run(&opener, &opened);
	}
	if (r == 0 && attachments != NULL)
		r = outbatch_commit(attachments);
	if (r == 0)
		r = outfile_commit(file);
out:
	outbatch_free(attachments);
	outfile_free(file);
	infile_free(input);
	return r;
}

static size_t
count_names(void)
{
	DIR *d = opendir(".");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
every_size_comes_back(void **state)
{
	/* The head of the body takes a few bytes of the first segment: try around both edges. */
	static const size_t sizes[] = {0, 1, SMALL, 65480, 65490, 65500, 65510, 65520,
		65535, 65536, 65537, 131000, 4 * 65536 - 30, 4 * 65536, LARGE};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		write_pattern("in", sizes[i]);
		assert_int_equal(seal_files("in", NULL, "in.valise"), 0);
		assert_int_equal(open_file("in.valise", "out", NULL), 0);
		assert_true(is_pattern("out", sizes[i]));
		assert_int_equal(opened.part_count, 1);
		assert_memory_equal(
			opened.signer, keys_public(keys)->sign, SIGN_PUBLIC_LEN);
	}
}

/* Sizes that put the end of the body exactly on the edge of a segment. */
static void
the_edge_of_a_segment_is_no_edge(void **state)
{
	(void)state;
	for (size_t size = 65536 - 60; size < 65536; size++) {
		write_pattern("in", size);
		assert_int_equal(seal_files("in", NULL, "in.valise"), 0);
		assert_int_equal(open_file("in.valise", "out", NULL), 0);
		assert_true(is_pattern("out", size));
	}
}

static void
attachments_get_their_names(void **state)
{
	(void)state;
	write_pattern("in", SMALL);
	write_pattern("map.png", LARGE);
	assert_int_equal(mkdir("got", 0700), 0);
	assert_int_equal(seal_files("in", "map.png", "in.valise"), 0);
	assert_int_equal(open_file("in.valise", "out", "got"), 0);
	assert_true(is_pattern("out", SMALL));
	assert_true(is_pattern("got/map.png", LARGE));
	assert_int_equal(opened.part_count, 2);
	write_pattern("map.png", 0);
	assert_int_equal(seal_files("in", "map.png", "in.valise"), 0);
	assert_int_equal(open_file("in.valise", "out", "got"), 0);
	assert_true(is_pattern("got/map.png", 0));
	assert_int_equal(unlink("got/map.png"), 0);
	assert_int_equal(rmdir("got"), 0);
}

/* What may be said of an altered byte; anything else, success above all, is wrong. */
static bool
is_refusal(int r)
{
	return r == FAIL_FORMAT || r == FAIL_VERSION || r == FAIL_SUITE ||
		r == FAIL_ALTERED || r == FAIL_SIGNATURE || r == FAIL_TRUNCATED ||
		r == FAIL_REFUSED || r == FAIL_SIGNER;
}

static void
every_byte_counts(void **state)
{
	static uint8_t bytes[16384];
	size_t len;

	(void)state;
	write_pattern("in", SMALL);
	assert_int_equal(seal_files("in", NULL, "in.valise"), 0);
	len = read_file("in.valise", bytes, sizeof bytes);
	assert_true(len < sizeof bytes);
	assert_int_equal(unlink("in"), 0);
	for (size_t i = 0; i < len; i++) {
		static const uint8_t flips[] = {1, 0x80, 0xff};

		for (size_t k = 0; k < sizeof flips; k++) {
			int r;

			bytes[i] ^= flips[k];
			write_file("in.valise", bytes, len);
			bytes[i] ^= flips[k];
			r = open_file("in.valise", "out", NULL);
			if (!is_refusal(r))
				fail_msg("byte %zu of %zu ^ %02x: %d", i, len, flips[k],
					r);
			if (opened.where[0] == '\0' && r != FAIL_SIGNER &&
				r != FAIL_REFUSED)
				fail_msg("byte %zu of %zu: does not say where", i, len);
			assert_int_equal(count_names(), 1);
		}
	}
}

static void
every_truncation_is_noticed(void **state)
{
	static uint8_t bytes[16384];
	size_t len;

	(void)state;
	write_pattern("in", SMALL);
	assert_int_equal(seal_files("in", NULL, "in.valise"), 0);
	len = read_file("in.valise", bytes, sizeof bytes - 1);
	assert_int_equal(unlink("in"), 0);
	for (size_t i = 0; i < len; i++) {
		write_file("in.valise", bytes, i);
		assert_int_equal(open_file("in.valise", "out", NULL), FAIL_TRUNCATED);
		assert_int_equal(count_names(), 1);
	}
	bytes[len] = 0;
	write_file("in.valise", bytes, len + 1);
	assert_int_equal(open_file("in.valise", "out", NULL), FAIL_FORMAT);
}

/* The harness can fail: the same loop over an unaltered file finds it opening. */
static void
an_unaltered_file_is_not_refused(void **state)
{
	(void)state;
	write_pattern("in", SMALL);
	assert_int_equal(seal_files("in", NULL, "in.valise"), 0);
	assert_false(is_refusal(open_file("in.valise", "out", NULL)));
}

static void
want_of_memory_loses_nothing(void **state)
{
	long n;
	int r = FAIL_NOMEM;

	(void)state;
	write_pattern("in", LARGE);
	for (n = 0; r != 0; n++) {
		mem_fail_after(n, n % 2 == 0);
		r = seal_files("in", NULL, "in.valise");
		mem_fail_never();
		if (r != 0) {
			assert_int_equal(r, FAIL_NOMEM);
			assert_int_equal(count_names(), 1);
		}
	}
	assert_true(n > 10);
	for (n = 0, r = FAIL_NOMEM; r != 0; n++) {
		mem_fail_after(n, n % 2 == 0);
		r = open_file("in.valise", "out", NULL);
		mem_fail_never();
		if (r != 0) {
			assert_int_equal(r, FAIL_NOMEM);
			assert_int_equal(count_names(), 2);
		}
	}
	assert_true(n > 10);
	assert_true(is_pattern("out", LARGE));
}

/* Every call on a file fails in turn: the old output stays, nothing else is left. */
static void
a_failing_disk_loses_nothing(void **state)
{
	static const int errors[] = {ENOSPC, EIO};
	static const int fails[] = {FAIL_SPACE, FAIL_IO};

	(void)state;
	write_pattern("in", LARGE);
	write_pattern("in.valise", SMALL);
	for (size_t e = 0; e < 2; e++) {
		for (long n = 0;; n++) {
			int r;

			disk_fail_after(n, errors[e]);
			r = seal_files("in", NULL, "in.valise");
			disk_fail_never();
			if (r == 0)
				break;
			assert_int_equal(r, fails[e]);
			assert_int_equal(count_names(), 2);
			/* The old one; or, when the last sync failed, the whole new one. */
			assert_true(is_pattern("in.valise", SMALL) ||
				open_file("in.valise", "/dev/null", NULL) == 0);
			write_pattern("in.valise", SMALL);
		}
	}
	for (long n = 0;; n++) {
		int r;

		disk_fail_after(n, EIO);
		r = open_file("in.valise", "out", NULL);
		disk_fail_never();
		if (r == 0)
			break;
		assert_int_equal(r, FAIL_IO);
		/* Only the very last sync may fail with the whole file in its place. */
		assert_true(count_names() == 2 || is_pattern("out", LARGE));
		(void)unlink("out");
	}
	assert_true(is_pattern("out", LARGE));
}

/* A file that grows while it is read; the sealer takes the size that was stated. */
static void
a_file_that_changes_is_refused(void **state)
{
	static struct body_head head;
	struct infile *in = NULL;
	struct outfile *out = NULL;
	struct plan *plan = NULL;
	struct sealed sealed;

	(void)state;
	write_pattern("in", SMALL);
	head = (struct body_head){.part_count = 1};
	head.parts[0] = (struct body_part){.kind = BODY_FILE, .name = rd_of("in", 2)};
	assert_int_equal(infile_new("in", &in), 0);
	assert_true(infile_has_size(in, &head.parts[0].size));
	write_pattern("in", SMALL + 1);
	assert_int_equal(plan_new(&no_args, NULL, 1, &plan), 0);
	plan_seal_to(plan, keys_public(keys));
	assert_int_equal(outfile_new("in.valise", false, &out), 0);
	{
		struct sealer sealer = {.keys = keys,
			.plan = plan_header(plan),
			.head = &head,
			.inputs = &in,
			.out = out,
			.thread_count = 2};

		assert_int_equal(sealer_run(&sealer, &sealed), FAIL_CHANGED);
	}
	outfile_free(out);
	plan_free(plan);
	infile_free(in);
	assert_int_equal(count_names(), 1);
}

static void
empty_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		(void)unlink(e->d_name);
	if (d != NULL)
		closedir(d);
}

static int
leave(void **state)
{
	(void)state;
	empty_dir(".");
	return 0;
}

static void
write_key(const char *dir, const struct secret *passphrase)
{
	static const uint8_t code[SOLO_SECRET_LEN] = {42};
	struct solo *solo = NULL;
	char path[DISK_PATH_MAX];
	struct buf file;

	assert_int_equal(keys_file_path(dir, path), 0);
	assert_int_equal(solo_new(SUITE_1, code, false, 1, random_system(), &solo), 0);
	buf_init(&file, KEYFILE_MAX);
	assert_int_equal(keyfile_seal(solo, passphrase, random_system(), &file), 0);
	assert_int_equal(disk_write_small(path, file.data, file.len, false), 0);
	buf_done(&file);
	solo_free(solo);
}

static int
make_keys(void **state)
{
	struct secret *passphrase = NULL;

	(void)state;
	if (mkdtemp(root) == NULL || chdir(root) != 0 || secret_new(4, &passphrase) != 0)
		return 1;
	memcpy(passphrase->bytes, "word", 4);
	write_key(root, passphrase);
	if (keys_from_passphrase(root, passphrase, &keys) != 0)
		return 1;
	secret_free(passphrase);
	empty_dir(".");
	return 0;
}

static int
drop_keys(void **state)
{
	(void)state;
	keys_free(keys);
	return chdir("/") != 0 || rmdir(root) != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_size_comes_back, leave),
		cmocka_unit_test_teardown(the_edge_of_a_segment_is_no_edge, leave),
		cmocka_unit_test_teardown(attachments_get_their_names, leave),
		cmocka_unit_test_teardown(every_byte_counts, leave),
		cmocka_unit_test_teardown(every_truncation_is_noticed, leave),
		cmocka_unit_test_teardown(an_unaltered_file_is_not_refused, leave),
		cmocka_unit_test_teardown(want_of_memory_loses_nothing, leave),
		cmocka_unit_test_teardown(a_failing_disk_loses_nothing, leave),
		cmocka_unit_test_teardown(a_file_that_changes_is_refused, leave),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
