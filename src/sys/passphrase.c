/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "sys/disk.h"

/*
 * Passphrases are read straight into guarded memory; no stack array and no stdio buffer ever
 * holds one.  A line is read with room for one byte too many, which tells "too long" from
 * "just fits".
 */

enum { LINE_MAX_LEN = PASSPHRASE_MAX + 2 };

/* The first line of line[0..len) as a secret of its own, of the exact length. */
static int
first_line(const uint8_t *line, size_t len, struct secret **ret_passphrase)
{
	const uint8_t *end = memchr(line, '\n', len);
	struct secret *s = NULL;
	int r;

	if (end != NULL)
		len = (size_t)(end - line);
	if (len == 0 || len > PASSPHRASE_MAX)
		return FAIL_LIMIT;
	if (memchr(line, '\0', len) != NULL)
		return FAIL_FORMAT;
	if ((r = secret_new(len, &s)) != 0)
		return r;
	memcpy(s->bytes, line, len);
	*ret_passphrase = s;
	return 0;
}

static int
read_from_fd(int fd, struct secret **ret_passphrase)
{
	struct secret *line = NULL;
	size_t len;
	int r;

	if ((r = secret_new(LINE_MAX_LEN, &line)) != 0 ||
		(r = disk_read(fd, line->bytes, line->len, &len)) != 0)
		goto out;
	r = first_line(line->bytes, len, ret_passphrase);
out:
	secret_free(line);
	return r;
}

static int
parse_fd(const char *s, int *ret_fd)
{
	int fd = 0;

	if (s[0] == '\0' || strlen(s) > 4)
		return FAIL_USAGE;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return FAIL_USAGE;
		fd = fd * 10 + (*s - '0');
	}
	*ret_fd = fd;
	return 0;
}

int
passphrase_from(const char *source, struct secret **ret_passphrase)
{
	int fd = -1, r;

	if (strncmp(source, "fd:", 3) == 0) {
		if ((r = parse_fd(source + 3, &fd)) != 0)
			return r;
		/* Not ours to close: the caller's shell opened it. */
		return read_from_fd(fd, ret_passphrase);
	}
	if ((r = disk_open(AT_FDCWD, source, O_RDONLY | O_NOCTTY, 0, &fd)) != 0)
		return r;
	r = read_from_fd(fd, ret_passphrase);
	disk_close(fd);
	return r;
}

int
passphrase_from_env(struct secret **ret_passphrase)
{
	static const char name[] = "VALISE_PASSPHRASE";
	char *value = getenv(name);
	size_t len;
	int r;

	if (value == NULL)
		return FAIL_ABSENT;
	len = strlen(value);
	r = first_line((const uint8_t *)value, len, ret_passphrase);
	/* unsetenv() takes the pointer away and leaves the bytes, which /proc shows. */
	mem_wipe(value, len);
	(void)unsetenv(name);
	return r;
}

/*
 * Signals while the echo is off.  They are blocked, delivered inside ppoll() only, remembered,
 * and raised again once the terminal is as it was; so Ctrl-C never leaves a mute terminal.
 */
static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { STOPPING = sizeof stopping / sizeof stopping[0] };

static volatile sig_atomic_t caught;

static void
on_signal(int signal_number)
{
	caught = signal_number;
}

struct quiet {
	sigset_t mask;
	struct sigaction actions[STOPPING];
	struct termios state;
};

static int
quiet_begin(int tty, struct quiet *q)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct termios quiet;
	sigset_t set;

	if (tcgetattr(tty, &q->state) != 0)
		return FAIL_ABSENT;
	caught = 0;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < STOPPING; i++)
		(void)sigaddset(&set, stopping[i]);
	CHECK(pthread_sigmask(SIG_BLOCK, &set, &q->mask) == 0);
	for (size_t i = 0; i < STOPPING; i++)
		CHECK(sigaction(stopping[i], &action, &q->actions[i]) == 0);
	quiet = q->state;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	quiet.c_lflag |= ECHONL | ICANON;
	(void)tcsetattr(tty, TCSAFLUSH, &quiet);
	return 0;
}

static void
quiet_end(int tty, const struct quiet *q)
{
	(void)tcsetattr(tty, TCSAFLUSH, &q->state);
	for (size_t i = 0; i < STOPPING; i++)
		CHECK(sigaction(stopping[i], &q->actions[i], NULL) == 0);
	CHECK(pthread_sigmask(SIG_SETMASK, &q->mask, NULL) == 0);
	if (caught != 0)
		(void)raise(caught);
}

static int
read_line(int tty, const struct quiet *q, struct secret *line, size_t *ret_len)
{
	struct pollfd waiting = {.fd = tty, .events = POLLIN};
	ssize_t n;

	if (ppoll(&waiting, 1, NULL, &q->mask) < 0)
		return FAIL_CLOSED;
	do
		n = read(tty, line->bytes, line->len);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return FAIL_CLOSED;
	*ret_len = (size_t)n;
	return 0;
}

int
passphrase_ask(const char *prompt, struct secret **ret_passphrase)
{
	struct secret *line = NULL;
	struct quiet quiet;
	int tty = -1, r;
	size_t len;

	if (disk_open(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY, 0, &tty) != 0)
		return FAIL_ABSENT;
	if ((r = secret_new(LINE_MAX_LEN, &line)) != 0 ||
		(r = quiet_begin(tty, &quiet)) != 0)
		goto out;
	if ((r = disk_write(tty, prompt, strlen(prompt))) == 0 &&
		(r = read_line(tty, &quiet, line, &len)) == 0)
		r = first_line(line->bytes, len, ret_passphrase);
	quiet_end(tty, &quiet);
out:
	secret_free(line);
	disk_close(tty);
	return r;
}

int
passphrase_ask_new(const char *prompt, const char *again, struct secret **ret_passphrase)
{
	struct secret *first = NULL, *second = NULL;
	int r;

	if ((r = passphrase_ask(prompt, &first)) != 0 ||
		(r = passphrase_ask(again, &second)) != 0)
		goto out;
	if (first->len != second->len ||
		!ct_equal(first->bytes, second->bytes, first->len)) {
		r = FAIL_MISMATCH;
		goto out;
	}
	*ret_passphrase = first;
	first = NULL;
out:
	secret_free(first);
	secret_free(second);
	return r;
}

int
passphrase_get(const char *source, const char *prompt, struct secret **ret_passphrase)
{
	int r;

	if (source != NULL)
		return passphrase_from(source, ret_passphrase);
	if ((r = passphrase_from_env(ret_passphrase)) != FAIL_ABSENT)
		return r;
	return passphrase_ask(prompt, ret_passphrase);
}
