/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "valise/officer_found.h"
#include "valise/officer_list.h"
#include "valise/officer_order.h"
#include "valise/officer_show.h"
#include "valise/officer_sign.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * officer: who may read and write for a member: named, signed, shown, listed, revoked.
 */

static const struct form {
	const char *word;
	size_t operands_min; /* the word counts */
	size_t operands_max;
	int (*run)(const struct args *args);
} forms[] = {
	{"found", 2, ARGS_MAX, officer_found},
	{"sign", 2, ARGS_MAX, officer_sign},
	{"show", 2, 2, officer_show},
	{"list", 1, 1, officer_list},
	{"revoke", 2, 2, officer_revoke},
	{"replace", 2, 2, officer_replace},
};

static int
run_form(const struct args *args, const struct form *form)
{
	bool is_all = form->run == officer_sign && args_has(args, "all");

	if (args_has(args, "all") && (!is_all || args->operand_count > 1))
		return report_usage("officer", "--all goes with sign, and with no name");
	if (args->operand_count < form->operands_min && !is_all)
		return report_usage("officer", "%s needs a file or a name", form->word);
	if (args->operand_count > form->operands_max)
		return report_usage("officer", "'%s' is one too many",
			args->operands[form->operands_max]);
	return form->run(args);
}

static int
run(const struct args *args)
{
	const char *word = args->operands[0];

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(forms[i].word, word) == 0)
			return report_exit(run_form(args, &forms[i]));
	return report_exit(report_usage("officer",
		"'%s' is not found, sign, show, list, revoke or replace", word));
}

static const struct arg_option options[] = {
	{"clearance", "CLEARANCE",
		"found: what the station may hold; sign: the officer's: such as SECRET",
		true},
	{"desk", "NAME", "sign: this desk instead of those asked for", true},
	{"until", "DAY", "sign: valid until 00:00 UTC of that day (a year from now)",
		false},
	{"all", NULL, "sign: all that wait for your signature", false},
	{"device", "NAME", "which of an officer's devices", false},
	{"reason", "TEXT", "revoke, replace: a line for the record", false},
	{"words", "WORDS", "the 12 words of each, in their order", true},
	{"out", "FILE", "write there instead of to stdout, or to the station", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_officer = {
	.name = "officer",
	.synopsis =
		"found NAME|REQUEST... [--clearance CLEARANCE]... [--words WORDS]... "
		"[--out FILE]\n"
		"sign NAME...|--all [--device NAME] [--clearance CLEARANCE]... [--desk "
		"NAME]... [--until DAY] [--words WORDS]...\n"
		"sign FILE [--clearance CLEARANCE]... [--desk NAME]... [--until DAY] "
		"[--words WORDS] [--out FILE]\n"
		"show FILE\n"
		"list\n"
		"revoke NAME [--device NAME] [--reason TEXT] [--out FILE]\n"
		"replace NAME [--device NAME] [--reason TEXT]",
	.summary = "found a member's enrolment, sign for officers, revoke",
	.text = "found    at the station: these registrars and security officers enrol "
		"for "
		"the\n         member from now on; their requests wait at the station, "
		"or "
		"are files\n"
		"sign     by an enrolment officer: the first grants what is asked, the "
		"second\n         signs that; with two signatures it counts\n"
		"show     what a file of a request or an enrolment says, and its words\n"
		"list     who is enrolled, and who waits\n"
		"revoke   by a security officer, at once and everywhere\n"
		"replace  revoke a lost device once the officer's new one is enrolled\n"
		"\nWhoever accepts a request types 3 of the 12 words that its owner "
		"reads "
		"on the\ntelephone.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
