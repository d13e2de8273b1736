/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rd.h"
#include "sys/clock.h"
#include "sys/disk.h"

/*
 * Two processes that start at once must not both remove "the dead socket" and bind: the one
 * that came second would take the name from a living listener.  So the directory is locked
 * (flock) while a listener looks, removes and binds.
 */

enum { BACKLOG = 128 };

static int
address_of(const char *path, struct sockaddr_un *ret_address)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof ret_address->sun_path)
		return FAIL_USAGE;
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, path, len + 1);
	return 0;
}

/* Nobody else may put a socket of theirs in this directory, or see ours. */
static int
check_dir(int dir_fd)
{
	struct stat st;

	if (fstat(dir_fd, &st) != 0)
		return disk_fail_of(errno);
	if (st.st_uid != geteuid() || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return FAIL_REFUSED;
	return 0;
}

static int
open_dir(const char *path, int *ret_fd)
{
	char dir[DISK_PATH_MAX];
	int fd = -1, r;

	if ((r = disk_dir_of(path, dir)) != 0 ||
		(r = disk_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, &fd)) != 0)
		return r;
	if ((r = check_dir(fd)) != 0) {
		disk_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int
check_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
		len != sizeof peer)
		return FAIL_UNSUPPORTED;
	return peer.uid == geteuid() ? 0 : FAIL_REFUSED;
}

static int
connect_to(const struct sockaddr_un *address, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

	if (fd < 0)
		return disk_fail_of(errno);
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
		r = errno == ECONNREFUSED ? FAIL_ABSENT : disk_fail_of(errno);
		disk_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int
clear_way(const char *path, const struct sockaddr_un *address)
{
	int fd = -1, r;

	r = connect_to(address, &fd);
	disk_close(fd);
	if (r == 0 || r == FAIL_AGAIN)
		return FAIL_EXISTS;
	if (r != FAIL_ABSENT)
		return r;
	disk_unlink(AT_FDCWD, path);
	return 0;
}

static int
bind_to(const struct sockaddr_un *address, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;

	if (fd < 0)
		return disk_fail_of(errno);
	/* The mode that bind() gives the socket is that of its descriptor: set it before. */
	if (fchmod(fd, 0600) != 0 ||
		bind(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
		listen(fd, BACKLOG) != 0)
		r = errno == EADDRINUSE ? FAIL_EXISTS : disk_fail_of(errno);
	if (r != 0) {
		disk_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int
peer_listen(const char *path, int *ret_fd)
{
	struct sockaddr_un address;
	int dir = -1, r;

	if ((r = address_of(path, &address)) != 0 || (r = open_dir(path, &dir)) != 0)
		return r;
	if (flock(dir, LOCK_EX) != 0)
		r = disk_fail_of(errno);
	if (r == 0 && (r = clear_way(path, &address)) == 0)
		r = bind_to(&address, ret_fd);
	disk_close(dir);
	return r;
}

int
peer_clear(const char *path)
{
	struct sockaddr_un address;
	int dir = -1, r;

	if ((r = address_of(path, &address)) != 0 || (r = open_dir(path, &dir)) != 0)
		return r;
	r = flock(dir, LOCK_EX) != 0 ? disk_fail_of(errno) : clear_way(path, &address);
	disk_close(dir);
	return r;
}

int
peer_accept(int listen_fd, int *ret_fd)
{
	int fd, r;

	do
		fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return disk_fail_of(errno);
	if ((r = check_peer(fd)) != 0) {
		disk_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int
peer_connect(const char *path, int *ret_fd)
{
	struct sockaddr_un address;
	int dir = -1, fd = -1, r;

	if ((r = address_of(path, &address)) != 0 || (r = open_dir(path, &dir)) != 0)
		return r;
	disk_close(dir);
	if ((r = connect_to(&address, &fd)) != 0)
		return r;
	if ((r = check_peer(fd)) != 0) {
		disk_close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

/* Wait until the socket is ready; FAIL_TIMEOUT once the deadline has passed. */
static int
wait_for(int fd, short events, uint64_t deadline_ms)
{
	struct pollfd waiting = {.fd = fd, .events = events};
	uint64_t now_ms = clock_monotonic_ms();
	int n;

	if (now_ms >= deadline_ms)
		return FAIL_TIMEOUT;
	n = poll(&waiting, 1, (int)(deadline_ms - now_ms));
	if (n < 0 && errno != EINTR)
		return disk_fail_of(errno);
	return 0;
}

static int
send_all(int fd, const uint8_t *ptr, size_t len, uint64_t deadline_ms)
{
	int r = 0;

	while (r == 0 && len > 0) {
		ssize_t n = write(fd, ptr, len);

		if (n >= 0) {
			ptr += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			r = wait_for(fd, POLLOUT, deadline_ms);
		} else if (errno != EINTR) {
			r = disk_fail_of(errno);
		}
	}
	return r;
}

int
peer_send(int fd, const void *ptr, size_t len, unsigned timeout_ms)
{
	uint8_t frame[PEER_HEAD_LEN + PEER_MESSAGE_MAX];
	int r;

	if (len == 0 || len > PEER_MESSAGE_MAX)
		return FAIL_FORMAT;
	/* Head and message in one write: two would cost a second wake-up of the reader. */
	for (size_t i = 0; i < PEER_HEAD_LEN; i++)
		frame[i] = (uint8_t)(len >> 8 * (PEER_HEAD_LEN - 1 - i));
	memcpy(frame + PEER_HEAD_LEN, ptr, len);
	r = send_all(fd, frame, PEER_HEAD_LEN + len, clock_monotonic_ms() + timeout_ms);
	mem_wipe(frame, PEER_HEAD_LEN + len);
	return r;
}

int
peer_fill(int fd, struct peer_inbox *inbox)
{
	size_t room = sizeof inbox->bytes - inbox->len;
	ssize_t n;

	CHECK(room > 0);
	do
		n = read(fd, inbox->bytes + inbox->len, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return disk_fail_of(errno);
	if (n == 0)
		return FAIL_CLOSED;
	inbox->len += (size_t)n;
	return 0;
}

int
peer_first(const struct peer_inbox *inbox, const uint8_t **ret_ptr, size_t *ret_len)
{
	struct rd in = rd_of(inbox->bytes, inbox->len);
	uint32_t len;

	if (rd_u32(&in, &len) != 0)
		return FAIL_AGAIN;
	if (len == 0 || len > PEER_MESSAGE_MAX)
		return FAIL_FORMAT;
	if (in.len < len)
		return FAIL_AGAIN;
	*ret_ptr = in.ptr;
	*ret_len = len;
	return 0;
}

void
peer_drop(struct peer_inbox *inbox)
{
	const uint8_t *ptr;
	size_t len, used;

	if (peer_first(inbox, &ptr, &len) != 0)
		return;
	used = PEER_HEAD_LEN + len;
	memmove(inbox->bytes, inbox->bytes + used, inbox->len - used);
	mem_wipe(inbox->bytes + inbox->len - used, used);
	inbox->len -= used;
}

int
peer_receive(int fd, uint8_t *ret_ptr, size_t *ret_len, unsigned timeout_ms)
{
	uint64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
	struct peer_inbox inbox;
	const uint8_t *ptr;
	int r = FAIL_AGAIN;
	size_t len;

	inbox.len = 0;
	while (r == FAIL_AGAIN) {
		r = peer_fill(fd, &inbox);
		if (r == 0)
			r = peer_first(&inbox, &ptr, &len);
		else if (r == FAIL_AGAIN && (r = wait_for(fd, POLLIN, deadline_ms)) == 0)
			r = FAIL_AGAIN;
	}
	/* One question, one answer: bytes after it belong to no question of ours. */
	if (r == 0 && inbox.len != PEER_HEAD_LEN + len)
		r = FAIL_FORMAT;
	if (r == 0) {
		memcpy(ret_ptr, ptr, len);
		*ret_len = len;
	}
	mem_wipe(inbox.bytes, inbox.len);
	return r;
}
