/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_SWEEP_H
#define VALISE_UNPACK_SWEEP_H
/*
 * sweep: runs of text in bytes that no reader recognises: disk images, old office files,
 * memory dumps, damaged containers.
 *
 * Found    SWEEP_RUN or more characters in a row, in ASCII with UTF-8 and Windows-1252 letters
 *          between, and in UTF-16 of both orders at even and odd offsets.
 * Skipped  blocks of zeros, at the speed of memory.
 * Chunks   runs that stand within SWEEP_NEAR bytes of each other continue each other (text in
 *          old office files is cut by control bytes); others are set apart.
 */
#include <stddef.h>
#include <stdint.h>

#include "valise-unpack/prose.h"

enum { SWEEP_RUN = 8, SWEEP_NEAR = 16 };

/* Sweep one block, which stands at `offset` of its member. */
void sweep_block(struct prose *out, const uint8_t *ptr, size_t len, uint64_t offset);

#endif
