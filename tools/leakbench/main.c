/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/*
 * leakbench: how much of a document is found again, and how fast.  Run it through bench/leak.
 *
 *   leakbench [--json] [--tests N] [--grams M] [--others N] CABLES.jsonl[.zst]
 *
 * Exit status 0 when every target is reached, 1 when one is missed, 2 for other trouble.
 */

enum { GRAMS_M_MAX = 4000, OTHERS_MAX = 4000000 };

static int
measure_all(struct measure *m)
{
	int r;

	if (m->is_json)
		(void)printf("{");
	if ((r = measure_recall(m)) == 0)
		r = measure_speed(m);
	if (m->is_json)
		(void)printf(",\"missed\":%u}\n", m->missed);
	return r;
}

/* *ret_path is the operand; false: not understood. */
static bool
parse(int argc, char **argv, struct measure *m, const char **ret_path)
{
	const struct {
		const char *name;
		unsigned *value;
	} numbers[] = {{"--tests", &m->tests}, {"--grams", &m->grams_m},
		{"--others", &m->others}};

	for (int i = 1; i < argc; i++) {
		unsigned *value = NULL;

		for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
			if (strcmp(argv[i], numbers[k].name) == 0)
				value = numbers[k].value;
		if (strcmp(argv[i], "--json") == 0)
			m->is_json = true;
		else if (value != NULL && i + 1 < argc)
			*value = (unsigned)strtoul(argv[++i], NULL, 10);
		else
			*ret_path = argv[i];
	}
	return *ret_path != NULL && m->tests > 0 && m->grams_m > 0 &&
		m->grams_m <= GRAMS_M_MAX && m->others <= OTHERS_MAX;
}

int
main(int argc, char **argv)
{
	struct measure m = {.tests = 300, .grams_m = 10};
	struct corpus corpus = {0};
	const char *path = NULL;
	int r;

	if (!parse(argc, argv, &m, &path)) {
		(void)fputs("usage: leakbench [--json] [--tests N] [--grams M] [--others "
			    "N] FILE\n",
			stderr);
		return 2;
	}
	if ((r = corpus_read(path, 1000000, &corpus)) == 0 && corpus.count < 4)
		r = FAIL_TRUNCATED;
	m.corpus = &corpus;
	if (r == 0)
		r = measure_all(&m);
	if (r != 0)
		(void)fprintf(stderr, "leakbench: %s: %s\n", path, fail_text(r));
	corpus_done(&corpus);
	return r != 0 ? 2 : m.missed > 0;
}
