/* SPDX-License-Identifier: Apache-2.0 */
/*
 * valise-agent: holds the officer's unlocked keys, and can do nothing else.
 *
 *   valise-agent KEYFILE SOCKET SECONDS PASSPHRASE-FD READY-FD
 *
 * Started by `valise unlock`.  It opens what it needs, locks itself in, and only then looks at
 * the passphrase and the key file.  One byte goes to READY-FD: 0 when it serves, else the
 * FAIL_* code without its sign.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/secret.h"
#include "member/keyfile.h"
#include "member/own_officer.h"
#include "member/solo.h"
#include "valise-agent/server.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/harden.h"
#include "sys/passphrase.h"
#include "sys/peer.h"
#include "sys/sandbox.h"

enum { LIFETIME_MAX_S = 30 * 24 * 3600, FD_SOURCE_MAX = 16 };

struct start {
	const char *key_path, *socket_path;
	uint64_t for_s;
	int passphrase_fd, ready_fd;
	struct buf key_file;
	struct secret *passphrase;
	struct server_fds fds;
};

static int
parse_number(const char *s, uint64_t max, uint64_t *ret_n)
{
	/* A plain number of seconds is a duration too; the parser is strict and bounded. */
	for (const char *c = s; *c != '\0'; c++)
		if (*c < '0' || *c > '9')
			return FAIL_USAGE;
	return text_parse_duration(s, max, ret_n) != 0 ? FAIL_USAGE : 0;
}

static int
parse_words(int argc, char **argv, struct start *s)
{
	uint64_t passphrase_fd, ready_fd;

	if (argc != 6 || parse_number(argv[3], LIFETIME_MAX_S, &s->for_s) != 0 ||
		parse_number(argv[4], 1023, &passphrase_fd) != 0 ||
		parse_number(argv[5], 1023, &ready_fd) != 0)
		return FAIL_USAGE;
	s->key_path = argv[1];
	s->socket_path = argv[2];
	s->passphrase_fd = (int)passphrase_fd;
	s->ready_fd = (int)ready_fd;
	return 0;
}

static int
open_signals(int *ret_fd)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return FAIL_UNSUPPORTED;
	/* The session that unlocked may end; the keys stay for as long as was asked. */
	if (signal(SIGHUP, SIG_IGN) == SIG_ERR)
		return FAIL_UNSUPPORTED;
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? disk_fail_of(errno) : 0;
}

static int
open_timer(uint64_t for_s, int *ret_fd)
{
	struct itimerspec when = {.it_value.tv_sec = (time_t)(for_s > 0 ? for_s : 1)};

	/* CLOCK_BOOTTIME: a laptop that sleeps does not make eight hours longer. */
	*ret_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (*ret_fd < 0)
		return disk_fail_of(errno);
	return timerfd_settime(*ret_fd, 0, &when, NULL) != 0 ? disk_fail_of(errno) : 0;
}

static int
detach(void)
{
	int null = -1, r;

	if ((r = disk_open(AT_FDCWD, "/dev/null", O_RDWR, 0, &null)) != 0)
		return r;
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			r = disk_fail_of(errno);
	if (null > STDERR_FILENO)
		disk_close(null);
	/* Fails when we lead a group already, as under a debugger; then we are apart anyway. */
	(void)setsid();
	if (r == 0 && chdir("/") != 0)
		r = disk_fail_of(errno);
	return r;
}

/* Everything that needs the world, in one place; after it the doors close. */
static int
gather(struct start *s)
{
	char source[FD_SOURCE_MAX];
	int n, r;

	n = snprintf(source, sizeof source, "fd:%d", s->passphrase_fd);
	CHECK(n > 0 && (size_t)n < sizeof source);
	if ((r = passphrase_from(source, &s->passphrase)) != 0 ||
		(r = disk_read_small(s->key_path, KEYFILE_MAX, &s->key_file)) != 0 ||
		(r = peer_listen(s->socket_path, &s->fds.listen)) != 0 ||
		(r = open_signals(&s->fds.signal)) != 0 ||
		(r = open_timer(s->for_s, &s->fds.timer)) != 0)
		return r;
	return detach();
}

static int
lock_in(const struct start *s)
{
	const int keep[] = {
		0, 1, 2, s->fds.listen, s->fds.signal, s->fds.timer, s->ready_fd};
	int r;

	if ((r = harden_close_others(keep, sizeof keep / sizeof keep[0])) != 0 ||
		(r = harden_limit(HARDEN_DESCRIPTORS, 16 + SERVER_CLIENTS_MAX)) != 0 ||
		(r = harden_limit(HARDEN_FILE_SIZE, 0)) != 0)
		return r;
	return sandbox_enter(SANDBOX_AGENT);
}

static void
report(const struct start *s, int r)
{
	uint8_t code = (uint8_t)-r;

	/* Whoever started us is gone when this fails, and does not mind. */
	if (disk_write(s->ready_fd, &code, 1) == 0)
		disk_close(s->ready_fd);
}

/* Of kind 1 or 2; a station's key is not for an agent (FAIL_MISMATCH). */
static int
open_keys(const struct start *s, struct solo **ret_solo, struct own_officer **ret_officer)
{
	const struct buf *file = &s->key_file;
	struct keyfile head;
	int r;

	if ((r = keyfile_parse(file->data, file->len, &head)) != 0)
		return r;
	if (head.kind == KEYFILE_KIND_OFFICER)
		return own_officer_open(
			file->data, file->len, s->passphrase, ret_officer);
	return keyfile_open(file->data, file->len, s->passphrase, ret_solo);
}

static int
serve(struct start *s, struct server *server)
{
	struct holder holder = {.until_s = clock_now_s() + s->for_s};
	struct own_officer *officer = NULL;
	struct solo *solo = NULL;
	int r;

	r = open_keys(s, &solo, &officer);
	secret_free(s->passphrase);
	s->passphrase = NULL;
	buf_done(&s->key_file);
	report(s, r);
	if (r == 0) {
		holder.keys = (struct agent_keys){.solo = solo, .officer = officer};
		r = server_run(server, &holder);
	}
	own_officer_free(officer);
	solo_free(solo);
	return r;
}

int
main(int argc, char **argv)
{
	struct start s = {.fds = {-1, -1, -1}};
	struct server *server = NULL;
	int r;

	buf_init(&s.key_file, KEYFILE_MAX);
	if (parse_words(argc, argv, &s) != 0) {
		(void)fputs("valise-agent is started by `valise unlock`.\n", stderr);
		return 2;
	}
	if ((r = harden_process()) != 0 || (r = crypto_init()) != 0 ||
		(r = gather(&s)) != 0 || (r = server_new(s.fds, &server)) != 0 ||
		(r = lock_in(&s)) != 0) {
		report(&s, r);
		goto out;
	}
	r = serve(&s, server);
out:
	/* The door first: who asked us to lock takes the end of the connection for our end, and
	 * then removes the socket if nobody listens there any more. */
	disk_close(s.fds.listen);
	server_free(server);
	secret_free(s.passphrase);
	buf_done(&s.key_file);
	/* Without the exit handlers of libraries, which want calls that are not permitted. */
	_exit(r == 0 ? 0 : 1);
}
