/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CABLEFILE_H
#define VALISE_CABLEFILE_H
/*
 * cablefile: a cable in a file, and the files that it attaches.
 *
 * Faults are told with the file, the line and the remedy (docs/format/cable.md, section 4).
 * Paths of attachments count from the directory of the cable; of a cable on the standard input
 * from the current one.
 */
#include <stdint.h>

#include "base/fail.h"
#include "cable/cable.h"
#include "sys/disk.h"

/*
 * Read and parse; "-" is the standard input.  Distribution lists (cable/lists.h) are files
 * HOME/lists/NAME; home NULL: @NAME is a fault.  An exit status; failures are reported.
 * ret_fault may be NULL; its `what` is empty unless the cable has a fault.
 */
MUST int cablefile_read(const char *verb, const char *home, const char *path,
	struct cable **ret_cable, struct cable_fault *ret_fault);

/* Read without parsing, at most CABLE_LEN_MAX bytes: FAIL_LIMIT above. */
MUST int cablefile_bytes(const char *path, struct buf *ret_bytes);

/* Print a fault as an error of the verb; the exit status. */
MUST int cablefile_report(
	const char *verb, const char *path, const struct cable_fault *fault);

/* FAIL_LIMIT when it is too long for a path. */
MUST int cablefile_attachment_path(
	const char *path, struct rd attachment, char ret_path[DISK_PATH_MAX]);

/* What is known of an attachment before it is sealed. */
struct cablefile_attachment {
	uint64_t size;
	bool is_envelope;
	bool is_above; /* an envelope whose label the cable's does not cover */
	char marking[LABEL_TEXT_MAX + 1]; /* of an envelope with a known label */
};

/* FAIL_FORMAT: begins as an envelope and is none; FAIL_USAGE: no regular file; those of sys. */
MUST int cablefile_look(const char *path, const struct label *label,
	struct cablefile_attachment *ret_attachment);

#endif
