/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PENDING_H
#define VALISE_PENDING_H
/*
 * pending: the requests that wait at a station for enrolment officers.
 *
 * Everything in the list comes from the network: requests are parsed and their signatures
 * verified (request_parse), and nothing is taken for somebody's before words are compared.
 * The list points into its own bytes.
 */
#include "base/buf.h"
#include "member/enrol.h"
#include "member/request.h"
#include "valise/link.h"

enum { PENDING_MAX = 256 };

struct pending {
	struct request request;
	struct rd request_bytes;
	struct enrol enrol; /* signature_count 0: nobody has granted it yet */
};

struct pending_list {
	struct buf bytes;
	struct pending *items;
	size_t count;
};

/* Ask for it.  Errors in link_why(); entries that are none are left out. */
MUST int pending_load(struct link *link, struct pending_list *ret_list);
void pending_done(struct pending_list *list);

/*
 * The request of that officer (and device, or NULL).  FAIL_ABSENT; FAIL_EXISTS when there are
 * several: then the device decides.
 */
MUST int pending_find(const struct pending_list *list, const char *officer,
	const char *device, const struct pending **ret_pending);

#endif
