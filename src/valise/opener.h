/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPENER_H
#define VALISE_OPENER_H
/*
 * opener: one envelope opened into files, or its text into memory.
 *
 * opener_run() reads the envelope once and writes its parts into files that have no name yet.
 * When it answers 0 everything has been verified: every tag, the root, the signature and who
 * signed; the caller then commits the files.  On any failure the caller drops them.
 *
 * A reader without a fitting key, or whose slot does not open, goes on without a key to the
 * end: if the file turns out to be altered that is what is reported, not "not for you".
 *
 * An envelope of a community comes with its body key (valise/asking.h), and who signed it has
 * been judged by the caller, who has the roster; signature and root are verified here too.
 *
 * Errors  FAIL_USAGE (is_cable, and it holds no cable that can be written), FAIL_NO_KEY, FAIL_REFUSED (not a solo envelope), FAIL_SIGNER, FAIL_UNSUPPORTED (it
 *         has variant passages), those of valise/reader.h and of the files.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "sys/infile.h"
#include "sys/outfile.h"
#include "sys/progress.h"
#include "valise/keys.h"
#include "valise/reader.h"

struct opener {
	struct keys *keys;
	const uint8_t
		*body_key; /* of an envelope of a community; NULL: solo, by the keys */
	struct infile *in;
	struct outfile *out;	      /* the first part, or NULL */
	struct buf *text;	      /* the first part when out is NULL; NULL drops it */
	struct buf *head;	      /* gets the head of the body; may be NULL */
	struct outbatch *attachments; /* the others; NULL leaves them out */
	size_t only;		   /* of the attachments this one alone, from 1; 0: all */
	bool is_cable;		   /* before the text its headers (cable/cable.h) */
	const char *signer_words;  /* of a key that is accepted besides ours, or NULL */
	struct progress *progress; /* may be NULL */
	size_t thread_count;
};

struct opened {
	uint64_t size;	    /* bytes of all parts */
	size_t part_count;  /* attachments and the first part */
	uint8_t signer[32]; /* the bare key that signed; set when the signature held */
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	char where[48]; /* where it failed */
};

/* ret_opened is filled as far as it came, also on failure. */
MUST int opener_run(const struct opener *opener, struct opened *ret_opened);

#endif
