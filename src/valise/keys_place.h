/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYS_PLACE_H
#define VALISE_KEYS_PLACE_H
/*
 * keys_place: where the key file and the agent's socket of a key directory lie.
 *
 * Socket   the first of $XDG_RUNTIME_DIR/valise, /run/user/<uid>/valise, /tmp/valise-<uid>
 *          whose parent is there and ours (for /tmp: the directory itself), then
 *          "agent-<16 hex>", from SHA-256 of the key directory's real path.
 * Errors   FAIL_ABSENT (no such key directory), FAIL_REFUSED (the directory is not ours alone),
 *          FAIL_USAGE (path too long).
 */
#include "base/fail.h"
#include "sys/disk.h"

/* The runtime directory of all that is ours for a session; made when it is not there. */
MUST int keys_runtime_dir(char ret_dir[DISK_PATH_MAX]);

MUST int keys_file_path(const char *dir, char ret_path[DISK_PATH_MAX]);

/* The directory the socket lies in is made when it is not there. */
MUST int keys_socket_path(const char *dir, char ret_path[DISK_PATH_MAX]);

#endif
