/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "member/enrol.h"
#include "member/request.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "valise/link_impl.h"
#include "wire/front.h"

/*
 * Which key signs what goes to the station.  An officer whose enrolment was completed since the
 * last request finds it out here, by asking: DIR/enrol appears, and the request goes on.
 */

enum { NONCE_LEN = 16 };

/* DIR/enrol, if it is one that has not ended; FAIL_ABSENT. */
static int
load_credential(struct link *l)
{
	struct credential credential;
	char path[DISK_PATH_MAX];
	struct enrol enrol;
	struct buf file;
	int r;

	buf_init(&file, ENROL_BYTES_MAX);
	if ((r = link_file_path(l->dir, "enrol", path)) == 0 &&
		(r = disk_read_small(path, ENROL_BYTES_MAX, &file)) == 0 &&
		(r = enrol_parse(file.data, file.len, &enrol)) == 0 &&
		(r = credential_parse(
			 enrol.credential.ptr, enrol.credential.len, &credential)) == 0) {
		hash_sha256(enrol.credential.ptr, enrol.credential.len, l->credential_id);
		l->has_id = clock_now_s() < credential.until_s;
		r = l->has_id ? 0 : FAIL_ABSENT;
	}
	buf_done(&file);
	return r;
}

/* Ours, signed by two: then it is kept. */
static int
keep_enrol(struct link *l, const struct buf *answer)
{
	struct credential credential;
	struct post_enrol message;
	char path[DISK_PATH_MAX];
	struct enrol enrol;
	int r;

	if ((r = codec_parse_whole(&post_enrol_codec, rd_of(answer->data, answer->len),
		     &message)) != 0 ||
		(r = enrol_parse(message.enrol.ptr, message.enrol.len, &enrol)) != 0 ||
		(r = credential_parse(
			 enrol.credential.ptr, enrol.credential.len, &credential)) != 0)
		return r;
	/* Somebody else's would make every request of ours one in another name. */
	if (enrol.signature_count != ENROL_SIGNERS ||
		!subject_equal(&credential.subject, keys_subject(l->keys)))
		return FAIL_MISMATCH;
	if ((r = link_file_path(l->dir, "enrol", path)) != 0)
		return r;
	return disk_write_small(path, message.enrol.ptr, message.enrol.len, true);
}

static int
ask_enrolled(struct link *l, struct rd request)
{
	struct post_request question = {.request = request};
	struct buf body, answer;
	int r;

	buf_init(&body, FRONT_HTTP_MAX);
	buf_init(&answer, FRONT_HTTP_MAX);
	codec_write(&post_request_codec, &question, &body);
	if ((r = buf_error(&body)) == 0 &&
		(r = link_exchange(l, "enrolled", rd_of(body.data, body.len), &answer)) ==
			0 &&
		(r = keep_enrol(l, &answer)) != 0)
		r = link_because(l, r, "Do not go on; ask your registrar.",
			"the station gave an enrolment that is not ours: %s",
			fail_text(r));
	buf_done(&body);
	buf_done(&answer);
	return r;
}

int
link_enrol(struct link *l)
{
	char path[DISK_PATH_MAX];
	struct buf request;
	int r;

	if (l->has_id || (r = load_credential(l)) == 0)
		return 0;
	if (r != FAIL_ABSENT)
		return r;
	if (l->has_asked)
		return link_because(l, FAIL_AGAIN,
			"Two enrolment officers sign it: `valise officer sign NAME`.",
			"your enrolment waits for its signatures");
	l->has_asked = true;
	link_clear(l);
	buf_init(&request, REQUEST_BYTES_MAX);
	if ((r = link_file_path(l->dir, "request", path)) != 0 ||
		(r = disk_read_small(path, REQUEST_BYTES_MAX, &request)) != 0)
		r = link_because(l, r,
			"Enrol first: `valise enrol MEMBER URL --as NAME`.",
			"this device has not asked to be enrolled");
	else if ((r = ask_enrolled(l, rd_of(request.data, request.len))) == 0 &&
		(r = load_credential(l)) != 0)
		r = link_because(l, r == FAIL_ABSENT ? FAIL_SIGNER : r,
			"Ask again with `valise enrol` in a new directory.",
			"your enrolment has ended");
	buf_done(&request);
	return r;
}

/* Which key speaks on this path, and its id. */
static int
choose_key(
	struct link *l, const char *path, struct post_signed *s, uint8_t ret_id[HASH_LEN])
{
	const struct subject *subject = keys_subject(l->keys);
	bool wants_enrol_key = strcmp(path, "pending") == 0;
	int r = 0;

	s->key_id = ret_id;
	if (!wants_enrol_key && (r = link_enrol(l)) == 0) {
		s->key_kind = POST_BY_CREDENTIAL;
		memcpy(ret_id, l->credential_id, HASH_LEN);
		return 0;
	}
	s->key_kind = POST_BY_ENROL_KEY;
	if (subject_has_enrol(subject)) {
		hash_sha256(subject->enrol, sizeof subject->enrol, ret_id);
		return 0;
	}
	if (wants_enrol_key)
		return link_because(l, FAIL_REFUSED,
			"Registrars and security officers do that.",
			"you are no enrolment officer");
	/* Why, the question for the enrolment has said. */
	return r;
}

int
link_wrap(struct link *l, const char *path, struct rd body, struct buf *out)
{
	uint8_t id[HASH_LEN], nonce[NONCE_LEN], signature[SIGN_LEN];
	struct post_signed s = {.version = 1,
		.time_s = clock_now_s(),
		.nonce = nonce,
		.body = body,
		.signature = signature};
	int r;

	if ((r = choose_key(l, path, &s, id)) != 0 ||
		(r = rng_fill(random_system(), nonce, sizeof nonce)) != 0)
		return r;
	if ((r = keys_sign_client(l->keys, path, &s, signature)) != 0)
		return link_because(l, r == FAIL_CLOSED ? FAIL_LOCKED : r,
			r == FAIL_MISMATCH ? "These are solo keys; a member's officer "
					     "has others."
					   : "`valise unlock` and try again.",
			"the request could not be signed: %s", fail_text(r));
	codec_write(&post_signed_codec, &s, out);
	return buf_error(out);
}
