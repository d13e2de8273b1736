/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "valise/link_impl.h"
#include "valise/report.h"

/*
 * What came of a request becomes a FAIL_* and two texts.  The station's own sentence is shown
 * as it is: it knows what it refused, and why.
 */

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

void
link_clear(struct link *l)
{
	l->why[0] = l->remedy[0] = '\0';
	l->has_answered = false;
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

/* What the transport says, in words. */
static int
because_of_tls(struct link *l, int r)
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
	return because_of_tls(l, r);
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

int
link_because_status(struct link *l, unsigned status, struct rd body)
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

int
link_because_wire(struct link *l, int r)
{
	return l->kind == LINK_ADMIN ? because_of_socket(l, r) : because_of_tls(l, r);
}
