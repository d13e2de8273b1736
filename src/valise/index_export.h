/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INDEX_EXPORT_H
#define VALISE_INDEX_EXPORT_H
/*
 * index_export: `valise index export` makes a sparse set for an ally; `valise index confirm`
 * answers an ally's query.  Both give an exit status and have reported what went wrong.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/rd.h"
#include "valise/args.h"

/* --ally NAME --out FILE [--compartment NAME] [--sets N] */
int index_export(const struct args *args);

/* --out FILE [--originator NAME] [--releasability TEXT] QUERY, or as index_poll() */
int index_confirm(const struct args *args);

/* One query, in words "from CY" or a file's name; *ret_is_bad_query: it is the query's fault. */
MUST int index_confirm_bytes(const struct args *args, const char *object, struct rd query,
	struct buf *ret_answer, bool *ret_is_bad_query);

/*
 * --poll or --wait DURATION: on the index host, answer what allies have asked over their
 * stations.  A query that opens under no set is answered with nothing, so that it is not asked
 * for ever; one that cannot be answered now stays.
 */
int index_poll(const struct args *args);

#endif
