/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_LISTS_H
#define CABLE_LISTS_H
/*
 * lists: distribution lists, written @name among the addresses of a cable.
 *
 *   To: PT/defence-policy, @allies-duty
 *
 * Before a cable is parsed, @name in To, Info and Exempt is replaced by the addresses of the
 * list, on the same line, so that faults still name the right one.  The cable that is sealed
 * holds addresses only: a list is the sender's, and changing it changes no cable that was sent.
 *
 * Twice   An address that stands in the cable by itself, or came from an earlier list, is
 *         left out of a list: nobody is addressed twice.
 * A list  one address a line; empty lines and lines that begin with '#' do not count; at most
 *         LISTS_ADDRESSES_MAX.  Lists do not name lists.
 * Normative: docs/format/cable.md, section 2.
 * Errors  FAIL_ABSENT no such list, FAIL_FORMAT a list is malformed (ret_name tells which);
 *         FAIL_LIMIT, FAIL_NOMEM, and what find answers.
 */
#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "envelope/addressing.h"

enum {
	LISTS_ADDRESSES_MAX = ADDRESSING_ADDRESSES_MAX,
	LISTS_LEN_MAX = LISTS_ADDRESSES_MAX * (ADDRESSING_ADDRESS_MAX + 2),
};

/* Where lists are: append the text of one to an empty buffer.  FAIL_ABSENT. */
struct lists_source {
	int (*find)(void *ctx, struct rd name, struct buf *ret_text);
	void *ctx;
};

/* Append the text with its lists replaced; ret_name points into it, set on FAIL_ABSENT, _FORMAT. */
MUST int lists_expand(struct rd text, const struct lists_source *source, struct buf *out,
	struct rd *ret_name);

#endif
