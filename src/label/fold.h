/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_FOLD_H
#define LABEL_FOLD_H
/*
 * fold: how typed words are compared: without case, accents and surplus space.
 *
 * "Très  secret" and "TRES SECRET" fold to the same "TRES SECRET".  Only Latin letters of
 * English, French and Portuguese (Latin-1) have a fold; any other letter is refused, so that
 * a Cyrillic look-alike never passes for a known word.  Combining accents, as some keyboards
 * send them, fold away too.  No space remains around ',' and ':'.
 */
#include <stddef.h>

#include "base/fail.h"

/*
 * ret_out receives the fold and a NUL; out_size > len always suffices.  FAIL_FORMAT for text
 * that has no fold, FAIL_LIMIT when it does not fit.
 */
MUST int fold_text(const char *text, size_t len, char *ret_out, size_t out_size);

/*
 * If the folded text begins with the fold of word, and the word ends there (at the end, a
 * space, ',' or ':'): its length.  Else 0.
 */
size_t fold_starts(const char *folded, const char *word);

#endif
