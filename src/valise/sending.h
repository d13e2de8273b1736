/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SENDING_H
#define VALISE_SENDING_H
/*
 * sending: one cable on its way from a text on this machine to its custodians.
 *
 *   sending_begin()   read, pre-flight, number of the register, sealed to a file in DIR/outbox
 *   sending_upload()  the file to the station; it may be taken up again after a break
 *   sending_wait()    asks how far it is until t custodians keep it
 *   sending_end()     the file in the outbox goes when the station has it, else it stays
 *
 * A file that was sealed before (`send FILE.valise`) begins at the upload, and stays.
 * Failures are reported; the answers are exit statuses.
 */
#include <jansson.h>

#include "valise/drafts.h"
#include "valise/session.h"

enum { SENDING_REFERENCE_MAX = ADDRESSING_REFERENCE_MAX };

struct sending {
	struct session *session;
	const char *word;	    /* as it was typed */
	char source[DISK_PATH_MAX]; /* the text; a draft goes when it was sent */
	char path[DISK_PATH_MAX];   /* the sealed file */
	bool is_draft;
	bool is_ours; /* the sealed file is in the outbox, to be removed */
	bool is_uploaded;
	struct envelope_file file;
	bool is_open; /* file */
	char reference[SENDING_REFERENCE_MAX + 1];
	uint64_t dtg_s;
	uint64_t number; /* of the register of our station */
	uint64_t began_ms;
	uint64_t kept_ms; /* how long it took, once it is kept */
	struct buf state_bytes;
	struct post_state state; /* points into state_bytes */
	bool is_kept;
};

MUST int sending_begin(
	struct session *session, const char *word, struct sending *ret_sending);
MUST int sending_upload(struct sending *sending);

/* One question; is_kept and state afterwards. */
MUST int sending_ask(struct sending *sending);

/* Until it is kept, and with is_delivered until every addressee has it or will not. */
MUST int sending_wait(struct sending *sending, uint64_t until_ms, bool is_delivered);

void sending_print(const struct sending *sending);
void sending_print_json(const struct sending *sending);

/* Also after a failure. */
void sending_end(struct sending *sending);

#endif
