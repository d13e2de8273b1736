/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_RTF_H
#define VALISE_UNPACK_RTF_H
/*
 * rtf: the text of a Rich Text Format file (Microsoft, version 1.9.1), as a stream.
 *
 * Groups { }, control words \word123, control symbols \x.  Text is in the file's code page
 * (\ansicpgN), a font's may differ (\fcharsetN is not followed: \uN beside it is), hex bytes
 * are \'hh, and Unicode is \uN with \ucN fallback characters to skip.
 * Kept     body, headers, footers, notes, fields' results, and as hidden text: comments
 *          (\annotation), deleted text (\deleted), \v, properties (\info).
 * Dropped  tables of fonts, colours, styles; what \* marks as unknown.
 * Pictures and objects are hexadecimal digits: their bytes are handed to `picture`, when it is
 *          set, between RTF_PICTURE_BEGIN and RTF_PICTURE_END, and counted in `pictures`.
 * Limits   RTF_DEPTH groups; deeper ones are read as text of the deepest.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valise-unpack/charset.h"
#include "valise-unpack/prose.h"

enum { RTF_DEPTH = 256, RTF_WORD_MAX = 32, RTF_PICTURE_BEGIN = -1, RTF_PICTURE_END = -2 };

struct rtf_group {
	uint8_t mode; /* see rtf.c */
	uint8_t skip_after_u;
	bool is_hidden;
};

struct rtf {
	struct prose *out;
	enum charset charset;
	struct rtf_group groups[RTF_DEPTH];
	size_t depth;
	size_t over; /* groups deeper than RTF_DEPTH */
	int state;
	char word[RTF_WORD_MAX];
	size_t word_len;
	bool has_number, is_negative;
	int32_t number;
	unsigned skip; /* fallback characters still to drop */
	uint32_t high; /* surrogate */
	uint8_t hex;
	bool is_starred; /* after \* */
	uint64_t binary; /* bytes of \bin to drop */
	uint64_t pictures;
	void (*picture)(void *arg, int byte, uint64_t offset);
	void *picture_arg;
	size_t picture_depth; /* of the group of the picture at hand; 0: none */
	int picture_digit;    /* the first of two, -1: none */
	uint64_t offset, at;
};

void rtf_init(struct rtf *p, struct prose *out);
void rtf_feed(struct rtf *p, const uint8_t *ptr, size_t len, uint64_t offset);

/* Is every group closed?  What follows the last one was read as text too. */
bool rtf_end(struct rtf *p);

#endif
