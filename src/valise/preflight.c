/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/preflight.h"

#include <string.h>

#include "base/buf.h"
#include "valise/report.h"
#include "valise/verb.h"

/* Sentences are made in one buffer and go to people, to JSON or into a report. */

enum { SENTENCE_MAX = 2048 };

void
preflight_why(const struct decision *decision, const struct label *label, struct buf *out)
{
	enum decide_rule rule = decision->rule;

	if (rule == DECIDE_CLASS)
		buf_printf(out, "lacks %s", label->classification);
	else if (rule == DECIDE_RESTRICTIVE)
		buf_printf(out, "lacks %s (%s)", decision->value, decision->tag);
	else if (rule == DECIDE_PERMISSIVE)
		buf_printf(out, "is not among those of %s", decision->tag);
	else if (rule == DECIDE_ORIGINATOR_ONLY)
		buf_text(out, "is not the originator, whom alone the label permits");
	else if (rule == DECIDE_POLICY_OTHER || rule == DECIDE_POLICY_UNKNOWN)
		buf_printf(out, "has no clearance under %s", label->policy);
	else
		buf_printf(out, "may not have it (%s)", decide_rule_text(rule));
}

static void
put_unknown(const struct recipient *to, struct buf *out)
{
	if (to->known == RECIPIENT_NO_MEMBER)
		buf_text(out, "the roster has no such member");
	else if (to->known == RECIPIENT_NO_DIRECTORY)
		buf_text(out, "its member's directory has not come yet; try again later");
	else
		buf_text(out, "there is no such desk or officer");
}

static void
put_cleared(const struct recipient *to, const struct label *label, struct buf *out)
{
	size_t not_cleared = to->persons - to->cleared;

	if (to->persons == 0) {
		buf_text(out,
			"nobody reads for it now, so nobody will be able to open it");
		return;
	}
	if (to->cleared > 0)
		buf_printf(out, "%zu of %zu officers ", not_cleared, to->persons);
	else if (to->persons == 1)
		buf_text(out, "its only officer ");
	else
		buf_printf(out, "each of its %zu officers ", to->persons);
	preflight_why(&to->refusal, label, out);
	buf_text(out, " and will not be able to open it");
}

static void
put_left_out(const struct recipient *to, struct buf *out)
{
	if (to->newcomers > 0)
		buf_printf(out, "%zu new %s left out: the enrolment does not count yet",
			to->newcomers, to->newcomers == 1 ? "device is" : "devices are");
	else if (to->not_valid > 0)
		buf_printf(out, "%zu %s left out: the credential is not valid today",
			to->not_valid, to->not_valid == 1 ? "device is" : "devices are");
	else
		buf_printf(out, "%zu %s left out: another cipher suite", to->other_suite,
			to->other_suite == 1 ? "device is" : "devices are");
}

/* A note goes to people as a line; what stops the cable is reported by refuse(). */
static void
tell(struct preflight *p, const struct recipient *to, const char *kind, bool is_note,
	const struct buf *sentence)
{
	p->line_count++;
	if (p->refusals != NULL)
		(void)json_array_append_new(p->refusals,
			json_pack("{s:s%, s:s, s:i, s:i, s:s%}", "address",
				to->address.ptr, to->address.len, "kind", kind, "persons",
				(int)to->persons, "cleared", (int)to->cleared, "text",
				sentence->data, sentence->len));
	if (p->out != NULL && is_note)
		(void)fprintf(p->out, "%.*s: %.*s.\n", (int)to->address.len,
			(const char *)to->address.ptr, (int)sentence->len,
			(const char *)sentence->data);
}

static int
refuse(const struct preflight *p, const struct recipient *to, const struct buf *sentence,
	int r)
{
	char address[ADDRESS_MAX + 1], why[SENTENCE_MAX], remedy[2 * ADDRESS_MAX];
	struct report report = {.verb = p->verb,
		.attempt = "address",
		.object = address,
		.why = why,
		.remedy = r == FAIL_REFUSED
			? "Choose another addressee or a lower label; or "
			  "ask their security officer."
			: "`valise who` shows who there is."};

	(void)snprintf(address, sizeof address, "%.*s", (int)to->address.len,
		(const char *)to->address.ptr);
	(void)snprintf(why, sizeof why, "%.*s", (int)sentence->len,
		(const char *)sentence->data);
	if (to->near[0] != '\0') {
		(void)snprintf(remedy, sizeof remedy,
			"Did you mean %s?  `valise who` shows who there is.", to->near);
		report.remedy = remedy;
	}
	return report_fail(&report, r);
}

static int
tell_one(struct preflight *p, const struct recipient *to, const struct label *label)
{
	struct buf sentence;
	int status = EXIT_OK;

	buf_init(&sentence, SENTENCE_MAX - 1);
	if (to->known != RECIPIENT_KNOWN) {
		put_unknown(to, &sentence);
		tell(p, to, "unknown", false, &sentence);
		status = refuse(p, to, &sentence,
			to->known == RECIPIENT_NO_DIRECTORY ? FAIL_AGAIN : FAIL_ABSENT);
		goto out;
	}
	if (to->cleared < to->persons || to->persons == 0) {
		bool is_stopped = to->is_action && to->cleared == 0 && !p->is_anyway;

		put_cleared(to, label, &sentence);
		tell(p, to, "clearance", !is_stopped, &sentence);
		if (is_stopped)
			status = refuse(p, to, &sentence, FAIL_REFUSED);
	}
	if (to->newcomers + to->not_valid + to->other_suite > 0) {
		buf_clear(&sentence);
		put_left_out(to, &sentence);
		tell(p, to, "left-out", true, &sentence);
	}
out:
	buf_done(&sentence);
	return status;
}

int
preflight_tell(struct preflight *preflight, const struct recipients *recipients,
	const struct label *label)
{
	int worst = EXIT_OK, status;

	for (size_t i = 0; i < recipients->count; i++) {
		status = tell_one(preflight, &recipients->list[i], label);
		/* What a rule forbids weighs more than what is mistyped. */
		if (status == EXIT_REFUSED || worst == EXIT_OK)
			worst = status;
	}
	return worst;
}
