/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "valise/doctor.h"
#include "valise/home.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * doctor: every check a line; the exit status says whether all is good.
 */

void
doctor_say(struct doctor *d, bool is_good, const char *name, const char *remedy,
	const char *format, ...)
{
	char text[512];
	json_t *check;
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof text, format, list);
	va_end(list);
	d->bad += is_good ? 0 : 1;
	if (!d->is_quiet) {
		(void)printf("%-5s %-14s %s\n", is_good ? "good" : "BAD", name, text);
		if (!is_good)
			(void)printf("%-5s %-14s -> %s\n", "", "", remedy);
		return;
	}
	check = json_pack("{s:s, s:b, s:s, s:s}", "name", name, "good", is_good, "text",
		text, "do", is_good ? "" : remedy);
	/* A check that cannot be listed must not look like one that is good. */
	if (check == NULL || json_array_append_new(d->checks, check) != 0)
		d->bad++;
}

int
doctor_path(const struct doctor *d, const char *name, char ret_path[DISK_PATH_MAX])
{
	int n;

	if (name[0] == '/')
		n = snprintf(ret_path, DISK_PATH_MAX, "%s", name);
	else
		n = snprintf(ret_path, DISK_PATH_MAX, "%s/%s", d->dir, name);
	return n < 0 || n >= DISK_PATH_MAX ? FAIL_LIMIT : 0;
}

static void
say_all(const struct doctor *d)
{
	json_t *object;

	if (!d->is_quiet) {
		if (d->bad == 0)
			(void)puts("All is good.");
		else
			(void)printf("%zu not good.\n", d->bad);
		return;
	}
	object = json_pack("{s:b, s:O}", "good", d->bad == 0, "checks", d->checks);
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
}

static int
run(const struct args *args)
{
	static struct doctor d; /* the configuration is too large for the stack's taste */
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, dir)) != 0)
		return report_exit(r);
	d.dir = dir;
	d.is_quiet = args_has(args, "json");
	if ((d.checks = json_array()) == NULL)
		return report_exit(FAIL_NOMEM);
	doctor_disk(&d);
	doctor_station(&d);
	say_all(&d);
	json_decref(d.checks);
	json_decref(d.status);
	return d.bad == 0 ? EXIT_OK : EXIT_FAILED;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.synopsis = "",
	.summary = "check the station, and say what to do",
	.text = "At the station, as its user.  Key file, configuration, disk, locks, "
		"port, "
		"clock,\nroster and the other members: a line for each check, good or "
		"bad, and "
		"what to do.\nThe exit status is 0 only when all is good.",
	.run = run,
};
