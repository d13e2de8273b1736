/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/random.h"
#include "valise/index_add.h"
#include "valise/index_export.h"
#include "valise/index_receive.h"
#include "valise/index_show.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * index: the registered texts that `valise scan` looks for.  Each action opens the directory,
 * does one thing and says what it did.
 */

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "index", .attempt = attempt, .object = object};

	if (r == FAIL_AGAIN)
		report.why = "another valise is writing to this index";
	else if (r == FAIL_FORMAT || r == FAIL_ALTERED || r == FAIL_TRUNCATED)
		report.remedy = "The index is damaged: register the documents anew in an "
				"empty directory.";
	else if (r == FAIL_VERSION)
		report.remedy = "It was made by another version: register the documents "
				"anew in an empty directory.";
	else if (r == FAIL_MISMATCH)
		report.remedy =
			"Its key belongs to another index: restore the right one, or "
			"register the documents anew.";
	return report_fail(&report, r);
}

static int
open_dir(const struct args *args, enum indexdir_mode mode, struct indexdir **ret_dir)
{
	int r = indexdir_open(args_get(args, "index"), mode, random_system(), ret_dir);

	return r == 0 ? EXIT_OK : fail("open the index", args_get(args, "index"), r);
}

static int
add(const struct args *args)
{
	struct indexdir *d = NULL;
	struct index_add_result result = {0};
	const char *object = args->operands[1];
	int r, status;

	if (args->operand_count < 2)
		return report_exit(
			report_usage("index", "add needs at least one file or folder"));
	if ((status = open_dir(args, INDEXDIR_CREATE, &d)) != EXIT_OK)
		return status;
	r = index_add_all(
		d, args->operands + 1, args->operand_count - 1, &result, &object);
	if (r != 0)
		status = fail("register", object, r);
	else if (args_has(args, "json"))
		(void)printf("{\"added\":%" PRIu64 ",\"replaced\":%" PRIu64
			     ",\"unchanged\":%" PRIu64 ",\"skipped\":%" PRIu64
			     ",\"bytes\":%" PRIu64 "}\n",
			result.added, result.replaced, result.unchanged, result.skipped,
			result.bytes);
	else
		report_say("%" PRIu64 " registered, %" PRIu64 " replaced, %" PRIu64
			   " unchanged, %" PRIu64 " not readable\n",
			result.added, result.replaced, result.unchanged, result.skipped);
	indexdir_close(d);
	return status;
}

static int
remove_docs(const struct args *args)
{
	struct indexdir *d = NULL;
	const char *missing = NULL;
	int r, status;

	if (args->operand_count < 2)
		return report_exit(report_usage("index", "remove needs at least one id"));
	if ((status = open_dir(args, INDEXDIR_WRITE, &d)) != EXIT_OK)
		return status;
	r = index_remove_ids(d, args->operands + 1, args->operand_count - 1, &missing);
	if (r != 0)
		status = fail("remove", missing != NULL ? missing : "documents", r);
	else if (args_has(args, "json"))
		(void)printf("{\"removed\":%zu}\n", args->operand_count - 1);
	else
		report_say("%zu removed; their grams go with the next merge\n",
			args->operand_count - 1);
	indexdir_close(d);
	return status;
}

static int
list(const struct args *args)
{
	struct indexdir *d = NULL;
	int r, status;

	if ((status = open_dir(args, INDEXDIR_READ, &d)) != EXIT_OK)
		return status;
	if ((r = index_show_list(d, args_has(args, "json"))) != 0)
		status = fail("list", args_get(args, "index"), r);
	indexdir_close(d);
	return status;
}

static int
stats(const struct args *args)
{
	struct indexdir *d = NULL;
	int r, status;

	if ((status = open_dir(args, INDEXDIR_READ, &d)) != EXIT_OK)
		return status;
	if ((r = index_show_stats(d, args_has(args, "json"))) != 0)
		status = fail("read", args_get(args, "index"), r);
	indexdir_close(d);
	return status;
}

static int
verify(const struct args *args)
{
	struct indexdir *d = NULL;
	uint64_t segment = UINT64_MAX;
	char where[40];
	int r, status;

	if ((status = open_dir(args, INDEXDIR_READ, &d)) != EXIT_OK)
		return status;
	if ((r = indexdir_verify(d, &segment)) != 0) {
		(void)snprintf(where, sizeof where, "seg-%016" PRIx64, segment);
		status = fail("verify", where, r);
	} else if (args_has(args, "json")) {
		(void)printf("{\"verified\":true,\"documents\":%" PRIu32 "}\n",
			indexdir_index(d)->docs);
	} else {
		report_say("%zu segment%s, all good\n", indexdir_manifest(d)->segments,
			indexdir_manifest(d)->segments == 1 ? "" : "s");
	}
	indexdir_close(d);
	return status;
}

static int
merge(const struct args *args)
{
	struct indexdir *d = NULL;
	int r, status;

	if ((status = open_dir(args, INDEXDIR_WRITE, &d)) != EXIT_OK)
		return status;
	if ((r = indexdir_merge(d)) != 0)
		status = fail("merge", args_get(args, "index"), r);
	else if (args_has(args, "json"))
		(void)printf("{\"documents\":%" PRIu32 ",\"segments\":%zu}\n",
			indexdir_index(d)->docs, indexdir_manifest(d)->segments);
	else
		report_say("one segment, %" PRIu32 " document%s\n",
			indexdir_index(d)->docs, indexdir_index(d)->docs == 1 ? "" : "s");
	indexdir_close(d);
	return status;
}

struct action {
	const char *name;
	int (*run)(const struct args *args);
};

static const struct action actions[] = {
	{"add", add},
	{"remove", remove_docs},
	{"list", list},
	{"stats", stats},
	{"verify", verify},
	{"merge", merge},
	{"export", index_export},
	{"confirm", index_confirm},
	{"receive", index_receive},
};

static int
run(const struct args *args)
{
	if (args_get(args, "index") == NULL)
		return report_exit(report_usage("index", "--index DIR says which one"));
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strcmp(args->operands[0], actions[i].name) == 0)
			return actions[i].run(args);
	}
	return report_exit(
		report_usage("index", "there is no action '%s'", args->operands[0]));
}

static const struct arg_option options[] = {
	{"index", "DIR", "the directory of the index", false},
	{"ally", "NAME", "export: for whom", false},
	{"out", "FILE", "export, confirm: what to write", false},
	{"compartment", "NAME", "first export: whose text it is", false},
	{"sets", "N", "first export: how many sets there may ever be; 3, 6: any number",
		false},
	{"originator", "NAME", "confirm: what a yes names", false},
	{"releasability", "TEXT", "confirm: what a yes says on passing it on", false},
	{"poll", NULL, "confirm: answer what allies have asked over the stations", false},
	{"wait", "DURATION", "confirm: the same, and go on so long (10m, 8h)", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_index = {
	.name = "index",
	.synopsis = "add --index DIR FILE|FOLDER...\n"
		    "remove --index DIR ID...\n"
		    "list --index DIR\n"
		    "stats --index DIR\n"
		    "verify --index DIR\n"
		    "merge --index DIR\n"
		    "receive --index DIR\n"
		    "export --index DIR --ally NAME --out FILE\n"
		    "confirm --index DIR --out FILE QUERY\n"
		    "confirm --index DIR --poll|--wait DURATION",
	.summary = "keep the texts that scan looks for",
	.text = "Registers documents in DIR (made with mode 0700): files of any kind, "
		"folders,\n"
		".jsonl and .jsonl.zst with `id` and `body` on each line.  Registering "
		"an id\n"
		"again replaces it.  An index is content: with the key that lies in it, "
		"it gives\n"
		"the texts back.  Keep it as you keep them.\n"
		"`receive`, on an enrolled index host, takes what senders of its member "
		"sealed\n"
		"to it, and removes what was destroyed.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
