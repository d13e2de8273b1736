/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/join_wait.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "member/roster.h"
#include "sys/clock.h"
#include "valise/report.h"
#include "valise/station_status.h"

/* The station's own status is asked again and again; it costs a millisecond on this machine. */

enum { PAUSE_MS = 20 };

struct waiting {
	uint64_t begun_ms, end_ms;
	size_t told_count;
	char told[ROSTER_MEMBERS_MAX][ADDRESS_MEMBER_MAX + 1];
};

static bool
is_told(const struct waiting *w, const char *name)
{
	for (size_t i = 0; i < w->told_count; i++)
		if (strcmp(w->told[i], name) == 0)
			return true;
	return false;
}

static void
tell(struct waiting *w, const char *name)
{
	uint64_t ms = clock_monotonic_ms() - w->begun_ms;
	char text[TEXT_HUMAN_MAX];

	if (ms < 1000)
		(void)snprintf(text, sizeof text, "%u ms", (unsigned)ms);
	else
		text_duration(ms, text);
	report_say("%s reached in %s.\n", name, text);
	if (w->told_count < ROSTER_MEMBERS_MAX)
		(void)snprintf(w->told[w->told_count++], sizeof w->told[0], "%s", name);
}

/* Tell about those that have come; how many have not. */
static size_t
look(struct waiting *w, const json_t *status, bool is_last)
{
	size_t missing = 0, i;
	json_t *member;

	json_array_foreach(json_object_get(status, "members"), i, member)
	{
		const char *name = station_status_text(member, "name");

		if (is_told(w, name))
			continue;
		if (station_status_number(member, "directory") > 0)
			tell(w, name);
		else {
			missing++;
			if (is_last)
				report_say(
					"%s does not answer yet: what is sent waits.\n",
					name);
		}
	}
	return missing;
}

void
join_wait(const char *dir, uint64_t for_ms)
{
	struct waiting w = {.begun_ms = clock_monotonic_ms()};
	json_t *status = NULL;
	size_t missing = 1;

	w.end_ms = w.begun_ms + for_ms;
	while (missing > 0) {
		bool is_last = clock_monotonic_ms() >= w.end_ms;

		/* The roster is taken; that the status cannot be read changes nothing of it. */
		if (station_status(dir, &status) != 0)
			return;
		missing = look(&w, status, is_last);
		json_decref(status);
		status = NULL;
		if (is_last)
			return;
		if (missing > 0)
			(void)poll(NULL, 0, PAUSE_MS);
	}
}
