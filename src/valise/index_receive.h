/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INDEX_RECEIVE_H
#define VALISE_INDEX_RECEIVE_H
/*
 * index_receive: `valise index receive --index DIR`, on the index host: what senders sealed to
 * it comes from the station into the index.
 *
 *   list -> pieces -> opened with the host's reader key -> DIR/received -> index -> done
 *
 * The index is durable before the station hears "done", so that a run that is killed anywhere
 * loses nothing; and a set that comes again finds its document unchanged.  A document's text is
 * registered under its reference (PT/2026/0001), an attachment under "REFERENCE#NAME".  A
 * reference that another document has already, or none, gives way to the document id.
 *
 * Documents that were destroyed leave the index; one that was only recalled stays, for what
 * leaked is what is looked for.
 *
 * Exit 3 when a set was refused (altered, not for this host): it is named, stays at the
 * station, and the others are taken.
 */
#include "valise/args.h"

MUST int index_receive(const struct args *args);

#endif
