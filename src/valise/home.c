/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sys/passphrase.h"
#include "valise/report.h"

/*
 * The passphrase of the environment is taken out before anything else runs, whether it is
 * needed or not: nothing that is started later, and nobody who reads /proc, should see it.
 */

static struct secret *from_environment;

int
home_take_environment(void)
{
	int r = passphrase_from_env(&from_environment);

	return r == FAIL_ABSENT ? 0 : r;
}

void
home_done(void)
{
	secret_free(from_environment);
	from_environment = NULL;
}

static int
print_dir(char ret_dir[DISK_PATH_MAX], const char *base, const char *rest)
{
	int n = snprintf(ret_dir, DISK_PATH_MAX, "%s%s", base, rest);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

int
home_dir(const struct args *args, char ret_dir[DISK_PATH_MAX])
{
	const char *dir = args_get(args, "dir");
	const char *base;

	if (dir == NULL)
		dir = getenv("VALISE_DIR");
	if (dir != NULL && dir[0] != '\0')
		return print_dir(ret_dir, dir, "") == 0
			? 0
			: report_usage(args->verb, "the directory's name is too long");
	if ((base = getenv("XDG_DATA_HOME")) != NULL && base[0] == '/')
		return print_dir(ret_dir, base, "/valise");
	if ((base = getenv("HOME")) != NULL && base[0] == '/')
		return print_dir(ret_dir, base, "/.local/share/valise");
	return report_usage(
		args->verb, "no directory for keys: give --dir or set VALISE_DIR");
}

static int
copy_environment(struct secret **ret_passphrase)
{
	struct secret *copy;
	int r;

	if (from_environment == NULL)
		return FAIL_ABSENT;
	if ((r = secret_new(from_environment->len, &copy)) != 0)
		return r;
	memcpy(copy->bytes, from_environment->bytes, copy->len);
	*ret_passphrase = copy;
	return 0;
}

static int
report_passphrase(const struct args *args, const char *source, int r)
{
	struct report report = {.verb = args->verb,
		.attempt = "read the passphrase from",
		.object = source != NULL ? source : "the terminal"};

	if (source == NULL && r == FAIL_ABSENT) {
		report.why = "there is none";
		report.remedy = "Run `valise unlock` in one, or give --passphrase-file.";
	}
	if (r == FAIL_MISMATCH)
		report.remedy = "The two are not the same; try again.";
	if (r == FAIL_LIMIT)
		report.remedy = "A passphrase has 1 to 1024 bytes.";
	(void)report_fail(&report, r);
	return r;
}

int
home_passphrase(
	const struct args *args, const char *prompt, struct secret **ret_passphrase)
{
	const char *source = args_get(args, "passphrase-file");
	int r;

	if (source != NULL)
		r = passphrase_from(source, ret_passphrase);
	else if ((r = copy_environment(ret_passphrase)) == FAIL_ABSENT)
		r = passphrase_ask(prompt, ret_passphrase);
	return r == 0 ? 0 : report_passphrase(args, source, r);
}

int
home_new_passphrase(const struct args *args, struct secret **ret_passphrase)
{
	const char *source = args_get(args, "passphrase-file");
	int r;

	if (source != NULL)
		r = passphrase_from(source, ret_passphrase);
	else if ((r = copy_environment(ret_passphrase)) == FAIL_ABSENT)
		r = passphrase_ask_new("New passphrase: ", "Once more: ", ret_passphrase);
	return r == 0 ? 0 : report_passphrase(args, source, r);
}

static int
report_keys(const struct args *args, const char *dir, int r)
{
	struct report report = {
		.verb = args->verb, .attempt = "use the keys in", .object = dir};

	if (r == FAIL_ABSENT)
		report.remedy = "There is no key yet: `valise init --solo` makes one, "
				"`valise enrol` an officer's.";
	if (r == FAIL_MISMATCH)
		report.remedy = "These are the keys of a station: they stay there.";
	(void)report_fail(&report, r);
	return r;
}

int
home_keys(const struct args *args, struct keys **ret_keys)
{
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct secret *passphrase = NULL;
	int r;

	if ((r = home_dir(args, dir)) != 0)
		return r;
	if (args_get(args, "passphrase-file") == NULL && from_environment == NULL) {
		if ((r = keys_from_agent(dir, ret_keys)) == 0)
			return 0;
		if (r != FAIL_LOCKED)
			return report_keys(args, dir, r);
	}
	if ((r = keys_file_path(dir, path)) != 0)
		return report_keys(args, dir, r);
	if (!disk_is_there(path))
		return report_keys(args, dir, FAIL_ABSENT);
	if ((r = home_passphrase(args, "Passphrase: ", &passphrase)) != 0)
		return r;
	r = keys_from_passphrase(dir, passphrase, ret_keys);
	secret_free(passphrase);
	return r == 0 ? 0 : report_keys(args, dir, r);
}

static int
home_keys_of(const struct args *args, enum keyfile_kind kind, const char *remedy,
	struct keys **ret_keys)
{
	struct report report = {
		.verb = args->verb, .attempt = "use the keys in", .remedy = remedy};
	char dir[DISK_PATH_MAX];
	struct keys *keys;
	int r;

	if ((r = home_keys(args, &keys)) != 0)
		return r;
	if (keys_kind(keys) == kind) {
		*ret_keys = keys;
		return 0;
	}
	keys_free(keys);
	report.object = home_dir(args, dir) == 0 ? dir : "the home directory";
	(void)report_fail(&report, FAIL_MISMATCH);
	return FAIL_MISMATCH;
}

int
home_solo(const struct args *args, struct keys **ret_keys)
{
	return home_keys_of(args, KEYFILE_KIND_SOLO,
		"A member's officer or station has other keys; this takes those of "
		"`valise init --solo`.",
		ret_keys);
}

int
home_officer(const struct args *args, struct keys **ret_keys)
{
	return home_keys_of(args, KEYFILE_KIND_OFFICER,
		"These are not the keys of an officer: `valise enrol` makes those.",
		ret_keys);
}
