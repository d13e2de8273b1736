/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
/*
 * text: bytes as people and text formats write them, strict in both directions.
 *
 * Decoders accept one canonical spelling only: lower-case hex; base64 of RFC 4648 section 4
 * with padding, no line breaks and zero spare bits.  FAIL_FORMAT otherwise, FAIL_LIMIT when
 * the output is too small; on failure nothing is written that counts.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

/* ret_out receives 2 * len characters and a NUL. */
void text_hex(const void *ptr, size_t len, char *ret_out);

/* The whole of s[0..s_len) must be the hex of exactly out_len bytes. */
MUST int text_unhex(const char *s, size_t s_len, uint8_t *ret_out, size_t out_len);

/* Characters that len bytes take in base64, without the NUL. */
size_t text_base64_len(size_t len);

/* ret_out receives text_base64_len(len) characters and a NUL. */
void text_base64(const void *ptr, size_t len, char *ret_out);

MUST int text_unbase64(
	const char *s, size_t s_len, uint8_t *ret_out, size_t out_max, size_t *ret_len);

/*
 * Valid UTF-8 (RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF) without
 * control characters (C0, DEL, C1), line and paragraph separators and bidirectional
 * overrides: fit for one line on a terminal.
 */
MUST bool text_is_line(const void *ptr, size_t len);

/* Valid UTF-8, nothing else asked. */
MUST bool text_is_utf8(const void *ptr, size_t len);

enum { TEXT_HUMAN_MAX = 32 };

/* "999 B", "1.5 KiB", "20.0 MiB": what a person reads; ret_out has TEXT_HUMAN_MAX bytes. */
void text_size(uint64_t bytes, char ret_out[TEXT_HUMAN_MAX]);

/* "0.3 s", "12 s", "4 min 05 s", "2 h 10 min", "3 d 4 h". */
void text_duration(uint64_t ms, char ret_out[TEXT_HUMAN_MAX]);

/* "8h", "30m", "45s", "2d", a plain number is seconds: FAIL_FORMAT, FAIL_LIMIT over max_s. */
MUST int text_parse_duration(const char *s, uint64_t max_s, uint64_t *ret_s);

#endif
