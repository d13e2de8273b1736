/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CABLE_PARSER_H
#define CABLE_PARSER_H
/*
 * parser: the state of reading one cable, between its lines (parse.c) and the values of its
 * headers (value.c).  Used by this room only.
 */
#include "cable/cable.h"

/* In the order in which they are written. */
enum parser_header {
	PARSER_TO,
	PARSER_INFO,
	PARSER_EXEMPT,
	PARSER_PREC,
	PARSER_LABEL,
	PARSER_TITLE,
	PARSER_SUBJECT,
	PARSER_SIC,
	PARSER_REF,
	PARSER_REFERS_TO,
	PARSER_REPLY_BY,
	PARSER_EXPIRES,
	PARSER_CONTROL,
	PARSER_TYPE,
	PARSER_ATTACH,
};
enum { PARSER_HEADERS = PARSER_ATTACH + 1 };

/* "Reply-by" */
const char *parser_name(enum parser_header header);

/* The value of one header: its place, without spaces at its ends; lists may hold LF. */
struct parser_value {
	enum parser_header header;
	struct rd text;
	size_t line; /* where the text begins; 0: the header was not there */
};

struct parser {
	struct cable *cable;
	struct rd rest;
	size_t line; /* of rest */
	struct parser_value
		values[PARSER_HEADERS]; /* not of those that may be repeated */
	struct cable_fault *fault;
};

/* Describe a fault; returns r. */
MUST int parser_fault(struct parser *p, int r, struct cable_fault fault, struct rd value);

/* Spaces, tabs and LF off both ends. */
struct rd parser_trim(struct rd text);

/* Understand one value into the cable.  Addresses must come as To, Info, Exempt. */
MUST int parser_take(struct parser *p, const struct parser_value *value);

#endif
