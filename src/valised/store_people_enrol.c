/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "valised/store_people.h"

/*
 * Enrolment: a device asks, two enrolment officers sign, one after the other, and the
 * credential counts.  The station carries the papers and can sign none of them.
 *
 * Anybody who reaches the station may ask; so there is room for a few hundred requests only,
 * and for two weeks.
 */

static int
parse_own(struct store *s, struct rd bytes, struct request *ret_request)
{
	int r;

	if ((r = request_parse(bytes.ptr, bytes.len, ret_request)) != 0)
		return r == FAIL_SIGNATURE
			? store_because(s, r, "a signature in the request is false")
			: r;
	if (address_compare(ret_request->subject.member, s->ready.member) != 0)
		return store_because(s, FAIL_MISMATCH,
			"this station is %.*s; the request is for %.*s",
			(int)s->ready.member.len, (const char *)s->ready.member.ptr,
			(int)ret_request->subject.member.len,
			(const char *)ret_request->subject.member.ptr);
	return 0;
}

/* The newest credential of a subject. */
struct search {
	const struct subject *subject;
	struct buf *enrol;
};

static int
take_credential(void *ctx, struct rd bytes, uint64_t first_kept_s)
{
	struct search *search = ctx;
	struct credential c;
	struct enrol e;
	int r;

	(void)first_kept_s;
	if ((r = enrol_parse(bytes.ptr, bytes.len, &e)) != 0 ||
		(r = credential_parse(e.credential.ptr, e.credential.len, &c)) != 0)
		return r;
	if (!subject_equal(&c.subject, search->subject))
		return 0;
	buf_clear(search->enrol);
	buf_bytes(search->enrol, bytes.ptr, bytes.len);
	return buf_error(search->enrol);
}

/* FAIL_ABSENT: it has none. */
static int
find_credential(struct store *s, const struct subject *subject, struct buf *enrol)
{
	struct search search = {.subject = subject, .enrol = enrol};
	int r;

	r = people_each_credential(s->plan.db, s->ready.member, take_credential, &search);
	return r == 0 && enrol->len == 0 ? FAIL_ABSENT : r;
}

static int
count_pending(void *ctx, struct rd request, struct rd enrol)
{
	size_t *count = ctx;

	(void)request;
	(void)enrol;
	++*count;
	return 0;
}

int
people_take_request(struct store *s, const struct store_ask *ask)
{
	struct people_pending row = {.kept_s = ask->now_ms / 1000};
	struct post_request message;
	struct request request;
	uint8_t hash[HASH_LEN];
	struct buf old, enrol;
	size_t count = 0;
	int r;

	buf_init(&old, REQUEST_BYTES_MAX);
	buf_init(&enrol, ENROL_BYTES_MAX);
	if ((r = codec_parse_whole(&post_request_codec, ask->body, &message)) != 0 ||
		(r = parse_own(s, message.request, &request)) != 0 ||
		(r = subject_hash(&request.subject, hash)) != 0)
		goto out;
	/* The same device again: nothing that was signed meanwhile is lost. */
	r = people_get_pending(s->plan.db, hash, &old, &enrol);
	if (r == FAIL_ABSENT) {
		if ((r = people_each_pending(s->plan.db, count_pending, &count)) == 0 &&
			count >= PEOPLE_PENDING_MAX)
			r = store_because(s, FAIL_AGAIN,
				"too many requests wait for the enrolment officers");
	}
	row.hash = hash;
	row.request = message.request;
	row.enrol = rd_of(enrol.data, enrol.len);
	if (r == 0 && (r = people_put_pending(s->plan.db, &row)) == 0)
		r = store_reply(s, ask->number, NULL, NULL);
out:
	buf_done(&old);
	buf_done(&enrol);
	return r;
}

static int
reply_waiting(struct store *s, const uint8_t hash[HASH_LEN])
{
	struct buf request, enrol;
	int r;

	buf_init(&request, REQUEST_BYTES_MAX);
	buf_init(&enrol, ENROL_BYTES_MAX);
	r = people_get_pending(s->plan.db, hash, &request, &enrol);
	if (r == 0)
		r = store_because(s, FAIL_AGAIN, "%d of 2 enrolment officers have signed",
			enrol.len > 0);
	else if (r == FAIL_ABSENT)
		(void)store_because(
			s, r, "no such request waits here; ask to be enrolled again");
	buf_done(&request);
	buf_done(&enrol);
	return r;
}

int
people_enrolled(struct store *s, const struct store_ask *ask)
{
	struct post_request message;
	struct post_enrol reply;
	struct request request;
	uint8_t hash[HASH_LEN];
	struct buf enrol;
	int r;

	buf_init(&enrol, ENROL_BYTES_MAX);
	if ((r = codec_parse_whole(&post_request_codec, ask->body, &message)) != 0 ||
		(r = parse_own(s, message.request, &request)) != 0 ||
		(r = subject_hash(&request.subject, hash)) != 0)
		goto out;
	if ((r = find_credential(s, &request.subject, &enrol)) == FAIL_ABSENT) {
		r = reply_waiting(s, hash);
	} else if (r == 0) {
		reply.enrol = rd_of(enrol.data, enrol.len);
		r = store_reply(s, ask->number, &post_enrol_codec, &reply);
	}
out:
	buf_done(&enrol);
	return r;
}

static int
list_pending(void *ctx, struct rd request, struct rd enrol)
{
	const struct post_pending item = {.request = request, .enrol = enrol};
	struct buf *out = ctx;

	/* What has no room in an answer is seen when others are done. */
	if (out->len + request.len + enrol.len + 16 <= out->max)
		codec_write(&post_pending_codec, &item, out);
	return buf_error(out);
}

int
people_pending(struct store *s, const struct store_ask *ask)
{
	struct buf items;
	int r;

	buf_init(&items, POST_BODY_MAX);
	if ((r = people_each_pending(s->plan.db, list_pending, &items)) != 0) {
		buf_done(&items);
		return r;
	}
	return people_reply_list(s, ask->number, &items);
}

/* Signatures. */

struct signing {
	struct rd bytes; /* the ENROL object that came */
	struct enrol enrol;
	struct credential credential;
	uint8_t hash[HASH_LEN]; /* of the subject */
};

static int
parse_signing(struct store *s, struct rd body, struct signing *ret_signing)
{
	struct post_enrol message;
	struct signing g = {0};
	int r;

	if ((r = codec_parse_whole(&post_enrol_codec, body, &message)) != 0 ||
		(r = enrol_parse(message.enrol.ptr, message.enrol.len, &g.enrol)) != 0 ||
		(r = credential_parse(g.enrol.credential.ptr, g.enrol.credential.len,
			 &g.credential)) != 0 ||
		(r = subject_hash(&g.credential.subject, g.hash)) != 0)
		return r;
	g.bytes = message.enrol;
	*ret_signing = g;
	if (address_compare(g.credential.subject.member, s->ready.member) != 0)
		return store_because(s, FAIL_MISMATCH,
			"the credential is of another member than this station's");
	if (g.credential.until_s <= s->now_ms / 1000)
		return store_because(s, FAIL_REFUSED, "the credential has ended already");
	return 0;
}

/*
 * Both officers may have signed the first copy, each by himself: two halves of one credential
 * make a whole.
 */
static int
join_halves(const struct signing *signing, struct rd half, struct buf *out)
{
	struct enrol first, whole = signing->enrol;
	int r;

	if (half.len == 0 || whole.signature_count == ENROL_SIGNERS)
		return FAIL_ABSENT;
	if ((r = enrol_parse(half.ptr, half.len, &first)) != 0)
		return r;
	if (first.signature_count != 1 ||
		address_compare(first.credential, whole.credential) != 0)
		return FAIL_ABSENT;
	r = memcmp(
		first.signatures[0].key_id, whole.signatures[0].key_id, ENROL_KEY_ID_LEN);
	if (r == 0)
		return FAIL_ABSENT;
	whole.signatures[1] = r < 0 ? whole.signatures[0] : first.signatures[0];
	if (r < 0)
		whole.signatures[0] = first.signatures[0];
	whole.signature_count = ENROL_SIGNERS;
	return enrol_write(&whole, out);
}

/* With two signatures: into the directory. */
static int
complete(struct store *s, const struct signing *signing, struct rd enrol)
{
	const struct store_credential *c;
	int r;

	if ((r = store_credential_learn(s, enrol, s->now_ms, &c)) != 0 ||
		(r = people_forget_pending(s->plan.db, signing->hash)) != 0)
		return r;
	return people_own_changed(s);
}

static int
keep_half(struct store *s, const struct signing *signing, struct rd request)
{
	const struct people_pending row = {.hash = signing->hash,
		.request = request,
		.enrol = signing->bytes,
		.kept_s = s->now_ms / 1000};
	int r;

	/* With one signature: that it is good shows by what is missing. */
	if ((r = people_verify_enrol(s, &signing->enrol)) != FAIL_ABSENT)
		return r == 0 ? FAIL_FORMAT : r;
	s->because[0] = '\0';
	return people_put_pending(s->plan.db, &row);
}

static int
take_signing(struct store *s, const struct signing *signing)
{
	struct buf request, half, whole;
	int r;

	buf_init(&request, REQUEST_BYTES_MAX);
	buf_init(&half, ENROL_BYTES_MAX);
	buf_init(&whole, ENROL_BYTES_MAX);
	r = people_get_pending(s->plan.db, signing->hash, &request, &half);
	if (r == FAIL_ABSENT)
		(void)store_because(s, r, "no request of this device waits here");
	if (r == 0 && signing->enrol.signature_count == ENROL_SIGNERS) {
		r = complete(s, signing, signing->bytes);
	} else if (r == 0) {
		r = join_halves(signing, rd_of(half.data, half.len), &whole);
		if (r == 0)
			r = complete(s, signing, rd_of(whole.data, whole.len));
		else if (r == FAIL_ABSENT)
			r = keep_half(s, signing, rd_of(request.data, request.len));
	}
	buf_done(&request);
	buf_done(&half);
	buf_done(&whole);
	return r;
}

int
people_take_signature(struct store *s, const struct store_ask *ask)
{
	const struct store_credential *c;
	struct signing signing;
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = parse_signing(s, ask->body, &signing)) != 0)
		return r;
	hash_sha256(signing.enrol.credential.ptr, signing.enrol.credential.len, hash);
	/* One that is here already counts, whoever brings it again. */
	r = store_credential_find(s, hash, &c);
	if (r == FAIL_ABSENT)
		r = take_signing(s, &signing);
	if (r == 0)
		r = store_reply(s, ask->number, NULL, NULL);
	return r;
}
