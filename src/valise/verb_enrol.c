/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "valise/exchange.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * enrol: make the keys of an officer on this machine, and the request for them.
 *
 * The request goes to a file; how it travels is nobody's business here: by mail, on a stick,
 * and through the station later.  What makes it good are its words.
 */

static int
say(const struct args *args, const struct own_officer *officer)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	json_t *object;
	int r;

	if ((r = subject_hash(&officer->subject, hash)) != 0)
		return r;
	exchange_words(hash, words);
	if (!args_has(args, "json")) {
		report_say("%s/%s on %s, %s: keys made.\nYour words: %s\n"
			   "Send the request, and read the words on the telephone.\n",
			officer->member, officer->officer, officer->device,
			subject_kind_text(officer->subject.kind), words);
		return 0;
	}
	object = json_pack("{s:s, s:s, s:s, s:s, s:s}", "member", officer->member,
		"officer", officer->officer, "device", officer->device, "kind",
		subject_kind_text(officer->subject.kind), "words", words);
	if (object == NULL)
		return FAIL_NOMEM;
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
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

	if (name.officer == NULL || args_get(args, "out") == NULL)
		return report_usage("enrol", "give --as NAME and --out FILE");
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
make(const struct args *args, const struct own_officer_name *name,
	const struct desks *desks)
{
	struct own_officer *officer = NULL;
	struct buf request;
	int r;

	buf_init(&request, REQUEST_BYTES_MAX);
	if ((r = own_officer_new(name, random_system(), &officer)) != 0 ||
		(r = own_officer_request(officer, desks, clock_now_s(), &request)) != 0) {
		r = exchange_fail(args, "make keys for", name->officer, NULL, r);
		goto out;
	}
	/* The key first: a request for keys that nobody has is worse than keys alone. */
	if ((r = exchange_officer_save(args, officer)) != 0 ||
		(r = exchange_write(args, request.data, request.len)) != 0)
		goto out;
	r = say(args, officer);
out:
	buf_done(&request);
	own_officer_free(officer);
	return r;
}

static int
run(const struct args *args)
{
	struct own_officer_name name;
	struct desks desks;

	if (take_name(args, &name) != 0 || take_desks(args, &desks) != 0)
		return EXIT_USAGE;
	return report_exit(make(args, &name, &desks));
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
	{"out", "FILE", "where the request goes", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_enrol = {
	.name = "enrol",
	.synopsis = "MEMBER --as NAME [--kind KIND] [--device NAME] [--desk NAME]... "
		    "--out FILE",
	.summary = "make an officer's keys and ask to be enrolled",
	.text = "Makes the keys of an officer on this machine, sealed with a passphrase "
		"in the "
		"key\ndirectory, and writes a request.  Its words are read on the "
		"telephone to "
		"those who\naccept it: `valise officer found` for the first officers of "
		"a "
		"member, `valise\nofficer sign` for all.",
	.options = options,
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
