/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_JOIN_REQUEST_H
#define VALISE_JOIN_REQUEST_H
/*
 * join_request: `join --request`: the founding file, as it goes to another member's registrar.
 *
 * It names the first directory: the newest one of the station that runs here, by its hash.
 * Whoever stands in that counts at once in the community; whoever is enrolled later counts
 * after the roster's enrol-delay.  The file is signed anew for that, with the station's key.
 * When nobody is enrolled yet, the file goes without one, and people are told.
 */
#include "valise/args.h"

/* Reports. */
MUST int join_request(const struct args *args);

#endif
