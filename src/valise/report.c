/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "valise/verb.h"

/*
 * The remedies stand in one table by failure, so that no verb has to invent its own.  File
 * names are printed with control characters replaced: a name must not drive the terminal.
 */

static bool is_quiet;

struct remedy {
	int exit_status;
	const char *text;
};

static const struct remedy remedies[] = {
	[-FAIL_NOMEM] = {EXIT_FAILED, "Free some memory and try again."},
	[-FAIL_LIMIT] = {EXIT_FAILED, "See the limits in valise(1)."},
	[-FAIL_TRUNCATED] = {EXIT_NOT_VERIFIED,
		"Part of it is missing; copy or ask for it again."},
	[-FAIL_FORMAT] = {EXIT_NOT_VERIFIED,
		"It is not an envelope, or it was altered; `valise inspect` says more."},
	[-FAIL_VERSION] = {EXIT_NOT_VERIFIED, "A newer valise may know it."},
	[-FAIL_SUITE] = {EXIT_NOT_VERIFIED,
		"Suite 2 needs a valise built with OpenSSL 3.5 or later."},
	[-FAIL_ALTERED] = {EXIT_NOT_VERIFIED,
		"Do not trust it; ask the sender for it again."},
	[-FAIL_SIGNATURE] = {EXIT_NOT_VERIFIED,
		"Do not trust it; ask the sender for it again."},
	[-FAIL_COMMITMENT] = {EXIT_NOT_VERIFIED,
		"Do not trust it or its sender; report it."},
	[-FAIL_SHARE] = {EXIT_NOT_VERIFIED, "Do not trust it or its sender; report it."},
	[-FAIL_NO_KEY] = {EXIT_FAILED,
		"Only the one it was sealed to can open it; is --dir the "
		"right one?"},
	[-FAIL_PASSPHRASE] = {EXIT_FAILED,
		"Try again; or the key file was altered: then restore "
		"it, or `valise init --solo --recover`."},
	[-FAIL_SIGNER] = {EXIT_NOT_VERIFIED,
		"If you know whose words these are, say "
		"--signer 'WORDS'."},
	[-FAIL_EXISTS] = {EXIT_FAILED, "Choose another name, or --force to replace it."},
	[-FAIL_ABSENT] = {EXIT_FAILED, "Check the name."},
	[-FAIL_DENIED] = {EXIT_FAILED,
		"Check owner and permissions of the file and its directory."},
	[-FAIL_SPACE] = {EXIT_FAILED, "Free some space or choose another place."},
	[-FAIL_IO] = {EXIT_FAILED, "Check the disk."},
	[-FAIL_CHANGED] = {EXIT_FAILED, "Try again when nobody writes to it."},
	[-FAIL_AGAIN] = {EXIT_LATER, "Try again later."},
	[-FAIL_CLOSED] = {EXIT_FAILED,
		"If it was the agent: `valise unlock` and try again."},
	[-FAIL_LOCKED] = {EXIT_FAILED, "Run `valise unlock`, or give --passphrase-file."},
	[-FAIL_USAGE] = {EXIT_USAGE, "Check what was given."},
	[-FAIL_RANDOM] = {EXIT_FAILED, "Try again when the system has started."},
	[-FAIL_UNSUPPORTED] = {EXIT_FAILED, "See valise(1) for what it needs."},
	[-FAIL_REFUSED] = {EXIT_REFUSED, "A rule forbids it."},
	[-FAIL_TIMEOUT] = {EXIT_LATER, "Try again later."},
	[-FAIL_MISMATCH] = {EXIT_NOT_VERIFIED, "Check both."},
	[-FAIL_TOO_BIG] = {EXIT_FAILED, "Choose a smaller one."},
};

static const struct remedy *
remedy_of(int r)
{
	static const struct remedy unknown = {EXIT_FAILED, "Report this."};
	size_t i = r < 0 ? (size_t)-r : 0;

	return i > 0 && i < sizeof remedies / sizeof remedies[0] ? &remedies[i]
								 : &unknown;
}

int
report_exit(int r)
{
	return r == 0 ? EXIT_OK : remedy_of(r)->exit_status;
}

static void
print_object(const char *object)
{
	for (; *object != '\0'; object++) {
		unsigned char c = (unsigned char)*object;

		(void)fputc(c < 0x20 || c == 0x7f ? '?' : c, stderr);
	}
}

/* Rooms give phrases ("write ROUTINE or FLASH"); on the terminal they are sentences. */
static void
print_sentence(const char *text)
{
	size_t len = strlen(text);
	char first[] = {
		text[0] >= 'a' && text[0] <= 'z' ? (char)(text[0] - 'a' + 'A') : text[0],
		'\0'};

	print_object(first);
	if (len > 1)
		print_object(text + 1);
	(void)fputs(
		len > 0 && strchr(".!?", text[len - 1]) == NULL ? ".\n" : "\n", stderr);
}

int
report_usage(const char *verb, const char *format, ...)
{
	va_list ap;

	(void)fprintf(stderr, "valise %s: ", verb);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fprintf(stderr, ".  See `valise %s --help`.\n", verb);
	return FAIL_USAGE;
}

int
report_fail(const struct report *report, int r)
{
	const struct remedy *remedy = remedy_of(r);

	(void)fprintf(stderr, "valise %s: cannot %s ", report->verb, report->attempt);
	print_object(report->object);
	if (report->where != NULL && report->where[0] != '\0') {
		(void)fputs(": ", stderr);
		print_object(report->where);
	}
	(void)fputs(": ", stderr);
	print_object(report->why != NULL ? report->why : fail_text(r));
	(void)fputs(".  ", stderr);
	print_sentence(report->remedy != NULL ? report->remedy : remedy->text);
	return remedy->exit_status;
}

void
report_be_quiet(void)
{
	is_quiet = true;
}

bool
report_is_quiet(void)
{
	return is_quiet;
}

void
report_say(const char *format, ...)
{
	va_list ap;

	if (is_quiet)
		return;
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
}
