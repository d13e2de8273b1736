/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_COURIER_H
#define VALISE_COURIER_H
/*
 * courier: envelopes between this machine and its station, a chunk at a time.
 *
 *   courier_upload()    post_document, then the chunks that the station says are missing
 *   courier_download()  post_document, then the chunks that our file does not hold yet
 *
 * A transfer that breaks is taken up where it was: the station keeps each chunk that it has
 * acknowledged, and a download's file says by its length which chunks it holds.  Memory is one
 * chunk, whatever the size.
 *
 * Attack answered: the station hands out another envelope, or alters one: a download is only
 * whole when header and trailer verify and the root over what was stored is that of the
 * trailer (envelope_file_open() by the caller, before any key is asked for).
 *
 * Errors  what ask() answers; FAIL_FORMAT an answer that makes no sense; those of the files.
 */
#include "base/buf.h"
#include "sys/progress.h"
#include "valise/envelope_file.h"
#include "wire/front.h"
#include "wire/post.h"

/* How a question reaches the station; valise/link.h in the program, a fake in tests. */
struct courier {
	int (*ask)(void *ctx, const char *path, const struct codec *codec,
		const void *message, struct buf *ret_answer);
	void *ctx;
};

enum { COURIER_ANSWER_MAX = FRONT_HTTP_MAX };

/* Ask, and parse the answer as one message of answer_codec, which points into ret_bytes. */
struct courier_question {
	const char *path;
	const struct codec *codec;
	const void *message;
	const struct codec *answer_codec;
};
MUST int courier_ask(const struct courier *courier,
	const struct courier_question *question, struct buf *ret_bytes, void *ret_answer);

/* path: "announce" by the author, "receive" for what came as a file (then with SEND). */
struct courier_upload {
	const char *path;
	const struct envelope_file *file;
	struct rd send;
	struct rd enrols; /* list of post_enrol, of the trailer's signers */
	struct progress *progress;
};
MUST int courier_upload(const struct courier *courier,
	const struct courier_upload *upload, uint64_t *ret_number);

/* What came with a document, besides the file that holds it. */
struct courier_document {
	struct buf bytes; /* what the spans point into */
	struct post_document document;
};
void courier_document_init(struct courier_document *d);
void courier_document_done(struct courier_document *d);

/* The document `which`, without its body unless that is inline. */
MUST int courier_document(const struct courier *courier, const struct post_which *which,
	struct courier_document *ret_document);

/*
 * Complete the file at path: header, body, trailer, from what it holds already.  A file that
 * begins with another header is begun anew.
 */
MUST int courier_download(const struct courier *courier,
	const struct courier_document *document, struct rd document_id, const char *path,
	struct progress *progress);

#endif
