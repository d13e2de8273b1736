/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/workers.h"
#include "valise/home.h"
#include "valise/many.h"
#include "valise/plan.h"
#include "valise/report.h"
#include "valise/sealer.h"
#include "valise/verb.h"

/*
 * seal: files into envelopes.  One file (or the standard input) to --out, or many files into
 * --out-dir; there several files are sealed at once, each by one thread, and they appear
 * together when they are durable.
 */

enum { EXTRA_THREADS = 1 }; /* beyond the processors, to fill the gaps while one writes */

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

/* The inputs of one envelope: the file itself, then the attachments. */
struct inputs {
	size_t count;
	struct infile *files[BODY_PARTS_MAX];
	struct body_head *head;
	uint64_t total; /* bytes, as far as they are known */
};

static void
inputs_done(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		infile_free(inputs->files[i]);
	mem_free(inputs->head);
}

static bool
is_name_taken(const struct body_head *head, const char *name)
{
	for (size_t i = 1; i < head->part_count; i++)
		if (head->parts[i].name.len == strlen(name) &&
			memcmp(head->parts[i].name.ptr, name, strlen(name)) == 0)
			return true;
	return false;
}

static int
add_input(struct inputs *inputs, const char *path, uint8_t kind)
{
	struct body_part *part = &inputs->head->parts[inputs->count];
	const char *name = base_name(path);
	bool is_pipe;
	int r;

	if (inputs->count == BODY_PARTS_MAX)
		return fail("attach", path, FAIL_LIMIT);
	if ((r = infile_new(path, &inputs->files[inputs->count])) != 0)
		return fail("read", path, r);
	inputs->count++;
	inputs->head->part_count = inputs->count;
	is_pipe = !infile_has_size(inputs->files[inputs->count - 1], &part->size);
	if (is_pipe)
		part->size = BODY_SIZE_REST;
	else
		inputs->total += part->size;
	part->kind = kind;
	if (strcmp(path, "-") != 0)
		part->name = rd_of(name, strlen(name));
	if (part->name.len > 0 && !body_is_name(part->name.ptr, part->name.len))
		return fail("use the name of", path, FAIL_FORMAT);
	return 0;
}

/* Attachments have sizes and names of their own; only the file itself may be a pipe, alone. */
static int
check_inputs(const struct inputs *inputs, const char *path, const struct args *args)
{
	size_t at = 0, i = 1;
	const char *name;

	if (inputs->count > 1 && inputs->head->parts[0].size == BODY_SIZE_REST)
		return report_usage(
			"seal", "%s has no size, so nothing can be attached to it", path);
	while ((name = args_next(args, "attach", &at)) != NULL) {
		if (inputs->head->parts[i].size == BODY_SIZE_REST)
			return report_usage(
				"seal", "--attach %s is not a regular file", name);
		i++;
	}
	return 0;
}

/* An exit status; a failure has been reported. */
static int
inputs_init(struct inputs *inputs, const char *path, const struct args *args)
{
	const char *subject = args_get(args, "subject");
	const char *name;
	size_t at = 0;
	int r;

	*inputs = (struct inputs){0};
	if ((r = mem_new(&inputs->head, sizeof *inputs->head)) != 0)
		return fail("read", path, r);
	if (subject != NULL)
		inputs->head->subject = rd_of(subject, strlen(subject));
	if ((r = add_input(inputs, path, BODY_FILE)) != 0)
		return r;
	while ((name = args_next(args, "attach", &at)) != NULL) {
		if (is_name_taken(inputs->head, base_name(name)))
			return report_exit(report_usage("seal",
				"two attachments are called %s", base_name(name)));
		if ((r = add_input(inputs, name, BODY_ATTACHMENT)) != 0)
			return r;
	}
	return check_inputs(inputs, path, args) == 0 ? EXIT_OK : EXIT_USAGE;
}

/* What is the same for all envelopes of one call. */
struct sealing {
	const struct args *args;
	struct keys *keys;
	struct plan *plan;
};

static int
seal_stream(const struct sealing *s, const char *path, struct outfile *out,
	size_t thread_count, struct sealed *ret_sealed)
{
	struct progress *progress = NULL;
	struct inputs inputs;
	int r, status;

	if ((status = inputs_init(&inputs, path, s->args)) != EXIT_OK)
		goto out;
	r = progress_new(base_name(path), inputs.total,
		thread_count == 1 || args_has(s->args, "quiet"), &progress);
	if (r == 0) {
		struct sealer sealer = {.keys = s->keys,
			.plan = plan_header(s->plan),
			.head = inputs.head,
			.inputs = inputs.files,
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
	status = seal_stream(s, path, out, workers_cpu_count() + EXTRA_THREADS, &sealed);
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
run_with_keys(const struct args *args, struct keys *keys)
{
	struct sealing s = {.args = args, .keys = keys};
	int status;

	if ((status = plan_new(args, keys_public(keys), clock_now_s(), &s.plan)) !=
		EXIT_OK)
		return status;
	if (args_has(args, "out")) {
		status = seal_one(&s);
	} else {
		struct many many = {.args = args,
			.done = "sealed",
			.name_of = seal_many_name,
			.run = seal_many_one,
			.ctx = &s};

		status = many_run(&many);
	}
	plan_free(s.plan);
	return status;
}

static int
run(const struct args *args)
{
	struct keys *keys = NULL;
	int status;

	if (args_has(args, "out") == args_has(args, "out-dir"))
		return report_exit(report_usage(
			"seal", "say where to: --out OUT, or --out-dir DIR"));
	if (args_has(args, "out") && args->operand_count != 1)
		return report_exit(
			report_usage("seal", "--out takes one file; for more --out-dir"));
	if (home_keys(args, &keys) != 0)
		return EXIT_FAILED;
	status = run_with_keys(args, keys);
	keys_free(keys);
	return status;
}

static const struct arg_option options[] = {
	{"out", "OUT", "the envelope to write; - is the standard output", false},
	{"out-dir", "DIR", "write FILE.valise into DIR for every FILE", false},
	{"force", NULL, "replace what is there", false},
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
	.synopsis = "[OPTION]... --out OUT IN|-\n[OPTION]... --out-dir DIR FILE...",
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
