/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/sparse_ledger.h"

#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "base/text.h"
#include "crypto/hkdf.h"
#include "leak/sum.h"

/* Every key is HKDF-Expand of the secret; names stand in the info with their length. */

static const uint8_t magic[8] = {'V', 'A', 'L', 'I', 'S', 'E', 'X', 'P'};

enum { SUM_LEN = 8, INFO_MAX = 256 };

int
sparse_ledger_new(const char *compartment, unsigned sets, struct rng *rng,
	struct sparse_ledger *ret_ledger)
{
	struct sparse_ledger l = {.sets = (uint8_t)sets};
	int r;

	if (!sparse_is_name(compartment) || sets < 1 || sets > SPARSE_SETS_MAX)
		return FAIL_USAGE;
	memcpy(l.compartment, compartment, strlen(compartment));
	if ((r = rng_fill(rng, l.secret, sizeof l.secret)) == 0)
		*ret_ledger = l;
	sparse_ledger_done(&l);
	return r;
}

void
sparse_ledger_done(struct sparse_ledger *l)
{
	mem_wipe(l, sizeof *l);
}

static int
name_parse(struct rd *in, char ret_name[SPARSE_NAME_MAX + 1])
{
	struct rd name;
	int r;

	if ((r = rd_vec8(in, 1, SPARSE_NAME_MAX, &name)) != 0)
		return r;
	if (!text_is_line(name.ptr, name.len))
		return FAIL_FORMAT;
	memcpy(ret_name, name.ptr, name.len);
	ret_name[name.len] = 0;
	return 0;
}

static int
exports_parse(struct rd *in, struct sparse_ledger *l)
{
	uint16_t count;
	int r;

	if ((r = rd_u16(in, &count)) != 0)
		return r;
	if (count > SPARSE_LEDGER_MAX)
		return FAIL_LIMIT;
	for (; l->exports < count; l->exports++) {
		struct sparse_export *e = &l->export[l->exports];

		if ((r = name_parse(in, e->ally)) != 0 ||
			(r = rd_u32(in, &e->epoch)) != 0 ||
			(r = rd_u64(in, &e->made_s)) != 0 ||
			(r = rd_u32(in, &e->members)) != 0 ||
			(r = rd_copy(in, sizeof e->digest, e->digest)) != 0)
			return r;
	}
	return 0;
}

static int
parse(struct rd *in, struct sparse_ledger *l)
{
	const uint8_t *m;
	uint16_t version;
	int r;

	if ((r = rd_bytes(in, sizeof magic, &m)) != 0)
		return r;
	if (memcmp(m, magic, sizeof magic) != 0)
		return FAIL_FORMAT;
	if ((r = rd_u16(in, &version)) != 0)
		return r;
	if (version != SPARSE_LEDGER_VERSION)
		return FAIL_VERSION;
	if ((r = rd_copy(in, sizeof l->secret, l->secret)) != 0 ||
		(r = name_parse(in, l->compartment)) != 0 ||
		(r = rd_u8(in, &l->sets)) != 0)
		return r;
	if (l->sets < 1 || l->sets > SPARSE_SETS_MAX)
		return FAIL_FORMAT;
	return exports_parse(in, l);
}

int
sparse_ledger_parse(const uint8_t *ptr, size_t len, struct sparse_ledger *ret_ledger)
{
	struct rd in = rd_of(ptr, len);
	struct sparse_ledger *l = NULL;
	uint64_t sum;
	int r;

	if ((r = mem_new(&l, sizeof *l)) != 0)
		return r;
	if ((r = parse(&in, l)) != 0 || (r = rd_u64(&in, &sum)) != 0 ||
		(r = rd_end(&in)) != 0)
		goto out;
	r = FAIL_ALTERED;
	if (sum != sum_of(ptr, len - SUM_LEN))
		goto out;
	*ret_ledger = *l;
	r = 0;
out:
	mem_free_wiped(l, sizeof *l);
	return r;
}

void
sparse_ledger_write(const struct sparse_ledger *l, struct buf *out)
{
	size_t start = out->len;

	buf_bytes(out, magic, sizeof magic);
	buf_u16(out, SPARSE_LEDGER_VERSION);
	buf_bytes(out, l->secret, sizeof l->secret);
	buf_vec(out, 1, l->compartment, strlen(l->compartment));
	buf_u8(out, l->sets);
	buf_u16(out, (uint16_t)l->exports);
	for (size_t i = 0; i < l->exports; i++) {
		const struct sparse_export *e = &l->export[i];

		buf_vec(out, 1, e->ally, strlen(e->ally));
		buf_u32(out, e->epoch);
		buf_u64(out, e->made_s);
		buf_u32(out, e->members);
		buf_bytes(out, e->digest, sizeof e->digest);
	}
	if (buf_error(out) == 0)
		buf_u64(out, sum_of(out->data + start, out->len - start));
}

static unsigned
capped(unsigned bits)
{
	return bits < SPARSE_BITS_CAP ? bits : SPARSE_BITS_CAP;
}

/* Grams per million characters that the planned number of sets leaves room for. */
static uint32_t
density_ppm(const struct sparse_ledger *l)
{
	return SPARSE_BUDGET_PPM / capped(l->sets * FUSE_BITS);
}

unsigned
sparse_ledger_bits(const struct sparse_ledger *l)
{
	return (unsigned)l->exports * FUSE_BITS;
}

uint32_t
sparse_ledger_leak_ppm(const struct sparse_ledger *l, unsigned bits)
{
	return density_ppm(l) * capped(bits);
}

int
sparse_ledger_add(struct sparse_ledger *l, const struct sparse_export *entry)
{
	for (size_t i = 0; i < l->exports; i++) {
		if (memcmp(l->export[i].digest, entry->digest, HASH_LEN) == 0)
			return 0;
	}
	if (l->exports == SPARSE_LEDGER_MAX)
		return FAIL_LIMIT;
	if (sparse_ledger_leak_ppm(l, sparse_ledger_bits(l) + FUSE_BITS) >
		SPARSE_BUDGET_PPM)
		return FAIL_REFUSED;
	l->export[l->exports++] = *entry;
	return 0;
}

int
sparse_ledger_select(const struct sparse_ledger *l, struct sparse_select *ret_select)
{
	static const char info[] = "valise/v1 sparse select";
	struct sparse_select s = {.density_ppm = density_ppm(l)};
	int r;

	if ((r = hkdf_expand(l->secret, info, sizeof info - 1, s.key, sizeof s.key)) != 0)
		return r;
	/*
	 * Two of thirteen grams are registered; of those so many are selected that a
	 * document has on average 85 % of what the budget permits, and few are capped.
	 */
	s.rate = (uint32_t)((uint64_t)s.density_ppm * 85 * 13 * (UINT32_MAX / 1000) /
		(2 * 100 * 1000));
	*ret_select = s;
	return 0;
}

struct sparse_rule
sparse_ledger_rule(const struct sparse_ledger *l)
{
	/*
	 * One to two sets: below one candidate by chance for 1 GB.  More sets leave fewer
	 * grams in a page, so fewer of them must do: below ten.
	 */
	return l->sets <= 2 ? (struct sparse_rule){4, 6} : (struct sparse_rule){3, 4};
}

/* 32 bytes of which the caller takes what it needs. */
static int
derive(const struct sparse_ledger *l, const char *what, const char *ally, uint32_t epoch,
	uint8_t ret_key[SPARSE_KEY_LEN])
{
	struct buf info;
	int r;

	CHECK(ally == NULL || sparse_is_name(ally));
	buf_init(&info, INFO_MAX);
	buf_text(&info, what);
	buf_u8(&info, 0);
	buf_vec(&info, 1, ally, ally != NULL ? strlen(ally) : 0);
	buf_u32(&info, epoch);
	if ((r = buf_error(&info)) == 0)
		r = hkdf_expand(l->secret, info.data, info.len, ret_key, SPARSE_KEY_LEN);
	buf_done(&info);
	return r;
}

int
sparse_ledger_ally_key(const struct sparse_ledger *l, const char *ally, uint32_t epoch,
	uint8_t ret_key[SPARSE_KEY_LEN])
{
	return derive(l, "valise/v1 sparse ally", ally, epoch, ret_key);
}

int
sparse_ledger_false_key(const struct sparse_ledger *l, enum sparse_false kind,
	const char *ally, uint32_t epoch, uint8_t ret_key[SHORTHASH_KEY_LEN])
{
	static const char *const what[] = {"valise/v1 sparse decoy",
		"valise/v1 sparse canary", "valise/v1 sparse fill"};
	uint8_t key[SPARSE_KEY_LEN];
	int r;

	if (kind == SPARSE_DECOY)
		r = derive(l, what[kind], NULL, 0, key);
	else
		r = derive(l, what[kind], ally, epoch, key);
	if (r == 0)
		memcpy(ret_key, key, SHORTHASH_KEY_LEN);
	mem_wipe(key, sizeof key);
	return r;
}

uint64_t
sparse_ledger_false(const uint8_t key[SHORTHASH_KEY_LEN],
	const struct sparse_select *select, uint64_t *at)
{
	uint64_t hash;

	do
		hash = shorthash_u64(key, (*at)++) & GRAM_HASH_MAX;
	while (!sparse_is_selected(select, hash));
	return hash;
}
