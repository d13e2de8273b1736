/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/mem.h"
#include "member/subject.h"
#include "store/queries.h"
#include "valised/store_impl.h"

/*
 * An ally found a window with a sparse set and asks home.  His station passes the query on and
 * keeps nothing; ours keeps it until the index host has answered, and gives the answer to the
 * member that asked and to nobody else.  Both are sealed under the ally's key.
 */

/* The ally's side: one call, whose answer is passed back as it is. */

struct passing {
	uint64_t number;
	bool has_answer; /* a post_object is expected, not an empty body */
};

static int
passed(struct store *s, void *ctx, const struct store_answer *answer)
{
	struct passing *passing = ctx;
	struct post_object object;
	int r;

	if (answer->status == 0)
		r = store_because(
			s, FAIL_AGAIN, "the other member's station does not answer");
	else if (answer->r != 0)
		r = store_because(s, answer->r, "%.*s", (int)answer->why.len,
			(const char *)answer->why.ptr);
	else if (!passing->has_answer)
		r = store_reply(s, passing->number, NULL, NULL);
	else if ((r = codec_parse_whole(&post_object_codec, answer->body, &object)) == 0)
		r = store_reply(s, passing->number, &post_object_codec, &object);
	mem_free(passing);
	return r;
}

static int
find_member(struct store *s, struct rd name, size_t *ret_member)
{
	const struct roster *roster = store_roster(s);

	if (roster != NULL && roster_find(roster, name, ret_member) == 0 &&
		address_compare(name, store_ready(s)->member) != 0)
		return 0;
	return store_because(s, FAIL_ABSENT, "the roster has no other member %.*s",
		(int)name.len, (const char *)name.ptr);
}

static int
pass_on(struct store *s, const struct store_ask *ask, size_t member, struct rd body)
{
	bool has_answer = ask->path.len > strlen("query");
	struct passing *passing = NULL;
	int r;

	if ((r = mem_new(&passing, sizeof *passing)) != 0)
		return r;
	*passing = (struct passing){ask->number, has_answer};
	r = store_call(s, member, has_answer ? "query-result" : "query", body,
		&(struct store_question){ask->number, passed, passing});
	if (r != 0)
		mem_free(passing);
	return r;
}

static int
handle_ask(struct store *s, const struct store_ask *ask)
{
	struct post_query query;
	size_t member = 0;
	int r;

	if ((r = codec_parse_whole(&post_query_codec, ask->body, &query)) != 0 ||
		(r = find_member(s, query.member, &member)) != 0)
		return r;
	return pass_on(s, ask, member, ask->body);
}

static int
handle_ask_result(struct store *s, const struct store_ask *ask)
{
	struct post_query_which which;
	size_t member = 0;
	int r;

	if ((r = codec_parse_whole(&post_query_which_codec, ask->body, &which)) != 0 ||
		(r = find_member(s, which.member, &member)) != 0)
		return r;
	return pass_on(s, ask, member, ask->body);
}

/* Home. */

static struct rd
asker(struct store *s, const struct store_ask *ask)
{
	return store_roster(s)->members[ask->member].name;
}

/* Without a host that could answer, nobody is kept waiting. */
static bool
has_host(struct store *s)
{
	const struct directory *d = store_directory(s, store_ready(s)->member);

	for (size_t i = 0; d != NULL && i < d->credential_count; i++)
		if (d->credentials[i].kind == SUBJECT_INDEX_HOST)
			return true;
	return false;
}

static int
handle_query(struct store *s, const struct store_ask *ask)
{
	struct queries_key key = {.member = asker(s, ask)};
	uint8_t hash[HASH_LEN];
	struct post_query query;
	uint64_t waiting = 0;
	int r;

	if ((r = codec_parse_whole(&post_query_codec, ask->body, &query)) != 0)
		return r;
	if (!has_host(s))
		return store_because(s, FAIL_REFUSED, "this member has no index host");
	if ((r = queries_count(store_db(s), key.member, &waiting)) != 0)
		return r;
	if (waiting >= QUERIES_WAITING_MAX)
		return store_because(s, FAIL_AGAIN, "too many queries wait already");
	hash_sha256(query.query.ptr, query.query.len, hash);
	key.hash = hash;
	if ((r = queries_put(store_db(s), &key, query.query, ask->now_ms / 1000)) != 0)
		return r;
	return store_reply(s, ask->number, NULL, NULL);
}

static int
handle_result(struct store *s, const struct store_ask *ask)
{
	struct queries_key key = {.member = asker(s, ask)};
	struct post_query_which which;
	struct post_object object;
	struct buf answer;
	int r;

	if ((r = codec_parse_whole(&post_query_which_codec, ask->body, &which)) != 0)
		return r;
	key.hash = which.hash;
	buf_init(&answer, POST_QUERY_MAX);
	if ((r = queries_get(store_db(s), &key, &answer)) == FAIL_AGAIN)
		r = store_because(s, r, "the index host has not answered yet");
	else if (r == FAIL_ABSENT)
		r = store_because(s, r, "no such query was asked");
	else if (r == 0 && answer.len == 0)
		r = store_because(s, FAIL_REFUSED,
			"the index host knows no set that made this query");
	if (r == 0) {
		object.object = rd_of(answer.data, answer.len);
		r = store_reply(s, ask->number, &post_object_codec, &object);
	}
	buf_done(&answer);
	return r;
}

/* The index host. */

static int
may_answer(struct store *s, const struct store_ask *ask)
{
	if (ask->officer->credential.subject.kind == SUBJECT_INDEX_HOST)
		return 0;
	return store_because(s, FAIL_REFUSED, "this is for an index host");
}

static int
put_row(void *ctx, const struct queries_row *row)
{
	struct post_query_row post = {.number = row->number,
		.member = row->member,
		.kept_s = row->kept_s,
		.query = row->query};

	codec_write(&post_query_row_codec, &post, ctx);
	return buf_error(ctx);
}

static int
handle_list(struct store *s, const struct store_ask *ask)
{
	struct post_grams_ask body;
	struct post_list list;
	struct buf items;
	int r;

	if ((r = may_answer(s, ask)) != 0 ||
		(r = codec_parse_whole(&post_grams_ask_codec, ask->body, &body)) != 0)
		return r;
	if (body.after > DB_INT_MAX)
		return FAIL_LIMIT;
	buf_init(&items, POST_BODY_MAX);
	if ((r = queries_each_waiting(store_db(s), body.after, put_row, &items)) == 0) {
		list.items = rd_of(items.data, items.len);
		r = store_reply(s, ask->number, &post_list_codec, &list);
	}
	buf_done(&items);
	return r;
}

static int
handle_answer(struct store *s, const struct store_ask *ask)
{
	struct post_query_answer body;
	struct queries_key key;
	int r;

	if ((r = may_answer(s, ask)) != 0 ||
		(r = codec_parse_whole(&post_query_answer_codec, ask->body, &body)) != 0)
		return r;
	key = (struct queries_key){body.member, body.hash};
	if ((r = queries_answer(store_db(s), &key, body.answer, ask->now_ms / 1000)) != 0)
		return r;
	return store_reply(s, ask->number, NULL, NULL);
}

static const struct store_route routes[] = {
	{"query", STORE_OFFICER, handle_ask},
	{"query-result", STORE_OFFICER, handle_ask_result},
	{"query", STORE_MEMBER, handle_query},
	{"query-result", STORE_MEMBER, handle_result},
	{"queries", STORE_OFFICER, handle_list},
	{"query-answer", STORE_OFFICER, handle_answer},
};
const struct store_routes store_queries_routes = {
	routes, sizeof routes / sizeof routes[0]};
