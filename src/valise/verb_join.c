/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/join_request.h"
#include "valise/join_wait.h"
#include "valise/link_impl.h"
#include "valise/report.h"
#include "valise/roster_judge.h"
#include "valise/verb.h"
#include "wire/front.h"

/*
 * join: the station asks to be in a community, and takes the rosters that say it is.
 *
 * The first roster counts by its words, which people compare; each later one because the
 * members of the one before have signed it.  DIR/roster keeps the one that was taken, and the
 * station judges once more what it is given: it holds its own.
 */

enum { WAIT_S = 5, WAIT_MAX_S = 3600 };

static int
path_in(const struct args *args, const char *name, char ret_path[DISK_PATH_MAX])
{
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, dir)) != 0)
		return r;
	r = link_file_path(dir, name, ret_path);
	return r == 0 ? 0 : exchange_fail(args, "use", dir, NULL, r);
}

/* We must be in it, with the keys that we asked with. */
static int
check_own(const struct args *args, const struct roster *roster)
{
	char path[DISK_PATH_MAX];
	struct note *note = NULL;
	struct entry own;
	size_t at;
	int r;

	if ((r = path_in(args, "founding", path)) != 0)
		return r;
	if (!disk_is_there(path))
		return exchange_fail(args, "join with", args->operands[0],
			"The member is not founded yet: `valise officer found`.",
			FAIL_REFUSED);
	if ((r = exchange_entry_read(args, path, &note, &own)) != 0)
		return r;
	if (roster_find(roster, own.name, &at) != 0)
		r = exchange_fail(args, "join with", args->operands[0],
			"It does not name this member.", FAIL_REFUSED);
	else if (memcmp(roster->members[at].tls, own.tls, sizeof own.tls) != 0 ||
		memcmp(roster->members[at].sign, own.sign, sizeof own.sign) != 0)
		r = exchange_fail(args, "join with", args->operands[0],
			"It names this member with other keys: do not go on.",
			FAIL_MISMATCH);
	note_free(note);
	return r;
}

/* By the one before, when there is one; else by the words. */
static int
judge(const struct args *args, const struct exchange_roster *x, bool *ret_is_held)
{
	struct exchange_roster held = {0};
	char path[DISK_PATH_MAX];
	uint8_t hash[HASH_LEN];
	size_t at = 0;
	int r;

	if ((r = path_in(args, "roster", path)) != 0)
		return r;
	*ret_is_held = disk_is_there(path);
	if (!*ret_is_held) {
		roster_hash(x->roster->text, hash);
		return exchange_confirm(args, "the roster's sender", hash, &at);
	}
	if ((r = exchange_roster_read(args, path, &held)) == 0) {
		if (address_compare(held.note->text, x->note->text) != 0)
			r = roster_judge_follows(args, args->operands[0], &held, x);
		exchange_roster_done(&held);
	}
	return r;
}

static int
hand_over(const struct args *args, const struct buf *bytes)
{
	struct post_note message = {.note = rd_of(bytes->data, bytes->len)};
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct link *link = NULL;
	struct buf answer;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = home_dir(args, dir)) != 0 || (r = path_in(args, "roster", path)) != 0)
		goto out;
	if ((r = link_new_admin(dir, &link)) != 0)
		r = exchange_fail(args, "use", dir, NULL, r);
	else if ((r = link_ask(link, "join", &post_note_codec, &message, &answer)) != 0)
		r = link_fail(args, link, "join with", args->operands[0], r);
	else if ((r = disk_write_small(path, bytes->data, bytes->len, true)) != 0)
		r = exchange_fail(args, "write", path, NULL, r);
out:
	link_free(link);
	buf_done(&answer);
	return r;
}

static int
say_joined(const struct args *args, const struct roster *roster)
{
	size_t m = roster->member_count, absent = roster_absent_max(m);
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];

	roster_hash(roster->text, hash);
	exchange_words(hash, words);
	if (args_has(args, "json"))
		return exchange_json(args,
			json_pack("{s:s%, s:I, s:I, s:s}", "community",
				roster->community.ptr, roster->community.len, "serial",
				(json_int_t)roster->serial, "members", (json_int_t)m,
				"words", words));
	report_say("%.*s, serial %u: joined.  Its words: %s\n",
		(int)roster->community.len, (const char *)roster->community.ptr,
		(unsigned)roster->serial, words);
	if (m == 1)
		report_say("No custodian yet: one member alone seals nothing.\n");
	else if (absent == 0)
		report_say("Quorum: nobody may be absent (%zu members).\n", m);
	else
		report_say("Quorum: %zu of %zu members may be absent.\n", absent, m);
	return 0;
}

/* How long people want to be told who answers. */
static int
take_wait(const struct args *args, uint64_t *ret_for_s)
{
	const char *words = args_get(args, "wait");

	*ret_for_s = WAIT_S;
	if (words != NULL && text_parse_duration(words, WAIT_MAX_S, ret_for_s) != 0)
		return report_usage("join", "--wait %s: such as 5s, at most 1h", words);
	if (args_has(args, "json") || report_is_quiet())
		*ret_for_s = 0;
	return 0;
}

static void
wait_for_others(const struct args *args, uint64_t for_s)
{
	char dir[DISK_PATH_MAX];

	if (for_s > 0 && home_dir(args, dir) == 0)
		join_wait(dir, for_s * 1000);
}

static int
join(const struct args *args)
{
	struct exchange_roster x = {0};
	struct buf bytes;
	uint64_t for_s;
	bool is_held;
	int r;

	if ((r = take_wait(args, &for_s)) != 0)
		return r;
	buf_init(&bytes, NOTE_BYTES_MAX);
	if ((r = exchange_roster_read(args, args->operands[0], &x)) != 0 ||
		(r = check_own(args, x.roster)) != 0 ||
		(r = judge(args, &x, &is_held)) != 0)
		goto out;
	note_write(x.note, &bytes);
	if ((r = buf_error(&bytes)) != 0)
		r = exchange_fail(args, "read", args->operands[0], NULL, r);
	else if ((r = hand_over(args, &bytes)) == 0 &&
		(r = say_joined(args, x.roster)) == 0)
		wait_for_others(args, for_s);
out:
	exchange_roster_done(&x);
	buf_done(&bytes);
	return r;
}

static int
run(const struct args *args)
{
	if (args_has(args, "request") == (args->operand_count == 1))
		return report_exit(
			report_usage("join", "say a roster's FILE, or --request"));
	return report_exit(args_has(args, "request") ? join_request(args) : join(args));
}

static const struct arg_option options[] = {
	{"request", NULL, "write the request to join: the founding file", false},
	{"wait", "TIME", "for the other members' answers: 5s (the default), 0", false},
	{"out", "FILE", "--request: write it there instead of to stdout", false},
	{"words", "WORDS", "the 12 words of the roster", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_join = {
	.name = "join",
	.synopsis = "--request [--out FILE]\nFILE [--words WORDS] [--wait TIME]",
	.summary = "ask to join a community, and take its rosters",
	.text = "At the station.  With --request it writes the text file that asks "
		"another\nmember's registrar to be added.  With a roster's FILE the "
		"station takes it: the\nfirst one by its words, which people compare on "
		"the telephone, each later one\nbecause the members before have signed "
		"it.",
	.options = options,
	.operands_max = 1,
	.run = run,
};
