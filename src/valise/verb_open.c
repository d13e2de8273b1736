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
#include "valise/identity.h"
#include "valise/many.h"
#include "valise/opener.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * open: envelopes into files.  Nothing gets its name before everything has been verified; to
 * a pipe, where nothing can be taken back, only with --unverified-stream.
 */

struct opening {
	const struct args *args;
	struct keys *keys;
	const char *signer_words; /* NULL: only our own */
};

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "open", .attempt = attempt, .object = object};

	return report_fail(&report, r);
}

static int
report_opened(const char *path, const struct opened *opened, int r)
{
	struct report report = {.verb = "open",
		.attempt = "open",
		.object = path,
		.where = opened->where};
	char words[IDENTITY_TEXT_MAX], where[IDENTITY_TEXT_MAX + 32];

	if (r == FAIL_SIGNER) {
		identity_words(opened->signer, words);
		(void)snprintf(where, sizeof where, "signed by %s", words);
		report.where = where;
	}
	if (r == FAIL_REFUSED) {
		report.where = "it belongs to a community";
		report.remedy = "Only its addressees open it, through their station.";
	}
	if (r == FAIL_USAGE)
		report.remedy = "Open it without --cable.";
	if (r == FAIL_UNSUPPORTED)
		report.where = "it has passages in two wordings";
	return report_fail(&report, r);
}

static int
open_stream(const struct opening *o, const char *path, struct outfile *out,
	struct outbatch *attachments, size_t thread_count, struct opened *ret_opened)
{
	struct opener opener = {.keys = o->keys,
		.out = out,
		.attachments = attachments,
		.is_cable = args_has(o->args, "cable"),
		.signer_words = o->signer_words,
		.thread_count = thread_count};
	struct progress *progress = NULL;
	struct infile *in = NULL;
	uint64_t size = 0;
	int r, status;

	if ((r = infile_new(path, &in)) != 0)
		return fail("read", path, r);
	(void)infile_has_size(in, &size);
	if ((r = progress_new(path, size, thread_count == 1 || args_has(o->args, "quiet"),
		     &progress)) != 0) {
		status = fail("open", path, r);
		goto out;
	}
	opener.in = in;
	opener.progress = progress;
	r = opener_run(&opener, ret_opened);
	progress_free(progress);
	status = r == 0 ? EXIT_OK : report_opened(path, ret_opened, r);
out:
	infile_free(in);
	return status;
}

static void
print_json(const char *path, const char *out, const struct opened *opened)
{
	char hash[2 * HASH_LEN + 1], words[IDENTITY_TEXT_MAX];
	json_t *object;

	text_hex(opened->envelope_hash, HASH_LEN, hash);
	identity_words(opened->signer, words);
	object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "in", path, "out", out,
		"envelope_hash", hash, "signer", words, "size", (json_int_t)opened->size,
		"attachments", (json_int_t)opened->part_count - 1);
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

static void
say_opened(const struct opening *o, const char *path, const struct opened *opened,
	uint64_t ms)
{
	const char *out = args_get(o->args, "out");
	char size[TEXT_HUMAN_MAX], time[TEXT_HUMAN_MAX];

	if (args_has(o->args, "json")) {
		print_json(path, out, opened);
		return;
	}
	text_size(opened->size, size);
	text_duration(ms, time);
	report_say("%s -> %s  %s in %s; all verified, %s\n", path, out, size, time,
		o->signer_words != NULL ? "signature as named" : "signed by you");
	if (opened->part_count > 1 && !args_has(o->args, "attachments"))
		report_say("%zu attachment%s not written; --attachments DIR does it.\n",
			opened->part_count - 1, opened->part_count == 2 ? "" : "s");
}

static int
open_into(const struct opening *o, struct outfile *out, struct outbatch *attachments)
{
	const char *path = o->args->operands[0], *out_path = args_get(o->args, "out");
	uint64_t start_ms = clock_monotonic_ms();
	struct opened opened;
	int r, status;

	if ((status = open_stream(
		     o, path, out, attachments, workers_cpu_count(), &opened)) != EXIT_OK)
		return status;
	if (attachments != NULL && (r = outbatch_commit(attachments)) != 0)
		return fail("write", args_get(o->args, "attachments"), r);
	if ((r = outfile_commit(out)) != 0)
		return fail("write", out_path, r);
	say_opened(o, path, &opened, clock_monotonic_ms() - start_ms);
	return EXIT_OK;
}

static int
open_one(const struct opening *o)
{
	const char *out_path = args_get(o->args, "out"),
		   *dir = args_get(o->args, "attachments");
	bool is_forced = args_has(o->args, "force");
	struct outbatch *attachments = NULL;
	struct outfile *out = NULL;
	int r, status = EXIT_OK;

	if ((r = outfile_new(out_path, is_forced, &out)) != 0)
		return fail("write", out_path, r);
	if (outfile_is_stream(out) && !args_has(o->args, "unverified-stream"))
		status = report_exit(report_usage("open",
			"%s is a stream: what is written cannot be taken back if the end "
			"turns out "
			"false.  Say --unverified-stream if the reader waits for the "
			"exit status",
			out_path));
	else if (dir != NULL && (r = outbatch_new(dir, is_forced, &attachments)) != 0)
		status = fail("write", dir, r);
	if (status == EXIT_OK)
		status = open_into(o, out, attachments);
	outbatch_free(attachments);
	outfile_free(out);
	return status;
}

static int
open_many_one(
	void *ctx, const char *path, struct outfile *out, struct many_result *ret_result)
{
	struct opened opened;
	int status = open_stream(ctx, path, out, NULL, 1, &opened);

	if (status == EXIT_OK) {
		ret_result->bytes = opened.size;
		memcpy(ret_result->document_id, opened.document_id,
			sizeof opened.document_id);
		memcpy(ret_result->envelope_hash, opened.envelope_hash, HASH_LEN);
	}
	return status;
}

/* letter.txt.valise -> letter.txt; without the suffix, .opened is added. */
static int
open_many_name(const char *path, char ret_name[MANY_NAME_MAX])
{
	static const char suffix[] = ".valise";
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name), cut = sizeof suffix - 1;
	int n;

	if (len > cut && strcmp(name + len - cut, suffix) == 0)
		n = snprintf(ret_name, MANY_NAME_MAX, "%.*s", (int)(len - cut), name);
	else
		n = snprintf(ret_name, MANY_NAME_MAX, "%s.opened", name);
	return n > 0 && n < MANY_NAME_MAX ? 0 : FAIL_LIMIT;
}

static int
run_with_keys(const struct args *args, struct keys *keys)
{
	struct opening o = {
		.args = args, .keys = keys, .signer_words = args_get(args, "signer")};
	struct many many = {.args = args,
		.done = "opened",
		.name_of = open_many_name,
		.run = open_many_one,
		.ctx = &o};

	/* Against any key: are they words at all? */
	if (o.signer_words != NULL &&
		identity_check(o.signer_words, keys_public(keys)->sign) == FAIL_USAGE)
		return report_exit(report_usage("open",
			"--signer takes the 12 words of a key, as `valise inspect` "
			"prints them"));
	return args_has(args, "out") ? open_one(&o) : many_run(&many);
}

static int
run(const struct args *args)
{
	struct keys *keys = NULL;
	int status;

	if (args_has(args, "out") == args_has(args, "out-dir"))
		return report_exit(report_usage(
			"open", "say where to: --out OUT, or --out-dir DIR"));
	if (args_has(args, "out") && args->operand_count != 1)
		return report_exit(
			report_usage("open", "--out takes one file; for more --out-dir"));
	if (args_has(args, "out-dir") && args_has(args, "attachments"))
		return report_exit(report_usage("open", "--attachments goes with --out"));
	if (args_has(args, "out") && strcmp(args_get(args, "out"), "-") == 0 &&
		args_has(args, "json"))
		return report_exit(
			report_usage("open", "--json and --out - both want stdout"));
	if (home_solo(args, &keys) != 0)
		return EXIT_FAILED;
	status = run_with_keys(args, keys);
	keys_free(keys);
	return status;
}

static const struct arg_option options[] = {
	{"out", "OUT", "the file to write; - is the standard output", false},
	{"out-dir", "DIR", "write into DIR for every FILE, without .valise", false},
	{"force", NULL, "replace what is there", false},
	{"cable", NULL, "write a cable whole: its headers, then its text", false},
	{"attachments", "DIR", "write attachments into DIR, under their own names",
		false},
	{"signer", "WORDS", "accept this signer too: the 12 words of the key", false},
	{"unverified-stream", NULL, "write to a pipe before the end has been verified",
		false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_open = {
	.name = "open",
	.synopsis = "[OPTION]... --out OUT IN|-\n[OPTION]... --out-dir DIR FILE...",
	.summary = "open envelopes that were sealed to you",
	.text = "Opens an envelope, checks every byte of it and who signed it, and then "
		"writes\n"
		"the file.  If anything was altered or cut nothing is written, and the "
		"exit\n"
		"status is 3.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
