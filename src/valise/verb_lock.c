/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/text.h"
#include "base/time.h"
#include "sys/clock.h"
#include "valise/home.h"
#include "valise/kept.h"
#include "valise/private_dir.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * unlock and lock: the agent that holds the keys while somebody works, and its end.
 */

enum { FOR_DEFAULT_S = 8 * 3600, FOR_MAX_S = 7 * 24 * 3600 };

static int
fail(const char *verb, const char *attempt, const char *dir, int r)
{
	struct report report = {.verb = verb, .attempt = attempt, .object = dir};

	if (r == FAIL_ABSENT)
		report.remedy = "There is no key yet: `valise init --solo` makes one, "
				"`valise enrol` an officer's.";
	if (r == FAIL_EXISTS) {
		report.why = "they are unlocked already";
		report.remedy = "`valise lock` first.";
	}
	if (r == FAIL_LOCKED) {
		report.why = "they are not unlocked";
		report.remedy = "There is nothing to do.";
	}
	if (r == FAIL_MISMATCH)
		report.remedy = "These are the keys of a station, which unlocks them "
				"itself (valise.conf).";
	return report_fail(&report, r);
}

static void
say_unlocked(const struct args *args, const char *dir, uint64_t for_s)
{
	char time[TIME_TEXT_MAX] = "", duration[TEXT_HUMAN_MAX];

	if (time_rfc3339(clock_now_s() + for_s, time) != 0)
		time[0] = '\0';
	if (args_has(args, "json")) {
		(void)printf("{\"until\":\"%s\"}\n", time);
		return;
	}
	text_duration(for_s * 1000, duration);
	report_say("Unlocked for %s, until %s or `valise lock`.  (%s)\n", duration, time,
		dir);
}

static int
unlock(const struct args *args)
{
	const char *words = args_get(args, "for");
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct secret *passphrase = NULL;
	uint64_t for_s = FOR_DEFAULT_S;
	int r;

	if (words != NULL &&
		(text_parse_duration(words, FOR_MAX_S, &for_s) != 0 || for_s == 0))
		return report_exit(report_usage(
			"unlock", "--for %s: such as 8h, 30m or 45s, at most 7d", words));
	if (home_dir(args, dir) != 0)
		return EXIT_USAGE;
	if ((r = keys_file_path(dir, path)) != 0 || !disk_is_there(path))
		return fail(
			"unlock", "unlock the keys in", dir, r != 0 ? r : FAIL_ABSENT);
	if (home_passphrase(args, "Passphrase: ", &passphrase) != 0)
		return EXIT_FAILED;
	r = keys_unlock(dir, passphrase, for_s);
	secret_free(passphrase);
	if (r != 0)
		return fail("unlock", "unlock the keys in", dir, r);
	say_unlocked(args, dir, for_s);
	return EXIT_OK;
}

static int
lock(const struct args *args)
{
	char dir[DISK_PATH_MAX];
	size_t wiped = 0;
	int r;

	if (home_dir(args, dir) != 0)
		return EXIT_USAGE;
	/* Opened text first, and whether an agent runs or not. */
	if ((r = private_dir_wipe_all(&wiped)) != 0)
		report_say("What was opened could not be wiped: %s.\n", fail_text(r));
	else if (wiped > 0)
		report_say("Wiped what was opened (%zu).\n", wiped);
	kept_sweep(dir, clock_now_s());
	if ((r = keys_lock(dir)) != 0)
		return fail("lock", "lock the keys in", dir, r);
	if (args_has(args, "json"))
		(void)puts("{\"locked\":true}");
	else
		report_say("Locked.\n");
	return EXIT_OK;
}

static const struct arg_option unlock_options[] = {
	{"for", "TIME", "how long: 8h (the default), 30m, 45s; at most 7d", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_unlock = {
	.name = "unlock",
	.synopsis = "[--for TIME]",
	.summary = "hold the keys in valise-agent for a while",
	.text = "Asks for the passphrase once and starts valise-agent, which holds the "
		"keys in\n"
		"guarded memory and signs and unwraps for this user only, until the time "
		"is over.",
	.options = unlock_options,
	.run = unlock,
};

const struct verb verb_lock = {
	.name = "lock",
	.synopsis = "",
	.summary = "end valise-agent and forget the keys",
	.text = "Ends the agent of this key directory; its memory is wiped.  What `read` "
		"and "
		"`draft`\n"
		"have put into the runtime directory is overwritten and removed.",
	.run = lock,
};
