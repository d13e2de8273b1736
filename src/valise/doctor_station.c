/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/doctor.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "sys/clock.h"
#include "valise/link.h"
#include "valise/station_status.h"

/*
 * What the running station says, and what its port and the other members' ports answer.  The
 * path `station` is open to anybody, so no key is needed; whether a member's key is the one of
 * the roster is checked by the station itself at every call.
 */
enum { ASK_MS = 10000, CLOCK_S_MAX = 30, SILENT_S = 3600, ANSWER_MAX = 2000000 };

/* Ask a station who it is: 0, its name and clock. */
static int
ask(const char *url, char ret_member[ADDRESS_MEMBER_MAX + 1], uint64_t *ret_time_s)
{
	struct post_station station;
	struct link *link = NULL;
	struct buf answer;
	int r;

	buf_init(&answer, ANSWER_MAX);
	if ((r = link_new_at(url, &link)) != 0)
		goto out;
	link_set_timeout(link, ASK_MS);
	if ((r = link_ask(link, "station", NULL, NULL, &answer)) != 0 ||
		(r = codec_parse_whole(&post_station_codec,
			 rd_of(answer.data, answer.len), &station)) != 0)
		goto out;
	if (station.member.len > ADDRESS_MEMBER_MAX) {
		r = FAIL_FORMAT;
		goto out;
	}
	memcpy(ret_member, station.member.ptr, station.member.len);
	ret_member[station.member.len] = '\0';
	*ret_time_s = station.time_s;
out:
	link_free(link);
	buf_done(&answer);
	return r;
}

static void
check_runs(struct doctor *d)
{
	int r = station_status(d->dir, &d->status);

	doctor_say(d, r == 0, "station", "start it: valised --dir DIR",
		r == 0 ? "the station runs and answers" : "the station does not answer");
	if (r != 0)
		return;
	doctor_say(d, station_status_is(d->status, "locked_in"), "locks",
		"take `sandbox off` out of valise.conf and start the station again",
		station_status_is(d->status, "locked_in")
			? "the three roles are locked in"
			: "the roles are not locked in");
}

static void
check_port(struct doctor *d)
{
	const char *url = station_status_text(d->status, "url");
	char member[ADDRESS_MEMBER_MAX + 1] = "";
	uint64_t time_s = 0;
	int r = ask(url, member, &time_s);

	if (r != 0)
		doctor_say(d, false, "port",
			"look at `listen`, `url`, the name server and the firewall",
			"%s does not answer from here", url);
	else
		doctor_say(d,
			strcmp(member, station_status_text(d->status, "member")) == 0,
			"port", "another station has this address: correct `url`",
			"%s is answered by %s", url, member);
}

static void
check_community(struct doctor *d)
{
	const json_t *roster = json_object_get(d->status, "roster");

	doctor_say(d, station_status_is(d->status, "founded"), "founding",
		"valise officer found NAME NAME --clearance C",
		station_status_is(d->status, "founded")
			? "the enrolment officers are known"
			: "there are no enrolment officers yet");
	if (!json_is_object(roster)) {
		doctor_say(d, false, "roster",
			"valise join --request, and then valise join FILE",
			"the station belongs to no community yet");
		return;
	}
	doctor_say(d, station_status_is(d->status, "in_roster"), "roster",
		"ask the member that added us to correct the entry",
		station_status_is(d->status, "in_roster")
			? "roster %" PRIu64 " has our keys"
			: "roster %" PRIu64 " has other keys than ours",
		station_status_number(roster, "serial"));
	doctor_say(d, station_status_number(d->status, "directory") > 0, "directory",
		"two enrolment officers sign an officer: valise officer sign NAME",
		station_status_number(d->status, "directory") > 0
			? "our directory has number %" PRIu64
			: "we have no directory (%" PRIu64 ")",
		station_status_number(d->status, "directory"));
}

static void
check_clock(struct doctor *d, const char *name, uint64_t theirs_s)
{
	uint64_t now_s = clock_now_s();
	uint64_t apart_s = now_s > theirs_s ? now_s - theirs_s : theirs_s - now_s;

	if (apart_s <= 1)
		doctor_say(d, true, "clock", "", "the clock of %s is in step with ours",
			name);
	else
		doctor_say(d, apart_s <= CLOCK_S_MAX, "clock",
			"set the clock by NTP; a request more than 120 s off is refused",
			"the clock of %s is %" PRIu64 " s %s ours", name, apart_s,
			theirs_s > now_s ? "ahead of" : "behind");
}

/* A station at a time: is it there, is it who it should be, is it in step, is it served? */
static void
check_member(struct doctor *d, const json_t *m)
{
	const char *name = station_status_text(m, "name");
	const char *url = station_status_text(m, "url");
	uint64_t contact_s = station_status_number(m, "contact_s"), time_s = 0;
	uint64_t queue = station_status_number(m, "queue"), now_s = clock_now_s();
	char answers[ADDRESS_MEMBER_MAX + 1] = "", check[ADDRESS_MEMBER_MAX + 16];

	(void)snprintf(check, sizeof check, "member-%s", name);
	if (ask(url, answers, &time_s) != 0) {
		doctor_say(d, false, check,
			"ask its administrator; look at the network and the firewall",
			"%s does not answer; %" PRIu64 " wait for it", url, queue);
		return;
	}
	doctor_say(d, strcmp(answers, name) == 0, check,
		"ask its administrator: another station has its address",
		"%s is answered by %s", url, answers);
	check_clock(d, name, time_s);
	doctor_say(d, station_status_number(m, "directory") > 0, check,
		"wait a minute; its officers cannot be written to before",
		station_status_number(m, "directory") > 0
			? "its directory is here, number %" PRIu64
			: "its directory is not here (%" PRIu64 ")",
		station_status_number(m, "directory"));
	doctor_say(d, queue == 0 || (contact_s != 0 && now_s < contact_s + SILENT_S),
		check, "look at the log of valised for calls to it",
		"%" PRIu64 " wait for it", queue);
}

void
doctor_station(struct doctor *d)
{
	const json_t *m;
	size_t i;

	check_runs(d);
	if (d->status == NULL)
		return;
	check_port(d);
	check_community(d);
	json_array_foreach(json_object_get(d->status, "members"), i, m)
		check_member(d, m);
}
