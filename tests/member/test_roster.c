/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "community.h"
#include "crypto/crypto.h"
#include "people.h"

#define LIST(...)                                                                        \
	(const char *const[]){__VA_ARGS__},                                              \
		sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)

static struct roster *
parse(const struct note *note)
{
	struct roster *roster = NULL;

	assert_int_equal(roster_parse(note->text, &roster), 0);
	return roster;
}

/* A trusted roster as a note, and the next one to be changed by a test. */
struct pair {
	struct note *old_note;
	struct roster *old;
	struct roster *next;
};

static struct pair
begin(const char *const *names, size_t count)
{
	struct roster *made = community_roster(names, count);
	struct pair p = {.old_note = community_note(made, names, count)};

	p.old = parse(p.old_note);
	made->serial = 2;
	roster_hash(p.old->text, made->previous);
	p.next = made;
	return p;
}

static void
end(struct pair *p)
{
	roster_free(p->old);
	roster_free(p->next);
	note_free(p->old_note);
}

/* The verdict on `next` with these signatures. */
static enum roster_fault
judge(const struct pair *p, const char *const *signers, size_t count)
{
	struct note *note = community_note(p->next, signers, count);
	struct roster *next = parse(note);
	struct roster_verdict v;
	int r = roster_follows(p->old, next, note, &v);

	assert_true(r == 0 || r == FAIL_REFUSED);
	assert_int_equal(r == 0, v.fault == ROSTER_GOOD);
	roster_free(next);
	note_free(note);
	return v.fault;
}

/* The verdict of a roster on itself with these signatures. */
static int
judge_first(const struct roster *made, const char *const *signers, size_t count,
	struct roster_verdict *ret_verdict)
{
	struct note *note = community_note(made, signers, count);
	struct roster *roster = parse(note);
	int r = roster_first(roster, note, ret_verdict);

	roster_free(roster);
	note_free(note);
	return r;
}

static void
serial_1_is_signed_by_all(void **state)
{
	struct roster *made = community_roster(LIST("PT", "CY"));
	struct roster_verdict v;

	(void)state;
	assert_int_equal(judge_first(made, LIST("PT", "CY"), &v), 0);
	assert_int_equal(v.signers.member_count, 2);
	/* Members stand in the order of their names. */
	assert_int_equal(address_compare(made->members[0].name, address_of("CY")), 0);
	assert_int_equal(judge_first(made, LIST("PT", "CY1"), &v), FAIL_REFUSED);
	assert_int_equal(v.fault, ROSTER_NOT_ALL_SIGNED);
	assert_int_equal(v.signers.member_count, 1);
	/* One enrol key twice is one signature. */
	assert_int_equal(judge_first(made, LIST("PT", "CY1", "CY1"), &v), FAIL_REFUSED);
	assert_int_equal(judge_first(made, LIST("FR"), &v), FAIL_SIGNER);
	roster_free(made);
}

static void
one_member_admits_another(void **state)
{
	struct pair p = begin(LIST("PT"));
	struct entry cy;

	(void)state;
	community_entry("CY", &cy);
	assert_int_equal(roster_add(p.next, &cy), 0);
	assert_int_equal(roster_add(p.next, &cy), FAIL_EXISTS);
	assert_int_equal(judge(&p, LIST("PT")), ROSTER_GOOD);
	assert_int_equal(judge(&p, LIST("PT1")), ROSTER_TOO_FEW_SIGNED);
	assert_int_equal(judge(&p, LIST("PT1", "PT1")), ROSTER_TOO_FEW_SIGNED);
	/* The newcomer's signature is by no key that counts yet. */
	assert_int_equal(judge(&p, LIST("PT1", "CY")), ROSTER_TOO_FEW_SIGNED);
	end(&p);
}

static void
the_chain_has_no_gap(void **state)
{
	struct pair p = begin(LIST("PT", "CY"));

	(void)state;
	p.next->serial = 3;
	assert_int_equal(judge(&p, LIST("PT", "CY")), ROSTER_NOT_NEXT);
	p.next->serial = 2;
	p.next->previous[0] ^= 1;
	assert_int_equal(judge(&p, LIST("PT", "CY")), ROSTER_OTHER_PREVIOUS);
	p.next->previous[0] ^= 1;
	p.next->community = address_of("others");
	assert_int_equal(judge(&p, LIST("PT", "CY")), ROSTER_OTHER_COMMUNITY);
	end(&p);
}

/* Each way to loosen a rule needs all but one, and two at least. */
static void
nobody_loosens_rules_alone(void **state)
{
	struct pair p;

	(void)state;
	for (int way = 0; way < 6; way++) {
		struct roster *first = community_roster(LIST("PT", "CY", "FR", "EU"));

		first->threshold = way == 0 ? 2 : 1;
		first->rule_count = 1;
		first->rules[0] =
			(struct roster_rule){.text = address_of("CONCORD: SECRET"),
				.threshold = 2,
				.count = 3};
		p.old_note = community_note(first, LIST("PT", "CY", "FR", "EU"));
		p.old = parse(p.old_note);
		p.next = first;
		first->serial = 2;
		roster_hash(p.old->text, first->previous);
		switch (way) {
		case 0:
			first->threshold = 1;
			break;
		case 1:
			first->enrol_delay_s--;
			break;
		case 2:
			first->rules[0].threshold = 1;
			break;
		case 3:
			first->rules[0].count = 2;
			break;
		case 4:
			first->rule_count = 0;
			break;
		default:
			first->rules[0].is_internal = true;
			break;
		}
		assert_int_equal(judge(&p, LIST("PT", "CY")), ROSTER_LOWERED);
		assert_int_equal(judge(&p, LIST("PT", "CY", "EU")), ROSTER_GOOD);
		end(&p);
	}
	/* Two members: both; one member: never. */
	p = begin(LIST("PT", "CY"));
	p.next->enrol_delay_s = 0;
	assert_int_equal(judge(&p, LIST("PT")), ROSTER_LOWERED);
	assert_int_equal(judge(&p, LIST("PT", "CY")), ROSTER_GOOD);
	end(&p);
	p = begin(LIST("PT"));
	p.next->enrol_delay_s = 0;
	assert_int_equal(judge(&p, LIST("PT")), ROSTER_LOWERED);
	p.next->enrol_delay_s = ROSTER_ENROL_DELAY_S + 1;
	assert_int_equal(judge(&p, LIST("PT")), ROSTER_GOOD);
	end(&p);
}

static void
raising_needs_no_more_than_the_threshold(void **state)
{
	struct pair p = begin(LIST("PT", "CY", "FR", "EU"));

	(void)state;
	p.next->threshold = 3;
	p.next->enrol_delay_s++;
	p.next->rule_count = 1;
	p.next->rules[0] = (struct roster_rule){
		.text = address_of("CONCORD: SECRET"), .threshold = 2, .count = 3};
	assert_int_equal(judge(&p, LIST("FR")), ROSTER_GOOD);
	assert_int_equal(judge(&p, LIST("FR1", "PT2")), ROSTER_TOO_FEW_SIGNED);
	end(&p);
}

/* Otherwise CY could enrol officers of PT, with keys of its own. */
static void
nobody_exchanges_anothers_keys(void **state)
{
	struct pair p = begin(LIST("PT", "CY", "FR", "EU"));
	size_t pt = 0;

	(void)state;
	assert_int_equal(roster_find(p.next, address_of("PT"), &pt), 0);
	p.next->members[pt].enrols[0].key[0] ^= 1;
	assert_int_equal(judge(&p, LIST("CY")), ROSTER_ENTRY_CHANGED);
	assert_int_equal(judge(&p, LIST("CY", "FR")), ROSTER_ENTRY_CHANGED);
	assert_int_equal(judge(&p, LIST("PT")), ROSTER_GOOD);
	/* When PT has lost its keys the others help it. */
	assert_int_equal(judge(&p, LIST("CY", "FR", "EU")), ROSTER_GOOD);
	end(&p);
	p = begin(LIST("PT", "CY"));
	p.next->members[1].has_first_directory = true;
	assert_int_equal(judge(&p, LIST("PT", "CY")), ROSTER_FIRST_DIRECTORY);
	end(&p);
}

/* No byte of the text or a signature can change and the roster still count. */
static void
no_altered_byte_counts(void **state)
{
	struct roster *made = community_roster(LIST("PT", "CY"));
	struct buf bytes;

	(void)state;
	buf_init(&bytes, NOTE_BYTES_MAX);
	community_sign(made, LIST("PT", "CY"), &bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		struct roster_verdict v;
		struct roster *roster = NULL;
		struct note *note = NULL;

		bytes.data[i] ^= 1;
		if (note_parse(bytes.data, bytes.len, &note) == 0 &&
			roster_parse(note->text, &roster) == 0)
			assert_int_not_equal(roster_first(roster, note, &v), 0);
		roster_free(roster);
		note_free(note);
		bytes.data[i] ^= 1;
	}
	buf_done(&bytes);
	roster_free(made);
}

static int
try_text(const char *text)
{
	struct roster *roster = NULL;
	int r = roster_parse(address_of(text), &roster);

	roster_free(roster);
	return r;
}

/* Put `to` for the first `from` of the text of a roster of PT and CY. */
static int
try_changed(const char *from, const char *to)
{
	struct roster *made = community_roster(LIST("PT", "CY"));
	struct buf text, changed;
	const uint8_t *at;
	size_t before;
	int r;

	buf_init(&text, ROSTER_TEXT_MAX);
	buf_init(&changed, ROSTER_TEXT_MAX);
	assert_int_equal(roster_write(made, &text), 0);
	at = memmem(text.data, text.len, from, strlen(from));
	assert_non_null(at);
	before = (size_t)(at - text.data);
	buf_bytes(&changed, text.data, before);
	buf_text(&changed, to);
	buf_bytes(&changed, at + strlen(from), text.len - before - strlen(from));
	buf_u8(&changed, 0);
	r = try_text((const char *)changed.data);
	buf_done(&text);
	buf_done(&changed);
	roster_free(made);
	return r;
}

static void
the_grammar_is_strict(void **state)
{
	static const char *const bad[][2] = {
		{"valise/v1 roster", "valise/v2 roster"},
		{"community allies", "community Allies"},
		{"community allies", "community  allies"}, {"serial 1", "serial 01"},
		{"serial 1", "serial 0"}, {"serial 1", "serial 2"},
		{"serial 1", "serial 99999999999"}, {"previous 00", "previous 01"},
		{"previous 00", "previous "}, {"threshold 1", "threshold 3"},
		{"threshold 1", "threshold 0"}, {"threshold 1\nenrol", "enrol"},
		{"enrol-delay 86400", "enrol-delay 99999999"},
		{"require-suite 1", "require-suite 3"},
		{"require-suite 1",
			"require-suite 2"}, /* the audit keys are of suite 1 */
		{"policy CONCORD\n", ""},
		{"policy CONCORD\n", "policy CONCORD\npolicy CONCORD\n"},
		{"policy CONCORD\n", "policy TLP\npolicy CONCORD\n"},
		{"policy CONCORD\n",
			"policy CONCORD\ncustody 0 1 members CONCORD: SECRET\n"},
		{"policy CONCORD\n",
			"policy CONCORD\ncustody 2 1 members CONCORD: SECRET\n"},
		{"policy CONCORD\n",
			"policy CONCORD\ncustody 1 17 members CONCORD: SECRET\n"},
		{"policy CONCORD\n",
			"policy CONCORD\ncustody 1 1 friends CONCORD: SECRET\n"},
		{"policy CONCORD\n", "policy CONCORD\ncustody 1 1 members TLP: RED\n"},
		{"policy CONCORD\n",
			"policy CONCORD\ncustody 1 1 members CONCORD: A, B\n"},
		{"policy CONCORD\n", "policy CONCORD\nunknown word\n"},
		{"\nmember CY", "member CY"}, {"\nmember CY", "\n\nmember CY"},
		{"member CY", "member ZZ"}, {"domain cy.example", "domain pt.example"},
		{"url https://cy.example", "url http://cy.example"},
		{"first-directory none", "first-directory 00"},
		{"PT/enrol/2", "PT/enrol/3"},
		{"registrar PT",
			"security PT"}, /* a vkey does not say the role: see below */
	};

	(void)state;
	assert_int_equal(try_changed("serial 1", "serial 1"), 0);
	for (size_t i = 0; i + 1 < sizeof bad / sizeof bad[0]; i++)
		if (try_changed(bad[i][0], bad[i][1]) == 0)
			fail_msg("accepted: %s", bad[i][1]);
	/* Two security officers are a good member; two registrars are not. */
	assert_int_equal(try_changed("registrar PT", "security PT"), 0);
	assert_int_equal(try_changed("security PT", "registrar PT"), FAIL_FORMAT);
	assert_int_equal(try_text(""), FAIL_FORMAT);
}

static void
rules_and_outside_witnesses_are_kept(void **state)
{
	struct roster *made = community_roster(LIST("PT", "CY"));
	struct note_key key;
	struct buf lines, text;
	uint8_t public_key[SIGN_PUBLIC_LEN], seed[32] = {7};

	(void)state;
	buf_init(&lines, 4096);
	buf_init(&text, ROSTER_TEXT_MAX);
	sign_public(seed, public_key);
	assert_int_equal(note_key_make("w.example/1", NOTE_COSIGNATURE, public_key,
				 sizeof public_key, &key),
		0);
	buf_text(&lines, "outside witness w1 ");
	note_key_write(&key, &lines);
	buf_text(&lines,
		" https://w.example/prefix/\noutside group all-of-them 1 w1\n"
		"outside quorum all-of-them\n");
	made->outside = rd_of(lines.data, lines.len);
	made->rule_count = 1;
	made->rules[0] = (struct roster_rule){.text = address_of("CONCORD: TOP SECRET"),
		.threshold = 2,
		.count = 3,
		.is_internal = true};
	assert_int_equal(roster_write(made, &text), 0);
	buf_u8(&text, 0);
	assert_int_equal(try_text((const char *)text.data), 0);
	/* A policy without its quorum, or with a name that is not there, is none. */
	made->outside.len -= strlen("outside quorum all-of-them\n");
	buf_clear(&text);
	assert_int_equal(roster_write(made, &text), 0);
	buf_u8(&text, 0);
	assert_int_equal(try_text((const char *)text.data), FAIL_FORMAT);
	buf_done(&lines);
	buf_done(&text);
	roster_free(made);
}

static void
thirty_two_members_and_no_more(void **state)
{
	char names[ROSTER_MEMBERS_MAX + 1][8];
	const char *list[ROSTER_MEMBERS_MAX];
	struct roster_verdict v;
	struct roster *made, *roster;
	struct note *note;
	struct entry e;

	(void)state;
	for (size_t i = 0; i <= ROSTER_MEMBERS_MAX; i++)
		(void)snprintf(names[i], sizeof names[i], "M%c%c", (char)('A' + i / 26),
			(char)('A' + i % 26));
	for (size_t i = 0; i < ROSTER_MEMBERS_MAX; i++)
		list[i] = names[i];
	made = community_roster(list, ROSTER_MEMBERS_MAX);
	community_entry(names[ROSTER_MEMBERS_MAX], &e);
	assert_int_equal(roster_add(made, &e), FAIL_LIMIT);
	note = community_note(made, list, ROSTER_MEMBERS_MAX);
	roster = parse(note);
	assert_int_equal(roster_first(roster, note, &v), 0);
	assert_int_equal(v.signers.member_count, ROSTER_MEMBERS_MAX);
	roster_free(roster);
	roster_free(made);
	note_free(note);
}

static void
how_many_must_cosign(void **state)
{
	static const size_t table[][3] = {/* m, k, may be absent */
		{1, 0, 0}, {2, 1, 0}, {3, 2, 0}, {4, 2, 1}, {5, 3, 1}, {7, 4, 2},
		{10, 6, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		assert_int_equal(roster_quorum(table[i][0]), table[i][1]);
		assert_int_equal(roster_absent_max(table[i][0]), table[i][2]);
	}
}

static void
a_founding_file_is_signed_by_its_station(void **state)
{
	uint8_t seed[32], hash[2][HASH_LEN];
	struct entry e, again;
	struct note *note = NULL;
	struct buf bytes;

	(void)state;
	community_entry("PT", &e);
	buf_init(&bytes, NOTE_BYTES_MAX);
	people_seed("PT", "station", "sign", seed);
	assert_int_equal(entry_note_write(&e, seed, &bytes), 0);
	assert_int_equal(note_parse(bytes.data, bytes.len, &note), 0);
	assert_int_equal(entry_note_parse(note, &again), 0);
	assert_int_equal(entry_hash(&again, hash[0]), 0);
	hash_sha256(note->text.ptr, note->text.len, hash[1]);
	assert_memory_equal(hash[0], hash[1], HASH_LEN);
	note_free(note);
	for (size_t i = 0; i < bytes.len; i++) {
		note = NULL;
		bytes.data[i] ^= 1;
		if (note_parse(bytes.data, bytes.len, &note) == 0)
			assert_int_not_equal(entry_note_parse(note, &again), 0);
		note_free(note);
		bytes.data[i] ^= 1;
	}
	seed[0] ^= 1;
	assert_int_equal(entry_note_write(&e, seed, &bytes), FAIL_MISMATCH);
	buf_done(&bytes);
}

static void
a_member_has_no_key_twice(void **state)
{
	struct roster *made = community_roster(LIST("PT", "CY"));
	struct buf out;

	(void)state;
	buf_init(&out, ROSTER_TEXT_MAX);
	memcpy(made->members[0].enrols[1].key, made->members[0].enrols[0].key, 32);
	assert_int_equal(roster_write(made, &out), FAIL_FORMAT);
	roster_free(made);
	/* Nor two members one. */
	made = community_roster(LIST("PT", "CY"));
	memcpy(made->members[0].enrols[1].key, made->members[1].enrols[1].key, 32);
	assert_int_equal(roster_write(made, &out), FAIL_FORMAT);
	roster_free(made);
	buf_done(&out);
}

static void
out_of_memory_is_told(void **state)
{
	struct roster *made = community_roster(LIST("PT", "CY"));
	struct note *note = community_note(made, LIST("PT", "CY"));
	struct roster_verdict v;
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r == FAIL_NOMEM; n++) {
		struct roster *roster = NULL;

		mem_fail_after(n, false);
		if ((r = roster_parse(note->text, &roster)) == 0)
			r = roster_first(roster, note, &v);
		if (r == 0)
			r = roster_follows(roster, roster, note, &v) == FAIL_REFUSED
				? 0
				: FAIL_NOMEM;
		mem_fail_never();
		roster_free(roster);
	}
	assert_int_equal(r, 0);
	note_free(note);
	roster_free(made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serial_1_is_signed_by_all),
		cmocka_unit_test(one_member_admits_another),
		cmocka_unit_test(the_chain_has_no_gap),
		cmocka_unit_test(nobody_loosens_rules_alone),
		cmocka_unit_test(raising_needs_no_more_than_the_threshold),
		cmocka_unit_test(nobody_exchanges_anothers_keys),
		cmocka_unit_test(no_altered_byte_counts),
		cmocka_unit_test(the_grammar_is_strict),
		cmocka_unit_test(rules_and_outside_witnesses_are_kept),
		cmocka_unit_test(thirty_two_members_and_no_more),
		cmocka_unit_test(how_many_must_cosign),
		cmocka_unit_test(a_founding_file_is_signed_by_its_station),
		cmocka_unit_test(a_member_has_no_key_twice),
		cmocka_unit_test(out_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
