/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CODEC_H
#define WIRE_CODEC_H
/*
 * codec: messages as tables of fields: one strict reader and one writer for all of them.
 *
 * A message is a C struct and a table that says, in the order of the bytes, what stands where.
 * Integers are big-endian, vectors have their length before them (RFC 8446, section 3); what
 * was parsed writes as the same bytes.  Parsed messages point into the bytes they came from.
 *
 *   type             in the struct        on the wire
 *   CODEC_U8..U64    uint8_t..uint64_t    1, 2, 4, 8 bytes; min..max for U8..U32
 *   CODEC_FIXED      const uint8_t *      exactly max bytes
 *   CODEC_V8..V32    struct rd            length of 1, 2, 3, 4 bytes; min..max bytes
 *
 * A list is a vector whose bytes are messages of another table, one after the other:
 * `while (list.len > 0) codec_parse(&element, &list, &e)`.
 *
 * Errors  FAIL_TRUNCATED, FAIL_FORMAT (out of min..max, bytes left).
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"

enum codec_type {
	CODEC_U8,
	CODEC_U16,
	CODEC_U32,
	CODEC_U64,
	CODEC_FIXED,
	CODEC_V8,
	CODEC_V16,
	CODEC_V24,
	CODEC_V32,
};

struct codec_field {
	enum codec_type type;
	size_t offset;
	uint32_t min;
	uint32_t max;
};

struct codec {
	const struct codec_field *fields;
	size_t count;
};

#define CODEC_FIELD(TYPE, STRUCT, MEMBER, MIN, MAX)                                      \
	{                                                                                \
		CODEC_##TYPE, offsetof(struct STRUCT, MEMBER), (MIN), (MAX)              \
	}

/* The table of a message, from its field list. */
#define CODEC(FIELDS)                                                                    \
	{                                                                                \
		(FIELDS), sizeof(FIELDS) / sizeof((FIELDS)[0])                           \
	}

/* The message at the start of in.  On failure nothing has moved; ret_message may be part filled. */
MUST int codec_parse(const struct codec *codec, struct rd *in, void *ret_message);

/* The whole of in must be one message. */
MUST int codec_parse_whole(const struct codec *codec, struct rd in, void *ret_message);

/* Append; a value outside its min..max makes the buffer's error FAIL_FORMAT. */
void codec_write(const struct codec *codec, const void *message, struct buf *out);

#endif
