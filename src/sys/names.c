/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/names.h"

#include <event2/dns.h>
#include <event2/util.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/*
 * evdns may call back before evdns_getaddrinfo() has returned, and always calls back after a
 * cancel.  A query therefore belongs to evdns until its call; a cancelled one only forgets
 * whom to tell.  The answer is told from a timer, so that the asker is never called too early.
 */
struct names_query {
	struct names *names;
	names_done_fn *done; /* NULL: cancelled */
	void *arg;
	struct loop_event *later;
	struct evdns_getaddrinfo_request *request;
	bool is_asked, is_answered;
	int result;
	struct names_address addresses[NAMES_MAX];
	size_t count;
};

struct names {
	struct loop *loop;
	struct evdns_base *base;
};

static bool
is_onion(const char *host)
{
	size_t end = strlen(host);

	while (end > 0 && host[end - 1] == '.')
		end--;
	return end >= 6 && strncasecmp(host + end - 6, ".onion", 6) == 0;
}

int
names_numeric(const char *host, uint16_t port, struct names_address *ret_address)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct names_address a = {.len = 0};

	if (is_onion(host))
		return FAIL_REFUSED;
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(&a.address, &v4, a.len = sizeof v4);
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memcpy(&a.address, &v6, a.len = sizeof v6);
	} else {
		return FAIL_USAGE;
	}
	*ret_address = a;
	return 0;
}

static void
query_free(struct names_query *q)
{
	loop_event_free(q->later);
	mem_free(q);
}

static void
on_later(void *arg)
{
	struct names_query *q = arg;
	names_done_fn *done = q->done;

	/* The query must be gone before the asker is told: he may ask again. */
	struct names_query told = *q;

	query_free(q);
	if (done != NULL)
		done(told.arg, told.result, told.addresses, told.count);
}

static void
keep(struct names_query *q, const struct evutil_addrinfo *list, int family)
{
	for (; list != NULL && q->count < NAMES_MAX; list = list->ai_next) {
		struct names_address *a = &q->addresses[q->count];

		if (list->ai_family != family || list->ai_addrlen > sizeof a->address)
			continue;
		memcpy(&a->address, list->ai_addr, list->ai_addrlen);
		a->len = (socklen_t)list->ai_addrlen;
		q->count++;
	}
}

static void
on_answer(int error, struct evutil_addrinfo *list, void *arg)
{
	struct names_query *q = arg;

	if (error == 0) {
		keep(q, list, AF_INET);
		keep(q, list, AF_INET6);
	}
	if (list != NULL)
		evutil_freeaddrinfo(list);
	q->result = error == EVUTIL_EAI_MEMORY ? FAIL_NOMEM
		: q->count == 0		       ? FAIL_ABSENT
					       : 0;
	q->request = NULL;
	q->is_answered = true;
	loop_timer_now(q->later);
}

int
names_find(struct names *n, const char *host, uint16_t port, names_done_fn *done,
	void *arg, struct names_query **ret_query)
{
	struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP};
	struct evdns_getaddrinfo_request *request;
	struct names_query *q = NULL;
	char service[8];
	int r;

	if (is_onion(host))
		return FAIL_REFUSED;
	if (n == NULL)
		return FAIL_ABSENT;
	(void)evutil_snprintf(service, sizeof service, "%u", port);
	if ((r = mem_new(&q, sizeof *q)) != 0)
		return r;
	q->names = n;
	q->done = done;
	q->arg = arg;
	if ((r = loop_timer_new(n->loop, on_later, q, &q->later)) != 0) {
		mem_free(q);
		return r;
	}
	request = evdns_getaddrinfo(n->base, host, service, &hints, on_answer, q);
	if (!q->is_answered)
		q->request = request;
	*ret_query = q;
	return 0;
}

void
names_cancel(struct names_query *q)
{
	if (q == NULL)
		return;
	q->done = NULL;
	if (q->request != NULL)
		evdns_getaddrinfo_cancel(q->request);
}

int
names_new(struct loop *loop, struct names **ret_names)
{
	struct names *n = NULL;
	int r;

	if ((r = mem_new(&n, sizeof *n)) != 0)
		return r;
	n->loop = loop;
	/* A name server that does not answer must not keep the loop from ending. */
	n->base = evdns_base_new(loop_base(loop), EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (n->base == NULL) {
		mem_free(n);
		return FAIL_NOMEM;
	}
	/* Without the files there are only numeric addresses and "localhost". */
	(void)evdns_base_resolv_conf_parse(n->base, DNS_OPTIONS_ALL, "/etc/resolv.conf");
	*ret_names = n;
	return 0;
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	evdns_base_free(n->base, 0);
	mem_free(n);
}
