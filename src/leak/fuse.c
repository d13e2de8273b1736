/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/fuse.h"

#include <string.h>

#include "base/mem.h"

/*
 * Building peels: a cell that only one member touches belongs to that member; take the member
 * away, and other cells become free.  When all are gone, the cells are set in the opposite
 * order, so that each member's own cell makes its fingerprint come out.  With too few cells,
 * or by bad luck, some members block one another: then another seed is tried.
 */

/* From so many members on, segments of 2^bits cells, and cells per 1024 members. */
static const struct {
	uint32_t members;
	uint16_t cells_per_1024;
	uint8_t segment_bits;
} shapes[] = {
	{0, 2600, 2},
	{9, 2100, 4},
	{28, 1900, 5},
	{92, 1700, 6},
	{304, 1500, 7},
	{1011, 1430, 8},
	{3365, 1350, 9},
	{11203, 1290, 10},
	{37304, 1250, 11},
	{124220, 1220, 12},
	{413651, 1190, 13},
	{1377455, 1160, 14},
	{4586924, 1152, 15},
	{15274454, 1152, 16},
	{50863930, 1152, 17},
	{169376886, 1152, 18},
};

struct peel {
	struct fuse f;
	const uint64_t *hash;
	size_t count;
	uint64_t cells;
	uint32_t *touched; /* for each cell, how many members */
	uint64_t *joined;  /* and the exclusive or of their hashes */
	uint32_t *free;	   /* cells touched by one member, to be looked at */
	uint64_t *order;   /* members as they were taken */
	uint32_t *own;	   /* and their cells */
	uint8_t *value;	   /* of each cell */
};

uint64_t
fuse_bytes(const struct fuse *f)
{
	if (f->segments < 1 || f->segments > FUSE_SEGMENTS_MAX ||
		f->segment_bits < FUSE_SEGMENT_BITS_MIN ||
		f->segment_bits > FUSE_SEGMENT_BITS_MAX)
		return 0;
	return ((((uint64_t)f->segments + 2) << f->segment_bits) * FUSE_BITS + 7) / 8;
}

static void
choose_shape(size_t count, struct fuse *f)
{
	size_t at = 0;
	uint64_t cells, length;

	while (at + 1 < sizeof shapes / sizeof shapes[0] &&
		count >= shapes[at + 1].members)
		at++;
	f->segment_bits = shapes[at].segment_bits;
	length = UINT64_C(1) << f->segment_bits;
	cells = (uint64_t)count * shapes[at].cells_per_1024 / 1024 + length;
	/* Two more segments follow, into which the second and third cells reach. */
	f->segments = (uint32_t)((cells + length - 1) / length);
	f->segments = f->segments > 3 ? f->segments - 2 : 1;
}

static void
peel_done(struct peel *p)
{
	mem_free(p->touched);
	mem_free(p->joined);
	mem_free(p->free);
	mem_free(p->order);
	mem_free(p->own);
	mem_free(p->value);
}

static int
peel_init(struct peel *p, const uint64_t *hash, size_t count)
{
	size_t cells;
	int r;

	*p = (struct peel){.hash = hash, .count = count};
	choose_shape(count, &p->f);
	cells = ((size_t)p->f.segments + 2) << p->f.segment_bits;
	p->cells = cells;
	if ((r = mem_new_array(&p->touched, cells, sizeof p->touched[0])) != 0 ||
		(r = mem_new_array(&p->joined, cells, sizeof p->joined[0])) != 0 ||
		/* A cell waits at most once for each member that leaves it, and once more. */
		(r = mem_new_array(&p->free, cells + 3 * count, sizeof p->free[0])) !=
			0 ||
		(r = mem_new_array(&p->order, count + 1, sizeof p->order[0])) != 0 ||
		(r = mem_new_array(&p->own, count + 1, sizeof p->own[0])) != 0)
		return r;
	return mem_new(&p->value, cells);
}

/* Take all members that can be taken; true when that was all. */
static bool
peel_run(struct peel *p)
{
	size_t waiting = 0, taken = 0;

	memset(p->touched, 0, p->cells * sizeof p->touched[0]);
	memset(p->joined, 0, p->cells * sizeof p->joined[0]);
	for (size_t i = 0; i < p->count; i++) {
		struct fuse_place at = fuse_place(&p->f, p->hash[i]);

		for (size_t k = 0; k < 3; k++) {
			p->touched[at.cell[k]]++;
			p->joined[at.cell[k]] ^= p->hash[i];
		}
	}
	for (size_t cell = 0; cell < p->cells; cell++) {
		if (p->touched[cell] == 1)
			p->free[waiting++] = (uint32_t)cell;
	}
	while (waiting > 0) {
		uint32_t cell = p->free[--waiting];
		uint64_t hash = p->joined[cell];
		struct fuse_place at;

		if (p->touched[cell] != 1)
			continue;
		p->order[taken] = hash;
		p->own[taken++] = cell;
		at = fuse_place(&p->f, hash);
		for (size_t k = 0; k < 3; k++) {
			p->joined[at.cell[k]] ^= hash;
			if (--p->touched[at.cell[k]] == 1)
				p->free[waiting++] = (uint32_t)at.cell[k];
		}
	}
	return taken == p->count;
}

static void
set_values(struct peel *p, const uint8_t fill_key[SHORTHASH_KEY_LEN])
{
	for (size_t cell = 0; cell < p->cells; cell++)
		p->value[cell] = shorthash_u64(fill_key, cell) & ((1 << FUSE_BITS) - 1);
	for (size_t i = p->count; i > 0; i--) {
		struct fuse_place at = fuse_place(&p->f, p->order[i - 1]);
		unsigned v = at.print;

		for (size_t k = 0; k < 3; k++)
			v ^= at.cell[k] == p->own[i - 1] ? 0 : p->value[at.cell[k]];
		p->value[p->own[i - 1]] = (uint8_t)v;
	}
}

static void
pack(const struct peel *p, struct buf *out)
{
	uint8_t *bytes = buf_extend(out, (size_t)fuse_bytes(&p->f));

	if (bytes == NULL)
		return;
	memset(bytes, 0, (size_t)fuse_bytes(&p->f));
	for (uint64_t cell = 0; cell < p->cells; cell++) {
		uint64_t at = cell * FUSE_BITS;
		unsigned v = (unsigned)p->value[cell] << (at & 7);

		bytes[at >> 3] = (uint8_t)(bytes[at >> 3] | v);
		if (v > 0xff)
			bytes[(at >> 3) + 1] = (uint8_t)(v >> 8);
	}
}

int
fuse_build(const uint64_t *hash, size_t count, const uint8_t fill_key[SHORTHASH_KEY_LEN],
	struct buf *out, struct fuse *ret_fuse)
{
	struct peel p = {0};
	bool is_done = false;
	int r;

	if (count > FUSE_MEMBERS_MAX)
		return FAIL_LIMIT;
	if ((r = peel_init(&p, hash, count)) != 0)
		goto out;
	/* A seed fails once in a few for small sets; a repeated hash fails under all. */
	for (unsigned attempt = 0; attempt < FUSE_TRIES_MAX && !is_done; attempt++) {
		p.f.seed = shorthash_u64(fill_key, ~(uint64_t)attempt);
		is_done = peel_run(&p);
	}
	r = FAIL_FORMAT;
	if (!is_done)
		goto out;
	set_values(&p, fill_key);
	pack(&p, out);
	if ((r = buf_error(out)) == 0)
		*ret_fuse = p.f;
out:
	peel_done(&p);
	return r;
}
