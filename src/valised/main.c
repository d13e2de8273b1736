/* SPDX-License-Identifier: Apache-2.0 */
/*
 * valised: the station of a member.
 *
 *   valised [-n] [--dir DIR] [--config FILE]
 *
 * Runs in the foreground and logs to standard error (valised(8)).  What the words and the
 * configuration say is checked before anything is started; -n ends there.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/config.h"
#include "sys/disk.h"
#include "sys/harden.h"
#include "sys/sandbox.h"
#include "valised/parent.h"
#include "valised/role.h"

enum { EXIT_STOPPED = 0, EXIT_FAILED = 1, EXIT_WORDS = 2 };

static const char usage[] =
	"usage: valised [-n] [--dir DIR] [--config FILE]\n"
	"\n"
	"Run the station of a member.\n"
	"\n"
	"  -n, --check        read the configuration, print what was understood, and "
	"end\n"
	"      --dir DIR      the station's directory (VALISE_DIR)\n"
	"      --config FILE  another configuration than DIR/valise.conf\n"
	"      --help, --version\n";

struct words {
	bool is_check;
	const char *dir, *config;
	char dir_made[ROLE_DIR_MAX], config_made[ROLE_DIR_MAX];
};

/* Where the station lives when nobody said: as valise(1) has it. */
static int
find_dir(struct words *w)
{
	const char *base;
	int n = -1;

	if (w->dir != NULL)
		return 0;
	if ((base = getenv("VALISE_DIR")) != NULL && base[0] != '\0') {
		w->dir = base;
		return 0;
	}
	if ((base = getenv("XDG_DATA_HOME")) != NULL && base[0] == '/')
		n = snprintf(w->dir_made, sizeof w->dir_made, "%s/valise", base);
	else if ((base = getenv("HOME")) != NULL)
		n = snprintf(
			w->dir_made, sizeof w->dir_made, "%s/.local/share/valise", base);
	if (n < 0 || (size_t)n >= sizeof w->dir_made) {
		(void)fputs("valised: no directory: give --dir DIR.\n", stderr);
		return FAIL_USAGE;
	}
	w->dir = w->dir_made;
	return 0;
}

/* 0; FAIL_USAGE when it has been said why; FAIL_EXISTS when all is done. */
static int
parse_words(int argc, char **argv, struct words *w)
{
	static const struct option options[] = {
		{"check", no_argument, NULL, 'n'},
		{"dir", required_argument, NULL, 'd'},
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "nh", options, NULL)) != -1) {
		switch (letter) {
		case 'n':
			w->is_check = true;
			break;
		case 'd':
			w->dir = optarg;
			break;
		case 'c':
			w->config = optarg;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return FAIL_EXISTS;
		case 'v':
			(void)puts("valised " VALISE_VERSION);
			return FAIL_EXISTS;
		default:
			return FAIL_USAGE;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "valised: what is '%s'?  See valised --help.\n",
			argv[optind]);
		return FAIL_USAGE;
	}
	return find_dir(w);
}

/* The directory is looked up from everywhere later: keep it whole. */
static int
settle_dir(struct words *w)
{
	char *real = w->dir_made;
	char found[DISK_PATH_MAX];

	if (realpath(w->dir, found) == NULL) {
		(void)fprintf(stderr,
			"valised: there is no directory %s.  Make the station with "
			"`valise "
			"init MEMBER`.\n",
			w->dir);
		return FAIL_ABSENT;
	}
	if (strlen(found) >= sizeof w->dir_made) {
		(void)fputs("valised: the path of the directory is too long.\n", stderr);
		return FAIL_LIMIT;
	}
	memcpy(real, found, strlen(found) + 1);
	w->dir = real;
	return 0;
}

static int
read_config(struct words *w, struct config *ret_config)
{
	struct config_error error;
	struct buf text;
	int r;

	if (w->config == NULL) {
		if ((r = role_path(w->dir, "valise.conf", w->config_made)) != 0)
			return r;
		w->config = w->config_made;
	}
	buf_init(&text, CONFIG_MAX + 1);
	if ((r = disk_read_small(w->config, CONFIG_MAX, &text)) != 0) {
		(void)fprintf(stderr,
			"valised: cannot read %s: %s.  `valise init MEMBER --listen "
			"ADDR:PORT` makes one; see valise.conf(5).\n",
			w->config, fail_text(r));
		goto out;
	}
	r = config_parse(rd_of(text.data, text.len), ret_config, &error);
	if (r != 0 && error.line > 0)
		(void)fprintf(stderr, "valised: %s:%u: %s.\n", w->config, error.line,
			error.text);
	else if (r != 0)
		(void)fprintf(stderr, "valised: %s: %s.\n", w->config, error.text);
out:
	buf_done(&text);
	return r;
}

/* What is allowed, and should be known. */
static void
warn(const struct config *c)
{
	if (c->unlock == CONFIG_FILE)
		(void)fputs(
			"valised: the keys are unlocked from a file: a stolen disk is "
			"a stolen station.\n",
			stderr);
	if (c->is_sandbox_off)
		(void)fputs("valised: sandbox off: the roles are not locked in.  This is "
			    "for finding faults only.\n",
			stderr);
}

static int
print_config(const struct config *c)
{
	struct buf text;
	int r;

	buf_init(&text, 2 * CONFIG_MAX);
	config_write(c, &text);
	if ((r = buf_error(&text)) == 0 &&
		fwrite(text.data, 1, text.len, stdout) != text.len)
		r = FAIL_IO;
	buf_done(&text);
	if (r == 0 && fflush(stdout) != 0)
		r = FAIL_IO;
	return r;
}

/* The first look, before anybody types a passphrase for nothing. */
static int
check_locks(const struct config *c)
{
	if (c->is_sandbox_off || sandbox_landlock_abi() > 0)
		return 0;
	(void)fputs("valised: this kernel has no Landlock, so the roles cannot be locked "
		    "in.  Start a kernel with it (Linux 5.13; `lsm=landlock`), or say "
		    "`sandbox off`, knowing what that means.\n",
		stderr);
	return FAIL_UNSUPPORTED;
}

static int
start(const struct words *w, const struct config *c)
{
	struct parent_plan plan = {.config = c, .dir = w->dir};
	int r;

	warn(c);
	if (check_locks(c) != 0)
		return EXIT_FAILED;
	if ((r = harden_process()) != 0 || (r = crypto_init()) != 0) {
		(void)fprintf(stderr, "valised: cannot start: %s.\n", fail_text(r));
		return EXIT_FAILED;
	}
	return parent_run(&plan);
}

int
main(int argc, char **argv)
{
	static struct config config; /* too large for the stack's taste */
	static struct words words;
	int r;

	if ((r = parse_words(argc, argv, &words)) != 0)
		return r == FAIL_EXISTS ? EXIT_STOPPED : EXIT_WORDS;
	if ((words.config == NULL || !words.is_check) && settle_dir(&words) != 0)
		return EXIT_WORDS;
	if (read_config(&words, &config) != 0)
		return EXIT_WORDS;
	if (words.is_check) {
		warn(&config);
		return print_config(&config) == 0 ? EXIT_STOPPED : EXIT_FAILED;
	}
	return start(&words, &config);
}
