/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/workers.h"
#include "valise/cablefile.h"
#include "valise/home.h"
#include "valise/inputs.h"
#include "valise/many.h"
#include "valise/plan.h"
#include "valise/report.h"
#include "valise/sealer.h"
#include "valise/verb.h"

/*
 * seal: files or a cable into envelopes.  One file (or the standard input) to --out, or many files into
 * --out-dir; there several files are sealed at once, each by one thread, and they appear
 * together when they are durable.
 */

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "seal", .attempt = attempt, .object = object};

	return report_fail(&report, r);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* What is the same for all envelopes of one call. */
struct sealing {
	const struct args *args;
	struct keys *keys;
	struct plan *plan;
	struct cable *cable; /* NULL: files as they are */
};

static int
seal_stream(const struct sealing *s, const char *path, struct outfile *out,
	size_t thread_count, struct sealed *ret_sealed)
{
	struct progress *progress = NULL;
	struct inputs inputs;
	int r, status;

	status = s->cable != NULL ? inputs_init_cable(&inputs, "seal", path, s->cable)
				  : inputs_init(&inputs, path, s->args);
	if (status != EXIT_OK)
		goto out;
	r = progress_new(base_name(path), inputs.total,
		thread_count == 1 || args_has(s->args, "quiet"), &progress);
	if (r == 0) {
		struct sealer sealer = {.keys = s->keys,
			.plan = plan_header(s->plan),
			.head = inputs.head,
			.inputs = inputs.files,
			.text = inputs.text,
			.out = out,
			.progress = progress,
			.thread_count = thread_count};

		r = sealer_run(&sealer, ret_sealed);
	}
	status = r == 0 ? EXIT_OK : fail("seal", path, r);
out:
	progress_free(progress);
	inputs_done(&inputs);
	return status;
}

static void
print_json(const char *path, const char *out, const struct sealed *sealed)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1], hash[2 * HASH_LEN + 1];
	json_t *object;

	text_hex(sealed->document_id, CORE_DOCUMENT_ID_LEN, id);
	text_hex(sealed->envelope_hash, HASH_LEN, hash);
	object = json_pack("{s:s, s:s, s:s, s:s, s:I}", "in", path, "out", out,
		"document_id", id, "envelope_hash", hash, "size",
		(json_int_t)sealed->size);
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

static void
say_sealed(const struct sealing *s, const char *path, const char *out,
	const struct sealed *sealed, uint64_t ms)
{
	char size[TEXT_HUMAN_MAX], time[TEXT_HUMAN_MAX];

	if (args_has(s->args, "json")) {
		print_json(path, out, sealed);
		return;
	}
	text_size(sealed->size, size);
	text_duration(ms, time);
	report_say("%s -> %s  %s, %s in %s; opens with your keys only (solo)\n", path,
		out, plan_marking(s->plan), size, time);
}

static int
seal_one(const struct sealing *s)
{
	const char *path = s->args->operands[0];
	const char *out_path = args_get(s->args, "out");
	uint64_t start_ms = clock_monotonic_ms();
	struct outfile *out = NULL;
	struct sealed sealed;
	int r, status;

	if (strcmp(out_path, "-") == 0 && args_has(s->args, "json"))
		return report_exit(
			report_usage("seal", "--json and --out - both want stdout"));
	if ((r = outfile_new(out_path, args_has(s->args, "force"), &out)) != 0)
		return fail("write", out_path, r);
	status = seal_stream(s, path, out, workers_cpu_count(), &sealed);
	if (status == EXIT_OK && (r = outfile_commit(out)) != 0)
		status = fail("write", out_path, r);
	outfile_free(out);
	if (status == EXIT_OK)
		say_sealed(s, path, out_path, &sealed, clock_monotonic_ms() - start_ms);
	return status;
}

static int
seal_many_one(
	void *ctx, const char *path, struct outfile *out, struct many_result *ret_result)
{
	const struct sealing *s = ctx;
	struct sealed sealed;
	int status = seal_stream(s, path, out, 1, &sealed);

	if (status == EXIT_OK) {
		ret_result->bytes = sealed.size;
		memcpy(ret_result->document_id, sealed.document_id,
			sizeof sealed.document_id);
		memcpy(ret_result->envelope_hash, sealed.envelope_hash, HASH_LEN);
	}
	return status;
}

static int
seal_many_name(const char *path, char ret_name[MANY_NAME_MAX])
{
	int n = snprintf(ret_name, MANY_NAME_MAX, "%s.valise", base_name(path));

	return n > 0 && n < MANY_NAME_MAX ? 0 : FAIL_LIMIT;
}

static int
run_with_plan(struct sealing *s)
{
	struct many many = {.args = s->args,
		.done = "sealed",
		.name_of = seal_many_name,
		.run = seal_many_one,
		.ctx = s};
	int status;

	if (home_solo(s->args, &s->keys) != 0)
		return EXIT_FAILED;
	plan_seal_to(s->plan, keys_public(s->keys));
	status = args_has(s->args, "out") ? seal_one(s) : many_run(&many);
	keys_free(s->keys);
	return status;
}

/* A cable says itself what these would say; two answers to one question are refused. */
static int
check_cable(const struct args *args)
{
	static const char *const said[] = {"to", "info", "label", "prec", "type", "title",
		"subject", "ref", "sic", "attach"};

	if (!args_has(args, "out"))
		return report_usage("seal", "--cable goes with --out");
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
		if (args_has(args, said[i]))
			return report_usage("seal",
				"--%s with --cable: the cable's own headers say that; "
				"write it there",
				said[i]);
	return 0;
}

/* The words of the command line, before anything is asked. */
static int
check_words(const struct args *args)
{
	if (args_has(args, "out") == args_has(args, "out-dir"))
		return report_usage("seal", "say where to: --out OUT, or --out-dir DIR");
	if (args_has(args, "out") && args->operand_count != 1)
		return report_usage("seal", "--out takes one file; for more --out-dir");
	return args_has(args, "cable") ? check_cable(args) : 0;
}

static int
run(const struct args *args)
{
	struct sealing s = {.args = args};
	int status;

	if (check_words(args) != 0)
		return EXIT_USAGE;
	if (args_has(args, "cable") &&
		(status = cablefile_read(
			 "seal", NULL, args->operands[0], &s.cable, NULL)) != EXIT_OK)
		return status;
	if ((status = plan_new(args, s.cable, clock_now_s(), &s.plan)) == EXIT_OK)
		status = run_with_plan(&s);
	plan_free(s.plan);
	cable_free(s.cable);
	return status;
}

static const struct arg_option options[] = {
	{"out", "OUT", "the envelope to write; - is the standard output", false},
	{"out-dir", "DIR", "write FILE.valise into DIR for every FILE", false},
	{"force", NULL, "replace what is there", false},
	{"cable", NULL, "IN is a cable: its headers say the rest", false},
	{"to", "ADDR,...", "action addressees, such as PT/defence-policy", true},
	{"info", "ADDR,...", "information addressees", true},
	{"label", "LABEL", "such as SECRET, TLP:AMBER (else business:CONFIDENTIAL)",
		false},
	{"prec", "P[/P]",
		"precedence for action / info: ROUTINE, PRIORITY, IMMEDIATE, FLASH",
		false},
	{"type", "TYPE[:NAME]", "message, operation, exercise, drill or project", false},
	{"title", "TEXT", "short title, unclassified, at most 120 characters", false},
	{"subject", "TEXT", "subject; sealed with the text", false},
	{"ref", "TEXT", "your own reference", false},
	{"sic", "SIC,...", "subject indicator codes", true},
	{"attach", "FILE", "attach a file", true},
	{NULL, NULL, NULL, false},
};

const struct verb verb_seal = {
	.name = "seal",
	.synopsis = "[OPTION]... --out OUT IN|-\n[OPTION]... --out-dir DIR FILE...\n"
		    "--cable --out OUT IN|-",
	.summary = "seal files into envelopes",
	.text = "Seals a file into an envelope that only your own keys open, with your "
		"signature\n"
		"in it.  Label, addresses and title can be read by everybody who has "
		"the\n"
		"envelope; subject, text and attachments cannot.  OUT appears when it is "
		"complete\n"
		"and on disk, or not at all.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
