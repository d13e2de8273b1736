/* SPDX-License-Identifier: Apache-2.0 */

/*
 * list: what the unpackers say about files, one line a record, for the shell tests.
 *
 *   list [--quiet] [key=value ...] FILE...      keys: see take()
 *
 *   M path (kind)            T flags page offset span: text, line breaks as blanks
 *   E reason                 S path: reason (detail)            = members skipped text bytes
 *
 * --quiet leaves out the text lines.  Exit 1 when scanning could not go on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/unpacker.h"

static bool is_quiet;

static void
print_text(const struct unpack_text *t)
{
	(void)printf("T %u %u %lld %u: ", t->flags, t->page,
		t->offset == UNPACK_OFFSET_NONE ? -1LL : (long long)t->offset, t->span);
	for (size_t i = 0; i < t->len; i++)
		(void)putchar(t->ptr[i] == '\n' || t->ptr[i] == '\r' ? ' ' : t->ptr[i]);
	(void)putchar('\n');
}

static int
print(void *arg, const struct unpack_record *record)
{
	(void)arg;
	switch (record->type) {
	case UNPACK_MEMBER:
		(void)printf("M %.*s (%s)\n", (int)record->member.path_len,
			record->member.path, unpack_kind_text(record->member.kind));
		return 0;
	case UNPACK_TEXT:
		if (!is_quiet)
			print_text(&record->text);
		return 0;
	case UNPACK_END:
		(void)printf("E %s\n", unpack_reason_text(record->end.reason));
		return 0;
	case UNPACK_SKIP:
		(void)printf("S %.*s: %s (%.*s)\n", (int)record->skip.path_len,
			record->skip.path, unpack_reason_text(record->skip.reason),
			(int)record->skip.detail_len, record->skip.detail);
		return 0;
	case UNPACK_TOTAL:
		(void)printf("= %llu %llu %llu %llu\n",
			(unsigned long long)record->total.members,
			(unsigned long long)record->total.skipped,
			(unsigned long long)record->total.text,
			(unsigned long long)record->total.bytes);
		return 0;
	case UNPACK_HELLO:
	case UNPACK_BLOB:
	case UNPACK_DATA:
	case UNPACK_BLOB_END:
	default:
		(void)printf("? a record that must not be seen\n");
		return FAIL_FORMAT;
	}
}

/* key=value: set it; anything else is a file. */
static bool
take(struct unpacker_config *c, const char *arg)
{
	const char *value = strchr(arg, '=');
	uint64_t v = value != NULL ? strtoull(value + 1, NULL, 10) : 0;
	unsigned *const small[] = {&c->depth_max, &c->ratio_max, &c->cpu_s, &c->wall_s};
	uint64_t *const large[] = {&c->members_max, &c->unpacked_max, &c->memory_max};
	static const char *const small_names[] = {"depth", "ratio", "cpu", "wall"};
	static const char *const large_names[] = {"members", "unpacked", "memory"};

	if (strcmp(arg, "--quiet") == 0)
		return is_quiet = true;
	if (value == NULL)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (strncmp(arg, small_names[i], (size_t)(value - arg)) == 0)
			*small[i] = (unsigned)v;
	for (size_t i = 0; i < 3; i++)
		if (strncmp(arg, large_names[i], (size_t)(value - arg)) == 0)
			*large[i] = v;
	if (strncmp(arg, "ocr=", 4) == 0)
		c->is_ocr = v != 0;
	if (strncmp(arg, "helpers=", 8) == 0)
		c->helper_dir = value + 1;
	return true;
}

int
main(int argc, char **argv)
{
	const struct unpacker_sink sink = {print, NULL};
	struct unpacker_config config;
	struct unpacker *u = NULL;
	int r = 0;

	unpacker_config_init(&config);
	for (int i = 1; i < argc && r == 0; i++) {
		int fd;

		if (take(&config, argv[i]))
			continue;
		if (u == NULL && (r = unpacker_new(&config, &u)) != 0)
			break;
		fd = strcmp(argv[i], "-") == 0 ? 0 : open(argv[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			perror(argv[i]);
			r = FAIL_ABSENT;
			break;
		}
		r = unpacker_run(u, fd, argv[i], &sink);
		(void)close(fd);
	}
	unpacker_free(u);
	if (r != 0)
		(void)fprintf(stderr, "list: %s\n", fail_text(r));
	return r == 0 ? 0 : 1;
}
