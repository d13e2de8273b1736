/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_ADDRESS_H
#define MEMBER_ADDRESS_H
/*
 * address: the names of members, officers, desks and devices, and where stations are reached.
 *
 *   member   [A-Z][A-Z0-9-]{0,31}             PT
 *   name     [a-z0-9][a-z0-9._-]{0,63}        ana.silva, defence-policy, laptop
 *   address  member / name                    PT/ana.silva   (docs/format/envelope.md, section 2)
 *   host     labels of [a-z0-9-] with dots, no label empty or with '-' at an end; 1..200 bytes
 *   url      https:// host [ ":" port ]       no path, no user, port without leading zero
 *
 * Each has one spelling, so comparing bytes compares names.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rd.h"

enum {
	ADDRESS_MEMBER_MAX = 32,
	ADDRESS_NAME_MAX = 64,
	ADDRESS_MAX = ADDRESS_MEMBER_MAX + 1 + ADDRESS_NAME_MAX,
	ADDRESS_HOST_MAX = 200,
	ADDRESS_URL_MAX = 8 + ADDRESS_HOST_MAX + 6,
};

MUST bool address_is_member(struct rd text);
MUST bool address_is_name(struct rd text);
MUST bool address_is_host(struct rd text);
MUST bool address_is_url(struct rd text);

/* "PT/ana.silva" into its two parts; FAIL_FORMAT. */
MUST int address_split(struct rd text, struct rd *ret_member, struct rd *ret_name);

/* By bytes, the shorter first where one begins the other: <0, 0, >0. */
MUST int address_compare(struct rd a, struct rd b);

/* The bytes of a C string. */
struct rd address_of(const char *text);

#endif
