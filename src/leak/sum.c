/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sum.h"

#include <string.h>

#include "leak/bits.h"
#include "leak/gram.h"

/*
 * Four lanes, so that four multiplications are under way at once.  Each lane takes one word of
 * every block; the end folds them together with the length.
 */

static const uint64_t odd[4] = {UINT64_C(0x9e3779b97f4a7c15),
	UINT64_C(0xc2b2ae3d27d4eb4f), UINT64_C(0x165667b19e3779f9),
	UINT64_C(0xd6e8feb86659fd93)};

void
sum_init(struct sum *s)
{
	*s = (struct sum){.lane = {odd[3], odd[2], odd[1], odd[0]}};
}

static void
take_block(struct sum *s, const uint8_t *p)
{
	for (size_t i = 0; i < 4; i++)
		s->lane[i] =
			gram_fold(s->lane[i] ^ bits_le64(p + 8 * i), odd[i]) + odd[i];
}

void
sum_add(struct sum *s, const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	size_t have = (size_t)(s->len % SUM_BLOCK);

	s->len += len;
	if (have > 0) {
		size_t n = len < SUM_BLOCK - have ? len : SUM_BLOCK - have;

		memcpy(s->pending + have, p, n);
		p += n;
		len -= n;
		if (have + n < SUM_BLOCK)
			return;
		take_block(s, s->pending);
	}
	for (; len >= SUM_BLOCK; p += SUM_BLOCK, len -= SUM_BLOCK)
		take_block(s, p);
	if (len > 0)
		memcpy(s->pending, p, len);
}

uint64_t
sum_end(const struct sum *s)
{
	struct sum end = *s;
	size_t have = (size_t)(s->len % SUM_BLOCK);
	uint64_t h = s->len;

	memset(end.pending + have, 0, SUM_BLOCK - have);
	take_block(&end, end.pending);
	for (size_t i = 0; i < 4; i++)
		h = gram_fold(h ^ end.lane[i], odd[i]);
	return h;
}

uint64_t
sum_of(const void *ptr, size_t len)
{
	struct sum s;

	sum_init(&s);
	sum_add(&s, ptr, len);
	return sum_end(&s);
}
