/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/exchange.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "sys/disk.h"
#include "sys/random.h"
#include "valise/home.h"
#include "valise/report.h"

/* Files are read whole: the largest is a roster of half a MiB. */

int
exchange_fail(const struct args *args, const char *attempt, const char *object,
	const char *remedy, int r)
{
	struct report report = {.verb = args->verb,
		.attempt = attempt,
		.object = object,
		.remedy = remedy};

	(void)report_fail(&report, r);
	return r;
}

int
exchange_read(
	const struct args *args, const char *path, size_t max, struct buf *ret_bytes)
{
	int r;

	buf_init(ret_bytes, max + 1);
	if ((r = disk_read_small(path, max, ret_bytes)) == 0)
		return 0;
	buf_done(ret_bytes);
	return exchange_fail(args, "read", path, NULL, r);
}

static int
read_note(const struct args *args, const char *path, const char *what,
	struct note **ret_note)
{
	struct buf bytes;
	int r;

	if ((r = exchange_read(args, path, NOTE_BYTES_MAX, &bytes)) != 0)
		return r;
	r = note_parse(bytes.data, bytes.len, ret_note);
	buf_done(&bytes);
	return r == 0 ? 0 : exchange_fail(args, "read", path, what, r);
}

int
exchange_roster_read(
	const struct args *args, const char *path, struct exchange_roster *ret_roster)
{
	static const char what[] = "It is not a roster, or it was altered.";
	struct exchange_roster x = {0};
	int r;

	if ((r = read_note(args, path, what, &x.note)) != 0)
		return r;
	if ((r = roster_parse(x.note->text, &x.roster)) != 0) {
		exchange_roster_done(&x);
		return exchange_fail(args, "read", path, what, r);
	}
	*ret_roster = x;
	return 0;
}

void
exchange_roster_done(struct exchange_roster *roster)
{
	roster_free(roster->roster);
	note_free(roster->note);
}

int
exchange_entry_read(const struct args *args, const char *path, struct note **ret_note,
	struct entry *ret_entry)
{
	static const char what[] =
		"It is not a founding file (`valise officer found`), or it "
		"was altered.";
	struct note *note = NULL;
	int r;

	if ((r = read_note(args, path, what, &note)) != 0)
		return r;
	if ((r = entry_note_parse(note, ret_entry)) != 0) {
		note_free(note);
		return exchange_fail(args, "read", path, what, r);
	}
	*ret_note = note;
	return 0;
}

int
exchange_write(const struct args *args, const void *ptr, size_t len)
{
	const char *out = args_get(args, "out");
	int r;

	if (out != NULL) {
		r = disk_write_small(out, ptr, len, false);
		return r == 0
			? 0
			: exchange_fail(args, "write", out,
				  r == FAIL_EXISTS ? "Choose another name." : NULL, r);
	}
	if (fwrite(ptr, 1, len, stdout) != len)
		return exchange_fail(args, "write", "stdout", NULL, FAIL_IO);
	return 0;
}

/* Passphrase and bytes of the key file. */
static int
open_key(const struct args *args, char ret_dir[DISK_PATH_MAX],
	struct secret **ret_passphrase, struct buf *ret_bytes)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, ret_dir)) != 0)
		return r;
	if ((r = keys_file_path(ret_dir, path)) != 0)
		return exchange_fail(args, "use", ret_dir, NULL, r);
	buf_init(ret_bytes, KEYFILE_MAX + 1);
	if ((r = disk_read_small(path, KEYFILE_MAX, ret_bytes)) != 0)
		return exchange_fail(args, "use the keys in", ret_dir,
			r == FAIL_ABSENT ? "There is no key yet: `valise enrol` makes an "
					   "officer's, `valise init MEMBER` a station's."
					 : NULL,
			r);
	return home_passphrase(args, "Passphrase: ", ret_passphrase);
}

static int
fail_key(const struct args *args, const char *dir, const char *wanted, int r)
{
	static const char altered[] =
		"Try again; or the key file was altered: then restore it.";

	if (r == FAIL_MISMATCH)
		return exchange_fail(args, "use the keys in", dir, wanted, r);
	return exchange_fail(
		args, "use the keys in", dir, r == FAIL_PASSPHRASE ? altered : NULL, r);
}

int
exchange_officer(const struct args *args, struct own_officer **ret_officer)
{
	struct secret *passphrase = NULL;
	char dir[DISK_PATH_MAX];
	struct buf bytes = {0};
	int r;

	if ((r = open_key(args, dir, &passphrase, &bytes)) == 0 &&
		(r = own_officer_open(bytes.data, bytes.len, passphrase, ret_officer)) !=
			0)
		r = fail_key(args, dir,
			"These are not the keys of an officer: `valise enrol` makes "
			"those.",
			r);
	secret_free(passphrase);
	buf_done(&bytes);
	return r;
}

int
exchange_station(const struct args *args, struct own_station **ret_station)
{
	struct secret *passphrase = NULL;
	char dir[DISK_PATH_MAX];
	struct buf bytes = {0};
	int r;

	if ((r = open_key(args, dir, &passphrase, &bytes)) == 0 &&
		(r = own_station_open(bytes.data, bytes.len, passphrase, ret_station)) !=
			0)
		r = fail_key(args, dir,
			"These are not the keys of a station: `valise init MEMBER` makes "
			"those.",
			r);
	secret_free(passphrase);
	buf_done(&bytes);
	return r;
}

static int
write_key(const struct args *args, const char *dir, const struct buf *file)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = keys_file_path(dir, path)) != 0 || (r = disk_make_private_dir(dir)) != 0)
		return exchange_fail(args, "use", dir, NULL, r);
	if ((r = disk_write_small(path, file->data, file->len, false)) != 0)
		return exchange_fail(args, "write", path,
			r == FAIL_EXISTS
				? "A key is never replaced: choose another --dir."
				: NULL,
			r);
	return 0;
}

/* One of the two; the other is NULL. */
static int
save(const struct args *args, const struct own_officer *officer,
	const struct own_station *station)
{
	struct secret *passphrase = NULL;
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct buf file;
	int r;

	if ((r = home_dir(args, dir)) != 0)
		return r;
	/* Before anybody types a passphrase for nothing. */
	if (keys_file_path(dir, path) == 0 && disk_is_there(path))
		return exchange_fail(args, "write", path,
			"A key is never replaced: choose another --dir.", FAIL_EXISTS);
	if ((r = home_new_passphrase(args, &passphrase)) != 0)
		return r;
	buf_init(&file, KEYFILE_MAX);
	r = officer != NULL
		? own_officer_seal(officer, passphrase, random_system(), &file)
		: own_station_seal(station, passphrase, random_system(), &file);
	r = r == 0 ? write_key(args, dir, &file)
		   : exchange_fail(args, "seal a key for", dir, NULL, r);
	buf_done(&file);
	secret_free(passphrase);
	return r;
}

int
exchange_officer_save(const struct args *args, const struct own_officer *officer)
{
	return save(args, officer, NULL);
}

int
exchange_station_save(const struct args *args, const struct own_station *station)
{
	return save(args, NULL, station);
}

void
exchange_station_hash(
	const char *member, const uint8_t key[32], uint8_t ret_hash[HASH_LEN])
{
	static const char prefix[] = "valise/v1 station";
	uint8_t bytes[sizeof prefix + 1 + ADDRESS_MEMBER_MAX + 32];
	size_t len = strlen(member), at = sizeof prefix;

	CHECK(len <= ADDRESS_MEMBER_MAX);
	memcpy(bytes, prefix, sizeof prefix);
	bytes[at++] = (uint8_t)len;
	memcpy(bytes + at, member, len);
	memcpy(bytes + at + len, key, 32);
	hash_sha256(bytes, at + len + 32, ret_hash);
}

int
exchange_json(const struct args *args, json_t *object)
{
	if (object == NULL)
		return exchange_fail(args, "write", "stdout", NULL, FAIL_NOMEM);
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(object);
	return 0;
}

bool
exchange_is_file(const char *word)
{
	struct stat st;

	return stat(word, &st) == 0 && S_ISREG(st.st_mode);
}
