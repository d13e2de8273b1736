/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INDEX_EXPORT_H
#define VALISE_INDEX_EXPORT_H
/*
 * index_export: `valise index export` makes a sparse set for an ally; `valise index confirm`
 * answers an ally's query.  Both give an exit status and have reported what went wrong.
 */
#include "valise/args.h"

/* --ally NAME --out FILE [--compartment NAME] [--sets N] */
int index_export(const struct args *args);

/* --out FILE [--originator NAME] [--releasability TEXT] QUERY */
int index_confirm(const struct args *args);

#endif
