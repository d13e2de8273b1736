/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_UNPACK_H
#define WIRE_UNPACK_H
/*
 * unpack: what the unpacker says to whoever scans (docs/format/unpack.md).
 *
 * One locked-in process reads one hostile input and writes records to a pipe.  It may be taken
 * over by that input, so the reading side believes nothing: every length, order, path and
 * character is checked here, and a stream that breaks a rule is FAIL_FORMAT for good.  What a
 * lying unpacker can still do is to hide or to invent text of its own input.
 *
 *   record   type u8 | length u24 | body           integers big-endian, as base/rd.h
 *
 *   type  name     body
 *   1     hello    version u16                                       first, once
 *   2     member   kind u8 | path vec16                              begins a stretch of text
 *   3     text     flags u8 | page u32 | offset u64 | span u32 | UTF-8 to the end
 *   4     end      reason u8 | bytes u64                             ends the stretch
 *   5     skip     reason u8 | path vec16 | detail vec8              not (wholly) examined
 *   6     blob     helper u8 | kind u8 | depth u8 | page u32 | path vec16    for another helper
 *   7     data     bytes                                             of the blob
 *   8     blobend  bytes u64
 *   9     total    members u64 | skipped u64 | text u64 | bytes u64  last, once
 *
 *   hello (member text* end | skip | blob data* blobend)* total
 *
 * Paths    relative to the input, which is the empty path; `!` stands between a container and
 *          its member.  UTF-8 fit for one line.  In a member's own name the writer spells `!`
 *          and every byte that is not so as %XX (see unpack_name_put()).
 * Members  are flat: one is closed before the next opens.  The same path may open again, each
 *          time with a stretch of its own (the messages of an mbox); report by path.
 * Text     chunks of one member continue each other, also within a word, unless
 *          UNPACK_TEXT_BREAK is set.  `offset` and `span` say which bytes of the member the
 *          chunk comes from: position i of n in the chunk is about offset + i * span / n, and
 *          exactly offset + i where span == n.  UNPACK_OFFSET_NONE: unknown.  `page` counts
 *          from 1 (page, slide, sheet, message of an mbox); 0: none.
 * Blobs    the locked-in process cannot start another one.  What it cannot read itself (PDF,
 *          pictures) it hands out; the reading side runs that helper on the bytes, with the
 *          blob's path as the helper's empty path and the depth as its starting depth.  A blob
 *          of the empty path without data is the input itself: no need to copy it.
 *
 * Errors   FAIL_TRUNCATED  the record is not complete yet: bring more bytes
 *          FAIL_FORMAT     the stream breaks a rule
 *          FAIL_VERSION    another version of this conversation
 *          FAIL_LIMIT      more records or text than struct unpack_limits permits
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"

enum {
	UNPACK_VERSION = 1,
	UNPACK_HEAD_LEN = 4,	/* type and length */
	UNPACK_PATH_MAX = 4096, /* bytes of a whole path */
	UNPACK_NAME_MAX = 1024, /* bytes of one member's name after spelling */
	UNPACK_DETAIL_MAX = 200,
	UNPACK_TEXT_HEAD_LEN = 17,   /* flags, page, offset, span */
	UNPACK_TEXT_MAX = 64 * 1024, /* bytes of UTF-8 in one chunk, at least 1 */
	UNPACK_DATA_MAX = 256 * 1024,
	UNPACK_BODY_MAX = UNPACK_DATA_MAX, /* of any record */
	UNPACK_DEPTH_MAX = 64, /* nested containers, over all helpers of one input */
};

#define UNPACK_OFFSET_NONE UINT64_MAX

enum unpack_type {
	UNPACK_HELLO = 1,
	UNPACK_MEMBER = 2,
	UNPACK_TEXT = 3,
	UNPACK_END = 4,
	UNPACK_SKIP = 5,
	UNPACK_BLOB = 6,
	UNPACK_DATA = 7,
	UNPACK_BLOB_END = 8,
	UNPACK_TOTAL = 9,
};

/* Why something was not, or not wholly, examined.  The words are those of the scan's JSON. */
enum unpack_reason {
	UNPACK_COMPLETE = 0,  /* nothing was left out (end only) */
	UNPACK_ENCRYPTED = 1, /* "encrypted" */
	UNPACK_LIMIT = 2,     /* "limit": size, ratio, depth, count, time or memory */
	UNPACK_DAMAGED = 3, /* "damaged": malformed, cut short, or it broke its reader */
	UNPACK_UNSUPPORTED = 4, /* "unsupported": known, but not read by this build */
	UNPACK_NO_OCR = 5,  /* "no-ocr": a picture, and no character recognition here */
	UNPACK_CHANGED = 6, /* "changed": the file changed while it was read */
	UNPACK_UNREADABLE = 7, /* "unreadable": the system would not let us read it */
	UNPACK_REASON_MAX = 7,
};

/* What a member was taken for, by its content. */
enum unpack_kind {
	UNPACK_KIND_RAW = 0, /* nothing we know: swept for runs of text */
	UNPACK_KIND_TEXT = 1,
	UNPACK_KIND_HTML = 2,
	UNPACK_KIND_RTF = 3,
	UNPACK_KIND_XML = 4,
	UNPACK_KIND_OFFICE = 5, /* docx, xlsx, pptx, odt, ods, odp */
	UNPACK_KIND_MAIL = 6,	/* one message */
	UNPACK_KIND_MBOX = 7,
	UNPACK_KIND_ARCHIVE = 8, /* zip, tar, 7z, rar, iso, cpio and compressed files */
	UNPACK_KIND_PDF = 9,
	UNPACK_KIND_IMAGE = 10,
	UNPACK_KIND_MAX = 10,
};

/* Which helper a blob is for. */
enum unpack_helper {
	UNPACK_HELPER_ANY = 1, /* valise-unpack: found inside what another helper reads */
	UNPACK_HELPER_PDF = 2,
	UNPACK_HELPER_OCR = 3,
	UNPACK_HELPER_MAX = 3,
};

enum unpack_text_flag {
	UNPACK_TEXT_BREAK = 1,	/* does not continue the chunk before it */
	UNPACK_TEXT_OCR = 2,	/* read by character recognition: use the OCR view too */
	UNPACK_TEXT_HIDDEN = 4, /* a reader of the document would not see it */
	UNPACK_TEXT_META = 8,	/* properties, subject lines, file comments */
	UNPACK_TEXT_DECODED = 16, /* out of base64, quoted-printable or escapes in text */
	UNPACK_TEXT_FLAGS = 31,
};

struct unpack_member {
	enum unpack_kind kind;
	const char *path; /* not NUL-terminated */
	size_t path_len;
};

struct unpack_text {
	unsigned flags;
	uint32_t page;
	uint64_t offset;
	uint32_t span;
	const char *ptr; /* valid UTF-8 without NUL */
	size_t len;
};

struct unpack_end {
	enum unpack_reason reason;
	uint64_t bytes; /* of the member, examined */
};

struct unpack_skip {
	enum unpack_reason reason;
	const char *path;
	size_t path_len;
	const char *detail; /* for people; may be empty */
	size_t detail_len;
};

struct unpack_blob {
	enum unpack_helper helper;
	enum unpack_kind kind;
	unsigned depth;
	uint32_t page; /* of the member that holds it; 0: none */
	const char *path;
	size_t path_len;
};

struct unpack_total {
	uint64_t members;
	uint64_t skipped; /* skip records, and ends with a reason */
	uint64_t text;	  /* bytes of UTF-8 given */
	uint64_t bytes;	  /* read from the input and unpacked from containers */
};

struct unpack_record {
	enum unpack_type type;
	union {
		struct unpack_member member;
		struct unpack_text text;
		struct unpack_end end;
		struct unpack_skip skip;
		struct unpack_blob blob;
		struct rd data;
		uint64_t blob_len;
		struct unpack_total total;
	};
};

/* What the reading side accepts from one process, whatever that process believes. */
struct unpack_limits {
	uint64_t records_max;
	uint64_t text_max; /* bytes */
	uint64_t blob_max; /* bytes of one blob */
};

/* The reading side's state.  Plain memory; nothing to free. */
struct unpack_parser {
	struct unpack_limits limits;
	unsigned state;
	int error; /* sticks */
	uint64_t records, members, skipped, text, blob;
};

void unpack_parser_init(struct unpack_parser *p, const struct unpack_limits *limits);

/*
 * Take the next record off `in`.  On FAIL_TRUNCATED `in` has not moved; the record needs
 * unpack_need() bytes in all.  ret_record points into in's bytes.
 */
MUST int unpack_next(
	struct unpack_parser *p, struct rd *in, struct unpack_record *ret_record);

/* How many bytes the record at the start of `in` takes (UNPACK_HEAD_LEN while unknown). */
size_t unpack_need(const struct rd *in);

/* At the end of the stream: 0 when the total came last and agrees with what was seen. */
MUST int unpack_finish(const struct unpack_parser *p);

/* Writers append one record.  Errors stick in the buffer. */
void unpack_put_hello(struct buf *out);
void unpack_put_member(struct buf *out, const struct unpack_member *member);
void unpack_put_text(struct buf *out, const struct unpack_text *text);
void unpack_put_end(struct buf *out, const struct unpack_end *end);
void unpack_put_skip(struct buf *out, const struct unpack_skip *skip);
void unpack_put_blob(struct buf *out, const struct unpack_blob *blob);
void unpack_put_data(struct buf *out, const void *ptr, size_t len);
void unpack_put_blob_end(struct buf *out, uint64_t bytes);
void unpack_put_total(struct buf *out, const struct unpack_total *total);

/*
 * Append a member's own name, from whatever bytes the container holds, in the spelling of
 * paths: `!`, control characters and bytes that are no UTF-8 become %XX, a `%` before two hex
 * digits becomes %25.  "../x" and "/etc/x" stay as they are: they are names, never opened.
 * Cut at UNPACK_NAME_MAX.  An empty name becomes "%".
 */
void unpack_name_put(struct buf *out, const void *ptr, size_t len);

/* "encrypted", "limit" ...; "complete" for UNPACK_COMPLETE.  Never NULL. */
const char *unpack_reason_text(enum unpack_reason reason);

/* "text", "html", "archive" ...  Never NULL. */
const char *unpack_kind_text(enum unpack_kind kind);

#endif
