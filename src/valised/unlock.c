/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/unlock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/passphrase.h"
#include "sys/spawn.h"

/*
 * What a program writes goes straight into guarded memory, with room for one byte too many,
 * which tells "too long" from "just fits".
 */

enum { ROOM = UNLOCK_MAX + 2 };

/* Another's file, or one that others read, may have been put there by them. */
static int
check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return disk_fail_of(errno);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		(st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return FAIL_REFUSED;
	return 0;
}

static int
from_file(const char *path, struct secret **ret_passphrase)
{
	char source[16];
	int fd = -1, r;

	if ((r = disk_open(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NOCTTY, 0, &fd)) !=
		0)
		return r;
	(void)snprintf(source, sizeof source, "fd:%d", fd);
	if ((r = check_file(fd)) == 0)
		r = passphrase_from(source, ret_passphrase);
	disk_close(fd);
	return r;
}

/* One piece, if it comes in time; *ret_len 0 is the end. */
static int
read_piece(int fd, uint64_t until_ms, uint8_t *ptr, size_t len, size_t *ret_len)
{
	uint64_t now_ms = clock_monotonic_ms();
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	ssize_t n;
	int ready;

	if (now_ms >= until_ms)
		return FAIL_TIMEOUT;
	ready = poll(&poll_fd, 1, (int)(until_ms - now_ms));
	if (ready == 0)
		return FAIL_TIMEOUT;
	n = ready < 0 ? -1 : read(fd, ptr, len);
	if (n < 0)
		return errno == EINTR ? FAIL_AGAIN : disk_fail_of(errno);
	*ret_len = (size_t)n;
	return 0;
}

static int
read_all(int fd, uint64_t until_ms, struct secret *room, size_t *ret_len)
{
	size_t len = 0, n = 1;
	int r;

	while (n > 0 && len < room->len) {
		r = read_piece(fd, until_ms, room->bytes + len, room->len - len, &n);
		if (r == FAIL_AGAIN)
			continue;
		if (r != 0)
			return r;
		len += n;
	}
	if (len == room->len)
		return FAIL_LIMIT;
	*ret_len = len;
	return 0;
}

static int
first_line(const struct secret *room, size_t len, struct secret **ret_passphrase)
{
	const uint8_t *end = memchr(room->bytes, '\n', len);
	struct secret *s = NULL;
	int r;

	if (end != NULL)
		len = (size_t)(end - room->bytes);
	if (len == 0 || len > UNLOCK_MAX)
		return FAIL_LIMIT;
	if (memchr(room->bytes, '\0', len) != NULL)
		return FAIL_FORMAT;
	if ((r = secret_new(len, &s)) != 0)
		return r;
	memcpy(s->bytes, room->bytes, len);
	*ret_passphrase = s;
	return 0;
}

/* Start it with its standard output in a pipe, whose other end is *ret_fd. */
static int
start(char *const *argv, int *ret_fd, pid_t *ret_pid)
{
	struct spawn spawn = {
		.path = argv[0], .argv = argv, .fds = {-1, -1, 2}, .fd_count = 3};
	int ends[2], r;

	if (argv[0] == NULL || argv[0][0] != '/')
		return FAIL_USAGE;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return disk_fail_of(errno);
	spawn.fds[1] = ends[1];
	r = spawn_start(&spawn, ret_pid);
	disk_close(ends[1]);
	if (r != 0)
		disk_close(ends[0]);
	else
		*ret_fd = ends[0];
	return r;
}

static int
from_command(const struct unlock *unlock, struct secret **ret_passphrase)
{
	uint64_t until_ms = clock_monotonic_ms() +
		(unlock->timeout_ms > 0 ? unlock->timeout_ms : UNLOCK_MS_MAX);
	struct secret *room = NULL;
	int fd = -1, status = 0, r, waited;
	size_t len = 0;
	pid_t pid = 0;

	if ((r = secret_new(ROOM, &room)) != 0 ||
		(r = start(unlock->argv, &fd, &pid)) != 0)
		goto out;
	r = read_all(fd, until_ms, room, &len);
	/* One that closed its output and does not end would be waited for without end. */
	if (r != 0)
		(void)kill(pid, SIGKILL);
	disk_close(fd);
	fd = -1;
	if ((waited = spawn_wait(pid, &status)) != 0 || r != 0) {
		r = r != 0 ? r : waited;
		goto out;
	}
	r = status == 0 ? first_line(room, len, ret_passphrase) : FAIL_REFUSED;
out:
	disk_close(fd);
	secret_free(room);
	return r;
}

int
unlock_passphrase(const struct unlock *unlock, struct secret **ret_passphrase)
{
	switch (unlock->by) {
	case VAULT_BY_FILE:
		return from_file(unlock->path, ret_passphrase);
	case VAULT_BY_COMMAND:
		return from_command(unlock, ret_passphrase);
	case VAULT_BY_PASSPHRASE:
		break;
	}
	return passphrase_get(
		unlock->path, "Passphrase of the station's keys: ", ret_passphrase);
}

/* A path of the configuration: below the station's directory unless it is absolute. */
static int
path_of(const char *dir, const char *path, char ret_path[DISK_PATH_MAX])
{
	int n = path[0] == '/' ? snprintf(ret_path, DISK_PATH_MAX, "%s", path)
			       : snprintf(ret_path, DISK_PATH_MAX, "%s/%s", dir, path);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

static int
passphrase_of(const struct config *config, const char *dir,
	struct secret **ret_passphrase, uint8_t *ret_by)
{
	struct unlock unlock = {.by = VAULT_BY_PASSPHRASE};
	char path[DISK_PATH_MAX];
	int r;

	if (config->unlock == CONFIG_FILE) {
		if ((r = path_of(dir, config->unlock_file, path)) != 0)
			return r;
		unlock = (struct unlock){.by = VAULT_BY_FILE, .path = path};
	} else if (config->unlock == CONFIG_COMMAND) {
		unlock = (struct unlock){
			.by = VAULT_BY_COMMAND, .argv = config->unlock_command.argv};
	}
	*ret_by = (uint8_t)unlock.by;
	return unlock_passphrase(&unlock, ret_passphrase);
}

int
unlock_station(const struct config *config, const char *dir,
	struct own_station **ret_station, uint8_t *ret_by)
{
	struct secret *passphrase = NULL;
	struct own_station *station = NULL;
	char path[DISK_PATH_MAX];
	uint8_t by = 0;
	struct buf file;
	int r;

	buf_init(&file, 2 * KEYFILE_MAX);
	if ((r = path_of(dir, "key", path)) != 0 ||
		(r = disk_read_small(path, KEYFILE_MAX, &file)) != 0 ||
		(r = passphrase_of(config, dir, &passphrase, &by)) != 0 ||
		(r = own_station_open(file.data, file.len, passphrase, &station)) != 0)
		goto out;
	if (strcmp(station->member, config->member) != 0) {
		r = FAIL_MISMATCH;
		goto out;
	}
	*ret_station = station;
	*ret_by = by;
	station = NULL;
out:
	own_station_free(station);
	secret_free(passphrase);
	buf_done(&file);
	return r;
}
