/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_DIRECTORY_CHECK_H
#define MEMBER_DIRECTORY_CHECK_H
/*
 * directory_check: everything a directory must hold to besides its grammar; for directory.c,
 * which asks it before it writes and so before it accepts.
 */
#include "member/directory.h"

MUST int directory_check(const struct directory *directory);

#endif
