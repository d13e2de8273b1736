/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cases.h"
#include "crypto/crypto.h"

/*
 * make_vectors DIR: write the golden files of cases.c into DIR.  To be run when a case is
 * added; files that are there must come out unchanged, which test_vectors.c asks every time.
 */

static int
write_one(const char *dir, const struct vector_case *c)
{
	char path[4096];
	struct buf text;
	size_t done = 0;
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s.txt", dir, c->name);
	buf_init(&text, FIXTURE_BYTES_MAX);
	case_write(c, &text);
	if ((file = fopen(path, "wb")) != NULL) {
		done = fwrite(text.data, 1, text.len, file);
		if (fclose(file) != 0)
			done = 0;
	}
	if (done != text.len)
		perror(path);
	buf_done(&text);
	return done > 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc != 2 || crypto_init() != 0) {
		(void)fprintf(stderr, "usage: make_vectors DIR\n");
		return 2;
	}
	for (size_t i = 0; i < case_count; i++)
		failed |= write_one(argv[1], &cases[i]);
	return failed;
}
