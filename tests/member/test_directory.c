/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "community.h"
#include "crypto/crypto.h"
#include "member/directory.h"
#include "people.h"

enum { WEEK_S = 7 * 24 * 3600, OFFICERS = 3 };

/* Ana and Bea on the desk "duty", a host beside them. */
static struct buf enrols[OFFICERS];

static int
setup(void **state)
{
	static const struct {
		const char *name;
		enum subject_kind kind;
	} people[OFFICERS] = {{"ana.silva", SUBJECT_OFFICER},
		{"bea.costa", SUBJECT_RELEASER}, {"index.host", SUBJECT_INDEX_HOST}};

	(void)state;
	for (size_t i = 0; i < OFFICERS; i++) {
		buf_init(&enrols[i], ENROL_BYTES_MAX);
		people_enrol("PT", people[i].name, people[i].kind, &enrols[i]);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < OFFICERS; i++)
		buf_done(&enrols[i]);
	return 0;
}

static struct directory *
made(void)
{
	struct directory *d = NULL;

	assert_int_equal(directory_new(1, 2, OFFICERS, &d), 0);
	d->member = address_of("PT");
	d->number = 7;
	d->custody_count = 2;
	for (size_t i = 0; i < 2; i++) {
		uint8_t seed[32] = {[5] = (uint8_t)(i + 1)};

		assert_int_equal(
			kem_public_of_seed(SUITE_1, seed, &d->custody[i].key), 0);
		d->custody[i].from_s = PEOPLE_FROM_S + i * WEEK_S;
		d->custody[i].wiped_s = PEOPLE_FROM_S + (i + 3) * WEEK_S;
	}
	d->desk_count = 1;
	d->desks[0] = (struct directory_desk){.name = address_of("duty"),
		.hours = address_of("24 h"),
		.officer_count = 2};
	d->officer_count = 2;
	d->officers[0] = address_of("ana.silva");
	d->officers[1] = address_of("bea.costa");
	d->credential_count = OFFICERS;
	for (size_t i = 0; i < OFFICERS; i++)
		assert_int_equal(
			directory_credential_of(
				rd_of(enrols[i].data, enrols[i].len), &d->credentials[i]),
			0);
	return d;
}

static struct note *
sign(const struct directory *d)
{
	struct note *note = NULL;
	struct buf text, bytes;
	uint8_t seed[32];

	buf_init(&text, DIRECTORY_TEXT_MAX);
	buf_init(&bytes, NOTE_BYTES_MAX);
	people_seed("PT", "station", "sign", seed);
	assert_int_equal(directory_write(d, &text), 0);
	assert_int_equal(note_text_write(text.data, text.len, &bytes), 0);
	assert_int_equal(note_sign(text.data, text.len, "PT/sign", seed, &bytes), 0);
	assert_int_equal(note_parse(bytes.data, bytes.len, &note), 0);
	buf_done(&text);
	buf_done(&bytes);
	return note;
}

static void
a_station_signs_its_directory(void **state)
{
	struct directory *made_one = made(), *d = NULL;
	struct note *note = sign(made_one);
	struct entry entry;

	(void)state;
	community_entry("PT", &entry);
	assert_int_equal(directory_parse(note->text, &d), 0);
	assert_int_equal(directory_verify(d, note, &entry), 0);
	for (size_t i = 0; i < d->credential_count; i++)
		assert_int_equal(directory_verify_credential(d, i, &entry), 0);
	assert_int_equal(d->number, 7);
	assert_int_equal(address_compare(d->desks[0].hours, address_of("24 h")), 0);
	/* Another enrolment officer of the roster: then the proof does not count. */
	entry.enrols[0].key[0] ^= 1;
	assert_int_equal(directory_verify_credential(d, 0, &entry), FAIL_SIGNER);
	entry.sign[0] ^= 1;
	assert_int_equal(directory_verify(d, note, &entry), FAIL_SIGNATURE);
	community_entry("CY", &entry);
	assert_int_equal(directory_verify(d, note, &entry), FAIL_MISMATCH);
	assert_int_equal(directory_verify_credential(d, 0, &entry), FAIL_MISMATCH);
	directory_free(d);
	directory_free(made_one);
	note_free(note);
}

static size_t
count_readers(const struct directory *d, const char *name)
{
	size_t at = 0, found, count = 0;

	while (directory_next_reader(d, address_of(name), &at, &found))
		count++;
	return count;
}

static void
an_address_means_its_readers(void **state)
{
	struct directory *d = made();
	size_t found = 9;

	(void)state;
	assert_int_equal(count_readers(d, "duty"), 2);
	assert_int_equal(count_readers(d, "ana.silva"), 1);
	assert_int_equal(count_readers(d, "nobody"), 0);
	assert_int_equal(count_readers(d, "index.host"), 0);
	/* Who is off duty does not read for the desk. */
	d->desks[0].officer_count = 1;
	assert_int_equal(count_readers(d, "duty"), 1);
	assert_int_equal(directory_find_hash(d, d->credentials[1].hash, &found), 0);
	assert_int_equal(found, 1);
	assert_int_equal(
		directory_find_reader(d, d->credentials[2].reader_id, &found), 0);
	assert_int_equal(found, 2);
	assert_int_equal(
		directory_find_hash(d, d->credentials[0].reader_id, &found), FAIL_ABSENT);
	assert_int_equal(
		directory_find_reader(d, d->credentials[0].hash, &found), FAIL_ABSENT);
	assert_int_equal(directory_find_desk(d, address_of("none"), &found), FAIL_ABSENT);
	directory_free(d);
}

static void
custody_keys_have_their_week(void **state)
{
	const struct directory_custody *custody = NULL;
	struct directory *d = made();

	(void)state;
	assert_int_equal(
		directory_custody_at(d, PEOPLE_FROM_S - 1, &custody), FAIL_ABSENT);
	assert_int_equal(directory_custody_at(d, PEOPLE_FROM_S, &custody), 0);
	assert_ptr_equal(custody, &d->custody[0]);
	assert_int_equal(directory_custody_at(d, PEOPLE_FROM_S + WEEK_S, &custody), 0);
	assert_ptr_equal(custody, &d->custody[1]);
	assert_int_equal(directory_custody_at(d, PEOPLE_FROM_S + 4 * WEEK_S, &custody),
		FAIL_ABSENT);
	directory_free(d);
}

static int
try(const struct directory *d)
{
	struct buf out;
	int r;

	buf_init(&out, DIRECTORY_TEXT_MAX);
	r = directory_write(d, &out);
	buf_done(&out);
	return r;
}

static void
a_station_puts_nobody_on_a_desk(void **state)
{
	struct directory *d = made();
	size_t hosts = OFFICERS - 1;

	(void)state;
	assert_int_equal(try(d), 0);
	d->desks[0].name = address_of("cabinet"); /* no credential names it */
	assert_int_equal(try(d), FAIL_FORMAT);
	d->desks[0].officer_count = 0;
	assert_int_equal(try(d), 0);
	d->desks[0].name = address_of("ana.silva"); /* which of the two is meant? */
	assert_int_equal(try(d), FAIL_FORMAT);
	directory_free(d);

	d = made();
	d->officers[1] = d->credentials[hosts].officer;
	assert_int_equal(try(d), FAIL_FORMAT);
	d->officers[1] = address_of("nobody");
	assert_int_equal(try(d), FAIL_FORMAT);
	d->officers[1] = d->officers[0];
	assert_int_equal(try(d), FAIL_FORMAT);
	directory_free(d);
}

static void
what_may_not_be_written(void **state)
{
	struct directory *d = made();
	struct directory_credential c;

	(void)state;
	d->member = address_of("CY"); /* the credentials are of PT */
	assert_int_equal(try(d), FAIL_FORMAT);
	d->member = address_of("PT");
	d->number = 0;
	assert_int_equal(try(d), FAIL_FORMAT);
	d->number = 1;
	d->custody_count = 0;
	assert_int_equal(try(d), FAIL_FORMAT);
	d->custody_count = 2;
	d->custody[1].from_s = d->custody[0].from_s;
	assert_int_equal(try(d), FAIL_FORMAT);
	d->custody[1].from_s = d->custody[1].wiped_s;
	assert_int_equal(try(d), FAIL_FORMAT);
	d->custody[1].from_s = d->custody[0].from_s + 1;
	assert_int_equal(try(d), 0);
	d->custody[1].key =
		d->custody[0].key; /* a week of its own needs a key of its own */
	assert_int_equal(try(d), FAIL_FORMAT);
	d->custody_count = 1;
	assert_int_equal(try(d), 0);
	c = d->credentials[0];
	d->credentials[0] = d->credentials[1];
	d->credentials[1] = c;
	assert_int_equal(try(d), FAIL_FORMAT);
	d->credentials[0] = c;
	assert_int_equal(try(d), FAIL_FORMAT);
	directory_free(d);
	assert_int_equal(directory_new(DIRECTORY_DESKS_MAX + 1, 0, 0, &d), FAIL_LIMIT);
	assert_int_equal(
		directory_new(0, 0, DIRECTORY_CREDENTIALS_MAX + 1, &d), FAIL_LIMIT);
}

/* Half an enrolment is nobody's business but the two officers'. */
static void
one_signature_is_not_listed(void **state)
{
	struct directory_credential c;
	struct enrol e;
	struct buf half;

	(void)state;
	buf_init(&half, ENROL_BYTES_MAX);
	assert_int_equal(enrol_parse(enrols[0].data, enrols[0].len, &e), 0);
	e.signature_count = 1;
	assert_int_equal(enrol_write(&e, &half), 0);
	assert_int_equal(
		directory_credential_of(rd_of(half.data, half.len), &c), FAIL_FORMAT);
	buf_done(&half);
}

/* Every byte of the text: another one is refused or leaves the signature false. */
static void
no_altered_byte_passes(void **state)
{
	struct directory *made_one = made(), *d = NULL;
	struct note *note = sign(made_one);
	struct entry entry;
	struct buf again;
	uint8_t *text;

	(void)state;
	community_entry("PT", &entry);
	buf_init(&again, DIRECTORY_TEXT_MAX);
	text = note->bytes;
	for (size_t i = 0; i < note->text.len; i++) {
		text[i] ^= 1;
		if (directory_parse(note->text, &d) == 0) {
			assert_int_not_equal(directory_verify(d, note, &entry), 0);
			buf_clear(&again);
			assert_int_equal(directory_write(d, &again), 0);
			assert_memory_equal(again.data, text, note->text.len);
			directory_free(d);
		}
		text[i] ^= 1;
	}
	for (size_t len = 0; len < note->text.len; len++)
		if (directory_parse(rd_of(text, len), &d) == 0) {
			/* Cut at a line: still a directory, but not the one signed. */
			assert_int_equal(text[len - 1], '\n');
			directory_free(d);
		}
	buf_done(&again);
	directory_free(made_one);
	note_free(note);
}

static void
out_of_memory_is_told(void **state)
{
	struct directory *made_one = made();
	struct note *note = sign(made_one);
	int r = FAIL_NOMEM;

	(void)state;
	for (long n = 0; r == FAIL_NOMEM; n++) {
		struct directory *d = NULL;

		mem_fail_after(n, false);
		r = directory_parse(note->text, &d);
		mem_fail_never();
		directory_free(d);
	}
	assert_int_equal(r, 0);
	directory_free(made_one);
	note_free(note);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_station_signs_its_directory),
		cmocka_unit_test(an_address_means_its_readers),
		cmocka_unit_test(custody_keys_have_their_week),
		cmocka_unit_test(a_station_puts_nobody_on_a_desk),
		cmocka_unit_test(what_may_not_be_written),
		cmocka_unit_test(one_signature_is_not_listed),
		cmocka_unit_test(no_altered_byte_passes),
		cmocka_unit_test(out_of_memory_is_told),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
