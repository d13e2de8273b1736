/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/cpu.h"

/*
 * The compiler's own detection also asks whether the kernel saves the wide registers, which a
 * bare look at CPUID would miss.
 */

bool
cpu_has(enum cpu_kind kind)
{
#if defined(__x86_64__)
	bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");

	if (kind == CPU_AVX2)
		return has_avx2;
	if (kind == CPU_AVX512)
		return has_avx2 && __builtin_cpu_supports("avx512f") &&
			__builtin_cpu_supports("avx512bw") &&
			__builtin_cpu_supports("avx512vl") &&
			__builtin_cpu_supports("avx512vbmi") &&
			__builtin_cpu_supports("avx512vbmi2");
#endif
	return kind == CPU_PORTABLE;
}

enum cpu_kind
cpu_best(void)
{
	if (cpu_has(CPU_AVX512))
		return CPU_AVX512;
	return cpu_has(CPU_AVX2) ? CPU_AVX2 : CPU_PORTABLE;
}

const char *
cpu_text(enum cpu_kind kind)
{
	static const char *const text[CPU_KINDS] = {"portable", "avx2", "avx512"};

	return kind < CPU_KINDS ? text[kind] : "?";
}
