/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_impl.h"

#include <string.h>

#include "base/mem.h"
#include "cable/receipt.h"
#include "crypto/crypto.h"
#include "custody/recall.h"
#include "member/directory.h"

/*
 * What the `sign` key says, and about what.  A directory is signed in ascending numbers only,
 * and the number is on the disk before the signature leaves: a store that was set back cannot
 * have two directories of one number made.
 */

/* plain of the file "directory": number:u32 text_hash[32] custody_hash[32] */
enum { DIRECTORY_PLAIN_LEN = 4 + 2 * HASH_LEN };
enum { DIRECTORY_FILE_MAX = DIRECTORY_PLAIN_LEN + VAULT_HEAD_LEN + VAULT_BOX_OVERHEAD };

static const char directory_name[] = "directory";

struct signed_last {
	uint32_t number; /* 0: none so far */
	uint8_t text_hash[HASH_LEN];
	uint8_t custody_hash[HASH_LEN];
};

static int
read_last(struct vault *v, struct signed_last *ret_last)
{
	struct signed_last last = {0};
	struct buf plain;
	struct rd in;
	int r;

	buf_init(&plain, 2 * DIRECTORY_FILE_MAX);
	if ((r = state_get(v->state, directory_name, DIRECTORY_FILE_MAX, &plain)) == 0) {
		in = rd_of(plain.data, plain.len);
		if ((r = rd_u32(&in, &last.number)) == 0 &&
			(r = rd_copy(&in, HASH_LEN, last.text_hash)) == 0 &&
			(r = rd_copy(&in, HASH_LEN, last.custody_hash)) == 0)
			r = rd_end(&in);
	}
	buf_done(&plain);
	if (r == 0 || r == FAIL_ABSENT)
		*ret_last = last;
	return r == FAIL_ABSENT ? 0 : r;
}

static int
write_last(struct vault *v, const struct signed_last *last)
{
	uint8_t bytes[DIRECTORY_PLAIN_LEN];
	struct buf plain = {.data = bytes, .cap = sizeof bytes, .max = sizeof bytes};

	buf_u32(&plain, last->number);
	buf_bytes(&plain, last->text_hash, HASH_LEN);
	buf_bytes(&plain, last->custody_hash, HASH_LEN);
	CHECK(plain.error == 0);
	return state_put(v->state, directory_name, rd_of(bytes, plain.len));
}

/* The lines of a directory that show our weekly keys, and their hash. */
static int
custody_text(struct vault *v, struct buf *ret_text, uint8_t ret_hash[HASH_LEN])
{
	int r;

	if ((r = weekly_text(
		     state_weekly(v->state), vault_suite(v), v->now_s, ret_text)) != 0)
		return r;
	hash_sha256(ret_text->data, ret_text->len, ret_hash);
	return 0;
}

/* ROSTER, FOUND */

int
vault_handle_roster(struct vault *v, struct rd body, struct buf *answer)
{
	struct vault_roster in;
	int r;

	(void)answer;
	if ((r = codec_parse_whole(&vault_roster_codec, body, &in)) != 0)
		return r;
	if ((r = pins_roster(&v->pins, v->state, v->plan.station, in.note, v->now_s)) !=
		0)
		return vault_because(v, r, "this roster is not taken: %s", fail_text(r));
	/* It may ask for another suite: new weekly keys. */
	v->turn_at_s = 0;
	return 0;
}

int
vault_handle_found(struct vault *v, struct rd body, struct buf *answer)
{
	struct vault_note in;
	int r;

	(void)answer;
	if ((r = codec_parse_whole(&vault_note_codec, body, &in)) != 0)
		return r;
	if ((r = pins_found(&v->pins, v->state, v->plan.station, in.note)) != 0)
		return vault_because(
			v, r, "this founding file is not taken: %s", fail_text(r));
	return 0;
}

/* TICK */

static void
put_key(const struct weekly_key *shown, struct buf *out)
{
	struct vault_key key = {.suite = shown->key.suite,
		.from_s = shown->from_s,
		.wiped_s = shown->wiped_s,
		.key = rd_of(shown->key.bytes, shown->key.len)};

	codec_write(&vault_key_codec, &key, out);
}

static int
write_keys(struct vault *v, const struct buf *text, bool is_changed, struct buf *answer)
{
	uint64_t monday_s = weekly_monday(v->now_s);
	struct vault_keys out = {
		.is_changed = is_changed, .text = rd_of(text->data, text->len)};
	struct buf keys;
	int r;

	buf_init(&keys, 8192);
	/* custody_text() has found both. */
	for (uint64_t week = 0; week < 2; week++)
		put_key(weekly_shown(state_weekly(v->state), vault_suite(v),
				monday_s + week * VAULT_WEEK_S),
			&keys);
	out.keys = rd_of(keys.data, keys.len);
	if ((r = buf_error(&keys)) == 0)
		codec_write(&vault_keys_codec, &out, answer);
	buf_done(&keys);
	return r;
}

int
vault_handle_tick(struct vault *v, struct rd body, struct buf *answer)
{
	struct signed_last last;
	uint8_t hash[HASH_LEN];
	struct buf text;
	int r;

	(void)body;
	buf_init(&text, 8192);
	if (v->turn_fail != 0) {
		r = vault_because(v, v->turn_fail, "keys cannot be turned: %s",
			fail_text(v->turn_fail));
		goto out;
	}
	if ((r = custody_text(v, &text, hash)) != 0 || (r = read_last(v, &last)) != 0)
		goto out;
	r = write_keys(v, &text,
		last.number == 0 || memcmp(last.custody_hash, hash, HASH_LEN) != 0,
		answer);
out:
	buf_done(&text);
	return r;
}

/* SIGN_DIRECTORY */

/* The custody lines as our keys give them: no directory shows a key that is not ours. */
static int
check_custody(struct vault *v, const struct directory *d)
{
	uint64_t monday_s = weekly_monday(v->now_s);

	if (d->custody_count != DIRECTORY_CUSTODY_MAX)
		return vault_because(v, FAIL_MISMATCH, "two custody keys are asked");
	for (size_t i = 0; i < d->custody_count; i++) {
		const struct directory_custody *c = &d->custody[i];
		const struct weekly_key *key = weekly_shown(state_weekly(v->state),
			vault_suite(v), monday_s + (uint64_t)i * VAULT_WEEK_S);

		if (key == NULL || c->from_s != key->from_s ||
			c->wiped_s != key->wiped_s || c->key.suite != key->key.suite ||
			c->key.len != key->key.len ||
			memcmp(c->key.bytes, key->key.bytes, c->key.len) != 0)
			return vault_because(
				v, FAIL_MISMATCH, "other custody keys than ours");
	}
	return 0;
}

static int
check_directory(struct vault *v, const struct directory *d, const uint8_t *text_hash,
	const struct signed_last *last)
{
	const struct entry *own = pins_own(&v->pins, v->member);
	int r;

	if (own == NULL)
		return vault_because(
			v, FAIL_AGAIN, "neither founding file nor roster yet");
	if (address_compare(d->member, v->member) != 0)
		return vault_because(v, FAIL_REFUSED, "a directory of another member");
	if (d->number < last->number ||
		(d->number == last->number &&
			memcmp(text_hash, last->text_hash, HASH_LEN) != 0))
		return vault_because(v, FAIL_REFUSED,
			"directory %u was signed already: the next number is asked",
			(unsigned)last->number);
	if ((r = check_custody(v, d)) != 0)
		return r;
	for (size_t i = 0; i < d->credential_count; i++)
		if ((r = directory_verify_credential(d, i, own)) != 0)
			return vault_because(v, r,
				"credential %zu is not signed by two enrolment officers",
				i + 1);
	return 0;
}

static int
sign_directory(struct vault *v, struct rd text, struct buf *answer)
{
	char signer[ADDRESS_MEMBER_MAX + sizeof "/sign"];
	struct vault_note out;
	struct buf note;
	int r;

	memcpy(signer, v->member.ptr, v->member.len);
	memcpy(signer + v->member.len, "/sign", sizeof "/sign");
	buf_init(&note, NOTE_BYTES_MAX);
	if ((r = note_text_write(text.ptr, text.len, &note)) == 0 &&
		(r = note_sign(text.ptr, text.len, signer, vault_seed(v, STATION_SIGN),
			 &note)) == 0) {
		out.note = rd_of(note.data, note.len);
		codec_write(&vault_note_codec, &out, answer);
	}
	buf_done(&note);
	return r;
}

int
vault_handle_sign_directory(struct vault *v, struct rd body, struct buf *answer)
{
	struct signed_last last, next;
	struct directory *d = NULL;
	struct vault_note in;
	struct buf text;
	int r;

	buf_init(&text, 8192);
	if ((r = codec_parse_whole(&vault_note_codec, body, &in)) != 0 ||
		(r = directory_parse(in.note, &d)) != 0 || (r = read_last(v, &last)) != 0)
		goto out;
	next.number = d->number;
	hash_sha256(in.note.ptr, in.note.len, next.text_hash);
	if ((r = check_directory(v, d, next.text_hash, &last)) != 0 ||
		(r = custody_text(v, &text, next.custody_hash)) != 0)
		goto out;
	if (next.number > last.number && (r = write_last(v, &next)) != 0)
		goto out;
	r = sign_directory(v, in.note, answer);
out:
	directory_free(d);
	buf_done(&text);
	return r;
}

/* SIGN_RECEIPT, SIGN_RECALL */

static int
write_object(const struct buf *bytes, struct buf *answer)
{
	struct vault_object out = {.object = rd_of(bytes->data, bytes->len)};

	if (buf_error(bytes) != 0)
		return buf_error(bytes);
	codec_write(&vault_object_codec, &out, answer);
	return 0;
}

int
vault_handle_sign_receipt(struct vault *v, struct rd body, struct buf *answer)
{
	struct vault_object in;
	struct receipt receipt;
	struct buf bytes;
	int r;

	if ((r = codec_parse_whole(&vault_object_codec, body, &in)) != 0 ||
		(r = receipt_parse(in.object, &receipt)) != 0)
		return r;
	if (address_compare(receipt.member, v->member) != 0)
		return vault_because(
			v, FAIL_REFUSED, "a receipt in another member's name");
	if ((r = receipt_sign(&receipt, vault_seed(v, STATION_SIGN))) != 0)
		return r;
	buf_init(&bytes, RECEIPT_LEN_MAX);
	if ((r = receipt_write(&receipt, &bytes)) == 0)
		r = write_object(&bytes, answer);
	buf_done(&bytes);
	return r;
}

/* Ours is what we keep V of; what was destroyed cannot be recalled any more, nor needs to be. */
static int
check_recall(struct vault *v, const struct recall *recall)
{
	struct vault_document document = {0};
	int r;

	r = documents_find(state_documents(v->state), recall->document_id, &document);
	if (r == 0 &&
		(document.kind != VAULT_OWN ||
			memcmp(document.envelope_hash, recall->envelope_hash, HASH_LEN) !=
				0))
		r = FAIL_MISMATCH;
	mem_wipe(&document, sizeof document);
	return r == 0 ? 0 : vault_because(v, r, "not a document that we keep the key of");
}

int
vault_handle_sign_recall(struct vault *v, struct rd body, struct buf *answer)
{
	struct vault_object in;
	struct recall recall;
	struct buf bytes;
	int r;

	if ((r = codec_parse_whole(&vault_object_codec, body, &in)) != 0 ||
		(r = recall_parse(in.object, &recall)) != 0 ||
		(r = check_recall(v, &recall)) != 0 ||
		(r = recall_sign(&recall, vault_seed(v, STATION_SIGN))) != 0)
		return r;
	buf_init(&bytes, RECALL_LEN_MAX);
	if ((r = recall_write(&recall, &bytes)) == 0)
		r = write_object(&bytes, answer);
	buf_done(&bytes);
	return r;
}
