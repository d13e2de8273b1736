/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "sys/workers.h"
#include "valise/inspect.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * inspect: everything that an envelope says without keys, and what of it holds.  It goes on
 * after the first thing that does not hold, as far as the bytes can still be read.
 */

struct findings {
	int header; /* 0, or what was wrong */
	int body;
	int end;
};

static int
findings_first(const struct findings *f)
{
	return f->header != 0 ? f->header : f->body != 0 ? f->body : f->end;
}

static void
read_all(struct reader *reader, struct findings *f)
{
	struct reader_body how = {.thread_count = workers_cpu_count()};

	if ((f->body = reader_body(reader, &how)) == 0)
		f->end = reader_finish(reader);
}

static void
check(const char *what, bool is_good, const char *why)
{
	(void)printf("  %-7s %s%s%s\n", is_good ? "holds" : "FAILS", what,
		is_good ? "" : ": ", why);
}

static void
print_checks(const struct reader *reader, const struct findings *f)
{
	const struct reader_end *end = reader_end(reader);
	int last = f->body != 0 ? f->body : f->end;

	(void)putchar('\n');
	check("header: one form, addresses, slots, custody rule", true, "");
	if (!end->has_trailer) {
		check(reader_where(reader), false, fail_text(last));
		return;
	}
	check("counts and root of all segments", end->is_consistent,
		end->is_consistent ? "" : fail_text(FAIL_ALTERED));
	check("signature", end->is_signed,
		end->is_signed ? "" : fail_text(FAIL_SIGNATURE));
	(void)puts("  unseen  key commitment, shares and tags: opening checks them");
}

static int
print_json(const char *path, const struct reader *reader, const struct addressing *a,
	const struct findings *f)
{
	const struct reader_end *end = reader_end(reader);
	json_t *object = f->header == 0 ? inspect_json(reader, a) : json_object();
	int first = findings_first(f);

	(void)json_object_set_new(object, "file", json_string(path));
	(void)json_object_set_new(object, "verified", json_boolean(first == 0));
	(void)json_object_set_new(object, "holds",
		json_pack("{s:b, s:b, s:b}", "header", f->header == 0, "counts_and_root",
			end->is_consistent, "signature", end->is_signed));
	(void)json_object_set_new(object, "failure",
		first == 0
			? json_null()
			: json_sprintf("%s: %s", reader_where(reader), fail_text(first)));
	if (object == NULL ||
		json_dumpf(object, stdout, JSON_COMPACT | JSON_SORT_KEYS) != 0)
		first = FAIL_NOMEM;
	(void)putchar('\n');
	json_decref(object);
	return report_exit(first);
}

static int
fail(const char *path, const char *where, int r)
{
	struct report report = {
		.verb = "inspect", .attempt = "inspect", .object = path, .where = where};

	if (r == FAIL_FORMAT)
		report.remedy = "It is not an envelope, or it was altered.";
	return report_fail(&report, r);
}

static int
print(const struct args *args, struct reader *reader, struct addressing *a)
{
	const char *path = args->operands[0];
	struct findings f = {0};
	int r;

	if ((r = addressing_parse(reader_header(reader)->addressing, a)) != 0)
		return fail(path, "addressing", r);
	read_all(reader, &f);
	if (args_has(args, "json"))
		return print_json(path, reader, a, &f);
	(void)puts(path);
	inspect_print(stdout, reader, a);
	print_checks(reader, &f);
	r = findings_first(&f);
	return r == 0 ? EXIT_OK : fail(path, reader_where(reader), r);
}

static int
run_reader(const struct args *args, struct infile *in, struct addressing *a)
{
	struct reader *reader = NULL;
	struct findings f = {0};
	int status;

	if ((f.header = reader_new(in, &reader)) == 0)
		status = print(args, reader, a);
	else if (args_has(args, "json") && reader != NULL)
		status = print_json(args->operands[0], reader, NULL, &f);
	else
		status = fail(args->operands[0],
			reader != NULL ? reader_where(reader) : NULL, f.header);
	reader_free(reader);
	return status;
}

static int
run(const struct args *args)
{
	struct addressing *a = NULL;
	struct infile *in = NULL;
	int r, status;

	if ((r = infile_new(args->operands[0], &in)) != 0)
		return fail(args->operands[0], NULL, r);
	if ((r = mem_new(&a, sizeof *a)) != 0)
		status = fail(args->operands[0], NULL, r);
	else
		status = run_reader(args, in, a);
	mem_free(a);
	infile_free(in);
	return status;
}

const struct verb verb_inspect = {
	.name = "inspect",
	.synopsis = "[--json] FILE|-",
	.summary = "say what an envelope is, and whether it holds",
	.text = "Prints everything that an envelope says without keys: label, addresses, "
		"custody,\n"
		"readers, signer; and checks its form, its counts, its root and its "
		"signature.\n"
		"The exit status is 3 when something does not hold.",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
