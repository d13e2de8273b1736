/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/roster_show.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "member/custodians.h"
#include "sys/disk.h"
#include "valise/exchange.h"

/* Signatures are counted by the roster's own keys: what that proves is said by `check`. */

static json_t *
text_of(struct rd text)
{
	return json_stringn((const char *)text.ptr, text.len);
}

static json_t *
list_of(const struct rd *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(list, text_of(texts[i]));
	return list;
}

static json_t *
member_object(const struct entry *e, unsigned signed_keys)
{
	unsigned security = 0;

	for (size_t i = 0; i < e->enrol_count; i++)
		security += e->enrols[i].is_security;
	return json_pack("{s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:b}", "name",
		text_of(e->name), "domain", text_of(e->domain), "url", text_of(e->url),
		"ceilings", list_of(e->ceilings, e->ceiling_count), "enrolment_officers",
		(int)e->enrol_count, "security_officers", (int)security, "signed",
		(int)signed_keys, "first_directory", (int)e->has_first_directory);
}

static json_t *
custody_list(const struct roster *roster)
{
	json_t *list = json_array();

	for (size_t i = 0; i < roster->rule_count; i++)
		(void)json_array_append_new(list,
			json_pack("{s:o, s:i, s:i, s:b}", "class",
				text_of(roster->rules[i].text), "threshold",
				(int)roster->rules[i].threshold, "custodians",
				(int)roster->rules[i].count, "internal",
				(int)roster->rules[i].is_internal));
	return list;
}

static json_t *
object_of(const struct exchange_roster *x, const struct roster_signers *signers)
{
	const struct roster *roster = x->roster;
	char words[EXCHANGE_WORDS_MAX], hex[2 * HASH_LEN + 1];
	json_t *object, *members = json_array();
	uint8_t hash[HASH_LEN];

	roster_hash(roster->text, hash);
	exchange_words(hash, words);
	text_hex(hash, sizeof hash, hex);
	for (size_t i = 0; i < roster->member_count; i++)
		(void)json_array_append_new(
			members, member_object(&roster->members[i], signers->keys[i]));
	object = json_pack("{s:o, s:I, s:i, s:I, s:i, s:o, s:o, s:o}", "community",
		text_of(roster->community), "serial", (json_int_t)roster->serial,
		"threshold", (int)roster->threshold, "enrol_delay_s",
		(json_int_t)roster->enrol_delay_s, "require_suite",
		(int)roster->require_suite, "policies",
		list_of(roster->policies, roster->policy_count), "custody",
		custody_list(roster), "members", members);
	if (object == NULL)
		return NULL;
	(void)json_object_set_new(object, "quorum",
		json_integer((json_int_t)roster_quorum(roster->member_count)));
	(void)json_object_set_new(object, "absent_max",
		json_integer((json_int_t)roster_absent_max(roster->member_count)));
	(void)json_object_set_new(object, "hash", json_string(hex));
	(void)json_object_set_new(object, "words", json_string(words));
	return object;
}

static void
say_member(const struct entry *e, unsigned signed_keys)
{
	(void)printf("  %-8.*s %.*s, %zu enrolment officers, %s\n", (int)e->name.len,
		(const char *)e->name.ptr, (int)e->url.len, (const char *)e->url.ptr,
		e->enrol_count,
		signed_keys >= ROSTER_KEYS_PER_SIGNATURE ? "signed"
			: signed_keys == 1		 ? "signed with 1 key of 2"
							 : "not signed");
	for (size_t i = 0; i < e->ceiling_count; i++)
		(void)printf("           up to %.*s\n", (int)e->ceilings[i].len,
			(const char *)e->ceilings[i].ptr);
}

static void
say_custody(const struct roster *roster)
{
	for (size_t i = 0; i < roster->rule_count; i++)
		(void)printf("custody    %.*s: %u of %u custodians%s\n",
			(int)roster->rules[i].text.len,
			(const char *)roster->rules[i].text.ptr,
			(unsigned)roster->rules[i].threshold,
			(unsigned)roster->rules[i].count,
			roster->rules[i].is_internal ? ", internal traffic inside" : "");
}

static void
say(const struct exchange_roster *x, const struct roster_signers *signers)
{
	const struct roster *roster = x->roster;
	char words[EXCHANGE_WORDS_MAX], delay[TEXT_HUMAN_MAX];
	uint8_t hash[HASH_LEN];
	size_t m = roster->member_count;

	roster_hash(roster->text, hash);
	exchange_words(hash, words);
	text_duration((uint64_t)roster->enrol_delay_s * 1000, delay);
	(void)printf("%.*s, serial %u, %zu member%s\n", (int)roster->community.len,
		(const char *)roster->community.ptr, (unsigned)roster->serial, m,
		m == 1 ? "" : "s");
	(void)printf("words      %s\n", words);
	(void)printf("next       signed by %u of %zu; an enrolment counts after %s\n",
		(unsigned)roster->threshold, m, delay);
	say_custody(roster);
	if (m == 1)
		(void)printf("quorum     no custodian yet: one member alone\n");
	else
		(void)printf("quorum     %zu of the %zu others; %zu may be absent\n",
			roster_quorum(m), m - 1, roster_absent_max(m));
	for (size_t i = 0; i < m; i++)
		say_member(&roster->members[i], signers->keys[i]);
}

static int
show(const struct args *args, const struct exchange_roster *x)
{
	struct roster_signers signers = {0};
	json_t *object;
	int r = roster_signers(x->roster, x->note, &signers);

	if (r != 0 && r != FAIL_SIGNER)
		return exchange_fail(args, "show", args->operands[1], NULL, r);
	if (!args_has(args, "json")) {
		say(x, &signers);
		return 0;
	}
	if ((object = object_of(x, &signers)) == NULL)
		return exchange_fail(args, "show", args->operands[1], NULL, FAIL_NOMEM);
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
	return 0;
}

/* A founding file says on its first line what it is. */
static bool
is_founding(const char *path)
{
	static const char first[] = "valise/v1 member\n";
	char line[sizeof first - 1];
	size_t len = 0;
	int fd = -1;

	if (disk_open(AT_FDCWD, path, O_RDONLY | O_NOCTTY, 0, &fd) != 0)
		return false;
	if (disk_read(fd, line, sizeof line, &len) != 0)
		len = 0;
	disk_close(fd);
	return len == sizeof line && memcmp(line, first, len) == 0;
}

static int
say_founding(const struct args *args, const struct entry *e)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	json_t *object;
	int r;

	if ((r = entry_hash(e, hash)) != 0)
		return exchange_fail(args, "show", args->operands[1], NULL, r);
	exchange_words(hash, words);
	if (args_has(args, "json")) {
		object = member_object(e, 0);
		(void)json_object_set_new(object, "words", json_string(words));
		return exchange_json(args, object);
	}
	(void)printf("%.*s asks to join: %.*s, %zu enrolment officers, %s\n",
		(int)e->name.len, (const char *)e->name.ptr, (int)e->url.len,
		(const char *)e->url.ptr, e->enrol_count,
		e->has_first_directory ? "with a first directory"
				       : "without a first directory");
	(void)printf("words      %s\n", words);
	return 0;
}

static int
show_founding(const struct args *args)
{
	struct note *note = NULL;
	struct entry entry;
	int r;

	if ((r = exchange_entry_read(args, args->operands[1], &note, &entry)) != 0)
		return r;
	r = say_founding(args, &entry);
	note_free(note);
	return r;
}

int
roster_show(const struct args *args)
{
	struct exchange_roster x = {0};
	int r;

	if (is_founding(args->operands[1]))
		return show_founding(args);
	if ((r = exchange_roster_read(args, args->operands[1], &x)) == 0)
		r = show(args, &x);
	exchange_roster_done(&x);
	return r;
}
