/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_CHARSET_H
#define VALISE_UNPACK_CHARSET_H
/*
 * charset: bytes in any of the usual encodings to UTF-8, as a stream, with positions.
 *
 * CHARSET_UTF8 is also what unmarked text is read as: sequences that are UTF-8 are taken as
 * such, and every other byte as Windows-1252 (which holds Latin-1).  So ASCII, UTF-8,
 * Windows-1252, Latin-1 and mixtures of them need no guess, and no byte is ever lost.
 * The two- and four-byte encodings are recognised by a byte order mark, or without one by
 * where their zero bytes stand.  Other code pages only where a document names them.
 *
 * Invalid input becomes a space (unpaired surrogates, numbers above U+10FFFF); runs of NUL
 * become one space.  Nothing allocates, nothing fails.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum charset {
	CHARSET_UTF8, /* with Windows-1252 for what is not */
	CHARSET_UTF16LE,
	CHARSET_UTF16BE,
	CHARSET_UTF32LE,
	CHARSET_UTF32BE,
	CHARSET_TABLES, /* from here on: one byte a character, by table */
	CHARSET_CP1252 = CHARSET_TABLES,
	CHARSET_CP1250,
	CHARSET_CP1251,
	CHARSET_CP1253,
	CHARSET_CP1254,
	CHARSET_LATIN2,
	CHARSET_LATIN9,
	CHARSET_ISO_5,
	CHARSET_ISO_7,
	CHARSET_KOI8R,
	CHARSET_CP437,
	CHARSET_CP850,
	CHARSET_MAC,
	CHARSET_COUNT,
};

/* Where decoded text goes: UTF-8 without NUL, from bytes [from, to). */
struct charset_out {
	void (*put)(void *arg, const char *ptr, size_t len, uint64_t from, uint64_t to);
	void *arg;
};

struct charset_decoder {
	enum charset charset;
	uint64_t offset;  /* of the next byte fed */
	uint8_t carry[4]; /* the beginning of a character whose end is not here yet */
	size_t carry_len;
	uint32_t high;	   /* a high surrogate that waits for its partner; 0: none */
	bool is_after_nul; /* one space for a run of NUL was put */
};

/*
 * Which encoding is this?  head is the beginning of the bytes (4 KiB are plenty); ret_skip
 * is the length of the byte order mark.
 */
enum charset charset_guess(const uint8_t *head, size_t len, size_t *ret_skip);

/* By name as in MIME, HTML and XML; CHARSET_UTF8 when unknown or covered by it. */
enum charset charset_by_name(const char *name, size_t len);

/* By Windows code page number as in RTF; CHARSET_UTF8 when unknown. */
enum charset charset_by_codepage(unsigned long codepage);

void charset_decoder_init(
	struct charset_decoder *d, enum charset charset, uint64_t offset);
void charset_feed(struct charset_decoder *d, const uint8_t *ptr, size_t len,
	const struct charset_out *out);
void charset_end(struct charset_decoder *d, const struct charset_out *out);

/* The character of one byte in a charset of the tables (0x80 and above differ). */
uint32_t charset_byte(enum charset charset, uint8_t byte);

#endif
