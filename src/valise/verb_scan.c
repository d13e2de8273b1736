/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/indexdir.h"
#include "sys/random.h"
#include "sys/terminal.h"
#include "sys/workers.h"
#include "valise/report.h"
#include "valise/scan_join.h"
#include "valise/scan_run.h"
#include "valise/scan_sparse.h"
#include "valise/verb.h"

/*
 * scan: which registered documents occur in these files, where, and which words.  A pure
 * filter: it changes nothing, and its output depends on index and input alone.
 */

struct scanning {
	const struct args *args;
	struct scan_run_config config;
	struct indexdir *dir;
	struct normal *normal;
	struct walk files;
	size_t from, to;
};

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "scan", .attempt = attempt, .object = object};

	if (strcmp(attempt, "open the index") == 0 && r == FAIL_ABSENT)
		report.remedy = "Make one with `valise index add --index DIR FILE...`.";
	else if (strcmp(attempt, "scan") == 0 && r == FAIL_ABSENT)
		report.why = "valise-unpack is not installed beside valise";
	else if (r == FAIL_FORMAT || r == FAIL_ALTERED || r == FAIL_TRUNCATED)
		report.remedy = "The index is damaged: `valise index verify` says where; "
				"register the documents anew.";
	else if (r == FAIL_MISMATCH)
		report.remedy = "Its key belongs to another index.";
	return report_fail(&report, r);
}

/* A whole number in min..max, nothing behind it but `end`. */
static bool
parse_number(const char **s, char end, size_t max, size_t *ret_v)
{
	size_t v = 0;
	const char *p = *s;

	if (*p < '1' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (size_t)(*p - '0');
		if (v > max)
			return false;
	}
	if (*p != end)
		return false;
	*s = p + (end != 0);
	*ret_v = v;
	return true;
}

static int
parse_options(struct scanning *s)
{
	const char *jobs = args_get(s->args, "jobs"), *score = args_get(s->args, "score");
	size_t alert = CHAIN_ALERT;

	s->config.threads = workers_cpu_count();
	if (args_get(s->args, "index") == NULL)
		return report_exit(
			report_usage("scan", "--index DIR says what to look for"));
	if (jobs != NULL && !parse_number(&jobs, 0, WORKERS_MAX, &s->config.threads))
		return report_exit(report_usage(
			"scan", "--jobs is a number from 1 to %d", WORKERS_MAX));
	if (score != NULL && !parse_number(&score, 0, 1000000, &alert))
		return report_exit(report_usage(
			"scan", "--score is a number of characters, at least 1"));
	s->config.find.alert = (unsigned)alert;
	s->config.find.style.is_json = args_has(s->args, "json");
	s->config.find.style.has_colour = terminal_has_colour(STDOUT_FILENO);
	s->config.find.is_scouting = args_has(s->args, "scout");
	s->config.find.is_ocr = !args_has(s->args, "no-ocr");
	s->config.resume = args_get(s->args, "resume");
	s->config.is_quiet = args_has(s->args, "quiet");
	return 0;
}

static int
choose_shard(struct scanning *s)
{
	const char *shard = args_get(s->args, "shard");
	size_t at = 1, count = 1;

	if (shard != NULL &&
		(!parse_number(&shard, '/', 1000000, &at) ||
			!parse_number(&shard, 0, 1000000, &count) || at > count))
		return report_exit(
			report_usage("scan", "--shard is i/n, from 1/n to n/n"));
	scan_run_shard(&s->files, at, count, &s->from, &s->to);
	return 0;
}

static int
print_summary(const struct scanning *s, const struct scan_counts *counts)
{
	const struct scan_style *style = &s->config.find.style;
	struct buf b;
	int r;

	buf_init(&b, 65536);
	if ((r = scan_out_summary(style, counts, &b)) == 0)
		(void)fwrite(b.data, 1, b.len, style->is_json ? stdout : stderr);
	buf_done(&b);
	return r;
}

static int
scan(struct scanning *s)
{
	struct scan_counts counts = {0};
	int r;

	s->config.find.index = indexdir_index(s->dir);
	s->config.find.normal = s->normal;
	if ((r = scan_run(&s->config, &s->files, s->from, s->to, &counts)) != 0)
		return fail("scan", "the files", r);
	if ((s->config.find.style.is_json || !s->config.is_quiet) &&
		(r = print_summary(s, &counts)) != 0)
		return fail("print", "the summary", r);
	return counts.found > 0 && args_has(s->args, "fail-on-hit") ? EXIT_REFUSED
								    : EXIT_OK;
}

static int
prepare(struct scanning *s)
{
	const char *dir = args_get(s->args, "index");
	int r;

	if ((r = indexdir_open(dir, INDEXDIR_READ, NULL, &s->dir)) != 0)
		return fail("open the index", dir, r);
	if ((r = normal_new(cpu_best(), &s->normal)) != 0)
		return fail("start", "the scan", r);
	for (size_t i = 0; i < s->args->operand_count; i++) {
		if ((r = walk_add(&s->files, s->args->operands[i])) != 0)
			return fail("read", s->args->operands[i], r);
	}
	return 0;
}

static int
join(struct scanning *s)
{
	struct scan_counts counts = {0};
	struct report report = {.verb = "scan",
		.attempt = "join",
		.remedy = "Give what `valise scan --json` printed, whole, one file a "
			  "shard."};
	int r;

	s->config.find.style.is_json = true;
	for (size_t i = 0; i < s->args->operand_count; i++) {
		report.object = s->args->operands[i];
		if ((r = scan_join_file(report.object, &counts)) != 0) {
			report.remedy = r == FAIL_ABSENT ? NULL : report.remedy;
			return report_fail(&report, r);
		}
	}
	if ((r = print_summary(s, &counts)) != 0)
		return fail("print", "the summary", r);
	return counts.found > 0 && args_has(s->args, "fail-on-hit") ? EXIT_REFUSED
								    : EXIT_OK;
}

static int
run(const struct args *args)
{
	struct scanning s = {.args = args};
	int status;

	if (args_has(args, "join"))
		return join(&s);
	if (args_has(args, "sparse"))
		return scan_sparse(args);
	if ((status = parse_options(&s)) != 0)
		return status;
	if ((status = prepare(&s)) == 0 && (status = choose_shard(&s)) == 0)
		status = scan(&s);
	walk_done(&s.files);
	normal_free(s.normal);
	indexdir_close(s.dir);
	return status;
}

static const struct arg_option options[] = {
	{"index", "DIR", "the index to look for", false},
	{"jobs", "N", "threads; as many as processors", false},
	{"shard", "I/N", "only the I-th of N parts of the files", false},
	{"resume", "FILE", "note what is done in FILE, and pass over what it names",
		false},
	{"join", NULL, "put the outputs of shards together as that of one run", false},
	{"score", "N", "report from N characters on; 34", false},
	{"scout", NULL, "in texts over 16 MiB look at one gram in eight first", false},
	{"no-ocr", NULL, "read no pictures", false},
	{"sparse", "FILE", "look with an ally's set instead of an index", false},
	{"query", "FILE", "with --sparse: write what is to be asked at home", false},
	{"window", "N", "with --query: about the N-th window; the strongest", false},
	{"answer", NULL, "with --sparse: the file is an answer: read it", false},
	{"fail-on-hit", NULL, "exit 4 when something is found", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_scan = {
	.name = "scan",
	.synopsis = "--index DIR [OPTION]... FILE|FOLDER|-...\n"
		    "--join OUTPUT...\n"
		    "--sparse FILE [--query FILE] FILE|FOLDER|-...\n"
		    "--sparse FILE --answer FILE",
	.summary = "find registered texts in anything",
	.text = "Says which registered documents occur in the files, where, and how many "
		"words\n"
		"of them: in text, mail, archives, office files, PDF, pictures, at any "
		"depth.\n"
		"Names are relative to the folder given; `!` stands between a container "
		"and its\n"
		"member.  What could not be examined is listed, with the reason.\n"
		"The output is the same for any number of threads.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
