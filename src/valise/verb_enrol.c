/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "valise/enrol_send.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/link_impl.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * enrol: make the keys of an officer on this machine, and the request for them.
 *
 * With a URL the request goes to the member's station; without one to a file, and how that
 * travels is nobody's business here.  What makes it good are its words, either way.
 */

/* What one run makes, and where it goes. */
struct making {
	const struct args *args;
	struct own_officer_name name;
	struct desks desks;
	const char *url; /* NULL: to --out */
	char dir[DISK_PATH_MAX];
	struct link_station station;
};

static int
say_json(const struct making *m, const struct subject *subject, const char *words)
{
	char station_words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	json_t *object = json_pack("{s:s, s:s%, s:s%, s:s, s:s}", "member",
		m->name.member, "officer", subject->officer.ptr, subject->officer.len,
		"device", subject->device.ptr, subject->device.len, "kind",
		subject_kind_text(subject->kind), "words", words);

	if (object != NULL && m->url != NULL) {
		exchange_station_hash(m->station.member, m->station.key, hash);
		exchange_words(hash, station_words);
		(void)json_object_set_new(
			object, "station_words", json_string(station_words));
	}
	return exchange_json(m->args, object);
}

static int
say(const struct making *m, const struct subject *subject)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = subject_hash(subject, hash)) != 0)
		return exchange_fail(m->args, "make keys for", m->name.officer, NULL, r);
	exchange_words(hash, words);
	if (args_has(m->args, "json"))
		return say_json(m, subject, words);
	report_say("%.*s/%.*s on %.*s, %s: keys made.\nYour words: %s\n",
		(int)subject->member.len, (const char *)subject->member.ptr,
		(int)subject->officer.len, (const char *)subject->officer.ptr,
		(int)subject->device.len, (const char *)subject->device.ptr,
		subject_kind_text(subject->kind), words);
	if (m->url == NULL) {
		report_say("Send the request, and read the words on the telephone.\n");
		return 0;
	}
	exchange_station_hash(m->station.member, m->station.key, hash);
	exchange_words(hash, words);
	report_say("The station's words: %s\n"
		   "Your administrator reads the same?  Then read yours to those who "
		   "enrol you.\n%s",
		words, subject_has_enrol(subject) ? "" : "Waiting for two signatures.\n");
	return 0;
}

static int
take_desks(const struct args *args, struct desks *ret_desks)
{
	struct desks desks = {0};
	const char *name;
	size_t at = 0;

	while ((name = args_next(args, "desk", &at)) != NULL)
		if (desks_add(&desks, address_of(name)) != 0)
			return report_usage("enrol",
				"--desk %s: a desk is named as in defence-policy", name);
	*ret_desks = desks;
	return 0;
}

static int
check_words(const struct own_officer_name *name, const char *suite)
{
	if (suite != NULL && strcmp(suite, "1") != 0 && strcmp(suite, "2") != 0)
		return report_usage("enrol", "--suite %s: is 1 or 2", suite);
	if (!address_is_member(address_of(name->member)))
		return report_usage(
			"enrol", "'%s' is no member: such as PT or EU-2", name->member);
	if (!address_is_name(address_of(name->officer)) ||
		!address_is_name(address_of(name->device)))
		return report_usage("enrol",
			"names of officers and devices are such as ana.silva or laptop");
	return 0;
}

static int
take_name(const struct args *args, struct own_officer_name *ret_name)
{
	const char *kind = args_get(args, "kind"), *device = args_get(args, "device");
	const char *suite = args_get(args, "suite");
	struct own_officer_name name = {.member = args->operands[0],
		.officer = args_get(args, "as"),
		.device = device != NULL ? device : "device1",
		.kind = subject_kind_of(kind != NULL ? kind : "officer"),
		.suite = suite != NULL && strcmp(suite, "2") == 0 ? SUITE_2 : SUITE_1};

	if (name.officer == NULL)
		return report_usage("enrol", "give --as NAME");
	if ((args_get(args, "out") != NULL) == (args->operand_count == 2))
		return report_usage("enrol",
			"say the station's URL, or --out FILE for a request in a file");
	if (name.kind == 0)
		return report_usage("enrol",
			"--kind %s: officer, releasing-officer, registrar, "
			"security-officer or index-host",
			kind);
	if (check_words(&name, suite) != 0)
		return FAIL_USAGE;
	*ret_name = name;
	return 0;
}

static int
deliver(const struct making *m, const struct buf *request)
{
	if (m->url == NULL)
		return exchange_write(m->args, request->data, request->len);
	return enrol_send(
		m->args, m->dir, &m->station, rd_of(request->data, request->len));
}

static int
make(const struct making *m)
{
	struct own_officer *officer = NULL;
	struct buf request;
	int r;

	buf_init(&request, REQUEST_BYTES_MAX);
	if ((r = own_officer_new(&m->name, random_system(), &officer)) != 0 ||
		(r = own_officer_request(officer, &m->desks, clock_now_s(), &request)) !=
			0) {
		r = exchange_fail(m->args, "make keys for", m->name.officer, NULL, r);
		goto out;
	}
	/* The key first: a request for keys that nobody has is worse than keys alone. */
	if ((r = exchange_officer_save(m->args, officer)) != 0 ||
		(r = deliver(m, &request)) != 0)
		goto out;
	r = say(m, &officer->subject);
out:
	buf_done(&request);
	own_officer_free(officer);
	return r;
}

static int
fail_other_name(const struct making *m)
{
	return exchange_fail(m->args, "enrol in", m->dir,
		"These keys are of another name: choose another --dir.", FAIL_EXISTS);
}

/* The station was away after the keys were made: the same request goes once more. */
static int
send_again(const struct making *m, const char *path)
{
	struct buf bytes;
	struct request q;
	int r;

	if ((r = exchange_read(m->args, path, REQUEST_BYTES_MAX, &bytes)) != 0)
		return r;
	if ((r = request_parse(bytes.data, bytes.len, &q)) != 0) {
		r = exchange_fail(m->args, "read", path, "It was altered.", r);
		goto out;
	}
	if (address_compare(q.subject.officer, address_of(m->name.officer)) != 0 ||
		address_compare(q.subject.member, address_of(m->name.member)) != 0) {
		r = fail_other_name(m);
		goto out;
	}
	if ((r = enrol_send(
		     m->args, m->dir, &m->station, rd_of(bytes.data, bytes.len))) == 0)
		r = say(m, &q.subject);
out:
	buf_done(&bytes);
	return r;
}

/* Keys that were made for a file, or whose request was never written: they ask here now. */
static int
send_for_keys(const struct making *m)
{
	struct own_officer *officer = NULL;
	struct buf request;
	int r;

	buf_init(&request, REQUEST_BYTES_MAX);
	if ((r = exchange_officer(m->args, &officer)) != 0)
		goto out;
	if (strcmp(officer->officer, m->name.officer) != 0 ||
		strcmp(officer->member, m->name.member) != 0) {
		r = fail_other_name(m);
		goto out;
	}
	if ((r = own_officer_request(officer, &m->desks, clock_now_s(), &request)) != 0)
		r = exchange_fail(m->args, "ask for", m->name.officer, NULL, r);
	else if ((r = deliver(m, &request)) == 0)
		r = say(m, &officer->subject);
out:
	buf_done(&request);
	own_officer_free(officer);
	return r;
}

static int
enrol(struct making *m)
{
	char path[DISK_PATH_MAX], key[DISK_PATH_MAX];
	int r;

	if (m->url == NULL)
		return make(m);
	if ((r = home_dir(m->args, m->dir)) != 0)
		return r;
	if ((r = enrol_meet(m->args, m->name.member, m->url, &m->station)) != 0)
		return r;
	if ((r = link_file_path(m->dir, "request", path)) != 0 ||
		(r = keys_file_path(m->dir, key)) != 0)
		return exchange_fail(m->args, "use", m->dir, NULL, r);
	if (disk_is_there(path))
		return send_again(m, path);
	return disk_is_there(key) ? send_for_keys(m) : make(m);
}

static int
run(const struct args *args)
{
	struct making m = {.args = args};

	if (take_name(args, &m.name) != 0 || take_desks(args, &m.desks) != 0)
		return EXIT_USAGE;
	m.url = args->operand_count == 2 ? args->operands[1] : NULL;
	return report_exit(enrol(&m));
}

static const struct arg_option options[] = {
	{"as", "NAME", "the officer, such as ana.silva", false},
	{"kind", "KIND",
		"officer (the default), releasing-officer, registrar, security-officer, "
		"index-host",
		false},
	{"device", "NAME", "this machine (device1)", false},
	{"desk", "NAME", "a desk that is asked for", true},
	{"suite", "1|2", "1 X25519 (the default), 2 X-Wing (needs OpenSSL 3.5)", false},
	{"words", "WORDS", "the 12 words of the station, for scripts", false},
	{"out", "FILE", "write the request there instead of sending it", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_enrol = {
	.name = "enrol",
	.synopsis = "MEMBER URL --as NAME [--kind KIND] [--device NAME] [--desk NAME]... "
		    "[--words WORDS]\n"
		    "MEMBER --as NAME [--kind KIND] [--device NAME] [--desk NAME]... "
		    "--out FILE",
	.summary = "make an officer's keys and ask to be enrolled",
	.text = "Makes the keys of an officer on this machine, sealed with a passphrase "
		"in the key\ndirectory, and sends a request to the member's station, or "
		"writes it to a file.\nIts words are read on the telephone to those who "
		"accept it: `valise officer\nfound` for the first officers of a member, "
		"`valise officer sign` for all.",
	.options = options,
	.operands_min = 1,
	.operands_max = 2,
	.run = run,
};
