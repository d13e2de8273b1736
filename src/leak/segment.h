/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEAK_SEGMENT_H
#define LEAK_SEGMENT_H
/*
 * segment: an immutable part of an index, read where it is mapped (docs/format/index.md).
 *
 *   offset  size       field          integers little-endian; sections start at multiples of 64
 *        0     8       magic          "VALISEIX"
 *        8     4       version        SEGMENT_VERSION
 *       12     4       normalisation  NORMAL_VERSION
 *       16     8       key check      which key the hashes were made with
 *       24     8       grams          n
 *       32     8       documents      d
 *       40     8       characters     normalised, over all documents
 *       48     8       bytes of ids
 *       56     8       bytes of maps
 *       64     1       bucket bits    b;  n / 32 < 2^b where possible
 *       65     1       posting bits   p
 *       66     6       zero
 *       72     8       checksum of bytes 0 to 71
 *      128   64 * d    documents      struct segment_doc, see below
 *            ...       ids            UTF-8, one after the other
 *            ...       maps           LEB128: where each 64th character lies in the source
 *            n bits    entries        remainder (38 - b bits), posting (p bits); sorted
 *            4 * (2^b + 1)            directory: the first entry of each bucket
 *            ...       scout filter
 *            ...       dense filter
 *            8         checksum of everything before
 *
 * A gram's hash has 38 bits: the upper b choose the bucket, the rest is the remainder.  A
 * posting is a position in the joined normalised text of all documents.  Equal input, key and
 * order give equal bytes.
 *
 * Trust   The bytes may come from a failing disk.  segment_map() checks the frame; everything
 *         behind it is checked again where it is used, so that no content of the file makes a
 *         reader leave it; segment_verify() checks sums and order.
 * Limits  SEGMENT_GRAMS_MAX grams, SEGMENT_ID_MAX bytes of an id, SEGMENT_CHARS_MAX.
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT, FAIL_VERSION, FAIL_ALTERED (a checksum),
 *         FAIL_MISMATCH (another key).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "leak/filter.h"
#include "leak/gram.h"

enum {
	SEGMENT_VERSION = 1,
	SEGMENT_HEAD_LEN = 128,
	SEGMENT_HEAD_SUMMED = 72,
	SEGMENT_DOC_LEN = 64,
	SEGMENT_ALIGN = 64,
	SEGMENT_ID_MAX = 1024,
	SEGMENT_DIGEST_LEN = 16,
	SEGMENT_STRIDE = 64, /* characters between two entries of a map */
	SEGMENT_BUCKET_BITS_MAX = 28,
};

#define SEGMENT_GRAMS_MAX UINT64_C(0xfffffff0)
#define SEGMENT_CHARS_MAX (UINT64_C(1) << 40)

/* On disk: base u64, bytes u64, id offset u64, map offset u64, chars u32, grams u32,
 * id length u16, 6 bytes zero, digest. */
struct segment_doc {
	uint64_t base;	/* of its first character in the joined text */
	uint64_t bytes; /* of the source */
	uint64_t id_at, map_at;
	uint32_t chars, grams;
	uint16_t id_len;
	uint8_t digest[SEGMENT_DIGEST_LEN]; /* of the source, as the caller likes */
};

struct segment_shape {
	uint64_t grams, docs, chars, ids_len, maps_len, key_check;
	unsigned bucket_bits, posting_bits;
	/* Where the sections start; `end` is the length of the file. */
	uint64_t ids_at, maps_at, entries_at, buckets_at, scout_at, dense_at, sum_at, end;
};

struct segment {
	const uint8_t *ptr;
	struct segment_shape shape;
	struct filter scout, dense;
};

/* A value that tells keys apart and says nothing about them. */
uint64_t segment_key_check(const struct gram_key *key);

/* Fill the derived fields from the first six; FAIL_LIMIT. */
MUST int segment_shape_lay_out(struct segment_shape *shape);

/* ptr must stay.  Checks the frame, not the checksum of the whole. */
MUST int segment_map(const uint8_t *ptr, size_t len, const struct gram_key *key,
	struct segment *ret_segment);

/* Read every byte: checksum, order of documents and entries, directory, filters. */
MUST int segment_verify(const struct segment *s);

/* Document `at` < shape.docs.  FAIL_FORMAT when its record leaves the sections. */
MUST int segment_doc_get(
	const struct segment *s, uint64_t at, struct segment_doc *ret_doc);

/* Its id, not NUL-terminated. */
const char *segment_doc_id(const struct segment *s, const struct segment_doc *doc);

/*
 * About where its character `at` lies in its source: exact at each multiple of
 * SEGMENT_STRIDE, interpolated between.
 */
uint64_t segment_doc_byte(
	const struct segment *s, const struct segment_doc *doc, uint32_t at);

/* The entries with this hash: [*ret_from, *ret_to), empty when there are none. */
void segment_find(
	const struct segment *s, uint64_t hash, uint64_t *ret_from, uint64_t *ret_to);

/* Bring the directory's line of a hash, or its bucket, nearer. */
void segment_prefetch_bucket(const struct segment *s, uint64_t hash);
void segment_prefetch_entries(const struct segment *s, uint64_t hash);

/* The document and position within it of entry `at`; false when the posting is damaged. */
bool segment_posting(
	const struct segment *s, uint64_t at, uint64_t *ret_doc, uint32_t *ret_pos);

/* Hash and raw posting of entry `at`, which lies in `bucket`: for merging and checking. */
void segment_entry(const struct segment *s, uint64_t at, uint64_t bucket,
	uint64_t *ret_hash, uint64_t *ret_posting);

/* First entry of a bucket (bucket == 2^b: one behind the last), never beyond grams. */
uint64_t segment_bucket(const struct segment *s, uint64_t bucket);

#endif
