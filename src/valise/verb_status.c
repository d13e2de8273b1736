/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "sys/clock.h"
#include "valise/home.h"
#include "valise/report.h"
#include "valise/station_status.h"
#include "valise/verb.h"

/*
 * status: how the station does, on one screen: what is good, and with a '!' what is not yet.
 */

enum { INDEX_LATE_S = 7 * 24 * 3600 }; /* they are kept for 90 days */

static void
line(bool is_good, const char *name, const char *text)
{
	(void)printf("%c %-10s %s\n", is_good ? ' ' : '!', name, text);
}

static void
say_keys(const json_t *s)
{
	const char *by = station_status_text(s, "unlocked_by");

	if (strcmp(by, "file") == 0)
		line(false, "keys",
			"unlocked from a file: a stolen disk is a stolen station");
	else if (strcmp(by, "command") == 0)
		line(true, "keys", "unlocked by a program (TPM or token)");
	else
		line(true, "keys", "unlocked by a typed passphrase");
	if (station_status_is(s, "locked_in"))
		line(true, "locks", "the three roles are locked in");
	else
		line(false, "locks", "off (`sandbox off`): the roles are not locked in");
	/* Users of their own need root at the start; the locks keep the roles apart without. */
	line(true, "users", "one for all roles");
	if (!station_status_is(s, "second_holder"))
		line(false, "copies",
			"document keys are kept once: `second-holder` in valise.conf");
	line(false, "record",
		"not yet witnessed: openings are recorded where they are answered only");
}

static void
say_community(const json_t *s)
{
	const json_t *roster = json_object_get(s, "roster");
	char text[512];

	if (!station_status_is(s, "founded"))
		line(false, "officers",
			"not founded: `valise officer found NAME NAME --clearance C`");
	if (!json_is_object(roster)) {
		line(false, "roster",
			"none: `valise join --request`, then `valise join FILE`");
		return;
	}
	(void)snprintf(text, sizeof text,
		"%s, serial %" PRIu64 ", %" PRIu64 " members, of which %" PRIu64
		" may be absent",
		station_status_text(roster, "community"),
		station_status_number(roster, "serial"),
		station_status_number(roster, "members"),
		station_status_number(roster, "absent_max"));
	line(true, "roster", text);
	(void)printf("  %-10s %s\n", "", station_status_text(roster, "words"));
	if (!station_status_is(s, "in_roster"))
		line(false, "roster",
			"has other keys than ours for this member: ask who added us");
}

static void
say_counts(const json_t *s)
{
	const json_t *d = json_object_get(s, "documents");
	uint64_t pending = station_status_number(s, "pending");
	char text[512];

	(void)snprintf(text, sizeof text,
		"directory %" PRIu64 ": %" PRIu64 " officers, %" PRIu64
		" credentials, %" PRIu64 " desk%s",
		station_status_number(s, "directory"),
		station_status_number(s, "officers"),
		station_status_number(s, "credentials"),
		station_status_number(s, "desks"),
		station_status_number(s, "desks") == 1 ? "" : "s");
	line(station_status_number(s, "officers") > 0, "people", text);
	if (pending > 0) {
		(void)snprintf(text, sizeof text,
			"%" PRIu64 " to be enrolled, waiting for signatures", pending);
		line(true, "pending", text);
	}
	(void)snprintf(text, sizeof text,
		"%" PRIu64 " (%" PRIu64 " arriving, %" PRIu64 " being sealed, %" PRIu64
		" waiting for custodians, %" PRIu64 " clocks run)",
		station_status_number(d, "all"), station_status_number(d, "arriving"),
		station_status_number(d, "sealing"), station_status_number(d, "keeping"),
		station_status_number(d, "clocks"));
	line(true, "documents", text);
}

/* Nothing is said where there is no index host, or it has all. */
static void
say_index(const json_t *s, uint64_t now_s)
{
	const json_t *index = json_object_get(s, "index");
	uint64_t waiting = station_status_number(index, "waiting");
	uint64_t oldest_s = station_status_number(index, "oldest_s");
	char text[128], ago[TEXT_HUMAN_MAX];

	if (waiting == 0)
		return;
	text_duration(now_s > oldest_s ? (now_s - oldest_s) * 1000 : 0, ago);
	(void)snprintf(text, sizeof text,
		"%" PRIu64 " blob%s for `valise index receive`, the oldest for %s",
		waiting, waiting == 1 ? " waits" : "s wait", ago);
	line(now_s <= oldest_s + INDEX_LATE_S, "index", text);
}

static void
say_member(const json_t *m, uint64_t now_s)
{
	uint64_t contact_s = station_status_number(m, "contact_s");
	uint64_t queue = station_status_number(m, "queue");
	char text[512], heard[TEXT_HUMAN_MAX + 16] = "not heard since the start";

	if (contact_s != 0) {
		char ago[TEXT_HUMAN_MAX];

		text_duration(now_s > contact_s ? (now_s - contact_s) * 1000 : 0, ago);
		(void)snprintf(heard, sizeof heard, "heard %s ago", ago);
	}
	(void)snprintf(text, sizeof text,
		"%s, directory %" PRIu64 ", %" PRIu64 " in the queue, %s",
		station_status_text(m, "url"), station_status_number(m, "directory"),
		queue, heard);
	line(contact_s != 0 && station_status_number(m, "directory") > 0,
		station_status_text(m, "name"), text);
}

static void
say(const json_t *s)
{
	uint64_t now_s = station_status_number(s, "time_s");
	char when[TIME_TEXT_MAX] = "";
	const json_t *m;
	size_t i;

	if (time_rfc3339(now_s, when) != 0)
		when[0] = '\0';
	(void)printf("%s at %s, clock %s\n", station_status_text(s, "member"),
		station_status_text(s, "url"), when);
	say_keys(s);
	say_community(s);
	say_counts(s);
	say_index(s, now_s);
	json_array_foreach(json_object_get(s, "members"), i, m) say_member(m, now_s);
}

static int
not_running(const struct args *args, const char *dir, int r)
{
	struct report report = {.verb = "status",
		.attempt = "ask the station in",
		.object = dir,
		.why = r == FAIL_AGAIN ? "it does not run, or does not answer" : NULL,
		.remedy = r == FAIL_AGAIN ? "Start it: valised --dir DIR" : NULL};

	if (args_has(args, "json"))
		(void)puts("{\"running\":false}");
	return report_fail(&report, r);
}

static int
run(const struct args *args)
{
	char dir[DISK_PATH_MAX];
	json_t *status = NULL;
	int r;

	if ((r = home_dir(args, dir)) != 0)
		return report_exit(r);
	if ((r = station_status(dir, &status)) != 0)
		return not_running(args, dir, r);
	if (args_has(args, "json")) {
		(void)json_object_set_new(status, "running", json_true());
		(void)json_dumpf(status, stdout, JSON_COMPACT);
		(void)putchar('\n');
	} else {
		say(status);
	}
	json_decref(status);
	return EXIT_OK;
}

const struct verb verb_status = {
	.name = "status",
	.synopsis = "",
	.summary = "how the station does",
	.text = "At the station, as its user: keys, locks, roster, people, documents and "
		"the "
		"other\nmembers.  A '!' stands before what is not yet good; `valise "
		"doctor` "
		"says what to do.",
	.run = run,
};
