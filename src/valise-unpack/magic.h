/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_MAGIC_H
#define VALISE_UNPACK_MAGIC_H
/*
 * magic: what is this?  By content; the name is only a hint where content is ambiguous.
 *
 * An own table instead of libmagic: it names exactly what the unpacker has readers for, says
 * which reader, and is 200 lines that the fuzzer sees, not a database of 7 MB.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valise-unpack/charset.h"
#include "wire/unpack.h"

struct magic {
	enum unpack_kind kind;
	enum charset charset; /* of text, html, xml */
	size_t skip;	      /* byte order mark */
	bool is_encrypted; /* known from the beginning alone (an encrypted Office file) */
};

enum { MAGIC_HEAD = 36 * 1024 }; /* ISO 9660 names itself at 32 KiB */

/* head: the first bytes, MAGIC_HEAD of them unless it is shorter. */
void magic_guess(const uint8_t *head, size_t len, const char *name, size_t name_len,
	struct magic *ret_magic);

/* Is this block of an unmarked member text (few control characters)? */
bool magic_is_text(const uint8_t *ptr, size_t len);

/* Is this zip an office document (OOXML, ODF)?  From its first and last bytes. */
bool magic_is_office(
	const uint8_t *head, size_t head_len, const uint8_t *tail, size_t tail_len);

#endif
