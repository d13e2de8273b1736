/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "crypto/shorthash.h"
#include "valised/store_core.h"
#include "wire/post_sign.h"

/*
 * Who asks.  A client's request proves itself: the signature of a device over path, time,
 * nonce and body.
 *
 * Attack answered: front, or whoever reads along there, sends a request again.  Its nonce is
 * remembered for as long as its time would be accepted; what was made before this process
 * began is refused, for those nonces are forgotten.  Only nonces of good signatures are
 * remembered, so that strangers cannot fill the table.
 *
 * A nonce is remembered as 64 bits of a keyed hash: a false alarm is rarer than a broken
 * disk, and nobody without the key finds one on purpose.
 */

enum {
	SEEN_FIRST = 1 << 10,
	SEEN_MAX = 1 << 19, /* places; three of four are used: 3,000 requests a second */
	NONCE_LEN = 16,
};

struct seen {
	uint64_t tag; /* 0: free */
	uint64_t until_s;
};

struct caller {
	uint8_t key[SHORTHASH_KEY_LEN];
	struct seen *seen;
	size_t places; /* a power of two */
	size_t count;
};

int
caller_new(struct store *s)
{
	struct caller *c = NULL;
	int r;

	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	c->places = SEEN_FIRST;
	if ((r = rng_fill(s->plan.rng, c->key, sizeof c->key)) != 0 ||
		(r = mem_new_array(&c->seen, c->places, sizeof *c->seen)) != 0) {
		caller_free(c);
		return r;
	}
	s->caller = c;
	return 0;
}

void
caller_free(struct caller *c)
{
	if (c == NULL)
		return;
	mem_free(c->seen);
	mem_free_wiped(c, sizeof *c);
}

/* Its place, or the free one where it belongs. */
static struct seen *
find(struct seen *seen, size_t places, uint64_t tag)
{
	size_t i = (size_t)tag & (places - 1);

	while (seen[i].tag != 0 && seen[i].tag != tag)
		i = (i + 1) & (places - 1);
	return &seen[i];
}

/* Forget what is out of time; grow when most of it is not. */
static int
make_room(struct store *s, uint64_t now_s)
{
	struct caller *c = s->caller;
	struct seen *fresh = NULL;
	size_t places = c->places, live = 0;
	int r;

	for (size_t i = 0; i < c->places; i++)
		live += c->seen[i].tag != 0 && c->seen[i].until_s >= now_s;
	if (live > places / 2 && places < SEEN_MAX)
		places *= 2;
	if (live >= places / 4 * 3)
		return store_because(s, FAIL_AGAIN, "the station is busy");
	if ((r = mem_new_array(&fresh, places, sizeof *fresh)) != 0)
		return r;
	for (size_t i = 0; i < c->places; i++)
		if (c->seen[i].tag != 0 && c->seen[i].until_s >= now_s)
			*find(fresh, places, c->seen[i].tag) = c->seen[i];
	mem_free(c->seen);
	c->seen = fresh;
	c->places = places;
	c->count = live;
	return 0;
}

static int
remember(struct store *s, const struct post_signed *message, uint64_t now_s)
{
	struct caller *c = s->caller;
	uint8_t bytes[HASH_LEN + NONCE_LEN];
	struct seen *place;
	uint64_t tag;
	int r;

	memcpy(bytes, message->key_id, HASH_LEN);
	memcpy(bytes + HASH_LEN, message->nonce, NONCE_LEN);
	tag = shorthash(c->key, bytes, sizeof bytes);
	tag += tag == 0;
	place = find(c->seen, c->places, tag);
	if (place->tag != 0)
		return store_because(s, FAIL_TIMEOUT, "this request was received before");
	if (c->count >= c->places / 4 * 3) {
		if ((r = make_room(s, now_s)) != 0)
			return r;
		place = find(c->seen, c->places, tag);
	}
	*place = (struct seen){.tag = tag, .until_s = message->time_s + POST_CLOCK_S};
	c->count++;
	return 0;
}

/* Not too far from our clock, and not from before this process began. */
static int
check_time(struct store *s, uint64_t time_s)
{
	uint64_t now_s = s->now_ms / 1000, off_s;
	bool is_behind = time_s < now_s;
	char text[TEXT_HUMAN_MAX];

	off_s = is_behind ? now_s - time_s : time_s - now_s;
	if (off_s <= POST_CLOCK_S) {
		if (time_s >= s->start_ms / 1000)
			return 0;
		return store_because(s, FAIL_AGAIN,
			"the station has just begun; try again in a moment");
	}
	text_duration(off_s > UINT64_MAX / 1000 ? UINT64_MAX : off_s * 1000, text);
	return store_because(s, FAIL_TIMEOUT, "your clock is %s %s the station's", text,
		is_behind ? "behind" : "ahead of");
}

static int
check_signature(struct store *s, struct rd path, const struct post_signed *message,
	const uint8_t key[SIGN_PUBLIC_LEN])
{
	struct buf bytes;
	int r;

	buf_init(&bytes, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(path, message, &bytes);
	if ((r = buf_error(&bytes)) == 0)
		r = sign_verify(key, bytes.data, bytes.len, message->signature);
	buf_done(&bytes);
	if (r == FAIL_SIGNATURE)
		(void)store_because(s, r, "the signature under the request is false");
	return r;
}

static bool
is_own(const struct store *s, const struct credential *credential)
{
	return address_compare(credential->subject.member, s->ready.member) == 0;
}

/* What is said only to whoever holds the key: that the credential has ended. */
static int
check_valid(struct store *s, const struct store_credential *c)
{
	uint64_t now_s = s->now_ms / 1000;
	char day[TIME_TEXT_MAX];

	if (c->is_revoked)
		return store_because(s, FAIL_SIGNER, "this device was revoked");
	if (credential_is_valid_at(&c->credential, now_s))
		return 0;
	if (now_s < c->credential.from_s)
		return store_because(s, FAIL_SIGNER, "this credential is not valid yet");
	if (time_rfc3339(c->credential.until_s, day) != 0)
		day[0] = '\0';
	return store_because(s, FAIL_SIGNER,
		"this credential ended at %s; ask two enrolment officers for a new one",
		day);
}

static int
by_credential(struct store *s, const struct post_signed *message, struct store_ask *ask)
{
	const struct store_credential *c = NULL;
	int r = store_credential_find(s, message->key_id, &c);

	if (r == FAIL_ABSENT || (r == 0 && !is_own(s, &c->credential)))
		return store_because(s, FAIL_SIGNER,
			"no credential of this member is known by that name");
	if (r != 0 ||
		(r = check_signature(
			 s, ask->path, message, c->credential.subject.sign)) != 0)
		return r;
	ask->who = STORE_OFFICER;
	ask->officer = c;
	return check_valid(s, c);
}

static int
by_enrol_key(struct store *s, const struct post_signed *message, struct store_ask *ask)
{
	const struct entry *entry = people_own_entry(s);
	uint8_t id[HASH_LEN];

	for (size_t i = 0; entry != NULL && i < entry->enrol_count; i++) {
		hash_sha256(entry->enrols[i].key, SIGN_PUBLIC_LEN, id);
		if (!ct_equal(id, message->key_id, sizeof id))
			continue;
		ask->who = STORE_ENROLLER;
		return check_signature(s, ask->path, message, entry->enrols[i].key);
	}
	return store_because(s, FAIL_SIGNER, "this is no enrol key of %.*s",
		(int)s->ready.member.len, (const char *)s->ready.member.ptr);
}

int
caller_of_client(struct store *s, struct rd body, struct store_ask *ask)
{
	struct post_signed message;
	int r;

	if ((r = codec_parse_whole(&post_signed_codec, body, &message)) != 0)
		return r;
	if ((r = check_time(s, message.time_s)) != 0)
		return r;
	r = message.key_kind == POST_BY_CREDENTIAL ? by_credential(s, &message, ask)
						   : by_enrol_key(s, &message, ask);
	if (r != 0 || (r = remember(s, &message, s->now_ms / 1000)) != 0)
		return r;
	ask->body = message.body;
	return 0;
}

int
caller_of_member(struct store *s, struct rd tls, struct store_ask *ask)
{
	const struct roster *roster = store_roster(s);

	for (size_t i = 0; roster != NULL && i < roster->member_count; i++)
		if (tls.len == SIGN_PUBLIC_LEN &&
			memcmp(roster->members[i].tls, tls.ptr, tls.len) == 0 &&
			address_compare(roster->members[i].name, s->ready.member) != 0) {
			ask->who = STORE_MEMBER;
			ask->member = i;
			people_contact(s, i);
			return 0;
		}
	/* It may be a member's by a roster that is on its way to us: later, not never. */
	return store_because(s, FAIL_AGAIN,
		roster == NULL ? "this station has not joined yet"
			       : "this key is in no roster that is held here");
}
