/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/index_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "leak/sparse_build.h"
#include "leak/sparse_scan.h"
#include "store/exports.h"
#include "store/indexdir.h"
#include "sys/clock.h"
#include "sys/outfile.h"
#include "sys/random.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * Order: the budget is asked, the set is made in memory, the export is counted durably, and
 * only then written.  A kill between the two counts a set that nobody got.
 */

struct exporting {
	const char *dir, *ally, *out;
	struct indexdir *d;
	struct sparse_ledger *ledger;
	struct sparse_built built;
	struct sparse_export entry;
	uint32_t before_ppm;
	struct buf set;
	struct outfile *file;
};

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = "index export", .attempt = attempt, .object = object};

	if (r == FAIL_REFUSED && strcmp(attempt, "export to") == 0) {
		report.why = "the leak budget of 0.15 bit for each character is spent";
		report.remedy = "No further set can be made of this index.  A smaller "
				"selection for more sets is chosen at the first export: "
				"--sets.";
	}
	return report_fail(&report, r);
}

static int
usage(const struct exporting *e)
{
	if (e->ally == NULL || e->out == NULL)
		return report_exit(
			report_usage("index", "export needs --ally NAME and --out FILE"));
	if (!sparse_is_name(e->ally))
		return report_exit(report_usage(
			"index", "a name is 1 to %d bytes on one line", SPARSE_NAME_MAX));
	return EXIT_OK;
}

/* How many sets there may ever be; 0 when the word is none of 1 to 6. */
static unsigned
planned_sets(const char *sets)
{
	if (sets == NULL)
		return SPARSE_SETS_USUAL;
	return sets[0] >= '1' && sets[0] <= '6' && sets[1] == 0
		? (unsigned)(sets[0] - '0')
		: 0;
}

/* The ledger, or a new one with what the options say. */
static int
take_ledger(const struct args *args, struct exporting *e)
{
	const char *sets = args_get(args, "sets"), *name = args_get(args, "compartment");
	int r = exports_read(e->dir, e->ledger);

	if (r == 0 && (sets != NULL || name != NULL))
		return report_exit(report_usage("index",
			"--sets and --compartment are chosen at the first export, for "
			"good"));
	if (r != FAIL_ABSENT)
		return r == 0 ? EXIT_OK : fail("read the ledger in", e->dir, r);
	if (planned_sets(sets) == 0)
		return report_exit(report_usage(
			"index", "--sets is 1 to 6; 6 stands for any number"));
	r = sparse_ledger_new(name != NULL ? name : "index", planned_sets(sets),
		random_system(), e->ledger);
	return r == 0 ? EXIT_OK : fail("begin a ledger in", e->dir, r);
}

static uint32_t
next_epoch(const struct exporting *e)
{
	uint32_t epoch = 0;

	for (size_t i = 0; i < e->ledger->exports; i++) {
		if (strcmp(e->ledger->export[i].ally, e->ally) == 0 &&
			e->ledger->export[i].epoch > epoch)
			epoch = e->ledger->export[i].epoch;
	}
	return epoch + 1;
}

static int
make(struct exporting *e)
{
	struct sparse_request request = {
		.ally = e->ally, .epoch = next_epoch(e), .made_s = clock_now_s()};
	unsigned bits = sparse_ledger_bits(e->ledger);
	int r;

	e->before_ppm = sparse_ledger_leak_ppm(e->ledger, bits);
	/* Asked before the work, and again by the entry itself. */
	if (sparse_ledger_leak_ppm(e->ledger, bits + FUSE_BITS) > SPARSE_BUDGET_PPM)
		return FAIL_REFUSED;
	if ((r = sparse_build(
		     indexdir_index(e->d), e->ledger, &request, &e->set, &e->built)) != 0)
		return r;
	memcpy(e->entry.ally, e->ally, strlen(e->ally));
	e->entry.epoch = request.epoch;
	e->entry.made_s = request.made_s;
	e->entry.members = e->built.members;
	hash_sha256(e->set.data, e->set.len, e->entry.digest);
	return sparse_ledger_add(e->ledger, &e->entry);
}

static int
write_out(struct exporting *e)
{
	int r;

	if ((r = outfile_new(e->out, false, &e->file)) != 0)
		return fail("write", e->out, r);
	if ((r = exports_write(e->dir, e->ledger)) != 0)
		return fail("count the export in", e->dir, r);
	if ((r = outfile_write(e->file, e->set.data, e->set.len)) != 0 ||
		(r = outfile_commit(e->file)) != 0)
		return fail("write", e->out, r);
	return EXIT_OK;
}

static void
print_json(const struct exporting *e)
{
	const struct sparse_chosen *c = &e->built.chosen;

	(void)printf("{\"epoch\":%" PRIu32 ",\"members\":%" PRIu32 ",\"grams\":%zu"
		     ",\"decoys\":%" PRIu32 ",\"canaries\":%" PRIu32
		     ",\"documents\":%" PRIu64 ",\"short\":%" PRIu64
		     ",\"not_represented\":%" PRIu64 ",\"file_bytes\":%zu"
		     ",\"leak_before\":%.4f,\"leak_after\":%.4f,\"leak_limit\":0.15"
		     ",\"densest_document\":%.4f}\n",
		e->entry.epoch, e->built.members, c->count, e->built.decoys,
		e->built.canaries, c->docs, c->docs_short, c->docs_mute, e->set.len,
		e->before_ppm / 1e6,
		sparse_ledger_leak_ppm(e->ledger, sparse_ledger_bits(e->ledger)) / 1e6,
		c->worst_ppm / 1e6);
}

static void
print_people(const struct exporting *e)
{
	const struct sparse_chosen *c = &e->built.chosen;
	unsigned bits = sparse_ledger_bits(e->ledger);

	(void)printf("set          %s, epoch %" PRIu32 ": %" PRIu32
		     " members (%zu grams, %" PRIu32 " decoys, %" PRIu32
		     " canaries), %zu bytes\n",
		e->ally, e->entry.epoch, e->built.members, c->count, e->built.decoys,
		e->built.canaries, e->set.len);
	(void)printf("stands for   %" PRIu64 " of %" PRIu64 " documents; %" PRIu64
		     " are too short, %" PRIu64 " share their text with others\n",
		c->docs - c->docs_short - c->docs_mute, c->docs, c->docs_short,
		c->docs_mute);
	(void)printf(
		"leak         before %.4f, now %.4f of 0.1500 bit for each "
		"character\n"
		"             (at most %.5f grams a character, %u bits in %zu sets)\n",
		e->before_ppm / 1e6, sparse_ledger_leak_ppm(e->ledger, bits) / 1e6,
		sparse_ledger_leak_ppm(e->ledger, 1) / 1e6, bits, e->ledger->exports);
}

int
index_export(const struct args *args)
{
	struct exporting e = {.dir = args_get(args, "index"),
		.ally = args_get(args, "ally"),
		.out = args_get(args, "out")};
	int r, status;

	buf_init(&e.set, SPARSE_FILE_MAX);
	if ((status = usage(&e)) != EXIT_OK)
		goto out;
	status = EXIT_FAILED;
	if ((r = mem_new(&e.ledger, sizeof *e.ledger)) != 0 ||
		(r = indexdir_open(e.dir, INDEXDIR_WRITE, NULL, &e.d)) != 0)
		status = fail("open the index", e.dir, r);
	else if ((status = take_ledger(args, &e)) != EXIT_OK)
		goto out;
	else if ((r = make(&e)) != 0)
		status = fail("export to", e.ally, r);
	else if ((status = write_out(&e)) != EXIT_OK)
		goto out;
	else if (args_has(args, "json"))
		print_json(&e);
	else
		print_people(&e);
out:
	outfile_free(e.file);
	buf_done(&e.set);
	mem_free_wiped(e.ledger, sizeof *e.ledger);
	indexdir_close(e.d);
	return status;
}
