/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OFFICER_SHOW_H
#define VALISE_OFFICER_SHOW_H
/*
 * officer_show: what a request or an enrolment says, for people and as JSON.
 */
#include <jansson.h>

#include "member/enrol.h"
#include "member/request.h"
#include "valise/args.h"

/* `officer show`.  Reports. */
MUST int officer_show(const struct args *args);

/* What is granted, on stderr, before it is signed.  The enrolment has been parsed. */
void officer_show_grant(const struct enrol *enrol);

/*
 * The same as an object: type, member, officer, device, kind, suite, desks, words, and of an
 * enrolment clearances, from, until, signatures.  NULL: malformed, or no memory.
 */
json_t *officer_show_object(const struct enrol *enrol);
json_t *officer_show_request(const struct request *request);

#endif
