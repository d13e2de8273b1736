/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_UNPACK_WALK_H
#define VALISE_UNPACK_WALK_H
/*
 * walk: down into an input, container by container, on a stack of our own.
 *
 * Level    one input or member that is open: its bytes, what it was taken for, its path and
 *          the handler that reads it.  Level 0 is the input itself.
 * Handler  three functions.  next() either finds a member (filled into the level above and
 *          pushed) or says that there are no more.  Leaves tell their text in the first
 *          next() and have members only where they carved some out of it.
 * Budget   shared by all levels: members, bytes unpacked, ratio, depth, time.  When it is used
 *          up every open level ends with "limit", so that the answer names what is missing.
 * Failure  of one member costs that member; of a container, what was not yet listed of it,
 *          whose raw bytes are then swept where we can go back.
 *
 * Errors of walk_run() are those of the way out (emit); everything else is in the records.
 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "valise-unpack/emit.h"
#include "valise-unpack/magic.h"
#include "valise-unpack/source.h"

struct walk_limits {
	unsigned depth_max;
	unsigned depth_start; /* how deep the input itself already is */
	uint64_t members_max;
	uint64_t unpacked_max;
	unsigned ratio_max;
	uint64_t load_max;   /* of one member held in memory */
	uint64_t blob_max;   /* of one member handed to another helper */
	bool is_pdf, is_ocr; /* is there a helper for them? */
};

enum { WALK_RATIO_FROM = 64 << 20 }; /* small things may unfold as they like */

struct walk;
struct level;

struct handler {
	MUST int (*open)(struct walk *w, struct level *l);
	MUST int (*next)(struct walk *w, struct level *l, bool *ret_is_found);
	void (*close)(struct level *l); /* must bear a level that open() left half done */
};

struct level {
	const struct handler *handler; /* NULL: not looked at yet */
	void *state;		       /* the handler's */
	struct source source;
	struct buf data; /* the source's bytes, when the level holds them */
	struct magic magic;
	bool is_kind_given; /* magic.kind is known from outside (a part of a mail) */
	bool has_charset;
	enum charset charset;
	bool is_same_path; /* text of it belongs to the path of the level below */
	bool is_last;	   /* a sweep after a failure: no second one */
	bool is_opened;
	unsigned flags; /* UNPACK_TEXT_* for its text */
	uint32_t page;
	size_t path_len; /* of walk.path, up to and with its own name */
	size_t name_len; /* of its own name at the end of it */
};

struct walk {
	struct emit *emit;
	struct walk_limits limits;
	const volatile sig_atomic_t *is_time_up;
	uint64_t members, unpacked;
	bool is_spent;	  /* a budget is used up */
	bool is_changed;  /* the input, while it was read */
	const char *hint; /* the input's name */
	unsigned depth;	  /* levels open */
	struct buf path;  /* of the top level */
	struct level levels[UNPACK_DEPTH_MAX + 2];
};

void walk_limits_init(struct walk_limits *limits);

/* Examine the input; the source is closed in any case.  name is a hint only, may be "". */
MUST int walk_run(struct walk *w, struct source *input, const char *name);

/*
 * For handlers: the level to fill for a member found (its source still closed), cleared, with
 * the name spelt as a path; FAIL_LIMIT when members or depth are used up.
 */
MUST int walk_child(
	struct walk *w, const char *name, size_t name_len, struct level **ret_child);

/* A member that belongs to the container's own path (the body of a mail). */
MUST int walk_same(struct walk *w, struct level **ret_child);

/* Report a member that is not opened at all. */
MUST int walk_skip_child(struct walk *w, const char *name, size_t name_len,
	enum unpack_reason reason, const char *detail);

/* Count bytes that came out of a container: FAIL_LIMIT, FAIL_TIMEOUT. */
MUST int walk_charge(struct walk *w, uint64_t bytes);

/* 0, or why everything must come to its end. */
MUST int walk_check(const struct walk *w);

/* The path of a level. */
struct buf walk_path(const struct walk *w, const struct level *l);

/* Handlers, each in its file. */
extern const struct handler handler_text;    /* leaf.c: text, html, xml, rtf, raw */
extern const struct handler handler_blob;    /* leaf.c: pdf, images */
extern const struct handler handler_archive; /* archive.c: also office */
extern const struct handler handler_mail;    /* mail.c */
extern const struct handler handler_mbox;    /* mbox.c */

#endif
