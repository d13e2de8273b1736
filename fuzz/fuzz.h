/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H
/*
 * fuzz: the one function of a target, called by libFuzzer or by replay.c.
 *
 * It returns 0 for every input and ends the process (CHECK, a sanitizer) on a fault.
 */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
