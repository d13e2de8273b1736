/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "valise/officer_order.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * hold: a security officer stops openings of the own member's documents, at once, everywhere.
 */

static int
check(const struct args *args)
{
	bool has_file = args_get(args, "file") != NULL;

	if (has_file != (args_get(args, "at") != NULL))
		return report_usage("hold", "--file and --at go together");
	if (has_file + (args_get(args, "lift") != NULL) + (args->operand_count > 0) != 1)
		return report_usage("hold",
			"say a target, or --lift TARGET, or --file FILE --at URL");
	return 0;
}

static int
run(const struct args *args)
{
	if (check(args) != 0)
		return EXIT_USAGE;
	return report_exit(args_get(args, "file") != NULL ? officer_carry(args)
							  : officer_hold(args));
}

static const struct arg_option options[] = {
	{"lift", "TARGET", "end the hold on this target", false},
	{"reason", "TEXT", "a line for the record; no content", false},
	{"out", "FILE", "write the order there instead of sending it", false},
	{"file", "FILE", "hand in an order from a file", false},
	{"at", "URL", "of the station that gets it", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_hold = {
	.name = "hold",
	.synopsis = "TARGET [--reason TEXT] [--out FILE]\n"
		    "--lift TARGET [--reason TEXT] [--out FILE]\n"
		    "--file FILE --at URL",
	.summary = "stop openings by a member, a desk or an officer",
	.text = "A security officer's order: nobody of that member, on that desk or of "
		"that\nname opens documents of the own member any more, until it is "
		"lifted.  It acts\nat once and goes to every station.  An order in a "
		"file "
		"(--out) can be handed in\nat any station, should the own one be away.",
	.options = options,
	.operands_max = 1,
	.run = run,
};
