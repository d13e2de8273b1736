/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "community.h"
#include "crypto/crypto.h"
#include "member/directory.h"
#include "people.h"
#include "vault_rig.h"

/* ROSTER, FOUND, TICK and SIGN_DIRECTORY: what custody holds on to, and what it signs. */

enum { DAY_S = 24 * 3600 };

static struct rig rig;

static int
setup(void **state)
{
	(void)state;
	rig_init(&rig);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rig_done(&rig);
	return 0;
}

/* A PT that has no roster and no founding file yet. */
static void
begin_anew(void)
{
	rig_stop(&rig, PT);
	memory_disk_done(&rig.stations[PT].disk);
	memory_disk_init(&rig.stations[PT].disk);
	assert_int_equal(rig_start(&rig, PT), 0);
}

static int
say_roster(const struct roster *roster, const char *const *signers, size_t count)
{
	struct vault_roster message;
	struct buf note;
	int fail;

	buf_init(&note, NOTE_BYTES_MAX);
	community_sign(roster, signers, count, &note);
	message.note = rd_of(note.data, note.len);
	fail = rig_ask(&rig, PT, VAULT_ROSTER, &vault_roster_codec, &message)->fail;
	buf_done(&note);
	return fail;
}

/* The one after the rig's. */
static struct roster *
next_roster(void)
{
	struct roster *next = community_roster(rig_names, RIG_MEMBERS);

	next->serial = 2;
	memcpy(next->previous, rig.roster_hash, HASH_LEN);
	return next;
}

static void
a_roster_follows(void **state)
{
	struct roster *next = next_roster();

	(void)state;
	assert_int_equal(say_roster(next, rig_names, 1), 0);
	/* The same again; and after a start it is the one that is held. */
	assert_int_equal(say_roster(next, rig_names, 1), 0);
	rig_stop(&rig, PT);
	assert_int_equal(rig_start(&rig, PT), 0);
	assert_int_equal(say_roster(next, rig_names, 1), 0);
	/* There is no way back. */
	assert_int_equal(say_roster(rig.roster, rig_names, RIG_MEMBERS), FAIL_REFUSED);
	roster_free(next);
}

static void
a_roster_that_does_not_follow(void **state)
{
	static const char *const one_key[] = {"PT1"};
	struct roster *next;

	(void)state;
	/* One officer of one member. */
	next = next_roster();
	assert_int_not_equal(say_roster(next, one_key, 1), 0);
	/* A serial left out. */
	next->serial = 3;
	assert_int_equal(say_roster(next, rig_names, RIG_MEMBERS), FAIL_REFUSED);
	roster_free(next);
	/* Another one before it. */
	next = next_roster();
	next->previous[0] ^= 1;
	assert_int_equal(say_roster(next, rig_names, RIG_MEMBERS), FAIL_REFUSED);
	roster_free(next);
	/* A community without us is none of ours. */
	next = community_roster(rig_names + 1, RIG_MEMBERS - 1);
	next->serial = 2;
	memcpy(next->previous, rig.roster_hash, HASH_LEN);
	assert_int_equal(say_roster(next, rig_names + 1, RIG_MEMBERS - 1), FAIL_REFUSED);
	roster_free(next);
}

/* The first one: signed by all in it, with our own keys in our name. */
static void
the_first_roster(void **state)
{
	struct roster *other = community_roster(rig_names, RIG_MEMBERS);

	(void)state;
	begin_anew();
	assert_int_equal(say_roster(other, rig_names, RIG_MEMBERS - 1), FAIL_REFUSED);
	for (size_t i = 0; i < other->member_count; i++)
		if (address_compare(other->members[i].name, address_of("PT")) == 0)
			other->members[i].tls[0] ^= 1;
	assert_int_equal(say_roster(other, rig_names, RIG_MEMBERS), FAIL_REFUSED);
	assert_int_equal(say_roster(rig.roster, rig_names, RIG_MEMBERS), 0);
	roster_free(other);
}

/* A roster that asks for what this build lacks, or has. */
static void
a_suite_is_asked(void **state)
{
	struct roster *next = next_roster();
	struct kem_public key;

	(void)state;
	next->require_suite = SUITE_2;
	/* Audit keys of that suite; nobody here uses them. */
	for (size_t i = 0; i < next->member_count; i++) {
		struct kem_public *audit = &next->members[i].audit;

		audit->suite = SUITE_2;
		audit->len = (uint16_t)kem_public_len(SUITE_2);
		memset(audit->bytes, (int)i + 1, audit->len);
	}
	if (!crypto_has_suite(SUITE_2)) {
		assert_int_equal(say_roster(next, rig_names, RIG_MEMBERS), FAIL_SUITE);
	} else {
		rig_custody_key(&rig, PT, &key);
		assert_int_equal(key.suite, SUITE_1);
		assert_int_equal(say_roster(next, rig_names, RIG_MEMBERS), 0);
		rig_custody_key(&rig, PT, &key);
		assert_int_equal(key.suite, SUITE_2);
	}
	roster_free(next);
}

/* The founding file. */

static int
say_found(const struct entry *entry, const char *signer)
{
	struct vault_note message;
	struct buf note;
	uint8_t seed[32];
	int fail;

	buf_init(&note, NOTE_BYTES_MAX);
	people_seed(signer, "station", "sign", seed);
	assert_int_equal(entry_note_write(entry, seed, &note), 0);
	message.note = rd_of(note.data, note.len);
	fail = rig_ask(&rig, PT, VAULT_FOUND, &vault_note_codec, &message)->fail;
	buf_done(&note);
	return fail;
}

static void
a_founding_file(void **state)
{
	struct entry pt, fr, other;

	(void)state;
	community_entry("PT", &pt);
	community_entry("FR", &fr);
	other = pt;
	other.enrols[0].key[0] ^= 1;
	/* With a roster it has nothing to say any more. */
	assert_int_equal(say_found(&pt, "PT"), FAIL_EXISTS);
	begin_anew();
	assert_int_equal(say_found(&fr, "FR"), FAIL_REFUSED);
	assert_int_equal(say_found(&pt, "PT"), 0);
	assert_int_equal(say_found(&pt, "PT"), 0);
	/* People may found anew until there is a roster. */
	assert_int_equal(say_found(&other, "PT"), 0);
	assert_int_equal(say_found(&pt, "PT"), 0);
	assert_int_equal(say_roster(rig.roster, rig_names, RIG_MEMBERS), 0);
	assert_int_equal(say_found(&pt, "PT"), 0);
	assert_int_equal(say_found(&other, "PT"), FAIL_EXISTS);
}

/* Directories. */

/* The custody lines that TICK gives; and whether a new directory is asked for. */
static bool
tick(struct buf *ret_text)
{
	const struct rig_said *said = rig_ask(&rig, PT, VAULT_TICK, NULL, NULL);
	struct vault_keys keys;

	assert_int_equal(said->fail, 0);
	assert_int_equal(codec_parse_whole(&vault_keys_codec,
				 rd_of(said->body.data, said->body.len), &keys),
		0);
	buf_clear(ret_text);
	buf_bytes(ret_text, keys.text.ptr, keys.text.len);
	return keys.is_changed == 1;
}

struct directory_plan {
	uint32_t number;
	const char *member;
	const char *officer_of; /* whose ana is in it */
	bool is_one_signature;
	const char *custody; /* NULL: as TICK says */
};

/* The text of a directory with rita, ana and the keys of this week. */
static void
write_directory(const struct directory_plan *plan, struct buf *out)
{
	struct buf enrol, custody;
	char *base64 = NULL;

	buf_init(&enrol, ENROL_BYTES_MAX);
	buf_init(&custody, 8192);
	(void)tick(&custody);
	people_enrol(plan->officer_of, "ana", SUBJECT_OFFICER, &enrol);
	if (plan->is_one_signature)
		enrol.data[enrol.len - 1] ^= 1;
	assert_int_equal(mem_new(&base64, text_base64_len(enrol.len) + 1), 0);
	text_base64(enrol.data, enrol.len, base64);
	buf_clear(out);
	buf_printf(out, "valise/v1 directory\nmember %s\nnumber %u\n", plan->member,
		(unsigned)plan->number);
	if (plan->custody != NULL)
		buf_text(out, plan->custody);
	else
		buf_bytes(out, custody.data, custody.len);
	buf_printf(out, "desk duty\nofficer ana\ncredential ana laptop %s\n", base64);
	mem_free(base64);
	buf_done(&enrol);
	buf_done(&custody);
}

static int
say_directory(const struct buf *text, struct buf *ret_note)
{
	struct vault_note message = {.note = rd_of(text->data, text->len)};
	const struct rig_said *said =
		rig_ask(&rig, PT, VAULT_SIGN_DIRECTORY, &vault_note_codec, &message);

	if (said->fail == 0 && ret_note != NULL) {
		assert_int_equal(
			codec_parse_whole(&vault_note_codec,
				rd_of(said->body.data, said->body.len), &message),
			0);
		buf_clear(ret_note);
		buf_bytes(ret_note, message.note.ptr, message.note.len);
	}
	return said->fail;
}

static void
a_directory_is_signed(void **state)
{
	struct directory_plan plan = {.number = 1, .member = "PT", .officer_of = "PT"};
	struct directory *d = NULL;
	struct note *note = NULL;
	struct entry entry;
	struct buf text, signed_note;

	(void)state;
	buf_init(&text, 65536);
	buf_init(&signed_note, 65536);
	assert_true(tick(&text));
	write_directory(&plan, &text);
	assert_int_equal(say_directory(&text, &signed_note), 0);
	assert_int_equal(note_parse(signed_note.data, signed_note.len, &note), 0);
	assert_int_equal(directory_parse(note->text, &d), 0);
	community_entry("PT", &entry);
	assert_int_equal(directory_verify(d, note, &entry), 0);
	directory_free(d);
	note_free(note);
	/* It says what our keys say, until they change: on the next Monday. */
	assert_false(tick(&text));
	rig.now_s = RIG_NOW_S + 7 * DAY_S;
	assert_true(tick(&text));
	buf_done(&text);
	buf_done(&signed_note);
}

/* Numbers go up; the same text again is the same directory; also over a start. */
static void
a_number_is_signed_once(void **state)
{
	struct directory_plan plan = {.number = 5, .member = "PT", .officer_of = "PT"};
	struct buf text, same;

	(void)state;
	buf_init(&text, 65536);
	buf_init(&same, 65536);
	write_directory(&plan, &same);
	assert_int_equal(say_directory(&same, NULL), 0);
	rig_stop(&rig, PT);
	memory_disk_cut(&rig.stations[PT].disk, 0);
	assert_int_equal(rig_start(&rig, PT), 0);
	assert_int_equal(say_directory(&same, NULL), 0);
	/* Another text of that number: without ana on the desk. */
	buf_bytes(&text, same.data, same.len);
	buf_u8(&text, 0);
	text.len--;
	{
		char *at = strstr((char *)text.data, "officer ana\n");
		size_t before = (size_t)((uint8_t *)at - text.data);
		size_t behind = text.len - before - strlen("officer ana\n");

		memmove(at, at + strlen("officer ana\n"), behind);
		text.len -= strlen("officer ana\n");
	}
	assert_int_equal(say_directory(&text, NULL), FAIL_REFUSED);
	plan.number = 4;
	write_directory(&plan, &text);
	assert_int_equal(say_directory(&text, NULL), FAIL_REFUSED);
	plan.number = 9;
	write_directory(&plan, &text);
	assert_int_equal(say_directory(&text, NULL), 0);
	buf_done(&text);
	buf_done(&same);
}

static void
what_no_directory_may_say(void **state)
{
	static const struct {
		struct directory_plan plan;
		int expected; /* 1: any */
	} cases[] = {
		{{1, "FR", "FR", false, NULL}, FAIL_REFUSED},
		{{1, "PT", "PT", true, NULL}, FAIL_SIGNATURE},
		{{1, "PT", "FR", false, NULL}, 1},
		{{1, "PT", "PT", false,
			 "custody 1 2026-11-23T00:00:00Z 2026-12-14T00:00:00Z "
			 "Dd9L7nk6XlieYyD6JuLl6WT6BsuITwZbdqzxYApCnCQ=\n"
			 "custody 1 2026-11-30T00:00:00Z 2026-12-21T00:00:00Z "
			 "b1o9NblY5jJU+so92P6ay+qKORw6l4N87K7lIra+vDE=\n"},
			FAIL_MISMATCH},
		{{1, "PT", "PT", false,
			 "custody 1 2026-11-23T00:00:00Z 2026-12-14T00:00:00Z "
			 "Dd9L7nk6XlieYyD6JuLl6WT6BsuITwZbdqzxYApCnCQ=\n"},
			FAIL_MISMATCH},
	};
	struct buf text;

	(void)state;
	buf_init(&text, 65536);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int fail;

		write_directory(&cases[i].plan, &text);
		fail = say_directory(&text, NULL);
		if (cases[i].expected == 1)
			assert_int_not_equal(fail, 0);
		else
			assert_int_equal(fail, cases[i].expected);
	}
	buf_done(&text);
}

/* Before a roster the officers of the founding file count; before that nobody. */
static void
a_directory_before_the_roster(void **state)
{
	struct directory_plan plan = {.number = 1, .member = "PT", .officer_of = "PT"};
	struct entry entry;
	struct buf text;

	(void)state;
	begin_anew();
	buf_init(&text, 65536);
	write_directory(&plan, &text);
	assert_int_equal(say_directory(&text, NULL), FAIL_AGAIN);
	community_entry("PT", &entry);
	entry.enrols[0].key[0] ^= 1;
	assert_int_equal(say_found(&entry, "PT"), 0);
	assert_int_not_equal(say_directory(&text, NULL), 0);
	community_entry("PT", &entry);
	assert_int_equal(say_found(&entry, "PT"), 0);
	assert_int_equal(say_directory(&text, NULL), 0);
	buf_done(&text);
}

/* The disk says no: nothing is signed, nothing is pinned. */
static void
what_cannot_be_kept_is_not_signed(void **state)
{
	struct directory_plan plan = {.number = 1, .member = "PT", .officer_of = "PT"};
	struct memory_disk *disk = &rig.stations[PT].disk;
	struct roster *next = next_roster();
	struct buf text;

	(void)state;
	buf_init(&text, 65536);
	write_directory(&plan, &text);
	disk->fail = FAIL_SPACE;
	disk->fail_on = true;
	disk->fail_at = disk->calls;
	assert_int_equal(say_directory(&text, NULL), FAIL_SPACE);
	assert_int_equal(say_roster(next, rig_names, 1), FAIL_SPACE);
	disk->fail_at = -1;
	assert_int_equal(say_directory(&text, NULL), 0);
	assert_int_equal(say_roster(next, rig_names, 1), 0);
	roster_free(next);
	buf_done(&text);
}

/* TICK tells that keys could not be turned; what was there goes on. */
static void
a_turn_that_fails_is_told(void **state)
{
	struct memory_disk *disk = &rig.stations[PT].disk;
	struct buf text;

	(void)state;
	buf_init(&text, 8192);
	disk->fail = FAIL_SPACE;
	disk->fail_on = true;
	disk->fail_at = disk->calls;
	rig.now_s += 8 * DAY_S;
	assert_int_equal(rig_ask(&rig, PT, VAULT_TICK, NULL, NULL)->fail, FAIL_SPACE);
	disk->fail_at = -1;
	/* It is tried again after a minute. */
	rig.now_s += 61;
	assert_true(tick(&text));
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_roster_follows, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_roster_that_does_not_follow, setup, teardown),
		cmocka_unit_test_setup_teardown(the_first_roster, setup, teardown),
		cmocka_unit_test_setup_teardown(a_suite_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(a_founding_file, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_is_signed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_is_signed_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_no_directory_may_say, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_directory_before_the_roster, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_kept_is_not_signed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_turn_that_fails_is_told, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
