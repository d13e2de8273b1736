/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_PARCEL_H
#define VALISE_PARCEL_H
/*
 * parcel: an envelope that was sent, as one file for a station that no network reaches.
 *
 *   magic[8] "VPARCL" CR LF | version:u16 = 1 | document<u32> | body, to the end
 *
 * `document` is a post_document (wire/post.h) with SEND and enrolments and without the body,
 * which follows it as it is.  Normative: docs/format/parcel.md.  A parcel holds nothing that
 * the envelope does not: it may travel on any medium.
 *
 * Errors  FAIL_FORMAT, FAIL_TRUNCATED (shorter or longer than it says), FAIL_VERSION.
 */
#include "valise/sending.h"

enum { PARCEL_VERSION = 1 };

struct parcel {
	struct buf bytes;	       /* what document points into */
	struct post_document document; /* body empty */
	struct envelope_file file;     /* as courier_upload() takes it */
};

/* Reads the front; nothing is verified.  parcel_done() also after a failure. */
MUST int parcel_open(const char *path, struct parcel *ret_parcel);
void parcel_done(struct parcel *parcel);

/*
 * Write OUT from the sealed file of a cable that the station has sent.  An exit status;
 * failures are reported.
 */
MUST int parcel_fetch(
	struct session *session, const struct sending *sending, const char *out);

#endif
