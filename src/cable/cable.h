/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_CABLE_H
#define CABLE_CABLE_H
/*
 * cable: a text with headers, as people and scripts write it.
 *
 *     To: PT/defence-policy, FR/ana.silva
 *     Prec: PRIORITY/ROUTINE
 *     Label: SECRET REL TO FR, PT
 *     Subject: Readiness of the northern port
 *
 *     The text, to the end of the file.
 *
 * Normative: docs/format/cable.md.  The parser is strict: an unknown header, a second one of
 * the same kind, a word that is not understood is a fault, told with its line, with what is
 * wrong and with what to write instead.  Nothing is skipped and nothing repaired, but two
 * things: CRLF is read as LF, and a last line without LF gets one.
 *
 * Form      cable_write() is canonical: parse -> write -> parse gives the same cable, and
 *           write -> parse -> write the same bytes.
 * Storage   some 26 KiB and a copy of the bytes, on the heap; all spans point into that copy.
 * Errors    FAIL_FORMAT (a fault is described), FAIL_LIMIT (likewise), FAIL_NOMEM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "envelope/addressing.h"
#include "envelope/body.h"
#include "envelope/core.h"
#include "label/label.h"

enum {
	CABLE_LEN_MAX = 16 << 20, /* the whole, in bytes */
	CABLE_ATTACHMENTS_MAX = BODY_PARTS_MAX - 1,
	CABLE_PATH_MAX = 1024, /* bytes of one Attach */
	CABLE_WIDTH = 78,      /* columns after which a written list goes on below */
};

struct cable {
	/* DTG 0: a cable gets its date-time group when it is released. */
	struct addressing addressing;
	struct label *label;
	uint64_t expiry_s;  /* 0: none */
	bool is_controlled; /* ORCON: forwarding needs the originator's consent */
	struct rd subject;
	size_t attachment_count;
	struct rd attachments[CABLE_ATTACHMENTS_MAX]; /* paths, as written */
	struct rd text; /* empty, or lines that each end with LF */
	uint8_t ids[ADDRESSING_REFERENCES_MAX][CORE_DOCUMENT_ID_LEN];
	struct buf bytes; /* what the spans point into */
};

enum { CABLE_FAULT_VALUE_MAX = 80, CABLE_FAULT_TEXT_MAX = 512 };

/* Where the parser stopped.  The texts are constants. */
struct cable_fault {
	size_t line;	    /* from 1; 0: the cable as a whole */
	const char *header; /* "Prec", or NULL */
	const char *what;   /* "is no precedence" */
	const char *remedy; /* "write ROUTINE, PRIORITY, IMMEDIATE or FLASH" */
	char value[CABLE_FAULT_VALUE_MAX + 1]; /* the word that is wrong, or empty */
};

/* Nothing but empty fields and no label; for building one to write. */
MUST int cable_new(struct cable **ret_cable);
void cable_free(struct cable *cable);

/* ret_fault is filled when FAIL_FORMAT or FAIL_LIMIT is returned. */
MUST int cable_parse(const void *ptr, size_t len, struct cable **ret_cable,
	struct cable_fault *ret_fault);

/* "line 7: Prec: 'URGENT' is no precedence; write ROUTINE, ..." with a NUL. */
void cable_fault_text(
	const struct cable_fault *fault, char ret_text[CABLE_FAULT_TEXT_MAX]);

/* Headers and the empty line after them.  FAIL_FORMAT when a field has no place in the form. */
MUST int cable_write_head(const struct cable *cable, struct buf *out);

/* Headers, empty line and text. */
MUST int cable_write(const struct cable *cable, struct buf *out);

/* The file name at the end of an attachment's path. */
struct rd cable_base_name(struct rd path);

#endif
