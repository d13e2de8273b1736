/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTE_NAME_H
#define NOTE_NAME_H
/*
 * name: who may stand in a signature line or a verifier key.
 *
 * C2SP signed-note: not empty, valid UTF-8, no Unicode space, no '+'.  Ours besides: at most
 * NOTE_NAME_MAX bytes, nothing that text_is_line() refuses.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

MUST bool name_is_good(const void *ptr, size_t len);

#endif
