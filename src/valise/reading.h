/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_READING_H
#define VALISE_READING_H
/*
 * reading: one document of the register, from its number to its verified, opened bytes.
 *
 *   reading_begin()   kept here already?  Else the envelope is fetched to DIR/kept; then form,
 *                     root, signatures and the enrolment of who signed are verified.  Of a
 *                     kept copy a station that answers within a second is asked whether it
 *                     was recalled; if so the copy goes, and it is refused
 *   reading_key()     the body key: of the kept copy, or by an opening (valise/asking.h),
 *                     which the originator's station authorises and the custodians answer
 *   reading_open()    its text into memory, its attachments into a directory
 *   reading_end()
 *
 * Nothing opened is handed out before everything was verified.  Failures are reported; the
 * answers are exit statuses.
 */
#include "cable/cable.h"
#include "sys/outfile.h"
#include "valise/asking.h"
#include "valise/kept.h"
#include "valise/session.h"

enum { READING_TEXT_MAX = CABLE_LEN_MAX, READING_AUTHOR_MAX = ADDRESS_MAX };

struct reading {
	struct session *session;
	uint64_t number;
	char word[24];		  /* the number, for messages */
	char path[DISK_PATH_MAX]; /* the envelope */
	bool is_kept;		  /* from before: no network was needed */
	bool is_open;		  /* file */
	struct envelope_file file;
	struct courier_document document; /* when it was fetched now */
	struct buf kept_bytes;
	struct kept_copy kept; /* when is_kept */
	struct rd enrols;
	struct addressing *addressing;
	struct label *label;
	char author[READING_AUTHOR_MAX + 1];
	struct asked asked;
	uint8_t body_key[SCHEDULE_LEN];
	struct buf head_bytes;
	struct body_head *head; /* after reading_open() */
	struct buf text;
};

MUST int reading_begin(
	struct session *session, uint64_t number, struct reading *ret_reading);
MUST int reading_key(struct reading *reading, const char *purpose);

/* R alone, of our slot or grant, for readers that this officer adds; nothing is opened. */
MUST int reading_r(struct reading *reading, uint8_t ret_r[SCHEDULE_LEN]);

/* attachments NULL: none; only: this one alone, from 1 (0: all). */
MUST int reading_open(struct reading *reading, struct outbatch *attachments, size_t only);

/* Keep the copy for reading again; failing to is told, and is no failure. */
void reading_keep(struct reading *reading);

void reading_end(struct reading *reading);

#endif
