/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/http_route.h"

#include <string.h>

struct http_limits
http_limits_usual(void)
{
	return (struct http_limits){
		.head_max = HTTP_HEAD_MAX,
		.body_max = HTTP_CHUNK_MAX,
		.connections_max = 256,
		.bodies_max = 32 * 1024 * 1024,
		.idle_ms = 60000,
		.head_ms = 10000,
		.body_ms = 60000,
		.answer_ms = 60000,
		.write_ms = 60000,
		.linger_ms = 1000,
	};
}

static bool
is_below(struct rd path, const char *route)
{
	size_t len = strlen(route);
	bool is_folder = len > 1 && route[len - 1] == '/';

	if (is_folder ? path.len <= len : path.len != len)
		return false;
	return memcmp(path.ptr, route, len) == 0;
}

unsigned
http_route_find(
	const struct http_service *service, const struct http_head *h, size_t *ret_route)
{
	unsigned status = 404;

	for (size_t i = 0; i < service->routes_count; i++) {
		const struct http_route *route = &service->routes[i];

		if (!is_below(h->path, route->path))
			continue;
		if (h->method.len == strlen(route->method) &&
			memcmp(h->method.ptr, route->method, h->method.len) == 0) {
			*ret_route = i;
			return 0;
		}
		status = 405;
	}
	return status;
}

unsigned
http_route_status(int r)
{
	switch (r) {
	case FAIL_LIMIT:
		return 431;
	case FAIL_VERSION:
		return 505;
	case FAIL_UNSUPPORTED:
		return 501;
	default:
		return 400;
	}
}
