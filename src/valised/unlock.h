/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_UNLOCK_H
#define VALISED_UNLOCK_H
/*
 * unlock: where the passphrase of the station's key file comes from.
 *
 *   passphrase               typed at the terminal, or given as everywhere (sys/passphrase.h)
 *   file PATH                a file of ours, mode 0600: a stolen disk is a stolen station
 *   command PROGRAM ARGS     what a program writes: a TPM2, a PKCS#11 token or a key server
 *                            through its own tool (docs/decisions/0011-unlock.md)
 *
 * The first line counts, without its newline; 1 to UNLOCK_MAX bytes.  The program is started
 * without a shell, by its absolute path, with standard input closed, and may take UNLOCK_MS_MAX.
 *
 * Errors  FAIL_USAGE     the program is not named by an absolute path
 *         FAIL_ABSENT    no such file, program or terminal
 *         FAIL_REFUSED   the file is not ours alone; the program ended with another status than 0
 *         FAIL_TIMEOUT   the program took too long and was killed
 *         FAIL_LIMIT, FAIL_FORMAT (a NUL inside), those of sys/disk.h
 */
#include "crypto/secret.h"
#include "member/config.h"
#include "member/own_station.h"
#include "wire/vault.h"

enum { UNLOCK_MAX = 1024, UNLOCK_MS_MAX = 60 * 1000 };

struct unlock {
	enum vault_unlock by;
	const char *path;    /* VAULT_BY_FILE: the file; VAULT_BY_PASSPHRASE: NULL, or
			       as passphrase_get() takes it */
	char *const *argv;   /* VAULT_BY_COMMAND; ends with NULL */
	unsigned timeout_ms; /* 0: UNLOCK_MS_MAX */
};

MUST int unlock_passphrase(const struct unlock *unlock, struct secret **ret_passphrase);

/*
 * DIR/key, open, as the configuration says.  FAIL_MISMATCH: the key file is of another member
 * than the configuration; FAIL_PASSPHRASE.  ret_by: enum vault_unlock, for READY.
 */
MUST int unlock_station(const struct config *config, const char *dir,
	struct own_station **ret_station, uint8_t *ret_by);

#endif
