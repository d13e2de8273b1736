/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/keyfile.h"
#include "note/words.h"
#include "sys/clock.h"
#include "sys/passphrase.h"
#include "sys/random.h"
#include "valise/home.h"
#include "valise/identity.h"
#include "valise/init_member.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * init: make the keys of one person or office, or make them again from the recovery code.
 *
 * A key is never overwritten: whoever wants another chooses another directory.  The recovery
 * code is printed once, after the key file is on disk, and stored nowhere.
 */

enum { CODE_COLUMNS = 4, CODE_TEXT_MAX = 512 };

static int
fail(const char *attempt, const char *object, int r)
{
	struct report report = {.verb = "init", .attempt = attempt, .object = object};

	if (r == FAIL_EXISTS)
		report.remedy = "A key is never replaced: choose another --dir.";
	if (r == FAIL_SUITE)
		report.remedy = "This valise was built without ML-KEM (OpenSSL 3.5): use "
				"--suite 1.";
	return report_fail(&report, r);
}

/* Four columns of numbered words, to be written down. */
static void
print_code(const char *code)
{
	char copy[CODE_TEXT_MAX];
	char *rest = copy, *word;
	size_t i = 0;

	(void)snprintf(copy, sizeof copy, "%s", code);
	while ((word = strsep(&rest, " ")) != NULL) {
		i++;
		(void)fprintf(stderr, "  %2zu %-10s%s", i, word,
			i % CODE_COLUMNS == 0 ? "\n" : "");
	}
	mem_wipe(copy, sizeof copy);
}

static int
print_json(const char *dir, const struct solo *solo, const char *code)
{
	char words[IDENTITY_TEXT_MAX];
	json_t *object;

	identity_words(solo->public.sign, words);
	object = json_pack("{s:s, s:i, s:s}", "dir", dir, "suite", solo->public.suite,
		"words", words);
	if (object != NULL && code != NULL)
		(void)json_object_set_new(object, "recovery_code", json_string(code));
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
	return EXIT_OK;
}

static int
say_made(const struct args *args, const char *dir, const struct solo *solo,
	const char *code)
{
	char words[IDENTITY_TEXT_MAX];

	if (args_has(args, "json"))
		return print_json(dir, solo, code);
	identity_words(solo->public.sign, words);
	report_say("Keys made in %s  (suite %d: %s)\n", dir, solo->public.suite,
		solo->public.suite == SUITE_1 ? "X25519"
					      : "X-Wing, ML-KEM-768 and X25519");
	report_say("Your words: %s\n", words);
	if (code == NULL) {
		report_say("Envelopes sealed with the lost key open again.\n");
		return EXIT_OK;
	}
	(void)fputs("Recovery code.  Write it down now; it is shown once and stored "
		    "nowhere:\n\n",
		stderr);
	print_code(code);
	(void)fputs("\nWho has it can open everything you seal; without it a lost key is "
		    "lost.\n",
		stderr);
	return EXIT_OK;
}

static int
write_key(const char *dir, const char *path, const struct solo *solo,
	const struct secret *passphrase)
{
	struct buf out;
	int r;

	buf_init(&out, KEYFILE_MAX);
	if ((r = keyfile_seal(solo, passphrase, random_system(), &out)) == 0 &&
		(r = disk_make_private_dir(dir)) == 0)
		r = disk_write_small(path, out.data, out.len, false);
	buf_done(&out);
	return r;
}

/* From a file, fd:N or the terminal: 24 words into 32 bytes.  Reports. */
static int
read_code(const struct args *args, uint8_t ret_secret[SOLO_SECRET_LEN])
{
	const char *source = args_get(args, "recovery-file");
	struct report report = {.verb = "init",
		.attempt = "read the recovery code from",
		.object = source != NULL ? source : "the terminal"};
	struct secret *text = NULL;
	char remedy[96];
	size_t unknown = 0;
	int r;

	if (source != NULL)
		r = passphrase_from(source, &text);
	else
		r = passphrase_ask("Recovery code (24 words): ", &text);
	if (r == FAIL_ABSENT && source == NULL) {
		report.why = "there is none";
		report.remedy = "Give --recovery-file FILE or fd:N.";
	}
	if (r == 0) {
		r = words_code_parse(
			(const char *)text->bytes, text->len, ret_secret, &unknown);
		report.remedy = "It has 24 words; one is wrong, missing or out of place.";
	}
	if (r == FAIL_ABSENT && text != NULL) {
		(void)snprintf(remedy, sizeof remedy, "Word %zu is not one of the list.",
			unknown + 1);
		report.remedy = remedy;
	}
	secret_free(text);
	if (r != 0)
		(void)report_fail(&report, r);
	return r;
}

struct making {
	const struct args *args;
	char dir[DISK_PATH_MAX];
	char path[DISK_PATH_MAX];
	uint16_t suite;
	bool is_recovered;
	uint8_t secret[SOLO_SECRET_LEN];
	char code[CODE_TEXT_MAX];
};

/* The secret behind everything: new, or from the code. */
static int
make_secret(struct making *m)
{
	struct buf code;
	int r;

	if (m->is_recovered)
		return read_code(m->args, m->secret) == 0 ? EXIT_OK : EXIT_FAILED;
	if ((r = rng_fill(random_system(), m->secret, sizeof m->secret)) != 0)
		return fail("make", "a key", r);
	buf_init(&code, sizeof m->code - 1);
	words_code_write(m->secret, &code);
	if ((r = buf_error(&code)) == 0)
		memcpy(m->code, code.data, code.len);
	buf_done(&code);
	return r == 0 ? EXIT_OK : fail("write", "the recovery code", r);
}

static int
make_key(struct making *m)
{
	struct secret *passphrase = NULL;
	struct solo *solo = NULL;
	int r, status;

	if ((status = make_secret(m)) != EXIT_OK)
		return status;
	if ((r = solo_new(m->suite, m->secret, m->is_recovered, clock_now_s(),
		     random_system(), &solo)) != 0)
		return fail("make", "a key", r);
	if (home_new_passphrase(m->args, &passphrase) != 0)
		status = EXIT_FAILED;
	else if ((r = write_key(m->dir, m->path, solo, passphrase)) != 0)
		status = fail("write", m->path, r);
	else
		status =
			say_made(m->args, m->dir, solo, m->is_recovered ? NULL : m->code);
	secret_free(passphrase);
	solo_free(solo);
	return status;
}

/* --solo has no member, and what a member has does not go with it. */
static int
check_solo(const struct args *args)
{
	if (!args_has(args, "solo"))
		return report_usage("init",
			"say --solo: keys for one person or office, without a "
			"community; or name the member");
	if (args->operand_count > 0)
		return report_usage("init", "'%s' is one too many: --solo has no member",
			args->operands[0]);
	if (args_has(args, "domain") || args_has(args, "url") || args_has(args, "listen"))
		return report_usage(
			"init", "--domain, --url and --listen go with a member");
	return 0;
}

/* The words of the command line; an exit status. */
static int
take_options(struct making *m)
{
	const char *suite = args_get(m->args, "suite");

	if (check_solo(m->args) != 0)
		return EXIT_USAGE;
	if (suite != NULL && strcmp(suite, "1") != 0 && strcmp(suite, "2") != 0)
		return report_exit(report_usage("init", "--suite %s: is 1 or 2", suite));
	m->is_recovered = args_has(m->args, "recover");
	if (args_has(m->args, "recovery-file") && !m->is_recovered)
		return report_exit(
			report_usage("init", "--recovery-file goes with --recover"));
	m->suite = suite != NULL && suite[0] == '2' ? SUITE_2 : SUITE_1;
	if (!crypto_has_suite(m->suite))
		return fail("make", "a key of suite 2", FAIL_SUITE);
	return home_dir(m->args, m->dir) == 0 ? EXIT_OK : EXIT_USAGE;
}

static int
run(const struct args *args)
{
	struct making m = {.args = args};
	int r, status;

	if (args->operand_count == 1 && !args_has(args, "solo"))
		return init_member(args);
	if ((status = take_options(&m)) != EXIT_OK)
		return status;
	if ((r = keys_file_path(m.dir, m.path)) != 0)
		return fail("use", m.dir, r);
	if (disk_is_there(m.path))
		return fail("write", m.path, FAIL_EXISTS);
	status = make_key(&m);
	mem_wipe(&m, sizeof m);
	return status;
}

static const struct arg_option options[] = {
	{"solo", NULL, "for one person or office, without a community", false},
	{"suite", "1|2", "1 X25519 (the default), 2 X-Wing (needs OpenSSL 3.5)", false},
	{"recover", NULL, "make the lost keys again from the recovery code", false},
	{"recovery-file", "FILE|fd:N", "read the recovery code from there", false},
	{"domain", "HOST", "of the member, such as pt.example", false},
	{"url", "URL", "where its station is reached (https://HOST)", false},
	{"listen", "ADDRESS:PORT", "where it listens (0.0.0.0 and the URL's port)",
		false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_init = {
	.name = "init",
	.synopsis = "--solo [--suite 1|2]\n--solo --recover [--recovery-file FILE|fd:N]\n"
		    "MEMBER --domain HOST [--url URL] [--listen ADDRESS:PORT]",
	.summary = "make your keys",
	.text = "Makes the keys of one person or office in the key directory, sealed "
		"with a\n"
		"passphrase, and prints a recovery code of 24 words.  With --recover it "
		"takes\n"
		"that code and makes the keys again, on a new machine or after a loss.\n"
		"With a MEMBER it makes the keys of that member's station and its "
		"valise.conf.",
	.options = options,
	.operands_max = 1,
	.run = run,
};
