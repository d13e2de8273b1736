/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "fuzz.h"

/*
 * Run a fuzz target once on each file named, and on each file of each directory named.  So a
 * build without libFuzzer runs the seeds as tests, and an input that once crashed stays as a
 * regression test.  A name that cannot be read, or no input at all, is a failure: a test that
 * looked at nothing must not pass.
 */

enum { INPUT_MAX = 16 << 20 };

static int
replay_file(const char *path)
{
	uint8_t *data = NULL, *exact = NULL;
	FILE *f = NULL;
	size_t len = 0;
	int r;

	if ((r = mem_new(&data, INPUT_MAX)) != 0)
		goto out;
	if ((f = fopen(path, "rb")) == NULL) {
		r = FAIL_IO;
		goto out;
	}
	len = fread(data, 1, INPUT_MAX, f);
	if (ferror(f) != 0 || fgetc(f) != EOF) {
		r = FAIL_IO;
		goto out;
	}
	/* An input of its own exact size lets a sanitizer see a read past its end. */
	if ((r = mem_new(&exact, len)) != 0)
		goto out;
	memcpy(exact, data, len);
	(void)LLVMFuzzerTestOneInput(exact, len);
out:
	if (f != NULL)
		(void)fclose(f);
	mem_free(data);
	mem_free(exact);
	return r;
}

static int
replay_directory(const char *path, size_t *count)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int r = 0;

	if (dir == NULL)
		return FAIL_IO;
	while (r == 0 && (e = readdir(dir)) != NULL) {
		char file[4096];
		int n = snprintf(file, sizeof file, "%s/%s", path, e->d_name);

		if (e->d_name[0] == '.')
			continue;
		r = n < 0 || (size_t)n >= sizeof file ? FAIL_LIMIT : replay_file(file);
		++*count;
	}
	(void)closedir(dir);
	return r;
}

int
main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		int r = FAIL_IO;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			r = replay_directory(argv[i], &count);
		} else {
			r = replay_file(argv[i]);
			count++;
		}
		if (r != 0) {
			(void)fprintf(stderr, "replay: %s: %s\n", argv[i], fail_text(r));
			return EXIT_FAILURE;
		}
	}
	(void)fprintf(stderr, "replay: %zu inputs\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
