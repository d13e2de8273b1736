/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/link.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "valise/link_impl.h"
#include "wire/front.h"

/*
 * The life of a link, and how one request goes out and comes back.
 */

enum { TIMEOUT_MS = 60 * 1000, PATH_MAX_LEN = FRONT_PATH_MAX + 8 };

static int
link_make(enum link_kind kind, const char *dir, struct link **ret_link)
{
	struct link *l = NULL;
	int n, r;

	if ((r = mem_new(&l, sizeof *l)) != 0)
		return r;
	l->kind = kind;
	l->timeout_ms = TIMEOUT_MS;
	n = snprintf(l->dir, sizeof l->dir, "%s", dir);
	if (n < 0 || (size_t)n >= sizeof l->dir) {
		mem_free(l);
		return FAIL_USAGE;
	}
	*ret_link = l;
	return 0;
}

int
link_new(const char *dir, struct keys *keys, struct link **ret_link)
{
	int r = link_make(LINK_HOME, dir, ret_link);

	if (r == 0)
		(*ret_link)->keys = keys;
	return r;
}

int
link_new_at(const char *url, struct link **ret_link)
{
	int r;

	if (!address_is_url(address_of(url)))
		return FAIL_USAGE;
	if ((r = link_make(LINK_AT, "", ret_link)) == 0)
		(void)snprintf((*ret_link)->url, sizeof(*ret_link)->url, "%s", url);
	return r;
}

int
link_new_admin(const char *dir, struct link **ret_link)
{
	return link_make(LINK_ADMIN, dir, ret_link);
}

void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	link_http_free(l->http);
	mem_free(l);
}

void
link_set_timeout(struct link *l, unsigned ms)
{
	l->timeout_ms = ms;
}

bool
link_has_answered(const struct link *l)
{
	return l->has_answered;
}

const char *
link_dir(const struct link *l)
{
	return l->kind == LINK_HOME ? l->dir : NULL;
}

struct keys *
link_keys(const struct link *l)
{
	return l->keys;
}

int
link_key(const struct link *l, uint8_t ret_key[LINK_KEY_LEN])
{
	return l->http != NULL ? link_http_key(l->http, ret_key) : FAIL_ABSENT;
}

static int
find_pin(struct link *l, struct link_station *ret_station)
{
	int r = link_station_read(l->dir, ret_station);

	if (r == FAIL_ABSENT)
		return link_because(l, r,
			"Enrol first: `valise enrol MEMBER URL --as NAME`.",
			"this directory belongs to no station");
	if (r != 0)
		return link_because(l, r == FAIL_FORMAT ? FAIL_ALTERED : r,
			"`valise enrol` wrote it; restore it.",
			"%s/station cannot be read", l->dir);
	(void)snprintf(l->url, sizeof l->url, "%s", ret_station->url);
	return 0;
}

/* Where to and with which pin; nothing is connected yet. */
static int
find_station(struct link *l)
{
	char socket_path[DISK_PATH_MAX];
	struct link_station station;
	int r;

	if (l->http != NULL)
		return 0;
	if (l->kind == LINK_HOME && (r = find_pin(l, &station)) != 0)
		return r;
	if (l->kind != LINK_ADMIN)
		r = link_http_new(
			l->url, l->kind == LINK_HOME ? station.key : NULL, &l->http);
	else if ((r = link_file_path(l->dir, "run/admin", socket_path)) == 0)
		r = link_http_new_local(socket_path, &l->http);
	if (r == FAIL_REFUSED && l->kind != LINK_ADMIN)
		return link_because(
			l, r, "It needs a SOCKS proxy.", "%s is not looked up", l->url);
	return r == 0 ? 0
		      : link_because(l, r, "Check the URL or the directory.", "%s",
				fail_text(r));
}

/* Paths that need no name: they carry signatures of their own, or ask for what is public. */
static bool
is_open(const char *path)
{
	static const char *const open[] = {
		"station", "enrol", "enrolled", "enrol-sign", "order"};

	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
		if (strcmp(path, open[i]) == 0)
			return true;
	return false;
}

/* One request to a path without its door, and its answer's body. */
int
link_exchange(struct link *l, const char *path, struct rd body, struct buf *ret_answer)
{
	char whole[PATH_MAX_LEN];
	struct buf answer;
	struct link_call call = {.path = whole,
		.body = body,
		.timeout_ms = l->timeout_ms,
		.answer = &answer};
	int r;

	(void)snprintf(
		whole, sizeof whole, "/%c/1/%s", l->kind == LINK_ADMIN ? 'a' : 'c', path);
	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = find_station(l)) != 0)
		goto out;
	if ((r = link_http_ask(l->http, &call)) != 0) {
		r = link_because_wire(l, r);
		goto out;
	}
	l->has_answered = true;
	if (call.status != 200) {
		r = link_because_status(l, call.status, rd_of(answer.data, answer.len));
		goto out;
	}
	buf_bytes(ret_answer, answer.data, answer.len);
	if ((r = buf_error(ret_answer)) != 0)
		r = link_because(l, r, "Is it a station of Valise?",
			"the answer is longer than such answers are");
out:
	buf_done(&answer);
	return r;
}

int
link_ask(struct link *l, const char *path, const struct codec *codec, const void *message,
	struct buf *ret_answer)
{
	bool is_wrapped = l->kind == LINK_HOME && !is_open(path);
	struct buf body, wrapped;
	int r;

	link_clear(l);
	buf_init(&body, FRONT_HTTP_MAX);
	buf_init(&wrapped, FRONT_HTTP_MAX);
	if (codec != NULL)
		codec_write(codec, message, &body);
	if ((r = buf_error(&body)) != 0)
		goto out;
	if (is_wrapped &&
		((r = find_station(l)) != 0 ||
			(r = link_wrap(l, path, rd_of(body.data, body.len), &wrapped)) !=
				0))
		goto out;
	r = link_exchange(l, path,
		is_wrapped ? rd_of(wrapped.data, wrapped.len)
			   : rd_of(body.data, body.len),
		ret_answer);
out:
	buf_done(&body);
	buf_done(&wrapped);
	return r;
}
