/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INPUTS_H
#define VALISE_INPUTS_H
/*
 * inputs: what goes into the body of one envelope: a file or the text of a cable, and files
 * that are attached.
 *
 * The text of a cable comes from memory; every other part has an open file.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "cable/cable.h"
#include "envelope/body.h"
#include "sys/infile.h"
#include "valise/args.h"

struct inputs {
	size_t count;
	struct infile *files[BODY_PARTS_MAX]; /* of the parts that are files, in order */
	struct body_head *head;
	struct rd text;	  /* of a cable: the first part; points into it */
	uint64_t total;	  /* bytes, as far as they are known */
	const char *verb; /* in whose name failures are reported */
};

/* A file, with --attach and --subject.  An exit status; a failure has been reported. */
MUST int inputs_init(struct inputs *inputs, const char *path, const struct args *args);

/*
 * A cable that was read from path, with what it attaches.  An attachment that is itself an
 * envelope with a label which the cable's does not cover is refused.
 */
MUST int inputs_init_cable(struct inputs *inputs, const char *verb, const char *path,
	const struct cable *cable);

/* Also after a failure. */
void inputs_done(struct inputs *inputs);

#endif
