/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/init_member.h"

#include <jansson.h>
#include <stdio.h>

#include "sys/random.h"
#include "valise/exchange.h"
#include "valise/report.h"
#include "valise/verb.h"

static int
say(const struct args *args, const struct own_station *station)
{
	json_t *object;

	if (!args_has(args, "json")) {
		report_say("Keys of the station of %s made.  Nobody is enrolled yet: two "
			   "enrolment officers come first.\n"
			   "Next, each of them on the own machine:  valise enrol %s --as "
			   "NAME "
			   "--kind registrar|security-officer --out FILE\n",
			station->member, station->member);
		return 0;
	}
	object = json_pack("{s:s, s:s, s:s}", "member", station->member, "domain",
		station->domain, "url", station->url);
	if (object == NULL)
		return exchange_fail(args, "write", "stdout", NULL, FAIL_NOMEM);
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
	return 0;
}

int
init_member(const struct args *args)
{
	const char *domain = args_get(args, "domain"), *url = args_get(args, "url");
	struct own_station *station = NULL;
	char made[ADDRESS_URL_MAX + 1];
	int r;

	if (domain == NULL)
		return report_exit(report_usage("init", "a member needs --domain"));
	if (url == NULL) {
		(void)snprintf(
			made, sizeof made, "https://%.*s", ADDRESS_HOST_MAX, domain);
		url = made;
	}
	r = own_station_new(args->operands[0], domain, url, random_system(), &station);
	if (r == FAIL_FORMAT)
		return report_exit(report_usage("init",
			"a member is such as PT, its --domain such as pt.example, its "
			"--url "
			"such as https://pt.example:7443"));
	if (r != 0)
		return report_exit(exchange_fail(args, "make", "keys", NULL, r));
	if ((r = exchange_station_save(args, station)) == 0)
		r = say(args, station);
	own_station_free(station);
	return report_exit(r);
}
