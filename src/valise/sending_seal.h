/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_SENDING_SEAL_H
#define VALISE_SENDING_SEAL_H
/*
 * sending_seal: from the text of a cable to a sealed file in DIR/outbox.
 *
 * In this order: the text is read, its people are judged (valise/preflight.h), its attachments
 * are looked at, a number is taken, and only then a key is wrapped.  Fills source's sealed
 * path.  An exit status; failures are reported.
 */
#include "valise/drafts.h"
#include "valise/sending.h"

MUST int sending_seal(struct sending *sending);

#endif
