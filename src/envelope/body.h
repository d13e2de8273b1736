/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_BODY_H
#define ENVELOPE_BODY_H
/*
 * body: what stands at the start of an opened body: the subject and the list of its parts.
 *
 *   head<u32> = version:u8 subject<u16> parts<u16> places<u16>
 *   part      = kind:u8 name<u8> media_type<u8> size:u64        (2^64 - 1: up to the end)
 *   place     = part:u8 offset:u64                              (where a box's text goes in)
 *
 * Then the bytes of the parts, one after the other.  Normative: docs/format/envelope.md,
 * section 5.  Names come from whoever sealed: they are checked to be plain file names, so that
 * no name can leave the directory it is written to.
 *
 * Errors  FAIL_FORMAT, FAIL_VERSION; FAIL_TRUNCATED from body_parse() means
 *         that more bytes are needed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"

enum {
	BODY_VERSION = 1,
	BODY_HEAD_MAX = 1 << 20,
	BODY_SUBJECT_MAX = 1024,
	BODY_PARTS_MAX = 256,
	BODY_NAME_MAX = 255,
	BODY_MEDIA_TYPE_MAX = 127,
	BODY_PLACES_MAX = 4096,
};

#define BODY_SIZE_REST UINT64_MAX

enum body_kind { BODY_TEXT = 1, BODY_ATTACHMENT = 2, BODY_FILE = 3 };

struct body_part {
	uint8_t kind;
	struct rd name;
	struct rd media_type;
	uint64_t size;
};

struct body_place {
	uint8_t part;
	uint64_t offset;
};

/* Some 80 KiB: keep it on the heap.  It points into the bytes it was parsed from. */
struct body_head {
	struct rd subject;
	size_t part_count;
	struct body_part parts[BODY_PARTS_MAX];
	size_t place_count;
	struct body_place places[BODY_PLACES_MAX];
};

/* Parse at the start of in; *ret_len is the length with the 4 bytes before it. */
MUST int body_parse(struct rd in, struct body_head *ret_head, size_t *ret_len);

/* Append the head, its length before it. */
MUST int body_write(const struct body_head *head, struct buf *out);

/* A file name that stays where it is put: no '/', not "", "." or "..", a line of text. */
bool body_is_name(const uint8_t *ptr, size_t len);

#endif
