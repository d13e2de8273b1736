/* SPDX-License-Identifier: Apache-2.0 */
#include "store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../member/community.h"
#include "../member/people.h"
#include "crypto/crypto.h"
#include "wire/post_sign.h"

/* Signed requests. */

static void
request_begin(struct rig *rig, struct rig_request *q)
{
	memset(q, 0, sizeof *q);
	assert_int_equal(rng_fill(&rig->rng, q->nonce, sizeof q->nonce), 0);
	buf_init(&q->body, POST_BODY_MAX);
	q->message.version = 1;
	q->message.key_id = q->key_id;
	q->message.nonce = q->nonce;
	q->message.signature = q->signature;
	q->message.time_s = rig->now_ms / 1000;
	q->message.body = rd_of("", 0);
}

void
rig_request_by_officer(struct rig *rig, const char *member, const char *officer,
	enum subject_kind kind, struct rig_request *ret_request)
{
	struct buf credential;

	request_begin(rig, ret_request);
	ret_request->message.key_kind = POST_BY_CREDENTIAL;
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_credential(member, officer, kind, &credential);
	hash_sha256(credential.data, credential.len, ret_request->key_id);
	people_seed(member, officer, "sign", ret_request->seed);
	buf_done(&credential);
}

void
rig_request_by_enrol_key(
	struct rig *rig, const char *officer, struct rig_request *ret_request)
{
	uint8_t public_key[32];

	request_begin(rig, ret_request);
	ret_request->message.key_kind = POST_BY_ENROL_KEY;
	people_seed(rig->member, officer, "enrol", ret_request->seed);
	sign_public(ret_request->seed, public_key);
	hash_sha256(public_key, sizeof public_key, ret_request->key_id);
}

void
rig_request_sign(struct rig_request *request, const char *path)
{
	struct buf bytes;

	buf_init(&bytes, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(rd_of(path, strlen(path)), &request->message, &bytes);
	assert_int_equal(buf_error(&bytes), 0);
	sign_message(request->seed, bytes.data, bytes.len, request->signature);
	buf_done(&bytes);
}

struct rig_reply
rig_send(struct rig *rig, const char *path, const struct rig_request *request)
{
	return rig_open_ask(rig, path, &post_signed_codec, &request->message);
}

static struct rig_reply
sign_and_send(struct rig *rig, struct rig_request *q, const char *path,
	const struct codec *codec, const void *message)
{
	struct rig_reply reply;

	if (codec != NULL)
		codec_write(codec, message, &q->body);
	q->message.body = rig_bytes(&q->body);
	rig_request_sign(q, path);
	reply = rig_send(rig, path, q);
	buf_done(&q->body);
	return reply;
}

struct rig_reply
rig_officer(struct rig *rig, const char *officer, const char *path,
	const struct codec *codec, const void *message)
{
	struct rig_request q;

	rig_request_by_officer(rig, rig->member, officer, SUBJECT_OFFICER, &q);
	return sign_and_send(rig, &q, path, codec, message);
}

struct rig_reply
rig_enroller(struct rig *rig, const char *officer, const char *path,
	const struct codec *codec, const void *message)
{
	struct rig_request q;

	rig_request_by_enrol_key(rig, officer, &q);
	return sign_and_send(rig, &q, path, codec, message);
}

/* Steps. */

void
rig_founding(const char *member, struct buf *out)
{
	struct entry e;
	uint8_t seed[32];

	community_entry(member, &e);
	people_seed(member, "station", "sign", seed);
	assert_int_equal(entry_note_write(&e, seed, out), 0);
}

void
rig_found(struct rig *rig)
{
	struct post_note message;
	struct buf note;

	buf_init(&note, NOTE_BYTES_MAX);
	rig_founding(rig->member, &note);
	message.note = rig_bytes(&note);
	assert_int_equal(rig_admin(rig, "found", &post_note_codec, &message).status, 200);
	buf_done(&note);
}

struct roster *
rig_roster(void)
{
	static const char *const names[] = {"CY", "FR", "PT"};

	return community_roster(names, 3);
}

void
rig_join(struct rig *rig)
{
	static const char *const names[] = {"CY", "FR", "PT"};
	struct roster *roster = rig_roster();
	struct post_note message;
	struct buf note;

	buf_init(&note, NOTE_BYTES_MAX);
	community_sign(roster, names, 3, &note);
	message.note = rig_bytes(&note);
	assert_int_equal(rig_admin(rig, "join", &post_note_codec, &message).status, 200);
	buf_done(&note);
	roster_free(roster);
}

void
rig_enrol(struct rig *rig, const char *officer, enum subject_kind kind)
{
	struct post_request request;
	struct post_enrol enrol;
	struct buf bytes;

	buf_init(&bytes, 2 * ENROL_BYTES_MAX);
	people_request(rig->member, officer, kind, &bytes);
	request.request = rig_bytes(&bytes);
	assert_int_equal(
		rig_open_ask(rig, "enrol", &post_request_codec, &request).status, 200);
	buf_clear(&bytes);
	people_enrol(rig->member, officer, kind, &bytes);
	enrol.enrol = rig_bytes(&bytes);
	assert_int_equal(
		rig_open_ask(rig, "enrol-sign", &post_enrol_codec, &enrol).status, 200);
	buf_done(&bytes);
}

/* Officers on the desk "duty"; names ascending. */
void
rig_directory(const char *member, uint32_t number, const char *const *officers,
	size_t count, struct buf *out)
{
	struct directory *d = NULL;
	struct buf text, enrols[8];
	uint8_t seed[32];
	char name[64];

	assert_true(count <= 8);
	assert_int_equal(directory_new(1, count, count, &d), 0);
	d->member = address_of(member);
	d->number = number;
	d->custody_count = 1;
	d->custody[0].from_s = RIG_NOW_S - 10;
	d->custody[0].wiped_s = RIG_NOW_S + 604800;
	people_seed(member, "station", "custody", seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &d->custody[0].key), 0);
	if (count > 0) {
		d->desk_count = 1;
		d->desks[0].name = address_of("duty");
		d->desks[0].officer_count = count;
	}
	for (size_t i = 0; i < count; i++) {
		buf_init(&enrols[i], ENROL_BYTES_MAX);
		people_enrol(member, officers[i], SUBJECT_OFFICER, &enrols[i]);
		assert_int_equal(directory_credential_of(rig_bytes(&enrols[i]),
					 &d->credentials[d->credential_count++]),
			0);
		d->officers[d->officer_count++] = address_of(officers[i]);
	}
	buf_init(&text, DIRECTORY_TEXT_MAX);
	assert_int_equal(directory_write(d, &text), 0);
	people_seed(member, "station", "sign", seed);
	(void)snprintf(name, sizeof name, "%s/sign", member);
	assert_int_equal(note_text_write(text.data, text.len, out), 0);
	assert_int_equal(note_sign(text.data, text.len, name, seed, out), 0);
	directory_free(d);
	buf_done(&text);
	for (size_t i = 0; i < count; i++)
		buf_done(&enrols[i]);
}
