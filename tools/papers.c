/* SPDX-License-Identifier: Apache-2.0 */
#include "papers.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * Files are dealt with in the order of their names and held in memory whole: samples are
 * small, and the largest is a 20 MiB attachment.
 */
struct file {
	uint8_t *data;
	size_t len;
};

int
papers_path(const char *dir, const char *name, char ret_path[PAPERS_PATH_MAX])
{
	int len = snprintf(ret_path, PAPERS_PATH_MAX, "%s/%s", dir, name);
	return len > 0 && len < PAPERS_PATH_MAX ? 0 : FAIL_LIMIT;
}

static int
file_read(const char *path, struct file *ret_file)
{
	uint8_t *data = NULL;
	FILE *in = fopen(path, "rb");
	int r = FAIL_IO;
	long len;

	if (in == NULL)
		return FAIL_ABSENT;
	if (fseek(in, 0, SEEK_END) != 0 || (len = ftell(in)) < 0 ||
		fseek(in, 0, SEEK_SET) != 0)
		goto out;
	if ((r = mem_new(&data, (size_t)len)) != 0)
		goto out;
	if (fread(data, 1, (size_t)len, in) != (size_t)len) {
		r = FAIL_IO;
		goto out;
	}
	*ret_file = (struct file){data, (size_t)len};
	data = NULL;
out:
	mem_free(data);
	fclose(in);
	return r;
}

static int
file_write(const char *path, const uint8_t *ptr, size_t len)
{
	FILE *out = fopen(path, "wb");
	if (out == NULL)
		return FAIL_IO;
	size_t written = fwrite(ptr, 1, len, out);
	return fclose(out) == 0 && written == len ? 0 : FAIL_IO;
}

/* splitmix64: spreads the place of the change over the file; nothing secret hangs on it. */
static uint64_t
spread(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* What a verb does with one file: its place in the order, its bytes, where the result goes. */
typedef int deed(
	size_t place, struct file *f, const char *out_path, bool *ret_is_counted);

static int
alter(size_t place, struct file *f, const char *out_path, bool *ret_is_counted)
{
	uint64_t random = spread(place);

	*ret_is_counted = f->len > 0;
	if (f->len == 0)
		return 0;
	f->data[(random >> 3) % f->len] ^= (uint8_t)(1u << (random & 7));
	return file_write(out_path, f->data, f->len);
}

static int
cut(size_t place, struct file *f, const char *out_path, bool *ret_is_counted)
{
	*ret_is_counted = f->len > 0;
	return f->len > 0 ? file_write(out_path, f->data, spread(place) % f->len) : 0;
}

static int
compare(size_t place, struct file *f, const char *out_path, bool *ret_is_counted)
{
	struct file other;
	int r = file_read(out_path, &other);

	(void)place;
	*ret_is_counted = false;
	if (r != 0)
		return r == FAIL_ABSENT ? 0 : r;
	*ret_is_counted = other.len == f->len && memcmp(other.data, f->data, f->len) == 0;
	mem_free(other.data);
	return 0;
}

static int
not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
one(size_t place, const char *in_path, const char *out_path, deed *do_it, size_t *count)
{
	struct file f = {0};
	bool is_counted = false;
	int r;

	if ((r = file_read(in_path, &f)) == 0)
		r = do_it(place, &f, out_path, &is_counted);
	mem_free(f.data);
	*count += is_counted;
	if (r != 0)
		fprintf(stderr, "papers: %s: %s\n", in_path, fail_text(r));
	return r;
}

static int
each(const char *in, const char *out, deed *do_it, size_t *ret_count)
{
	char in_path[PAPERS_PATH_MAX], out_path[PAPERS_PATH_MAX];
	struct dirent **names = NULL;
	size_t count = 0;
	int r = 0;

	int total = scandir(in, &names, not_hidden, alphasort);
	if (total < 0)
		return FAIL_ABSENT;
	for (int i = 0; i < total && r == 0; i++)
		if ((r = papers_path(in, names[i]->d_name, in_path)) == 0 &&
			(r = papers_path(out, names[i]->d_name, out_path)) == 0)
			r = one((size_t)i, in_path, out_path, do_it, &count);
	/* scandir() allocates by itself; these are its names, not ours. */
	for (int i = 0; i < total; i++)
		free(names[i]);
	free(names);
	if (r == 0)
		*ret_count = count;
	return r;
}

static const struct {
	const char *name;
	deed *do_it;
} verbs[] = {{"alter", alter}, {"truncate", cut}, {"compare", compare}};

static int
run(int argc, char **argv, size_t *ret_count)
{
	if (argc == 5 && strcmp(argv[1], "cables") == 0)
		return papers_cables(
			argv[2], argv[3], strtoul(argv[4], NULL, 10), ret_count);
	for (size_t i = 0; argc == 4 && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return each(argv[2], argv[3], verbs[i].do_it, ret_count);
	return FAIL_USAGE;
}

int
main(int argc, char **argv)
{
	size_t count = 0;
	int r = run(argc, argv, &count);

	if (r == FAIL_USAGE)
		fprintf(stderr,
			"papers: cables FILE DIR COUNT, or alter|truncate|compare IN "
			"OUT\n");
	else if (r != 0)
		fprintf(stderr, "papers: %s %s: %s\n", argv[1], argv[2], fail_text(r));
	else
		printf("%zu\n", count);
	return r == 0 ? 0 : r == FAIL_USAGE ? 2 : 1;
}
