/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LABEL_TOKEN_H
#define LABEL_TOKEN_H
/*
 * token: one name in a label or a clearance: a policy, a class, a tag, a value.
 *
 * 1 to 64 bytes of UTF-8 fit for one line, without space at an end and without two spaces in a
 * row (token of XML Schema).  On the wire a length of one byte stands before it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "base/rd.h"
#include "label/label.h"

MUST bool token_is_good(const void *ptr, size_t len);

/* FAIL_FORMAT, FAIL_TRUNCATED. */
MUST int token_parse(struct rd *in, char ret_name[LABEL_NAME_MAX + 1]);

#endif
