/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "member/directory.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/link.h"
#include "valise/report.h"
#include "valise/verb.h"
#include "wire/front.h"

/*
 * desk: the administrator says who is on duty.  A credential says who may be: this takes
 * somebody off a desk and back, and puts nobody there whom two officers have not.
 */

static int
send_desk(const struct args *args, struct link *link, const struct post_desk *desk)
{
	struct buf answer;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = link_ask(link, "desk", &post_desk_codec, desk, &answer)) != 0)
		r = link_fail(args, link, "change the desk", args->operands[0], r);
	buf_done(&answer);
	return r;
}

/* One message for each officer, and one for the hours. */
static int
send_all(const struct args *args, struct link *link)
{
	struct post_desk desk = {.desk = address_of(args->operands[0])};
	const char *hours = args_get(args, "hours"), *name;
	size_t at = 0;
	int r;

	while ((name = args_next(args, "add", &at)) != NULL) {
		desk.officer = address_of(name);
		if ((r = send_desk(args, link, &desk)) != 0)
			return r;
	}
	desk.is_removed = 1;
	at = 0;
	while ((name = args_next(args, "remove", &at)) != NULL) {
		desk.officer = address_of(name);
		if ((r = send_desk(args, link, &desk)) != 0)
			return r;
	}
	if (hours == NULL)
		return 0;
	desk = (struct post_desk){
		.desk = address_of(args->operands[0]), .hours = address_of(hours)};
	return send_desk(args, link, &desk);
}

static int
check(const struct args *args)
{
	static const char *const options[] = {"add", "remove"};
	size_t at, count = 0;
	const char *name;

	if (!address_is_name(address_of(args->operands[0])))
		return report_usage("desk", "'%s' is no desk: such as defence-policy",
			args->operands[0]);
	for (size_t i = 0; i < 2; i++)
		for (at = 0; (name = args_next(args, options[i], &at)) != NULL; count++)
			if (!address_is_name(address_of(name)))
				return report_usage("desk",
					"--%s %s: an officer is such as ana.silva",
					options[i], name);
	if (count == 0 && args_get(args, "hours") == NULL)
		return report_usage("desk", "say --add, --remove or --hours");
	return 0;
}

static int
run(const struct args *args)
{
	struct link *link = NULL;
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = check(args)) != 0 || (r = home_dir(args, dir)) != 0)
		return report_exit(r);
	if ((r = link_new_admin(dir, &link)) != 0)
		r = exchange_fail(args, "use", dir, NULL, r);
	else if ((r = send_all(args, link)) == 0) {
		if (args_has(args, "json"))
			r = exchange_json(
				args, json_pack("{s:s}", "desk", args->operands[0]));
		else
			report_say("%s: done.  The new directory goes to every member.\n",
				args->operands[0]);
	}
	link_free(link);
	return report_exit(r);
}

static const struct arg_option options[] = {
	{"add", "OFFICER", "put back on the desk", true},
	{"remove", "OFFICER", "take off the desk", true},
	{"hours", "TEXT", "when somebody is there, such as '24 h'", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_desk = {
	.name = "desk",
	.synopsis = "NAME [--add OFFICER]... [--remove OFFICER]... [--hours TEXT]",
	.summary = "say who is on a desk, and its hours",
	.text = "At the station.  Desks are made and filled by themselves when an "
		"enrolment that\nnames them is signed; this corrects them.  Nobody gets "
		"onto a desk whose\ncredential does not name it.",
	.options = options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
