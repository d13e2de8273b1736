/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_LINE_H
#define LOG_LINE_H
/*
 * line: the lines that heads, requests of witnesses and proofs are made of.  For this room.
 *
 * Each ends with a newline; numbers are decimal, below 2^63, without leading zeros; hashes are
 * base64 of 32 bytes, one a line, up to an empty line.
 * Errors  FAIL_FORMAT, FAIL_LIMIT.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "log/proof.h"

/* One line without its newline, taken off the text. */
MUST int line_take(struct rd *text, struct rd *ret_line);
MUST int line_number(struct rd line, uint64_t *ret_number);
MUST int line_hash(struct rd line, uint8_t ret_hash[HASH_LEN]);

/* At most max hashes and the empty line behind them. */
MUST int line_hashes(struct rd *text, size_t max, struct proof *ret_proof);
void line_write_hashes(const struct proof *proof, struct buf *out);

#endif
