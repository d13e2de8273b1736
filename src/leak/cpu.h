/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_CPU_H
#define LEAK_CPU_H
/*
 * cpu: which of the three implementations of the hot loops this machine runs.
 *
 *   CPU_PORTABLE  plain C, everywhere
 *   CPU_AVX2      AVX2 and BMI2
 *   CPU_AVX512    AVX-512 F, BW, VL, VBMI, VBMI2 and BMI2
 *
 * All three give identical results, byte by byte; tests compare them.  The choice is made once
 * and passed on as a value, so that a test can ask for a slower one.
 */
#include <stdbool.h>

enum cpu_kind {
	CPU_PORTABLE = 0,
	CPU_AVX2 = 1,
	CPU_AVX512 = 2,
	CPU_KINDS = 3,
};

/* Does this machine have it?  CPU_PORTABLE always. */
bool cpu_has(enum cpu_kind kind);

/* The fastest one it has. */
enum cpu_kind cpu_best(void);

/* "portable", "avx2", "avx512". */
const char *cpu_text(enum cpu_kind kind);

#endif
