/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/verb.h"

/*
 * The table.  A verb stands in the file verb_<name>.c.
 */

extern const struct verb verb_sightings;
extern const struct verb verb_index, verb_scan, verb_init, verb_seal, verb_open,
	verb_inspect, verb_unlock, verb_lock;
extern const struct verb verb_check, verb_draft, verb_label, verb_policy;
extern const struct verb verb_send, verb_receive, verb_inbox, verb_read, verb_reply,
	verb_ack, verb_forward, verb_recall, verb_destroy, verb_holders;
extern const struct verb verb_desk, verb_enrol, verb_hold, verb_join, verb_officer,
	verb_roster, verb_who;
extern const struct verb verb_doctor, verb_status;

const struct verb *const verbs[] = {
	&verb_init,
	&verb_enrol,
	&verb_officer,
	&verb_hold,
	&verb_desk,
	&verb_roster,
	&verb_join,
	&verb_who,
	&verb_status,
	&verb_doctor,
	&verb_unlock,
	&verb_lock,
	&verb_seal,
	&verb_open,
	&verb_inspect,
	&verb_draft,
	&verb_check,
	&verb_send,
	&verb_receive,
	&verb_inbox,
	&verb_read,
	&verb_reply,
	&verb_ack,
	&verb_forward,
	&verb_recall,
	&verb_destroy,
	&verb_holders,
	&verb_label,
	&verb_policy,
	&verb_index,
	&verb_scan,
	&verb_sightings,
	NULL,
};
