/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "community.h"
#include "crypto/crypto.h"
#include "fake_station.h"
#include "people.h"
#include "sys/disk.h"
#include "sys/random.h"
#include "valise/people.h"

/*
 * Ana of PT learns of people from her station, which may be honest or not.  What it says is in
 * `served`; each case changes that and starts the station anew.
 */

enum { TEXT_MAX = 65536, ROSTERS = 2, UNTIL_S = 2000000000, FROM_S = 1700000000 };
enum { PT, CY, MEMBERS };

static const char *const names[MEMBERS] = {"PT", "CY"};
static char root[] = "/tmp/valise-people-XXXXXX";
static char dir[64];
static struct keys *keys;
static struct buf enrol; /* ana's */

static struct {
	struct buf rosters[ROSTERS + 1]; /* by serial */
	struct buf directories[MEMBERS];
	uint32_t numbers[MEMBERS];
} served;

/* What the station's process answers. */
static void
answer(struct rd path, struct rd body, struct fake_answer *a)
{
	struct post_note note = {.note = rd_of("", 0)};
	struct post_ask_note ask;
	struct post_signed s;
	bool is_roster = path.len == strlen("/c/1/roster") &&
		memcmp(path.ptr, "/c/1/roster", path.len) == 0;
	struct post_station station = {.member = rd_of("PT", 2),
		.founding = rd_of("", 0),
		.roster = rd_of("", 0)};
	size_t m;

	if (path.len == strlen("/c/1/station") &&
		memcmp(path.ptr, "/c/1/station", path.len) == 0) {
		a->status = 200;
		codec_write(&post_station_codec, &station, &a->body);
		return;
	}
	if (codec_parse_whole(&post_signed_codec, body, &s) != 0 ||
		codec_parse_whole(&post_ask_note_codec, s.body, &ask) != 0)
		return;
	m = ask.member.len > 0 && ask.member.ptr[0] == 'C' ? CY : PT;
	if (is_roster && ask.known < ROSTERS)
		note.note = rd_of(served.rosters[ask.known + 1].data,
			served.rosters[ask.known + 1].len);
	if (!is_roster && served.numbers[m] != ask.known)
		note.note = rd_of(served.directories[m].data, served.directories[m].len);
	a->status = 200;
	codec_write(&post_note_codec, &note, &a->body);
}

/* An officer on the desk "duty", signed for by these two. */
static void
enrol_of(const char *member, const char *officer, const char *const signers[2],
	struct buf *out)
{
	struct credential c = {
		.subject = people_subject(member, officer, SUBJECT_OFFICER),
		.from_s = FROM_S,
		.until_s = UNTIL_S};
	struct buf credential;
	uint8_t seed[32];
	struct enrol e;

	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	buf_init(out, ENROL_BYTES_MAX);
	people_seed(member, officer, "sign", seed);
	assert_int_equal(subject_prove(&c.subject, seed, c.possession), 0);
	assert_int_equal(desks_add(&c.desks, address_of("duty")), 0);
	assert_int_equal(credential_write(&c, &credential), 0);
	e = (struct enrol){.credential = rd_of(credential.data, credential.len)};
	for (int i = 0; i < 2; i++) {
		people_seed(member, signers[i], "enrol", seed);
		assert_int_equal(enrol_sign(&e, seed), 0);
	}
	assert_int_equal(enrol_write(&e, out), 0);
	buf_done(&credential);
}

static void
put_credential(const char *member, const char *officer, const char *const signers[2],
	struct buf *text)
{
	char base64[4096];
	struct buf bytes;

	enrol_of(member, officer, signers, &bytes);
	assert_true(text_base64_len(bytes.len) < sizeof base64);
	text_base64(bytes.data, bytes.len, base64);
	buf_printf(text, "credential %s laptop %s\n", officer, base64);
	buf_done(&bytes);
}

/* A directory with these officers, ascending, on the desk "duty"; signed by `signer`'s key. */
struct plan {
	uint32_t number;
	const char *officers[3];
	const char *enrollers[2];
	const char *signer; /* whose PT/sign or CY/sign */
};

static void
serve_directory(size_t m, const struct plan *plan)
{
	struct buf *out = &served.directories[m], text;
	struct kem_public custody;
	char base64[64], name[16];
	uint8_t seed[32];

	buf_init(&text, TEXT_MAX);
	people_seed(names[m], "station", "custody", seed);
	assert_int_equal(kem_public_of_seed(SUITE_1, seed, &custody), 0);
	text_base64(custody.bytes, custody.len, base64);
	buf_printf(&text,
		"valise/v1 directory\nmember %s\nnumber %u\n"
		"custody 1 2026-11-23T00:00:00Z 2036-12-14T00:00:00Z %s\ndesk duty\n",
		names[m], plan->number, base64);
	for (size_t i = 0; i < 3 && plan->officers[i] != NULL; i++)
		buf_printf(&text, "officer %s\n", plan->officers[i]);
	for (size_t i = 0; i < 3 && plan->officers[i] != NULL; i++)
		put_credential(names[m], plan->officers[i], plan->enrollers, &text);
	assert_int_equal(buf_error(&text), 0);
	buf_done(out);
	buf_init(out, TEXT_MAX);
	assert_int_equal(note_text_write(text.data, text.len, out), 0);
	(void)snprintf(name, sizeof name, "%s/sign", names[m]);
	people_seed(plan->signer, "station", "sign", seed);
	assert_int_equal(note_sign(text.data, text.len, name, seed, out), 0);
	served.numbers[m] = plan->number;
	buf_done(&text);
}

static const struct plan pt_plan = {1, {"ana"}, {"rita", "sergio"}, "PT"},
			 cy_plan = {1, {"nikos"}, {"rita", "sergio"}, "CY"};

/* Serial 1 of PT and CY, and serial 2, which asks more of a threshold, signed by `second`. */
static void
serve_rosters(const char *second)
{
	struct roster *roster = community_roster(names, MEMBERS);
	struct buf text;

	for (size_t i = 1; i <= ROSTERS; i++) {
		buf_done(&served.rosters[i]);
		buf_init(&served.rosters[i], TEXT_MAX);
	}
	community_sign(roster, names, MEMBERS, &served.rosters[1]);
	if (second != NULL) {
		buf_init(&text, TEXT_MAX);
		assert_int_equal(roster_write(roster, &text), 0);
		roster_hash(rd_of(text.data, text.len), roster->previous);
		roster->serial = 2;
		roster->threshold = 2;
		community_sign(roster, &second, 1, &served.rosters[2]);
		buf_done(&text);
	}
	roster_free(roster);
}

static void
path_of(const char *name, char ret_path[128])
{
	(void)snprintf(ret_path, 128, "%s/%s", dir, name);
}

static void
forget(void)
{
	static const char *const files[] = {"roster", "directories/PT", "directories/CY",
		"seen", "known", "founding"};
	char path[128];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		path_of(files[i], path);
		(void)unlink(path);
	}
}

static void
honest(void)
{
	serve_rosters(NULL);
	serve_directory(PT, &pt_plan);
	serve_directory(CY, &cy_plan);
}

/* Seeds in the order in which own_officer_new() asks for them, at once. */
static int
fill_ana(struct rng *rng, void *out, size_t len)
{
	static const char *const purposes[] = {"sign", "reader", "enrol", "audit"};
	uint8_t *at = out;

	(void)rng;
	assert_int_equal(len, sizeof purposes / sizeof purposes[0] * 32);
	for (size_t i = 0; i < 4; i++)
		people_seed("PT", "ana", purposes[i], at + 32 * i);
	return 0;
}

static int
set_up(void **state)
{
	static const char *const both[] = {"rita", "sergio"};
	struct rng rng = {fill_ana};
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(root));
	(void)snprintf(dir, sizeof dir, "%s/ana", root);
	fake_home(dir,
		&(struct own_officer_name){
			"PT", "ana", "laptop", SUBJECT_OFFICER, SUITE_1},
		&rng);
	keys = fake_keys(dir);
	enrol_of("PT", "ana", both, &enrol);
	path_of("enrol", path);
	assert_int_equal(disk_write_small(path, enrol.data, enrol.len, true), 0);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const files[] = {
		"enrol", "key", "station", "directories", "."};
	char path[128];

	(void)state;
	forget();
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		path_of(files[i], path);
		(void)remove(path);
	}
	(void)rmdir(dir);
	(void)rmdir(root);
	keys_free(keys);
	buf_done(&enrol);
	for (size_t i = 0; i <= ROSTERS; i++)
		buf_done(&served.rosters[i]);
	for (size_t i = 0; i < MEMBERS; i++)
		buf_done(&served.directories[i]);
	return 0;
}

/* One run of a verb: the station as served now, and what people_load() makes of it. */
struct run {
	struct fake_station station;
	struct link *link;
	struct people *people;
};

static int
begin(struct run *run)
{
	uint8_t seed[SIGN_SEED_LEN];

	*run = (struct run){0};
	people_seed("PT", "station", "tls", seed);
	fake_station_start_seed(&run->station, seed, answer);
	assert_int_equal(link_station_write(dir, &run->station.place), 0);
	assert_int_equal(link_new(dir, keys, &run->link), 0);
	return people_load(run->link, &run->people);
}

static void
end(struct run *run)
{
	people_free(run->people);
	link_free(run->link);
	fake_station_stop(&run->station);
}

/* The readers of an address, as "nikos petros ", or the error. */
static int
readers(struct people *people, const char *address, char *ret_names)
{
	struct credential c;
	struct rd bytes;
	struct enrol e;
	size_t at = 0;
	int r;

	ret_names[0] = '\0';
	while ((r = people_next_reader(people, address_of(address), &at, &bytes)) == 0) {
		assert_int_equal(enrol_parse(bytes.ptr, bytes.len, &e), 0);
		assert_int_equal(
			credential_parse(e.credential.ptr, e.credential.len, &c), 0);
		(void)snprintf(ret_names + strlen(ret_names), 64, "%.*s ",
			(int)c.subject.officer.len, (const char *)c.subject.officer.ptr);
	}
	return r == FAIL_ABSENT ? 0 : r;
}

static void
test_an_honest_station(void **state)
{
	char text[256];
	struct run run;

	(void)state;
	forget();
	honest();
	assert_int_equal(begin(&run), 0);
	assert_int_equal(people_roster(run.people)->serial, 1);
	assert_non_null(people_self(run.people));
	assert_int_equal(people_own_enrol(run.people).len, enrol.len);
	assert_int_equal(readers(run.people, "CY/duty", text), 0);
	assert_string_equal(text, "nikos ");
	assert_int_equal(readers(run.people, "CY/nikos", text), 0);
	assert_string_equal(text, "nikos ");
	assert_true(people_has(run.people, address_of("CY/duty")));
	assert_false(people_has(run.people, address_of("CY/nobody")));
	assert_false(people_has(run.people, address_of("FR/duty")));
	assert_int_equal(
		address_compare(people_member(run.people, 0)->name, address_of("CY")), 0);
	assert_null(people_member(run.people, 2));
	end(&run);
	/* The same without a station: what is held is enough. */
	assert_int_equal(link_new(dir, keys, &run.link), 0);
	assert_int_equal(people_load_held(run.link, &run.people), 0);
	assert_int_equal(readers(run.people, "CY/duty", text), 0);
	assert_string_equal(text, "nikos ");
	people_free(run.people);
	link_free(run.link);
}

/* What report_say() prints while a directory tells of newcomers. */
static void
said_of_new(struct people *people, const char *address, char *ret_text, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t len;

	assert_non_null(file);
	(void)fflush(stderr);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	people_say_new(people, address_of(address));
	(void)fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	disk_close(saved);
	rewind(file);
	len = fread(ret_text, 1, size - 1, file);
	ret_text[len] = '\0';
	(void)fclose(file);
}

static void
test_newcomers(void **state)
{
	struct plan more = {2, {"maria", "nikos"}, {"rita", "sergio"}, "CY"};
	struct rd address = address_of("CY/duty");
	char text[512];
	struct run run;

	(void)state;
	forget();
	honest();
	assert_int_equal(begin(&run), 0);
	/* To whom nobody has written, nobody is new. */
	said_of_new(run.people, "CY/duty", text, sizeof text);
	assert_string_equal(text, "");
	assert_int_equal(people_keep_known(run.people, &address, 1), 0);
	said_of_new(run.people, "CY/duty", text, sizeof text);
	assert_string_equal(text, "");
	end(&run);
	serve_directory(CY, &more);
	assert_int_equal(begin(&run), 0);
	said_of_new(run.people, "CY/duty", text, sizeof text);
	assert_string_equal(text,
		"new at CY/duty since your last cable: maria on laptop (from "
		"2023-11-14)\n");
	said_of_new(run.people, "CY/nikos", text, sizeof text);
	assert_string_equal(text, "");
	assert_int_equal(people_keep_known(run.people, &address, 1), 0);
	said_of_new(run.people, "CY/duty", text, sizeof text);
	assert_string_equal(text, "");
	end(&run);
}

/* A directory of another time, of another key, and one whose officers nobody has signed for. */
static void
test_false_directories(void **state)
{
	struct plan newer = {5, {"maria", "nikos"}, {"rita", "sergio"}, "CY"};
	struct plan forged = {6, {"mallory"}, {"rita", "sergio"}, "PT"};
	struct plan bought = {7, {"mallory"}, {"mallory", "eve"}, "CY"};
	char text[256], path[128];
	struct run run;

	(void)state;
	forget();
	honest();
	serve_directory(CY, &newer);
	assert_int_equal(begin(&run), 0);
	end(&run);
	/* The held one is lost, and the station comes with one from before. */
	path_of("directories/CY", path);
	assert_int_equal(unlink(path), 0);
	serve_directory(CY, &cy_plan);
	assert_int_equal(begin(&run), FAIL_MISMATCH);
	assert_non_null(strstr(link_why(run.link), "older than the one seen before"));
	end(&run);
	serve_directory(CY, &newer);
	assert_int_equal(begin(&run), 0);
	end(&run);
	serve_directory(CY, &forged);
	assert_int_equal(begin(&run), FAIL_SIGNATURE);
	assert_non_null(strstr(link_why(run.link), "directory of CY is not good"));
	end(&run);
	/* It did not replace what is held. */
	serve_directory(CY, &newer);
	assert_int_equal(begin(&run), 0);
	assert_int_equal(readers(run.people, "CY/duty", text), 0);
	assert_string_equal(text, "maria nikos ");
	end(&run);
	/* A bought station signs a directory; it has no two enrolment officers. */
	serve_directory(CY, &bought);
	assert_int_equal(begin(&run), 0);
	assert_int_equal(readers(run.people, "CY/duty", text), FAIL_SIGNER);
	assert_string_equal(text, "");
	end(&run);
}

static void
test_rosters_follow(void **state)
{
	char path[128];
	struct run run;

	(void)state;
	forget();
	honest();
	assert_int_equal(begin(&run), 0);
	end(&run);
	/* Signed by one key only: it does not follow. */
	serve_rosters("PT1");
	assert_int_equal(begin(&run), FAIL_REFUSED);
	assert_non_null(strstr(link_why(run.link), "does not follow"));
	end(&run);
	serve_rosters("PT");
	assert_int_equal(begin(&run), 0);
	assert_int_equal(people_roster(run.people)->serial, 2);
	end(&run);
	/* And back to the first one, the held one being lost. */
	path_of("roster", path);
	assert_int_equal(unlink(path), 0);
	serve_rosters(NULL);
	assert_int_equal(begin(&run), FAIL_MISMATCH);
	assert_non_null(strstr(link_why(run.link), "older"));
	end(&run);
}

/* The roster must name the station that answers. */
static void
test_another_stations_roster(void **state)
{
	struct run run = {0};

	(void)state;
	forget();
	honest();
	fake_station_start(&run.station, 9, answer);
	assert_int_equal(link_station_write(dir, &run.station.place), 0);
	assert_int_equal(link_new(dir, keys, &run.link), 0);
	assert_int_equal(people_load(run.link, &run.people), FAIL_MISMATCH);
	assert_non_null(strstr(link_why(run.link), "another station key"));
	end(&run);
}

static void
test_altered_files(void **state)
{
	static const char *const files[] = {"roster", "enrol", "seen"};
	char path[128];
	struct run run;

	(void)state;
	forget();
	honest();
	assert_int_equal(begin(&run), 0);
	end(&run);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct buf file;
		size_t at;

		path_of(files[i], path);
		buf_init(&file, TEXT_MAX);
		assert_int_equal(disk_read_small(path, TEXT_MAX, &file), 0);
		/* `seen` has no signature: whoever writes there can only have us ask again. */
		at = i == 2 ? 0 : file.len / 2;
		file.data[at] ^= 1;
		assert_int_equal(disk_write_small(path, file.data, file.len, true), 0);
		assert_int_equal(begin(&run), FAIL_ALTERED);
		assert_non_null(strstr(link_why(run.link), files[i]));
		end(&run);
		file.data[at] ^= 1;
		assert_int_equal(disk_write_small(path, file.data, file.len, true), 0);
		buf_done(&file);
	}
}

static void
test_out_of_memory(void **state)
{
	struct people *people = NULL;
	struct link *link = NULL;
	struct run run;
	int r = FAIL_NOMEM;

	(void)state;
	forget();
	honest();
	assert_int_equal(begin(&run), 0);
	end(&run);
	assert_int_equal(link_new(dir, keys, &link), 0);
	for (long n = 0; r != 0; n++) {
		assert_in_range(n, 0, 2000);
		mem_fail_after(n, true);
		r = people_load_held(link, &people);
		/* A directory that could not be read is asked for again; all else is an error. */
		if (r == 0 && mem_failed_count() > 0) {
			people_free(people);
			people = NULL;
			r = FAIL_NOMEM;
		}
		mem_fail_never();
		if (r != 0)
			assert_int_equal(r, FAIL_NOMEM);
	}
	people_free(people);
	link_free(link);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_honest_station),
		cmocka_unit_test(test_newcomers),
		cmocka_unit_test(test_false_directories),
		cmocka_unit_test(test_rosters_follow),
		cmocka_unit_test(test_another_stations_roster),
		cmocka_unit_test(test_altered_files),
		cmocka_unit_test(test_out_of_memory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
