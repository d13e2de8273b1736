/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "valise/report.h"
#include "valise/roster_draft.h"
#include "valise/roster_judge.h"
#include "valise/roster_show.h"
#include "valise/verb.h"

/*
 * roster: the text that says who exchanges with whom: begun, changed, signed, shown, checked.
 */

static const struct form {
	const char *word;
	size_t operands_min;
	size_t operands_max;
	int (*run)(const struct args *args);
} forms[] = {
	{"new", 2, 2, roster_draft_new},
	{"add", 3, ROSTER_MEMBERS_MAX, roster_draft_next},
	{"amend", 2, 2, roster_draft_next},
	{"sign", 2, 2, roster_judge_sign},
	{"show", 2, 2, roster_show},
	{"check", 2, 2, roster_judge_check},
};

static int
run(const struct args *args)
{
	const char *word = args->operands[0];

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (strcmp(forms[i].word, word) != 0)
			continue;
		if (args->operand_count < forms[i].operands_min)
			return report_exit(
				report_usage("roster", "%s: something is missing", word));
		if (args->operand_count > forms[i].operands_max)
			return report_exit(report_usage("roster", "'%s' is one too many",
				args->operands[forms[i].operands_max]));
		return report_exit(forms[i].run(args));
	}
	return report_exit(report_usage(
		"roster", "'%s' is not new, add, amend, sign, show or check", word));
}

static const struct arg_option options[] = {
	{"member", "FILE", "new: the founding file of the own member", false},
	{"policy", "POLICY", "new: a policy of the labels: alliance, TLP, business",
		true},
	{"threshold", "N", "members that must sign the next one (1)", false},
	{"enrol-delay", "TIME", "from an enrolment until it counts: 24h, 0 for a drill",
		false},
	{"require-suite", "1|2", "2: everything with X-Wing", false},
	{"custody", "CLASS=T/N[/internal]", "more shares for a class: SECRET=2/3", true},
	{"previous", "FILE", "sign, check: the roster before", false},
	{"words", "WORDS", "add: of each request; check: of the roster", true},
	{"out", "FILE", "write there instead of to stdout", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_roster = {
	.name = "roster",
	.synopsis =
		"new NAME --member FILE --policy POLICY... [--threshold N] "
		"[--enrol-delay TIME] "
		"[--require-suite 1|2] [--custody RULE]... [--out FILE]\n"
		"add ROSTER REQUEST... [--words WORDS]... [--threshold N] [--out FILE]\n"
		"amend ROSTER [--threshold N] [--enrol-delay TIME] [--require-suite 1|2] "
		"[--custody RULE]... [--out FILE]\n"
		"sign ROSTER [--previous FILE] [--out FILE]\n"
		"show ROSTER\n"
		"check ROSTER [--previous FILE] [--words WORDS]",
	.summary = "say who exchanges with whom, and by which rules",
	.text = "new    begins a community of one member\n"
		"add    the next roster, with the members of these founding files in it\n"
		"amend  the next roster, with other rules\n"
		"sign   adds the signature of the own enrol key to the file; two of a "
		"member's "
		"keys\n       are the member's signature\n"
		"show   what it says, who has signed, its words\n"
		"check  does it count: serial 1 signed by all, a later one by enough of "
		"those "
		"before",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
