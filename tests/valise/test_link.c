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
#include "crypto/crypto.h"
#include "fake_station.h"
#include "member/enrol.h"
#include "sys/disk.h"
#include "valise/report.h"
#include "wire/front.h"
#include "wire/post_sign.h"

/*
 * A verb's connection: what is signed and how, what each status becomes, and every way in which
 * a station can fail to be one.
 */

static char root[] = "/tmp/valise-link-XXXXXX";
static struct own_officer *ana, *rita, *sergio;
static struct keys *ana_keys, *rita_keys;
static char ana_dir[64], rita_dir[64];
static struct buf ana_enrol; /* signed by both */

static void
write_file(const char *dir, const char *name, const void *ptr, size_t len)
{
	char path[DISK_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(disk_write_small(path, ptr, len, true), 0);
}

static void
remove_file(const char *dir, const char *name)
{
	char path[DISK_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)unlink(path);
}

/* The ENROL object of an officer, valid until then. */
static void
enrol_of(const struct own_officer *officer, uint64_t until_s, struct buf *ret_bytes)
{
	struct credential c = {
		.subject = officer->subject, .from_s = 1, .until_s = until_s};
	struct buf credential;
	struct enrol enrol;

	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	buf_init(ret_bytes, ENROL_BYTES_MAX);
	assert_int_equal(subject_prove(&c.subject, own_officer_seed(officer, OWN_SIGN),
				 c.possession),
		0);
	assert_int_equal(credential_write(&c, &credential), 0);
	enrol = (struct enrol){.credential = rd_of(credential.data, credential.len)};
	assert_int_equal(enrol_sign(&enrol, own_officer_seed(rita, OWN_ENROL)), 0);
	assert_int_equal(enrol_sign(&enrol, own_officer_seed(sergio, OWN_ENROL)), 0);
	assert_int_equal(enrol_write(&enrol, ret_bytes), 0);
	buf_done(&credential);
}

static int
set_up(void **state)
{
	struct desks none = {0};
	struct buf request;

	(void)state;
	assert_non_null(mkdtemp(root));
	(void)snprintf(ana_dir, sizeof ana_dir, "%s/ana", root);
	(void)snprintf(rita_dir, sizeof rita_dir, "%s/rita", root);
	rita = fake_officer(rita_dir, SUBJECT_REGISTRAR, "rita");
	sergio = fake_officer(ana_dir, SUBJECT_SECURITY, "sergio");
	ana = fake_officer(ana_dir, SUBJECT_OFFICER, "ana");
	ana_keys = fake_keys(ana_dir);
	rita_keys = fake_keys(rita_dir);
	enrol_of(ana, UINT64_C(4000000000), &ana_enrol);
	buf_init(&request, REQUEST_BYTES_MAX);
	assert_int_equal(own_officer_request(ana, &none, 1, &request), 0);
	write_file(ana_dir, "request", request.data, request.len);
	buf_done(&request);
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	keys_free(ana_keys);
	keys_free(rita_keys);
	own_officer_free(ana);
	own_officer_free(rita);
	own_officer_free(sergio);
	buf_done(&ana_enrol);
	static const char *const names[] = {"ana/key", "ana/request", "ana/enrol",
		"ana/station", "ana/run/admin", "ana/run", "ana", "rita/key",
		"rita/station", "rita", ""};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(command, sizeof command, "%s/%s", root, names[i]);
		(void)remove(command);
	}
	return 0;
}

static void
refuse(struct fake_answer *a, unsigned status, int fail, const char *text)
{
	struct post_error error = {
		.fail = (uint8_t)-fail, .text = rd_of(text, strlen(text))};

	a->status = status;
	codec_write(&post_error_codec, &error, &a->body);
}

static bool
is(struct rd path, const char *text)
{
	return path.len == strlen(text) && memcmp(path.ptr, text, path.len) == 0;
}

/* Who wrapped this, with a good signature over this path? */
static const char *
signer_of(struct rd path, struct rd body, struct rd *ret_inner)
{
	const uint8_t *key;
	struct post_signed s;
	const char *who;
	struct buf b;
	int r;

	if (codec_parse_whole(&post_signed_codec, body, &s) != 0)
		return "nobody";
	who = s.key_kind == POST_BY_ENROL_KEY ? "rita" : "ana";
	key = s.key_kind == POST_BY_ENROL_KEY ? rita->subject.enrol : ana->subject.sign;
	buf_init(&b, POST_SIGNED_MESSAGE_MAX);
	post_signed_message(rd_of(path.ptr + 5, path.len - 5), &s, &b);
	r = sign_verify(key, b.data, b.len, s.signature);
	buf_done(&b);
	*ret_inner = s.body;
	return r == 0 ? who : "a false signature";
}

/* Says who asked, and what. */
static void
answer_who(struct rd path, struct rd body, struct fake_answer *a)
{
	struct rd inner = body;

	a->status = 200;
	if (is(path, "/c/1/station") || is(path, "/c/1/order"))
		buf_text(&a->body, "open");
	else
		buf_text(&a->body, signer_of(path, body, &inner));
	buf_u8(&a->body, ' ');
	buf_bytes(&a->body, inner.ptr, inner.len);
}

static struct link *
link_to(const struct fake_station *f, const char *dir, struct keys *keys)
{
	struct link *link = NULL;

	assert_int_equal(link_station_write(dir, &f->place), 0);
	assert_int_equal(link_new(dir, keys, &link), 0);
	return link;
}

/* Ask with a body of one name; the answer as text. */
static int
ask(struct link *link, const char *path, char *ret_text)
{
	struct post_name name = {.name = rd_of("x", 1)};
	struct buf answer;
	int r;

	buf_init(&answer, 4096);
	r = link_ask(link, path, &post_name_codec, &name, &answer);
	if (r == 0)
		(void)snprintf(ret_text, 256, "%.*s", (int)answer.len,
			(const char *)answer.data);
	buf_done(&answer);
	return r;
}

static void
test_who_signs(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;

	(void)state;
	fake_station_start(&f, 1, answer_who);
	write_file(ana_dir, "enrol", ana_enrol.data, ana_enrol.len);
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "inbox", text), 0);
	assert_memory_equal(text, "ana \1x", 6);
	assert_int_equal(ask(link, "station", text), 0);
	assert_memory_equal(text, "open \1x", 7);
	/* What only an enrolment officer may ask is not even sent. */
	assert_int_equal(ask(link, "pending", text), FAIL_REFUSED);
	assert_string_equal(link_why(link), "you are no enrolment officer");
	link_free(link);
	/* A registrar who is not enrolled yet speaks by the enrol key. */
	link = link_to(&f, rita_dir, rita_keys);
	assert_int_equal(ask(link, "pending", text), 0);
	assert_memory_equal(text, "rita \1x", 7);
	assert_int_equal(ask(link, "directory", text), 0);
	assert_memory_equal(text, "rita \1x", 7);
	link_free(link);
	fake_station_stop(&f);
	remove_file(ana_dir, "enrol");
}

/* The second time two have signed; everything else says who asks. */
static void
answer_enrolled(struct rd path, struct rd body, struct fake_answer *a)
{
	static int times;
	struct post_enrol enrol = {.enrol = rd_of(ana_enrol.data, ana_enrol.len)};
	struct post_request request;

	if (!is(path, "/c/1/enrolled")) {
		answer_who(path, body, a);
		return;
	}
	if (codec_parse_whole(&post_request_codec, body, &request) != 0)
		refuse(a, 400, FAIL_FORMAT, "no request");
	else if (times++ == 0)
		refuse(a, 503, FAIL_AGAIN, "1 of 2 have signed");
	else {
		a->status = 200;
		codec_write(&post_enrol_codec, &enrol, &a->body);
	}
}

static void
test_enrolment_comes_by_itself(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;

	(void)state;
	fake_station_start(&f, 1, answer_enrolled);
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "inbox", text), FAIL_AGAIN);
	assert_string_equal(link_why(link), "1 of 2 have signed");
	/* One run asks once: a verb that asks much does not ask this much. */
	assert_int_equal(ask(link, "inbox", text), FAIL_AGAIN);
	link_free(link);
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "inbox", text), 0);
	assert_memory_equal(text, "ana \1x", 6);
	link_free(link);
	remove_file(ana_dir, "enrol");
	fake_station_stop(&f);
}

/* An enrolment of somebody else would make our requests somebody else's. */
static void
answer_anothers(struct rd path, struct rd body, struct fake_answer *a)
{
	struct post_enrol enrol;
	struct buf bytes;

	(void)path;
	(void)body;
	enrol_of(rita, UINT64_C(4000000000), &bytes);
	enrol.enrol = rd_of(bytes.data, bytes.len);
	a->status = 200;
	codec_write(&post_enrol_codec, &enrol, &a->body);
	buf_done(&bytes);
}

static void
test_anothers_enrolment(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;
	struct buf ended;

	(void)state;
	fake_station_start(&f, 1, answer_anothers);
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "inbox", text), FAIL_MISMATCH);
	assert_non_null(strstr(link_why(link), "not ours"));
	link_free(link);
	/* One that has ended is asked for anew, not used. */
	enrol_of(ana, 2, &ended);
	write_file(ana_dir, "enrol", ended.data, ended.len);
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "inbox", text), FAIL_MISMATCH);
	link_free(link);
	fake_station_stop(&f);
	remove_file(ana_dir, "enrol");
	buf_done(&ended);
}

/* "station" with a body that says which status is wanted: one open path for all. */
static void
answer_status(struct rd path, struct rd body, struct fake_answer *a)
{
	static const struct {
		unsigned status;
		int fail;
	} statuses[] = {{400, FAIL_FORMAT}, {401, FAIL_SIGNER}, {401, FAIL_TIMEOUT},
		{403, FAIL_REFUSED}, {404, FAIL_ABSENT}, {409, FAIL_MISMATCH},
		{500, FAIL_IO}, {503, FAIL_CLOSED}, {507, FAIL_SPACE}, {418, FAIL_IO}};
	size_t i = body.len > 1 ? (size_t)(body.ptr[1] - '0') : 0;

	(void)path;
	refuse(a, statuses[i].status, statuses[i].fail, "because.");
}

static void
test_statuses(void **state)
{
	static const struct {
		int wanted, exit_status;
	} cases[] = {{FAIL_LIMIT, 1}, {FAIL_SIGNER, 3}, {FAIL_SIGNATURE, 3},
		{FAIL_REFUSED, 4}, {FAIL_ABSENT, 1}, {FAIL_EXISTS, 1}, {FAIL_AGAIN, 75},
		{FAIL_AGAIN, 75}, {FAIL_AGAIN, 75}, {FAIL_UNSUPPORTED, 1}};
	struct fake_station f;
	struct link *link;

	(void)state;
	fake_station_start(&f, 1, answer_status);
	link = link_to(&f, ana_dir, ana_keys);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char digit = (char)('0' + i);
		struct post_name name = {.name = rd_of(&digit, 1)};
		struct buf answer;
		int r;

		buf_init(&answer, 100);
		r = link_ask(link, "station", &post_name_codec, &name, &answer);
		assert_int_equal(r, cases[i].wanted);
		assert_int_equal(report_exit(r), cases[i].exit_status);
		assert_string_equal(link_why(link), "because.");
		assert_true(link_remedy(link)[0] != '\0');
		assert_int_equal(answer.len, 0);
		buf_done(&answer);
	}
	link_free(link);
	fake_station_stop(&f);
}

/* An error that is none, an answer that is too long, and none at all. */
static void
answer_odd(struct rd path, struct rd body, struct fake_answer *a)
{
	(void)body;
	a->status = 200;
	if (is(path, "/c/1/station")) {
		a->status = 403;
		buf_text(&a->body, "<html>");
	} else if (is(path, "/c/1/order"))
		for (int i = 0; i < 200; i++)
			buf_text(&a->body, "long long long long long long ");
	else
		a->status = 0;
}

static void
test_odd_answers(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;

	(void)state;
	fake_station_start(&f, 1, answer_odd);
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "station", text), FAIL_REFUSED);
	assert_string_equal(link_why(link), "the station answers with status 403");
	assert_int_equal(ask(link, "order", text), FAIL_LIMIT);
	link_set_timeout(link, 300);
	assert_int_equal(ask(link, "enrol", text), FAIL_AGAIN);
	assert_non_null(strstr(link_why(link), "did not answer within"));
	/* And the link goes on with a new connection. */
	assert_int_equal(ask(link, "station", text), FAIL_REFUSED);
	link_free(link);
	fake_station_stop(&f);
}

static void
test_another_station(void **state)
{
	struct fake_station f;
	struct link_station place;
	char text[256] = "";
	struct link *link;

	(void)state;
	fake_station_start(&f, 2, answer_who);
	place = f.place;
	f.place.key[0] ^= 1;
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "station", text), FAIL_MISMATCH);
	assert_int_equal(report_exit(FAIL_MISMATCH), 3);
	assert_non_null(
		strstr(link_why(link), "this is not the station you enrolled at"));
	link_free(link);
	/* Who knows no key yet learns it, and has people compare it. */
	assert_int_equal(link_new_at(place.url, &link), 0);
	assert_int_equal(link_key(link, f.place.key), FAIL_ABSENT);
	assert_int_equal(ask(link, "station", text), 0);
	assert_int_equal(link_key(link, f.place.key), 0);
	assert_memory_equal(f.place.key, place.key, LINK_KEY_LEN);
	link_free(link);
	fake_station_stop(&f);
	/* Nobody there any more. */
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "station", text), FAIL_AGAIN);
	assert_non_null(strstr(link_why(link), "does not answer at https://127.0.0.1:"));
	link_free(link);
}

static void
test_no_station(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;

	(void)state;
	fake_station_start_raw(&f, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	link = link_to(&f, ana_dir, ana_keys);
	assert_int_equal(ask(link, "station", text), FAIL_AGAIN);
	link_free(link);
	fake_station_stop(&f);

	remove_file(ana_dir, "station");
	assert_int_equal(link_new(ana_dir, ana_keys, &link), 0);
	assert_int_equal(ask(link, "station", text), FAIL_ABSENT);
	assert_non_null(strstr(link_remedy(link), "valise enrol MEMBER URL"));
	link_free(link);
	write_file(ana_dir, "station", "url nowhere\n", 12);
	assert_int_equal(link_new(ana_dir, ana_keys, &link), 0);
	assert_int_equal(ask(link, "station", text), FAIL_ALTERED);
	link_free(link);
	remove_file(ana_dir, "station");
	assert_int_equal(link_new_at("http://pt.example", &link), FAIL_USAGE);
	assert_int_equal(link_new_at("https://hidden.onion", &link), 0);
	assert_int_equal(ask(link, "station", text), FAIL_REFUSED);
	link_free(link);
}

static void
test_station_file(void **state)
{
	struct link_station place = {.url = "https://pt.example:7443", .member = "PT"},
			    read;
	static const char *const bad[] = {"", "url https://pt.example\n",
		"url https://pt.example\nkey 00\nmember PT\n",
		"member PT\nurl https://pt.example\n"};

	(void)state;
	memset(place.key, 0xab, sizeof place.key);
	assert_int_equal(link_station_write(ana_dir, &place), 0);
	assert_int_equal(link_station_read(ana_dir, &read), 0);
	assert_memory_equal(&read, &place, sizeof read);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_file(ana_dir, "station", bad[i], strlen(bad[i]));
		assert_int_not_equal(link_station_read(ana_dir, &read), 0);
	}
	remove_file(ana_dir, "station");
	assert_int_equal(link_station_read(ana_dir, &read), FAIL_ABSENT);
}

/* The administrator's door has no wrapping, and other paths. */
static void
answer_admin(struct rd path, struct rd body, struct fake_answer *a)
{
	a->status = 200;
	buf_bytes(&a->body, path.ptr, path.len);
	buf_bytes(&a->body, body.ptr, body.len);
}

static void
test_admin(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;

	(void)state;
	assert_int_equal(link_new_admin(ana_dir, &link), 0);
	assert_int_equal(ask(link, "status", text), FAIL_AGAIN);
	assert_non_null(strstr(link_why(link), "no station runs in"));
	fake_station_start_local(&f, ana_dir, answer_admin);
	assert_int_equal(ask(link, "status", text), 0);
	assert_memory_equal(text, "/a/1/status\1x", 13);
	link_free(link);
	fake_station_stop(&f);
}

/* No memory at any point: an error, and the link can be asked again. */
static void
test_out_of_memory(void **state)
{
	struct fake_station f;
	char text[256] = "";
	struct link *link;
	int r = FAIL_NOMEM;

	(void)state;
	fake_station_start(&f, 1, answer_who);
	write_file(ana_dir, "enrol", ana_enrol.data, ana_enrol.len);
	for (long n = 0; r != 0; n++) {
		assert_in_range(n, 0, 5000);
		link = link_to(&f, ana_dir, ana_keys);
		mem_fail_after(n, true);
		r = ask(link, "inbox", text);
		mem_fail_never();
		if (r != 0) {
			assert_true(r == FAIL_NOMEM || r == FAIL_AGAIN);
			assert_int_equal(ask(link, "inbox", text), 0);
		}
		link_free(link);
	}
	fake_station_stop(&f);
	remove_file(ana_dir, "enrol");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_signs),
		cmocka_unit_test(test_enrolment_comes_by_itself),
		cmocka_unit_test(test_anothers_enrolment),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_odd_answers),
		cmocka_unit_test(test_another_station),
		cmocka_unit_test(test_no_station),
		cmocka_unit_test(test_station_file),
		cmocka_unit_test(test_admin),
		cmocka_unit_test(test_out_of_memory),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
