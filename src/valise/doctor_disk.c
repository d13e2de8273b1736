/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/doctor.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/clock.h"
#include "sys/landlock.h"

/*
 * What can be seen without the station.  Limits: a disk that takes 100 ms to sync makes ten
 * commits a second; 1 GiB and 5 % leave time to react; a backup is made weekly.
 */
enum { SYNC_TRIES = 5, SYNC_MS_MAX = 100, SYNC_LEN = 4096, BACKUP_AGE_S = 8 * 86400 };
enum { FREE_PERCENT_MIN = 5 };
#define FREE_MIN (UINT64_C(1) << 30)

static void
check_key(struct doctor *d)
{
	char path[DISK_PATH_MAX];
	struct stat st;

	if (doctor_path(d, "key", path) != 0)
		return;
	if (lstat(path, &st) != 0) {
		doctor_say(d, false, "key-file", "make the station: valise init MEMBER",
			"there is no key file in %s", d->dir);
		return;
	}
	doctor_say(d,
		S_ISREG(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0,
		"key-file", "chown it to the station's user and chmod 600 it",
		"the key file is %s, mode %03o",
		st.st_uid == geteuid() ? "ours" : "another user's",
		(unsigned)(st.st_mode & 0777));
}

static void
check_config(struct doctor *d)
{
	struct config_error error = {.line = 0};
	char path[DISK_PATH_MAX];
	struct buf text;
	int r;

	if (doctor_path(d, "valise.conf", path) != 0)
		return;
	buf_init(&text, CONFIG_MAX + 1);
	if ((r = disk_read_small(path, CONFIG_MAX, &text)) != 0)
		doctor_say(d, false, "configuration",
			"valise init MEMBER --listen ADDR:PORT writes one; see "
			"valise.conf(5)",
			"cannot read %s: %s", path, fail_text(r));
	else if (config_parse(rd_of(text.data, text.len), &d->config, &error) != 0)
		doctor_say(d, false, "configuration", "correct it and try valised -n",
			"line %u: %s", error.line, error.text);
	else
		d->has_config = true;
	if (d->has_config)
		doctor_say(d, true, "configuration", "", "%s is understood", path);
	buf_done(&text);
}

static void
check_unlock(struct doctor *d)
{
	if (!d->has_config)
		return;
	doctor_say(d, d->config.unlock != CONFIG_FILE, "unlock",
		"use `unlock passphrase`, or `unlock command` with a TPM or token",
		d->config.unlock == CONFIG_FILE
			? "the keys are unlocked from a file: a stolen disk is a stolen "
			  "station"
			: "no unlock key lies on the disk");
}

static void
check_locks(struct doctor *d)
{
	int abi = landlock_abi();

	doctor_say(d, abi > 0, "kernel",
		"start a Linux of 5.13 or newer with lsm=landlock",
		abi > 0 ? "Landlock is there, ABI %d"
			: "this kernel has no Landlock (%d)",
		abi);
}

static void
check_second(struct doctor *d)
{
	char path[DISK_PATH_MAX];
	struct stat here, there;

	if (!d->has_config)
		return;
	if (d->config.second_holder[0] == '\0') {
		doctor_say(d, false, "second-holder",
			"name a directory on another disk: second-holder PATH",
			"the keys of documents are kept once; this disk's end is theirs");
		return;
	}
	if (doctor_path(d, d->config.second_holder, path) != 0 ||
		stat(path, &there) != 0 || stat(d->dir, &here) != 0) {
		doctor_say(d, false, "second-holder", "mount it, or correct the path",
			"%s is not there", d->config.second_holder);
		return;
	}
	doctor_say(d, here.st_dev != there.st_dev, "second-holder",
		"choose a directory on another disk",
		here.st_dev != there.st_dev
			? "the keys of documents are kept twice"
			: "the second holder lies on the same file system");
}

/* The newest file of a directory, in seconds since 1970; 0 when there is none. */
static uint64_t
newest_of(const char *path)
{
	DIR *dir = opendir(path);
	uint64_t newest_s = 0;
	const struct dirent *entry;
	struct stat st;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && st.st_mtime > 0 &&
			(uint64_t)st.st_mtime > newest_s)
			newest_s = (uint64_t)st.st_mtime;
	(void)closedir(dir);
	return newest_s;
}

static void
check_backup(struct doctor *d)
{
	uint64_t newest_s, now_s = clock_now_s();
	char path[DISK_PATH_MAX], age[TEXT_HUMAN_MAX];

	if (!d->has_config)
		return;
	if (d->config.backup_dir[0] == '\0' ||
		doctor_path(d, d->config.backup_dir, path) != 0) {
		doctor_say(d, false, "backup",
			"back DIR up weekly, and say where: backup-dir PATH",
			"nothing says where backups are");
		return;
	}
	newest_s = newest_of(path);
	if (newest_s == 0) {
		doctor_say(d, false, "backup", "back DIR up weekly",
			"there is no backup in %s", path);
		return;
	}
	text_duration(now_s > newest_s ? (now_s - newest_s) * 1000 : 0, age);
	doctor_say(d, now_s < newest_s + BACKUP_AGE_S, "backup", "back DIR up weekly",
		"the newest backup is %s old", age);
}

/* The slowest but one: one hiccup is no finding. */
static int
measure_sync(int fd, uint64_t *ret_ms)
{
	uint8_t bytes[SYNC_LEN] = {0};
	uint64_t slowest = 0, second = 0;
	int r;

	for (int i = 0; i < SYNC_TRIES; i++) {
		uint64_t ms = clock_monotonic_ms();

		if ((r = disk_write(fd, bytes, sizeof bytes)) != 0 ||
			(r = disk_sync(fd)) != 0)
			return r;
		ms = clock_monotonic_ms() - ms;
		if (ms >= slowest) {
			second = slowest;
			slowest = ms;
		} else if (ms > second) {
			second = ms;
		}
	}
	*ret_ms = second;
	return 0;
}

static void
check_sync(struct doctor *d)
{
	uint64_t ms = 0;
	int fd = -1, r;

	/* Without a name: nothing is left behind, whatever happens. */
	if ((r = disk_open(AT_FDCWD, d->dir, O_TMPFILE | O_WRONLY, 0600, &fd)) == 0)
		r = measure_sync(fd, &ms);
	disk_close(fd);
	if (r != 0)
		doctor_say(d, false, "disk-sync",
			"look at the disk and the rights of the directory",
			"cannot write and sync in %s: %s", d->dir, fail_text(r));
	else
		doctor_say(d, ms <= SYNC_MS_MAX, "disk-sync",
			"move the station to a faster disk",
			"a sync takes %" PRIu64 " ms", ms);
}

static void
check_space(struct doctor *d)
{
	char text[TEXT_HUMAN_MAX];
	struct statvfs fs;
	uint64_t free_bytes;

	if (statvfs(d->dir, &fs) != 0)
		return;
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	text_size(free_bytes, text);
	doctor_say(d,
		free_bytes >= FREE_MIN &&
			fs.f_bavail >= fs.f_blocks / 100 * FREE_PERCENT_MIN,
		"disk-space", "make room: a full disk refuses every cable", "%s free",
		text);
}

void
doctor_disk(struct doctor *d)
{
	check_key(d);
	check_config(d);
	check_unlock(d);
	check_locks(d);
	check_second(d);
	check_backup(d);
	check_sync(d);
	check_space(d);
}
