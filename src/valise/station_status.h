/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_STATION_STATUS_H
#define VALISE_STATION_STATUS_H
/*
 * station_status: what the station in a directory says of itself, over its socket run/admin.
 *
 * The names of the JSON object stand in docs/format/station.md, section 3.
 * Errors  FAIL_AGAIN no station runs in this directory, or it does not answer; FAIL_FORMAT an
 *         answer that is none; FAIL_NOMEM.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

MUST int station_status(const char *dir, json_t **ret_status);

/* Values of an object that may lack them: "", 0, false. */
const char *station_status_text(const json_t *object, const char *name);
uint64_t station_status_number(const json_t *object, const char *name);
bool station_status_is(const json_t *object, const char *name);

#endif
