/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_OUTSIDE_H
#define MEMBER_OUTSIDE_H
/*
 * outside: witnesses that are no members, in the words of C2SP tlog-policy.
 *
 *   witness NAME VKEY [URL]          a cosigning key, type 04
 *   group NAME all|any|K NAME...     witnesses or groups named before, each in one group
 *   quorum NAME|none                 once, the last line
 *
 * In a roster each line stands behind the word "outside".  Their quorum signs on top of the
 * members': it can hinder an opening and never replaces a member.
 *
 * Limits  32 witnesses, 32 groups, as the specification asks of every reader.
 * Errors  FAIL_FORMAT, FAIL_LIMIT.
 */
#include "base/fail.h"
#include "base/rd.h"

enum { OUTSIDE_WITNESSES_MAX = 32, OUTSIDE_GROUPS_MAX = 32, OUTSIDE_NAME_MAX = 64 };

/* Reads the "outside" lines, none or a whole policy, and leaves what follows. */
MUST int outside_parse(struct rd *in, struct rd *ret_lines);

#endif
