/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SPARSE_H
#define LEAK_SPARSE_H
/*
 * sparse: what an ally gets who may not read us: a few grams of each document, none exactly.
 *
 * The set file (docs/format/sparse.md) holds keys, the rule of the selection and a lossy
 * filter (leak/fuse.h).  It has no ids, no positions, no number of documents.
 *
 *   size   field            integers big-endian (base/rd.h)
 *      8   magic            "VALISESP"
 *      2   version          SPARSE_VERSION
 *      2   normalisation    NORMAL_VERSION
 *    1+n   compartment      whose text it stands for
 *    1+n   ally             for whom it was made
 *      4   epoch
 *      8   made             seconds since 1970
 *     32   gram key         how grams are hashed (leak/gram.h)
 *     16   select key       which grams are selected; the same in every set of the index
 *      4   select rate      in 2^-32
 *      4   density          at most so many grams per million characters of any document
 *     32   ally key         of this ally and epoch alone
 *      1   fingerprint bits FUSE_BITS
 *    1+1   rule             hits, of so many consecutive selected grams
 *      4   members          of the filter, decoys and canaries among them
 *      8   filter seed
 *      1   segment bits
 *      4   segments
 *    ...   cells
 *      8   checksum of everything before
 *
 * Budget  density x min(bits of all sets ever exported, SPARSE_BITS_CAP) <= 0.15 bit for each
 *         character (leak/sparse_ledger.h keeps the memory).
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT, FAIL_VERSION, FAIL_ALTERED.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "leak/fuse.h"
#include "leak/gram.h"

enum {
	SPARSE_VERSION = 1,
	SPARSE_NAME_MAX = 64,
	SPARSE_KEY_LEN = 32,
	SPARSE_SELECT_KEY_LEN = 16,
	SPARSE_RULE_MAX = 16,
	/* A gram stands for 20 characters; more bits than this tell nothing more about them. */
	SPARSE_BITS_CAP = 40,
	SPARSE_BUDGET_PPM = 150000, /* 0.15 bit for each character */
};

#define SPARSE_FILE_MAX (UINT64_C(1) << 32)

/* "hits" of "of" consecutive selected grams, all different, are in the set. */
struct sparse_rule {
	uint8_t hits, of;
};

struct sparse_select {
	uint8_t key[SPARSE_SELECT_KEY_LEN];
	uint32_t rate;
	uint32_t density_ppm;
};

struct sparse_head {
	char compartment[SPARSE_NAME_MAX + 1], ally[SPARSE_NAME_MAX + 1];
	uint32_t epoch;
	uint64_t made_s;
	uint8_t gram_key[GRAM_KEY_LEN];
	struct sparse_select select;
	uint8_t ally_key[SPARSE_KEY_LEN];
	struct sparse_rule rule;
	uint32_t members;
};

/* A set that was read; its filter points into the caller's bytes. */
struct sparse {
	struct sparse_head head;
	struct fuse filter;
	struct gram_key gram_key;
	uint8_t filter_key[SHORTHASH_KEY_LEN];
};

/* Is it a name of a compartment or ally: 1 to SPARSE_NAME_MAX bytes, fit for a line? */
bool sparse_is_name(const char *s);

MUST int sparse_parse(const uint8_t *ptr, size_t len, struct sparse *ret_sparse);

/*
 * Append the file of these members (gram hashes, ascending, different).  `fill_key` stays at
 * home.
 */
MUST int sparse_write(const struct sparse_head *head, const uint64_t *member,
	const uint8_t fill_key[SHORTHASH_KEY_LEN], struct buf *out);

/* Forget the keys. */
void sparse_done(struct sparse *s);

/* Where the gram stands in the order of selection: the lower, the sooner selected. */
static inline uint32_t
sparse_order(const struct sparse_select *s, uint64_t hash)
{
	uint64_t a = gram_load(s->key, 8), b = gram_load(s->key + 8, 8);

	return (uint32_t)(gram_fold(gram_fold(hash ^ a, b | 1), a | 1) >> 32);
}

static inline bool
sparse_is_selected(const struct sparse_select *s, uint64_t hash)
{
	return sparse_order(s, hash) < s->rate;
}

/* Is the selected gram perhaps in the set? */
static inline bool
sparse_has(const struct sparse *s, uint64_t hash)
{
	return fuse_has(&s->filter, shorthash_u64(s->filter_key, hash));
}

#endif
