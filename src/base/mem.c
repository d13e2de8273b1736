/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * The countdown is global and atomic, because sealing uses several threads.  It costs one
 * relaxed load per allocation; nothing in Valise allocates per byte or per segment.
 */

enum { NEVER = -1 };

static atomic_long countdown = NEVER;
static atomic_long failed;
static atomic_bool once;

static bool
is_refused(void)
{
	long left = atomic_load_explicit(&countdown, memory_order_relaxed);

	if (left == NEVER)
		return false;
	if (left > 0) {
		(void)atomic_fetch_sub(&countdown, 1);
		return false;
	}
	(void)atomic_fetch_add(&failed, 1);
	if (atomic_load(&once))
		atomic_store(&countdown, NEVER);
	return true;
}

int
mem_new(void *ret_ptr, size_t size)
{
	void *p;

	if (is_refused() || (p = calloc(1, size > 0 ? size : 1)) == NULL)
		return FAIL_NOMEM;
	memcpy(ret_ptr, &p, sizeof p);
	return 0;
}

int
mem_new_array(void *ret_ptr, size_t count, size_t size)
{
	if (size > 0 && count > SIZE_MAX / size)
		return FAIL_LIMIT;
	return mem_new(ret_ptr, count * size);
}

int
mem_grow(void *ptr, size_t old_size, size_t new_size)
{
	void *old, *new;
	int r;

	CHECK(new_size >= old_size);
	memcpy(&old, ptr, sizeof old);
	if ((r = mem_new(&new, new_size)) != 0)
		return r;
	if (old_size > 0)
		memcpy(new, old, old_size);
	mem_free_wiped(old, old_size);
	memcpy(ptr, &new, sizeof new);
	return 0;
}

void
mem_free(void *ptr)
{
	free(ptr);
}

void
mem_free_wiped(void *ptr, size_t size)
{
	if (ptr != NULL)
		mem_wipe(ptr, size);
	free(ptr);
}

void
mem_wipe(void *ptr, size_t size)
{
	if (size > 0)
		explicit_bzero(ptr, size);
}

void
mem_fail_after(long n, bool is_once)
{
	CHECK(n >= 0);
	atomic_store(&failed, 0);
	atomic_store(&once, is_once);
	atomic_store(&countdown, n);
}

void
mem_fail_never(void)
{
	atomic_store(&countdown, NEVER);
}

long
mem_failed_count(void)
{
	return atomic_load(&failed);
}
