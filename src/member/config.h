/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMBER_CONFIG_H
#define MEMBER_CONFIG_H
/*
 * config: what the administrator decides about a station: DIR/valise.conf.
 *
 * Lines of `key value`; one or more spaces or tabs between them; '#' begins a comment line.
 * Nothing is guessed: an unknown key, a key given twice or a value out of bounds is an error
 * with its line and what would be right.  `member`, `listen` and `url` must be there.
 *
 *   member NAME                 as in the key file
 *   listen ADDRESS:PORT         numeric; [..] around IPv6; port 0 takes a free one
 *   url URL                     how the other members reach it, https://HOST[:PORT]
 *   unlock passphrase           typed at each start (the usual)
 *   unlock file PATH            read from a file: a stolen disk is a stolen station
 *   unlock command PROGRAM ARG...   its output, for TPM2 and PKCS#11 tools; no shell
 *   due-routine, due-priority, due-immediate, due-flash DURATION      1 s to 30 d
 *   retry-max DURATION          longest pause between tries of a delivery, 1 s to 1 d
 *   notify PROGRAM ARG...       run with precedence and number when a cable has come
 *   sandbox off                 roles are not locked in; `status` says so
 *   second-holder PATH          directory for the second copy of custody keys
 *   backup-dir PATH             where backups are kept, for `doctor`
 *
 * A PROGRAM has an absolute path.  Other paths may be relative to the station's directory.
 * DURATION is 5s, 30min, 6h or 2d.
 *
 * Pure.  Errors  FAIL_FORMAT (see struct config_error), FAIL_LIMIT: the file is too large.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rd.h"
#include "member/address.h"

enum {
	CONFIG_MAX = 65536,
	CONFIG_LINE_MAX = 2048,
	CONFIG_ARGS_MAX = 32,
	CONFIG_HOST_MAX = 64,
	CONFIG_DUES = 4, /* by precedence, routine first */
	CONFIG_DUE_MAX_S = 30 * 86400,
	CONFIG_RETRY_MAX_S = 86400,
};

enum config_unlock { CONFIG_PASSPHRASE, CONFIG_FILE, CONFIG_COMMAND };

/* A program and its words, ready for execv(): argv[count] is NULL. */
struct config_command {
	char text[CONFIG_LINE_MAX];
	char *argv[CONFIG_ARGS_MAX + 1];
	size_t count;
};

/* Strings are empty, numbers 0 where nothing was said.  Not to be copied: it points into itself. */
struct config {
	char member[ADDRESS_MEMBER_MAX + 1];
	char listen_host[CONFIG_HOST_MAX];
	uint16_t listen_port;
	char url[ADDRESS_URL_MAX + 1];
	enum config_unlock unlock;
	char unlock_file[CONFIG_LINE_MAX];
	struct config_command unlock_command;
	uint64_t due_s[CONFIG_DUES];
	uint64_t retry_max_s;
	struct config_command notify;
	bool is_sandbox_off;
	char second_holder[CONFIG_LINE_MAX];
	char backup_dir[CONFIG_LINE_MAX];
};

struct config_error {
	unsigned line; /* from 1; 0: of the whole file */
	char text[320];
};

MUST int config_parse(
	struct rd text, struct config *ret_config, struct config_error *ret_error);

/* What was understood, one canonical file: parses to the same. */
void config_write(const struct config *config, struct buf *out);

/* What `valise init MEMBER` writes: the three lines, and the others as comments. */
void config_write_first(
	const char *member, const char *listen, const char *url, struct buf *out);

#endif
