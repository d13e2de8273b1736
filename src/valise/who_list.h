/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_WHO_LIST_H
#define VALISE_WHO_LIST_H
/*
 * who_list: the addresses that people know of, as JSON objects.
 *
 *   {"address", "kind": "desk", "hours", "officers": [..], "clearances": [..]}
 *   {"address", "kind": "officer", "officer_kind", "clearances": [..], "devices": n}
 *
 * Only credentials that are signed by two enrolment officers and valid today are counted.
 */
#include <jansson.h>

#include "valise/people.h"

/* An array of all addresses of a member, desks first; NULL: no memory. */
json_t *who_list(struct people *people, const struct directory *directory);

#endif
