/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_HTTP_ROUTE_H
#define SYS_HTTP_ROUTE_H
/*
 * http_route: which route of a service a request means, and with which status one is refused.
 *
 * Pure.  Paths and methods are compared byte for byte; a route's path that ends with '/'
 * stands for all below it, but not for itself.
 */
#include "sys/http.h"
#include "sys/http_head.h"

/* 0 and the route; otherwise 404 no such path, 405 the path but not this method. */
MUST unsigned http_route_find(
	const struct http_service *service, const struct http_head *h, size_t *ret_route);

/* The status for a FAIL_* of http_head_request(). */
unsigned http_route_status(int r);

#endif
