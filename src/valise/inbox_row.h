/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INBOX_ROW_H
#define VALISE_INBOX_ROW_H
/*
 * inbox_row: one row of the register, for people and for programs.
 *
 *      N  From                  DTG             P  Label             Title         Due
 *     12  PT/ana.silva          221030Z NOV 26  Z  SECRET            Port visit    3 h left
 *
 * Titles and references come from other members: they are lines of text (addressing.h), and
 * are cut to their column.
 */
#include <jansson.h>

#include "valise/session.h"

void inbox_row_head(bool is_sent);
void inbox_row_print(
	const struct post_row *row, bool is_sent, uint64_t now_s, bool has_colour);

/* One line; with is_sent also addressees and kept_by, asked of the station. */
MUST int inbox_row_json(
	struct session *session, const struct post_row *row, bool is_sent);

#endif
