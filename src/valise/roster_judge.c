/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/roster_judge.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "note/words.h"
#include "sys/disk.h"
#include "valise/exchange.h"
#include "valise/report.h"
#include "valise/roster_draft.h"

/* The verdict is the room's (member/roster.h); here it gets its words. */

static const char *const faults[] = {
	[ROSTER_GOOD] = NULL,
	[ROSTER_NOT_SERIAL_1] =
		"It is a later one: say --previous with the one before, or "
		"--words.",
	[ROSTER_NOT_ALL_SIGNED] =
		"Serial 1 counts when all its members have signed, with two "
		"keys each.",
	[ROSTER_OTHER_COMMUNITY] = "It is of another community than the one before.",
	[ROSTER_NOT_NEXT] = "Its serial is not the next one.",
	[ROSTER_OTHER_PREVIOUS] =
		"It was made from another roster than this one before: the "
		"hash differs.",
	[ROSTER_TOO_FEW_SIGNED] =
		"Too few members of the roster before have signed, with two "
		"keys each.",
	[ROSTER_LOWERED] =
		"It lowers a rule: all members but one must sign that, two at least.",
	[ROSTER_ENTRY_CHANGED] =
		"It changes the keys or place of a member that has not signed: "
		"that member signs, or all others.",
	[ROSTER_FIRST_DIRECTORY] =
		"It changes the first directory of a member; that never "
		"changes.",
};

static int
fail_at(const struct args *args, const char *path, const struct roster_verdict *v, int r)
{
	const char *remedy = NULL;

	if (r == FAIL_REFUSED)
		remedy = faults[v->fault];
	if (r == FAIL_SIGNER)
		remedy = "None of the keys that count has signed it.";
	return exchange_fail(args, "accept", path, remedy, r);
}

static int
fail(const struct args *args, const struct roster_verdict *v, int r)
{
	return fail_at(args, args->operands[1], v, r);
}

int
roster_judge_follows(const struct args *args, const char *path,
	const struct exchange_roster *held, const struct exchange_roster *next)
{
	struct roster_verdict v = {0};
	int r = roster_follows(held->roster, next->roster, next->note, &v);

	return r == 0 ? 0 : fail_at(args, path, &v, r);
}

static int
check_words(const struct args *args, const uint8_t hash[HASH_LEN])
{
	size_t at = 0;

	return exchange_confirm(args, "the roster's sender", hash, &at);
}

static int
say_good(const struct args *args, const struct exchange_roster *x,
	const struct roster_verdict *v, const char *by)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	json_t *object;

	roster_hash(x->roster->text, hash);
	exchange_words(hash, words);
	if (!args_has(args, "json")) {
		(void)printf("%.*s, serial %u: good, %s.\nIts words: %s\n",
			(int)x->roster->community.len,
			(const char *)x->roster->community.ptr,
			(unsigned)x->roster->serial, by, words);
		return 0;
	}
	object = json_pack("{s:b, s:i, s:i, s:i, s:s}", "good", 1, "serial",
		(int)x->roster->serial, "signed", (int)v->signers.member_count, "needed",
		(int)v->needed, "words", words);
	if (object == NULL)
		return exchange_fail(args, "write", "stdout", NULL, FAIL_NOMEM);
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
	return 0;
}

static int
check(const struct args *args, const struct exchange_roster *x,
	const struct exchange_roster *previous)
{
	bool has_words = args_get(args, "words") != NULL;
	struct roster_verdict v = {0};
	const char *by = "signed by all its members";
	uint8_t hash[HASH_LEN];
	int r;

	roster_hash(x->roster->text, hash);
	if (has_words && (r = check_words(args, hash)) != 0)
		return r;
	if (previous->roster != NULL) {
		by = "signed by enough members of the one before";
		r = roster_follows(previous->roster, x->roster, x->note, &v);
	} else if (has_words && x->roster->serial > 1) {
		/* Pinned: people have compared it.  Its own signatures must still be good. */
		by = "by its words";
		r = roster_signers(x->roster, x->note, &v.signers);
	} else {
		r = roster_first(x->roster, x->note, &v);
	}
	return r == 0 ? say_good(args, x, &v, by) : fail(args, &v, r);
}

static int
read_previous(const struct args *args, struct exchange_roster *ret_roster)
{
	const char *path = args_get(args, "previous");

	return path != NULL ? exchange_roster_read(args, path, ret_roster) : 0;
}

int
roster_judge_check(const struct args *args)
{
	struct exchange_roster x = {0}, previous = {0};
	int r;

	if ((r = exchange_roster_read(args, args->operands[1], &x)) == 0 &&
		(r = read_previous(args, &previous)) == 0)
		r = check(args, &x, &previous);
	exchange_roster_done(&x);
	exchange_roster_done(&previous);
	return r;
}

/* Who comes and who goes, with the words that a newcomer reads on the telephone. */
static void
say_changes(const struct roster *previous, const struct roster *next)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	size_t at;

	for (size_t i = 0; i < next->member_count; i++) {
		const struct entry *e = &next->members[i];

		if (roster_find(previous, e->name, &at) == 0 || entry_hash(e, hash) != 0)
			continue;
		exchange_words(hash, words);
		report_say("It adds %.*s, whose words are: %s\n", (int)e->name.len,
			(const char *)e->name.ptr, words);
	}
	for (size_t i = 0; i < previous->member_count; i++) {
		struct rd name = previous->members[i].name;

		if (roster_find(next, name, &at) != 0)
			report_say("It removes %.*s.\n", (int)name.len,
				(const char *)name.ptr);
	}
}

/* Refused so far, yet with more signatures it would not be. */
static bool
could_count(enum roster_fault fault)
{
	return fault == ROSTER_TOO_FEW_SIGNED || fault == ROSTER_LOWERED ||
		fault == ROSTER_ENTRY_CHANGED;
}

/* Nobody signs what could never count, whoever else signs it. */
static int
check_chain(const struct args *args, const struct exchange_roster *x,
	const struct exchange_roster *previous)
{
	struct roster_verdict v;
	int r;

	if (previous->roster == NULL)
		return 0;
	say_changes(previous->roster, x->roster);
	r = roster_follows(previous->roster, x->roster, x->note, &v);
	if (v.needed > previous->roster->threshold)
		report_say(
			"It lowers a rule or changes a member that has not signed: %zu "
			"members must sign.\n",
			v.needed);
	if (r == FAIL_REFUSED && could_count(v.fault))
		return 0;
	return r == 0 || r == FAIL_SIGNER ? 0 : fail(args, &v, r);
}

static int
write_signed(const struct args *args, const struct buf *bytes)
{
	const char *path = args->operands[1];
	int r;

	if (args_get(args, "out") != NULL)
		return exchange_write(args, bytes->data, bytes->len);
	/* In place: the signature is added to the file that went round. */
	if ((r = disk_write_small(path, bytes->data, bytes->len, true)) != 0)
		return exchange_fail(args, "write", path, NULL, r);
	return 0;
}

static int
sign(const struct args *args, const struct exchange_roster *x,
	const struct own_officer *officer, const struct note_key *key)
{
	struct rd text = x->note->text;
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	struct buf bytes;
	int r;

	if (note_signature_find(x->note, key) != NULL)
		return exchange_fail(args, "sign", args->operands[1],
			"You have signed it already; the second signature of a member is "
			"a "
			"colleague's.",
			FAIL_EXISTS);
	buf_init(&bytes, NOTE_BYTES_MAX);
	note_write(x->note, &bytes);
	if ((r = note_sign(text.ptr, text.len, key->name,
		     own_officer_seed(officer, OWN_ENROL), &bytes)) != 0)
		r = exchange_fail(args, "sign", args->operands[1], NULL, r);
	else if ((r = write_signed(args, &bytes)) == 0) {
		roster_hash(text, hash);
		exchange_words(hash, words);
		report_say("Signed as %s.  Words of serial %u: %s\n", key->name,
			(unsigned)x->roster->serial, words);
	}
	buf_done(&bytes);
	return r;
}

int
roster_judge_sign(const struct args *args)
{
	struct exchange_roster x = {0}, previous = {0};
	struct own_officer *officer = NULL;
	struct note_key key;
	int r;

	if ((r = exchange_roster_read(args, args->operands[1], &x)) != 0 ||
		(r = read_previous(args, &previous)) != 0 ||
		(r = check_chain(args, &x, &previous)) != 0 ||
		(r = exchange_officer(args, &officer)) != 0)
		goto out;
	/* A key that the new roster drops still signs, as one of the roster before. */
	r = roster_draft_own(x.roster, officer, &key);
	if (r != 0 && previous.roster != NULL)
		r = roster_draft_own(previous.roster, officer, &key);
	r = r == 0 ? sign(args, &x, officer, &key)
		   : exchange_fail(args, "sign", args->operands[1],
			     "Your enrol key is not in it: only registrars and security "
			     "officers of its members sign.",
			     FAIL_REFUSED);
out:
	own_officer_free(officer);
	exchange_roster_done(&x);
	exchange_roster_done(&previous);
	return r;
}
