/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MEM_H
#define BASE_MEM_H
/*
 * mem: the only place that allocates.
 *
 * Memory comes zeroed.  Out of memory is FAIL_NOMEM, never an abort, and every caller is
 * tested for it: mem_fail_after(n) lets n allocations pass and fails the following ones
 * (once or for good), and the tests repeat a scenario with n = 0, 1, 2 ... until it passes.
 *
 * mem_wipe() clears secrets so that the compiler cannot leave it out.  Secrets that live
 * longer than one function belong in `struct secret` (crypto/secret.h).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

/* *(void **)ret_ptr = size zeroed bytes.  size 0 gives a pointer that may be freed. */
MUST int mem_new(void *ret_ptr, size_t size);

/* The same for count elements; FAIL_LIMIT when count * size does not fit. */
MUST int mem_new_array(void *ret_ptr, size_t count, size_t size);

/* Grow *(void **)ptr from old_size to new_size; new bytes are zero, the old block is wiped. */
MUST int mem_grow(void *ptr, size_t old_size, size_t new_size);

void mem_free(void *ptr);

/* Wipe, then free.  ptr may be NULL. */
void mem_free_wiped(void *ptr, size_t size);

void mem_wipe(void *ptr, size_t size);

/* Tests: let n allocations pass, then fail one (is_once) or all.  mem_fail_never() ends it. */
void mem_fail_after(long n, bool is_once);
void mem_fail_never(void);

/* Tests: how many allocations were refused since mem_fail_after(). */
long mem_failed_count(void);

#endif
