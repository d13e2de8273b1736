/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/link.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "valise/link_impl.h"
#include "valise/report.h"
#include "wire/front.h"

/*
 * A request is made, wrapped and sent here; what came of it becomes a FAIL_* and two texts.
 * The station's own sentence is shown as it is: it knows what it refused, and why.
 */

enum { TIMEOUT_MS = 60 * 1000, NONCE_LEN = 16, PATH_MAX_LEN = FRONT_PATH_MAX + 8 };

enum link_kind { LINK_HOME, LINK_AT, LINK_ADMIN };

struct link {
	enum link_kind kind;
	char dir[DISK_PATH_MAX]; /* of the officer, or of the station (admin) */
	char url[ADDRESS_URL_MAX + 1];
	struct keys *keys;
	struct link_http *http;
	bool has_answered; /* the last request, if only with an error */
	bool has_id;	   /* the credential's hash is known */
	uint8_t credential_id[HASH_LEN];
	unsigned timeout_ms;
	char why[LINK_WHY_MAX], remedy[LINK_WHY_MAX];
};

int
link_because(struct link *l, int r, const char *remedy, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(l->why, sizeof l->why, format, ap);
	va_end(ap);
	(void)snprintf(l->remedy, sizeof l->remedy, "%s", remedy);
	return r;
}

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

const char *
link_why(const struct link *l)
{
	return l->why;
}

const char *
link_remedy(const struct link *l)
{
	return l->remedy;
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

void
link_forget(struct link *l)
{
	l->has_id = false;
}

int
link_key(const struct link *l, uint8_t ret_key[LINK_KEY_LEN])
{
	return l->http != NULL ? link_http_key(l->http, ret_key) : FAIL_ABSENT;
}

int
link_fail(const struct args *args, const struct link *l, const char *attempt,
	const char *object, int r)
{
	struct report report = {.verb = args->verb,
		.attempt = attempt,
		.object = object,
		.why = l != NULL && l->why[0] != '\0' ? l->why : NULL,
		.remedy = l != NULL && l->remedy[0] != '\0' ? l->remedy : NULL};

	(void)report_fail(&report, r);
	return r;
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

/* What the transport says, in words. */
static int
because_of_wire(struct link *l, int r)
{
	switch (r) {
	case FAIL_ABSENT:
		return link_because(l, FAIL_AGAIN, "Check the URL and the network.",
			"no such host: %s", l->url);
	case FAIL_CLOSED:
		return link_because(l, FAIL_AGAIN,
			"Is `valised` running there, and is the network up?",
			"the station does not answer at %s", l->url);
	case FAIL_TIMEOUT:
		return link_because(l, FAIL_AGAIN, "Try again later.",
			"the station at %s did not answer within %u s", l->url,
			l->timeout_ms / 1000);
	case FAIL_MISMATCH:
		return link_because(l, r,
			"Do not go on: somebody is between you and it, or it has new "
			"keys; ask your administrator on the telephone.",
			"this is not the station you enrolled at: another key answers at "
			"%s",
			l->url);
	case FAIL_FORMAT:
	case FAIL_LIMIT:
	case FAIL_VERSION:
	case FAIL_UNSUPPORTED:
		return link_because(l, FAIL_FORMAT, "Is it a station of Valise?",
			"what answers at %s is not an answer", l->url);
	default:
		return link_because(l, r, "Try again.", "%s", fail_text(r));
	}
}

static int
because_of_socket(struct link *l, int r)
{
	if (r == FAIL_ABSENT || r == FAIL_CLOSED || r == FAIL_TIMEOUT)
		return link_because(l, FAIL_AGAIN,
			"Start `valised --dir DIR` and try again.",
			"no station runs in %s", l->dir);
	if (r == FAIL_REFUSED)
		return link_because(l, r, "Run it as the user the station runs as.",
			"%s/run/admin belongs to somebody else", l->dir);
	return because_of_wire(l, r);
}

/*
 * Only what its status says may become of an error, so that a station cannot make a 503 look
 * like a success or like an altered file (docs/format/station.md).
 */
static int
fail_of(unsigned status, int said)
{
	switch (status) {
	case 400:
		return FAIL_LIMIT;
	case 401:
		return said == FAIL_SIGNER ? FAIL_SIGNER : FAIL_SIGNATURE;
	case 403:
		return FAIL_REFUSED;
	case 404:
		return FAIL_ABSENT;
	case 409:
		return FAIL_EXISTS;
	default:
		return status >= 500 ? FAIL_AGAIN : FAIL_UNSUPPORTED;
	}
}

static const char *
remedy_of(unsigned status, int said)
{
	switch (status) {
	case 401:
		return said == FAIL_TIMEOUT
			? "Set the clock of this machine."
			: "Has your enrolment ended or been revoked?  Ask your "
			  "registrar.";
	case 403:
		return "A rule of the station forbids it.";
	case 404:
		return "Check the name or number.";
	case 409:
		return "Nothing was changed.";
	case 507:
		return "Ask the administrator to make room on the station's disk.";
	default:
		return status >= 500 ? "Try again later."
				     : "Is this valise of another version than the "
				       "station?";
	}
}

static int
because_of_status(struct link *l, unsigned status, struct rd body)
{
	struct post_error error;
	int said = 0;

	if (codec_parse_whole(&post_error_codec, body, &error) != 0)
		return link_because(l, fail_of(status, 0), remedy_of(status, 0),
			"the station answers with status %u", status);
	said = -(int)error.fail;
	if (error.text.len == 0)
		return link_because(l, fail_of(status, said), remedy_of(status, said),
			"the station says: %s", fail_text(said));
	return link_because(l, fail_of(status, said), remedy_of(status, said), "%.*s",
		(int)error.text.len, (const char *)error.text.ptr);
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

/* The hash of the credential in DIR/enrol; FAIL_ABSENT. */
static int
load_credential(struct link *l)
{
	char path[DISK_PATH_MAX];
	struct enrol enrol;
	struct buf file;
	int r;

	if (l->has_id)
		return 0;
	buf_init(&file, ENROL_BYTES_MAX + 1);
	if ((r = link_file_path(l->dir, "enrol", path)) == 0 &&
		(r = disk_read_small(path, ENROL_BYTES_MAX, &file)) == 0 &&
		(r = enrol_parse(file.data, file.len, &enrol)) == 0) {
		hash_sha256(enrol.credential.ptr, enrol.credential.len, l->credential_id);
		l->has_id = true;
	}
	buf_done(&file);
	return r;
}

/* Which key speaks on this path, and its id. */
static int
choose_key(
	struct link *l, const char *path, struct post_signed *s, uint8_t ret_id[HASH_LEN])
{
	const struct subject *subject = keys_subject(l->keys);
	bool wants_enrol_key = strcmp(path, "pending") == 0;
	int r;

	s->key_id = ret_id;
	if (!wants_enrol_key && (r = load_credential(l)) != FAIL_ABSENT) {
		s->key_kind = POST_BY_CREDENTIAL;
		memcpy(ret_id, l->credential_id, HASH_LEN);
		return r;
	}
	s->key_kind = POST_BY_ENROL_KEY;
	if (subject_has_enrol(subject)) {
		hash_sha256(subject->enrol, sizeof subject->enrol, ret_id);
		return 0;
	}
	if (wants_enrol_key)
		return link_because(l, FAIL_REFUSED,
			"Registrars and security officers do that.",
			"you are no enrolment officer");
	return link_because(l, FAIL_AGAIN,
		"Two enrolment officers sign it: `valise officer sign NAME`.",
		"your enrolment waits for its signatures");
}

/* The body of a post_signed around this body. */
static int
wrap(struct link *l, const char *path, struct rd body, struct buf *out)
{
	uint8_t id[HASH_LEN], nonce[NONCE_LEN], signature[SIGN_LEN];
	struct post_signed s = {.version = 1,
		.time_s = clock_now_s(),
		.nonce = nonce,
		.body = body,
		.signature = signature};
	int r;

	if ((r = choose_key(l, path, &s, id)) != 0 ||
		(r = rng_fill(random_system(), nonce, sizeof nonce)) != 0)
		return r;
	if ((r = keys_sign_client(l->keys, path, &s, signature)) != 0)
		return link_because(l, r == FAIL_CLOSED ? FAIL_LOCKED : r,
			r == FAIL_MISMATCH ? "These are solo keys; a member's officer "
					     "has others."
					   : "`valise unlock` and try again.",
			"the request could not be signed: %s", fail_text(r));
	codec_write(&post_signed_codec, &s, out);
	return buf_error(out);
}

static int
send_call(struct link *l, struct link_call *call)
{
	int r;

	if ((r = find_station(l)) != 0)
		return r;
	if ((r = link_http_ask(l->http, call)) == 0)
		return 0;
	return l->kind == LINK_ADMIN ? because_of_socket(l, r) : because_of_wire(l, r);
}

/* The answer of a call: its body to the caller, or its error. */
static int
settle(struct link *l, const struct link_call *call, struct buf *ret_answer)
{
	if (call->status != 200)
		return because_of_status(
			l, call->status, rd_of(call->answer->data, call->answer->len));
	buf_bytes(ret_answer, call->answer->data, call->answer->len);
	return buf_error(ret_answer) == 0
		? 0
		: link_because(l, FAIL_LIMIT, "Is it a station of Valise?",
			  "the answer is longer than such answers are");
}

int
link_ask(struct link *l, const char *path, const struct codec *codec, const void *message,
	struct buf *ret_answer)
{
	struct buf body, wrapped, answer;
	struct link_call call = {.timeout_ms = l->timeout_ms, .answer = &answer};
	char whole[PATH_MAX_LEN];
	bool is_wrapped = l->kind == LINK_HOME && !is_open(path);
	int r;

	l->why[0] = l->remedy[0] = '\0';
	l->has_answered = false;
	buf_init(&body, FRONT_HTTP_MAX);
	buf_init(&wrapped, FRONT_HTTP_MAX);
	buf_init(&answer, FRONT_HTTP_MAX);
	(void)snprintf(
		whole, sizeof whole, "/%c/1/%s", l->kind == LINK_ADMIN ? 'a' : 'c', path);
	call.path = whole;
	if (codec != NULL)
		codec_write(codec, message, &body);
	if ((r = buf_error(&body)) != 0)
		goto out;
	if (l->kind == LINK_HOME && (r = find_station(l)) != 0)
		goto out;
	if (is_wrapped && (r = wrap(l, path, rd_of(body.data, body.len), &wrapped)) != 0)
		goto out;
	call.body = is_wrapped ? rd_of(wrapped.data, wrapped.len)
			       : rd_of(body.data, body.len);
	if ((r = send_call(l, &call)) == 0) {
		l->has_answered = true;
		r = settle(l, &call, ret_answer);
	}
out:
	buf_done(&body);
	buf_done(&wrapped);
	buf_done(&answer);
	return r;
}
