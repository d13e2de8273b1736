/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/clock.h"

#include <time.h>

#include "base/fail.h"

uint64_t
clock_now_s(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return now.tv_sec > 0 ? (uint64_t)now.tv_sec : 0;
}

uint64_t
clock_now_ms(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return now.tv_sec > 0
		? (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000
		: 0;
}

uint64_t
clock_monotonic_ms(void)
{
	struct timespec now;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
