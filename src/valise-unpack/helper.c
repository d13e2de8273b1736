/* SPDX-License-Identifier: Apache-2.0 */
#include "valise-unpack/helper.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/disk.h"
#include "sys/harden.h"
#include "sys/zygote.h"

enum { EXIT_USAGE = 2, CPU_BYTES = 4 << 20 };

struct context {
	const struct helper *helper;
	struct walk_limits limits;
	struct zygote_limits process;
	bool is_serving, is_text;
	const char *name;
};

/* Where records go: a descriptor, or a person. */
struct outlet {
	int fd;
	bool is_text;
	struct unpack_parser parser;
};

static int
print(struct outlet *outlet, const struct unpack_record *record)
{
	char head[UNPACK_PATH_MAX + UNPACK_DETAIL_MAX + 64];
	int n = 0;

	switch (record->type) {
	case UNPACK_MEMBER:
		n = snprintf(head, sizeof head, "== %.*s (%s)\n",
			(int)record->member.path_len, record->member.path,
			unpack_kind_text(record->member.kind));
		break;
	case UNPACK_TEXT:
		return disk_write(outlet->fd, record->text.ptr, record->text.len);
	case UNPACK_END:
		n = snprintf(head, sizeof head, "\n-- %s, %llu bytes\n",
			unpack_reason_text(record->end.reason),
			(unsigned long long)record->end.bytes);
		break;
	case UNPACK_SKIP:
		n = snprintf(head, sizeof head, "!! %.*s: %s %.*s\n",
			(int)record->skip.path_len, record->skip.path,
			unpack_reason_text(record->skip.reason),
			(int)record->skip.detail_len, record->skip.detail);
		break;
	case UNPACK_BLOB:
		n = snprintf(head, sizeof head, "!! %.*s: %s, for another helper\n",
			(int)record->blob.path_len, record->blob.path,
			unpack_kind_text(record->blob.kind));
		break;
	case UNPACK_HELLO:
	case UNPACK_DATA:
	case UNPACK_BLOB_END:
	case UNPACK_TOTAL:
	default:
		return 0;
	}
	return disk_write(outlet->fd, head, n > 0 ? (size_t)n : 0);
}

/* The listener of emit: blocks hold whole records. */
static int
put_out(void *arg, const uint8_t *ptr, size_t len)
{
	struct outlet *outlet = arg;
	struct unpack_record record;
	struct rd in = rd_of(ptr, len);
	int r = 0;

	if (!outlet->is_text)
		return disk_write(outlet->fd, ptr, len);
	while (r == 0 && in.len > 0)
		if ((r = unpack_next(&outlet->parser, &in, &record)) == 0)
			r = print(outlet, &record);
	return r;
}

static int
run_job(const struct context *c, int in_fd, int out_fd, const struct helper_job *like)
{
	static const struct unpack_limits no_limits = {
		UINT64_MAX, UINT64_MAX, UINT64_MAX};
	struct outlet outlet = {.fd = out_fd, .is_text = c->is_text};
	struct helper_job job = *like;
	struct emit emit;
	int r;

	unpack_parser_init(&outlet.parser, &no_limits);
	emit_init(&emit, put_out, &outlet);
	job.in_fd = in_fd;
	job.emit = &emit;
	job.is_time_up = &zygote_is_time_up;
	r = c->helper->run(&job);
	emit_done(&emit);
	return r == 0 ? 0 : 1;
}

/* A job from the starter: the note is depth, flags, name (see sys/unpacker.c). */
static int
run_served(void *arg, int in_fd, int out_fd, const uint8_t *note, size_t note_len)
{
	const struct context *c = arg;
	struct helper_job job = {.limits = c->limits};
	char name[ZYGOTE_NOTE_MAX + 1] = "";

	if (note_len < 2)
		return EXIT_USAGE;
	job.limits.depth_start = note[0];
	job.limits.is_pdf = (note[1] & 1) != 0;
	job.limits.is_ocr = (note[1] & 2) != 0;
	memcpy(name, note + 2, note_len - 2);
	job.name = name;
	return run_job(c, in_fd, out_fd, &job);
}

static int
serve(struct context *c)
{
	const struct zygote_work work = {
		.limits = c->process, .run = run_served, .arg = c};

	return zygote_serve(&work) == 0 ? 0 : 1;
}

static int
run_alone(struct context *c)
{
	struct helper_job job = {.limits = c->limits, .name = c->name};
	int r;

	if ((r = zygote_lock_in(&c->process, STDIN_FILENO, STDOUT_FILENO)) != 0) {
		(void)fprintf(stderr, "%s: cannot lock itself in: %s\n", c->helper->name,
			fail_text(r));
		return 1;
	}
	return run_job(c, STDIN_FILENO, STDOUT_FILENO, &job);
}

static int
number(const char *s, uint64_t *ret_number)
{
	char *end = NULL;
	unsigned long long v;

	errno = 0;
	v = strtoull(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || s[0] == '-')
		return FAIL_USAGE;
	*ret_number = v;
	return 0;
}

enum option_id {
	OPT_SERVE = 256,
	OPT_TEXT,
	OPT_NAME,
	OPT_NO_PDF,
	OPT_NO_OCR,
	OPT_DEPTH,
	OPT_MEMBERS,
	OPT_UNPACKED,
	OPT_RATIO,
	OPT_MEMORY,
	OPT_CPU,
	OPT_LOAD,
};

static const struct option options[] = {
	{"serve", no_argument, NULL, OPT_SERVE},
	{"text", no_argument, NULL, OPT_TEXT},
	{"name", required_argument, NULL, OPT_NAME},
	{"no-pdf", no_argument, NULL, OPT_NO_PDF},
	{"no-ocr", no_argument, NULL, OPT_NO_OCR},
	{"depth", required_argument, NULL, OPT_DEPTH},
	{"members", required_argument, NULL, OPT_MEMBERS},
	{"unpacked", required_argument, NULL, OPT_UNPACKED},
	{"ratio", required_argument, NULL, OPT_RATIO},
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"cpu", required_argument, NULL, OPT_CPU},
	{"load", required_argument, NULL, OPT_LOAD},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static int
set_limit(struct context *c, int id, uint64_t v)
{
	/* What each may be; the table stands in the order of enum option_id. */
	static const uint64_t max[] = {UNPACK_DEPTH_MAX, UINT64_MAX, UINT64_MAX,
		UINT32_MAX, UINT64_MAX, 1000000, UINT64_C(8) << 30};

	if (v == 0 || v > max[id - OPT_DEPTH])
		return FAIL_LIMIT;
	switch (id) {
	case OPT_DEPTH:
		c->limits.depth_max = (unsigned)v;
		return 0;
	case OPT_MEMBERS:
		c->limits.members_max = v;
		return 0;
	case OPT_UNPACKED:
		c->limits.unpacked_max = v;
		return 0;
	case OPT_RATIO:
		c->limits.ratio_max = (unsigned)v;
		return 0;
	case OPT_MEMORY:
		c->process.memory_max = v;
		return 0;
	case OPT_CPU:
		c->process.cpu_s = v;
		return 0;
	default:
		c->limits.load_max = v;
		return 0;
	}
}

static int
take_option(struct context *c, int id)
{
	uint64_t v = 0;
	int r;

	switch (id) {
	case OPT_SERVE:
		c->is_serving = true;
		return 0;
	case OPT_TEXT:
		c->is_text = true;
		return 0;
	case OPT_NAME:
		c->name = optarg;
		return 0;
	case OPT_NO_PDF:
		c->limits.is_pdf = false;
		return 0;
	case OPT_NO_OCR:
		c->limits.is_ocr = false;
		return 0;
	default:
		if (id < OPT_DEPTH || (r = number(optarg, &v)) != 0)
			return FAIL_USAGE;
		return set_limit(c, id, v);
	}
}

static void
usage(FILE *to, const char *name)
{
	(void)fprintf(to,
		"Usage: %s [--text] [--name=NAME] [limits] <input >records\n"
		"       %s --serve [limits]\n"
		"Reads one hostile file, locked in, and writes what it holds.\n"
		"  --text            for people instead of records\n"
		"  --name=NAME       the input's name, as a hint\n"
		"  --no-pdf --no-ocr do not hand these out to other helpers\n"
		"Limits: --depth=N --members=N --unpacked=BYTES --ratio=N "
		"--memory=BYTES\n"
		"        --cpu=SECONDS --load=BYTES\n",
		name, name);
}

static int
say_version(const char *name)
{
	(void)printf("%s %s\n", name, VALISE_VERSION);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* -1: go on; else the exit status. */
static int
take_options(struct context *c, int argc, char **argv)
{
	int id;

	while ((id = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (id == 'V')
			return say_version(c->helper->name);
		if (id == 'h')
			usage(stdout, c->helper->name);
		if (id == 'h')
			return fflush(stdout) == 0 ? 0 : 1;
		if (id == '?' || take_option(c, id) != 0)
			break;
	}
	if (id == -1 && optind == argc)
		return -1;
	usage(stderr, c->helper->name);
	return EXIT_USAGE;
}

int
helper_main(int argc, char **argv, const struct helper *helper)
{
	struct context c = {.helper = helper,
		.process = {UINT64_C(1) << 30, 60, CPU_BYTES},
		.name = ""};
	int r;

	walk_limits_init(&c.limits);
	c.limits.is_pdf = c.limits.is_ocr = true;
	if ((r = take_options(&c, argc, argv)) != -1)
		return r;
	if (c.process.memory_max < helper->memory_max)
		c.process.memory_max = helper->memory_max;
	if ((r = harden_process()) != 0 || (r = helper->prepare()) != 0) {
		(void)fprintf(
			stderr, "%s: cannot get ready: %s\n", helper->name, fail_text(r));
		return 1;
	}
	return c.is_serving ? serve(&c) : run_alone(&c);
}
