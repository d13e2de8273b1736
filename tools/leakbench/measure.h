/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_LEAKBENCH_MEASURE_H
#define TOOLS_LEAKBENCH_MEASURE_H
/*
 * measure: the three measurements of leakbench, each printed as lines, or as one JSON object.
 */
#include <stdbool.h>
#include <stddef.h>

#include "corpus.h"

struct measure {
	const struct corpus *corpus;
	unsigned tests;	  /* passages for each variant */
	unsigned grams_m; /* millions of made-up grams for the speed */
	unsigned others;  /* documents registered besides, made up */
	bool is_json;
	unsigned missed; /* targets not reached */
};

/* Sizes and building; recall by variant; what papers on the same subjects set off. */
MUST int measure_recall(struct measure *m);

/* Matching on one core, each path, against made-up grams. */
MUST int measure_speed(struct measure *m);

#endif
