/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HTTP_HEAD_H
#define SYS_HTTP_HEAD_H
/*
 * http_head: the heads of HTTP/1.1 messages, strictly.
 *
 * The subset  is what stations and clients of ours write (RFC 9112): one start line, field
 *             lines that end with CRLF, a body of Content-Length bytes.  Refused, not
 *             repaired: bare CR or LF, folded lines, white space before a colon, control
 *             characters, Content-Length twice or not in plain digits, any Transfer-Encoding,
 *             HTTP/1.0, a request without exactly one Host.  What two programs can read in
 *             two ways is how requests are smuggled.
 * Paths       begin with '/'; letters, digits and . _ ~ - / ? = & only.  No escapes, so that
 *             a resource has one spelling.
 * Limits      HTTP_HEAD_FIELDS_MAX fields, HTTP_PATH_MAX bytes of path.
 * Errors      FAIL_FORMAT malformed; FAIL_VERSION not HTTP/1.1; FAIL_UNSUPPORTED a transfer
 *             coding; FAIL_LIMIT too many fields, or too long a path.
 *
 * Pure; the spans point into the caller's bytes.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/rd.h"

enum { HTTP_HEAD_FIELDS_MAX = 64, HTTP_PATH_MAX = 512 };

struct http_head {
	struct rd method, path; /* of a request */
	unsigned status;	/* of an answer, 100..599 */
	uint64_t body_len;	/* 0 when not given */
	bool has_len;
	bool is_close;	   /* Connection: close */
	bool is_expecting; /* Expect: 100-continue */
	unsigned hosts;
};

/* head: everything up to and with the empty line. */
MUST int http_head_request(struct rd head, struct http_head *ret_head);
MUST int http_head_answer(struct rd head, struct http_head *ret_head);

/* "ok", "not found": what stands behind a status that we send. */
const char *http_head_reason(unsigned status);

/* Is it a path as above? */
bool http_head_is_path(struct rd path);

#endif
