/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/keys_place.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/hash.h"

/*
 * A runtime directory is emptied at logout and is ours alone.  Without one, /tmp has to do;
 * there anybody could have come first, so the directory is used only when it is ours.
 */

enum { ID_LEN = 8, SOCKET_PATH_MAX = 107 };

_Static_assert(PATH_MAX <= DISK_PATH_MAX, "realpath() writes PATH_MAX bytes");

static bool
is_ours(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* Was it printed whole? */
static bool
fits(int n, size_t max)
{
	return n > 0 && (size_t)n <= max;
}

int
keys_runtime_dir(char ret_dir[DISK_PATH_MAX])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned uid = (unsigned)geteuid();
	char run[DISK_PATH_MAX];
	int n;

	if (runtime == NULL || runtime[0] != '/' || !is_ours(runtime)) {
		n = snprintf(run, sizeof run, "/run/user/%u", uid);
		CHECK(fits(n, sizeof run - 1));
		runtime = is_ours(run) ? run : NULL;
	}
	n = runtime != NULL ? snprintf(ret_dir, DISK_PATH_MAX, "%s/valise", runtime) : 0;
	/* A socket's path has room for 107 bytes; a longer runtime directory is of no use. */
	if (!fits(n, SOCKET_PATH_MAX - sizeof "/agent-0123456789abcdef"))
		n = snprintf(ret_dir, DISK_PATH_MAX, "/tmp/valise-%u", uid);
	return fits(n, DISK_PATH_MAX - 1) ? disk_make_private_dir(ret_dir) : FAIL_USAGE;
}

int
keys_file_path(const char *dir, char ret_path[DISK_PATH_MAX])
{
	return fits(snprintf(ret_path, DISK_PATH_MAX, "%s/key", dir), DISK_PATH_MAX - 1)
		? 0
		: FAIL_USAGE;
}

int
keys_socket_path(const char *dir, char ret_path[DISK_PATH_MAX])
{
	char real[PATH_MAX], place[DISK_PATH_MAX], hex[2 * ID_LEN + 1];
	uint8_t hash[HASH_LEN];
	int n, r;

	if (realpath(dir, real) == NULL)
		return FAIL_ABSENT;
	if ((r = keys_runtime_dir(place)) != 0)
		return r;
	hash_sha256(real, strnlen(real, sizeof real), hash);
	text_hex(hash, ID_LEN, hex);
	n = snprintf(ret_path, DISK_PATH_MAX, "%s/agent-%s", place, hex);
	return fits(n, SOCKET_PATH_MAX) ? 0 : FAIL_USAGE;
}
