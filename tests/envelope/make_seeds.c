/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "crypto/crypto.h"
#include "fixture.h"
#include "newcomer.h"
#include "verifier.h"

/*
 * make_seeds DIR: what the fuzzers of envelope, grant and body start from, one good input of
 * each kind, as DIR/<target>/<name>.  DIR is fuzz/seeds.
 */

static int
write_seed(const char *dir, const char *name, int selector, struct rd bytes)
{
	char path[4096];
	size_t done = 0;
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((file = fopen(path, "wb")) == NULL) {
		perror(path);
		return 1;
	}
	if (selector >= 0)
		(void)fputc(selector, file);
	done = fwrite(bytes.ptr, 1, bytes.len, file);
	return fclose(file) == 0 && done == bytes.len ? 0 : 1;
}

static struct rd
part(const struct sealed *sealed, enum fixture_part from, enum fixture_part to)
{
	return rd_of(
		sealed->bytes.data + sealed->at[from], sealed->at[to] - sealed->at[from]);
}

static int
envelope_seeds(const char *dir)
{
	struct fixture_spec specs[3] = {
		fixture_solo(), fixture_members(2, 3), fixture_members(9, 16)};
	static const char *const names[] = {
		"envelope/solo", "envelope/members", "envelope/flash"};
	int failed = 0;

	specs[1].pairs = 2;
	specs[2].flags = CORE_FLASH | CORE_CONTROLLED;
	specs[2].precedence = PRECEDENCE_FLASH;
	for (size_t i = 0; i < 3; i++) {
		struct sealed sealed;

		fixture_sealed(&specs[i], &sealed);
		failed |= write_seed(
			dir, names[i], 7, part(&sealed, PART_CORE, PART_COUNT));
		sealed_done(&sealed);
	}
	return failed;
}

/* The selectors are those of fuzz_body.c. */
static int
body_seeds(const char *dir)
{
	struct fixture_spec spec = fixture_members(2, 3);
	struct sealed sealed;
	struct verifier v;
	struct rd boxes, addressing;
	int failed = 0;

	spec.pairs = 1;
	spec.attachments = 2;
	fixture_sealed(&spec, &sealed);
	verifier_init(&v);
	CHECK(verifier_run(&v, rd_of(sealed.bytes.data, sealed.bytes.len)).r == 0);
	boxes = part(&sealed, PART_BOXES, PART_TRAILER);
	addressing = part(&sealed, PART_ADDRESSING, PART_R);
	failed |= write_seed(dir, "body/head", 0, rd_of(v.plain.data, v.plain.len));
	failed |= write_seed(dir, "body/pair", 1, rd_of(boxes.ptr + 4, boxes.len - 4));
	failed |= write_seed(dir, "body/plain", 2, rd_of("\0\0\7at once\0\0\0\0", 14));
	failed |= write_seed(
		dir, "body/trailer", 3, part(&sealed, PART_TRAILER, PART_COUNT));
	failed |= write_seed(dir, "body/segments", 4, rd_of("\0\1\0\20\1\0\1\0", 8));
	failed |= write_seed(
		dir, "body/addressing", 5, rd_of(addressing.ptr + 4, addressing.len - 4));
	failed |= write_seed(dir, "body/core", 6, part(&sealed, PART_CORE, PART_SALT));
	verifier_done(&v);
	sealed_done(&sealed);
	return failed;
}

static int
grant_seeds(const char *dir)
{
	int failed = 0;

	for (int is_counted = 0; is_counted < 2; is_counted++) {
		struct buf grant;

		buf_init(&grant, FIXTURE_BYTES_MAX);
		newcomer_grant(SUITE_1, is_counted == 1, &grant);
		failed |= write_seed(dir,
			is_counted == 1 ? "grant/counted" : "grant/signed", -1,
			rd_of(grant.data, grant.len));
		buf_done(&grant);
	}
	return failed;
}

int
main(int argc, char **argv)
{
	if (argc != 2 || crypto_init() != 0) {
		(void)fprintf(stderr, "usage: make_seeds DIR\n");
		return 2;
	}
	return envelope_seeds(argv[1]) | grant_seeds(argv[1]) | body_seeds(argv[1]);
}
