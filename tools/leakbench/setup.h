/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_LEAKBENCH_SETUP_H
#define TOOLS_LEAKBENCH_SETUP_H
/*
 * setup: an index in memory, for measuring without a disk.
 */
#include "base/buf.h"
#include "corpus.h"
#include "leak/index.h"
#include "leak/match.h"
#include "leak/normal.h"

struct setup {
	struct normal *normal;
	enum cpu_kind cpu;
	struct buf bytes;
	struct index index;
	double build_s;
};

/* Register every `step`-th document. */
MUST int setup_build(
	const struct corpus *c, size_t step, enum cpu_kind cpu, struct setup *ret_setup);
void setup_done(struct setup *s);

/* Seconds of processor time of this thread. */
double setup_cpu_s(void);

#endif
