/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_ENROL_SEND_H
#define VALISE_ENROL_SEND_H
/*
 * enrol_send: a request goes to its station, and the home learns where that is.
 *
 *   enrol_meet()   who answers there, with which key; its words are compared by people
 *   enrol_send()   DIR/station and DIR/request are written, the request is posted under the
 *                  key that was met; asked again it does no harm
 *
 * Attack answered: somebody answers in the station's place.  The words of the key that
 * answered are shown (with --words they must be these), and from then on it is pinned.
 */
#include "valise/args.h"
#include "valise/link.h"

/* Reports.  *ret_station is where the request will go. */
MUST int enrol_meet(const struct args *args, const char *member, const char *url,
	struct link_station *ret_station);

/* Reports. */
MUST int enrol_send(const struct args *args, const char *dir,
	const struct link_station *station, struct rd request);

#endif
