/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_STATE_JSON_H
#define VALISE_STATE_JSON_H
/*
 * state_json: how far a document of ours has come, as JSON: "kept_by" and "addressees".
 */
#include <jansson.h>

#include "valise/session.h"

/* A list of post_name, a list of post_progress; NULL when memory is short. */
json_t *state_json_names(struct rd list);
json_t *state_json_addressees(struct rd list);

/* Ask the station and add both to the object.  An exit status; failures are reported. */
MUST int state_json_add(struct session *session,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN], json_t *object);

#endif
