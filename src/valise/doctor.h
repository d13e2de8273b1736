/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_DOCTOR_H
#define VALISE_DOCTOR_H
/*
 * doctor: the checks of `valise doctor`, and the list of what they found.
 *
 *   doctor_disk.c     key file, configuration, locks, second holder, backup, disk
 *   doctor_station.c  the running station, its port, its community, the other members
 *
 * A check says one line: good or bad, what is, and when it is bad what to do.  What cannot be
 * looked at because something before it failed is left out, not called good.
 */
#include <jansson.h>
#include <stdbool.h>

#include "member/config.h"
#include "sys/disk.h"

struct doctor {
	const char *dir;
	bool has_config;
	struct config config;
	json_t *status; /* of the running station, or NULL */
	json_t *checks; /* array of {name, good, text, do} */
	bool is_quiet;	/* JSON: print nothing on the way */
	size_t bad;
};

/* remedy is printed when it is not good; text and remedy without full stop. */
void doctor_say(struct doctor *d, bool is_good, const char *name, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

void doctor_disk(struct doctor *d);
void doctor_station(struct doctor *d);

/* "DIR/name", or name when it is absolute. */
MUST int doctor_path(
	const struct doctor *d, const char *name, char ret_path[DISK_PATH_MAX]);

#endif
